# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Serves the next rows of a job: one Payment Entry per payment group, its row in the same transaction."""

from collections.abc import Iterable
from itertools import groupby

import frappe
from frappe import _
from frappe.utils import cint, flt
from rq.timeouts import BaseTimeoutException

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.invoices import Invoice, lock_invoices
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, JOB, set_rows
from advanced_bank_reconciliation.bulk.transactions import is_transient
from advanced_bank_reconciliation.exceptions import in_words
from advanced_bank_reconciliation.vouchers.links import BankLine
from advanced_bank_reconciliation.vouchers.payment_entry import Settlement, create_payment_entry

SAVE_POINT = "abr_payment"


def claim_rows(job_id: str, limit: int) -> list[frappe._dict]:
	"""Lock the next queued rows that no other worker has, and return them: `limit` groups at the most.

	The first row of a group stands for all of it. The index on (parent, status, idx) lets the database
	stop after `limit` rows, so that it locks no more than these.
	"""
	row = frappe.qb.DocType(INVOICE_ROW)
	leaders = (
		frappe.qb.from_(row)
		.select(row.idx)
		.where(row.parent == job_id)
		.where(row.status == statuses.QUEUED)
		.where(row.payment_group == row.idx)
		.orderby(row.idx)
		.limit(limit)
		.for_update(skip_locked=True)
		.run()
	)
	if not leaders:
		return []
	return (
		frappe.qb.from_(row)
		.select("*")
		.where(row.parent == job_id)
		.where(row.status == statuses.QUEUED)
		.where(row.payment_group.isin([idx for (idx,) in leaders]))
		.orderby(row.payment_group)
		.orderby(row.idx)
		.for_update()
		.run(as_dict=True)
	)


def serve_rows(line: BankLine, rows: list[frappe._dict]) -> int:
	"""Pay the claimed rows and write what became of each. Returns how many of them failed. No commit."""
	invoices = lock_invoices((row.invoice_type, row.invoice) for row in rows)
	failed = 0
	for _group, members in groupby(rows, key=lambda row: cint(row.payment_group)):
		failed += _serve_group(line, list(members), invoices)
	return failed


def _serve_group(line: BankLine, rows: list[frappe._dict], invoices: dict[tuple[str, str], Invoice]) -> int:
	names = [row.name for row in rows]
	problem = _first_change(line, rows, invoices)
	if not problem:
		problem, payment_entry = _pay(line, rows)
	if problem:
		set_rows(INVOICE_ROW, names, status=statuses.FAILED, error=problem)
		return len(rows)
	set_rows(INVOICE_ROW, names, status=statuses.PAID, payment_entry=payment_entry, error="")
	return 0


def _pay(line: BankLine, rows: list[frappe._dict]) -> tuple[str, str | None]:
	"""Return ("", name of the Payment Entry), or (what ERPNext objects to, None) with nothing left behind."""
	settlements = [Settlement(row.invoice_type, row.invoice, flt(row.allocated_amount)) for row in rows]
	frappe.db.savepoint(SAVE_POINT)
	try:
		payment_entry = create_payment_entry(line, settlements)
	except Exception as error:
		if is_transient(error) or isinstance(error, BaseTimeoutException):
			raise
		frappe.db.rollback(save_point=SAVE_POINT)
		_log_unexpected(error, rows[0].parent)
		return _in_words(rows[0], error), None
	finally:
		frappe.clear_messages()
	frappe.db.release_savepoint(SAVE_POINT)
	return "", payment_entry.name


def _first_change(
	line: BankLine, rows: Iterable[frappe._dict], invoices: dict[tuple[str, str], Invoice]
) -> str | None:
	"""Return in words what changed since the plan was made, if it forbids paying the group."""
	for row in rows:
		label = f"{_(row.invoice_type)} {row.invoice}"
		invoice = invoices.get((row.invoice_type, row.invoice))
		if not invoice or invoice.docstatus != 1:
			return _("{0}: changed since you looked: it is no longer submitted.").format(label)
		outstanding = flt(invoice.outstanding_amount, line.precision)
		allocated = flt(row.allocated_amount, line.precision)
		if abs(outstanding) < abs(allocated) or outstanding * allocated <= 0:
			return _("{0}: changed since you looked: {1} is outstanding now, {2} was to be paid.").format(
				label, line.money(outstanding), line.money(allocated)
			)
	return None


def _in_words(row: frappe._dict, error: Exception) -> str:
	reason = in_words(error)
	return _("{0} {1}: {2}").format(_(row.invoice_type), row.invoice, reason)


def _log_unexpected(error: Exception, job_id: str) -> None:
	"""A refusal by ERPNext is the user's to read; anything else is also for the administrator's log."""
	if not isinstance(error, frappe.ValidationError | frappe.PermissionError):
		frappe.log_error(title=_("Bulk reconciliation"), reference_doctype=JOB, reference_name=job_id)
