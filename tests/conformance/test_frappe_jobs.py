# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Background jobs and events: queued and sent with the transaction, or not at all."""

import frappe
from frappe.tests.utils import FrappeTestCase
from frappe.utils.background_jobs import get_job, is_job_enqueued


def remember(doctype: str, name: str, value: str) -> None:
	frappe.db.set_value(doctype, name, "description", value)


class TestJobs(FrappeTestCase):
	def setUp(self):
		self.job_id = f"abr-conformance-{frappe.generate_hash(length=8)}"
		self.todo = frappe.get_doc({"doctype": "ToDo", "description": "before"}).insert()

	def tearDown(self):
		frappe.db.rollback()
		if job := get_job(self.job_id):
			job.delete()

	def enqueue(self, **options):
		return frappe.enqueue(
			"frappe.client.get_value",
			queue="long",
			job_id=self.job_id,
			doctype="ToDo",
			filters=self.todo.name,
			fieldname="description",
			**options,
		)

	def test_now_runs_at_once_in_the_same_transaction(self):
		frappe.enqueue(remember, doctype="ToDo", name=self.todo.name, value="now", now=True)
		self.assertEqual(frappe.db.get_value("ToDo", self.todo.name, "description"), "now")

	def test_after_commit_waits_for_the_commit(self):
		self.enqueue(enqueue_after_commit=True)
		self.assertIsNone(get_job(self.job_id))
		frappe.db.commit()
		job = get_job(self.job_id)
		self.assertEqual(job.kwargs["user"], frappe.session.user)
		self.assertEqual(job.kwargs["kwargs"]["filters"], self.todo.name)
		frappe.delete_doc("ToDo", self.todo.name)
		frappe.db.commit()

	def test_a_rolled_back_transaction_queues_nothing(self):
		self.enqueue(enqueue_after_commit=True)
		frappe.db.rollback()
		frappe.db.commit()
		self.assertIsNone(get_job(self.job_id))

	def test_deduplicate_needs_an_id(self):
		self.assertRaises(frappe.ValidationError, frappe.enqueue, remember, deduplicate=True)

	def test_a_queued_job_is_not_queued_again(self):
		first = self.enqueue(at_front=False)
		if is_job_enqueued(self.job_id):  # a worker may have been faster
			self.assertIsNone(self.enqueue(deduplicate=True))
		self.assertTrue(first.id.endswith(self.job_id))
		self.assertTrue(first.id.startswith(f"{frappe.local.site}::"))

	def test_an_unknown_queue_is_refused(self):
		with self.assertRaises(frappe.ValidationError):
			frappe.enqueue(remember, queue="no-such-queue")

	def test_events_wait_for_the_commit_and_repeat_once(self):
		sent = []
		original = frappe.realtime.emit_via_redis
		frappe.realtime.emit_via_redis = lambda *args: sent.append(args)
		try:
			for _i in range(2):
				frappe.publish_realtime("abr_event", {"a": 1}, user="someone@example.com", after_commit=True)
			self.assertEqual(sent, [])
			frappe.db.commit()
			self.assertEqual(sent.count(("abr_event", {"a": 1}, "user:someone@example.com")), 1)

			frappe.publish_realtime("abr_event", {"b": 1}, doctype="ToDo", docname="x", after_commit=True)
			frappe.db.rollback()
			frappe.db.commit()
			self.assertNotIn("doc:ToDo/x", [room for _event, _message, room in sent])

			frappe.publish_realtime("abr_event", {"c": 1}, doctype="ToDo", docname="x")
			self.assertEqual(sent[-1], ("abr_event", {"c": 1}, "doc:ToDo/x"))
		finally:
			frappe.realtime.emit_via_redis = original
