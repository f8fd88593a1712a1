# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Whatever dies, and whenever: in the end every invoice is paid exactly once, or the job is undone."""

import json
import signal
import time
from contextlib import ExitStack

import frappe
from frappe.model.document import Document
from frappe.utils import add_to_date, now_datetime

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, JOB
from advanced_bank_reconciliation.bulk.progress import COMPLETE_EVENT, PROGRESS_EVENT
from advanced_bank_reconciliation.bulk.recovery import recover_interrupted_jobs
from advanced_bank_reconciliation.tests import factories, processes
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.process_case import CLERK, ProcessTestCase
from advanced_bank_reconciliation.tests.utils import Events, submitted_payments, wait_until


def paid_rows(job_id: str) -> list[str]:
	return frappe.get_all(INVOICE_ROW, {"parent": job_id, "status": "Paid"}, pluck="invoice")


def waits_for(table: str) -> bool:
	"""Whether a statement of this site's database user has been waiting for a lock on the table."""
	return bool(
		frappe.db.sql(
			"select id from information_schema.processlist where info like %s and time_ms > 100",
			f"SELECT%{table}%FOR UPDATE",
		)
	)


class TestKilledWorker(ProcessTestCase):
	"""kill -9 of worker and work-horse while 10 invoices are paid in batches of 4."""

	def kill_and_recover(self, paid_before: int, **fault: int) -> None:
		"""The worker dies with `paid_before` invoices committed; after recovery all 10 are settled."""
		line, invoices = self.bulk_deposit(10)
		job_id = self.start(line, invoices)
		self.assertEqual(self.run_worker(**fault), -signal.SIGKILL)
		self.assert_consistent(job_id, invoices)
		paid = [row for row in self.job(job_id).invoices if row.status == "Paid"]
		self.assertEqual(len(paid), paid_before)
		self.recover_and_finish(job_id)
		self.assert_completed(job_id, line, invoices)

	def test_killed_before_a_payment_entry_is_inserted(self) -> None:
		"""At the 6th Payment Entry: the batch of 4 stands, the 5th, not committed, is gone."""
		self.kill_and_recover(4, kill_before_insert=6)

	def test_killed_after_submit_before_the_row_is_written(self) -> None:
		"""The 6th Payment Entry is submitted, its row not yet written: neither survives."""
		self.kill_and_recover(4, kill_after_insert=6)

	def test_killed_just_before_the_commit_of_a_batch(self) -> None:
		"""All of the second batch is done, and not committed: it is done again."""
		self.kill_and_recover(4, kill_before_commit=8)

	def test_killed_in_the_first_batch(self) -> None:
		"""Nothing is committed yet."""
		self.kill_and_recover(0, kill_after_insert=1)

	def test_killed_in_the_last_step_before_its_commit(self) -> None:
		"""All 10 are paid, the Bank Transaction is saved with its links, and the commit never comes."""
		self.kill_and_recover(10, kill_before_linked=1)

	def test_killed_twice(self) -> None:
		"""The second worker dies as well; the third one ends the job."""
		line, invoices = self.bulk_deposit(10)
		job_id = self.start(line, invoices)
		self.assertEqual(self.run_worker(kill_after_insert=6), -signal.SIGKILL)
		self.assertIn(job_id, recover_interrupted_jobs(silent_for_seconds=0))
		self.assertEqual(self.run_worker(kill_before_commit=3), -signal.SIGKILL)
		self.assert_consistent(job_id, invoices)
		self.recover_and_finish(job_id)
		self.assert_completed(job_id, line, invoices)

	def test_scheduler_waits_until_the_job_has_been_silent(self) -> None:
		"""RQ believes a killed run to be alive: it is left alone at first, and recovered after five minutes."""
		line, invoices = self.bulk_deposit(5)
		job_id = self.start(line, invoices)
		self.assertEqual(self.run_worker(kill_before_insert=5), -signal.SIGKILL)
		self.assertNotIn(job_id, recover_interrupted_jobs())
		frappe.db.set_value(JOB, job_id, "last_activity", add_to_date(now_datetime(), minutes=-6))
		self.assertIn(job_id, recover_interrupted_jobs())
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_id, line, invoices)

	def test_roll_back_interrupted_by_a_kill_goes_on(self) -> None:
		"""9 invoices are paid, a hook refuses the last step, and the worker dies at the 6th cancellation."""
		line, invoices = self.bulk_deposit(9)
		job_id = self.start(line, invoices)
		self.assertEqual(self.run_worker(hook_raises=1, kill_after_cancel=6), -signal.SIGKILL)
		job = self.job(job_id)
		self.assertEqual(job.status, "Rolling Back")
		self.assertEqual([row.status for row in job.invoices].count("Rolled Back"), 4)
		self.assert_consistent(job_id, invoices)
		self.recover_and_finish(job_id)
		self.assertEqual(self.job(job_id).status, "Rolled Back")
		self.assert_untouched(line, invoices)


