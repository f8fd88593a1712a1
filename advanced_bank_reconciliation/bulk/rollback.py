# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Cancels what a job made, and nothing else, batch by batch; continues where it was interrupted (P50)."""

import frappe
from frappe import _
from frappe.utils import cint

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.completion import announce
from advanced_bank_reconciliation.bulk.job import (
	INVOICE_ROW,
	JOB,
	VOUCHER_ROW,
	count_rows,
	lock_job,
	move_job,
	read_job,
	set_rows,
	update_job,
)
from advanced_bank_reconciliation.bulk.made import payments_of
from advanced_bank_reconciliation.bulk.progress import percentage, publish_progress, taken_back
from advanced_bank_reconciliation.exceptions import ReconciliationError, in_words, refuse
from advanced_bank_reconciliation.transactions import begin_anew, ends_the_run

SAVE_POINT = "abr_cancel"
DELETE_SAVE_POINT = "abr_delete"

#: Rows taken back in one transaction where the job does not say.
DEFAULT_BATCH = 20


def begin_rollback(job: frappe._dict, end_status: str, reason: str) -> None:
	"""Send the job, locked by the caller, into its roll-back, after which it will be `end_status`."""
	move_job(
		job,
		statuses.ROLLING_BACK,
		end_status=end_status,
		error_message=reason,
		message=_("Rolling back"),
	)
	frappe.db.set_value(
		VOUCHER_ROW, {"parent": job.name, "status": statuses.QUEUED}, {"status": statuses.ROLLED_BACK}
	)


def resume_taking_back(job: frappe._dict) -> None:
	"""Let a job, locked by the caller, whose roll-back or undo got stuck, try again what it could not cancel."""
	frappe.db.set_value(INVOICE_ROW, {"parent": job.name, "status": statuses.PAID}, {"error": ""})
	if job.end_status == statuses.UNDONE:
		move_job(job, statuses.UNDOING, error_message="", message=_("Undoing"))
	else:
		begin_rollback(job, statuses.ROLLED_BACK, job.error_message)


def roll_back_rows(job_id: str) -> bool:
	"""Worker step: undo the next batch of rows; with none left, end the job.

	Returns False when another run is at it.
	"""
	found = cancel_next_rows(job_id)
	if found is False:
		_end(lock_job(job_id))
	return found is not None


def cancel_next_rows(job_id: str) -> bool | None:
	"""Take back the next batch of rows, queued or paid; return whether there was one. No commit.

	None when another run is at it.
	"""
	rows = _next_rows(job_id, cint(read_job(job_id).batch_size) or DEFAULT_BATCH)
	if rows is None:
		return None
	if not rows:
		return False
	unserved = [row.name for row in rows if row.status == statuses.QUEUED]
	set_rows(
		INVOICE_ROW, unserved, status=statuses.ROLLED_BACK, error=_("Not paid: the job was rolled back.")
	)
	paid_by = dict.fromkeys(row.payment_entry for row in rows if row.status == statuses.PAID)
	_count_cancelled(job_id, sum(_undo(job_id, name) for name in paid_by))
	report_taken_back(job_id)
	return True


def cancel_payment_entry(name: str) -> bool:
	"""Cancel a submitted Payment Entry; delete it where ERPNext deletes its ledger rows with it (P50), and may.

	Returns whether it was submitted until now. Raises ReconciliationError when somebody has linked it to a
	Bank Transaction meanwhile (P61).
	"""
	payment_entry = frappe.get_doc("Payment Entry", name, for_update=True)
	was_submitted = payment_entry.docstatus == 1
	if was_submitted:
		_refuse_if_linked(name)
		payment_entry.cancel()
	ledger_rows_go_too = cint(frappe.db.get_single_value("Accounts Settings", "delete_linked_ledger_entries"))
	if ledger_rows_go_too and frappe.has_permission("Payment Entry", "delete", doc=payment_entry):
		_delete_if_possible(name)
	return was_submitted


def _delete_if_possible(name: str) -> None:
	"""Delete the cancelled Payment Entry, or keep it where another document names it: it is cancelled either way."""
	frappe.db.savepoint(DELETE_SAVE_POINT)
	try:
		frappe.delete_doc("Payment Entry", name)
	except Exception as error:
		if ends_the_run(error):
			raise
		frappe.db.rollback(save_point=DELETE_SAVE_POINT)
		frappe.clear_messages()
	else:
		frappe.db.release_savepoint(DELETE_SAVE_POINT)


def stuck_message(job_id: str) -> str:
	"""Return in words how many Payment Entries are left that could not be cancelled, or an empty text."""
	stuck = len(payments_of(job_id, statuses.PAID))
	if not stuck:
		return ""
	return _("{0} Payment Entries could not be cancelled; see their rows, then press Resume.").format(stuck)


