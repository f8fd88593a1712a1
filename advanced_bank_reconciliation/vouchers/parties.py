# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Which parties may be named on a Bank Transaction or on a voucher made from it."""

import frappe
from frappe import _

from advanced_bank_reconciliation.exceptions import SelectionRefused, refuse

#: Where each invoice type keeps its party and its party account.
INVOICE_PARTY = {
	"Sales Invoice": ("Customer", "customer", "debit_to"),
	"Purchase Invoice": ("Supplier", "supplier", "credit_to"),
}

#: The setting that names a party's company field, by party type (PITFALLS P35).
COMPANY_FIELD_SETTINGS = {
	"Customer": "customer_company_field",
	"Supplier": "supplier_company_field",
	"Employee": "employee_company_field",
}


def party_company_fields() -> dict[str, str]:
	"""Return the company field by party type, for the party types that the settings filter by company (P35)."""
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	if not settings.filter_parties_by_company:
		return {}
	fields = {party_type: settings.get(setting) for party_type, setting in COMPANY_FIELD_SETTINGS.items()}
	return {party_type: fieldname for party_type, fieldname in fields.items() if fieldname}


def check_party(party_type: str | None, party: str | None, company: str) -> None:
	"""Raise SelectionRefused unless this is a party that exists, that the user may read, and of the company.

	The company counts only where the settings ask for it; a party without a company is anybody's (P35).
	"""
	if not party_type or not party:
		refuse(SelectionRefused, [_("Choose both the party type and the party.")])
	if not frappe.db.exists("Party Type", party_type):
		refuse(SelectionRefused, [_("{0} is not a party type.").format(party_type)])
	if not frappe.db.exists(party_type, party) or not frappe.has_permission(party_type, "read", doc=party):
		refuse(
			SelectionRefused, [_("{0} {1}: not found, or you may not read it.").format(_(party_type), party)]
		)
	fieldname = party_company_fields().get(party_type)
	if not fieldname:
		return
	if not frappe.get_meta(party_type).has_field(fieldname):
		refuse(
			SelectionRefused,
			[
				_("{0} has no field {1}; correct the Advance Bank Reconciliation Settings.").format(
					_(party_type), fieldname
				)
			],
		)
	owner = frappe.db.get_value(party_type, party, fieldname)
	if owner and owner != company:
		refuse(SelectionRefused, [_("{0} {1}: belongs to company {2}.").format(_(party_type), party, owner)])
