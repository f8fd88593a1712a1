# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The background job: decides and links line after line, each in a transaction of its own (PITFALLS P58).

The row's new state is written in the transaction that links its voucher, under the lock of the job: a worker
killed at any instant leaves both or neither, and a second worker waits its turn.
"""

import frappe
from frappe import _
from frappe.utils import now_datetime

from advanced_bank_reconciliation import permissions
from advanced_bank_reconciliation.auto import statuses
from advanced_bank_reconciliation.auto.job import (
	AUTO,
	ROW,
	next_row,
	order_of,
	write_counts,
	write_result,
)
from advanced_bank_reconciliation.auto.policy import Policy
from advanced_bank_reconciliation.auto.progress import (
	announce,
	end_message,
	publish_progress,
	status_message,
)
from advanced_bank_reconciliation.auto.serve import serve_line
from advanced_bank_reconciliation.auto.undo import undo_next
from advanced_bank_reconciliation.bulk.runs import run_steps
from advanced_bank_reconciliation.vouchers.bank_ledger import VoucherKey


def run(auto_reconciliation: str) -> None:
	"""Work on the run until it has ended. RQ's entry.

	Runs as the user who started it, whose rights are checked again (P60).
	"""
	run_steps(AUTO, auto_reconciliation, (_check_rights,), STEPS)


def check_rights(bank_account: str, policy: Policy) -> None:
	"""Raise `frappe.PermissionError` unless the user may match on this account as the policy says.

	Every kind of document that counts must be readable: the margin to a second best that one may not see
	would be none.
	"""
	permissions.bank_account_for_reading(bank_account)
	frappe.has_permission("Bank Transaction", "write", throw=True)
	for doctype in policy.doctypes:
		frappe.has_permission(doctype, "read", throw=True)
	if policy.pays_invoices:
		permissions.check_payment_entry_permission()


def begin(job_id: str) -> bool:
	"""Step: a worker takes the run up."""
	job = AUTO.lock(job_id)
	if job.status == statuses.QUEUED:
		AUTO.move(job, statuses.RUNNING, started_at=now_datetime(), message=_("Started"))
	return True


def serve_next(job_id: str) -> bool:
	"""Step: serve the next line; with none left, end the run. All that is read is the latest."""
	# Nothing is written yet: a new snapshot, taken after the lock is granted.
	frappe.db.rollback()
	serve_one(job_id)
	return True


def serve_one(job_id: str, notify: bool = True) -> bool:
	"""Serve the next line in the caller's transaction; with none left, end the run and return False."""
	job = AUTO.lock(job_id)
	if job.status != statuses.RUNNING:
		return False
	row = next_row(job_id, statuses.QUEUED)
	if not row:
		_end(job, notify)
		return False
	order = order_of(job)
	promised = _promised(job_id) if order.policy.dry_run else set()
	write_result(row.name, serve_line(row.bank_transaction, order.policy, order.filters, promised))
	_report(job_id)
	return True


def _promised(job_id: str) -> set[VoucherKey]:
	"""What earlier lines of a dry run would get: it is not linked, and yet not there for the next."""
	rows = frappe.get_all(
		ROW,
		filters={"parent": job_id, "outcome": statuses.WOULD_MATCH},
		fields=["voucher_type", "voucher"],
		limit_page_length=0,
	)
	return {(row.voucher_type, row.voucher) for row in rows}


def _report(job_id: str) -> None:
	counts = write_counts(job_id, recoveries=0)
	total = sum(counts.values())
	message = status_message(counts)
	AUTO.update(job_id, message=message)
	publish_progress(job_id, total - counts.get(statuses.QUEUED, 0), total, message)


def _end(job: frappe._dict, notify: bool) -> None:
	counts = write_counts(job.name)
	AUTO.move(job, statuses.COMPLETED, message=end_message(counts, bool(job.dry_run)))
	announce(job.name, success=True, notify=notify)


STEPS = {
	statuses.QUEUED: begin,
	statuses.RUNNING: serve_next,
	statuses.UNDOING: undo_next,
}


def _check_rights(job_id: str) -> bool:
	job = AUTO.lock(job_id)
	try:
		check_rights(job.bank_account, order_of(job).policy)
	except frappe.PermissionError:
		frappe.clear_messages()
		message = _("{0} may not do this any more. What is matched stays; start a new run.").format(
			frappe.session.user
		)
		if statuses.FAILED in statuses.NEXT.get(job.status, ()):
			AUTO.move(job, statuses.FAILED, message=message)
			announce(job_id, success=False)
		return False
	return True
