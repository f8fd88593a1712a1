# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Values that an invoice row takes from its Item and Company."""

import erpnext
import frappe
from frappe.utils import flt


def set_item_defaults(invoice) -> None:
	"""Names, units, account and cost center of the rows that do not give them themselves."""
	default_account = frappe.get_cached_value("Company", invoice.company, invoice.item_account_default)
	field = invoice.item_account_field
	for row in invoice.items:
		if row.item_code:
			_set_from_item(row)
			if not row.get(field):
				row.set(field, default_account)
			if invoice.doctype == "Purchase Invoice":
				_set_stock_account(invoice, row)
		else:
			row.uom = row.stock_uom = row.uom or row.stock_uom
		if not row.cost_center:
			row.cost_center = _project_cost_center(invoice, row) or erpnext.get_default_cost_center(
				invoice.company
			)
		row.conversion_factor = flt(row.conversion_factor) or 1.0


def _set_from_item(row) -> None:
	item = frappe.get_cached_doc("Item", row.item_code)
	row.item_name = row.item_name or item.item_name
	row.description = row.description or item.description
	row.item_group, row.stock_uom = item.item_group, item.stock_uom
	row.uom = row.uom or item.stock_uom


def _set_stock_account(invoice, row) -> None:
	"""With perpetual inventory a stock item bought before its receipt waits in an account of its own."""
	if invoice.is_opening == "Yes" or not erpnext.is_perpetual_inventory_enabled(invoice.company):
		return
	if frappe.get_cached_value("Item", row.item_code, "is_stock_item"):
		row.expense_account = frappe.get_cached_value(
			"Company", invoice.company, "stock_received_but_not_billed"
		)


def _project_cost_center(invoice, row) -> str | None:
	project = row.project or invoice.project
	return frappe.get_cached_value("Project", project, "cost_center") if project else None
