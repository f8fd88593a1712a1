# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Writing workbooks."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

#: Sheets whose texts are not read as HTML.
PLAIN_SHEETS = ("Data Import Template", "Data Export")


def make_xlsx(
	data: Iterable[Sequence[Any]],
	sheet_name: str,
	wb: openpyxl.Workbook | None = None,
	column_widths: Sequence[int] | None = None,
) -> BytesIO:
	"""A workbook with one more sheet, the first row of which is bold; openpyxl's write-only mode."""
	book = openpyxl.Workbook(write_only=True) if wb is None else wb
	sheet = book.create_sheet(sheet_name, 0)
	for number, width in enumerate(column_widths or [], start=1):
		if width:
			sheet.column_dimensions[get_column_letter(number)].width = width
	sheet.row_dimensions[1].font = Font(name="Calibri", bold=True)
	for row in data:
		sheet.append([_cell(value, sheet_name) for value in row])
	file = BytesIO()
	book.save(file)
	return file


def _cell(value: Any, sheet_name: str) -> Any:
	if not isinstance(value, str):
		return value
	if sheet_name not in PLAIN_SHEETS and "<" in value and ">" in value:
		raise NotImplementedError("make_xlsx with HTML in a cell is not in minibench")
	return ILLEGAL_CHARACTERS_RE.sub("", value)
