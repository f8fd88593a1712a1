# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Sales and Purchase Invoices: ledger rows, outstanding amounts, statuses, returns, cancelling."""

import frappe
from erpnext_masters import ITEM, Books, clearance_date, state
from frappe.tests.utils import FrappeTestCase, change_settings
from frappe.utils import add_days, getdate, nowdate


class TestInvoices(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		cls.books = Books()

	def test_sales_invoice_posts_debtors_and_income(self):
		invoice = self.books.sales_invoice(100.25)
		self.assertEqual(self.books.ledger(invoice), [("Debtors", 100.25, 0.0), ("Sales", 0.0, 100.25)])
		self.assertEqual(self.books.payment_ledger(invoice), [("Debtors", invoice.name, 100.25)])
		self.assertEqual(state(invoice), (100.25, "Unpaid"))
		self.assertEqual(
			invoice.customer_name, frappe.db.get_value("Customer", invoice.customer, "customer_name")
		)

	def test_purchase_invoice_posts_creditors_and_expense(self):
		invoice = self.books.purchase_invoice(250, bill_no="B-1", bill_date=nowdate())
		self.assertEqual(
			self.books.ledger(invoice), [("Cost of Goods Sold", 250.0, 0.0), ("Creditors", 0.0, 250.0)]
		)
		self.assertEqual(self.books.payment_ledger(invoice), [("Creditors", invoice.name, 250.0)])
		self.assertEqual(state(invoice), (250.0, "Unpaid"))

	def test_taxes_are_added_and_posted(self):
		tax_account = self.books.make_account("VAT", "Duties and Taxes", "Tax")
		taxes = [
			{"charge_type": "On Net Total", "account_head": tax_account, "rate": 7.7, "description": "VAT"},
			{"charge_type": "Actual", "account_head": tax_account, "tax_amount": 3, "description": "Fee"},
		]
		for tax in taxes:
			tax["cost_center"] = self.books.account("Main")
		invoice = self.books.sales_invoice(100, taxes=taxes)
		self.assertEqual(invoice.grand_total, 110.7)
		self.assertEqual(
			self.books.ledger(invoice), [("Debtors", 110.7, 0.0), ("Sales", 0.0, 100.0), ("VAT", 0.0, 10.7)]
		)

	def test_posting_date_is_today_unless_it_may_be_edited(self):
		invoice = self.books.sales_invoice(10, submit=False, set_posting_time=0, days=-3)
		self.assertEqual(getdate(invoice.posting_date), getdate(nowdate()))

	def test_invoice_past_its_due_date_is_overdue(self):
		invoice = self.books.sales_invoice(100, days=-20, due_date=add_days(nowdate(), -5))
		self.assertEqual(state(invoice), (100.0, "Overdue"))
		self.books.pay(invoice, 40)
		self.assertEqual(state(invoice), (60.0, "Overdue"))
		self.books.pay(invoice)
		self.assertEqual(state(invoice), (0.0, "Paid"))

	def test_cancel_reverses_the_ledger(self):
		invoice = self.books.sales_invoice(80)
		invoice.cancel()
		self.assertEqual(state(invoice), (80.0, "Cancelled"))
		self.assertEqual(self.books.ledger(invoice), [])
		self.assertEqual(
			self.books.ledger(invoice, cancelled=1),
			[("Debtors", 0.0, 80.0), ("Debtors", 80.0, 0.0), ("Sales", 0.0, 80.0), ("Sales", 80.0, 0.0)],
		)
		self.assertEqual(self.books.payment_ledger(invoice), [])
		self.assertEqual(
			self.books.payment_ledger(invoice, delinked=1),
			[("Debtors", invoice.name, -80.0), ("Debtors", invoice.name, 80.0)],
		)

	def test_refusals(self):
		books = self.books
		with self.assertRaises(frappe.ValidationError):
			books.sales_invoice(0, items=[{"item_code": ITEM, "qty": 0, "rate": 5, "uom": "Nos"}])
		with self.assertRaises(frappe.ValidationError):
			books.sales_invoice(10, due_date=add_days(nowdate(), -1))
		with self.assertRaises(frappe.ValidationError):
			books.sales_invoice(10, debit_to=books.account("Creditors"))
		blocked = books.make_customer("Disabled")
		frappe.get_doc("Customer", blocked).update({"disabled": 1}).save()
		with self.assertRaises(frappe.ValidationError):
			books.sales_invoice(10, customer=blocked)

	@change_settings("Accounts Settings", {"check_supplier_invoice_uniqueness": 1})
	def test_supplier_invoice_number_is_unique_when_asked(self):
		self.books.purchase_invoice(5, bill_no="SAME")
		with self.assertRaises(frappe.ValidationError):
			self.books.purchase_invoice(5, bill_no="SAME")

	def test_terms_split_the_invoice_into_instalments(self):
		template = self.books.make_terms((50, 30, 20))
		invoice = self.books.sales_invoice(200, payment_terms_template=template, due_date=None)
		self.assertEqual([row.payment_amount for row in invoice.payment_schedule], [100.0, 60.0, 40.0])
		self.assertEqual([row.outstanding for row in invoice.payment_schedule], [100.0, 60.0, 40.0])
		self.assertEqual(getdate(invoice.due_date), getdate(add_days(nowdate(), 90)))

	def test_pos_invoice_is_paid_at_once(self):
		mode = self._mode_of_payment()
		invoice = self.books.sales_invoice(100, is_pos=1, payments=[{"mode_of_payment": mode, "amount": 60}])
		self.assertEqual(
			self.books.ledger(invoice),
			[("Checking", 60.0, 0.0), ("Debtors", 0.0, 60.0), ("Debtors", 100.0, 0.0), ("Sales", 0.0, 100.0)],
		)
		self.assertEqual(state(invoice), (40.0, "Partly Paid"))

	def test_change_given_back_for_cash(self):
		invoice = self.books.sales_invoice(
			100, is_pos=1, payments=[{"mode_of_payment": "Cash", "amount": 120}]
		)
		self.assertEqual(invoice.change_amount, 20.0)
		self.assertEqual(state(invoice), (0.0, "Paid"))
		cash = sum(
			debit - credit for account, debit, credit in self.books.ledger(invoice) if account == "Cash"
		)
		self.assertEqual(cash, 100.0)

	def test_paid_purchase_invoice_and_its_clearance(self):
		books = self.books
		invoice = books.purchase_invoice(80, is_paid=1, cash_bank_account=books.bank, paid_amount=80)
		self.assertEqual(state(invoice), (0.0, "Paid"))
		line = books.bank_transaction(withdrawal=80)
		line.add_payment_entries([{"payment_doctype": invoice.doctype, "payment_name": invoice.name}])
		line.save()
		self.assertEqual(line.status, "Reconciled")
		self.assertEqual(clearance_date(invoice), getdate(nowdate()))
		invoice.reload()
		invoice.cancel()
		line.reload()
		self.assertEqual((line.status, line.payment_entries), ("Unreconciled", []))

	def _mode_of_payment(self) -> str:
		name = f"Mode {self.books.abbr}"
		if not frappe.db.exists("Mode of Payment", name):
			account = {"company": self.books.company, "default_account": self.books.bank}
			frappe.get_doc(
				{"doctype": "Mode of Payment", "mode_of_payment": name, "type": "Bank", "accounts": [account]}
			).insert()
		return name


class TestReturns(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		cls.books = Books()

	def test_free_standing_return_is_owed_to_the_customer(self):
		credit_note = self.books.sales_invoice(-30, is_return=1)
		self.assertEqual(self.books.ledger(credit_note), [("Debtors", 0.0, 30.0), ("Sales", 30.0, 0.0)])
		self.assertEqual(self.books.payment_ledger(credit_note), [("Debtors", credit_note.name, -30.0)])
		self.assertEqual(state(credit_note), (-30.0, "Return"))

	def test_return_against_keeps_its_own_outstanding_by_default(self):
		for invoice, credit_note in self._pairs():
			credit_note.insert()
			credit_note.submit()
			self.assertEqual(credit_note.items[0].qty, -1)
			self.assertEqual(state(credit_note), (-100.0, "Return"))
			self.assertEqual(state(invoice), (100.0, "Unpaid"))

	def test_return_may_settle_its_invoice(self):
		for invoice, credit_note in self._pairs():
			credit_note.update_outstanding_for_self = 0
			credit_note.insert()
			credit_note.submit()
			issued = "Credit Note Issued" if invoice.doctype == "Sales Invoice" else "Debit Note Issued"
			self.assertEqual(state(invoice), (0.0, issued))
			credit_note.reload()
			credit_note.cancel()
			self.assertEqual(state(invoice), (100.0, "Unpaid"))

	def test_no_more_is_returned_than_was_sold(self):
		from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

		invoice, credit_note = next(self._pairs())
		credit_note.insert()
		credit_note.submit()
		again = make_sales_return(invoice.name)
		self.assertEqual(again.items[0].qty, 0)
		again.items[0].qty = -1
		with self.assertRaises(frappe.ValidationError):
			again.insert()

	def _pairs(self):
		from erpnext.accounts.doctype.purchase_invoice.purchase_invoice import make_debit_note
		from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

		invoice = self.books.sales_invoice(100)
		yield invoice, make_sales_return(invoice.name)
		invoice = self.books.purchase_invoice(100)
		yield invoice, make_debit_note(invoice.name)


class TestRounding(FrappeTestCase):
	def test_total_is_rounded_to_the_smallest_coin(self):
		"""The Currency INR names no coin, so totals are rounded to whole rupees."""
		books = Books("INR")
		invoice = books.sales_invoice(100.45)
		self.assertEqual((invoice.grand_total, invoice.rounded_total), (100.45, 100.0))
		self.assertEqual(
			books.ledger(invoice),
			[("Debtors", 100.0, 0.0), ("Round Off", 0.45, 0.0), ("Sales", 0.0, 100.45)],
		)
		self.assertEqual(state(invoice), (100.0, "Unpaid"))

	def test_halves_are_rounded_to_even(self):
		"""New sites of Frappe 15 use Banker's Rounding."""
		invoice = Books().sales_invoice(12.345)
		self.assertEqual((invoice.items[0].rate, invoice.grand_total), (12.34, 12.34))


class TestHold(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		cls.books = Books()

	def test_invoice_on_hold_cannot_be_paid(self):
		books = self.books
		invoice = books.purchase_invoice(100)
		invoice.block_invoice("Goods damaged")
		payment = self._payment(invoice)
		self.assertEqual(payment.references, [])
		payment.append(
			"references",
			{
				"reference_doctype": invoice.doctype,
				"reference_name": invoice.name,
				"allocated_amount": 100,
			},
		)
		with self.assertRaises(frappe.ValidationError):
			payment.insert()
		invoice.unblock_invoice()
		self.assertEqual(self._payment(invoice).insert().total_allocated_amount, 100.0)

	def test_supplier_on_hold(self):
		supplier = self.books.make_supplier("Held")
		invoice = self.books.purchase_invoice(100, supplier=supplier)
		doc = frappe.get_doc("Supplier", supplier)
		doc.update({"on_hold": 1, "hold_type": "Payments"})
		doc.save()
		with self.assertRaises(frappe.ValidationError):
			self._payment(invoice)
		doc.hold_type = "Invoices"
		doc.save()
		self.assertEqual(len(self._payment(invoice).references), 1)
		with self.assertRaises(frappe.ValidationError):
			self.books.purchase_invoice(5, supplier=supplier)

	def _payment(self, invoice):
		from erpnext_masters import get_payment_entry

		payment = get_payment_entry(invoice.doctype, invoice.name, bank_account=self.books.bank)
		payment.update({"reference_no": "REF-1", "reference_date": nowdate()})
		return payment
