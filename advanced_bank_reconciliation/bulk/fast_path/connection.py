# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Stands before one database connection (`frappe.local.db`) and answers from the memo what it has asked before.

Only attributes of this one object are set, so other threads, which have connections of their own, see nothing
of it. Statements that reach the server by another way than `frappe.db.sql` are noticed, and clear the memo.
"""

from collections.abc import Callable
from typing import Any

import frappe

from advanced_bank_reconciliation.bulk.fast_path.copies import copy_rows, is_flat, key_of
from advanced_bank_reconciliation.bulk.fast_path.memo import NOTHING, Memo
from advanced_bank_reconciliation.bulk.fast_path.rows import KnownRows
from advanced_bank_reconciliation.bulk.fast_path.statements import Kind, Rows, Statement, understand
from advanced_bank_reconciliation.bulk.fast_path.sums import TABLE as LEDGER
from advanced_bank_reconciliation.bulk.fast_path.sums import Sums

#: Options of `frappe.db.sql` that only shape the answer.
_SHAPES = frozenset(("as_dict", "as_list", "pluck"))
#: Arguments of `frappe.db.get_values` in their order, and those that make it more than a question.
_ARGUMENTS = ("doctype", "filters", "fieldname", "ignore", "as_dict", "debug", "order_by", "update", "cache")
_NOT_JUST_ASKING = ("debug", "update", "cache", "skip_locked")
#: How a document asks for the rows of one of its tables.
_OF_PARENT = {"parent", "parenttype", "parentfield"}
#: No values are another thing than no value: Frappe then leaves per cent signs alone.
_NOT_GIVEN = object()
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
		self.known = KnownRows(self._sql)
		self.never_remembered = never_remembered
		self.statements = 0
		#: Called with the tables that a statement names, or None, before it is sent (see `held`).
		self.send_held: Callable[[tuple[str, ...] | None], None] = lambda tables: None
		self._before: list[tuple[Any, str, Any]] = []
		self._sending = 0
		self._is_unseen = False

	def attach(self) -> None:
		"""Stand before the connection."""
		self._driver = self.db._conn
		self._original_sql, self._get_values = self.db.sql, self.db.get_values
		self._query = self._driver.query
		self.take_the_place(self._driver, "query", self._count)
		self.take_the_place(self.db, "sql", self.sql)
		self.take_the_place(self.db, "get_values", self.get_values)

	def take_the_place(self, owner: Any, name: str, function: Callable) -> None:
		"""Let `function` be called on this one object until `detach`."""
		self._before.append((owner, name, owner.__dict__.get(name)))
		setattr(owner, name, function)

	def detach(self) -> None:
		"""Leave the connection as it was, and forget everything."""
		while self._before:
			owner, name, before = self._before.pop()
			if before is None:
				owner.__dict__.pop(name, None)
			else:
				setattr(owner, name, before)
		self.forget()

	def _count(self, *args: Any, **kwargs: Any) -> Any:
		if not self._sending:
			self.send_held(None)
			self._is_unseen = True
		self.statements += 1
		return self._query(*args, **kwargs)

	def _sql(self, *args: Any, **kwargs: Any) -> Any:
		self._sending += 1
		try:
			return self._original_sql(*args, **kwargs)
		finally:
			self._sending -= 1

	def forget(self) -> None:
		"""Forget every answer."""
		self.memo.forget()
		self.sums.forget()
		self.known.forget()

	def sql(self, query: Any, values: Any = _NOT_GIVEN, **options: Any) -> Any:
		"""Take the place of `frappe.db.sql`."""
		given = () if values is _NOT_GIVEN else (values,)
		if options.get("run") is False:
			return self._original_sql(query, *given, **options)
		self.look_behind()
		return self._answer(str(query).strip(), given, options)

	def look_behind(self) -> None:
		"""Forget everything if somebody talked to the server behind our back, or it is another connection."""
		if self._is_unseen or self.db._conn is not self._driver:
			self._is_unseen = False
			self.forget()

	def _answer(self, text: str, given: tuple, options: dict[str, Any]) -> Any:
		statement = understand(text)
		is_plain = statement.kind in (*_READS, Kind.WRITE)
		self.send_held(statement.tables if is_plain else None)
		if statement.kind in _READS:
			return self._read(statement, text, given, options)
		if statement.kind is Kind.PASSING_READ:
			self.memo.spoil()
		answer, is_certain = None, False
		try:
			answer = self._sql(text, *given, **options)
			is_certain = True
		finally:
			if statement.kind is Kind.WRITE:
				self._written(statement, _values(given), is_certain)
			elif statement.kind is Kind.FORGET:
				self.forget()
		return answer

	def _read(self, statement: Statement, text: str, given: tuple, options: dict[str, Any]) -> Any:
		shape = {name: value for name, value in options.items() if value and name != "run"}
		key = None
		if shape.keys() <= _SHAPES and self.never_remembered.isdisjoint(statement.tables):
			key = key_of("sql", text, given, shape)
		if not key:
			self.memo.spoil()
			return self._sql(text, *given, **options)
		if not shape and statement.kind is Kind.READ:
			summed = self.sums.answer(text, _values(given), self._sql)
			if summed is not None:
				self.memo.note((Rows(LEDGER),))
				return summed
		answer = self.memo.recall(key)
		if answer is NOTHING:
			answer = self._sql(text, *given, **options)
			rows = statement.rows(_values(given))
			self.memo.note(rows)
			if not is_flat(answer):
				return answer
			self.memo.remember(key, answer, rows)
		return copy_rows(answer)

	def _written(self, statement: Statement, values: Any, is_certain: bool) -> None:
		"""Rows were written; not `is_certain`: or the statement failed."""
		rows = statement.rows(values)
		self.memo.written(rows)
		for written in rows:
			if not statement.is_insert or not is_certain:
				self.known.written(written)
		has_columns = is_certain and statement.columns and isinstance(values, list | tuple)
		if has_columns and self.never_remembered.isdisjoint(statement.tables):
			self.known.inserted(statement.tables[0], statement.columns, values)
		elif statement.is_insert or statement.moves:
			for table in statement.tables:
				self.known.inserted_unseen(table)
		if LEDGER in statement.tables:
			if has_columns:
				self.sums.inserted(statement.columns, values)
			else:
				self.sums.forget()

	def get_values(self, *args: Any, **kwargs: Any) -> Any:
		"""Take the place of `frappe.db.get_values`, which `get_value`, `exists` and documents ask."""
		self.look_behind()
		asked = dict(zip(_ARGUMENTS, args, strict=False)) | kwargs
		key = None
		if asked.get("run", True) and not any(asked.get(name) for name in _NOT_JUST_ASKING):
			key = question(asked)
		if not key:
			return self._get_values(*args, **kwargs)
		if (found := self._find(asked)) is not None:
			return found
		answer = self.memo.recall(key)
		if answer is not NOTHING:
			return copy_rows(answer)
		with self.memo.reading() as reading:
			answer = self._get_values(*args, **kwargs)
		if reading.is_lasting and is_flat(answer):
			self.memo.remember(key, answer, reading.rows)
			return copy_rows(answer)
		return answer

	def _find(self, asked: dict[str, Any]) -> Any:
		"""Answer from rows that are known whole, or return None."""
		filters, fields = asked.get("filters"), asked.get("fieldname", "name")
		if asked.get("pluck") or asked.get("distinct"):
			return None
		table, locked = f"tab{asked['doctype']}", bool(asked.get("for_update"))
		if isinstance(filters, str):
			row = self.known.find(table, filters, locked)
			if row is None:
				return None
			self.memo.note((Rows(table, (("name", filters.rstrip().lower()),)),))
			return _project(row, fields, asked.get("as_dict"))
		if fields != "*" or asked.get("order_by") != "idx asc" or not isinstance(filters, dict):
			return None
		if filters.keys() != _OF_PARENT or not all(isinstance(value, str) for value in filters.values()):
			return None
		rows = self.known.children(table, **filters)
		if rows is None:
			return None
		self.memo.note((Rows(table, (("parent", filters["parent"].lower()),)),))
		return [frappe._dict(row) for row in rows]


def _values(given: tuple) -> Any:
	return given[0] if given else ()


def _project(row: dict[str, Any], fields: Any, as_dict: Any) -> Any:
	"""Return the one row as `frappe.db.get_values` would, or None if a field is no plain column."""
	if fields == "*":
		return [frappe._dict(row)]
	names = [fields] if isinstance(fields, str) else fields
	if not isinstance(names, list | tuple) or not all(
		isinstance(name, str) and name in row for name in names
	):
		return None
	if as_dict:
		return [frappe._dict((name, row[name]) for name in names)]
	return (tuple(row[name] for name in names),)
