# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What a job has made and linked, as it stands now: what an undo takes back, and nothing of anybody else's."""

from dataclasses import dataclass

import frappe
from frappe.model.document import Document
from frappe.utils import flt

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, VOUCHER_ROW
from advanced_bank_reconciliation.vouchers.bank_ledger import VoucherKey
from advanced_bank_reconciliation.vouchers.origin import VOUCHER_CREATED, origin_of


@dataclass(frozen=True)
class Linked:
	"""What a job has linked: Payment Entries that it made, and existing vouchers with their amounts."""

	payments: frozenset[str]
	vouchers: dict[VoucherKey, float]

	def __bool__(self) -> bool:
		return bool(self.payments or self.vouchers)

	def rows_of(self, bank_transaction: Document) -> list[Document]:
		"""Return the rows of the Bank Transaction that this job put there and nobody has changed since.

		A Payment Entry that was taken off and linked again by hand is not marked as created any more, and a
		voucher linked again with another amount is somebody else's wish: these stay.
		"""
		if bank_transaction.docstatus != 1:
			return []
		return [row for row in bank_transaction.payment_entries if self._has_put(row)]

	def _has_put(self, row: Document) -> bool:
		if row.payment_document == "Payment Entry" and row.payment_entry in self.payments:
			return origin_of(row) == VOUCHER_CREATED
		amount = self.vouchers.get((row.payment_document, row.payment_entry))
		precision = row.precision("allocated_amount")
		return amount is not None and flt(amount, precision) == flt(row.allocated_amount, precision)


def linked_by(job_id: str) -> Linked:
	"""Return what the job has linked and not taken back, by its own rows."""
	vouchers = frappe.get_all(
		VOUCHER_ROW,
		filters={"parent": job_id, "status": statuses.RECONCILED},
		fields=["payment_document", "payment_entry", "allocated_amount"],
		limit_page_length=0,
	)
	return Linked(
		frozenset(payments_of(job_id, statuses.RECONCILED)),
		{(row.payment_document, row.payment_entry): flt(row.allocated_amount) for row in vouchers},
	)


def payments_of(job_id: str, *states: str) -> list[str]:
	"""Return the Payment Entries of the job's rows in these states, each once."""
	return frappe.get_all(
		INVOICE_ROW,
		filters={"parent": job_id, "status": ("in", states), "payment_entry": ("is", "set")},
		pluck="payment_entry",
		distinct=True,
		order_by="payment_entry",
		limit_page_length=0,
	)


def forget_deleted(payment_entry: Document, _method: str | None = None) -> None:
	"""Take a Payment Entry that is being deleted off the rows of the job that made it.

	Frappe gives the name of the last one of a series to the next one, which a job must not take for its own.
	"""
	frappe.db.set_value(INVOICE_ROW, {"payment_entry": payment_entry.name}, {"payment_entry": None})


def count_to_undo(job: frappe._dict) -> dict[str, int]:
	"""Return what an undo would do now: {unlink: vouchers, cancel: submitted Payment Entries}."""
	unlink = 0
	if frappe.db.exists("Bank Transaction", job.bank_transaction):
		bank_transaction = frappe.get_doc("Bank Transaction", job.bank_transaction)
		unlink = len(linked_by(job.name).rows_of(bank_transaction))
	made = payments_of(job.name, statuses.RECONCILED, statuses.PAID)
	cancel = frappe.db.count("Payment Entry", {"name": ("in", made), "docstatus": 1}) if made else 0
	return {"unlink": unlink, "cancel": cancel}
