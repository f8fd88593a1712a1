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
from advanced_bank_reconciliation.statement_import.job import IMPORTS, JOB

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
