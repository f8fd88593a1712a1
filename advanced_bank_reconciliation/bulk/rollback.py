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
	VOUCHER_ROW,
	count_rows,
	lock_job,
	move_job,
	read_job,
	set_rows,
	update_job,
)
from advanced_bank_reconciliation.bulk.progress import percentage, publish_progress
from advanced_bank_reconciliation.bulk.transactions import begin_anew, ends_the_run
from advanced_bank_reconciliation.exceptions import ReconciliationError, in_words, refuse

SAVE_POINT = "abr_cancel"


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


def roll_back_rows(job_id: str) -> bool:
	"""Worker step: undo the next batch of rows; with none left, end the job.

	Returns False when another run is at it.
	"""
	job = read_job(job_id)
	rows = _next_rows(job_id, cint(job.batch_size))
	if rows is None:
		return False
	if not rows:
		_end(lock_job(job_id))
		return True
	unserved = [row.name for row in rows if row.status == statuses.QUEUED]
	set_rows(
		INVOICE_ROW, unserved, status=statuses.ROLLED_BACK, error=_("Not paid: the job was rolled back.")
	)
	for name in dict.fromkeys(row.payment_entry for row in rows if row.status == statuses.PAID):
		_undo(job_id, name)
	_report(job_id)
	return True


def cancel_payment_entry(name: str) -> None:
	"""Cancel a submitted Payment Entry; delete it where ERPNext deletes its ledger rows with it (P50).

	Raises ReconciliationError when somebody has linked it to a Bank Transaction meanwhile (P61).
	"""
	payment_entry = frappe.get_doc("Payment Entry", name, for_update=True)
	if payment_entry.docstatus == 1:
		_refuse_if_linked(name)
		payment_entry.cancel()
	ledger_rows_go_too = cint(frappe.db.get_single_value("Accounts Settings", "delete_linked_ledger_entries"))
	if ledger_rows_go_too and frappe.has_permission("Payment Entry", "delete", doc=payment_entry):
		frappe.delete_doc("Payment Entry", name)


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


def _undo(job_id: str, payment_entry: str) -> None:
	"""Cancel one Payment Entry and write what became of it on all rows that it paid."""
	names = frappe.get_all(
		INVOICE_ROW, {"parent": job_id, "payment_entry": payment_entry, "status": statuses.PAID}, pluck="name"
	)
	frappe.db.savepoint(SAVE_POINT)
	try:
		if frappe.db.exists("Payment Entry", payment_entry):
			cancel_payment_entry(payment_entry)
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


def _report(job_id: str) -> None:
	counts = count_rows(job_id)
	undone = counts.get(statuses.ROLLED_BACK, 0)
	total = undone + counts.get(statuses.PAID, 0) + counts.get(statuses.QUEUED, 0)
	message = _("Rolling back: {0} of {1} rows undone").format(undone, total)
	update_job(job_id, message=message, percentage=percentage(undone, total), recoveries=0)
	publish_progress(job_id, undone, total, message)


def _end(job: frappe._dict) -> None:
	if job.status != statuses.ROLLING_BACK:
		return
	counts = count_rows(job.name)
	stuck, reconciled = counts.get(statuses.PAID, 0), counts.get(statuses.RECONCILED, 0)
	if stuck:
		status = statuses.FAILED
		message = _("{0} Payment Entries could not be cancelled; see their rows, then press Resume.").format(
			stuck
		)
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
