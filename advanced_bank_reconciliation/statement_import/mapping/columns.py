# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Which column of a table is what: by its title, or by its content where there are no titles."""

from collections.abc import Sequence

from advanced_bank_reconciliation.statement_import.amounts import readings as amount_readings
from advanced_bank_reconciliation.statement_import.dates import readings as date_readings
from advanced_bank_reconciliation.statement_import.limits import MAX_EXAMPLES
from advanced_bank_reconciliation.statement_import.mapping import synonyms
from advanced_bank_reconciliation.statement_import.mapping.header import Header
from advanced_bank_reconciliation.statement_import.mapping.rows import mark_of
from advanced_bank_reconciliation.statement_import.statement import Options, Question
from advanced_bank_reconciliation.statement_import.table import Row, Table

Columns = dict[str, tuple[int, ...]]

#: Of the cells of a column without a title, so many must be of a kind to count as such.
MOSTLY = 0.8

#: Roles of which banks repeat the column for the balance: that of the amount is the one beside it.
BESIDE_AMOUNT = ("currency", "marker")

#: Answers: whose account a column names.
OWN, PARTY = "own", "party"

#: Examples of a column in a question: so many values of so many characters.
SHOWN_VALUES, SHOWN_LENGTH = 2, 140


def columns_by_title(header: Header, rows: Sequence[Row], options: Options) -> tuple[Columns, list[Question]]:
	"""Return the column of each role, and the questions where two have the same title."""
	candidates: dict[str, list[tuple[int, int]]] = {}
	for column, title in enumerate(header.titles):
		role, preference = synonyms.BY_NAME.get(synonyms.plain(title), ("", 0))
		if role in ("marker", "description") and (role == "marker") != _has_marks(rows, column):
			continue
		if role:
			candidates.setdefault(role, []).append((preference, column))
	columns: Columns = {}
	questions: list[Question] = []
	for role, found in candidates.items():
		best = [column for preference, column in sorted(found) if preference == min(found)[0]]
		if role in synonyms.JOINED:
			columns[role] = tuple(sorted(column for _preference, column in found))
		elif len(best) > 1 and role not in BESIDE_AMOUNT:
			columns[role] = (_asked(role, best, rows, options, questions),)
		else:
			columns[role] = (best[0],)
	_settle_account(header, rows, columns, options, questions)
	_settle_amounts(columns)
	for role in BESIDE_AMOUNT:
		_settle_beside_amount(columns, role, [column for _preference, column in candidates.get(role, ())])
	return columns, questions


def columns_by_content(table: Table, options: Options) -> tuple[Columns, list[Question]]:
	"""Return the only column of dates and the only one of amounts; where there are several, it is asked."""
	kinds: dict[str, list[int]] = {"date": [], "amount": [], "description": []}
	for column in range(table.width):
		if kind := _kind(table.rows, column):
			kinds[kind].append(column)
	columns: Columns = {}
	questions: list[Question] = []
	for role in ("date", "amount"):
		if len(kinds[role]) == 1:
			columns[role] = (kinds[role][0],)
		else:
			offered = kinds[role] or list(range(table.width))
			columns[role] = (_asked(role, offered, table.rows, options, questions),)
	if kinds["description"]:
		columns["description"] = tuple(kinds["description"])
	return columns, questions


def _settle_account(
	header: Header, rows: Sequence[Row], columns: Columns, options: Options, questions: list[Question]
) -> None:
	"""A column "IBAN" with several accounts is that of the other side, or the file has several accounts: asked.

	Not asked where the other side has a column of its own.
	"""
	found = columns.get("own_account")
	if not found or "party_iban" in columns or "party_account" in columns:
		return
	title = synonyms.plain(header.titles[found[0]])
	values = list(dict.fromkeys(text for row in rows if (text := row.text(found[0]).strip())))
	if title not in synonyms.OPEN_ACCOUNT_TITLES or len(values) < 2:
		return
	answer = options.answers.get("account_column", "")
	if answer not in (OWN, PARTY):
		questions.append(Question("account_column", (OWN, PARTY), tuple(values[:MAX_EXAMPLES])))
	if answer == PARTY:
		columns["party_iban"] = columns.pop("own_account")


def _settle_amounts(columns: Columns) -> None:
	"""Debit and credit columns say more than an amount column beside them; one of them alone says less."""
	if "debit" in columns and "credit" in columns:
		columns.pop("amount", None)
		columns.pop("marker", None)
	elif "amount" in columns:
		columns.pop("debit", None)
		columns.pop("credit", None)


def _settle_beside_amount(columns: Columns, role: str, found: Sequence[int]) -> None:
	"""Of several columns, that of the amount is the one right behind it, else the nearest.

	A second marker behind the balance says on which side the balance is.
	"""
	amounts, balances = columns.get("amount") or columns.get("debit"), columns.get("balance")
	if amounts and role in columns and len(found) > 1:
		columns[role] = (min(found, key=lambda column: (abs(column - amounts[0]), -column)),)
	if role == "marker" and balances and balances[0] + 1 in found:
		if columns.get(role) == (balances[0] + 1,) and len(found) == 1:
			columns.pop(role)
		columns["balance_marker"] = (balances[0] + 1,)


def _has_marks(rows: Sequence[Row], column: int) -> bool:
	"""Whether the column says debit or credit in nearly all rows; a column "type" has often other words.

	With a word that is neither, it must say both: "D" beside "W" is a deposit, and "C" beside "A" a cargo.
	"""
	marks = [mark for row in rows if (mark := mark_of(row.text(column)))]
	credited = sum(mark in synonyms.CREDIT_MARKS for mark in marks)
	debited = sum(mark in synonyms.DEBIT_MARKS for mark in marks)
	known = credited + debited
	both = bool(credited and debited)
	return bool(marks) and known >= MOSTLY * len(marks) and (both or known == len(marks))


def _kind(rows: Sequence[Row], column: int) -> str:
	cells = [row.cell(column) for row in rows if row.text(column).strip()]
	dates = sum(_is_date(cell) for cell in cells)
	amounts = sum(
		not _is_date(cell) and (not isinstance(cell, str) or bool(amount_readings(cell))) for cell in cells
	)
	if cells and dates >= MOSTLY * len(cells):
		return "date"
	if cells and amounts >= MOSTLY * len(cells):
		return "amount"
	return "description" if cells else ""


def _is_date(cell: object) -> bool:
	return bool(date_readings(cell)) if isinstance(cell, str) else hasattr(cell, "year")


def _asked(
	role: str, offered: Sequence[int], rows: Sequence[Row], options: Options, questions: list[Question]
) -> int:
	"""Return the column that was answered (1-based in the answer), else the first, and add the question."""
	name = f"column:{role}"
	choices = tuple(str(column + 1) for column in offered)
	answer = options.answers.get(name, "")
	if answer in choices:
		return int(answer) - 1
	examples = []
	for column in offered:
		texts = [text for row in rows if (text := row.text(column).strip())][:SHOWN_VALUES]
		examples.append(f"{column + 1}: {' / '.join(texts)}"[:SHOWN_LENGTH])
	questions.append(Question(name, choices, tuple(examples)))
	return offered[0]
