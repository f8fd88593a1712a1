# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Starts a bulk reconciliation: one job for one Bank Transaction, however often the button is pressed."""

from collections.abc import Sequence
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from advanced_bank_reconciliation.bulk import statuses, worker
from advanced_bank_reconciliation.bulk.answers import answer_for
from advanced_bank_reconciliation.bulk.grouping import default_way, payment_groups
from advanced_bank_reconciliation.bulk.job import (
	BULK,
	INVOICE_ROW,
	JOB,
	create_job,
	lock_job,
	refuse_second_job,
)
from advanced_bank_reconciliation.bulk.plan import Plan, make_plan, request_key
from advanced_bank_reconciliation.bulk.store import locked_rows
from advanced_bank_reconciliation.exceptions import NothingToDo, refuse
from advanced_bank_reconciliation.payload import PER_INVOICE, WAYS, Difference, Request
from advanced_bank_reconciliation.permissions import (
	bank_transaction_for_writing,
	check_payment_entry_permission,
)
from advanced_bank_reconciliation.vouchers.line_links import names_of_lines
from advanced_bank_reconciliation.vouchers.links import BankLine

JOB_FIELDS = ("name", "status", "request_key", "bank_transaction")


def in_background() -> bool:
	"""Return whether the settings send bulk reconciliations to a worker."""
	return bool(_settings().reconcile_unpaid_invoices_in_background)


def queue(
	bank_transaction_name: str,
	invoices: Sequence[Request],
	vouchers: Sequence[Request] = (),
	difference: Difference | None = None,
	payment_entries_per: str | None = None,
) -> dict[str, Any]:
	"""Record a job and hand it to a worker once this commits. Answers in the form of PUBLIC_API.md."""
	job, is_new = start_job(
		bank_transaction_name,
		invoices,
		vouchers,
		difference=difference,
		payment_entries_per=payment_entries_per,
	)
	if is_new:
		BULK.enqueue(job)
	return answer_for(job.name)


def run_here(
	bank_transaction_name: str,
	invoices: Sequence[Request],
	vouchers: Sequence[Request],
	job_id: str | None = None,
) -> str:
	"""Work on the job in this process, as a worker would: the one named, or a new one. Returns its name."""
	if not (job_id and frappe.db.exists(JOB, job_id)):
		job, _is_new = start_job(bank_transaction_name, invoices, vouchers, job_id)
		# The record comes before the work: whatever happens to this process, the job can be found.
		frappe.db.commit()  # nosemgrep
		job_id = job.name
	worker.run(job_id)
	return job_id


def start_job(
	bank_transaction_name: str,
	invoices: Sequence[Request],
	vouchers: Sequence[Request] = (),
	job_id: str | None = None,
	difference: Difference | None = None,
	payment_entries_per: str | None = None,
) -> tuple[Document | frappe._dict, bool]:
	"""Plan and record a job, and return it with whether it is new. Nothing is enqueued yet.

	payment_entries_per: one of `payload.WAYS`, by default that of the settings.
	The Bank Transaction stays locked until the transaction ends: of ten requests at the same moment one
	makes the job and nine find it (P51, P59). Raises JobAlreadyActive when a job with another selection
	holds the Bank Transaction, and what `make_plan` raises.
	"""
	line = _locked_line(bank_transaction_name, vouchers)
	way = payment_entries_per or default_way()
	key = request_key(bank_transaction_name, invoices, vouchers, difference, way)
	if known := _earlier_job(bank_transaction_name, key):
		return lock_job(known), False
	plan = make_plan(line, invoices, vouchers, difference, way)
	if plan.failures and _settings().on_invoice_failure == "All or nothing":
		errors = [planned.error for planned in plan.failures]
		refuse(NothingToDo, [_("Nothing was paid, as the settings ask for all or nothing:"), *errors])
	return create_job(plan, key, job_id), True


def count_payment_entries(
	bank_transaction: Document,
	invoices: Sequence[Request],
	vouchers: Sequence[Request] = (),
	difference: Difference | None = None,
) -> dict[str, Any]:
	"""Return {default, Invoice, Party}: the way of the settings, and how many Payment Entries each makes.

	By the plan that a start would make at this moment; raises what that would raise. Writes nothing. Where a
	job with this selection stands already, as a start would find it, both numbers are that job's.
	"""
	keys = [request_key(bank_transaction.name, invoices, vouchers, difference, way) for way in WAYS]
	if known := _earlier_job(bank_transaction.name, *keys):
		return _counts_of_job(known)
	plan = make_plan(BankLine(bank_transaction), invoices, vouchers, difference)
	return {"default": default_way(), **{way: len(payment_groups(plan.invoices, way)) for way in WAYS}}


def _counts_of_job(job_id: str) -> dict[str, Any]:
	planned = {"parent": job_id, "allocated_amount": ("!=", 0)}
	groups = frappe.get_all(INVOICE_ROW, planned, pluck="payment_group", distinct=True)
	way = BULK.read(job_id).payment_entries_per or PER_INVOICE
	return {"default": way, **{each: len(groups) for each in WAYS}}


def plan_for(
	bank_transaction_name: str,
	invoices: Sequence[Request],
	vouchers: Sequence[Request] = (),
	difference: Difference | None = None,
	payment_entries_per: str | None = None,
) -> Plan:
	"""Return the plan that `start_job` would record now, and raise what it raises. Writes nothing."""
	line = _locked_line(bank_transaction_name, vouchers)
	return make_plan(line, invoices, vouchers, difference, payment_entries_per or default_way())


def _locked_line(bank_transaction_name: str, vouchers: Sequence[Request]) -> BankLine:
	check_payment_entry_permission()
	others = names_of_lines(request.key for request in vouchers)
	return BankLine(bank_transaction_for_writing(bank_transaction_name, for_update=True, besides=others))


def _earlier_job(bank_transaction_name: str, *keys: str) -> str | None:
	"""Return the job that a request with one of these keys already started, if it still stands.

	One start after the other gets beyond this: looking for a job that is not there locks the place where the
	next ones go, and two who then insert theirs would each wait for the other.
	"""
	frappe.db.get_value("DocType", JOB, "name", for_update=True)
	if job := BULK.active_job(bank_transaction_name):
		# What is being taken back is not what was asked for.
		if job.request_key in keys and job.status not in statuses.TAKING_BACK:
			return job.name
		refuse_second_job(job)
	ended = [job for key in keys for job in locked_rows(JOB, JOB_FIELDS, request_key=key)]
	return next((job.name for job in ended if job.status in statuses.SUCCESSFUL and _still_linked(job)), None)


def _still_linked(job: frappe._dict) -> bool:
	"""Whether the payments of an ended job still stand on its Bank Transaction (they may be undone)."""
	rows = locked_rows(INVOICE_ROW, ["payment_entry"], parent=job.name, status=statuses.RECONCILED)
	links = locked_rows(
		"Bank Transaction Payments",
		["payment_entry"],
		parent=job.bank_transaction,
		payment_document="Payment Entry",
	)
	payments = {row.payment_entry for row in rows}
	return bool(payments) and payments <= {link.payment_entry for link in links}


def _settings() -> Document:
	return frappe.get_cached_doc("Advance Bank Reconciliation Settings")
