# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
from frappe.utils.nestedset import NestedSet


class CustomerGroup(NestedSet):
	"""A node of the Customer Group tree."""

	nsm_parent_field = "parent_customer_group"