class TestSameMoment(ProcessTestCase):
	"""Several processes start a job for one Bank Transaction, all at the same moment."""

	def caller(self, line: Document, selection: list[dict]) -> processes.Child:
		"""Return a process that calls `create_payment_entries_bulk` when its gate opens."""
		return processes.Child(
			"call",
			method=f"{tool.__name__}.create_payment_entries_bulk",
			user=CLERK,
			bank_transaction_name=line.name,
			invoices=json.dumps(selection),
		)

	def call_together(self, wishes: list[tuple[Document, list[dict]]]) -> list[dict]:
		"""Make one call per line and selection, each in a process of its own, all at the same moment."""
		with ExitStack() as stack:
			callers = [stack.enter_context(self.caller(line, selection)) for line, selection in wishes]
			for caller in callers:
				caller.reached()
			for caller in callers:
				caller.let_go()
			return [caller.answer() for caller in callers]

	def test_ten_processes_start_one_job(self) -> None:
		"""Ten equal requests: ten times the same job id, one job, each of 6 invoices paid once."""
		line, invoices = self.bulk_deposit(6)
		answers = self.call_together([(line, [wish(invoice) for invoice in invoices])] * 10)
		self.assertEqual([answer.get("error") for answer in answers], [None] * 10)
		job_ids = {answer["result"]["job_id"] for answer in answers}
		self.assertEqual(len(job_ids), 1)
		self.assertEqual(frappe.db.count(JOB, {"bank_transaction": line.name}), 1)
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_ids.pop(), line, invoices)

	def test_starts_on_different_lines_do_not_meet(self) -> None:
		"""Six users start six jobs at the same moment: each gets one, and nobody a deadlock."""
		deposits = [self.bulk_deposit(2) for _user in range(6)]
		answers = self.call_together(
			[(line, [wish(invoice) for invoice in invoices]) for line, invoices in deposits]
		)
		self.assertEqual([answer.get("error") for answer in answers], [None] * 6)
		self.assertEqual(self.run_worker(), 0)
		for (line, invoices), answer in zip(deposits, answers, strict=True):
			self.assert_completed(answer["result"]["job_id"], line, invoices)

	def test_two_selections_make_one_job_and_one_clear_error(self) -> None:
		"""Two users want different invoices for the same line: one gets a job, one is told who was first."""
		line, invoices = self.bulk_deposit(4)
		answers = self.call_together(
			[(line, [wish(invoice) for invoice in part]) for part in (invoices[:2], invoices[2:])]
		)
		(refused,) = [answer for answer in answers if "error" in answer]
		(started,) = [answer["result"] for answer in answers if "result" in answer]
		self.assertEqual(refused["type"], "JobAlreadyActive")
		self.assertIn(started["job_id"], refused["error"])
		self.assertIn(line.name, refused["error"])
		self.assertEqual(frappe.db.count(JOB, {"bank_transaction": line.name}), 1)
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(self.job(started["job_id"]).processed, 2)

	def test_same_request_during_the_last_step(self) -> None:
		"""The button is pressed again while everything is being linked: it waits, and gets the ended job."""
		line, invoices = self.bulk_deposit(4)
		job_id = self.start(line, invoices)
		with processes.worker(gate_at_link=1) as worker:
			worker.reached()
			with self.caller(line, [wish(invoice) for invoice in invoices]) as caller:
				caller.reached()
				caller.let_go()
				if frappe.db.db_type == "mariadb":
					wait_until(lambda: waits_for("tabBank Transaction"))
				worker.let_go()
				self.assertEqual(worker.wait(), 0)
				answer = caller.answer()
		self.assertNotIn("error", answer)
		self.assertEqual((answer["result"]["job_id"], answer["result"]["processed"]), (job_id, 4))
		self.assert_completed(job_id, line, invoices)

	def test_start_beside_a_batch_answers_within_two_seconds(self) -> None:
		"""A worker is in the last batch of one job: whoever starts a job for another line need not wait."""
		self.need_row_locks()
		line, invoices = self.bulk_deposit(3)
		other_line, other_invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		with processes.worker(gate=3) as worker:
			worker.reached()
			before = time.monotonic()
			other_job_id = self.start(other_line, other_invoices)
			self.assertLess(time.monotonic() - before, 2)
			worker.let_go()
			self.assertEqual(worker.wait(), 0)
		self.assert_completed(job_id, line, invoices)
		self.assert_completed(other_job_id, other_line, other_invoices)

	def test_two_lines_that_want_the_same_invoices(self) -> None:
		"""Two deposits, each for the same 3 invoices: two jobs, every invoice paid once, the rest reported."""
		line, invoices = self.bulk_deposit(3)
		other = factories.make_bank_transaction(deposit=line.deposit)
		frappe.db.commit()
		job_ids = [self.start(line, invoices), self.start(other, invoices)]
		with processes.worker() as first, processes.worker() as second:
			self.assertEqual([first.wait(), second.wait()], [0, 0])
		statuses = sorted(self.job(job_id).status for job_id in job_ids)
		self.assertEqual(sum(self.job(job_id).processed for job_id in job_ids), 3)
		self.assertIn(statuses, [["Completed", "Failed"], ["Partially Completed", "Partially Completed"]])
		for invoice in invoices:
			self.assertEqual(len(submitted_payments(invoice)), 1)


