# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What of a file is shown before it is imported: its questions, its columns, its first rows. Plain values."""

from typing import Any

from frappe import _

from advanced_bank_reconciliation.statement_import.mapping.synonyms import ROLES
from advanced_bank_reconciliation.statement_import.reading import Reading
from advanced_bank_reconciliation.statement_import.statement import Question
from advanced_bank_reconciliation.statement_import.table import Table
from advanced_bank_reconciliation.statement_import.text import shorten

#: So many rows, samples, and characters of a cell are shown.
FIRST_ROWS, SAMPLES, CELL = 15, 3, 140

#: Rows in which samples of a column are looked for.
SAMPLE_ROWS = 200


def preview(reading: Reading) -> dict[str, Any]:
	"""Return what `get_statement_import` shows of the file, for JSON."""
	statement = reading.statement
	shown = {
		"questions": [_question(question) for question in statement.questions],
		"notes": [*reading.failures, *statement.notes, *_balance_problems(reading)],
		"columns": [],
		"header_row": 0,
		"first_rows": [],
	}
	if reading.table and reading.proposal:
		shown["header_row"] = reading.proposal.mapping.header_row
		shown["columns"] = _columns(reading)
	if reading.table:
		shown["first_rows"] = _first_rows(reading.table)
	return shown


def _balance_problems(reading: Reading) -> list[str]:
	"""Problems that belong to no row."""
	return [problem.reason for problem in reading.statement.problems if not problem.line]


def _first_rows(table: Table) -> list[dict[str, Any]]:
	return [
		{
			"number": row.number,
			"cells": [shorten(row.text(column), CELL) for column in range(len(row.cells))],
		}
		for row in table.rows[:FIRST_ROWS]
	]


def _columns(reading: Reading) -> list[dict[str, Any]]:
	table, proposal = reading.table, reading.proposal
	roles = {column: role for role, columns in proposal.mapping.columns.items() for column in columns}
	titles = proposal.header.titles
	rows = table.rows[proposal.header.index + 1 :][:SAMPLE_ROWS]
	columns = []
	for index in range(table.width):
		texts = (shorten(row.text(index).strip(), CELL) for row in rows)
		columns.append(
			{
				"index": index,
				"title": shorten(titles[index], CELL) if index < len(titles) else "",
				"role": roles.get(index, ""),
				"samples": [text for text in texts if text][:SAMPLES],
			}
		)
	return columns


def role_choices() -> list[dict[str, str]]:
	"""Return what a column may be, with labels."""
	labels = {
		"date": _("Date"),
		"value_date": _("Value Date"),
		"amount": _("Amount"),
		"debit": _("Withdrawals"),
		"credit": _("Deposits"),
		"marker": _("Debit or Credit"),
		"balance": _("Balance"),
		"balance_marker": _("Side of the Balance"),
		"description": _("Description"),
		"reference": _("Reference"),
		"particulars": _("Particulars"),
		"code": _("Code"),
		"transaction_id": _("Transaction ID"),
		"party_name": _("Party Name"),
		"party_iban": _("Party IBAN"),
		"party_account": _("Party Account"),
		"own_account": _("Account of the Statement"),
		"currency": _("Currency"),
		"fee": _("Fee"),
		"state": _("State of the Booking"),
	}
	return [{"value": role, "label": labels.get(role, role)} for role in ROLES]


def _question(question: Question) -> dict[str, Any]:
	return {
		"field": question.field,
		"choices": list(question.choices),
		"examples": list(question.examples),
	}


def question_with_labels(question: dict[str, Any]) -> dict[str, Any]:
	"""Return a stored question with what is asked, and its choices, in words of the user's language."""
	labels = _choice_labels()
	field = question["field"]
	return {
		"field": field,
		"label": _question_label(field),
		"choices": [
			{"value": choice, "label": labels.get((field, choice)) or _choice_label(field, choice)}
			for choice in question["choices"]
		],
		"examples": question["examples"],
	}


def _question_label(field: str) -> str:
	if field.startswith("column:"):
		names = {role["value"]: role["label"] for role in role_choices()}
		role = field.partition(":")[2]
		return _("Which column is {0}?").format(names.get(role, role))
	return {
		"date_order": _("In which order are day, month and year?"),
		"decimal_mark": _("Which mark stands before the decimals?"),
		"sign_of_amounts": _("What is a positive amount?"),
		"debit_sign": _("What is a positive number in the column of withdrawals?"),
		"account_column": _("Whose account does this column name?"),
		"account_id": _("Which account of the file is meant?"),
		"sheet": _("Which sheet has the statement?"),
	}.get(field, field)


def _choice_label(field: str, choice: str) -> str:
	return _("Column {0}").format(choice) if field.startswith("column:") else choice


def _choice_labels() -> dict[tuple[str, str], str]:
	return {
		("date_order", "DMY"): _("Day, month, year"),
		("date_order", "MDY"): _("Month, day, year"),
		("date_order", "YMD"): _("Year, month, day"),
		("decimal_mark", "."): _("A point: 1,234.56"),
		("decimal_mark", ","): _("A comma: 1.234,56"),
		("sign_of_amounts", "deposits"): _("A deposit"),
		("sign_of_amounts", "withdrawals"): _("A withdrawal"),
		("debit_sign", "withdrawn"): _("A withdrawal; a minus takes one back"),
		("debit_sign", "returned"): _("Money that was returned; a minus is a withdrawal"),
		("account_column", "own"): _("That of the statement"),
		("account_column", "party"): _("That of the other side"),
	}
