# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Auto reconcile in the background, by real worker processes: each line once, whatever dies (PITFALLS P58)."""

import signal
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import add_to_date, now_datetime

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.auto.job import JOB, ROW
from advanced_bank_reconciliation.auto.progress import COMPLETE_EVENT, PROGRESS_EVENT
from advanced_bank_reconciliation.auto.recovery import recover_interrupted_runs
from advanced_bank_reconciliation.auto.undo import undo_one
from advanced_bank_reconciliation.bulk.recovery import MOST_RECOVERIES
from advanced_bank_reconciliation.tests import factories, processes
from advanced_bank_reconciliation.tests.auto_case import AutoCase
from advanced_bank_reconciliation.tests.process_case import CLERK, ProcessTestCase
from advanced_bank_reconciliation.tests.utils import Events

Pairs = list[tuple[Document, Document]]


class AutoProcessTestCase(AutoCase, ProcessTestCase):
	"""Each test has a bank account of its own, since all is committed."""

	recover = staticmethod(recover_interrupted_runs)

	def setUp(self) -> None:
		super().setUp()
		self.account = factories.make_bank_account(f"ABR Auto {frappe.generate_hash(length=8)}")
		frappe.db.commit()

	def pairs(self, count: int) -> Pairs:
		"""Return committed deposits, each with its payment."""
		pairs = [self.pair(number) for number in range(1, count + 1)]
		frappe.db.commit()
		return pairs

	def order(self, **values: Any) -> str:
		"""Order a run as the desk does, and return its id."""
		frappe.set_user(CLERK)
		answer = self.reconcile(**values)
		frappe.db.commit()
		frappe.set_user("Administrator")
		self.assertEqual(answer["status"], "queued")
		return answer["job_id"]

	def record(self, job_id: str) -> Document:
		frappe.db.rollback()
		return super().record(job_id)

	def outcomes(self, job_id: str) -> dict[str, int]:
		outcomes = [row.outcome for row in self.record(job_id).lines]
		return {outcome: outcomes.count(outcome) for outcome in set(outcomes)}

	def assert_rows_true(self, job_id: str, pairs: Pairs) -> None:
		"""At any moment: a row that says Matched has its link, and no other line has one."""
		rows = {row.bank_transaction: row for row in self.record(job_id).lines}
		for line, payment in pairs:
			row = rows[line.name]
			if row.outcome == "Matched":
				self.assertEqual(row.voucher, payment.name)
				self.assert_each_matched_once([(line, payment)])
			else:
				self.assert_state(line, line.deposit)
				self.assertIsNone(frappe.db.get_value("Payment Entry", payment.name, "clearance_date"))

	def assert_completed(self, job_id: str, pairs: Pairs) -> None:
		job = self.record(job_id)
		self.assertEqual(
			(job.status, job.matched, job.skipped, job.failed), ("Completed", len(pairs), 0, 0), job.message
		)
		self.assertIsNone(job.active_bank_account)
		self.assertEqual(job.percentage, 100)
		self.assert_each_matched_once(pairs)


