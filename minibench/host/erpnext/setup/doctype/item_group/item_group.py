# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
from frappe.utils.nestedset import NestedSet


class ItemGroup(NestedSet):
	"""A node of the Item Group tree."""

	nsm_parent_field = "parent_item_group"
