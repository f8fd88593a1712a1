# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the endpoints answer about a job, in the form of PUBLIC_API.md."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.job import JOB, lock_job


def answer_for(job_id: str) -> dict[str, Any]:
	"""Return {status: queued} for a job that a worker has or will have, else what happened."""
	# Under lock: the job may be another request's, made or ended after this transaction took its snapshot.
	job = lock_job(job_id)
	common = {
		"job_id": job.name,
		"total_invoices": job.total_invoices,
		"bank_transaction": job.bank_transaction,
	}
	if job.status in statuses.ACTIVE:
		message = _("{0} invoices are being paid in the background.").format(job.total_invoices)
		return {"status": "queued", "message": message, **common}
	return {
		"status": "completed",
		"message": job.message,
		**common,
		**_results(frappe.get_doc(JOB, job_id, for_update=True)),
	}


def _results(job: Document) -> dict[str, Any]:
	return {
		"processed": job.processed,
		"failed": job.failed,
		"failures": [
			{"invoice": row.invoice, "message": row.error}
			for row in job.invoices
			if row.status == statuses.FAILED
		],
		"payment_entries": list(
			dict.fromkeys(row.payment_entry for row in job.invoices if row.payment_entry)
		),
	}
