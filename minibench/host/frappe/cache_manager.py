# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What is forgotten when a user's rights or a doctype change."""

import frappe


def clear_user_cache(user: str | None = None) -> None:
	for key in ("roles", "user_permissions", "defaults", "home_page"):
		if user:
			frappe.cache.hdel(key, user)
		else:
			frappe.cache.delete_value(key)
	frappe.local.role_permissions = {}


def clear_defaults_cache(user: str | None = None) -> None:
	if user:
		for parent in {user, "__default", "__global"}:
			frappe.cache.hdel("defaults", parent)
	else:
		frappe.cache.delete_value("defaults")


def clear_doctype_cache(doctype: str | None = None) -> None:
	from frappe.model.meta import clear_meta_cache

	frappe.local.db.value_cache.clear()
	clear_meta_cache(doctype)
	frappe.local.new_doc_templates.pop(doctype, None)
	frappe.local.valid_columns.pop(doctype, None)


def clear_all() -> None:
	from frappe.model.meta import clear_meta_cache
	from frappe.utils.caching import _SITE_CACHE

	frappe.cache.delete_keys("")
	frappe.local.cache = {}
	frappe.local.new_doc_templates = {}
	frappe.local.all_apps = frappe.local.app_modules = None
	_SITE_CACHE.clear()
	clear_meta_cache()
	for method in frappe.get_hooks("clear_cache"):
		frappe.get_attr(method)()
