# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Bulk deposits: the endpoint in foreground and background, bad invoices, idempotency, answers and events.

Where a worker is needed, this process is it: jobs go to queues of the tests' own, and `worker.run` is
called as RQ would call it. Real worker processes are in test_bulk_jobs.
"""

import json
from contextlib import contextmanager

import frappe
from frappe.utils import flt
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
from advanced_bank_reconciliation.bulk.job import JOB
from advanced_bank_reconciliation.exceptions import (
	BankTransactionNotOpen,
	JobAlreadyActive,
	JobStateError,
	NothingToDo,
	SelectionRefused,
)
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.utils import (
	ABRTestCase,
	Events,
	links_of,
	own_queues,
	read_committed,
	run_committed,
	snapshot_of_books,
	submitted_payments,
)

PROGRESS = "bulk_reconciliation_progress"
COMPLETE = "bulk_reconciliation_complete"


def freeze(test, customer):
	"""Freeze the customer, so that ERPNext refuses payments from it, until the test ends."""
	test.addCleanup(frappe.db.commit)
	test.addCleanup(thaw, customer)
	frappe.db.set_value("Customer", customer, "is_frozen", 1)


def thaw(customer):
	frappe.db.set_value("Customer", customer, "is_frozen", 0)


class BulkTestCase(ABRTestCase):
	def setUp(self):
		super().setUp()
		queues = own_queues()
		queues.__enter__()
		self.addCleanup(queues.__exit__, None, None, None)

	def line_and_invoices(self, amounts, extra=0, **values):
		"""Return a deposit over the sum of the amounts, and `extra`, with its unpaid Sales Invoices."""
		invoices = factories.make_sales_invoices(amounts)
		return factories.make_bank_transaction(deposit=flt(sum(amounts) + extra, 2), **values), invoices

	def start(self, line, rows, vouchers=None):
		return create_payment_entries_bulk(line.name, rows, vouchers)

	def start_and_run(self, line, rows, vouchers=None):
		"""Start in the background, and work on the job here; return answer and ended job."""
		answer = self.start(line, rows, vouchers)
		self.assertEqual(answer["status"], "queued")
		return answer, run_committed(answer["job_id"])


class TestForeground(BulkTestCase):
	"""create_payment_entries_for_invoices, and create_payment_entries_bulk with the background turned off."""

	@contextmanager
	def in_foreground(self, **values):
		with self.settings(reconcile_unpaid_invoices_in_background=0, **values):
			yield

	def test_answer_of_the_foreground(self):
		"""Three invoices, all good: status completed, counts, payment entries, and a record that says so."""
		line, invoices = self.line_and_invoices([10, 20, 30])
		with self.in_foreground():
			answer = self.start(line, [wish(invoice) for invoice in invoices])
		payments = self.assert_settled(line, invoices)
		self.assertEqual(answer["status"], "completed")
		self.assertEqual(answer["total_invoices"], 3)
		self.assertEqual((answer["processed"], answer["failed"], answer["failures"]), (3, 0, []))
		self.assertEqual(sorted(answer["payment_entries"]), sorted(payments))
		self.assertEqual(answer["bank_transaction"], line.name)
		self.assertIn("3 of 3", answer["message"])
		job = frappe.get_doc(JOB, answer["job_id"])
		self.assertEqual((job.status, job.processed, job.failed), ("Completed", 3, 0))
		self.assertIsNone(job.active_bank_transaction)
		self.assertEqual((job.reconciled_amount, job.unallocated_amount), (60, 0))
		self.assert_rows(job.name, Reconciled=3)

	def test_both_endpoints_do_the_same(self):
		"""The older endpoint settles two invoices exactly as the bulk one does in the foreground."""
		results = []
		for endpoint in (create_payment_entries_bulk, create_payment_entries_for_invoices):
			line, invoices = self.line_and_invoices([10, 20])
			with self.in_foreground():
				answer = endpoint(line.name, json.dumps([wish(invoice) for invoice in invoices]))
			self.assert_settled(line, invoices)
			results.append(
				{**answer, "job_id": "", "bank_transaction": "", "payment_entries": [], "message": ""}
			)
		self.assertEqual(results[0], results[1])

	def test_completion_event_is_sent_as_well(self):
		"""The foreground also announces its end, with the counts, once it is committed."""
		line, invoices = self.line_and_invoices([10, 20])
		with Events() as events, self.in_foreground():
			answer = self.start(line, [wish(invoice) for invoice in invoices])
			self.assertEqual(events.received(), [], "nothing may be announced before it is committed")
			frappe.db.commit()
		(message,) = [item for item in events.messages(COMPLETE) if item["job_id"] == answer["job_id"]]
		self.assertEqual(
			{**message, "message": ""},
			{
				"job_id": answer["job_id"],
				"success": True,
				"message": "",
				"processed": 2,
				"failed": 0,
				"bank_transaction": line.name,
			},
		)

	def test_skip_and_report(self):
		"""Three invoices, one paid meanwhile: two are paid, the third is named, the rest stays on the line."""
		line, invoices = self.line_and_invoices([10, 20, 30])
		other_line = factories.make_bank_transaction(deposit=20)
		create_payment_entries_for_invoices(other_line.name, [wish(invoices[1])])
		with self.in_foreground():
			answer = self.start(line, [wish(invoice, invoice.outstanding_amount) for invoice in invoices])
		self.assert_settled(line, [invoices[0], invoices[2]], unallocated_amount=20)
		self.assert_settled(other_line, [invoices[1]])
		self.assertEqual((answer["processed"], answer["failed"]), (2, 1))
		self.assertEqual([failure["invoice"] for failure in answer["failures"]], [invoices[1].name])
		self.assertIn("paid", answer["failures"][0]["message"])
		self.assertEqual(frappe.db.get_value(JOB, answer["job_id"], "status"), "Partially Completed")

	def test_all_or_nothing(self):
		"""The same by the other setting: an error that names it, and nothing is paid."""
		line, invoices = self.line_and_invoices([10, 20, 30])
		invoices[1].cancel()
		with self.in_foreground(on_invoice_failure="All or nothing"):
			with self.assert_refused(NothingToDo, invoices[1].name, "cancelled"):
				self.start(line, [wish(invoice) for invoice in invoices])

	def test_all_or_nothing_when_erpnext_refuses_one(self):
		"""ERPNext refuses one of three while they are served (its customer is frozen): nothing is left."""
		line, invoices = self.line_and_invoices([10, 20])
		third = factories.make_sales_invoice(30, "ABR Frozen")
		rows = [wish(invoice) for invoice in (*invoices, third)]
		freeze(self, third.customer)
		user = factories.make_user("abr-accountant@example.com", ["Accounts User"])
		frappe.set_user(user)
		with self.in_foreground(on_invoice_failure="All or nothing"):
			with self.assert_refused(NothingToDo, third.name):
				self.start(line, rows)
		with self.in_foreground():
			answer = self.start(line, rows)
		frappe.set_user("Administrator")
		self.assertEqual((answer["processed"], answer["failed"]), (2, 1))
		self.assert_settled(line, invoices)

	def test_nothing_could_be_done_is_an_error(self):
		"""Every invoice is paid already: an error, not an answer that says completed."""
		line, invoices = self.line_and_invoices([10, 20])
		paying = factories.make_bank_transaction(deposit=30)
		create_payment_entries_for_invoices(paying.name, [wish(invoice) for invoice in invoices])
		with self.in_foreground(), self.assert_refused(NothingToDo, invoices[0].name, invoices[1].name):
			self.start(line, [wish(invoice) for invoice in invoices])

	def test_caught_error_leaves_nothing_half_done(self):
		"""A script catches the error and commits: no Payment Entry, no job record, no link is left."""
		line, invoices = self.line_and_invoices([10, 20])
		with self.settings(reconcile_unpaid_invoices_in_background=0, on_invoice_failure="All or nothing"):
			with self.assert_books_unchanged():
				invoices[0].reload()
				try:
					self.start(line, [wish(invoices[0]), wish(invoices[1], 20.01)])
				except NothingToDo:
					frappe.db.commit()
				else:
					self.fail("20.01 of 20 was accepted")

	def test_existing_vouchers_beside_invoices(self):
		"""Deposit 100 = PE 40 that exists + SI 60: both on the line, the voucher as Matched, ours as Created."""
		payment = factories.make_payment_entry(40)
		line, (invoice,) = self.line_and_invoices([60], extra=40)
		with self.in_foreground():
			self.start(
				line,
				[wish(invoice)],
				[{"payment_doctype": "Payment Entry", "payment_name": payment.name, "amount": 40}],
			)
		(created,) = self.assert_settled(line, [invoice])
		self.assert_linked(line, "Payment Entry", payment.name)
		origin = {
			name: links_of(line, "Payment Entry", name)[0].abr_reconciliation_type
			for name in (payment.name, created)
		}
		self.assertEqual(origin, {payment.name: "Matched", created: "Voucher Created"})

	def test_vouchers_alone(self):
		"""Only existing vouchers and no invoice: that is a reconciliation too."""
		payment = factories.make_payment_entry(40)
		line = factories.make_bank_transaction(deposit=40)
		with self.in_foreground():
			self.start(line, [], [{"payment_doctype": "Payment Entry", "payment_name": payment.name}])
		self.assert_linked(line, "Payment Entry", payment.name)
		self.assert_state(line, 0)

	def test_vouchers_come_first(self):
		"""Deposit 100, PE 70, SI 60: the money that came is the voucher's; 30 are left for the invoice."""
		payment = factories.make_payment_entry(70)
		invoice = factories.make_sales_invoice(60)
		line = factories.make_bank_transaction(deposit=100)
		with self.in_foreground():
			self.start(
				line, [wish(invoice)], [{"payment_doctype": "Payment Entry", "payment_name": payment.name}]
			)
		self.assert_paid_once(invoice, line, 30)
		self.assert_linked(line, "Payment Entry", payment.name)
		self.assert_state(line, 0)

	def test_bad_voucher_stops_everything(self):
		"""SI good, voucher in the wrong direction: refused by name before anything is paid."""
		wrong = factories.make_supplier_payment(40)
		line, (invoice,) = self.line_and_invoices([60], extra=40)
		with self.in_foreground(), self.assert_refused(SelectionRefused, wrong.name):
			self.start(
				line, [wish(invoice)], [{"payment_doctype": "Payment Entry", "payment_name": wrong.name}]
			)

	def test_strict_total_check(self):
		"""With the strict check 150 wanted of a line of 100 are refused with both sums; without, capped."""
		invoices = factories.make_sales_invoices([100, 50])
		line = factories.make_bank_transaction(deposit=100)
		rows = [wish(invoice) for invoice in invoices]
		with self.in_foreground(validate_selection_against_unallocated_amount=1):
			with self.assert_refused(SelectionRefused, "150.00", "100.00", line.name):
				self.start(line, rows)
		with self.in_foreground():
			answer = self.start(line, rows)
		self.assert_paid_once(invoices[0], line)
		self.assertEqual((answer["processed"], answer["failed"]), (1, 1))

	def test_strict_total_check_counts_vouchers_and_credit_notes(self):
		"""SI 100, credit note -30, PE 40: 110 fit a line of 110 exactly, not one of 109.99."""
		customer = "ABR Strict Customer"
		documents = [factories.make_sales_invoice(amount, customer) for amount in (100, -30)]
		payment = factories.make_payment_entry(40)
		rows = [wish(document) for document in documents]
		vouchers = [{"payment_doctype": "Payment Entry", "payment_name": payment.name}]
		with self.in_foreground(validate_selection_against_unallocated_amount=1):
			short = factories.make_bank_transaction(deposit=109.99)
			with self.assert_refused(SelectionRefused, "110.00", "109.99"):
				self.start(short, rows, vouchers)
			line = factories.make_bank_transaction(deposit=110)
			self.start(line, rows, vouchers)
		for document in documents:
			self.assert_paid_once(document, line)
		self.assert_state(line, 0)


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
		self.assertEqual(state["can"], {"pause": True, "resume": True, "retry": False, "cancel": True})
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
		self.assertEqual(set(state["can"].values()), {False})
		self.assert_settled(line, invoices)

	def test_desk_notification_and_mail(self):
		"""At the end the user finds a notification, and a mail with the failed invoice if that is wanted."""
		line, invoices = self.line_and_invoices([10, 20])
		user = factories.make_user("abr-bulk@example.com", ["Accounts User", "Accounts Manager"])
		invoices[1].cancel()
		frappe.db.commit()
		frappe.set_user(user)
		with self.settings(email_on_completion=1):
			answer = self.start(line, [wish(invoice) for invoice in invoices])
		frappe.db.commit()
		worker.run(answer["job_id"])
		frappe.set_user("Administrator")
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


