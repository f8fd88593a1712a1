# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Amounts of an invoice, in its currency and the company's: rows, taxes, totals, rounding, outstanding."""

import erpnext
import frappe
from frappe import _
from frappe.utils import flt, rounded

_ITEM_FIELDS = ("rate", "net_rate", "amount", "net_amount")


class calculate_taxes_and_totals:
	"""Fills the amount fields of a Sales or Purchase Invoice. Taxes: charge types Actual and On Net Total."""

	def __init__(self, doc):
		self.doc = doc
		if not doc.get("items"):
			return
		self._set_conversion_rate()
		self._calculate_items()
		self._calculate_net_total()
		self._calculate_taxes()
		self._calculate_totals()
		self._set_rounded_total()
		self._calculate_advance_and_outstanding()

	def _set_conversion_rate(self) -> None:
		doc = self.doc
		company_currency = erpnext.get_company_currency(doc.company)
		if not doc.currency or doc.currency == company_currency:
			doc.currency, doc.conversion_rate = company_currency, 1.0
		elif not doc.conversion_rate:
			frappe.throw(
				_("Exchange Rate is mandatory. Is there no Currency Exchange record for {0} to {1}?").format(
					doc.currency, company_currency
				)
			)
		doc.conversion_rate = flt(doc.conversion_rate)

	def _in_company_currency(self, doc, fields) -> None:
		for field in fields:
			value = flt(doc.get(field), doc.precision(field)) * self.doc.conversion_rate
			doc.set(f"base_{field}", flt(value, doc.precision(f"base_{field}")))

	def _calculate_items(self) -> None:
		for item in self.doc.items:
			item.qty, item.rate = flt(item.qty, item.precision("qty")), flt(item.rate, item.precision("rate"))
			item.stock_qty = flt(item.qty * flt(item.conversion_factor or 1), item.precision("stock_qty"))
			item.net_rate = item.rate
			if not item.qty and (self.doc.is_return or self.doc.get("is_debit_note")):
				amount = -item.rate if self.doc.is_return else item.rate
			else:
				amount = item.rate * item.qty
			item.amount = item.net_amount = flt(amount, item.precision("amount"))
			self._in_company_currency(item, _ITEM_FIELDS)

	def _calculate_net_total(self) -> None:
		doc = self.doc
		doc.total_qty = sum(item.qty for item in doc.items)
		for total, field in (
			("total", "amount"),
			("base_total", "base_amount"),
			("net_total", "net_amount"),
			("base_net_total", "base_net_amount"),
		):
			doc.set(total, flt(sum(item.get(field) for item in doc.items), doc.precision(total)))

	def _calculate_taxes(self) -> None:
		running = self.doc.net_total
		for tax in self.doc.get("taxes"):
			if tax.charge_type == "On Net Total":
				tax.tax_amount = sum(flt(tax.rate) / 100.0 * item.net_amount for item in self.doc.items)
			elif tax.charge_type != "Actual":
				raise NotImplementedError(f"Tax charge type {tax.charge_type} is not in minibench")
			tax.tax_amount = flt(tax.tax_amount, tax.precision("tax_amount"))
			tax.tax_amount_after_discount_amount = tax.tax_amount
			running += self._signed(tax, tax.tax_amount)
			tax.total = running = flt(running, tax.precision("total"))
			self._in_company_currency(tax, ("tax_amount", "tax_amount_after_discount_amount", "total"))

	def _signed(self, tax, amount: float) -> float:
		"""Valuation-only taxes do not count, deducted ones count negative (purchase taxes only)."""
		if tax.get("category") == "Valuation":
			return 0.0
		return -amount if tax.get("add_deduct_tax") == "Deduct" else amount

	def _calculate_totals(self) -> None:
		doc = self.doc
		taxes = doc.get("taxes")
		doc.grand_total = flt(taxes[-1].total if taxes else doc.net_total, doc.precision("grand_total"))
		doc.total_taxes_and_charges = flt(
			doc.grand_total - doc.net_total, doc.precision("total_taxes_and_charges")
		)
		self._in_company_currency(doc, ("total_taxes_and_charges",))
		if doc.doctype == "Purchase Invoice":
			for field, kind in (("taxes_and_charges_added", "Add"), ("taxes_and_charges_deducted", "Deduct")):
				counted = [t for t in taxes if t.add_deduct_tax == kind and t.category != "Valuation"]
				doc.set(field, flt(sum(tax.tax_amount for tax in counted), doc.precision(field)))
			self._in_company_currency(doc, ("taxes_and_charges_added", "taxes_and_charges_deducted"))
		has_taxes = (
			doc.get("taxes_and_charges_added")
			or doc.get("taxes_and_charges_deducted")
			or doc.total_taxes_and_charges
		)
		base = doc.grand_total * doc.conversion_rate if has_taxes else doc.base_net_total
		doc.base_grand_total = flt(base, doc.precision("base_grand_total"))

	def _set_rounded_total(self) -> None:
		doc = self.doc
		if doc.disable_rounded_total:
			doc.rounded_total = doc.base_rounded_total = doc.rounding_adjustment = 0
			return
		doc.rounded_total = round_based_on_smallest_currency_fraction(
			doc.grand_total, doc.currency, doc.precision("rounded_total")
		)
		doc.rounding_adjustment = flt(
			doc.rounded_total - doc.grand_total, doc.precision("rounding_adjustment")
		)
		self._in_company_currency(doc, ("rounding_adjustment", "rounded_total"))

	def _calculate_advance_and_outstanding(self) -> None:
		doc = self.doc
		if doc.docstatus.is_cancelled():
			return
		doc.total_advance = 0.0
		if not doc.docstatus.is_draft():
			return
		automatic = doc.get("write_off_outstanding_amount_automatically")
		if automatic:
			doc.write_off_amount = 0
		self._calculate_outstanding()
		if automatic:
			doc.write_off_amount = flt(doc.outstanding_amount, doc.precision("write_off_amount"))
			self._calculate_outstanding()

	def _calculate_outstanding(self) -> None:
		doc = self.doc
		if doc.doctype == "Sales Invoice":
			self._calculate_paid_amount()
		if (
			doc.is_return
			and doc.return_against
			and not doc.update_outstanding_for_self
			and not doc.get("is_pos")
		):
			doc.outstanding_amount = 0
			return
		doc.write_off_amount = flt(doc.write_off_amount, doc.precision("write_off_amount"))
		self._in_company_currency(doc, ("write_off_amount",))
		doc.paid_amount = flt(doc.paid_amount, doc.precision("paid_amount"))
		if doc.doctype == "Purchase Invoice":
			self._in_company_currency(doc, ("paid_amount",))
		elif not doc.is_return:
			self._calculate_change_amount()
		prefix = "" if doc.party_account_currency == doc.currency else "base_"
		to_pay = (
			flt(doc.get(f"{prefix}rounded_total") or doc.get(f"{prefix}grand_total"))
			- flt(doc.get(f"{prefix}write_off_amount"))
			- flt(doc.get(f"{prefix}paid_amount"))
			+ flt(doc.get(f"{prefix}change_amount"))
		)
		doc.outstanding_amount = flt(to_pay, doc.precision("outstanding_amount"))

	def _calculate_paid_amount(self) -> None:
		doc = self.doc
		if doc.is_pos:
			for payment in doc.payments:
				payment.amount = flt(payment.amount)
				payment.base_amount = payment.amount * doc.conversion_rate
		elif not doc.is_return:
			doc.set("payments", [])
		payments = doc.payments if doc.is_pos else []
		doc.paid_amount = flt(sum(row.amount for row in payments), doc.precision("paid_amount"))
		doc.base_paid_amount = flt(
			sum(row.base_amount for row in payments), doc.precision("base_paid_amount")
		)

	def _calculate_change_amount(self) -> None:
		"""Cash paid beyond the total is given back."""
		doc = self.doc
		doc.change_amount = doc.base_change_amount = 0.0
		total = doc.rounded_total or doc.grand_total
		if doc.paid_amount > total and any(row.type == "Cash" for row in doc.payments):
			doc.change_amount = flt(doc.paid_amount - total, doc.precision("change_amount"))
			base_total = doc.base_rounded_total or doc.base_grand_total
			doc.base_change_amount = flt(
				doc.base_paid_amount - base_total, doc.precision("base_change_amount")
			)


def round_based_on_smallest_currency_fraction(value: float, currency: str, precision: int = 2) -> float:
	"""Value rounded to the currency's smallest coin, or to whole units when the Currency names none."""
	smallest = frappe.get_cached_value("Currency", currency, "smallest_currency_fraction_value")
	if not smallest:
		return flt(rounded(value), precision)
	remainder = flt(value % smallest, precision)
	value = value + smallest - remainder if remainder > smallest / 2 else value - remainder
	return flt(value, precision)
