# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Bank Transactions that others change: ERPNext's form and tool, amendments, cancelled vouchers."""

import json
from contextlib import contextmanager

import frappe
from erpnext.accounts.doctype.bank_reconciliation_tool import bank_reconciliation_tool as core_tool
from frappe.utils import add_days, getdate

from advanced_bank_reconciliation.exceptions import SelectionRefused
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.test_line_links import amend
from advanced_bank_reconciliation.tests.test_links import clearance_date, link, row
from advanced_bank_reconciliation.tests.test_unreconcile import link as link_amount
from advanced_bank_reconciliation.tests.utils import ABRTestCase, links_of

POSTED = getdate(factories.STATEMENT_DATE)
LATER = getdate(add_days(POSTED, 5))


def cancel(document):
	"""Cancel by the document's own method, as the form, the API and an import do."""
	found = frappe.get_doc(document.doctype, document.name)
	found.cancel()
	return found


class EventsTestCase(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.savings = factories.make_bank_account("ABR Savings")
		cls.savings_gl = frappe.db.get_value("Bank Account", cls.savings, "account")
		cls.modes = {
			account: factories.make_mode_of_payment(f"ABR events {number}", account)
			for number, account in enumerate((cls.gl_account, cls.savings_gl))
		}

	def paid_into_both(self, here, there):
		"""Return a Sales Invoice paid by two rows, into the test account and into savings."""
		rows = [
			{"mode_of_payment": self.modes[account], "account": account, "amount": amount}
			for account, amount in ((self.gl_account, here), (self.savings_gl, there))
		]
		return factories.make_paid_invoice(here + there, rows)

	def row_dates(self, invoice):
		fields = ["account", "clearance_date"]
		return dict(frappe.get_all("Sales Invoice Payment", {"parent": invoice.name}, fields, as_list=True))

	@contextmanager
	def assert_not_saved(self, exception, *words):
		"""As `assert_refused`, with what ERPNext wrote before the refusal rolled back as a request does."""
		with self.assert_refused(exception, *words):
			frappe.db.savepoint("abr_not_saved")
			try:
				yield
			finally:
				frappe.db.rollback(save_point="abr_not_saved")


class TestCancelledLine(EventsTestCase):
	"""P16: what other lines still cover decides, not that one line went."""

	def test_p16_a_partly_covered_voucher_is_not_cleared(self):
		"""PE 100 by lines of 60 and 40: without the 40 it is open; the other line stays as it is."""
		payment = factories.make_payment_entry(100)
		lines = factories.make_bank_transaction(deposit=60), factories.make_bank_transaction(deposit=40)
		for line in lines:
			link(line, row(payment))
		cancel(lines[1])
		self.assertIsNone(clearance_date(payment))
		self.assert_state(lines[0], 0)
		self.assertEqual(frappe.db.get_value("Bank Transaction", lines[1].name, "status"), "Cancelled")

	def test_p16_purchase_invoice(self):
		purchase = factories.make_paid_purchase_invoice(30, self.bank_account)
		line = factories.make_bank_transaction(withdrawal=30)
		link(line, row(purchase))
		self.assertEqual(clearance_date(purchase), POSTED)
		cancel(line)
		self.assertIsNone(clearance_date(purchase))

	def test_p16_p29_only_the_payment_row_of_this_account(self):
		"""Paid 20 here and 11 into savings, both reconciled: cancelling one line leaves the other's row."""
		invoice = self.paid_into_both(20, 11)
		here = factories.make_bank_transaction(deposit=20)
		there = factories.make_bank_transaction(deposit=11, bank_account=self.savings)
		link(here, row(invoice))
		link(there, row(invoice))
		cancel(here)
		self.assertEqual(self.row_dates(invoice), {self.gl_account: None, self.savings_gl: POSTED})
		self.assert_state(there, 0)

	def test_p16_p32_one_side_of_a_transfer(self):
		"""Cancelling either line of a transfer opens it; the other line keeps its link."""
		for cancel_arrival in (True, False):
			with self.subTest(cancel_arrival=cancel_arrival):
				transfer = factories.make_transfer(70, self.bank_account, self.savings)
				out = factories.make_bank_transaction(withdrawal=70)
				arrived = factories.make_bank_transaction(deposit=70, bank_account=self.savings, date=LATER)
				link(out, row(transfer))
				link(arrived, row(transfer))
				self.assertEqual(clearance_date(transfer), LATER)
				gone, stays = (arrived, out) if cancel_arrival else (out, arrived)
				cancel(gone)
				self.assertIsNone(clearance_date(transfer))
				self.assert_state(stays, 0)

	def test_p16_several_vouchers_of_every_kind(self):
		payment = factories.make_payment_entry(30)
		entry = factories.make_journal_entry((self.gl_account, 45), (factories.account("Sales"), -45))
		sale = factories.make_pos_invoice(25, self.bank_account)
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(payment), row(entry), row(sale))
		cancel(line)
		for voucher in (payment, entry):
			self.assertIsNone(clearance_date(voucher))
		self.assertEqual(set(self.row_dates(sale).values()), {None})


