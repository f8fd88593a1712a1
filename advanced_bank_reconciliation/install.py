# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the app does to a site when it is installed, migrated or tested."""

import frappe

from advanced_bank_reconciliation.custom_fields import sync_custom_fields


def _payment_indexes(account: str, amount: str) -> tuple[list[str], list[str]]:
	"""The payments of an account that are not cleared, by date and by amount.

	The first has what filters and searches compare, so that the rows need not be read for it.
	"""
	by_date = [account, "clearance_date", "reference_date", "name", "posting_date", "party", "reference_no"]
	return by_date, [account, "clearance_date", amount, "reference_date"]


def _invoice_indexes(party: str, reference: str) -> dict[str, list[str]]:
	"""The open invoices of a company and currency by date and by amount, and those of a party by date."""
	owed = ["company", "party_account_currency", "docstatus"]
	found_by = ["posting_date", party, reference]
	return {
		"abr_open_by_date": [*owed, "due_date", "name", "outstanding_amount", *found_by],
		"abr_open_by_amount": [*owed, "outstanding_amount", "due_date"],
		"abr_open_by_party": [party, "docstatus", "due_date", "name", "outstanding_amount"],
	}


_RECEIVED = _payment_indexes("paid_to", "received_amount_after_tax")
_PAID = _payment_indexes("paid_from", "paid_amount_after_tax")

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
		"abr_received_by_date": _RECEIVED[0],
		"abr_received_by_amount": _RECEIVED[1],
		"abr_paid_by_date": _PAID[0],
		"abr_paid_by_amount": _PAID[1],
		"abr_by_reference": ["reference_no", "clearance_date", "reference_date"],
		"abr_by_party": ["party", "clearance_date", "reference_date"],
	},
	"Sales Invoice": {
		**_invoice_indexes("customer", "po_no"),
		"abr_by_reference": ["po_no", "docstatus", "due_date"],
	},
	"Purchase Invoice": {
		**_invoice_indexes("supplier", "bill_no"),
		"abr_paid_from_account": ["cash_bank_account", "clearance_date"],
	},
	# The kinds of which fewer are open: what touches the account at all.
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
	"Bank Transaction": {
		"abr_open": ["bank_account", "docstatus", "unallocated_amount"],
		# statement_import.stored: what is in the books in the period of a statement.
		"abr_by_date": ["bank_account", "date"],
	},
}

SETTINGS = "Advance Bank Reconciliation Settings"


def after_install() -> None:
	"""Add the custom fields and indexes."""
	sync_custom_fields()
	add_indexes()


def after_migrate() -> None:
	"""Keep custom fields and indexes in step with this version of the app and of ERPNext."""
	sync_custom_fields()
	add_indexes()
	add_new_settings()


def add_new_settings() -> None:
	"""Give settings that are new in this version their defaults, on a site that has saved its settings before.

	Frappe applies the defaults of a Single only while nothing of it has been saved.
	"""
	saved = frappe.db.get_singles_dict(SETTINGS)
	for field in frappe.get_meta(SETTINGS).fields if saved else ():
		if field.default and field.fieldname not in saved:
			frappe.db.set_single_value(SETTINGS, field.fieldname, field.default)


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
