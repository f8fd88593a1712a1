# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Whole rows that this transaction holds: locked by it, or inserted by it. Nobody else can change these.

A row that was read under lock is what a later locking read gives too. One that was inserted is what was inserted.
Both change only when this transaction writes them, and what a single `set_value` writes is known as well. So they
are kept as the database would give them back, column by column after the column's type; a value of which that is
not certain means that the row is not kept.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import frappe
from frappe.utils import get_datetime

from advanced_bank_reconciliation.bulk.fast_path.statements import Rows, comparable

#: Longest text that is kept, in characters: a text column holds 65,535 bytes.
_LONGEST = 16_000
_PLACES = Decimal("1e-9")

Row = dict[str, Any]

#: Columns that say which row it is, and of which document.
_PLACE = frozenset(("name", "parent", "parenttype", "parentfield", "idx"))


class Uncertain(Exception):
	"""What the database gives back for a value is not certain."""


def _as_text(longest: int) -> Callable[[Any], Any]:
	def read(value: Any) -> str:
		if type(value) is not str or len(value) > longest:
			raise Uncertain
		return value

	return read


def _as_amount(value: Any) -> float:
	if type(value) not in (int, float) or abs(value) >= 1e11:
		raise Uncertain
	return float(Decimal(repr(value)).quantize(_PLACES, ROUND_HALF_UP))


def _as_number(value: Any) -> int:
	if not isinstance(value, int) or abs(value) >= 2**31:
		raise Uncertain
	return int(value)


def _as_date(value: Any) -> datetime.date:
	if type(value) is datetime.date:
		return value
	if type(value) is not str or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
		raise Uncertain
	return datetime.date.fromisoformat(value)


def _as_moment(value: Any) -> datetime.datetime:
	if type(value) is datetime.datetime and not value.tzinfo:
		return value
	if type(value) is not str or not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?", value):
		raise Uncertain
	return get_datetime(value)


def _reader(column_type: str) -> Callable[[Any], Any] | None:
	"""Return what turns a value that was sent into what is read back, by the column's type."""
	if match := re.fullmatch(r"varchar\((\d+)\)", column_type):
		return _as_text(int(match.group(1)))
	if column_type in ("text", "longtext", "mediumtext"):
		return _as_text(_LONGEST)
	if column_type == "decimal(21,9)":
		return _as_amount
	if re.fullmatch(r"(int|tinyint|bigint)\(\d+\)", column_type):
		return _as_number
	return {"date": _as_date, "datetime(6)": _as_moment}.get(column_type)


