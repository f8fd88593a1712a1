# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Ledger rows of a Payment Entry, and the journals for what exchange rates gained or lost."""

import erpnext
import frappe
from erpnext.accounts.exchange_gain_loss import create_gain_loss_journal
from erpnext.accounts.utils import get_account_currency
from frappe import _
from frappe.utils import flt


def payment_rows(payment) -> list[dict]:
	"""Rows of the party (one a reference, one for the unallocated amount), of the money and of deductions."""
	currency = _TransactionCurrency(payment)
	return [
		*_party_rows(payment, currency),
		*_money_rows(payment, currency),
		*_deduction_rows(payment, currency),
	]


class _TransactionCurrency:
	"""The payment's foreign currency if it has one, and its rate to company currency."""

	def __init__(self, payment):
		company_currency = erpnext.get_company_currency(payment.company)
		self.name, self.rate = company_currency, 1
		if payment.paid_from_account_currency != company_currency:
			self.name, self.rate = payment.paid_from_account_currency, payment.source_exchange_rate
		elif payment.paid_to_account_currency != company_currency:
			self.name, self.rate = payment.paid_to_account_currency, payment.target_exchange_rate

	def amount(self, account_currency: str, amount: float, base_amount: float) -> float:
		return amount if account_currency == self.name else base_amount / self.rate


def _row(payment, currency, account, account_currency, side, amount, base_amount, **values) -> dict:
	return payment.get_gl_dict(
		{
			"account": account,
			"account_currency": account_currency,
			side: base_amount,
			f"{side}_in_account_currency": amount,
			f"{side}_in_transaction_currency": currency.amount(account_currency, amount, base_amount),
			"cost_center": payment.cost_center,
			**values,
		}
	)


def _party_rows(payment, currency) -> list[dict]:
	if not payment.party_account:
		return []
	against = payment.paid_to if payment.payment_type == "Receive" else payment.paid_from
	party = {"party_type": payment.party_type, "party": payment.party, "against": against}
	rows = []
	for reference in payment.references:
		rows.append(
			_row(
				payment,
				currency,
				payment.party_account,
				payment.party_account_currency,
				_party_side(payment, reference),
				flt(reference.allocated_amount),
				payment.calculate_base_allocated_amount_for_reference(reference),
				against_voucher_type=reference.reference_doctype,
				against_voucher=reference.reference_name,
				**party,
			)
		)
		if reference.reference_doctype == "Sales Invoice" and not payment.cost_center:
			rows[-1].cost_center = frappe.db.get_value(
				"Sales Invoice", reference.reference_name, "cost_center"
			)
	if payment.unallocated_amount:
		rows.append(
			_row(
				payment,
				currency,
				payment.party_account,
				payment.party_account_currency,
				"credit" if payment.payment_type == "Receive" else "debit",
				payment.unallocated_amount,
				payment.unallocated_amount * payment.party_exchange_rate(),
				**party,
			)
		)
	return rows


def _party_side(payment, reference) -> str:
	"""Credit for money received, debit for money paid.

	A negative allocation moves to the other side later. Where the payment type goes with the return (paying a
	customer, receiving from a supplier), both together put a negative allocation on the payment's own side.
	"""
	side, other = ("credit", "debit") if payment.payment_type == "Receive" else ("debit", "credit")
	account_type = frappe.get_cached_value("Party Type", payment.party_type, "account_type")
	refund = (account_type, payment.payment_type) in (("Receivable", "Pay"), ("Payable", "Receive"))
	is_invoice = reference.reference_doctype in ("Sales Invoice", "Purchase Invoice")
	return other if refund and is_invoice and flt(reference.allocated_amount) < 0 else side


def _money_rows(payment, currency) -> list[dict]:
	rows = []
	if payment.payment_type in ("Pay", "Internal Transfer"):
		rows.append(
			_row(
				payment,
				currency,
				payment.paid_from,
				payment.paid_from_account_currency,
				"credit",
				payment.paid_amount,
				payment.base_paid_amount,
				against=payment.party if payment.payment_type == "Pay" else payment.paid_to,
				post_net_value=True,
			)
		)
	if payment.payment_type in ("Receive", "Internal Transfer"):
		rows.append(
			_row(
				payment,
				currency,
				payment.paid_to,
				payment.paid_to_account_currency,
				"debit",
				payment.received_amount,
				payment.base_received_amount,
				against=payment.party if payment.payment_type == "Receive" else payment.paid_from,
			)
		)
	return rows


def _deduction_rows(payment, currency) -> list[dict]:
	rows = []
	for deduction in payment.deductions:
		if not deduction.amount:
			continue
		account_currency = get_account_currency(deduction.account)
		if account_currency != payment.company_currency:
			frappe.throw(
				_("Currency for {0} must be {1}").format(deduction.account, payment.company_currency)
			)
		rows.append(
			_row(
				payment,
				currency,
				deduction.account,
				account_currency,
				"debit",
				deduction.amount,
				deduction.amount,
				against=payment.party or payment.paid_from,
				cost_center=deduction.cost_center,
			)
		)
		rows[-1].debit_in_transaction_currency = deduction.amount / currency.rate
	return rows


def make_exchange_gain_loss_journals(payment) -> None:
	"""Submit a journal for each reference whose voucher has another exchange rate than the payment."""
	for reference in payment.references:
		if not reference.exchange_gain_loss:
			continue
		gain = reference.exchange_gain_loss > 0
		payable = reference.reference_doctype == "Purchase Invoice" or (
			reference.reference_doctype == "Journal Entry"
			and frappe.get_cached_value("Account", payment.party_account, "account_type") == "Payable"
		)
		side, other = ("debit", "credit") if gain != payable else ("credit", "debit")
		journal = create_gain_loss_journal(
			payment.company,
			payment.posting_date,
			payment.party_type,
			payment.party,
			payment.party_account,
			frappe.get_cached_value("Company", payment.company, "exchange_gain_loss_account"),
			reference.exchange_gain_loss,
			side,
			other,
			reference.reference_doctype,
			reference.reference_name,
			reference.idx,
			payment.doctype,
			payment.name,
			reference.idx,
			payment.cost_center,
		)
		frappe.msgprint(_("Exchange Gain/Loss amount has been booked through {0}").format(journal))
