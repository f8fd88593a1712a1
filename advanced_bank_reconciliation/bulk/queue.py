# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Puts a job on the long queue and tells whether a worker has it."""

import frappe
from frappe.utils import cint
from frappe.utils.background_jobs import is_job_enqueued

from advanced_bank_reconciliation.bulk.job import update_job

WORKER = "advanced_bank_reconciliation.bulk.worker.run"
DEFAULT_TIME_LIMIT = 3600


def rq_job_id(job: frappe._dict) -> str:
	"""Return the id that RQ knows the job by; each further run of it gets a number (PUBLIC_API.md)."""
	base = f"bulk_reconciliation_{job.bank_transaction}_{job.name}"
	return f"{base}_{job.run_no}" if cint(job.run_no) else base


def time_limit() -> int:
	"""Return after how many seconds RQ ends a run."""
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	return cint(settings.job_timeout) or DEFAULT_TIME_LIMIT


def enqueue_job(job: frappe._dict) -> None:
	"""Enqueue the first or, after a pause, a crash or a time limit, the next run, once this commits.

	A new id per run: what RQ still remembers of a killed run must not keep the next one out. A run too
	many does no harm, since the rows are the queue.
	"""
	frappe.enqueue(
		WORKER,
		queue="long",
		timeout=time_limit(),
		enqueue_after_commit=True,
		job_id=rq_job_id(job),
		bulk_reconciliation=job.name,
	)


def enqueue_next_run(job: frappe._dict) -> None:
	"""Enqueue another run of the job, locked by the caller."""
	job.run_no = cint(job.run_no) + 1
	update_job(job.name, run_no=job.run_no)
	enqueue_job(job)


def is_in_queue(job: frappe._dict) -> bool:
	"""Return whether RQ has the latest run waiting or believes it to be running."""
	return is_job_enqueued(rq_job_id(job))
