# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Making the Payment Entry that settles an invoice."""

import frappe
from erpnext.accounts.doctype.bank_account.bank_account import get_party_bank_account
from erpnext.accounts.doctype.journal_entry.journal_entry import get_default_bank_cash_account
from erpnext.accounts.doctype.payment_entry.discount import (
	add_discount_deductions,
	apply_early_payment_discount,
)
from erpnext.accounts.payment_ledger import INVOICE_DOCTYPES
from erpnext.accounts.utils import get_account_currency
from erpnext.setup.utils import get_exchange_rate
from frappe import _, scrub
from frappe.utils import flt, getdate, nowdate


@frappe.whitelist()
def get_payment_entry(
	dt,
	dn,
	party_amount=None,
	bank_account=None,
	bank_amount=None,
	party_type=None,
	payment_type=None,
	reference_date=None,
	ignore_permissions=False,
	created_from_payment_request=False,
):
	"""Unsaved Payment Entry for what is outstanding of an invoice, one reference row or one a payment term.

	dt is Sales Invoice or Purchase Invoice. party_amount: amount to settle, in the party account's currency,
	instead of all. bank_account: the company's GL account for the money. bank_amount: amount in that account's
	currency when it differs from the party account's.
	"""
	if dt not in INVOICE_DOCTYPES:
		raise NotImplementedError(f"get_payment_entry of {dt} is not in minibench")
	invoice = frappe.get_doc(dt, dn)
	party_type = party_type or invoice.party_type
	party_account = invoice.party_account
	party_currency = invoice.party_account_currency or get_account_currency(party_account)
	payment_type = payment_type or _payment_type(invoice)
	total, outstanding = _total_and_outstanding(invoice, party_currency, party_amount)
	bank = _bank_or_cash_account(invoice, bank_account)
	amounts = _paid_and_received(invoice, party_currency, bank, outstanding, payment_type, bank_amount)
	reference_date = getdate(reference_date)
	*amounts, discount, discounts = apply_early_payment_discount(
		*amounts, invoice, party_currency, reference_date
	)

	payment = frappe.new_doc("Payment Entry")
	payment.update(
		{
			"payment_type": payment_type,
			"company": invoice.company,
			"cost_center": invoice.cost_center,
			"posting_date": nowdate(),
			"reference_date": reference_date,
			"mode_of_payment": invoice.get("mode_of_payment"),
			"party_type": party_type,
			"party": invoice.get(scrub(party_type)),
			"paid_amount": amounts[0],
			"received_amount": amounts[1],
			"project": _project(invoice),
		}
	)
	payment.ensure_supplier_is_not_blocked()
	_set_accounts(payment, party_account, party_currency, bank)
	_set_bank_accounts(payment)
	_add_references(payment, invoice, total, outstanding, party_currency)
	payment.setup_party_account_field()
	payment.set_missing_values()
	payment.set_missing_ref_details()
	if party_account and bank:
		if discount:
			add_discount_deductions(payment, invoice, discount, discounts, party_currency)
		payment.set_exchange_rate(ref_doc=invoice)
		payment.set_amounts()
	return payment


def _payment_type(invoice) -> str:
	sales = invoice.doctype == "Sales Invoice"
	if (sales and invoice.outstanding_amount > 0) or (not sales and invoice.outstanding_amount < 0):
		return "Receive"
	return "Pay"


def _total_and_outstanding(invoice, party_currency: str, party_amount) -> tuple[float, float]:
	if party_amount:
		return party_amount, party_amount
	if party_currency == invoice.company_currency:
		total = invoice.base_rounded_total or invoice.base_grand_total
	else:
		total = invoice.rounded_total or invoice.grand_total
	return total, invoice.outstanding_amount


