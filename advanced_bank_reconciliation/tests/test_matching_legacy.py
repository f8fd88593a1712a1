# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The names of matching that older scripts import from the tool's module, with known answers."""

import inspect

import frappe
from erpnext.accounts.doctype.bank_reconciliation_tool import bank_reconciliation_tool as erpnext_tool

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.test_matching import fresh
from advanced_bank_reconciliation.tests.utils import ABRTestCase


class TestLegacyNames(ABRTestCase):
	def setUp(self):
		super().setUp()
		self.party = fresh("Legacy")
		self.payment = factories.make_payment_entry(100, self.party, reference_no="LEGACY-1")
		other = factories.make_bank_transaction(deposit=30)
		tool.reconcile_vouchers(
			other.name,
			[{"payment_doctype": "Payment Entry", "payment_name": self.payment.name, "amount": 30}],
		)
		self.line = factories.make_bank_transaction(
			deposit=70, reference_number="LEGACY-1", party_type="Customer", party=self.party
		)

	def arguments(self):
		return self.gl_account, self.company, self.line

	def test_check_matching_then_subtract_allocations_is_get_linked_payments(self):
		"""A payment of 100, 30 of it covered: 100, then 70, with the rank of both."""
		rows = tool.check_matching(*self.arguments(), ["payment_entry"])
		self.assertEqual(self.row(rows)[3], 100)
		left = tool.subtract_allocations(self.gl_account, rows)
		self.assertEqual(self.row(left)[3], 70)
		self.assertEqual(left, tool.get_linked_payments(self.line.name, ["payment_entry"]))
		self.assertEqual(
			self.row(left)[1:8],
			[
				"Payment Entry",
				self.payment.name,
				70,
				"LEGACY-1",
				frappe.utils.getdate(factories.STATEMENT_DATE),
				self.party,
				"Customer",
			],
		)

	def test_get_queries_have_the_eleven_values_by_name(self):
		queries = tool.get_queries(*self.arguments(), ["payment_entry", "unpaid_sales_invoice"])
		self.assertEqual(len(queries), 2)
		row = next(row for row in queries[0].run(as_dict=True) if row.name == self.payment.name)
		(rank, *_rest) = self.row(tool.get_linked_payments(self.line.name, ["payment_entry"]))
		self.assertEqual((row["rank"], row.paid_amount, row.currency), (rank, 100, "USD"))
		self.assertEqual(len(row), 11)

	def test_p37_matching_queries_take_erpnexts_arguments_and_are_no_hook(self):
		self.assertEqual(len(inspect.signature(tool.get_matching_queries).parameters), 12)
		queries = tool.get_matching_queries(*self.arguments(), ["payment_entry"], False, "paid_to")
		self.assertIn(self.payment.name, {row.name for row in queries[0].run(as_dict=True)})
		self.assertFalse(
			frappe.get_hooks("get_matching_queries", app_name="advanced_bank_reconciliation") or []
		)

	def test_a_query_per_kind(self):
		"""Each kind's own vouchers, by the arguments that its function has always had."""
		sales = factories.account("Sales")
		entry = factories.make_journal_entry((self.gl_account, 70), (sales, -70))
		sale = factories.make_pos_invoice(70, self.bank_account)
		invoice = factories.make_sales_invoice(70, self.party)
		back = factories.make_bank_transaction(withdrawal=70)
		bought = factories.make_paid_purchase_invoice(70, self.bank_account)
		bill = factories.make_purchase_invoice(70, fresh("Legacy"))
		for query, voucher in (
			(tool.get_pe_matching_query(False, "paid_to", self.line), self.payment),
			(tool.get_je_matching_query(True, self.line), entry),
			(tool.get_bt_matching_query(True, self.line), back),
			(tool.get_si_matching_query(True, "USD", transaction=self.line), sale),
			(tool.get_pi_matching_query(True, "USD", transaction=back), bought),
			(tool.get_unpaid_si_matching_query(True, "USD", transaction=self.line), invoice),
			(tool.get_unpaid_pi_matching_query(True, "USD", transaction=back), bill),
		):
			with self.subTest(voucher=voucher.doctype):
				names = {row.name: row.doctype.removeprefix("Unpaid ") for row in query.run(as_dict=True)}
				self.assertEqual(names.get(voucher.name), voucher.doctype)

	def test_get_allocated_amount_reads_erpnexts_totals(self):
		totals = {("Payment Entry", "PE-1"): {self.gl_account: {"total": 30.0}}}
		voucher = {"doctype": "Payment Entry", "name": "PE-1"}
		self.assertEqual(tool.get_allocated_amount(totals, voucher, self.gl_account), 30.0)
		self.assertIsNone(tool.get_allocated_amount(totals, voucher, "Another - X"))
		self.assertIsNone(tool.get_allocated_amount({}, voucher, self.gl_account))

	def row(self, rows):
		return next(row for row in rows if row[2] == self.payment.name)


class TestErpnextsOwnTool(ABRTestCase):
	def test_p37_erpnexts_own_tool_finds_and_links_with_the_app_installed(self):
		"""A payment of 45 for a deposit of 45, by the functions of ERPNext's Bank Reconciliation Tool."""
		if not hasattr(erpnext_tool, "get_linked_payments"):
			self.skipTest("ERPNext's own tool is part of ERPNext: this runs on a bench")
		payment = factories.make_payment_entry(45, fresh("Core"), reference_no="CORE-45")
		line = factories.make_bank_transaction(deposit=45, reference_number="CORE-45")
		rows = erpnext_tool.get_linked_payments(
			line.name,
			["payment_entry", "journal_entry", "sales_invoice", "exact_match"],
			from_date=factories.POSTING_DATE,
			to_date=factories.STATEMENT_DATE,
			filter_by_reference_date=0,
		)
		row = next(row for row in rows if row["name"] == payment.name)
		self.assertEqual((row["doctype"], row["paid_amount"]), ("Payment Entry", 45))
		wanted = {"payment_doctype": "Payment Entry", "payment_name": payment.name, "amount": 45}
		erpnext_tool.reconcile_vouchers(line.name, frappe.as_json([wanted]))
		self.assert_linked(line, "Payment Entry", payment.name)
		self.assert_state(line, 0)
