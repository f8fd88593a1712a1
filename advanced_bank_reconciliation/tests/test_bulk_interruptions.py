# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What administrators and machines do to a run: deployments, the OOM killer, a stalled machine, clocks, pauses."""

import importlib.util
import os
import signal
import time
from unittest import skipUnless

import frappe
from frappe.utils import add_to_date, now_datetime

from advanced_bank_reconciliation.bulk.job import JOB
from advanced_bank_reconciliation.bulk.recovery import recover_interrupted_jobs
from advanced_bank_reconciliation.tests import processes
from advanced_bank_reconciliation.tests.process_case import ProcessTestCase
from advanced_bank_reconciliation.tests.utils import wait_for_end

RECOVERY = "advanced_bank_reconciliation.bulk.recovery.recover_interrupted_jobs"

#: Two time zones; local time jumps by ten hours from one to the other.
EARLY, LATE = "Pacific/Honolulu", "UTC"


class InterruptionCase(ProcessTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.use_settings(batch_size=2)

	def set_time_zone(self, name: str) -> None:
		"""Move the site's local time, in which the records' times are written, as summer time does."""
		self.use_settings("System Settings", time_zone=name)
		frappe.clear_cache(doctype="System Settings")
		self.addCleanup(frappe.clear_cache, doctype="System Settings")


class TestDeployment(InterruptionCase):
	"""Workers are told to stop, or are killed, in the middle of a batch."""

	def test_warm_shutdown_lets_the_run_end(self) -> None:
		"""SIGTERM, as a supervisor sends it: the worker takes no other job, and ends the one that it has."""
		line, invoices = self.bulk_deposit(5)
		job_id = self.start(line, invoices)
		with processes.worker(gate=3) as worker:
			worker.reached()
			worker.process.send_signal(signal.SIGTERM)
			worker.let_go()
			self.assertEqual(worker.wait(), 0)
		self.assert_completed(job_id, line, invoices)

	def test_cold_shutdown_is_recovered(self) -> None:
		"""A second SIGTERM kills the run in its second batch; the workers that come up do the rest."""
		line, invoices = self.bulk_deposit(5)
		job_id = self.start(line, invoices)
		with processes.worker(gate=3) as worker:
			worker.reached()
			worker.process.send_signal(signal.SIGTERM)
			# RQ takes a second signal within a second for an echo of the first.
			time.sleep(1.2)
			worker.process.send_signal(signal.SIGTERM)
			worker.wait()
		self.assert_rows(job_id, Paid=2, Queued=3)
		self.assert_consistent(job_id, invoices)
		self.recover_and_finish(job_id)
		self.assert_completed(job_id, line, invoices)

	def test_killed_work_horse_is_recovered_without_waiting(self) -> None:
		"""The OOM killer takes the forked process alone: RQ sees it, so nobody has to wait five minutes."""
		line, invoices = self.bulk_deposit(5)
		job_id = self.start(line, invoices)
		with processes.worker(gate=3) as worker:
			os.kill(worker.at_gate()["process"], signal.SIGKILL)
			self.assertEqual(worker.wait(), 0)
		self.assert_rows(job_id, Paid=2, Queued=3)
		self.assertIn(job_id, recover_interrupted_jobs())
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_id, line, invoices)

	def test_stalled_run_wakes_up_beside_its_successor(self) -> None:
		"""A machine stands still in a batch, the scheduler puts another run to work, and then it wakes up."""
		self.need_row_locks()
		line, invoices = self.bulk_deposit(6)
		job_id = self.start(line, invoices)
		with processes.worker(gate=3) as stalled:
			process = stalled.at_gate()["process"]
			os.kill(process, signal.SIGSTOP)
			stalled.let_go()
			frappe.db.set_value(JOB, job_id, "last_activity", add_to_date(now_datetime(), minutes=-6))
			self.assertIn(job_id, recover_interrupted_jobs())
			self.assertEqual(self.run_worker(), 0)
			self.assert_consistent(job_id, invoices)
			os.kill(process, signal.SIGCONT)
			self.assertEqual(stalled.wait(), 0)
		self.assert_completed(job_id, line, invoices)


