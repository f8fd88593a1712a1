# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Takes vouchers off a Bank Transaction again, and on request cancels those that the app made for it.

What existed before it was matched is only unlinked, and so is what another Bank Transaction still uses
(PITFALLS P61, P63, P91).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from advanced_bank_reconciliation.exceptions import (
	BadPayload,
	ReconciliationError,
	SelectionRefused,
	in_words,
	refuse,
)
from advanced_bank_reconciliation.transactions import ends_the_run
from advanced_bank_reconciliation.vouchers.bank_ledger import VoucherKey
from advanced_bank_reconciliation.vouchers.bank_line import BANK_TRANSACTION
from advanced_bank_reconciliation.vouchers.bank_transaction import save_checked
from advanced_bank_reconciliation.vouchers.clearance import recompute_clearance
from advanced_bank_reconciliation.vouchers.line_links import names_of_lines
from advanced_bank_reconciliation.vouchers.origin import VOUCHER_CREATED, origin_of

SAVE_POINT = "abr_unreconcile"


@dataclass
class Undone:
	"""What became of the vouchers that were taken off. kept: (voucher, why it was not cancelled)."""

	unlinked: list[VoucherKey]
	cancelled: list[VoucherKey] = field(default_factory=list)
	kept: list[tuple[VoucherKey, str]] = field(default_factory=list)

	def answer(self) -> dict[str, Any]:
		"""Return it in the form of `unreconcile_bank_transaction`."""
		return {
			"unlinked": [_named(key) for key in self.unlinked],
			"cancelled": [_named(key) for key in self.cancelled],
			"kept": [{**_named(key), "reason": reason} for key, reason in self.kept],
		}

	def message(self, bank_transaction: str) -> str:
		"""Return in a sentence what was done."""
		count = len(self.unlinked)
		text = _("1 voucher unlinked from {1}") if count == 1 else _("{0} vouchers unlinked from {1}")
		parts = [text.format(count, bank_transaction)]
		if self.cancelled:
			parts.append(_("{0} cancelled").format(len(self.cancelled)))
		if self.kept:
			parts.append(_("{0} left as they are").format(len(self.kept)))
		reasons = dict.fromkeys(reason for _key, reason in self.kept)
		return " ".join([", ".join(parts) + ".", *reasons])


def parse_voucher(doctype: str | None, name: str | None) -> VoucherKey | None:
	"""Return the voucher that is meant, or None for all of them. Raises BadPayload for half a name."""
	if not doctype and not name:
		return None
	if not doctype or not name:
		refuse(BadPayload, [_("Give both the document type and the name of the voucher, or neither.")])
	return (doctype, name)


def unlink(bank_transaction: Document, voucher: VoucherKey | None, cancel: bool) -> Undone:
	"""Take one voucher, or all of them, off the Bank Transaction, whose row the caller has locked.

	Clearance dates are computed anew from what other Bank Transactions still cover (P16). `cancel`: also
	cancel what the app made for this Bank Transaction. Raises SelectionRefused when there is no such link,
	and ReconciliationError when a hook kept a link in place (P65).
	"""
	rows = _chosen(bank_transaction, voucher)
	created = {_key(row) for row in rows if origin_of(row) == VOUCHER_CREATED}
	undone = Undone(unlinked=unlink_rows(bank_transaction, rows))
	if cancel:
		_cancel_created(undone, created)
	return undone


def unlink_rows(bank_transaction: Document, rows: Sequence[Document]) -> list[VoucherKey]:
	"""Take these rows off the submitted Bank Transaction, locked by the caller; return their vouchers.

	Clearance, and what is raised: as `unlink`.
	"""
	keys = [_key(row) for row in rows]
	removed = {row.name for row in rows}
	bank_transaction.set(
		"payment_entries", [row for row in bank_transaction.payment_entries if row.name not in removed]
	)
	# ERPNext gives up the clearance dates of the rows that are gone, of all their bank accounts (P29), and
	# takes the row off the other side where that is a Bank Transaction too.
	save_checked(bank_transaction)
	recompute_clearance(keys)
	_check_unlinked(bank_transaction, keys)
	return keys


