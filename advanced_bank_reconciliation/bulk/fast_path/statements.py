# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Reads off a statement's text which tables it asks and which rows it changes. Pure: no Frappe, no database.

Only forms that are understood in full are named as such. For whatever else the answer is FORGET: what the
statement does is not known, so nothing that was read before it may be relied on.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any


class Kind(Enum):
	#: A plain SELECT: asked again in the same transaction it gives the same answer, until a table is written.
	READ = "read"
	#: A SELECT that locks what it reads.
	LOCKING_READ = "locking read"
	#: A SELECT whose answer is not of its tables alone (the clock, for one): never to be remembered.
	PASSING_READ = "passing read"
	#: A change to the rows of the tables.
	WRITE = "write"
	#: Changes nothing that can be read.
	HARMLESS = "harmless"
	#: The end of a transaction, a return to a savepoint, or a statement that is not understood.
	FORGET = "forget"


#: Columns by which single rows are told apart: a row's own name, and that of the document it belongs to.
ROW_COLUMNS = ("name", "parent")
#: Columns that say which row it is, and of which document.
_OF_A_ROW = ("name", "parent", "parenttype", "parentfield", "idx")

#: SQL functions whose answer follows from their arguments alone.
_FUNCTIONS = frozenset(
	"""abs avg cast ceil ceiling coalesce concat concat_ws convert count date date_format datediff exists field
	floor greatest group_concat if ifnull in instr isnull least left length locate lower lpad ltrim max min mod
	month nullif over partition position replace reverse right round row_number rpad rtrim sign strcmp
	substring sum timestamp timestampdiff trim truncate upper values year and or not on when then else as
	select distinct from join where having by all any using between like case with union key force ignore use index""".split()
)
_STRING = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"", re.DOTALL)
_COMMENT = re.compile(r"/\*|--\s|#")
_TABLE = re.compile(r"`(tab[^`]+)`|(?<![\w`.])(tab[A-Z]\w*)")
_SOURCE = re.compile(
	r"\b(?:from|join)\s+(.*?)(?=\b(?:where|group|order|having|limit|union|inner|left|right|"
	r"cross|join|straight_join|on|using|for|window|from)\b|\)|$)",
	re.IGNORECASE | re.DOTALL,
)
_CALL = re.compile(r"`?([A-Za-z_][\w.]*)`?\s*\(")
_LOCK = re.compile(r"\b(for\s+update|lock\s+in\s+share\s+mode)\s*$", re.IGNORECASE)
_NEVER = re.compile(
	r"@|:=|\b(into|procedure|skip\s+locked|nowait|wait|current_date|current_time|current_timestamp|localtime"
	r"|localtimestamp|current_user|for\s+update|lock\s+in)\b",
	re.IGNORECASE,
)
_CLOCK = frozenset(
	"now curdate curtime sysdate utc_date utc_time utc_timestamp unix_timestamp rand uuid user "
	"current_date current_time current_timestamp database connection_id found_rows".split()
)
_UPDATE = re.compile(r"update\s+`(tab[^`]+)`\s+set\s+(.*?)\swhere\s(.*)$", re.IGNORECASE | re.DOTALL)
_DELETE = re.compile(r"delete\s+from\s+`(tab[^`]+)`\s+where\s(.*)$", re.IGNORECASE | re.DOTALL)
_INSERT = re.compile(
	r"insert\s+into\s+`(tab[^`]+)`\s*\(([^()]*)\)\s*values\s*\(([^()]*(?:\(\w+\)s[^()]*)*)\)\s*$",
	re.IGNORECASE | re.DOTALL,
)
_ONE_TABLE = re.compile(
	r"select\s(?:(?!\bselect\b).)*?\sfrom\s+`(tab[^`]+)`\s+where\s((?:(?!\bselect\b).)*?)"
	r"(?:\s(?:group|order)\s+by\s[^()]*?)?(?:\s+limit\s+\d+(?:\s+offset\s+\d+)?)?\s*$",
	re.IGNORECASE | re.DOTALL,
)
_EQUALS = re.compile(
	r"^\s*(?:`[^`]+`\.)?`?(\w+)`?\s*=\s*(%\((\w+)\)s|%s|'\x00(\d+)')\s*$", re.IGNORECASE | re.DOTALL
)
_PLACEHOLDER = re.compile(r"%\(\w+\)s|%s")


