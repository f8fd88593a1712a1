# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The fields that the app adds to ERPNext's own doctypes.

Each carries the app's module, which is how `remove_custom_fields` tells them from fields of the same name
that were there before: those are used as they are, and stay.
"""

from collections.abc import Iterator

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

MODULE = "Advanced Bank Reconciliation"

CUSTOM_FIELDS: dict[str, list[dict]] = {
	"Bank": [
		{
			"fieldname": "bank_statement_date_format",
			"fieldtype": "Data",
			"label": "Bank Statement Date Format",
			"insert_after": "data_import_configuration_section",
		},
		{
			"fieldname": "abr_statement_mappings",
			"fieldtype": "Long Text",
			"label": "Statement Column Mappings",
			"insert_after": "bank_statement_date_format",
			"hidden": 1,
			"read_only": 1,
			"no_copy": 1,
			"print_hide": 1,
			"report_hide": 1,
		},
	],
	"Bank Account": [
		{
			"fieldname": "is_credit_card",
			"fieldtype": "Check",
			"label": "Is Credit Card",
			"insert_after": "is_company_account",
		},
	],
	"Bank Transaction": [
		{
			"fieldname": "custom_particulars",
			"fieldtype": "Data",
			"label": "Particulars",
			"insert_after": "reference_number",
			"allow_on_submit": 1,
		},
		{
			"fieldname": "custom_code",
			"fieldtype": "Data",
			"label": "Code",
			"insert_after": "custom_particulars",
			"allow_on_submit": 1,
		},
	],
	"Bank Transaction Payments": [
		{
			"fieldname": "abr_reconciliation_type",
			"fieldtype": "Select",
			"label": "Reconciliation Type",
			"options": "\nMatched\nVoucher Created",
			"insert_after": "clearance_date",
			"allow_on_submit": 1,
			"no_copy": 1,
			"read_only": 1,
		},
	],
}

#: ERPNext's own field for the same thing, where its version has one (VERSIONS.md, PITFALLS P87).
CORE_FIELD_INSTEAD = {
	("Bank Account", "is_credit_card"): "is_credit_card",
	("Bank Transaction Payments", "abr_reconciliation_type"): "reconciliation_type",
}


def sync_custom_fields() -> None:
	"""Create or update the app's custom fields, and drop those that ERPNext has meanwhile itself."""
	wanted: dict[str, list[dict]] = {}
	for doctype, field in _each_field():
		if _core_has_it(doctype, field["fieldname"]):
			_remove(doctype, field["fieldname"])
		elif not _belongs_to_someone_else(doctype, field["fieldname"]):
			wanted.setdefault(doctype, []).append({**field, "module": MODULE})
	create_custom_fields(wanted)


def remove_custom_fields() -> None:
	"""Remove the custom fields that `sync_custom_fields` created, and no others.

	Frappe keeps the columns in the database, so the values are back when the app is installed again.
	"""
	for doctype, field in _each_field():
		_remove(doctype, field["fieldname"])


def _each_field() -> Iterator[tuple[str, dict]]:
	for doctype, fields in CUSTOM_FIELDS.items():
		for field in fields:
			yield doctype, field


def _core_has_it(doctype: str, fieldname: str) -> bool:
	core_field = CORE_FIELD_INSTEAD.get((doctype, fieldname), fieldname)
	return any(
		df.fieldname == core_field and not df.get("is_custom_field") for df in frappe.get_meta(doctype).fields
	)


def _belongs_to_someone_else(doctype: str, fieldname: str) -> bool:
	modules = frappe.get_all("Custom Field", {"dt": doctype, "fieldname": fieldname}, pluck="module")
	return any(module != MODULE for module in modules)


def _remove(doctype: str, fieldname: str) -> None:
	ours = {"dt": doctype, "fieldname": fieldname, "module": MODULE}
	if name := frappe.db.exists("Custom Field", ours):
		frappe.delete_doc("Custom Field", name, force=True)
