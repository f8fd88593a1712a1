# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Rows and cells of CSV and XLSX, before anything is known of their meaning."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from frappe import _

from advanced_bank_reconciliation.exceptions import refuse
from advanced_bank_reconciliation.statement_import.exceptions import TooLarge
from advanced_bank_reconciliation.statement_import.limits import MAX_CELLS, MAX_COLUMNS, MAX_LINES
from advanced_bank_reconciliation.statement_import.statement import Problem
from advanced_bank_reconciliation.statement_import.text import shorten

#: A cell of CSV is text; one of a workbook may be a number or a date already (PITFALLS P75). Empty is "".
Cell = str | Decimal | date


@dataclass(frozen=True, slots=True)
class Row:
	"""number: of the row, or of its first physical line, in the file (1-based)."""

	number: int
	cells: tuple[Cell, ...]

	def cell(self, column: int) -> Cell:
		"""Return the cell, or "" beyond the end of the row."""
		return self.cells[column] if column < len(self.cells) else ""

	def text(self, column: int) -> str:
		"""Return the cell as text: a number without exponent or ".0" (PITFALLS P68)."""
		return cell_text(self.cell(column))

	@property
	def raw(self) -> str:
		return shorten(" | ".join(cell_text(cell) for cell in self.cells).rstrip(" |"))

	@property
	def is_empty(self) -> bool:
		return all(isinstance(cell, str) and not cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
	"""rows: those that are not empty. problems: rows that could not even be cut into cells."""

	rows: tuple[Row, ...]
	problems: tuple[Problem, ...] = ()
	notes: tuple[str, ...] = ()
	delimiter: str = ""
	encoding: str = ""
	sheet: str = ""
	sheets: tuple[str, ...] = ()

	@property
	def width(self) -> int:
		return max((len(row.cells) for row in self.rows), default=0)


def cell_text(cell: Cell) -> str:
	if isinstance(cell, str):
		return cell
	return format(cell, "f") if isinstance(cell, Decimal) else cell.isoformat()


def bounded(rows: Iterable[Row]) -> Iterable[Row]:
	"""Yield the rows. Raises TooLarge at the first that is beyond the bounds of a table."""
	count = cells = 0
	for row in rows:
		count += 1
		cells += len(row.cells)
		if len(row.cells) > MAX_COLUMNS:
			refuse(TooLarge, [_("Row {0} has more than {1} columns.").format(row.number, MAX_COLUMNS)])
		if count > MAX_LINES or cells > MAX_CELLS:
			refuse(
				TooLarge,
				[
					_("The table has more than {0} rows or {1} cells. Export a shorter period.").format(
						MAX_LINES, MAX_CELLS
					)
				],
			)
		yield row