def _chosen(bank_transaction: Document, voucher: VoucherKey | None) -> list[Document]:
	if bank_transaction.docstatus != 1:
		refuse(
			SelectionRefused,
			[
				_("Bank Transaction {0} is not submitted; nothing is linked to it.").format(
					bank_transaction.name
				)
			],
		)
	rows = [row for row in bank_transaction.payment_entries if voucher in (None, _key(row))]
	if not rows:
		what = _("{0} {1} is").format(_(voucher[0]), voucher[1]) if voucher else _("No voucher is")
		refuse(
			SelectionRefused,
			[_("{0} linked to Bank Transaction {1}.").format(what, bank_transaction.name)],
		)
	return rows


def _check_unlinked(bank_transaction: Document, keys: Sequence[VoucherKey]) -> None:
	"""Believe the database, not the document: nothing that was to go is left, and the status says so (P65)."""
	bank_transaction.reload()
	stuck = {_key(row) for row in bank_transaction.payment_entries} & set(keys)
	stuck |= _still_named_by(bank_transaction.name, names_of_lines(keys))
	is_open = bank_transaction.unallocated_amount > 0
	if stuck or bank_transaction.status != ("Unreconciled" if is_open else "Reconciled"):
		names = (
			", ".join(f"{_(doctype)} {name}" for doctype, name in sorted(stuck)) or bank_transaction.status
		)
		refuse(
			ReconciliationError,
			[_("Bank Transaction {0} could not be unreconciled: {1}").format(bank_transaction.name, names)],
		)


def lines_linked_to(bank_transaction: str) -> list[str]:
	"""Return the Bank Transactions that are linked to this one, for locking them with it."""
	filters = {"parent": bank_transaction, "payment_document": BANK_TRANSACTION}
	return frappe.get_all("Bank Transaction Payments", filters=filters, pluck="payment_entry")


def _still_named_by(bank_transaction: str, others: Sequence[str]) -> set[VoucherKey]:
	if not others:
		return set()
	filters = {
		"parent": ("in", others),
		"payment_document": BANK_TRANSACTION,
		"payment_entry": bank_transaction,
	}
	parents = frappe.get_all("Bank Transaction Payments", filters=filters, pluck="parent")
	return {(BANK_TRANSACTION, parent) for parent in parents}


def _cancel_created(undone: Undone, created: set[VoucherKey]) -> None:
	elsewhere = _linked_elsewhere(created)
	for key in undone.unlinked:
		doctype, name = key
		if key not in created:
			reason = _("What was not made for this Bank Transaction stays.")
		elif key in elsewhere:
			reason = _("{0} {1} stays: {2} is reconciled with it too.").format(
				_(doctype), name, elsewhere[key]
			)
		else:
			reason = _cancel(doctype, name)
		if reason:
			undone.kept.append((key, reason))
		else:
			undone.cancelled.append(key)


def _linked_elsewhere(keys: Iterable[VoucherKey]) -> dict[VoucherKey, str]:
	"""Return a Bank Transaction for each voucher that one is still linked to, read under lock (P61)."""
	keys = set(keys)
	if not keys:
		return {}
	row = frappe.qb.DocType("Bank Transaction Payments")
	line = frappe.qb.DocType("Bank Transaction")
	links = (
		frappe.qb.from_(row)
		.join(line)
		.on(line.name == row.parent)
		.select(row.payment_document, row.payment_entry, row.parent)
		.where(row.payment_entry.isin([name for _doctype, name in keys]))
		.where(line.docstatus == 1)
		.for_update()
		.run()
	)
	return {(doctype, name): parent for doctype, name, parent in links if (doctype, name) in keys}


def _cancel(doctype: str, name: str) -> str:
	"""Cancel the voucher; return in words why that is not possible, else an empty text."""
	frappe.db.savepoint(SAVE_POINT)
	try:
		voucher = frappe.get_doc(doctype, name, for_update=True)
		if voucher.docstatus == 1:
			voucher.cancel()
	except Exception as error:
		if ends_the_run(error):
			raise
		frappe.db.rollback(save_point=SAVE_POINT)
		frappe.clear_messages()
		return _("{0} {1} stays: {2}").format(_(doctype), name, in_words(error))
	frappe.db.release_savepoint(SAVE_POINT)
	return ""


def _key(row: Document) -> VoucherKey:
	return (row.payment_document, row.payment_entry)


def _named(key: VoucherKey) -> dict[str, str]:
	return {"payment_document": key[0], "payment_entry": key[1]}
