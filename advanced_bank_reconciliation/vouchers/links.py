# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Links vouchers to a Bank Transaction: allocation and clearance in one transaction (PITFALLS P01, P02)."""

from collections.abc import Sequence

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt

from advanced_bank_reconciliation.exceptions import SelectionRefused, refuse
from advanced_bank_reconciliation.payload import Request
from advanced_bank_reconciliation.permissions import permitted
from advanced_bank_reconciliation.vouchers import line_links
from advanced_bank_reconciliation.vouchers.bank_ledger import (
	BankLegs,
	VoucherKey,
	lock_vouchers,
	read_bank_legs,
	take_turns,
)
from advanced_bank_reconciliation.vouchers.bank_line import BANK_TRANSACTION, BankLine, Link
from advanced_bank_reconciliation.vouchers.bank_transaction import save_checked
from advanced_bank_reconciliation.vouchers.clearance import recompute_clearance
from advanced_bank_reconciliation.vouchers.origin import MATCHED, VOUCHER_CREATED, link_row


def cap_links(line: BankLine, links: Sequence[Link]) -> list[Link]:
	"""Return the links with the amounts that will be booked, vouchers locked.

	A wish is capped by what the voucher still moves on this bank account, in the line's direction, and by
	what the line has left (PUBLIC_API.md, "Who is believed"). Raises SelectionRefused that names every
	voucher which cannot be meant: unknown, not submitted, of another company, no or opposite movement on
	this bank account (P01, P24, P34), or already covered (P28). Another Bank Transaction is a voucher that
	moves the opposite of itself (see `line_links`).
	"""
	if any(not link.created for link in links):
		take_turns()
	offers = _read_offers(line, links)
	problems: list[str] = []
	capped: list[Link] = []
	left = line.unallocated_amount
	for link in links:
		problem, remaining = offers[link.key]
		if problem:
			problems.append(problem)
			continue
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
	for link in links:
		origin = VOUCHER_CREATED if link.created else MATCHED
		line.doc.append("payment_entries", link_row(link.doctype, link.name, link.amount, origin))
	save_checked(line.doc)
	line_links.mirror(line, [link for link in links if link.doctype == BANK_TRANSACTION])
	recompute_clearance((link.key for link in links), line.gl_account, _newly_made(links))


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


def _read_offers(line: BankLine, links: Sequence[Link]) -> dict[VoucherKey, tuple[str | None, float]]:
	"""Return for each link, under lock, why it cannot be (or None), and what the voucher has left for it."""
	vouchers = [link for link in links if link.doctype != BANK_TRANSACTION]
	offers = line_links.read_offers(line, [link for link in links if link.doctype == BANK_TRANSACTION])
	states = lock_vouchers(link.key for link in vouchers)
	legs = read_bank_legs((link.key for link in vouchers), _newly_made(links))
	visible = permitted(link.key for link in vouchers if not link.created)
	linked_here = {(row.payment_document, row.payment_entry) for row in line.doc.payment_entries}
	for link in vouchers:
		may_read = link.created or link.key in visible
		problem = _why_not(line, link, states.get(link.key), may_read, legs[link.key], linked_here)
		offers[link.key] = (problem, flt(legs[link.key].remaining(line.gl_account), line.precision))
	return offers


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
	if "company" in state and state.company != line.doc.company:
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
