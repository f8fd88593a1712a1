# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Invoices with an outstanding amount, for which a payment is yet to be made.

The direction matrix (PITFALLS P11 to P13, docs/matching.md). A Sales Invoice and the return of a Purchase
Invoice bring money; a Purchase Invoice and the return of a Sales Invoice take it. Of what goes against the
line's direction only a return is offered, and only where its party also has an open invoice that goes with
it: the two can be netted in one Payment Entry.
"""

import frappe
from frappe.query_builder.functions import Coalesce, Round
from pypika.queries import QueryBuilder, Table
from pypika.terms import Case, Criterion, Term

from advanced_bank_reconciliation.bulk.invoices import PARTY
from advanced_bank_reconciliation.matching.queries.columns import constant, select_columns
from advanced_bank_reconciliation.vouchers.links import BankLine

#: Where each invoice type keeps the other side's reference, its date, and the party's name.
REFERENCE = {
	"Sales Invoice": ("po_no", "po_date", "customer_name"),
	"Purchase Invoice": ("bill_no", "bill_date", "supplier_name"),
}


def query_sales_invoices(line: BankLine) -> QueryBuilder:
	"""Return the open Sales Invoices and returns of them that the line can settle."""
	return _query("Sales Invoice", line)


def query_purchase_invoices(line: BankLine) -> QueryBuilder:
	"""Return the open Purchase Invoices and returns of them that the line can settle."""
	return _query("Purchase Invoice", line)


def _query(doctype: str, line: BankLine) -> QueryBuilder:
	invoice = frappe.qb.DocType(doctype)
	party_type, party_field, _account_field = PARTY[doctype]
	reference_field, reference_date_field, party_name_field = REFERENCE[doctype]
	outstanding = Round(invoice.outstanding_amount, line.precision)
	candidates = select_columns(
		frappe.qb.from_(invoice),
		name=invoice.name,
		reference_no=invoice[reference_field],
		reference_date=invoice[reference_date_field],
		posting_date=invoice.posting_date,
		due_date=invoice.due_date,
		party_type=constant(party_type),
		party=invoice[party_field],
		party_name=invoice[party_name_field],
		total_amount=_total(invoice),
		remaining_amount=outstanding,
		effect=outstanding * _sign(doctype, line),
		oldest_by=_oldest_by(invoice),
	)
	return (
		candidates.where(_is_open(invoice, line))
		.where(outstanding != 0)
		.where(
			(outstanding * _sign(doctype, line) > 0)
			| ((outstanding < 0) & invoice[party_field].isin(_netting(doctype, line)))
		)
	)


def _sign(doctype: str, line: BankLine) -> int:
	"""Return 1 where a positive outstanding amount goes in the line's direction, else -1."""
	return 1 if (doctype == "Sales Invoice") == line.is_deposit else -1


def _is_open(invoice: Table, line: BankLine) -> Criterion:
	return (
		(invoice.docstatus == 1)
		& (invoice.company == line.doc.company)
		& (invoice.party_account_currency == line.currency)
	)


def _netting(doctype: str, line: BankLine) -> QueryBuilder:
	"""The parties with an open invoice of this kind in the line's direction."""
	invoice = frappe.qb.DocType(doctype).as_("netting")
	return (
		frappe.qb.from_(invoice)
		.select(invoice[PARTY[doctype][1]])
		.where(_is_open(invoice, line))
		.where(Round(invoice.outstanding_amount, line.precision) * _sign(doctype, line) > 0)
	)


def _total(invoice: Table) -> Term:
	"""The invoice's total in the currency of its party account, rounded total first as ERPNext owes it."""
	own = Case().when(invoice.rounded_total != 0, invoice.rounded_total).else_(invoice.grand_total)
	base = (
		Case()
		.when(invoice.base_rounded_total != 0, invoice.base_rounded_total)
		.else_(invoice.base_grand_total)
	)
	return Case().when(invoice.currency == invoice.party_account_currency, own).else_(base)


def _oldest_by(invoice: Table) -> Term:
	"""The date by which the planner serves the oldest first (P08, bulk.plan)."""
	by_posting_date = frappe.get_cached_doc(
		"Advance Bank Reconciliation Settings"
	).sort_unpaid_invoices_by_posting_date
	return invoice.posting_date if by_posting_date else Coalesce(invoice.due_date, invoice.posting_date)
