# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Errors by the names and bases that ERPNext uses."""

import frappe


class PartyFrozen(frappe.ValidationError):
	"""The party is frozen and the user may not post to it."""


class PartyDisabled(frappe.ValidationError):
	"""The party is disabled."""


class InvalidAccountCurrency(frappe.ValidationError):
	"""The entry's currency is not the account's."""


class InvalidCurrency(frappe.ValidationError):
	"""The document's currency does not fit its party."""
