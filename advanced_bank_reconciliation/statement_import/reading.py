# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Reads a file for a bank account: which format, by which mapping, and what is left to ask."""

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import frappe
from frappe import _

from advanced_bank_reconciliation.statement_import.exceptions import StaleMapping
from advanced_bank_reconciliation.statement_import.formats import csv_table, ofx, xlsx
from advanced_bank_reconciliation.statement_import.formats.base import Format
from advanced_bank_reconciliation.statement_import.mapping.detect import Proposal
from advanced_bank_reconciliation.statement_import.mapping.header import find_again, find_header
from advanced_bank_reconciliation.statement_import.mapping.mapping import Mapping
from advanced_bank_reconciliation.statement_import.mapping.read import plan
from advanced_bank_reconciliation.statement_import.mapping.rows import apply_mapping
from advanced_bank_reconciliation.statement_import.registry import find_format, parse_with
from advanced_bank_reconciliation.statement_import.statement import (
	Line,
	Options,
	Problem,
	Question,
	Statement,
)
from advanced_bank_reconciliation.statement_import.table import Table
from advanced_bank_reconciliation.vouchers.exchange import decimals

#: Formats with columns, and what cuts their files into rows.
TABLES = {csv_table.FORMAT.name: csv_table.read, xlsx.FORMAT.name: xlsx.read}

#: Formats in which a bank chooses how it writes amounts: three decimals may be thousands.
FREELY_WRITTEN = (*TABLES, ofx.FORMAT.name)

#: Decimals that a Currency field keeps, and what is less than any amount: noise of a number of a workbook.
MOST_DECIMALS, NOISE = 9, Decimal("0.000001")

DETECTED, SAVED, CHANGED, STALE = "Detected", "Saved", "Changed", "Saved but stale"


@dataclass(frozen=True, slots=True)
class Reading:
	"""What a file was read as. table, proposal: of CSV and XLSX. source: where the mapping is from.

	failures: sentences about formats of other apps that could not be asked.
	"""

	format: Format
	statement: Statement
	table: Table | None = None
	proposal: Proposal | None = None
	source: str = ""
	stale_message: str = ""
	failures: tuple[str, ...] = ()


def read(content: bytes, filename: str, options: Options, saved: Sequence[Mapping] = ()) -> Reading:
	"""Return what the file says. Raises a StatementError where it cannot be read as a statement.

	options.mapping: what the user has changed, which is then taken as it is. saved: mappings of the bank, of
	which the first that fits is taken. None that fits: detected, and said so.
	"""
	found = find_format(content, filename)
	failures = tuple(failure["message"] for failure in found.failures)
	if found.format.name not in TABLES:
		statement = _in_whole_units(parse_with(found.format, content, options), found.format)
		return Reading(found.format, statement, failures=failures)
	source = CHANGED if options.mapping else DETECTED
	stale_message = ""
	if not options.mapping and saved:
		if mapping := _fitting(TABLES[found.format.name], content, options, saved):
			options, source = replace(options, mapping=mapping), SAVED
		else:
			source, stale_message = STALE, _stale_message()
	reading = _read_table(found.format, content, options)
	statement = _in_whole_units(reading.statement, found.format)
	return replace(
		reading, statement=statement, source=source, stale_message=stale_message, failures=failures
	)


def _in_whole_units(statement: Statement, chosen: Format) -> Statement:
	"""Make problems of the lines that have more decimals than their currency; noise is rounded away."""
	lines, problems = [], list(statement.problems)
	places = {
		line.currency: decimals(line.currency, MOST_DECIMALS) for line in statement.lines if line.currency
	}
	for line in statement.lines:
		kept = places.get(line.currency, MOST_DECIMALS)
		rounded = round(line.amount, kept)
		if _has_more_decimals(line, kept, rounded, chosen):
			problems.append(Problem(line.number, _more_decimals(line, kept), line.raw))
		else:
			lines.append(line if rounded == line.amount else replace(line, amount=rounded))
	return replace(
		statement, lines=tuple(lines), problems=tuple(sorted(problems, key=lambda problem: problem.line))
	)


def _has_more_decimals(line: Line, kept: int, rounded: Decimal, chosen: Format) -> bool:
	"""Whether the amount is no whole number of units, or has three decimals as thousands have digits."""
	written = -int(line.amount.as_tuple().exponent)
	grouped = written == 3 > kept and chosen.name in FREELY_WRITTEN
	return grouped or abs(line.amount - rounded) > NOISE


def _more_decimals(line: Line, kept: int) -> str:
	return _(
		"The amount {0} has more decimals than {1} has, which are {2}. Check the decimal mark, or correct the amount."
	).format(line.amount, line.currency, kept)


def _stale_message() -> str:
	return _(
		"The column mapping that is saved with the bank was made for a file with other titles. The columns "
		"were detected anew: check them, and save the mapping again."
	)


def _read_table(chosen: Format, content: bytes, options: Options) -> Reading:
	table = TABLES[chosen.name](content, options)
	if chosen.name == xlsx.FORMAT.name and not table.sheet:
		return Reading(chosen, Statement(questions=(Question("sheet", table.sheets),)), table)
	if not table.rows:
		return Reading(chosen, chosen.parse(content, options), table)
	proposal = plan(table, options)
	if proposal.questions:
		statement = Statement(questions=proposal.questions, problems=table.problems, notes=table.notes)
	else:
		statement = apply_mapping(table, proposal.mapping, proposal.header, options)
	return Reading(chosen, statement, table, proposal)


def _fitting(cut: Any, content: bytes, options: Options, saved: Sequence[Mapping]) -> Mapping | None:
	"""Return the first mapping whose header the file has; those without a header are for files without one."""
	tables: dict[tuple[str, ...], Table] = {}
	for mapping in saved:
		key = (mapping.delimiter, mapping.encoding, mapping.sheet)
		if key not in tables:
			try:
				tables[key] = cut(content, replace(options, mapping=mapping))
			except frappe.ValidationError:
				frappe.clear_messages()
				continue
		if _fits(tables[key], mapping):
			return mapping
	return None


def _fits(table: Table, mapping: Mapping) -> bool:
	if not mapping.header_row and find_header(table.rows):
		return False
	try:
		find_again(table, mapping)
	except StaleMapping:
		frappe.clear_messages()
		return False
	return bool(table.rows)


def parse_answers(answers: AbstractMapping[str, Any]) -> dict[str, str]:
	"""Return the answers as texts, at most so many and so long as a file can ask for."""
	return {str(field)[:140]: str(answer)[:140] for field, answer in list(answers.items())[:50]}
