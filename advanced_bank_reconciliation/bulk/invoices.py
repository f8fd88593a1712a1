# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Reads unpaid invoices under lock, as far as the user may see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import frappe
from frappe.utils import flt

from advanced_bank_reconciliation.vouchers.parties import INVOICE_PARTY


@dataclass(frozen=True)
class Invoice:
	"""The state of an invoice at the moment its row was locked. Amounts in the party account's currency."""

	doctype: str
	name: str
	docstatus: int
	company: str
	party_type: str
	party: str
	party_account: str
	currency: str
	outstanding_amount: float
	posting_date: date
	due_date: date

	@property
	def key(self) -> tuple[str, str]:
		return (self.doctype, self.name)

	@property
	def party_key(self) -> tuple[str, str, str]:
		"""Invoices with the same one can share a Payment Entry, and so net."""
		return (self.party_type, self.party, self.party_account)


def lock_invoices(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Invoice]:
	"""Lock the invoices until the transaction ends and return their latest state by (doctype, name).

	A locking read sees what others have committed, whatever the transaction read before. Rows are locked
	in the order of their names, so that two jobs cannot wait for each other.
	"""
	names: dict[str, list[str]] = {}
	for doctype, name in keys:
		names.setdefault(doctype, []).append(name)
	locked = {}
	for doctype in sorted(names):
		for invoice in _locked_rows(doctype, names[doctype]):
			locked[invoice.key] = invoice
	return locked


def _locked_rows(doctype: str, names: list[str]) -> list[Invoice]:
	party_type, party_field, account_field = INVOICE_PARTY[doctype]
	table = frappe.qb.DocType(doctype)
	rows = (
		frappe.qb.from_(table)
		.select(
			table.name,
			table.docstatus,
			table.company,
			table[party_field].as_("party"),
			table[account_field].as_("party_account"),
			table.party_account_currency.as_("currency"),
			table.outstanding_amount,
			table.posting_date,
			table.due_date,
		)
		.where(table.name.isin(sorted(names)))
		.orderby(table.name)
		.for_update()
		.run(as_dict=True)
	)
	return [
		Invoice(
			doctype,
			row.name,
			row.docstatus,
			row.company,
			party_type,
			row.party,
			row.party_account,
			row.currency or frappe.get_cached_value("Account", row.party_account, "account_currency"),
			flt(row.outstanding_amount),
			row.posting_date,
			row.due_date or row.posting_date,
		)
		for row in rows
	]
