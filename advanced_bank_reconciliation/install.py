# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the app does to a site when it is installed, migrated or tested."""

import frappe

from advanced_bank_reconciliation.custom_fields import sync_custom_fields

#: ERPNext finds the Bank Transactions of a voucher by a full scan; we lock what we find, so that only the
#: rows of that voucher may be read. Two columns: Frappe drops single-column indexes that it does not know.
#: Left in place by an uninstall; it costs one index entry per link.
INDEXES = {"Bank Transaction Payments": ["payment_entry", "payment_document"]}

SETTINGS = "Advance Bank Reconciliation Settings"


def after_install() -> None:
	"""Add the custom fields and indexes."""
	sync_custom_fields()
	add_indexes()


def after_migrate() -> None:
	"""Keep custom fields and indexes in step with this version of the app and of ERPNext."""
	sync_custom_fields()
	add_indexes()
	add_new_settings()


def add_new_settings() -> None:
	"""Give settings that are new in this version their defaults, on a site that has saved its settings before.

	Frappe applies the defaults of a Single only while nothing of it has been saved.
	"""
	saved = frappe.db.get_singles_dict(SETTINGS)
	for field in frappe.get_meta(SETTINGS).fields if saved else ():
		if field.default and field.fieldname not in saved:
			frappe.db.set_single_value(SETTINGS, field.fieldname, field.default)


def add_indexes() -> None:
	"""Add our indexes on ERPNext's tables, where they are missing. Commits, as every change of a table."""
	for doctype, fields in INDEXES.items():
		frappe.db.add_index(doctype, fields)


def before_tests() -> None:
	"""Give a fresh site a company, the way ERPNext prepares its own tests.

	A site that has a company already is left as it is.
	"""
	if frappe.get_all("Company", limit=1):
		return
	for method in frappe.get_hooks("before_tests", app_name="erpnext"):
		frappe.get_attr(method)()
