# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

from frappe.types.frappedict import _dict

__all__ = ["_dict"]
