# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Bank side: Journal Entries, linking vouchers to Bank Transactions, clearance, balances, account lookups."""

import json

import frappe
from erpnext_masters import Books, clearance_date, set_exchange_rate, state
from frappe.tests.utils import FrappeTestCase
from frappe.utils import add_days, getdate, nowdate


def voucher(*documents) -> list[dict]:
	"""Vouchers in the form of add_payment_entries."""
	return [{"payment_doctype": doc.doctype, "payment_name": doc.name} for doc in documents]


def line_state(line) -> tuple:
	"""(status, unallocated amount, [(voucher, allocated amount)]) of a Bank Transaction as stored."""
	line = frappe.get_doc("Bank Transaction", line.name)
	rows = [(row.payment_entry, row.allocated_amount) for row in line.payment_entries]
	return line.status, line.unallocated_amount, rows


class TestJournalEntries(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		cls.books = Books()
		cls.expense = cls.books.account("Miscellaneous Expenses")

	def test_bank_entry(self):
		journal = self.books.journal_entry(
			[{"account": self.books.bank, "credit": 12}, {"account": self.expense, "debit": 12}]
		)
		self.assertEqual(
			self.books.ledger(journal), [("Checking", 0.0, 12.0), ("Miscellaneous Expenses", 12.0, 0.0)]
		)
		journal.reload()
		journal.cancel()
		self.assertEqual(self.books.ledger(journal), [])

	def test_refusals(self):
		books, expense = self.books, self.expense
		with self.assertRaises(frappe.ValidationError):
			books.journal_entry(
				[{"account": books.bank, "credit": 12}, {"account": expense, "debit": 12}],
				cheque_no=None,
				cheque_date=None,
			)
		with self.assertRaises(frappe.ValidationError):
			books.journal_entry([{"account": books.bank, "credit": 12}, {"account": expense, "debit": 11}])
		with self.assertRaises(frappe.ValidationError):
			books.journal_entry(
				[{"account": books.bank, "debit": 12}, {"account": books.account("Debtors"), "credit": 12}]
			)

	def test_journal_settles_an_invoice(self):
		books = self.books
		invoice = books.sales_invoice(100)

		def pay(amount: float):
			return books.journal_entry(
				[
					{"account": books.bank, "debit": amount},
					{
						"account": books.account("Debtors"),
						"credit": amount,
						"party_type": "Customer",
						"party": books.customer,
						"reference_type": "Sales Invoice",
						"reference_name": invoice.name,
					},
				]
			)

		journal = pay(40)
		self.assertEqual(books.payment_ledger(journal), [("Debtors", invoice.name, -40.0)])
		self.assertEqual(state(invoice), (60.0, "Partly Paid"))
		with self.assertRaises(frappe.ValidationError):
			pay(80)
		journal.reload()
		journal.cancel()
		self.assertEqual(state(invoice), (100.0, "Unpaid"))

	def test_multi_currency(self):
		books = Books("EUR")
		_bank_account, dollars = books.make_bank_account("Dollars", "USD")
		set_exchange_rate("USD", "EUR", 0.8)
		rows = [
			{"account": dollars, "debit": 10},
			{"account": books.account("Miscellaneous Expenses"), "credit": 8},
		]
		with self.assertRaises(frappe.ValidationError):
			books.journal_entry(rows)
		journal = books.journal_entry(rows, multi_currency=1)
		self.assertEqual(books.ledger(journal), [("Dollars", 8.0, 0.0), ("Miscellaneous Expenses", 0.0, 8.0)])
		self.assertEqual(books.ledger_in_account_currency(journal)[0], ("Dollars", 10.0, 0.0))


class TestBankTransactions(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		cls.books = Books()

	def payments(self, *amounts: float) -> list:
		return [self.books.pay(self.books.sales_invoice(amount)) for amount in amounts]

	def link(self, line, *documents) -> None:
		line.add_payment_entries(voucher(*documents))
		line.save()

	def test_allocates_in_order_and_clears_what_is_covered(self):
		first, second, third = self.payments(100, 50, 30)
		line = self.books.bank_transaction(deposit=120)
		self.assertEqual(line_state(line), ("Unreconciled", 120.0, []))
		self.link(line, first, second, third)
		self.assertEqual(line_state(line), ("Reconciled", 0.0, [(first.name, 100.0), (second.name, 20.0)]))
		self.assertEqual(clearance_date(first), getdate(nowdate()))
		self.assertIsNone(clearance_date(second))
		with self.assertRaises(frappe.ValidationError):
			line.add_payment_entries(voucher(third))

		rest = self.books.bank_transaction(deposit=100)
		self.link(rest, second)
		self.assertEqual(line_state(rest), ("Unreconciled", 70.0, [(second.name, 30.0)]))
		self.assertEqual(clearance_date(second), getdate(nowdate()))

	def test_a_used_voucher_is_taken_off_again(self):
		(payment,) = self.payments(100)
		self.link(self.books.bank_transaction(deposit=100), payment)
		line = self.books.bank_transaction(deposit=10)
		self.link(line, payment)
		self.assertEqual(line_state(line), ("Unreconciled", 10.0, []))

	def test_the_same_voucher_twice_is_refused(self):
		(payment,) = self.payments(100)
		line = self.books.bank_transaction(deposit=150)
		self.link(line, payment)
		line.add_payment_entries(voucher(payment))
		with self.assertRaises(frappe.ValidationError):
			line.save()

	def test_rows_with_an_amount_are_left_alone(self):
		"""Core neither checks nor clears a row that brings its own amount (VERSIONS.md)."""
		(payment,) = self.payments(20)
		line = self.books.bank_transaction(deposit=500)
		line.append(
			"payment_entries",
			{"payment_document": "Payment Entry", "payment_entry": payment.name, "allocated_amount": 5},
		)
		line.save()
		self.assertEqual(line_state(line), ("Unreconciled", 495.0, [(payment.name, 5.0)]))
		self.assertIsNone(clearance_date(payment))

	def test_remove_leaves_every_second_row(self):
		"""PITFALLS P27."""
		first, second = self.payments(100, 50)
		line = self.books.bank_transaction(deposit=150)
		self.link(line, first, second)
		line.remove_payment_entries()
		self.assertEqual(line_state(line), ("Unreconciled", 100.0, [(second.name, 50.0)]))
		self.assertIsNone(clearance_date(first))
		line.reload()
		line.set("payment_entries", [])
		line.save()
		self.assertEqual(line_state(line), ("Unreconciled", 150.0, []))
		self.assertIsNone(clearance_date(second))

	def test_cancelling_the_voucher_or_the_line(self):
		first, second = self.payments(100, 50)
		line = self.books.bank_transaction(deposit=150)
		self.link(line, first, second)
		first.reload()
		first.cancel()
		self.assertEqual(line_state(line), ("Unreconciled", 100.0, [(second.name, 50.0)]))
		line.reload()
		line.cancel()
		self.assertEqual(line_state(line)[0], "Cancelled")
		self.assertIsNone(clearance_date(second))

	def test_transfer_is_cleared_when_both_sides_are_covered(self):
		bank_account, account = self.books.make_bank_account("Savings", "USD")
		transfer = frappe.get_doc(
			{
				"doctype": "Payment Entry",
				"payment_type": "Internal Transfer",
				"company": self.books.company,
				"paid_from": self.books.bank,
				"paid_to": account,
				"paid_amount": 55,
				"received_amount": 55,
				"reference_no": "REF-1",
				"reference_date": nowdate(),
			}
		).insert()
		transfer.submit()
		self.link(self.books.bank_transaction(withdrawal=55), transfer)
		self.assertIsNone(clearance_date(transfer))
		self.link(self.books.bank_transaction(deposit=55, bank_account=bank_account), transfer)
		self.assertEqual(clearance_date(transfer), getdate(nowdate()))

	def test_journal_with_two_rows_on_the_bank_counts_both(self):
		books = self.books
		journal = books.journal_entry(
			[
				{"account": books.bank, "debit": 30},
				{"account": books.bank, "debit": 20},
				{"account": books.account("Sales"), "credit": 50},
			]
		)
		line = books.bank_transaction(deposit=50)
		self.link(line, journal)
		self.assertEqual(line_state(line), ("Reconciled", 0.0, [(journal.name, 50.0)]))
		self.assertEqual(clearance_date(journal), getdate(nowdate()))

	def test_refusals(self):
		books = self.books
		cash = books.journal_entry(
			[
				{"account": books.account("Cash"), "credit": 12},
				{"account": books.account("Miscellaneous Expenses"), "debit": 12},
			]
		)
		line, other = books.bank_transaction(withdrawal=12), books.bank_transaction(deposit=12)
		with self.assertRaises(frappe.ValidationError):
			self.link(line, cash)
		other.reload()
		with self.assertRaises(frappe.ValidationError):
			self.link(other, line)
		with self.assertRaises(frappe.ValidationError):
			books.bank_transaction(deposit=5, currency="EUR")
		with self.assertRaises(frappe.ValidationError):
			frappe.get_doc(
				{
					"doctype": "Bank Account",
					"account_name": f"Second {books.abbr}",
					"bank": "ABR Conformance Bank",
					"account": books.bank,
					"company": books.company,
					"is_company_account": 1,
				}
			).insert()


class TestBalances(FrappeTestCase):
	def test_balance_of_the_statement(self):
		from erpnext.accounts.doctype.bank_reconciliation_tool.bank_reconciliation_tool import (
			get_account_balance,
			get_bank_transactions,
			reconcile_vouchers,
		)

		books = Books()

		def balance(days: int = 0) -> float:
			return get_account_balance(books.bank_account, add_days(nowdate(), days), books.company)

		payment = books.pay(books.sales_invoice(100))
		line = books.bank_transaction(deposit=100)
		self.assertEqual(balance(), 0.0)
		self.assertEqual([row.name for row in get_bank_transactions(books.bank_account)], [line.name])
		reconcile_vouchers(line.name, json.dumps(voucher(payment)))
		self.assertEqual(line_state(line), ("Reconciled", 0.0, [(payment.name, 100.0)]))
		self.assertEqual(get_bank_transactions(books.bank_account), [])
		self.assertEqual((balance(), balance(-1)), (100.0, 0.0))

		charge = [
			{"account": books.bank, "credit": 12},
			{"account": books.account("Miscellaneous Expenses"), "debit": 12},
		]
		journal = books.journal_entry(charge)
		self.assertEqual(balance(), 100.0)
		reconcile_vouchers(books.bank_transaction(withdrawal=12).name, json.dumps(voucher(journal)))
		self.assertEqual(balance(), 88.0)

		later = books.journal_entry(charge, posting_date=add_days(nowdate(), 3))
		frappe.db.set_value("Journal Entry", later.name, "clearance_date", nowdate())
		self.assertEqual(balance(), 76.0)

	def test_lookups(self):
		import erpnext
		from erpnext.accounts.doctype.payment_entry.payment_entry import (
			get_account_details,
			get_party_details,
			get_reference_details,
		)
		from erpnext.accounts.party import get_party_account
		from erpnext.accounts.utils import FiscalYearError, get_balance_on, get_fiscal_year

		books = Books()
		invoice = books.sales_invoice(100)
		books.pay(invoice, 40)
		self.assertEqual(get_balance_on(books.bank), 40.0)
		self.assertEqual(get_balance_on(books.account("Current Assets")), 100.0)
		self.assertEqual(
			get_balance_on(party_type="Customer", party=books.customer, company=books.company), 60.0
		)
		self.assertEqual(get_balance_on(books.bank, add_days(nowdate(), -1)), 0.0)
		self.assertEqual(get_balance_on(books.bank, "1980-01-01"), 0.0)
		self.assertEqual(
			get_party_account("Customer", books.customer, books.company), books.account("Debtors")
		)
		details = get_party_details(books.company, "Customer", books.customer, nowdate())
		self.assertEqual((details["party_balance"], details["party_account_currency"]), (60.0, "USD"))
		details = get_account_details(books.bank, nowdate())
		self.assertEqual((details.account_balance, details.account_type), (40.0, "Bank"))
		details = get_reference_details("Sales Invoice", invoice.name, "USD", "Customer", books.customer)
		self.assertEqual((details.total_amount, details.outstanding_amount), (100.0, 60.0))
		self.assertEqual(erpnext.get_default_cost_center(books.company), books.account("Main"))
		self.assertEqual(erpnext.get_company_currency(books.company), "USD")
		with self.assertRaises(FiscalYearError):
			get_fiscal_year("1980-01-01")

	def test_iban(self):
		bank_account = frappe.get_doc(
			{"doctype": "Bank Account", "account_name": "Iban", "bank": "ABR Conformance Bank"}
		)
		if not frappe.db.exists("Bank", bank_account.bank):
			frappe.get_doc({"doctype": "Bank", "bank_name": bank_account.bank}).insert()
		for iban in ("DE89370400440532013001", "not an iban"):
			bank_account.iban = iban
			with self.assertRaises(frappe.ValidationError):
				bank_account.insert()
		bank_account.iban = "DE89 3704 0044 0532 0130 00"
		bank_account.insert()
