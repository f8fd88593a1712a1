# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What a voucher moves on a bank account, and how much of that Bank Transactions already cover."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

import frappe
from frappe.query_builder.functions import Sum
from frappe.utils import flt, getdate

VoucherKey = tuple[str, str]


@dataclass
class BankLegs:
	"""The bank side of one voucher, by GL account.

	moved: signed movement in the account's currency, positive into the bank.
	covered: what submitted Bank Transactions have allocated to it, and the date of the latest of them.
	"""

	moved: dict[str, float] = field(default_factory=dict)
	covered: dict[str, float] = field(default_factory=dict)
	latest: dict[str, date] = field(default_factory=dict)

	def remaining(self, account: str) -> float:
		"""Return what is left to cover on `account`, as a positive amount in its currency."""
		return abs(self.moved.get(account, 0.0)) - self.covered.get(account, 0.0)


def read_bank_legs(
	keys: Iterable[VoucherKey], bank_gl_account: str, newly_made: Collection[VoucherKey] = ()
) -> dict[VoucherKey, BankLegs]:
	"""Return the bank legs of each voucher, read under lock.

	A leg is every GL account of type Bank, and `bank_gl_account` whatever its type (PITFALLS P30). Rows on
	one account are summed per voucher before anything else (P31, P33). Allocations are locked, so that two
	Bank Transactions cannot claim the same money at once; but not those of vouchers `newly_made` by this
	app for its own link, which have none: to lock where nothing is holds up everybody who links anything.
	"""
	keys = list(keys)
	legs = {key: BankLegs() for key in keys}
	for doctype in {doctype for doctype, _name in keys}:
		names = [name for key_doctype, name in keys if key_doctype == doctype]
		for row in _movements(doctype, names, bank_gl_account):
			legs[doctype, row.name].moved[row.account] = flt(row.moved)
		known = [name for name in names if (doctype, name) not in newly_made]
		new = [name for name in names if (doctype, name) in newly_made]
		for row in [*_allocations(doctype, known, locked=True), *_allocations(doctype, new, locked=False)]:
			leg = legs[doctype, row.name]
			leg.covered[row.account] = leg.covered.get(row.account, 0.0) + flt(row.allocated_amount)
			latest = getdate(row.date)
			leg.latest[row.account] = max(leg.latest.get(row.account, latest), latest)
	return legs


def lock_vouchers(keys: Iterable[VoucherKey]) -> dict[VoucherKey, frappe._dict]:
	"""Lock the vouchers until the transaction ends; return docstatus and company by (doctype, name)."""
	keys = list(keys)
	locked = {}
	for doctype in sorted({doctype for doctype, _name in keys}):
		table = frappe.qb.DocType(doctype)
		rows = (
			frappe.qb.from_(table)
			.select(table.name, table.docstatus, table.company)
			.where(table.name.isin(sorted(name for key_doctype, name in keys if key_doctype == doctype)))
			.orderby(table.name)
			.for_update()
			.run(as_dict=True)
		)
		locked.update({(doctype, row.name): row for row in rows})
	return locked


def _movements(doctype: str, names: list[str], bank_gl_account: str) -> list[frappe._dict]:
	gl_entry = frappe.qb.DocType("GL Entry")
	account = frappe.qb.DocType("Account")
	moved = Sum(gl_entry.debit_in_account_currency - gl_entry.credit_in_account_currency)
	return (
		frappe.qb.from_(gl_entry)
		.join(account)
		.on(account.name == gl_entry.account)
		.select(gl_entry.voucher_no.as_("name"), gl_entry.account, moved.as_("moved"))
		.where(gl_entry.voucher_type == doctype)
		.where(gl_entry.voucher_no.isin(names))
		.where(gl_entry.is_cancelled == 0)
		.where((account.account_type == "Bank") | (account.name == bank_gl_account))
		.groupby(gl_entry.voucher_no, gl_entry.account)
		.run(as_dict=True)
	)


def _allocations(doctype: str, names: list[str], locked: bool) -> list[frappe._dict]:
	if not names:
		return []
	row = frappe.qb.DocType("Bank Transaction Payments")
	line = frappe.qb.DocType("Bank Transaction")
	query = (
		frappe.qb.from_(row)
		.join(line)
		.on(line.name == row.parent)
		.select(row.payment_entry.as_("name"), row.allocated_amount, line.date, line.bank_account)
		.where(row.payment_entry.isin(names))
		.where(row.payment_document == doctype)
		.where(line.docstatus == 1)
	)
	allocations = (query.for_update() if locked else query).run(as_dict=True)
	for allocation in allocations:
		allocation.account = frappe.get_cached_value("Bank Account", allocation.bank_account, "account")
	return allocations
