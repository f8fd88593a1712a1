# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What may be asked for: bad invoices of each kind, the same request again, lines that are not open."""

import json

import frappe

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_bulk,
	create_payment_entries_for_invoices,
	get_progress,
)
from advanced_bank_reconciliation.bulk import worker
from advanced_bank_reconciliation.bulk.job import JOB
from advanced_bank_reconciliation.exceptions import (
	BankTransactionNotOpen,
	JobAlreadyActive,
	NothingToDo,
	SelectionRefused,
)
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.bulk_case import COMPLETE, BulkTestCase
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.utils import Events, run_committed, submitted_payments

#: Kinds of bad invoice, and words of the message about each: skipped or rolled back by setting, and refused.
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


class TestBadInvoices(BulkTestCase):
	"""One bad invoice among 60, of each kind, in both modes: named; the rest as the setting says."""

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
		for kind, words in SKIPPED.items():
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
		for kind, words in SKIPPED.items():
			line = factories.make_bank_transaction(deposit=600)
			name = self.bad[kind]["name"]
			with self.subTest(kind), self.settings(on_invoice_failure="All or nothing"):
				with self.assert_refused(NothingToDo, name, words):
					self.start(line, self.rows(kind))
				self.assertNotIn(self.good[5].name, self.last_message)

	def test_what_cannot_be_meant_is_refused_in_both_modes(self):
		"""Unknown, another company's, twice with different amounts: an error at once, and nothing is made."""
		for mode in ("Skip and report", "All or nothing"):
			for kind, words in REFUSED.items():
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
		rows = [*(wish(invoice) for invoice in invoices), *(self.bad[kind] for kind in SKIPPED)]
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
		self.assertEqual(named, {self.bad[kind]["name"] for kind in SKIPPED})


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

	def test_p30_bank_account_without_a_ledger_account(self):
		"""A Bank Account that names no account of the books: said so, by the name of both."""
		bank_account = factories.make_bank_account_without_ledger()
		line = factories.make_bank_transaction(deposit=10, bank_account=bank_account)
		invoice = factories.make_sales_invoice(10)
		for endpoint in (create_payment_entries_bulk, create_payment_entries_for_invoices):
			with self.assert_refused(BankTransactionNotOpen, bank_account, line.name, "ledger account"):
				endpoint(line.name, [wish(invoice)])

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
