# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What others do to the documents of a job while it waits or runs, and what hooks of other apps do to it."""

import frappe
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from frappe.model.document import Document

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.bulk.progress import COMPLETE_EVENT
from advanced_bank_reconciliation.exceptions import JobAlreadyActive
from advanced_bank_reconciliation.tests import factories, faults, processes
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.process_case import CLERK, ProcessTestCase
from advanced_bank_reconciliation.tests.utils import Events, submitted_payments


class TestLastStepFails(ProcessTestCase):
	"""A hook on Bank Transaction, of another app perhaps, raises when everything is to be linked."""

	def fail_last_step(self, delete_ledger_rows: int) -> None:
		"""6 invoices and the user's own Payment Entry over 50: what the job made goes, the user's stays."""
		self.use_settings("Accounts Settings", delete_linked_ledger_entries=delete_ledger_rows)
		own = factories.make_payment_entry(50)
		line, invoices = self.bulk_deposit(6, left=50)
		voucher = {"payment_doctype": "Payment Entry", "payment_name": own.name, "amount": 50}
		job_id = self.start(line, invoices, [voucher])
		with Events(job_id) as events:
			self.assertEqual(self.run_worker(hook_raises=1), 0)
			(complete,) = events.messages(COMPLETE_EVENT)
		job = self.job(job_id)
		self.assertEqual(job.status, "Rolled Back")
		self.assertIn("every payment of this job is cancelled", job.message)
		self.assertIn(faults.HOOK_MESSAGE, job.message)
		self.assertEqual((complete["success"], complete["processed"], complete["failed"]), (False, 0, 0))
		self.assertIn(faults.HOOK_MESSAGE, complete["message"])
		self.assertEqual({row.status for row in job.invoices}, {"Rolled Back"})
		self.assertEqual({row.status for row in job.vouchers}, {"Rolled Back"})
		self.assert_untouched(line, invoices)
		own.reload()
		self.assertEqual((own.docstatus, own.clearance_date, own.unallocated_amount), (1, None, 50))
		made = frappe.get_all(
			"Payment Entry Reference",
			{"reference_name": ("in", [invoice.name for invoice in invoices])},
			pluck="parent",
		)
		self.assertEqual(len(made), 0 if delete_ledger_rows else 6)

	def test_payments_stay_cancelled_where_ledger_rows_stay(self) -> None:
		"""ERPNext keeps ledger rows of deleted vouchers by default, so nothing may be deleted."""
		self.fail_last_step(delete_ledger_rows=0)

	def test_payments_are_deleted_where_ledger_rows_go_too(self) -> None:
		"""With *Delete Accounting and Stock Ledger Entries on deletion of Transaction* nothing is left."""
		self.fail_last_step(delete_ledger_rows=1)

	def test_same_selection_can_be_started_again(self) -> None:
		"""Once the hook is gone the user presses the button again: a new job, and it ends well."""
		line, invoices = self.bulk_deposit(5)
		first = self.start(line, invoices)
		self.assertEqual(self.run_worker(hook_raises=1), 0)
		second = self.start(line, invoices)
		self.assertNotEqual(first, second)
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(second, line, invoices)


