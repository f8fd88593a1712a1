# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Linking existing vouchers to a Bank Transaction: caps, direction, company, clearance dates."""

import json

import frappe
from frappe.utils import getdate

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	reconcile_vouchers,
)
from advanced_bank_reconciliation.exceptions import BankTransactionNotOpen, SelectionRefused
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.utils import ABRTestCase, links_of, single_values

STATEMENT_DATE = getdate(factories.STATEMENT_DATE)


def row(voucher, amount=None):
	"""Return the row of a request for this voucher."""
	wanted = {"payment_doctype": voucher.doctype, "payment_name": voucher.name}
	return wanted if amount is None else {**wanted, "amount": amount}


def link(bank_transaction, *rows):
	"""Link by the endpoint."""
	return reconcile_vouchers(bank_transaction.name, list(rows))


def clearance_date(voucher):
	return frappe.db.get_value(voucher.doctype, voucher.name, "clearance_date")


class LinkTestCase(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.savings = factories.make_bank_account("ABR Savings")
		cls.card = factories.make_card_account()
		cls.foreign = factories.make_bank_account("ABR Other", company=cls.other_company)

	def assert_allocated(self, bank_transaction, voucher, amount):
		(linked,) = links_of(bank_transaction, voucher.doctype, voucher.name)
		self.assertEqual(linked.allocated_amount, amount)
		self.assertEqual(linked.abr_reconciliation_type or "Matched", "Matched")


class TestLinking(LinkTestCase):
	def test_payment_entry_and_deposit_of_the_same_amount(self):
		"""PE 100 received, deposit 100: linked, cleared at the line's date, line Reconciled."""
		payment = factories.make_payment_entry(100)
		line = factories.make_bank_transaction(deposit=100)
		answer = link(line, row(payment, 100))
		self.assertEqual(answer.name, line.name)
		self.assertEqual(answer.unallocated_amount, 0)
		self.assert_linked(line, "Payment Entry", payment.name)
		self.assert_state(line, 0)

	def test_supplier_payment_and_withdrawal(self):
		"""PE 100 paid, withdrawal 100."""
		payment = factories.make_supplier_payment(100)
		line = factories.make_bank_transaction(withdrawal=100)
		link(line, row(payment))
		self.assert_linked(line, "Payment Entry", payment.name)
		self.assert_state(line, 0)

	def test_rows_as_json_text(self):
		"""Older scripts send the list as JSON text."""
		payment = factories.make_payment_entry(100)
		line = factories.make_bank_transaction(deposit=100)
		reconcile_vouchers(line.name, json.dumps([row(payment, 100)]))
		self.assert_linked(line, "Payment Entry", payment.name)

	def test_several_vouchers_at_once(self):
		"""PE 30, JE 45 and a paid invoice 25 make a deposit of 100."""
		payment = factories.make_payment_entry(30)
		journal_entry = factories.make_journal_entry((self.gl_account, 45), (factories.account("Sales"), -45))
		pos_invoice = factories.make_pos_invoice(25, self.bank_account)
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(payment), row(journal_entry), row(pos_invoice))
		for voucher in (payment, journal_entry, pos_invoice):
			self.assert_linked(line, voucher.doctype, voucher.name)
		self.assert_state(line, 0)

	def test_p02_link_and_clearance_are_one_transaction(self):
		"""What is linked is cleared already when the call returns, and a rollback takes both back."""
		payment = factories.make_payment_entry(100)
		line = factories.make_bank_transaction(deposit=100)
		frappe.db.savepoint("abr_before_link")
		link(line, row(payment))
		self.assertEqual(clearance_date(payment), STATEMENT_DATE)
		frappe.db.rollback(save_point="abr_before_link")
		self.assertIsNone(clearance_date(payment))
		self.assertEqual(links_of(line, "Payment Entry", payment.name), [])

	def test_the_ledger_is_not_touched(self):
		"""Linking posts nothing: the ledger before and after is the same."""
		payment = factories.make_payment_entry(100)
		line = factories.make_bank_transaction(deposit=100)
		before = frappe.db.count("GL Entry"), frappe.db.count("Payment Ledger Entry")
		link(line, row(payment))
		self.assertEqual((frappe.db.count("GL Entry"), frappe.db.count("Payment Ledger Entry")), before)


