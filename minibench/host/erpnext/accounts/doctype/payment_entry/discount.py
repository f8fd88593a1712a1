# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Early payment discounts of payment terms."""

import frappe
from frappe import _
from frappe.utils import flt, fmt_money, getdate


def apply_early_payment_discount(
	paid_amount: float, received_amount: float, invoice, party_currency: str, reference_date
) -> tuple[float, float, float, list[dict]]:
	"""Amounts less the discounts that still hold on `reference_date`, their sum, and the discounts."""
	foreign = party_currency != invoice.company_currency
	rate = invoice.conversion_rate if foreign else 1
	total, discounts = 0.0, []
	for term in invoice.payment_schedule:
		if term.discounted_amount or not term.discount or not term.discount_date:
			continue
		if reference_date > getdate(term.discount_date):
			continue
		discount = term.discount
		if term.discount_type == "Percentage":
			base = invoice.grand_total if foreign else invoice.base_grand_total
			discount = flt(base) * term.discount / 100
		if invoice.doctype == "Sales Invoice":
			paid_amount, received_amount = paid_amount - discount, received_amount - discount * rate
		else:
			received_amount, paid_amount = received_amount - discount, paid_amount - discount * rate
		discounts.append({"type": term.discount_type, "discount": term.discount})
		total += discount
	if total:
		currency = invoice.currency if foreign else invoice.company_currency
		frappe.msgprint(
			_("Discount of {0} applied as per Payment Term").format(fmt_money(total, currency=currency)),
			alert=True,
		)
	return paid_amount, received_amount, total, discounts


def add_discount_deductions(
	payment, invoice, total: float, discounts: list[dict], party_currency: str
) -> None:
	"""Book the discount as deductions: on income and taxes if Accounts Settings say so, else as one loss."""
	split = frappe.db.get_single_value("Accounts Settings", "book_tax_discount_loss")
	booked = _split_discount(payment, invoice, discounts) if split else 0.0
	if party_currency != invoice.company_currency:
		total *= invoice.conversion_rate or 1
	rest = flt(total - booked, invoice.precision("grand_total"))
	if rest > 0:
		account = "round_off_account" if split else "default_discount_account"
		_deduct(payment, frappe.get_cached_value("Company", payment.company, account), rest)


def _deduct(payment, account: str, amount: float) -> None:
	payment.append(
		"deductions",
		{
			"account": account,
			"cost_center": payment.cost_center
			or frappe.get_cached_value("Company", payment.company, "cost_center"),
			"amount": -amount if payment.payment_type == "Pay" else amount,
		},
	)


def _split_discount(payment, invoice, discounts: list[dict]) -> float:
	"""Deduct the discount's share of the income and of each tax account; returns what was booked."""
	percent = sum(row["discount"] for row in discounts if row["type"] == "Percentage")
	percent += (
		sum(row["discount"] for row in discounts if row["type"] == "Amount") / invoice.grand_total * 100
	)
	if not percent:
		return 0.0
	booked = invoice.base_total * percent / 100
	_deduct(
		payment,
		frappe.get_cached_value("Company", payment.company, "default_discount_account"),
		flt(booked, invoice.precision("total")),
	)
	losses: dict[str, float] = {}
	for tax in invoice.get("taxes"):
		loss = tax.base_tax_amount_after_discount_amount * percent / 100
		losses[tax.account_head] = losses.get(tax.account_head, 0.0) + loss
	for account, loss in losses.items():
		booked += loss
		if loss:
			_deduct(payment, account, flt(loss, invoice.precision("total")))
	return flt(booked, invoice.precision("grand_total"))
