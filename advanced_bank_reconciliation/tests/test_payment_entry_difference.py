# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""A small difference between selection and line, booked on an account inside the match (P21)."""

import frappe

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_bulk,
	retry_bulk_reconciliation,
)
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, JOB
from advanced_bank_reconciliation.exceptions import BankTransactionNotOpen, JobAlreadyActive, SelectionRefused
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.bulk_case import BulkTestCase, freeze, thaw
from advanced_bank_reconciliation.tests.deduction_case import DeductionTestCase, booked_on, deductions_of
from advanced_bank_reconciliation.tests.factories import account, wish
from advanced_bank_reconciliation.tests.test_payment_entry import pay
from advanced_bank_reconciliation.tests.test_payment_entry_currencies import CurrencyTestCase
from advanced_bank_reconciliation.tests.utils import run_committed, submitted_payments


class TestSmallDifference(DeductionTestCase):
	def pay_with(self, line, *rows, difference_account=None, **arguments):
		return pay(line, *rows, difference_account=difference_account or self.write_off, **arguments)

	def test_p21_a_short_payment_is_written_off(self):
		"""SI 100, deposit 99.50: 0.50 on the write-off account, nothing outstanding, nothing to do again."""
		invoice = factories.make_sales_invoice(100)
		line = factories.make_bank_transaction(deposit=99.5)
		answer = self.pay_with(line, wish(invoice))
		((payment, settled),) = submitted_payments(invoice).items()
		self.assertEqual((settled, self.outstanding(invoice)), (100, 0))
		self.assertEqual(deductions_of(payment), {self.write_off: 0.5})
		self.assertEqual(booked_on(payment, self.write_off), 0.5)
		self.assert_balanced([("Payment Entry", payment)])
		self.assert_linked(line, "Payment Entry", payment)
		self.assert_state(line, 0)
		job = frappe.get_doc(JOB, answer["job_id"])
		self.assertEqual((job.difference_account, job.difference_amount), (self.write_off, 0.5))
		self.assertEqual(job.difference_cost_center, account("Main"))

	def test_p21_what_comes_in_too_much_is_booked(self):
		"""SI 100, deposit 100.40: -0.40 on the account, and the line is used up."""
		invoice = factories.make_sales_invoice(100)
		line = factories.make_bank_transaction(deposit=100.4)
		answer = self.pay_with(line, wish(invoice))
		((payment, settled),) = submitted_payments(invoice).items()
		self.assertEqual((settled, self.outstanding(invoice)), (100, 0))
		self.assertEqual(deductions_of(payment), {self.write_off: -0.4})
		self.assert_linked(line, "Payment Entry", payment)
		self.assert_state(line, 0)
		self.assertEqual(frappe.db.get_value(JOB, answer["job_id"], "difference_amount"), -0.4)

	def test_p21_on_withdrawals(self):
		"""PI 100 by 99.50, PI 100 by 100.40, credit note -70 by 69.90: settled, the line used up."""
		cases = (
			(factories.make_purchase_invoice(100), 99.5, -0.5),
			(factories.make_purchase_invoice(100), 100.4, 0.4),
			(factories.make_sales_invoice(-70), 69.9, -0.1),
		)
		for invoice, withdrawal, deducted in cases:
			with self.subTest(invoice.doctype, withdrawal=withdrawal):
				line = factories.make_bank_transaction(withdrawal=withdrawal)
				self.pay_with(line, wish(invoice))
				(payment,) = submitted_payments(invoice)
				self.assertEqual(deductions_of(payment), {self.write_off: deducted})
				self.assertEqual(self.outstanding(invoice), 0)
				self.assert_linked(line, "Payment Entry", payment)
				self.assert_state(line, 0)

	def test_p21_supplier_refund_that_is_short(self):
		"""Debit note -70, deposit 69.90: 0.10 written off."""
		invoice = factories.make_purchase_invoice(-70)
		line = factories.make_bank_transaction(deposit=69.9)
		self.pay_with(line, wish(invoice))
		(payment,) = submitted_payments(invoice)
		self.assertEqual(deductions_of(payment), {self.write_off: 0.1})
		self.assertEqual(self.outstanding(invoice), 0)
		self.assert_state(line, 0)

	def test_p21_on_the_last_of_several(self):
		"""SI due on the 10th and the 15th, 100 each, deposit 199.30: 0.70 written off on the later one."""
		later, earlier = (
			factories.make_sales_invoice(100, due_date=due) for due in ("2026-03-15", "2026-03-10")
		)
		line = factories.make_bank_transaction(deposit=199.3)
		self.pay_with(line, wish(later), wish(earlier))
		(payment,) = submitted_payments(later)
		self.assertEqual(deductions_of(payment), {self.write_off: 0.7})
		self.assert_paid_once(earlier, line)
		self.assert_state(line, 0)

	def test_p21_beside_a_net_and_a_voucher(self):
		"""Payment Entry 50 linked, SI 100 and credit note -30, deposit 119.90: 0.10 written off in the net."""
		voucher = factories.make_payment_entry(50, "ABR Net Difference")
		invoice = factories.make_sales_invoice(100, "ABR Net Difference")
		credit_note = factories.make_sales_invoice(-30, "ABR Net Difference")
		line = factories.make_bank_transaction(deposit=119.9)
		linked = {"payment_doctype": "Payment Entry", "payment_name": voucher.name}
		self.pay_with(line, wish(invoice), wish(credit_note), regular_vouchers=[linked])
		(payment,) = submitted_payments(invoice)
		self.assertEqual(deductions_of(payment), {self.write_off: 0.1})
		self.assertEqual((self.outstanding(invoice), self.outstanding(credit_note)), (0, 0))
		self.assert_state(line, 0)

	def test_p21_beyond_the_limit_is_refused_with_the_numbers(self):
		"""1.00 may differ by setting: 1.01 too little, or 1.01 too much, is refused; 1.00 is not."""
		invoice = factories.make_sales_invoice(100)
		for deposit in (98.99, 101.01):
			line = factories.make_bank_transaction(deposit=deposit)
			with self.assert_refused(SelectionRefused, "1.01", "1.00", line.name):
				self.pay_with(line, wish(invoice))
		line = factories.make_bank_transaction(deposit=99)
		self.pay_with(line, wish(invoice))
		self.assert_state(line, 0)

	def test_p21_no_difference_no_deduction(self):
		invoice = factories.make_sales_invoice(100)
		line = factories.make_bank_transaction(deposit=100)
		self.pay_with(line, wish(invoice))
		(payment,) = self.assert_settled(line, [invoice])
		self.assertEqual(deductions_of(payment), {})

	def test_p21_accounts_that_cannot_be_meant(self):
		"""Unknown, a group, another company's, foreign currency, a receivable: each named; nothing is made."""
		invoice = factories.make_sales_invoice(100)
		line = factories.make_bank_transaction(deposit=99.5)
		for name in (
			"No Such Account",
			account("Expenses"),
			account("Write Off", self.other_company),
			account("Debtors"),
			self.gl_account,
		):
			with self.subTest(name), self.assert_refused(SelectionRefused, name):
				self.pay_with(line, wish(invoice), difference_account=name)
		with self.assert_refused(SelectionRefused, "ABRO"):
			self.pay_with(line, wish(invoice), difference_cost_center=account("Main", self.other_company))

	def test_p21_nothing_to_carry_it(self):
		"""No invoice, or none larger than the difference: refused in words."""
		voucher = factories.make_payment_entry(100)
		line = factories.make_bank_transaction(deposit=100.4)
		linked = {"payment_doctype": "Payment Entry", "payment_name": voucher.name}
		with self.assert_refused(SelectionRefused, "0.40"):
			self.pay_with(line, regular_vouchers=[linked])
		small = factories.make_sales_invoice(0.3)
		line = factories.make_bank_transaction(deposit=0.01)
		with self.settings(largest_difference=0.29), self.assertRaises(SelectionRefused):
			self.pay_with(
				line,
				wish(small),
				wish(factories.make_sales_invoice(0.28)),
			)

	def test_p21_is_part_of_the_idempotency_key(self):
		"""The same selection again is the same job; with another account it is another request."""
		invoice = factories.make_sales_invoice(100)
		line = factories.make_bank_transaction(deposit=99.5)
		first = self.pay_with(line, wish(invoice))
		self.assertEqual(self.pay_with(line, wish(invoice))["job_id"], first["job_id"])
		with self.assert_refused(BankTransactionNotOpen, line.name):
			self.pay_with(line, wish(invoice), difference_account=account("Miscellaneous Expenses"))

	def test_p21_setting_that_refuses_a_larger_selection(self):
		"""With *Refuse a Selection That Exceeds*, 0.50 too much is refused, but not once it is written off."""
		invoice = factories.make_sales_invoice(100)
		line = factories.make_bank_transaction(deposit=99.5)
		with self.settings(validate_selection_against_unallocated_amount=1):
			with self.assert_refused(SelectionRefused, "100.00", "99.50"):
				pay(line, wish(invoice))
			self.pay_with(line, wish(invoice))
		self.assert_state(line, 0)


