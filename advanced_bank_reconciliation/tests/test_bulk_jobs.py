# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""A job's whole way: endpoint, queue, a worker process, events, notice; and what the user can do meanwhile."""

import frappe
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from frappe.utils import add_to_date, now_datetime
from frappe.utils.password import update_password

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.bulk.progress import COMPLETE_EVENT, PROGRESS_EVENT
from advanced_bank_reconciliation.bulk.recovery import recover_interrupted_jobs
from advanced_bank_reconciliation.exceptions import JobStateError
from advanced_bank_reconciliation.tests import factories, processes
from advanced_bank_reconciliation.tests.process_case import CLERK, ProcessTestCase
from advanced_bank_reconciliation.tests.servers import Client, Servers
from advanced_bank_reconciliation.tests.utils import Events, submitted_payments, wait_until

PASSWORD = "Abr-2026-clerk!"


class TestWholeWay(ProcessTestCase):
	"""10 invoices, batches of 4, started by a clerk and paid by a worker process."""

	def test_progress_after_each_batch_and_completion(self) -> None:
		"""4, 8 and 10 of 10 are reported while it runs, then one completion, all to the clerk alone."""
		line, invoices = self.bulk_deposit(10)
		job_id = self.start(line, invoices)
		waiting = tool.get_progress(job_id)
		self.assertEqual((waiting["status"], waiting["current"], waiting["total"]), ("Queued", 0, 10))
		with Events(job_id) as events:
			with processes.worker(gate=9) as worker:
				worker.reached()
				running = tool.get_progress(job_id)
				self.assertEqual((running["status"], running["current"]), ("Running", 8))
				self.assertEqual((running["percentage"], running["paid"], running["failed"]), (80.0, 8, 0))
				heard = events.messages(PROGRESS_EVENT)
				self.assertEqual([message["current"] for message in heard], [4, 8])
				self.assertEqual(heard[-1]["message"], running["message"])
				self.assertEqual(events.messages(COMPLETE_EVENT), [])
				worker.let_go()
				self.assertEqual(worker.wait(), 0)
			progress = events.messages(PROGRESS_EVENT)
			(complete,) = events.messages(COMPLETE_EVENT)
			rooms = {event["room"] for event in events.received()}
		self.assertEqual(
			[(message["current"], message["total"], message["percentage"]) for message in progress],
			[(4, 10, 40.0), (8, 10, 80.0), (10, 10, 100.0)],
		)
		for message in progress:
			self.assertEqual(set(message), {"job_id", "current", "total", "percentage", "message"})
		job = self.job(job_id)
		self.assertEqual(
			complete,
			{
				"job_id": job_id,
				"success": True,
				"message": job.message,
				"processed": 10,
				"failed": 0,
				"bank_transaction": line.name,
			},
		)
		self.assertEqual(rooms, {f"user:{CLERK}"})
		self.assert_completed(job_id, line, invoices)
		ended = tool.get_progress(job_id)
		self.assertEqual((ended["status"], ended["active"], ended["percentage"]), ("Completed", False, 100.0))
		self.assertEqual(ended["processed"], 10)

	def test_vouchers_are_made_by_who_started_the_job(self) -> None:
		"""P60: the worker is nobody; Payment Entries and notice belong to the clerk."""
		line, invoices = self.bulk_deposit(2)
		job_id = self.start(line, invoices)
		self.assertEqual(self.run_worker(), 0)
		for row in self.job(job_id).invoices:
			self.assertEqual(frappe.db.get_value("Payment Entry", row.payment_entry, "owner"), CLERK)
		self.assertEqual(self.job(job_id).owner, CLERK)
		notice = frappe.get_all("Notification Log", {"document_name": job_id}, ["for_user", "subject"])
		self.assertEqual([row.for_user for row in notice], [CLERK])
		self.assertIn(line.name, notice[0].subject)

	def test_desk_hears_it_over_the_socket(self) -> None:
		"""A logged-in client starts the job over HTTP and gets every event from the host's socketio server."""
		line, invoices = self.bulk_deposit(6)
		update_password(CLERK, PASSWORD)
		update_password(factories.make_user("abr-other@example.com", ["Accounts User"]), PASSWORD)
		frappe.db.commit()
		with Servers() as servers:
			clerk = Client(servers, CLERK, PASSWORD)
			stranger = Client(servers, "abr-other@example.com", PASSWORD)
			stop, heard = clerk.listen(PROGRESS_EVENT, COMPLETE_EVENT)
			self.addCleanup(stop)
			stop_stranger, overheard = stranger.listen(PROGRESS_EVENT, COMPLETE_EVENT)
			self.addCleanup(stop_stranger)
			answer = clerk.post(
				f"{tool.__name__}.create_payment_entries_bulk",
				bank_transaction_name=line.name,
				invoices=frappe.as_json([factories.wish(invoice) for invoice in invoices]),
			)["message"]
			self.assertEqual(answer["status"], "queued")
			self.assertEqual(self.run_worker(), 0)
			wait_until(lambda: [event for event, _message in heard if event == COMPLETE_EVENT], 10)
		self.assertEqual([event for event, _message in heard], [PROGRESS_EVENT] * 2 + [COMPLETE_EVENT])
		self.assertEqual([message["current"] for _event, message in heard[:2]], [4, 6])
		self.assertEqual({message["job_id"] for _event, message in heard}, {answer["job_id"]})
		self.assertEqual((heard[2][1]["success"], heard[2][1]["processed"]), (True, 6))
		self.assertEqual(overheard, [])
		self.assert_completed(answer["job_id"], line, invoices)


