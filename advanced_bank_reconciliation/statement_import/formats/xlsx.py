# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""XLSX, read row by row by openpyxl. Dates and numbers come as such (PITFALLS P75), texts as they stand.

A workbook is an archive of XML files: before openpyxl sees it, its parts are counted, unpacked against a
bound, and searched for document types, which no workbook has and attacks need.
"""

import io
import math
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
from frappe import _

from advanced_bank_reconciliation.exceptions import refuse
from advanced_bank_reconciliation.statement_import.exceptions import (
	DangerousFile,
	MalformedFile,
	StatementError,
	TooLarge,
)
from advanced_bank_reconciliation.statement_import.formats.base import CERTAIN, LIKELY, NO, Format
from advanced_bank_reconciliation.statement_import.limits import (
	MAX_EMPTY_ROWS,
	MAX_MARKUP,
	MAX_PARTS,
	MAX_UNPACKED,
)
from advanced_bank_reconciliation.statement_import.mapping.header import find_header
from advanced_bank_reconciliation.statement_import.mapping.read import read_table
from advanced_bank_reconciliation.statement_import.statement import Options, Question, Statement
from advanced_bank_reconciliation.statement_import.table import Cell, Row, Table, bounded
from advanced_bank_reconciliation.statement_import.text import check_size

#: What a workbook's archive begins with, and what it must have in it.
ZIP, WORKBOOK = b"PK\x03\x04", "xl/workbook.xml"

#: What XML begins with, in UTF-8 or UTF-16. The length of the longest mark that is searched for in it.
XML_STARTS = (b"<", b"\xff\xfe", b"\xfe\xff", b"\x00<")
LONGEST_MARK = len(b"<!DOCTYPE") - 1

CHUNK = 64 * 1024

#: Rows of the other sheets that are looked at for a table.
PEEK = 60

#: Number formats that only pad: 0000000.
PADDING = re.compile(r"0{2,}")


def identify(content: bytes, filename: str) -> int:
	if not content.startswith(ZIP):
		return NO
	try:
		with zipfile.ZipFile(io.BytesIO(content)) as archive:
			return CERTAIN if WORKBOOK in archive.namelist() else NO
	except Exception:
		# A damaged archive; the names of its parts also stand before their content.
		return LIKELY if b"xl/" in content else NO


def parse(content: bytes, options: Options) -> Statement:
	"""Return the statement as `options.mapping` says, or as detected; or the questions that are open."""
	table = read(content, options)
	if not table.sheet:
		return Statement(questions=(Question("sheet", table.sheets),))
	return read_table(table, options)


def read(content: bytes, options: Options) -> Table:
	"""Return the rows of the sheet that is wanted, or of the only one with a table.

	Without `sheet` in the answer, several have one and none was chosen.
	"""
	check_size(content)
	_check_archive(content)
	try:
		workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
	except Exception as error:
		# openpyxl lets any error of its many readers through: KeyError, ValueError, TypeError, ParseError...
		_malformed(error)
	try:
		return _read(workbook, options)
	except (StatementError, MemoryError):
		raise
	except Exception as error:
		_malformed(error)
	finally:
		workbook.close()


def _malformed(error: Exception) -> None:
	refuse(
		MalformedFile, [_("The workbook cannot be read: {0}").format(f"{type(error).__name__} {error}"[:200])]
	)


def _read(workbook: openpyxl.Workbook, options: Options) -> Table:
	sheets = [sheet for sheet in workbook.worksheets if hasattr(sheet, "reset_dimensions")]
	names = tuple(sheet.title for sheet in sheets)
	wanted = options.answers.get("sheet") or (options.mapping.sheet if options.mapping else "")
	chosen = [sheet for sheet in sheets if sheet.title == wanted] if wanted else _with_table(sheets)
	if len(chosen) > 1:
		return Table((), sheets=tuple(sheet.title for sheet in chosen))
	if not chosen:
		refuse(MalformedFile, [_("The workbook has no sheet with a table.")])
	rows = tuple(row for row in bounded(_rows(chosen[0])) if not row.is_empty)
	return Table(rows, sheet=chosen[0].title, sheets=names)


def _with_table(sheets: list) -> list:
	"""Return the sheets with a header of a statement, else those with any rows."""
	peeked = [(sheet, _peek(sheet)) for sheet in sheets]
	filled = [sheet for sheet, rows in peeked if rows]
	return [sheet for sheet, rows in peeked if rows and find_header(rows)] or filled


def _peek(sheet: Any) -> list[Row]:
	found = []
	for row in _rows(sheet):
		if not row.is_empty:
			found.append(row)
		if len(found) >= PEEK:
			break
	return found


def _rows(sheet: Any) -> Iterator[Row]:
	"""Yield the rows with cells. The size that the sheet claims to have is not believed."""
	sheet.reset_dimensions()
	empty = 0
	for number, cells in enumerate(sheet.iter_rows(), 1):
		if not any(cell.value is not None for cell in cells):
			empty += 1
			if empty > MAX_EMPTY_ROWS:
				refuse(
					TooLarge, [_("The sheet has more than {0} empty rows in a run.").format(MAX_EMPTY_ROWS)]
				)
			continue
		empty = 0
		yield Row(number, tuple(_cell(cell) for cell in cells))


def _cell(cell: Any) -> Cell:
	value = cell.value
	if value is None:
		return ""
	if isinstance(value, bool):
		return str(value).upper()
	if isinstance(value, datetime):
		return value.date()
	if isinstance(value, date):
		return value
	if isinstance(value, int | float):
		return _number(value, cell.number_format)
	if isinstance(value, time) or not isinstance(value, str):
		return str(value)
	return value.strip()


def _number(value: int | float, number_format: str | None) -> Cell:
	"""Return the number that Excel shows: 15 digits, without the noise of binary fractions.

	A format that pads with zeros makes it an identifier, which is text (PITFALLS P68).
	"""
	if not math.isfinite(value):
		return str(value)
	if value == int(value):
		digits = str(int(value))
		padded = number_format and PADDING.fullmatch(number_format)
		return digits.zfill(len(number_format)) if padded else Decimal(digits)
	return Decimal(format(value, ".15g"))


def _check_archive(content: bytes) -> None:
	"""Unpack every part once, in pieces, within bounds: what the archive says of sizes may be a lie."""
	try:
		with zipfile.ZipFile(io.BytesIO(content)) as archive:
			parts = archive.infolist()
			if len(parts) > MAX_PARTS:
				refuse(TooLarge, [_("The workbook has more than {0} parts.").format(MAX_PARTS)])
			size = tags = 0
			for part in parts:
				for chunk, markup in _chunks(archive, part):
					size += len(chunk)
					tags += markup.count(b"<")
					_check_chunk(size, tags, markup)
	except StatementError:
		raise
	except Exception as error:
		# zipfile and zlib: BadZipFile, zlib.error, NotImplementedError, EOFError, UnicodeDecodeError...
		_malformed(error)


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[tuple[bytes, bytes]]:
	"""Yield the pieces of a part, each with itself as markup if the part is XML, whatever its name, else empty."""
	with archive.open(part) as stream:
		chunk = stream.read(CHUNK)
		is_xml = chunk.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(XML_STARTS)
		tail = b""
		while chunk:
			yield chunk, tail + chunk if is_xml else b""
			tail = chunk[-LONGEST_MARK:]
			chunk = stream.read(CHUNK)


def _check_chunk(size: int, tags: int, markup: bytes) -> None:
	if size > MAX_UNPACKED:
		refuse(
			TooLarge,
			[
				_("The workbook unpacks to more than {0} MB; it is not read.").format(
					MAX_UNPACKED // 1024 // 1024
				)
			],
		)
	if tags > MAX_MARKUP:
		refuse(TooLarge, [_("The workbook has more than {0} XML tags; it is not read.").format(MAX_MARKUP)])
	if b"<!DOCTYPE" in markup or b"<!ENTITY" in markup or b"\x00" in markup:
		refuse(DangerousFile, [_("The workbook declares document types or entities. It is not read.")])


FORMAT = Format("xlsx", "Excel (XLSX)", identify, parse)
