# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Stands before one database connection (`frappe.local.db`) and answers from the memo what it has asked before.

Only attributes of this one object are set, so other threads, which have connections of their own, see nothing
of it. Statements that reach the server by another way than `frappe.db.sql` are noticed, and clear the memo.
"""

from collections.abc import Callable
from typing import Any

from advanced_bank_reconciliation.bulk.fast_path.copies import copy_rows, is_flat, key_of
from advanced_bank_reconciliation.bulk.fast_path.memo import NOTHING, Memo
from advanced_bank_reconciliation.bulk.fast_path.statements import Kind, Rows, Statement, understand
from advanced_bank_reconciliation.bulk.fast_path.sums import TABLE as LEDGER
from advanced_bank_reconciliation.bulk.fast_path.sums import Sums

#: Options of `frappe.db.sql` that only shape the answer.
_SHAPES = frozenset(("as_dict", "as_list", "pluck"))
#: Options of `frappe.db.get_values` that make it more than a question.
_ARGUMENTS = ("doctype", "filters", "fieldname", "ignore", "as_dict", "debug", "order_by", "update", "cache")
_NOT_JUST_ASKING = ("debug", "update", "cache", "skip_locked")
_READS = (Kind.READ, Kind.LOCKING_READ)


def question(asked: dict[str, Any]) -> str | None:
	"""Return the key of a call of `frappe.db.get_values` with these arguments, if it can have one."""
	said = {name: value for name, value in asked.items() if value or name in ("filters", "order_by")}
	return key_of("get_values", sorted(said.items()))


class RememberingConnection:
	"""Answers for a Frappe database object between `attach` and `detach`.

	never_remembered: tables whose rows may change under a transaction (not InnoDB's).
	"""

	def __init__(self, db: Any, memo: Memo, never_remembered: frozenset[str] = frozenset()) -> None:
		self.db = db
		self.memo = memo
		self.sums = Sums()
		self.never_remembered = never_remembered
		self.statements = 0
		self._before: dict[str, Any] = {}
		self._seen = 0

	def attach(self) -> None:
		"""Stand before the connection."""
		self._driver = self.db._conn
		self._sql, self._get_values = self.db.sql, self.db.get_values
		self._query = self._driver.query
		self._driver.query = self._count
		self._set("sql", self.sql)
		self._set("get_values", self.get_values)

	def detach(self) -> None:
		"""Leave the connection as it was, and forget everything."""
		self._driver.__dict__.pop("query", None)
		for name, value in self._before.items():
			if value is None:
				self.db.__dict__.pop(name, None)
			else:
				setattr(self.db, name, value)
		self._before.clear()
		self.forget()

	def _set(self, name: str, function: Callable) -> None:
		self._before[name] = self.db.__dict__.get(name)
		setattr(self.db, name, function)

	def _count(self, *args: Any, **kwargs: Any) -> Any:
		self.statements += 1
		return self._query(*args, **kwargs)

	def forget(self) -> None:
		"""Forget every answer."""
		self.memo.forget()
		self.sums.forget()

	def sql(self, query: Any, values: Any = (), *args: Any, **options: Any) -> Any:
		"""Take the place of `frappe.db.sql`."""
		if args or options.get("run") is False:
			return self._sql(query, values, *args, **options)
		if self._seen != self.statements or self.db._conn is not self._driver:
			self.forget()  # somebody talked to the server behind our back
		try:
			return self._answer(str(query).strip(), values, options)
		finally:
			self._seen = self.statements

	def _answer(self, text: str, values: Any, options: dict[str, Any]) -> Any:
		statement = understand(text)
		if statement.kind in _READS:
			return self._read(statement, text, values, options)
		if statement.kind is Kind.HARMLESS:
			return self._sql(text, values, **options)
		if statement.kind is Kind.PASSING_READ:
			self.memo.spoil()
			return self._sql(text, values, **options)
		try:
			return self._sql(text, values, **options)
		finally:
			if statement.kind is Kind.WRITE:
				self._written(statement, values)
			else:
				self.forget()

	def _read(self, statement: Statement, text: str, values: Any, options: dict[str, Any]) -> Any:
		shape = {name: value for name, value in options.items() if value and name != "run"}
		key = None
		if shape.keys() <= _SHAPES and self.never_remembered.isdisjoint(statement.tables):
			key = key_of("sql", text, values, shape)
		if not key:
			self.memo.spoil()
			return self._sql(text, values, **options)
		if not shape and statement.kind is Kind.READ:
			summed = self.sums.answer(text, values, self._sql)
			if summed is not None:
				self.memo.note((Rows(LEDGER),))
				return summed
		answer = self.memo.recall(key)
		if answer is NOTHING:
			answer = self._sql(text, values, **options)
			rows = statement.rows(values)
			self.memo.note(rows)
			if not is_flat(answer):
				return answer
			self.memo.remember(key, answer, rows)
		return copy_rows(answer)

	def _written(self, statement: Statement, values: Any) -> None:
		self.memo.written(statement.rows(values))
		if LEDGER in statement.tables:
			if statement.columns and isinstance(values, list | tuple):
				self.sums.inserted(statement.columns, values)
			else:
				self.sums.forget()

	def get_values(self, *args: Any, **kwargs: Any) -> Any:
		"""Take the place of `frappe.db.get_values`, which `get_value`, `exists` and documents ask."""
		asked = dict(zip(_ARGUMENTS, args, strict=False)) | kwargs
		key = None
		if asked.get("run", True) and not any(asked.get(name) for name in _NOT_JUST_ASKING):
			key = question(asked)
		if not key:
			return self._get_values(*args, **kwargs)
		answer = self.memo.recall(key)
		if answer is not NOTHING:
			return copy_rows(answer)
		with self.memo.reading() as reading:
			answer = self._get_values(*args, **kwargs)
		if reading.is_lasting and is_flat(answer):
			self.memo.remember(key, answer, reading.rows)
			return copy_rows(answer)
		return answer
