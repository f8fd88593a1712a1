# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Bulk deposits settled by a job: the queue, progress, controls, notification, what changes meanwhile."""

import email
import json
from contextlib import contextmanager

import frappe
from frappe.utils.background_jobs import get_queue, get_redis_conn
from rq.job import Job

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	cancel_bulk_reconciliation,
	create_payment_entries_bulk,
	create_payment_entries_for_invoices,
	get_progress,
	pause_bulk_reconciliation,
	process_bulk_reconciliation,
	resume_bulk_reconciliation,
	retry_bulk_reconciliation,
)
from advanced_bank_reconciliation.bulk import worker
from advanced_bank_reconciliation.bulk.completion import announce
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, JOB
from advanced_bank_reconciliation.exceptions import JobStateError
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.bulk_case import COMPLETE, PROGRESS, BulkTestCase, freeze, thaw
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.utils import (
	Events,
	read_committed,
	run_committed,
	snapshot_of_books,
	submitted_payments,
)


def html_of(mail):
	"""Return the HTML part of a mail in its form for sending."""
	parts = email.message_from_string(mail).walk()
	return next(
		part.get_payload(decode=True).decode() for part in parts if part.get_content_type() == "text/html"
	)


class TestBackground(BulkTestCase):
	"""create_payment_entries_bulk with the background on: record first, then a worker, then the line."""

	def test_queued_then_completed(self):
		"""45 invoices in batches of 20: queued without a payment; afterwards all paid, the line at once."""
		amounts = [10 + number for number in range(45)]
		line, invoices = self.line_and_invoices(amounts)
		with self.assert_books_unchanged_but_for_the_job():
			answer = self.start(line, [wish(invoice) for invoice in invoices])
		self.assertEqual(answer["status"], "queued")
		self.assertEqual(answer["total_invoices"], 45)
		self.assertEqual(answer["bank_transaction"], line.name)
		job = run_committed(answer["job_id"])
		self.assertEqual((job.status, job.processed, job.failed), ("Completed", 45, 0))
		self.assertEqual((job.percentage, job.unallocated_amount), (100, 0))
		self.assertIsNone(job.active_bank_transaction)
		self.assert_rows(job.name, Reconciled=45)
		self.assert_settled(line, invoices)

	@contextmanager
	def assert_books_unchanged_but_for_the_job(self):
		before = snapshot_of_books(self.company)
		yield
		after = snapshot_of_books(self.company)
		self.assertEqual({**after, JOB: None}, {**before, JOB: None})
		self.assertEqual(after[JOB][0], before[JOB][0] + 1)

	def test_what_stands_in_the_queue(self):
		"""Long queue, the timeout of the settings, the user who asked, and an id that names line and job."""
		line, invoices = self.line_and_invoices([10])
		with self.settings(job_timeout=1234):
			answer = self.start(line, [wish(invoice) for invoice in invoices])
			before = set(get_queue("long").job_ids)
			frappe.db.commit()
		queued = [job_id for job_id in get_queue("long").job_ids if job_id not in before]
		self.assertEqual(len(queued), 1, "one job for one click")
		(rq_id,) = queued
		self.assertIn(f"bulk_reconciliation_{line.name}_{answer['job_id']}", rq_id)
		rq_job = Job.fetch(rq_id, connection=get_redis_conn())
		self.addCleanup(rq_job.delete)
		self.assertEqual(rq_job.timeout, 1234)
		self.assertEqual(rq_job.kwargs["user"], "Administrator")
		self.assertEqual(rq_job.kwargs["kwargs"], {"bulk_reconciliation": answer["job_id"]})
		self.assertEqual(worker.run, frappe.get_attr(rq_job.kwargs["method"]))

	def test_rolled_back_request_leaves_nothing_in_the_queue(self):
		"""The request fails after the call: neither record nor queue know of the job."""
		line, invoices = self.line_and_invoices([10])
		frappe.db.commit()
		before = set(get_queue("long").job_ids)
		answer = self.start(line, [wish(invoice) for invoice in invoices])
		frappe.db.rollback()
		frappe.db.commit()
		self.assertFalse(frappe.db.exists(JOB, answer["job_id"]))
		self.assertEqual(set(get_queue("long").job_ids), before)

	def test_progress_after_every_batch_and_completion_at_the_end(self):
		"""7 invoices in batches of 3: progress 3, 6, 7 of 7, then one completion with the true counts."""
		line, invoices = self.line_and_invoices([10] * 7)
		with self.settings(batch_size=3):
			answer = self.start(line, [wish(invoice) for invoice in invoices])
		frappe.db.commit()
		with Events(answer["job_id"]) as events:
			worker.run(answer["job_id"])
			received = events.received()
		progress = events.messages(PROGRESS)
		self.assertEqual([(item["current"], item["total"]) for item in progress], [(3, 7), (6, 7), (7, 7)])
		self.assertEqual([item["percentage"] for item in progress], [42.9, 85.7, 100.0])
		for item in progress:
			self.assertEqual(set(item), {"job_id", "current", "total", "percentage", "message"})
		(complete,) = events.messages(COMPLETE)
		self.assertEqual(
			(complete["success"], complete["processed"], complete["failed"], complete["bank_transaction"]),
			(True, 7, 0, line.name),
		)
		self.assertEqual(
			set(complete), {"job_id", "success", "message", "processed", "failed", "bank_transaction"}
		)
		self.assertEqual(received[-1]["event"], COMPLETE)
		self.assertEqual({item["room"] for item in received}, {"user:Administrator"})
		self.assert_settled(line, invoices)

	def test_get_progress_tells_the_same_at_any_time(self):
		"""Before, in the middle (paused after 3 of 7) and at the end."""
		line, invoices = self.line_and_invoices([10] * 7)
		with self.settings(batch_size=3):
			job_id = self.start(line, [wish(invoice) for invoice in invoices])["job_id"]
		frappe.db.commit()
		state = get_progress(job_id)
		self.assertEqual(
			(state["status"], state["active"], state["current"], state["total"]), ("Queued", True, 0, 7)
		)
		self.assertEqual(
			{action for action, can in state["can"].items() if can}, {"pause", "resume", "cancel"}
		)
		worker.begin(job_id)
		worker.serve_batch(job_id)
		state = pause_bulk_reconciliation(job_id)
		self.assertEqual(
			(state["status"], state["current"], state["paid"], state["percentage"]), ("Paused", 3, 3, 42.9)
		)
		frappe.db.commit()
		worker.run(job_id)
		self.assertEqual(read_committed(job_id).status, "Paused", "a paused job is left alone")
		resume_bulk_reconciliation(job_id)
		run_committed(job_id)
		state = get_progress(job_id)
		self.assertEqual(
			(state["status"], state["active"], state["current"], state["processed"], state["failures"]),
			("Completed", False, 7, 7, []),
		)
		self.assertEqual({action for action, can in state["can"].items() if can}, {"undo"})
		self.assert_settled(line, invoices)

	def run_that_fails_once_and_mails(self):
		"""A user's run of two invoices, the second of which is cancelled; a mail is wanted."""
		line, invoices = self.line_and_invoices([10, 20])
		user = factories.make_user("abr-bulk@example.com", ["Accounts User", "Accounts Manager"])
		account = factories.make_email_account()
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.delete, "Email Account", {"name": account})
		invoices[1].cancel()
		frappe.db.commit()
		frappe.set_user(user)
		with self.settings(email_on_completion=1):
			answer = self.start(line, [wish(invoice) for invoice in invoices])
		frappe.db.commit()
		worker.run(answer["job_id"])
		frappe.set_user("Administrator")
		return user, line, invoices, answer

	def test_desk_notification_and_mail(self):
		"""At the end the user finds a notification, and a mail with the failed invoice if that is wanted."""
		user, line, invoices, answer = self.run_that_fails_once_and_mails()
		notifications = frappe.get_all(
			"Notification Log",
			{"document_type": JOB, "document_name": answer["job_id"]},
			["for_user", "subject"],
		)
		self.assertEqual([item.for_user for item in notifications], [user])
		self.assertIn(line.name, notifications[0].subject)
		(mail,) = frappe.get_all(
			"Email Queue", {"reference_doctype": JOB, "reference_name": answer["job_id"]}, pluck="name"
		)
		mail = frappe.get_doc("Email Queue", mail)
		self.assertEqual([recipient.recipient for recipient in mail.recipients], [user])
		self.assertIn(invoices[1].name, mail.message.replace("=\r\n", "").replace("=\n", ""))

	def test_p80_markup_in_a_failure_is_text_in_the_mail(self):
		"""The message of a failed row holds HTML, wherever it came from: the mail shows it as text."""
		_user, _line, invoices, answer = self.run_that_fails_once_and_mails()
		frappe.db.set_value(
			INVOICE_ROW,
			{"parent": answer["job_id"], "invoice": invoices[1].name},
			"error",
			"<i>x</i> & co",
		)
		announce(answer["job_id"], success=False)
		mails = frappe.get_all("Email Queue", {"reference_name": answer["job_id"]}, pluck="message")
		bodies = [html_of(mail) for mail in mails]
		self.assertEqual(len(bodies), 2)
		shown = [body for body in bodies if "&lt;i&gt;x&lt;/i&gt;" in body]
		self.assertEqual(len(shown), 1, bodies)
		self.assertFalse(any("<i>" in body for body in bodies))

	def test_no_mail_unless_the_settings_ask_for_it(self):
		line, invoices = self.line_and_invoices([10])
		answer, _job = self.start_and_run(line, [wish(invoices[0])])
		self.assertEqual(frappe.db.count("Email Queue", {"reference_name": answer["job_id"]}), 0)

	def test_vouchers_beside_invoices(self):
		"""Deposit 100 = PE 40 + SI 25 + SI 35 in the background."""
		payment = factories.make_payment_entry(40)
		line, invoices = self.line_and_invoices([25, 35], extra=40)
		_answer, job = self.start_and_run(
			line,
			[wish(invoice) for invoice in invoices],
			json.dumps([{"payment_doctype": "Payment Entry", "payment_name": payment.name, "amount": 40}]),
		)
		self.assertEqual((job.status, job.processed, job.reconciled_amount), ("Completed", 2, 100))
		self.assert_settled(line, invoices)
		self.assert_linked(line, "Payment Entry", payment.name)

	def test_purchase_invoices_by_withdrawal(self):
		"""Twelve supplier invoices and one withdrawal."""
		invoices = [factories.make_purchase_invoice(10 + number) for number in range(12)]
		line = factories.make_bank_transaction(withdrawal=sum(invoice.grand_total for invoice in invoices))
		_answer, job = self.start_and_run(line, [wish(invoice) for invoice in invoices])
		self.assertEqual(job.status, "Completed")
		self.assert_settled(line, invoices)

	def test_netting_group_larger_than_a_batch(self):
		"""9 invoices and 2 credit notes of one customer with batches of 2: still one Payment Entry."""
		customer = "ABR Group Customer"
		documents = [factories.make_sales_invoice(amount, customer) for amount in [20] * 9 + [-15, -5]]
		single = factories.make_sales_invoice(40, "ABR Single Customer")
		line = factories.make_bank_transaction(deposit=200)
		with self.settings(batch_size=2):
			_answer, job = self.start_and_run(line, [wish(document) for document in (*documents, single)])
		self.assertEqual((job.status, job.processed), ("Completed", 12))
		payments = {self.assert_paid_once(document, line) for document in documents}
		self.assertEqual(len(payments), 1)
		self.assert_paid_once(single, line)
		self.assert_state(line, 0)

	def test_invoice_paid_by_somebody_else_meanwhile(self):
		"""Of three planned invoices one is paid between planning and serving: that row fails, by name."""
		line, invoices = self.line_and_invoices([10, 20, 30])
		job_id = self.start(line, [wish(invoice) for invoice in invoices])["job_id"]
		other_line = factories.make_bank_transaction(deposit=20)
		create_payment_entries_for_invoices(other_line.name, [wish(invoices[1])])
		job = run_committed(job_id)
		self.assertEqual((job.status, job.processed, job.failed), ("Partially Completed", 2, 1))
		(failure,) = get_progress(job_id)["failures"]
		self.assertEqual(failure["invoice"], invoices[1].name)
		self.assertIn("changed since you looked", failure["message"])
		self.assertIn("2 of 3", job.message)
		self.assertIn("1 failed", job.message)
		self.assert_settled(line, [invoices[0], invoices[2]], unallocated_amount=20)
		self.assert_settled(other_line, [invoices[1]])

	def test_all_or_nothing_rolls_back_what_was_paid(self):
		"""Batches of 1, the second invoice is cancelled after planning: the first payment is cancelled too."""
		line, invoices = self.line_and_invoices([10, 20, 30])
		with self.settings(batch_size=1, on_invoice_failure="All or nothing"):
			job_id = self.start(line, [wish(invoice) for invoice in invoices])["job_id"]
		invoices[1].cancel()
		with Events(job_id) as events:
			job = run_committed(job_id)
		self.assertEqual((job.status, job.processed, job.failed), ("Rolled Back", 0, 1))
		for invoice in invoices:
			self.assertEqual(submitted_payments(invoice), {})
		self.assert_state(line, 40 + 20)
		(complete,) = events.messages(COMPLETE)
		self.assertEqual((complete["success"], complete["processed"], complete["failed"]), (False, 0, 1))
		for invoice in (invoices[0], invoices[2]):
			self.assertEqual(
				frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount"), invoice.grand_total
			)

	def test_cancel_while_queued_and_after_a_batch(self):
		"""Cancel undoes the batch that was paid, ends Cancelled, and frees the line for a new job."""
		line, invoices = self.line_and_invoices([10] * 4)
		rows = [wish(invoice) for invoice in invoices]
		with self.settings(batch_size=2):
			job_id = self.start(line, rows)["job_id"]
		frappe.db.commit()
		worker.begin(job_id)
		worker.serve_batch(job_id)
		frappe.db.commit()
		self.assert_rows(job_id, Paid=2, Queued=2)
		cancel_bulk_reconciliation(job_id)
		job = run_committed(job_id)
		self.assertEqual((job.status, job.processed), ("Cancelled", 0))
		self.assert_rows(job_id, Rolled_Back=4)
		self.assertEqual([submitted_payments(invoice) for invoice in invoices], [{}] * 4)
		self.assert_state(line, 40)
		with self.assertRaises(JobStateError):
			cancel_bulk_reconciliation(job_id)
		again, _job = self.start_and_run(line, rows)
		self.assertNotEqual(again["job_id"], job_id)
		self.assert_settled(line, invoices)

	def test_retry_failed(self):
		"""ERPNext refuses one of three, its customer is frozen. Thawed and retried, all three are reconciled."""
		invoices = [*factories.make_sales_invoices([10, 20]), factories.make_sales_invoice(30, "ABR Frozen")]
		line = factories.make_bank_transaction(deposit=60)
		freeze(self, invoices[2].customer)
		answer, job = self.start_and_run(line, [wish(invoice) for invoice in invoices])
		self.assertEqual((job.status, job.processed, job.failed), ("Partially Completed", 2, 1))
		self.assertEqual((job.reconciled_amount, job.unallocated_amount), (30, 30))
		(failure,) = get_progress(job.name)["failures"]
		self.assertEqual(failure["invoice"], invoices[2].name)
		self.assertTrue(get_progress(job.name)["can"]["retry"])
		thaw(invoices[2].customer)
		state = retry_bulk_reconciliation(answer["job_id"])
		self.assertEqual((state["status"], state["failed"]), ("Queued", 0))
		job = run_committed(job.name)
		self.assertEqual((job.status, job.processed, job.failed), ("Completed", 3, 0))
		self.assertEqual((job.reconciled_amount, job.unallocated_amount), (60, 0))
		self.assert_settled(line, invoices)
		with self.assertRaises(JobStateError):
			retry_bulk_reconciliation(answer["job_id"])

	def test_retry_that_fails_again(self):
		"""Still frozen at the retry: the counts stay true, and what was reconciled stays reconciled."""
		invoices = [factories.make_sales_invoice(10), factories.make_sales_invoice(30, "ABR Frozen")]
		line = factories.make_bank_transaction(deposit=40)
		freeze(self, invoices[1].customer)
		_answer, job = self.start_and_run(line, [wish(invoice) for invoice in invoices])
		retry_bulk_reconciliation(job.name)
		job = run_committed(job.name)
		self.assertEqual((job.status, job.processed, job.failed), ("Partially Completed", 1, 1))
		self.assert_settled(line, invoices[:1], unallocated_amount=30)

	def test_process_bulk_reconciliation_by_its_known_name(self):
		"""The function that older jobs call: it runs here and now, under the given id, whoever `user` is."""
		line, invoices = self.line_and_invoices([10, 20])
		frappe.db.commit()
		job_id = f"abr-test-{line.name}"
		state = process_bulk_reconciliation(
			line.name, json.dumps([wish(invoice) for invoice in invoices]), None, job_id, "Guest"
		)
		self.assertEqual((state["job_id"], state["status"], state["processed"]), (job_id, "Completed", 2))
		self.assertEqual(frappe.session.user, "Administrator")
		self.assert_settled(line, invoices)
		again = process_bulk_reconciliation(line.name, [], job_id=job_id)
		self.assertEqual(again["status"], "Completed")
		self.assert_settled(line, invoices)
