# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""DocType JSON files into tabDocType, tabDocField and tabDocPerm; other JSON documents into their tables."""

import json
import os
from typing import Any

import frappe
from frappe.permissions import rights
from frappe.utils import now

# child tables of DocType that minibench keeps, by the key in the JSON
DOCTYPE_TABLES = {"fields": "DocField", "permissions": "DocPerm"}

# what a row in a file means that does not say it: the columns' own defaults are for rows made in a form
_ABSENT = {"DocField": {}, "DocPerm": dict.fromkeys(rights, 0)}


def read_doc_from_file(path: str) -> dict:
	with open(path, encoding="utf-8") as file:
		return json.load(file)


def import_file_by_path(path: str, force: bool = True, **options) -> None:
	doc = read_doc_from_file(path)
	for each in doc if isinstance(doc, list) else [doc]:
		import_doc(each)


def import_doc(doc: dict) -> None:
	"""Replace a document by the file's: a DocType by its rows, any other by insert without checks of links."""
	if doc["doctype"] == "DocType":
		store_doctype(doc)
		return
	new = frappe.get_doc(doc)
	new.flags.ignore_permissions = new.flags.ignore_links = new.flags.ignore_mandatory = True
	if frappe.db.exists(new.doctype, new.name):
		frappe.delete_doc(new.doctype, new.name, force=True, ignore_permissions=True, delete_permanently=True)
	new.insert(set_name=new.name)


def store_doctype(doc: dict) -> None:
	"""Write a DocType's rows and create or extend its table."""
	from frappe.database.schema import sync_table

	name = doc["name"]
	moment = doc.get("modified") or now()
	standard = {
		"owner": "Administrator",
		"modified_by": "Administrator",
		"creation": moment,
		"modified": moment,
	}
	frappe.db.sql("DELETE FROM tabDocType WHERE name = %s", (name,))
	_insert_row("DocType", {**doc, **standard})
	for key, child in DOCTYPE_TABLES.items():
		frappe.db.sql(f"DELETE FROM `tab{child}` WHERE parent = %s AND parenttype = 'DocType'", (name,))
		for idx, row in enumerate(doc.get(key) or (), 1):
			place = {"parent": name, "parenttype": "DocType", "parentfield": key, "idx": idx}
			_insert_row(
				child, {**_ABSENT[child], **row, **standard, **place, "name": frappe.generate_hash(length=10)}
			)
	if not doc.get("issingle") and not doc.get("is_virtual"):
		fields = _with_custom_fields(name, doc.get("fields") or [])
		sync_table(name, fields, istable=doc.get("istable"), track_seen=doc.get("track_seen"))
	_make_roles(doc.get("permissions") or ())
	frappe.clear_cache(doctype=name)
	frappe.controllers.pop(frappe.local.site_path, None)


def _with_custom_fields(doctype: str, fields: list[dict]) -> list[dict]:
	query = "SELECT * FROM `tabCustom Field` WHERE dt = %s"
	return [*fields, *frappe.db.sql(query, (doctype,), as_dict=True, ignore_ddl=True)]


def _insert_row(doctype: str, values: dict[str, Any]) -> None:
	"""Insert the values that have a column."""
	columns = [
		column for column in frappe.db.get_db_table_columns(f"tab{doctype}") if values.get(column) is not None
	]
	names = ", ".join(f"`{column}`" for column in columns)
	marks = ", ".join(["%s"] * len(columns))
	row = [values[column] for column in columns]
	frappe.db.sql(f"INSERT INTO `tab{doctype}` ({names}) VALUES ({marks})", row)


def _make_roles(permissions: Any) -> None:
	if not frappe.db.table_exists("Role"):
		return
	for role in dict.fromkeys(permission["role"] for permission in permissions):
		if not frappe.db.exists("Role", role):
			values = {
				"name": role,
				"role_name": role,
				"desk_access": 1,
				"owner": "Administrator",
				"creation": now(),
			}
			_insert_row("Role", {**values, "modified": now(), "modified_by": "Administrator"})


def doctype_files(app: str) -> list[str]:
	"""Paths of the app's DocType JSON files, by module and name."""
	paths = []
	for module in frappe.get_module_list(app):
		folder = frappe.get_app_path(app, frappe.scrub(module), "doctype")
		for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
			path = os.path.join(folder, name, f"{name}.json")
			if os.path.exists(path):
				paths.append(path)
	return paths
