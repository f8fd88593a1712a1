# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Builds and submits the Payment Entry that settles invoices of one party from a Bank Transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

import frappe
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, fmt_money, getdate

from advanced_bank_reconciliation.allocation.money import to_major, to_minor
from advanced_bank_reconciliation.allocation.terms import spread_over_terms
from advanced_bank_reconciliation.exceptions import AllocationMismatch, refuse
from advanced_bank_reconciliation.payload import Difference
from advanced_bank_reconciliation.vouchers.links import BankLine
from advanced_bank_reconciliation.vouchers.parties import INVOICE_PARTY
from advanced_bank_reconciliation.vouchers.payment_amounts import Totals, set_amounts
from advanced_bank_reconciliation.vouchers.references import (
	Row,
	Trust,
	plain_references,
)

REFERENCE_LENGTH = 140


@dataclass(frozen=True)
class Settlement:
	"""What one invoice gets. Amounts are signed like its outstanding amount.

	allocated_amount: what the bank account moves for it; discount, difference: what it is settled by beside
	that; all three in the bank account's currency. settled_amount: what it is settled by all in all, in
	`currency`, the one of its party account; by default that is the bank account's.
	"""

	doctype: str
	name: str
	allocated_amount: float
	settled_amount: float | None = None
	discount: float = 0.0
	difference: float = 0.0
	currency: str | None = None

	def settled(self, precision: int) -> float:
		"""Return what the invoice is settled by, in its party account's currency."""
		if self.settled_amount is not None:
			return self.settled_amount
		return flt(self.allocated_amount + self.discount + self.difference, precision)


def create_payment_entry(
	line: BankLine, settlements: Sequence[Settlement], difference: Difference | None = None
) -> Document:
	"""Insert and submit one Payment Entry that settles all of `settlements`, and return it.

	All invoices share party, party account and company. `difference`: where that of a settlement is booked.
	Validated, inserted and submitted once, unless ERPNext needs a draft. Whatever ERPNext objects to is
	raised, as are AllocationMismatch and ExchangeRateMissing.
	"""
	payment_entry = build_payment_entry(line, settlements, difference)
	if _needs_a_draft(payment_entry):
		payment_entry.insert()
		payment_entry.submit()
	else:
		payment_entry.docstatus = 1
		payment_entry.insert()
	_check_total(payment_entry, line, settlements)
	return payment_entry


def _needs_a_draft(payment_entry: Document) -> bool:
	"""Return whether the company books advances in an account of their own.

	ERPNext then decides while the Payment Entry is a draft, and only then, that the payment of an invoice is
	no advance; submitted at once, it would be booked as one.
	"""
	field = "book_advance_payments_in_separate_party_account"
	if not frappe.get_meta("Company").has_field(field):
		return False
	return bool(frappe.get_cached_value("Company", payment_entry.company, field))


def build_payment_entry(
	line: BankLine, settlements: Sequence[Settlement], difference: Difference | None = None
) -> Document:
	"""Return the unsaved Payment Entry for `settlements`, made by ERPNext's `get_payment_entry`.

	What stands in its head is that of the first invoice.
	"""
	first, *others = settlements
	trust = Trust()
	plain = plain_references(line.doc.company, settlements) if others else {}
	payment_entry = _from_invoice(line, first, plain.get((first.doctype, first.name)), trust)
	for settlement in others:
		row = plain.get((settlement.doctype, settlement.name))
		if row and trust.same:
			share = _shares(line, settlement, [to_minor(row["outstanding_amount"], line.precision)])[0]
			payment_entry.append("references", {**row, "allocated_amount": to_major(share, line.precision)})
		else:
			_append(payment_entry, _from_invoice(line, settlement, row, trust))
	_set_line_details(payment_entry, line)
	set_amounts(payment_entry, line, _totals(line, settlements), difference)
	return payment_entry


def reference_number(bank_transaction: Document) -> str:
	"""Return the line's reference, else its description, else its name, cut to 140 (PITFALLS P23)."""
	for text in (bank_transaction.reference_number, bank_transaction.description, bank_transaction.name):
		if text and (text := " ".join(text.split())):
			return text[:REFERENCE_LENGTH]
	return ""


def _append(payment_entry: Document, other: Document) -> None:
	for table in ("references", "deductions"):
		for row in other.get(table):
			payment_entry.append(table, row.as_dict(no_default_fields=True))


def _from_invoice(line: BankLine, settlement: Settlement, row: Row | None, trust: Trust) -> Document:
	"""Return ERPNext's Payment Entry of the one invoice; where it is plain, `row` is compared with it."""
	payment_entry = get_payment_entry(
		settlement.doctype,
		settlement.name,
		bank_account=_account_for_template(line, settlement),
		payment_type="Receive" if line.is_deposit else "Pay",
		reference_date=getdate(line.doc.date),
	)
	if not settlement.discount:
		# Proposed by ERPNext, but not in the line's money.
		payment_entry.set("deductions", [])
	if row and not trust.compared:
		trust.compare(row, payment_entry.references)
	_spread(payment_entry, line, settlement)
	return payment_entry


