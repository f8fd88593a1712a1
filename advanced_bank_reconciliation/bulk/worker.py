# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The background job of a bulk reconciliation: which step follows from which state (see `bulk.runs`)."""

import frappe
from frappe import _
from frappe.utils import cint, flt, now_datetime

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.finalizer import reconcile_or_roll_back
from advanced_bank_reconciliation.bulk.job import (
	BULK,
	count_rows,
	lock_job,
	move_job,
	read_job,
	update_job,
)
from advanced_bank_reconciliation.bulk.payments import claim, queued_groups, serve
from advanced_bank_reconciliation.bulk.progress import percentage, publish_progress, served, status_message
from advanced_bank_reconciliation.bulk.rollback import begin_rollback, roll_back_rows
from advanced_bank_reconciliation.bulk.runs import run_steps
from advanced_bank_reconciliation.bulk.undo import undo_next
from advanced_bank_reconciliation.permissions import (
	bank_transaction_for_writing,
	check_payment_entry_permission,
)
from advanced_bank_reconciliation.vouchers.links import BankLine


def run(bulk_reconciliation: str) -> None:
	"""Work on the job until it has ended, is paused, or other workers hold the rest of its rows.

	RQ's entry. Runs as the user who started or resumed the job, whose rights are checked again (P60).
	Raises what the database keeps refusing; the scheduler then puts the job back to work.
	"""
	run_steps(BULK, bulk_reconciliation, _check_rights, STEPS)


def begin(job_id: str) -> bool:
	"""Step: the first worker takes the job up."""
	job = lock_job(job_id)
	if job.status == statuses.QUEUED:
		move_job(job, statuses.RUNNING, started_at=job.started_at or now_datetime(), message=_("Started"))
	return True


def serve_batch(job_id: str) -> bool:
	"""Step: pay the next batch of invoices. Returns False when other workers have what is left."""
	job = read_job(job_id)
	groups = queued_groups(job_id)
	# Nothing is written yet. From here on a new snapshot, taken after the locks are granted: what ERPNext
	# reads of a locked invoice is then the latest.
	frappe.db.rollback()
	claimed = claim(groups, cint(job.batch_size) or 20)
	if not claimed[0]:
		return finish_serving(job_id)
	line = BankLine(frappe.get_doc("Bank Transaction", job.bank_transaction))
	if reason := _no_longer_open(line, job):
		begin_rollback(lock_job(job_id), statuses.ROLLED_BACK, reason)
		return True
	failed = serve(line, claimed)
	report(job_id)
	if failed and job.on_invoice_failure == "All or nothing":
		begin_rollback(
			lock_job(job_id),
			statuses.ROLLED_BACK,
			_("{0} invoices could not be paid, and the job is all or nothing.").format(failed),
		)
	return True


def finish_serving(job_id: str) -> bool:
	"""Move the job on to reconciling if no row is left, whoever holds it; else leave that to the others."""
	if count_rows(job_id).get(statuses.QUEUED):
		return False
	job = lock_job(job_id)
	if job.status == statuses.RUNNING:
		move_job(job, statuses.RECONCILING, message=_("Reconciling with the Bank Transaction"))
	return True


def report(job_id: str) -> None:
	"""Write how far the job is, and send it when this commits."""
	counts = count_rows(job_id)
	current, total = served(counts), sum(counts.values())
	message = status_message(counts)
	BULK.update_while(
		statuses.RUNNING,
		job_id,
		message=message,
		percentage=percentage(current, total),
		failed=counts.get(statuses.FAILED, 0),
		recoveries=0,
	)
	publish_progress(job_id, current, total, message)


STEPS = {
	statuses.QUEUED: begin,
	statuses.RUNNING: serve_batch,
	statuses.RECONCILING: reconcile_or_roll_back,
	statuses.ROLLING_BACK: roll_back_rows,
	statuses.UNDOING: undo_next,
}


def _check_rights(job_id: str) -> bool:
	job = lock_job(job_id)
	try:
		check_payment_entry_permission()
		bank_transaction_for_writing(job.bank_transaction)
	except frappe.PermissionError:
		frappe.clear_messages()
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