class TestBadInvoices(BulkTestCase):
	"""One bad invoice among 60, of each kind, in both modes: named; the rest as the setting says."""

	#: kind: words of the message.
	SKIPPED = {
		"cancelled": "cancelled",
		"draft": "draft",
		"paid": "already paid",
		"over": "outstanding",
		"zero": "zero",
	}
	REFUSED = {
		"unknown": "not found",
		"another company's": factories.OTHER_COMPANY,
		"twice with different amounts": "twice",
	}

	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		cls.good = factories.make_sales_invoices([10] * 59)
		cls.bad = cls.make_bad()
		frappe.db.commit()

	@classmethod
	def make_bad(cls):
		"""Return {kind: request row} for each kind of bad invoice."""
		cancelled = factories.make_sales_invoice(10)
		cancelled.cancel()
		draft = factories.make_sales_invoice(10, submit=False)
		paid = factories.make_sales_invoice(10)
		line = factories.make_bank_transaction(deposit=10)
		create_payment_entries_for_invoices(line.name, [wish(paid)])
		over = factories.make_sales_invoice(10)
		zero = factories.make_sales_invoice(10)
		foreign = factories.make_sales_invoice(10, company=cls.other_company)
		return {
			"cancelled": wish(cancelled, 10),
			"draft": wish(draft, 10),
			"paid": wish(paid, 10),
			"over": wish(over, 10.01),
			"zero": wish(zero, 0),
			"unknown": {"doctype": "Sales Invoice", "name": "NO-SUCH-INVOICE", "allocated_amount": 10},
			"another company's": wish(foreign, 10),
			"twice with different amounts": wish(cls.good[0], 9),
		}

	def rows(self, kind):
		"""The 59 good rows with the bad one in their middle."""
		rows = [wish(invoice, 10) for invoice in self.good]
		return [*rows[:30], self.bad[kind], *rows[30:]]

	def test_skip_and_report(self):
		"""59 are planned for payment, the bad one is Failed from the start, with its name and why."""
		for kind, words in self.SKIPPED.items():
			line = factories.make_bank_transaction(deposit=600)
			with self.subTest(kind), self.settings(on_invoice_failure="Skip and report"):
				frappe.db.savepoint("abr_kind")
				answer = self.start(line, self.rows(kind))
				self.assertEqual(answer["total_invoices"], 60)
				self.assert_rows(answer["job_id"], Queued=59, Failed=1)
				(failure,) = get_progress(answer["job_id"])["failures"]
				self.assertEqual(failure["invoice"], self.bad[kind]["name"])
				self.assertIn(words, failure["message"])
				self.assertIn(self.bad[kind]["name"], failure["message"])
				frappe.db.rollback(save_point="abr_kind")

	def test_all_or_nothing(self):
		"""By the other setting nothing is started; the message names the bad one and not the good ones."""
		for kind, words in self.SKIPPED.items():
			line = factories.make_bank_transaction(deposit=600)
			name = self.bad[kind]["name"]
			with self.subTest(kind), self.settings(on_invoice_failure="All or nothing"):
				with self.assert_refused(NothingToDo, name, words):
					self.start(line, self.rows(kind))
				self.assertNotIn(self.good[5].name, self.last_message)

	def test_what_cannot_be_meant_is_refused_in_both_modes(self):
		"""Unknown, another company's, twice with different amounts: an error at once, and nothing is made."""
		for mode in ("Skip and report", "All or nothing"):
			for kind, words in self.REFUSED.items():
				line = factories.make_bank_transaction(deposit=600)
				with self.subTest(kind, mode=mode), self.settings(on_invoice_failure=mode):
					with self.assert_refused(SelectionRefused, self.bad[kind]["name"], words):
						self.start(line, self.rows(kind))

	def test_exact_repetition_counts_once(self):
		"""The same row twice among 60: 59 invoices are planned, and none is Failed."""
		line = factories.make_bank_transaction(deposit=600)
		rows = [wish(invoice, 10) for invoice in self.good]
		answer = self.start(line, [*rows, rows[17]])
		self.assertEqual(answer["total_invoices"], 59)
		self.assert_rows(answer["job_id"], Queued=59)

	def test_several_offenders_in_one_message(self):
		"""Unknown and another company's in one list: one error names both."""
		line = factories.make_bank_transaction(deposit=600)
		names = [self.bad[kind]["name"] for kind in ("unknown", "another company's")]
		with self.assert_refused(SelectionRefused, *names):
			self.start(line, [*self.rows("unknown"), self.bad["another company's"]])

	def test_run_to_the_end_with_every_kind_that_is_skipped(self):
		"""8 good and 5 bad invoices: 8 paid, 5 failed, and the completion message has these counts."""
		invoices = factories.make_sales_invoices([10] * 8)
		line = factories.make_bank_transaction(deposit=600)
		rows = [*(wish(invoice) for invoice in invoices), *(self.bad[kind] for kind in self.SKIPPED)]
		answer = self.start(line, rows)
		frappe.db.commit()
		with Events(answer["job_id"]) as events:
			job = run_committed(answer["job_id"])
		self.assertEqual((job.status, job.processed, job.failed), ("Partially Completed", 8, 5))
		self.assert_settled(line, invoices, unallocated_amount=520)
		(complete,) = events.messages(COMPLETE)
		self.assertEqual((complete["success"], complete["processed"], complete["failed"]), (True, 8, 5))
		for words in ("8 of 13", "5 failed", "520.00", line.name):
			self.assertIn(words, complete["message"])
		named = {failure["invoice"] for failure in get_progress(job.name)["failures"]}
		self.assertEqual(named, {self.bad[kind]["name"] for kind in self.SKIPPED})