class TestCaps(LinkTestCase):
	"""Who is believed: the caller's amount is a wish (P03)."""

	def test_wish_beyond_the_voucher(self):
		"""PE 60, asked 500, deposit 100: 60 are allocated, 40 stay."""
		payment = factories.make_payment_entry(60)
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(payment, 500))
		self.assert_allocated(line, payment, 60)
		self.assert_state(line, 40)

	def test_wish_beyond_the_line(self):
		"""PE 500, deposit 100: 100 are allocated, and the payment is not cleared by a fifth of it."""
		payment = factories.make_payment_entry(500)
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(payment, 500))
		self.assert_allocated(line, payment, 100)
		self.assertIsNone(clearance_date(payment))
		self.assert_state(line, 0)

	def test_smaller_wish_is_kept(self):
		"""PE 100, 30 wanted of it: 30 are allocated although more would fit."""
		payment = factories.make_payment_entry(100)
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(payment, 30))
		self.assert_allocated(line, payment, 30)
		self.assertIsNone(clearance_date(payment))
		self.assert_state(line, 70)

	def test_two_lines_share_one_voucher(self):
		"""PE 100 over deposits of 60 (20 March) and 40 (25 March): cleared by the second, at its date."""
		payment = factories.make_payment_entry(100)
		first = factories.make_bank_transaction(deposit=60)
		second = factories.make_bank_transaction(deposit=40, date="2026-03-25")
		link(first, row(payment, 100))
		self.assertIsNone(clearance_date(payment))
		link(second, row(payment, 100))
		self.assert_allocated(first, payment, 60)
		self.assert_allocated(second, payment, 40)
		self.assertEqual(clearance_date(payment), getdate("2026-03-25"))

	def test_two_lines_in_the_other_order(self):
		"""The later line first: clearance is still the latest date of the two (P32)."""
		payment = factories.make_payment_entry(100)
		early = factories.make_bank_transaction(deposit=60)
		late = factories.make_bank_transaction(deposit=40, date="2026-03-25")
		link(late, row(payment))
		link(early, row(payment))
		self.assertEqual(clearance_date(payment), getdate("2026-03-25"))

	def test_p14_one_cent_short_is_not_covered(self):
		"""PE 100.00, line 99.99: not cleared; the last cent closes it."""
		payment = factories.make_payment_entry(100)
		link(factories.make_bank_transaction(deposit=99.99), row(payment))
		self.assertIsNone(clearance_date(payment))
		link(factories.make_bank_transaction(deposit=0.01), row(payment))
		self.assertEqual(clearance_date(payment), STATEMENT_DATE)

	def test_p14_floating_sums_cover(self):
		"""PE 0.30 by lines of 0.10 and 0.20: covered, although 0.1 + 0.2 is not 0.3 in binary."""
		payment = factories.make_payment_entry(0.3)
		link(factories.make_bank_transaction(deposit=0.1), row(payment))
		link(factories.make_bank_transaction(deposit=0.2), row(payment))
		self.assertEqual(clearance_date(payment), STATEMENT_DATE)

	def test_p28_fully_covered_voucher_is_refused(self):
		"""PE 100 covered by one line; a second line that wants it gets an error, not a negative amount."""
		payment = factories.make_payment_entry(100)
		link(factories.make_bank_transaction(deposit=100), row(payment))
		line = factories.make_bank_transaction(deposit=100)
		with self.assert_refused(SelectionRefused, payment.name, "covered"):
			link(line, row(payment))

	def test_more_vouchers_than_the_line_holds(self):
		"""PE 80 and PE 50 for a deposit of 80: nothing is left for the second, so neither is linked."""
		payments = factories.make_payment_entry(80), factories.make_payment_entry(50)
		line = factories.make_bank_transaction(deposit=80)
		with self.assert_refused(SelectionRefused, payments[1].name, "nothing"):
			link(line, *map(row, payments))

	def test_a_line_takes_a_second_helping(self):
		"""Deposit 100: PE 60 first, PE 40 later; both rows stay and the sums are right."""
		payments = factories.make_payment_entry(60), factories.make_payment_entry(40)
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(payments[0]))
		self.assert_state(line, 40)
		link(line, row(payments[1]))
		for payment in payments:
			self.assert_linked(line, "Payment Entry", payment.name)
		self.assert_state(line, 0)


