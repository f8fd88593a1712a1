# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The import by real worker processes: kill -9, recovery, two starts at once, rights that are gone."""

import signal
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import add_to_date, now_datetime

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.bank_statement_importer import (
	bank_statement_importer as importer,
)
from advanced_bank_reconciliation.bulk.recovery import MOST_RECOVERIES
from advanced_bank_reconciliation.statement_import.events import COMPLETE_EVENT, PROGRESS_EVENT
from advanced_bank_reconciliation.statement_import.job import IMPORTS, JOB
from advanced_bank_reconciliation.statement_import.recovery import recover_interrupted_imports
from advanced_bank_reconciliation.statement_import.worker import BATCH
from advanced_bank_reconciliation.tests import factories, processes
from advanced_bank_reconciliation.tests.process_case import CLERK, ProcessTestCase
from advanced_bank_reconciliation.tests.statement_case import Row, StatementCase, csv_of
from advanced_bank_reconciliation.tests.utils import Events


def rows_of(count: int) -> list[Row]:
	return [
		(
			f"2026-03-{number % 28 + 1:02d}",
			f"{-number if number % 2 else number}.25",
			f"Line {number}",
			"",
			f"T{number}",
		)
		for number in range(1, count + 1)
	]


class StatementProcessCase(StatementCase, ProcessTestCase):
	"""Each test has a bank account of its own, since all is committed."""

	endpoints = importer
	recover = staticmethod(recover_interrupted_imports)

	def setUp(self) -> None:
		super().setUp()
		self.use_settings(statement_background_limit=10)
		self.account = factories.make_bank_account(f"ABR Statement {frappe.generate_hash(length=8)}")
		frappe.db.commit()

	def start_file(self, rows: list[Row]) -> str:
		"""Upload and start as the clerk, and return the record's name. The ids are of this account alone."""
		mark = self.account.split()[2]
		content = csv_of([(*row[:4], f"{mark}-{row[4]}") for row in rows])
		frappe.set_user(CLERK)
		name = self.upload(content)["name"]
		state = importer.start_import(name)
		frappe.db.commit()
		frappe.set_user("Administrator")
		self.assertEqual(state["status"], "Queued")
		return name

	def record(self, name: str) -> Document:
		frappe.db.rollback()
		return super().record(name)

	def outcomes(self, name: str) -> dict[str, int]:
		frappe.db.rollback()
		return IMPORTS.count_rows(name)

	def assert_completed(self, name: str, rows: list[Row]) -> None:
		record = self.record(name)
		self.assertEqual(
			(record.status, record.imported, record.failed), ("Completed", len(rows), 0), record.message
		)
		self.assertIsNone(record.active_bank_account)
		self.assert_books(rows)
		self.assert_rows_true(name)