def _account_for_template(line: BankLine, settlement: Settlement) -> str:
	"""Return the account that stands for the bank until `_set_line_details`.

	Between two currencies ERPNext would look for a rate, if need be on the web. So it is given an account
	of the invoice's own currency: the one that the invoice is owed on.
	"""
	if settlement.currency in (None, line.currency):
		return line.gl_account
	field = INVOICE_PARTY[settlement.doctype][2]
	return frappe.db.get_value(settlement.doctype, settlement.name, field)


def _spread(payment_entry: Document, line: BankLine, settlement: Settlement) -> None:
	"""Give the invoice's amount to its reference rows (payment terms) in due order."""
	references, owed = _in_due_order(payment_entry, settlement, line.precision)
	shares = _shares(line, settlement, owed)
	for reference, share in zip(references, shares, strict=True):
		reference.allocated_amount = to_major(share, line.precision)
	payment_entry.set("references", [reference for reference in references if reference.allocated_amount])


def _shares(line: BankLine, settlement: Settlement, owed: list[int]) -> list[int]:
	"""Return what of the settlement each of the rows gets, which owe `owed`; all in minor units."""
	settled = settlement.settled(line.precision)
	try:
		return spread_over_terms(to_minor(settled, line.precision), owed)
	except ValueError:
		currency = settlement.currency or line.currency
		refuse(
			AllocationMismatch,
			[
				_("{0} {1}: {2} was to be paid, but its payment terms owe {3}.").format(
					_(settlement.doctype),
					settlement.name,
					fmt_money(settled, currency=currency),
					fmt_money(to_major(sum(owed), line.precision), currency=currency),
				)
			],
		)


def _in_due_order(
	payment_entry: Document, settlement: Settlement, precision: int
) -> tuple[list[Document], list[int]]:
	"""Return the reference rows by due date, and what each owes in minor units.

	ERPNext takes what a term owes from what was paid on it, a discount left out, and so offers the discount
	once more; the schedule's own outstanding amount says how much of the term is open (PITFALLS P05).
	"""
	references = list(payment_entry.references)
	terms: dict[str | None, frappe._dict] = {}
	if any(reference.payment_term for reference in references):
		for term in frappe.get_all(
			"Payment Schedule",
			filters={"parenttype": settlement.doctype, "parent": settlement.name},
			fields=["payment_term", "due_date", "outstanding", "payment_amount", "paid_amount"],
			order_by="due_date, idx",
		):
			terms.setdefault(term.payment_term, term)
	due = {name: str(term.due_date) for name, term in terms.items()}
	references.sort(key=lambda reference: due.get(reference.payment_term) or "")
	owed = [_owed(reference, terms.get(reference.payment_term)) for reference in references]
	return references, [to_minor(amount, precision) for amount in owed]


def _owed(reference: Document, term: frappe._dict | None) -> float:
	"""Return what the reference row still owes, in the currency of the party account."""
	unpaid = flt(term.payment_amount) - flt(term.paid_amount) if term else 0.0
	if not unpaid:
		return reference.allocated_amount
	return reference.allocated_amount * min(flt(term.outstanding) / unpaid, 1.0)


def _set_line_details(payment_entry: Document, line: BankLine) -> None:
	"""The bank side is always that of the line, never the company's or a mode of payment's (PITFALLS P22)."""
	side = "paid_to" if line.is_deposit else "paid_from"
	if payment_entry.get(side) != line.gl_account:
		payment_entry.set(side, line.gl_account)
		payment_entry.set(f"{side}_account_currency", line.currency)
		for detail in ("balance", "type"):  # ERPNext fills in what is empty
			payment_entry.set(f"{side}_account_{detail}", None)
	payment_entry.posting_date = getdate(line.doc.date)
	payment_entry.reference_date = getdate(line.doc.date)
	payment_entry.reference_no = reference_number(line.doc)
	payment_entry.bank_account = line.doc.bank_account
	payment_entry.set_bank_account_data()


def _totals(line: BankLine, settlements: Sequence[Settlement]) -> Totals:
	def total(amounts) -> float:
		return to_major(abs(sum(to_minor(amount, line.precision) for amount in amounts)), line.precision)

	moved = [settlement.allocated_amount for settlement in settlements]
	beside = [amount for each in settlements for amount in (each.discount, each.difference)]
	bank = sum(to_minor(amount, line.precision) for amount in moved)
	difference = sum(to_minor(settlement.difference, line.precision) for settlement in settlements)
	return Totals(
		bank=total(moved),
		worth=total([*moved, *beside]),
		settled=total(settlement.settled(line.precision) for settlement in settlements),
		difference=to_major(difference if bank > 0 else -difference, line.precision),
		is_discounted=any(settlement.discount for settlement in settlements),
	)


def _check_total(payment_entry: Document, line: BankLine, settlements: Sequence[Settlement]) -> None:
	"""What went to the invoices is what was to be settled: nothing became silent cash (PITFALLS P06)."""
	totals = _totals(line, settlements)
	moved = payment_entry.received_amount if line.is_deposit else payment_entry.paid_amount
	booked = (
		flt(payment_entry.total_allocated_amount, line.precision),
		flt(moved, line.precision),
		flt(payment_entry.unallocated_amount, line.precision),
	)
	if booked != (totals.settled, totals.bank, 0):
		refuse(
			AllocationMismatch,
			[
				_("{0} would settle {1} by {2} instead of {3} by {4}, with {5} left unallocated.").format(
					payment_entry.name, booked[0], booked[1], totals.settled, totals.bank, booked[2]
				)
			],
		)
