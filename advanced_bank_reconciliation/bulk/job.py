# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The record of a bulk reconciliation: what kind of job it is, and how one is created."""

from typing import Any, NoReturn

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.plan import Plan, PlannedInvoice
from advanced_bank_reconciliation.bulk.store import JobStore, insert_rows
from advanced_bank_reconciliation.exceptions import JobAlreadyActive, refuse
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

#: RQ's name of a run, and the worker's argument, are public (PUBLIC_API.md).
BULK = JobStore(
	doctype=JOB,
	row_doctype=INVOICE_ROW,
	row_state="status",
	subject="bank_transaction",
	ended_at="completed_at",
	active=statuses.ACTIVE,
	next=statuses.NEXT,
	worker="advanced_bank_reconciliation.bulk.worker.run",
	argument="bulk_reconciliation",
	rq_prefix="bulk_reconciliation",
)

lock_job = BULK.lock
read_job = BULK.read
move_job = BULK.move
update_job = BULK.update
count_rows = BULK.count_rows


def refuse_second_job(active: frappe._dict) -> NoReturn:
	"""Raise JobAlreadyActive: the job `active` holds its Bank Transaction."""
	refuse(
		JobAlreadyActive,
		[
			_(
				"{0} is already working on Bank Transaction {1} (state: {2}). Wait for it, or cancel it."
			).format(active.name, active.bank_transaction, _(active.status))
		],
	)


def check_not_held_by_another(job: frappe._dict) -> None:
	"""Raise JobAlreadyActive where a job has ended, and another works on its Bank Transaction now."""
	active = BULK.active_job(job.bank_transaction)
	if active and active.name != job.name:
		refuse_second_job(active)


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
			"payment_entries_per": plan.payment_entries_per,
			"batch_size": settings.batch_size,
			"seconds_per_batch": settings.seconds_per_batch if settings.batch_size_mode == "Automatic" else 0,
			"email_on_completion": settings.email_on_completion,
			"email_attachment": settings.email_attachment,
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
	insert_rows(job, INVOICE_ROW, "invoices", INVOICE_ROW_FIELDS, map(_invoice_row, plan.invoices))
	insert_rows(job, VOUCHER_ROW, "vouchers", VOUCHER_ROW_FIELDS, map(_voucher_row, plan.vouchers))
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


def keep_while_active(bank_transaction: Document, _method: str | None = None) -> None:
	"""Raise JobAlreadyActive where a Bank Transaction is being deleted that a job holds: it could never end."""
	if job := BULK.active_job(bank_transaction.name):
		refuse(
			JobAlreadyActive,
			[
				_(
					"Bank Transaction {0} belongs to {1}, which is {2}. Cancel that and wait until it has ended."
				).format(bank_transaction.name, job.name, _(job.status))
			],
		)


def set_rows(doctype: str, names: list[str], **values: Any) -> None:
	"""Write the same values to several rows, in one statement."""
	if names:
		frappe.db.set_value(doctype, {"name": ("in", names)}, values)
