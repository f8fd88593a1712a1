# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The background job: imports batch after batch, each in a transaction with the outcome of its lines.

A worker killed at any instant leaves a line with its Bank Transaction, or neither; the record is locked for
the batch, so a second worker waits its turn.
"""

from collections.abc import Sequence
from functools import partial

import frappe
from frappe import _
from frappe.utils import now_datetime
from pypika import Case

from advanced_bank_reconciliation.bulk.naming import NamePool
from advanced_bank_reconciliation.bulk.runs import run_steps
from advanced_bank_reconciliation.exceptions import in_words
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.bank_account import account_for_import
from advanced_bank_reconciliation.statement_import.events import announce, report, settle
from advanced_bank_reconciliation.statement_import.job import (
	IMPORTS,
	LINE_FIELDS,
	ROW,
	rows_of,
	write_counts,
)
from advanced_bank_reconciliation.statement_import.judge import judge_again
from advanced_bank_reconciliation.statement_import.revert import check_revert_rights, revert_next
from advanced_bank_reconciliation.statement_import.state import count_pending
from advanced_bank_reconciliation.statement_import.transactions import Result, insert_batch
from advanced_bank_reconciliation.transactions import begin_anew

#: Lines that are imported in one transaction: a second's work.
BATCH = 100


def run(statement_import: str) -> None:
	"""Work on the import until it has ended. RQ's entry.

	Runs as the user who started it, whose rights are checked again (P60).
	"""
	names = NamePool()
	steps = {**STEPS, statuses.IMPORTING: partial(import_next, names=names)}
	try:
		run_steps(IMPORTS, statement_import, (_check_rights,), steps)
	finally:
		names.close()


def begin_with_latest(job_id: str) -> bool:
	"""Step: begin; all that is read is the latest."""
	begin_anew()
	return begin(job_id)


def begin(job_id: str) -> bool:
	"""Judge the lines against what is in the books now, then import them.

	The record holds its bank account by a unique field, so no other import comes between.
	"""
	job = IMPORTS.lock(job_id)
	if job.status == statuses.QUEUED:
		judge_again(job_id, job.bank_account)
		write_counts(job_id)
		IMPORTS.move(job, statuses.IMPORTING, started_at=now_datetime(), message=_("Started"))
	return True


def import_next(job_id: str, names: NamePool) -> bool:
	"""Step: import the next batch; with none left, end. All that is read is the latest.

	names: numbers of the naming series, reserved before anything is locked, so that nobody else who makes a
	Bank Transaction waits for the batch.
	"""
	names.prepare(BATCH)
	begin_anew()
	with names.in_use():
		import_batch(job_id)
	return True


def import_batch(job_id: str, notify: bool = True) -> bool:
	"""Import a batch in the caller's transaction; with nothing left, end the import and return False."""
	job = IMPORTS.lock(job_id)
	if job.status != statuses.IMPORTING:
		return False
	rows = rows_of(job_id, LINE_FIELDS, statuses.JUDGED, decision=statuses.IMPORT, limit=BATCH)
	if not rows:
		_end(job, notify)
		return False
	write_results(insert_batch(job, rows))
	_report(job_id)
	return True


def write_results(results: Sequence[Result]) -> None:
	"""Write what became of lines on their rows, in one statement for each kind of outcome."""
	row = frappe.qb.DocType(ROW)
	for outcome in {result.outcome for result in results}:
		of_outcome = [result for result in results if result.outcome == outcome]
		query = frappe.qb.update(row).set(row.outcome, outcome)
		for field in ("bank_transaction", "error"):
			case = Case()
			for result in of_outcome:
				case = case.when(row.name == result.row, getattr(result, field))
			query = query.set(row[field], case)
		query.where(row.name.isin([result.row for result in of_outcome])).run()


def _report(job_id: str) -> None:
	counts = write_counts(job_id)
	done = counts.get(statuses.IMPORTED, 0) + counts.get(statuses.LINE_FAILED, 0)
	total = done + count_pending(job_id)
	message = _("{0} of {1} lines imported").format(counts.get(statuses.IMPORTED, 0), total)
	report(job_id, done, total, message)


def _end(job: frappe._dict, notify: bool) -> None:
	complete = settle(job)
	announce(job.name, success=complete, notify=notify)


STEPS = {
	statuses.QUEUED: begin_with_latest,
	statuses.REVERTING: revert_next,
}


def _check_rights(job_id: str) -> bool:
	job = IMPORTS.lock(job_id)
	try:
		if job.status == statuses.REVERTING:
			check_revert_rights(job.bank_account)
		else:
			account_for_import(job.bank_account)
	except frappe.ValidationError as error:
		return _give_up(job, in_words(error))
	except frappe.PermissionError:
		return _give_up(
			job,
			_("{0} may not do this any more. What is imported stays.").format(frappe.session.user),
		)
	return True


def _give_up(job: frappe._dict, message: str) -> bool:
	frappe.clear_messages()
	if statuses.FAILED in statuses.NEXT.get(job.status, ()):
		IMPORTS.move(job, statuses.FAILED, message=message, error_message=message)
		announce(job.name, success=False)
	return False