class TestDifferenceBetweenCurrencies(CurrencyTestCase):
	"""The company's books are in EUR, see test_payment_entry_currencies."""

	def test_p21_the_bank_gave_a_worse_rate(self):
		"""100 USD are worth 92 EUR, 91.37 came: 0.63 EUR go to the account, the USD invoice is settled."""
		invoice = self.invoice(100, "USD")
		line = self.line(91.37, "EUR")
		target = frappe.db.get_value("Company", factories.EURO_COMPANY, "exchange_gain_loss_account")
		pay(line, wish(invoice), difference_account=target)
		(payment,) = submitted_payments(invoice)
		self.assertEqual(deductions_of(payment), {target: 0.63})
		self.assertEqual(
			frappe.db.get_value("Payment Entry", payment, ["difference_amount", "unallocated_amount"]), (0, 0)
		)
		self.assert_balanced([("Payment Entry", payment)])
		self.assert_party_owes_nothing(invoice)
		self.assert_state(line, 0)

	def test_p21_the_limit_is_in_company_currency(self):
		"""1.00 EUR is 0.86 GBP: 0.87 GBP too little is refused, 0.86 is not."""
		invoice = self.invoice(100, "USD")
		target = account("Write Off", factories.EURO_COMPANY)
		with self.assert_refused(SelectionRefused, "0.87"):
			pay(self.line(79.13, "GBP"), wish(invoice), difference_account=target)
		line = self.line(79.14, "GBP")
		pay(line, wish(invoice), difference_account=target)
		(payment,) = submitted_payments(invoice)
		self.assertEqual(deductions_of(payment), {target: 0.99})
		self.assert_party_owes_nothing(invoice)
		self.assert_state(line, 0)


