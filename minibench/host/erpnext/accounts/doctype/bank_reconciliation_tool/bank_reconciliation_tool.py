# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import json

import frappe
from erpnext.accounts.report.bank_reconciliation_statement.bank_reconciliation_statement import (
	get_amounts_not_reflected_in_system,
	get_entries,
)
from erpnext.accounts.utils import get_balance_on
from frappe.model.document import Document
from frappe.utils import flt

_FIELDS = [
	"date",
	"deposit",
	"withdrawal",
	"currency",
	"description",
	"name",
	"bank_account",
	"company",
	"unallocated_amount",
	"reference_number",
	"party_type",
	"party",
]


class BankReconciliationTool(Document):
	"""ERPNext's own form for bank reconciliation."""


@frappe.whitelist()
def get_bank_transactions(bank_account, from_date=None, to_date=None):
	"""Submitted lines of the bank account with something left to allocate, by date."""
	filters = [
		["bank_account", "=", bank_account],
		["docstatus", "=", 1],
		["unallocated_amount", ">", 0.0],
	]
	if to_date:
		filters.append(["date", "<=", to_date])
	if from_date:
		filters.append(["date", ">=", from_date])
	return frappe.get_all("Bank Transaction", fields=_FIELDS, filters=filters, order_by="date")


@frappe.whitelist()
def get_account_balance(bank_account, till_date, company):
	"""Balance that the bank statement should show at the end of `till_date`, in account currency.

	The ledger's balance, less what is booked but not cleared by then, plus what was cleared before its posting.
	"""
	filters = frappe._dict(
		account=frappe.db.get_value("Bank Account", bank_account, "account"),
		report_date=till_date,
		include_pos_transactions=1,
		company=company,
	)
	entries = get_entries(filters)
	uncleared = sum(flt(entry.debit) - flt(entry.credit) for entry in entries)
	return (
		flt(get_balance_on(filters.account, till_date))
		- uncleared
		+ get_amounts_not_reflected_in_system(filters)
	)


@frappe.whitelist()
def update_bank_transaction(bank_transaction_name, reference_number, party_type=None, party=None):
	"""Set reference number and party of a line; returns its main values."""
	transaction = frappe.get_doc("Bank Transaction", bank_transaction_name)
	transaction.update({"reference_number": reference_number, "party_type": party_type, "party": party})
	transaction.save()
	return frappe.get_all("Bank Transaction", filters={"name": bank_transaction_name}, fields=_FIELDS)[0]


@frappe.whitelist()
def reconcile_vouchers(bank_transaction_name, vouchers):
	"""Link vouchers (JSON text: list of payment_doctype, payment_name, amount) to a line; returns the line.

	The amounts are not looked at: core allocates by the ledger.
	"""
	transaction = frappe.get_doc("Bank Transaction", bank_transaction_name)
	transaction.add_payment_entries(json.loads(vouchers))
	transaction.validate_duplicate_references()
	transaction.allocate_payment_entries()
	transaction.update_allocated_amount()
	transaction.set_status()
	transaction.save()
	return transaction