class TestIdempotency(BulkTestCase):
	"""P59: the same request again answers with the same job, in any order, also after it has ended."""

	def test_double_click(self):
		"""The same list twice before the worker starts: one job, and one payment for each invoice."""
		line, invoices = self.line_and_invoices([10, 20, 30])
		rows = [wish(invoice) for invoice in invoices]
		first = self.start(line, rows)
		second = self.start(line, rows)
		self.assertEqual(second["job_id"], first["job_id"])
		self.assertEqual(second["status"], "queued")
		run_committed(first["job_id"])
		self.assert_settled(line, invoices)
		self.assertEqual(frappe.db.count(JOB, {"bank_transaction": line.name}), 1)

	def test_order_and_notation_do_not_matter(self):
		"""Reversed, as JSON text, amounts as text, pseudo doctype, an exact repetition: the same request."""
		line, invoices = self.line_and_invoices([10, 20.5])
		first = self.start(line, [wish(invoice, invoice.outstanding_amount) for invoice in invoices])
		rows = [
			{
				"doctype": "Unpaid Sales Invoice",
				"name": invoice.name,
				"allocated_amount": f"{invoice.grand_total:.3f}",
			}
			for invoice in reversed(invoices)
		]
		again = self.start(line, json.dumps([*rows, rows[0]]))
		self.assertEqual(again["job_id"], first["job_id"])

	def test_after_completion(self):
		"""The request is retried after the job has ended: its result, and nothing is paid twice."""
		line, invoices = self.line_and_invoices([10, 20], extra=30)
		rows = [wish(invoice) for invoice in invoices]
		answer, _job = self.start_and_run(line, rows)
		with self.assert_books_unchanged():
			again = self.start(line, rows)
		self.assertEqual((again["job_id"], again["status"]), (answer["job_id"], "completed"))
		self.assert_settled(line, invoices, unallocated_amount=30)

	def test_foreground_twice(self):
		"""The older endpoint called twice: the second call answers with the first job."""
		line, invoices = self.line_and_invoices([10, 20], extra=30)
		rows = [wish(invoice) for invoice in invoices]
		first = create_payment_entries_for_invoices(line.name, rows)
		with self.assert_books_unchanged():
			second = create_payment_entries_for_invoices(line.name, rows)
		self.assertEqual(second, first)

	def test_foreground_call_while_the_same_job_waits_does_not_say_completed(self):
		"""Queued in the background, then asked again in the foreground: nothing is done yet, so not completed."""
		line, invoices = self.line_and_invoices([10, 20])
		rows = [wish(invoice) for invoice in invoices]
		queued = self.start(line, rows)
		try:
			answer = create_payment_entries_for_invoices(line.name, rows)
		except JobAlreadyActive as error:
			self.assertIn(queued["job_id"], str(error))
		else:
			self.assertEqual(answer["job_id"], queued["job_id"])
			self.assertNotEqual(answer["status"], "completed", "nothing was paid yet")

	def test_after_undo(self):
		"""The payments were unlinked and cancelled by hand: the same request starts a new job."""
		line, invoices = self.line_and_invoices([10, 20])
		rows = [wish(invoice) for invoice in invoices]
		answer, _job = self.start_and_run(line, rows)
		document = frappe.get_doc("Bank Transaction", line.name)
		for linked in list(document.payment_entries):
			document.remove_payment_entry(linked)
		document.save()
		for invoice in invoices:
			for payment in submitted_payments(invoice):
				frappe.get_doc("Payment Entry", payment).cancel()
		again, _job = self.start_and_run(line, rows)
		self.assertNotEqual(again["job_id"], answer["job_id"])
		self.assert_settled(line, invoices)

	def test_another_selection_while_a_job_is_active(self):
		"""One of two invoices only, while the job with both waits: refused with the job's name and state."""
		line, invoices = self.line_and_invoices([10, 20])
		answer = self.start(line, [wish(invoice) for invoice in invoices])
		with self.assert_refused(JobAlreadyActive, answer["job_id"], line.name, "Queued"):
			self.start(line, [wish(invoices[0])])
		with self.assert_refused(JobAlreadyActive, answer["job_id"]):
			create_payment_entries_for_invoices(line.name, [wish(invoices[0])])
		run_committed(answer["job_id"])
		self.assert_settled(line, invoices)

	def test_another_amount_is_another_selection(self):
		line, invoices = self.line_and_invoices([10, 20])
		self.start(line, [wish(invoices[0], 10)])
		with self.assert_refused(JobAlreadyActive):
			self.start(line, [wish(invoices[0], 9.99)])

	def test_two_lines_do_not_share_jobs(self):
		"""The same invoices asked of two lines: two jobs, and each invoice is paid once."""
		line, invoices = self.line_and_invoices([10, 20])
		other = factories.make_bank_transaction(deposit=30)
		rows = [wish(invoice) for invoice in invoices]
		first, second = self.start(line, rows), self.start(other, rows)
		self.assertNotEqual(first["job_id"], second["job_id"])
		run_committed(first["job_id"])
		job = run_committed(second["job_id"])
		self.assertEqual((job.status, job.processed, job.failed), ("Failed", 0, 2))
		self.assert_settled(line, invoices)
		self.assert_state(other, 30)


