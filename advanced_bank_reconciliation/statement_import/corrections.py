# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What a user changes on the lines of an import: whether one is imported, and what a bad row should say."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import frappe
from frappe import _

from advanced_bank_reconciliation.exceptions import BadPayload, JobStateError, refuse
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.bank_account import Account
from advanced_bank_reconciliation.statement_import.duplicates import fingerprints_of
from advanced_bank_reconciliation.statement_import.events import settle
from advanced_bank_reconciliation.statement_import.job import (
	IMPORTS,
	LINE_FIELDS,
	ROW,
	decimal,
	is_seen,
	line_of,
	readable_lines,
	rows_of,
	set_rows,
	write_counts,
)
from advanced_bank_reconciliation.statement_import.judge import judge_again
from advanced_bank_reconciliation.statement_import.payload import (
	parse_correction,
	parse_decision,
	parse_outcomes,
	parse_row_names,
)
from advanced_bank_reconciliation.statement_import.proof import balances_of, proof_values
from advanced_bank_reconciliation.statement_import.statement import Line, Statement

#: So many rows are named in a message.
SHOWN = 5

#: So many rows are asked for by name at once.
CHUNK = 1000

#: What is read of a line that is decided about.
DECIDED_FIELDS = ("name", "number", "outcome")

#: Imports of which no run will come by that calls skipped lines so.
ENDED = (statuses.COMPLETED, statuses.PARTIALLY_COMPLETED, statuses.FAILED)


def set_decision(name: str, rows: object, decision: str) -> None:
	"""Write the user's word on lines that were not imported yet (PITFALLS P66). Raises for any other line.

	A bad or failed line may be skipped, too: then it keeps the import from being complete no longer.
	"""
	names, decision = parse_row_names(rows), parse_decision(decision)
	job = _lock(name)
	found = {
		row.name: row
		for start in range(0, len(names), CHUNK)
		for row in rows_of(name, DECIDED_FIELDS, name=("in", names[start : start + CHUNK]))
	}
	_refuse_unknown(name, names, found)
	_decide(job, list(found.values()), decision)


def decide_all(name: str, outcome: object, decision: str) -> None:
	"""Write the user's word on all lines with an outcome, or several. Raises as `set_decision`.

	outcome: one of `statuses.OUTCOMES`, or a list of them.
	"""
	outcomes, decision = parse_outcomes(outcome), parse_decision(decision)
	if not outcomes:
		refuse(BadPayload, [_("Name the outcome of the lines.")])
	job = _lock(name)
	rows = rows_of(name, DECIDED_FIELDS, outcomes)
	if not rows:
		refuse(
			JobStateError,
			[
				_("{0} has no line that is {1} any more. Reload it.").format(
					name, ", ".join(_(each) for each in outcomes)
				)
			],
		)
	_decide(job, rows, decision)


def _decide(job: frappe._dict, rows: list[frappe._dict], decision: str) -> None:
	_refuse_settled(rows, decision)
	if decision == statuses.IMPORT:
		set_rows((row.name for row in rows if row.outcome == statuses.SKIPPED), outcome=statuses.NEW)
	elif job.status in ENDED:
		set_rows((row.name for row in rows if row.outcome == statuses.NEW), outcome=statuses.SKIPPED)
	set_rows((row.name for row in rows), decision=decision, decided=1)
	settle(job)


def _refuse_settled(rows: Iterable[frappe._dict], decision: str) -> None:
	allowed = (*statuses.JUDGED, statuses.SKIPPED, statuses.LINE_FAILED)
	if decision == statuses.SKIP:
		allowed = (*allowed, statuses.BAD)
	settled = [row for row in rows if row.outcome not in allowed]
	if settled:
		refuse(
			JobStateError,
			[
				_("Row {0} is {1}: {2} cannot be decided for it.").format(
					row.number, _(row.outcome), _(decision)
				)
				for row in settled[:SHOWN]
			],
		)


def correct_line(name: str, account: Account, row_name: str, values: object) -> None:
	"""Give a bad or failed line the values that it should have, and judge it. What the file said is kept.

	A failed line that needs no other values is retried without this.
	"""
	given = parse_correction(values)
	job = _lock(name)
	rows = rows_of(name, (*LINE_FIELDS, "outcome"), name=row_name)
	_refuse_unknown(name, [row_name], {row.name: row for row in rows})
	row = rows[0]
	if row.outcome not in statuses.PROBLEMS:
		refuse(
			JobStateError, [_("Row {0} is {1}; it needs no correction.").format(row.number, _(row.outcome))]
		)
	line = _corrected(line_of(row), account, given)
	prints = fingerprints_of(line)
	frappe.db.set_value(
		ROW,
		row_name,
		{
			"date": line.date,
			"amount": line.amount,
			"line_currency": line.currency,
			"description": line.description,
			"reference": line.reference,
			"exact_fingerprint": prints.exact,
			"similar_fingerprint": prints.similar,
			"id_fingerprint": prints.id,
			"text_fingerprint": prints.text,
			"outcome": statuses.NEW,
			"decision": statuses.IMPORT,
			"decided": 0,
			"corrected": 1,
			"error": "",
		},
	)
	judge_again(name, account.name)
	refresh(name)
	settle(job)


def _corrected(line: Line, account: Account, values: Mapping[str, Any]) -> Line:
	line = replace(line, **values)
	if line.currency not in ("", account.currency) and "amount" in values:
		line = replace(line, currency="")
	problems = []
	if not line.date:
		problems.append(_("Row {0} needs a date.").format(line.number))
	if not line.amount:
		problems.append(_("Row {0} needs an amount.").format(line.number))
	if line.currency not in ("", account.currency):
		problems.append(
			_("Row {0} is in {1}: enter its amount in {2}.").format(
				line.number, line.currency, account.currency
			)
		)
	if problems:
		refuse(JobStateError, problems)
	return line


def refresh(name: str) -> None:
	"""Compute totals and balance proof anew from the rows, after some were corrected."""
	record = IMPORTS.read(name)
	counts = IMPORTS.count_rows(name)
	lines = readable_lines(name)
	statement = Statement(
		tuple(lines),
		opening_balance=_stated(record.stated_opening_balance),
		closing_balance=_stated(record.stated_closing_balance),
	)
	proof = proof_values(statement, bad=counts.get(statuses.BAD, 0))
	period = {}
	if lines:
		days = [line.date for line in lines]
		period = {
			"from_date": min(filter(None, (record.from_date, min(days)))),
			"to_date": max(filter(None, (record.to_date, max(days)))),
		}
	write_counts(name, **proof, **balances_of(statement), **period)


def _stated(text: str | None) -> Decimal | None:
	return decimal(text) if text else None


def _lock(name: str) -> frappe._dict:
	job = IMPORTS.lock(name)
	if job.status in statuses.ACTIVE or job.status in statuses.TAKEN_BACK:
		refuse(JobStateError, [_("{0} is {1}; its lines are settled.").format(name, _(job.status))])
	if not is_seen([job]):
		refuse(JobStateError, [_("{0} has changed since you looked. Reload it.").format(name)])
	return job


def _refuse_unknown(name: str, names: list[str], found: Mapping[str, Any]) -> None:
	unknown = [row for row in names if row not in found]
	if unknown:
		refuse(
			JobStateError,
			[_("{0} has no line {1}.").format(name, str(row)[:60]) for row in unknown[:SHOWN]],
		)