class TestClock(InterruptionCase):
	"""Local time jumps between two batches. (A run whose time is up there: test_bulk_batch_size.)"""

	def test_clock_set_back_does_not_hide_an_interruption(self) -> None:
		"""Killed, and then local time goes back by ten hours: the record's last sign of life is in the future."""
		self.set_time_zone(LATE)
		line, invoices = self.bulk_deposit(4)
		job_id = self.start(line, invoices)
		self.assertEqual(self.run_worker(kill_before_insert=3), -signal.SIGKILL)
		self.assertNotIn(job_id, recover_interrupted_jobs())
		self.set_time_zone(EARLY)
		self.assertGreater(self.job(job_id).last_activity, now_datetime())
		self.assertIn(job_id, recover_interrupted_jobs())
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_id, line, invoices)

	def test_clock_set_forward_in_a_run_does_no_harm(self) -> None:
		"""Local time jumps ten hours ahead in a batch: the living run is taken for lost, and gets company."""
		self.need_row_locks()
		self.set_time_zone(EARLY)
		line, invoices = self.bulk_deposit(6)
		job_id = self.start(line, invoices)
		with processes.worker(gate=3) as worker:
			worker.reached()
			self.set_time_zone(LATE)
			self.assertIn(job_id, recover_interrupted_jobs())
			self.assertEqual(self.run_worker(), 0)
			worker.let_go()
			self.assertEqual(worker.wait(), 0)
		self.assert_completed(job_id, line, invoices)


class TestBusyWorkers(InterruptionCase):
	"""All workers are busy with other jobs for hours."""

	def test_job_that_waits_for_a_worker_is_not_given_up(self) -> None:
		"""The scheduler comes by seven times, each after six minutes of silence: the job keeps its one run."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		for _visit in range(7):
			frappe.db.set_value(JOB, job_id, "last_activity", add_to_date(now_datetime(), minutes=-6))
			frappe.db.commit()
			self.assertNotIn(job_id, recover_interrupted_jobs())
		job = self.job(job_id)
		self.assertEqual((job.status, job.run_no, job.recoveries), ("Queued", 0, 0))
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_id, line, invoices)


@skipUnless(importlib.util.find_spec("frappe.utils.scheduler"), "this host has no scheduler")
class TestSchedulerOff(InterruptionCase):
	"""The site is in maintenance, as during `bench migrate`: no scheduler, and workers go on."""

	def test_recovery_waits_for_the_end_of_maintenance(self) -> None:
		"""A run is killed, another one works during maintenance, and what is left is found by the scheduler."""
		from frappe.installer import update_site_config
		from frappe.utils import scheduler

		self.use_settings("System Settings", enable_scheduler=1)
		job_type = frappe.get_doc("Scheduled Job Type", {"method": RECOVERY})
		self.assertEqual((job_type.cron_format, job_type.stopped), ("*/5 * * * *", 0))
		line, invoices = self.bulk_deposit(5)
		job_id = self.start(line, invoices)
		self.addCleanup(update_site_config, "maintenance_mode", 0)
		update_site_config("maintenance_mode", 1)
		self.assertTrue(scheduler.is_scheduler_inactive())
		self.assertEqual(self.run_worker(kill_before_insert=3), -signal.SIGKILL)
		self.assert_rows(job_id, Paid=2, Queued=3)
		frappe.db.set_value(JOB, job_id, "last_activity", add_to_date(now_datetime(), minutes=-6))
		frappe.db.commit()
		update_site_config("maintenance_mode", 0)
		self.assertFalse(scheduler.is_scheduler_inactive())
		job_type.enqueue(force=True)
		with processes.worker(queue="default") as worker:
			self.assertEqual(worker.wait(), 0)
		self.assertEqual(self.job(job_id).recoveries, 1)
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(wait_for_end(job_id).status, "Completed")
		self.assert_completed(job_id, line, invoices)
