# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""MariaDB functions that SQLite lacks or computes differently, registered on every connection."""

import datetime
import math
import re
import sqlite3
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from dateutil.relativedelta import relativedelta
from frappe.database.sqlite.sql import text_to_date, text_to_datetime, to_sql


@lru_cache(maxsize=1024)
def _like_pattern(pattern: str) -> re.Pattern:
	"""LIKE as MariaDB has it: no case, any letters, a backslash makes % and _ literal."""
	parts, escaped = [], False
	for char in pattern:
		if escaped or char not in "\\%_":
			parts.append(re.escape(char))
			escaped = False
		elif char == "\\":
			escaped = True
		else:
			parts.append(".*" if char == "%" else ".")
	return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def like(pattern: Any, value: Any) -> bool | None:
	if pattern is None or value is None:
		return None
	return bool(_like_pattern(str(pattern)).fullmatch(str(value)))


def regexp(pattern: str, value: Any) -> bool | None:
	return None if value is None else bool(re.search(pattern, str(value), re.IGNORECASE))


def now() -> str:
	from frappe.utils import now

	return now()


def curdate() -> str:
	from frappe.utils import nowdate

	return nowdate()


def timestamp(date: str | None, time: str | None = None) -> str | None:
	if not date:
		return None
	moment = datetime.datetime.fromisoformat(date)
	if time:
		hours, minutes, seconds = [*time.split(":"), "0", "0"][:3]
		moment += datetime.timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
	return to_sql(moment)


def date_format(value: str | None, pattern: str) -> str | None:
	"""MySQL's %i and %s are minutes and seconds, %M the month's name; the other letters are strftime's."""
	if not value:
		return None
	for mysql, python in (
		("%M", "%B"),
		("%i", "%M"),
		("%s", "%S"),
		("%W", "%A"),
		("%e", "%-d"),
		("%c", "%-m"),
	):
		pattern = pattern.replace(mysql, python)
	return datetime.datetime.fromisoformat(value).strftime(pattern)


def datediff(end: str | None, start: str | None) -> int | None:
	return (text_to_date(end) - text_to_date(start)).days if end and start else None


def date_interval(value: str | None, count: str, unit: str) -> str | None:
	"""`value + INTERVAL count unit`."""
	if value is None:
		return None
	number, unit = int(count), unit.lower()
	delta = relativedelta(months=3 * number) if unit == "quarter" else relativedelta(**{f"{unit}s": number})
	if len(value) == 10 and unit not in ("second", "minute", "hour"):
		return to_sql(text_to_date(value) + delta)
	return to_sql(text_to_datetime(value) + delta)


def date_part(part: str) -> Callable[[str | None], int | None]:
	return lambda value: getattr(datetime.datetime.fromisoformat(value), part) if value else None


def last_day(value: str | None) -> str | None:
	return to_sql(text_to_date(value) + relativedelta(day=31)) if value else None


def unix_timestamp(value: str | None) -> float | None:
	return datetime.datetime.fromisoformat(value).timestamp() if value else None


def concat(*values: Any) -> str | None:
	return None if any(value is None for value in values) else "".join(_text(value) for value in values)


def concat_ws(separator: str, *values: Any) -> str:
	return separator.join(_text(value) for value in values if value is not None)


def _text(value: Any) -> str:
	return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def locate(needle: str | None, text: str | None, position: int = 1) -> int | None:
	if needle is None or text is None:
		return None
	return str(text).lower().find(str(needle).lower(), position - 1) + 1


def greatest(*values: Any) -> Any:
	return None if None in values else max(values)


def least(*values: Any) -> Any:
	return None if None in values else min(values)


def field(value: Any, *choices: Any) -> int:
	return choices.index(value) + 1 if value in choices else 0


def truncate(value: float | None, digits: int) -> float | None:
	return None if value is None else math.trunc(value * 10**digits) / 10**digits


class ExactSum:
	"""SUM without binary noise: MariaDB sums decimals, so 0.1 + 0.2 is 0.3 there."""

	def __init__(self):
		self.values: list = []

	def step(self, value: Any) -> None:
		if value is not None:
			self.values.append(value if isinstance(value, int | float) else float(value))

	def finalize(self) -> float | int | None:
		if not self.values:
			return None
		if all(isinstance(value, int) for value in self.values):
			return sum(self.values)
		return round(math.fsum(self.values), 9)


FUNCTIONS: tuple[tuple[str, int, Callable], ...] = (
	("like", 2, like),
	("regexp", 2, regexp),
	("now", 0, now),
	("curdate", 0, curdate),
	("timestamp", 1, timestamp),
	("timestamp", 2, timestamp),
	("date_format", 2, date_format),
	("datediff", 2, datediff),
	("date_interval", 3, date_interval),
	("year", 1, date_part("year")),
	("month", 1, date_part("month")),
	("day", 1, date_part("day")),
	("last_day", 1, last_day),
	("unix_timestamp", 1, unix_timestamp),
	("concat", -1, concat),
	("concat_ws", -1, concat_ws),
	("locate", 2, locate),
	("locate", 3, locate),
	("greatest", -1, greatest),
	("least", -1, least),
	("field", -1, field),
	("truncate", 2, truncate),
	("if", 3, lambda condition, yes, no: yes if condition else no),
	("char_length", 1, lambda text: None if text is None else len(str(text))),
)


def register(connection: sqlite3.Connection) -> None:
	for name, arguments, function in FUNCTIONS:
		deterministic = name not in ("now", "curdate")
		connection.create_function(name, arguments, function, deterministic=deterministic)
	connection.create_aggregate("exact_sum", 1, ExactSum)