class TestInBackground(AutoProcessTestCase):
	def test_p58_thirty_five_lines_with_progress(self) -> None:
		"""35 lines by a worker process: every one matched once, a progress event for each, one end, one notice."""
		pairs = self.pairs(35)
		odd = self.line(9.99, "NOBODY")
		frappe.db.commit()
		job_id = self.order()
		self.assertEqual(tool.get_auto_progress(job_id)["percentage"], 0)
		with Events(job_id) as events:
			self.assertEqual(self.run_worker(), 0)
			steps = events.messages(PROGRESS_EVENT)
			ends = events.messages(COMPLETE_EVENT)
			rooms = {item["room"] for item in events.received()}
		self.assertEqual([step["current"] for step in steps], list(range(1, 37)))
		self.assertEqual({step["total"] for step in steps}, {36})
		self.assertEqual((steps[17]["percentage"], steps[-1]["percentage"]), (50.0, 100.0))
		job = self.record(job_id)
		self.assertEqual(len(ends), 1)
		self.assertEqual(
			{key: ends[0][key] for key in ("success", "status", "matched", "skipped", "failed", "message")},
			{
				"success": True,
				"status": "Completed",
				"matched": 35,
				"skipped": 1,
				"failed": 0,
				"message": job.message,
			},
		)
		self.assertEqual(rooms, {f"user:{CLERK}"})
		self.assertEqual((job.status, job.matched, job.skipped, job.owner), ("Completed", 35, 1, CLERK))
		self.assertIsNotNone(job.started_at)
		self.assertIsNotNone(job.ended_at)
		self.assert_each_matched_once(pairs)
		self.assert_state(odd, 9.99)
		notices = frappe.get_all("Notification Log", {"document_name": job_id}, pluck="for_user")
		self.assertEqual(notices, [CLERK])
		progress = tool.get_auto_progress(job_id, with_lines=1)
		self.assertEqual((progress["active"], progress["current"], progress["total"]), (False, 36, 36))
		self.assertEqual([row["outcome"] for row in progress["lines"]].count("Matched"), 35)

	def test_p40_dry_run_in_the_background_links_nothing(self) -> None:
		"""The flag that must not be lost in the job: 12 lines would match, none is."""
		pairs = self.pairs(12)
		with self.assert_books_unchanged():
			job_id = self.order(dry_run=1)
			self.assertEqual(self.run_worker(), 0)
			frappe.db.rollback()
		self.assertEqual(self.outcomes(job_id), {"Would Match": 12})
		for line, _payment in pairs:
			self.assertEqual(frappe.db.count("Bank Transaction Payments", {"parent": line.name}), 0)

	def test_p60_rights_are_checked_when_it_runs(self) -> None:
		"""The clerk loses the role between order and run: nothing is matched, and the record says why."""
		pairs = self.pairs(11)
		job_id = self.order()
		frappe.get_doc("User", CLERK).remove_roles("Accounts User")
		frappe.db.commit()
		self.addCleanup(frappe.db.commit)
		self.addCleanup(factories.make_user, CLERK, ["Accounts User"])
		self.addCleanup(frappe.set_user, "Administrator")
		self.assertEqual(self.run_worker(), 0)
		job = self.record(job_id)
		self.assertEqual((job.status, job.matched), ("Failed", 0))
		self.assertIn(CLERK, job.message)
		self.assertIsNone(job.active_bank_account)
		self.assert_rows_true(job_id, pairs)


