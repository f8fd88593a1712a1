# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Taking vouchers off a Bank Transaction: what is unlinked, what is cancelled, what never is."""

from contextlib import contextmanager

import frappe
from frappe.utils import add_days, getdate

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_journal_entry_bts,
	create_payment_entries_bulk,
	create_payment_entry_bts,
	reconcile_vouchers,
	unreconcile_bank_transaction,
)
from advanced_bank_reconciliation.exceptions import BadPayload, SelectionRefused
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.test_matching import fresh
from advanced_bank_reconciliation.tests.utils import ABRTestCase, snapshot_of_books

POSTED = getdate(factories.STATEMENT_DATE)


def link(line, voucher, amount=None):
	row = {"payment_doctype": voucher.doctype, "payment_name": voucher.name}
	reconcile_vouchers(line.name, [row if amount is None else {**row, "amount": amount}])


def clearance_date(voucher):
	return frappe.db.get_value(voucher.doctype, voucher.name, "clearance_date")


def named(voucher):
	return {"payment_document": voucher.doctype, "payment_entry": voucher.name}


class TestUnreconcile(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.savings = factories.make_bank_account("ABR Savings")

	def assert_docstatus(self, voucher, docstatus):
		self.assertEqual(frappe.db.get_value(voucher.doctype, voucher.name, "docstatus"), docstatus)

	def test_p27_p65_no_row_of_several_is_left(self):
		"""Five vouchers on one line: after it none is linked, none cleared, the line Unreconciled."""
		vouchers = [factories.make_payment_entry(10 + number, fresh("Many")) for number in range(4)]
		vouchers.append(
			factories.make_journal_entry((self.gl_account, 20), (factories.account("Sales"), -20))
		)
		line = factories.make_bank_transaction(deposit=66)
		for voucher in vouchers:
			link(line, voucher)
		self.assert_state(line, 0)
		answer = unreconcile_bank_transaction(line.name)
		self.assertEqual(answer["unlinked"], [named(voucher) for voucher in vouchers])
		self.assertEqual((answer["cancelled"], answer["kept"]), ([], []))
		self.assertEqual(answer["bank_transaction"]["unallocated_amount"], 66)
		self.assertIn("5 vouchers", answer["message"])
		self.assert_state(line, 66)
		self.assertEqual(frappe.get_doc("Bank Transaction", line.name).payment_entries, [])
		for voucher in vouchers:
			self.assert_docstatus(voucher, 1)
			self.assertIsNone(clearance_date(voucher))

	def test_p63_one_voucher_of_several(self):
		"""Of three vouchers the middle one goes; the others stay linked and cleared."""
		vouchers = [factories.make_payment_entry(amount, fresh("Middle")) for amount in (10, 20, 30)]
		line = factories.make_bank_transaction(deposit=60)
		for voucher in vouchers:
			link(line, voucher)
		answer = unreconcile_bank_transaction(line.name, 0, "Payment Entry", vouchers[1].name)
		self.assertEqual(answer["unlinked"], [named(vouchers[1])])
		self.assert_state(line, 20)
		self.assertEqual([clearance_date(voucher) for voucher in vouchers], [POSTED, None, POSTED])

	def test_p91_only_what_we_made_is_cancelled(self):
		"""A matched payment of 40 and one of 60 made for the line: cancel both, please. 40 stays."""
		matched = factories.make_payment_entry(40, fresh("Matched"))
		line = factories.make_bank_transaction(deposit=100)
		link(line, matched)
		customer = factories.make_party("Customer", fresh("Created"))
		answer = create_payment_entry_bts(line.name, party_type="Customer", party=customer)
		created = frappe.get_doc("Payment Entry", answer.payment_entries[-1].payment_entry)
		answer = unreconcile_bank_transaction(line.name, cancel_linked_documents="1")
		self.assertEqual(answer["cancelled"], [named(created)])
		(kept,) = answer["kept"]
		self.assertEqual({key: kept[key] for key in named(matched)}, named(matched))
		self.assertIn("stays", kept["reason"])
		self.assertIn("1 cancelled, 1 left", answer["message"])
		self.assert_docstatus(matched, 1)
		self.assert_docstatus(created, 2)
		self.assertEqual(
			frappe.db.count("GL Entry", {"voucher_no": created.name, "is_cancelled": 0}),
			0,
			"ledger rows left",
		)
		self.assert_state(line, 100)

	def test_p91_a_link_of_unknown_origin_counts_as_matched(self):
		"""A link from before the app recorded origins is only unlinked."""
		line = factories.make_bank_transaction(deposit=25)
		customer = factories.make_party("Customer", fresh("Old"))
		answer = create_payment_entry_bts(line.name, party_type="Customer", party=customer)
		(row,) = answer.payment_entries
		frappe.db.set_value("Bank Transaction Payments", row.name, "abr_reconciliation_type", "")
		answer = unreconcile_bank_transaction(line.name, 1)
		self.assertEqual((len(answer["unlinked"]), answer["cancelled"], len(answer["kept"])), (1, [], 1))
		self.assertEqual(frappe.db.get_value("Payment Entry", row.payment_entry, "docstatus"), 1)

	def test_p61_p62_a_voucher_that_another_line_uses_is_not_cancelled(self):
		"""An entry of 50 made for one line is the other side's voucher too: undone whole or by name, it stays."""
		for by_name in (False, True):
			with self.subTest(by_name=by_name):
				self._undo_what_another_line_uses(by_name)

	def _undo_what_another_line_uses(self, by_name):
		line = factories.make_bank_transaction(withdrawal=50)
		savings = frappe.db.get_value("Bank Account", self.savings, "account")
		answer = create_journal_entry_bts(line.name, second_account=savings, entry_type="Contra Entry")
		entry = frappe.get_doc("Journal Entry", answer.payment_entries[0].payment_entry)
		arrives = factories.make_bank_transaction(deposit=50, bank_account=self.savings)
		link(arrives, entry)
		self.assertEqual(clearance_date(entry), POSTED)
		voucher = ("Journal Entry", entry.name) if by_name else (None, None)
		answer = unreconcile_bank_transaction(line.name, 1, *voucher)
		self.assertEqual(answer["cancelled"], [])
		self.assertIn(arrives.name, answer["kept"][0]["reason"])
		self.assert_docstatus(entry, 1)
		self.assertIsNone(clearance_date(entry), "one of its two bank legs is open again")
		self.assert_state(line, 50)
		self.assert_state(arrives, 0)

	def test_p16_clearance_follows_what_other_lines_still_cover(self):
		"""A payment of 100 by two lines of 50, ten days apart: one goes, so it is not cleared; back: the later date."""
		payment = factories.make_payment_entry(100, fresh("Twice"))
		first = factories.make_bank_transaction(deposit=50, date=add_days(POSTED, -10))
		second = factories.make_bank_transaction(deposit=50)
		link(first, payment)
		link(second, payment)
		self.assertEqual(clearance_date(payment), POSTED)
		unreconcile_bank_transaction(second.name)
		self.assertIsNone(clearance_date(payment))
		link(second, payment)
		self.assertEqual(clearance_date(payment), POSTED)

	def test_p29_sales_invoice_payment_row_is_cleared_and_freed(self):
		sale = factories.make_pos_invoice(31, self.bank_account)
		line = factories.make_bank_transaction(deposit=31)
		link(line, sale)
		rows = {"parent": sale.name, "account": self.gl_account}
		self.assertEqual(frappe.db.get_value("Sales Invoice Payment", rows, "clearance_date"), POSTED)
		unreconcile_bank_transaction(line.name)
		self.assertIsNone(frappe.db.get_value("Sales Invoice Payment", rows, "clearance_date"))

	def test_p29_payment_rows_on_two_accounts(self):
		"""20 by this account and 11 by savings: unlinking one line leaves the other's row cleared."""
		savings = frappe.db.get_value("Bank Account", self.savings, "account")
		rows = [
			{
				"mode_of_payment": factories.make_mode_of_payment(f"ABR {title}", account),
				"account": account,
				"amount": amount,
			}
			for title, account, amount in (("First", self.gl_account, 20), ("Second", savings, 11))
		]
		sale = factories.make_paid_invoice(31, rows)
		here = factories.make_bank_transaction(deposit=20)
		there = factories.make_bank_transaction(deposit=11, bank_account=self.savings)
		link(here, sale)
		link(there, sale)
		unreconcile_bank_transaction(here.name)
		cleared = dict(
			frappe.get_all(
				"Sales Invoice Payment",
				{"parent": sale.name},
				["account", "clearance_date"],
				as_list=True,
			)
		)
		self.assertEqual(cleared, {self.gl_account: None, savings: POSTED})

	def test_bulk_payments_are_undone_and_can_be_made_again(self):
		"""Three invoices paid by one line: unreconcile and cancel, they are open again, and the same again works."""
		invoices = [factories.make_sales_invoice(amount, fresh("Bulk")) for amount in (10, 20, 30)]
		line = factories.make_bank_transaction(deposit=60)
		before = snapshot_of_books(self.company)["Sales Invoice"]
		wishes = [factories.wish(invoice) for invoice in invoices]
		with self.settings(reconcile_unpaid_invoices_in_background=0):
			create_payment_entries_bulk(line.name, wishes)
			self.assert_settled(line, invoices)
			answer = unreconcile_bank_transaction(line.name, 1)
			self.assertEqual((len(answer["cancelled"]), answer["kept"]), (3, []))
			self.assertEqual(snapshot_of_books(self.company)["Sales Invoice"], before)
			self.assert_state(line, 60)
			create_payment_entries_bulk(line.name, wishes)
		self.assert_settled(line, invoices)

	def test_what_cannot_be_cancelled_is_unlinked_and_says_why(self):
		"""The books are frozen for the user meanwhile: the link goes, the payment stays, the reason is ERPNext's."""
		line = factories.make_bank_transaction(deposit=25)
		customer = factories.make_party("Customer", fresh("Frozen"))
		answer = create_payment_entry_bts(line.name, party_type="Customer", party=customer)
		created = frappe.get_doc("Payment Entry", answer.payment_entries[0].payment_entry)
		with self._refusing_to_cancel(created):
			answer = unreconcile_bank_transaction(line.name, 1)
		self.assertEqual((len(answer["unlinked"]), answer["cancelled"]), (1, []))
		self.assertIn("not today", answer["kept"][0]["reason"])
		self.assert_docstatus(created, 1)
		self.assert_state(line, 25)
		self.assertEqual(
			frappe.db.count("GL Entry", {"voucher_no": created.name, "is_cancelled": 0}), 2, "ledger rows"
		)

	def test_what_is_not_linked_is_refused(self):
		"""Nothing linked; not this voucher; half a name; a line that does not exist."""
		payment = factories.make_payment_entry(5, fresh("Elsewhere"))
		line = factories.make_bank_transaction(deposit=5)
		with self.assert_refused(SelectionRefused, line.name):
			unreconcile_bank_transaction(line.name)
		link(line, factories.make_payment_entry(5, fresh("Here")))
		with self.assert_refused(SelectionRefused, payment.name):
			unreconcile_bank_transaction(line.name, 0, "Payment Entry", payment.name)
		with self.assert_refused(BadPayload, "neither"):
			unreconcile_bank_transaction(line.name, 0, "Payment Entry")
		with self.assertRaises(frappe.DoesNotExistError):
			unreconcile_bank_transaction("no such line")

	def test_p78_rights_are_checked(self):
		line = factories.make_bank_transaction(deposit=5)
		link(line, factories.make_payment_entry(5, fresh("Guarded")))
		with self.assert_refused(frappe.PermissionError):
			frappe.set_user(factories.make_user("abr-nobody@example.com", []))
			unreconcile_bank_transaction(line.name)

	@contextmanager
	def _refusing_to_cancel(self, voucher):
		"""A rule of the site: this voucher may not be cancelled."""
		controller = type(voucher)
		before_cancel = controller.__dict__.get("before_cancel")

		def refuse(document, *_arguments):
			document.db_set("remarks", "half done")
			frappe.throw("not today")

		controller.before_cancel = refuse
		try:
			yield
		finally:
			if before_cancel:
				controller.before_cancel = before_cancel
			else:
				del controller.before_cancel
