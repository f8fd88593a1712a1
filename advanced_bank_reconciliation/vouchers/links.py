# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Links vouchers to a Bank Transaction: allocation and clearance in one transaction (PITFALLS P01, P02)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, fmt_money

from advanced_bank_reconciliation.exceptions import BankTransactionNotOpen, SelectionRefused, refuse
from advanced_bank_reconciliation.payload import Request
from advanced_bank_reconciliation.permissions import permitted
from advanced_bank_reconciliation.vouchers.bank_ledger import (
	BankLegs,
	VoucherKey,
	lock_vouchers,
	read_bank_legs,
)

MATCHED = "Matched"
VOUCHER_CREATED = "Voucher Created"

#: Core's field of newer versions first, then our own (PITFALLS P87, P91).
ORIGIN_FIELDS = ("reconciliation_type", "abr_reconciliation_type")


@dataclass(frozen=True)
class Link:
	"""A voucher to be linked.

	amount: what of it the Bank Transaction is to cover, positive, in the bank account's currency; None
	for as much as there is. created: this app made the voucher for this Bank Transaction (P91).
	"""

	doctype: str
	name: str
	amount: float | None = None
	created: bool = False

	@property
	def key(self) -> VoucherKey:
		return (self.doctype, self.name)


class BankLine:
	"""A Bank Transaction with what matters for linking: direction, precision, ledger account."""

	def __init__(self, bank_transaction: Document):
		self.doc = bank_transaction
		self.is_deposit = flt(bank_transaction.deposit) > flt(bank_transaction.withdrawal)
		self.precision = bank_transaction.precision("unallocated_amount")
		self.gl_account = frappe.get_cached_value("Bank Account", bank_transaction.bank_account, "account")
		self.currency = frappe.get_cached_value("Account", self.gl_account, "account_currency")
		self.unallocated_amount = flt(bank_transaction.unallocated_amount, self.precision)

	def check_open(self) -> None:
		"""Raise BankTransactionNotOpen unless it is submitted, has a ledger account, and something is left."""
		if self.doc.docstatus != 1:
			state = _("a draft") if self.doc.docstatus == 0 else _("cancelled")
			refuse(
				BankTransactionNotOpen,
				[
					_("Bank Transaction {0} is {1}. Only a submitted one can be reconciled.").format(
						self.doc.name, state
					)
				],
			)
		if not self.gl_account:
			refuse(
				BankTransactionNotOpen,
				[
					_(
						"Bank Account {0} of Bank Transaction {1} has no ledger account. Enter it there."
					).format(self.doc.bank_account, self.doc.name)
				],
			)
		if self.unallocated_amount <= 0:
			refuse(
				BankTransactionNotOpen,
				[
					_("Bank Transaction {0} is already fully reconciled; nothing is left of it.").format(
						self.doc.name
					)
				],
			)

	def money(self, amount: float) -> str:
		"""Return the amount as text in the line's currency."""
		return fmt_money(amount, currency=self.currency)


def cap_links(line: BankLine, links: Sequence[Link]) -> list[Link]:
	"""Return the links with the amounts that will be booked, vouchers locked.

	A wish is capped by what the voucher still moves on this bank account, in the line's direction, and by
	what the line has left (PUBLIC_API.md, "Who is believed"). Raises SelectionRefused that names every
	voucher which cannot be meant: unknown, not submitted, of another company, no or opposite movement on
	this bank account (P01, P24, P34), or already covered (P28).
	"""
	states = lock_vouchers(link.key for link in links)
	legs = read_bank_legs((link.key for link in links), line.gl_account, _newly_made(links))
	visible = permitted(link.key for link in links if not link.created)
	linked_here = {(row.payment_document, row.payment_entry) for row in line.doc.payment_entries}
	problems: list[str] = []
	capped: list[Link] = []
	left = line.unallocated_amount
	for link in links:
		may_read = link.created or link.key in visible
		problem = _why_not(line, link, states.get(link.key), may_read, legs[link.key], linked_here)
		if problem:
			problems.append(problem)
			continue
		remaining = flt(legs[link.key].remaining(line.gl_account), line.precision)
		wish = remaining if link.amount is None else flt(link.amount, line.precision)
		amount = flt(min(wish, remaining, left), line.precision)
		if amount <= 0:
			problems.append(
				_("{0} {1}: nothing of the Bank Transaction is left for it.").format(
					_(link.doctype), link.name
				)
			)
			continue
		left = flt(left - amount, line.precision)
		capped.append(Link(link.doctype, link.name, amount, link.created))
	if problems:
		refuse(SelectionRefused, problems)
	return capped


