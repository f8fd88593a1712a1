# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What a Payment Entry shows of its accounts, its party and the vouchers it refers to."""

import erpnext
import frappe
from erpnext.accounts.doctype.bank_account.bank_account import (
	get_default_company_bank_account,
	get_party_bank_account,
)
from erpnext.accounts.party import get_party_account
from erpnext.accounts.payment_ledger import INVOICE_DOCTYPES
from erpnext.accounts.utils import get_account_currency, get_balance_on
from erpnext.setup.utils import get_exchange_rate
from frappe import _, scrub
from frappe.query_builder.functions import Sum
from frappe.utils import flt


@frappe.whitelist()
def get_account_details(account, date, cost_center=None):
	"""account_currency, account_balance and account_type of an account the user may use in payments."""
	frappe.has_permission("Payment Entry", throw=True)
	if not frappe.get_list("Account", {"name": account}, reference_doctype="Payment Entry", limit=1):
		frappe.throw(_("Account {0} is not permitted under Payment Entry").format(account))
	return frappe._dict(
		account_currency=get_account_currency(account),
		account_balance=get_balance_on(
			account, date, cost_center=cost_center, ignore_account_permission=True
		),
		account_type=frappe.get_cached_value("Account", account, "account_type"),
	)


@frappe.whitelist()
def get_party_details(company, party_type, party, date, cost_center=None):
	"""Account, name, currency, balances and bank accounts of a party in the company."""
	if not frappe.db.exists(party_type, party):
		frappe.throw(_("{0} {1} does not exist").format(_(party_type), party))
	account = get_party_account(party_type, party, company)
	return {
		"party_account": account,
		"party_name": frappe.get_cached_value(party_type, party, f"{scrub(party_type)}_name"),
		"party_account_currency": get_account_currency(account),
		"party_balance": get_balance_on(
			party_type=party_type, party=party, company=company, cost_center=cost_center
		),
		"account_balance": get_balance_on(account, date, cost_center=cost_center),
		"party_bank_account": get_party_bank_account(party_type, party),
		"bank_account": get_default_company_bank_account(company, party_type, party),
	}


@frappe.whitelist()
def get_reference_details(
	reference_doctype, reference_name, party_account_currency, party_type=None, party=None
):
	"""due_date, total_amount, outstanding_amount, exchange_rate, bill_no and account of a voucher.

	Amounts are in the party account's currency. Raises NotImplementedError for other vouchers than Sales and
	Purchase Invoice, Journal Entry and Payment Entry.
	"""
	if reference_doctype in INVOICE_DOCTYPES:
		return _invoice_details(reference_doctype, reference_name, party_account_currency)
	details = frappe._dict(
		due_date=None,
		total_amount=0.0,
		outstanding_amount=0.0,
		exchange_rate=1.0,
		bill_no=None,
		account_type=None,
		payment_type=None,
	)
	if reference_doctype == "Journal Entry":
		details.update(_journal_details(reference_name, party_account_currency, party_type, party))
	elif reference_doctype == "Payment Entry":
		details.payment_type, other_party = frappe.db.get_value(
			"Payment Entry", reference_name, ["payment_type", "party_type"]
		)
		details.account_type = frappe.get_cached_value("Party Type", other_party, "account_type")
	else:
		raise NotImplementedError(f"get_reference_details of {reference_doctype} is not in minibench")
	return details


def _invoice_details(doctype: str, name: str, party_account_currency: str) -> dict:
	account_field = "debit_to" if doctype == "Sales Invoice" else "credit_to"
	fields = ["company", "due_date", "outstanding_amount", "conversion_rate", f"{account_field} as account"]
	fields += ["base_rounded_total", "rounded_total", "base_grand_total", "grand_total"]
	if doctype == "Purchase Invoice":
		fields.append("bill_no")
	found = frappe.get_all(doctype, filters={"name": name}, fields=fields)
	if not found:
		raise frappe.DoesNotExistError(_("{0} {1} not found").format(_(doctype), name))
	invoice = found[0]
	total = invoice.rounded_total or invoice.grand_total
	rate = invoice.conversion_rate
	if party_account_currency == erpnext.get_company_currency(invoice.company):
		total = invoice.base_rounded_total or invoice.rounded_total or invoice.base_grand_total
		rate = 1
	return frappe._dict(
		due_date=invoice.due_date,
		total_amount=flt(total),
		outstanding_amount=flt(invoice.outstanding_amount),
		exchange_rate=flt(rate),
		bill_no=invoice.get("bill_no"),
		account_type=None,
		payment_type=None,
		account=invoice.account,
	)


def _journal_details(name: str, party_account_currency: str, party_type, party) -> dict:
	journal = frappe.db.get_value(
		"Journal Entry",
		name,
		["docstatus", "multi_currency", "posting_date", "company", "due_date", "bill_no"],
		as_dict=True,
	)
	details = {"due_date": journal.due_date, "bill_no": journal.bill_no}
	if journal.multi_currency or journal.docstatus != 1:
		details["exchange_rate"] = flt(
			get_exchange_rate(
				party_account_currency, erpnext.get_company_currency(journal.company), journal.posting_date
			)
		)
	else:
		details["outstanding_amount"] = _ledger_sum("against_voucher_no", name, party_type, party)
		details["total_amount"] = _ledger_sum("voucher_no", name, party_type, party)
	return details


def _ledger_sum(field: str, name: str, party_type, party) -> float:
	ple = frappe.qb.DocType("Payment Ledger Entry")
	query = frappe.qb.from_(ple).select(Sum(ple.amount_in_account_currency))
	query = query.where((ple[field] == name) & (ple.party_type == party_type) & (ple.party == party))
	return flt(query.where(ple.delinked == 0).run()[0][0])
