# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Bulk deposits settled in the request: answers, failures in both modes, vouchers beside, strict totals."""

import json
from contextlib import contextmanager

import frappe

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	cleanup_failed_reconciliation,
	create_payment_entries_bulk,
	create_payment_entries_for_invoices,
)
from advanced_bank_reconciliation.bulk.job import JOB
from advanced_bank_reconciliation.exceptions import NothingToDo, SelectionRefused
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.bulk_case import COMPLETE, BulkTestCase, freeze
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.utils import Events, links_of, submitted_payments


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

	def test_p50_leftovers_are_cancelled_and_nothing_else(self):
		"""Two payments left unlinked on purpose, one of the user's own: the clean-up cancels the two."""
		line, invoices = self.line_and_invoices([10, 20])
		own = factories.make_payment_entry(30)
		answer = create_payment_entries_for_invoices(
			line.name, [wish(invoice) for invoice in invoices], auto_reconcile=0
		)
		cancelled = cleanup_failed_reconciliation([*answer["payment_entries"], own.name, "NO-SUCH-PE"])
		self.assertEqual(cancelled, sorted(answer["payment_entries"]))
		self.assertEqual(frappe.db.get_value("Payment Entry", own.name, "docstatus"), 1)
		for invoice in invoices:
			self.assertEqual(submitted_payments(invoice), {})
			self.assertEqual(
				frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount"), invoice.grand_total
			)
		self.assert_rows(answer["job_id"], Rolled_Back=2)

	def test_p61_linked_payments_are_no_leftovers(self):
		"""The same call on payments that stand on their line cancels nothing."""
		line, invoices = self.line_and_invoices([10, 20])
		answer = create_payment_entries_for_invoices(line.name, [wish(invoice) for invoice in invoices])
		self.assertEqual(cleanup_failed_reconciliation(json.dumps(answer["payment_entries"])), [])
		self.assert_settled(line, invoices)
