# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The background job of a bulk reconciliation: which step follows from which state (see `bulk.runs`).

Several runs may work on one job side by side. The rows are their queue; whoever finds none left moves the job
on, under its lock, and the others end.
"""

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from math import ceil

import frappe
from frappe import _
from frappe.utils import cint, flt, now_datetime
from redis.exceptions import RedisError

from advanced_bank_reconciliation.bulk import clock, memory, rq_runs, statuses
from advanced_bank_reconciliation.bulk.batch_size import BatchSize
from advanced_bank_reconciliation.bulk.finalizer import reconcile_or_roll_back
from advanced_bank_reconciliation.bulk.job import (
	BULK,
	count_rows,
	lock_job,
	move_job,
	read_job,
	update_job,
)
from advanced_bank_reconciliation.bulk.naming import NamePool
from advanced_bank_reconciliation.bulk.payments import Claim, claim, queued_groups, serve
from advanced_bank_reconciliation.bulk.progress import percentage, publish_progress, served, status_message
from advanced_bank_reconciliation.bulk.rollback import begin_rollback, roll_back_rows
from advanced_bank_reconciliation.bulk.runs import run_steps
from advanced_bank_reconciliation.bulk.store import QUEUE
from advanced_bank_reconciliation.bulk.undo import undo_next
from advanced_bank_reconciliation.permissions import (
	bank_transaction_for_writing,
	check_payment_entry_permission,
)
from advanced_bank_reconciliation.transactions import begin_anew
from advanced_bank_reconciliation.vouchers.links import BankLine


@dataclass
class Run:
	"""What a run keeps in memory between two batches.

	groups: rows, by payment group, that were queued when it last looked and that it has not tried since.
	names: numbers of naming series that it has reserved.
	size: how many invoices its next batch has; None before the first.
	"""

	groups: deque[list[str]] = field(default_factory=deque)
	names: NamePool = field(default_factory=NamePool)
	size: BatchSize | None = None


def run(bulk_reconciliation: str, is_helper: int = 0) -> None:
	"""Work on the job until it has ended, is paused, or other runs hold what is left of it.

	A helper was called by another run, and calls nobody itself: else a job on which every run dies would go
	on for ever.

	RQ's entry. Runs as the user who started or resumed the job, whose rights are checked again (P60).
	Raises what the database keeps refusing; the scheduler then puts the job back to work.
	"""
	this_run = Run()
	steps = {**STEPS, statuses.RUNNING: partial(serve_batch, this_run=this_run)}
	before = (_check_rights,) if is_helper else (_check_rights, call_helpers)
	try:
		run_steps(BULK, bulk_reconciliation, before, steps, {statuses.RUNNING: report})
	finally:
		this_run.names.close()


def call_helpers(job_id: str) -> bool:
	"""Step: see to it that as many runs are at work as the site has workers, and as make sense for the job."""
	job = read_job(job_id)
	if not rq_runs.inside_rq() or job.status not in (statuses.QUEUED, statuses.RUNNING):
		return True
	batches = ceil(count_rows(job_id).get(statuses.QUEUED, 0) / _batch_size(job))
	try:
		wanted = min(_most_workers(), batches, rq_runs.count_workers(QUEUE))
		if wanted > 1:
			BULK.call_helpers(job_id, wanted)
	except RedisError:
		pass  # with nobody to ask for help, this run does it alone
	return True


def begin(job_id: str) -> bool:
	"""Step: the first worker takes the job up."""
	job = lock_job(job_id)
	if job.status == statuses.QUEUED:
		move_job(job, statuses.RUNNING, started_at=job.started_at or now_datetime(), message=_("Started"))
	return True


def serve_batch(job_id: str, this_run: Run | None = None) -> bool:
	"""Step: pay the next batch of invoices. Returns False when other runs have what is left."""
	this_run = this_run or Run()
	started = clock.now()
	job = read_job(job_id)
	this_run.size = this_run.size or BatchSize(_batch_size(job), cint(job.seconds_per_batch))
	this_run.names.prepare(this_run.size.size)
	claimed = _claim_next(job, this_run)
	if not claimed[0]:
		return finish_serving(job_id)
	line = BankLine(frappe.get_doc("Bank Transaction", job.bank_transaction))
	if reason := _no_longer_open(line, job):
		_begin_rollback_once(job_id, reason)
		return True
	try:
		with this_run.names.in_use():
			failed = serve(line, claimed)
	except Exception:
		# Rolled back, its rows are queued again and come first when the queue is read anew.
		this_run.groups.clear()
		raise
	this_run.size.learn(len(claimed[0]), clock.now() - started, not memory.is_over_limit(memory.GROW_UP_TO))
	if failed and job.on_invoice_failure == "All or nothing":
		reason = _("{0} invoices could not be paid, and the job is all or nothing.").format(failed)
		_begin_rollback_once(job_id, reason)
	return True


def _begin_rollback_once(job_id: str, reason: str) -> None:
	"""Send the job into its roll-back, unless another run or a user's Cancel was first."""
	job = lock_job(job_id)
	if job.status != statuses.ROLLING_BACK:
		begin_rollback(job, statuses.ROLLED_BACK, reason)


