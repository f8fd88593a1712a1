# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The Python class of a doctype."""

import frappe


def get_controller(doctype: str) -> type:
	"""The doctype's class: <module>/doctype/<name>/<name>.py, an override of a hook, or Document for custom ones."""
	site_controllers = frappe.controllers.setdefault(frappe.local.site_path, {})
	if doctype not in site_controllers:
		site_controllers[doctype] = import_controller(doctype)
	return site_controllers[doctype]


def import_controller(doctype: str) -> type:
	from frappe.model.base_document import BaseDocument
	from frappe.model.document import Document
	from frappe.modules.utils import load_doctype_module
	from frappe.utils.nestedset import NestedSet

	meta = frappe.get_meta(doctype)
	overrides = frappe.get_hooks("override_doctype_class", {}).get(doctype)
	if overrides:
		module_path, _dot, classname = overrides[-1].rpartition(".")
		module = frappe.get_module(module_path)
	elif meta.custom:
		return NestedSet if meta.is_tree else Document
	else:
		module = load_doctype_module(doctype, meta.module)
		classname = doctype.replace(" ", "").replace("-", "")
		if module is None:
			return NestedSet if meta.is_tree else Document

	controller = getattr(module, classname, None)
	if controller is None or not issubclass(controller, BaseDocument):
		raise ImportError(f"{doctype}: {classname} is no document class in {module.__name__}")
	return controller
