# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Takes back what install.py added; Frappe itself removes the app's doctypes."""

from advanced_bank_reconciliation.custom_fields import remove_custom_fields


def before_uninstall() -> None:
	"""Remove the custom fields that this app added."""
	remove_custom_fields()
