# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Makes the record of a file, and writes on it what the file says. Nothing is imported here (PITFALLS P72)."""

import json
from collections.abc import Mapping as AbstractMapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime

from advanced_bank_reconciliation.bulk.store import insert_rows
from advanced_bank_reconciliation.exceptions import JobStateError, refuse
from advanced_bank_reconciliation.statement_import import files, statuses
from advanced_bank_reconciliation.statement_import.bank_account import Account
from advanced_bank_reconciliation.statement_import.duplicates import Fingerprints, fingerprints_of
from advanced_bank_reconciliation.statement_import.job import (
	FINGERPRINTS,
	IMPORTS,
	JOB,
	ROW,
	TEXTS,
	write_counts,
)
from advanced_bank_reconciliation.statement_import.judge import DEFAULT_DECISION, judge
from advanced_bank_reconciliation.statement_import.mapping.mapping import Mapping
from advanced_bank_reconciliation.statement_import.preview import preview
from advanced_bank_reconciliation.statement_import.proof import balances_of, proof_values
from advanced_bank_reconciliation.statement_import.reading import Reading, parse_answers, read
from advanced_bank_reconciliation.statement_import.saved_mappings import saved_mappings
from advanced_bank_reconciliation.statement_import.statement import Line, Options, Problem, Statement
from advanced_bank_reconciliation.statement_import.warnings import warnings_about

ROW_FIELDS = (
	*("number", "date", "value_date", "amount", "fee", "balance", "has_balance", "line_currency"),
	*TEXTS,
	*("outcome", "decision", "error", "resembles"),
	*FINGERPRINTS,
)


def create_record(account: Account, file: Document) -> Document:
	"""Read the file for the account and return its new record, a Draft. Raises a StatementError.

	file: a File that the user may read (`files.file_for_reading`).
	"""
	content = files.content_of(file)
	reading = read(
		content,
		file.file_name or "",
		options_for(account),
		saved_mappings(account.bank, account.is_credit_card),
	)
	record = frappe.new_doc(JOB)
	record.update(
		{
			"bank_account": account.name,
			"bank": account.bank,
			"company": account.company,
			"currency": account.currency,
			"status": statuses.DRAFT,
			"file": file.file_url,
			"file_name": (file.file_name or "")[:140],
			"content_hash": files.hash_of(content),
			"last_activity": now_datetime(),
		}
	)
	record.insert(ignore_permissions=True)
	files.attach(file, record)
	write_reading(record, account, reading, {})
	return record


def read_again(
	record: Document,
	account: Account,
	mapping: AbstractMapping[str, Any] | None,
	answers: AbstractMapping[str, Any] | None,
) -> None:
	"""Read the record's file by other columns, or with answers to its questions.

	mapping None: as before, or detected. The rows are made anew, so what was corrected by hand is corrected
	again. Raises JobStateError once an import has been started, BadMapping, StaleMapping.
	"""
	job = IMPORTS.lock(record.name)
	if job.status != statuses.DRAFT:
		refuse(
			JobStateError,
			[_("{0} is {1}; its columns are settled.").format(record.name, _(job.status))],
		)
	content = files.content_of(files.file_of(record))
	if files.hash_of(content) != record.content_hash:
		refuse(JobStateError, [_("The file of {0} has changed. Upload it again.").format(record.name)])
	given = _given_mapping(job, mapping)
	answered = {**json.loads(job.answers or "{}"), **parse_answers(answers or {})}
	options = replace(options_for(account, answered), mapping=given)
	saved = [] if given else saved_mappings(account.bank, account.is_credit_card)
	reading = read(content, record.file_name or "", options, saved)
	write_reading(record, account, reading, answered)


def discard(name: str) -> None:
	"""Delete a Draft with its lines, and its file unless something else has it. Raises JobStateError later on.

	Rights are the endpoint's.
	"""
	job = IMPORTS.lock(name)
	if job.status != statuses.DRAFT:
		refuse(
			JobStateError,
			[_("{0} is {1}; only a draft can be discarded.").format(name, _(job.status))],
		)
	frappe.delete_doc(JOB, name, ignore_permissions=True)


