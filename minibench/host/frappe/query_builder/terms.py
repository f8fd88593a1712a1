# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Values as bound parameters: strings in a PyPika query never become part of the SQL text."""

from datetime import date, datetime, time, timedelta
from typing import Any

from pypika.terms import Criterion, Function, ValueWrapper
from pypika.utils import format_alias_sql


class NamedParameterWrapper:
	"""Collects the parameters of one query."""

	def __init__(self) -> None:
		self.parameters: dict[str, Any] = {}

	def get_sql(self, param_value: Any, **kwargs) -> str:
		name = f"param{len(self.parameters) + 1}"
		self.parameters[name] = param_value
		return f"%({name})s"

	def get_parameters(self) -> dict[str, Any]:
		return self.parameters


class ParameterizedValueWrapper(ValueWrapper):
	"""A value of a query; texts, dates and times are bound, numbers are written out."""

	def get_sql(
		self,
		quote_char: str | None = None,
		secondary_quote_char: str = "'",
		param_wrapper: NamedParameterWrapper | None = None,
		**kwargs: Any,
	) -> str:
		if param_wrapper and isinstance(self.value, str | date | datetime | time | timedelta):
			sql = param_wrapper.get_sql(param_value=self.value)
		else:
			sql = self.get_value_sql(
				quote_char=quote_char,
				secondary_quote_char=secondary_quote_char,
				param_wrapper=param_wrapper,
				**kwargs,
			)
		return format_alias_sql(sql, self.alias, quote_char=quote_char, **kwargs)


class ParameterizedFunction(Function):
	"""PyPika's Function, passing the parameter collector on to its arguments."""

	def get_sql(self, **kwargs: Any) -> str:
		with_alias = kwargs.pop("with_alias", False)
		with_namespace = kwargs.pop("with_namespace", False)
		quote_char = kwargs.pop("quote_char", None)
		dialect = kwargs.pop("dialect", None)
		sql = self.get_function_sql(
			with_namespace=with_namespace,
			quote_char=quote_char,
			param_wrapper=kwargs.pop("param_wrapper", None),
			dialect=dialect,
		)
		return format_alias_sql(sql, self.alias, quote_char=quote_char, **kwargs) if with_alias else sql


class SubQuery(Criterion):
	"""A query used as a value, e.g. in `isin(SubQuery(...))`."""

	def __init__(self, subq: Any, alias: str | None = None) -> None:
		super().__init__(alias)
		self.subq = subq

	def get_sql(self, **kwargs: Any) -> str:
		kwargs["subquery"] = True
		return self.subq.get_sql(**kwargs)


subqry = SubQuery
