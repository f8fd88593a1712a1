# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Compares two ways to the same result by every field of every row that either of them writes.

Both ways run in the same transaction, from the same books: after the first everything is rolled back. So names
from naming series, balances and outstanding amounts must be the same too. The clock stands still. Only names that
are drawn at random differ; each is replaced by the place its row has among its siblings.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import frappe
from freezegun import freeze_time

from advanced_bank_reconciliation.bulk.fast_path.statements import Kind, understand

#: In the afternoon, UTC: the same day wherever the site is.
NOW = "2026-06-01 12:00:00"

Row = dict[str, Any]
#: By table, its rows by name (or by all their values, where there is no name).
State = dict[str, dict[str, Row]]


class Difference(AssertionError):
	"""The two ways wrote different rows."""


def written_by(
	way: Callable[[], Any], tables: set[str] | None = None
) -> tuple[dict[str, list[Row]], set[str]]:
	"""Run `way`, return what it wrote by table, and the tables it wrote to; then roll everything back.

	tables: look at these too. The caller has committed what both ways start from.
	"""
	with freeze_time(NOW, ignore=["pymysql", "redis", "rq"]), _tables_written() as found:
		way()
	found |= tables or set()
	after = {table: _rows(table) for table in found}
	frappe.db.rollback()
	before = {table: _rows(table) for table in found}
	changed = {table: _changed(before[table], after[table]) for table in found}
	return _without_random_names(changed), found


def assert_same(
	first: Callable[[], Any],
	second: Callable[[], Any],
	least_rows: int = 1,
	ignore: Callable[[str], bool] = lambda table: False,
) -> dict[str, int]:
	"""Raise Difference unless both ways write the same. Returns how many rows were compared, by table.

	least_rows: fewer rows than these mean that nothing was compared, which is an error too. ignore: tells the
	tables that are not compared.
	"""
	by_first, tables = written_by(first)
	by_second, all_tables = written_by(second, tables)
	problems = []
	for table in sorted(table for table in all_tables if not ignore(table)):
		problems += _differences(table, by_first.get(table, []), by_second.get(table, []))
	if problems:
		raise Difference("\n".join(problems[:40]))
	counts = {table: len(rows) for table, rows in by_second.items() if rows}
	if sum(counts.values()) < least_rows:
		raise Difference(f"only {counts} were compared")
	return counts


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


def _rows(table: str) -> dict[str, Row]:
	rows = frappe.db.sql(
		f"select * from `{table}`", as_dict=True
	)  # nosemgrep: a table's name from the server
	return {str(row.get("name") or sorted(row.items(), key=str)): row for row in rows}


def _changed(before: dict[str, Row], after: dict[str, Row]) -> list[Row]:
	"""Return rows that are new or different, with what they were, and those that are gone."""
	changed = [row for key, row in after.items() if before.get(key) != row]
	return changed + [{**row, "deleted": 1} for key, row in before.items() if key not in after]


def _without_random_names(changed: dict[str, list[Row]]) -> dict[str, list[Row]]:
	labels = dict(_labels(changed))
	return {
		table: sorted(
			({key: _relabel(value, labels) for key, value in row.items()} for row in rows), key=_text
		)
		for table, rows in changed.items()
	}


def _labels(changed: dict[str, list[Row]]) -> Iterator[tuple[str, str]]:
	"""Yield random names with what to call them: for rows of child tables by place, else by content."""
	for table, rows in changed.items():
		counts: Counter[str] = Counter()
		for row in sorted(rows, key=_text_without_random_names):
			name = row.get("name")
			if not _is_random(name):
				continue
			place = f"{row.get('parent') or row.get('voucher_no') or ''}/{row.get('parentfield') or ''}"
			place = f"{table}/{place}/{row.get('idx') or ''}"
			counts[place] += 1
			yield name, f"<{place}/{counts[place]}>"


def _text_without_random_names(row: Row) -> str:
	return _text({field: "" if _is_random(value) else value for field, value in row.items()})


def _is_random(value: Any) -> bool:
	return isinstance(value, str) and len(value) == 10 and value.isalnum() and value == value.lower()


def _relabel(value: Any, labels: dict[str, str]) -> Any:
	if isinstance(value, str):
		if value in labels:
			return labels[value]
		for name, label in labels.items():
			if name in value:
				value = value.replace(name, label)
	return value


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
