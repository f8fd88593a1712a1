# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Detects how a table is to be read. What it cannot tell for certain becomes a question (PITFALLS P69, P70)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from advanced_bank_reconciliation.statement_import.amounts import decide_decimal_mark
from advanced_bank_reconciliation.statement_import.amounts import readings as amount_readings
from advanced_bank_reconciliation.statement_import.balance import BalanceProof, prove
from advanced_bank_reconciliation.statement_import.dates import decide_date_order
from advanced_bank_reconciliation.statement_import.limits import MAX_EXAMPLES
from advanced_bank_reconciliation.statement_import.mapping.columns import columns_by_content, columns_by_title
from advanced_bank_reconciliation.statement_import.mapping.header import Header, find_header
from advanced_bank_reconciliation.statement_import.mapping.mapping import (
	COLUMNS,
	MARKER,
	SIGNED,
	Mapping,
	width_fingerprint,
)
from advanced_bank_reconciliation.statement_import.mapping.rows import RowReader, mark_of
from advanced_bank_reconciliation.statement_import.mapping.synonyms import CREDIT_MARKS, DEBIT_MARKS
from advanced_bank_reconciliation.statement_import.statement import Line, Options, Question, Statement
from advanced_bank_reconciliation.statement_import.table import Row, Table

#: Roles with dates, and with amounts.
DATES = ("date", "value_date")
AMOUNTS = ("amount", "debit", "credit", "balance", "fee")

#: Answers: what a positive amount is, and what a positive number in a debit column is.
DEPOSITS, WITHDRAWALS = "deposits", "withdrawals"
WITHDRAWN, RETURNED = "withdrawn", "returned"


@dataclass(frozen=True, slots=True)
class Proposal:
	"""The mapping as far as it is known, the header it belongs to, and what is open."""

	mapping: Mapping
	header: Header
	questions: tuple[Question, ...] = ()


def propose(table: Table, options: Options) -> Proposal:
	"""Return how the table can be read, with the answers that `options` has."""
	header = find_header(table.rows) or Header(-1)
	rows = table.rows[header.index + 1 :]
	if header.index < 0:
		columns, questions = columns_by_content(table, options)
		fingerprint, header_row = width_fingerprint(table.width), 0
	else:
		columns, questions = columns_by_title(header, rows, options)
		fingerprint, header_row = header.fingerprint, table.rows[header.index].number
	mapping = Mapping(
		columns=columns,
		header_row=header_row,
		fingerprint=fingerprint,
		delimiter=table.delimiter,
		sheet=table.sheet if len(table.sheets) > 1 else "",
		flip=None,
	)
	if not questions:
		above = table.rows[: max(header.index, 0)]
		mapping, questions = _decide(_with_sign(mapping, rows, options), rows, options, above)
	return Proposal(mapping, header, tuple(questions))


def complete(
	mapping: Mapping, rows: Sequence[Row], options: Options, above: Sequence[Row] = ()
) -> tuple[Mapping, list[Question]]:
	"""Decide date order, decimal mark and direction where a saved mapping leaves them open.

	above: rows above the header, which may state balances. What the file does not tell and does not need stays
	open, for the next file to tell.
	"""
	if mapping.sign == SIGNED and not mapping.flip and "marker" in mapping.columns:
		# The marks agreed with the signs of the file that it was saved of; of this one they may not.
		mapping = _with_sign(mapping, rows, options)
	return _decide(mapping, rows, options, above)


def _decide(
	mapping: Mapping, rows: Sequence[Row], options: Options, above: Sequence[Row]
) -> tuple[Mapping, list[Question]]:
	questions: list[Question] = []
	for name, roles, decide in (
		("date_order", DATES, decide_date_order),
		("decimal_mark", AMOUNTS, decide_decimal_mark),
	):
		if getattr(mapping, name):
			continue
		decision = decide(_texts(rows, mapping, roles))
		choice = decision.choice
		if decision.question:
			answer = options.answers.get(name, "")
			if answer in decision.question.choices:
				choice = answer
			else:
				questions.append(decision.question)
		mapping = replace(mapping, **{name: choice})
	if mapping.sign == COLUMNS and mapping.debit_is_negative is None:
		mapping, asked = _with_debit_sign(mapping, rows, options, above)
		questions += asked
	if mapping.flip is None and not questions:
		mapping, questions = _with_direction(mapping, rows, options)
	return mapping, questions


def _texts(rows: Iterable[Row], mapping: Mapping, roles: Sequence[str]) -> Iterator[str]:
	columns = [column for role in roles for column in mapping.columns.get(role, ())]
	for row in rows:
		for column in columns:
			cell = row.cell(column)
			if isinstance(cell, str) and cell.strip():
				yield cell.strip()


