# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Companies with many real unpaid invoices, made in seconds: what the engine is measured on.

ERPNext makes and submits one Sales Invoice for each customer. The others are copies of these in every table:
the invoice, the rows of all its child tables, its GL Entries and its Payment Ledger Entries.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import flt

from advanced_bank_reconciliation.tests import factories

CUSTOMERS = 20
CHUNK = 500
LEDGERS = ("GL Entry", "Payment Ledger Entry")


@dataclass(frozen=True)
class Books:
	"""A company of its own with a Bank Account, so that no other run's ledger counts."""

	company: str
	abbr: str
	bank_account: str

	def make_line(self, invoices: list[tuple[str, float]]) -> Document:
		"""Return a deposit that covers the invoices, given as (name, outstanding amount)."""
		return factories.make_bank_transaction(
			deposit=flt(sum(amount for _name, amount in invoices), 2), bank_account=self.bank_account
		)


def make_books(label: str) -> Books:
	"""Return new books, committed. `label` becomes part of the company's name."""
	tag = frappe.generate_hash(length=6).upper()
	company, abbr = f"ABR Engine {label} {tag}", f"AE{tag}"
	factories.ABBR[company] = abbr
	bank_account = factories.make_bank_account(f"Engine {tag}", company)
	frappe.db.commit()
	return Books(company, abbr, bank_account)


def make_invoices(
	books: Books, count: int, customers: int = CUSTOMERS, customer: str = "ABR Engine Customer"
) -> list[tuple[str, float]]:
	"""Return (name, outstanding amount) of new unpaid Sales Invoices, committed, customers taking turns."""
	customers = min(customers, count)
	templates = [
		factories.make_sales_invoice(100 + 7.35 * number, f"{customer} {number}", company=books.company)
		for number in range(customers)
	]
	by_template = [
		[(template.name, template.outstanding_amount)]
		+ [(name, template.outstanding_amount) for name in copies(template, share)]
		for template, share in zip(templates, _shares(count - customers, customers), strict=True)
	]
	frappe.db.commit()
	turns = max(len(invoices) for invoices in by_template)
	return [invoices[turn] for turn in range(turns) for invoices in by_template if turn < len(invoices)]


def _shares(count: int, parts: int) -> list[int]:
	return [count // parts + (part < count % parts) for part in range(parts)]


def copies(template: Document, count: int) -> list[str]:
	"""Insert copies of the submitted invoice with all that belongs to it, and return their names: its own, numbered."""
	names = [f"{template.name}-{number:05}" for number in range(count)]
	for start in range(0, count, CHUNK):
		for doctype, rows in _tables(template):
			_insert_copies(doctype, rows, template.name, names[start : start + CHUNK])
	return names


def _tables(template: Document) -> Iterator[tuple[str, list[dict[str, Any]]]]:
	doctype, name = template.doctype, template.name
	yield doctype, _rows(doctype, name=name)
	for field in template.meta.get_table_fields():
		yield (
			field.options,
			_rows(field.options, parent=name, parenttype=doctype, parentfield=field.fieldname),
		)
	for ledger in LEDGERS:
		yield ledger, _rows(ledger, voucher_type=doctype, voucher_no=name)


def _rows(doctype: str, **filters: Any) -> list[dict[str, Any]]:
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select("*")
	for column, value in filters.items():
		query = query.where(table[column] == value)
	return query.run(as_dict=True)


def _insert_copies(doctype: str, rows: list[dict[str, Any]], original: str, names: list[str]) -> None:
	if not rows or not names:
		return
	fields = list(rows[0])
	values = [[_value(row, field, original, name) for field in fields] for name in names for row in rows]
	frappe.db.bulk_insert(doctype, fields, values)


def _value(row: dict[str, Any], field: str, original: str, name: str) -> Any:
	if row[field] == original:
		return name
	return frappe.generate_hash(length=10) if field == "name" else row[field]