class TestRefusedLines(BulkTestCase):
	def test_bank_transaction_that_is_not_open(self):
		"""Draft, cancelled, fully allocated, unknown: said in words, nothing made."""
		invoice = factories.make_sales_invoice(10)
		draft = factories.make_bank_transaction(deposit=10, submit=False)
		cancelled = factories.make_bank_transaction(deposit=10)
		cancelled.cancel()
		full = factories.make_bank_transaction(deposit=10)
		create_payment_entries_for_invoices(full.name, [wish(factories.make_sales_invoice(10))])
		for line, word in ((draft, "draft"), (cancelled, "cancelled"), (full, "fully reconciled")):
			for endpoint in (create_payment_entries_bulk, create_payment_entries_for_invoices):
				with self.subTest(word, endpoint=endpoint.__name__):
					with self.assert_refused(BankTransactionNotOpen, line.name, word):
						endpoint(line.name, [wish(invoice)])
		with self.assert_refused(frappe.DoesNotExistError, "NO-SUCH-LINE"):
			create_payment_entries_bulk("NO-SUCH-LINE", [wish(invoice)])

	def test_nothing_selected(self):
		line = factories.make_bank_transaction(deposit=10)
		for nothing in (None, [], "[]", "", "null"):
			with self.subTest(nothing), self.assert_refused(NothingToDo, "at least one"):
				self.start(line, nothing)

	def test_names_with_markup_come_back_harmless(self):
		"""An invoice name with HTML, quotes and per cent signs is named in the error, escaped."""
		line = factories.make_bank_transaction(deposit=10)
		name = "<img src=x onerror=alert(1)> 100% O'Brien {0}"
		with self.assert_refused(SelectionRefused, "100%", "{0}"):
			self.start(line, [{"doctype": "Sales Invoice", "name": name}])
		self.assertNotIn("<img", self.last_message)
