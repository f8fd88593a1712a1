# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What a list shows to a user: the conditions as SQL, the rows and their number."""

import frappe
from frappe.model.db_query import DatabaseQuery
from frappe.utils import cint


def build_match_conditions(doctype: str, user: str | None = None, as_condition: bool = True) -> str:
	"""SQL condition on the doctype's table for the user's permissions; empty when all rows are visible."""
	query = DatabaseQuery(doctype)
	if user:
		query.user = user
	condition = query.build_match_conditions(as_condition)
	return query.mogrify(condition)


@frappe.whitelist()
def get() -> dict | list:
	"""Rows of a list, {keys, values}; an empty list when there are none. Arguments as of get_list."""
	rows = get_list()
	if not rows:
		return []
	keys = list(rows[0])
	return {"keys": keys, "values": [[row[key] for key in keys] for row in rows], "user_info": {}}


@frappe.whitelist()
def get_list() -> list:
	"""Rows that the user may see. Arguments from the request: doctype, fields, filters, order_by, start, page_length."""
	args = _form_arguments()
	return frappe.get_list(
		args.doctype,
		fields=args.fields or ["name"],
		filters=args.filters,
		or_filters=args.or_filters,
		order_by=args.order_by or "KEEP_DEFAULT_ORDERING",
		group_by=args.group_by,
		start=cint(args.start or args.limit_start),
		page_length=cint(args.page_length or args.limit or args.limit_page_length) or 20,
	)


@frappe.whitelist()
def get_count() -> int:
	args = _form_arguments()
	column = f"count(distinct `tab{args.doctype}`.name) as total_count"
	rows = frappe.get_list(
		args.doctype, fields=[column], filters=args.filters, order_by="", limit_page_length=0
	)
	return rows[0].total_count


def _form_arguments() -> frappe._dict:
	args = frappe._dict(frappe.local.form_dict)
	for key in ("fields", "filters", "or_filters"):
		args[key] = frappe.parse_json(args.get(key))
	return args
