# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Vouchers with several bank legs, shared vouchers, and accounts whose type is not Bank."""

from itertools import permutations

import frappe
from frappe.utils import getdate

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	unreconcile_bank_transaction,
)
from advanced_bank_reconciliation.exceptions import SelectionRefused
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.test_links import clearance_date, link, row
from advanced_bank_reconciliation.tests.utils import ABRTestCase, links_of
from advanced_bank_reconciliation.vouchers.bank_account_check import check_bank_account

POSTED = getdate(factories.STATEMENT_DATE)
LATER = getdate("2026-03-23")


class LegsTestCase(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.savings = factories.make_bank_account("ABR Savings")
		cls.card = factories.make_card_account()
		cls.cash = factories.make_bank_account(
			"ABR Petty Cash", parent_account=factories.account("Cash In Hand"), account_type="Cash"
		)
		cls.euro = factories.make_foreign_bank_account("EUR")
		cls.pound = factories.make_foreign_bank_account("GBP")

	def ledger_account(self, bank_account):
		return frappe.db.get_value("Bank Account", bank_account, "account")

	def transfer(self, from_bank_account, to_bank_account, **values):
		return factories.make_payment_entry(
			values.pop("paid_amount"),
			payment_type="Internal Transfer",
			party_type=None,
			party=None,
			paid_from=self.ledger_account(from_bank_account),
			paid_to=self.ledger_account(to_bank_account),
			**values,
		)


class TestTransfers(LegsTestCase):
	def assert_both_legs_needed(self, transfer, out, arrived):
		"""Link in both orders: open after the first, cleared at the later date after the second."""
		for first, second in ((out, arrived), (arrived, out)):
			with self.subTest(first=first.bank_account):
				link(first, row(transfer))
				self.assertIsNone(clearance_date(transfer), "one leg of two is covered")
				link(second, row(transfer))
				self.assertEqual(clearance_date(transfer), LATER)
				for line in (out, arrived):
					self.assert_state(line, 0)
				unreconcile_bank_transaction(first.name)
				self.assertIsNone(clearance_date(transfer), "one leg is open again")
				unreconcile_bank_transaction(second.name)

	def test_p32_same_currency(self):
		transfer = factories.make_transfer(200, self.bank_account, self.savings)
		out = factories.make_bank_transaction(withdrawal=200)
		arrived = factories.make_bank_transaction(deposit=200, bank_account=self.savings, date=LATER)
		self.assert_both_legs_needed(transfer, out, arrived)

	def test_p32_into_another_currency(self):
		"""110 USD leave, 100 EUR arrive: each line takes its own amount."""
		transfer = self.transfer(
			self.bank_account, self.euro, paid_amount=110, received_amount=100, target_exchange_rate=1.1
		)
		out = factories.make_bank_transaction(withdrawal=110)
		arrived = factories.make_bank_transaction(
			deposit=100, bank_account=self.euro, currency="EUR", date=LATER
		)
		self.assert_both_legs_needed(transfer, out, arrived)

	def test_p32_neither_side_in_the_currency_of_the_company(self):
		"""110 GBP leave, 120 EUR arrive, worth 132 USD both."""
		transfer = self.transfer(
			self.pound,
			self.euro,
			paid_amount=110,
			received_amount=120,
			source_exchange_rate=1.2,
			target_exchange_rate=1.1,
		)
		out = factories.make_bank_transaction(withdrawal=110, bank_account=self.pound, currency="GBP")
		arrived = factories.make_bank_transaction(
			deposit=120, bank_account=self.euro, currency="EUR", date=LATER
		)
		self.assert_both_legs_needed(transfer, out, arrived)

	def test_p32_each_leg_by_several_lines(self):
		"""200 leave as 150 and 50, and arrive as 80 and 120: the last of the four clears, in any order."""
		for order in ((0, 1, 2, 3), (3, 1, 0, 2), (2, 3, 1, 0)):
			transfer = factories.make_transfer(200, self.bank_account, self.savings)
			lines = [factories.make_bank_transaction(withdrawal=amount) for amount in (150, 50)] + [
				factories.make_bank_transaction(deposit=amount, bank_account=self.savings, date=LATER)
				for amount in (80, 120)
			]
			for number in order:
				self.assertIsNone(clearance_date(transfer))
				link(lines[number], row(transfer))
			self.assertEqual(clearance_date(transfer), LATER)


class TestSharedVouchers(LegsTestCase):
	def test_p45_two_payments_of_fifty_for_one_line(self):
		"""Two PEs of 50 and a deposit of 100: one after the other, both orders, and both at once."""
		for order in [*permutations(range(2)), None]:
			with self.subTest(order=order):
				payments = [factories.make_payment_entry(50) for _number in range(2)]
				line = factories.make_bank_transaction(deposit=100)
				if order is None:
					link(line, *map(row, payments))
				else:
					for number in order:
						link(line, row(payments[number]))
				for payment in payments:
					self.assert_linked(line, "Payment Entry", payment.name)
				self.assert_state(line, 0)

	def test_p45_two_lines_of_fifty_for_one_payment(self):
		"""One PE of 100 and deposits of 50 and 50, the later one first or last: cleared at the later date."""
		for later_first in (True, False):
			with self.subTest(later_first=later_first):
				payment = factories.make_payment_entry(100)
				lines = [factories.make_bank_transaction(deposit=50, date=day) for day in (POSTED, LATER)]
				for line in reversed(lines) if later_first else lines:
					self.assertIsNone(clearance_date(payment))
					link(line, row(payment))
				self.assertEqual(clearance_date(payment), LATER)
				for line in lines:
					self.assert_state(line, 0)

	def test_p31_journal_entry_of_both_signs_shared(self):
		"""JE with 70 and 50 in and 20 out nets to 100: lines of 30, 45 and 25 take it, no more."""
		entry = factories.make_journal_entry(
			(self.gl_account, 70),
			(self.gl_account, 50),
			(self.gl_account, -20),
			(factories.account("Sales"), -100),
		)
		for amount in (30, 45, 25):
			self.assertIsNone(clearance_date(entry))
			line = factories.make_bank_transaction(deposit=amount)
			link(line, row(entry))
			self.assert_state(line, 0)
		self.assertEqual(clearance_date(entry), POSTED)
		another = factories.make_bank_transaction(deposit=1)
		with self.assert_refused(SelectionRefused, entry.name, "covered"):
			link(another, row(entry))

	def test_p31_p32_journal_entry_on_two_accounts_with_several_rows(self):
		"""JE: 60 and 40 leave this account, 100 arrive in savings; parts on both sides."""
		entry = factories.make_journal_entry(
			(self.gl_account, -60), (self.gl_account, -40), (self.ledger_account(self.savings), 100)
		)
		for amount in (75, 25):
			link(factories.make_bank_transaction(withdrawal=amount), row(entry))
			self.assertIsNone(clearance_date(entry))
		link(factories.make_bank_transaction(deposit=100, bank_account=self.savings, date=LATER), row(entry))
		self.assertEqual(clearance_date(entry), LATER)

	def test_p26_p28_a_voucher_that_is_over_allocated_already(self):
		"""ERPNext fails on such a voucher with an IndexError instead of a message; here it is a refusal."""
		payment = factories.make_payment_entry(60)
		first = factories.make_bank_transaction(deposit=100)
		link(first, row(payment))
		(linked,) = links_of(first, "Payment Entry", payment.name)
		self.assertEqual(linked.allocated_amount, 60)
		frappe.db.set_value("Bank Transaction Payments", {"parent": first.name}, "allocated_amount", 100)
		second = factories.make_bank_transaction(deposit=100)
		with self.assert_refused(SelectionRefused, payment.name, "already covered"):
			link(second, row(payment))

	def test_older_links_that_give_back_count_as_cover(self):
		"""An older app netted with negative rows: PE 30 paid out on a deposit, linked with -30, is covered."""
		received = factories.make_payment_entry(100)
		refund = factories.make_supplier_payment(30)
		line = factories.make_bank_transaction(deposit=70)
		line.set(
			"payment_entries",
			[
				{"payment_document": "Payment Entry", "payment_entry": name, "allocated_amount": amount}
				for name, amount in ((received.name, 100), (refund.name, -30))
			],
		)
		line.save()
		self.assert_state(line, 0)
		for payment in (received, refund):
			self.assertEqual(clearance_date(payment), POSTED)
		another = factories.make_bank_transaction(withdrawal=30)
		with self.assert_refused(SelectionRefused, refund.name, "already covered"):
			link(another, row(refund))


class TestAccountTypes(LegsTestCase):
	def test_p30_cash_account_with_statements(self):
		"""Petty cash, type Cash: a journal entry on it can be linked and is cleared."""
		entry = factories.make_journal_entry(
			(factories.account("Miscellaneous Expenses"), 12), (self.ledger_account(self.cash), -12)
		)
		line = factories.make_bank_transaction(withdrawal=12, bank_account=self.cash)
		link(line, row(entry))
		self.assert_linked(line, "Journal Entry", entry.name)
		self.assert_state(line, 0)

	def test_p30_p32_bank_pays_the_card(self):
		"""300 from the bank to a card whose type is not Bank, in both orders.

		The bank's line alone clears it, as in ERPNext, for which the card has no statements. Once the card's
		line is linked too it counts, with its date; the card's line alone clears nothing.
		"""
		for card_first in (True, False):
			with self.subTest(card_first=card_first):
				transfer = self.transfer(self.bank_account, self.card, paid_amount=300, received_amount=300)
				out = factories.make_bank_transaction(withdrawal=300)
				arrived = factories.make_bank_transaction(deposit=300, bank_account=self.card, date=LATER)
				link(arrived if card_first else out, row(transfer))
				self.assertEqual(clearance_date(transfer), None if card_first else POSTED)
				link(out if card_first else arrived, row(transfer))
				self.assertEqual(clearance_date(transfer), LATER)
				unreconcile_bank_transaction(arrived.name)
				self.assertEqual(clearance_date(transfer), POSTED)

	def test_p30_the_set_up_check_says_so_in_words(self):
		"""A card and cash are told apart from a bank account; an account without ledger cannot work at all."""
		for bank_account, word in ((self.card, "none"), (self.cash, "Cash")):
			(problem,) = check_bank_account(frappe.get_doc("Bank Account", bank_account))
			self.assertIn(self.ledger_account(bank_account), problem)
			self.assertIn(f"type {word}, not Bank", problem)
		elsewhere = factories.make_bank_account_without_ledger()
		(problem,) = check_bank_account(frappe.get_doc("Bank Account", elsewhere))
		self.assertIn("no ledger account", problem)
		self.assertEqual(check_bank_account(frappe.get_doc("Bank Account", self.bank_account)), [])

	def test_p30_the_set_up_check_on_a_disabled_account(self):
		account = self.ledger_account(self.savings)
		frappe.db.set_value("Account", account, "disabled", 1)
		frappe.clear_document_cache("Account", account)
		try:
			(problem,) = check_bank_account(frappe.get_doc("Bank Account", self.savings))
		finally:
			frappe.db.set_value("Account", account, "disabled", 0)
			frappe.clear_document_cache("Account", account)
		self.assertIn("disabled", problem)
