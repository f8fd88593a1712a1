# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The reference rows of plain invoices, read together instead of one `get_payment_entry` each.

ERPNext makes a whole Payment Entry of an invoice, only to take one row out of it when several share one. For a
plain invoice that row has nothing that is not in the invoice. Plain is what is owed in the company's currency
and has no payments by term, no discount that is taken, no Invoice Discounting, no hold and no open Payment
Request. Whether the row is the same is not believed: `Trust` compares the first with ERPNext's own.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import erpnext
import frappe
from erpnext.accounts.doctype.payment_entry import payment_entry as erpnext_payment_entry
from frappe.model.document import Document
from frappe.utils import flt

from advanced_bank_reconciliation.vouchers.parties import INVOICE_PARTY

Key = tuple[str, str]
Row = dict[str, Any]

#: Read where the doctype has them; where one is set, the invoice is not plain.
NOT_PLAIN = ("is_discounted", "on_hold")

#: What a row gets only by the plan, or in the Payment Entry that it stands in.
NOT_COMPARED = frozenset(
	("allocated_amount", "exchange_gain_loss", "idx", "parent", "parentfield", "parenttype", "__islocal")
)


class Settled(Protocol):
	"""The part of a Settlement that matters here."""

	doctype: str
	name: str
	discount: float


class Trust:
	"""Says whether plain rows are those that this ERPNext would make, once one has been compared."""

	def __init__(self) -> None:
		self.compared = False
		self.same = False

	def compare(self, row: Row, references: Sequence[Document]) -> None:
		"""Take note of whether ERPNext makes this one row, and no other, of the same invoice."""
		self.compared = True
		self.same = len(references) == 1 and _content(row) == _content(
			references[0].as_dict(no_default_fields=True)
		)


def plain_references(company: str, settlements: Sequence[Settled]) -> dict[Key, Row]:
	"""Return the reference row by (doctype, name) of those that are plain, without what is allocated to it.

	Amounts are in the company's currency, which is also that of the party account.
	"""
	names: dict[str, list[str]] = {}
	for settlement in settlements:
		if not settlement.discount:
			names.setdefault(settlement.doctype, []).append(settlement.name)
	rows: dict[Key, Row] = {}
	for doctype, wanted in names.items():
		rows.update(_rows_of(doctype, wanted, erpnext.get_company_currency(company)))
	requested = _with_open_payment_request(rows)
	return {key: row for key, row in rows.items() if key not in requested}


def _rows_of(doctype: str, names: list[str], company_currency: str) -> dict[Key, Row]:
	meta, account_field = frappe.get_meta(doctype), INVOICE_PARTY[doctype][2]
	flags = [fieldname for fieldname in NOT_PLAIN if meta.has_field(fieldname)]
	fields = ["name", "due_date", "outstanding_amount", "base_rounded_total", "base_grand_total"]
	fields += [account_field, "party_account_currency", "payment_terms_template", *flags]
	fields += ["bill_no"] if meta.has_field("bill_no") else []
	return {
		(doctype, invoice.name): _row(doctype, invoice, account_field)
		for invoice in frappe.get_all(doctype, {"name": ("in", names)}, fields, limit_page_length=0)
		if invoice.party_account_currency == company_currency
		and not any(invoice[flag] for flag in flags)
		and not _pays_by_term(invoice.payment_terms_template)
	}


def _row(doctype: str, invoice: frappe._dict, account_field: str) -> Row:
	return {
		"reference_doctype": doctype,
		"reference_name": invoice.name,
		"bill_no": invoice.get("bill_no"),
		"due_date": invoice.due_date,
		"total_amount": flt(invoice.base_rounded_total) or flt(invoice.base_grand_total),
		"outstanding_amount": flt(invoice.outstanding_amount),
		"exchange_rate": 1.0,
		"account": invoice[account_field],
	}


def _pays_by_term(template: str | None) -> bool:
	return bool(template) and bool(
		frappe.get_cached_value("Payment Terms Template", template, "allocate_payment_based_on_payment_terms")
	)


def _with_open_payment_request(rows: dict[Key, Row]) -> set[Key]:
	"""Return those of which ERPNext would split the row by Payment Request, where it does such a thing."""
	ask = getattr(erpnext_payment_entry, "get_open_payment_requests_for_references", None)
	if not ask or not rows:
		return set()
	return set(ask([frappe._dict(row) for row in rows.values()]) or ())


def _content(row: Row) -> Row:
	"""Return what the row says, whether as dates or text, and whatever stands for nothing."""
	return {
		fieldname: str(value) if not isinstance(value, int | float) else flt(value, 9)
		for fieldname, value in row.items()
		if value and fieldname not in NOT_COMPARED
	}
