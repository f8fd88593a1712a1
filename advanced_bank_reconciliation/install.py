# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the app does to a site when it is installed, migrated or tested."""

import frappe

from advanced_bank_reconciliation.custom_fields import sync_custom_fields

#: Indexes that ERPNext has none of, by DocType and name. Two columns at least: Frappe drops single-column
#: indexes that it does not know. Left in place by an uninstall. What they cost: docs/performance.md.
INDEXES: dict[str, dict[str, list[str]]] = {
	# ERPNext finds the Bank Transactions of a voucher by a full scan; we lock what we find, so that only the
	# rows of that voucher may be read.
	"Bank Transaction Payments": {
		"payment_entry_payment_document_index": ["payment_entry", "payment_document"],
	},
	# matching.nearest: the candidates of a criterion, and of an account, in the order of their dates.
	"Payment Entry": {
		"abr_received_by_date": [
			"paid_to",
			"clearance_date",
			"reference_date",
			"name",
			"posting_date",
			"party",
			"reference_no",
		],
		"abr_paid_by_date": [
			"paid_from",
			"clearance_date",
			"reference_date",
			"name",
			"posting_date",
			"party",
			"reference_no",
		],
		"abr_received_by_amount": [
			"paid_to",
			"clearance_date",
			"received_amount_after_tax",
			"reference_date",
		],
		"abr_paid_by_amount": ["paid_from", "clearance_date", "paid_amount_after_tax", "reference_date"],
		"abr_by_reference": ["reference_no", "clearance_date", "reference_date"],
		"abr_by_party": ["party", "clearance_date", "reference_date"],
	},
	"Sales Invoice": {
		"abr_open_by_date": [
			"company",
			"party_account_currency",
			"docstatus",
			"due_date",
			"name",
			"outstanding_amount",
			"posting_date",
			"customer",
			"po_no",
		],
		"abr_open_by_amount": [
			"company",
			"party_account_currency",
			"docstatus",
			"outstanding_amount",
			"due_date",
		],
		"abr_open_by_party": ["customer", "docstatus", "due_date", "name", "outstanding_amount"],
		"abr_by_reference": ["po_no", "docstatus", "due_date"],
	},
	"Purchase Invoice": {
		"abr_open_by_date": [
			"company",
			"party_account_currency",
			"docstatus",
			"due_date",
			"name",
			"outstanding_amount",
			"posting_date",
			"supplier",
			"bill_no",
		],
		"abr_open_by_amount": [
			"company",
			"party_account_currency",
			"docstatus",
			"outstanding_amount",
			"due_date",
		],
		"abr_open_by_party": ["supplier", "docstatus", "due_date", "name", "outstanding_amount"],
		"abr_paid_from_account": ["cash_bank_account", "clearance_date"],
	},
	"Sales Invoice Payment": {"abr_by_account": ["account", "clearance_date", "parent"]},
	"Journal Entry Account": {
		"abr_by_account": [
			"account",
			"docstatus",
			"parent",
			"debit_in_account_currency",
			"credit_in_account_currency",
		],
	},
	"Bank Transaction": {"abr_open": ["bank_account", "docstatus", "unallocated_amount"]},
}


def after_install() -> None:
	"""Add the custom fields and indexes."""
	sync_custom_fields()
	add_indexes()


def after_migrate() -> None:
	"""Keep custom fields and indexes in step with this version of the app and of ERPNext."""
	sync_custom_fields()
	add_indexes()


def add_indexes() -> None:
	"""Add our indexes on ERPNext's tables, where they are missing. Commits, as every change of a table."""
	for doctype, indexes in INDEXES.items():
		for name, fields in indexes.items():
			if all(frappe.db.has_column(doctype, field) for field in fields):
				frappe.db.add_index(doctype, fields, name)


def before_tests() -> None:
	"""Give a fresh site a company, the way ERPNext prepares its own tests.

	A site that has a company already is left as it is.
	"""
	if frappe.get_all("Company", limit=1):
		return
	for method in frappe.get_hooks("before_tests", app_name="erpnext"):
		frappe.get_attr(method)()
