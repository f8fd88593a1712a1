# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Starts, resumes, cancels, retries and reverts an import. Rights are the endpoint's."""

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint

from advanced_bank_reconciliation.bulk.store import locked_rows
from advanced_bank_reconciliation.exceptions import JobAlreadyActive, JobStateError, refuse
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.events import announce, end_message
from advanced_bank_reconciliation.statement_import.job import (
	IMPORTS,
	JOB,
	ROW,
	counts_of,
	is_seen,
)
from advanced_bank_reconciliation.statement_import.revert import check_revert_rights, revert_batch
from advanced_bank_reconciliation.statement_import.state import count_pending, is_put_away, questions_of
from advanced_bank_reconciliation.statement_import.worker import begin, import_batch

__all__ = ["cancel", "check_revert_rights", "resume", "retry", "revert", "start"]

DEFAULT_LIMIT = 200


def start(name: str, by_worker: bool | None = None) -> None:
	"""Import the lines that are to be: here for a few, else by a job.

	by_worker: by a job in any case; False: only up to Queued, the caller commits and calls `worker.run`.

	Pressed again while it is at work: nothing. Raises JobAlreadyActive where another import holds the bank
	account, JobStateError where there is nothing to import or a question is open.
	"""
	job = _hold(name)
	if job.status in (statuses.QUEUED, statuses.IMPORTING):
		return
	if job.status not in (statuses.DRAFT, statuses.CANCELLED):
		refuse(JobStateError, [_("{0} is {1}; it was started before.").format(name, _(job.status))])
	if questions_of(job):
		refuse(JobStateError, [_("Answer the questions about the file of {0} first.").format(name)])
	_begin(job, by_worker)


def retry(name: str) -> None:
	"""Import what has failed, was corrected, or is to be imported after all."""
	job = _hold(name)
	if statuses.QUEUED not in statuses.NEXT.get(job.status, ()) or job.status == statuses.DRAFT:
		refuse(JobStateError, [_("{0} is {1}; nothing can be retried.").format(name, _(job.status))])
	failed = {"parent": name, "outcome": statuses.LINE_FAILED, "decision": statuses.IMPORT}
	frappe.db.set_value(ROW, failed, {"outcome": statuses.NEW, "error": ""})
	_begin(job)


def revert(name: str) -> None:
	"""Cancel what the import has made: here for a few lines, else by a job."""
	job = _hold(name)
	imported = job.imported
	if statuses.REVERTING not in statuses.NEXT.get(job.status, ()) or not imported:
		refuse(JobStateError, [_("{0} is {1}; there is nothing to revert.").format(name, _(job.status))])
	kept = {"parent": name, "outcome": statuses.IMPORTED, "decision": statuses.SKIP}
	frappe.db.set_value(ROW, kept, {"decision": statuses.IMPORT, "error": ""})
	_put_to_work(job, statuses.REVERTING, _("Reverting"))
	if imported > background_limit() or not job.is_seen:
		IMPORTS.enqueue_next_run(job)
		return
	while revert_batch(name, notify=False):
		pass


def resume(name: str, by_worker: bool = True) -> None:
	"""Put a run that ought to be at work back on the queue; a run too many does no harm.

	A revert is resumed by who could have started it: the run is theirs, and would fail. by_worker False: the
	caller commits and calls `worker.run`.
	"""
	job = IMPORTS.lock(name)
	if job.status not in statuses.ACTIVE:
		refuse(JobStateError, [_("{0} is {1}; there is nothing to resume.").format(name, _(job.status))])
	if job.status == statuses.REVERTING:
		check_revert_rights(job.bank_account)
	IMPORTS.update(name, run_by=frappe.session.user)
	if by_worker:
		IMPORTS.enqueue_next_run(job)


def cancel(name: str) -> None:
	"""Stop after the batch that is being imported. What is imported stays, and can be reverted."""
	job = IMPORTS.lock(name)
	if job.status not in (statuses.QUEUED, statuses.IMPORTING):
		refuse(JobStateError, [_("{0} is {1}; there is nothing to cancel.").format(name, _(job.status))])
	done = end_message(counts_of(job))
	IMPORTS.move(
		job,
		statuses.CANCELLED,
		message=" ".join([_("Cancelled by {0}.").format(frappe.session.user), done]),
	)
	announce(name, success=False, notify=False)


def background_limit() -> int:
	"""Return up to how many lines are imported in the request."""
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	limit = settings.get("statement_background_limit")
	return DEFAULT_LIMIT if limit is None else cint(limit)


def _hold(name: str) -> Any:
	"""Lock the bank account, so that two starts at once wait for each other, and then its records.

	is_seen of the answer: whether the lines can be read here as they are now, or only by a job.
	Raises JobAlreadyActive where another import of the account is at work.
	"""
	subject = IMPORTS.read(name).bank_account
	frappe.db.get_value("Bank Account", subject, "name", for_update=True)
	records = locked_rows(JOB, ("name", "modified"), bank_account=subject)
	job = IMPORTS.lock(name)
	job.is_seen = is_seen(records)
	other = IMPORTS.active_job(subject)
	if other and other.name != name:
		refuse(
			JobAlreadyActive,
			[
				_("{0} is at work on Bank Account {1} (state: {2}). Wait for it, or cancel it.").format(
					other.name, subject, _(other.status)
				)
			],
		)
	return job


def _begin(job: Any, by_worker: bool | None = None) -> None:
	pending = count_pending(job.name)
	if not pending and not is_put_away(job):
		refuse(JobStateError, [_("{0} has no line that is to be imported.").format(job.name)])
	_put_to_work(job, statuses.QUEUED, _("Waiting for a worker"))
	if by_worker is False:
		return
	if by_worker or pending > background_limit() or not job.is_seen:
		IMPORTS.enqueue_next_run(job)
		return
	begin(job.name)
	while import_batch(job.name, notify=False):
		pass


def _put_to_work(job: Any, status: str, message: str) -> None:
	"""Move the record to a status in which it is at work, as if nothing had been done before."""
	IMPORTS.move(
		job,
		status,
		message=message,
		error_message="",
		percentage=0,
		recoveries=0,
		ended_at=None,
		run_by=frappe.session.user,
	)
