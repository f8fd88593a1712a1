# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Clearance dates, computed from the allocations as they are, and from nothing else (PITFALLS P16, P29, P32).

A voucher is cleared when Bank Transactions cover all of its bank legs, at the date of the latest of them;
else its clearance date is empty. A Sales Invoice keeps one on each of its payment rows, which is cleared
with the row's own account.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import frappe
from frappe.utils import getdate

from advanced_bank_reconciliation.vouchers.bank_ledger import BankLegs, VoucherKey, read_bank_legs

INVOICE_PAYMENT = "Sales Invoice Payment"


@dataclass(frozen=True)
class Correction:
	"""A place (table, name) where the clearance date of a voucher has to become `clearance_date`."""

	voucher: VoucherKey
	table: str
	name: str
	clearance_date: date | None


def recompute_clearance(
	keys: Iterable[VoucherKey], gl_account: str | None = None, newly_made: Collection[VoucherKey] = ()
) -> list[VoucherKey]:
	"""Write the clearance dates of the vouchers where they differ; return the vouchers that changed.

	`gl_account`: of Sales Invoices only the payment rows on it, instead of those on all bank accounts.
	Vouchers of other apps are written where their doctype has the field `clearance_date`, as ERPNext does;
	Bank Transactions have none. `newly_made`: see `read_bank_legs`.
	"""
	by_date: dict[tuple[str, date | None], list[str]] = {}
	changed: dict[VoucherKey, None] = {}
	for wrong in _corrections(keys, gl_account, newly_made):
		by_date.setdefault((wrong.table, wrong.clearance_date), []).append(wrong.name)
		changed[wrong.voucher] = None
	for (table, clearance_date), names in by_date.items():
		frappe.db.set_value(table, {"name": ("in", names)}, "clearance_date", clearance_date)
	return list(changed)


def find_wrong(keys: Iterable[VoucherKey]) -> set[VoucherKey]:
	"""Return the vouchers whose clearance date is not what the allocations say. Writes nothing."""
	return {wrong.voucher for wrong in _corrections(keys)}


def has_clearance_date(doctype: str) -> bool:
	"""Return whether documents of the doctype, or their payment rows, can have a clearance date."""
	return doctype == "Sales Invoice" or frappe.get_meta(doctype).has_field("clearance_date")


def _corrections(
	keys: Iterable[VoucherKey], gl_account: str | None = None, newly_made: Collection[VoucherKey] = ()
) -> Iterator[Correction]:
	keys = [key for key in dict.fromkeys(keys) if has_clearance_date(key[0])]
	if not keys:
		return
	legs = read_bank_legs(keys, newly_made)
	for row in _stored(keys):
		key = (row.doctype, row.voucher)
		if not _is_ours(row, legs[key], gl_account):
			continue
		expected = legs[key].clearance_date(row.account)
		if expected != (getdate(row.clearance_date) if row.clearance_date else None):
			yield Correction(key, row.table, row.name, expected)


def _is_ours(row: frappe._dict, legs: BankLegs, gl_account: str | None) -> bool:
	"""Payment rows on other than bank accounts keep what ERPNext or the user wrote there."""
	if row.table != INVOICE_PAYMENT:
		return True
	return row.account in legs.moved and gl_account in (None, row.account)


def _stored(keys: list[VoucherKey]) -> list[frappe._dict]:
	"""Return {table, name, doctype, voucher, account, clearance_date} of all places where a date is kept."""
	stored: list[frappe._dict] = []
	for doctype in sorted({doctype for doctype, _name in keys}):
		names = [name for key_doctype, name in keys if key_doctype == doctype]
		table, filters, fields = doctype, {"name": ("in", names)}, ["name as voucher"]
		if doctype == "Sales Invoice":
			table = INVOICE_PAYMENT
			filters = {"parenttype": doctype, "parent": ("in", names)}
			fields = ["parent as voucher", "account"]
		rows = frappe.get_all(
			table, filters=filters, fields=["name", "clearance_date", *fields], limit_page_length=0
		)
		for row in rows:
			row.update(table=table, doctype=doctype, account=row.get("account"))
		stored += rows
	return stored
