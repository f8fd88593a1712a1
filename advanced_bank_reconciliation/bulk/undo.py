# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Takes back a run that has ended: everything it linked is unlinked at once, then its payments are cancelled.

The order is that of the run, reversed, and each step is a transaction of its own. First all links go in one
transaction, with the clearance dates and the rows (Reconciled to Paid): the Bank Transaction goes from all of
the run to nothing of it. Where that is refused nothing has changed, and the job is as completed as before.
Then the Payment Entries are cancelled by the machinery of the roll-back, batch by batch, each with its rows
(Paid to Rolled Back). Killed at any instant, the books are those of the last commit, and the next run goes on.
"""

import frappe
from frappe import _
from frappe.utils import flt

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.completion import announce
from advanced_bank_reconciliation.bulk.job import (
	BULK,
	INVOICE_ROW,
	VOUCHER_ROW,
	check_not_held_by_another,
	count_rows,
	lock_job,
	move_job,
	read_job,
	update_job,
)
from advanced_bank_reconciliation.bulk.made import Linked, linked_by, payments_of
from advanced_bank_reconciliation.bulk.rollback import cancel_next_rows, report_taken_back, stuck_message
from advanced_bank_reconciliation.exceptions import JobStateError, in_words, refuse
from advanced_bank_reconciliation.permissions import bank_transaction_for_writing, lock_bank_transactions
from advanced_bank_reconciliation.transactions import ends_the_run
from advanced_bank_reconciliation.vouchers.bank_ledger import VoucherKey
from advanced_bank_reconciliation.vouchers.line_links import names_of_lines
from advanced_bank_reconciliation.vouchers.unlink import unlink_rows


def undo(job_id: str, by_worker: bool = True) -> None:
	"""Send a job that has ended with something paid into its undoing, by a worker once this commits.

	With `by_worker` False the caller works on it, by `worker.run`.

	It holds its Bank Transaction again until it has ended. Raises JobStateError for a job in another state
	or without anything to take back, and JobAlreadyActive when another one holds the Bank Transaction.
	"""
	# The Bank Transaction before the job, as whoever starts a job locks them.
	lock_bank_transactions([read_job(job_id).bank_transaction])
	job = lock_job(job_id)
	if job.status not in statuses.SUCCESSFUL or not (linked_by(job_id) or payments_of(job_id, statuses.PAID)):
		refuse(JobStateError, [_("{0} is {1}; there is nothing to undo.").format(job_id, _(job.status))])
	check_not_held_by_another(job)
	move_job(
		job,
		statuses.UNDOING,
		end_status=statuses.UNDONE,
		percentage=0,
		recoveries=0,
		unlinked_vouchers=0,
		cancelled_payments=0,
		error_message="",
		message=_("{0} asked to undo it").format(frappe.session.user),
	)
	if by_worker:
		BULK.enqueue_next_run(job)


def undo_next(job_id: str) -> bool:
	"""Worker step: unlink everything; when that is done, cancel the next batch; at last end the job.

	Returns False when another run is at it.
	"""
	if linked_by(job_id):
		_unlink_or_leave(job_id)
		return True
	found = cancel_next_rows(job_id)
	if found is False:
		_end(lock_job(job_id))
	return found is not None


def _unlink_or_leave(job_id: str) -> None:
	try:
		_unlink(job_id)
	except Exception as error:
		if ends_the_run(error):
			raise
		frappe.db.rollback()
		_leave(lock_job(job_id), in_words(error))


def _unlink(job_id: str) -> None:
	"""Take all that the job linked off its Bank Transaction, and write it on the rows. No commit."""
	name, others = read_job(job_id).bank_transaction, names_of_lines(linked_by(job_id).vouchers)
	# Nothing is written yet: a new snapshot, taken after the locks are granted.
	frappe.db.rollback()
	lock_bank_transactions([name, *others])
	job = lock_job(job_id)
	linked = linked_by(job_id)
	if job.status != statuses.UNDOING or not linked:
		return  # another worker has done it
	bank_transaction = bank_transaction_for_writing(name, for_update=True)
	rows = linked.rows_of(bank_transaction)
	unlinked = unlink_rows(bank_transaction, rows) if rows else []
	_write_rows(job_id, linked, unlinked)
	update_job(
		job_id,
		processed=0,
		reconciled_amount=0,
		unallocated_amount=flt(bank_transaction.unallocated_amount),
		unlinked_vouchers=len(unlinked),
	)
	report_taken_back(job_id)


def _write_rows(job_id: str, linked: Linked, unlinked: list[VoucherKey]) -> None:
	mine = {"parent": job_id, "status": statuses.RECONCILED}
	frappe.db.set_value(INVOICE_ROW, mine, {"status": statuses.PAID, "error": ""})
	for doctype, name in set(linked.vouchers) - set(unlinked):
		frappe.db.set_value(
			VOUCHER_ROW,
			{**mine, "payment_document": doctype, "payment_entry": name},
			{"error": _("Not touched: what this run had linked was not linked any more.")},
		)
	frappe.db.set_value(VOUCHER_ROW, mine, {"status": statuses.ROLLED_BACK})


def _leave(job: frappe._dict, reason: str) -> None:
	"""End the undoing with nothing changed: the job is again what it was."""
	if job.status != statuses.UNDOING:
		return
	message = _("The run could not be undone, and nothing was changed. {0}").format(reason)
	failed = count_rows(job.name).get(statuses.FAILED, 0)
	move_job(
		job,
		statuses.PARTIALLY_COMPLETED if failed else statuses.COMPLETED,
		end_status="",
		percentage=100,
		message=message,
		error_message=message,
	)
	announce(job.name, success=False)


def _end(job: frappe._dict) -> None:
	if job.status != statuses.UNDOING:
		return
	failed = count_rows(job.name).get(statuses.FAILED, 0)
	if stuck := stuck_message(job.name):
		move_job(job, statuses.FAILED, failed=failed, message=stuck, error_message=stuck)
	else:
		message = _(
			"Undone. Vouchers unlinked from Bank Transaction {0}: {1}. Payment Entries cancelled: {2}; their invoices are unpaid again."
		).format(job.bank_transaction, job.unlinked_vouchers, job.cancelled_payments)
		move_job(job, statuses.UNDONE, failed=failed, percentage=100, message=message, error_message="")
	announce(job.name, success=not stuck)
