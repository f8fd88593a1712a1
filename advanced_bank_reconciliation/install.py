# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the app does to a site when it is installed, migrated or tested."""

import frappe

from advanced_bank_reconciliation.custom_fields import sync_custom_fields


def after_install() -> None:
	"""Add the custom fields."""
	sync_custom_fields()


def after_migrate() -> None:
	"""Keep the custom fields in step with this version of the app and of ERPNext."""
	sync_custom_fields()


def before_tests() -> None:
	"""Give a fresh site a company, the way ERPNext prepares its own tests.

	A site that has a company already is left as it is.
	"""
	if frappe.get_all("Company", limit=1):
		return
	for method in frappe.get_hooks("before_tests", app_name="erpnext"):
		frappe.get_attr(method)()
