# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
from frappe.utils.nestedset import NestedSet


class Territory(NestedSet):
	"""A node of the Territory tree."""

	nsm_parent_field = "parent_territory"
