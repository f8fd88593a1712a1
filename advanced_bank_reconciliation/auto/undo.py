# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Takes back what a run has matched: unlinks it, and cancels the payments that the run has made.

Line by line, each in a transaction of its own together with its row; it goes on where it was interrupted.
"""

import frappe
from frappe import _

from advanced_bank_reconciliation.auto import statuses
from advanced_bank_reconciliation.auto.job import AUTO, ROW, next_row, write_counts
from advanced_bank_reconciliation.auto.progress import announce, publish_progress
from advanced_bank_reconciliation.bulk.progress import percentage
from advanced_bank_reconciliation.exceptions import in_words
from advanced_bank_reconciliation.permissions import bank_transaction_for_writing
from advanced_bank_reconciliation.transactions import ends_the_run
from advanced_bank_reconciliation.vouchers.bank_ledger import VoucherKey
from advanced_bank_reconciliation.vouchers.unlink import unlink

SAVE_POINT = "abr_auto_undo"


def undo_next(job_id: str) -> bool:
	"""Step: undo the next matched line; with none left, end the undoing. All that is read is the latest."""
	frappe.db.rollback()  # nothing is written yet
	undo_one(job_id)
	return True


def undo_one(job_id: str, notify: bool = True) -> bool:
	"""Undo the next line in the caller's transaction; with none left, end the undoing and return False."""
	job = AUTO.lock(job_id)
	if job.status != statuses.UNDOING:
		return False
	row = next_row(job_id, statuses.MATCHED, undo_failed=0)
	if not row:
		_end(job, notify)
		return False
	_undo(row)
	_report(job_id)
	return True


def _undo(row: frappe._dict) -> None:
	"""Undo one line, and write on its row what became of it."""
	frappe.db.savepoint(SAVE_POINT)
	try:
		reason = _unlink(row.bank_transaction, (row.voucher_type, row.voucher))
	except Exception as error:
		if ends_the_run(error):
			raise
		frappe.db.rollback(save_point=SAVE_POINT)
		values = {"undo_failed": 1, "reason": _("Could not be undone: {0}").format(in_words(error))}
	else:
		frappe.db.release_savepoint(SAVE_POINT)
		values = {"outcome": statuses.UNDONE, "reason": reason}
	finally:
		frappe.clear_messages()
	frappe.db.set_value(ROW, row.name, values)


def _unlink(name: str, voucher: VoucherKey) -> str:
	"""Return in words what was undone. What somebody has undone before is no reason to fail."""
	bank_transaction = bank_transaction_for_writing(name, for_update=True)
	linked = {(row.payment_document, row.payment_entry) for row in bank_transaction.payment_entries}
	if bank_transaction.docstatus != 1 or voucher not in linked:
		return _("Was not linked any more")
	undone = unlink(bank_transaction, voucher, cancel=True)
	if undone.cancelled:
		return _("Unlinked, and cancelled as this run had made it")
	return _("Unlinked")


def _report(job_id: str) -> None:
	counts = write_counts(job_id, recoveries=0)
	undone = counts.get(statuses.UNDONE, 0)
	total = undone + counts.get(statuses.MATCHED, 0)
	message = _("Undoing: {0} of {1} Bank Transactions undone").format(undone, total)
	AUTO.update(job_id, message=message, percentage=percentage(undone, total))
	publish_progress(job_id, undone, total, message)


def _end(job: frappe._dict, notify: bool) -> None:
	counts = write_counts(job.name)
	undone, stuck = counts.get(statuses.UNDONE, 0), counts.get(statuses.MATCHED, 0)
	if stuck:
		status = statuses.FAILED
		message = _("{0} Bank Transactions were undone, {1} could not be; see their rows, then undo again.")
	else:
		status = statuses.UNDONE
		message = _("Undone: {0} Bank Transactions are open again.")
	AUTO.move(job, status, message=message.format(undone, stuck))
	announce(job.name, success=not stuck, notify=notify)
