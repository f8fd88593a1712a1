# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Payment Entries where invoice, bank account and company may each have a currency of their own (P17, P19).

The company's books are in EUR. Invoices in USD were booked at 0.90; on the statement's date a USD is worth
0.92 EUR and a GBP 1.15 EUR, so that 100 USD are 92 EUR or 80 GBP, and 100 EUR are 108.70 USD.
"""

from typing import NamedTuple
from unittest.mock import patch

import frappe
from frappe.utils import flt

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_bulk,
	unreconcile_bank_transaction,
)
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW
from advanced_bank_reconciliation.exceptions import ExchangeRateMissing, NothingToDo
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.bulk_case import BulkTestCase, freeze
from advanced_bank_reconciliation.tests.factories import EURO_COMPANY, STATEMENT_DATE, wish
from advanced_bank_reconciliation.tests.test_payment_entry import pay
from advanced_bank_reconciliation.tests.utils import (
	ABRTestCase,
	ledger_rows,
	run_committed,
	single_values,
	submitted_payments,
)
from advanced_bank_reconciliation.vouchers.exchange import decimals

BOOKED_AT = 0.9
RATES = {"USD": 0.92, "GBP": 1.15, "JPY": 0.006, "KWD": 3.0}


class Case(NamedTuple):
	"""An invoice, the line that pays it, and what the books must show, to the cent.

	amount, currency: of the invoice. bank, paid: currency of the bank account, and what the line moves.
	base: what the Payment Entry books in EUR. gain: of exchange, in EUR; negative is a loss.
	"""

	story: str
	doctype: str
	amount: float
	currency: str
	bank: str
	paid: float
	base: float
	gain: float


CASES = (
	Case("USD invoice, EUR bank", "Sales Invoice", 100, "USD", "EUR", 92, 92, 2),
	Case("USD invoice, USD bank", "Sales Invoice", 100, "USD", "USD", 100, 92, 2),
	Case("EUR invoice, USD bank", "Sales Invoice", 100, "EUR", "USD", 108.7, 100, 0),
	Case("USD invoice, GBP bank", "Sales Invoice", 100, "USD", "GBP", 80, 92, 2),
	Case("USD bill, EUR bank", "Purchase Invoice", 100, "USD", "EUR", 92, 92, -2),
	Case("USD bill, USD bank", "Purchase Invoice", 100, "USD", "USD", 100, 92, -2),
	Case("EUR bill, USD bank", "Purchase Invoice", 100, "EUR", "USD", 108.7, 100, 0),
	Case("USD bill, GBP bank", "Purchase Invoice", 100, "USD", "GBP", 80, 92, -2),
	Case("USD credit note, EUR bank", "Sales Invoice", -100, "USD", "EUR", 92, 92, -2),
	Case("USD credit note, GBP bank", "Sales Invoice", -100, "USD", "GBP", 80, 92, -2),
	Case("EUR credit note, USD bank", "Sales Invoice", -100, "EUR", "USD", 108.7, 100, 0),
	Case("USD debit note, EUR bank", "Purchase Invoice", -100, "USD", "EUR", 92, 92, 2),
	Case("USD debit note, GBP bank", "Purchase Invoice", -100, "USD", "GBP", 80, 92, 2),
	Case("odd cents, GBP bank", "Sales Invoice", 33.33, "USD", "GBP", 26.66, 30.66, 0.66),
)


class CurrencyTestCase(ABRTestCase):
	@classmethod
	def make_masters(cls):
		factories.make_company(EURO_COMPANY)
		for currency in ("EUR", *RATES):
			factories.make_foreign_bank_account(currency, EURO_COMPANY)
		for currency in RATES:
			factories.make_foreign_receivable(currency, EURO_COMPANY)
			factories.make_foreign_payable(currency, EURO_COMPANY)

	def setUp(self):
		super().setUp()
		for currency, rate in RATES.items():
			factories.make_exchange_rate(currency, rate, to_currency="EUR")

	def line(self, moves: float, currency: str, **values):
		"""Return a deposit of the company into its account in `currency`, or a withdrawal where negative."""
		return factories.make_bank_transaction(
			deposit=max(moves, 0),
			withdrawal=max(-moves, 0),
			bank_account=factories.make_foreign_bank_account(currency, EURO_COMPANY),
			currency=currency,
			**values,
		)

	def invoice(self, amount: float, currency: str, doctype: str = "Sales Invoice", **values):
		is_sale = doctype == "Sales Invoice"
		if currency != "EUR":
			values.setdefault("conversion_rate", BOOKED_AT)
			values["currency"] = currency
			account = factories.make_foreign_receivable if is_sale else factories.make_foreign_payable
			values["debit_to" if is_sale else "credit_to"] = account(currency, EURO_COMPANY)
		make = factories.make_sales_invoice if is_sale else factories.make_purchase_invoice
		return make(amount, values.pop("party", f"ABR Euro {currency}"), company=EURO_COMPANY, **values)

	def base_of(self, doctype: str, name: str, account: str) -> float:
		"""Return debit less credit of the voucher on the account, in EUR."""
		rows = [row for row in ledger_rows(doctype, name) if row.account == account]
		return flt(sum(row.debit - row.credit for row in rows), 2)

	def gain_of(self, payment: str) -> float:
		"""Return the exchange gain, in EUR, that ERPNext has booked for the Payment Entry."""
		account = frappe.db.get_value("Company", EURO_COMPANY, "exchange_gain_loss_account")
		journals = frappe.get_all(
			"Journal Entry Account",
			{"reference_type": "Payment Entry", "reference_name": payment, "docstatus": 1},
			pluck="parent",
			distinct=True,
		)
		self.assert_balanced([("Journal Entry", name) for name in journals])
		return -flt(sum(self.base_of("Journal Entry", name, account) for name in journals), 2)

	def assert_party_owes_nothing(self, *invoices):
		"""What was booked for the invoices, in EUR and in their own currency, adds up to nothing."""
		for invoice in invoices:
			left = frappe.db.get_value(invoice.doctype, invoice.name, "outstanding_amount")
			self.assertEqual(left, 0, invoice.name)
			rows = frappe.get_all(
				"Payment Ledger Entry",
				{"against_voucher_no": invoice.name, "delinked": 0},
				["amount", "amount_in_account_currency"],
			)
			self.assertEqual(flt(sum(row.amount_in_account_currency for row in rows), 2), 0)
			self.assertEqual(flt(sum(row.amount for row in rows), 2), 0, "base amounts of the party")


class TestCurrencies(CurrencyTestCase):
	def test_p17_every_combination_of_currencies(self):
		"""Each case: settled in full, the line used up, no difference, gain or loss booked to the cent."""
		for case in CASES:
			with self.subTest(case.story):
				self.check(case)

	def check(self, case: Case):
		invoice = self.invoice(case.amount, case.currency, case.doctype)
		receives = (case.amount > 0) == (case.doctype == "Sales Invoice")
		line = self.line(case.paid if receives else -case.paid, case.bank)
		answer = pay(line, wish(invoice))
		(payment,) = answer["payment_entries"]
		document = frappe.get_doc("Payment Entry", payment)
		party_amount, bank_amount = (
			(document.paid_amount, document.received_amount)
			if receives
			else (document.received_amount, document.paid_amount)
		)
		self.assertEqual((party_amount, bank_amount), (abs(case.amount), case.paid))
		self.assertEqual((document.difference_amount, document.unallocated_amount), (0, 0))
		self.assertEqual(document.deductions, [], "nothing but gain or loss lies between the two")
		self.assertEqual((document.base_paid_amount, document.base_received_amount), (case.base, case.base))
		bank = frappe.db.get_value("Bank Account", line.bank_account, "account")
		moved = self.base_of("Payment Entry", payment, bank)
		self.assertEqual(moved, case.base if receives else -case.base)
		self.assertEqual(self.gain_of(payment), case.gain)
		self.assert_balanced([("Payment Entry", payment)])
		self.assert_party_owes_nothing(invoice)
		self.assert_linked(line, "Payment Entry", payment)
		self.assert_state(line, 0)

	def test_p17_parts_settle_the_whole(self):
		"""100 USD by 50 EUR, then by the 42.00 EUR that the rest is worth: nothing stays open."""
		invoice = self.invoice(100, "USD")
		pay(self.line(50, "EUR"), wish(invoice))
		left = frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount")
		self.assertEqual(left, 45.65, "50 EUR are 54.35 USD")
		second = self.line(42, "EUR")
		pay(second, wish(invoice))
		self.assertEqual(sorted(submitted_payments(invoice).values()), [45.65, 54.35])
		self.assert_party_owes_nothing(invoice)
		self.assert_state(second, 0)

	def test_p17_invoice_and_credit_note_net_in_another_currency(self):
		"""SI 100 USD and credit note -30 USD by 64.40 EUR: one Payment Entry, 1.40 EUR gain in all."""
		invoice, credit_note = self.invoice(100, "USD"), self.invoice(-30, "USD")
		line = self.line(64.4, "EUR")
		answer = pay(line, wish(invoice), wish(credit_note))
		(payment,) = answer["payment_entries"]
		self.assertEqual(frappe.db.get_value("Payment Entry", payment, "paid_amount"), 70)
		self.assertEqual(self.gain_of(payment), 1.4)
		self.assert_party_owes_nothing(invoice, credit_note)
		self.assert_state(line, 0)

	def test_p17_rounding_of_several_rows_is_booked(self):
		"""Three invoices and a credit note of odd cents in one Payment Entry, by GBP and by USD.

		Rounded one by one in EUR they are up to a cent beside their sum: ERPNext's difference is zero still.
		"""
		for currency, deposit in (("GBP", 79.93), ("USD", 99.93)):
			with self.subTest(currency):
				documents = [self.invoice(amount, "USD") for amount in (33.33, 33.33, 33.34, -0.07)]
				line = self.line(deposit, currency)
				answer = pay(line, *map(wish, documents))
				(payment,) = answer["payment_entries"]
				document = frappe.get_doc("Payment Entry", payment)
				self.assertEqual((document.difference_amount, document.unallocated_amount), (0, 0))
				self.assertLessEqual(sum(abs(row.amount) for row in document.deductions), 0.02)
				self.assert_balanced([("Payment Entry", payment)])
				self.assert_party_owes_nothing(*documents)
				self.assert_state(line, 0)

	def test_p19_dollars_are_not_compared_with_australian_dollars(self):
		"""An invoice of 100 USD and a line of 80 GBP fit exactly: no difference of 20 is left anywhere."""
		invoice = self.invoice(100, "USD")
		line = self.line(80, "GBP")
		answer = pay(line, wish(invoice, 80))
		self.assertEqual((answer["processed"], answer["failures"]), (1, []))
		self.assert_state(line, 0)
		row = frappe.get_all(
			INVOICE_ROW,
			{"parent": answer["job_id"]},
			["allocated_amount", "outstanding_amount", "invoice_currency", "amount_in_invoice_currency"],
		)[0]
		self.assertEqual(
			row,
			{
				"allocated_amount": 80,
				"outstanding_amount": 80,
				"invoice_currency": "USD",
				"amount_in_invoice_currency": 100,
			},
		)

	def test_p19_more_than_it_is_worth_is_refused_in_the_banks_currency(self):
		"""100 USD are worth 80 GBP: 80.01 asked is named with both amounts in GBP."""
		invoice = self.invoice(100, "USD")
		with self.assert_refused(NothingToDo, invoice.name, "80.01", "80.00"):
			pay(self.line(500, "GBP"), wish(invoice, 80.01))

	def test_p17_missing_rates_are_named(self):
		"""No CHF rate: refused with the invoice, both currencies, the day, and what to add."""
		factories.make_foreign_receivable("CHF", EURO_COMPANY)
		invoice = self.invoice(100, "CHF")
		line = self.line(80, "GBP")
		with self.assert_refused(
			ExchangeRateMissing, invoice.name, "CHF", "EUR", STATEMENT_DATE, "Currency Exchange"
		):
			pay(line, wish(invoice))

	def test_p17_stale_rates_are_as_the_settings_say(self):
		"""The last CHF rate is of 1 March: it counts only where stale rates are allowed."""
		factories.make_foreign_receivable("CHF", EURO_COMPANY)
		factories.make_exchange_rate("CHF", 1.0, date="2026-03-01", to_currency="EUR")
		invoice = self.invoice(100, "CHF")
		line = self.line(80, "EUR")
		with single_values("Accounts Settings", allow_stale=0, stale_days=5):
			with self.assert_refused(ExchangeRateMissing, "CHF"):
				pay(line, wish(invoice))
		with single_values("Accounts Settings", allow_stale=1):
			pay(line, wish(invoice))
		self.assert_state(line, 0)

	def test_p17_nothing_waits_for_the_network(self):
		"""The web service may be enabled and unreachable: nobody asks it while rows are locked."""
		invoices = [self.invoice(100, "USD"), self.invoice(-100, "USD"), self.invoice(100, "EUR")]
		lines = [self.line(80, "GBP"), self.line(-80, "GBP"), self.line(108.7, "USD")]
		with (
			single_values("Currency Exchange Settings", disabled=0),
			patch("requests.get", side_effect=AssertionError("asked the network")) as asked,
			patch("requests.request", side_effect=AssertionError("asked the network")),
		):
			for line, invoice in zip(lines, invoices, strict=True):
				pay(line, wish(invoice))
		asked.assert_not_called()

	def test_p17_undo_takes_gain_and_payment_back(self):
		"""Unreconciled and cancelled: the gain's journal goes too, and the 100 USD are outstanding again."""
		invoice = self.invoice(100, "USD")
		line = self.line(92, "EUR")
		(payment,) = pay(line, wish(invoice))["payment_entries"]
		self.assertEqual(self.gain_of(payment), 2)
		unreconcile_bank_transaction(line.name, cancel_linked_documents=1)
		self.assertEqual(self.gain_of(payment), 0)
		self.assertEqual(frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount"), 100)
		self.assert_state(line, 92)

	def test_p15_a_yen_account_pays_whole_yen(self):
		"""100 USD at 0.92 and a yen at 0.006 EUR are 15,333 yen, no sen; the invoice is settled in full."""
		self.assertEqual((decimals("JPY", 2), decimals("USD", 2), decimals("KWD", 3)), (0, 2, 3))
		invoice = self.invoice(100, "USD")
		line = self.line(15333, "JPY")
		pay(line, wish(invoice))
		self.assert_party_owes_nothing(invoice)
		self.assert_state(line, 0)

	def test_p15_an_invoice_in_yen_is_settled_in_whole_yen(self):
		"""10,000 yen are 60 EUR; 25.01 EUR settle 4,168 of them."""
		invoice = self.invoice(10000, "JPY", conversion_rate=0.006)
		pay(self.line(25.01, "EUR"), wish(invoice))
		self.assertEqual(list(submitted_payments(invoice).values()), [4168])


class TestThreeDecimals(CurrencyTestCase):
	def setUp(self):
		super().setUp()
		frappe.db.set_default("currency_precision", "3")
		self.addCleanup(frappe.db.set_default, "currency_precision", "")

	def test_p15_dinars_have_three_decimals(self):
		"""On a site that keeps three: SI 10.125 KWD, deposit 4.126 KWD: 5.999 stay outstanding."""
		invoice = self.invoice(10.125, "KWD", conversion_rate=3.0, disable_rounded_total=1)
		line = self.line(4.126, "KWD")
		pay(line, wish(invoice))
		self.assertEqual(list(submitted_payments(invoice).values()), [4.126])
		left = frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount")
		self.assertEqual(flt(left, 3), 5.999)
		self.assertEqual(frappe.db.get_value("Bank Transaction", line.name, "unallocated_amount"), 0)

	def test_p15_dinars_by_another_currency(self):
		"""10.125 KWD are worth 30.38 EUR (30.375): that settles all three decimals of it."""
		invoice = self.invoice(10.125, "KWD", conversion_rate=3.0, disable_rounded_total=1)
		line = self.line(30.38, "EUR")
		pay(line, wish(invoice))
		self.assert_party_owes_nothing(invoice)
		self.assertEqual(frappe.db.get_value("Bank Transaction", line.name, "unallocated_amount"), 0)


class TestCurrenciesInBackground(CurrencyTestCase, BulkTestCase):
	def test_p17_a_bulk_run_in_three_currencies(self):
		"""USD and EUR invoices by one GBP deposit through the engine: rows say both amounts; line used up."""
		dollars = [self.invoice(amount, "USD", party=f"ABR Bulk {amount}") for amount in (100, 50, 25)]
		euros = [self.invoice(115, "EUR", party="ABR Bulk Euro")]
		line = self.line(80 + 40 + 20 + 100, "GBP")
		answer = create_payment_entries_bulk(line.name, [wish(invoice) for invoice in (*dollars, *euros)])
		job = run_committed(answer["job_id"])
		self.assertEqual((job.status, job.processed, job.failed), ("Completed", 4, 0), job.error_message)
		rows = frappe.get_all(
			INVOICE_ROW,
			{"parent": job.name},
			["invoice", "allocated_amount", "invoice_currency", "amount_in_invoice_currency"],
		)
		amounts = {
			row.invoice: (row.allocated_amount, row.amount_in_invoice_currency, row.invoice_currency)
			for row in rows
		}
		self.assertEqual(amounts[dollars[0].name], (80, 100, "USD"))
		self.assertEqual(amounts[euros[0].name], (100, 115, "EUR"))
		self.assert_party_owes_nothing(*dollars, *euros)
		self.assert_state(line, 0)

	def test_p17_the_plan_is_carried_out_at_other_rates_too(self):
		"""The rate is corrected between plan and payment: the planned 80 GBP settle the planned 100 USD."""
		invoice = self.invoice(100, "USD", party="ABR Bulk Corrected")
		line = self.line(80, "GBP")
		answer = create_payment_entries_bulk(line.name, [wish(invoice)])
		factories.make_exchange_rate("USD", 0.95, to_currency="EUR")
		job = run_committed(answer["job_id"])
		self.addCleanup(frappe.db.commit)
		self.addCleanup(factories.make_exchange_rate, "USD", RATES["USD"], to_currency="EUR")
		self.assertEqual(job.status, "Completed", job.error_message)
		self.assert_party_owes_nothing(invoice)
		self.assert_state(line, 0)

	def test_p17_roll_back_takes_gains_back(self):
		"""All or nothing, and the second customer is frozen: payment and gain of the first are cancelled."""
		first = self.invoice(100, "USD", party="ABR Bulk First", due_date="2026-03-10")
		second = self.invoice(50, "USD", party="ABR Bulk Frozen", due_date="2026-03-12")
		line = self.line(120, "GBP")
		with self.settings(on_invoice_failure="All or nothing", batch_size=1):
			answer = create_payment_entries_bulk(line.name, [wish(first), wish(second)])
		freeze(self, second.customer)
		job = run_committed(answer["job_id"])
		self.assertEqual(job.status, "Rolled Back")
		self.assertEqual(submitted_payments(first), {})
		journals = frappe.get_all(
			"Journal Entry Account", {"reference_name": first.name, "docstatus": 1}, pluck="parent"
		)
		self.assertEqual(journals, [], "the gain is taken back with its payment")
		for invoice in (first, second):
			left = frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount")
			self.assertEqual(left, invoice.outstanding_amount)
		self.assert_state(line, 120)
