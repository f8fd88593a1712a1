# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the form needs to know of the settings and of the site's accounting dimensions."""

from typing import Any

import frappe

from advanced_bank_reconciliation.vouchers.parties import party_company_fields

CHOICES = ("default_reconciliation_action", "default_document_type", "default_journal_entry_type")
SWITCHES = (
	"compact_matching_vouchers_table",
	"bulk_threshold",
	"reconcile_unpaid_invoices_in_background",
	"validate_selection_against_unallocated_amount",
	"sort_unpaid_invoices_by_posting_date",
	"filter_parties_by_company",
)
AUTO_RECONCILE = ("auto_minimum_score", "auto_margin", "auto_amount_ceiling")
ALLOCATION = ("allocation_order", "largest_difference")
FORM_SETTINGS = (*CHOICES, *SWITCHES, *AUTO_RECONCILE, *ALLOCATION, "on_invoice_failure")

#: The forms have fields of their own for these two.
OWN_FIELDS = ("cost_center", "project")


def get_form_settings() -> dict[str, Any]:
	"""Return the settings that the form follows, and `party_company_fields`."""
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	values = {fieldname: settings.get(fieldname) for fieldname in FORM_SETTINGS}
	return {**values, "party_company_fields": party_company_fields()}


def get_dimension_fields() -> list[dict[str, Any]]:
	"""Return a Link field for each enabled Accounting Dimension: {fieldname, fieldtype, label, options,
	has_company_field}; the last says whether its documents can be filtered by company."""
	dimensions = frappe.get_all(
		"Accounting Dimension",
		filters={"disabled": 0},
		fields=["fieldname", "label", "document_type"],
		order_by="label",
	)
	return [
		{
			"fieldname": dimension.fieldname,
			"fieldtype": "Link",
			"label": dimension.label,
			"options": dimension.document_type,
			"has_company_field": frappe.get_meta(dimension.document_type).has_field("company"),
		}
		for dimension in dimensions
		if dimension.fieldname not in OWN_FIELDS
	]
