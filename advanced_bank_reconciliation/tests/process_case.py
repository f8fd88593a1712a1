# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the tests with real worker processes share: a bulk deposit, and what its books must look like."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import flt

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.bulk.job import JOB
from advanced_bank_reconciliation.bulk.recovery import recover_interrupted_jobs
from advanced_bank_reconciliation.tests import factories, processes
from advanced_bank_reconciliation.tests.utils import (
	SETTINGS,
	ABRTestCase,
	single_values,
	submitted_payments,
)

CLERK = "abr-clerk@example.com"
BATCH_SIZE = 4


class ProcessTestCase(ABRTestCase):
	"""Jobs are started by an Accounts User and run by worker processes on a Redis of the test's own.

	Everything is committed, so each test makes its own invoices and its own Bank Transaction.
	endpoints: the module that `control` calls. recover: what the scheduler calls for this kind of job.
	"""

	endpoints: ModuleType = tool
	recover = staticmethod(recover_interrupted_jobs)

	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		cls.redis = processes.PrivateRedis()
		cls.addClassCleanup(cls.redis.kill)
		cls.addClassCleanup(cls.redis.use())
		factories.make_user(CLERK, ["Accounts User"])
		frappe.db.commit()

	def setUp(self) -> None:
		super().setUp()
		self.redis.forget_everything()
		self.use_settings(
			batch_size=BATCH_SIZE,
			on_invoice_failure="Skip and report",
			reconcile_unpaid_invoices_in_background=1,
			email_on_completion=0,
		)

	def need_row_locks(self) -> None:
		"""Skip where nobody can write while a worker stands in an open batch."""
		if frappe.db.db_type == "sqlite":
			self.skipTest("SQLite has one writer at a time: no row locks, and no connections to kill")

	def use_settings(self, doctype: str = SETTINGS, **values: Any) -> None:
		"""Set fields of a Single for this test, so that worker processes see them too."""
		changed = single_values(doctype, commit=True, **values)
		changed.__enter__()
		self.addCleanup(changed.__exit__, None, None, None)

	# making and starting

	def bulk_deposit(self, count: int, left: float = 0, **values: Any) -> tuple[Document, list[Document]]:
		"""Return a committed Bank Transaction and `count` unpaid Sales Invoices over 100.01, 100.02, ...

		The deposit is what they add up to, and `left` more.
		"""
		amounts = [flt(100 + number / 100, 2) for number in range(1, count + 1)]
		invoices = factories.make_sales_invoices(amounts)
		line = factories.make_bank_transaction(deposit=flt(sum(amounts) + left, 2), **values)
		frappe.db.commit()
		return line, invoices

	def start(
		self,
		line: Document,
		invoices: Sequence[Document],
		vouchers: Sequence[dict[str, Any]] = (),
		user: str = CLERK,
	) -> str:
		"""Start the job as the desk does, and return its id."""
		frappe.set_user(user)
		answer = tool.create_payment_entries_bulk(
			line.name, [factories.wish(invoice) for invoice in invoices], list(vouchers)
		)
		frappe.db.commit()
		frappe.set_user("Administrator")
		self.assertEqual(answer["status"], "queued")
		return answer["job_id"]

	def control(self, endpoint: str, job_id: str, user: str = CLERK) -> dict[str, Any]:
		"""Call an endpoint as the user, in a transaction of its own."""
		frappe.db.rollback()
		frappe.set_user(user)
		try:
			return getattr(self.endpoints, endpoint)(job_id)
		finally:
			frappe.db.commit()
			frappe.set_user("Administrator")

	def run_worker(self, **faults: Any) -> int:
		"""Run a worker until the queue is empty or it dies; return its exit code."""
		frappe.db.commit()
		with processes.worker(**faults) as worker:
			return worker.wait()

	def recover_and_finish(self, job_id: str) -> None:
		"""The scheduler finds the job, and a healthy worker ends it."""
		frappe.db.commit()
		self.assertIn(job_id, self.recover(silent_for_seconds=0))
		self.assertEqual(self.run_worker(), 0)

	def job(self, job_id: str) -> Document:
		frappe.db.rollback()
		return frappe.get_doc(JOB, job_id)

	# what must be true

	def assert_consistent(self, job_id: str, invoices: Sequence[Document]) -> None:
		"""At any moment: each submitted Payment Entry has its row, and no invoice has two of them."""
		rows = {row.invoice: row for row in self.job(job_id).invoices}
		for invoice in invoices:
			row = rows[invoice.name]
			expected = [row.payment_entry] if row.status in ("Paid", "Reconciled") else []
			self.assertEqual(list(submitted_payments(invoice)), expected, f"{invoice.name} is {row.status}")

	def assert_completed(self, job_id: str, line: Document, invoices: Sequence[Document]) -> None:
		"""The job is Completed with true counts, and the ledger says that every invoice was paid once."""
		job = self.job(job_id)
		self.assertEqual(
			(job.status, job.processed, job.failed), ("Completed", len(invoices), 0), job.message
		)
		self.assertIsNone(job.active_bank_transaction)
		self.assertEqual({row.status for row in job.invoices}, {"Reconciled"})
		self.assert_consistent(job_id, invoices)
		self.assert_settled(line, invoices)

	def assert_untouched(self, line: Document, invoices: Sequence[Document]) -> None:
		"""Nothing of the job stands: no submitted payment, nothing linked, all of it outstanding again."""
		self.assert_state(line, flt(line.deposit))
		self.assertEqual(frappe.db.count("Bank Transaction Payments", {"parent": line.name}), 0)
		for invoice in invoices:
			self.assertEqual(submitted_payments(invoice), {}, invoice.name)
			outstanding = frappe.db.get_value(invoice.doctype, invoice.name, "outstanding_amount")
			self.assertEqual(flt(outstanding, 2), flt(invoice.grand_total, 2), invoice.name)
		self.assert_no_orphans()

	def assert_no_orphans(self) -> None:
		"""Every ledger row of a Payment Entry has its Payment Entry; what counts belongs to a submitted one."""
		states = dict(frappe.get_all("Payment Entry", fields=["name", "docstatus"], as_list=True))
		for ledger, dead in (("GL Entry", "is_cancelled"), ("Payment Ledger Entry", "delinked")):
			for row in frappe.get_all(ledger, {"voucher_type": "Payment Entry"}, ["voucher_no", dead]):
				self.assertIn(row.voucher_no, states, f"{ledger} without its Payment Entry")
				if not row[dead]:
					self.assertEqual(states[row.voucher_no], 1, f"{ledger} of {row.voucher_no} still counts")
