# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Role"""

import frappe
from frappe import _
from frappe.model.document import Document

STANDARD_ROLES = ("Administrator", "System Manager", "Desk User", "All", "Guest")


class Role(Document):
	def validate(self) -> None:
		if self.disabled and self.name in STANDARD_ROLES:
			frappe.throw(_("Standard roles cannot be disabled"))

	def on_update(self) -> None:
		frappe.cache.delete_value("roles")

	def on_trash(self) -> None:
		if self.name in STANDARD_ROLES:
			frappe.throw(_("Standard roles cannot be deleted"))
		frappe.db.delete("Has Role", {"role": self.name})