def _bank_or_cash_account(invoice, bank_account: str | None) -> dict:
	"""The account asked for, else the company's default; last the account of the party's own bank account."""
	for account_type in ("Bank", "Cash"):
		bank = get_default_bank_cash_account(
			invoice.company,
			account_type,
			mode_of_payment=invoice.get("mode_of_payment"),
			account=bank_account,
		)
		if bank:
			return bank
	party_bank_account = get_party_bank_account(invoice.party_type, invoice.party)
	account = party_bank_account and frappe.db.get_value("Bank Account", party_bank_account, "account")
	return get_default_bank_cash_account(invoice.company, account=account) if account else bank


def _paid_and_received(
	invoice, party_currency: str, bank, outstanding: float, payment_type: str, bank_amount
) -> tuple[float, float]:
	"""Paid and received amount: equal in one currency, else the bank's side is converted."""
	party_side = abs(flt(outstanding))
	if party_currency == bank.account_currency:
		return party_side, party_side
	if bank_amount:
		bank_side = bank_amount
	elif bank and invoice.company_currency != bank.account_currency:
		bank_side = party_side / get_exchange_rate(
			bank.account_currency, party_currency, invoice.posting_date
		)
	else:
		bank_side = party_side * (invoice.conversion_rate or 1)
	return (bank_side, party_side) if payment_type == "Pay" else (party_side, bank_side)


def _project(invoice) -> str | None:
	return invoice.project or next((item.project for item in invoice.items if item.project), None)


def _set_accounts(payment, party_account: str, party_currency: str, bank) -> None:
	party_side, bank_side = (
		("paid_from", "paid_to") if payment.payment_type == "Receive" else ("paid_to", "paid_from")
	)
	payment.set(party_side, party_account)
	payment.set(f"{party_side}_account_currency", party_currency)
	payment.set(bank_side, bank.account)
	payment.set(f"{bank_side}_account_currency", bank.account_currency)
	for side in (party_side, bank_side):
		if payment.get(side):
			payment.set(
				f"{side}_account_type", frappe.get_cached_value("Account", payment.get(side), "account_type")
			)


def _set_bank_accounts(payment) -> None:
	payment.bank_account = frappe.db.get_value(
		"Bank Account", {"is_company_account": 1, "is_default": 1, "company": payment.company}
	)
	payment.party_bank_account = get_party_bank_account(payment.party_type, payment.party)
	payment.set_bank_account_data()


def _add_references(payment, invoice, total: float, outstanding: float, party_currency: str) -> None:
	"""No row for a Purchase Invoice on hold."""
	if invoice.doctype == "Purchase Invoice" and invoice.invoice_is_blocked():
		frappe.msgprint(_("{0} is on hold till {1}").format(invoice.name, invoice.release_date))
		return
	row = {
		"reference_doctype": invoice.doctype,
		"reference_name": invoice.name,
		"bill_no": invoice.get("bill_no"),
		"due_date": invoice.due_date,
		"total_amount": total,
		"outstanding_amount": outstanding,
	}
	if invoice.payment_terms_template and frappe.get_cached_value(
		"Payment Terms Template",
		invoice.payment_terms_template,
		"allocate_payment_based_on_payment_terms",
	):
		for payment_term, amount in _outstanding_by_term(invoice, party_currency):
			payment.append(
				"references",
				{
					**row,
					"payment_term": payment_term,
					"payment_term_outstanding": amount,
					"allocated_amount": amount,
				},
			)
	else:
		payment.append("references", {**row, "allocated_amount": outstanding})


def _outstanding_by_term(invoice, party_currency: str) -> list[tuple[str, float]]:
	"""(payment term, outstanding in the party account's currency) of the instalments not fully paid."""
	foreign = invoice.company_currency not in (invoice.currency, party_currency)
	terms = []
	for row in invoice.payment_schedule:
		precision = row.precision("payment_amount")
		amount = flt(flt(row.payment_amount) - flt(row.paid_amount), precision)
		if not foreign:
			amount = flt(amount * invoice.conversion_rate, precision)
		if amount:
			terms.append((row.payment_term, amount))
	return terms
