# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""CSV of any delimiter, encoding and quoting, with whatever banks put above and below the table.

The delimiter is the one that cuts the most lines into the same number of cells. Python's csv.Sniffer is not
used for it: it takes letters of the texts for delimiters and has no bound on its time.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import frappe
from frappe import _

from advanced_bank_reconciliation.exceptions import refuse
from advanced_bank_reconciliation.statement_import.exceptions import MalformedFile, StatementError
from advanced_bank_reconciliation.statement_import.formats.base import NO, POSSIBLE, Format
from advanced_bank_reconciliation.statement_import.limits import MAX_EXAMPLES, MAX_LINES, MAX_RECORD_LINES
from advanced_bank_reconciliation.statement_import.mapping.read import read_table
from advanced_bank_reconciliation.statement_import.statement import Options, Problem, Statement
from advanced_bank_reconciliation.statement_import.table import Row, Table, bounded
from advanced_bank_reconciliation.statement_import.text import check_size, decode, shorten, split_lines

#: The likelier first; among equals the first wins.
DELIMITERS = (";", "\t", ",", "|", "^", "~", "\x1f", "#", "!", ":")

#: Bytes by which a file is identified. It is a multiple of four: UTF-16 and UTF-32 are not cut in a character.
SAMPLE_BYTES = 8192

#: Lines from which the delimiter is taken.
SAMPLE_LINES = 200

#: Columns beyond this number make a delimiter no likelier.
WIDE = 6

QUOTE = '"'

#: Excel's way to keep digits a text: ="00123".
FORMULA_TEXT = re.compile(r'="?([^"]*)"?')

#: Excel's first line that names the delimiter.
HINT = re.compile(r'"?sep=([^\w"\s]|\t)"?', re.IGNORECASE)

#: Files that only look like text, or are tables of another kind.
OTHER_KINDS = (b"pk\x03\x04", b"%pdf", b"\xd0\xcf\x11\xe0", b"<?xml", b"<html", b"<!doctype", b"<table", b"{")


def identify(content: bytes, filename: str) -> int:
	"""Possible wherever text has two lines that a delimiter cuts alike."""
	head = content[:SAMPLE_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
	if not head or head.startswith(OTHER_KINDS):
		return NO
	try:
		text, _encoding, _others = decode(content[:SAMPLE_BYTES])
	except StatementError:
		frappe.clear_messages()
		return NO
	_delimiter, alike, width = _best_delimiter(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
	return POSSIBLE if width > 1 and alike > 1 else NO


def parse(content: bytes, options: Options) -> Statement:
	"""Return the statement as `options.mapping` says, or as detected; or the questions that are open."""
	return read_table(read(content, options), options)


def read(content: bytes, options: Options) -> Table:
	"""Return the rows of the file. What the mapping says of delimiter and encoding is not detected."""
	check_size(content)
	wanted = options.mapping
	text, encoding, others = decode(content, wanted.encoding if wanted else "")
	lines = split_lines(text)
	first = 0
	delimiter = wanted.delimiter if wanted else ""
	if hint := HINT.fullmatch(lines[0].strip(" ")):
		delimiter, first = delimiter or hint[1], 1
	if not delimiter:
		delimiter, _alike, width = _best_delimiter(lines[first:])
		if width < 2:
			refuse(MalformedFile, [_("The file has no columns: no delimiter cuts its lines alike.")])
	problems: list[Problem] = []
	rows = tuple(row for row in bounded(_rows(lines, first, delimiter, problems)) if not row.is_empty)
	return Table(rows, tuple(problems), _notes(others, encoding), delimiter, encoding)


def _notes(others: Sequence[int], encoding: str) -> tuple[str, ...]:
	if not others:
		return ()
	shown = ", ".join(str(number) for number in others[:MAX_EXAMPLES])
	return (
		_("These lines are in another encoding than the others ({0}); check their texts: {1}").format(
			encoding, shown + (" …" if len(others) > MAX_EXAMPLES else "")
		),
	)


def _best_delimiter(lines: Iterable[str]) -> tuple[str, int, int]:
	"""Return the delimiter, how many lines of the sample it cuts alike, and into how many cells."""
	sample = [line for line in lines if line.strip()][:SAMPLE_LINES]
	best, best_score = (DELIMITERS[0], 0, 0), 0
	for delimiter in DELIMITERS:
		widths = Counter(len(_cells(line, delimiter)) for line in sample)
		for width, alike in widths.items():
			score = alike * min(width, WIDE) if width > 1 else 0
			if score > best_score:
				best, best_score = (delimiter, alike, width), score
	return best


def _cells(line: str, delimiter: str) -> list[str]:
	return next(csv.reader([line], delimiter=delimiter), [])


def _rows(lines: Sequence[str], first: int, delimiter: str, problems: list[Problem]) -> Iterator[Row]:
	"""Yield the records with the number of their first line.

	Where a quotation mark is not closed, that one line is a problem and reading goes on with the next. The
	csv module alone would take the rest of the file for one cell.
	"""
	position = first
	while position < len(lines):
		cells, count = _record(lines, position, delimiter)
		if cells is None:
			reason = _("The quotation mark in this line is not closed.")
			problems.append(Problem(position + 1, reason, shorten(lines[position])))
			if len(problems) > MAX_LINES:
				refuse(MalformedFile, [_("The file is not CSV: its quotation marks are not closed.")])
		else:
			yield Row(position + 1, tuple(_unwrapped(cell) for cell in cells))
		position += count


def _record(lines: Sequence[str], start: int, delimiter: str) -> tuple[list[str] | None, int]:
	"""Return the cells of the record and how many lines it has; None for an unclosed quotation mark.

	A record goes over several lines only where its quoting is flawless: a stray mark further down would
	otherwise close the one that was left open, and the lines between would be lost in a cell.
	"""
	line = lines[start]
	if QUOTE not in line:
		return _cells(line, delimiter), 1
	last = min(start + MAX_RECORD_LINES, len(lines))
	for window in ([line], (lines[index] + "\n" for index in range(start, last))):
		reader = csv.reader(window, delimiter=delimiter, strict=True)
		try:
			return next(reader), reader.line_num
		except (csv.Error, StopIteration):
			continue
	return (None if _is_open(line, delimiter) else _cells(line, delimiter)), 1


def _is_open(line: str, delimiter: str) -> bool:
	"""Whether a quotation mark is open at the end: then a delimiter appended there cuts no cell."""
	return len(_cells(line + delimiter, delimiter)) == len(_cells(line, delimiter))


def _unwrapped(cell: str) -> str:
	cell = cell.strip()
	if cell.startswith("=") and (match := FORMULA_TEXT.fullmatch(cell)):
		return match[1]
	return cell


FORMAT = Format("csv", "CSV", identify, parse)