class TestKilled(AutoProcessTestCase):
	"""kill -9 of worker and work-horse in the middle of a run, at the saving of a Bank Transaction."""

	def test_p58_killed_before_a_commit_and_resumed(self) -> None:
		"""At the 6th of 12 lines, linked and not committed: five stand, the 6th is as before; then all, once."""
		pairs = self.pairs(12)
		job_id = self.order()
		self.assertEqual(self.run_worker(kill_before_linked=6), -signal.SIGKILL)
		self.assertEqual(self.outcomes(job_id), {"Matched": 5, "Queued": 7})
		self.assert_rows_true(job_id, pairs)
		self.recover_and_finish(job_id)
		self.assert_completed(job_id, pairs)

	def test_killed_twice(self) -> None:
		pairs = self.pairs(12)
		job_id = self.order()
		self.assertEqual(self.run_worker(kill_before_linked=4), -signal.SIGKILL)
		self.assertIn(job_id, recover_interrupted_runs(silent_for_seconds=0))
		self.assertEqual(self.run_worker(kill_before_linked=4), -signal.SIGKILL)
		self.assertEqual(self.outcomes(job_id), {"Matched": 6, "Queued": 6})
		self.assert_rows_true(job_id, pairs)
		self.recover_and_finish(job_id)
		self.assert_completed(job_id, pairs)

	def test_killed_while_it_pays_invoices(self) -> None:
		"""11 deposits that name an open invoice each; the worker dies at the 6th payment: none twice, none lost."""
		invoices = [factories.make_sales_invoice(400 + number) for number in range(11)]
		lines = [
			self.line(invoice.grand_total, description=f"Payment of {invoice.name}") for invoice in invoices
		]
		frappe.db.commit()
		job_id = self.order(document_types=["payment_entry", "unpaid_sales_invoice"])
		self.assertEqual(self.run_worker(kill_before_commit=6), -signal.SIGKILL)
		self.assertEqual(self.outcomes(job_id), {"Matched": 5, "Queued": 6})
		for line, invoice in list(zip(lines, invoices, strict=True))[5:]:
			self.assert_untouched(line, [invoice])
		self.recover_and_finish(job_id)
		for line, invoice in zip(lines, invoices, strict=True):
			self.assert_settled(line, [invoice])
			self.assertEqual(frappe.db.count("Bulk Bank Reconciliation", {"bank_transaction": line.name}), 1)
		self.control("undo_auto_reconciliation", job_id)
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(self.record(job_id).status, "Undone")
		for line, invoice in zip(lines, invoices, strict=True):
			self.assert_untouched(line, [invoice])

	def test_scheduler_waits_until_the_run_has_been_silent(self) -> None:
		"""RQ believes a killed run to be alive: it is recovered after five minutes without a sign of life."""
		pairs = self.pairs(11)
		job_id = self.order()
		self.assertEqual(self.run_worker(kill_before_linked=2), -signal.SIGKILL)
		self.assertNotIn(job_id, recover_interrupted_runs())
		frappe.db.set_value(JOB, job_id, "last_activity", add_to_date(now_datetime(), minutes=-6))
		self.assertIn(job_id, recover_interrupted_runs())
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_id, pairs)

	def test_run_forgotten_by_redis_is_recovered(self) -> None:
		pairs = self.pairs(11)
		job_id = self.order()
		self.assertNotIn(job_id, recover_interrupted_runs())
		self.redis.kill()
		self.redis.start()
		self.assertIn(job_id, recover_interrupted_runs())
		self.assertEqual(self.run_worker(), 0)
		self.assert_completed(job_id, pairs)

	def test_given_up_after_runs_that_served_nothing(self) -> None:
		"""Five recoveries in a row without a line: Failed with the reason, and the account is free again."""
		self.pairs(11)
		job_id = self.order()
		frappe.db.set_value(JOB, job_id, "recoveries", MOST_RECOVERIES)
		frappe.db.commit()
		self.redis.forget_everything()
		recover_interrupted_runs()
		job = self.record(job_id)
		self.assertEqual((job.status, job.active_bank_account), ("Failed", None))
		self.assertIn("Error Log", job.message)
		self.assertEqual(self.run_worker(), 0, "there is nothing to do")
		self.assertEqual(self.outcomes(job_id), {"Queued": 11})

	def test_undo_interrupted_by_a_kill_goes_on(self) -> None:
		"""12 matches are being undone; the worker dies at the 5th. In the end all 12 lines are open."""
		pairs = self.pairs(12)
		job_id = self.order()
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(self.control("undo_auto_reconciliation", job_id)["status"], "Undoing")
		self.assertEqual(self.run_worker(kill_before_linked=5), -signal.SIGKILL)
		self.assertEqual(self.outcomes(job_id), {"Undone": 4, "Matched": 8})
		self.assert_rows_true(job_id, pairs)
		with Events(job_id) as events:
			self.recover_and_finish(job_id)
			steps = [step["current"] for step in events.messages(PROGRESS_EVENT)]
		self.assertEqual(steps, list(range(5, 13)))
		job = self.record(job_id)
		self.assertEqual(
			(job.status, job.undone, job.matched, job.active_bank_account), ("Undone", 12, 0, None)
		)
		self.assert_rows_true(job_id, pairs)


