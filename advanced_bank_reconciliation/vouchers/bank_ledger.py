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
	"""The bank side of one voucher, by GL account, in each account's own currency.

	moved: signed net movement, positive into the bank. inward, outward: its debits and credits, positive.
	covered: what submitted Bank Transactions have allocated to it, and the date of the latest of them.
	bank_type: accounts of type Bank; what moves on another account is a leg once a line covers it (P30).
	"""

	moved: dict[str, float] = field(default_factory=dict)
	inward: dict[str, float] = field(default_factory=dict)
	outward: dict[str, float] = field(default_factory=dict)
	covered: dict[str, float] = field(default_factory=dict)
	latest: dict[str, date] = field(default_factory=dict)
	bank_type: set[str] = field(default_factory=set)

	def remaining(self, account: str) -> float:
		"""Return what is left to cover on `account`, as a positive amount in its currency."""
		return abs(self.moved.get(account, 0.0)) - self.covered.get(account, 0.0)

	def clearance_date(self, account: str | None = None) -> date | None:
		"""Return the date of the latest Bank Transaction once all legs, or that on `account`, are covered.

		None while one is open: one side of a transfer alone does not clear it (PITFALLS P32).
		"""
		legs = [name for name in self.moved if name in self.bank_type or name in self.covered]
		accounts = [account] if account else legs
		if any(flt(self.remaining(name), 9) > 0 for name in accounts):
			return None
		return max((self.latest[name] for name in accounts if name in self.latest), default=None)


def read_bank_legs(
	keys: Iterable[VoucherKey], newly_made: Collection[VoucherKey] = (), besides: str | None = None
) -> dict[VoucherKey, BankLegs]:
	"""Return the bank legs of each voucher, read under lock.

	Movements are read on every GL account of type Bank, and on every other one that a Bank Account keeps
	its statements of (PITFALLS P30), summed per voucher and account (P31, P33). Allocations are locked, so
	that two Bank Transactions cannot claim the same money at once; but not those of vouchers `newly_made`
	by this app for its own link, which have none: to lock where nothing is holds up everybody who links
	anything. `besides`: a Bank Transaction whose own allocations are left out.
	"""
	keys = list(keys)
	legs = {key: BankLegs() for key in keys}
	for doctype in {doctype for doctype, _name in keys}:
		names = [name for key_doctype, name in keys if key_doctype == doctype]
		for row in _movements(doctype, names):
			_add_movement(legs[doctype, row.name], row)
		known = [name for name in names if (doctype, name) not in newly_made]
		new = [name for name in names if (doctype, name) in newly_made]
		for row in [*_allocations(doctype, known, locked=True), *_allocations(doctype, new, locked=False)]:
			if row.parent != besides:
				_add_allocation(legs[doctype, row.name], row)
	return legs


def take_turns() -> None:
	"""Wait until nobody else is linking; the others then wait until this transaction ends.

	To be called before the rows of Bank Transactions are locked. Frappe locks a document's rows when it saves
	it, and where there are none yet the place where everybody's new rows go: two who link at the same moment
	would each wait for the other, and one would lose with a deadlock. One of them has to wait in any case.
	"""
	frappe.db.get_value("DocType", "Bank Transaction Payments", "name", for_update=True)


def lock_vouchers(keys: Iterable[VoucherKey]) -> dict[VoucherKey, frappe._dict]:
	"""Lock the vouchers until the transaction ends; return docstatus and company by (doctype, name).

	The company is missing where another app's doctype has no such field.
	"""
	keys = list(keys)
	locked = {}
	for doctype in sorted({doctype for doctype, _name in keys}):
		table = frappe.qb.DocType(doctype)
		company = [table.company] if frappe.get_meta(doctype).has_field("company") else []
		rows = (
			frappe.qb.from_(table)
			.select(table.name, table.docstatus, *company)
			.where(table.name.isin(sorted(name for key_doctype, name in keys if key_doctype == doctype)))
			.orderby(table.name)
			.for_update()
			.run(as_dict=True)
		)
		locked.update({(doctype, row.name): row for row in rows})
	return locked


def _add_movement(legs: BankLegs, row: frappe._dict) -> None:
	legs.inward[row.account], legs.outward[row.account] = flt(row.inward), flt(row.outward)
	legs.moved[row.account] = flt(legs.inward[row.account] - legs.outward[row.account], 9)
	if row.account_type == "Bank":
		legs.bank_type.add(row.account)


def _add_allocation(legs: BankLegs, row: frappe._dict) -> None:
	"""Older links that give back to their Bank Transaction are negative; they use the voucher all the same."""
	legs.covered[row.account] = legs.covered.get(row.account, 0.0) + abs(flt(row.allocated_amount))
	latest = getdate(row.date)
	legs.latest[row.account] = max(legs.latest.get(row.account, latest), latest)


def _movements(doctype: str, names: list[str]) -> list[frappe._dict]:
	gl_entry = frappe.qb.DocType("GL Entry")
	account = frappe.qb.DocType("Account")
	bank_account = frappe.qb.DocType("Bank Account")
	with_statements = frappe.qb.from_(bank_account).select(bank_account.account)
	return (
		frappe.qb.from_(gl_entry)
		.join(account)
		.on(account.name == gl_entry.account)
		.select(
			gl_entry.voucher_no.as_("name"),
			gl_entry.account,
			account.account_type,
			Sum(gl_entry.debit_in_account_currency).as_("inward"),
			Sum(gl_entry.credit_in_account_currency).as_("outward"),
		)
		.where(gl_entry.voucher_type == doctype)
		.where(gl_entry.voucher_no.isin(names))
		.where(gl_entry.is_cancelled == 0)
		.where(
			(account.account_type == "Bank")
			| account.name.isin(with_statements.where(bank_account.account.isnotnull()))
		)
		.groupby(gl_entry.voucher_no, gl_entry.account, account.account_type)
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
		.select(row.payment_entry.as_("name"), row.allocated_amount, row.parent, line.date, line.bank_account)
		.where(row.payment_entry.isin(names))
		.where(row.payment_document == doctype)
		.where(line.docstatus == 1)
	)
	allocations = (query.for_update() if locked else query).run(as_dict=True)
	for allocation in allocations:
		allocation.account = frappe.get_cached_value("Bank Account", allocation.bank_account, "account")
	return allocations
