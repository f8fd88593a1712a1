# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Starts, cancels and undoes an auto reconciliation. Rights are the endpoint's."""

from collections.abc import Sequence
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from advanced_bank_reconciliation.auto import statuses
from advanced_bank_reconciliation.auto.job import AUTO, COUNTS, ROW, Order, create_job
from advanced_bank_reconciliation.auto.policy import policy_of
from advanced_bank_reconciliation.auto.progress import announce, end_message, get_lines
from advanced_bank_reconciliation.auto.serve import serve_line
from advanced_bank_reconciliation.auto.undo import undo_one
from advanced_bank_reconciliation.auto.worker import begin, check_rights, serve_one
from advanced_bank_reconciliation.exceptions import (
	JobAlreadyActive,
	JobStateError,
	ReconciliationError,
	refuse,
)
from advanced_bank_reconciliation.summary.transactions import get_unreconciled
from advanced_bank_reconciliation.vouchers.bank_ledger import VoucherKey

#: Up to so many lines are served in the request; more by a background job.
MOST_IN_REQUEST = 10


def start(order: Order) -> dict[str, Any]:
	"""Carry out the order, here for a few lines, else by a job. Answers as `auto_reconcile_vouchers`.

	The same order again, while its job is active, answers with that job; another one raises JobAlreadyActive.
	"""
	check_rights(order.bank_account, order.policy)
	account = _ledger_account(order.bank_account)
	lines = _open_lines(order)
	small = len(lines) <= MOST_IN_REQUEST
	if not lines or (small and order.policy.dry_run):
		return _preview(order, lines)
	frappe.db.get_value("Bank Account", order.bank_account, "name", for_update=True)
	if job_id := _active_job(order):
		return _queued(job_id)
	job = create_job(order, lines, account.company, account.account_currency)
	if not small:
		AUTO.enqueue(job)
		return _queued(job.name)
	begin(job.name)
	while serve_one(job.name, notify=False):
		pass
	return _completed(job.name)


def cancel(job_id: str) -> None:
	"""Stop the run after the line that is being served. What is matched stays matched."""
	job = AUTO.lock(job_id)
	if job.status not in (statuses.QUEUED, statuses.RUNNING):
		refuse(JobStateError, [_("{0} is {1}; there is nothing to cancel.").format(job_id, _(job.status))])
	done = end_message(AUTO.count_rows(job_id), bool(job.dry_run))
	AUTO.move(
		job,
		statuses.CANCELLED,
		message=" ".join([_("Cancelled by {0}.").format(frappe.session.user), done]),
	)
	announce(job_id, success=False, notify=False)


def undo(job_id: str) -> None:
	"""Unlink what the run has matched: here for a few lines, else by a job."""
	subject = AUTO.read(job_id).bank_account
	frappe.db.get_value("Bank Account", subject, "name", for_update=True)
	job = AUTO.lock(job_id)
	matched = AUTO.count_rows(job_id).get(statuses.MATCHED, 0)
	if statuses.UNDOING not in statuses.NEXT.get(job.status, ()) or not matched:
		refuse(JobStateError, [_("{0} is {1}; there is nothing to undo.").format(job_id, _(job.status))])
	if other := AUTO.active_job(subject):
		_refuse_second(other)
	frappe.db.set_value(ROW, {"parent": job_id, "undo_failed": 1}, {"undo_failed": 0})
	AUTO.move(job, statuses.UNDOING, message=_("Undoing"), recoveries=0)
	if matched > MOST_IN_REQUEST:
		AUTO.enqueue_next_run(job)
		return
	while undo_one(job_id, notify=False):
		pass


def check_control(job: Document) -> None:
	"""Raise `frappe.PermissionError` unless the user could have started the run."""
	check_rights(job.bank_account, policy_of(job.as_dict()))


def _open_lines(order: Order) -> list[frappe._dict]:
	if order.only is None:
		return get_unreconciled(order.bank_account, order.from_date, order.to_date)
	only = set(order.only)
	return [line for line in get_unreconciled(order.bank_account, None, None) if line.name in only]


def _ledger_account(bank_account: str) -> frappe._dict:
	"""Return company and currency of the account's ledger account. Raises ReconciliationError without one."""
	ledger = frappe.db.get_value("Bank Account", bank_account, "account")
	if not ledger:
		refuse(
			ReconciliationError,
			[_("Bank Account {0} has no ledger account. Enter it there.").format(bank_account)],
		)
	return frappe.db.get_value("Account", ledger, ["company", "account_currency"], as_dict=True)


def _active_job(order: Order) -> str | None:
	job = AUTO.active_job(order.bank_account)
	if job and job.request_key != order.key:
		_refuse_second(job)
	return job.name if job else None


def _refuse_second(job: frappe._dict) -> None:
	refuse(
		JobAlreadyActive,
		[
			_("{0} is already working on Bank Account {1} (state: {2}). Wait for it, or cancel it.").format(
				job.name, job.bank_account, _(job.status)
			)
		],
	)


def _preview(order: Order, lines: Sequence[frappe._dict]) -> dict[str, Any]:
	"""Decide about a few lines and write nothing at all, not even a record."""
	promised: set[VoucherKey] = set()
	results = []
	for line in lines:
		result = serve_line(line.name, order.policy, order.filters, promised)
		if result.outcome == statuses.WOULD_MATCH:
			promised.add(result.voucher)
		about = {"bank_transaction": line.name, "date": line.date, "amount": line.unallocated_amount}
		results.append({**about, **result.values()})
	outcomes = [row["outcome"] for row in results]
	counts = {outcome: outcomes.count(outcome) for outcome in set(outcomes)}
	nothing = _("No Bank Transaction is open in this period.")
	return {
		"status": "completed",
		"job_id": None,
		"dry_run": order.policy.dry_run,
		"total": len(lines),
		**{field: counts.get(outcome, 0) for field, outcome in COUNTS.items()},
		"message": end_message(counts, order.policy.dry_run) if lines else nothing,
		"lines": results,
	}


def _queued(job_id: str) -> dict[str, Any]:
	job = AUTO.lock(job_id)
	message = _("{0} Bank Transactions are being matched in the background.")
	if job.dry_run:
		message = _("{0} Bank Transactions are being looked at in the background.")
	return {**_common(job), "status": "queued", "message": message.format(job.total), "lines": []}


def _completed(job_id: str) -> dict[str, Any]:
	return {**_common(AUTO.lock(job_id)), "status": "completed", "lines": get_lines(job_id)}


def _common(job: frappe._dict) -> dict[str, Any]:
	return {
		"job_id": job.name,
		"dry_run": bool(job.dry_run),
		"total": job.total,
		**{field: job[field] for field in COUNTS},
		"message": job.message,
	}
