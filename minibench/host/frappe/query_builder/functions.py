# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""SQL functions by the names Frappe gives them. Those SQLite lacks are in frappe.database.sqlite.functions."""

from typing import Any

import frappe
from frappe.query_builder.custom import GROUP_CONCAT
from pypika.functions import *
from pypika.functions import Avg, Cast, IfNull, Max, Min, Sum
from pypika.terms import CustomFunction, Function, PseudoColumn

GroupConcat = GROUP_CONCAT
CombineDatetime = CustomFunction("TIMESTAMP", ["date", "time"])
DateFormat = CustomFunction("DATE_FORMAT", ["date", "format"])
UnixTimestamp = CustomFunction("unix_timestamp", ["date"])
Ifnull = IfNull


class Concat_ws(Function):
	def __init__(self, *terms, **kwargs):
		super().__init__("CONCAT_WS", *terms, **kwargs)


class Locate(Function):
	def __init__(self, *terms, **kwargs):
		super().__init__("LOCATE", *terms, **kwargs)


class Timestamp(Function):
	def __init__(self, term: Any, time: Any = None, alias: str | None = None):
		super().__init__("TIMESTAMP", *([term, time] if time else [term]), alias=alias)


class Round(Function):
	def __init__(self, term: Any, decimal: int = 0, **kwargs):
		super().__init__("ROUND", term, decimal, **kwargs)


class Truncate(Function):
	def __init__(self, term: Any, decimal: int, **kwargs):
		super().__init__("TRUNCATE", term, decimal, **kwargs)


class Cast_(Cast):
	"""CAST under the name Frappe uses; "varchar" becomes the text type that MySQL and SQLite both know."""

	def __init__(self, value: Any, as_type: Any, alias: str | None = None):
		super().__init__(value, "char" if str(as_type).lower() == "varchar" else as_type, alias=alias)


def _aggregate(function: Any, dt: str, fieldname: str, filters: Any, **kwargs) -> Any:
	column = function(PseudoColumn(fieldname))
	return frappe.qb.get_query(dt, filters=filters, fields=[column]).run(**kwargs)[0][0] or 0


def _max(dt: str, fieldname: str, filters: Any = None, **kwargs) -> Any:
	return _aggregate(Max, dt, fieldname, filters, **kwargs)


def _min(dt: str, fieldname: str, filters: Any = None, **kwargs) -> Any:
	return _aggregate(Min, dt, fieldname, filters, **kwargs)


def _avg(dt: str, fieldname: str, filters: Any = None, **kwargs) -> Any:
	return _aggregate(Avg, dt, fieldname, filters, **kwargs)


def _sum(dt: str, fieldname: str, filters: Any = None, **kwargs) -> Any:
	return _aggregate(Sum, dt, fieldname, filters, **kwargs)
