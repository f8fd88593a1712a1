# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Compares two ways to the same result by every field of every row that either of them writes.

Both ways run in the same transaction, from the same books: after the first everything is rolled back. So names
from naming series, balances and outstanding amounts must be the same too. The clock stands still. Only names that
are drawn at random differ; each is replaced by the place its row has among its siblings.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import frappe
from freezegun import freeze_time

from advanced_bank_reconciliation.bulk.fast_path.statements import Kind, understand

#: In the afternoon, UTC: the same day wherever the site is.
NOW = "2026-06-01 12:00:00.123456"

Row = dict[str, Any]


class Difference(AssertionError):
	"""The two ways wrote different rows."""


def assert_same(
	first: Callable[[], Any],
	second: Callable[[], Any],
	least_rows: int = 1,
	ignore: Callable[[str], bool] = lambda table: False,
) -> dict[str, int]:
	"""Raise Difference unless both ways write the same. Returns how many rows were compared, by table.

	The first way runs once more before, to learn which tables it writes. The caller has committed what both ways
	start from. least_rows: fewer rows than these mean that nothing was compared, which is an error too.
	ignore: tells the tables that are not compared.
	"""
	tables = _run(first)
	frappe.db.rollback()
	before = {table: _marks(table) for table in tables}
	by_first, by_second = _changes(first, before, ignore), _changes(second, before, ignore)
	problems = []
	for table in sorted(table for table in tables if not ignore(table)):
		problems += _differences(table, by_first[table], by_second[table])
	if problems:
		raise Difference("\n".join(problems[:40]))
	counts = {table: len(rows) for table, rows in by_second.items() if rows}
	if sum(counts.values()) < least_rows:
		raise Difference(f"only {counts} were compared")
	return counts


def _run(way: Callable[[], Any]) -> set[str]:
	"""Run `way` while the clock stands still; return the tables that it wrote to."""
	with freeze_time(NOW, ignore=["pymysql", "redis", "rq"]), _tables_written() as found:
		way()
	return found


def _changes(
	way: Callable[[], Any], before: dict[str, dict[str, str]], ignore: Callable[[str], bool]
) -> dict[str, list[Row]]:
	"""Run `way`, return the rows that are other than before, by table, and roll everything back."""
	elsewhere = {table for table in _run(way) - before.keys() if not ignore(table)}
	if elsewhere:
		frappe.db.rollback()
		raise Difference(f"only one way writes to {sorted(elsewhere)}")
	changed = {}
	for table, marks in before.items():
		after = _marks(table)
		changed[table] = _rows(table, [key for key, mark in after.items() if marks.get(key) != mark])
		changed[table] += [{"name": key, "deleted": 1} for key in marks.keys() - after.keys()]
	frappe.db.rollback()
	return _without_random_names(changed)


@contextmanager
def _tables_written() -> Iterator[set[str]]:
	"""Collect the tables that are written in the block, whichever way the statements take to the server."""
	found: set[str] = set()
	driver = frappe.db._conn
	query = driver.query

	def note(sql: Any, *args: Any, **kwargs: Any) -> Any:
		text = sql.decode("utf-8", "replace") if isinstance(sql, bytes | bytearray) else sql
		statement = understand(text)
		if statement.kind in (Kind.WRITE, Kind.FORGET):
			found.update(statement.tables)
		return query(sql, *args, **kwargs)

	with patch.object(driver, "query", note):
		yield found


def _key(table: str) -> str:
	return "concat(doctype, '/', field)" if table == "tabSingles" else "name"


def _marks(table: str) -> dict[str, str]:
	"""Return a checksum of every row of the table, by its key."""
	columns = frappe.db.sql(f"show columns from `{table}`", pluck=True)
	values = ", ".join(f"ifnull(`{column}`, '<null>')" for column in columns)
	return dict(frappe.db.sql(f"select {_key(table)}, md5(concat_ws('<next>', {values})) from `{table}`"))


def _rows(table: str, keys: list[str]) -> list[Row]:
	if not keys:
		return []
	return list(frappe.db.sql(f"select * from `{table}` where {_key(table)} in %s", (keys,), as_dict=True))


def _without_random_names(changed: dict[str, list[Row]]) -> dict[str, list[Row]]:
	"""Call rows of child tables by their place, and then the others by their order without random names."""
	labels = dict(_places(changed))
	by_place = _relabelled(changed, labels)
	for table, rows in by_place.items():
		unnamed = [row for row in rows if _is_random(row.get("name"))]
		unnamed.sort(
			key=lambda row: _text({key: "" if _is_random(value) else value for key, value in row.items()})
		)
		labels.update({row["name"]: f"<{table}/{number}>" for number, row in enumerate(unnamed, start=1)})
	return {table: sorted(rows, key=_text) for table, rows in _relabelled(changed, labels).items()}


def _places(changed: dict[str, list[Row]]) -> Iterator[tuple[str, str]]:
	for table, rows in changed.items():
		for row in rows:
			if _is_random(row.get("name")) and row.get("parent") and row.get("idx"):
				yield row["name"], f"<{table}/{row['parent']}/{row['parentfield']}/{row['idx']}>"


def _relabelled(changed: dict[str, list[Row]], labels: dict[str, str]) -> dict[str, list[Row]]:
	names = re.compile("|".join(map(re.escape, labels)) or "(?!)")

	def relabel(value: Any) -> Any:
		return names.sub(lambda match: labels[match.group()], value) if isinstance(value, str) else value

	return {
		table: [{key: relabel(value) for key, value in row.items()} for row in rows]
		for table, rows in changed.items()
	}


def _is_random(value: Any) -> bool:
	return isinstance(value, str) and len(value) == 10 and value.isalnum() and value == value.lower()


def _text(row: Row) -> str:
	return json.dumps(row, sort_keys=True, default=str)


def _differences(table: str, first: list[Row], second: list[Row]) -> Iterator[str]:
	if len(first) != len(second):
		yield f"{table}: {len(first)} rows by the first way, {len(second)} by the second"
	for one, other in zip(first, second, strict=False):
		for field in sorted(one.keys() | other.keys()):
			if not _equal(one.get(field), other.get(field)):
				name = one.get("name") or one.get("parent")
				yield f"{table} {name}: {field} is {one.get(field)!r} and {other.get(field)!r}"


def _equal(one: Any, other: Any) -> bool:
	return type(one) is type(other) and one == other
