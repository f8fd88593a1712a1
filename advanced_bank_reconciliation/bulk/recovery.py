# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Puts interrupted jobs back to work. Called by the scheduler."""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe import _
from frappe.utils import add_to_date, cint, now_datetime

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.job import JOB, lock_job, update_job
from advanced_bank_reconciliation.bulk.queue import enqueue_next_run, is_in_queue
from advanced_bank_reconciliation.bulk.rollback import begin_rollback

#: A job without a sign of life for so long is taken for interrupted, even if RQ believes it is running:
#: after a kill -9, RQ learns of it only minutes later. A batch takes seconds.
SILENT_FOR_SECONDS = 300

#: After so many runs in a row that served not one batch, the job is rolled back.
MOST_RECOVERIES = 5


def recover_interrupted_jobs(silent_for_seconds: int = SILENT_FOR_SECONDS) -> list[str]:
	"""Enqueue every working job that has no live run, and return their names.

	A job that RQ does not know is recovered at once; one that RQ takes for running, after
	`silent_for_seconds` without a batch. A run too many is harmless: the rows are the queue.
	"""
	working = frappe.get_all(
		JOB, filters={"status": ("in", statuses.WORKING)}, pluck="name", order_by="creation"
	)
	recovered = []
	for job_id in working:
		if _recover(job_id, silent_for_seconds):
			recovered.append(job_id)
		# Each job by itself: one that cannot be recovered does not keep the others.
		frappe.db.commit()  # nosemgrep
	return recovered


def _recover(job_id: str, silent_for_seconds: int) -> bool:
	job = lock_job(job_id)
	if job.status not in statuses.WORKING or not _is_interrupted(job, silent_for_seconds):
		return False
	if cint(job.recoveries) >= MOST_RECOVERIES and job.status != statuses.ROLLING_BACK:
		begin_rollback(
			job,
			statuses.ROLLED_BACK,
			_("{0} runs in a row ended without serving one batch; see the Error Log.").format(
				MOST_RECOVERIES
			),
		)
	update_job(job_id, recoveries=cint(job.recoveries) + 1)
	with _as_user(job.owner):
		enqueue_next_run(job)
	return True


def _is_interrupted(job: frappe._dict, silent_for_seconds: int) -> bool:
	silent_since = add_to_date(now_datetime(), seconds=-silent_for_seconds)
	return job.last_activity <= silent_since or not is_in_queue(job)


@contextmanager
def _as_user(user: str) -> Iterator[None]:
	"""The scheduler is nobody; the run belongs to who started the job, as the record says (P60)."""
	caller = frappe.session.user
	frappe.set_user(user)
	try:
		yield
	finally:
		frappe.set_user(caller)