def _with_sign(mapping: Mapping, rows: Sequence[Row], options: Options) -> Mapping:
	"""Two columns, or one; a column that says debit or credit counts unless the amounts have signs that agree with it.

	On credit cards, where purchases may be positive, they may as well all disagree: the direction is then asked.
	"""
	column = mapping.column("amount")
	if column is None:
		return replace(mapping, sign=COLUMNS)
	marker = mapping.column("marker")
	if marker is None:
		return replace(mapping, sign=SIGNED)
	pairs = {(_sign(row, column), _marked_sign(row, marker)) for row in rows}
	signed = any(sign < 0 for sign, _mark in pairs)
	agree = {sign == mark for sign, mark in pairs if sign and mark}
	fits = len(agree) < 2 and (options.is_credit_card or False not in agree)
	return replace(mapping, sign=SIGNED if signed and fits else MARKER)


def _marked_sign(row: Row, column: int) -> int:
	mark = mark_of(row.text(column))
	return (mark in CREDIT_MARKS) - (mark in DEBIT_MARKS)


def _with_debit_sign(
	mapping: Mapping, rows: Sequence[Row], options: Options, above: Sequence[Row]
) -> tuple[Mapping, list[Question]]:
	"""A debit column has withdrawals without a sign, or all with a minus; an empty one tells nothing.

	Where it has both, or nothing but a single minus, which may be a fee that was paid back, the balances
	tell, else it is asked.
	"""
	column = mapping.column("debit")
	signs = [sign for row in rows if (sign := _sign(row, column))] if column is not None else []
	if not signs:
		return mapping, []
	if len(set(signs)) == 1 and signs != [-1]:
		return replace(mapping, debit_is_negative=signs[0] < 0), []
	answer = options.answers.get("debit_sign", "")
	if answer in (WITHDRAWN, RETURNED):
		return replace(mapping, debit_is_negative=answer == RETURNED), []
	tried = [replace(mapping, debit_is_negative=negative) for negative in (False, True)]
	proven = [attempt for attempt in tried if _proofs(attempt, rows, above)[1].proven]
	if len(proven) == 1:
		return proven[0], []
	examples = [row.raw[:140] for row in rows if _sign(row, column) < 0][:MAX_EXAMPLES]
	return mapping, [Question("debit_sign", (WITHDRAWN, RETURNED), tuple(examples))]


def _sign(row: Row, column: int) -> int:
	"""-1, 0 or 1. The sign of an amount does not depend on its decimal mark; what is no amount has none."""
	cell = row.cell(column)
	if isinstance(cell, str):
		cell = next(iter(amount_readings(cell).values()), 0) if cell.strip() else 0
	return 0 if hasattr(cell, "year") else (cell > 0) - (cell < 0)


def _with_direction(
	mapping: Mapping, rows: Sequence[Row], options: Options
) -> tuple[Mapping, list[Question]]:
	"""Decide whether a positive amount is a deposit; the running balance can prove it (PITFALLS P76).

	Asked where the balance proves the contrary, where one column has no minus at all and no balance speaks
	for it, and for credit cards.
	"""
	answer = options.answers.get("sign_of_amounts", "")
	undecided, mapping = mapping, replace(mapping, flip=False, balance_reversed=False)
	lines, shown, contrary = _proofs(mapping, rows)
	contradicted = shown.proven is False and bool(contrary.running and contrary.proven)
	if answer in (DEPOSITS, WITHDRAWALS):
		return replace(mapping, flip=answer == WITHDRAWALS, balance_reversed=contradicted), []
	unsigned = bool(lines) and all(line.amount > 0 for line in lines)
	proven = bool(shown.running and shown.proven)
	if contradicted or (mapping.sign == SIGNED and (options.is_credit_card or (unsigned and not proven))):
		examples = tuple(
			f"{line.date} {line.amount} {line.description}"[:140] for line in lines[:MAX_EXAMPLES]
		)
		return undecided, [Question("sign_of_amounts", (DEPOSITS, WITHDRAWALS), examples)]
	return mapping, []


def _proofs(
	mapping: Mapping, rows: Sequence[Row], above: Sequence[Row] = ()
) -> tuple[list[Line], BalanceProof, BalanceProof]:
	"""Return the lines as shown, their proof, and the proof with the balances on the other side."""
	reader = RowReader(mapping)
	for row in rows:
		reader.take(row)
	for row in above:
		reader.take_balance_row(row)
	statement = Statement(tuple(reader.lines), opening_balance=reader.opening, closing_balance=reader.closing)
	turned = tuple(replace(line, balance=_negative(line.balance)) for line in reader.lines)
	contrary = Statement(
		turned, opening_balance=_negative(reader.opening), closing_balance=_negative(reader.closing)
	)
	return reader.lines, prove(statement), prove(contrary)


def _negative(amount: Decimal | None) -> Decimal | None:
	return None if amount is None else -amount
