# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Invoices with an outstanding amount, for which a payment is yet to be made.

The direction matrix (PITFALLS P11 to P13, docs/matching.md). A Sales Invoice and the return of a Purchase
Invoice bring money; a Purchase Invoice and the return of a Sales Invoice take it. Of what goes against the
line's direction only a return is offered, and only where its party also has an open invoice of the same kind
and currency that goes with it: the two can be netted in one Payment Entry.

An invoice that is owed in another currency than the bank account's is offered at the exchange rate of the
line's date (P17, P19). Each currency is a set of candidates of its own, so that its amounts are constants
times a field, which an index can be asked for.
"""

from dataclasses import dataclass
from decimal import Decimal

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count, Round
from pypika.queries import Table
from pypika.terms import Case, Criterion, Term

from advanced_bank_reconciliation.exceptions import ExchangeRateMissing
from advanced_bank_reconciliation.matching.queries.columns import (
	Columns,
	Hint,
	Offer,
	Piece,
	Source,
	constant,
	exactly,
	half_unit,
)
from advanced_bank_reconciliation.permissions import restrict_to_readable
from advanced_bank_reconciliation.vouchers.exchange import cross_rate, decimals
from advanced_bank_reconciliation.vouchers.links import BankLine
from advanced_bank_reconciliation.vouchers.parties import INVOICE_PARTY

#: Where each invoice type keeps the other side's reference, its date, and the party's name.
REFERENCE = {
	"Sales Invoice": ("po_no", "po_date", "customer_name"),
	"Purchase Invoice": ("bill_no", "bill_date", "supplier_name"),
}

#: A name of install.INDEXES.
BY_AMOUNT = "abr_open_by_amount"

ACCOUNT_TYPE = {"Sales Invoice": "Receivable", "Purchase Invoice": "Payable"}


@dataclass(frozen=True)
class Open:
	"""The open invoices of one kind that are owed in one currency.

	rate: what one unit of that currency is worth in the bank account's currency.
	"""

	doctype: str
	line: BankLine
	currency: str
	rate: Decimal

	@property
	def sign(self) -> int:
		"""1 where a positive outstanding amount goes in the line's direction, else -1."""
		return 1 if self.line.flows_with(self.doctype) else -1

	@property
	def precision(self) -> int:
		"""The decimals of amounts in the bank account's currency; what is converted has no more than it pays."""
		own = self.line.precision
		return decimals(self.line.currency, own) if self.is_foreign else own

	@property
	def half_unit(self) -> Decimal:
		"""The smallest amount that is rounded up to one unit of that precision."""
		return half_unit(self.precision)

	@property
	def smallest(self) -> Decimal:
		"""The smallest outstanding amount that is anything in the bank account's currency."""
		return self.half_unit / self.rate

	@property
	def is_foreign(self) -> bool:
		return self.currency != self.line.currency

	def belongs(self, invoice: Table) -> Criterion:
		"""Submitted, of the company and of the currency."""
		return (
			(invoice.company == self.line.doc.company)
			& (invoice.party_account_currency == self.currency)
			& (invoice.docstatus == 1)
		)

	def owed(self, invoice: Table, sign: int) -> Criterion:
		"""With an outstanding amount of that sign."""
		amount = invoice.outstanding_amount
		return amount >= self.smallest if sign > 0 else amount <= -self.smallest


def offer_sales_invoices(line: BankLine) -> Offer:
	"""Return the open Sales Invoices and returns of them that the line can settle, and what is left out."""
	return _offer("Sales Invoice", line)


def offer_purchase_invoices(line: BankLine) -> Offer:
	"""Return the open Purchase Invoices and returns that the line can settle, and what is left out."""
	return _offer("Purchase Invoice", line)


def _offer(doctype: str, line: BankLine) -> Offer:
	"""Return a set of candidates per currency, and a sentence for each currency without a rate."""
	found, notices = [_source(Open(doctype, line, line.currency, Decimal(1)))], []
	for currency, count in _foreign_currencies(doctype, line).items():
		rate = _rate(currency, line)
		if rate:
			found.append(_source(Open(doctype, line, currency, rate)))
		else:
			sentence = _(
				"Invoices in {1} are not shown ({0}): no exchange rate to {2} on {3}. Add a Currency Exchange."
			)
			notices.append(sentence.format(count, currency, line.currency, line.doc.date))
	return Offer(found, notices)


def _foreign_currencies(doctype: str, line: BankLine) -> dict[str, int]:
	"""Return the number of open invoices by currency, without the bank account's own."""
	account = frappe.qb.DocType("Account")
	currencies = (
		frappe.qb.from_(account)
		.select(account.account_currency)
		.distinct()
		.where(account.company == line.doc.company)
		.where(account.account_type == ACCOUNT_TYPE[doctype])
		.where(account.account_currency != line.currency)
		.orderby(account.account_currency)
		.run(pluck=True)
	)
	counts = {currency: _count(doctype, line, currency) for currency in currencies if currency}
	return {currency: count for currency, count in counts.items() if count}