class TestAmendedLine(EventsTestCase):
	def test_p16_amended_line_clears_at_its_own_date(self):
		"""The bank corrected the date: the voucher is cleared by the amended line, at the new date."""
		payment = factories.make_payment_entry(100)
		invoice = self.paid_into_both(20, 11)
		line = factories.make_bank_transaction(deposit=120)
		link(line, row(payment), row(invoice))
		amended = amend(cancel(line))
		amended.date = LATER
		amended.submit()
		self.assertEqual(clearance_date(payment), LATER)
		self.assertEqual(self.row_dates(invoice), {self.gl_account: LATER, self.savings_gl: None})
		self.assert_state(amended, 0)

	def test_p28_what_somebody_else_took_meanwhile_is_refused(self):
		"""The voucher of the cancelled line went to another line: the amended one cannot have it too."""
		payment = factories.make_payment_entry(100)
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(payment))
		amended = amend(cancel(line))
		link(factories.make_bank_transaction(deposit=100), row(payment))
		with self.assert_not_saved(SelectionRefused, payment.name, "only"):
			amended.submit()

	def test_p28_vouchers_beyond_the_amended_amount(self):
		"""The amount was wrong by a zero: the rows now add up to more than the line."""
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(factories.make_payment_entry(100)))
		amended = amend(cancel(line))
		amended.deposit = 10
		with self.assert_not_saved(SelectionRefused, amended.name, "90"):
			amended.submit()

	def test_p24_amended_to_the_other_side(self):
		"""A deposit that was meant as a withdrawal: its Receive voucher does not fit any more."""
		payment = factories.make_payment_entry(100)
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(payment))
		amended = amend(cancel(line))
		amended.update({"deposit": 0, "withdrawal": 100})
		with self.assert_not_saved(SelectionRefused, payment.name, "against the direction"):
			amended.submit()


