# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Batch sizes that follow the clock, and runs that end by clock or by memory and leave the rest to the next."""

from unittest import TestCase
from unittest.mock import patch

from frappe.utils.background_jobs import get_job

from advanced_bank_reconciliation.bulk import clock, memory, worker
from advanced_bank_reconciliation.bulk.batch_size import LARGEST, SMALLEST, BatchSize
from advanced_bank_reconciliation.bulk.job import BULK
from advanced_bank_reconciliation.tests.bulk_case import PROGRESS, BulkTestCase
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.utils import Events, read_committed, run_committed


class TestBatchSize(TestCase):
	def sizes(self, batch: BatchSize, seconds_per_payment: list[float], **more: bool) -> list[int]:
		"""Return the sizes that follow when the payments of each batch take so long."""
		sizes = []
		for seconds in seconds_per_payment:
			batch.learn(batch.size, batch.size * seconds, **more)
			sizes.append(batch.size)
		return sizes

	def test_fixed_size_stays(self) -> None:
		for size in (1, 20, 500):
			self.assertEqual(self.sizes(BatchSize(size), [0.001, 10]), [size, size])

	def test_grows_toward_the_time_by_at_most_double(self) -> None:
		"""20 payments of 50 ms: 40 make the two seconds, and there it stays."""
		self.assertEqual(self.sizes(BatchSize(20, 2), [0.05] * 3), [40, 40, 40])
		self.assertEqual(self.sizes(BatchSize(10, 2), [0.04] * 4), [20, 40, 50, 50])

	def test_shrinks_by_at_most_half(self) -> None:
		self.assertEqual(self.sizes(BatchSize(80, 2), [0.1] * 3), [40, 20, 20])

	def test_bounds(self) -> None:
		self.assertEqual(self.sizes(BatchSize(20, 2), [3.0] * 4)[-1], SMALLEST)
		self.assertEqual(self.sizes(BatchSize(20, 2), [0.0001] * 4)[-1], LARGEST)
		self.assertEqual((BatchSize(1, 2).size, BatchSize(500, 2).size), (SMALLEST, LARGEST))

	def test_does_not_grow_without_memory(self) -> None:
		self.assertEqual(self.sizes(BatchSize(20, 2), [0.01, 0.2], may_grow=False), [20, 10])

	def test_last_batch_that_is_not_full_is_judged_by_its_own_size(self) -> None:
		batch = BatchSize(40, 2)
		batch.learn(4, 0.2)
		self.assertEqual(batch.size, 40)


class TestRuns(BulkTestCase):
	"""Jobs worked on in this process, by a clock of the test's own."""

	def setUp(self) -> None:
		super().setUp()
		self.time = 0.0
		self.enterContext(patch.object(clock, "now", lambda: self.time))

	def payment_takes(self, seconds: float) -> None:
		serve = worker.serve

		def serve_slowly(line, claimed):
			self.time += seconds * len(claimed[0])
			return serve(line, claimed)

		self.enterContext(patch.object(worker, "serve", serve_slowly))

	def start_job(self, count: int, **settings) -> tuple:
		line, invoices = self.line_and_invoices([10] * count)
		with self.settings(**settings):
			return self.start(line, [wish(invoice) for invoice in invoices])["job_id"], line, invoices

	def progress(self, job_id: str) -> list[int]:
		with Events(job_id) as events:
			self.assertEqual(run_committed(job_id).status, "Completed")
			return [message["current"] for message in events.messages(PROGRESS)]

	def test_automatic_size_follows_the_clock(self) -> None:
		"""A payment takes 200 ms, a batch is to take 2 s: 20, then 10 each."""
		self.payment_takes(0.2)
		job_id, line, invoices = self.start_job(45, batch_size_mode="Automatic", batch_size=20)
		self.assertEqual(self.progress(job_id), [20, 30, 40, 45])
		self.assert_settled(line, invoices)

	def test_fixed_size_does_not_mind_the_clock(self) -> None:
		self.payment_takes(9)
		job_id, _line, _invoices = self.start_job(25, batch_size=10, seconds_per_batch=1)
		self.assertEqual(self.progress(job_id), [10, 20, 25])

	def test_job_keeps_the_mode_it_was_started_with(self) -> None:
		job_id, _line, _invoices = self.start_job(1, batch_size_mode="Automatic", seconds_per_batch=7)
		self.assertEqual(BULK.read(job_id).seconds_per_batch, 7)
		job_id, _line, _invoices = self.start_job(1, seconds_per_batch=7)
		self.assertEqual(BULK.read(job_id).seconds_per_batch, 0)

	def hands_over_after(self, job_id: str, paid: int) -> None:
		"""Run the job: it stops with `paid` rows paid, and the next run waits in the queue."""
		job = run_committed(job_id)
		self.assertEqual(job.status, "Running")
		self.assertEqual(BULK.count_rows(job_id)["Paid"], paid)
		rq_job = get_job(BULK.rq_job_id(job))
		self.addCleanup(rq_job.delete)
		self.assertEqual(rq_job.kwargs["kwargs"], {"bulk_reconciliation": job_id})

	def test_clock_at_a_batch_boundary(self) -> None:
		"""The second batch ends at the very end of the usable time: a third is still served, and no fourth step."""
		self.payment_takes(0.8 * 60 / 6)
		job_id, line, invoices = self.start_job(9, batch_size=3)
		with self.settings(commit=True, job_timeout=60):
			job = run_committed(job_id)
			self.assertEqual((job.status, job.run_no), ("Running", 1))
			self.assert_rows(job_id, Paid=9)
			self.assertEqual(run_committed(job_id).status, "Completed")
		self.assert_settled(line, invoices)

	def test_hands_over_when_time_is_up(self) -> None:
		self.payment_takes(10)
		job_id, line, invoices = self.start_job(8, batch_size=6)
		with self.settings(commit=True, job_timeout=60):
			self.hands_over_after(job_id, 6)
			run_committed(job_id)
		self.assertEqual(read_committed(job_id).status, "Completed")
		self.assert_settled(line, invoices)

	def test_hands_over_when_its_process_is_too_large(self) -> None:
		"""However low the limit, every run serves a batch."""
		job_id, line, invoices = self.start_job(7, batch_size=3)
		with (
			self.settings(commit=True, worker_memory_limit=100),
			patch.object(memory, "used_megabytes", lambda: 101),
		):
			run_committed(job_id)  # takes it up
			self.hands_over_after(job_id, 3)
			self.hands_over_after(job_id, 6)
		self.assertEqual(run_committed(job_id).status, "Completed")
		self.assert_settled(line, invoices)

	def test_memory_is_measured(self) -> None:
		"""Fifty megabytes more are seen."""
		before = memory.used_megabytes()
		ballast = bytearray(50 * 2**20)
		ballast[::4096] = b"x" * len(ballast[::4096])
		self.assertGreater(memory.used_megabytes(), before + 45)
