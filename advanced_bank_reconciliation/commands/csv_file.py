# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""A CSV of invoices becomes rows, or a list of what is wrong in which line. Reads no database.

Either one column of invoice numbers, without a head; or a first line that names the columns: `invoice`, and by
choice `invoice_type` and `amount`. Comma, semicolon, tab or bar between them, as csv.Sniffer finds.
"""

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from advanced_bank_reconciliation.allocation.money import to_decimal
from advanced_bank_reconciliation.payload import INVOICE_DOCTYPES, MOST_ROWS

COLUMNS = ("invoice_type", "invoice", "amount")
DELIMITERS = ",;\t|"
MOST_BYTES = 10_000_000


class BadFile(ValueError):
	"""The file cannot be used; `problems` says why, each with its line."""

	def __init__(self, problems: Sequence[str]):
		super().__init__("\n".join(problems))
		self.problems = list(problems)


@dataclass(frozen=True)
class Row:
	"""One invoice of the file. invoice_type and amount are None where the file does not say."""

	line: int
	invoice: str
	invoice_type: str | None = None
	amount: Decimal | None = None


def find(path: str) -> str:
	"""Return the path of an existing file as the user meant it: `bench` goes to the folder `sites` first."""
	folders = (".", os.environ.get("PWD", "."), "..")
	for folder in folders:
		if os.path.isfile(found := os.path.join(folder, path)):
			return found
	raise BadFile([f"{path}: no such file"])


def read(data: bytes) -> list[Row]:
	"""Return the rows of a file in UTF-8. Raises BadFile that names every bad line."""
	if len(data) > MOST_BYTES:
		raise BadFile([f"the file has more than {MOST_BYTES // 1_000_000} MB"])
	try:
		text = data.decode("utf-8-sig")
	except UnicodeDecodeError as error:
		line = data[: error.start].count(b"\n") + 1
		raise BadFile([f"line {line}: this is not UTF-8; save the file as CSV UTF-8"]) from None
	lines = _split(text)
	if not lines:
		raise BadFile(["there is no invoice in the file"])
	columns, body = _columns(lines)
	return _rows(columns, body)


def _split(text: str) -> list[tuple[int, list[str]]]:
	"""Return (line number, cells) of every line that is not empty."""
	try:
		dialect = csv.Sniffer().sniff(text[:8192], DELIMITERS)
	except csv.Error:  # one column
		dialect = csv.excel
	reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, strict=True)
	lines = []
	try:
		for cells in reader:
			cells = [cell.strip() for cell in cells]
			if any(cells):
				lines.append((reader.line_num, cells))
	except csv.Error as error:
		raise BadFile([f"line {reader.line_num}: {error}"]) from None
	return lines


def _columns(lines: list[tuple[int, list[str]]]) -> tuple[list[str], list[tuple[int, list[str]]]]:
	"""Return the names of the columns, and the lines below the head."""
	number, first = lines[0]
	names = [cell.lower().replace(" ", "_") for cell in first]
	if "invoice" not in names:
		if len(first) > 1:
			raise BadFile([f"line {number}: name the columns here, out of {', '.join(COLUMNS)}"])
		return ["invoice"], lines
	unknown = [cell for cell, name in zip(first, names, strict=True) if name not in COLUMNS]
	if unknown or len(set(names)) < len(names):
		raise BadFile(
			[f"line {number}: each column once, out of {', '.join(COLUMNS)}; not {', '.join(first)}"]
		)
	return names, lines[1:]


def _rows(columns: list[str], lines: list[tuple[int, list[str]]]) -> list[Row]:
	rows, problems = [], []
	for number, cells in lines:
		try:
			rows.append(_row(number, columns, cells))
		except ValueError as error:
			problems.append(f"line {number}: {error}")
	if len(lines) > MOST_ROWS:
		problems.append(f"at most {MOST_ROWS} invoices at a time, not {len(lines)}")
	if not lines:
		problems.append("there is no invoice in the file")
	if problems:
		raise BadFile(problems)
	return rows


def _row(number: int, columns: list[str], cells: list[str]) -> Row:
	if len(cells) > len(columns):
		raise ValueError(f"{len(cells)} cells, where {len(columns)} columns are named")
	named = dict(zip(columns, cells, strict=False))
	if not named.get("invoice"):
		raise ValueError("the number of the invoice is missing")
	doctype = named.get("invoice_type") or None
	if doctype not in (None, *INVOICE_DOCTYPES):
		raise ValueError(f"{doctype} is not one of {', '.join(INVOICE_DOCTYPES)}")
	return Row(number, named["invoice"], doctype, _amount(named.get("amount")))


def _amount(text: str | None) -> Decimal | None:
	if not text:
		return None
	try:
		return to_decimal(text)
	except ValueError:
		raise ValueError(f"{text} is not an amount; write it as 1234.56") from None
