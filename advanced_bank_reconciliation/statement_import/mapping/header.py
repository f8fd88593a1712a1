# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Finds the header of a table, and again the one that a saved mapping was made for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from frappe import _

from advanced_bank_reconciliation.exceptions import refuse
from advanced_bank_reconciliation.statement_import.amounts import readings as amount_readings
from advanced_bank_reconciliation.statement_import.dates import readings as date_readings
from advanced_bank_reconciliation.statement_import.exceptions import StaleMapping
from advanced_bank_reconciliation.statement_import.limits import MAX_HEADER_ROWS
from advanced_bank_reconciliation.statement_import.mapping.mapping import (
	Mapping,
	header_fingerprint,
	width_fingerprint,
)
from advanced_bank_reconciliation.statement_import.mapping.synonyms import (
	AMOUNT_ROLES,
	BY_NAME,
	NEEDED,
	plain,
)
from advanced_bank_reconciliation.statement_import.table import Row, Table


@dataclass(frozen=True, slots=True)
class Header:
	"""index: of the row in `Table.rows`; -1 for a table without one."""

	index: int
	titles: tuple[str, ...] = ()

	@property
	def fingerprint(self) -> str:
		return header_fingerprint(self.titles)


def find_header(rows: Iterable[Row]) -> Header | None:
	"""Return the row that names the most columns, among them a date and an amount."""
	best, best_score = None, 0
	for index, row in enumerate(islice(rows, MAX_HEADER_ROWS)):
		roles = {BY_NAME[title][0] for title in map(plain, _titles(row)) if title in BY_NAME}
		usable = all(role in roles for role in NEEDED) and any(role in roles for role in AMOUNT_ROLES)
		if usable and len(roles) > best_score and not _has_values(row):
			best, best_score = Header(index, _titles(row)), len(roles)
	return best


def find_again(table: Table, mapping: Mapping) -> Header:
	"""Return the header that the mapping was made for, wherever in the file it stands now.

	Raises StaleMapping where no row has its titles: the bank has changed its layout, or it is another bank.
	"""
	if not mapping.header_row:
		if mapping.fingerprint in ("", width_fingerprint(table.width)):
			return Header(-1)
	else:
		for index, row in enumerate(table.rows[:MAX_HEADER_ROWS]):
			titles = _titles(row)
			same_row = not mapping.fingerprint and row.number == mapping.header_row
			if same_row or header_fingerprint(titles) == mapping.fingerprint:
				return Header(index, titles)
	refuse(
		StaleMapping,
		[
			_(
				"The saved column mapping does not fit this file: its columns have other titles than the file "
				"that the mapping was made for. Check the columns and save the mapping again."
			)
		],
	)


def _titles(row: Row) -> tuple[str, ...]:
	return tuple(row.text(column).strip() for column in range(len(row.cells)))


def _has_values(row: Row) -> bool:
	"""Whether a cell is a date or an amount: a header has only words."""
	return any(
		not isinstance(cell, str) or date_readings(cell) or _is_number(cell)
		for cell in row.cells
		if cell != ""
	)


def _is_number(text: str) -> bool:
	values: Sequence[Decimal] = list(amount_readings(text).values())
	return bool(values) and any(char.isdigit() for char in text)