class TestErpnextsOwnTool(EventsTestCase):
	"""ERPNext links by itself: rows without an amount, saved. It works, and its dates are put right."""

	def reconcile(self, line, *vouchers):
		rows = [
			{"payment_doctype": voucher.doctype, "payment_name": voucher.name, "amount": 0}
			for voucher in vouchers
		]
		return core_tool.reconcile_vouchers(line.name, json.dumps(rows))

	def test_links_and_clears(self):
		payment = factories.make_payment_entry(60)
		entry = factories.make_journal_entry((self.gl_account, 40), (factories.account("Sales"), -40))
		line = factories.make_bank_transaction(deposit=100)
		self.reconcile(line, payment, entry)
		for voucher in (payment, entry):
			self.assert_linked(line, voucher.doctype, voucher.name)
		self.assert_state(line, 0)

	def test_p29_the_row_of_the_other_account_is_not_cleared(self):
		invoice = self.paid_into_both(20, 11)
		self.reconcile(factories.make_bank_transaction(deposit=20), invoice)
		self.assertEqual(self.row_dates(invoice), {self.gl_account: POSTED, self.savings_gl: None})

	def test_p16_p29_unlinked_by_the_form(self):
		"""A row deleted in ERPNext's form: this account's payment row only, other lines counted."""
		invoice = self.paid_into_both(20, 11)
		here = factories.make_bank_transaction(deposit=20)
		there = factories.make_bank_transaction(deposit=11, bank_account=self.savings)
		link(here, row(invoice))
		link(there, row(invoice))
		document = frappe.get_doc("Bank Transaction", here.name)
		document.set("payment_entries", [])
		document.save()
		self.assertEqual(self.row_dates(invoice), {self.gl_account: None, self.savings_gl: POSTED})
		self.assert_state(here, 20)

	def test_p16_its_unreconcile_button(self):
		"""`remove_payment_entries` with one row: the line is open, the voucher not cleared."""
		payment = factories.make_payment_entry(10)
		line = factories.make_bank_transaction(deposit=10)
		link(line, row(payment))
		frappe.get_doc("Bank Transaction", line.name).remove_payment_entries()
		self.assertIsNone(clearance_date(payment))
		self.assert_state(line, 10)

	def test_p27_what_its_button_leaves_stays_cleared(self):
		"""Whatever rows ERPNext's loop leaves behind: cleared are those, and only those."""
		payments = [factories.make_payment_entry(10 + number) for number in range(3)]
		line = factories.make_bank_transaction(deposit=33)
		link(line, *map(row, payments))
		frappe.get_doc("Bank Transaction", line.name).remove_payment_entries()
		for payment in payments:
			linked = bool(links_of(line, "Payment Entry", payment.name))
			self.assertEqual(clearance_date(payment), POSTED if linked else None)

	def test_p01_a_row_with_an_amount_for_an_unpaid_invoice(self):
		"""ERPNext skips its checks where the row has an amount already; the ledger is asked all the same."""
		invoice = factories.make_sales_invoice(100)
		line = factories.make_bank_transaction(deposit=100)
		line.append("payment_entries", plain_row(invoice, 100))
		with self.assert_not_saved(SelectionRefused, invoice.name, "moves nothing"):
			line.save()

	def test_p28_rows_beyond_the_line_or_the_voucher(self):
		"""A negative unallocated amount would read as Reconciled."""
		payment = factories.make_payment_entry(100)
		small = factories.make_bank_transaction(deposit=60)
		small.append("payment_entries", plain_row(payment, 100))
		with self.assert_not_saved(SelectionRefused, small.name, "40"):
			small.save()
		large = factories.make_bank_transaction(deposit=500)
		large.append("payment_entries", plain_row(payment, 500))
		with self.assert_not_saved(SelectionRefused, payment.name, "only"):
			large.save()

	def test_p28_a_line_that_is_over_allocated_already_can_be_mended(self):
		"""Older data: two vouchers of 60 on 100. Other fields can be saved, and a row can be taken off."""
		payments = [factories.make_payment_entry(60) for _number in range(2)]
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(payments[0]))
		link_amount(line, payments[1], 40)
		(second,) = frappe.get_all(
			"Bank Transaction Payments",
			{"parent": line.name, "payment_entry": payments[1].name},
			pluck="name",
		)
		frappe.db.set_value("Bank Transaction Payments", second, "allocated_amount", 60)
		values = {"allocated_amount": 120, "unallocated_amount": -20}
		frappe.db.set_value("Bank Transaction", line.name, values)
		document = frappe.get_doc("Bank Transaction", line.name)
		document.reference_number = "mended"
		document.save()
		document.set("payment_entries", document.payment_entries[:1])
		document.save()
		self.assert_state(line, 40)
		self.assertIsNone(clearance_date(payments[1]))

	def test_p24_the_wrong_direction(self):
		payment = factories.make_supplier_payment(50)
		line = factories.make_bank_transaction(deposit=50)
		line.append("payment_entries", plain_row(payment, 50))
		with self.assert_not_saved(SelectionRefused, payment.name, "against the direction"):
			line.save()

	def test_saving_other_fields_costs_no_check(self):
		"""A corrected reference leaves clearance dates alone, also one that somebody set by hand."""
		payment = factories.make_payment_entry(10)
		line = factories.make_bank_transaction(deposit=10)
		link(line, row(payment))
		frappe.db.set_value("Payment Entry", payment.name, "clearance_date", LATER)
		document = frappe.get_doc("Bank Transaction", line.name)
		document.reference_number = "corrected"
		document.save()
		self.assertEqual(clearance_date(payment), LATER)


