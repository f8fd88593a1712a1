# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The amounts, exchange rates and deductions of a Payment Entry between any two currencies (PITFALLS P17).

ERPNext holds the bank's amount and the party's amount, each with a rate to the company's currency, and wants
no difference between them but what the deductions explain. The gain or loss on the way from the invoice's
rate to the payment's it books itself, in a journal of each reference row.
"""

from dataclasses import dataclass

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt

from advanced_bank_reconciliation.exceptions import AllocationMismatch, SelectionRefused, refuse
from advanced_bank_reconciliation.payload import Difference
from advanced_bank_reconciliation.vouchers.exchange import rate_to_company_currency
from advanced_bank_reconciliation.vouchers.links import BankLine


@dataclass(frozen=True)
class Totals:
	"""What one Payment Entry moves and settles; positive but for `difference`.

	bank: what the bank account moves. worth: what all the invoices get, discount and difference too.
	difference: part of `worth` that is written off, or negative what the bank moves beyond it; these three in
	the bank account's currency. settled: `worth` as the invoices have it, in the party account's currency.
	"""

	bank: float
	worth: float
	settled: float
	difference: float
	is_discounted: bool


def set_amounts(
	payment_entry: Document, line: BankLine, totals: Totals, difference: Difference | None
) -> None:
	"""Book `totals` on both sides, and on deductions what the bank does not move of what is settled.

	The deductions that `payment_entry` has are those that ERPNext proposes for its discount; they are brought
	to the discount's amount. Raises ExchangeRateMissing, and AllocationMismatch for what nothing explains.
	"""
	proposed = list(payment_entry.deductions)
	if totals.is_discounted and not proposed:
		refuse(
			AllocationMismatch,
			[_("The early-payment discount that was planned is not valid any more.")],
		)
	payment_entry.set("deductions", [])
	_set_both_sides(payment_entry, line, totals)
	payment_entry.set_amounts()
	_book_deductions(payment_entry, totals, proposed, difference)
	payment_entry.set_amounts()


def _set_both_sides(payment_entry: Document, line: BankLine, totals: Totals) -> None:
	bank_rate = rate_to_company_currency(line.currency, line.doc.company, payment_entry.posting_date)
	party_amount, party_rate = totals.bank, bank_rate
	is_receipt = payment_entry.payment_type == "Receive"
	party_side = "paid_from" if is_receipt else "paid_to"
	party_currency = payment_entry.get(f"{party_side}_account_currency")
	if party_currency != line.currency:
		party_amount = flt(totals.settled * totals.bank / totals.worth, line.precision)
		_refuse_without_amount(party_amount, payment_entry)
		bank_rate, party_rate = _rates(payment_entry, totals.bank, bank_rate, party_amount, party_currency)
	bank, party = (totals.bank, bank_rate), (party_amount, party_rate)
	paid, received = (party, bank) if is_receipt else (bank, party)
	payment_entry.paid_amount, payment_entry.source_exchange_rate = paid
	payment_entry.received_amount, payment_entry.target_exchange_rate = received


def _rates(
	payment_entry: Document, bank_amount: float, bank_rate: float, party_amount: float, party_currency: str
) -> tuple[float, float]:
	"""Return the rates (bank, party) at which both amounts are the same in the company's currency.

	The bank's rate is that of the day. The party's follows from the amounts, which are rounded; where that
	is the company's own currency and so 1, the bank's does.
	"""
	if party_currency == payment_entry.company_currency:
		return flt(party_amount / bank_amount, payment_entry.precision("source_exchange_rate")), 1.0
	base_amount = flt(bank_amount * bank_rate, payment_entry.precision("base_paid_amount"))
	return bank_rate, flt(base_amount / party_amount, payment_entry.precision("source_exchange_rate"))


def _refuse_without_amount(party_amount: float, payment_entry: Document) -> None:
	if not party_amount:
		refuse(
			AllocationMismatch,
			[_("The amount for {0} is too small to be booked in its currency.").format(payment_entry.party)],
		)


def _book_deductions(
	payment_entry: Document, totals: Totals, proposed: list[Document], difference: Difference | None
) -> None:
	"""Append a row for each reason why the party is settled by another amount than the bank moves.

	In the company's currency, by ERPNext's own figures, so that its difference is exactly zero.
	"""
	precision = payment_entry.precision("amount", "deductions")
	is_receipt = payment_entry.payment_type == "Receive"
	moved = payment_entry.base_paid_amount if is_receipt else payment_entry.base_received_amount
	left = flt(payment_entry.base_total_allocated_amount - moved, precision)
	if not left:
		return
	rows = [row.as_dict(no_default_fields=True) for row in proposed]
	discount = _discount(payment_entry, totals, left, precision) if rows else 0.0
	rows = _scaled(rows, discount, precision)
	rest = flt(left - discount, precision)
	if rest and not totals.difference:
		_check_is_rounding(payment_entry, rest, precision)
	if rest:
		account = _difference_row(difference) if totals.difference else _exchange_row(payment_entry)
		rows.append({**account, "amount": rest})
	for row in rows:
		# A deduction is a debit, which is what settles a customer and what a supplier is spared.
		payment_entry.append("deductions", {**row, "amount": row["amount"] if is_receipt else -row["amount"]})


def _discount(payment_entry: Document, totals: Totals, left: float, precision: int) -> float:
	"""Return the discount in company currency: all that is left where there is no other difference."""
	if not totals.difference:
		return left
	rate = payment_entry.base_total_allocated_amount / totals.worth
	return flt((totals.worth - totals.bank - totals.difference) * rate, precision)


def _scaled(rows: list[dict], total: float, precision: int) -> list[dict]:
	"""Return the rows with amounts in the same proportion that add up to `total`; the first gets the rest."""
	proposed = sum(abs(row["amount"]) for row in rows)
	for row in rows:
		row["amount"] = flt(total * abs(row["amount"]) / proposed, precision)
	if rows:
		rows[0]["amount"] = flt(total - sum(row["amount"] for row in rows[1:]), precision)
	return [row for row in rows if row["amount"]]


def _difference_row(difference: Difference | None) -> dict[str, str | None]:
	if not difference:
		raise ValueError("a difference needs an account")
	return {
		"account": difference.account,
		"cost_center": difference.cost_center,
		"description": _("Difference to the Bank Transaction"),
	}


def _check_is_rounding(payment_entry: Document, rest: float, precision: int) -> None:
	"""Rates are rounded to nine decimals, and each reference row to the company currency's precision."""
	rows = (len(payment_entry.references) + 1) * 10**-precision
	rate = payment_entry.total_allocated_amount * 10**-9
	if abs(rest) > rows + rate:
		refuse(
			AllocationMismatch,
			[
				_("{0} of the amount for {1} are neither a discount nor a difference.").format(
					rest, payment_entry.party
				)
			],
		)


def _exchange_row(payment_entry: Document) -> dict[str, str | None]:
	"""Rates rounded row by row may add up to a cent more or less than that of the whole."""
	company = frappe.get_cached_value(
		"Company", payment_entry.company, ["exchange_gain_loss_account", "cost_center"], as_dict=True
	)
	if not company.exchange_gain_loss_account:
		refuse(
			SelectionRefused,
			[_("Enter the Exchange Gain / Loss Account in Company {0}.").format(payment_entry.company)],
		)
	return {
		"account": company.exchange_gain_loss_account,
		"cost_center": payment_entry.cost_center or company.cost_center,
		"description": _("Rounding of the exchange rate"),
	}
