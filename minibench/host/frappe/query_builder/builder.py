# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""`frappe.qb`: PyPika with Frappe's names for tables. The SQL is MySQL's; frappe.database.sqlite translates it."""

from typing import Any

from frappe.query_builder.terms import ParameterizedValueWrapper
from frappe.utils import get_table_name
from pypika import MySQLQuery, Order, terms
from pypika.dialects import MySQLQueryBuilder
from pypika.queries import QueryBuilder, Schema, Table
from pypika.terms import Function


class SQLite(MySQLQuery):
	terms = terms
	desc = Order.desc
	asc = Order.asc
	Schema = Schema
	Table = Table
	Field = terms.Field
	_BuilderClasss = MySQLQueryBuilder

	@staticmethod
	def functions(name: str, *args, **kwargs) -> Function:
		return Function(name, *args, **kwargs)

	@staticmethod
	def DocType(table_name: str, *args, **kwargs) -> Table:
		return Table(get_table_name(table_name), *args, **kwargs)

	@classmethod
	def _builder(cls, *args, **kwargs: Any) -> MySQLQueryBuilder:
		return super()._builder(*args, wrapper_cls=ParameterizedValueWrapper, **kwargs)

	@classmethod
	def from_(cls, table: Any, *args, **kwargs) -> QueryBuilder:
		return super().from_(cls.DocType(table) if isinstance(table, str) else table, *args, **kwargs)

	@classmethod
	def into(cls, table: Any, *args, **kwargs) -> QueryBuilder:
		return super().into(cls.DocType(table) if isinstance(table, str) else table, *args, **kwargs)

	@classmethod
	def update(cls, table: Any, *args, **kwargs) -> QueryBuilder:
		return super().update(cls.DocType(table) if isinstance(table, str) else table, *args, **kwargs)
