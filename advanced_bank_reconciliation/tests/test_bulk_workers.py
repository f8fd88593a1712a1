# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Several workers serve one job: who is called, who goes on, who ends quietly, and what when one dies."""

from contextlib import ExitStack
from datetime import datetime, timedelta

import frappe
from frappe.utils.background_jobs import get_job

from advanced_bank_reconciliation.bulk import rq_runs
from advanced_bank_reconciliation.bulk.job import BULK
from advanced_bank_reconciliation.bulk.progress import COMPLETE_EVENT, PROGRESS_EVENT
from advanced_bank_reconciliation.bulk.recovery import recover_interrupted_jobs
from advanced_bank_reconciliation.bulk.store import QUEUE
from advanced_bank_reconciliation.tests import processes
from advanced_bank_reconciliation.tests.process_case import BATCH_SIZE, ProcessTestCase
from advanced_bank_reconciliation.tests.utils import Events, wait_for_end, wait_until


class WorkersTestCase(ProcessTestCase):
	"""Workers that stay, each on the Redis of the test class; batches of 4."""

	def setUp(self) -> None:
		super().setUp()
		self.redis.kill()  # what RQ remembers of earlier tests' workers would count
		self.redis.start()
		self.stack = self.enterContext(ExitStack())

	def workers(self, *faults: dict[str, int]) -> list[processes.Child]:
		"""Start one worker for each of `faults`, and wait until all of them listen."""
		children = [self.stack.enter_context(processes.standing_worker(**fault)) for fault in faults]
		wait_until(lambda: rq_runs.count_workers(QUEUE) == len(faults))
		return children

	def run_count(self, job_id: str) -> int:
		"""Return how many runs the job has had."""
		return self.job(job_id).run_no + 1

	def finish(self, job_id: str) -> None:
		"""Wait until the job has ended, and RQ has nothing of it at work any more."""
		wait_for_end(job_id)
		wait_until(lambda: not BULK.is_in_queue(self.job(job_id)))


class TestHelpers(WorkersTestCase):
	def test_as_many_runs_as_there_are_workers(self) -> None:
		"""24 invoices, 6 batches, 3 workers: 3 runs; progress never goes back; one completion."""
		self.workers({}, {}, {})
		line, invoices = self.bulk_deposit(24)
		with Events() as events:
			job_id = self.start(line, invoices)
			self.finish(job_id)
			current = [event["message"]["current"] for event in events.received(PROGRESS_EVENT)]
			complete = events.received(COMPLETE_EVENT)
		self.assertEqual(self.run_count(job_id), 3)
		self.assertEqual(current, sorted(current))
		self.assertEqual(current[-1], 24)
		self.assertEqual(len(complete), 1)
		self.assert_completed(job_id, line, invoices)

	def test_runs_really_work_side_by_side(self) -> None:
		"""Three workers stand in a batch of the same job at the same time; nothing is paid twice."""
		self.need_row_locks()
		workers = self.workers({"gate": 1}, {"gate": 2}, {"gate": 4})
		line, invoices = self.bulk_deposit(24)
		job_id = self.start(line, invoices)
		for worker in workers:
			worker.reached()
		self.assert_rows(job_id, Queued=24)
		for worker in workers:
			worker.let_go()
		self.finish(job_id)
		self.assert_completed(job_id, line, invoices)

	def test_setting_bounds_the_runs(self) -> None:
		self.use_settings(most_workers_per_job=2)
		self.workers({}, {}, {})
		line, invoices = self.bulk_deposit(16)
		job_id = self.start(line, invoices)
		self.finish(job_id)
		self.assertEqual(self.run_count(job_id), 2)
		self.assert_completed(job_id, line, invoices)

	def test_no_more_runs_than_batches(self) -> None:
		"""Three workers: one batch is one run's, two batches are two runs'."""
		self.workers({}, {}, {})
		for invoice_count, runs in ((BATCH_SIZE, 1), (BATCH_SIZE + 1, 2)):
			line, invoices = self.bulk_deposit(invoice_count)
			job_id = self.start(line, invoices)
			self.finish(job_id)
			self.assertEqual(self.run_count(job_id), runs)
			self.assert_completed(job_id, line, invoices)

	def test_helper_calls_nobody(self) -> None:
		"""Every run dies at its first invoice: the job stops, and the scheduler decides what next."""
		line, invoices = self.bulk_deposit(12)
		job_id = self.start(line, invoices)
		with processes.standing_worker(), processes.standing_worker():
			pass  # killed, yet RQ goes on counting them for minutes
		self.use_settings(job_timeout=60)
		for _worker in range(4):
			self.run_worker(kill_before_insert=1)
		self.assertLessEqual(self.run_count(job_id), 3)
		self.assertFalse(rq_runs.get_queue(QUEUE).job_ids)
		self.recover_and_finish(job_id)
		self.assert_completed(job_id, line, invoices)

	def test_each_run_is_known_by_an_id_of_its_own(self) -> None:
		"""The ids follow from line, job and number, and RQ has each of them once."""
		self.workers({}, {})
		line, invoices = self.bulk_deposit(12)
		job_id = self.start(line, invoices)
		self.finish(job_id)
		base = f"bulk_reconciliation_{line.name}_{job_id}"
		self.assertEqual(self.run_count(job_id), 2)
		for rq_id in (base, f"{base}_1"):
			self.assertEqual(get_job(rq_id).kwargs["kwargs"]["bulk_reconciliation"], job_id)
		self.assertIsNone(get_job(f"{base}_2"))


