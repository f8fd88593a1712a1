# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""`frappe.format_value` and `Document.get_formatted`."""

from typing import Any

import frappe
from frappe.utils.data import cint, cstr, fmt_money, format_date, format_datetime, format_time


def format_value(value: Any, df: Any = None, doc: Any = None, currency: str | None = None, translated: bool = False, format: str | None = None) -> str:  # fmt: skip
	"""A field's value as the user sees it.

	:param df: DocField, dict with `fieldtype` or the fieldtype's name
	"""
	from frappe.model.meta import get_field_currency, get_field_precision

	df = frappe._dict(fieldtype=df) if isinstance(df, str) else (df or frappe._dict(fieldtype="Data"))
	if value is None:
		return ""
	if df.fieldtype == "Date":
		return format_date(value)
	if df.fieldtype == "Datetime":
		return format_datetime(value)
	if df.fieldtype == "Time":
		return format_time(value)
	if df.fieldtype == "Currency":
		currency = currency or (get_field_currency(df, doc) if doc else None)
		return fmt_money(value, precision=get_field_precision(df, doc), currency=currency, format=format)
	if df.fieldtype in ("Float", "Percent"):
		suffix = "%" if df.fieldtype == "Percent" else ""
		return fmt_money(value, precision=get_field_precision(df, doc)) + suffix
	if df.fieldtype in ("Int", "Check"):
		return cstr(cint(value))
	return cstr(value)
