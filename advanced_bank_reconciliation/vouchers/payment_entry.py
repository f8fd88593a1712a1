# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Builds and submits the Payment Entry that settles invoices of one party from a Bank Transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

import frappe
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, getdate

from advanced_bank_reconciliation.allocation.money import to_major, to_minor
from advanced_bank_reconciliation.allocation.terms import spread_over_terms
from advanced_bank_reconciliation.exceptions import AllocationMismatch, refuse
from advanced_bank_reconciliation.vouchers.exchange import rate_to_company_currency
from advanced_bank_reconciliation.vouchers.links import BankLine

REFERENCE_LENGTH = 140


@dataclass(frozen=True)
class Settlement:
	"""What one invoice gets: signed like its outstanding amount, in the bank account's currency."""

	doctype: str
	name: str
	allocated_amount: float


def create_payment_entry(line: BankLine, settlements: Sequence[Settlement]) -> Document:
	"""Insert and submit one Payment Entry that settles all of `settlements`, and return it.

	All invoices share party, party account and company. Validated, inserted and submitted once. Whatever
	ERPNext objects to is raised, as are AllocationMismatch and ExchangeRateMissing.
	"""
	payment_entry = build_payment_entry(line, settlements)
	payment_entry.docstatus = 1
	payment_entry.insert()
	_check_total(payment_entry, line, settlements)
	return payment_entry


def build_payment_entry(line: BankLine, settlements: Sequence[Settlement]) -> Document:
	"""Return the unsaved Payment Entry for `settlements`, made by ERPNext's `get_payment_entry`."""
	payment_entry, *others = [_from_invoice(line, settlement) for settlement in settlements]
	for other in others:
		for reference in other.references:
			payment_entry.append("references", reference.as_dict(no_default_fields=True))
	_set_line_details(payment_entry, line)
	_set_amounts(payment_entry, line, _net_amount(line, settlements))
	return payment_entry


def reference_number(bank_transaction: Document) -> str:
	"""Return the line's reference, else its description, else its name, cut to 140 (PITFALLS P23)."""
	for text in (bank_transaction.reference_number, bank_transaction.description, bank_transaction.name):
		if text and (text := " ".join(text.split())):
			return text[:REFERENCE_LENGTH]
	return ""


def _from_invoice(line: BankLine, settlement: Settlement) -> Document:
	payment_entry = get_payment_entry(
		settlement.doctype,
		settlement.name,
		bank_account=line.gl_account,
		payment_type="Receive" if line.is_deposit else "Pay",
		reference_date=getdate(line.doc.date),
	)
	_spread(payment_entry, line, settlement)
	return payment_entry


def _spread(payment_entry: Document, line: BankLine, settlement: Settlement) -> None:
	"""Give the invoice's amount to its reference rows (payment terms) in due order."""
	references = _in_due_order(payment_entry, settlement)
	amount = to_minor(settlement.allocated_amount, line.precision)
	owed = [to_minor(reference.allocated_amount, line.precision) for reference in references]
	try:
		shares = spread_over_terms(amount, owed)
	except ValueError:
		total = to_major(sum(owed), line.precision)
		refuse(
			AllocationMismatch,
			[
				_("{0} {1}: {2} was to be paid, but its payment terms owe {3}.").format(
					_(settlement.doctype),
					settlement.name,
					line.money(settlement.allocated_amount),
					line.money(total),
				)
			],
		)
	for reference, share in zip(references, shares, strict=True):
		reference.allocated_amount = to_major(share, line.precision)
	payment_entry.set("references", [reference for reference in references if reference.allocated_amount])


def _in_due_order(payment_entry: Document, settlement: Settlement) -> list[Document]:
	references = list(payment_entry.references)
	if len(references) < 2:
		return references
	due_dates: dict[str | None, object] = {}
	for term in frappe.get_all(
		"Payment Schedule",
		filters={"parenttype": settlement.doctype, "parent": settlement.name},
		fields=["payment_term", "due_date"],
		order_by="due_date, idx",
	):
		due_dates.setdefault(term.payment_term, term.due_date)
	return sorted(references, key=lambda reference: str(due_dates.get(reference.payment_term) or ""))


def _set_line_details(payment_entry: Document, line: BankLine) -> None:
	"""The bank side is always that of the line, never the company's default (PITFALLS P22)."""
	payment_entry.posting_date = getdate(line.doc.date)
	payment_entry.reference_date = getdate(line.doc.date)
	payment_entry.reference_no = reference_number(line.doc)
	payment_entry.bank_account = line.doc.bank_account
	payment_entry.set_bank_account_data()


def _set_amounts(payment_entry: Document, line: BankLine, amount: float) -> None:
	"""Book `amount` on both sides; the discount that ERPNext may have proposed is not in the line's money."""
	payment_entry.set("deductions", [])
	payment_entry.paid_amount = payment_entry.received_amount = amount
	rate = rate_to_company_currency(line.currency, line.doc.company, payment_entry.posting_date)
	payment_entry.source_exchange_rate = payment_entry.target_exchange_rate = rate
	payment_entry.set_amounts()


def _net_amount(line: BankLine, settlements: Sequence[Settlement]) -> float:
	minor = sum(to_minor(settlement.allocated_amount, line.precision) for settlement in settlements)
	return to_major(abs(minor), line.precision)


def _check_total(payment_entry: Document, line: BankLine, settlements: Sequence[Settlement]) -> None:
	"""What went to the invoices is what the line pays: nothing became silent cash (PITFALLS P06)."""
	expected = _net_amount(line, settlements)
	allocated = flt(payment_entry.total_allocated_amount, line.precision)
	unallocated = flt(payment_entry.unallocated_amount, line.precision)
	if allocated != expected or unallocated:
		refuse(
			AllocationMismatch,
			[
				_("{0} would settle {1} instead of {2}, with {3} left unallocated.").format(
					payment_entry.name, line.money(allocated), line.money(expected), line.money(unallocated)
				)
			],
		)
