# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Payment Entries: allocation, ledger rows, instalments, exchange gain and loss, cancelling, deleting."""

import frappe
from erpnext_masters import Books, get_payment_entry, set_exchange_rate, state
from frappe.tests.utils import FrappeTestCase, change_settings
from frappe.utils import nowdate


def draft_payment(books: Books, invoice, **values):
	"""Unsaved Payment Entry of the invoice with reference number and date."""
	payment = get_payment_entry(invoice.doctype, invoice.name, bank_account=books.bank)
	payment.update({"reference_no": "REF-1", "reference_date": nowdate(), **values})
	return payment


def add_reference(payment, invoice, amount: float) -> None:
	payment.append(
		"references",
		{
			"reference_doctype": invoice.doctype,
			"reference_name": invoice.name,
			"allocated_amount": amount,
		},
	)


def submit_at_once(payment):
	payment.docstatus = 1
	payment.insert()
	payment.reload()
	return payment


class TestPayments(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		cls.books = Books()

	def test_full_payment_and_cancel(self):
		invoice = self.books.sales_invoice(100)
		payment = self.books.pay(invoice)
		self.assertEqual(self.books.ledger(payment), [("Checking", 100.0, 0.0), ("Debtors", 0.0, 100.0)])
		self.assertEqual(self.books.payment_ledger(payment), [("Debtors", invoice.name, -100.0)])
		self.assertEqual(state(invoice), (0.0, "Paid"))
		payment.reload()
		self.assertEqual((payment.status, payment.references[0].outstanding_amount), ("Submitted", 0.0))
		payment.cancel()
		self.assertEqual(state(invoice), (100.0, "Unpaid"))
		self.assertEqual(self.books.ledger(payment), [])
		self.assertEqual(len(self.books.ledger(payment, cancelled=1)), 4)
		self.assertEqual(self.books.payment_ledger(payment), [])
		self.assertEqual(frappe.db.get_value("Payment Entry", payment.name, "status"), "Cancelled")

	def test_partial_payment_submitted_in_two_steps(self):
		invoice = self.books.sales_invoice(100)
		payment = self.books.pay(invoice, 60, submit=False)
		self.assertEqual((payment.status, payment.unallocated_amount), ("Draft", 0.0))
		self.assertEqual(state(invoice), (100.0, "Unpaid"))
		payment.submit()
		self.assertEqual(state(invoice), (40.0, "Partly Paid"))

	def test_purchase_payment(self):
		invoice = self.books.purchase_invoice(250)
		payment = self.books.pay(invoice)
		self.assertEqual(payment.payment_type, "Pay")
		self.assertEqual(self.books.ledger(payment), [("Checking", 0.0, 250.0), ("Creditors", 250.0, 0.0)])
		self.assertEqual(self.books.payment_ledger(payment), [("Creditors", invoice.name, -250.0)])
		self.assertEqual(state(invoice), (0.0, "Paid"))

	def test_several_references_and_an_advance(self):
		invoices = [self.books.sales_invoice(amount) for amount in (100, 50.5, 25.25)]
		payment = draft_payment(self.books, invoices[0], paid_amount=200, received_amount=200)
		for invoice in invoices[1:]:
			add_reference(payment, invoice, invoice.outstanding_amount)
		submit_at_once(payment)
		self.assertEqual((payment.total_allocated_amount, payment.unallocated_amount), (175.75, 24.25))
		self.assertEqual(
			self.books.payment_ledger(payment),
			sorted(
				[("Debtors", invoice.name, -invoice.outstanding_amount) for invoice in invoices]
				+ [("Debtors", payment.name, -24.25)]
			),
		)
		self.assertEqual([state(invoice) for invoice in invoices], [(0.0, "Paid")] * 3)

	def test_return_netted_against_an_invoice(self):
		invoice = self.books.sales_invoice(100)
		credit_note = self.books.sales_invoice(-30, is_return=1)
		payment = draft_payment(self.books, invoice, paid_amount=70, received_amount=70)
		add_reference(payment, credit_note, -30)
		submit_at_once(payment)
		self.assertEqual(payment.unallocated_amount, 0.0)
		self.assertEqual(
			self.books.ledger(payment),
			[("Checking", 70.0, 0.0), ("Debtors", 0.0, 100.0), ("Debtors", 30.0, 0.0)],
		)
		self.assertEqual(state(invoice), (0.0, "Paid"))
		self.assertEqual(state(credit_note), (0.0, "Return"))
		credit_note.reload()
		frappe.db.savepoint("before_cancel")
		with self.assertRaises(frappe.ValidationError):
			credit_note.cancel()
		frappe.db.rollback(save_point="before_cancel")
		payment.cancel()
		self.assertEqual(state(credit_note), (-30.0, "Return"))

	def test_refund_of_a_return(self):
		credit_note = self.books.sales_invoice(-30, is_return=1)
		payment = self.books.pay(credit_note)
		self.assertEqual(payment.payment_type, "Pay")
		self.assertEqual(self.books.ledger(payment), [("Checking", 0.0, 30.0), ("Debtors", 30.0, 0.0)])
		self.assertEqual(state(credit_note), (0.0, "Return"))

	def test_deduction_closes_a_short_payment(self):
		invoice = self.books.sales_invoice(100)
		payment = draft_payment(self.books, invoice, paid_amount=97, received_amount=97)
		payment.append(
			"deductions",
			{
				"account": self.books.account("Write Off"),
				"cost_center": self.books.account("Main"),
				"amount": 3,
			},
		)
		submit_at_once(payment)
		self.assertEqual(
			self.books.ledger(payment),
			[("Checking", 97.0, 0.0), ("Debtors", 0.0, 100.0), ("Write Off", 3.0, 0.0)],
		)
		self.assertEqual(state(invoice), (0.0, "Paid"))

	def test_refusals(self):
		books = self.books
		invoice = books.sales_invoice(100)
		other = books.sales_invoice(50, customer=books.make_customer("Gamma"))
		draft = books.sales_invoice(10, submit=False)

		beyond = draft_payment(books, invoice, paid_amount=150, received_amount=150)
		beyond.references[0].allocated_amount = 150
		twice = draft_payment(books, invoice)
		add_reference(twice, invoice, 10)
		foreign = draft_payment(books, invoice)
		add_reference(foreign, other, 10)
		of_draft = draft_payment(books, invoice)
		of_draft.references[0].reference_name = draft.name
		without_reference = draft_payment(books, invoice, reference_no=None)
		zero = draft_payment(books, invoice, paid_amount=0, received_amount=0)
		for payment in (beyond, twice, foreign, of_draft, without_reference, zero):
			with self.assertRaises(frappe.ValidationError):
				payment.insert()
		with self.assertRaises(frappe.CharacterLengthExceededError):
			draft_payment(books, invoice, reference_no="x" * 300).insert()
		self.assertEqual(state(invoice), (100.0, "Unpaid"))

	def test_ledger_refusals(self):
		from erpnext.accounts.utils import FiscalYearError

		books = self.books
		invoice = books.sales_invoice(100)
		with self.assertRaises(FiscalYearError):
			submit_at_once(draft_payment(books, invoice, posting_date="1990-01-01"))
		with self.assertRaises(frappe.ValidationError):
			submit_at_once(draft_payment(books, invoice, paid_to=books.account("Bank Accounts")))
		disabled = books.make_account("Disabled", "Bank Accounts", "Bank")
		frappe.get_doc("Account", disabled).update({"disabled": 1}).save()
		with self.assertRaises(frappe.ValidationError):
			submit_at_once(draft_payment(books, invoice, paid_to=disabled))

	def test_nothing_is_posted_on_frozen_days(self):
		with change_settings("Accounts Settings", {"acc_frozen_upto": nowdate()}):
			with self.assertRaises(frappe.ValidationError):
				self.books.sales_invoice(100)

	def test_payment_of_a_journal_entry(self):
		books = self.books
		journal = books.journal_entry(
			[
				{
					"account": books.account("Debtors"),
					"debit": 80,
					"party_type": "Customer",
					"party": books.customer,
				},
				{"account": books.account("Sales"), "credit": 80},
			],
			voucher_type="Journal Entry",
		)
		payment = frappe.get_doc(
			{
				"doctype": "Payment Entry",
				"payment_type": "Receive",
				"company": books.company,
				"party_type": "Customer",
				"party": books.customer,
				"paid_to": books.bank,
				"paid_amount": 30,
				"received_amount": 30,
				"reference_no": "REF-1",
				"reference_date": nowdate(),
			}
		)
		add_reference(payment, journal, 30)
		submit_at_once(payment)
		self.assertEqual(books.payment_ledger(payment), [("Debtors", journal.name, -30.0)])
		self.assertEqual(payment.references[0].outstanding_amount, 50.0)

	def test_internal_transfer(self):
		_bank_account, second = self.books.make_bank_account("Savings", "USD")
		payment = submit_at_once(
			frappe.get_doc(
				{
					"doctype": "Payment Entry",
					"payment_type": "Internal Transfer",
					"company": self.books.company,
					"posting_date": nowdate(),
					"paid_from": self.books.bank,
					"paid_to": second,
					"paid_amount": 55,
					"received_amount": 55,
					"reference_no": "REF-1",
					"reference_date": nowdate(),
				}
			)
		)
		self.assertEqual(self.books.ledger(payment), [("Checking", 0.0, 55.0), ("Savings", 55.0, 0.0)])
		self.assertEqual(self.books.payment_ledger(payment), [])


class TestPaymentTerms(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		cls.books = Books()

	def test_one_reference_a_term(self):
		template = self.books.make_terms((50, 30, 20))
		invoice = self.books.sales_invoice(200, payment_terms_template=template, due_date=None)
		payment = draft_payment(self.books, invoice, paid_amount=110, received_amount=110)
		self.assertEqual([row.allocated_amount for row in payment.references], [100.0, 60.0, 40.0])
		payment.references = payment.references[:2]
		payment.references[1].allocated_amount = 10
		submit_at_once(payment)
		self.assertEqual(self._schedule(invoice), [(100.0, 0.0), (10.0, 50.0), (0.0, 40.0)])
		self.assertEqual(state(invoice), (90.0, "Partly Paid"))

		self.books.pay(invoice)
		self.assertEqual(self._schedule(invoice), [(100.0, 0.0), (60.0, 0.0), (40.0, 0.0)])
		payment.reload()
		payment.cancel()
		self.assertEqual(self._schedule(invoice), [(0.0, 100.0), (50.0, 10.0), (40.0, 0.0)])
		self.assertEqual(state(invoice), (110.0, "Partly Paid"))

	def test_a_term_is_not_overpaid_and_must_be_named(self):
		template = self.books.make_terms((50, 50))
		invoice = self.books.sales_invoice(200, payment_terms_template=template, due_date=None)
		beyond = draft_payment(self.books, invoice, paid_amount=220, received_amount=220)
		beyond.references[0].allocated_amount = 120
		unnamed = draft_payment(self.books, invoice)
		unnamed.references = unnamed.references[:1]
		unnamed.references[0].payment_term = None
		for payment in (beyond, unnamed):
			with self.assertRaises(frappe.ValidationError):
				payment.insert()

	def test_template_that_does_not_allocate_by_terms(self):
		template = self.books.make_terms((50, 50), by_terms=0)
		invoice = self.books.sales_invoice(200, payment_terms_template=template, due_date=None)
		self.books.pay(invoice, 50)
		self.assertEqual(self._schedule(invoice), [(0.0, 100.0), (0.0, 100.0)])
		self.assertEqual(state(invoice), (150.0, "Partly Paid"))

	def test_early_payment_discount(self):
		books = self.books
		discount_account = books.make_account("Discounts", "Indirect Expenses")
		frappe.get_doc("Company", books.company).update({"default_discount_account": discount_account}).save()
		template = books.make_terms(
			(100,),
			discount_type="Percentage",
			discount=10,
			discount_validity_based_on="Day(s) after invoice date",
			discount_validity=5,
		)
		invoice = books.sales_invoice(200, payment_terms_template=template, due_date=None)
		payment = get_payment_entry(
			invoice.doctype, invoice.name, bank_account=books.bank, reference_date=nowdate()
		)
		payment.reference_no = "REF-1"
		submit_at_once(payment)
		self.assertEqual(
			books.ledger(payment),
			[("Checking", 180.0, 0.0), ("Debtors", 0.0, 200.0), ("Discounts", 20.0, 0.0)],
		)
		self.assertEqual(self._schedule(invoice), [(180.0, 0.0)])
		self.assertEqual(state(invoice), (0.0, "Paid"))

	def _schedule(self, invoice) -> list[tuple[float, float]]:
		rows = frappe.get_all(
			"Payment Schedule",
			filters={"parent": invoice.name},
			fields=["paid_amount", "outstanding"],
			order_by="due_date",
		)
		return [(row.paid_amount, row.outstanding) for row in rows]


class TestForeignCurrency(FrappeTestCase):
	"""A company in EUR with a receivable, a payable and a bank account in USD."""

	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		cls.books = books = Books("EUR")
		receivable = books.make_account("Debtors USD", "Accounts Receivable", "Receivable", "USD")
		payable = books.make_account("Creditors USD", "Accounts Payable", "Payable", "USD")
		_bank_account, cls.usd_bank = books.make_bank_account("Dollars", "USD")
		cls.customer = books.make_customer("Dollar", "USD", receivable)
		cls.supplier = books.make_supplier("Dollar", "USD", payable)
		set_exchange_rate("USD", "EUR", 0.95)

	def test_gain_on_a_sale(self):
		invoice = self.books.sales_invoice(100, customer=self.customer, currency="USD", conversion_rate=0.9)
		self.assertEqual(self.books.ledger(invoice), [("Debtors USD", 90.0, 0.0), ("Sales", 0.0, 90.0)])
		payment = self._pay(invoice, 0.95)
		self.assertEqual(self.books.ledger(payment), [("Debtors USD", 0.0, 95.0), ("Dollars", 95.0, 0.0)])
		self.assertEqual(
			self.books.ledger_in_account_currency(payment),
			[("Debtors USD", 0.0, 100.0), ("Dollars", 100.0, 0.0)],
		)
		self.assertEqual(state(invoice), (0.0, "Paid"))
		journal = self._gain_loss_journal(payment)
		self.assertEqual(
			self.books.ledger(journal), [("Debtors USD", 5.0, 0.0), ("Exchange Gain/Loss", 0.0, 5.0)]
		)
		payment.cancel()
		journal.reload()
		self.assertEqual(journal.docstatus, 2)
		self.assertEqual(state(invoice), (100.0, "Unpaid"))

	def test_loss_on_a_purchase(self):
		invoice = self.books.purchase_invoice(
			100, supplier=self.supplier, currency="USD", conversion_rate=0.9
		)
		payment = self._pay(invoice, 0.95)
		self.assertEqual(
			self.books.ledger(self._gain_loss_journal(payment)),
			[("Creditors USD", 0.0, 5.0), ("Exchange Gain/Loss", 5.0, 0.0)],
		)
		self.assertEqual(state(invoice), (0.0, "Paid"))

	def test_dollar_invoice_into_the_euro_account(self):
		invoice = self.books.sales_invoice(100, customer=self.customer, currency="USD", conversion_rate=0.9)
		payment = draft_payment(self.books, invoice)
		self.assertEqual((payment.paid_amount, payment.received_amount), (100.0, 90.0))
		payment.received_amount = 96
		submit_at_once(payment)
		self.assertEqual(payment.difference_amount, 0.0)
		received = [row for row in self.books.ledger(payment) if row[0] == "Checking"]
		self.assertEqual(received, [("Checking", 96.0, 0.0)])
		self.assertEqual(state(invoice), (0.0, "Paid"))

	def test_party_with_a_foreign_account_is_invoiced_in_its_currency(self):
		with self.assertRaises(frappe.ValidationError):
			self.books.sales_invoice(100, customer=self.customer)

	def _pay(self, invoice, rate: float):
		payment = get_payment_entry(invoice.doctype, invoice.name, bank_account=self.usd_bank)
		payment.update(
			{
				"reference_no": "REF-1",
				"reference_date": nowdate(),
				"source_exchange_rate": rate,
				"target_exchange_rate": rate,
			}
		)
		return submit_at_once(payment)

	def _gain_loss_journal(self, payment):
		names = frappe.get_all(
			"Journal Entry Account",
			filters={"reference_type": "Payment Entry", "reference_name": payment.name},
			pluck="parent",
		)
		self.assertEqual(len(names), 1)
		return frappe.get_doc("Journal Entry", names[0])


class TestCancelAndDelete(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		cls.books = Books()

	def test_cancelling_a_paid_invoice_frees_the_payment(self):
		invoice = self.books.sales_invoice(100)
		payment = self.books.pay(invoice)
		invoice.reload()
		invoice.cancel()
		payment.reload()
		self.assertEqual((payment.docstatus, payment.references), (1, []))
		self.assertEqual((payment.total_allocated_amount, payment.unallocated_amount), (0.0, 100.0))
		self.assertEqual(self.books.payment_ledger(payment), [("Debtors", payment.name, -100.0)])

	@change_settings("Accounts Settings", {"unlink_payment_on_cancellation_of_invoice": 0})
	def test_cancelling_a_paid_invoice_may_be_blocked(self):
		invoice = self.books.sales_invoice(100)
		self.books.pay(invoice)
		invoice.reload()
		with self.assertRaises(frappe.LinkExistsError):
			invoice.cancel()

	def test_cancelled_payment_cannot_be_deleted(self):
		invoice = self.books.sales_invoice(100)
		payment = self.books.pay(invoice)
		with self.assertRaises(frappe.ValidationError):
			frappe.delete_doc("Payment Entry", payment.name)
		payment.reload()
		payment.cancel()
		frappe.db.savepoint("before_delete")
		with self.assertRaises(frappe.LinkExistsError):
			frappe.delete_doc("Payment Entry", payment.name)
		frappe.db.rollback(save_point="before_delete")
		self.assertTrue(frappe.db.exists("Payment Entry", payment.name))

	def test_force_leaves_the_ledger_rows(self):
		"""PITFALLS P50: a cancelled voucher deleted by force leaves rows of nobody."""
		payment = self.books.pay(self.books.sales_invoice(100))
		payment.reload()
		payment.cancel()
		frappe.delete_doc("Payment Entry", payment.name, force=1)
		self.assertEqual(len(self.books.ledger(payment, cancelled=1)), 4)

	@change_settings("Accounts Settings", {"delete_linked_ledger_entries": 1})
	def test_ledger_rows_go_with_the_payment_when_set(self):
		invoice = self.books.sales_invoice(100)
		payment = self.books.pay(invoice)
		payment.reload()
		payment.cancel()
		frappe.delete_doc("Payment Entry", payment.name)
		self.assertFalse(frappe.db.exists("Payment Entry", payment.name))
		self.assertEqual(self.books.ledger(payment, cancelled=1), [])
		self.assertEqual(self.books.payment_ledger(payment, delinked=1), [])
		self.assertEqual(state(invoice), (100.0, "Unpaid"))
