# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from erpnext.accounts.utils import get_autoname_with_number
from frappe import _
from frappe.utils.nestedset import NestedSet


class CostCenter(NestedSet):
	"""A part of the company that income and expenses belong to."""

	nsm_parent_field = "parent_cost_center"

	def autoname(self) -> None:
		self.name = get_autoname_with_number(self.cost_center_number, self.cost_center_name, self.company)

	def validate(self) -> None:
		is_root = self.cost_center_name == self.company
		if is_root == bool(self.parent_cost_center):
			frappe.throw(_("Every cost center but the company's root has a parent cost center"))
		if self.parent_cost_center and not frappe.db.get_value(
			"Cost Center", self.parent_cost_center, "is_group"
		):
			frappe.throw(_("{0} is not a group").format(frappe.bold(self.parent_cost_center)))
