# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""P46: what the form shows before is what is booked afterwards. The form's own code answers, run by Node.js."""

import json
import shutil
import subprocess
import unittest
from pathlib import Path

import frappe

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_for_invoices,
	get_abr_default_settings,
	get_candidates,
)
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.factories import account
from advanced_bank_reconciliation.tests.utils import ABRTestCase, links_of

NODE = shutil.which("node")
SCRIPT = Path(__file__).parent / "preview.mjs"
TYPES = ["payment_entry", "unpaid_sales_invoice", "unpaid_purchase_invoice"]


@unittest.skipUnless(NODE, "needs Node.js on this host, to run the form's own preview")
class TestPreview(ABRTestCase):
	def preview(self, line, documents, amounts=None, difference_account=None) -> dict:
		"""Return what the form shows when these documents are ticked, amounts as typed."""
		question = {
			"line": {
				"precision": line.precision("unallocated_amount"),
				"available": line.unallocated_amount,
			},
			"settings": get_abr_default_settings(line.name),
			"rows": [self.candidate(line, document) for document in documents],
			"amounts": amounts or {},
			"account": difference_account,
		}
		result = subprocess.run(
			[NODE, str(SCRIPT)], input=frappe.as_json(question), capture_output=True, text=True, timeout=60
		)
		self.assertEqual(result.returncode, 0, result.stderr)
		return json.loads(result.stdout)

	def candidate(self, line, document) -> dict:
		rows = get_candidates(line.name, TYPES, search=document.name)["rows"]
		return next(row for row in rows if row["name"] == document.name)

	def assert_preview_is_booked(self, line, documents, **chosen):
		"""Send what the form would send; the record, the links and the line are as the form has shown."""
		shown = self.preview(line, documents, **chosen)
		answer = create_payment_entries_for_invoices(
			line.name, shown["invoices"], regular_vouchers=shown["vouchers"], **shown["difference"]
		)
		booked = {
			row.invoice: row.allocated_amount
			for row in frappe.get_all(
				INVOICE_ROW, {"parent": answer["job_id"]}, ["invoice", "allocated_amount"]
			)
		}
		for document in documents:
			if document.doctype == "Payment Entry":
				booked[document.name] = links_of(line, document.doctype, document.name)[0].allocated_amount
		self.assertEqual(shown["shares"], booked)
		line.reload()
		self.assertEqual(line.unallocated_amount, shown["totals"]["remaining"])
		self.assertEqual(
			{failure["invoice"] for failure in answer["failures"]},
			{key.split("/")[1] for key in shown["totals"]["unserved"]},
		)
		return shown

	def test_p46_preview_equals_what_is_posted(self):
		"""Voucher 50, SI due on three days, one typed amount, credit note netted; deposit too small for all."""
		customer = "ABR Preview Net"
		documents = [
			factories.make_payment_entry(50, "ABR Preview"),
			factories.make_sales_invoice(100, customer, due_date="2026-03-20"),
			factories.make_sales_invoice(-30, customer),
			factories.make_sales_invoice(80.5, "ABR Preview 1", due_date="2026-03-10"),
			factories.make_sales_invoice(110.29, "ABR Preview 2", due_date="2026-03-25"),
			factories.make_sales_invoice(70, "ABR Preview 3", due_date="2026-03-31"),
		]
		line = factories.make_bank_transaction(deposit=250.1)
		self.assert_preview_is_booked(line, documents, amounts={documents[3].name: 60.25})

	def test_p46_in_the_other_order(self):
		"""By setting the largest amount first, on the server and in the form alike."""
		documents = factories.make_sales_invoices([40, 90, 90, 10])
		line = factories.make_bank_transaction(deposit=185)
		with self.settings(allocation_order="Largest Amount First"):
			self.assert_preview_is_booked(line, documents)

	def test_p46_withdrawal(self):
		"""PI 100 and its party's debit note -30, a credit note -20: 90 are shown and booked once."""
		documents = [
			factories.make_purchase_invoice(100, "ABR Preview Supplier"),
			factories.make_purchase_invoice(-30, "ABR Preview Supplier"),
			factories.make_sales_invoice(-20, "ABR Preview Refund"),
		]
		line = factories.make_bank_transaction(withdrawal=90)
		shown = self.assert_preview_is_booked(line, documents)
		self.assertEqual(shown["totals"]["used"], 90)

	def test_p46_discount_and_difference(self):
		"""Two SI of 100 with 2 % discount, deposit 195.60: both discounts, 0.40 written off, as shown."""
		frappe.db.set_value("Company", self.company, "default_discount_account", account("Write Off"))
		frappe.clear_document_cache("Company", self.company)
		self.addCleanup(frappe.clear_document_cache, "Company", self.company)
		template = factories.make_discount_terms("ABR Preview Discount", 2, 25)
		documents = [factories.make_sales_invoice(100, payment_terms_template=template) for _ in range(2)]
		line = factories.make_bank_transaction(deposit=195.6)
		shown = self.assert_preview_is_booked(line, documents, difference_account=account("Write Off"))
		self.assertEqual((shown["totals"]["discount"], shown["totals"]["settled_difference"]), (4, 0.4))
		self.assertEqual(shown["totals"]["remaining"], 0)
