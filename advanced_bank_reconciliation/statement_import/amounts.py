# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Amounts as banks write them: 1.234,56 · 1,234.56 · 1'234.50 · (12.00) · 12,50- · 1,00,000.00 Cr."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from advanced_bank_reconciliation.allocation.money import to_decimal
from advanced_bank_reconciliation.statement_import.decision import Decision, decide

DECIMAL_MARKS = (".", ",")

#: A currency before or after the number: a symbol, a code, or how it is abbreviated.
CURRENCY = r"(?:[$€£¥₹₽₩₺฿]|[A-Z]{3}|[A-Z]{1,2}\$|Rs\.?|kr\.?|Fr\.?|zł|Kč)"
MARKER = r"(?:CR|DR|C|D|S|H)\.?"
AMOUNT = re.compile(
	rf"(?P<open>\()?\s*(?P<before>[-+])?\s*{CURRENCY}?\s*(?P<sign>[-+])?\s*"
	rf"(?P<number>[0-9.,][0-9.,' ]*?)\s*(?P<after>[-+])?\s*(?P<marker>{MARKER})?\s*{CURRENCY}?"
	rf"\s*(?P<marker2>{MARKER})?\s*(?P<close>\))?",
	re.IGNORECASE,
)

#: Texts of which the meaning is kept: a table's cells are looked at several times, to detect and to read.
CACHED = 30_000
NOTHING: Mapping[str, Decimal] = MappingProxyType({})

#: Longer ones are no amounts; it bounds the work of the expression above.
MAX_LENGTH = 60

#: What stands for minus, for a plain space and for an apostrophe in some exports.
ALIKE = str.maketrans(
	{"−": "-", "–": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'", "`": "'"}  # noqa: RUF001
)

GROUPED = re.compile(r"[0-9]{1,3}(?:([.,' ])[0-9]{3})(?:\1[0-9]{3})*")
GROUPED_BY_LAKH = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}")

DEBIT = frozenset({"DR", "D", "S"})


def parse_amount(text: str, decimal_mark: str) -> Decimal:
	"""Return the signed amount. A trailing CR or H is plus, DR, D or S minus; parentheses are minus.

	Raises ValueError for anything that is not an amount with this decimal mark: a wrong grouping, an
	exponent, two signs, or more than ERPNext's Currency field holds.
	"""
	found = readings(text)
	if decimal_mark not in found:
		raise ValueError(text)
	return found[decimal_mark]


@lru_cache(maxsize=CACHED)
def readings(text: str) -> Mapping[str, Decimal]:
	"""Return what the text amounts to under each decimal mark that fits it."""
	text = text.translate(ALIKE).strip()
	match = AMOUNT.fullmatch(text) if len(text) <= MAX_LENGTH else None
	if not match or bool(match["open"]) != bool(match["close"]):
		return NOTHING
	signs = [sign for sign in (match["before"], match["sign"], match["after"]) if sign]
	markers = [marker.upper().rstrip(".") for marker in (match["marker"], match["marker2"]) if marker]
	if len(signs) + len(markers) + bool(match["open"]) > 1:
		return NOTHING
	negative = "-" in signs or match["open"] or not DEBIT.isdisjoint(markers)
	found = {}
	for mark in DECIMAL_MARKS:
		try:
			amount = to_decimal(_plain(match["number"], mark))
		except ValueError:
			continue
		found[mark] = -amount if negative else amount
	return MappingProxyType(found)


def _plain(number: str, decimal_mark: str) -> str:
	"""Return the digits with a decimal point, if the number is well grouped."""
	whole, mark, decimals = number.strip().rpartition(decimal_mark)
	if not mark:
		whole, decimals = number.strip(), ""
	if decimals and not (decimals.isascii() and decimals.isdigit()):
		raise ValueError(number)
	if whole and not (whole.isascii() and whole.isdigit()):
		grouped = GROUPED.fullmatch(whole) or (decimal_mark == "." and GROUPED_BY_LAKH.fullmatch(whole))
		if not grouped or decimal_mark in whole or whole.startswith("0"):
			raise ValueError(number)
		whole = re.sub(r"[^0-9]", "", whole)
	if not whole and not decimals:
		raise ValueError(number)
	return f"{whole or '0'}.{decimals or '0'}" if decimals else whole


def decide_decimal_mark(values: Iterable[str]) -> Decision:
	"""Decide between point and comma over all amounts of a table: "1,234" alone is asked (PITFALLS P69)."""
	return decide("decimal_mark", values, readings, DECIMAL_MARKS)
