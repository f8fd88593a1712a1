# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, getdate, nowdate


class CurrencyExchange(Document):
	"""Rate of one currency in another from a day on."""

	def autoname(self) -> None:
		self.date = self.date or nowdate()
		buying, selling = cint(self.for_buying), cint(self.for_selling)
		purpose = "Selling-Buying" if buying == selling else ("Buying" if buying else "Selling")
		self.name = f"{getdate(self.date)}-{self.from_currency}-{self.to_currency}-{purpose}"

	def validate(self) -> None:
		if not self.exchange_rate > 0:
			frappe.throw(_("Exchange Rate must be greater than 0"))
		if self.from_currency == self.to_currency:
			frappe.throw(_("From Currency and To Currency cannot be same"))
		if not (cint(self.for_buying) or cint(self.for_selling)):
			frappe.throw(_("Currency Exchange must be applicable for Buying or for Selling."))
