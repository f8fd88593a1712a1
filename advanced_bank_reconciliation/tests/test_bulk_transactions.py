# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""A step as one transaction: what is tried again and how often, and what a batch's transaction sees."""

from unittest.mock import patch

import frappe

from advanced_bank_reconciliation import transactions
from advanced_bank_reconciliation.tests.utils import ABRTestCase
from advanced_bank_reconciliation.transactions import RETRY_AFTER, begin_anew, in_transaction


class TestRetry(ABRTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.pauses: list[float] = []
		self.enterContext(patch.object(transactions.time, "sleep", self.pauses.append))
		self.calls = 0

	def refused(self, times: int, error: Exception):
		def step(_job_id: str) -> bool:
			self.calls += 1
			if self.calls <= times:
				raise error
			return True

		return step

	def test_deadlock_is_tried_again_after_a_pause(self) -> None:
		self.assertTrue(in_transaction(self.refused(2, frappe.QueryDeadlockError()), "job"))
		self.assertEqual((self.calls, len(self.pauses)), (3, 2))

	def test_pauses_grow_and_differ_from_run_to_run(self) -> None:
		for _run in range(2):
			self.calls = 0
			with self.assertRaises(frappe.QueryTimeoutError):
				in_transaction(self.refused(9, frappe.QueryTimeoutError()), "job")
			self.assertEqual(self.calls, len(RETRY_AFTER) + 1)
		first, second = self.pauses[: len(RETRY_AFTER)], self.pauses[len(RETRY_AFTER) :]
		for pause, expected in zip(first, RETRY_AFTER, strict=True):
			self.assertTrue(0.5 * expected <= pause <= 1.5 * expected, pause)
		self.assertNotEqual(first, second)

	def test_another_error_is_raised_at_once(self) -> None:
		with self.assertRaises(ValueError):
			in_transaction(self.refused(1, ValueError()), "job")
		self.assertEqual((self.calls, self.pauses), (1, []))


class TestMemory(ABRTestCase):
	def test_documents_saved_before_are_not_remembered(self) -> None:
		"""Frappe notes each insert in a list that it searches at every db_set, and forgets to cross it off."""

		def step(_job_id: str) -> int:
			before = len(frappe.flags.currently_saving or ())
			for _document in range(3):
				frappe.get_doc({"doctype": "ToDo", "description": "abr"}).insert()
			return before

		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.delete, "ToDo", {"description": "abr"})
		self.assertEqual([in_transaction(step, "job") for _batch in range(3)], [0, 0, 0])


class TestBeginAnew(ABRTestCase):
	"""What another connection commits while a batch's transaction is open, and what that one leaves free."""

	def setUp(self) -> None:
		super().setUp()
		if frappe.db.db_type != "mariadb":
			self.skipTest("isolation levels and gap locks are MariaDB's")
		self.own = frappe.local.db
		frappe.connect(set_admin_as_user=False)
		self.other, frappe.local.db = frappe.local.db, self.own
		self.addCleanup(self.other.close)
		self.other.sql("set session innodb_lock_wait_timeout = 1")
		frappe.db.commit()

	def insert_payment_row(self) -> None:
		"""As another user's Payment Entry whose name comes last."""
		self.other.sql("insert into `tabPayment Entry Reference` (name, parent) values ('zzz-2', 'zzz-2')")

	def look_for_what_is_not_there(self) -> None:
		"""As ERPNext does while it validates a new Payment Entry."""
		frappe.db.sql("delete from `tabPayment Entry Reference` where parent = 'zzz-1'")
		frappe.db.sql("update `tabPayment Entry Reference` set idx = 1 where name = 'zzz-1'")

	def test_others_insert_where_a_batch_has_looked(self) -> None:
		begin_anew()
		self.look_for_what_is_not_there()
		self.insert_payment_row()
		self.other.rollback()

	def test_only_the_one_transaction_is_different(self) -> None:
		begin_anew()
		frappe.db.commit()
		self.look_for_what_is_not_there()
		with self.assertRaises(frappe.QueryTimeoutError):
			self.insert_payment_row()
		self.other.rollback()

	def test_sees_what_is_committed_meanwhile(self) -> None:
		begin_anew()
		count = "select count(*) from `tabSeries` where name = 'ABR-SEEN-'"
		self.assertEqual(frappe.db.sql(count)[0][0], 0)
		self.other.sql("insert into `tabSeries` (name, current) values ('ABR-SEEN-', 1)")
		self.other.commit()
		self.assertEqual(frappe.db.sql(count)[0][0], 1)
		self.other.sql("delete from `tabSeries` where name = 'ABR-SEEN-'")
		self.other.commit()
