# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
from frappe.model.document import Document


class Item(Document):
	"""Goods or a service."""

	def autoname(self) -> None:
		self.item_code = self.item_code.strip()
		self.name = self.item_code

	def validate(self) -> None:
		self.item_name = self.item_name or self.item_code
		self.description = self.description or self.item_name
