# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
from erpnext.accounts.party import validate_party_accounts
from frappe.model.document import Document


class Supplier(Document):
	"""Somebody who sells to the company."""

	def autoname(self) -> None:
		self.name = self.supplier_name

	def before_save(self) -> None:
		if not self.on_hold:
			self.hold_type, self.release_date = "", None
		elif not self.hold_type:
			self.hold_type = "All"

	def validate(self) -> None:
		validate_party_accounts(self)