class TestOneOfTwoDies(WorkersTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.need_row_locks()

	def test_the_other_serves_what_it_leaves(self) -> None:
		"""One is killed in its first batch: no recovery is needed, the other pays those invoices too."""
		survivor, victim = self.workers({"gate": 2}, {"kill_after_insert": 3})
		line, invoices = self.bulk_deposit(20)
		job_id = self.start(line, invoices)
		survivor.reached()
		self.assertLess(victim.wait(), 0)
		self.assertNotIn(job_id, recover_interrupted_jobs())
		survivor.let_go()
		wait_for_end(job_id)
		self.assertEqual(self.run_count(job_id), 2)
		self.assert_completed(job_id, line, invoices)

	def test_rows_that_nobody_serves_are_found(self) -> None:
		"""One ends as the other has the last rows, and that one is killed: RQ hears no heartbeat of it."""
		last, other = self.workers({"gate": 1}, {})
		line, invoices = self.bulk_deposit(12)
		job_id = self.start(line, invoices)
		last.reached()
		wait_until(lambda: BULK.count_rows(job_id).get("Paid") == 8)
		wait_until(lambda: BULK.count_runs(self.job(job_id)) == 1)
		self.assertEqual(other.process.poll(), None)
		self.stack.pop_all().close()
		self.assert_consistent(job_id, invoices)
		self.assert_rows(job_id, Paid=8, Queued=4)
		self.assertNotIn(job_id, recover_interrupted_jobs())
		for run_no in (0, 1):
			rq_job = get_job(BULK.rq_job_id(self.job(job_id), run_no))
			rq_job.heartbeat(datetime.utcnow() - timedelta(minutes=4), 600)
		self.assertIn(job_id, recover_interrupted_jobs())
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_id, line, invoices)


class TestDeadlock(WorkersTestCase):
	def test_deadlock_between_two_runs_fails_no_row(self) -> None:
		"""Each holds what the other wants: the database ends one batch, which is served again."""
		self.need_row_locks()
		workers = self.workers({"cross_locks": 1}, {"cross_locks": 2})
		line, invoices = self.bulk_deposit(16)
		job_id = self.start(line, invoices)
		for worker in workers:
			worker.reached()
		for worker in workers:
			worker.let_go()
		self.finish(job_id)
		met = [worker.has_met(frappe.QueryDeadlockError) for worker in workers]
		self.assertEqual(sorted(met), [False, True])
		self.assert_completed(job_id, line, invoices)


class TestLastStep(WorkersTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.need_row_locks()

	def test_run_beside_the_last_step_ends_quietly(self) -> None:
		"""One links everything; a run that begins now does not wait for it, and leaves it alone."""
		line, invoices = self.bulk_deposit(6)
		job_id = self.start(line, invoices)
		with Events(job_id) as events, processes.worker(gate_at_link=1) as first:
			first.reached()
			BULK.enqueue(frappe._dict(self.job(job_id).as_dict(), run_no=7), is_helper=1)
			frappe.db.commit()
			with processes.worker() as second:
				self.assertEqual(second.wait(30), 0)
			self.assertEqual(self.job(job_id).status, "Reconciling")
			first.let_go()
			self.assertEqual(first.wait(), 0)
			self.assertEqual(len(events.messages(COMPLETE_EVENT)), 1)
		self.assert_completed(job_id, line, invoices)

	def test_two_that_finish_together(self) -> None:
		"""Both stand at the last invoice of the last two batches: one reconciles, once."""
		workers = self.workers({"gate": 4}, {"gate": 4})
		line, invoices = self.bulk_deposit(8)
		with Events() as events:
			job_id = self.start(line, invoices)
			for worker in workers:
				worker.reached()
			for worker in workers:
				worker.let_go()
			self.finish(job_id)
			self.assertEqual(len(events.received(COMPLETE_EVENT)), 1)
		self.assert_completed(job_id, line, invoices)


class TestControls(WorkersTestCase):
	"""Both workers stand in a batch when the user presses a button."""

	def setUp(self) -> None:
		super().setUp()
		self.need_row_locks()

	def two_in_a_batch(self, count: int) -> tuple:
		workers = self.workers({"gate": 2}, {"gate": 3})
		line, invoices = self.bulk_deposit(count)
		job_id = self.start(line, invoices)
		for worker in workers:
			worker.reached()
		return line, invoices, job_id, workers

	def test_cancel(self) -> None:
		"""What both have made is cancelled, by one of them; one completion."""
		line, invoices, job_id, workers = self.two_in_a_batch(16)
		with Events(job_id) as events:
			self.control("cancel_bulk_reconciliation", job_id)
			for worker in workers:
				worker.let_go()
			self.finish(job_id)
			self.assertEqual(len(events.received(COMPLETE_EVENT)), 1)
		self.assertEqual(self.job(job_id).status, "Cancelled")
		self.assert_rows(job_id, Rolled_Back=16)
		self.assert_untouched(line, invoices)

	def test_pause_and_resume(self) -> None:
		"""Both finish their batch and stop; resumed, both are called again and end it."""
		line, invoices, job_id, workers = self.two_in_a_batch(20)
		self.control("pause_bulk_reconciliation", job_id)
		for worker in workers:
			worker.let_go()
		wait_until(lambda: not BULK.is_in_queue(self.job(job_id)))
		self.assertEqual(self.job(job_id).status, "Paused")
		self.assert_rows(job_id, Paid=8, Queued=12)
		self.control("resume_bulk_reconciliation", job_id)
		self.finish(job_id)
		self.assertEqual(self.run_count(job_id), 4)
		self.assert_completed(job_id, line, invoices)