def _given_mapping(
	job: AbstractMapping[str, Any], values: AbstractMapping[str, Any] | None
) -> Mapping | None:
	"""Return the mapping that is asked for. Another header row is found by its number, not by its titles.

	job: the record's fields, read under its lock, since another tab may have changed them.
	"""
	if values is None:
		values = json.loads(job["mapping"]) if job["mapping_source"] == "Changed" and job["mapping"] else None
		return Mapping.from_dict(values) if values else None
	mapping = Mapping.from_dict(values)
	before = json.loads(job["mapping"] or "{}")
	if mapping.header_row != before.get("header_row") and mapping.fingerprint == before.get("fingerprint"):
		mapping = replace(mapping, fingerprint="")
	return mapping


def options_for(account: Account, answers: AbstractMapping[str, str] | None = None) -> Options:
	"""Return what is known of the account beforehand. An account that was asked for and chosen goes first."""
	answers = answers or {}
	chosen = answers.get("account_id") or next(iter(account.numbers), "")
	return Options(
		account_id=chosen,
		currency=account.currency,
		is_credit_card=account.is_credit_card,
		answers=answers,
	)


def write_reading(
	record: Document, account: Account, reading: Reading, answers: AbstractMapping[str, str]
) -> None:
	"""Write what the file says on the record, in place of what it was read as before."""
	statement = reading.statement
	proof = proof_values(statement)
	values = {
		"format": reading.format.name,
		"format_title": str(reading.format.title)[:140],
		"account_id": statement.account_id[:140],
		"from_date": statement.from_date,
		"to_date": statement.to_date,
		"mapping": json.dumps(reading.proposal.mapping.as_dict()) if reading.proposal else None,
		"mapping_source": reading.source,
		"stale_message": reading.stale_message,
		"answers": json.dumps(dict(answers)),
		"reading": json.dumps(
			{**preview(reading), "warnings": warnings_about(record, account, reading, proof)}
		),
		**proof,
		**balances_of(statement),
		"message": _("Answer the questions about the file.")
		if statement.questions
		else _("Ready to import."),
	}
	frappe.db.delete(ROW, {"parent": record.name})
	insert_rows(record, ROW, "lines", ROW_FIELDS, rows_for(account, statement))
	write_counts(record.name, **values)
	record.update(values)


def rows_for(account: Account, statement: Statement) -> list[tuple]:
	"""Return the values of `ROW_FIELDS` for each line and each row that could not be read, by their numbers."""
	fit = [line for line in statement.lines if line.currency in ("", account.currency)]
	prints = [fingerprints_of(line) for line in fit]
	found = [(line.transaction_id, known) for line, known in zip(fit, prints, strict=True)]
	rows = [
		(line.number, _row(line, outcome, known, resembles=name))
		for line, known, (outcome, name) in zip(fit, prints, judge(account.name, found), strict=True)
	]
	rows += [
		(line.number, _row(line, statuses.BAD, fingerprints_of(line), _other_currency(line, account)))
		for line in statement.lines
		if line.currency not in ("", account.currency)
	]
	rows += [(problem.line, _bad_row(problem)) for problem in statement.problems if problem.line]
	return [row for _number, row in sorted(rows, key=lambda numbered: numbered[0])]


def _other_currency(line: Line, account: Account) -> str:
	return _("The line is in {0}, the bank account in {1}.").format(line.currency[:10], account.currency)


def _row(line: Line, outcome: str, prints: Fingerprints, error: str = "", resembles: str = "") -> tuple:
	return (
		*(line.number, line.date, line.value_date, line.amount, line.fee or Decimal(0)),
		*(line.balance or Decimal(0), int(line.balance is not None), line.currency[:140]),
		*(getattr(line, name) for name in TEXTS),
		*(outcome, DEFAULT_DECISION.get(outcome, ""), error, resembles or None),
		*(prints.exact, prints.similar, prints.id, prints.text),
	)


def _bad_row(problem: Problem) -> tuple:
	texts = ["" for name in TEXTS if name != "raw"]
	return (
		*(problem.line, None, None, Decimal(0), Decimal(0), Decimal(0), 0, ""),
		*(*texts, problem.raw),
		*(statuses.BAD, "", problem.reason, None),
		*("" for _fingerprint in FINGERPRINTS),
	)
