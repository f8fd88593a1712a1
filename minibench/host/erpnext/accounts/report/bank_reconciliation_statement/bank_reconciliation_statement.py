# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What is booked on a bank account but not cleared at a date, and the other way round."""

import frappe
from frappe.query_builder.functions import Sum
from frappe.utils import flt, getdate


def get_entries(filters) -> list[dict]:
	"""Entries of all apps that are posted by `report_date` and not cleared by then, by posting date.

	filters: account (GL account), report_date, company, include_pos_transactions.
	"""
	entries = []
	for method in frappe.get_hooks("get_entries_for_bank_reconciliation_statement"):
		entries += frappe.get_attr(method)(filters) or []
	return sorted(entries, key=lambda entry: getdate(entry["posting_date"]))


def get_entries_for_bank_reconciliation_statement(filters) -> list[dict]:
	"""ERPNext's own: journal rows, payments and, on demand, POS payments."""
	entries = [*_journal_entries(filters), *_payment_entries(filters)]
	if filters.include_pos_transactions:
		entries += _pos_payments(filters)
	return entries


def get_amounts_not_reflected_in_system(filters) -> float:
	"""Sum over all apps of what is cleared by `report_date` but posted later."""
	return sum(
		frappe.get_attr(method)(filters) or 0.0
		for method in frappe.get_hooks(
			"get_amounts_not_reflected_in_system_for_bank_reconciliation_statement"
		)
	)


def get_amounts_not_reflected_in_system_for_bank_reconciliation_statement(filters) -> float:
	"""ERPNext's own: journal rows net, payments always positive (as in ERPNext)."""
	day = getdate(filters.report_date)
	journal, row = frappe.qb.DocType("Journal Entry"), frappe.qb.DocType("Journal Entry Account")
	journals = (
		frappe.qb.from_(row)
		.join(journal)
		.on(row.parent == journal.name)
		.select(Sum(row.debit_in_account_currency - row.credit_in_account_currency))
		.where((journal.docstatus == 1) & (row.account == filters.account))
		.where((journal.posting_date > day) & (journal.clearance_date <= day))
		.where(journal.is_opening != "Yes")
		.run()
	)
	payments = frappe.get_all(
		"Payment Entry",
		filters=[
			["docstatus", "=", 1],
			["posting_date", ">", day],
			["clearance_date", "<=", day],
			["clearance_date", "is", "set"],
		],
		or_filters={"paid_from": filters.account, "paid_to": filters.account},
		fields=["paid_from", "paid_amount", "received_amount"],
	)
	return flt(journals[0][0]) + sum(
		payment.paid_amount if payment.paid_from == filters.account else payment.received_amount
		for payment in payments
	)


def _uncleared(clearance_date, day):
	return clearance_date.isnull() | (clearance_date > day)


def _journal_entries(filters) -> list[dict]:
	day = getdate(filters.report_date)
	journal, row = frappe.qb.DocType("Journal Entry"), frappe.qb.DocType("Journal Entry Account")
	rows = (
		frappe.qb.from_(row)
		.join(journal)
		.on(row.parent == journal.name)
		.select(
			journal.name.as_("payment_entry"),
			journal.posting_date,
			row.debit_in_account_currency.as_("debit"),
			row.credit_in_account_currency.as_("credit"),
			row.against_account,
			journal.cheque_no.as_("reference_no"),
			journal.cheque_date.as_("ref_date"),
			journal.clearance_date,
			row.account_currency,
		)
		.where((journal.docstatus == 1) & (row.account == filters.account))
		.where((journal.posting_date <= day) & _uncleared(journal.clearance_date, day))
		.where((journal.is_opening != "Yes") & (journal.company == filters.company))
		.run(as_dict=True)
	)
	return [frappe._dict(entry, payment_document="Journal Entry") for entry in rows]


def _payment_entries(filters) -> list[dict]:
	day = getdate(filters.report_date)
	payments = frappe.get_all(
		"Payment Entry",
		filters=[
			["docstatus", "=", 1],
			["posting_date", "<=", day],
			["company", "=", filters.company],
		],
		or_filters={"paid_from": filters.account, "paid_to": filters.account},
		fields=[
			"name",
			"posting_date",
			"reference_no",
			"reference_date",
			"paid_from",
			"paid_to",
			"paid_from_account_currency",
			"paid_to_account_currency",
			"paid_amount_after_tax",
			"received_amount_after_tax",
			"party",
			"clearance_date",
		],
	)
	entries = []
	for payment in payments:
		if payment.clearance_date and payment.clearance_date <= day:
			continue
		into, out = payment.paid_to == filters.account, payment.paid_from == filters.account
		entries.append(
			frappe._dict(
				payment_document="Payment Entry",
				payment_entry=payment.name,
				posting_date=payment.posting_date,
				reference_no=payment.reference_no,
				ref_date=payment.reference_date,
				debit=payment.received_amount_after_tax if into else 0,
				credit=payment.paid_amount_after_tax if out else 0,
				against_account=payment.party or (payment.paid_to if out else payment.paid_from),
				clearance_date=payment.clearance_date,
				account_currency=payment.paid_to_account_currency
				if into
				else payment.paid_from_account_currency,
			)
		)
	return entries


def _pos_payments(filters) -> list[dict]:
	day = getdate(filters.report_date)
	invoice, row = frappe.qb.DocType("Sales Invoice"), frappe.qb.DocType("Sales Invoice Payment")
	rows = (
		frappe.qb.from_(row)
		.join(invoice)
		.on(row.parent == invoice.name)
		.select(
			row.name.as_("payment_entry"),
			row.amount.as_("debit"),
			invoice.posting_date,
			invoice.debit_to.as_("against_account"),
			row.clearance_date,
		)
		.where((invoice.docstatus == 1) & (row.account == filters.account))
		.where((invoice.posting_date <= day) & _uncleared(row.clearance_date, day))
		.where(invoice.company == filters.company)
		.run(as_dict=True)
	)
	currency = frappe.get_cached_value("Account", filters.account, "account_currency")
	return [
		frappe._dict(entry, payment_document="Sales Invoice Payment", credit=0, account_currency=currency)
		for entry in rows
	]
