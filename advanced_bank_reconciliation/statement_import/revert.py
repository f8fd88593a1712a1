# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Takes an import back: cancels every Bank Transaction that it has made and nothing is reconciled with.

The others stay and are listed with what holds them. In batches, each in a transaction with its rows.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, now_datetime

from advanced_bank_reconciliation import permissions
from advanced_bank_reconciliation.exceptions import in_words
from advanced_bank_reconciliation.permissions import lock_bank_transaction
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.events import announce, report
from advanced_bank_reconciliation.statement_import.job import IMPORTS, JOB, ROW, rows_of, write_counts
from advanced_bank_reconciliation.statement_import.stored import ID_FIELD, is_made_of
from advanced_bank_reconciliation.transactions import ends_the_run
from advanced_bank_reconciliation.vouchers.bank_line import BANK_TRANSACTION

#: Bank Transactions that are cancelled in one transaction.
BATCH = 50

SAVE_POINT = "abr_statement_revert"


def check_revert_rights(bank_account: str) -> None:
	"""Raise `frappe.PermissionError` unless the user may read the account and cancel Bank Transactions."""
	permissions.bank_account_for_reading(bank_account)
	frappe.has_permission(BANK_TRANSACTION, "cancel", throw=True)


def revert_next(job_id: str) -> bool:
	"""Step: revert the next batch; with none left, end. All that is read is the latest."""
	frappe.db.rollback()  # nothing is written yet
	revert_batch(job_id)
	return True


def revert_batch(job_id: str, notify: bool = True) -> bool:
	"""Revert a batch in the caller's transaction; with none left, end the reverting and return False."""
	job = IMPORTS.lock(job_id)
	if job.status != statuses.REVERTING:
		return False
	rows = rows_of(
		job_id,
		("name", "bank_transaction", "date", "amount", "fee"),
		(statuses.IMPORTED,),
		decision=statuses.IMPORT,
		limit=BATCH,
	)
	if not rows:
		_end(job, notify)
		return False
	for row in rows:
		frappe.db.set_value(ROW, row.name, _revert(row, job), update_modified=False)
	_report(job_id)
	return True


def _revert(row: frappe._dict, job: frappe._dict) -> dict[str, str]:
	"""Return what to write on the row. One that stays is taken off the queue by its decision."""
	frappe.db.savepoint(SAVE_POINT)
	try:
		reason = _cancel(row, job)
	except Exception as error:
		if ends_the_run(error):
			raise
		frappe.db.rollback(save_point=SAVE_POINT)
		reason = _("It could not be cancelled: {0}").format(in_words(error))
	else:
		frappe.db.release_savepoint(SAVE_POINT)
	finally:
		frappe.clear_messages()
	if reason:
		return {"decision": statuses.SKIP, "error": reason}
	return {"outcome": statuses.LINE_REVERTED, "error": ""}


def _cancel(line: frappe._dict, job: frappe._dict) -> str:
	"""Cancel the line's Bank Transaction, or return why it stays. One that is cancelled or deleted is no reason."""
	name = line.bank_transaction
	if not name or not frappe.db.exists(BANK_TRANSACTION, name):
		return ""
	document = lock_bank_transaction(name)
	if document.bank_account != job.bank_account or not is_made_of(document.as_dict(), line):
		return _(
			"{0} has another bank account, date or amount: it was not made of this line, and stays as it is."
		).format(name)
	if amendment := _amendment_of(name):
		return _("It was amended as {0}. Cancel that one, then revert again.").format(amendment)
	if document.docstatus == 1:
		if flt(document.allocated_amount) or document.payment_entries:
			vouchers = ", ".join(row.payment_entry for row in document.payment_entries[:5])
			return _("It is reconciled with {0}. Unreconcile it, then revert again.").format(vouchers or "?")
		document.cancel()
	_release_id(document)
	return ""


def _amendment_of(name: str) -> str:
	"""Return the amendment of a Bank Transaction, or of its amendment, that is not cancelled, or ""."""
	amended = frappe.get_all(BANK_TRANSACTION, {"amended_from": name}, ["name", "docstatus"])
	for document in amended:
		if standing := document.name if document.docstatus < 2 else _amendment_of(document.name):
			return standing
	return ""


def forget_deleted(bank_transaction: Document, _method: str | None = None) -> None:
	"""Take a Bank Transaction that is deleted off its line, since the next one may get its name."""
	lines = frappe.get_all(ROW, {"bank_transaction": bank_transaction.name}, ["name", "parent", "outcome"])
	for line in lines:
		values = {"bank_transaction": None}
		if line.outcome == statuses.IMPORTED:
			_count_as_reverted(line.parent)
			reason = _("Bank Transaction {0} was deleted.").format(bank_transaction.name)
			values |= {"outcome": statuses.LINE_REVERTED, "error": reason}
		frappe.db.set_value(ROW, line.name, values, update_modified=False)


def _count_as_reverted(job_id: str) -> None:
	"""Move one line on the record from imported to reverted, in the database: a run may be counting, too."""
	record = frappe.qb.DocType(JOB)
	query = frappe.qb.update(record).where(record.name == job_id).set(record.modified, now_datetime())
	query.set(record.imported, record.imported - 1).set(record.reverted, record.reverted + 1).run()


def _release_id(document) -> None:
	"""ERPNext 15 keeps the id unique over cancelled ones too; the file could else not be imported again."""
	field = frappe.get_meta(BANK_TRANSACTION).get_field(ID_FIELD)
	if field and field.unique and document.docstatus == 2 and document.get(ID_FIELD):
		frappe.db.set_value(BANK_TRANSACTION, document.name, ID_FIELD, None)


def _report(job_id: str) -> None:
	counts = write_counts(job_id)
	reverted = counts.get(statuses.LINE_REVERTED, 0)
	total = reverted + counts.get(statuses.IMPORTED, 0)
	report(job_id, reverted, total, _("Reverting: {0} of {1} lines").format(reverted, total))


def _end(job: frappe._dict, notify: bool) -> None:
	counts = write_counts(job.name)
	reverted, stay = counts.get(statuses.LINE_REVERTED, 0), counts.get(statuses.IMPORTED, 0)
	if stay:
		status = statuses.PARTIALLY_REVERTED
		message = _("{0} Bank Transactions were cancelled; {1} stay, see their lines.").format(reverted, stay)
	else:
		status = statuses.REVERTED
		message = _("{0} Bank Transactions were cancelled. The file can be imported again.").format(reverted)
	IMPORTS.move(job, status, message=message, percentage=100)
	announce(job.name, success=not stay, notify=notify)