def link_vouchers(line: BankLine, links: Sequence[Link]) -> None:
	"""Link the vouchers with exactly the amounts given by `cap_links`, and set clearance dates.

	The Bank Transaction is saved once, its row must be locked by the caller. All within the caller's
	transaction: an error leaves nothing behind once that is rolled back.
	"""
	origin_field = next((name for name in ORIGIN_FIELDS if _row_meta().has_field(name)), None)
	for link in links:
		row = {
			"payment_document": link.doctype,
			"payment_entry": link.name,
			"allocated_amount": link.amount,
		}
		if origin_field:
			row[origin_field] = VOUCHER_CREATED if link.created else MATCHED
		line.doc.append("payment_entries", row)
	line.doc.save()
	set_clearance_dates((link.key for link in links), line.gl_account, _newly_made(links))


def link_selected_vouchers(bank_transaction: Document, requests: Sequence[Request]) -> Document:
	"""Link what the user selected to the Bank Transaction, locked by the caller, and return it as saved."""
	line = BankLine(bank_transaction)
	line.check_open()
	if not requests:
		refuse(SelectionRefused, [_("Select at least one voucher.")])
	link_vouchers(line, cap_links(line, [as_link(request) for request in requests]))
	return line.doc


def as_link(request: Request) -> Link:
	"""Return the link that a request asks for."""
	return Link(request.doctype, request.name, None if request.amount is None else float(request.amount))


def set_clearance_dates(
	keys: Iterable[VoucherKey], gl_account: str, newly_made: Collection[VoucherKey] = ()
) -> None:
	"""Write each voucher's clearance date from the allocations as they are now.

	A voucher is cleared when Bank Transactions cover all of its bank legs, at the date of the latest of
	them; else its clearance date is empty (P16, P32). Sales Invoices keep one on each payment row, which is
	cleared with its own account (P29). `newly_made`: see `read_bank_legs`.
	"""
	keys = list(keys)
	by_date: dict[tuple[str, date | None], list[str]] = {}
	for (doctype, name), legs in read_bank_legs(keys, gl_account, newly_made).items():
		accounts = [gl_account] if doctype == "Sales Invoice" else list(legs.moved)
		by_date.setdefault((doctype, _clearance_date(legs, accounts)), []).append(name)
	for (doctype, clearance_date), names in by_date.items():
		if doctype == "Sales Invoice":
			_clear_invoice_payments(names, gl_account, clearance_date)
		else:
			frappe.db.set_value(doctype, {"name": ("in", names)}, "clearance_date", clearance_date)


def _clear_invoice_payments(names: list[str], gl_account: str, clearance_date: date | None) -> None:
	rows = {"parenttype": "Sales Invoice", "parent": ("in", names), "account": gl_account}
	frappe.db.set_value("Sales Invoice Payment", rows, "clearance_date", clearance_date)


def _clearance_date(legs: BankLegs, accounts: Sequence[str]) -> date | None:
	covered = all(flt(legs.remaining(account), 9) <= 0 for account in accounts if legs.moved.get(account))
	latest = [legs.latest[account] for account in accounts if account in legs.latest]
	return max(latest) if covered and latest else None


def _why_not(
	line: BankLine,
	link: Link,
	state: frappe._dict | None,
	visible: bool,
	legs: BankLegs,
	linked_here: set[VoucherKey],
) -> str | None:
	"""Return in words why the voucher cannot be linked to this line, or None."""
	voucher = f"{_(link.doctype)} {link.name}"
	moved = flt(legs.moved.get(line.gl_account, 0.0), line.precision)
	if not state or not visible:
		return _("{0}: not found, or you may not read it.").format(voucher)
	if state.docstatus != 1:
		return _("{0}: not submitted.").format(voucher)
	if state.company != line.doc.company:
		return _("{0}: belongs to company {1}.").format(voucher, state.company)
	if link.key in linked_here:
		return _("{0}: already linked to this Bank Transaction.").format(voucher)
	if not moved:
		return _(
			"{0}: moves nothing on {1}, so it cannot be linked. An unpaid invoice needs a payment."
		).format(voucher, line.gl_account)
	if (moved > 0) != line.is_deposit:
		return _("{0}: moves {1} on {2}, against the direction of this Bank Transaction.").format(
			voucher, line.money(moved), line.gl_account
		)
	if link.amount is not None and flt(link.amount, line.precision) <= 0:
		return _("{0}: the amount must be positive.").format(voucher)
	if flt(legs.remaining(line.gl_account), line.precision) <= 0:
		return _("{0}: already covered by other Bank Transactions.").format(voucher)
	return None


def _newly_made(links: Sequence[Link]) -> set[VoucherKey]:
	return {link.key for link in links if link.created}


def _row_meta():
	return frappe.get_meta("Bank Transaction Payments")