class TestClearance(LinkTestCase):
	def test_internal_transfer_needs_both_legs(self):
		"""Transfer 200 from one bank account to another: cleared when both lines are there, at the later date."""
		target = self.savings
		transfer = factories.make_transfer(200, self.bank_account, target)
		out = factories.make_bank_transaction(withdrawal=200)
		arrived = factories.make_bank_transaction(deposit=200, bank_account=target, date="2026-03-23")
		link(out, row(transfer))
		self.assertIsNone(clearance_date(transfer), "one leg of two is covered")
		link(arrived, row(transfer))
		self.assertEqual(clearance_date(transfer), getdate("2026-03-23"))
		for line in (out, arrived):
			self.assert_allocated(line, transfer, 200)
			self.assert_state(line, 0)

	def test_p32_the_second_leg_may_come_first(self):
		"""The arrival is linked before the departure, which has the earlier date."""
		target = self.savings
		transfer = factories.make_transfer(200, self.bank_account, target)
		arrived = factories.make_bank_transaction(deposit=200, bank_account=target, date="2026-03-23")
		link(arrived, row(transfer))
		link(factories.make_bank_transaction(withdrawal=200), row(transfer))
		self.assertEqual(clearance_date(transfer), getdate("2026-03-23"))

	def test_p31_journal_entry_with_several_rows_on_the_account(self):
		"""JE with 70 and 50 into and 20 out of the bank moves 100: a deposit of 100 covers it."""
		sales = factories.account("Sales")
		journal_entry = factories.make_journal_entry(
			(self.gl_account, 70), (self.gl_account, 50), (self.gl_account, -20), (sales, -100)
		)
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(journal_entry))
		self.assert_linked(line, "Journal Entry", journal_entry.name)
		self.assert_state(line, 0)

	def test_p31_journal_entry_shared_by_lines(self):
		"""The same JE of 100 over deposits of 30 and 70."""
		journal_entry = factories.make_journal_entry(
			(self.gl_account, 60), (self.gl_account, 40), (factories.account("Sales"), -100)
		)
		for amount in (30, 70):
			line = factories.make_bank_transaction(deposit=amount)
			link(line, row(journal_entry))
			self.assert_allocated(line, journal_entry, amount)
		self.assertEqual(clearance_date(journal_entry), STATEMENT_DATE)

	def test_p29_only_the_payment_row_of_this_bank_account(self):
		"""Invoice of 100 paid 60 into one bank account and 40 into another: each line clears its own row."""
		other = self.savings
		accounts = {
			bank_account: frappe.db.get_value("Bank Account", bank_account, "account")
			for bank_account in (self.bank_account, other)
		}
		payments = [
			{
				"mode_of_payment": factories.make_mode_of_payment(f"ABR {bank_account}"[:100], account),
				"account": account,
				"amount": amount,
			}
			for (bank_account, account), amount in zip(accounts.items(), (60, 40), strict=True)
		]
		invoice = factories.make_paid_invoice(100, payments)

		def cleared():
			rows = frappe.get_all(
				"Sales Invoice Payment", {"parent": invoice.name}, ["account", "clearance_date"]
			)
			return {found.account: found.clearance_date for found in rows}

		link(factories.make_bank_transaction(deposit=60), row(invoice))
		self.assertIsNone(cleared()[accounts[other]])
		link(factories.make_bank_transaction(deposit=40, bank_account=other), row(invoice))
		self.assertEqual(set(cleared().values()), {STATEMENT_DATE})

	def test_p30_account_that_is_not_of_type_bank(self):
		"""A card kept as a plain liability: a journal entry on it can be linked and is cleared."""
		account = frappe.db.get_value("Bank Account", self.card, "account")
		expenses = factories.account("Miscellaneous Expenses")
		journal_entry = factories.make_journal_entry((expenses, 33), (account, -33))
		line = factories.make_bank_transaction(withdrawal=33, bank_account=self.card)
		link(line, row(journal_entry))
		self.assert_linked(line, "Journal Entry", journal_entry.name)
		self.assert_state(line, 0)


