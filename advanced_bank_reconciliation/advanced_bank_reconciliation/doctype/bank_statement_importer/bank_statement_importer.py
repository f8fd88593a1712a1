# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The endpoints of statement import: permission, parse, delegate (docs/statement_import.md)."""

from collections.abc import Callable
from typing import Any

import frappe
from frappe.model.document import Document

from advanced_bank_reconciliation import permissions
from advanced_bank_reconciliation.statement_import import (
	corrections,
	files,
	problem_lines,
	record,
	run,
	saved_mappings,
)
from advanced_bank_reconciliation.statement_import.bank_account import account_for_import
from advanced_bank_reconciliation.statement_import.job import JOB
from advanced_bank_reconciliation.statement_import.payload import parse_json, parse_outcomes, parse_page
from advanced_bank_reconciliation.statement_import.state import get_lines, get_state


class BankStatementImporter(Document):
	"""The form from which a statement is uploaded. It keeps nothing: each file has a record of its own (P72)."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		bank_account: DF.Link
		company: DF.Link | None
		file: DF.Attach | None
	# end: auto-generated types

	pass


@frappe.whitelist(methods=["POST"])
def upload_statement(bank_account: str, file_url: str) -> dict[str, Any]:
	"""Read an uploaded file for a bank account, and return the state of its new record. Imports nothing.

	file_url: of a File that the user may read. Raises `frappe.PermissionError`, or a StatementError that says
	what is wrong with the file.
	"""
	account = account_for_import(bank_account)
	file = files.file_for_reading(file_url)
	return get_state(record.create_record(account, file).name)


@frappe.whitelist()
def get_statement_import(name: str) -> dict[str, Any]:
	"""Return the state of an import: docs/statement_import.md has its fields."""
	permissions.job_for_reading(name, JOB)
	return get_state(name)


@frappe.whitelist()
def get_import_lines(
	name: str, outcome: str | list | None = None, start: int = 0, page_length: int = 50
) -> dict[str, Any]:
	"""Return {lines, total}: a page of the lines in the order of the file, all or those with an outcome."""
	permissions.job_for_reading(name, JOB)
	return get_lines(name, parse_outcomes(outcome), *parse_page(start, page_length))


@frappe.whitelist()
def get_problem_lines(name: str) -> None:
	"""Answer with a CSV file of the lines that are bad or were refused."""
	job = permissions.job_for_reading(name, JOB)
	file_name, content = problem_lines.problem_lines(job.name)
	frappe.response.update({"filename": file_name, "filecontent": content, "type": "download"})


@frappe.whitelist(methods=["POST"])
def change_mapping(
	name: str, mapping: dict | str | None = None, answers: dict | str | None = None
) -> dict[str, Any]:
	"""Read the file again: by other columns, or with answers to its questions. Nothing may be imported yet.

	mapping: as in the state; None keeps it, or detects it. answers: {field of the question: choice}.
	"""
	document, account = _for_control(name)
	record.read_again(document, account, parse_json(mapping, dict), parse_json(answers, dict))
	return get_state(name, latest=True)


@frappe.whitelist(methods=["POST"])
def save_mapping(name: str) -> dict[str, Any]:
	"""Save the columns of the import with its Bank, to be offered for its next file. Needs write on the Bank."""
	document = permissions.job_for_reading(name, JOB)
	saved_mappings.save_mapping_of(document)
	return get_state(name)


@frappe.whitelist(methods=["POST"])
def set_decision(name: str, rows: list | str, decision: str) -> dict[str, Any]:
	"""Decide which lines are imported. rows: names of lines. decision: Import or Skip."""
	_for_control(name)
	corrections.set_decision(name, rows, decision)
	return get_state(name, latest=True)


@frappe.whitelist(methods=["POST"])
def decide_all(name: str, outcome: str | list, decision: str) -> dict[str, Any]:
	"""Decide about all lines with an outcome, or several, at once. decision: Import or Skip."""
	_for_control(name)
	corrections.decide_all(name, outcome, decision)
	return get_state(name, latest=True)


@frappe.whitelist(methods=["POST"])
def correct_line(name: str, row: str, values: dict | str) -> dict[str, Any]:
	"""Make a bad or failed line good by hand. values: {date, amount, description, reference}, or some of them."""
	_document, account = _for_control(name)
	corrections.correct_line(name, account, row, values)
	return get_state(name, latest=True)


@frappe.whitelist(methods=["POST"])
def start_import(name: str) -> dict[str, Any]:
	"""Import the lines that are to be: in the background from a number on that the settings have."""
	return _act(name, run.start)


@frappe.whitelist(methods=["POST"])
def resume_import(name: str) -> dict[str, Any]:
	"""Put an interrupted import, or revert, back to work."""
	return _act(name, run.resume)


@frappe.whitelist(methods=["POST"])
def cancel_import(name: str) -> dict[str, Any]:
	"""Stop the import after the batch that is at work. What is imported stays."""
	return _act(name, run.cancel)


@frappe.whitelist(methods=["POST"])
def retry_import(name: str) -> dict[str, Any]:
	"""Import what failed, what was corrected, and what was decided to be imported after all."""
	return _act(name, run.retry)


@frappe.whitelist(methods=["POST"])
def revert_import(name: str) -> dict[str, Any]:
	"""Cancel every Bank Transaction of the import that nothing is reconciled with; the others are listed."""
	document = permissions.job_for_reading(name, JOB)
	run.check_revert_rights(document.bank_account)
	run.revert(name)
	return get_state(name, latest=True)


@frappe.whitelist(methods=["POST"])
def discard_import(name: str) -> dict[str, Any]:
	"""Throw a draft away, with its lines and its file. Who has uploaded it may, and who may delete records."""
	document = permissions.job_for_reading(name, JOB)
	if document.owner != frappe.session.user:
		document.check_permission("delete")
	record.discard(name)
	return {"name": name, "discarded": True}


def _act(name: str, action: Callable[[str], None]) -> dict[str, Any]:
	"""Take the action on the record, or raise unless the user may import into its account."""
	_for_control(name)
	action(name)
	return get_state(name, latest=True)


def _for_control(name: str) -> tuple[Document, Any]:
	"""Return the record and its bank account, or raise unless the user may import into that."""
	document = permissions.job_for_reading(name, JOB)
	return document, account_for_import(document.bank_account)
