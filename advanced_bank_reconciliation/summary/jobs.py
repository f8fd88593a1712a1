# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Lists the bulk reconciliations of a bank account."""

from typing import Any

import frappe
from frappe.utils import cint

from advanced_bank_reconciliation.bulk import progress, statuses
from advanced_bank_reconciliation.bulk.job import JOB

MOST_JOBS = 200

FIELDS = (
	"name",
	"bank_transaction",
	"status",
	"processed",
	"failed",
	"total_invoices",
	"creation",
	"owner",
)


def get_active(bank_account: str | None) -> list[dict[str, Any]]:
	"""Return the progress of every active job that the user may read, the latest first."""
	filters = {"status": ("in", statuses.ACTIVE)}
	if bank_account:
		filters["bank_account"] = bank_account
	names = frappe.get_list(
		JOB, filters=filters, pluck="name", order_by="creation desc", limit_page_length=MOST_JOBS
	)
	return [progress.get_progress(name) for name in names]


def get_recent(bank_account: str, limit: int) -> list[dict[str, Any]]:
	"""Return the latest jobs that the user may read, active ones and ended ones: see `active`, `can_undo`."""
	recent = frappe.get_list(
		JOB,
		filters={"bank_account": bank_account},
		fields=list(FIELDS),
		order_by="creation desc",
		limit_page_length=min(max(cint(limit), 1), MOST_JOBS),
	)
	for job in recent:
		job.active = job.status in statuses.ACTIVE
		job.can_undo = job.status in statuses.SUCCESSFUL
	return recent