def _claim_next(job: frappe._dict, this_run: Run) -> Claim:
	"""Claim the next batch; the queued rows are read anew only when all that were read have been tried."""
	for groups in (this_run.groups, None):
		if groups is None:
			groups = this_run.groups = queued_groups(job.name)
		# Nothing is written yet. From here on what ERPNext reads of a locked invoice is the latest.
		begin_anew()
		claimed = claim(groups, this_run.size.size)
		if claimed[0]:
			break
	return claimed


def finish_serving(job_id: str) -> bool:
	"""Move the job on to reconciling if no row is left, whoever holds it; else leave that to the others.

	Returns whether this run moved it, and so is the one to go on.
	"""
	if count_rows(job_id).get(statuses.QUEUED):
		return False
	job = BULK.lock_unless_held(job_id)
	if not job or job.status == statuses.RECONCILING:
		return False
	if job.status == statuses.RUNNING:
		move_job(job, statuses.RECONCILING, message=_("Reconciling with the Bank Transaction"))
	return True


def reconcile_unless_held(job_id: str) -> bool:
	"""Step: the last one, unless another run is at it."""
	if not BULK.lock_unless_held(job_id):
		return False
	# Let go of it again: the last step locks the Bank Transaction first, as whoever starts a job does. What it
	# reads after its locks is then the latest, also what somebody has linked while it waited for them.
	begin_anew()
	return reconcile_or_roll_back(job_id)


def report(job_id: str) -> bool:
	"""Step after a batch: write and send how far the job is.

	In a transaction of its own, under the lock of the job: rows of other runs that are committed count, so no
	report is behind an earlier one, and no run waits for another's batch. What is told is committed already,
	so the event leaves before the lock is given back.
	"""
	job = BULK.lock_unless_held(job_id)
	if not job or job.status not in (statuses.RUNNING, statuses.PAUSED):
		return True
	counts = count_rows(job_id)
	current, total = served(counts), sum(counts.values())
	message = status_message(counts)
	values = {"percentage": percentage(current, total), "failed": counts.get(statuses.FAILED, 0)}
	if job.status == statuses.RUNNING:
		values["message"] = message
	update_job(job_id, recoveries=0, **values)
	publish_progress(job_id, current, total, message, at_once=True)
	return True


STEPS = {
	statuses.QUEUED: begin,
	statuses.RUNNING: serve_batch,
	statuses.RECONCILING: reconcile_unless_held,
	statuses.ROLLING_BACK: roll_back_rows,
	statuses.UNDOING: undo_next,
}


def _batch_size(job: frappe._dict) -> int:
	return cint(job.batch_size) or 20


def _most_workers() -> int:
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	return cint(settings.get("most_workers_per_job")) or 1


def _check_rights(job_id: str) -> bool:
	job = read_job(job_id)
	try:
		check_payment_entry_permission()
		bank_transaction_for_writing(job.bank_transaction)
	except frappe.PermissionError:
		frappe.clear_messages()
		job = lock_job(job_id)
		message = _("{0} may not do this any more. Somebody with the rights can resume the job.").format(
			frappe.session.user
		)
		if statuses.PAUSED in statuses.NEXT.get(job.status, ()):
			move_job(job, statuses.PAUSED, message=message)
		else:
			update_job(job_id, message=message)
		return False
	return True


def _no_longer_open(line: BankLine, job: frappe._dict) -> str | None:
	if line.doc.docstatus != 1:
		return _(
			"Bank Transaction {0} was cancelled meanwhile, so every payment of this job was cancelled."
		).format(job.bank_transaction)
	planned = flt(flt(job.allocated_amount) - flt(job.reconciled_amount), line.precision)
	if line.unallocated_amount < planned:
		return _(
			"Bank Transaction {0} was reconciled by somebody else meanwhile: {1} of it are left, {2} were planned."
		).format(job.bank_transaction, line.money(line.unallocated_amount), line.money(planned))
	return None
