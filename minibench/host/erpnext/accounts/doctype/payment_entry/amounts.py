# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Arithmetic of a Payment Entry, in the currencies of both accounts and of the company."""

import frappe
from frappe import _
from frappe.utils import flt


class PaymentAmounts:
	"""Mixin of PaymentEntry: its amounts from paid and received amount, rates, references and deductions."""

	def set_amounts(self) -> None:
		"""Company currency amounts, allocated, unallocated, exchange gain or loss and difference."""
		self._set_received_amount()
		self._set_amounts_in_company_currency()
		self._set_total_allocated_amount()
		self.set_unallocated_amount()
		self._set_exchange_gain_loss()
		self.set_difference_amount()

	def _set_received_amount(self) -> None:
		if (
			self.paid_from_account_currency == self.paid_to_account_currency
			and self.payment_type != "Internal Transfer"
		):
			self.received_amount = self.paid_amount

	def _set_amounts_in_company_currency(self) -> None:
		self.base_paid_amount = flt(
			flt(self.paid_amount) * flt(self.source_exchange_rate), self.precision("base_paid_amount")
		)
		self.base_received_amount = flt(
			flt(self.received_amount) * flt(self.target_exchange_rate),
			self.precision("base_received_amount"),
		)

	def validate_received_amount(self) -> None:
		"""In one currency no more can arrive than was paid."""
		if self.paid_from_account_currency == self.paid_to_account_currency and flt(self.paid_amount) < flt(
			self.received_amount
		):
			frappe.throw(_("Received Amount cannot be greater than Paid Amount"))

	def set_amounts_after_tax(self) -> None:
		"""Without payment taxes these repeat the plain amounts."""
		self.paid_amount_after_tax = flt(self.paid_amount, self.precision("paid_amount_after_tax"))
		self.received_amount_after_tax = flt(self.received_amount, self.precision("paid_amount_after_tax"))
		precision = self.precision("base_paid_amount_after_tax")
		self.base_paid_amount_after_tax = flt(
			self.paid_amount_after_tax * flt(self.source_exchange_rate), precision
		)
		self.base_received_amount_after_tax = flt(
			self.received_amount_after_tax * flt(self.target_exchange_rate), precision
		)

	def party_exchange_rate(self) -> float:
		"""Rate of the party's side."""
		return flt(self.source_exchange_rate if self.payment_type == "Receive" else self.target_exchange_rate)

	def calculate_base_allocated_amount_for_reference(self, row) -> float:
		"""A row's allocation in company currency at the payment's rate; notes the gain or loss in the row.

		The row's own exchange rate is that of the referenced voucher.
		"""
		rate = 1 if self.payment_type == "Internal Transfer" else self.party_exchange_rate()
		precision = self.precision("base_paid_amount")
		base_amount = flt(flt(row.allocated_amount) * rate, precision)
		if row.exchange_rate is None:
			row.exchange_rate = 1
		at_voucher_rate = flt(flt(row.allocated_amount) * flt(row.exchange_rate), precision)
		row.exchange_gain_loss = base_amount - at_voucher_rate
		return base_amount

	def _set_total_allocated_amount(self) -> None:
		if self.payment_type == "Internal Transfer":
			return
		total = base_total = 0.0
		for row in self.references:
			if row.allocated_amount:
				total += flt(row.allocated_amount)
				base_total += self.calculate_base_allocated_amount_for_reference(row)
		self.total_allocated_amount, self.base_total_allocated_amount = abs(total), abs(base_total)

	def set_unallocated_amount(self) -> None:
		"""What the party has paid or got beyond the references, in the party account's currency."""
		self.unallocated_amount = 0
		if not self.party:
			return
		deductions = sum(flt(row.amount) for row in self.deductions if not row.is_exchange_gain_loss)
		if self.payment_type == "Receive":
			available = flt(self.base_paid_amount) + deductions
		else:
			available = flt(self.base_received_amount) - deductions
		if flt(self.base_total_allocated_amount) < available:
			self.unallocated_amount = (
				available - flt(self.base_total_allocated_amount)
			) / self.party_exchange_rate()

	def _set_exchange_gain_loss(self) -> None:
		"""Keep one deduction row for the difference of both sides in company currency."""
		amount = flt(
			self.base_paid_amount - self.base_received_amount, self.precision("amount", "deductions")
		)
		rows = [row for row in self.deductions if row.is_exchange_gain_loss]
		for row in rows if not amount else rows[1:]:
			self.remove(row)
		if not amount:
			return
		row = rows[0] if rows else self._append_exchange_gain_loss_row()
		if row:
			row.amount = amount

	def _append_exchange_gain_loss_row(self):
		defaults = frappe.get_cached_value(
			"Company", self.company, ["exchange_gain_loss_account", "cost_center"], as_dict=True
		)
		for field, value in defaults.items():
			if not value:
				frappe.msgprint(
					_("Please set {0} in Company {1} to account for Exchange Gain / Loss").format(
						frappe.get_meta("Company").get_label(field), self.company
					),
					title=_("Missing Default in Company"),
					raise_exception=self.docstatus.is_submitted(),
				)
				return None
		return self.append(
			"deductions",
			{
				"account": defaults.exchange_gain_loss_account,
				"cost_center": defaults.cost_center,
				"is_exchange_gain_loss": 1,
			},
		)

	def set_difference_amount(self) -> None:
		"""What the rows leave unexplained, in company currency; must be zero to submit."""
		base_unallocated = flt(self.unallocated_amount) * (
			flt(self.source_exchange_rate)
			if self.payment_type == "Receive"
			else flt(self.target_exchange_rate)
		)
		on_party = flt(self.base_total_allocated_amount) + base_unallocated
		if self.payment_type == "Receive":
			difference = on_party - self.base_received_amount
		elif self.payment_type == "Pay":
			difference = self.base_paid_amount - on_party
		else:
			difference = self.base_paid_amount - flt(self.base_received_amount)
		difference -= sum(flt(row.amount) for row in self.deductions)
		self.difference_amount = flt(difference, self.precision("difference_amount"))
