# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Puts interrupted jobs back to work. Called by the scheduler."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import frappe
from frappe import _
from frappe.utils import cint, now_datetime, time_diff_in_seconds

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.job import BULK
from advanced_bank_reconciliation.bulk.rollback import begin_rollback
from advanced_bank_reconciliation.bulk.store import JobStore

#: A job without a sign of life for so long is taken for interrupted, even if RQ believes it is running:
#: after a kill -9, RQ learns of it only minutes later. A batch takes seconds.
SILENT_FOR_SECONDS = 300

#: After so many runs in a row that served nothing, the job is given up.
MOST_RECOVERIES = 5


def recover_interrupted_jobs(silent_for_seconds: int = SILENT_FOR_SECONDS) -> list[str]:
	"""Enqueue every bulk reconciliation at work that has no live run, and return their names.

	One that five times in a row has served nothing is rolled back.
	"""
	return recover(BULK, statuses.WORKING, _give_up, silent_for_seconds)


def recover(
	store: JobStore,
	working: Sequence[str],
	give_up: Callable[[frappe._dict, str], None],
	silent_for_seconds: int = SILENT_FOR_SECONDS,
) -> list[str]:
	"""Enqueue every job in one of the states `working` that has no live run, and return their names.

	A job of which RQ knows no run that waits or works is recovered at once. One of which a run stands in the
	queue is left alone. One that RQ takes for running is recovered after `silent_for_seconds` without a sign
	of life; one live run of several is enough, as it serves what the others leave. A record that somebody
	holds is being worked on. A run too many is harmless: the rows are the queue.
	give_up(job, reason): moves on a locked job that has been recovered too often in vain.
	"""
	names = frappe.get_all(
		store.doctype, filters={"status": ("in", working)}, pluck="name", order_by="creation"
	)
	recovered = []
	for job_id in names:
		job = store.lock_unless_held(job_id)
		if job and job.status in working and _is_interrupted(store, job, silent_for_seconds):
			_put_back_to_work(store, job, working, give_up)
			recovered.append(job_id)
		# Each job by itself: one that cannot be recovered does not keep the others.
		frappe.db.commit()  # nosemgrep
	return recovered


def _put_back_to_work(
	store: JobStore, job: frappe._dict, working: Sequence[str], give_up: Callable[[frappe._dict, str], None]
) -> None:
	if cint(job.recoveries) >= MOST_RECOVERIES:
		give_up(
			job,
			_("{0} runs in a row ended without serving one batch; see the Error Log.").format(
				MOST_RECOVERIES
			),
		)
	store.update(job.name, recoveries=cint(job.recoveries) + 1)
	if store.read(job.name).status in working:
		with _as_user(job.get("run_by") or job.owner):
			store.enqueue_next_run(job)


def _give_up(job: frappe._dict, reason: str) -> None:
	if job.status not in statuses.TAKING_BACK:
		begin_rollback(job, statuses.ROLLED_BACK, reason)


def _is_interrupted(store: JobStore, job: frappe._dict, silent_for_seconds: int) -> bool:
	# Asked first: while Redis is down nothing can be put back to work, and no try must be counted.
	if not store.is_in_queue(job):
		return True
	# However long the workers are busy with other jobs, one that waits for its turn is not interrupted, and
	# the tries that it does not get say nothing against it.
	if store.is_waiting(job):
		return False
	# Signs of life are in local time, which jumps with summer time and when a clock is set: one from the
	# future says as little as an old one.
	silence = time_diff_in_seconds(now_datetime(), job.last_activity)
	return abs(silence) >= silent_for_seconds


@contextmanager
def _as_user(user: str) -> Iterator[None]:
	"""The scheduler is nobody; the run belongs to who started it, as the record says (P60)."""
	caller = frappe.session.user
	frappe.set_user(user)
	try:
		yield
	finally:
		frappe.set_user(caller)