class KnownRows:
	"""The rows of one transaction, by table and name.

	ask: puts a statement to the database and returns rows.
	"""

	def __init__(self, ask: Callable[..., Any]) -> None:
		self._ask = ask
		self._columns: dict[str, dict[str, tuple[Callable | None, Any]]] = {}
		#: What a locking read gives, and what a plain one gives; the same once the transaction wrote the row.
		self._locked: dict[str, dict[str, Row]] = {}
		self._plain: dict[str, dict[str, Row]] = {}
		self._inserted: dict[str, set[str]] = {}
		#: Tables with rows that were inserted, or might have been, and are not kept.
		self._incomplete: set[str] = set()

	def learn(self, table: str, rows: Iterable[Row], locked: bool) -> None:
		"""Keep whole rows that were just read, under lock or plainly."""
		of_table = (self._locked if locked else self._plain).setdefault(table, {})
		for row in rows:
			if key := comparable(row["name"]):
				of_table[key] = row

	def find(self, table: str, name: str, locked: bool) -> Row | None:
		"""Return the row, not a copy, if it is known under exactly this name."""
		row = (self._locked if locked else self._plain).get(table, {}).get(name.rstrip().lower())
		return row if row and row["name"] == name else None

	def children(self, table: str, parent: str, parenttype: str, parentfield: str) -> list[Row] | None:
		"""Return the rows of a document that this transaction inserted, in their order, or None.

		Nobody else can have added any: the document is not committed, so its name is not known elsewhere.
		"""
		if table in self._incomplete or parent.lower() not in self._inserted.get(f"tab{parenttype}", ()):
			return None
		place = (parent, parenttype, parentfield)
		found = [
			row
			for key in self._inserted.get(table, ())
			if (row := self._locked[table][key])
			and (row.get("parent"), row.get("parenttype"), row.get("parentfield")) == place
		]
		found.sort(key=lambda row: row["idx"])
		return found if len({row["idx"] for row in found}) == len(found) else None

	def inserted(self, table: str, columns: Sequence[str], values: Sequence[Any]) -> None:
		"""Keep the row that was inserted with these values, if it is certain what it looks like."""
		try:
			row = self._row(table, dict(zip(columns, values, strict=True)))
			key = comparable(row["name"])
		except (Uncertain, ValueError, KeyError):
			key = None
		if not key:
			self._incomplete.add(table)
			return
		self._keep(table, key, row)
		self._inserted.setdefault(table, set()).add(key)

	def is_inserted(self, table: str, name: str) -> bool:
		"""Return whether this transaction inserted the row, and it is known."""
		key = comparable(name)
		return key in self._inserted.get(table, ()) and self.find(table, name, locked=True) is not None

	def amend(self, table: str, name: str, changes: Row, write: Callable[[], Any]) -> bool:
		"""Let `write` change these columns of the row, and nothing else.

		Returns whether the row is known as it is then.
		"""
		row, key = self.find(table, name, locked=True), comparable(name)
		was_inserted = key in self._inserted.get(table, ())
		was_complete = table not in self._incomplete
		write()
		if row is None or not _PLACE.isdisjoint(changes):
			return False
		columns = self._of(table)
		try:
			changed = {column: self._read(columns, column, value) for column, value in changes.items()}
		except Uncertain:
			return False
		self._keep(table, key, frappe._dict({**row, **changed}))
		if was_inserted:
			self._inserted[table].add(key)
		if was_complete:
			self._incomplete.discard(table)
		return True

	def _keep(self, table: str, key: str, row: Row) -> None:
		self._locked.setdefault(table, {})[key] = row
		self._plain.setdefault(table, {})[key] = row

	def written(self, written: Rows) -> None:
		"""Drop the rows that may have been written."""
		name = dict(written.values).get("name")
		for kept in (self._locked, self._plain):
			of_table = kept.get(written.table, {})
			candidates = list(of_table) if name is None else [name] if name in of_table else []
			for key in candidates:
				if not written.may_touch(Rows(written.table, _identity(key, of_table[key]))):
					continue
				del of_table[key]
				if key in self._inserted.get(written.table, ()):
					self._inserted[written.table].discard(key)
					self._incomplete.add(written.table)

	def inserted_unseen(self, table: str) -> None:
		"""Rows were inserted of which nothing is known."""
		self._incomplete.add(table)

	def forget(self) -> None:
		"""Forget every row."""
		for kept in (self._locked, self._plain, self._inserted, self._incomplete):
			kept.clear()

	def _row(self, table: str, values: Row) -> Row:
		columns = self._of(table)
		if values.keys() - columns.keys():
			raise Uncertain
		row = frappe._dict()
		for name, (_read, default) in columns.items():
			if name not in values and default is not None:
				raise Uncertain
			row[name] = self._read(columns, name, values.get(name))
		return row

	@staticmethod
	def _read(columns: dict[str, tuple[Callable | None, Any]], name: str, value: Any) -> Any:
		if name not in columns:
			raise Uncertain
		if value is None:
			return None
		reader = columns[name][0]
		if reader is None:
			raise Uncertain
		return reader(value)

	def _of(self, table: str) -> dict[str, tuple[Callable | None, Any]]:
		"""Return the columns of the table in their order, each with its reader and its default."""
		if table not in self._columns:
			self._columns[table] = self._described(table)
		return self._columns[table]

	def _described(self, table: str) -> dict[str, tuple[Callable | None, Any]]:
		described = self._ask(
			"select column_name, column_type, column_default, extra from information_schema.columns"
			" where table_schema = database() and table_name = %s order by ordinal_position",
			(table,),
		)
		if any(extra for *_column, extra in described):
			return {}  # what the server fills in by itself makes every row uncertain
		return {
			name: (_reader(column_type), None if default in (None, "NULL") else default)
			for name, column_type, default, _extra in described
		}


def _identity(key: str, row: Row) -> tuple[tuple[str, str], ...]:
	parent = comparable(row.get("parent"))
	return (("name", key), ("parent", parent)) if parent else (("name", key),)
