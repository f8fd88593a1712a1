# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Auto reconcile of a few lines, in the request: what is linked, what is not and why, and how it is undone."""

import frappe

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.auto import job as auto_job
from advanced_bank_reconciliation.auto import run
from advanced_bank_reconciliation.auto.job import JOB, ROW
from advanced_bank_reconciliation.exceptions import BadPayload, JobAlreadyActive, JobStateError
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.auto_case import AutoCase
from advanced_bank_reconciliation.tests.utils import ABRTestCase, links_of, own_queues, submitted_payments

CLERK = "abr-clerk@example.com"


class AutoTestCase(AutoCase, ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.account = factories.make_bank_account("ABR Auto")
		cls.other_account = factories.make_bank_account("ABR Auto Other", company=cls.other_company)
		factories.make_user(CLERK, ["Accounts User"])
		cls.stranger = factories.make_user("abr-stranger@example.com", ["Accounts User"], cls.other_company)

	def setUp(self):
		super().setUp()
		queues = own_queues()
		queues.__enter__()
		self.addCleanup(queues.__exit__, None, None, None)


class TestMatching(AutoTestCase):
	def test_lines_with_their_payments(self):
		"""Three deposits and their three payments, in the request: matched, cleared, recorded."""
		pairs = [self.pair(number) for number in (1, 2, 3)]
		odd = self.line(77, "NOBODY")
		answer = self.reconcile()
		self.assertEqual(
			{key: answer[key] for key in ("status", "total", "matched", "skipped", "failed", "dry_run")},
			{"status": "completed", "total": 4, "matched": 3, "skipped": 1, "failed": 0, "dry_run": False},
		)
		self.assertEqual(answer["message"], "3 of 4 Bank Transactions matched, 1 not.")
		self.assert_each_matched_once(pairs)
		self.assertEqual(
			links_of(pairs[0][0], "Payment Entry", pairs[0][1].name)[0].abr_reconciliation_type, "Matched"
		)
		self.assert_state(odd, 77)
		first = self.outcome(answer, pairs[0][0])
		self.assertEqual((first["voucher_type"], first["voucher"]), ("Payment Entry", pairs[0][1].name))
		self.assertGreaterEqual(first["score"], 68)
		self.assertIn("AUTO-1", first["reason"])
		record = self.record(answer["job_id"])
		self.assertEqual(
			(record.status, record.matched, record.skipped, record.total, record.percentage),
			("Completed", 3, 1, 4, 100),
		)
		self.assertIsNone(record.active_bank_account)
		self.assertEqual((record.minimum_score, record.margin, record.currency), (45, 10, "USD"))
		self.assertEqual([row.outcome for row in record.lines], ["Matched"] * 3 + ["Skipped"])

	def test_withdrawal_and_journal_entry(self):
		"""A payment to a supplier and a Journal Entry, each in its direction."""
		paid = self.line(-40, "SUP-40")
		payment = factories.make_supplier_payment(40, bank_account=self.account, reference_no="SUP-40")
		booked = self.line(-15.5, "ABR-JE-1")
		gl_account = frappe.db.get_value("Bank Account", self.account, "account")
		entry = factories.make_journal_entry(
			(factories.account("Miscellaneous Expenses"), 15.5), (gl_account, -15.5)
		)
		answer = self.reconcile()
		self.assertEqual(answer["matched"], 2, answer["lines"])
		self.assert_linked(paid, "Payment Entry", payment.name)
		self.assert_linked(booked, "Journal Entry", entry.name)

	def test_what_is_left_of_a_line_counts(self):
		"""100.00, of which 60.00 are matched: the payment of 40.00 fits, and the one of 100.00 does not."""
		line = self.line(100, "REST-1")
		earlier, rest = self.payment(60, "EARLIER"), self.payment(40, "REST-1")
		whole = self.payment(100, "OTHER")
		tool.reconcile_vouchers(
			line.name, [{"payment_doctype": "Payment Entry", "payment_name": earlier.name}]
		)
		answer = self.reconcile()
		self.assertEqual(self.outcome(answer, line)["voucher"], rest.name)
		self.assert_state(line, 0)
		self.assertEqual(links_of(line, "Payment Entry", whole.name), [])

	def test_reasons_for_not_matching(self):
		"""Too few points, a tie, another amount, too large, nothing: each line says which."""
		low = self.line(31, "LOW")
		self.payment(31, "OTHER-31", posting_date="2026-01-05", reference_date="2026-01-05")
		tie = self.line(32, "TIE-32")
		rivals = [self.payment(32, "TIE-32"), self.payment(32, "TIE-32")]
		odd = self.line(33, "ODD-33")
		bigger = self.payment(33.01, "ODD-33")
		large = self.line(5000, "LARGE")
		self.payment(5000, "LARGE")
		answer = self.reconcile(amount_ceiling=4999.99)
		self.assertEqual((answer["matched"], answer["skipped"]), (0, 4))
		self.assert_skipped(answer, low, "The best candidate", "45 are needed")
		self.assert_skipped(answer, tie, "Two vouchers fit equally", *(rival.name for rival in rivals))
		self.assert_skipped(answer, odd, bigger.name, "33.01", "33.00")
		self.assert_skipped(answer, large, "above the ceiling", "5,000.00", "4,999.99")
		for line in (low, tie, odd, large):
			self.assertEqual(frappe.db.count("Bank Transaction Payments", {"parent": line.name}), 0)

	def test_margin_to_a_near_rival(self):
		"""The same amount, party and date; one has the reference too. A margin of 50 asks for more than that."""
		line = self.line(45, "NEAR-45")
		first, _second = self.payment(45, "NEAR-45"), self.payment(45, "OTHER")
		answer = self.reconcile(margin=50)
		self.assert_skipped(answer, line, "50 points between them are needed")
		self.assertEqual(self.outcome(self.reconcile(margin=40), line)["voucher"], first.name)

	def test_two_lines_one_voucher(self):
		"""The older of two deposits gets the payment; the newer finds it covered, also in a dry run."""
		newer = self.line(52, "TWICE", date="2026-03-21")
		older = self.line(52, "TWICE", date="2026-03-20")
		payment = self.payment(52, "TWICE")
		preview = self.reconcile(dry_run=True)
		self.assertEqual((preview["would_match"], preview["skipped"]), (1, 1))
		self.assertEqual(self.outcome(preview, older)["outcome"], "Would Match")
		self.assert_skipped(preview, newer, "No voucher was found")
		answer = self.reconcile()
		self.assertEqual((answer["matched"], answer["skipped"]), (1, 1))
		self.assert_linked(older, "Payment Entry", payment.name)
		self.assert_skipped(answer, newer, "No voucher was found")
		self.assert_state(newer, 52)

	def test_two_lines_two_equal_vouchers(self):
		"""Two deposits and two payments that nothing tells apart: none is matched by chance."""
		lines = [self.line(53, "SAME"), self.line(53, "SAME")]
		self.payment(53, "SAME"), self.payment(53, "SAME")
		answer = self.reconcile()
		self.assertEqual(answer["matched"], 0)
		for line in lines:
			self.assert_skipped(answer, line, "Two vouchers fit equally")

	def test_dry_run_writes_nothing(self):
		"""Up to ten lines a dry run leaves no trace at all, not even a record."""
		pairs = [self.pair(number) for number in (1, 2)]
		jobs, rows = frappe.db.count(JOB), frappe.db.count(ROW)
		with self.assert_books_unchanged():
			writes = frappe.db.transaction_writes
			answer = self.reconcile(dry_run=1)
			self.assertEqual(frappe.db.transaction_writes, writes)
		self.assertEqual((answer["would_match"], answer["matched"], answer["job_id"]), (2, 0, None))
		self.assertIn("Nothing was changed", answer["message"])
		self.assertEqual(self.outcome(answer, pairs[0][0])["voucher"], pairs[0][1].name)
		self.assertEqual((frappe.db.count(JOB), frappe.db.count(ROW)), (jobs, rows))

	def test_unpaid_invoices_only_when_asked(self):
		"""An open invoice named in the text: left alone by default, paid and linked when its kind is ticked."""
		invoice = factories.make_sales_invoice(210)
		line = self.line(210, "X", description=f"Payment of {invoice.name}")
		answer = self.reconcile()
		self.assert_skipped(answer, line, "No voucher was found")
		self.assertEqual(submitted_payments(invoice), {})
		preview = self.reconcile(document_types=["unpaid_sales_invoice"], dry_run=True)
		self.assertEqual(self.outcome(preview, line)["voucher"], invoice.name)
		self.assertEqual(submitted_payments(invoice), {})
		answer = self.reconcile(document_types=["payment_entry", "unpaid_sales_invoice"])
		payment = self.assert_paid_once(invoice, line)
		row = self.outcome(answer, line)
		self.assertEqual((row["outcome"], row["voucher"]), ("Matched", payment))
		self.assertIn(f"Pays Sales Invoice {invoice.name}", row["reason"])

	def test_existing_payment_before_an_open_invoice(self):
		"""P43: a payment on account and an invoice over the same amount, both of the line's party: no guess."""
		invoice = factories.make_sales_invoice(88)
		payment = self.payment(88, "P43")
		line = self.line(88, "P43", party_type="Customer", party=invoice.customer)
		answer = self.reconcile(document_types=["payment_entry", "unpaid_sales_invoice"])
		self.assertEqual(self.outcome(answer, line)["voucher"], payment.name)
		self.assertEqual(submitted_payments(invoice), {})

	def test_paid_invoice_when_asked(self):
		invoice = factories.make_pos_invoice(65, self.account)
		line = self.line(65, "X", description=f"Card {invoice.name}")
		self.assertEqual(self.reconcile()["matched"], 0)
		self.assertEqual(self.reconcile(document_types=["sales_invoice"])["matched"], 1)
		self.assert_linked(line, "Sales Invoice", invoice.name)

	def test_one_line_that_fails_does_not_keep_the_others(self):
		"""ERPNext refuses the payment of a frozen customer: that line is Failed, with its reason, and open."""
		frozen = factories.make_sales_invoice(71, customer="ABR Frozen")
		bad = self.line(71, "X", description=f"Payment of {frozen.name}")
		pair = self.pair(4)
		frappe.db.set_value("Customer", frozen.customer, "is_frozen", 1)
		frappe.set_user(CLERK)
		answer = self.reconcile(document_types=["payment_entry", "unpaid_sales_invoice"])
		frappe.set_user("Administrator")
		self.assertEqual((answer["matched"], answer["failed"]), (1, 1))
		self.assertEqual(self.outcome(answer, bad)["outcome"], "Failed")
		self.assertIn("frozen", self.outcome(answer, bad)["reason"])
		self.assert_state(bad, 71)
		self.assertEqual(submitted_payments(frozen), {})
		self.assert_each_matched_once([pair])

	def test_period_and_reference_dates(self):
		"""The period chooses the lines. With filter_by_reference_date it and the reference dates choose the vouchers."""
		line, payment = self.pair(5)
		outside, _payment = self.pair(6, date="2026-04-10")
		march = {"from_date": "2026-03-01", "to_date": "2026-03-31"}
		self.assertEqual(
			[row["bank_transaction"] for row in self.reconcile(dry_run=1, **march)["lines"]], [line.name]
		)
		by_reference = {**march, "filter_by_reference_date": 1}
		answer = self.reconcile(from_reference_date="2026-03-21", **by_reference)
		self.assert_skipped(answer, line, "No voucher was found")
		answer = self.reconcile(
			from_reference_date="2026-03-20", to_reference_date="2026-03-20", **by_reference
		)
		self.assertEqual(self.outcome(answer, line)["voucher"], payment.name)
		self.assert_state(outside, 106)

	def test_nothing_open(self):
		"""No line, no record, and a sentence that says so."""
		answer = self.reconcile(from_date="2031-01-01")
		self.assertEqual((answer["status"], answer["total"], answer["job_id"]), ("completed", 0, None))
		self.assertEqual(answer["message"], "No Bank Transaction is open in this period.")

	def test_settings_give_the_policy(self):
		line, _payment = self.pair(7)
		with self.settings(auto_minimum_score=99):
			self.assert_skipped(self.reconcile(), line, "99 are needed")
			self.assertEqual(self.reconcile(minimum_score=60)["matched"], 1)


class TestP40(AutoTestCase):
	"""Auto reconcile matched wrong vouchers when the flag was lost in the job, or references were empty."""

	def test_p40_empty_references_are_not_equal(self):
		"""Line and payment without a reference, over the same amount: that is no evidence."""
		line = self.line(300, None)
		payment = self.payment(300, "TO-BE-EMPTIED", posting_date="2026-01-05", reference_date="2026-01-05")
		frappe.db.set_value("Payment Entry", payment.name, "reference_no", "")
		answer = self.reconcile()
		self.assert_skipped(answer, line, payment.name, "35 points, 45 are needed")
		self.assert_state(line, 300)

	def test_p40_amount_must_fit_too(self):
		"""The reference is the same, the amount is not: never linked, not even in part."""
		smaller, larger = self.line(50, "P40-A"), self.line(500, "P40-B")
		self.payment(60, "P40-A"), self.payment(400, "P40-B")
		answer = self.reconcile(minimum_score=0)
		for line in (smaller, larger):
			self.assert_skipped(answer, line, "No voucher over")

	def test_p40_no_global_flag_decides(self):
		"""ERPNext's flag of that name changes nothing; what is asked travels as an argument and on the record."""
		line, payment = self.pair(8)
		frappe.flags.auto_reconcile_vouchers = True
		self.addCleanup(frappe.flags.pop, "auto_reconcile_vouchers", None)
		self.assertEqual(self.reconcile(minimum_score=99)["matched"], 0)
		frappe.flags.auto_reconcile_vouchers = False
		self.assertEqual(self.reconcile()["matched"], 1)
		self.assert_linked(line, "Payment Entry", payment.name)


class TestRights(AutoTestCase):
	def test_clerk_may(self):
		pair = self.pair(9)
		frappe.set_user(CLERK)
		answer = self.reconcile()
		frappe.set_user("Administrator")
		self.assertEqual(answer["matched"], 1)
		self.assertEqual(self.record(answer["job_id"]).owner, CLERK)
		self.assert_each_matched_once([pair])

	def test_stranger_may_not(self):
		"""Somebody of the other company: neither start, nor look, nor cancel, nor undo."""
		self.pair(10)
		job_id = self.reconcile()["job_id"]
		for call in (
			lambda: self.reconcile(),
			lambda: self.reconcile(dry_run=1),
			lambda: tool.get_auto_progress(job_id),
			lambda: tool.get_active_auto_reconciliation(self.account),
			lambda: tool.cancel_auto_reconciliation(job_id),
			lambda: tool.undo_auto_reconciliation(job_id),
		):
			frappe.set_user(self.stranger)
			with self.assert_books_unchanged(), self.assertRaises(frappe.PermissionError):
				call()
			frappe.set_user("Administrator")

	def test_who_may_not_see_a_kind_cannot_let_it_count(self):
		"""Without the right to read Journal Entries their rivals would be invisible: refused, not guessed."""
		role = "ABR Payments Only"
		if not frappe.db.exists("Role", role):
			frappe.get_doc({"doctype": "Role", "role_name": role, "desk_access": 1}).insert()
		for doctype in ("Bank Transaction", "Bank Account", "Payment Entry", "Account"):
			frappe.permissions.add_permission(doctype, role)
			frappe.permissions.update_permission_property(doctype, role, 0, "write", 1)
			self.addCleanup(frappe.clear_cache, doctype=doctype)
		self.addCleanup(frappe.db.rollback)
		user = factories.make_user("abr-payments@example.com", [role])
		line, _payment = self.pair(11)
		frappe.set_user(user)
		with self.assertRaises(frappe.PermissionError):
			self.reconcile()
		with self.assertRaises(frappe.PermissionError):
			self.reconcile(document_types=["unpaid_sales_invoice"])
		self.assertEqual(self.reconcile(document_types=["payment_entry"], dry_run=1)["would_match"], 1)
		frappe.set_user("Administrator")
		self.assert_state(line, 111)

	def test_other_company_is_never_matched(self):
		"""P34: the payment that fits lies in the other company's bank account."""
		line = self.line(120, "P34")
		factories.make_payment_entry(
			120,
			bank_account=self.other_account,
			company=self.other_company,
			paid_from=factories.account("Debtors", self.other_company),
			reference_no="P34",
		)
		self.assert_skipped(self.reconcile(), line, "No voucher was found")

	def test_account_without_ledger(self):
		account = factories.make_bank_account_without_ledger()
		with self.assert_refused(frappe.ValidationError, account, "has no ledger account"):
			tool.auto_reconcile_vouchers(account)


class TestUndo(AutoTestCase):
	def test_undo_unlinks_what_the_run_has_linked(self):
		"""Two matches of the run are open again; a match made by hand before stays."""
		by_hand, payment = self.pair(12)
		tool.reconcile_vouchers(
			by_hand.name, [{"payment_doctype": "Payment Entry", "payment_name": payment.name}]
		)
		pairs = [self.pair(number) for number in (13, 14)]
		job_id = self.reconcile()["job_id"]
		self.assertTrue(tool.get_auto_progress(job_id)["can"]["undo"])
		progress = tool.undo_auto_reconciliation(job_id)
		self.assertEqual((progress["status"], progress["undone"], progress["matched"]), ("Undone", 2, 0))
		self.assertEqual(progress["message"], "Undone: 2 Bank Transactions are open again.")
		for line, voucher in pairs:
			self.assert_state(line, line.deposit)
			self.assertEqual(links_of(line, "Payment Entry", voucher.name), [])
			self.assertIsNone(frappe.db.get_value("Payment Entry", voucher.name, "clearance_date"))
			self.assertEqual(frappe.db.get_value("Payment Entry", voucher.name, "docstatus"), 1)
		self.assert_each_matched_once([(by_hand, payment)])
		self.assertFalse(progress["can"]["undo"])
		with self.assertRaisesRegex(JobStateError, "nothing to undo"):
			tool.undo_auto_reconciliation(job_id)

	def test_undo_cancels_payments_the_run_has_made(self):
		"""An invoice that was paid by the run is unpaid again, its Payment Entry cancelled."""
		invoice = factories.make_sales_invoice(220)
		line = self.line(220, "X", description=f"Payment of {invoice.name}")
		answer = self.reconcile(document_types=["unpaid_sales_invoice"])
		payment = self.outcome(answer, line)["voucher"]
		tool.undo_auto_reconciliation(answer["job_id"])
		self.assertEqual(frappe.db.get_value("Payment Entry", payment, "docstatus"), 2)
		self.assertEqual(frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount"), 220)
		self.assert_state(line, 220)
		self.assertIn("cancelled", self.record(answer["job_id"]).lines[0].reason)

	def test_undo_of_what_somebody_has_undone(self):
		"""One of two was unreconciled by hand meanwhile: its row says so, and the other is undone."""
		pairs = [self.pair(number) for number in (15, 16)]
		job_id = self.reconcile()["job_id"]
		tool.unreconcile_bank_transaction(pairs[0][0].name)
		self.assertEqual(tool.undo_auto_reconciliation(job_id)["undone"], 2)
		self.assertEqual(
			[row.reason for row in self.record(job_id).lines], ["Was not linked any more", "Unlinked"]
		)

	def test_a_dry_run_has_nothing_to_undo(self):
		lines = [self.pair(number)[0] for number in (17, 18)]
		order = auto_job.parse_order({"bank_account": self.account, "dry_run": 1})
		rows = [
			frappe._dict(name=line.name, date=line.date, unallocated_amount=line.deposit) for line in lines
		]
		job = auto_job.create_job(order, rows, self.company, "USD")
		run.begin(job.name)
		while run.serve_one(job.name):
			pass
		progress = tool.get_auto_progress(job.name, with_lines=1)
		self.assertEqual(
			(progress["status"], progress["would_match"], progress["matched"]), ("Completed", 2, 0)
		)
		self.assertEqual([row["outcome"] for row in progress["lines"]], ["Would Match"] * 2)
		with self.assertRaises(JobStateError):
			tool.undo_auto_reconciliation(job.name)
		for line in lines:
			self.assert_state(line, line.deposit)


class TestStart(AutoTestCase):
	def open_lines(self, count):
		return [self.line(10 + number, f"OPEN-{number}") for number in range(count)]

	def test_ten_in_the_request_eleven_in_the_background(self):
		self.open_lines(10)
		self.assertEqual(self.reconcile()["status"], "completed")
		self.line(99, "ELEVENTH")
		answer = self.reconcile()
		self.assertEqual((answer["status"], answer["total"], answer["lines"]), ("queued", 11, []))
		self.assertEqual(self.record(answer["job_id"]).status, "Queued")
		progress = tool.get_active_auto_reconciliation(self.account)
		self.assertEqual(
			(progress["job_id"], progress["active"], progress["total"]), (answer["job_id"], True, 11)
		)

	def test_second_start_answers_with_the_same_job(self):
		"""The same order while its job is active is the same job; another order is refused and names it."""
		self.open_lines(11)
		first = self.reconcile()
		self.assertEqual(self.reconcile()["job_id"], first["job_id"])
		self.assertEqual(frappe.db.count(JOB, {"bank_account": self.account}), 1)
		with self.assertRaisesRegex(JobAlreadyActive, first["job_id"]):
			self.reconcile(minimum_score=60)
		with self.assertRaisesRegex(JobAlreadyActive, first["job_id"]):
			self.reconcile(dry_run=1)
		tool.cancel_auto_reconciliation(first["job_id"])
		self.assertNotEqual(self.reconcile()["job_id"], first["job_id"])

	def test_policy_of_the_record_counts_not_the_settings_of_the_moment(self):
		"""P40: between start and run the settings change; the job does what was ordered."""
		pairs = [self.pair(number) for number in range(30, 41)]
		answer = self.reconcile(minimum_score=60, dry_run=1)
		self.assertEqual(answer["status"], "queued")
		with self.settings(auto_minimum_score=99):
			run.begin(answer["job_id"])
			while run.serve_one(answer["job_id"]):
				pass
		record = self.record(answer["job_id"])
		self.assertEqual((record.status, record.would_match), ("Completed", 11))
		for line, _payment in pairs:
			self.assert_state(line, line.deposit)

	def test_cancel_keeps_what_is_matched(self):
		"""Cancelled after two of eleven lines: those stay, the rest is untouched, the account is free."""
		pairs = [self.pair(number) for number in range(50, 61)]
		job_id = self.reconcile()["job_id"]
		run.begin(job_id)
		run.serve_one(job_id)
		run.serve_one(job_id)
		progress = tool.cancel_auto_reconciliation(job_id)
		self.assertEqual((progress["status"], progress["matched"]), ("Cancelled", 2))
		self.assertFalse(run.serve_one(job_id), "a worker that is still there stops")
		self.assert_each_matched_once(pairs[:2])
		for line, _payment in pairs[2:]:
			self.assert_state(line, line.deposit)
		self.assertIsNone(self.record(job_id).active_bank_account)
		with self.assertRaisesRegex(JobStateError, "nothing to cancel"):
			tool.cancel_auto_reconciliation(job_id)
		self.assertEqual(tool.undo_auto_reconciliation(job_id)["undone"], 2)

	def test_an_active_run_cannot_be_deleted(self):
		self.open_lines(11)
		job_id = self.reconcile()["job_id"]
		with self.assertRaisesRegex(frappe.ValidationError, "cannot be deleted"):
			frappe.delete_doc(JOB, job_id)

	def test_older_functions(self):
		"""start_auto_reconcile takes names or rows; get_auto_reconcile_message has a sentence and a colour."""
		pairs = [self.pair(number) for number in (70, 71)]
		other, _payment = self.pair(72)
		rows = [frappe._dict(name=line.name) for line, _payment in pairs]
		answer = tool.start_auto_reconcile(rows, None, None, None, None, None)
		self.assertEqual((answer["total"], answer["matched"]), (2, 2))
		self.assert_each_matched_once(pairs)
		self.assert_state(other, 172)
		with self.assertRaises(BadPayload):
			tool.start_auto_reconcile([])
		message, color = tool.get_auto_reconcile_message(set(), {"A", "B"})
		self.assertEqual((message, color), ("Bank Transactions reconciled: 2.", "green"))
		message, color = tool.get_auto_reconcile_message([], [])
		self.assertEqual(color, "blue")