class TestInBackground(StatementProcessCase):
	def test_batches_with_progress_and_one_end(self) -> None:
		rows = rows_of(2 * BATCH + 30)
		name = self.start_file(rows)
		with Events(name) as events:
			self.assertEqual(self.run_worker(), 0)
			steps, ends = events.messages(PROGRESS_EVENT), events.messages(COMPLETE_EVENT)
			rooms = {item["room"] for item in events.received()}
		self.assertEqual([step["current"] for step in steps], [BATCH, 2 * BATCH, len(rows)])
		self.assertEqual({step["total"] for step in steps}, {len(rows)})
		self.assertEqual(steps[-1]["percentage"], 100)
		self.assertEqual(len(ends), 1)
		self.assertEqual((ends[0]["success"], ends[0]["imported"], ends[0]["name"]), (True, len(rows), name))
		self.assertEqual(rooms, {f"user:{CLERK}"})
		self.assert_completed(name, rows)
		self.assertEqual(
			frappe.get_all("Notification Log", {"document_name": name}, pluck="for_user"), [CLERK]
		)
		owners = frappe.get_all(
			"Bank Transaction", {"bank_account": self.account}, pluck="owner", distinct=True
		)
		self.assertEqual(owners, [CLERK])

	def test_p60_rights_are_checked_when_it_runs(self) -> None:
		rows = rows_of(12)
		name = self.start_file(rows)
		frappe.get_doc("User", CLERK).remove_roles("Accounts User")
		frappe.db.commit()
		self.addCleanup(frappe.db.commit)
		self.addCleanup(factories.make_user, CLERK, ["Accounts User"])
		self.addCleanup(frappe.set_user, "Administrator")
		self.assertEqual(self.run_worker(), 0)
		record = self.record(name)
		self.assertEqual((record.status, record.imported), ("Failed", 0))
		self.assertIn(CLERK, record.message)
		self.assertEqual(self.books(), [])

	def test_same_file_twice_at_once_adds_each_line_once(self) -> None:
		"""Two records of one file; the second waits for the first, is started after it, and finds nothing new."""
		rows = rows_of(15)
		one = self.start_file(rows)
		frappe.set_user(CLERK)
		mark = self.account.split()[2]
		two = self.upload(csv_of([(*row[:4], f"{mark}-{row[4]}") for row in rows]))["name"]
		frappe.db.commit()
		frappe.set_user("Administrator")
		self.assertEqual(self.run_worker(), 0)
		state = self.control("start_import", two)
		self.assertEqual(state["status"], "Queued")
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(self.outcomes(two), {"Duplicate": 15})
		self.assertEqual(self.record(two).status, "Completed")
		self.assert_books(rows)
		self.assert_completed(one, rows)

	def test_two_starts_at_the_same_moment(self) -> None:
		"""Two users press the button of the same record together: one job, both are told that it is queued."""
		rows = rows_of(12)
		mark = self.account.split()[2]
		name = self.upload(csv_of([(*row[:4], f"{mark}-{row[4]}") for row in rows]))["name"]
		frappe.db.commit()
		call = {"method": f"{importer.__name__}.start_import", "name": name}
		with (
			processes.Child("call", user=CLERK, **call) as one,
			processes.Child("call", user="Administrator", **call) as other,
		):
			one.reached(), other.reached()
			one.let_go(), other.let_go()
			answers = [one.answer(), other.answer()]
		self.assertEqual([answer["result"]["status"] for answer in answers], ["Queued", "Queued"])
		self.assertEqual(self.record(name).run_no, 1)
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(name, rows)

	def test_retry_that_waited_for_another_does_not_import_again(self) -> None:
		"""Both read the line as open; the second waits for the first, and leaves the rest to a job that reads anew."""
		self.need_row_locks()
		self.use_settings(statement_background_limit=200)
		mark = self.account.split()[2]
		rows = [(*row[:4], f"{mark}-{row[4]}") for row in rows_of(5)]
		self.import_file(csv_of(rows))
		twice = self.upload(csv_of(rows))["name"]
		importer.set_decision(twice, [self.rows(twice)[0]["row"]], "Import")
		frappe.db.set_value(JOB, twice, "status", "Completed")
		frappe.db.commit()
		call = {"method": f"{importer.__name__}.retry_import", "name": twice, "user": CLERK}
		with processes.Child("call", **call) as one, processes.Child("call", **call) as other:
			one.reached(), other.reached()
			one.let_go(), other.let_go()
			one.wait(), other.wait()
		self.run_worker()
		frappe.db.rollback()
		self.assertEqual(len(self.books()), 6)


