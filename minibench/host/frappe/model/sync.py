# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""DocTypes of apps from their JSON files."""

import frappe
from frappe.modules.import_file import doctype_files, read_doc_from_file, store_doctype


def sync_all() -> None:
	for app in frappe.get_installed_apps():
		sync_for(app)


def sync_for(app_name: str) -> None:
	"""Store all DocTypes of an app, creating and extending tables; then call their on_doctype_update functions."""
	doctypes = []
	for path in doctype_files(app_name):
		doctype = read_doc_from_file(path)
		store_doctype(doctype)
		doctypes.append(doctype)
	frappe.db.commit()
	for doctype in doctypes:
		_run_on_doctype_update(doctype)
	frappe.db.commit()


def _run_on_doctype_update(doctype: dict) -> None:
	from frappe.modules.utils import load_doctype_module

	module = load_doctype_module(doctype["name"], doctype["module"])
	if hasattr(module, "on_doctype_update"):
		module.on_doctype_update()
