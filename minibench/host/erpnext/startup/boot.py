# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What ERPNext adds to the desk's boot data."""

from typing import Any

import frappe


def boot_session(bootinfo: Any) -> None:
	"""Account types of the party types, and the companies' currencies as `:Company` documents."""
	party_types = frappe.get_all("Party Type", fields=["name", "account_type"])
	bootinfo.party_account_types = {row.name: row.account_type or "" for row in party_types}
	companies = frappe.get_all("Company", fields=["name", "default_currency", "cost_center"])
	bootinfo.docs += [{"doctype": ":Company", **row} for row in companies]
