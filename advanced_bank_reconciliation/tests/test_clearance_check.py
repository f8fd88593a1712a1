# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The older app's validation endpoints: clearance dates computed anew, and the balance of what has cleared."""

from contextlib import contextmanager

import frappe
from frappe.utils import add_days, flt, getdate

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.exceptions import SelectionRefused
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.test_links import clearance_date, link, row
from advanced_bank_reconciliation.tests.utils import ABRTestCase

POSTED = getdate(factories.STATEMENT_DATE)
LATER = getdate(add_days(POSTED, 5))
EARLIER = getdate(add_days(POSTED, -5))


class CheckTestCase(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.account = factories.make_bank_account("ABR Validated")
		cls.ledger_account = frappe.db.get_value("Bank Account", cls.account, "account")
		cls.stranger = factories.make_user("abr-stranger@example.com", ["Accounts User"], cls.other_company)
		cls.nobody = factories.make_user("abr-nobody@example.com", ["Projects User"])
		cls.auditor = factories.make_user("abr-auditor@example.com", ["Auditor"])

	def line(self, **values):
		return factories.make_bank_transaction(bank_account=self.account, **values)

	def payment(self, amount, **values):
		return factories.make_payment_entry(amount, bank_account=self.account, **values)

	def linked(self, amount, **values):
		"""Return a line with a Payment Entry of the same amount linked to it, and the Payment Entry."""
		payment = self.payment(amount)
		line = self.line(deposit=amount, **values)
		link(line, row(payment))
		return line, payment

	def spoil(self, payment, clearance=None):
		"""Leave a clearance date that the allocations do not say, as an older app or a repair did."""
		frappe.db.set_value("Payment Entry", payment.name, "clearance_date", clearance)

	@contextmanager
	def user(self, name):
		frappe.set_user(name)
		try:
			yield
		finally:
			frappe.set_user("Administrator")


class TestValidation(CheckTestCase):
	def test_period(self):
		"""One date missing, one wrong, one right: two are corrected, and a second run finds none."""
		(_first, missing), (_second, wrong), (_third, right) = [self.linked(10) for _number in range(3)]
		self.spoil(missing)
		self.spoil(wrong, LATER)
		before = frappe.db.get_value("Payment Entry", right.name, "modified")
		answer = tool.validate_bank_transactions(POSTED, POSTED, self.company, self.account)
		self.assertEqual((answer["success"], answer["corrected_count"]), (True, 2))
		for payment in (missing, wrong, right):
			self.assertEqual(clearance_date(payment), POSTED)
		self.assertEqual(frappe.db.get_value("Payment Entry", right.name, "modified"), before)
		answer = tool.validate_bank_transactions(POSTED, POSTED, self.company, self.account)
		self.assertEqual(answer["corrected_count"], 0)

	def test_what_is_not_covered_loses_its_date(self):
		"""A payment of 100 covered by 40, and a date on it: stored amounts and dates are not believed."""
		payment = self.payment(100)
		link(self.line(deposit=40), row(payment))
		self.spoil(payment, POSTED)
		tool.validate_bank_transactions(bank_account=self.account)
		self.assertIsNone(clearance_date(payment))

	def test_p29_invoices_and_journal_entries(self):
		"""A paid invoice's payment row of this account, a paid purchase, a journal entry."""
		sale = factories.make_pos_invoice(10, self.account)
		purchase = factories.make_paid_purchase_invoice(10, self.account)
		entry = factories.make_journal_entry((self.ledger_account, 10), (factories.account("Sales"), -10))
		link(self.line(deposit=20), row(sale), row(entry))
		link(self.line(withdrawal=10), row(purchase))
		payment_row = {"parent": sale.name, "account": self.ledger_account}
		frappe.db.set_value("Sales Invoice Payment", payment_row, "clearance_date", None)
		for voucher in (purchase, entry):
			frappe.db.set_value(voucher.doctype, voucher.name, "clearance_date", LATER)
		answer = tool.validate_bank_transactions(bank_account=self.account)
		self.assertEqual(answer["corrected_count"], 3)
		self.assertEqual(frappe.db.get_value("Sales Invoice Payment", payment_row, "clearance_date"), POSTED)
		for voucher in (purchase, entry):
			self.assertEqual(clearance_date(voucher), POSTED)

	def test_period_bounds(self):
		"""Only lines dated within; no date means no bound."""
		_line, early = self.linked(10, date=EARLIER)
		_line, late = self.linked(10, date=LATER)
		for payment in (early, late):
			self.spoil(payment)
		answer = tool.validate_bank_transactions(POSTED, LATER, None, self.account)
		self.assertEqual((answer["processed_count"], answer["corrected_count"]), (1, 1))
		self.assertEqual((clearance_date(early), clearance_date(late)), (None, LATER))
		tool.validate_bank_transactions(bank_account=self.account)
		self.assertEqual(clearance_date(early), EARLIER)

	def test_other_accounts_and_drafts_are_left_alone(self):
		other = factories.make_payment_entry(10)
		link(factories.make_bank_transaction(deposit=10), row(other))
		self.spoil(other)
		tool.validate_bank_transactions(bank_account=self.account)
		self.assertIsNone(clearance_date(other))

	def test_batch_finds_the_wrong_ones(self):
		"""Three wrong, one right, limit 2: two are processed of three found; then the last."""
		payments = [self.linked(10)[1] for _number in range(4)]
		for payment in payments[:3]:
			self.spoil(payment, LATER)
		answer = tool.batch_validate_unvalidated_transactions(self.account, POSTED, POSTED, "2")
		self.assertEqual((answer["success"], answer["processed_count"], answer["total_found"]), (True, 2, 3))
		answer = tool.batch_validate_unvalidated_transactions(self.account)
		self.assertEqual((answer["processed_count"], answer["total_found"]), (1, 1))
		self.assertEqual({clearance_date(payment) for payment in payments}, {POSTED})
		self.assertIn("0 of 0", tool.batch_validate_unvalidated_transactions(self.account)["message"])

	def test_single(self):
		"""The function of jobs and scripts, and the endpoint that hands it to a worker after the commit."""
		line, payment = self.linked(10)
		self.spoil(payment)
		self.assertTrue(tool.validate_bank_transaction_async(line.name)["success"])
		self.assertIsNone(clearance_date(payment), "not in this request")
		corrected = tool.validate_single_bank_transaction(line.name)
		self.assertEqual(corrected, [("Payment Entry", payment.name)])
		self.assertEqual(clearance_date(payment), POSTED)
		self.assertEqual(tool.validate_single_bank_transaction(line.name), [])
		self.assertEqual(tool.validate_single_bank_transaction(self.line(deposit=1, submit=False).name), [])

	def test_functions_of_older_callers(self):
		line, payment = self.linked(10)
		(linked,) = frappe.get_doc("Bank Transaction", line.name).payment_entries
		self.assertTrue(tool.validate_payment_entry_clearance(line, linked, payment, self.ledger_account))
		half = self.payment(100)
		link(self.line(deposit=50), row(half))
		self.assertFalse(tool.validate_payment_entry_clearance(line, linked, half, self.ledger_account))
		entry = factories.make_journal_entry((self.ledger_account, 10), (factories.account("Sales"), -10))
		link(self.line(deposit=10), row(entry))
		frappe.db.set_value("Journal Entry", entry.name, "clearance_date", None)
		tool.clear_journal_entry(entry.name)
		self.assertEqual(clearance_date(entry), POSTED)

	def test_p78_rights_company_and_account(self):
		"""No role, another company's user, a reader: none may correct; the wrong company is refused."""
		line, payment = self.linked(10)
		self.spoil(payment)
		calls = (
			lambda: tool.validate_bank_transactions(bank_account=self.account),
			lambda: tool.batch_validate_unvalidated_transactions(self.account),
			lambda: tool.validate_bank_transaction_async(line.name),
			lambda: tool.validate_single_bank_transaction(line.name),
		)
		for user in (self.nobody, self.stranger, self.auditor):
			for number, call in enumerate(calls):
				with self.subTest(user=user, call=number), self.user(user):
					self.assertRaises(frappe.PermissionError, call)
		with self.assert_refused(SelectionRefused, self.account, self.other_company):
			tool.validate_bank_transactions(None, None, self.other_company, self.account)
		with self.assertRaises(frappe.MandatoryError):
			tool.validate_bank_transactions()
		self.assertIsNone(clearance_date(payment))


class TestClearedBalance(CheckTestCase):
	"""P84: the older app compared a Bank Account's name with ledger accounts, and never saw a movement."""

	@classmethod
	def make_masters(cls):
		super().make_masters()
		cls.account = factories.make_bank_account("ABR Balance")
		cls.ledger_account = frappe.db.get_value("Bank Account", cls.account, "account")

	def test_p84_what_has_cleared_and_nothing_else(self):
		"""+100 on the 15th, -30 on the 20th, +8 on the 25th have cleared; 999 have not."""
		self.linked(100, date=EARLIER)
		link(self.line(withdrawal=30), row(factories.make_supplier_payment(30, bank_account=self.account)))
		sale = factories.make_pos_invoice(8, self.account)
		link(self.line(deposit=8, date=LATER), row(sale))
		self.payment(999)
		expected = (
			((None, EARLIER), 100),
			((None, POSTED), 70),
			((None, LATER), 78),
			((POSTED, POSTED), 70),
			((POSTED, LATER), 78),
			((LATER, LATER), 78),
			((None, add_days(EARLIER, -1)), 0),
		)
		for (from_date, till_date), balance in expected:
			with self.subTest(from_date=from_date, till_date=till_date):
				self.assertEqual(
					flt(tool.get_cleared_balance(self.account, from_date, till_date), 2), balance
				)

	def test_p83_p84_agrees_with_the_balance_as_the_bank_sees_it(self):
		"""Where everything that cleared was posted before, both say the same, and the company is passed on."""
		self.linked(100)
		self.payment(55)
		for till_date in (POSTED, LATER):
			self.assertEqual(
				tool.get_cleared_balance(self.account, EARLIER, till_date),
				tool.get_account_balance(self.account, till_date),
			)

	def test_p32_a_transfer_in_another_currency(self):
		"""110 USD leave and 100 EUR arrive: once both are there, each account counts its own side."""
		euro = factories.make_foreign_bank_account("EUR")
		before = tool.get_cleared_balance(euro, None, LATER)
		transfer = factories.make_payment_entry(
			110,
			payment_type="Internal Transfer",
			party_type=None,
			party=None,
			paid_from=self.ledger_account,
			paid_to=frappe.db.get_value("Bank Account", euro, "account"),
			received_amount=100,
			target_exchange_rate=1.1,
		)
		link(self.line(withdrawal=110), row(transfer))
		self.assertEqual(tool.get_cleared_balance(self.account, None, LATER), 0)
		arrived = factories.make_bank_transaction(deposit=100, bank_account=euro, currency="EUR")
		link(arrived, row(transfer))
		self.assertEqual(tool.get_cleared_balance(self.account, None, LATER), -110)
		self.assertEqual(flt(tool.get_cleared_balance(euro, None, LATER) - before, 2), 100)

	def test_p78_another_companys_user(self):
		with self.user(self.stranger), self.assertRaises(frappe.PermissionError):
			tool.get_cleared_balance(self.account)
