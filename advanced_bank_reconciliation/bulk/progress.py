# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Tells the user how far a job is: by event after every batch, and at any time from the record."""

from typing import Any

import frappe
from frappe import _
from frappe.utils import flt

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.job import BULK, INVOICE_ROW, count_rows, read_job
from advanced_bank_reconciliation.bulk.made import count_to_undo

PROGRESS_EVENT = "bulk_reconciliation_progress"
COMPLETE_EVENT = "bulk_reconciliation_complete"


def publish_progress(job_id: str, current: int, total: int, message: str, at_once: bool = False) -> None:
	"""Send `bulk_reconciliation_progress` to who started the job, and to who runs it (`JobStore.publish`)."""
	facts = progress_facts(job_id, current, total, message)
	BULK.publish(PROGRESS_EVENT, job_id, facts, at_once)
	tell_listener(facts, at_once)


def tell_listener(facts: dict[str, Any], at_once: bool) -> None:
	"""Tell the facts of a progress event to who works on the job in this process, at once or on its commit.

	That is a function in `frappe.flags.bank_rec_progress_listener`.
	"""
	if not (listener := frappe.flags.bank_rec_progress_listener):
		return
	if at_once:
		listener(facts)
	else:
		frappe.db.after_commit.add(lambda: listener(facts))


def progress_facts(job_id: str, current: int, total: int, message: str) -> dict[str, Any]:
	"""Return what the progress event of every kind of job tells."""
	return {
		"job_id": job_id,
		"current": current,
		"total": total,
		"percentage": percentage(current, total),
		"message": message,
	}


def publish_completion(
	job_id: str, success: bool, message: str, processed: int, failed: int, bank_transaction: str
) -> None:
	"""Send `bulk_reconciliation_complete` to who started the job, and to who runs it."""
	BULK.publish(
		COMPLETE_EVENT,
		job_id,
		{
			"job_id": job_id,
			"success": bool(success),
			"message": message,
			"processed": processed,
			"failed": failed,
			"bank_transaction": bank_transaction,
		},
	)


def percentage(current: int, total: int) -> float:
	"""Return `current` of `total` in percent with one decimal; nothing to do counts as done."""
	return flt(100.0 * current / total, 1) if total else 100.0


def served(counts: dict[str, int]) -> int:
	"""Return how many invoice rows need no more serving."""
	return sum(counts.values()) - counts.get(statuses.QUEUED, 0)


def taken_back(counts: dict[str, int], status: str) -> tuple[int, int]:
	"""Return (rows that are taken back, rows that are to be) of a job that rolls back or is being undone.

	A roll-back leaves what earlier runs have reconciled; an undo takes that back too.
	"""
	undone = counts.get(statuses.ROLLED_BACK, 0)
	total = undone + counts.get(statuses.PAID, 0) + counts.get(statuses.QUEUED, 0)
	if status == statuses.UNDOING:
		total += counts.get(statuses.RECONCILED, 0)
	return undone, total


def get_progress(job_id: str) -> dict[str, Any]:
	"""Return what the events tell, from the record, with failures and what may be done next."""
	job = read_job(job_id)
	counts = count_rows(job_id)
	failures = frappe.get_all(
		INVOICE_ROW,
		filters={"parent": job_id, "error": ("is", "set")},
		fields=["invoice_type", "invoice", "error as message"],
		order_by="idx",
	)
	current, total = served(counts), sum(counts.values())
	if job.status in statuses.TAKING_BACK:
		current, total = taken_back(counts, job.status)
	can = _possible_actions(job, counts)
	return {
		"job_id": job_id,
		"status": job.status,
		"active": job.status in statuses.ACTIVE,
		"current": current,
		"total": total,
		"percentage": percentage(current, total),
		"message": job.message,
		"processed": counts.get(statuses.RECONCILED, 0),
		"paid": counts.get(statuses.PAID, 0),
		"failed": counts.get(statuses.FAILED, 0),
		"failures": failures,
		"bank_transaction": job.bank_transaction,
		"can": can,
		"to_undo": count_to_undo(job) if can["undo"] else None,
	}


def _possible_actions(job: frappe._dict, counts: dict[str, int]) -> dict[str, bool]:
	left_over = bool(counts.get(statuses.PAID)) and job.status == statuses.FAILED
	return {
		"pause": job.status in (statuses.QUEUED, statuses.RUNNING),
		"resume": job.status in statuses.ACTIVE or left_over,
		"retry": job.status in (statuses.PARTIALLY_COMPLETED, statuses.FAILED)
		and bool(counts.get(statuses.FAILED))
		and not counts.get(statuses.PAID),
		"cancel": job.status in statuses.ACTIVE and job.status not in statuses.TAKING_BACK,
		"undo": job.status in statuses.SUCCESSFUL
		and bool(counts.get(statuses.RECONCILED) or counts.get(statuses.PAID) or job.total_vouchers),
	}


def status_message(counts: dict[str, int]) -> str:
	"""Return the counts of a working job in a sentence."""
	return _("{0} of {1} invoices served, {2} failed").format(
		served(counts), sum(counts.values()), counts.get(statuses.FAILED, 0)
	)
