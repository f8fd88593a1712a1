# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Instalments of invoices as payments settle them."""

import frappe
from frappe import _
from frappe.model.meta import get_field_precision
from frappe.utils import flt, fmt_money


def update_payment_schedule(payment, cancel: int = 0) -> None:
	"""Add the payment's allocations to the instalments that its references name, or take them off again.

	Raises ValidationError when a payment term is not the invoice's or would be paid beyond its outstanding.
	"""
	allocated: dict[tuple, float] = {}
	totals: dict[tuple, float] = {}
	for row in payment.references:
		if row.payment_term and row.reference_name:
			key = (row.reference_doctype, row.reference_name, row.payment_term)
			allocated[key] = allocated.get(key, 0.0) + row.allocated_amount
			totals[key] = row.total_amount
	for key, amount in allocated.items():
		_update_term(payment, *key, amount, totals[key], cancel)


def _update_term(
	payment, doctype: str, name: str, payment_term: str, amount: float, invoice_total: float, cancel: int
) -> None:
	terms = frappe.get_all(
		"Payment Schedule",
		filters={"parent": name, "payment_term": payment_term},
		fields=["outstanding", "discount_type", "discount"],
	)
	if not terms:
		frappe.throw(_("Payment term {0} not used in {1}").format(payment_term, name))
	term = terms[-1]
	amount = _in_transaction_currency(payment, doctype, name, amount)
	discounted = 0.0
	if term.discount_type and term.discount:
		by_percentage = term.discount_type == "Percentage"
		discounted = flt(invoice_total) * term.discount / 100 if by_percentage else term.discount
	if not cancel:
		if amount > term.outstanding:
			frappe.throw(
				_("Cannot allocate more than {0} against payment term {1}").format(
					fmt_money(term.outstanding), payment_term
				)
			)
		if not (amount and term.outstanding):
			return
	_add_to_term(doctype, name, payment_term, amount, discounted, -1 if cancel else 1)


def _add_to_term(
	doctype: str, name: str, payment_term: str, amount: float, discounted: float, sign: int
) -> None:
	"""ERPNext takes `base_outstanding` down on cancelling as well; so does this."""
	rate = frappe.db.get_value(doctype, name, "conversion_rate")
	meta = frappe.get_meta("Payment Schedule")
	base_paid = flt((amount - discounted) * rate, get_field_precision(meta.get_field("base_paid_amount")))
	base_outstanding = flt(amount * rate, get_field_precision(meta.get_field("base_outstanding")))
	row = frappe.qb.DocType("Payment Schedule")
	(
		frappe.qb.update(row)
		.set(row.paid_amount, row.paid_amount + sign * (amount - discounted))
		.set(row.base_paid_amount, row.base_paid_amount + sign * base_paid)
		.set(row.discounted_amount, row.discounted_amount + sign * discounted)
		.set(row.outstanding, row.outstanding + -sign * amount)
		.set(row.base_outstanding, row.base_outstanding + -base_outstanding)
		.where((row.parent == name) & (row.payment_term == payment_term))
		.run()
	)


def _in_transaction_currency(payment, doctype: str, name: str, amount: float) -> float:
	"""Instalments are in the invoice's currency; a payment in company currency is converted to it."""
	currency, rate = frappe.db.get_value(doctype, name, ["currency", "conversion_rate"])
	if (
		payment.paid_from_account_currency == payment.paid_to_account_currency
		and payment.paid_from_account_currency != currency
	):
		return flt(amount / rate, payment.precision("total_allocated_amount"))
	return amount
