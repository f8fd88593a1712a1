# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Links one Bank Transaction to another that takes its money back: a bounced payment and its return.

Neither moves the books, so both lines carry a row that names the other, with the same amount. ERPNext has
this idea, but compares a Bank Account with a GL account and so always refuses below its fix (PITFALLS P25);
rows with an amount never reach that check. Taking one row off takes the other with it, and so does
cancelling either line: that much is ERPNext's own doing.
"""

from collections.abc import Iterable, Sequence

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt

from advanced_bank_reconciliation.exceptions import SelectionRefused, refuse
from advanced_bank_reconciliation.permissions import lock_bank_transaction, lock_bank_transactions
from advanced_bank_reconciliation.vouchers.bank_ledger import VoucherKey
from advanced_bank_reconciliation.vouchers.bank_line import BANK_TRANSACTION, BankLine, Link
from advanced_bank_reconciliation.vouchers.bank_transaction import save_checked
from advanced_bank_reconciliation.vouchers.origin import MATCHED, link_row


def names_of_lines(keys: Iterable[VoucherKey]) -> list[str]:
	"""Return the Bank Transactions among the vouchers: these are locked before anything else, by name."""
	return sorted({name for doctype, name in keys if doctype == BANK_TRANSACTION})


def read_offers(line: BankLine, links: Sequence[Link]) -> dict[VoucherKey, tuple[str | None, float]]:
	"""Return for each Bank Transaction, locked, why it cannot be linked (or None), and what it has left."""
	offers = _read_others(line, links)
	for link in links:
		if offers[link.key][0] is None and _names(line.doc, link.name):
			problem = _("{0} {1}: already linked to this Bank Transaction.")
			offers[link.key] = (problem.format(_(link.doctype), link.name), 0.0)
	return offers


def mirror(line: BankLine, links: Sequence[Link]) -> None:
	"""Give each other Bank Transaction the row that names this one, with the same amount; in order of name."""
	for link in sorted(links, key=lambda link: link.name):
		other = lock_bank_transaction(link.name)
		if not _names(other, line.doc.name):
			other.append(
				"payment_entries", link_row(BANK_TRANSACTION, line.doc.name, link.amount, origin=MATCHED)
			)
			save_checked(other)


def mirror_amended(bank_transaction: Document) -> None:
	"""An amended line comes with the rows of the cancelled one: give the others theirs, or refuse.

	Raises SelectionRefused where the other line has been used up, or does not fit any more.
	"""
	line = BankLine(bank_transaction)
	rows = [row for row in bank_transaction.payment_entries if row.payment_document == BANK_TRANSACTION]
	links = [Link(BANK_TRANSACTION, row.payment_entry, flt(row.allocated_amount)) for row in rows]
	links = [link for link in links if not _names(lock_bank_transaction(link.name), bank_transaction.name)]
	offers = _read_others(line, links)
	problems = [offers[link.key][0] or _beyond(line, link, offers[link.key][1]) for link in links]
	if problems := [problem for problem in problems if problem]:
		refuse(SelectionRefused, problems)
	mirror(line, links)


def _read_others(line: BankLine, links: Sequence[Link]) -> dict[VoucherKey, tuple[str | None, float]]:
	lock_bank_transactions(link.name for link in links)
	offers: dict[VoucherKey, tuple[str | None, float]] = {}
	for link in links:
		other = None
		if frappe.db.exists(BANK_TRANSACTION, link.name):
			found = lock_bank_transaction(link.name)
			other = BankLine(found) if found.has_permission("write") else None
		offers[link.key] = (_why_not(line, link, other), other.unallocated_amount if other else 0.0)
	return offers


def _names(bank_transaction: Document, name: str) -> bool:
	return any(
		(row.payment_document, row.payment_entry) == (BANK_TRANSACTION, name)
		for row in bank_transaction.payment_entries
	)


def _beyond(line: BankLine, link: Link, left: float) -> str | None:
	if flt(link.amount, line.precision) <= left:
		return None
	return _("{0} {1}: only {2} of it are unallocated, not {3}.").format(
		_(link.doctype), link.name, line.money(left), line.money(link.amount)
	)


def _why_not(line: BankLine, link: Link, other: BankLine | None) -> str | None:
	"""Return in words why the other Bank Transaction cannot be linked to this one, or None."""
	label = f"{_(link.doctype)} {link.name}"
	if not other:
		return _("{0}: not found, or you may not change it.").format(label)
	if other.doc.name == line.doc.name:
		return _("{0}: cannot be reconciled with itself.").format(label)
	if other.doc.docstatus != 1:
		return _("{0}: not submitted.").format(label)
	if other.doc.company != line.doc.company:
		return _("{0}: belongs to company {1}.").format(label, other.doc.company)
	if (other.gl_account, other.currency) != (line.gl_account, line.currency):
		return _("{0}: stands on account {1}, this Bank Transaction on {2}.").format(
			label, other.gl_account, line.gl_account
		)
	if other.is_deposit == line.is_deposit:
		return _("{0}: goes in the same direction as this Bank Transaction.").format(label)
	if link.amount is not None and flt(link.amount, line.precision) <= 0:
		return _("{0}: the amount must be positive.").format(label)
	if _names(other.doc, line.doc.name):
		return _("{0}: already linked to this Bank Transaction.").format(label)
	if other.unallocated_amount <= 0:
		return _("{0}: nothing of it is left to reconcile.").format(label)
	return None
