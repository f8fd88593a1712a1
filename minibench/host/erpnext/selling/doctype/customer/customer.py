# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from erpnext.accounts.party import validate_party_accounts
from frappe.model.document import Document
from frappe.utils import cint


class Customer(Document):
	"""Somebody who buys."""

	def autoname(self) -> None:
		"""The customer's name, with a number when it is taken."""
		self.name = self.customer_name
		if frappe.db.exists("Customer", self.customer_name):
			taken = frappe.get_all(
				"Customer", filters={"name": ["like", f"{self.customer_name} - %"]}, pluck="name"
			)
			last = max((cint(name.rsplit(" ", 1)[-1]) for name in taken), default=0)
			self.name = f"{self.customer_name} - {last + 1}"

	def validate(self) -> None:
		validate_party_accounts(self)
