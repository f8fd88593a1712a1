# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""One Bank Transaction as the voucher of another: a bounced payment and its return (PITFALLS P25, P45)."""

from contextlib import ExitStack

import frappe

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_for_invoices,
	reconcile_vouchers,
	unreconcile_bank_transaction,
)
from advanced_bank_reconciliation.exceptions import SelectionRefused
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.processes import Child
from advanced_bank_reconciliation.tests.test_links import link, row
from advanced_bank_reconciliation.tests.utils import TOOL_MODULE, ABRTestCase, links_of


def amount_of(line, other):
	"""Return what `line` allocates to the other Bank Transaction, or None."""
	rows = links_of(line, "Bank Transaction", other.name)
	assert len(rows) < 2, f"{other.name} is linked twice"
	return rows[0].allocated_amount if rows else None


class LineLinkTestCase(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.savings = factories.make_bank_account("ABR Savings")
		cls.foreign = factories.make_bank_account("ABR Other", company=cls.other_company)

	def assert_pair(self, line, other, amount):
		self.assertEqual(amount_of(line, other), amount)
		self.assertEqual(amount_of(other, line), amount)


class TestLineToLine(LineLinkTestCase):
	def test_p25_a_bounced_payment_and_its_return(self):
		"""100 went out and came back: each line names the other, and both are Reconciled."""
		out = factories.make_bank_transaction(withdrawal=100)
		back = factories.make_bank_transaction(deposit=100, date="2026-03-24")
		answer = link(back, row(out, 100))
		self.assertEqual((answer.name, answer.unallocated_amount), (back.name, 0))
		self.assert_pair(out, back, 100)
		for line in (out, back):
			self.assert_state(line, 0)

	def test_p25_erpnext_itself_refuses_without_an_amount(self):
		"""ERPNext's own way of linking lines compares a Bank Account with a GL account, below its fix."""
		out = factories.make_bank_transaction(withdrawal=100)
		back = factories.make_bank_transaction(deposit=100)
		back.add_payment_entries([{"payment_doctype": "Bank Transaction", "payment_name": out.name}])
		try:
			back.save()
		except frappe.ValidationError:
			self.assertIsNone(amount_of(out, back))
		else:  # a version with the fix: both sides are linked, once
			self.assert_pair(out, back, 100)

	def test_p45_two_returns_of_fifty_for_one_payment(self):
		"""100 went out and came back as 50 and 50: asked from the one line, or from each of the two."""
		for from_the_hundred in (True, False):
			with self.subTest(from_the_hundred=from_the_hundred):
				out = factories.make_bank_transaction(withdrawal=100)
				halves = [factories.make_bank_transaction(deposit=50) for _number in range(2)]
				if from_the_hundred:
					link(out, *map(row, halves))
				else:
					for half in halves:
						link(half, row(out))
				for half in halves:
					self.assert_pair(out, half, 50)
					self.assert_state(half, 0)
				self.assert_state(out, 0)

	def test_capped_by_both_lines_and_by_the_wish(self):
		"""Out 100, back 70, 30 wanted first and as much as there is later: 30, then refused as linked."""
		out = factories.make_bank_transaction(withdrawal=100)
		back = factories.make_bank_transaction(deposit=70)
		other = factories.make_bank_transaction(deposit=500)
		link(back, row(out, 30))
		self.assert_pair(out, back, 30)
		self.assert_state(out, 70)
		self.assert_state(back, 40)
		link(out, row(other, 500))
		self.assert_pair(out, other, 70)
		self.assert_state(other, 430)
		fresh = factories.make_bank_transaction(deposit=100)
		with self.assert_refused(SelectionRefused, out.name, "nothing of it is left"):
			link(fresh, row(out))

	def test_beside_other_vouchers(self):
		"""A withdrawal of 100: 60 bounced, 40 paid a supplier."""
		out = factories.make_bank_transaction(withdrawal=100)
		back = factories.make_bank_transaction(deposit=60)
		payment = factories.make_supplier_payment(40)
		link(out, row(back), row(payment))
		self.assert_pair(out, back, 60)
		self.assert_linked(out, "Payment Entry", payment.name)
		self.assert_state(out, 0)
		self.assert_state(back, 0)

	def test_refusals(self):
		"""Itself, the same direction, another account, another company, a draft, one that is used up."""
		line = factories.make_bank_transaction(deposit=10)
		used = factories.make_bank_transaction(withdrawal=10)
		link(used, row(factories.make_supplier_payment(10)))
		cases = (
			(line, "itself"),
			(factories.make_bank_transaction(deposit=10), "same direction"),
			(factories.make_bank_transaction(withdrawal=10, bank_account=self.savings), "stands on"),
			(factories.make_bank_transaction(withdrawal=10, bank_account=self.foreign), self.other_company),
			(factories.make_bank_transaction(withdrawal=10, submit=False), "not submitted"),
			(used, "nothing of it is left"),
		)
		for other, words in cases:
			with self.subTest(words), self.assert_refused(SelectionRefused, other.name, words):
				link(line, row(other))
		unknown = {"payment_doctype": "Bank Transaction", "payment_name": "NO-SUCH-LINE"}
		with self.assert_refused(SelectionRefused, "NO-SUCH-LINE", "not found"):
			link(line, unknown)

	def test_already_linked_here(self):
		"""From either side, the pair is there already."""
		out = factories.make_bank_transaction(withdrawal=100)
		back = factories.make_bank_transaction(deposit=100)
		link(back, row(out, 40))
		for line, other in ((back, out), (out, back)):
			with self.assert_refused(SelectionRefused, other.name, "already linked"):
				link(line, row(other, 10))

	def test_p78_the_other_line_is_written_so_it_needs_the_right(self):
		"""An accountant whom a User Permission limits to one of the two lines."""
		out = factories.make_bank_transaction(withdrawal=10)
		back = factories.make_bank_transaction(deposit=10)
		user = factories.make_user("abr-one-line@example.com", ["Accounts User"])
		frappe.get_doc(
			{
				"doctype": "User Permission",
				"user": user,
				"allow": "Bank Transaction",
				"for_value": back.name,
			}
		).insert(ignore_permissions=True)
		with self.assert_refused(SelectionRefused, out.name, "may not change"):
			frappe.set_user(user)
			try:
				link(back, row(out))
			finally:
				frappe.set_user("Administrator")

	def test_p65_taking_one_side_off_takes_the_other(self):
		"""Unlinked from the line that did not ask for it; the other link of that line stays."""
		out = factories.make_bank_transaction(withdrawal=100)
		back = factories.make_bank_transaction(deposit=60)
		payment = factories.make_supplier_payment(40)
		link(back, row(out))
		link(out, row(payment))
		answer = unreconcile_bank_transaction(out.name, 0, "Bank Transaction", back.name)
		self.assertEqual(
			answer["unlinked"], [{"payment_document": "Bank Transaction", "payment_entry": back.name}]
		)
		self.assertEqual((amount_of(out, back), amount_of(back, out)), (None, None))
		self.assert_state(out, 60)
		self.assert_state(back, 60)
		self.assert_linked(out, "Payment Entry", payment.name)

	def test_whole_line_undone_and_cancel_asked_for(self):
		"""Undo with cancel: the other line was not made for this one, so it is freed and stays submitted."""
		out = factories.make_bank_transaction(withdrawal=10)
		back = factories.make_bank_transaction(deposit=10)
		link(back, row(out))
		answer = unreconcile_bank_transaction(back.name, 1)
		self.assertEqual((len(answer["unlinked"]), answer["cancelled"]), (1, []))
		for line in (out, back):
			self.assert_state(line, 10)
			self.assertEqual(frappe.db.get_value("Bank Transaction", line.name, "docstatus"), 1)

	def test_p16_cancelling_one_line_frees_the_other(self):
		"""By ERPNext's form: the other line is open again, and says who did it."""
		for cancelled_first in (True, False):
			with self.subTest(cancelled_first=cancelled_first):
				out = factories.make_bank_transaction(withdrawal=10)
				back = factories.make_bank_transaction(deposit=10)
				link(back, row(out))
				gone, stays = (out, back) if cancelled_first else (back, out)
				frappe.get_doc("Bank Transaction", gone.name).cancel()
				self.assert_state(stays, 10)
				self.assertIsNone(amount_of(stays, gone))
				frappe.get_doc("Bank Transaction", stays.name).cancel()

	def test_p16_amending_a_linked_line_links_the_other_again(self):
		"""The amended line brings its row along; the other side gets its own, or the amendment is refused."""
		out = factories.make_bank_transaction(withdrawal=10)
		back = factories.make_bank_transaction(deposit=10)
		link(back, row(out))
		cancelled = frappe.get_doc("Bank Transaction", back.name)
		cancelled.cancel()
		amended = amend(cancelled)
		amended.submit()
		self.assert_pair(out, amended, 10)
		for line in (out, amended):
			self.assert_state(line, 0)

		amended.reload().cancel()
		link(out, row(factories.make_supplier_payment(10)))
		again = amend(amended)
		with self.assert_refused(SelectionRefused, out.name, "nothing of it is left"):
			self.submit_and_roll_back(again)

	def submit_and_roll_back(self, document):
		frappe.db.savepoint("abr_submit")
		try:
			document.submit()
		finally:
			frappe.db.rollback(save_point="abr_submit")

	def test_a_job_links_lines_too(self):
		"""A bulk selection of an invoice of 60 and, as voucher, a line of 40 that went out: 100 came in."""
		invoice = factories.make_sales_invoice(60)
		out = factories.make_bank_transaction(withdrawal=40)
		back = factories.make_bank_transaction(deposit=100)
		vouchers = [{"payment_doctype": "Bank Transaction", "payment_name": out.name, "amount": 40}]
		create_payment_entries_for_invoices(back.name, [factories.wish(invoice)], regular_vouchers=vouchers)
		self.assert_pair(out, back, 40)
		self.assert_state(out, 0)
		self.assert_settled(back, [invoice])

	def test_the_ledger_is_not_touched(self):
		out = factories.make_bank_transaction(withdrawal=10)
		back = factories.make_bank_transaction(deposit=10)
		before = frappe.db.count("GL Entry"), frappe.db.count("Payment Ledger Entry")
		reconcile_vouchers(back.name, [row(out)])
		unreconcile_bank_transaction(back.name)
		self.assertEqual((frappe.db.count("GL Entry"), frappe.db.count("Payment Ledger Entry")), before)


class TestSameMoment(LineLinkTestCase):
	"""Several users, each in a process of his own, whose transactions meet in the database."""

	USER = "abr-clerk@example.com"

	def setUp(self):
		super().setUp()
		if frappe.db.db_type == "sqlite":
			self.skipTest("SQLite has one writer at a time, so nobody can wait in a circle; see the bench")
		factories.make_user(self.USER, ["Accounts User"])

	def test_p25_both_lines_asked_for_at_the_same_moment(self):
		"""Two users link the same pair, each from the other side: one does it, one is refused, no deadlock."""
		for _attempt in range(3):
			out = factories.make_bank_transaction(withdrawal=10)
			back = factories.make_bank_transaction(deposit=10)
			outcomes = self.at_once((out, back), (back, out))
			self.assertEqual(sorted("error" in outcome for outcome in outcomes), [False, True], outcomes)
			(refused,) = [outcome for outcome in outcomes if "error" in outcome]
			self.assertIn(refused["type"], ("SelectionRefused", "BankTransactionNotOpen"), refused["error"])
			self.assert_pair(out, back, 10)
			for line in (out, back):
				self.assert_state(line, 0)

	def test_three_users_link_different_payments(self):
		"""New payments and new lines, nothing in common: each waits for his turn, and all succeed."""
		for _attempt in range(3):
			pairs = [
				(factories.make_bank_transaction(deposit=10), factories.make_payment_entry(10))
				for _number in range(3)
			]
			outcomes = self.at_once(*pairs)
			self.assertEqual([outcome.get("error") for outcome in outcomes], [None] * 3)
			for line, payment in pairs:
				self.assert_linked(line, "Payment Entry", payment.name)
				self.assert_state(line, 0)

	def at_once(self, *pairs):
		"""Call the endpoint for each (line, voucher) in a process of its own, all at the same moment."""
		frappe.db.commit()
		with ExitStack() as stack:
			children = [
				stack.enter_context(
					Child(
						"call",
						method=f"{TOOL_MODULE}.reconcile_vouchers",
						user=self.USER,
						bank_transaction_name=line.name,
						vouchers=[row(voucher)],
					)
				)
				for line, voucher in pairs
			]
			for child in children:
				child.reached()
			for child in children:
				child.let_go()
			outcomes = [child.answer() for child in children]
		frappe.db.rollback()
		return outcomes


def amend(cancelled):
	"""Return the amended draft, saved, as the desk makes it."""
	amended = frappe.copy_doc(cancelled)
	amended.amended_from = cancelled.name
	amended.docstatus = 0
	amended.status = "Pending"
	return amended.insert()
