# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What a site is made of besides documents: custom fields, scheduled jobs, outgoing mail, notifications, cache."""

import datetime
from unittest.mock import patch

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.tests.utils import FrappeTestCase, change_settings
from frappe.utils import flt, now_datetime, rounded

FIELD = "abr_conformance_note"
RECOVERY = "advanced_bank_reconciliation.bulk.recovery.recover_interrupted_jobs"


class TestCustomFields(FrappeTestCase):
	def tearDown(self):
		frappe.db.rollback()
		if name := frappe.db.exists("Custom Field", {"dt": "ToDo", "fieldname": FIELD}):
			frappe.delete_doc("Custom Field", name)
			frappe.db.commit()

	def test_a_custom_field_is_stored_updated_and_removed(self):
		df = {"fieldname": FIELD, "fieldtype": "Data", "label": "Note", "insert_after": "status"}
		create_custom_fields({"ToDo": [df]})
		todo = frappe.get_doc({"doctype": "ToDo", "description": "x", FIELD: "stored"}).insert()
		self.assertEqual(frappe.db.get_value("ToDo", todo.name, FIELD), "stored")
		names = [field.fieldname for field in frappe.get_meta("ToDo").fields]
		self.assertEqual(names.index(FIELD), names.index("status") + 1)

		create_custom_fields({"ToDo": [{**df, "label": "Another label"}]})
		self.assertEqual(frappe.get_meta("ToDo").get_label(FIELD), "Another label")
		self.assertEqual(frappe.db.count("Custom Field", {"dt": "ToDo", "fieldname": FIELD}), 1)

		frappe.delete_doc("Custom Field", f"ToDo-{FIELD}")
		frappe.clear_cache(doctype="ToDo")
		self.assertFalse(frappe.get_meta("ToDo").has_field(FIELD))
		frappe.db.commit()


class TestScheduledJobs(FrappeTestCase):
	def tearDown(self):
		frappe.db.rollback()

	def test_a_hooked_function_has_its_row_and_is_due_by_its_cron_format(self):
		job = frappe.get_doc("Scheduled Job Type", {"method": RECOVERY})
		self.assertEqual((job.frequency, job.cron_format), ("Cron", "*/5 * * * *"))
		job.last_execution = now_datetime() - datetime.timedelta(minutes=6)
		self.assertTrue(job.is_event_due())
		job.last_execution = datetime.datetime(2026, 1, 1, 12, 1)
		self.assertFalse(job.is_event_due(datetime.datetime(2026, 1, 1, 12, 4, 59)))
		self.assertTrue(job.is_event_due(datetime.datetime(2026, 1, 1, 12, 5)))


class TestMail(FrappeTestCase):
	def setUp(self):
		muted = patch.dict(frappe.local.conf, mute_emails=0)
		muted.start()
		self.addCleanup(muted.stop)
		frappe.local.outgoing_email_account = {}  # a bench remembers it for the length of a request
		for name in frappe.get_all("Email Account", {"default_outgoing": 1}, pluck="name"):
			frappe.db.set_value("Email Account", name, "default_outgoing", 0)

	def tearDown(self):
		frappe.db.rollback()

	def send(self):
		return frappe.sendmail(
			recipients=["first@example.com", "second@example.com"],
			subject="Settled",
			message="<p>All of it</p>",
			reference_doctype="User",
			reference_name="Administrator",
			attachments=[{"fname": "report.csv", "fcontent": "a,b"}],
		)

	def test_without_an_outgoing_account_sending_is_an_error(self):
		self.assertRaises(frappe.OutgoingEmailError, self.send)

	def test_a_mail_waits_in_the_queue_with_a_row_for_each_recipient(self):
		account = {"email_account_name": "ABR Conformance", "email_id": "books@example.com"}
		outgoing = {"enable_outgoing": 1, "default_outgoing": 1, "smtp_server": "mail.example.com"}
		frappe.get_doc(
			{"doctype": "Email Account", **account, **outgoing, "no_smtp_authentication": 1}
		).insert(ignore_permissions=True)
		queue = self.send()
		self.assertEqual(queue.status, "Not Sent")
		self.assertEqual(
			{(row.recipient, row.status) for row in queue.recipients},
			{("first@example.com", "Not Sent"), ("second@example.com", "Not Sent")},
		)
		self.assertEqual((queue.reference_doctype, queue.reference_name), ("User", "Administrator"))
		self.assertIn("Subject: Settled", queue.message)
		self.assertIn("report.csv", queue.message + (queue.attachments or ""))


class TestNotifications(FrappeTestCase):
	def tearDown(self):
		frappe.db.rollback()

	def test_an_alert_reaches_enabled_users_by_address(self):
		address = frappe.db.get_value("User", "Administrator", "email")
		subject = f"Conformance {frappe.generate_hash(length=6)}"
		enqueue_create_notification(
			[address, "nobody@example.com"],
			{"type": "Alert", "subject": subject, "from_user": "Administrator", "document_type": "User"},
		)
		logs = frappe.get_all("Notification Log", {"subject": subject}, ["for_user", "document_type"])
		self.assertEqual([(log.for_user, log.document_type) for log in logs], [("Administrator", "User")])


class TestSettingsAndCache(FrappeTestCase):
	def test_change_settings_puts_values_back(self):
		before = frappe.db.get_single_value("System Settings", "float_precision")
		with change_settings("System Settings", float_precision="5"):
			self.assertEqual(frappe.db.get_single_value("System Settings", "float_precision"), "5")
		self.assertEqual(frappe.db.get_single_value("System Settings", "float_precision"), before)

	def test_rounding_methods(self):
		cases = {  # method: 0.5, 1.5 and 2.5 to whole numbers, 0.125 and 0.135 to two decimals
			"Banker's Rounding (legacy)": [0, 2, 2, 0.13, 0.14],
			"Banker's Rounding": [0, 2, 2, 0.12, 0.14],
			"Commercial Rounding": [1, 2, 3, 0.13, 0.14],
		}
		for method, expected in cases.items():
			got = [rounded(value, 0, method) for value in (0.5, 1.5, 2.5)]
			got += [flt(value, 2, method) for value in (0.125, 0.135)]
			self.assertEqual(got, expected, method)

	def test_cached_values_expire_and_are_deleted(self):
		key = f"abr_conformance_{frappe.generate_hash(length=6)}"
		frappe.cache.set_value(key, {"a": [1]})
		self.assertEqual(frappe.cache.get_value(key), {"a": [1]})
		frappe.cache.delete_value(key)
		self.assertIsNone(frappe.cache.get_value(key))
		frappe.local.cache.clear()  # a request remembers that there was nothing
		self.assertEqual(frappe.cache.get_value(key, generator=lambda: 7), 7)
		frappe.cache.delete_keys(key[:-2])
		frappe.local.cache.clear()
		self.assertIsNone(frappe.cache.get_value(key))

	def test_a_cached_document_follows_its_changes(self):
		todo = frappe.get_doc({"doctype": "ToDo", "description": "x", "priority": "Low"}).insert()
		self.assertEqual(frappe.get_cached_value("ToDo", todo.name, "priority"), "Low")
		todo.priority = "High"
		todo.save()
		self.assertEqual(frappe.get_cached_value("ToDo", todo.name, "priority"), "High")
		frappe.db.set_value("ToDo", todo.name, "priority", "Medium")
		self.assertEqual(frappe.get_cached_value("ToDo", todo.name, "priority"), "Medium")
		frappe.db.rollback()
