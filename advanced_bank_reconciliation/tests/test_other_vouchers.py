# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Vouchers of other apps: doctypes that the hook `bank_reconciliation_doctypes` declares."""

from contextlib import contextmanager
from unittest import SkipTest
from unittest.mock import patch

import frappe
from frappe.utils import getdate

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	unreconcile_bank_transaction,
)
from advanced_bank_reconciliation.exceptions import BadPayload, SelectionRefused
from advanced_bank_reconciliation.payload import VOUCHER_DOCTYPES, parse_vouchers, voucher_doctypes
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.test_links import link, row
from advanced_bank_reconciliation.tests.utils import ABRTestCase

CLAIM = "ABR Test Claim"
RECEIPT = "ABR Test Receipt"
POSTED = getdate(factories.STATEMENT_DATE)


@contextmanager
def declared(*doctypes):
	"""Let another app declare these doctypes while the block runs, after those of ERPNext."""
	get_hooks = frappe.get_hooks

	def with_them(hook=None, default="_KEEP_DEFAULT_LIST", app_name=None):
		found = get_hooks(hook, default, app_name)
		return [*found, *doctypes] if hook == "bank_reconciliation_doctypes" else found

	with patch.object(frappe, "get_hooks", with_them):
		yield


class TestClosedList(ABRTestCase):
	def test_what_cannot_be_cleared_is_left_out(self):
		"""ERPNext writes `clearance_date` when it takes a voucher off: without the field it would fail."""
		with declared("Bank", "Payment Entry"):
			self.assertEqual(voucher_doctypes(), VOUCHER_DOCTYPES)
			with self.assertRaises(BadPayload):
				parse_vouchers([{"payment_doctype": "Bank", "payment_name": "B"}])

	def test_pseudo_names_are_never_stored(self):
		"""An older app declares pseudo doctypes: they mean the invoice, and what is no doctype is refused."""
		with declared("Unpaid Sales Invoice", "Unpaid Purchase Invoice", "No Such Doctype"):
			self.assertEqual(voucher_doctypes(), VOUCHER_DOCTYPES)
			(request,) = parse_vouchers([{"payment_doctype": "Unpaid Sales Invoice", "payment_name": "S"}])
			self.assertEqual(request.doctype, "Sales Invoice")
			with self.assertRaises(BadPayload):
				parse_vouchers([{"payment_doctype": "No Such Doctype", "payment_name": "X"}])
			invoice = factories.make_sales_invoice(10)
			line = factories.make_bank_transaction(deposit=10)
			with self.assert_refused(SelectionRefused, invoice.name, "moves nothing"):
				link(line, {"payment_doctype": "Unpaid Sales Invoice", "payment_name": invoice.name})


