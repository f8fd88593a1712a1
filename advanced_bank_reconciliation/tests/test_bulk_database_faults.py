# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What other sessions and the database server do to a run: rows locked, connections killed, server down."""

import time
from contextlib import ExitStack
from typing import Any

import frappe

from advanced_bank_reconciliation.bulk.job import JOB
from advanced_bank_reconciliation.bulk.progress import COMPLETE_EVENT
from advanced_bank_reconciliation.tests import processes
from advanced_bank_reconciliation.tests.process_case import ProcessTestCase
from advanced_bank_reconciliation.tests.proxy import Proxy
from advanced_bank_reconciliation.tests.utils import Events, wait_until


def kill_connection(worker: processes.Child, gate: str = "gate") -> None:
	"""KILL CONNECTION of the worker that stands at the gate, by this session; then the gate is opened."""
	frappe.db.sql(f"kill connection {int(worker.at_gate(gate)['connection'])}")
	worker.let_go(gate)


class DatabaseFaultCase(ProcessTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.need_row_locks()
		self.use_settings(batch_size=2)


class TestLockedRows(DatabaseFaultCase):
	"""Another session holds a row for longer than a lock wait (here one second), then lets it go."""

	def holder(self, table: str, name: str) -> processes.Child:
		"""Return a process that holds the row until its gate lock0 is opened."""
		holder = processes.Child("hold", table=table, names=[name])
		self.addCleanup(holder.__exit__)
		holder.reached("ready")
		holder.let_go("ready")
		holder.reached("lock0")
		return holder

	def series(self) -> str:
		"""Return the name of the counter from which Payment Entries get their names."""
		return frappe.db.sql("select name from tabSeries where name like 'ACC-PAY-%%' order by name")[-1][0]

	def test_series_and_bank_transaction_held_by_others(self) -> None:
		"""First nobody gets a name for a Payment Entry, then the last step does not get its line: both wait."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		held = [
			self.holder("tabSeries", self.series()),
			self.holder("tabBank Transaction", line.name),
		]
		with processes.worker(lock_wait=1) as worker:
			for holder, paid in zip(held, (0, 3), strict=True):
				wait_until(lambda: worker.has_met(frappe.QueryTimeoutError))
				self.assertEqual([row.status for row in self.job(job_id).invoices].count("Paid"), paid)
				worker.forget(frappe.QueryTimeoutError)
				holder.let_go("lock0")
			self.assertEqual(worker.wait(), 0)
		self.assert_completed(job_id, line, invoices)

	def test_job_record_held_by_somebody(self) -> None:
		"""The record itself is locked when a run begins: nothing is lost, nothing is done twice."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		holder = self.holder(f"tab{JOB}", job_id)
		with processes.worker(lock_wait=1) as worker:
			wait_until(lambda: worker.has_met(frappe.QueryTimeoutError))
			holder.let_go("lock0")
			self.assertEqual(worker.wait(), 0)
		self.assert_completed(job_id, line, invoices)

	def test_statement_killed_while_it_waits_for_a_lock(self) -> None:
		"""An administrator ends the waiting statement (KILL QUERY): that is no reason for an invoice to fail."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		holder = self.holder("tabSeries", self.series())
		with processes.worker() as worker:
			(waiting,) = wait_until(
				lambda: frappe.db.sql(
					"select id from information_schema.processlist where info like %s and time_ms > 100",
					"%tabSeries%UPDATE%",
				)
			)
			frappe.db.sql(f"kill query {int(waiting[0])}")
			holder.let_go("lock0")
			self.assertEqual(worker.wait(), 0)
		self.assert_completed(job_id, line, invoices)


class TestKilledConnections(DatabaseFaultCase):
	"""Another session kills the worker's connection."""

	def run_and_kill(self, *gates: str, **faults: Any) -> None:
		"""Run a worker and kill its connection at each gate in turn; it ends well."""
		with processes.worker(**faults) as worker:
			for gate in gates:
				kill_connection(worker, gate)
			self.assertEqual(worker.wait(), 0)

	def test_in_a_batch_before_its_commit_and_between_two_batches(self) -> None:
		"""6 invoices in batches of 2; the connection dies three times. Each invoice is paid once.

		The Payment Entries are counted as they are made: the 1st is lost with the connection, the 2nd and 3rd
		are lost before their commit, the 4th and 5th stand, and the connection dies behind them.
		"""
		line, invoices = self.bulk_deposit(6)
		job_id = self.start(line, invoices)
		with Events(job_id) as events:
			self.run_and_kill(
				"gate", "before_commit", "after_commit", gate=1, gate_before_commit=3, gate_after_commit=5
			)
			self.assertEqual(len(events.messages(COMPLETE_EVENT)), 1)
		self.assertEqual(self.job(job_id).recoveries, 0)
		self.assert_completed(job_id, line, invoices)

	def test_in_the_last_step(self) -> None:
		"""All is paid; the connection dies as the Bank Transaction is saved: it is linked again, once."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		self.run_and_kill("gate", gate_at_link=1)
		self.assert_completed(job_id, line, invoices)
		self.assertEqual(frappe.db.count("Notification Log", {"document_name": job_id}), 1)

	def test_in_the_roll_back(self) -> None:
		"""The last step is refused; the connection dies at the 2nd cancellation: all the same, all is undone."""
		line, invoices = self.bulk_deposit(3)
		job_id = self.start(line, invoices)
		self.run_and_kill("gate", gate_at_cancel=2, hook_raises=1)
		self.assertEqual(self.job(job_id).status, "Rolled Back")
		self.assert_untouched(line, invoices)


class TestServerDown(DatabaseFaultCase):
	"""The database server is away for some seconds, as seen by the worker."""

	def test_short_outage_is_survived_by_the_run(self) -> None:
		"""Every connection breaks off in the second batch, and for two seconds there is none to be had."""
		line, invoices = self.bulk_deposit(5)
		job_id = self.start(line, invoices)
		with ExitStack() as stack:
			worker, proxy = self.worker_behind_proxy(stack)
			worker.reached()
			proxy.cut()
			worker.let_go()
			time.sleep(2)
			proxy.restore()
			self.assertEqual(worker.wait(), 0)
		self.assertEqual(self.job(job_id).recoveries, 0)
		self.assert_completed(job_id, line, invoices)

	def test_long_outage_ends_the_run_and_the_next_one_goes_on(self) -> None:
		"""The server stays away: the run gives up, what was committed stands, and the scheduler finds the job."""
		line, invoices = self.bulk_deposit(5)
		job_id = self.start(line, invoices)
		with ExitStack() as stack:
			worker, proxy = self.worker_behind_proxy(stack)
			worker.reached()
			proxy.cut()
			worker.let_go()
			worker.wait()
		self.assert_rows(job_id, Paid=2, Queued=3)
		self.assert_consistent(job_id, invoices)
		self.assertEqual(self.job(job_id).status, "Running")
		self.recover_and_finish(job_id)
		self.assert_completed(job_id, line, invoices)

	def worker_behind_proxy(self, stack: ExitStack) -> tuple[processes.Child, Proxy]:
		"""Return a worker that stops at the 3rd Payment Entry, and what it reaches its database through."""
		conf = frappe.local.conf
		proxy = stack.enter_context(Proxy(conf.db_host or "127.0.0.1", int(conf.db_port or 3306)))
		environment = {"FRAPPE_DB_HOST": "127.0.0.1", "FRAPPE_DB_PORT": str(proxy.port)}
		return stack.enter_context(processes.worker(environment=environment, gate=3)), proxy
