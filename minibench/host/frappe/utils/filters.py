# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Filters on values in memory and the normal form of a filter; re-exported by frappe.utils."""

import operator
from collections.abc import Callable
from typing import Any

import frappe
from frappe.types.frappedict import _dict
from frappe.utils.dates import get_datetime, get_timedelta, getdate
from frappe.utils.numbers import cint, cstr, flt

VALID_OPERATORS = (
	"=", "!=", ">", "<", ">=", "<=", "like", "not like", "in", "not in", "is", "between",
	"descendants of", "descendants of (inclusive)", "ancestors of", "not descendants of", "not ancestors of",
)  # fmt: skip

operator_map: dict[str, Callable[[Any, Any], bool]] = {
	"^": lambda a, b: (a or "").startswith(b),
	"in": lambda a, b: a in b,
	"not in": lambda a, b: a not in b,
	"=": operator.eq,
	"!=": operator.ne,
	">": operator.gt,
	"<": operator.lt,
	">=": operator.ge,
	"<=": operator.le,
	"not None": lambda a, b: bool(a),
	"None": lambda a, b: not a,
	"like": lambda a, b: sql_like(a, b),
	"not like": lambda a, b: not sql_like(a, b),
}


def sql_like(value: str, pattern: str) -> bool:
	"""LIKE with % at the ends only."""
	text, needle = cstr(value), pattern.strip("%")
	if pattern.startswith("%") and pattern.endswith("%"):
		return needle in text
	if pattern.startswith("%"):
		return text.endswith(needle)
	return text.startswith(needle) if pattern.endswith("%") else text == pattern


def compare(val1: Any, condition: str, val2: Any, fieldtype: str | None = None) -> bool:
	if fieldtype:
		val1, val2 = cast(fieldtype, val1), cast(fieldtype, val2)
	function = operator_map.get(condition)
	return function(val1, val2) if function else False


def evaluate_filters(doc: Any, filters: dict | list) -> bool:
	"""Whether a document or dict meets all filters."""
	doctype = doc.get("doctype")
	items = filters.items() if isinstance(filters, dict) else filters
	for item in items:
		condition = get_filter(
			doctype, make_filter_tuple(doctype, *item) if isinstance(filters, dict) else item
		)
		if not compare(
			doc.get(condition.fieldname), condition.operator, condition.value, condition.fieldtype
		):
			return False
	return True


def cast(fieldtype: str, value: Any = None) -> Any:
	"""The value as the Python type of that field; texts and empties become zero values."""
	if fieldtype in ("Currency", "Float", "Percent", "Rating"):
		return flt(value)
	if fieldtype in ("Int", "Check", "Long Int"):
		return cint(value)
	if fieldtype in (
		"Data",
		"Text",
		"Small Text",
		"Long Text",
		"Text Editor",
		"Select",
		"Link",
		"Dynamic Link",
	):
		return cstr(value)
	if fieldtype == "Date":
		return getdate(value or "0001-01-01")
	if fieldtype == "Datetime":
		return get_datetime(value or "0001-01-01 00:00:00.000000")
	if fieldtype == "Time":
		return get_timedelta(value)
	return value


def cast_fieldtype(fieldtype: str, value: Any, show_warning: bool = True) -> Any:
	"""As `cast`, but an empty date stays empty (as Frappe keeps it for Singles)."""
	if fieldtype in ("Date", "Datetime") and not value:
		return value if value is None else None
	if fieldtype == "Time" and value is None:
		return None
	return cast(fieldtype, value)


def make_filter_tuple(doctype: str, key: str, value: Any) -> list:
	if isinstance(value, list | tuple):
		return [doctype, key, value[0], value[1]]
	return [doctype, key, "=", value]


def get_filter(doctype: str, f: dict | list | tuple, filters_config: dict | None = None) -> _dict:
	"""A filter in normal form: doctype, fieldname, operator, value, fieldtype.

	Accepts {field: value}, [field, value], [field, operator, value] and [doctype, field, operator, value].
	:raises ValidationError: wrong shape or operator
	"""
	from frappe.model import child_table_fields, default_fields, optional_fields

	if isinstance(f, dict):
		key, value = next(iter(f.items()))
		f = make_filter_tuple(doctype, key, value)
	if not isinstance(f, list | tuple):
		frappe.throw(frappe._("Filter must be a tuple or list (in a list)"))
	if len(f) == 2:
		f = make_filter_tuple(doctype, f[0], f[1])
	elif len(f) == 3:
		f = (doctype, f[0], f[1], f[2])
	elif len(f) > 4:
		f = f[:4]
	elif len(f) != 4:
		frappe.throw(
			frappe._("Filter must have 4 values (doctype, fieldname, operator, value): {0}").format(cstr(f))
		)
	f = _dict(doctype=f[0] or doctype, fieldname=f[1], operator=cstr(f[2]) or "=", value=f[3])
	if f.operator.lower() not in VALID_OPERATORS:
		frappe.throw(frappe._("Operator must be one of {0}").format(", ".join(VALID_OPERATORS)))

	if f.fieldname not in default_fields + optional_fields + child_table_fields:
		f = _with_field(f)
	return f


def _with_field(f: _dict) -> _dict:
	"""Fieldtype of the field; a field that only a child table has moves the filter to that table."""
	meta = frappe.get_meta(f.doctype)
	if not meta.has_field(f.fieldname):
		for table_field in meta.get_table_fields():
			if frappe.get_meta(table_field.options).has_field(f.fieldname):
				f.doctype = table_field.options
				break
	field = frappe.get_meta(f.doctype).get_field(f.fieldname)
	f.fieldtype = field.fieldtype if field else None
	return f


def _filter(data: list | None, filters: dict | None, limit: int | None = None) -> list:
	"""Rows that meet filters: {"key": value}, {"key": [operator, value]}, True/False for filled/empty, "^text" prefix."""
	conditions = {key: _normal_filter(value) for key, value in (filters or {}).items()}
	result = []
	for row in data or []:
		if all(compare(getattr(row, key, None), op, value) for key, (op, value) in conditions.items()):
			result.append(row)
			if limit and len(result) >= limit:
				break
	return result


def _normal_filter(value: Any) -> tuple[str, Any]:
	if isinstance(value, list | tuple):
		return value[0], value[1]
	if value is True:
		return "not None", value
	if value is False:
		return "None", value
	if isinstance(value, str) and value.startswith("^"):
		return "^", value[1:]
	return "=", value
