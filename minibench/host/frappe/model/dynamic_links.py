# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Where Dynamic Link fields point to."""

import frappe


def get_dynamic_link_map(for_delete: bool = False) -> dict[str, list[frappe._dict]]:
	"""Doctype -> dynamic link fields whose rows name that doctype.

	For a doctype field that is a Select of doctypes or free text the stored values decide, as in Frappe.
	"""
	dynamic_link_map: dict[str, list[frappe._dict]] = {}
	for df in get_dynamic_links():
		meta = frappe.get_meta(df.parent)
		if meta.issingle:
			doctypes = [frappe.db.get_singles_dict(df.parent).get(df.options)]
		elif frappe.db.table_exists(df.parent):
			doctypes = frappe.db.sql(f"SELECT DISTINCT `{df.options}` FROM `tab{df.parent}`", pluck=True)
		else:
			doctypes = []
		for doctype in doctypes:
			if doctype:
				dynamic_link_map.setdefault(doctype, []).append(df)
	return dynamic_link_map


def get_dynamic_links() -> list[frappe._dict]:
	"""All Dynamic Link fields: parent, fieldname, options (the field that holds the doctype)."""
	query = """SELECT parent, fieldname, options FROM `tabDocField` WHERE fieldtype = 'Dynamic Link'
		UNION SELECT dt, fieldname, options FROM `tabCustom Field` WHERE fieldtype = 'Dynamic Link'"""
	return frappe.local_cache("dynamic_links", "all", lambda: frappe.db.sql(query, as_dict=True))