@dataclass(frozen=True)
class Rows:
	"""Rows of a table: those whose columns have these values, or with no values perhaps any of them."""

	table: str
	values: tuple[tuple[str, str], ...] = ()

	def may_touch(self, other: "Rows") -> bool:
		"""Return whether a row can be among both."""
		if self.table != other.table:
			return False
		mine = dict(self.values)
		return all(mine.get(column, value) == value for column, value in other.values)


@dataclass(frozen=True)
class _Place:
	"""Where the value of a column stands: in the text, or among the statement's values."""

	column: str
	literal: str | None = None
	key: str | None = None
	position: int | None = None


@dataclass(frozen=True)
class Statement:
	"""What a text means.

	tables: all it names. places: equations that hold for every row concerned. columns: of a row that is
	inserted with values given beside the text, one for each. moves: it may give a document other rows.
	"""

	kind: Kind
	tables: tuple[str, ...] = ()
	places: tuple[_Place, ...] = ()
	columns: tuple[str, ...] = ()
	is_insert: bool = False
	moves: bool = False

	def rows(self, values: Any) -> tuple[Rows, ...]:
		"""Return which rows the statement reads or writes, given its values."""
		if len(self.tables) != 1 or not self.places:
			return tuple(Rows(table) for table in self.tables)
		found = {}
		for place in self.places:
			value = comparable(_value_at(place, values))
			if value is not None:
				found[place.column] = value
		return (Rows(self.tables[0], tuple(sorted(found.items()))),)


@lru_cache(maxsize=4096)
def understand(text: str) -> Statement:
	"""Return what the statement does; `text` is what `frappe.db.sql` is called with, values left out."""
	literals: list[str] = []

	def set_aside(match: re.Match) -> str:
		literals.append(match.group()[1:-1])
		return f"'\x00{len(literals) - 1}'"

	plain = _STRING.sub(set_aside, text).strip().rstrip(";").strip()
	if _COMMENT.search(plain):
		return Statement(Kind.FORGET)
	word = plain.split(None, 1)[0].lower() if plain else ""
	if word in ("select", "with", "("):
		return _understand_read(plain, literals)
	if word in ("insert", "update", "delete"):
		return _understand_write(plain, literals)
	if word == "savepoint" or plain.lower().startswith("release savepoint"):
		return Statement(Kind.HARMLESS)
	return Statement(Kind.FORGET)


def _understand_read(plain: str, literals: list[str]) -> Statement:
	calls = _calls(plain)
	if calls - _CLOCK:
		return Statement(Kind.FORGET)  # a function of somebody's own may write
	unlocked = _LOCK.sub("", plain)
	tables = _tables(unlocked)
	if calls or not tables or _NEVER.search(unlocked) or not _only_tables(unlocked):
		return Statement(Kind.PASSING_READ)
	kind = Kind.READ if unlocked == plain else Kind.LOCKING_READ
	if len(tables) == 1 and (match := _ONE_TABLE.match(unlocked)):
		start = len(_PLACEHOLDER.findall(unlocked[: match.start(2)]))
		return Statement(kind, tables, _places(match.group(2), literals, start))
	return Statement(kind, tables)


def _calls(plain: str) -> set[str]:
	"""Return the functions that are called, but those whose answer follows from their arguments."""
	found = {name.lower() for name in _CALL.findall(_TABLE.sub("t", plain))}
	return found - _FUNCTIONS - _common_tables(plain) - {"t"}


def _common_tables(plain: str) -> set[str]:
	"""Return the names that WITH gives to subqueries."""
	return {name.lower() for name in re.findall(r"(\w+)`?\s+as\s+\(", plain, re.IGNORECASE)}


def _only_tables(plain: str) -> bool:
	"""Whether everything that is read from is a table of a doctype (a view might read anything)."""
	named = _common_tables(plain)
	for match in _SOURCE.finditer(_TABLE.sub(" \x01", plain)):
		for source in match.group(1).split(","):
			source = source.strip()
			if not source or source.startswith("("):
				continue
			if not source.startswith("\x01") and source.split()[0].strip("`").lower() not in named:
				return False
	return True