class TestKilled(StatementProcessCase):
	def test_killed_in_the_middle_of_a_batch(self) -> None:
		"""kill -9 after the 7th line of the second batch: the first batch stands, of the second nothing; then all."""
		rows = rows_of(BATCH + 20)
		name = self.start_file(rows)
		self.assertEqual(self.run_worker(kill_after_line=BATCH + 7), -signal.SIGKILL)
		self.assertEqual(self.outcomes(name), {"Imported": BATCH, "New": 20})
		self.assert_rows_true(name)
		self.recover_and_finish(name)
		self.assert_completed(name, rows)

	def test_killed_before_a_commit(self) -> None:
		rows = rows_of(BATCH + 20)
		name = self.start_file(rows)
		self.assertEqual(self.run_worker(kill_before_lines=BATCH), -signal.SIGKILL)
		self.assertEqual(self.outcomes(name), {"New": BATCH + 20})
		self.assertEqual(self.books(), [])
		self.recover_and_finish(name)
		self.assert_completed(name, rows)

	def test_killed_again_and_again(self) -> None:
		rows = rows_of(BATCH + 50)
		name = self.start_file(rows)
		for at_line in (3, BATCH + 1, 40):
			self.assertEqual(self.run_worker(kill_after_line=at_line), -signal.SIGKILL)
			self.assert_rows_true(name)
			self.assertIn(name, recover_interrupted_imports(silent_for_seconds=0))
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(name, rows)

	def test_scheduler_waits_until_the_run_has_been_silent(self) -> None:
		rows = rows_of(12)
		name = self.start_file(rows)
		self.assertEqual(self.run_worker(kill_after_line=2), -signal.SIGKILL)
		self.assertNotIn(name, recover_interrupted_imports())
		frappe.db.set_value(JOB, name, "last_activity", add_to_date(now_datetime(), minutes=-6))
		self.assertIn(name, recover_interrupted_imports())
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(name, rows)

	def test_run_forgotten_by_redis_is_resumed_by_hand(self) -> None:
		rows = rows_of(12)
		name = self.start_file(rows)
		self.redis.kill()
		self.redis.start()
		self.control("resume_import", name)
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(name, rows)

	def test_given_up_after_runs_that_served_nothing(self) -> None:
		name = self.start_file(rows_of(12))
		frappe.db.set_value(JOB, name, "recoveries", MOST_RECOVERIES)
		frappe.db.commit()
		self.redis.forget_everything()
		recover_interrupted_imports(silent_for_seconds=-1)
		record = self.record(name)
		self.assertEqual((record.status, record.active_bank_account), ("Failed", None))
		self.assertIn("Error Log", record.message)
		self.assertEqual(self.run_worker(), 0, "there is nothing to do")
		self.assertEqual(self.outcomes(name), {"New": 12})
		self.assertTrue(self.control("retry_import", name)["status"], "Queued")
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(name, rows_of(12))

	def test_revert_interrupted_by_a_kill_goes_on(self) -> None:
		"""What the clerk has imported, a manager reverts: the recovered run is the manager's, who may cancel."""
		rows = rows_of(80)
		name = self.start_file(rows)
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(self.control("revert_import", name, "Administrator")["status"], "Reverting")
		self.assertEqual(self.run_worker(kill_after_line_cancel=60), -signal.SIGKILL)
		self.assertEqual(self.outcomes(name), {"Reverted": 50, "Imported": 30})
		self.assert_rows_true(name)
		self.recover_and_finish(name)
		record = self.record(name)
		self.assertEqual((record.status, record.reverted, record.active_bank_account), ("Reverted", 80, None))
		self.assertEqual(self.books(), [])

	def test_connection_lost_in_a_batch(self) -> None:
		self.need_row_locks()
		rows = rows_of(30)
		name = self.start_file(rows)
		self.assertEqual(self.run_worker(lose_connection_at_line=9), 0)
		self.assert_completed(name, rows)


class TestControlled(StatementProcessCase):
	def test_cancel_stops_after_the_batch_it_is_at(self) -> None:
		self.need_row_locks()
		rows = rows_of(BATCH + 40)
		name = self.start_file(rows)
		with processes.worker(gate_at_line=5) as worker:
			worker.reached()
			call = processes.Child("call", method=f"{importer.__name__}.cancel_import", user=CLERK, name=name)
			with call:
				call.reached()
				call.let_go()
				worker.let_go()
				self.assertEqual(call.answer()["result"]["status"], "Cancelled")
			self.assertEqual(worker.wait(), 0)
		record = self.record(name)
		self.assertEqual((record.status, record.active_bank_account), ("Cancelled", None))
		self.assertIn(record.imported, (BATCH, len(rows)))
		self.assert_rows_true(name)

	def test_others_make_bank_transactions_in_the_middle_of_a_batch(self) -> None:
		"""The naming series is not held while the worker stands within a batch, and no name is drawn twice."""
		self.need_row_locks()
		rows = rows_of(BATCH + 5)
		name = self.start_file(rows)
		with processes.worker(gate_at_line=BATCH - 1) as worker:
			worker.reached()
			frappe.db.sql("set session innodb_lock_wait_timeout = 2")
			line = factories.make_bank_transaction(deposit=777, bank_account=self.bank_account)
			frappe.db.commit()
			worker.let_go()
			self.assertEqual(worker.wait(), 0)
		self.assert_completed(name, rows)
		self.assertNotIn(line.name, [row["bank_transaction"] for row in self.rows(name)])