class TestControls(ProcessTestCase):
	"""Pause, resume, retry and cancel, while a worker process is at it."""

	def test_pause_before_the_run(self) -> None:
		"""A paused job is left alone by worker and scheduler; resumed, it ends as if nothing had been."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		self.assertEqual(self.control("pause_bulk_reconciliation", job_id)["status"], "Paused")
		self.assertEqual(self.run_worker(), 0)
		self.assertNotIn(job_id, recover_interrupted_jobs(silent_for_seconds=0))
		self.assert_untouched(line, invoices)
		self.control("resume_bulk_reconciliation", job_id)
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_id, line, invoices)

	def test_pause_in_a_batch(self) -> None:
		"""Paused in the second batch of 4: that one is finished, the last two invoices wait."""
		self.need_row_locks()
		line, invoices = self.bulk_deposit(10)
		job_id = self.start(line, invoices)
		with processes.worker(gate=6) as worker:
			worker.reached()
			self.control("pause_bulk_reconciliation", job_id)
			worker.let_go()
			self.assertEqual(worker.wait(), 0)
		job = self.job(job_id)
		self.assertEqual(job.status, "Paused")
		self.assert_rows(job_id, Paid=8, Queued=2)
		self.assert_consistent(job_id, invoices)
		self.assertTrue(job.active_bank_transaction)
		self.control("resume_bulk_reconciliation", job_id)
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_id, line, invoices)

	def test_cancel_before_the_run(self) -> None:
		"""Nothing has been paid, nothing is to be undone; the line is free for another job at once."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		self.control("cancel_bulk_reconciliation", job_id)
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(self.job(job_id).status, "Cancelled")
		self.assert_untouched(line, invoices)
		again = self.start(line, invoices)
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(again, line, invoices)

	def test_cancel_in_a_batch(self) -> None:
		"""Cancelled in the second batch of 4: all 8 payments are cancelled, the ledger is as before."""
		self.need_row_locks()
		line, invoices = self.bulk_deposit(10)
		job_id = self.start(line, invoices)
		with processes.worker(gate=6) as worker:
			worker.reached()
			self.control("cancel_bulk_reconciliation", job_id)
			worker.let_go()
			self.assertEqual(worker.wait(), 0)
		job = self.job(job_id)
		self.assertEqual(job.status, "Cancelled")
		self.assertIn(CLERK, job.message)
		self.assert_rows(job_id, Rolled_Back=10)
		made = [row.payment_entry for row in job.invoices if row.payment_entry]
		self.assertEqual(len(made), 8)
		self.assertEqual({frappe.db.get_value("Payment Entry", name, "docstatus") for name in made}, {2})
		self.assert_untouched(line, invoices)

	def test_ended_job_cannot_be_controlled(self) -> None:
		"""Pause, resume, retry and cancel of a completed job are refused, and the books stay."""
		line, invoices = self.bulk_deposit(2)
		job_id = self.start(line, invoices)
		self.assertEqual(self.run_worker(), 0)
		for action in ("pause", "resume", "retry", "cancel"):
			with self.subTest(action), self.assertRaises(JobStateError) as caught:
				self.control(f"{action}_bulk_reconciliation", job_id)
			self.assertIn(job_id, str(caught.exception))
		self.assert_completed(job_id, line, invoices)

	def test_retry_failed(self) -> None:
		"""The third of 5 was paid by hand, so it failed; that payment is cancelled, and the retry pays it."""
		line, invoices = self.bulk_deposit(5)
		job_id = self.start(line, invoices)
		payment = get_payment_entry("Sales Invoice", invoices[2].name, bank_account=self.gl_account)
		payment.update({"reference_no": "by hand", "reference_date": line.date})
		payment.insert().submit()
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(self.job(job_id).status, "Partially Completed")
		payment.reload().cancel()
		frappe.db.commit()
		with Events(job_id) as events:
			self.control("retry_bulk_reconciliation", job_id)
			self.assertEqual(self.run_worker(), 0)
			(complete,) = events.messages(COMPLETE_EVENT)
		self.assertEqual((complete["success"], complete["processed"], complete["failed"]), (True, 5, 0))
		self.assert_completed(job_id, line, invoices)

	def test_retry_that_fails_leaves_what_was_reconciled(self) -> None:
		"""The retried invoice is paid, the last step refused by a hook: only the new payment is cancelled."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		payment = get_payment_entry("Sales Invoice", invoices[0].name, bank_account=self.gl_account)
		payment.update({"reference_no": "by hand", "reference_date": line.date})
		payment.insert().submit()
		self.assertEqual(self.run_worker(), 0)
		payment.reload().cancel()
		frappe.db.commit()
		self.control("retry_bulk_reconciliation", job_id)
		self.assertEqual(self.run_worker(hook_raises=1), 0)
		job = self.job(job_id)
		self.assertEqual(job.status, "Partially Completed")
		self.assertEqual(submitted_payments(invoices[0]), {})
		self.assert_settled(line, invoices[1:], unallocated_amount=invoices[0].grand_total)
		self.assert_no_orphans()


class TestTimeLimit(ProcessTestCase):
	"""RQ gives a run only so much time."""

	def test_run_hands_over_before_its_time_is_up(self) -> None:
		"""Of 10 s a run uses 80 %: in the first of 3 batches they are over, so the next run does the rest.

		RQ's own limit is the one of the moment of the start, far away: only the hand-over is at work here.
		"""
		line, invoices = self.bulk_deposit(10)
		job_id = self.start(line, invoices)
		self.use_settings(job_timeout=10)
		with processes.worker(gate=3) as worker:
			worker.reached()
			time_is_up = add_to_date(self.job(job_id).started_at, seconds=10)
			wait_until(lambda: now_datetime() > time_is_up)
			worker.let_go()
			self.assertEqual(worker.wait(), 0)
		self.assertGreaterEqual(self.job(job_id).run_no, 1)
		self.assertEqual(self.job(job_id).recoveries, 0)
		self.assert_completed(job_id, line, invoices)

	def test_run_killed_by_its_time_limit_is_recovered(self) -> None:
		"""A run that is stuck in its first batch until RQ ends it: the batch is undone, the next run does it."""
		self.use_settings(job_timeout=12)
		line, invoices = self.bulk_deposit(10)
		job_id = self.start(line, invoices)
		with processes.worker(gate=3) as worker:
			worker.reached()
			self.assertEqual(worker.wait(), 0)
		self.assertEqual(self.job(job_id).status, "Running")
		self.assert_rows(job_id, Queued=10)
		self.assert_consistent(job_id, invoices)
		self.use_settings(job_timeout=600)
		self.recover_and_finish(job_id)
		self.assert_completed(job_id, line, invoices)

	def test_job_that_never_gets_on_is_rolled_back(self) -> None:
		"""Every run dies in its second batch; after five recoveries in a row the 4 payments are cancelled."""
		line, invoices = self.bulk_deposit(6)
		job_id = self.start(line, invoices)
		self.assertNotEqual(self.run_worker(kill_before_insert=5), 0)
		for _attempt in range(5):
			self.assertIn(job_id, recover_interrupted_jobs(silent_for_seconds=0))
			self.assertNotEqual(self.run_worker(kill_before_insert=1), 0)
		self.recover_and_finish(job_id)
		job = self.job(job_id)
		self.assertEqual(job.status, "Rolled Back")
		self.assertIn("5 runs in a row", job.message)
		self.assert_untouched(line, invoices)
