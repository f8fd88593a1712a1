# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Tells the user how far an import is and what came of it, by event and on the record."""

from collections.abc import Mapping
from typing import Any

import frappe
from frappe import _

from advanced_bank_reconciliation.bulk.completion import notify_in_desk, tell_user
from advanced_bank_reconciliation.bulk.progress import percentage, progress_facts, tell_listener
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.job import (
	IMPORTS,
	JOB,
	rows_of,
	set_rows,
	write_counts,
)
from advanced_bank_reconciliation.statement_import.state import count_pending, count_problems

PROGRESS_EVENT = "statement_import_progress"
COMPLETE_EVENT = "statement_import_complete"


def report(job_id: str, current: int, total: int, message: str) -> None:
	"""Write how far a run is, and send `statement_import_progress` when this commits."""
	IMPORTS.update(job_id, message=message, percentage=percentage(current, total), recoveries=0)
	facts = progress_facts(job_id, current, total, message)
	IMPORTS.publish(PROGRESS_EVENT, job_id, {"name": job_id, **facts})
	tell_listener(facts, at_once=True)


def announce(job_id: str, success: bool, notify: bool = True) -> None:
	"""Send `statement_import_complete` in the transaction that ends the run, and notify who started it."""
	job = IMPORTS.read(job_id)
	IMPORTS.publish(COMPLETE_EVENT, job_id, {**end_facts(job), "success": success})
	if notify:
		subject = _("Bank statement {0} of {1}: {2}").format(
			frappe.utils.escape_html(job.file_name or job.name), job.bank_account, _(job.status)
		)
		tell_user(JOB, job, lambda: notify_in_desk(JOB, job, subject))


def settle(job: frappe._dict) -> bool:
	"""Give an import, locked by the caller, the status that its rows say; return whether it is complete now.

	Nothing happens while a line is to be imported yet, nor to a draft or to what was cancelled or taken back.
	"""
	if job.status not in statuses.SETTLING or count_pending(job.name):
		write_counts(job.name)
		return False
	skipped = rows_of(job.name, ("name",), (statuses.NEW,), decision=statuses.SKIP)
	set_rows((row.name for row in skipped), outcome=statuses.SKIPPED)
	counts = write_counts(job.name)
	complete = not count_problems(job.name)
	if complete:
		status = statuses.COMPLETED
	else:
		status = statuses.PARTIALLY_COMPLETED if counts.get(statuses.IMPORTED) else statuses.FAILED
	if status in statuses.NEXT[job.status]:
		IMPORTS.move(job, status, message=end_message(counts), percentage=100, error_message="")
	return complete


def end_facts(job: Mapping[str, Any]) -> dict[str, Any]:
	"""Return what the event at the end of a run tells."""
	return {
		"name": job["name"],
		"job_id": job["name"],
		"status": job["status"],
		"message": job["message"],
		"imported": job["imported"],
		"duplicates": job["duplicates"] + job["possible_duplicates"],
		"failed": job["failed"] + job["bad"],
		"reverted": job["reverted"],
		"bank_account": job["bank_account"],
	}


def end_message(counts: Mapping[str, int]) -> str:
	"""Return what came of an import in sentences."""
	get = counts.get
	if get(statuses.DUPLICATE) and get(statuses.DUPLICATE) == sum(counts.values()):
		return _("There was nothing new: all of the {0} lines were there already.").format(
			get(statuses.DUPLICATE)
		)
	sentences = [_("{0} of {1} lines imported.").format(get(statuses.IMPORTED, 0), sum(counts.values()))]
	for text, number in (
		(_("{0} were there already."), get(statuses.DUPLICATE, 0)),
		(_("{0} may be there already and were left out."), get(statuses.POSSIBLE_DUPLICATE, 0)),
		(_("{0} were skipped."), get(statuses.SKIPPED, 0)),
		(_("{0} rows could not be read."), get(statuses.BAD, 0)),
		(_("{0} were refused by ERPNext."), get(statuses.LINE_FAILED, 0)),
	):
		if number:
			sentences.append(text.format(number))
	return " ".join(sentences)
