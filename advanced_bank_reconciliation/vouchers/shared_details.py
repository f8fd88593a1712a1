# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What a Payment Entry takes from its invoice and books on every ledger row of it.

ERPNext's `get_payment_entry` copies cost center, project and Accounting Dimensions to the Payment Entry, whose
ledger rows all carry them; and it pays a discounted Sales Invoice on the account of its Invoice Discounting.
Invoices that differ in these cannot share a Payment Entry without one of them being booked wrongly.
"""

from collections.abc import Iterable

import frappe
from erpnext.accounts.doctype.accounting_dimension.accounting_dimension import get_accounting_dimensions

Key = tuple[str, str]

#: Account, where it is not the invoice's own, then cost center, project and dimensions.
Details = tuple[str | None, ...]


def shared_details(keys: Iterable[Key]) -> dict[Key, Details]:
	"""Return by (doctype, name) what all invoices of a Payment Entry must have in common, beside the party."""
	names: dict[str, list[str]] = {}
	for doctype, name in keys:
		names.setdefault(doctype, []).append(name)
	details: dict[Key, Details] = {}
	for doctype, wanted in names.items():
		details.update(_details_of(doctype, wanted))
	return details


def _details_of(doctype: str, names: list[str]) -> dict[Key, Details]:
	dimensions = get_accounting_dimensions()
	meta = frappe.get_meta(doctype)
	fields = ["cost_center", "project", *dimensions]
	known = [fieldname for fieldname in fields if meta.has_field(fieldname)]
	flags = ["is_discounted"] if meta.has_field("is_discounted") else []
	rows = frappe.get_all(doctype, {"name": ("in", names)}, ["name", *known, *flags], limit_page_length=0)
	projects = _projects_of_items(doctype, [row.name for row in rows if not row.project])
	details = {}
	for row in rows:
		row.project = row.project or projects.get(row.name)
		account = _discounting_account(row.name) if row.get("is_discounted") else None
		details[(doctype, row.name)] = (account, *(row.get(fieldname) or None for fieldname in fields))
	return details


def _projects_of_items(doctype: str, names: list[str]) -> dict[str, str]:
	"""Return the first project among the items, which ERPNext takes where the invoice itself has none."""
	projects: dict[str, str] = {}
	for row in frappe.get_all(
		f"{doctype} Item",
		{"parent": ("in", names), "parenttype": doctype, "project": ("is", "set")},
		["parent", "project"],
		order_by="parent, idx",
		limit_page_length=0,
	):
		projects.setdefault(row.parent, row.project)
	return projects


def _discounting_account(sales_invoice: str) -> str | None:
	from erpnext.accounts.doctype.invoice_discounting.invoice_discounting import (
		get_party_account_based_on_invoice_discounting,
	)

	return get_party_account_based_on_invoice_discounting(sales_invoice)
