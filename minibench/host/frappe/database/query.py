# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Filters and fields of `frappe.db.get_value` & Co as SQL, and `frappe.qb.get_query` as a PyPika query.

Comparisons are plain SQL here (a NULL meets no `!=`), other than in frappe.get_all, which treats NULL as empty.
"""

import operator
import re
from collections.abc import Callable
from typing import Any

import frappe
from frappe.database.utils import DefaultOrderBy, NestedSetHierarchy
from frappe.utils import get_table_name
from pypika.queries import QueryBuilder, Table
from pypika.terms import Criterion, Field, PseudoColumn, Term

_IDENTIFIER = re.compile(r"^\w+$")
_FORBIDDEN_IN_FIELDS = re.compile(r";|--|/\*|\bselect\b", re.IGNORECASE)
_COMPARISONS = {"=": "=", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "=<": "<=", "=>": ">="}


class Query:
	"""A SELECT on one doctype's table."""

	def __init__(
		self,
		doctype: str,
		fields: Any,
		filters: Any,
		order_by: str | None = None,
		*,
		limit: int | None = None,
		distinct: bool = False,
		for_update: bool = False,
		skip_locked: bool = False,
		wait: bool = True,
	):
		where, self.parameters = plain_condition(doctype, filters)
		lock = ""
		if for_update:
			lock = " FOR UPDATE" + (" SKIP LOCKED" if skip_locked else "" if wait else " NOWAIT")
		self.sql = (
			f"SELECT {'DISTINCT ' if distinct else ''}{select_list(fields)} "
			f"FROM {get_table_name(doctype, True)}{where}{order_clause(order_by)}"
			f"{f' LIMIT {int(limit)}' if limit else ''}{lock}"
		)

	def run(self, **kwargs) -> Any:
		return frappe.local.db.sql(self.sql, self.parameters, **kwargs)


def select_list(fields: Any) -> str:
	if isinstance(fields, str):
		if fields == "*":
			return "*"
		fields = fields.split(",") if "," in fields and "(" not in fields else [fields]
	return ", ".join(_select_item(field) for field in fields)


def _select_item(field: Any) -> str:
	if isinstance(field, Term):
		return field.get_sql(quote_char="`", with_alias=True)
	field = field.strip()
	if _IDENTIFIER.match(field):
		return f"`{field}`"
	if _FORBIDDEN_IN_FIELDS.search(field):
		frappe.throw(frappe._("Invalid field: {0}").format(field))
	return field


def order_clause(order_by: str | None) -> str:
	"""Default order is by modification, latest first; a column without direction sorts descending (as Frappe's)."""
	if not order_by:
		return ""
	if order_by == DefaultOrderBy:
		return " ORDER BY `modified` DESC"
	terms = []
	for part in order_by.split(","):
		column, _space, direction = part.strip().partition(" ")
		direction = direction.strip().lower() or "desc"
		if direction not in ("asc", "desc") or _FORBIDDEN_IN_FIELDS.search(column):
			frappe.throw(frappe._("Invalid order by: {0}").format(order_by))
		terms.append(f"{f'`{column}`' if _IDENTIFIER.match(column) else column} {direction}")
	return " ORDER BY " + ", ".join(terms)


def plain_condition(doctype: str, filters: Any) -> tuple[str, list]:
	""" " WHERE ..." and its parameters; filters are a name, a dict, a list of names, or a list of conditions."""
	parts: list[str] = []
	parameters: list = []
	for field, compare, value in normal_form(filters):
		if isinstance(field, Term):
			parts.append(field.get_sql(quote_char="`"))
			continue
		sql, values = _condition(doctype, field, compare, value)
		parts.append(sql)
		parameters.extend(values)
	return (" WHERE " + " AND ".join(parts) if parts else ""), parameters


def normal_form(filters: Any) -> list[tuple]:
	"""(field, operator, value) for every accepted shape of filters."""
	if filters is None:
		return []
	if isinstance(filters, Criterion):
		return [(filters, None, None)]
	if isinstance(filters, str | int):
		return [("name", "=", str(filters))]
	if isinstance(filters, dict):
		return [
			(field, *value) if isinstance(value, list | tuple) else (field, "=", value)
			for field, value in filters.items()
		]
	if filters and all(isinstance(item, str | int) for item in filters):
		return [("name", "in", filters)]
	result: list[tuple] = []
	for item in filters:
		if not isinstance(item, list | tuple):
			result.extend(normal_form(item))
		elif len(item) == 2:
			result.append((item[0], "=", item[1]))
		else:
			result.append(tuple(item[-3:]))
	return result


def _condition(doctype: str, field: str, compare: str, value: Any) -> tuple[str, list]:
	if not _IDENTIFIER.match(field):
		frappe.throw(frappe._("Invalid filter: {0}").format(field))
	column, compare = f"`{field}`", compare.casefold()
	if compare in NestedSetHierarchy:
		value = nested_set_names(doctype, field, value, compare)
		compare = "not in" if compare.startswith("not") else "in"
	if isinstance(value, bool):
		value = int(value)
	if value is None:
		return f"{column} IS NULL", []
	if compare in _COMPARISONS:
		if isinstance(value, Field):
			return f"{column} {_COMPARISONS[compare]} `{value.name}`", []
		return f"{column} {_COMPARISONS[compare]} %s", [_comparable(doctype, field, value)]
	if compare in ("in", "not in"):
		values = value.split(",") if isinstance(value, str) else list(value)
		return f"{column} {compare.upper()} %s", [values or [""]]
	if compare in ("like", "not like"):
		return f"{column} {compare.upper()} %s", [value]
	if compare == "between":
		return f"{column} BETWEEN %s AND %s", [_comparable(doctype, field, item) for item in value]
	if compare == "is":
		return (
			(f"{column} != ''", [])
			if value.lower() == "set"
			else (f"({column} IS NULL OR {column} = '')", [])
		)
	raise NotImplementedError(f"frappe.db filter operator {compare!r} is not in minibench")


