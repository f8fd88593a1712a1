# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Invoice numbers as people write them into a payment's text: "INV-101, 102, 105", "INV-101..105". No database.

A number that follows another may leave out what both begin with. What is made here are guesses: they count
only where an open invoice has that number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from advanced_bank_reconciliation.matching.ranking import SHORTEST_REFERENCE, references_in

MOST_IN_RANGE = 200
MOST_NUMBERS = 1000

#: A dash also begins the number of an amended document, so the end of a range has more than one digit.
SHORTEST_END_AFTER_DASH = 2

_TOKEN = re.compile(r"[,;+&]|\.{2,}|…|[^\s,;:|()\"'<>=#+&…]+?(?=\.{2,}|[\s,;:|()\"'<>=#+&…]|$)")
_NUMBER = re.compile(r"^(?P<prefix>.*?)(?P<digits>\d+)$")
_DASHED = re.compile(r"^(?P<first>.+\d)[-–](?P<last>\d+)$")  # noqa: RUF001

_JOINS = {",", ";", "+", "&", "/", "and", "und", "et", "y"}
_REACHES = {"-", "–", "…", "to", "bis"}  # noqa: RUF001


@dataclass(frozen=True)
class Number:
	"""A document number, split before the digits that count it."""

	prefix: str
	digits: str

	@property
	def text(self) -> str:
		return self.prefix + self.digits

	def shortened(self, digits: str) -> "Number | None":
		"""Return the number whose last digits are these, or None where they are too many for that."""
		kept = len(self.digits) - len(digits)
		return Number(self.prefix, self.digits[:kept] + digits) if kept >= 0 else None

	def up_to(self, last: "Number | None") -> list[str]:
		"""Return the numbers from this one to `last`, or nothing where that is no range."""
		if not last or last.prefix.upper() != self.prefix.upper():
			return []
		count = int(last.digits) - int(self.digits)
		if not 0 < count < MOST_IN_RANGE:
			return []
		width = len(self.digits)
		return [f"{self.prefix}{int(self.digits) + step:0{width}}" for step in range(count + 1)]


@dataclass(frozen=True)
class DashRange:
	"""What may be a range, "INV-101-105", or one number. A range only if no document has it as its number."""

	literal: str
	numbers: list[str]


@dataclass
class Numbers:
	"""What a text may name. plain: whole words. short: written as part of a list or a range."""

	plain: list[str] = field(default_factory=list)
	short: list[str] = field(default_factory=list)
	dashed: list[DashRange] = field(default_factory=list)

	def all(self) -> list[str]:
		"""Return every number to look for, also in upper case, since some databases mind the case."""
		in_ranges = (number for dashed in self.dashed for number in dashed.numbers)
		found: dict[str, None] = {}
		for number in (*self.plain, *self.short, *in_ranges):
			found.update({number: None, number.upper(): None})
		return list(found)[:MOST_NUMBERS]

	def named(self, exist: set[str]) -> set[str]:
		"""Return, in upper case, what the text names, given the numbers in upper case that exist."""
		words = {number.upper() for number in (*self.plain, *self.short)}
		for dashed in self.dashed:
			numbers = [number.upper() for number in dashed.numbers]
			if dashed.literal.upper() not in exist and {numbers[0], numbers[-1]} <= exist:
				words.update(numbers)
		return words & exist


def numbers_in(text: str) -> Numbers:
	"""Return the numbers that a statement text may name."""
	numbers = Numbers(plain=references_in(text))
	last: Number | None = None
	joined = reaches = False
	for token in _tokens(text):
		if token.lower() in _JOINS:
			joined = True
		elif token in _REACHES or token.startswith("..") or token.lower() in _REACHES:
			reaches = True
		else:
			number = _continued(token, last) if joined or reaches else None
			if number and reaches:
				numbers.short += last.up_to(number)
			elif number:
				numbers.short.append(number.text)
			last = number or _first(token, numbers)
			joined = reaches = False
	return numbers


def _tokens(text: str) -> Iterator[str]:
	for token in _TOKEN.findall(text):
		stripped = token.strip(".:/#") or token
		if stripped:
			yield stripped


def _continued(token: str, last: Number | None) -> Number | None:
	"""Return the number that a token means in a list or range behind `last`."""
	if not last:
		return None
	if token.isdecimal():
		return last.shortened(token)
	found = _NUMBER.match(token)
	same = found and found["prefix"].upper() == last.prefix.upper()
	return Number(found["prefix"], found["digits"]) if same else None


def _first(token: str, numbers: Numbers) -> Number | None:
	"""Return the number that a list may go on from; what the token holds besides is noted in `numbers`."""
	parts = token.split("/")
	if len(parts) > 1 and (first := _parse(parts[0])) and all(part.isdecimal() for part in parts[1:]):
		shortened = [first.shortened(part) for part in parts[1:]]
		if all(shortened):
			numbers.short += [number.text for number in shortened]
			return shortened[-1]
	dashed = _DASHED.match(token)
	if dashed and len(dashed["last"]) >= SHORTEST_END_AFTER_DASH and (first := _parse(dashed["first"])):
		end = first.shortened(dashed["last"])
		if in_range := first.up_to(end):
			numbers.dashed.append(DashRange(token, in_range))
			return end
	return _parse(token)


def _parse(word: str) -> Number | None:
	"""Return the word as a number: with a letter or sign before its digits, so that it is no amount."""
	found = _NUMBER.match(word)
	if not found or not found["prefix"] or len(word) < SHORTEST_REFERENCE:
		return None
	return Number(found["prefix"], found["digits"])
