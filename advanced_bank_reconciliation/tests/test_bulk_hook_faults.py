# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Hooks of other apps on vouchers and ledger rows raise at their n-th call: what then becomes of the job."""

import frappe

from advanced_bank_reconciliation.bulk.job import JOB
from advanced_bank_reconciliation.tests import faults
from advanced_bank_reconciliation.tests.process_case import ProcessTestCase
from advanced_bank_reconciliation.tests.utils import submitted_payments


class TestHooksRaise(ProcessTestCase):
	"""doc_events of another app on Payment Entry, GL Entry and Payment Ledger Entry, in batches of 4."""

	def test_only_the_invoice_that_a_hook_refuses_fails(self) -> None:
		"""7 invoices: a hook refuses one payment, runs out of memory in another, finds the disk full in a third.

		The hook on GL Entry strikes when one half of a payment's ledger is written. Nothing of the three
		payments is left, the reasons stand on the rows, what is not a refusal also in the Error Log.
		"""
		line, invoices = self.bulk_deposit(7)
		job_id = self.start(line, invoices)
		hooks = [
			("Payment Entry", "on_submit", 2, "refusal"),
			("GL Entry", "on_submit", 8, "disk"),
			("Payment Ledger Entry", "on_submit", 6, "memory"),
		]
		self.assertEqual(self.run_worker(hooks_raise=hooks), 0)
		job = self.job(job_id)
		self.assertEqual((job.status, job.processed, job.failed), ("Partially Completed", 4, 3), job.message)
		failed = [row for row in job.invoices if row.status == "Failed"]
		for row in failed:
			self.assertIn(row.invoice, row.error)
			self.assertIn(faults.HOOK_MESSAGE, row.error)
		names = {row.invoice for row in failed}
		self.assert_consistent(job_id, invoices)
		self.assert_settled(
			line,
			[invoice for invoice in invoices if invoice.name not in names],
			unallocated_amount=sum(invoice.grand_total for invoice in invoices if invoice.name in names),
		)
		for invoice in invoices:
			if invoice.name in names:
				self.assertEqual(invoice.reload().outstanding_amount, invoice.grand_total)
				made = frappe.get_all("Payment Entry Reference", {"reference_name": invoice.name})
				self.assertEqual(made, [])
		self.assert_no_orphans()
		self.assertEqual(
			frappe.db.count("Error Log", {"reference_doctype": JOB, "reference_name": job_id}), 2
		)

	def test_all_or_nothing_takes_back_what_was_paid_before_the_hook_raised(self) -> None:
		"""The hook on GL Entry refuses the last of 5 payments: the job is undone to the last cent."""
		self.use_settings(on_invoice_failure="All or nothing")
		line, invoices = self.bulk_deposit(5)
		job_id = self.start(line, invoices)
		self.assertEqual(self.run_worker(hooks_raise=[("GL Entry", "on_submit", 10, "refusal")]), 0)
		job = self.job(job_id)
		self.assertEqual(job.status, "Rolled Back", job.message)
		self.assertIn("all or nothing", job.message)
		self.assert_untouched(line, invoices)

	def test_roll_back_that_a_hook_refuses_can_be_resumed(self) -> None:
		"""The last step is refused, and so is the cancellation of the 2nd of 3 payments, until Resume."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		refused = [("Payment Entry", "on_cancel", 2, "refusal")]
		self.assertEqual(self.run_worker(hook_raises=1, hooks_raise=refused), 0)
		job = self.job(job_id)
		self.assertEqual(job.status, "Failed", job.message)
		self.assertIn("1 Payment Entries could not be cancelled", job.message)
		(stuck,) = [row for row in job.invoices if row.status == "Paid"]
		self.assertIn(faults.HOOK_MESSAGE, stuck.error)
		self.assert_rows(job_id, Paid=1, Rolled_Back=2)
		self.assert_consistent(job_id, invoices)
		self.assertEqual(sum(len(submitted_payments(invoice)) for invoice in invoices), 1)
		self.assert_no_orphans()
		self.control("resume_bulk_reconciliation", job_id)
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(self.job(job_id).status, "Rolled Back")
		self.assert_untouched(line, invoices)

	def test_invoice_is_not_blamed_for_redis(self) -> None:
		"""A hook of another app sends a job and does not reach Redis: the batch is served again, all is paid."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		self.assertEqual(self.run_worker(hooks_raise=[("Payment Entry", "on_submit", 2, "redis")]), 0)
		self.assert_completed(job_id, line, invoices)