class TestDatabaseFaults(ProcessTestCase):
	"""The database server takes a batch away; it is done again."""

	def setUp(self) -> None:
		super().setUp()
		self.need_row_locks()

	def test_connection_lost_in_a_batch(self) -> None:
		"""The server ends the connection at the 6th of 10: the batch is served again on a new connection.

		The events go on: progress after each of the 3 batches, and the completion.
		"""
		line, invoices = self.bulk_deposit(10)
		job_id = self.start(line, invoices)
		with Events(job_id) as events:
			self.assertEqual(self.run_worker(lose_connection=6), 0)
			self.assert_completed(job_id, line, invoices)
			current = [message["current"] for message in events.messages(PROGRESS_EVENT)]
			self.assertEqual(current, [4, 8, 10])
			self.assertEqual(len(events.messages(COMPLETE_EVENT)), 1)

	def test_lock_wait_is_retried(self) -> None:
		"""Somebody holds the 6th invoice for longer than a lock wait of one second; then lets it go."""
		line, invoices = self.bulk_deposit(10)
		job_id = self.start(line, invoices)
		with processes.Child("hold", table="tabSales Invoice", names=[invoices[5].name]) as holder:
			holder.reached("ready")
			holder.let_go("ready")
			holder.reached("lock0")
			with processes.worker(lock_wait=1) as worker:
				wait_until(lambda: worker.has_met(frappe.QueryTimeoutError))
				self.assertEqual(len(paid_rows(job_id)), 4)
				holder.let_go("lock0")
				self.assertEqual(worker.wait(), 0)
		self.assert_completed(job_id, line, invoices)

	def test_deadlock_is_retried(self) -> None:
		"""The worker holds invoice 5 and wants 8; somebody holds 8 and wants 5: the worker is the victim."""
		line, invoices = self.bulk_deposit(10)
		names = sorted(invoice.name for invoice in invoices[4:8])
		job_id = self.start(line, invoices)
		with processes.Child(
			"hold", table="tabSales Invoice", names=[names[-1], names[0]], weight=300
		) as holder:
			holder.reached("ready")
			holder.let_go("ready")
			holder.reached("lock0")
			with processes.worker() as worker:
				wait_until(lambda: len(paid_rows(job_id)) == 4 and waits_for("tabSales Invoice"))
				holder.let_go("lock0")
				holder.reached("lock1")
				wait_until(lambda: worker.has_met(frappe.QueryDeadlockError))
				holder.let_go("lock1")
				self.assertEqual(holder.answer()["outcome"], "held")
				self.assertEqual(worker.wait(), 0)
		self.assert_completed(job_id, line, invoices)