def _understand_write(plain: str, literals: list[str]) -> Statement:
	tables = _tables(plain)
	if not tables or _calls(plain) - _CLOCK:
		return Statement(Kind.FORGET)
	if match := _INSERT.match(plain):
		return _understand_insert(match, tables, literals)
	if plain[:6].lower() == "insert":
		return Statement(
			Kind.WRITE, tables, is_insert=not re.search(r"\bon\s+duplicate\b", plain, re.IGNORECASE)
		)
	places: tuple[_Place, ...] = ()
	moves = True
	if len(tables) == 1 and not re.search(r"\bselect\b", plain, re.IGNORECASE):
		if match := _UPDATE.match(plain):
			start = len(_PLACEHOLDER.findall(plain[: match.start(3)]))
			changed = {name.lower() for name in re.findall(r"`?(\w+)`?\s*=", match.group(2))}
			places = tuple(
				place for place in _places(match.group(3), literals, start) if place.column not in changed
			)
			if "name" in changed:
				places = ()
			moves = not changed.isdisjoint(_OF_A_ROW)
		elif match := _DELETE.match(plain):
			start = len(_PLACEHOLDER.findall(plain[: match.start(2)]))
			places = _places(match.group(2), literals, start)
			moves = False
	return Statement(Kind.WRITE, tables, places, moves=moves)


def _understand_insert(match: re.Match, tables: tuple[str, ...], literals: list[str]) -> Statement:
	columns = tuple(column.strip().strip("`") for column in match.group(2).split(","))
	values = [value.strip() for value in match.group(3).split(",")]
	if len(tables) != 1 or len(columns) != len(values):
		return Statement(Kind.WRITE, tables, is_insert=True)
	places, position = [], 0
	for column, value in zip(columns, values, strict=True):
		equation = _EQUALS.match(f"`{column}`={value}")
		if equation and column.lower() in ROW_COLUMNS:
			places.append(_place(equation, literals, position))
		position += len(_PLACEHOLDER.findall(value))
	is_plain = all(value == "%s" for value in values)
	return Statement(Kind.WRITE, tables, tuple(places), columns if is_plain else (), is_insert=True)


def _tables(plain: str) -> tuple[str, ...]:
	return tuple(sorted({quoted or bare for quoted, bare in _TABLE.findall(plain)}))


def _places(condition: str, literals: list[str], position: int) -> tuple[_Place, ...]:
	"""Return the equations that are joined by nothing but AND, of the columns that tell rows apart."""
	if re.search(r"\b(or|xor|not|between|case)\b|\|\|", condition, re.IGNORECASE) or "(" in re.sub(
		r"%\(\w+\)s", "", condition
	):
		return ()
	places = []
	for part in re.split(r"\band\b|&&", condition, flags=re.IGNORECASE):
		equation = _EQUALS.match(part)
		if equation and equation.group(1).lower() in ROW_COLUMNS:
			places.append(_place(equation, literals, position))
		position += len(_PLACEHOLDER.findall(part))
	return tuple(places)


def _place(equation: re.Match, literals: list[str], position: int) -> _Place:
	column, _source, key, literal = equation.groups()
	if literal is not None:
		return _Place(column.lower(), literal=literals[int(literal)])
	return _Place(column.lower(), key=key, position=None if key else position)


def _value_at(place: _Place, values: Any) -> Any:
	if place.literal is not None:
		return None if set("\\'\"%") & set(place.literal) else place.literal
	if place.key is not None:
		return values.get(place.key) if isinstance(values, Mapping) else None
	if isinstance(values, Sequence) and not isinstance(values, str):
		return values[place.position] if place.position < len(values) else None
	return values if place.position == 0 else None


def comparable(value: Any) -> str | None:
	"""Return the value such that what MariaDB takes for equal is equal, or None if that is not certain.

	Its collation knows no case, no accents and no blanks at the end.
	"""
	if not isinstance(value, str) or not value.isascii():
		return None
	return value.rstrip().lower()