class TestMeanwhile(ProcessTestCase):
	"""Something happens to the documents of a job between its start and the moment it is carried out."""

	def test_invoice_paid_by_somebody_else(self) -> None:
		"""The third of 5 is paid before the worker comes: its row says so, the other 4 are reconciled."""
		line, invoices = self.bulk_deposit(5)
		job_id = self.start(line, invoices)
		paid = invoices[2]
		payment = get_payment_entry("Sales Invoice", paid.name, bank_account=self.gl_account)
		payment.update({"reference_no": "by hand", "reference_date": line.date})
		payment.insert().submit()
		self.assertEqual(self.run_worker(), 0)
		job = self.job(job_id)
		self.assertEqual((job.status, job.processed, job.failed), ("Partially Completed", 4, 1))
		self.assertIn("4 of 5", job.message)
		(row,) = [row for row in job.invoices if row.status == "Failed"]
		self.assertEqual(row.invoice, paid.name)
		self.assertIn("changed since you looked", row.error)
		self.assertEqual(list(submitted_payments(paid)), [payment.name])
		self.assert_settled(line, [*invoices[:2], *invoices[3:]], unallocated_amount=paid.grand_total)

	def test_invoice_paid_by_somebody_else_all_or_nothing(self) -> None:
		"""The same where the settings ask for all or nothing: the 4 paid ones are cancelled again."""
		self.use_settings(on_invoice_failure="All or nothing")
		line, invoices = self.bulk_deposit(5)
		job_id = self.start(line, invoices)
		paid = invoices[4]
		payment = get_payment_entry("Sales Invoice", paid.name, bank_account=self.gl_account)
		payment.update({"reference_no": "by hand", "reference_date": line.date})
		payment.insert().submit()
		self.assertEqual(self.run_worker(), 0)
		job = self.job(job_id)
		self.assertEqual(job.status, "Rolled Back")
		self.assertIn("all or nothing", job.message)
		self.assert_untouched(line, invoices[:4])
		self.assertEqual(list(submitted_payments(paid)), [payment.name])

	def test_invoice_cancelled(self) -> None:
		"""One of 3 is cancelled before the worker comes: named in its row, the others are reconciled."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		invoices[0].reload().cancel()
		self.assertEqual(self.run_worker(), 0)
		job = self.job(job_id)
		self.assertEqual((job.status, job.processed, job.failed), ("Partially Completed", 2, 1))
		self.assertIn("no longer submitted", job.invoices[0].error)
		self.assertIn(invoices[0].name, job.invoices[0].error)
		self.assert_settled(line, invoices[1:], unallocated_amount=invoices[0].grand_total)

	def test_bank_transaction_cancelled_before_the_run(self) -> None:
		"""There is nothing to reconcile with any more: no payment stands, and the message says why."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		line.reload().cancel()
		self.assertEqual(self.run_worker(), 0)
		self.assert_rolled_back(job_id, invoices, "cancelled meanwhile")

	def test_bank_transaction_cancelled_between_two_batches(self) -> None:
		"""Cancelled when 4 of 6 invoices are paid: these 4 are cancelled too."""
		self.need_row_locks()
		line, invoices = self.bulk_deposit(6)
		job_id = self.start(line, invoices)
		with processes.worker(gate=5) as worker:
			worker.reached()
			line.reload()
			line.cancel()
			frappe.db.commit()
			worker.let_go()
			self.assertEqual(worker.wait(), 0)
		self.assert_rolled_back(job_id, invoices, line.name)

	def test_bank_transaction_of_a_job_is_not_deleted(self) -> None:
		"""Its payments could neither be linked nor, without it, be taken back: first the job ends."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		line.reload().cancel()
		with self.assertRaisesRegex(JobAlreadyActive, f"{line.name} belongs to {job_id}"):
			frappe.delete_doc("Bank Transaction", line.name)
		self.assertEqual(self.run_worker(), 0)
		self.assert_rolled_back(job_id, invoices, "cancelled meanwhile")
		frappe.delete_doc("Bank Transaction", line.name)

	def assert_rolled_back(self, job_id: str, invoices: list[Document], reason: str) -> None:
		job = self.job(job_id)
		self.assertEqual(job.status, "Rolled Back", job.message)
		self.assertIn(reason, job.message)
		for invoice in invoices:
			self.assertEqual(submitted_payments(invoice), {})
			self.assertEqual(invoice.reload().outstanding_amount, invoice.grand_total)
		self.assert_no_orphans()

	def test_voucher_taken_by_another_line(self) -> None:
		"""The user's Payment Entry over 50 is linked elsewhere meanwhile: all the job paid is cancelled."""
		own = factories.make_payment_entry(50)
		line, invoices = self.bulk_deposit(3, left=50)
		voucher = {"payment_doctype": "Payment Entry", "payment_name": own.name, "amount": 50}
		job_id = self.start(line, invoices, [voucher])
		other = factories.make_bank_transaction(deposit=50)
		tool.reconcile_vouchers(other.name, [voucher])
		self.assertEqual(self.run_worker(), 0)
		job = self.job(job_id)
		self.assertEqual(job.status, "Rolled Back")
		self.assertIn(own.name, job.message)
		self.assert_untouched(line, invoices)
		self.assert_linked(other, "Payment Entry", own.name)
		self.assertEqual(own.reload().docstatus, 1)

	def test_line_used_by_somebody_else(self) -> None:
		"""Somebody links 250 of the deposit by hand before the worker comes: too little is left for the plan."""
		line, invoices = self.bulk_deposit(4)
		job_id = self.start(line, invoices)
		own = factories.make_payment_entry(250)
		tool.reconcile_vouchers(
			line.name, [{"payment_doctype": "Payment Entry", "payment_name": own.name, "amount": 250}]
		)
		self.assertEqual(self.run_worker(), 0)
		self.assert_rolled_back(job_id, invoices, "meanwhile")
		self.assert_linked(line, "Payment Entry", own.name)

	def test_payment_of_the_job_cancelled_before_the_last_step(self) -> None:
		"""Somebody cancels one of 3 payments while the job stands before its last step: all are cancelled."""
		self.need_row_locks()
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		with processes.worker(gate_after_commit=3) as worker:
			worker.reached("after_commit")
			name = self.job(job_id).invoices[1].payment_entry
			frappe.get_doc("Payment Entry", name).cancel()
			frappe.db.commit()
			worker.let_go("after_commit")
			self.assertEqual(worker.wait(), 0)
		job = self.job(job_id)
		self.assertEqual(job.status, "Rolled Back", job.message)
		self.assertIn(name, job.message)
		self.assert_untouched(line, invoices)

	def test_rights_revoked_before_the_run(self) -> None:
		"""P60: who lost the role since may pay nothing: the job pauses; somebody with the rights resumes it."""
		user = factories.make_user("abr-leaver@example.com", ["Accounts User"])
		frappe.db.commit()
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices, user=user)
		factories.make_user(user, [])
		self.assertEqual(self.run_worker(), 0)
		job = self.job(job_id)
		self.assertEqual(job.status, "Paused")
		self.assertIn(user, job.message)
		self.assert_untouched(line, invoices)
		frappe.set_user(CLERK)
		tool.resume_bulk_reconciliation(job_id)
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_id, line, invoices)
		owners = {
			frappe.db.get_value("Payment Entry", row.payment_entry, "owner")
			for row in self.job(job_id).invoices
		}
		self.assertEqual(owners, {CLERK})

	def test_p60_user_argument_is_ignored(self) -> None:
		"""A clerk names the Administrator as the user: the work is done, and signed, by the clerk."""
		line, invoices = self.bulk_deposit(2)
		frappe.set_user(CLERK)
		progress = tool.process_bulk_reconciliation(
			line.name, [wish(invoice) for invoice in invoices], user="Administrator"
		)
		self.assertEqual(progress["status"], "Completed")
		self.assertEqual(frappe.session.user, CLERK)
		frappe.set_user("Administrator")
		for row in self.job(progress["job_id"]).invoices:
			self.assertEqual(frappe.db.get_value("Payment Entry", row.payment_entry, "owner"), CLERK)

	def test_p60_user_without_rights_cannot_borrow_them(self) -> None:
		"""Someone without the role names the Administrator as the user: refused, and nothing changes."""
		user = factories.make_user("abr-visitor@example.com", [])
		line, invoices = self.bulk_deposit(2)
		frappe.set_user(user)
		with self.assertRaises(frappe.PermissionError):
			tool.process_bulk_reconciliation(
				line.name, [wish(invoice) for invoice in invoices], user="Administrator"
			)
		frappe.set_user("Administrator")
		self.assert_untouched(line, invoices)
