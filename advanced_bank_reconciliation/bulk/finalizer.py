# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The last step: everything a job paid, and the vouchers selected beside, on the Bank Transaction at once."""

import frappe
from frappe import _
from frappe.utils import flt

from advanced_bank_reconciliation.allocation.money import to_major, to_minor
from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.completion import announce
from advanced_bank_reconciliation.bulk.job import (
	INVOICE_ROW,
	VOUCHER_ROW,
	count_rows,
	lock_job,
	move_job,
	read_job,
)
from advanced_bank_reconciliation.bulk.rollback import begin_rollback
from advanced_bank_reconciliation.exceptions import ReconcileStepFailed, in_words, refuse
from advanced_bank_reconciliation.permissions import bank_transaction_for_writing
from advanced_bank_reconciliation.transactions import ends_the_run
from advanced_bank_reconciliation.vouchers.line_links import names_of_lines
from advanced_bank_reconciliation.vouchers.links import BankLine, Link, cap_links, link_vouchers


def reconcile_or_roll_back(job_id: str) -> bool:
	"""Worker step: `reconcile`; if that is refused, undo it and send the job into its roll-back."""
	try:
		reconcile(job_id)
	except Exception as error:
		if ends_the_run(error):
			raise
		frappe.db.rollback()
		reason = in_words(error)
		begin_rollback(
			lock_job(job_id),
			statuses.ROLLED_BACK,
			_("Reconciling failed, so every payment of this job was cancelled. {0}").format(reason),
		)
	return True


def reconcile(job_id: str, notify: bool = True) -> None:
	"""Link all that the job paid, and its vouchers, and end the job; all in the caller's transaction.

	Raises ReconcileStepFailed when the Bank Transaction or a voucher changed so that the plan cannot be
	carried out in full, and whatever ERPNext or a hook on the Bank Transaction raises. `notify`: see
	`announce`.
	"""
	vouchers = _queued_vouchers(job_id)
	# The Bank Transactions before the job, as whoever starts a job locks them.
	bank_transaction = bank_transaction_for_writing(
		read_job(job_id).bank_transaction,
		for_update=True,
		besides=names_of_lines((row.payment_document, row.payment_entry) for row in vouchers),
	)
	job = lock_job(job_id)
	if job.status != statuses.RECONCILING:
		return
	paid = _paid_rows(job_id)
	if not paid and not vouchers:
		_end_without_payment(job, notify)
		return
	line = BankLine(bank_transaction)
	line.check_open()
	links = [*_links_to_created(line, paid), *_links_to_vouchers(vouchers)]
	capped = cap_links(line, links)
	_check_all_in_full(line, links, capped)
	link_vouchers(line, capped)
	_mark_reconciled(job_id)
	_end_reconciled(job, line, sum(to_minor(link.amount, line.precision) for link in capped), notify)


def _paid_rows(job_id: str) -> list[frappe._dict]:
	return frappe.get_all(
		INVOICE_ROW,
		filters={"parent": job_id, "status": statuses.PAID},
		fields=["payment_entry", "allocated_amount"],
		order_by="idx",
		limit_page_length=0,
	)


def _queued_vouchers(job_id: str) -> list[frappe._dict]:
	return frappe.get_all(
		VOUCHER_ROW,
		filters={"parent": job_id, "status": statuses.QUEUED},
		fields=["payment_document", "payment_entry", "allocated_amount"],
		order_by="idx",
		limit_page_length=0,
	)


def _links_to_created(line: BankLine, rows: list[frappe._dict]) -> list[Link]:
	"""One link per Payment Entry, with the net of the invoices it settled."""
	net: dict[str, int] = {}
	for row in rows:
		net[row.payment_entry] = net.get(row.payment_entry, 0) + to_minor(
			row.allocated_amount, line.precision
		)
	return [
		Link("Payment Entry", name, to_major(abs(minor), line.precision), created=True)
		for name, minor in net.items()
	]


def _links_to_vouchers(rows: list[frappe._dict]) -> list[Link]:
	return [Link(row.payment_document, row.payment_entry, flt(row.allocated_amount)) for row in rows]


def _check_all_in_full(line: BankLine, wanted: list[Link], capped: list[Link]) -> None:
	problems = [
		_("{0} {1}: changed since the job was planned: {2} of it can be reconciled instead of {3}.").format(
			_(wish.doctype), wish.name, line.money(link.amount), line.money(wish.amount)
		)
		for wish, link in zip(wanted, capped, strict=True)
		if flt(wish.amount, line.precision) != link.amount
	]
	if problems:
		refuse(ReconcileStepFailed, problems)


def _mark_reconciled(job_id: str) -> None:
	frappe.db.set_value(
		INVOICE_ROW, {"parent": job_id, "status": statuses.PAID}, {"status": statuses.RECONCILED}
	)
	frappe.db.set_value(
		VOUCHER_ROW, {"parent": job_id, "status": statuses.QUEUED}, {"status": statuses.RECONCILED}
	)


def _end_reconciled(job: frappe._dict, line: BankLine, minor: int, notify: bool) -> None:
	counts = count_rows(job.name)
	failed = counts.get(statuses.FAILED, 0)
	amount = flt(flt(job.reconciled_amount) + to_major(minor, line.precision), line.precision)
	message = _(
		"{0} of {1} invoices are paid and reconciled, {2} failed. {3} of Bank Transaction {4} remain."
	).format(
		counts.get(statuses.RECONCILED, 0),
		sum(counts.values()),
		failed,
		line.money(line.doc.unallocated_amount),
		job.bank_transaction,
	)
	move_job(
		job,
		statuses.PARTIALLY_COMPLETED if failed else statuses.COMPLETED,
		processed=counts.get(statuses.RECONCILED, 0),
		failed=failed,
		percentage=100,
		reconciled_amount=amount,
		unallocated_amount=line.doc.unallocated_amount,
		message=message,
		error_message="",
	)
	announce(job.name, success=True, notify=notify)


def _end_without_payment(job: frappe._dict, notify: bool) -> None:
	message = _("None of the {0} invoices could be paid; Bank Transaction {1} is unchanged.").format(
		job.total_invoices, job.bank_transaction
	)
	move_job(
		job,
		statuses.PARTIALLY_COMPLETED if flt(job.reconciled_amount) else statuses.FAILED,
		failed=count_rows(job.name).get(statuses.FAILED, 0),
		percentage=100,
		message=message,
		error_message=message,
	)
	announce(job.name, success=False, notify=notify)
