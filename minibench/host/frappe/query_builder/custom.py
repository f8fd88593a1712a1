# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Terms that PyPika lacks."""

from typing import Any

from pypika.functions import DistinctOptionFunction
from pypika.terms import Term
from pypika.utils import format_alias_sql, format_quotes


class GROUP_CONCAT(DistinctOptionFunction):
	def __init__(self, column: Any, alias: str | None = None):
		super().__init__("GROUP_CONCAT", column, alias=alias)


class ConstantColumn(Term):
	"""A column with the same text in every row."""

	alias = None

	def __init__(self, value: str) -> None:
		self.value = value

	def get_sql(self, quote_char: str | None = None, **kwargs: Any) -> str:
		text = format_quotes(str(self.value).replace("'", "''"), kwargs.get("secondary_quote_char") or "'")
		return format_alias_sql(text, self.alias or self.value, quote_char=quote_char, **kwargs)
