# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Documents for API clients: frappe.client.get_list, get, get_value, set_value, insert, save, submit, cancel, delete."""

import json
from typing import Any

import frappe
from frappe import _
from frappe.model import child_table_fields, default_fields


@frappe.whitelist()
def get_list(
	doctype,
	fields=None,
	filters=None,
	group_by=None,
	order_by=None,
	limit_start=None,
	limit_page_length=20,
	parent=None,
	debug: bool = False,
	as_dict: bool = True,
	or_filters=None,
):
	"""Rows that the user may read; fields and filters may be JSON text."""
	if frappe.is_table(doctype):
		check_parent_permission(parent, doctype)
	return frappe.get_list(
		doctype,
		fields=_parsed(fields),
		filters=_parsed(filters),
		or_filters=_parsed(or_filters),
		group_by=group_by,
		order_by=order_by or "KEEP_DEFAULT_ORDERING",
		limit_start=limit_start,
		limit_page_length=limit_page_length,
		parent_doctype=parent,
		debug=debug,
		as_list=not as_dict,
	)


def _parsed(value: Any) -> Any:
	if isinstance(value, str) and value[:1] in ("[", "{"):
		return json.loads(value)
	return value


@frappe.whitelist()
def get_count(doctype, filters=None, debug=False, cache=False):
	return frappe.db.count(doctype, _parsed(filters))


@frappe.whitelist()
def get(doctype, name=None, filters=None, parent=None):
	"""A document by name, by filters (the first match), or a Single."""
	if frappe.is_table(doctype):
		check_parent_permission(parent, doctype)
	if name:
		doc = frappe.get_doc(doctype, name)
	elif filters or filters == {}:
		doc = frappe.get_doc(doctype, frappe.parse_json(filters))
	else:
		doc = frappe.get_doc(doctype)
	doc.check_permission()
	doc.apply_fieldlevel_read_permissions()
	return doc.as_dict()


@frappe.whitelist()
def get_value(doctype, fieldname, filters=None, as_dict=True, debug=False, parent=None):
	if frappe.is_table(doctype):
		check_parent_permission(parent, doctype)
	if not frappe.has_permission(doctype, parent_doctype=parent):
		frappe.throw(_("No permission for {0}").format(_(doctype)), frappe.PermissionError)
	filters = _parsed(filters)
	filters = {"name": filters} if isinstance(filters, str) else filters or None
	fields = _parsed(fieldname)
	fields = [fields] if isinstance(fields, str) else fields
	if frappe.get_meta(doctype).issingle:
		rows = frappe.db.get_values_from_single(fields, filters, doctype, as_dict=as_dict)
	else:
		rows = get_list(doctype, fields, filters, limit_page_length=1, parent=parent, as_dict=as_dict)
	if as_dict:
		return rows[0] if rows else {}
	if not rows:
		return None
	return rows[0] if len(fields) > 1 else rows[0][0]


@frappe.whitelist()
def get_single_value(doctype, field):
	if not frappe.has_permission(doctype):
		frappe.throw(_("No permission for {0}").format(_(doctype)), frappe.PermissionError)
	return frappe.db.get_single_value(doctype, field)


@frappe.whitelist(methods=["POST", "PUT"])
def set_value(doctype, name, fieldname, value=None):
	"""Set one field, or several given as a dict or JSON text, and save the document."""
	if fieldname in default_fields + child_table_fields:
		frappe.throw(_("Cannot edit standard fields"))
	values = {fieldname: value}
	if not value:
		try:
			values = json.loads(fieldname) if isinstance(fieldname, str) else fieldname
		except ValueError:
			values = {fieldname: ""}
	if not frappe.get_meta(doctype).istable:
		doc = frappe.get_doc(doctype, name)
		doc.update(values)
	else:
		parent = frappe.db.get_value(doctype, name, ["parenttype", "parent"], as_dict=True)
		doc = frappe.get_doc(parent.parenttype, parent.parent)
		doc.getone({"doctype": doctype, "name": name}).update(values)
	doc.save()
	return doc.as_dict()


@frappe.whitelist(methods=["POST", "PUT"])
def insert(doc=None):
	doc = json.loads(doc) if isinstance(doc, str) else doc
	return frappe.get_doc(doc).insert().as_dict()


@frappe.whitelist(methods=["POST", "PUT"])
def save(doc):
	doc = frappe.get_doc(json.loads(doc) if isinstance(doc, str) else doc)
	doc.save()
	return doc.as_dict()


@frappe.whitelist(methods=["POST", "PUT"])
def submit(doc):
	doc = frappe.get_doc(json.loads(doc) if isinstance(doc, str) else doc)
	doc.submit()
	return doc.as_dict()


@frappe.whitelist(methods=["POST", "PUT"])
def cancel(doctype, name):
	doc = frappe.get_doc(doctype, name)
	doc.cancel()
	return doc.as_dict()


@frappe.whitelist(methods=["DELETE", "POST"])
def delete(doctype, name):
	frappe.delete_doc(doctype, name, ignore_missing=False)


@frappe.whitelist()
def has_permission(doctype, docname, perm_type="read"):
	return {"has_permission": frappe.has_permission(doctype, perm_type.lower(), docname)}


def check_parent_permission(parent: str | None, child_doctype: str) -> None:
	if parent and frappe.permissions.has_permission(parent):
		if any(df.options == child_doctype for df in frappe.get_meta(parent).get_table_fields()):
			return
	raise frappe.PermissionError


@frappe.whitelist()
def validate_link(doctype: str, docname: str, fields: Any = None) -> dict[str, Any]:
	"""The document's name as it is written, and the fields asked for; name is None when there is no such document.

	:raises PermissionError: the user may neither read nor select documents of the doctype
	"""
	if doctype != "DocType" and not any(
		frappe.has_permission(doctype, right) for right in ("select", "read")
	):
		frappe.throw(
			_("You do not have Read or Select Permissions for {}").format(frappe.bold(doctype)),
			frappe.PermissionError,
		)
	values = frappe._dict(name=frappe.db.get_value(doctype, docname))
	fields = _parsed(fields)
	if values.name and fields:
		values.update(get_value(doctype, fields, docname))
	return values