class TestDifferenceInBackground(BulkTestCase):
	def test_p21_a_bulk_run_with_a_difference(self):
		"""Three SI of 100, deposit 299.40: the engine writes 0.60 off on the last; line used up."""
		line, invoices = self.line_and_invoices([100, 100, 100], extra=-0.6)
		answer = create_payment_entries_bulk(
			line.name, [wish(invoice) for invoice in invoices], difference_account=account("Write Off")
		)
		job = run_committed(answer["job_id"])
		self.assertEqual((job.status, job.processed, job.difference_amount), ("Completed", 3, 0.6))
		deducted = [deductions_of(payment) for invoice in invoices for payment in submitted_payments(invoice)]
		self.assertEqual([row for row in deducted if row], [{account("Write Off"): 0.6}])
		self.assert_state(line, 0)

	def test_p21_another_account_is_another_request(self):
		"""While a job is active: the same request is that job, with another account it is refused."""
		line, invoices = self.line_and_invoices([100], extra=-0.5)
		rows = [wish(invoice) for invoice in invoices]
		first = create_payment_entries_bulk(line.name, rows, difference_account=account("Write Off"))
		again = create_payment_entries_bulk(line.name, rows, difference_account=account("Write Off"))
		self.assertEqual(again["job_id"], first["job_id"])
		with self.assertRaises(JobAlreadyActive):
			create_payment_entries_bulk(line.name, rows)

	def test_p21_retry_books_the_difference_that_failed(self):
		"""The last invoice fails, as its customer is frozen; retried, it carries the difference."""
		line, invoices = self.line_and_invoices([100, 100], extra=-0.3)
		answer = create_payment_entries_bulk(
			line.name, [wish(invoice) for invoice in invoices], difference_account=account("Write Off")
		)
		last = frappe.get_all(
			INVOICE_ROW, {"parent": answer["job_id"], "difference_amount": (">", 0)}, pluck="invoice"
		)[0]
		customer = frappe.db.get_value("Sales Invoice", last, "customer")
		freeze(self, customer)
		job = run_committed(answer["job_id"])
		self.assertEqual((job.status, job.failed), ("Partially Completed", 1))
		thaw(customer)
		retry_bulk_reconciliation(job.name)
		job = run_committed(job.name)
		self.assertEqual((job.status, job.difference_amount), ("Completed", 0.3))
		self.assert_state(line, 0)
