# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What became of each invoice and voucher of a job, as a file: CSV or XLSX."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import frappe
from frappe import _
from frappe.utils import flt
from frappe.utils.csvutils import to_csv
from frappe.utils.xlsxutils import make_xlsx

from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, VOUCHER_ROW, read_job
from advanced_bank_reconciliation.exceptions import BadPayload, refuse

CSV, XLSX = "CSV", "XLSX"
FORMATS = (CSV, XLSX)

#: A text that begins with one of these is a formula to a spreadsheet (OWASP, "CSV Injection"), also with the
#: wide forms of East Asian keyboards.
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001

#: Excel knows a CSV file as UTF-8 by this mark.
UTF8_MARK = b"\xef\xbb\xbf"

INVOICE_FIELDS = (
	"idx",
	"invoice_type",
	"invoice",
	"party_type",
	"party",
	"due_date",
	"outstanding_amount",
	"allocated_amount",
	"discount_amount",
	"difference_amount",
	"invoice_currency",
	"amount_in_invoice_currency",
	"status",
	"payment_entry",
	"error",
)
VOUCHER_FIELDS = ("idx", "payment_document", "payment_entry", "allocated_amount", "status", "error")

#: By this name of the sheet Frappe takes texts as they are, instead of reading them as HTML.
SHEET = "Data Export"

#: Widths of the columns in a workbook, in characters.
WIDTHS = (6, 20, 24, 12, 28, 12, 14, 14, 12, 12, 10, 14, 14, 14, 22, 70)


class ReportFile(NamedTuple):
	"""A file for a download or for a mail."""

	name: str
	content: bytes


def make_report(job_id: str, file_format: str) -> ReportFile:
	"""Return the report of the job as a file. Raises BadPayload for a format that is none of FORMATS.

	Amounts are numbers in the currency of the bank account, which is a column of its own. Texts come from
	customers and banks: what a spreadsheet would take for a formula is preceded by an apostrophe.
	"""
	if file_format not in FORMATS:
		refuse(
			BadPayload,
			[_("The report can be had as {0}, not as {1}.").format(", ".join(FORMATS), file_format)],
		)
	table = report_table(job_id)
	if file_format == CSV:
		content = csv_of(table)
	else:
		content = make_xlsx(_all_harmless(table), SHEET, column_widths=list(WIDTHS)).getvalue()
	return ReportFile(f"{job_id}.{file_format.lower()}", content)


def csv_of(table: Sequence[Sequence[Any]]) -> bytes:
	"""Return a table as CSV that spreadsheets know as UTF-8, with no text that they would take for a formula."""
	return UTF8_MARK + to_csv([[_as_csv(cell) for cell in row] for row in _all_harmless(table)]).encode()


def report_table(job_id: str) -> list[list[Any]]:
	"""Return the titles, and a row for each invoice and each voucher of the job, in the order of the record."""
	currency = read_job(job_id).currency
	invoices = _rows(job_id, INVOICE_ROW, INVOICE_FIELDS)
	vouchers = _rows(job_id, VOUCHER_ROW, VOUCHER_FIELDS)
	return [
		_titles(),
		*(_invoice(row, currency) for row in invoices),
		*(_voucher(row, currency) for row in vouchers),
	]


def _titles() -> list[str]:
	return [
		_("No."),
		_("Type"),
		_("Document"),
		_("Party Type"),
		_("Party"),
		_("Due Date"),
		_("Outstanding Amount"),
		_("Allocated Amount"),
		_("Discount"),
		_("Difference"),
		_("Currency"),
		_("Amount in Invoice Currency"),
		_("Invoice Currency"),
		_("Status"),
		_("Payment Entry"),
		_("Reason"),
	]


def _rows(job_id: str, doctype: str, fields: Sequence[str]) -> list[frappe._dict]:
	return frappe.get_all(doctype, {"parent": job_id}, list(fields), order_by="idx", limit_page_length=0)


def _invoice(row: frappe._dict, currency: str) -> list[Any]:
	amounts = [row.outstanding_amount, row.allocated_amount, row.discount_amount, row.difference_amount]
	return [
		row.idx,
		_(row.invoice_type),
		row.invoice,
		_(row.party_type),
		row.party,
		row.due_date,
		*map(flt, amounts),
		currency,
		flt(row.amount_in_invoice_currency),
		row.invoice_currency,
		_(row.status),
		row.payment_entry,
		row.error,
	]


def _voucher(row: frappe._dict, currency: str) -> list[Any]:
	nothing = [None] * 3
	amounts = [None, flt(row.allocated_amount), None, None]
	return [
		row.idx,
		_(row.payment_document),
		row.payment_entry,
		*nothing,
		*amounts,
		currency,
		None,
		None,
		_(row.status),
		None,
		row.error,
	]


def _all_harmless(table: Sequence[Sequence[Any]]) -> list[list[Any]]:
	return [[_harmless(cell) for cell in row] for row in table]


def _harmless(cell: Any) -> Any:
	if isinstance(cell, str) and cell.startswith(FORMULA_MARKS):
		return f"'{cell}"
	return cell


def _as_csv(cell: Any) -> Any:
	if cell is None:
		return ""
	return cell.isoformat() if isinstance(cell, date | datetime) else cell