def _count(doctype: str, line: BankLine, currency: str) -> int:
	invoice = frappe.qb.DocType(doctype)
	query = (
		frappe.qb.from_(invoice)
		.select(Count("*"))
		.where(Open(doctype, line, currency, Decimal(1)).belongs(invoice))
		.where(invoice.outstanding_amount != 0)
	)
	return restrict_to_readable(query, doctype).run()[0][0]


def _rate(currency: str, line: BankLine) -> Decimal | None:
	"""Return the rate of the line's date; without one None, and no message: the notice says it."""
	messages = len(frappe.local.message_log)
	try:
		return Decimal(str(cross_rate(currency, line.currency, line.doc.company, line.doc.date)))
	except ExchangeRateMissing:
		del frappe.local.message_log[messages:]
		return None


def _source(invoices: Open) -> Source:
	doctype = invoices.doctype
	invoice = frappe.qb.DocType(doctype)
	netting = _netting_parties(invoices) if invoices.sign > 0 else []
	sides = [(invoices.sign, invoices.owed(invoice, invoices.sign))]
	if netting:
		of_them = invoice[INVOICE_PARTY[doctype][1]].isin(netting)
		sides.append((-invoices.sign, invoices.owed(invoice, -invoices.sign) & of_them))
	return Source(
		doctype=doctype,
		table=invoice,
		base=frappe.qb.from_(invoice),
		columns=_columns(invoices, invoice),
		conditions=[invoices.belongs(invoice), Criterion.any(condition for _sign, condition in sides)],
		pieces=[piece for sign, condition in sides for piece in _pieces(invoice, sign, condition)],
		by_date="abr_open_by_date",
		by_party="abr_open_by_party",
		amount_hints=lambda effect: _amount_hints(invoices, invoice, effect),
		is_own_currency=not invoices.is_foreign,
	)


def _columns(invoices: Open, invoice: Table) -> Columns:
	party_type, party_field, account_field = INVOICE_PARTY[invoices.doctype]
	reference_field, reference_date_field, party_name_field = REFERENCE[invoices.doctype]
	remaining = _converted(invoice.outstanding_amount, invoices)
	return Columns(
		name=invoice.name,
		reference_no=invoice[reference_field],
		reference_date=invoice[reference_date_field],
		posting_date=invoice.posting_date,
		due_date=invoice.due_date,
		party_type=constant(party_type),
		party=invoice[party_field],
		party_name=invoice[party_name_field],
		party_account=invoice[account_field],
		total_amount=_converted(_total(invoice), invoices),
		remaining_amount=remaining,
		effect=remaining * invoices.sign,
		oldest_by=_oldest_by(invoice),
		own_currency=constant(invoices.currency),
		own_remaining_amount=invoice.outstanding_amount,
	)


def _converted(amount: Term, invoices: Open) -> Term:
	"""Return the amount in the bank account's currency, rounded once."""
	return Round(amount * invoices.rate if invoices.is_foreign else amount, invoices.precision)


def _amount_hints(invoices: Open, invoice: Table, effect: Decimal) -> list[Hint]:
	"""Stored amounts are the currency's round ones, and rarely something beside them that is rounded to it."""
	owed = exactly(effect, invoices.line) * invoices.sign
	lowest = (owed - invoices.half_unit) / invoices.rate
	highest = (owed + invoices.half_unit) / invoices.rate
	beside = (invoice.outstanding_amount >= lowest) & (invoice.outstanding_amount <= highest)
	if invoices.is_foreign:
		return [Hint(beside, BY_AMOUNT)]
	exact = invoice.outstanding_amount == owed
	return [Hint(exact, BY_AMOUNT), Hint(beside & (invoice.outstanding_amount != owed), BY_AMOUNT)]


def _netting_parties(invoices: Open) -> list[str]:
	"""Return the parties that owe and are owed at once, by open invoices of this kind and currency.

	Returns are the few: their parties are looked up first.
	"""
	invoice = frappe.qb.DocType(invoices.doctype)
	party = invoice[INVOICE_PARTY[invoices.doctype][1]]
	found = frappe.qb.from_(invoice).select(party).distinct().where(invoices.belongs(invoice))
	with_returns = found.where(invoices.owed(invoice, -1)).run(pluck=True)
	if not with_returns:
		return []
	return (
		found.where(invoices.owed(invoice, 1)).where(party.isin(with_returns)).orderby(party).run(pluck=True)
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


def _by_posting_date() -> bool:
	"""Return whether the planner serves by posting date; else by due date (P08, bulk.plan)."""
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	return bool(settings.sort_unpaid_invoices_by_posting_date)


def _oldest_by(invoice: Table) -> Term:
	return invoice.posting_date if _by_posting_date() else Coalesce(invoice.due_date, invoice.posting_date)


def _pieces(invoice: Table, sign: int, condition: Criterion) -> list[Piece]:
	"""Split the invoices with an outstanding amount of that sign by their date; returns are the few."""
	index = None if sign > 0 else BY_AMOUNT
	if _by_posting_date():
		return [Piece(condition, invoice.posting_date, index or "posting_date")]
	return [
		Piece(condition & invoice.due_date.notnull(), invoice.due_date, index),
		Piece(condition & invoice.due_date.isnull(), invoice.posting_date, index),
	]
