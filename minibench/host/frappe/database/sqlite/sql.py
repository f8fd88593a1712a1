# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""From the SQL that Frappe apps write for MariaDB to SQLite's: parameters, locks, a few expressions."""

import datetime
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

_PLACEHOLDER = re.compile(r"%(?:\((?P<name>\w+)\))?(?P<kind>[s%])")
_LOCK = re.compile(
	r"\s+FOR\s+UPDATE(?:\s+OF\s+[\w`, ]+?)?(?P<wait>\s+NOWAIT|\s+SKIP\s+LOCKED)?(?=\s*(?:$|\)|;|UNION|/\*))"
	r"|\s+LOCK\s+IN\s+SHARE\s+MODE",
	re.IGNORECASE,
)
_INTERVAL = re.compile(
	r"(?P<operand>\w+\(\)|%\(\w+\)s|%s|'[^']*'|`[^`]+`(?:\.`[^`]+`)?)\s*(?P<sign>[+-])\s*"
	r"INTERVAL\s+'?(?P<count>\d+)'?\s+(?P<unit>SECOND|MINUTE|HOUR|DAY|WEEK|MONTH|QUARTER|YEAR)S?",
	re.IGNORECASE,
)
_REWRITES = (
	(re.compile(r"\s+(?:FORCE|USE|IGNORE) INDEX \([^)]*\)"), ""),
	(re.compile(r"\bifnull\s*\(", re.IGNORECASE), "coalesce("),
	(re.compile(r"^\s*INSERT\s+IGNORE\b", re.IGNORECASE), "INSERT OR IGNORE"),
	(re.compile(r"\bAS\s+(?:UN)?SIGNED\)", re.IGNORECASE), "AS INTEGER)"),
	(re.compile(r"\bCAST\((?P<value>[^()]+)\s+AS\s+DATE\)", re.IGNORECASE), r"DATE(\g<value>)"),
	(re.compile(r"^\s*TRUNCATE\s+(?:TABLE\s+)?", re.IGNORECASE), "DELETE FROM "),
)
_EXACT_SUM = re.compile(r"\bSUM\s*\(", re.IGNORECASE)
_OVER = re.compile(r"\)\s*OVER\b", re.IGNORECASE)
_WRITE = re.compile(
	r"^\s*(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|WITH\b.*?\b(?:INSERT|UPDATE|DELETE))\b", re.I | re.S
)
_DDL = re.compile(r"^\s*(CREATE|ALTER|DROP)\b", re.IGNORECASE)
_COMPUTED = re.compile(
	r"\b(max|min|coalesce|case|date|greatest|least|timestamp|date_interval|concat)\b", re.I
)
_PARENTHESIZED_IN = re.compile(r"\(\s*$")


class Statement(NamedTuple):
	"""A translated query, before its values are known."""

	sql: str
	is_write: bool
	is_ddl: bool
	locks: bool
	nowait: bool
	has_computed_columns: bool


@lru_cache(maxsize=4096)
def translate(query: str) -> Statement:
	lock = _LOCK.search(query)
	nowait = bool(lock and lock.group("wait") and "NOWAIT" in lock.group("wait").upper())
	sql = _LOCK.sub("", query) if lock else query
	for pattern, replacement in _REWRITES:
		sql = pattern.sub(replacement, sql)
	sql = _INTERVAL.sub(r"date_interval(\g<operand>, '\g<sign>\g<count>', '\g<unit>')", sql)
	if not _OVER.search(sql):
		sql = _EXACT_SUM.sub("exact_sum(", sql)
	return Statement(
		sql,
		bool(_WRITE.match(query)),
		bool(_DDL.match(query)),
		bool(lock),
		nowait,
		bool(_COMPUTED.search(sql)),
	)


def bind(sql: str, values: Any) -> tuple[str, list]:
	"""%s and %(name)s become `?`; a list value becomes a bracketed list of them; %% becomes %."""
	if not values:
		return sql, []
	named = isinstance(values, Mapping)
	positional = iter(()) if named else iter(values)
	bound: list = []

	def replace(match: re.Match) -> str:
		if match.group("kind") == "%":
			return "%"
		value = values[match.group("name")] if named and match.group("name") else next(positional)
		if isinstance(value, list | tuple | set | frozenset):
			bound.extend(to_sql(item) for item in value)
			marks = ", ".join("?" * len(value)) or "NULL"
			return marks if _PARENTHESIZED_IN.search(sql[: match.start()]) else f"({marks})"
		bound.append(to_sql(value))
		return "?"

	return _PLACEHOLDER.sub(replace, sql), bound


def to_sql(value: Any) -> Any:
	"""A Python value as SQLite stores it. Floats are cut to the 9 decimals of MariaDB's decimal(21,9)."""
	if value is None or type(value) in (str, int):
		return value
	if isinstance(value, bool):
		return int(value)
	if isinstance(value, float):
		return round(value, 9)
	if isinstance(value, datetime.datetime):
		return value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
	if isinstance(value, datetime.date):
		return value.isoformat()
	if isinstance(value, datetime.timedelta):
		return timedelta_to_text(value)
	if isinstance(value, datetime.time):
		return value.isoformat(timespec="microseconds")
	if isinstance(value, int):
		return int(value)
	if isinstance(value, bytes):
		return value
	if isinstance(value, str):
		return str(value)
	if hasattr(value, "__float__"):
		return round(float(value), 9)
	return str(value)


def timedelta_to_text(value: datetime.timedelta) -> str:
	sign = "-" if value < datetime.timedelta() else ""
	total, micro = divmod(abs(value) // datetime.timedelta(microseconds=1), 1_000_000)
	return f"{sign}{total // 3600:02}:{total // 60 % 60:02}:{total % 60:02}.{micro:06}"


def text_to_timedelta(text: str) -> datetime.timedelta:
	sign = -1 if text.startswith("-") else 1
	hours, minutes, seconds = ([*text.lstrip("-").split(":"), "0", "0"])[:3]
	return sign * datetime.timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))


def text_to_date(text: str) -> datetime.date | str:
	try:
		return datetime.date.fromisoformat(text[:10])
	except ValueError:
		return text


def text_to_datetime(text: str) -> datetime.datetime | str:
	try:
		return datetime.datetime.fromisoformat(text)
	except ValueError:
		return text