def _comparable(doctype: str, field: str, value: Any) -> Any:
	"""A datetime compared with a Date column loses its time, as MariaDB's column type makes it."""
	if isinstance(value, str) or not hasattr(value, "isoformat"):
		return value
	return frappe.get_meta(doctype).to_column_value(field, value)


def nested_set_names(doctype: str, field: str, name: str, compare: str) -> list[str]:
	"""Names of the ancestors or descendants of a tree node that the field links to."""
	df = frappe.get_meta(doctype).get_field(field)
	tree = df.options if df else doctype
	lft, rgt = frappe.db.get_value(tree, name, ["lft", "rgt"]) or (0, 0)
	if "descendants" in compare:
		names = frappe.get_all(
			tree, filters={"lft": [">", lft], "rgt": ["<", rgt]}, order_by="lft asc", pluck="name"
		)
		return [*names, name] if "inclusive" in compare else names
	return frappe.get_all(
		tree, filters={"lft": ["<", lft], "rgt": [">", rgt]}, order_by="lft desc", pluck="name"
	)


# --- frappe.qb.get_query ----------------------------------------------------------------------------------------------

OPERATOR_MAP: dict[str, Callable] = {
	"=": operator.eq,
	"!=": operator.ne,
	"<": operator.lt,
	">": operator.gt,
	"<=": operator.le,
	">=": operator.ge,
	"in": lambda key, value: key.isin(value.split(",") if isinstance(value, str) else value),
	"not in": lambda key, value: key.notin(value.split(",") if isinstance(value, str) else value),
	"like": lambda key, value: key.like(value),
	"not like": lambda key, value: key.not_like(value),
	"between": lambda key, value: key[slice(*value)],
	"is": lambda key, value: (key != "") if value.lower() == "set" else key.isnull() | (key == ""),
}


class Engine:
	"""Builds the PyPika query of `frappe.qb.get_query`."""

	def get_query(
		self,
		table: str | Table,
		fields: Any = None,
		filters: Any = None,
		order_by: str | None = None,
		group_by: str | None = None,
		limit: int | None = None,
		offset: int | None = None,
		distinct: bool = False,
		for_update: bool = False,
		update: bool = False,
		into: bool = False,
		delete: bool = False,
		*,
		validate_filters: bool = False,
		skip_locked: bool = False,
		wait: bool = True,
	) -> QueryBuilder:
		self.table = frappe.qb.DocType(table) if isinstance(table, str) else table
		self.doctype = self.table._table_name.removeprefix("tab")
		if update:
			query = frappe.qb.update(self.table)
		elif into:
			query = frappe.qb.into(self.table)
		elif delete:
			query = frappe.qb.from_(self.table).delete()
		else:
			query = frappe.qb.from_(self.table).select(*self._fields(fields))
		for condition in self._conditions(filters):
			query = query.where(condition)
		for column, direction in self._order(order_by):
			query = query.orderby(column, order=direction)
		query = query.limit(limit) if limit else query
		query = query.offset(offset) if offset else query
		query = query.distinct() if distinct else query
		query = query.for_update(skip_locked=skip_locked, nowait=not wait) if for_update else query
		return query.groupby(group_by) if group_by else query

	def _fields(self, fields: Any) -> list:
		if not fields:
			return [self.table.name]
		fields = [fields] if isinstance(fields, str | Term) else fields
		return [self._field(field) for field in fields]

	def _field(self, field: Any) -> Any:
		if isinstance(field, Term):
			return field
		if field == "*":
			return self.table.star
		name, _as, alias = field.partition(" as ")
		if _IDENTIFIER.match(name):
			return self.table[name].as_(alias) if alias else self.table[name]
		return PseudoColumn(_select_item(field))

	def _conditions(self, filters: Any) -> list[Criterion]:
		result = []
		for field, compare, value in normal_form(filters):
			if isinstance(field, Criterion) and compare is None:
				result.append(field)
				continue
			column = self.table[field] if isinstance(field, str) else field
			compare = compare.casefold()
			if compare in NestedSetHierarchy:
				value = nested_set_names(self.doctype, field, value, compare) or [""]
				compare = "not in" if compare.startswith("not") else "in"
			value = int(value) if isinstance(value, bool) else value
			value = ("",) if isinstance(value, list | tuple) and not value else value
			result.append(column.isnull() if value is None else OPERATOR_MAP[compare](column, value))
		return result

	def _order(self, order_by: str | None) -> list[tuple]:
		result = []
		for part in (order_by or "").split(","):
			if name := part.strip():
				column, _space, direction = name.partition(" ")
				order = frappe.qb.asc if direction.strip().lower() == "asc" else frappe.qb.desc
				result.append(
					(self.table[column] if _IDENTIFIER.match(column) else PseudoColumn(column), order)
				)
		return result