class TestVouchersOfOtherApps(ABRTestCase):
	"""A submittable doctype with company and clearance date, as Expense Claim is, and one without company."""

	@classmethod
	def setUpClass(cls):
		if frappe.db.db_type == "sqlite":
			raise SkipTest("minibench has no custom doctypes; this runs on the bench")
		super().setUpClass()

	@classmethod
	def make_masters(cls):
		amount = {"fieldname": "amount", "fieldtype": "Currency", "label": "Amount"}
		company = {"fieldname": "company", "fieldtype": "Link", "label": "Company", "options": "Company"}
		clearance = {"fieldname": "clearance_date", "fieldtype": "Date", "label": "Clearance Date"}
		clearance["allow_on_submit"] = 1
		for name, fields in ((CLAIM, [company, amount, clearance]), (RECEIPT, [amount, clearance])):
			cls.make_doctype(name, fields)

	@classmethod
	def make_doctype(cls, name, fields):
		rights = {right: 1 for right in ("read", "write", "create", "submit", "cancel")}
		if not frappe.db.exists("DocType", name):
			frappe.get_doc(
				{
					"doctype": "DocType",
					"name": name,
					"module": "Accounts",
					"custom": 1,
					"is_submittable": 1,
					"naming_rule": "Random",
					"autoname": "hash",
					"fields": fields,
					"permissions": [{"role": "Accounts User", **rights}],
				}
			).insert()
		cls.addClassCleanup(cls.drop_doctype, name)

	@staticmethod
	def drop_doctype(name):
		"""Frappe keeps the table of a doctype that is deleted; the site is to be as it was."""
		frappe.delete_doc("DocType", name, force=True)
		frappe.db.commit()
		frappe.db.sql_ddl(f"drop table `tab{name}`")

	def voucher(self, doctype, amount, company=None, account=None):
		"""Return a submitted voucher that pays `amount` from the bank (negative: it is paid back)."""
		from erpnext.accounts.general_ledger import make_gl_entries

		company = company or self.company
		values = {"company": company} if doctype == CLAIM else {}
		voucher = frappe.get_doc({"doctype": doctype, "amount": amount, **values}).insert()
		voucher.submit()
		expenses = factories.account("Miscellaneous Expenses", company)
		sides = ((expenses, amount), (account or self.gl_account, -amount))
		rows = [
			frappe._dict(
				company=company,
				posting_date=POSTED,
				account=name,
				account_currency="USD",
				debit=max(debit, 0),
				debit_in_account_currency=max(debit, 0),
				credit=max(-debit, 0),
				credit_in_account_currency=max(-debit, 0),
				voucher_type=doctype,
				voucher_no=voucher.name,
				cost_center=factories.account("Main", company),
				fiscal_year=frappe.db.get_value("Fiscal Year", {"disabled": 0}),
			)
			for name, debit in sides
		]
		make_gl_entries(rows)
		return voucher

	def cleared(self, claim):
		return frappe.db.get_value(CLAIM, claim.name, "clearance_date")

	def test_linked_cleared_and_freed(self):
		"""A claim of 80 by withdrawals of 50 and 30: cleared by the second, open again without it."""
		claim = self.voucher(CLAIM, 80)
		lines = [factories.make_bank_transaction(withdrawal=amount) for amount in (50, 30)]
		with declared(CLAIM):
			link(lines[0], row(claim))
			self.assertIsNone(self.cleared(claim))
			link(lines[1], row(claim))
			self.assertEqual(self.cleared(claim), POSTED)
			for line in lines:
				self.assert_state(line, 0)
			unreconcile_bank_transaction(lines[1].name)
			self.assertIsNone(self.cleared(claim))
			self.assert_state(lines[1], 30)

	def test_a_doctype_without_company(self):
		"""Its ledger rows say where it belongs."""
		receipt = self.voucher(RECEIPT, -25)
		line = factories.make_bank_transaction(deposit=25)
		with declared(CLAIM, RECEIPT, CLAIM):
			self.assertEqual(voucher_doctypes(), (*VOUCHER_DOCTYPES, CLAIM, RECEIPT))
			link(line, row(receipt))
			self.assertEqual(frappe.db.get_value(RECEIPT, receipt.name, "clearance_date"), POSTED)
			self.assert_state(line, 0)

	def test_the_same_checks_as_for_ours(self):
		"""Not declared; the wrong direction; nothing in the ledger; another company."""
		claim = self.voucher(CLAIM, 10)
		deposit = factories.make_bank_transaction(deposit=10)
		withdrawal = factories.make_bank_transaction(withdrawal=10)
		with self.assert_refused(BadPayload, CLAIM):
			link(withdrawal, row(claim))
		unpaid = frappe.get_doc({"doctype": CLAIM, "amount": 10, "company": self.company}).insert()
		unpaid.submit()
		other_account = frappe.db.get_value(
			"Bank Account", factories.make_bank_account("ABR Other", company=self.other_company), "account"
		)
		foreign = self.voucher(CLAIM, 10, self.other_company, other_account)
		with declared(CLAIM):
			cases = (
				(deposit, claim, "against the direction"),
				(withdrawal, unpaid, "moves nothing"),
				(withdrawal, foreign, self.other_company),
			)
			for line, voucher, words in cases:
				with self.subTest(words), self.assert_refused(SelectionRefused, voucher.name, words):
					link(line, row(voucher))

	def test_p16_cancelling_the_line(self):
		claim = self.voucher(CLAIM, 10)
		line = factories.make_bank_transaction(withdrawal=10)
		with declared(CLAIM):
			link(line, row(claim))
			self.assertEqual(self.cleared(claim), POSTED)
			frappe.get_doc("Bank Transaction", line.name).cancel()
			self.assertIsNone(self.cleared(claim))
