# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The part of ERPNext 15 that minibench offers: parties, invoices, payments and their ledgers."""

import frappe

__version__ = "15.71.1"


def get_default_company(user: str | None = None) -> str | None:
	"""Company of the user's defaults, else of Global Defaults."""
	company = frappe.defaults.get_user_default("company", user or frappe.session.user)
	return company or frappe.db.get_single_value("Global Defaults", "default_company")


def get_default_currency() -> str | None:
	"""Currency of the default company."""
	company = get_default_company()
	return get_company_currency(company) if company else None


def get_default_cost_center(company: str | None) -> str | None:
	"""Cost Center set in the Company."""
	return frappe.get_cached_value("Company", company, "cost_center") if company else None


def get_company_currency(company: str) -> str | None:
	"""Currency in which the Company keeps its books."""
	return frappe.get_cached_value("Company", company, "default_currency")


def is_perpetual_inventory_enabled(company: str) -> bool:
	"""True when the Company books stock movements as they happen."""
	return bool(frappe.get_cached_value("Company", company, "enable_perpetual_inventory"))


def get_party_account_type(party_type: str) -> str:
	"""Receivable or Payable, as the Party Type says; empty when it is unknown."""
	return frappe.get_cached_value("Party Type", party_type, "account_type") or ""
