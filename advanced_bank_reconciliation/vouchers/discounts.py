# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Early-payment discounts of payment terms: which are valid on a day, and how much they are (PITFALLS P20).

The arithmetic is that of ERPNext's own Payment Entry: a percentage is one of the invoice's grand total, and a
term whose discount was taken has none any more. It differs where ERPNext takes an amount in the invoice's
currency for one in the party account's; here it is converted.
"""

from collections.abc import Iterable
from datetime import date

import frappe
from frappe.utils import flt, getdate
from pypika.queries import Table

from advanced_bank_reconciliation.allocation.money import to_major, to_minor
from advanced_bank_reconciliation.vouchers.exchange import decimals, known_rate
from advanced_bank_reconciliation.vouchers.links import BankLine

Key = tuple[str, str]


def early_payment_discounts(keys: Iterable[Key], on: str | date) -> dict[Key, float]:
	"""Return by (doctype, name) what may be deducted from each invoice that is paid in full on that day.

	Positive, in the currency of the invoice's party account, rounded to its precision. Not in the answer:
	invoices without a valid discount, returns, and those of which no more than the discount is outstanding.
	"""
	return {key: row.discount for key, row in _valid_discounts(keys, on).items()}


def discounts_of_line(line: BankLine, keys: Iterable[Key]) -> dict[Key, float]:
	"""Return `early_payment_discounts` on the line's date, in the currency of the bank account.

	Where no exchange rate is on record the amount is unknown, and not in the answer.
	"""
	discounts = {}
	for key, row in _valid_discounts(keys, line.doc.date).items():
		amount, precision = row.discount, line.precision
		if row.party_account_currency != line.currency:
			amount *= _cross_rate(row.party_account_currency, line)
			precision = decimals(line.currency, line.precision)
		if minor := to_minor(amount, precision):
			discounts[key] = to_major(minor, precision)
	return discounts


def show_discounts(line: BankLine, rows: Iterable[dict]) -> None:
	"""Write `early_payment_discount` on those candidates, unpaid invoices, that have one."""
	unpaid = {
		(row["doctype"], row["name"]): row for row in rows if row["document_type"].startswith("unpaid_")
	}
	for key, discount in discounts_of_line(line, unpaid).items():
		unpaid[key]["early_payment_discount"] = discount


def _cross_rate(currency: str, line: BankLine) -> float:
	company, on = line.doc.company, line.doc.date
	bank_rate = known_rate(line.currency, company, on)
	return known_rate(currency, company, on) / bank_rate if bank_rate else 0.0


def _valid_discounts(keys: Iterable[Key], on: str | date) -> dict[Key, frappe._dict]:
	"""Return the invoice's amounts and its `discount` by key, for those that have one."""
	names: dict[str, list[str]] = {}
	for doctype, name in keys:
		names.setdefault(doctype, []).append(name)
	found: dict[Key, frappe._dict] = {}
	for doctype, wanted in names.items():
		precision = frappe.get_precision(doctype, "outstanding_amount")
		for row in _valid_terms(doctype, wanted, getdate(on)):
			invoice = found.setdefault((doctype, row.name), frappe._dict(row, discount=0.0))
			invoice.discount = flt(invoice.discount + _term_discount(row), precision)
	return {key: row for key, row in found.items() if 0 < row.discount < flt(row.outstanding_amount)}


def _valid_terms(doctype: str, names: list[str], on: date) -> list[frappe._dict]:
	"""The terms of payment with a discount that is neither taken nor too late, with their invoice's amounts."""
	invoice, term = frappe.qb.DocType(doctype), frappe.qb.DocType("Payment Schedule")
	return (
		frappe.qb.from_(invoice)
		.join(term)
		.on((term.parent == invoice.name) & (term.parenttype == doctype))
		.select(*_amounts(invoice), term.discount_type, term.discount)
		.where(invoice.name.isin(names))
		.where(term.discount > 0)
		.where(term.discount_date >= on)
		.where(term.discounted_amount.isnull() | (term.discounted_amount == 0))
		.orderby(invoice.name)
		.orderby(term.idx)
		.run(as_dict=True)
	)


def _amounts(invoice: Table) -> tuple:
	return (
		invoice.name,
		invoice.currency,
		invoice.party_account_currency,
		invoice.conversion_rate,
		invoice.grand_total,
		invoice.base_grand_total,
		invoice.outstanding_amount,
	)


def _term_discount(row: frappe._dict) -> float:
	"""Return the term's discount in the party account's currency: the invoice's own, or the company's."""
	own_currency = row.currency == row.party_account_currency
	if row.discount_type == "Percentage":
		return flt(row.grand_total if own_currency else row.base_grand_total) * flt(row.discount) / 100
	return flt(row.discount) * (1 if own_currency else flt(row.conversion_rate))
