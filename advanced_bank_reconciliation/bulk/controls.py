# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the user can do with a job: pause, resume, retry what failed, cancel; and `bulk.undo`.

Rights are the endpoint's.
"""

import frappe
from frappe import _

from advanced_bank_reconciliation.allocation.money import to_decimal
from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.job import (
	BULK,
	INVOICE_ROW,
	check_not_held_by_another,
	count_rows,
	lock_job,
	move_job,
	read_job,
	update_job,
)
from advanced_bank_reconciliation.bulk.plan import Plan, make_plan
from advanced_bank_reconciliation.bulk.rollback import begin_rollback, resume_taking_back, stuck_message
from advanced_bank_reconciliation.exceptions import JobStateError, refuse
from advanced_bank_reconciliation.payload import PER_INVOICE, Request, parse_difference
from advanced_bank_reconciliation.permissions import bank_transaction_for_writing
from advanced_bank_reconciliation.vouchers.links import BankLine


def pause(job_id: str) -> None:
	"""Let the batch that is being served finish, and serve no more."""
	move_job(lock_job(job_id), statuses.PAUSED, message=_("Paused by {0}").format(frappe.session.user))


def resume(job_id: str, by_worker: bool = True) -> None:
	"""Put a paused or interrupted job back to work, also one whose roll-back or undo got stuck.

	With `by_worker` False the caller works on it, by `worker.run`, and no worker is asked to.
	"""
	job = lock_job(job_id)
	if job.status == statuses.PAUSED:
		move_job(job, statuses.RUNNING, message=_("Resumed by {0}").format(frappe.session.user))
	elif job.status == statuses.FAILED and count_rows(job_id).get(statuses.PAID):
		check_not_held_by_another(job)
		resume_taking_back(job)
	elif job.status not in statuses.WORKING:
		refuse(JobStateError, [_("{0} is {1}; there is nothing to resume.").format(job_id, _(job.status))])
	update_job(job_id, recoveries=0)
	if by_worker:
		BULK.enqueue_next_run(job)


def cancel(job_id: str) -> None:
	"""Stop the job and cancel every payment that it made so far."""
	reason = _("Cancelled by {0}.").format(frappe.session.user)
	job = lock_job(job_id)
	if job.status not in statuses.ACTIVE or job.status in statuses.TAKING_BACK:
		refuse(JobStateError, [_("{0} is {1}; there is nothing to cancel.").format(job_id, _(job.status))])
	begin_rollback(job, statuses.CANCELLED, reason)
	BULK.enqueue_next_run(job)


def retry_failed(job_id: str) -> None:
	"""Plan the failed invoices anew, as they are now, and serve those that can be paid."""
	bank_transaction = bank_transaction_for_writing(read_job(job_id).bank_transaction, for_update=True)
	job = lock_job(job_id)
	failed = frappe.get_all(
		INVOICE_ROW,
		filters={"parent": job_id, "status": statuses.FAILED},
		fields=["name", "idx", "invoice_type", "invoice", "requested_amount", "settle_in_full"],
		order_by="idx",
		limit_page_length=0,
	)
	if job.status not in (statuses.PARTIALLY_COMPLETED, statuses.FAILED) or not failed:
		refuse(
			JobStateError, [_("{0} is {1}; no failed invoice can be retried.").format(job_id, _(job.status))]
		)
	if job.status == statuses.FAILED and (stuck := stuck_message(job_id)):
		refuse(JobStateError, [stuck])
	if unlinked := count_rows(job_id).get(statuses.PAID):
		# Made by a script that reconciles them itself: this job never links or cancels them.
		refuse(
			JobStateError,
			[
				_(
					"{0} left {1} payments unlinked, as was asked. Pay its failed invoices by a new job."
				).format(job_id, unlinked)
			],
		)
	check_not_held_by_another(job)
	requests = [_request(row) for row in failed]
	difference = parse_difference(job.difference_account, job.difference_cost_center)
	way = job.payment_entries_per or PER_INVOICE
	plan = make_plan(BankLine(bank_transaction), requests, [], difference, way)
	_write_plan(plan, failed)
	move_job(
		job,
		statuses.QUEUED,
		allocated_amount=(job.reconciled_amount or 0) + plan.allocated_amount,
		difference_amount=_booked_difference(job_id) + plan.difference_amount,
		failed=len(plan.failures),
		completed_at=None,
		error_message="",
		message=_("Waiting for a worker"),
	)
	BULK.enqueue_next_run(job)


def _booked_difference(job_id: str) -> float:
	"""What earlier runs of the job have written off, or, negative, booked beyond the invoices."""
	rows = frappe.get_all(
		INVOICE_ROW,
		filters={"parent": job_id, "status": statuses.RECONCILED, "difference_amount": ("!=", 0)},
		fields=["allocated_amount", "difference_amount"],
	)
	return sum(row.difference_amount if row.allocated_amount > 0 else -row.difference_amount for row in rows)


def _request(row: frappe._dict) -> Request:
	amount = None if row.settle_in_full else to_decimal(row.requested_amount)
	return Request(row.invoice_type, row.invoice, amount)


def _write_plan(plan: Plan, rows: list[frappe._dict]) -> None:
	"""Write the new plan on the rows; a payment group is named by the idx of its first row."""
	by_key = {(row.invoice_type, row.invoice): row for row in rows}
	leaders: dict[int, int] = {}
	for planned in plan.invoices:
		row = by_key[planned.request.key]
		leader = leaders.setdefault(planned.payment_group, row.idx)
		frappe.db.set_value(
			INVOICE_ROW,
			row.name,
			{
				"outstanding_amount": planned.outstanding_amount,
				"allocated_amount": planned.allocated_amount,
				"discount_amount": planned.discount_amount,
				"difference_amount": planned.difference_amount,
				"amount_in_invoice_currency": planned.settled_amount,
				"payment_group": leader,
				"status": statuses.FAILED if planned.error else statuses.QUEUED,
				"error": planned.error,
			},
		)
