# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What a Link field suggests while one types."""

from functools import partial
from typing import Any

import frappe
from frappe import is_whitelisted
from frappe.permissions import has_permission
from frappe.utils import cint, cstr, unique

SEARCHED_FIELDTYPES = (
	"Data",
	"Text",
	"Small Text",
	"Long Text",
	"Link",
	"Select",
	"Read Only",
	"Text Editor",
)


@frappe.whitelist()
def search_link(
	doctype: str,
	txt: str,
	query: str | None = None,
	filters: str | dict | list | None = None,
	page_length: int = 10,
	searchfield: str | None = None,
	reference_doctype: str | None = None,
	ignore_user_permissions: bool = False,
) -> list[dict[str, str]]:
	"""Documents that the user may see and whose name or search fields contain txt: [{value, description}]."""
	rows = search_widget(
		doctype,
		txt.strip(),
		query,
		searchfield=searchfield,
		page_length=page_length,
		filters=filters,
		reference_doctype=reference_doctype,
		ignore_user_permissions=ignore_user_permissions,
	)
	return build_for_autosuggest(rows, doctype)


@frappe.whitelist()
def search_widget(
	doctype: str,
	txt: str,
	query: str | None = None,
	searchfield: str | None = None,
	start: int = 0,
	page_length: int = 10,
	filters: str | dict | list | None = None,
	as_dict: bool = False,
	reference_doctype: str | None = None,
	ignore_user_permissions: bool = False,
) -> list:
	"""Rows of name and search fields; those whose name begins with txt come first.

	query: path of a whitelisted function that answers instead, or that hooks name for the doctype.
	"""
	filters = frappe.parse_json(filters) or {}
	query = query or _standard_query(doctype)
	if query:
		is_whitelisted(frappe.get_attr(query))
		return frappe.call(
			query, doctype, txt, searchfield or "name", start, page_length, filters, as_dict=as_dict
		)
	meta = frappe.get_meta(doctype)
	find = partial(
		frappe.get_list,
		doctype,
		fields=_columns(meta),
		ignore_permissions=_may_see_all(doctype, reference_doctype, ignore_user_permissions),
		reference_doctype=reference_doctype,
		as_list=not as_dict,
	)
	conditions = [*_as_list(doctype, filters), *_only_enabled(meta)]
	length = cint(page_length)
	if not txt or cint(start):
		return find(
			filters=conditions, or_filters=_text_filters(meta, txt), start=cint(start), page_length=length
		)
	begins = [doctype, "name", "like", f"{txt}%"]
	rows = list(find(filters=[*conditions, begins], order_by="name asc", page_length=length))
	others = find(filters=conditions, or_filters=_text_filters(meta, txt), page_length=length)
	return (rows + [row for row in others if row not in rows])[:length]


def _standard_query(doctype: str) -> str | None:
	queries = (frappe.get_hooks("standard_queries") or {}).get(doctype)
	return queries[-1] if queries else None


def _as_list(doctype: str, filters: dict | list) -> list:
	if not isinstance(filters, dict):
		return filters
	return [
		[doctype, fieldname, *(value if isinstance(value, list | tuple) else ("=", value))]
		for fieldname, value in filters.items()
	]


def _only_enabled(meta: Any) -> list:
	conditions = {"enabled": ["=", 1], "disabled": ["!=", 1]}
	return [
		[meta.name, fieldname, *condition]
		for fieldname, condition in conditions.items()
		if meta.has_field(fieldname) and meta.get_field(fieldname).fieldtype == "Check"
	]


def _text_filters(meta: Any, txt: str) -> list:
	if not txt:
		return []
	return [
		[meta.name, fieldname, "like", f"%{txt}%"]
		for fieldname in _search_fields(meta)
		if _is_text(meta, fieldname)
	]


def _is_text(meta: Any, fieldname: str) -> bool:
	return fieldname == "name" or meta.get_field(fieldname).fieldtype in SEARCHED_FIELDTYPES


def _search_fields(meta: Any) -> list[str]:
	fields = ["name", meta.title_field, *(meta.search_fields or "").split(",")]
	return unique([field.strip() for field in fields if field and field.strip()])


def _columns(meta: Any) -> list[str]:
	columns = [f"`tab{meta.name}`.`{fieldname}`" for fieldname in _search_fields(meta)]
	if meta.show_title_field_in_link and meta.title_field:
		columns.insert(1, f"`tab{meta.name}`.`{meta.title_field}` as label")
	return columns


def _may_see_all(doctype: str, reference_doctype: str | None, ignore_user_permissions: bool) -> bool:
	if doctype == "DocType":
		return True
	return bool(cint(ignore_user_permissions)) and has_permission(
		doctype, "read", parent_doctype=reference_doctype
	)


def build_for_autosuggest(rows: list, doctype: str) -> list[dict[str, str]]:
	"""The first column is the value; the others describe it, a title stands as its label."""
	with_title = bool(frappe.get_meta(doctype).show_title_field_in_link)
	results = []
	for value, *others in rows:
		if with_title and others:
			label, *others = others
			description = unique([value, *(other for other in others if other != label)])
			results.append({"value": value, "label": label, "description": _joined(description)})
		else:
			results.append({"value": value, "description": _joined(others)})
	return results


def _joined(parts: list) -> str:
	return ", ".join(unique([cstr(part) for part in parts if part]))