class TestControlled(AutoProcessTestCase):
	def test_cancel_stops_after_the_line_it_is_at(self) -> None:
		"""Cancelled while the 4th line is being linked: that one is finished and stays, the 5th is not begun."""
		self.need_row_locks()
		pairs = self.pairs(11)
		job_id = self.order()
		with processes.worker(gate_at_link=4) as worker:
			worker.reached()
			call = processes.Child(
				"call",
				method=f"{tool.__name__}.cancel_auto_reconciliation",
				user=CLERK,
				job_id=job_id,
			)
			with call:
				call.reached()
				call.let_go()
				worker.let_go()
				self.assertEqual(call.answer()["result"]["status"], "Cancelled")
			self.assertEqual(worker.wait(), 0)
		job = self.record(job_id)
		self.assertEqual((job.status, job.active_bank_account), ("Cancelled", None))
		self.assertGreaterEqual(job.matched, 4)
		self.assertLess(job.matched, 11)
		self.assertEqual(self.outcomes(job_id), {"Matched": job.matched, "Queued": 11 - job.matched})
		self.assert_rows_true(job_id, pairs)

	def test_two_starts_at_the_same_moment(self) -> None:
		"""Two users press the button together: one run, and both are told of it."""
		self.pairs(11)
		order = {"method": f"{tool.__name__}.auto_reconcile_vouchers", "bank_account": self.account}
		frappe.db.commit()
		with (
			processes.Child("call", user=CLERK, **order) as one,
			processes.Child("call", user="Administrator", **order) as other,
		):
			one.reached(), other.reached()
			one.let_go(), other.let_go()
			answers = [one.answer(), other.answer()]
		ids = {answer["result"]["job_id"] for answer in answers}
		self.assertEqual(len(ids), 1, answers)
		frappe.db.rollback()
		self.assertEqual(frappe.db.count(JOB, {"bank_account": self.account}), 1)
		self.assertEqual(frappe.db.count(ROW, {"parent": ids.pop()}), 11)

	def test_what_others_did_between_order_and_run_is_seen(self) -> None:
		"""A colleague matches line 2's payment elsewhere, line 3 by hand, and cancels line 4: all as it is then."""
		pairs = self.pairs(11)
		elsewhere = self.line(pairs[1][1].paid_amount, "BY-HAND", date="2026-05-01")
		frappe.db.commit()
		job_id = self.order(to_date="2026-04-30")
		for line, payment in ((elsewhere, pairs[1][1]), pairs[2]):
			tool.reconcile_vouchers(
				line.name, [{"payment_doctype": "Payment Entry", "payment_name": payment.name}]
			)
		frappe.get_doc("Bank Transaction", pairs[3][0].name).cancel()
		frappe.db.commit()
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(self.outcomes(job_id), {"Matched": 8, "Skipped": 3})
		reasons = [row.reason for row in self.record(job_id).lines[1:4]]
		for reason, words in zip(
			reasons, ("No voucher over", "already fully reconciled", "is cancelled"), strict=True
		):
			self.assertIn(words, reason)
		self.assert_each_matched_once([(elsewhere, pairs[1][1]), pairs[2], pairs[0], *pairs[4:]])
		self.assert_state(pairs[1][0], pairs[1][0].deposit)

	def test_two_lines_one_voucher_in_the_background(self) -> None:
		"""The oldest line gets it, in its own transaction; the other asks anew and finds nothing."""
		pairs = self.pairs(10)
		younger = self.line(pairs[0][1].paid_amount, "AUTO-1", date="2026-03-25")
		frappe.db.commit()
		job_id = self.order()
		self.assertEqual(self.run_worker(), 0)
		self.assert_each_matched_once(pairs)
		self.assert_state(younger, younger.deposit)
		self.assertEqual(self.record(job_id).lines[-1].reason, "No voucher was found.")

	def test_undo_that_cannot_be_done_says_why_and_goes_on_later(self) -> None:
		"""A hook refuses to save the lines: the undo ends Failed, and works once the hook is gone."""
		pairs = self.pairs(11)
		job_id = self.order()
		self.assertEqual(self.run_worker(), 0)
		self.control("undo_auto_reconciliation", job_id)
		self.assertEqual(self.run_worker(hook_raises=1), 0)
		job = self.record(job_id)
		self.assertEqual((job.status, job.undone, job.matched), ("Failed", 0, 11))
		self.assertIn("auditor's hook", job.lines[0].reason)
		self.assert_rows_true(job_id, pairs)
		self.assertTrue(tool.get_auto_progress(job_id)["can"]["undo"])
		self.control("undo_auto_reconciliation", job_id)
		self.assertEqual(self.run_worker(), 0)
		self.assertEqual(self.record(job_id).status, "Undone")
		self.assertFalse(undo_one(job_id))
		self.assert_rows_true(job_id, pairs)
