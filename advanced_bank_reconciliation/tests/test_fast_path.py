# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The fast path writes what the plain path writes: every field of every row of every table.

Each test runs both ways from the same books (see `compare`). On a bench only: elsewhere the plain path runs.
"""

import unittest
from contextlib import contextmanager
from unittest.mock import patch

import frappe
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from frappe.utils import flt, getdate

from advanced_bank_reconciliation.bulk import payments
from advanced_bank_reconciliation.bulk.fast_path.process import active
from advanced_bank_reconciliation.bulk.foreground import settle_now
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW
from advanced_bank_reconciliation.bulk.start import start_job
from advanced_bank_reconciliation.payload import PER_INVOICE, PER_PARTY, Request
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.compare import Difference, assert_same
from advanced_bank_reconciliation.tests.factories import EURO_COMPANY, account
from advanced_bank_reconciliation.tests.utils import ABRTestCase, restore_single
from advanced_bank_reconciliation.transactions import begin_anew
from advanced_bank_reconciliation.vouchers.payment_entry import reference_number

NO_INVOICE_IS_ENOUGH = 10**6
SEEN: list[bool] = []


def write_behind(doc, method=None):
	"""A doc event of some app: changes, by SQL of its own, what the rest of the batch reads."""
	SEEN.append(active() is not None)
	frappe.db.sql("update tabCustomer set customer_details = concat(ifnull(customer_details, ''), %s)", "x")
	if doc.doctype == "Payment Entry":
		frappe.db.sql(
			"update `tabSales Invoice` set remarks = concat(remarks, %s) where customer = %s",
			("!", doc.party),
		)
		frappe.db.sql(
			"update `tabAccount` set account_number = %s where name = %s", (doc.name[-5:], doc.paid_to)
		)
		details = frappe.db.get_value("Customer", doc.party, "customer_details")
		invoice = frappe.get_doc("Sales Invoice", doc.references[0].reference_name)
		if method == "on_submit":
			doc.add_comment("Comment", f"{len(details)} {invoice.remarks} {invoice.outstanding_amount}")
	elif doc.doctype == "GL Entry":
		balance = frappe.db.sql(
			"select sum(debit) - sum(credit) from `tabGL Entry` where account=%s", doc.account
		)
		frappe.db.sql(
			"update `tabGL Entry` set remarks = %s where name = %s", (f"balance {balance[0][0]}", doc.name)
		)


def refuse_some(doc, method=None):
	"""A doc event of some app: refuses at the very end, when everything is written."""
	if doc.paid_amount == 77:
		frappe.throw("not this one")


@unittest.skipUnless(frappe.conf.db_type in (None, "mariadb"), "the fast path needs MariaDB")
class FastPathCase(ABRTestCase):
	def setUp(self):
		super().setUp()
		self.addCleanup(setattr, frappe.local, "doc_events_hooks", frappe.get_doc_hooks())

	def compare(self, line, invoices, expected_payments=None, isolation=None, per=PER_INVOICE):
		"""Settle the invoices by both ways and compare everything that was written."""
		requests = [Request(each.doctype, each.name, None) for each in invoices]
		job = start_job(line.name, requests, payment_entries_per=per)[0]
		frappe.db.commit()
		used, errors = [], []

		def settle(fast):
			(isolation or frappe.db.rollback)()
			serve = payments._serve_groups

			def note(*args):
				used.append(active() is not None)
				return serve(*args)

			with (
				patch.object(payments, "FAST_FROM", 1 if fast else NO_INVOICE_IS_ENOUGH),
				patch.object(payments, "_serve_groups", note),
			):
				settle_now(frappe.get_doc(job.doctype, job.name))
			errors[:] = frappe.get_all(INVOICE_ROW, {"parent": job.name, "status": "Failed"}, pluck="error")

		counts = assert_same(lambda: settle(False), lambda: settle(True), 10)
		self.assertEqual(used, [False, False, True], "one way was to be plain and the other fast")
		self.assertEqual(counts.get("tabPayment Entry", 0), expected_payments or len(invoices), errors)
		self.assertGreaterEqual(counts["tabGL Entry"], 2 * counts["tabPayment Entry"])
		return counts

	def deposit(self, invoices, amount=None, **values):
		total = sum(invoice.outstanding_amount for invoice in invoices) if amount is None else amount
		return factories.make_bank_transaction(deposit=flt(total, 2), **values)

	@contextmanager
	def doc_events(self, events):
		hooks = frappe.get_doc_hooks()
		frappe.local.doc_events_hooks = {
			**hooks,
			**{
				doctype: {
					**hooks.get(doctype, {}),
					**{name: [*hooks.get(doctype, {}).get(name, []), path] for name, path in added.items()},
				}
				for doctype, added in events.items()
			},
		}
		try:
			yield
		finally:
			frappe.local.doc_events_hooks = hooks


class TestSameAsPlain(FastPathCase):
	@classmethod
	def make_masters(cls):
		factories.make_account(
			"ABR Debtors 2",
			parent_account=account("Accounts Receivable"),
			account_type="Receivable",
			account_currency=factories.CURRENCY,
		)
		factories.make_payment_terms("ABR Fast Halves", (50, 10), (50, 40))
		factories.make_discount_terms("ABR Fast Discount", 2, 25)
		factories.make_company(EURO_COMPANY)
		for currency in ("EUR", "USD"):
			factories.make_foreign_bank_account(currency, EURO_COMPANY)
		factories.make_foreign_receivable("USD", EURO_COMPANY)
		factories.make_foreign_payable("USD", EURO_COMPANY)
		if not frappe.db.exists("Cost Center", account("ABR Branch")):
			frappe.get_doc(
				{
					"doctype": "Cost Center",
					"cost_center_name": "ABR Branch",
					"parent_cost_center": frappe.db.get_value(
						"Cost Center", {"company": cls.company, "is_group": 1}
					),
					"company": cls.company,
				}
			).insert()

	def test_plain_invoices_of_several_customers(self):
		invoices = factories.make_sales_invoices([100, 33.33, 0.01, 250.5, 19.99, 1234567.89, 7], customers=3)
		self.compare(self.deposit(invoices), invoices)

	def test_in_a_worker_s_transaction(self):
		invoices = factories.make_sales_invoices([100, 33.33, 50.1, 19.99], customers=2)
		self.compare(self.deposit(invoices), invoices, isolation=begin_anew)

	def test_with_what_was_there_before(self):
		"""Payments on account and other invoices of the same customers, and part of an invoice paid."""
		invoices = factories.make_sales_invoices([100, 200, 300, 400], customers=2)
		factories.make_payment_entry(55, customer="ABR Customer 1")
		part = get_payment_entry("Sales Invoice", invoices[0].name, bank_account=self.gl_account)
		part.paid_amount = part.received_amount = 40
		part.references[0].allocated_amount = 40
		part.reference_no, part.reference_date = "part", factories.STATEMENT_DATE
		part.insert().submit()
		invoices[0].reload()
		self.compare(self.deposit(invoices), invoices)

	def test_several_accounts_and_cost_centers(self):
		branch = account("ABR Branch")
		invoices = [
			factories.make_sales_invoice(
				10 + number, f"ABR Customer {number % 2}", debit_to=debit_to, cost_center=cost_center
			)
			for number, (debit_to, cost_center) in enumerate(
				(
					(account("Debtors"), None),
					(account("ABR Debtors 2"), branch),
					(account("Debtors"), branch),
					(account("ABR Debtors 2"), None),
				)
			)
		]
		self.compare(self.deposit(invoices), invoices)

	def test_payment_terms(self):
		terms = {"payment_terms_template": "ABR Fast Halves", "due_date": None}
		invoices = [factories.make_sales_invoice(100 + 0.02 * n, "ABR Terms", **terms) for n in range(4)]
		self.compare(self.deposit(invoices), invoices)
		self.compare(self.deposit(invoices, 330), invoices)

	def test_discounts(self):
		before = frappe.db.get_value("Company", self.company, "default_discount_account")
		frappe.db.set_value("Company", self.company, "default_discount_account", account("Write Off"))
		frappe.clear_document_cache("Company", self.company)
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.set_value, "Company", self.company, "default_discount_account", before)
		terms = {"payment_terms_template": "ABR Fast Discount", "due_date": None}
		invoices = [factories.make_sales_invoice(100, "ABR Discount", **terms) for _ in range(3)]
		counts = self.compare(self.deposit(invoices, 294), invoices)
		self.assertEqual(counts["tabPayment Entry Deduction"], 3)

	def test_returns_are_netted(self):
		invoices = [
			factories.make_sales_invoice(amount, customer)
			for customer in ("ABR Net 1", "ABR Net 2")
			for amount in (100, 80, -30)
		]
		self.compare(self.deposit(invoices), invoices, expected_payments=2)

	def test_one_payment_entry_per_party(self):
		invoices = [
			factories.make_sales_invoice(amount, f"ABR Party {number % 2}")
			for number, amount in enumerate((100, 80.5, -30, 20.25, 19.99, 7))
		]
		counts = self.compare(self.deposit(invoices), invoices, expected_payments=2, per=PER_PARTY)
		self.assertEqual(counts["tabPayment Entry Reference"], 6)

	def test_purchase_invoices(self):
		bills = [factories.make_purchase_invoice(100 + n, f"ABR Supplier {n % 2}") for n in range(4)]
		total = sum(bill.outstanding_amount for bill in bills)
		self.compare(factories.make_bank_transaction(withdrawal=total), bills)

	def test_foreign_currency_with_a_gain(self):
		factories.make_exchange_rate("USD", 0.92, to_currency="EUR")
		receivable = factories.make_foreign_receivable("USD", EURO_COMPANY)
		invoices = [
			factories.make_sales_invoice(
				100 + n,
				"ABR Euro USD",
				company=EURO_COMPANY,
				currency="USD",
				conversion_rate=0.9,
				debit_to=receivable,
			)
			for n in range(3)
		]
		for currency, rate in (("EUR", 0.92), ("USD", 1)):
			with self.subTest(currency):
				line = self.deposit(
					invoices,
					sum(flt(invoice.outstanding_amount * rate, 2) for invoice in invoices),
					bank_account=factories.make_foreign_bank_account(currency, EURO_COMPANY),
					currency=currency,
				)
				counts = self.compare(line, invoices)
				self.assertEqual(counts["tabJournal Entry"], 3, "a journal of the exchange gain for each")

	def test_a_budget_is_checked(self):
		fiscal_year = frappe.get_all(
			"Fiscal Year",
			{"year_start_date": ("<=", factories.STATEMENT_DATE)},
			order_by="year_start_date desc",
		)[0].name
		budget = frappe.get_doc(
			{
				"doctype": "Budget",
				"company": self.company,
				"budget_against": "Cost Center",
				"cost_center": account("Main"),
				"fiscal_year": fiscal_year,
				"action_if_annual_budget_exceeded": "Warn",
				"accounts": [{"account": account("Write Off"), "budget_amount": 1}],
			}
		)
		budget.insert()
		budget.submit()
		self.addCleanup(frappe.db.commit)
		self.addCleanup(budget.cancel)
		invoices = factories.make_sales_invoices([10, 20, 30], customers=2)
		self.compare(self.deposit(invoices), invoices)

	def test_an_app_that_writes_by_sql(self):
		SEEN.clear()
		here = f"{__name__}.write_behind"
		invoices = factories.make_sales_invoices([11, 22, 33, 44], customers=2)
		with self.doc_events(
			{"Payment Entry": {"validate": here, "on_submit": here}, "GL Entry": {"on_update": here}}
		):
			counts = self.compare(self.deposit(invoices), invoices)
		self.assertEqual({True, False}, set(SEEN), "the hook was to run in both ways")
		self.assertGreaterEqual(counts["tabCustomer"], 2)
		self.assertEqual(counts["tabComment"], 4)

	def test_a_payment_that_is_refused_at_the_end_leaves_nothing(self):
		invoices = factories.make_sales_invoices([10, 77, 30, 40], customers=2)
		with self.doc_events({"Payment Entry": {"on_submit": f"{__name__}.refuse_some"}}):
			self.compare(self.deposit(invoices), invoices, expected_payments=3)

	def test_a_frozen_customer_is_refused(self):
		invoices = factories.make_sales_invoices([10, 20, 30, 40], customers=2)
		customer = invoices[0].customer
		frappe.db.set_value("Customer", customer, "is_frozen", 1)
		modifier = frappe.db.get_single_value("Accounts Settings", "frozen_accounts_modifier")
		frappe.db.set_single_value("Accounts Settings", "frozen_accounts_modifier", "Auditor")
		self.addCleanup(restore_single, "Accounts Settings", {"frozen_accounts_modifier": modifier})
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.set_value, "Customer", customer, "is_frozen", 0)
		frappe.set_user(factories.make_user("abr-fast@example.com", ["Accounts Manager", "Accounts User"]))
		self.compare(self.deposit(invoices), invoices, expected_payments=2)


class TestAccountingDimensions(FastPathCase):
	"""A dimension adds a field to every voucher and to both ledgers; one that is mandatory is checked on each."""

	@classmethod
	def make_masters(cls):
		cls.branches = [cls.make_branch(name) for name in ("ABR North", "ABR South")]
		cls.dimension = frappe.get_doc(
			{
				"doctype": "Accounting Dimension",
				"document_type": "Branch",
				"dimension_defaults": [
					{
						"company": cls.company,
						"reference_document": "Branch",
						"default_dimension": cls.branches[0],
						"mandatory_for_bs": 1,
					}
				],
			}
		)
		if frappe.db.exists("Accounting Dimension", {"document_type": "Branch"}):
			raise unittest.SkipTest("the site has a dimension of its own for Branch")
		cls.dimension.insert()
		cls.forget_dimensions()
		cls.addClassCleanup(cls.remove_dimension)

	@staticmethod
	def make_branch(name):
		if not frappe.db.exists("Branch", name):
			frappe.get_doc({"doctype": "Branch", "branch": name}).insert()
		return name

	@staticmethod
	def forget_dimensions():
		frappe.flags.accounting_dimensions = frappe.flags.accounting_dimensions_details = None

	@classmethod
	def remove_dimension(cls):
		frappe.db.rollback()
		frappe.delete_doc("Accounting Dimension", cls.dimension.name, force=True)
		frappe.db.commit()
		cls.forget_dimensions()

	def test_dimensions_are_carried_and_checked(self):
		invoices = [
			factories.make_sales_invoice(10 + number, f"ABR Customer {number % 2}", branch=branch)
			for number, branch in enumerate((*self.branches, *self.branches))
		]
		self.compare(self.deposit(invoices), invoices)
		self.assertTrue(frappe.get_meta("GL Entry").has_field("branch"))


class TestComparison(FastPathCase):
	def test_a_single_field_of_a_single_row_is_seen(self):
		todo = frappe.get_doc({"doctype": "ToDo", "description": "before"}).insert()
		frappe.db.commit()
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.delete_doc, "ToDo", todo.name)

		def way(**values):
			frappe.db.rollback()
			frappe.db.set_value("ToDo", todo.name, values)

		assert_same(lambda: way(color="#a"), lambda: way(color="#a"))
		for other in ({"color": "#b"}, {"color": "#a", "priority": "High"}, {"color": ""}):
			with self.subTest(other), self.assertRaises(Difference):
				assert_same(lambda: way(color="#a"), lambda other=other: way(**other))
		with self.assertRaises(Difference):
			assert_same(
				lambda: way(color="#a"), lambda: frappe.get_doc({"doctype": "Note", "title": "x"}).insert()
			)


class TestSameAsTheLoop(FastPathCase):
	"""What a script writes today: get_payment_entry, insert, submit."""

	#: The script knows no job, links nothing, and saves a second version of each document.
	OURS = ("tabBulk Bank Reconciliation", "tabBank Transaction", "tabVersion", "tabComment")

	def loop(self, line, invoices):
		frappe.db.rollback()
		for invoice in invoices:
			payment = get_payment_entry(invoice.doctype, invoice.name, bank_account=self.gl_account)
			payment.posting_date = payment.reference_date = getdate(line.date)
			payment.reference_no = reference_number(line)
			payment.bank_account = line.bank_account
			payment.set_bank_account_data()
			payment.insert()
			payment.submit()

	def ours(self, job):
		frappe.db.rollback()
		settle_now(frappe.get_doc(job.doctype, job.name), reconcile_too=False)

	def test_documents_and_ledger_are_the_same(self):
		invoices = factories.make_sales_invoices([100, 33.33, 250.5, 19.99], customers=2)
		line = self.deposit(invoices)
		job = start_job(line.name, [Request(each.doctype, each.name, None) for each in invoices])[0]
		frappe.db.commit()
		counts = assert_same(
			lambda: self.loop(line, invoices),
			lambda: self.ours(job),
			20,
			ignore=lambda table: table.startswith(self.OURS),
		)
		self.assertEqual(counts["tabPayment Entry"], 4)
		self.assertEqual(counts["tabGL Entry"], 8)
		self.assertEqual(counts["tabPayment Ledger Entry"], 4)
