# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Redis is restarted, or down for a while, at every moment of a job: the record is what counts."""

import frappe
import redis

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.bulk.job import JOB
from advanced_bank_reconciliation.bulk.recovery import recover_interrupted_jobs
from advanced_bank_reconciliation.tests import factories, processes
from advanced_bank_reconciliation.tests.process_case import ProcessTestCase
from advanced_bank_reconciliation.tests.utils import wait_for_end


class RedisFaultCase(ProcessTestCase):
	def assert_ends_completed(self, job_id: str) -> None:
		"""The run goes on to the end of the job, whatever RQ makes of the worker around it."""
		job = wait_for_end(job_id, processes.DEADLINE)
		self.assertEqual(job.status, "Completed", job.message)


class TestRedisRestarted(RedisFaultCase):
	"""Redis is killed, with all that it held, while a worker is in the middle of a batch."""

	def test_job_ends_although_redis_was_restarted(self) -> None:
		"""10 invoices; Redis dies at the 6th. The record still tells the progress; the job ends Completed."""
		line, invoices = self.bulk_deposit(10)
		job_id = self.start(line, invoices)
		with processes.worker(gate=6) as worker:
			worker.reached()
			self.redis.kill()
			progress = tool.get_progress(job_id)
			self.assertEqual((progress["current"], progress["total"]), (4, 10))
			self.redis.start()
			worker.let_go()
			self.assert_ends_completed(job_id)
		self.assert_completed(job_id, line, invoices)

	def test_queued_job_forgotten_by_redis_is_recovered(self) -> None:
		"""The job waits for a worker, Redis is restarted and knows nothing of it: the scheduler enqueues it."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		self.assertNotIn(job_id, recover_interrupted_jobs())
		self.redis.kill()
		self.redis.start()
		self.assertIn(job_id, recover_interrupted_jobs())
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_id, line, invoices)

	def test_second_run_beside_a_living_one_does_no_harm(self) -> None:
		"""After the restart the scheduler takes a living run for lost: two workers then share the rows.

		The second pays the rows that the first does not hold, and leaves it the rest.
		"""
		self.need_row_locks()
		line, invoices = self.bulk_deposit(12)
		job_id = self.start(line, invoices)
		with processes.worker(gate=5) as first:
			first.reached()
			self.redis.kill()
			self.redis.start()
			self.assertIn(job_id, recover_interrupted_jobs())
			self.assertEqual(self.run_worker(), 0)
			self.assert_consistent(job_id, invoices)
			self.assert_rows(job_id, Paid=8, Queued=4)
			first.let_go()
			self.assert_ends_completed(job_id)
		self.assert_completed(job_id, line, invoices)


class TestRedisDown(RedisFaultCase):
	"""Nobody listens on Redis' port for a while."""

	def tearDown(self) -> None:
		if not self.redis.answers():
			self.redis.start()
		super().tearDown()

	def test_down_from_the_middle_to_the_end(self) -> None:
		"""Redis dies at the 3rd of 5 and stays away: progress, completion and notice do without it.

		Later it is back, and nothing is left for the scheduler to do.
		"""
		line, invoices = self.bulk_deposit(5)
		job_id = self.start(line, invoices)
		with processes.worker(gate=3) as worker:
			worker.reached()
			self.redis.kill()
			worker.let_go()
			self.assert_ends_completed(job_id)
		self.assert_completed(job_id, line, invoices)
		self.assertEqual(frappe.db.count("Notification Log", {"document_name": job_id}), 1)
		progress = tool.get_progress(job_id)
		self.assertEqual((progress["status"], progress["processed"]), ("Completed", 5))
		self.redis.start()
		self.assertNotIn(job_id, recover_interrupted_jobs(silent_for_seconds=0))

	def test_start_while_redis_is_down(self) -> None:
		"""The job is recorded and says what it waits for; pressing again gives the same one.

		The scheduler cannot do anything until Redis is back, and counts no try against the job. Then it
		enqueues it at once.
		"""
		line, invoices = self.bulk_deposit(3)
		self.redis.kill()
		job_id = self.start(line, invoices)
		self.assertIn("Redis", self.job(job_id).message)
		self.assertEqual(self.start(line, invoices), job_id)
		with self.assertRaises(redis.exceptions.ConnectionError):
			recover_interrupted_jobs(silent_for_seconds=0)
		frappe.db.rollback()
		self.assertEqual(self.job(job_id).recoveries, 0)
		self.assertEqual(
			frappe.db.count("Error Log", {"reference_doctype": JOB, "reference_name": job_id}), 1
		)
		self.assert_untouched(line, invoices)
		self.redis.start()
		self.assertIn(job_id, recover_interrupted_jobs())
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(frappe.db.count(JOB, {"bank_transaction": line.name}), 1)
		self.assert_completed(job_id, line, invoices)

	def test_redis_dies_between_the_request_and_its_commit(self) -> None:
		"""The user sees an error although the job is recorded; pressing again answers with that job."""
		line, invoices = self.bulk_deposit(3)
		frappe.set_user("Administrator")
		wishes = [factories.wish(invoice) for invoice in invoices]
		first = tool.create_payment_entries_bulk(line.name, wishes)["job_id"]
		self.redis.kill()
		with self.assertRaises(redis.exceptions.ConnectionError):
			frappe.db.commit()
		frappe.db.rollback()
		self.redis.start()
		self.assertEqual(tool.create_payment_entries_bulk(line.name, wishes)["job_id"], first)
		frappe.db.commit()
		self.assertIn(first, recover_interrupted_jobs())
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(first, line, invoices)

	def test_cancel_while_redis_is_down(self) -> None:
		"""2 of 4 invoices are paid and the worker is gone; Cancel is noted, and carried out when Redis is back."""
		self.use_settings(batch_size=2)
		line, invoices = self.bulk_deposit(4)
		job_id = self.start(line, invoices)
		self.assertNotEqual(self.run_worker(kill_before_insert=3), 0)
		self.redis.kill()
		self.control("cancel_bulk_reconciliation", job_id)
		job = self.job(job_id)
		self.assertEqual(job.status, "Rolling Back")
		self.assertIn("Redis", job.message)
		self.redis.start()
		self.assertIn(job_id, recover_interrupted_jobs())
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(self.job(job_id).status, "Cancelled")
		self.assert_untouched(line, invoices)
