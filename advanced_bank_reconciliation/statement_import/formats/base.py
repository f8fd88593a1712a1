# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the format modules share: the type of a format, and how its entries are collected."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from frappe import _

from advanced_bank_reconciliation.exceptions import refuse
from advanced_bank_reconciliation.statement_import.exceptions import TooLarge
from advanced_bank_reconciliation.statement_import.limits import MAX_LINES
from advanced_bank_reconciliation.statement_import.statement import Line, Options, Problem, Statement
from advanced_bank_reconciliation.statement_import.text import shorten

#: What `identify` answers: surely not, can be read as it, has the marks of it, surely.
NO, POSSIBLE, LIKELY, CERTAIN = 0, 25, 75, 100


@dataclass(frozen=True, slots=True)
class Format:
	"""A kind of statement file.

	name: short and unique, kept with an import. title: for people.
	identify(content, filename) -> 0 (no) to 100 (surely), fast and without an error for any bytes.
	parse(content, options) -> Statement, or a StatementError.
	"""

	name: str
	title: str
	identify: Callable[[bytes, str], int]
	parse: Callable[[bytes, Options], Statement]


class Entries:
	"""Collects lines and problems while a file is read, numbers them, and bounds their count."""

	def __init__(self) -> None:
		self.number = 0
		self.lines: list[Line] = []
		self.problems: list[Problem] = []

	def read(self, make: Callable[[int], Iterable[Line]], raw: str) -> None:
		"""Take the lines of the next entry. A ValueError of `make` becomes a problem with its message."""
		self.number += 1
		if self.number > MAX_LINES:
			refuse(
				TooLarge,
				[_("The file has more than {0} bookings. Export a shorter period.").format(MAX_LINES)],
			)
		try:
			self.lines += make(self.number)
		except ValueError as error:
			self.problems.append(Problem(self.number, str(error), shorten(raw)))
