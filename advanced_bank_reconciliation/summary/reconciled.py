# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Lists what Bank Transactions are reconciled with: one row for each voucher linked to one."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import frappe
from frappe.model.document import Document

from advanced_bank_reconciliation.summary.parties import party_names
from advanced_bank_reconciliation.vouchers.origin import ORIGIN_FIELDS

LINE_FIELDS = (
	"name",
	"date",
	"deposit",
	"withdrawal",
	"currency",
	"description",
	"reference_number",
	"party_type",
	"party",
	"bank_party_name",
	"status",
	"unallocated_amount",
)

#: Names are looked up in pieces of this size, so that no statement grows with the length of the list.
CHUNK = 1000


def get_reconciled(
	bank_account: str, from_date: str | date | None, to_date: str | date | None
) -> list[dict[str, Any]]:
	"""Return a row per linked voucher of the submitted Bank Transactions that the user may read, oldest first.

	`allocated_amount` is that voucher's part, `unallocated_amount` what is left of the Bank Transaction, both
	in the account's currency. `reconciliation_type` is empty for links made before origins were recorded.
	"""
	filters = [["bank_account", "=", bank_account]]
	if from_date:
		filters.append(["date", ">=", from_date])
	if to_date:
		filters.append(["date", "<=", to_date])
	return _rows(filters, bank_account)


def get_reconciled_of(bank_transaction: Document) -> list[dict[str, Any]]:
	"""Return the rows of one Bank Transaction."""
	return _rows([["name", "=", bank_transaction.name]], bank_transaction.bank_account)


def _rows(filters: list[list], bank_account: str) -> list[dict[str, Any]]:
	filters = [*filters, ["docstatus", "=", 1], ["allocated_amount", ">", 0]]
	lines = frappe.get_list(
		"Bank Transaction",
		filters=filters,
		fields=list(LINE_FIELDS),
		order_by="date, creation",
		limit_page_length=0,
	)
	names = party_names((line.party_type, line.party) for line in lines)
	links = _links([line.name for line in lines])
	cleared = _clearance_dates(links, frappe.get_cached_value("Bank Account", bank_account, "account"))
	linked_to: dict[str, list[frappe._dict]] = {}
	for link in links:
		link.clearance_date = cleared.get((link.payment_document, link.payment_entry))
		linked_to.setdefault(link.pop("parent"), []).append(link)
	return [
		{**line, "party_display": names.get((line.party_type, line.party)) or line.bank_party_name, **link}
		for line in lines
		for link in linked_to.get(line.name, ())
	]


def _links(bank_transactions: list[str]) -> list[frappe._dict]:
	meta = frappe.get_meta("Bank Transaction Payments")
	origin_field = next((name for name in ORIGIN_FIELDS if meta.has_field(name)), None)
	fields = ["parent", "payment_document", "payment_entry", "allocated_amount"]
	links = []
	for names in _chunks(bank_transactions):
		links += frappe.get_all(
			"Bank Transaction Payments",
			filters={"parenttype": "Bank Transaction", "parent": ("in", names)},
			fields=[*fields, f"{origin_field} as reconciliation_type"] if origin_field else fields,
			order_by="parent, idx",
			limit_page_length=0,
		)
	for link in links:
		link.reconciliation_type = link.get("reconciliation_type") or ""
	return links


def _clearance_dates(links: list[frappe._dict], gl_account: str) -> dict[tuple[str, str], date]:
	"""Return the clearance date of each voucher; a Sales Invoice keeps it on its payment row of the account."""
	by_doctype: dict[str, list[str]] = {}
	for link in links:
		by_doctype.setdefault(link.payment_document, []).append(link.payment_entry)
	found: dict[tuple[str, str], date] = {}
	for doctype, vouchers in by_doctype.items():
		for names in _chunks(vouchers):
			for name, clearance_date in _read_clearance(doctype, names, gl_account):
				found[doctype, name] = clearance_date
	return found


def _read_clearance(doctype: str, names: list[str], gl_account: str) -> list[tuple[str, date]]:
	if doctype == "Sales Invoice":
		filters = {"parenttype": doctype, "parent": ("in", names), "account": gl_account}
		doctype, key = "Sales Invoice Payment", "parent"
	elif frappe.get_meta(doctype).has_field("clearance_date"):
		filters, key = {"name": ("in", names)}, "name"
	else:
		return []
	return frappe.get_all(
		doctype, filters=filters, fields=[key, "clearance_date"], as_list=True, limit_page_length=0
	)


def _chunks(names: Iterable[str]) -> Iterable[list[str]]:
	names = list(dict.fromkeys(names))
	for start in range(0, len(names), CHUNK):
		yield names[start : start + CHUNK]
