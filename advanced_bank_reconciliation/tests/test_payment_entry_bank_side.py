# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The bank's side of a Payment Entry: account, dates, reference number, currencies."""

import frappe
from frappe.utils import flt, getdate

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_for_invoices,
)
from advanced_bank_reconciliation.exceptions import ExchangeRateMissing, NothingToDo
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.utils import (
	ABRTestCase,
	bank_movement,
	ledger_rows,
	single_values,
	submitted_payments,
)
from advanced_bank_reconciliation.vouchers.links import BankLine
from advanced_bank_reconciliation.vouchers.payment_entry import (
	Settlement,
	create_payment_entry,
	reference_number,
)


def pay(bank_transaction, *rows, **arguments):
	"""Settle the rows from the Bank Transaction by the endpoint, in the foreground."""
	return create_payment_entries_for_invoices(bank_transaction.name, list(rows), **arguments)


class TestBankSide(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.savings = factories.make_bank_account("ABR Savings")
		cls.card = factories.make_card_account()

	def test_p22_the_bank_account_is_that_of_the_line(self):
		"""The company's default bank account is another one; line and Payment Entry use the line's."""
		other = self.savings
		default = frappe.db.get_value("Bank Account", self.bank_account, "account")
		frappe.db.set_value("Company", self.company, "default_bank_account", default)
		frappe.clear_document_cache("Company", self.company)
		invoice = factories.make_sales_invoice(90)
		line = factories.make_bank_transaction(deposit=90, bank_account=other)
		pay(line, wish(invoice))
		(payment,) = self.assert_settled(line, [invoice])
		self.assertEqual(frappe.db.get_value("Payment Entry", payment, "bank_account"), other)
		self.assertEqual(bank_movement("Payment Entry", payment, other), 90)
		self.assertEqual(bank_movement("Payment Entry", payment, self.bank_account), 0)

	def test_p22_a_mode_of_payment_does_not_choose_the_account(self):
		"""The bill names a mode of payment that books to savings; the line is on the current account."""
		savings = frappe.db.get_value("Bank Account", self.savings, "account")
		mode = factories.make_mode_of_payment("ABR By Savings", savings)
		invoice = factories.make_purchase_invoice(90, mode_of_payment=mode)
		line = factories.make_bank_transaction(withdrawal=90)
		pay(line, wish(invoice))
		(payment,) = self.assert_settled(line, [invoice])
		self.assertEqual(bank_movement("Payment Entry", payment, self.savings), 0)

	def test_dates_are_those_of_the_line(self):
		"""A line of 9 March is booked, referenced and cleared on 9 March, whatever day it is."""
		invoice = factories.make_sales_invoice(90)
		line = factories.make_bank_transaction(deposit=90, date="2026-03-09")
		pay(line, wish(invoice))
		(payment,) = self.assert_settled(line, [invoice])
		dates = frappe.db.get_value(
			"Payment Entry", payment, ["posting_date", "reference_date", "clearance_date"]
		)
		self.assertEqual(set(dates), {getdate("2026-03-09")})
		gl_dates = frappe.get_all("GL Entry", {"voucher_no": payment}, pluck="posting_date", distinct=True)
		self.assertEqual(gl_dates, [getdate("2026-03-09")])

	def test_p30_a_ledger_account_that_is_not_of_type_bank(self):
		"""A credit card kept as a liability without type: paid, linked and cleared all the same."""
		invoice = factories.make_purchase_invoice(45)
		line = factories.make_bank_transaction(withdrawal=45, bank_account=self.card)
		pay(line, wish(invoice))
		self.assert_settled(line, [invoice])

	def test_books_that_are_closed(self):
		"""The books are frozen until the year's end: ERPNext's own words come back, and nothing is made."""
		invoice = factories.make_sales_invoice(45)
		line = factories.make_bank_transaction(deposit=45)
		with single_values("Accounts Settings", acc_frozen_upto="2026-12-31"):
			with self.assert_refused(NothingToDo, invoice.name, "before"):
				pay(line, wish(invoice))


class TestReferenceNumber(ABRTestCase):
	"""P23: reference of the line, else its description, else its name, cut to 140."""

	def line(self, **values):
		return factories.make_bank_transaction(deposit=10, submit=False, **values)

	def test_order_of_preference(self):
		self.assertEqual(reference_number(self.line(reference_number="R-1", description="D")), "R-1")
		self.assertEqual(reference_number(self.line(reference_number="", description="D")), "D")
		nameless = self.line(reference_number=None, description=" \n\t ")
		self.assertEqual(reference_number(nameless), nameless.name)

	def test_line_breaks_become_spaces(self):
		line = self.line(reference_number="", description="INVOICE\n 42\t of  May")
		self.assertEqual(reference_number(line), "INVOICE 42 of May")

	def test_p23_texts_that_statements_really_contain(self):
		"""Each of these texts ends in the Payment Entry exactly, and the invoice is paid."""
		texts = (
			"x" * 300,
			"50% off; 100%s %d {0}",
			'O\'Brien "quoted" `tick` \\ back',
			"<b>bold</b> & <img src=x onerror=alert(1)>",
			"支払い 請求書 ١٢٣ Überweisung für Łódź 🧾",
			"'; DROP TABLE `tabGL Entry`; --",
			"00012345678901234567890",
		)
		for text in texts:
			with self.subTest(text):
				invoice = factories.make_sales_invoice(10)
				line = factories.make_bank_transaction(deposit=10, reference_number="", description=text)
				stored = frappe.db.get_value("Bank Transaction", line.name, "description")
				pay(line, wish(invoice))
				(payment,) = self.assert_settled(line, [invoice])
				reference = frappe.db.get_value("Payment Entry", payment, "reference_no")
				self.assertLessEqual(len(reference), 140)
				self.assertEqual(reference, " ".join(stored.split())[:140])
				self.assertNotIn("onerror", reference)

	def test_p23_no_reference_at_all(self):
		"""Neither reference nor description: the line's name stands in for "Reference No is mandatory"."""
		invoice = factories.make_sales_invoice(10)
		line = factories.make_bank_transaction(deposit=10, reference_number="", description="")
		pay(line, wish(invoice))
		(payment,) = self.assert_settled(line, [invoice])
		self.assertEqual(frappe.db.get_value("Payment Entry", payment, "reference_no"), line.name)


class TestCurrencies(ABRTestCase):
	"""P17: two amounts, two currencies, the rate of the line's day, gain or loss; refused without a rate."""

	@classmethod
	def make_masters(cls):
		for currency in ("EUR", "CHF", "JPY"):
			factories.make_foreign_bank_account(currency)
			factories.make_foreign_receivable(currency)

	def test_euro_invoice_paid_into_euro_account_at_another_rate(self):
		"""SI 100 EUR booked at 1.10, paid at 1.20: 100 EUR settled, 10 USD exchange gain, books balance."""
		factories.make_exchange_rate("EUR", 1.2)
		bank_account = factories.make_foreign_bank_account("EUR")
		invoice = factories.make_foreign_sales_invoice(100, "EUR", 1.1)
		line = factories.make_bank_transaction(deposit=100, bank_account=bank_account, currency="EUR")
		pay(line, wish(invoice, 100))
		(payment,) = self.assert_settled(line, [invoice])
		values = frappe.db.get_value(
			"Payment Entry",
			payment,
			["paid_amount", "received_amount", "target_exchange_rate", "base_received_amount"],
		)
		self.assertEqual(values, (100, 100, 1.2, 120))
		debtors = [row for row in ledger_rows("Payment Entry", payment) if row.party]
		self.assertEqual(sum(row.credit_in_account_currency for row in debtors), 100)
		party = invoice.customer
		base = frappe.get_all("GL Entry", {"party": party, "is_cancelled": 0}, ["debit", "credit"])
		self.assertEqual(flt(sum(row.debit - row.credit for row in base), 2), 0, "the customer owes nothing")

	def test_euro_invoice_owed_in_dollars(self):
		"""SI 100 EUR at 1.10 on a dollar receivable: 110 USD are owed, 33.33 and 76.67 USD settle it exactly."""
		customer = "ABR Dollar Debtor"
		# ERPNext allows it for a customer whose ledger is in dollars already.
		factories.make_sales_invoice(1, customer)
		invoice = factories.make_sales_invoice(100, customer, currency="EUR", conversion_rate=1.1)
		self.assertEqual((invoice.outstanding_amount, invoice.party_account_currency), (110, "USD"))
		for deposit in (33.33, 76.67):
			line = factories.make_bank_transaction(deposit=deposit)
			pay(line, wish(invoice, deposit))
			self.assert_state(line, 0)
		self.assertEqual(sorted(submitted_payments(invoice).values()), [33.33, 76.67])
		self.assertEqual(frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount"), 0)
		for payment in submitted_payments(invoice):
			self.assertEqual(frappe.db.get_value("Payment Entry", payment, "difference_amount"), 0)

	def test_the_rate_of_the_lines_day_is_used(self):
		"""Rates 1.20 on the line's day and 1.30 later: 1.20 is booked."""
		factories.make_exchange_rate("EUR", 1.3, date="2026-03-25")
		factories.make_exchange_rate("EUR", 1.2)
		bank_account = factories.make_foreign_bank_account("EUR")
		invoice = factories.make_foreign_sales_invoice(50, "EUR", 1.2)
		line = factories.make_bank_transaction(deposit=50, bank_account=bank_account, currency="EUR")
		pay(line, wish(invoice))
		(payment,) = self.assert_settled(line, [invoice])
		self.assertEqual(frappe.db.get_value("Payment Entry", payment, "target_exchange_rate"), 1.2)

	def setUp(self):
		super().setUp()
		offline = single_values("Currency Exchange Settings", disabled=1)
		offline.__enter__()
		self.addCleanup(offline.__exit__, None, None, None)

	def test_p17_no_rate_on_record(self):
		"""No CHF rate exists: the message says which rate is needed for which day, and nothing is made."""
		bank_account = factories.make_foreign_bank_account("CHF")
		invoice = factories.make_foreign_sales_invoice(50, "CHF", 1.1)
		line = factories.make_bank_transaction(deposit=50, bank_account=bank_account, currency="CHF")
		with self.assert_refused(ExchangeRateMissing, "CHF", "USD", "2026-03-20", "Currency Exchange"):
			pay(line, wish(invoice))

	def test_p17_no_rate_is_an_error_of_its_own_for_callers(self):
		bank_account = factories.make_foreign_bank_account("CHF")
		invoice = factories.make_foreign_sales_invoice(50, "CHF", 1.1)
		line = factories.make_bank_transaction(deposit=50, bank_account=bank_account, currency="CHF")
		with self.assert_refused(ExchangeRateMissing, "CHF"):
			create_payment_entry(BankLine(line), [Settlement("Sales Invoice", invoice.name, 50)])

	def test_p19_invoice_owed_in_another_currency(self):
		"""SI 100 EUR at 1.20 and a deposit of 120 USD: they fit, and no difference of 20 is shown or left."""
		factories.make_exchange_rate("EUR", 1.2)
		invoice = factories.make_foreign_sales_invoice(100, "EUR", 1.1)
		line = factories.make_bank_transaction(deposit=120)
		pay(line, wish(invoice))
		self.assertEqual(list(submitted_payments(invoice).values()), [100])
		self.assert_state(line, 0)

	def test_p15_currency_without_decimals(self):
		"""SI 1,001 JPY, deposit 500 JPY: 501 JPY stay outstanding."""
		factories.make_exchange_rate("JPY", 0.0065)
		bank_account = factories.make_foreign_bank_account("JPY")
		invoice = factories.make_foreign_sales_invoice(1001, "JPY", 0.0065)
		line = factories.make_bank_transaction(deposit=500, bank_account=bank_account, currency="JPY")
		pay(line, wish(invoice, 500))
		self.assert_paid_once(invoice, line, 500)
		self.assert_state(line, 0)
