# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Settles a selection at once, in the caller's own transaction: for a few invoices, and for scripts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.answers import answer_for
from advanced_bank_reconciliation.bulk.finalizer import reconcile
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, lock_job, move_job
from advanced_bank_reconciliation.bulk.payments import claim, queued_groups, serve
from advanced_bank_reconciliation.bulk.start import start_job
from advanced_bank_reconciliation.bulk.worker import begin, finish_serving
from advanced_bank_reconciliation.exceptions import NothingToDo, refuse
from advanced_bank_reconciliation.payload import Difference, Request
from advanced_bank_reconciliation.transactions import is_transient
from advanced_bank_reconciliation.vouchers.links import BankLine

SAVE_POINT = "abr_foreground"


def settle(
	bank_transaction_name: str,
	invoices: Sequence[Request],
	vouchers: Sequence[Request] = (),
	reconcile_too: bool = True,
	difference: Difference | None = None,
	payment_entries_per: str | None = None,
) -> dict[str, Any]:
	"""Record a job, carry it out, and answer in the form of PUBLIC_API.md. No commit."""
	with _undone_on_error():
		job, is_new = start_job(
			bank_transaction_name,
			invoices,
			vouchers,
			difference=difference,
			payment_entries_per=payment_entries_per,
		)
		if is_new:
			settle_now(job, reconcile_too)
	return answer_for(job.name)


def settle_now(job: Document, reconcile_too: bool = True) -> None:
	"""Pay every invoice of the new job and reconcile it. No commit: the caller's transaction decides.

	With `reconcile_too` False the payments are made and left unlinked. Raises when reconciling fails, when
	not one invoice can be paid, or when one of them fails and the settings ask for all or nothing.
	"""
	begin(job.name)
	line = BankLine(frappe.get_doc("Bank Transaction", job.bank_transaction))
	# Again, as what could not be paid together is queued in smaller groups.
	while (claimed := claim(queued_groups(job.name), job.total_invoices))[0]:
		serve(line, claimed)
	_check_failures(job)
	finish_serving(job.name)
	if reconcile_too:
		reconcile(job.name, notify=False)
	else:
		_end_unlinked(job.name)


@contextmanager
def _undone_on_error() -> Iterator[None]:
	"""A script may catch the error and commit: the savepoint sees to it that nothing half done is left."""
	frappe.db.savepoint(SAVE_POINT)
	try:
		yield
	except Exception as error:
		if not is_transient(error):  # else the database has rolled back the savepoint too
			frappe.db.rollback(save_point=SAVE_POINT)
		raise
	else:
		frappe.db.release_savepoint(SAVE_POINT)


def _check_failures(job: Document) -> None:
	errors = frappe.get_all(
		INVOICE_ROW, {"parent": job.name, "status": statuses.FAILED}, pluck="error", order_by="idx"
	)
	if errors and job.on_invoice_failure == "All or nothing":
		refuse(NothingToDo, [_("Nothing was paid, as the settings ask for all or nothing:"), *errors])
	if len(errors) == job.total_invoices and not job.total_vouchers:
		refuse(NothingToDo, errors)


def _end_unlinked(job_id: str) -> None:
	job = lock_job(job_id)
	paid = frappe.db.count(INVOICE_ROW, {"parent": job_id, "status": statuses.PAID})
	failed = frappe.db.count(INVOICE_ROW, {"parent": job_id, "status": statuses.FAILED})
	move_job(
		job,
		statuses.PARTIALLY_COMPLETED if failed else statuses.COMPLETED,
		processed=paid,
		failed=failed,
		percentage=100,
		message=_("{0} invoices are paid, {1} failed; the payments are not reconciled, as was asked.").format(
			paid, failed
		),
	)
