# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The Payment Entries that settle invoices from a Bank Transaction: amounts, payment terms, returns."""

import frappe

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_for_invoices,
)
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW
from advanced_bank_reconciliation.exceptions import AllocationMismatch, NothingToDo, SelectionRefused
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.utils import ABRTestCase, bank_movement, submitted_payments
from advanced_bank_reconciliation.vouchers.links import BankLine
from advanced_bank_reconciliation.vouchers.payment_entry import (
	Settlement,
	build_payment_entry,
	create_payment_entry,
)


def pay(bank_transaction, *rows, **arguments):
	"""Settle the rows from the Bank Transaction by the endpoint, in the foreground."""
	return create_payment_entries_for_invoices(bank_transaction.name, list(rows), **arguments)


class TestAmounts(ABRTestCase):
	def test_deposit_pays_a_sales_invoice(self):
		"""SI 150, deposit 150: one Payment Entry of 150; line Reconciled, invoice Paid."""
		invoice = factories.make_sales_invoice(150)
		line = factories.make_bank_transaction(deposit=150)
		answer = pay(line, wish(invoice, 150))
		(payment,) = self.assert_settled(line, [invoice])
		self.assertEqual(answer["payment_entries"], [payment])
		self.assertEqual((answer["status"], answer["processed"], answer["failed"]), ("completed", 1, 0))
		self.assertEqual(bank_movement("Payment Entry", payment, line.bank_account), 150)

	def test_withdrawal_pays_a_purchase_invoice(self):
		"""PI 80, withdrawal 80: money leaves the bank, the supplier is owed nothing."""
		invoice = factories.make_purchase_invoice(80)
		line = factories.make_bank_transaction(withdrawal=80)
		pay(line, wish(invoice))
		(payment,) = self.assert_settled(line, [invoice])
		self.assertEqual(bank_movement("Payment Entry", payment, line.bank_account), -80)
		self.assertEqual(frappe.db.get_value("Payment Entry", payment, "payment_type"), "Pay")

	def test_company_with_an_advance_account_of_its_own(self):
		"""The company books advances on an account of their own: the payment of an invoice is none of them."""
		field = "book_advance_payments_in_separate_party_account"
		if not frappe.get_meta("Company").has_field(field):
			self.skipTest(f"this host's Company has no field {field}")
		advances = factories.make_account(
			"ABR Advances Received",
			parent_account=factories.account("Current Liabilities"),
			account_type="Receivable",
		)
		settings = {field: 1, "default_advance_received_account": advances}
		self.addCleanup(frappe.clear_document_cache, "Company", self.company)
		frappe.db.set_value("Company", self.company, settings)
		invoice = factories.make_sales_invoice(150)
		line = factories.make_bank_transaction(deposit=150)
		pay(line, wish(invoice, 150))
		self.assert_settled(line, [invoice])

	def test_partial_payment_leaves_the_rest_outstanding(self):
		"""SI 150, 60 asked of a deposit of 60: 90 stay outstanding, the line is used up."""
		invoice = factories.make_sales_invoice(150)
		line = factories.make_bank_transaction(deposit=60)
		pay(line, wish(invoice, 60))
		self.assert_paid_once(invoice, line, 60)
		self.assert_state(line, 0)
		status = frappe.db.get_value("Sales Invoice", invoice.name, "status")
		self.assertIn(status, ("Partly Paid", "Overdue"))

	def test_p45_two_lines_pay_one_invoice(self):
		"""SI 150; deposits 60 and 90: two Payment Entries, each on its own line, nothing outstanding."""
		invoice = factories.make_sales_invoice(150)
		first = factories.make_bank_transaction(deposit=60)
		second = factories.make_bank_transaction(deposit=90)
		pay(first, wish(invoice))
		pay(second, wish(invoice))
		self.assertEqual(sorted(submitted_payments(invoice).values()), [60, 90])
		self.assertEqual(frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount"), 0)
		for line in (first, second):
			self.assert_state(line, 0)

	def test_p07_float_noise_does_not_reach_the_books(self):
		"""SI 110.29; asked 110.28999999999996 as browsers compute it: 110.29 is booked."""
		invoice = factories.make_sales_invoice(110.29)
		line = factories.make_bank_transaction(deposit=110.29)
		pay(line, wish(invoice, 110.28999999999996))
		self.assert_settled(line, [invoice])

	def test_p07_thirds_add_up(self):
		"""SI 33.33, 33.33, 33.34 of a deposit of 100: nothing is left, not even a floating crumb."""
		invoices = factories.make_sales_invoices([33.33, 33.33, 33.34])
		line = factories.make_bank_transaction(deposit=100)
		pay(line, *(wish(invoice) for invoice in invoices))
		self.assert_settled(line, invoices)

	def test_p14_half_a_cent_is_rounded_once_everywhere(self):
		"""SI 10.00 asked with 10.005: one rounding decides, so it is paid in full or named, not half done."""
		invoice = factories.make_sales_invoice(10)
		line = factories.make_bank_transaction(deposit=20)
		try:
			pay(line, wish(invoice, "10.005"))
		except NothingToDo as error:
			self.assertIn("only", str(error), "refused for asking more than is outstanding")
			self.assertNotIn("changed since you looked", str(error))
		else:
			self.assert_paid_once(invoice, line)

	def test_p03_asked_is_capped_by_what_the_line_has(self):
		"""SI 150 asked in full of a deposit of 100: 100 are paid, the line never goes negative."""
		invoice = factories.make_sales_invoice(150)
		line = factories.make_bank_transaction(deposit=100)
		pay(line, wish(invoice, 150))
		self.assert_paid_once(invoice, line, 100)
		self.assert_state(line, 0)

	def test_p03_asked_beyond_outstanding_is_not_paid(self):
		"""SI 150, asked 150.01: named with both amounts; no Payment Entry."""
		invoice = factories.make_sales_invoice(150)
		line = factories.make_bank_transaction(deposit=500)
		with self.assert_refused(NothingToDo, invoice.name, "150.01", "150.00"):
			pay(line, wish(invoice, 150.01))

	def test_p06_nothing_becomes_silent_cash(self):
		"""SI 100 from a deposit of 130: the Payment Entry is 100, and 30 stay visible on the line."""
		invoice = factories.make_sales_invoice(100)
		line = factories.make_bank_transaction(deposit=130)
		pay(line, wish(invoice))
		(payment,) = self.assert_settled(line, [invoice], unallocated_amount=30)
		amounts = frappe.db.get_value(
			"Payment Entry", payment, ["paid_amount", "unallocated_amount", "difference_amount"]
		)
		self.assertEqual(amounts, (100, 0, 0))

	def test_p06_a_settlement_beyond_the_invoice_is_refused(self):
		"""Code that asks the builder for 120 of an invoice of 100 gets an error and no Payment Entry."""
		invoice = factories.make_sales_invoice(100)
		line = BankLine(factories.make_bank_transaction(deposit=120))
		with self.assert_refused(AllocationMismatch, invoice.name, "120.00", "100.00"):
			create_payment_entry(line, [Settlement("Sales Invoice", invoice.name, 120)])

	def test_p08_oldest_due_invoice_first(self):
		"""SI due on the 20th, 10th and 15th, 100 each, deposit 150: 10th in full, 15th half, 20th nothing."""
		dues = ("2026-03-20", "2026-03-10", "2026-03-15")
		latest, oldest, middle = (factories.make_sales_invoice(100, due_date=due) for due in dues)
		line = factories.make_bank_transaction(deposit=150)
		answer = pay(line, wish(latest), wish(oldest), wish(middle))
		self.assert_paid_once(oldest, line, 100)
		self.assert_paid_once(middle, line, 50)
		self.assertEqual(submitted_payments(latest), {})
		self.assert_state(line, 0)
		self.assertEqual([failure["invoice"] for failure in answer["failures"]], [latest.name])

	def test_p08_posting_date_decides_when_the_settings_say_so(self):
		"""The older posting date has the later due date: by setting it is served first."""
		older = factories.make_sales_invoice(100, posting_date="2026-02-01", due_date="2026-03-31")
		newer = factories.make_sales_invoice(100, posting_date="2026-03-01", due_date="2026-03-05")
		line = factories.make_bank_transaction(deposit=100)
		with self.settings(sort_unpaid_invoices_by_posting_date=1):
			pay(line, wish(newer), wish(older))
		self.assert_paid_once(older, line, 100)
		self.assertEqual(submitted_payments(newer), {})

	def test_p44_largest_amount_first_when_the_settings_say_so(self):
		"""SI 60 due on the 5th and 100 due on the 25th, deposit 120: 100 in full, 20 for the older one."""
		older = factories.make_sales_invoice(60, due_date="2026-03-05")
		larger = factories.make_sales_invoice(100, due_date="2026-03-25")
		line = factories.make_bank_transaction(deposit=120)
		with self.settings(allocation_order="Largest Amount First"):
			answer = pay(line, wish(older), wish(larger))
		self.assert_paid_once(larger, line)
		self.assert_paid_once(older, line, 20)
		self.assert_state(line, 0)
		rows = frappe.get_all(INVOICE_ROW, {"parent": answer["job_id"]}, pluck="invoice", order_by="idx")
		self.assertEqual(rows, [larger.name, older.name])

	def test_unlinked_on_request(self):
		"""auto_reconcile "false", as text from a form: paid, but the line stays as it was."""
		invoice = factories.make_sales_invoice(40)
		line = factories.make_bank_transaction(deposit=40)
		answer = pay(line, wish(invoice), auto_reconcile="false")
		(payment,) = submitted_payments(invoice)
		self.assertEqual(answer["payment_entries"], [payment])
		self.assertEqual(answer["processed"], 1)
		self.assert_state(line, 40)
		self.assertIsNone(frappe.db.get_value("Payment Entry", payment, "clearance_date"))


class TestOneInsert(ABRTestCase):
	"""The builder inserts a Payment Entry as submitted, in one go; nothing may differ from insert and submit."""

	#: What must differ between two Payment Entries for two invoices, and what only tells when.
	DIFFERENT = frozenset(
		"name parent creation modified owner modified_by reference_name voucher_no against_voucher"
		" reference_no remarks title clearance_date voucher_detail_no against_voucher_no"
		" paid_from_account_balance paid_to_account_balance party_balance".split()
	)

	def comparable(self, rows):
		return [{key: value for key, value in row.items() if key not in self.DIFFERENT} for row in rows]

	def everything_of(self, payment):
		"""Return the document with its rows, its GL Entries and its Payment Ledger Entries, comparable."""
		document = frappe.get_doc("Payment Entry", payment).as_dict(no_nulls=False)
		references = [row.as_dict() for row in frappe.get_doc("Payment Entry", payment).references]
		flat = {key: value for key, value in document.items() if not isinstance(value, list)}
		ledgers = [
			frappe.get_all(ledger, {"voucher_no": payment}, ["*"], order_by="account, debit")
			if ledger == "GL Entry"
			else frappe.get_all(ledger, {"voucher_no": payment}, ["*"], order_by="account, amount")
			for ledger in ("GL Entry", "Payment Ledger Entry")
		]
		return [self.comparable(rows) for rows in ([flat], references, *ledgers)]

	def test_same_document_and_ledger_as_insert_and_submit(self):
		"""Two equal invoices, one paid by the app, one by get_payment_entry, insert, submit: equal in each field."""
		ours, plain = (factories.make_sales_invoice(75, "ABR Twin") for _ in range(2))
		line = factories.make_bank_transaction(deposit=75)
		pay(line, wish(ours), auto_reconcile=False)
		(made,) = submitted_payments(ours)
		bank_line = BankLine(line)
		document = build_payment_entry(bank_line, [Settlement("Sales Invoice", plain.name, 75)])
		document.insert()
		document.submit()
		self.assertEqual(self.everything_of(made), self.everything_of(document.name))


class TestPaymentTerms(ABRTestCase):
	def invoice_with_terms(self, name, *portions, **values):
		template = factories.make_payment_terms(name, *portions)
		return factories.make_sales_invoice(300, payment_terms_template=template, **values)

	def paid_by_term(self, invoice):
		rows = frappe.get_all(
			"Payment Schedule",
			{"parent": invoice.name},
			["payment_term", "paid_amount", "outstanding"],
			order_by="due_date",
		)
		return [(row.paid_amount, row.outstanding) for row in rows]

	def test_p04_terms_are_filled_in_due_order(self):
		"""SI 300 in three terms of 100; 250 paid: 100, 100, 50, in that order."""
		invoice = self.invoice_with_terms("ABR Thirds", (33.3333, 10), (33.3333, 20), (33.3334, 30))
		line = factories.make_bank_transaction(deposit=250)
		pay(line, wish(invoice, 250))
		self.assert_paid_once(invoice, line, 250)
		self.assertEqual(self.paid_by_term(invoice), [(100, 0), (100, 0), (50, 50)])

	def test_p04_due_order_is_by_date_not_by_row(self):
		"""Terms listed 60 days before 10 days, 150 each; 150 paid: the one due first gets it."""
		invoice = self.invoice_with_terms("ABR Backwards", (50, 60), (50, 10))
		line = factories.make_bank_transaction(deposit=150)
		pay(line, wish(invoice, 150))
		self.assertEqual(self.paid_by_term(invoice), [(150, 0), (0, 150)])

	def test_p05_a_paid_term_gets_nothing(self):
		"""First term of 150 paid already; the next 150 go to the second, none to the first."""
		invoice = self.invoice_with_terms("ABR Halves", (50, 10), (50, 20))
		pay(factories.make_bank_transaction(deposit=150), wish(invoice, 150))
		line = factories.make_bank_transaction(deposit=150)
		pay(line, wish(invoice))
		self.assertEqual(self.paid_by_term(invoice), [(150, 0), (150, 0)])
		self.assertEqual(frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount"), 0)
		self.assert_state(line, 0)

	def test_terms_and_a_credit_note_in_one_payment_entry(self):
		"""SI 100 in halves and credit note -30, deposit 50: 80 go to the terms in due order, as 50 and 30."""
		customer = "ABR Terms Netting"
		template = factories.make_payment_terms("ABR Halves", (50, 10), (50, 20))
		invoice = factories.make_sales_invoice(100, customer, payment_terms_template=template)
		credit_note = factories.make_sales_invoice(-30, customer)
		line = factories.make_bank_transaction(deposit=50)
		pay(line, wish(invoice), wish(credit_note))
		self.assertEqual(self.paid_by_term(invoice), [(50, 0), (30, 20)])
		self.assert_paid_once(invoice, line, 80)
		self.assert_paid_once(credit_note, line, -30)
		self.assert_state(line, 0)

	def test_template_without_payment_by_term(self):
		"""The template plans two terms, but payments are not allocated by term: the invoice is one debt."""
		template = factories.make_payment_terms("ABR Loose", (50, 10), (50, 20), by_term=False)
		invoice = factories.make_sales_invoice(300, payment_terms_template=template)
		line = factories.make_bank_transaction(deposit=200)
		pay(line, wish(invoice, 200))
		self.assert_paid_once(invoice, line, 200)


class TestReturns(ABRTestCase):
	"""The effect of an invoice on the line: its sign, times the direction of its doctype (P09, P12, P13)."""

	def test_p12_customer_refund_by_withdrawal(self):
		"""Credit note -70, withdrawal 70: a Payment Entry of type Pay to the customer settles it."""
		credit_note = factories.make_sales_invoice(-70)
		line = factories.make_bank_transaction(withdrawal=70)
		pay(line, wish(credit_note, -70))
		(payment,) = self.assert_settled(line, [credit_note])
		self.assertEqual(
			frappe.db.get_value("Payment Entry", payment, ["payment_type", "party_type"]), ("Pay", "Customer")
		)

	def test_p12_supplier_refund_by_deposit(self):
		"""Debit note -70, deposit 70: a Payment Entry of type Receive from the supplier."""
		debit_note = factories.make_purchase_invoice(-70)
		line = factories.make_bank_transaction(deposit=70)
		pay(line, wish(debit_note))
		(payment,) = self.assert_settled(line, [debit_note])
		self.assertEqual(
			frappe.db.get_value("Payment Entry", payment, ["payment_type", "party_type"]),
			("Receive", "Supplier"),
		)

	def test_p09_part_of_a_refund(self):
		"""Credit note -62.44, 20 of it refunded: -42.44 stay outstanding (the 62.44 bug of P09)."""
		credit_note = factories.make_sales_invoice(-62.44)
		line = factories.make_bank_transaction(withdrawal=20)
		pay(line, wish(credit_note, -20))
		self.assert_paid_once(credit_note, line, -20)
		self.assert_state(line, 0)

	def test_credit_note_is_netted_within_its_party(self):
		"""SI 100 and credit note -30 of one customer, deposit 70: one Payment Entry of 70 settles both."""
		customer = "ABR Netting Customer"
		invoice = factories.make_sales_invoice(100, customer)
		credit_note = factories.make_sales_invoice(-30, customer)
		line = factories.make_bank_transaction(deposit=70)
		answer = pay(line, wish(invoice), wish(credit_note))
		payments = {self.assert_paid_once(document, line) for document in (invoice, credit_note)}
		self.assertEqual(len(payments), 1, "netting needs one Payment Entry for both")
		(payment,) = payments
		self.assertEqual(frappe.db.get_value("Payment Entry", payment, "paid_amount"), 70)
		self.assert_state(line, 0)
		self.assertEqual(answer["processed"], 2)

	def test_debit_note_is_netted_in_a_withdrawal(self):
		"""PI 100 and 50 and debit note -30 of one supplier, withdrawal 120."""
		supplier = "ABR Netting Supplier"
		documents = [factories.make_purchase_invoice(amount, supplier) for amount in (100, 50, -30)]
		line = factories.make_bank_transaction(withdrawal=120)
		pay(line, *map(wish, documents))
		payments = {self.assert_paid_once(document, line) for document in documents}
		self.assertEqual(len(payments), 1)
		self.assert_state(line, 0)

	def test_credit_note_counts_in_full_when_the_line_is_short(self):
		"""SI 100, credit note -30, deposit 50: 80 of the invoice are settled, the credit note entirely."""
		customer = "ABR Short Customer"
		invoice = factories.make_sales_invoice(100, customer)
		credit_note = factories.make_sales_invoice(-30, customer)
		line = factories.make_bank_transaction(deposit=50)
		pay(line, wish(invoice), wish(credit_note))
		self.assert_paid_once(invoice, line, 80)
		self.assert_paid_once(credit_note, line, -30)
		self.assert_state(line, 0)

	def test_p24_credit_note_alone_in_a_deposit_is_refused(self):
		"""A credit note takes no money in: refused by name, with the reason, before anything is made."""
		credit_note = factories.make_sales_invoice(-30)
		line = factories.make_bank_transaction(deposit=30)
		with self.assert_refused(SelectionRefused, credit_note.name, "a deposit"):
			pay(line, wish(credit_note))

	def test_credit_note_does_not_net_with_another_party(self):
		"""SI 100 of one customer, credit note -30 of another: refused, naming the credit note."""
		invoice = factories.make_sales_invoice(100, "ABR Customer 1")
		credit_note = factories.make_sales_invoice(-30, "ABR Customer 2")
		line = factories.make_bank_transaction(deposit=70)
		with self.assert_refused(SelectionRefused, credit_note.name):
			pay(line, wish(invoice), wish(credit_note))

	def test_credit_note_beyond_its_invoices_is_refused(self):
		"""SI 20, credit note -30 of the same customer: there is nothing to receive."""
		invoice = factories.make_sales_invoice(20, "ABR Beyond")
		credit_note = factories.make_sales_invoice(-30, "ABR Beyond")
		line = factories.make_bank_transaction(deposit=70)
		with self.assert_refused(SelectionRefused, credit_note.name):
			pay(line, wish(invoice), wish(credit_note))

	def test_wrong_direction_matrix(self):
		"""PI in a deposit, SI in a withdrawal, debit note in a withdrawal: each refused by name."""
		cases = (
			(factories.make_purchase_invoice(50), {"deposit": 50}),
			(factories.make_sales_invoice(50), {"withdrawal": 50}),
			(factories.make_purchase_invoice(-50), {"withdrawal": 50}),
		)
		for document, amount in cases:
			line = factories.make_bank_transaction(**amount)
			with (
				self.subTest(document.doctype, **amount),
				self.assert_refused(SelectionRefused, document.name),
			):
				pay(line, wish(document))

	def test_p09_sign_of_the_wish_must_be_that_of_the_invoice(self):
		"""-50 asked of an invoice of 50, +50 of a credit note of -50: both named."""
		invoice = factories.make_sales_invoice(50)
		credit_note = factories.make_sales_invoice(-50)
		line = factories.make_bank_transaction(deposit=50)
		with self.assert_refused(SelectionRefused, invoice.name, credit_note.name, "signs"):
			pay(line, wish(invoice, -50), wish(credit_note, 50))
