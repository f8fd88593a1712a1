# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Dates as banks write them: 31.12.2025 · 12/31/25 · 2025-12-31T09:30:00 · 20251231 · 31-Dec-2025."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from advanced_bank_reconciliation.statement_import.decision import Decision, decide

DATE_ORDERS = ("DMY", "MDY", "YMD")

#: A statement of another time is a misread number.
FIRST_YEAR, LAST_YEAR = 1970, 2100

#: Texts of which the meaning is kept: a statement has few days, and each is looked at several times.
CACHED = 10_000

#: Longer texts are no dates.
MAX_LENGTH = 60

#: Days that the dates of a file cover at the most, and what is taken for impossible.
NORMAL_SPAN, MAX_SPAN = timedelta(days=731), timedelta(days=5 * 365)

POINTED = re.compile(r"[0-9]{1,2}\. ?[0-9]{1,2}\. ?(?:[0-9]{4}|[0-9]{2})(?![0-9.])")
TIME = r"(?:[ T,]+[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?[AP]\.?M\.?)?)?"
ZONE = r"(?: ?(?:Z|UTC|GMT|[A-Z]{3,4}|[+-][0-9]{2}:?[0-9]{2}))?"
END = re.compile(rf"(?<=[0-9]){TIME}{ZONE}$", re.IGNORECASE)
NUMBERS = re.compile(r"([0-9]{1,4})[-/. ]{1,2}([0-9]{1,2})[-/. ]{1,2}([0-9]{1,4})\.?")
COMPACT = re.compile(r"[0-9]{6}|[0-9]{8}")
NAMED = re.compile(r"([0-9]{1,4})[-/. ]*([a-z]{3,12})[-/., ]*([0-9]{2,4})")
NAMED_FIRST = re.compile(r"([a-z]{3,12})[-/. ]*([0-9]{1,2})(?:st|nd|rd|th)?[-/., ]+([0-9]{2,4})")

#: Month names and abbreviations in English, German, French, Spanish, Dutch and Italian, without accents.
#: What two languages share for different months is in none of them ("mar" is March in all that have it).
MONTHS = {
	name: month
	for month, names in enumerate(
		(
			"jan january januar janner janv janvier ene enero januari gen gennaio",
			"feb february februar fev fevr fevrier febrero febr februari febbraio",
			"mar march marz mrz mars marzo mrt maart",
			"apr april avr avril abr abril aprile",
			"may mai mayo mei mag maggio",
			"jun june juni juin junio giu giugno",
			"jul july juli juil juillet julio lug luglio",
			"aug august aou aout ago agosto augustus",
			"sep sept september septembre septiembre set settembre",
			"oct october okt oktober octobre octubre ott ottobre",
			"nov november novembre noviembre",
			"dec december dez dezember decembre dic diciembre dicembre",
		),
		1,
	)
	for name in names.split()
}


def parse_date(text: str, order: str) -> date:
	"""Return the date; a time behind it is dropped. `order` is one of DATE_ORDERS.

	Raises ValueError where the text is no date in this order: another order is never tried (PITFALLS P70).
	A four-digit year in front, and a month by name, need no order.
	"""
	found = readings(text)
	if order not in found:
		raise ValueError(text)
	return found[order]


@lru_cache(maxsize=CACHED)
def readings(text: str) -> Mapping[str, date]:
	"""Return which date the text means under each order that fits it."""
	text = text.strip()
	if len(text) > MAX_LENGTH:
		return MappingProxyType({})
	found = {}
	for order, parts in _parts(text).items():
		try:
			found[order] = _date(*parts)
		except ValueError:
			continue
	return MappingProxyType(found)


def decide_date_order(values: Iterable[str]) -> Decision:
	"""Decide the order of day, month and year over all dates of a table; what is open is asked.

	Two facts decide what the numbers alone leave open. Dates with points that can all be day.month.year are
	taken as that, as nearly every country that writes points has it. Korea's YY.MM.DD can look the same: there,
	the order is set in the mapping. And no statement covers years: an order that reads a two-digit number as
	the year and thereby spreads the dates over more than MAX_SPAN is none, where another keeps them together.
	"""
	distinct = list(dict.fromkeys(values))
	if all(POINTED.match(value) for value in distinct) and all(
		"DMY" in found for found in _readable(distinct)
	):
		return Decision("DMY")
	return decide("date_order", distinct, readings, _compact_orders(distinct))


def _readable(values: Iterable[str]) -> list[Mapping[str, date]]:
	return [found for value in values if (found := readings(value))]


def _compact_orders(values: list[str]) -> tuple[str, ...]:
	"""Return the orders without those that spread the dates, if one that reads as many does not."""
	found = _readable(values)
	dates = {order: [reading[order] for reading in found if order in reading] for order in DATE_ORDERS}
	spans = {order: max(days) - min(days) for order, days in dates.items() if len(days) == len(found) > 1}
	if spans and min(spans.values()) <= NORMAL_SPAN:
		return tuple(order for order in DATE_ORDERS if spans.get(order, NORMAL_SPAN) <= MAX_SPAN)
	return DATE_ORDERS


def _parts(text: str) -> dict[str, tuple[str, str | int, str]]:
	"""Return (year, month, day) as they stand, for each order that the form of the text allows."""
	for candidate in dict.fromkeys((text, END.sub("", text))):
		if match := NUMBERS.fullmatch(candidate):
			return _ordered(*match.groups())
		if COMPACT.fullmatch(candidate):
			return _compact(candidate)
		plain = _without_accents(candidate)
		if match := NAMED.fullmatch(plain):
			return _with_month_name(*match.groups())
		if match := NAMED_FIRST.fullmatch(plain):
			month, day, year = match.groups()
			return dict.fromkeys(DATE_ORDERS, (year, _month(month), day))
	return {}


def _ordered(first: str, second: str, third: str) -> dict[str, tuple[str, str, str]]:
	if len(first) == 4:
		return dict.fromkeys(DATE_ORDERS, (first, second, third))
	if len(first) > 2 or len(third) == 3:
		return {}
	found = {}
	if len(third) in (2, 4):
		found = {"DMY": (third, second, first), "MDY": (third, first, second)}
	if len(first) == 2 and len(third) <= 2:
		found["YMD"] = (first, second, third)
	return found


def _compact(digits: str) -> dict[str, tuple[str, str, str]]:
	year = len(digits) - 4
	return {
		"DMY": (digits[4:], digits[2:4], digits[:2]),
		"MDY": (digits[4:], digits[:2], digits[2:4]),
		"YMD": (digits[:year], digits[year : year + 2], digits[year + 2 :]),
	}


def _with_month_name(first: str, name: str, third: str) -> dict[str, tuple[str, int, str]]:
	month = _month(name)
	if len(first) == 4:
		return dict.fromkeys(DATE_ORDERS, (first, month, third))
	if len(first) > 2:
		return {}
	found: dict[str, tuple[str, int, str]] = dict.fromkeys(DATE_ORDERS, (third, month, first))
	if len(first) == 2 and len(third) == 2:
		found["YMD"] = (first, month, third)
	return found


def _month(name: str) -> int:
	return MONTHS.get(name, 0)


def _date(year: str, month: str | int, day: str) -> date:
	if len(year) not in (2, 4):
		raise ValueError(year)
	full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 80 else 1900)
	if not FIRST_YEAR <= full <= LAST_YEAR:
		raise ValueError(year)
	return date(full, int(month), int(day))


def _without_accents(text: str) -> str:
	decomposed = unicodedata.normalize("NFKD", text.casefold())
	return "".join(char for char in decomposed if not unicodedata.combining(char))
