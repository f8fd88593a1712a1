# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Running PyPika queries on `frappe.db`."""

from typing import Any

import frappe
from frappe.query_builder.builder import SQLite
from frappe.query_builder.terms import NamedParameterWrapper
from pypika.queries import Column, QueryBuilder, Table, _SetOperation


def get_query_builder(type_of_db: str = "sqlite") -> type[SQLite]:
	return SQLite


def get_query(*args, **kwargs) -> QueryBuilder:
	from frappe.database.query import Engine

	return Engine().get_query(*args, **kwargs)


def DocType(*args, **kwargs) -> Table:
	return SQLite.DocType(*args, **kwargs)


def prepare_query(query: Any) -> tuple[str, dict]:
	"""SQL text and its parameters (`query.walk()`)."""
	parameters = NamedParameterWrapper()
	sql = query.get_sql(param_wrapper=parameters)
	return sql, parameters.get_parameters()


def execute_query(query: Any, *args, **kwargs) -> Any:
	"""`query.run(as_dict=, pluck=, ...)`, with the arguments of frappe.db.sql."""
	sql, parameters = prepare_query(query)
	return frappe.local.db.sql(sql, parameters, *args, **kwargs)


def patch_query_execute() -> None:
	for builder in (SQLite._BuilderClasss, _SetOperation):
		builder.run = execute_query
		builder.walk = prepare_query


def patch_query_aggregation() -> None:
	from frappe.query_builder.functions import _avg, _max, _min, _sum

	SQLite.max, SQLite.min, SQLite.avg, SQLite.sum = _max, _min, _avg, _sum
	SQLite.get_query = staticmethod(get_query)
