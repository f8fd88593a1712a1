# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The job record: creating it, finding it, and moving it from state to state under lock."""

from collections.abc import Mapping
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder.functions import Count
from frappe.utils import now_datetime

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.plan import Plan, PlannedInvoice
from advanced_bank_reconciliation.exceptions import JobStateError, refuse
from advanced_bank_reconciliation.vouchers.links import Link

JOB = "Bulk Bank Reconciliation"
INVOICE_ROW = "Bulk Bank Reconciliation Invoice"
VOUCHER_ROW = "Bulk Bank Reconciliation Voucher"

INVOICE_ROW_FIELDS = (
	"invoice_type",
	"invoice",
	"party_type",
	"party",
	"due_date",
	"outstanding_amount",
	"requested_amount",
	"settle_in_full",
	"allocated_amount",
	"discount_amount",
	"difference_amount",
	"invoice_currency",
	"amount_in_invoice_currency",
	"payment_group",
	"status",
	"error",
)
VOUCHER_ROW_FIELDS = ("payment_document", "payment_entry", "allocated_amount", "status")


def create_job(plan: Plan, key: str, job_id: str | None = None) -> Document:
	"""Insert the record of `plan` with status Queued, and return it. Its name is the job id.

	The user's rights on the documents were checked when the plan was made; the record itself is the
	engine's to write. A second active job on the same Bank Transaction fails on a unique index (P51).
	"""
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	job = frappe.new_doc(JOB)
	job.update(
		{
			"bank_transaction": plan.line.doc.name,
			"active_bank_transaction": plan.line.doc.name,
			"company": plan.line.doc.company,
			"bank_account": plan.line.doc.bank_account,
			"currency": plan.line.currency,
			"status": statuses.QUEUED,
			"request_key": key,
			"on_invoice_failure": settings.on_invoice_failure,
			"batch_size": settings.batch_size,
			"email_on_completion": settings.email_on_completion,
			"total_invoices": len(plan.invoices),
			"total_vouchers": len(plan.vouchers),
			"failed": len(plan.failures),
			"allocated_amount": plan.allocated_amount,
			"unallocated_amount": plan.line.unallocated_amount,
			"difference_account": plan.difference and plan.difference.account,
			"difference_cost_center": plan.difference and plan.difference.cost_center,
			"difference_amount": plan.difference_amount,
			"last_activity": now_datetime(),
			"message": _("Waiting for a worker"),
		}
	)
	job.insert(ignore_permissions=True, set_name=job_id)
	_insert_rows(job, INVOICE_ROW, "invoices", INVOICE_ROW_FIELDS, map(_invoice_row, plan.invoices))
	_insert_rows(job, VOUCHER_ROW, "vouchers", VOUCHER_ROW_FIELDS, map(_voucher_row, plan.vouchers))
	return job


def _invoice_row(planned: PlannedInvoice) -> tuple:
	invoice, amount = planned.invoice, planned.request.amount
	return (
		invoice.doctype,
		invoice.name,
		invoice.party_type,
		invoice.party,
		invoice.due_date,
		planned.outstanding_amount,
		float(amount or 0),
		int(amount is None),
		planned.allocated_amount,
		planned.discount_amount,
		planned.difference_amount,
		invoice.currency,
		planned.settled_amount,
		planned.payment_group,
		statuses.FAILED if planned.error else statuses.QUEUED,
		planned.error,
	)


def _voucher_row(link: Link) -> tuple:
	return (link.doctype, link.name, link.amount, statuses.QUEUED)


def _insert_rows(job: Document, doctype: str, parentfield: str, fields: tuple[str, ...], rows) -> None:
	"""Insert child rows in bulk: a thousand validated rows need no thousand link queries."""
	now, user = now_datetime(), frappe.session.user
	values = [
		(frappe.generate_hash(length=10), now, now, user, user, 0, idx, job.name, JOB, parentfield, *row)
		for idx, row in enumerate(rows, start=1)
	]
	standard = ("name", "creation", "modified", "owner", "modified_by", "docstatus", "idx")
	columns = [*standard, "parent", "parenttype", "parentfield", *fields]
	if values:
		frappe.db.bulk_insert(doctype, columns, values, chunk_size=500)


def lock_job(job_id: str) -> frappe._dict:
	"""Lock the job's row until the transaction ends and return its latest state."""
	table = frappe.qb.DocType(JOB)
	rows = frappe.qb.from_(table).select("*").where(table.name == job_id).for_update().run(as_dict=True)
	if not rows:
		refuse(JobStateError, [_("There is no Bulk Bank Reconciliation {0}.").format(job_id)])
	return rows[0]


def read_job(job_id: str) -> frappe._dict:
	"""Return the job's fields as the transaction sees them, without a lock."""
	return frappe.db.get_value(JOB, job_id, "*", as_dict=True)


def move_job(job: Mapping[str, Any], status: str, **values: Any) -> None:
	"""Move the job, locked by `lock_job`, to `status`; raises JobStateError if that may not follow.

	A job that ends lets go of its Bank Transaction; one that comes back to life takes it again.
	"""
	if status not in statuses.NEXT.get(job["status"], ()):
		refuse(
			JobStateError,
			[_("{0} is {1}; it cannot become {2}.").format(job["name"], _(job["status"]), _(status))],
		)
	active = status in statuses.ACTIVE
	values["status"] = status
	values["active_bank_transaction"] = job["bank_transaction"] if active else None
	if not active:
		values["completed_at"] = now_datetime()
	update_job(job["name"], **values)


def update_job(job_id: str, **values: Any) -> None:
	"""Write fields of the job record, with the time of this sign of life."""
	frappe.db.set_value(JOB, job_id, {"last_activity": now_datetime(), **values})


def update_running_job(job_id: str, **values: Any) -> None:
	"""As `update_job`, but not over what a pause or a cancellation has written meanwhile."""
	running = {"name": job_id, "status": statuses.RUNNING}
	frappe.db.set_value(JOB, running, {"last_activity": now_datetime(), **values})


def count_rows(job_id: str) -> dict[str, int]:
	"""Return how many invoice rows of the job are in each state; states without a row are absent."""
	row = frappe.qb.DocType(INVOICE_ROW)
	counts = (
		frappe.qb.from_(row)
		.select(row.status, Count(row.name))
		.where(row.parent == job_id)
		.groupby(row.status)
		.run()
	)
	return dict(counts)


def set_rows(doctype: str, names: list[str], **values: Any) -> None:
	"""Write the same values to several rows, in one statement."""
	if names:
		frappe.db.set_value(doctype, {"name": ("in", names)}, values)
