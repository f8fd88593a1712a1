# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""An undo that is killed, refused or done by several workers at once: all of the links or none, no half payment."""

import signal

import frappe

from advanced_bank_reconciliation.bulk.progress import COMPLETE_EVENT, PROGRESS_EVENT
from advanced_bank_reconciliation.tests import factories, faults, processes
from advanced_bank_reconciliation.tests.process_case import CLERK, ProcessTestCase
from advanced_bank_reconciliation.tests.utils import Events, submitted_payments


class TestUndoInterrupted(ProcessTestCase):
	"""9 invoices, batches of 4, paid and undone by worker processes."""

	def undoing(self, count=9):
		"""Return line, invoices and id of a completed job whose undo is ordered and not begun."""
		line, invoices = self.bulk_deposit(count)
		job_id = self.start(line, invoices)
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_id, line, invoices)
		self.assertEqual(self.control("undo_bulk_reconciliation", job_id)["status"], "Undoing")
		return line, invoices, job_id

	def assert_undone(self, job_id, line, invoices):
		job = self.job(job_id)
		self.assertEqual((job.status, job.active_bank_transaction), ("Undone", None), job.message)
		self.assertEqual(
			(job.unlinked_vouchers, job.cancelled_payments), (len(invoices), len(invoices)), job.message
		)
		self.assert_untouched(line, invoices)

	def test_progress_and_completion(self) -> None:
		"""After the links, after each batch of 4, and once at the end, to the clerk who asked for it."""
		line, invoices, job_id = self.undoing()
		with Events(job_id) as events:
			self.assertEqual(self.run_worker(), 0)
			progress, complete = events.messages(PROGRESS_EVENT), events.messages(COMPLETE_EVENT)
			rooms = {event["room"] for event in events.received()}
		self.assertEqual(
			[(step["current"], step["total"]) for step in progress], [(0, 9), (4, 9), (8, 9), (9, 9)]
		)
		self.assertEqual([message["success"] for message in complete], [True])
		self.assertEqual(rooms, {f"user:{CLERK}"})
		self.assert_undone(job_id, line, invoices)
		notices = frappe.get_all("Notification Log", {"document_name": job_id}, pluck="subject")
		self.assertEqual(len([subject for subject in notices if "Undone" in subject]), 1)

	def test_killed_before_the_links_are_committed(self) -> None:
		"""The Bank Transaction was saved without its links, and the commit never came: all is still linked."""
		line, invoices, job_id = self.undoing()
		self.assertEqual(self.run_worker(kill_before_linked=1), -signal.SIGKILL)
		self.assertEqual(self.job(job_id).status, "Undoing")
		self.assert_rows(job_id, Reconciled=9)
		self.assert_settled(line, invoices)
		self.recover_and_finish(job_id)
		self.assert_undone(job_id, line, invoices)

	def test_killed_among_the_cancellations(self) -> None:
		"""At the 6th: nothing is linked, 4 are cancelled with their rows, 5 stand as they did, and it goes on."""
		line, invoices, job_id = self.undoing()
		self.assertEqual(self.run_worker(kill_after_cancel=6), -signal.SIGKILL)
		job = self.job(job_id)
		self.assertEqual((job.status, job.unlinked_vouchers, job.cancelled_payments), ("Undoing", 9, 4))
		self.assert_rows(job_id, Rolled_Back=4, Paid=5)
		self.assert_consistent(job_id, invoices)
		self.assert_state(line, line.deposit)
		self.assert_no_orphans()
		self.recover_and_finish(job_id)
		self.assert_undone(job_id, line, invoices)

	def test_killed_twice_and_resumed_by_hand(self) -> None:
		"""Killed at the 2nd and then at the 6th cancellation; the user presses Resume."""
		line, invoices, job_id = self.undoing()
		self.assertEqual(self.run_worker(kill_after_cancel=2), -signal.SIGKILL)
		self.assert_rows(job_id, Paid=9)
		self.control("resume_bulk_reconciliation", job_id)
		self.assertEqual(self.run_worker(kill_after_cancel=6), -signal.SIGKILL)
		self.assert_consistent(job_id, invoices)
		self.control("resume_bulk_reconciliation", job_id)
		self.assertEqual(self.run_worker(), 0)
		self.assert_undone(job_id, line, invoices)

	def test_two_workers(self) -> None:
		"""A run too many does no harm: every payment is cancelled and counted once."""
		line, invoices, job_id = self.undoing()
		self.control("resume_bulk_reconciliation", job_id)
		with processes.worker() as one, processes.worker() as other:
			self.assertEqual((one.wait(), other.wait()), (0, 0))
		self.assert_undone(job_id, line, invoices)

	def test_hook_refuses_to_let_go_of_the_links(self) -> None:
		"""Another app's hook on Bank Transaction raises: nothing is changed, the job is Completed and says why."""
		line, invoices, job_id = self.undoing()
		self.assertEqual(self.run_worker(hook_raises=1), 0)
		job = self.job(job_id)
		self.assertIn("nothing was changed", job.message)
		self.assertIn(faults.HOOK_MESSAGE, job.message)
		self.assert_completed(job_id, line, invoices)
		self.control("undo_bulk_reconciliation", job_id)
		self.assertEqual(self.run_worker(), 0)
		self.assert_undone(job_id, line, invoices)

	def test_started_again_by_worker_processes(self) -> None:
		"""Undone, the same selection is settled again: each invoice has one submitted payment."""
		line, invoices, job_id = self.undoing(5)
		self.assertEqual(self.run_worker(), 0)
		again = self.start(line, invoices)
		self.assertNotEqual(again, job_id)
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(again, line, invoices)

	def test_p60_rights_are_checked_when_it_runs(self) -> None:
		"""The clerk loses the role before the worker comes: nothing is taken back, somebody else resumes."""
		line, invoices, job_id = self.undoing(3)
		self.addCleanup(frappe.db.commit)
		self.addCleanup(factories.make_user, CLERK, ["Accounts User"])
		frappe.get_doc("User", CLERK).remove_roles("Accounts User")
		self.assertEqual(self.run_worker(), 0)
		job = self.job(job_id)
		self.assertEqual(job.status, "Undoing")
		self.assertIn("may not do this any more", job.message)
		self.assert_rows(job_id, Reconciled=3)
		self.assertEqual([len(submitted_payments(invoice)) for invoice in invoices], [1, 1, 1])
		factories.make_user(CLERK, ["Accounts User"])
		frappe.db.commit()
		self.control("resume_bulk_reconciliation", job_id)
		self.assertEqual(self.run_worker(), 0)
		self.assert_undone(job_id, line, invoices)
