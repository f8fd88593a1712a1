# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Early-payment discounts of payment terms, kept where the line's money fits (P20)."""

import frappe
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from frappe.utils import add_days, flt

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	get_candidates,
)
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW
from advanced_bank_reconciliation.exceptions import SelectionRefused
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.deduction_case import DeductionTestCase, booked_on, deductions_of
from advanced_bank_reconciliation.tests.factories import POSTING_DATE, account, wish
from advanced_bank_reconciliation.tests.test_payment_entry import pay
from advanced_bank_reconciliation.tests.test_payment_entry_currencies import CurrencyTestCase
from advanced_bank_reconciliation.tests.utils import single_values, submitted_payments
from advanced_bank_reconciliation.vouchers.discounts import early_payment_discounts


class TestEarlyPaymentDiscount(DeductionTestCase):
	"""2 % of the invoice until 25 days after it; the statement's date is the 18th."""

	def invoice(self, amount: float, discount: float = 2, days: int = 25, by_term: bool = True, **values):
		template = factories.make_discount_terms(
			f"ABR {discount} Per Cent {days} {int(by_term)}", discount, days, by_term=by_term
		)
		make = values.pop("make", factories.make_sales_invoice)
		return make(amount, payment_terms_template=template, **values)

	def test_p20_the_discounted_amount_settles_the_invoice(self):
		"""SI 300, deposit 294: 294 are received, 6 deducted on the company's discount account, nothing open."""
		for by_term in (True, False):
			with self.subTest(by_term=by_term):
				invoice = self.invoice(300, by_term=by_term)
				line = factories.make_bank_transaction(deposit=294)
				pay(line, wish(invoice))
				((payment, settled),) = submitted_payments(invoice).items()
				self.assertEqual((settled, self.outstanding(invoice)), (300, 0))
				self.assertEqual(deductions_of(payment), {self.discount_account: 6})
				self.assertEqual(booked_on(payment, self.discount_account), 6)
				self.assert_balanced([("Payment Entry", payment)])
				self.assert_linked(line, "Payment Entry", payment)
				self.assert_state(line, 0)

	def test_p20_same_deduction_as_erpnext_makes(self):
		"""ERPNext's own Payment Entry for such an invoice has the same amounts and deductions."""
		invoice = self.invoice(333.33)
		line = factories.make_bank_transaction(deposit=326.66)
		theirs = get_payment_entry(
			"Sales Invoice", invoice.name, bank_account=self.gl_account, reference_date=line.date
		)
		pay(line, wish(invoice))
		(payment,) = submitted_payments(invoice)
		self.assertEqual(deductions_of(payment), {row.account: row.amount for row in theirs.deductions})
		self.assertEqual(flt(theirs.paid_amount, 2), 326.66)

	def test_p20_a_supplier_is_paid_less(self):
		"""PI 300, withdrawal 294: the discount is a credit on the account, and the bill is settled."""
		invoice = self.invoice(300, make=factories.make_purchase_invoice)
		line = factories.make_bank_transaction(withdrawal=294)
		pay(line, wish(invoice))
		(payment,) = submitted_payments(invoice)
		self.assertEqual(deductions_of(payment), {self.discount_account: -6})
		self.assertEqual(self.outstanding(invoice), 0)
		self.assert_state(line, 0)

	def test_p20_no_discount_where_the_full_amounts_fit(self):
		"""SI 300 with a valid discount, deposit 300: 300 are booked, nothing is deducted."""
		invoice = self.invoice(300)
		line = factories.make_bank_transaction(deposit=300)
		pay(line, wish(invoice))
		(payment,) = self.assert_settled(line, [invoice])
		self.assertEqual(deductions_of(payment), {})

	def test_p20_no_discount_after_its_day(self):
		"""Valid for 10 days only: 294 pay a part, and 6 stay outstanding."""
		invoice = self.invoice(300, days=10)
		line = factories.make_bank_transaction(deposit=294)
		pay(line, wish(invoice))
		self.assert_paid_once(invoice, line, 294)

	def test_p20_only_as_many_discounts_as_the_line_needs(self):
		"""Two SI of 100, deposit 198: the one due first has its discount, the other is paid in full."""
		first, second = self.invoice(100), self.invoice(100)
		line = factories.make_bank_transaction(deposit=198)
		answer = pay(line, wish(second), wish(first))
		(paid_first,), (paid_second,) = submitted_payments(first), submitted_payments(second)
		self.assertEqual(deductions_of(paid_first), {self.discount_account: 2})
		self.assertEqual(deductions_of(paid_second), {})
		self.assertEqual((self.outstanding(first), self.outstanding(second)), (0, 0))
		rows = frappe.get_all(
			INVOICE_ROW,
			{"parent": answer["job_id"]},
			["invoice", "allocated_amount", "discount_amount", "amount_in_invoice_currency"],
			order_by="idx",
		)
		self.assertEqual(
			rows[0],
			{
				"invoice": first.name,
				"allocated_amount": 98,
				"discount_amount": 2,
				"amount_in_invoice_currency": 100,
			},
		)
		self.assert_state(line, 0)

	def test_p20_beside_a_credit_note(self):
		"""SI 100 with discount and credit note -30 of one customer, deposit 68: both settled, 2 deducted."""
		invoice = self.invoice(100, customer="ABR Discount Netting")
		credit_note = factories.make_sales_invoice(-30, "ABR Discount Netting")
		line = factories.make_bank_transaction(deposit=68)
		pay(line, wish(invoice), wish(credit_note))
		((payment, settled),) = submitted_payments(invoice).items()
		self.assertEqual((settled, self.outstanding(credit_note)), (100, 0))
		self.assertEqual(deductions_of(payment), {self.discount_account: 2})
		self.assert_state(line, 0)

	def test_p20_tax_on_the_discount(self):
		"""By setting ERPNext books the tax part of the discount on the tax account; so do we."""
		tax = {
			"charge_type": "On Net Total",
			"account_head": factories.make_tax_account(),
			"description": "VAT",
			"rate": 25,
		}
		invoice = self.invoice(100, taxes=[tax])
		line = factories.make_bank_transaction(deposit=122.5)
		with single_values("Accounts Settings", book_tax_discount_loss=1):
			pay(line, wish(invoice))
		(payment,) = submitted_payments(invoice)
		self.assertEqual(deductions_of(payment), {self.discount_account: 2, tax["account_head"]: 0.5})
		self.assertEqual(self.outstanding(invoice), 0)
		self.assert_state(line, 0)

	def test_p20_a_company_without_discount_account(self):
		"""Refused with the invoice, the amount, and where the account is entered."""
		self.set_company("default_discount_account", None)
		invoice = self.invoice(300)
		line = factories.make_bank_transaction(deposit=294)
		with self.assert_refused(SelectionRefused, invoice.name, "6.00", "Default Payment Discount Account"):
			pay(line, wish(invoice))

	def test_p20_what_is_offered_says_the_discount(self):
		"""The candidate has it, and `early_payment_discounts` answers it until its day, not after."""
		invoice, plain = self.invoice(300), factories.make_sales_invoice(300)
		line = factories.make_bank_transaction(deposit=294)
		keys = [("Sales Invoice", invoice.name), ("Sales Invoice", plain.name)]
		self.assertEqual(early_payment_discounts(keys, line.date), {keys[0]: 6})
		self.assertEqual(early_payment_discounts(keys, add_days(POSTING_DATE, 25)), {keys[0]: 6})
		self.assertEqual(early_payment_discounts(keys, add_days(POSTING_DATE, 26)), {})
		answer = get_candidates(line.name, ["unpaid_sales_invoice"], search=invoice.name)
		rows = {row["name"]: row.get("early_payment_discount") for row in answer["rows"]}
		self.assertEqual(rows[invoice.name], 6)

	def test_p20_an_amount_instead_of_a_percentage(self):
		invoice = self.invoice(300)
		term = frappe.get_doc("Payment Schedule", {"parent": invoice.name})
		frappe.db.set_value("Payment Schedule", term.name, {"discount_type": "Amount", "discount": 7.5})
		line = factories.make_bank_transaction(deposit=292.5)
		pay(line, wish(invoice))
		(payment,) = submitted_payments(invoice)
		self.assertEqual(deductions_of(payment), {self.discount_account: 7.5})
		self.assert_state(line, 0)

	def test_p05_a_term_whose_discount_was_counted_is_not_paid_again(self):
		"""Two terms of 150, the first with a discount, paid in full by 150: the next 150 go to the second."""
		template = factories.make_discount_terms("ABR Two Terms", 2, 25, portions=((50, 20), (50, 40)))
		invoice = factories.make_sales_invoice(300, payment_terms_template=template)
		pay(factories.make_bank_transaction(deposit=150), wish(invoice, 150))
		line = factories.make_bank_transaction(deposit=150)
		pay(line, wish(invoice))
		self.assertEqual(self.outstanding(invoice), 0)
		self.assert_state(line, 0)


class TestDiscountBetweenCurrencies(CurrencyTestCase):
	"""The company's books are in EUR, see test_payment_entry_currencies."""

	def test_p20_discount_in_another_currency(self):
		"""SI 100 USD with 2 % discount, 90.16 EUR: 98 USD at 0.92; 1.84 EUR discount; settled."""
		target = account("Miscellaneous Expenses", factories.EURO_COMPANY)
		frappe.db.set_value("Company", factories.EURO_COMPANY, "default_discount_account", target)
		frappe.clear_document_cache("Company", factories.EURO_COMPANY)
		self.addCleanup(frappe.clear_document_cache, "Company", factories.EURO_COMPANY)
		template = factories.make_discount_terms("ABR 2 Per Cent 25 1", 2, 25)
		invoice = self.invoice(100, "USD", payment_terms_template=template)
		line = self.line(90.16, "EUR")
		pay(line, wish(invoice))
		(payment,) = submitted_payments(invoice)
		self.assertEqual(deductions_of(payment), {target: 1.84})
		self.assert_party_owes_nothing(invoice)
		self.assert_state(line, 0)