class TestCancelledVoucher(EventsTestCase):
	"""P64: cancelling a reconciled voucher frees the line, on record and with one warning."""

	def comments(self, line):
		filters = {"reference_doctype": "Bank Transaction", "reference_name": line.name}
		return frappe.get_all("Comment", {**filters, "comment_type": "Info"}, pluck="content")

	def warnings_of(self, line):
		messages = [
			message if isinstance(message, str) else json.dumps(message)
			for message in frappe.local.message_log
		]
		return [message for message in messages if line.name in message]

	def test_p64_the_line_is_free_and_says_who_did_it(self):
		"""PE 60 and PE 40 on a line of 100; the 60 is cancelled by a clerk."""
		payments = factories.make_payment_entry(60), factories.make_payment_entry(40)
		line = factories.make_bank_transaction(deposit=100)
		link(line, *map(row, payments))
		clerk = factories.make_user("abr-clerk@example.com", ["Accounts User", "Accounts Manager"])
		frappe.clear_messages()
		frappe.set_user(clerk)
		cancel(payments[0])
		frappe.set_user("Administrator")
		self.assert_state(line, 60)
		self.assertEqual(clearance_date(payments[1]), POSTED)
		(comment,) = self.comments(line)
		for word in (clerk, payments[0].name, "60"):
			self.assertIn(word, comment)
		(warning,) = self.warnings_of(line)
		self.assertIn(payments[0].name, warning)
		self.assertIn("/app/bank-transaction/", warning)

	def test_p64_a_transfer_frees_both_lines(self):
		transfer = factories.make_transfer(70, self.bank_account, self.savings)
		out = factories.make_bank_transaction(withdrawal=70)
		arrived = factories.make_bank_transaction(deposit=70, bank_account=self.savings)
		link(out, row(transfer))
		link(arrived, row(transfer))
		frappe.clear_messages()
		cancel(transfer)
		for line in (out, arrived):
			self.assert_state(line, 70)
			self.assertEqual((len(self.comments(line)), len(self.warnings_of(line))), (1, 1))
		self.assertIsNone(clearance_date(transfer))

	def test_p64_invoices_and_journal_entries(self):
		"""Every kind of voucher says it, with its own amount."""
		vouchers = (
			factories.make_journal_entry((self.gl_account, 45), (factories.account("Sales"), -45)),
			factories.make_pos_invoice(25, self.bank_account),
		)
		line = factories.make_bank_transaction(deposit=70)
		link(line, *map(row, vouchers))
		for voucher in vouchers:
			cancel(voucher)
		self.assert_state(line, 70)
		self.assertEqual(len(self.comments(line)), 2)

	def test_a_voucher_that_is_not_reconciled_says_nothing(self):
		payment = factories.make_payment_entry(10)
		line = factories.make_bank_transaction(deposit=10)
		frappe.clear_messages()
		cancel(payment)
		self.assertEqual((self.comments(line), self.warnings_of(line)), ([], []))


def plain_row(voucher, amount):
	"""Return a row with an amount, as a form or a script writes it."""
	return {
		"payment_document": voucher.doctype,
		"payment_entry": voucher.name,
		"allocated_amount": amount,
	}
