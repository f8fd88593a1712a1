# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""From a module's name to its app and its doctypes' Python modules."""

import importlib
import importlib.util
import types

import frappe
from frappe import scrub

# doctypes of these packages need no controller file when they have no behaviour of their own
HOST_PACKAGES = ("frappe", "erpnext")


def get_module_app(module: str) -> str:
	if frappe.local.module_app is None:
		frappe.setup_module_map()
	app = frappe.local.module_app.get(scrub(module))
	if app is None:
		frappe.throw(frappe._("Module {} not found").format(module), exc=frappe.DoesNotExistError)
	return app


def get_doctype_module(doctype: str) -> str:
	return frappe.get_meta(doctype).module


def get_module_name(
	doctype: str, module: str, prefix: str = "", suffix: str = "", app: str | None = None
) -> str:
	name = scrub(doctype)
	return f"{app or get_module_app(module)}.{scrub(module)}.doctype.{name}.{prefix}{name}{suffix}"


def load_doctype_module(
	doctype: str, module: str | None = None, prefix: str = "", suffix: str = ""
) -> types.ModuleType | None:
	"""The doctype's Python module; None for a doctype of the host that has no controller file.

	:raises ImportError: an app's doctype has no controller file
	"""
	module = module or get_doctype_module(doctype)
	app = get_module_app(module)
	name = get_module_name(doctype, module, prefix, suffix, app)
	if app in HOST_PACKAGES and not _has_file(name):
		return None
	return importlib.import_module(name)


def _has_file(module_name: str) -> bool:
	try:
		return importlib.util.find_spec(module_name) is not None
	except ModuleNotFoundError:
		return False