def report_taken_back(job_id: str) -> None:
	"""Write how far a roll-back or an undo is, and send it when this commits."""
	status = read_job(job_id).status
	undone, total = taken_back(count_rows(job_id), status)
	message = _("Rolling back: {0} of {1} rows undone")
	if status == statuses.UNDOING:
		message = _("Undoing: {0} of {1} invoices are unpaid again")
	message = message.format(undone, total)
	update_job(job_id, message=message, percentage=percentage(undone, total), recoveries=0)
	publish_progress(job_id, undone, total, message)


def cancel_leftovers(names: list[str]) -> list[str]:
	"""Cancel those of the Payment Entries that a job made and that are linked nowhere; return their names."""
	made = frappe.get_all(
		INVOICE_ROW,
		{"payment_entry": ("in", names), "status": statuses.PAID},
		pluck="payment_entry",
		distinct=True,
	)
	linked = frappe.get_all(
		"Bank Transaction Payments",
		{"payment_document": "Payment Entry", "payment_entry": ("in", made), "docstatus": 1},
		pluck="payment_entry",
	)
	leftovers = sorted(set(made) - set(linked))
	for name in leftovers:
		cancel_payment_entry(name)
		frappe.db.set_value(
			INVOICE_ROW, {"payment_entry": name, "status": statuses.PAID}, {"status": statuses.ROLLED_BACK}
		)
	return leftovers


def _next_rows(job_id: str, limit: int) -> list[frappe._dict] | None:
	"""Lock the next rows to undo, one by one (see `payments.claim`), and return their latest state.

	Whoever has the first one does the roll-back; None for the others. For rows behind it we wait for the
	worker that is still in a batch, so one of them may turn out to have failed meanwhile.
	"""
	row = frappe.qb.DocType(INVOICE_ROW)
	names = (
		frappe.qb.from_(row)
		.select(row.name)
		.where(row.parent == job_id)
		.where(row.status.isin([statuses.QUEUED, statuses.PAID]))
		.where(row.error.isnull() | (row.error == ""))
		.orderby(row.idx)
		.limit(limit)
		.run(pluck=True)
	)
	# Nothing is written yet: from here on what that worker has committed is seen.
	begin_anew()
	one = frappe.qb.from_(row).select(row.name, row.status, row.payment_entry)
	if names and not one.where(row.name == names[0]).for_update(skip_locked=True).run():
		return None
	return [one.where(row.name == name).for_update().run(as_dict=True)[0] for name in names]


def _undo(job_id: str, payment_entry: str) -> bool:
	"""Cancel one Payment Entry, write what became of it on all rows that it paid; return whether it is new."""
	names = frappe.get_all(
		INVOICE_ROW, {"parent": job_id, "payment_entry": payment_entry, "status": statuses.PAID}, pluck="name"
	)
	cancelled = False
	frappe.db.savepoint(SAVE_POINT)
	try:
		if frappe.db.exists("Payment Entry", payment_entry):
			cancelled = cancel_payment_entry(payment_entry)
	except Exception as error:
		if ends_the_run(error):
			raise
		frappe.db.rollback(save_point=SAVE_POINT)
		reason = in_words(error)
		set_rows(INVOICE_ROW, names, error=_("{0} could not be cancelled: {1}").format(payment_entry, reason))
	else:
		frappe.db.release_savepoint(SAVE_POINT)
		kept = frappe.db.exists("Payment Entry", payment_entry)
		set_rows(
			INVOICE_ROW, names, status=statuses.ROLLED_BACK, payment_entry=payment_entry if kept else None
		)
	finally:
		frappe.clear_messages()
	return cancelled


def _count_cancelled(job_id: str, number: int) -> None:
	"""Add to the job's count in the database: other workers may be adding to it too."""
	job = frappe.qb.DocType(JOB)
	count = frappe.qb.update(job).set(job.cancelled_payments, job.cancelled_payments + number)
	count.where(job.name == job_id).run()


def _refuse_if_linked(payment_entry: str) -> None:
	links = frappe.get_all(
		"Bank Transaction Payments",
		{"payment_document": "Payment Entry", "payment_entry": payment_entry, "docstatus": 1},
		pluck="parent",
	)
	if links:
		refuse(
			ReconciliationError,
			[
				_("it is reconciled with Bank Transaction {0}; unreconcile it there first").format(
					", ".join(links)
				)
			],
		)


def _end(job: frappe._dict) -> None:
	if job.status != statuses.ROLLING_BACK:
		return
	counts = count_rows(job.name)
	reconciled = counts.get(statuses.RECONCILED, 0)
	if message := stuck_message(job.name):
		status = statuses.FAILED
	elif reconciled:
		status = statuses.PARTIALLY_COMPLETED
		message = _("Rolled back what was new; {0} invoices reconciled earlier stay as they are.").format(
			reconciled
		)
	else:
		status = job.end_status or statuses.ROLLED_BACK
		message = _(
			"Rolled back: every payment of this job is cancelled, Bank Transaction {0} is unchanged."
		).format(job.bank_transaction)
	move_job(
		job,
		status,
		processed=reconciled,
		failed=counts.get(statuses.FAILED, 0),
		message=f"{message} {job.error_message or ''}".strip(),
	)
	announce(job.name, success=False)
