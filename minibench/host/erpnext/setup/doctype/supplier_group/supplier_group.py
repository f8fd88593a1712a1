# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
from frappe.utils.nestedset import NestedSet


class SupplierGroup(NestedSet):
	"""A node of the Supplier Group tree."""

	nsm_parent_field = "parent_supplier_group"
