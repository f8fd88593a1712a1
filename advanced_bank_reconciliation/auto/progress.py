# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Tells the user how far an auto reconciliation is and what came of it, by event and from the record."""

from collections.abc import Mapping
from typing import Any

import frappe
from frappe import _

from advanced_bank_reconciliation.auto import statuses
from advanced_bank_reconciliation.auto.job import AUTO, COUNTS, JOB, ROW, order_of
from advanced_bank_reconciliation.bulk.completion import notify_in_desk, tell_user
from advanced_bank_reconciliation.bulk.progress import percentage, progress_facts
from advanced_bank_reconciliation.permissions import may_read

PROGRESS_EVENT = "auto_reconciliation_progress"
COMPLETE_EVENT = "auto_reconciliation_complete"

LINE_FIELDS = (
	"bank_transaction",
	"date",
	"amount",
	"outcome",
	"voucher_type",
	"voucher",
	"score",
	"second_score",
	"reason",
)


def publish_progress(job_id: str, current: int, total: int, message: str) -> None:
	"""Send `auto_reconciliation_progress` when this commits."""
	AUTO.publish(PROGRESS_EVENT, job_id, progress_facts(job_id, current, total, message))


def announce(job_id: str, success: bool, notify: bool = True) -> None:
	"""Send `auto_reconciliation_complete` in the transaction that ends the run, and notify who started it."""
	job = AUTO.read(job_id)
	AUTO.publish(
		COMPLETE_EVENT,
		job_id,
		{
			"job_id": job_id,
			"success": success,
			"status": job.status,
			"message": job.message,
			"bank_account": job.bank_account,
			"dry_run": bool(job.dry_run),
			"total": job.total,
			**{field: job[field] for field in COUNTS},
		},
	)
	if notify:
		subject = _("Auto reconciliation of {0}: {1}").format(job.bank_account, _(job.status))
		tell_user(JOB, job, lambda: notify_in_desk(JOB, job, subject))


def get_progress(job_id: str, with_lines: bool = False) -> dict[str, Any]:
	"""Return what the events tell, from the record, with what may be done next and, if asked for, all lines."""
	job = AUTO.read(job_id)
	counts = AUTO.count_rows(job_id)
	total = sum(counts.values())
	undoing = job.status == statuses.UNDOING
	left = counts.get(statuses.MATCHED if undoing else statuses.QUEUED, 0)
	whole = left + counts.get(statuses.UNDONE, 0) if undoing else total
	progress = {
		"job_id": job_id,
		"status": job.status,
		"active": job.status in statuses.ACTIVE,
		"bank_account": job.bank_account,
		"dry_run": bool(job.dry_run),
		"current": whole - left,
		"total": whole,
		"percentage": percentage(whole - left, whole),
		"message": job.message,
		**{field: counts.get(outcome, 0) for field, outcome in COUNTS.items()},
		"policy": order_of(job).policy.as_dict(),
		"can": _possible_actions(job, counts),
	}
	if with_lines:
		progress["lines"] = get_lines(job_id)
	return progress


def get_active(bank_account: str) -> dict[str, Any] | None:
	"""Return the progress of the run that holds the bank account, if there is one that the user may read."""
	if not may_read(JOB):
		return None
	names = frappe.get_list(
		JOB, filters={"bank_account": bank_account, "status": ("in", statuses.ACTIVE)}, pluck="name", limit=1
	)
	return get_progress(names[0]) if names else None


def get_lines(job_id: str) -> list[dict[str, Any]]:
	"""Return the lines of a run in their order: `LINE_FIELDS`."""
	return frappe.get_all(
		ROW, filters={"parent": job_id}, fields=list(LINE_FIELDS), order_by="idx", limit_page_length=0
	)


def status_message(counts: Mapping[str, int]) -> str:
	"""Return the counts of a run at work in a sentence."""
	total = sum(counts.values())
	return _("{0} of {1} Bank Transactions served, {2} matched").format(
		total - counts.get(statuses.QUEUED, 0), total, matches(counts)
	)


def end_message(counts: Mapping[str, int], dry_run: bool) -> str:
	"""Return what came of a run in a sentence."""
	if dry_run:
		text = _("{0} of {1} Bank Transactions would be matched, {2} not. Nothing was changed.")
	else:
		text = _("{0} of {1} Bank Transactions matched, {2} not.")
	total = sum(counts.values())
	return text.format(matches(counts), total, total - matches(counts))


def matches(counts: Mapping[str, int]) -> int:
	"""Return how many lines are matched, or in a dry run would be."""
	return counts.get(statuses.MATCHED, 0) + counts.get(statuses.WOULD_MATCH, 0)


def _possible_actions(job: frappe._dict, counts: Mapping[str, int]) -> dict[str, bool]:
	return {
		"cancel": job.status in (statuses.QUEUED, statuses.RUNNING),
		"undo": statuses.UNDOING in statuses.NEXT.get(job.status, ()) and bool(counts.get(statuses.MATCHED)),
	}
