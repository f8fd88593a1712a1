# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""frappe.modules"""

from frappe._apps import get_module_path, scrub
from frappe.modules.utils import get_doctype_module, get_module_app, get_module_name, load_doctype_module