class TestRefusals(LinkTestCase):
	"""Requests that cannot be meant are refused, named, and leave the books alone."""

	def test_p01_unpaid_invoice_is_not_a_voucher(self):
		"""An unpaid invoice moves no bank account: linking it would say Reconciled and leave it unpaid."""
		invoice = factories.make_sales_invoice(100)
		line = factories.make_bank_transaction(deposit=100)
		for doctype in ("Sales Invoice", "Unpaid Sales Invoice"):
			request = {"payment_doctype": doctype, "payment_name": invoice.name, "amount": 100}
			with self.subTest(doctype), self.assert_refused(SelectionRefused, invoice.name, "payment"):
				link(line, request)

	def test_p01_payment_into_another_bank_account(self):
		"""PE into account A cannot be linked to a line of account B."""
		payment = factories.make_payment_entry(100)
		other = self.savings
		line = factories.make_bank_transaction(deposit=100, bank_account=other)
		with self.assert_refused(SelectionRefused, payment.name, "moves nothing"):
			link(line, row(payment))

	def test_p24_direction(self):
		"""A Pay voucher on a deposit, a Receive voucher on a withdrawal, and the transfer's wrong leg."""
		target = self.savings
		cases = (
			(factories.make_supplier_payment(50), {"deposit": 50}),
			(factories.make_payment_entry(50), {"withdrawal": 50}),
			(factories.make_transfer(50, self.bank_account, target), {"deposit": 50}),
		)
		for voucher, amount in cases:
			line = factories.make_bank_transaction(**amount)
			with (
				self.subTest(voucher.payment_type),
				self.assert_refused(SelectionRefused, voucher.name, "against the direction"),
			):
				link(line, row(voucher))

	def test_p34_another_company(self):
		"""A journal entry of another company, on its own bank account, is refused with that company's name."""
		account = frappe.db.get_value("Bank Account", self.foreign, "account")
		journal_entry = factories.make_journal_entry(
			(account, 10), (factories.account("Sales", self.other_company), -10), company=self.other_company
		)
		line = factories.make_bank_transaction(deposit=10)
		with self.assert_refused(SelectionRefused, journal_entry.name, self.other_company):
			link(line, row(journal_entry))

	def test_draft_and_cancelled_vouchers(self):
		"""Neither a draft nor a cancelled voucher moves money."""
		draft = factories.make_journal_entry(
			(self.gl_account, 10), (factories.account("Sales"), -10), submit=False
		)
		cancelled = factories.make_payment_entry(10)
		cancelled.cancel()
		line = factories.make_bank_transaction(deposit=10)
		with self.assert_refused(SelectionRefused, draft.name, cancelled.name, "not submitted"):
			link(line, row(draft), row(cancelled))

	def test_all_offenders_in_one_message(self):
		"""A good voucher between an unknown one and one in the wrong direction: both named, none linked."""
		good = factories.make_payment_entry(10)
		wrong = factories.make_supplier_payment(10)
		line = factories.make_bank_transaction(deposit=10)
		unknown = {"payment_doctype": "Payment Entry", "payment_name": "NO-SUCH-PE"}
		with self.assert_refused(SelectionRefused, "NO-SUCH-PE", wrong.name):
			link(line, unknown, row(good), row(wrong))
		self.assertNotIn(good.name, self.last_message)

	def test_the_same_voucher_twice_in_the_list(self):
		"""Equal rows count once; different amounts for one voucher are refused."""
		payment = factories.make_payment_entry(10)
		line = factories.make_bank_transaction(deposit=10)
		with self.assert_refused(SelectionRefused, payment.name, "twice"):
			link(line, row(payment, 4), row(payment, 6))
		link(line, row(payment, 10), row(payment, 10))
		self.assert_linked(line, "Payment Entry", payment.name)

	def test_voucher_that_is_linked_here_already(self):
		"""PE 100, 40 of it linked to this line: the same line cannot take it a second time."""
		payment = factories.make_payment_entry(100)
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(payment, 40))
		with self.assert_refused(SelectionRefused, payment.name, "already linked"):
			link(line, row(payment, 60))

	def test_negative_and_zero_amounts(self):
		payment = factories.make_payment_entry(10)
		line = factories.make_bank_transaction(deposit=10)
		for amount in (-10, 0, -0.004):
			with self.subTest(amount), self.assert_refused(SelectionRefused, payment.name, "positive"):
				link(line, row(payment, amount))

	def test_nothing_selected(self):
		line = factories.make_bank_transaction(deposit=10)
		for nothing in ([], "[]", ""):
			with self.subTest(nothing), self.assert_refused(SelectionRefused, "at least one"):
				reconcile_vouchers(line.name, nothing)

	def test_bank_transaction_that_is_not_open(self):
		"""A draft, a cancelled and a fully reconciled line: each says what it is."""
		payment = factories.make_payment_entry(10)
		draft = factories.make_bank_transaction(deposit=10, submit=False)
		cancelled = factories.make_bank_transaction(deposit=10)
		cancelled.cancel()
		full = factories.make_bank_transaction(deposit=10)
		link(full, row(factories.make_payment_entry(10)))
		for line, word in ((draft, "draft"), (cancelled, "cancelled"), (full, "fully reconciled")):
			with self.subTest(word), self.assert_refused(BankTransactionNotOpen, line.name, word):
				link(line, row(payment))

	def test_unknown_bank_transaction(self):
		with self.assert_refused(frappe.DoesNotExistError, "NO-SUCH-LINE"):
			reconcile_vouchers("NO-SUCH-LINE", [])

	def test_p16_cancelling_the_line_frees_the_voucher(self):
		"""Deposit 100 cancelled after linking PE 100: clearance is empty and another line can take it."""
		payment = factories.make_payment_entry(100)
		line = factories.make_bank_transaction(deposit=100)
		link(line, row(payment))
		frappe.get_doc("Bank Transaction", line.name).cancel()
		self.assertIsNone(clearance_date(payment))
		again = factories.make_bank_transaction(deposit=100)
		link(again, row(payment))
		self.assert_linked(again, "Payment Entry", payment.name)

	def test_ledger_rows_of_an_immutable_ledger_count_once(self):
		"""PE cancelled under "immutable ledger" keeps its rows and their reversal: still not submitted."""
		if not frappe.get_meta("Accounts Settings").has_field("enable_immutable_ledger"):
			self.skipTest("this host has no immutable ledger")
		payment = factories.make_payment_entry(10)
		with single_values("Accounts Settings", enable_immutable_ledger=1):
			payment.cancel()
			line = factories.make_bank_transaction(deposit=10)
			with self.assert_refused(SelectionRefused, payment.name, "not submitted"):
				link(line, row(payment))
