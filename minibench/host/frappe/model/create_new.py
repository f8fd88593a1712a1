# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Default values of a new document: user permissions, user defaults, the fields' own defaults."""

import copy
from typing import Any

import frappe
import frappe.defaults
from frappe.core.doctype.user_permission.user_permission import get_user_permissions
from frappe.model import NO_VALUE_FIELDS
from frappe.permissions import filter_allowed_docs_for_doctype, get_allowed_docs_for_doctype
from frappe.utils.data import cstr, now_datetime, nowdate, nowtime


def get_new_doc(
	doctype: str, parent_doc: Any = None, parentfield: str | None = None, as_dict: bool = False
) -> Any:
	templates = frappe.local.new_doc_templates
	if doctype not in templates:
		templates[doctype] = make_new_doc(doctype)
	doc = copy.copy(templates[doctype])
	set_dynamic_default_values(doc, parent_doc, parentfield)
	return doc if as_dict else frappe.get_doc(doc)


def make_new_doc(doctype: str) -> frappe._dict:
	doc = frappe.get_doc({"doctype": doctype, "__islocal": 1, "owner": frappe.session.user, "docstatus": 0})
	set_user_and_static_default_values(doc)
	doc._fix_numeric_types()
	values = doc.get_valid_dict(sanitize=False)
	values["doctype"] = doctype
	values["__islocal"] = 1
	if not doc.meta.issingle:
		values["__unsaved"] = 1
	return values


def set_user_and_static_default_values(doc: Any) -> None:
	user_permissions = get_user_permissions()
	defaults = frappe.defaults.get_defaults()
	for df in doc.meta.fields:
		if df.fieldtype in NO_VALUE_FIELDS:
			continue
		permissions = user_permissions.get(df.options, [])
		allowed, default_doc = filter_allowed_docs_for_doctype(permissions, df.parent, with_default_doc=True)
		value = _user_default(df, defaults, permissions, allowed, default_doc)
		if value is not None:
			if df.fieldtype != "Link" or frappe.db.exists(df.options, value):
				doc.set(df.fieldname, value)
		elif df.fieldname != doc.meta.title_field:
			value = _static_default(df, permissions, allowed)
			if value is not None:
				doc.set(df.fieldname, value)


def _user_default(df: Any, defaults: dict, permissions: list, allowed: list, default_doc: str | None) -> Any:
	if df.fieldtype != "Link" or df.options == "User":
		return None
	if not df.ignore_user_permissions and default_doc:
		return default_doc
	value = defaults.get(df.fieldname)
	return value if value and _is_allowed(df, permissions, allowed, value) else None


def _static_default(df: Any, permissions: list, allowed: list) -> Any:
	default = df.get("default")
	if default:
		if default == "__user":
			return frappe.session.user
		if default == "Today":
			return nowdate()
		if not cstr(default).startswith(":"):
			if (
				df.fieldtype != "Link"
				or df.options == "User"
				or _is_allowed(df, permissions, allowed, default)
			):
				return default
	elif df.fieldtype == "Select" and df.options and df.options not in ("[Select]", "Loading..."):
		return df.options.split("\n", 1)[0]
	return None


def _is_allowed(df: Any, permissions: list, allowed: list, value: Any) -> bool:
	restricted = df.fieldtype == "Link" and not df.ignore_user_permissions and permissions and allowed
	return value in allowed if restricted else True


def set_dynamic_default_values(doc: dict, parent_doc: Any, parentfield: str | None) -> None:
	"""Defaults that depend on the moment or on another document (":Company" reads the company's field)."""
	for df in frappe.get_meta(doc["doctype"]).fields:
		default = cstr(df.get("default"))
		if default.startswith(":"):
			value = _default_from_other_document(df, parent_doc)
			if value is not None and not doc.get(df.fieldname):
				doc[df.fieldname] = value
		elif df.fieldtype == "Datetime" and default.lower() == "now":
			doc[df.fieldname] = now_datetime()
		if df.fieldtype == "Time":
			doc[df.fieldname] = nowtime()
	if parent_doc:
		doc["parent"] = parent_doc.name
		doc["parenttype"] = parent_doc.doctype
	if parentfield:
		doc["parentfield"] = parentfield


def _default_from_other_document(df: Any, parent_doc: Any) -> Any:
	doctype = df.default[1:]
	fieldname = frappe.scrub(doctype)
	name = parent_doc.get(fieldname) if parent_doc else frappe.db.get_default(fieldname)
	value = frappe.db.get_value(doctype, name, df.fieldname)
	permissions = get_user_permissions().get(df.options)
	if permissions and value not in get_allowed_docs_for_doctype(permissions, df.parent):
		return None
	return value
