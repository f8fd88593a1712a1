# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Takes back what the app added to a site, apart from its doctypes, which Frappe removes itself."""

import frappe

from advanced_bank_reconciliation.custom_fields import remove_custom_fields

SINGLES = (
	"Advance Bank Reconciliation Settings",
	"Advance Bank Reconciliation Tool",
	"Bank Statement Importer",
)


def before_uninstall() -> None:
	"""Remove the app's custom fields, its scheduled jobs and the values of its Single doctypes."""
	remove_custom_fields()
	frappe.db.delete("Scheduled Job Type", {"method": ["like", "advanced_bank_reconciliation.%"]})
	frappe.db.delete("Singles", {"doctype": ["in", SINGLES]})
