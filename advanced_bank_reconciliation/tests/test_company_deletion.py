# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What ERPNext's Transaction Deletion Record, which empties the books of a company, does to ours (PITFALLS P85)."""

from unittest import skipUnless

import frappe

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.bank_statement_importer import (
	bank_statement_importer as importer,
)
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW
from advanced_bank_reconciliation.bulk.job import JOB as BULK_JOB
from advanced_bank_reconciliation.statement_import.job import JOB, ROW
from advanced_bank_reconciliation.statement_import.recovery import delete_lines_without_record
from advanced_bank_reconciliation.statement_import.saved_mappings import FIELD
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.statement_case import StatementCase, csv_of, rows_of_days
from advanced_bank_reconciliation.tests.utils import SETTINGS, TOOL_MODULE, ABRTestCase

LEAVING = "ABR Leaving Company"
DELETION = "Transaction Deletion Record"


class TestCompanyDeletion(StatementCase, ABRTestCase):
	@classmethod
	def make_masters(cls) -> None:
		factories.ABBR[LEAVING] = "ABRL"
		cls.account = factories.make_bank_account("ABR Leaving", LEAVING)
		cls.staying = factories.make_bank_account("ABR Staying")

	def test_lines_go_with_a_record_whose_row_is_deleted(self) -> None:
		gone = self.import_file(csv_of(rows_of_days(1, 3)))["name"]
		stays = self.import_file(csv_of(rows_of_days(4, 6)), account=self.staying)["name"]
		frappe.db.delete(JOB, {"name": gone})
		delete_lines_without_record()
		self.assertEqual(frappe.db.count(ROW, {"parent": gone}), 0)
		self.assertEqual(frappe.db.count(ROW, {"parent": stays}), 6)

	@skipUnless(frappe.db.exists("DocType", DELETION), "this host has no Transaction Deletion Record")
	def test_p85_what_is_set_up_stays_and_what_is_booked_goes(self) -> None:
		"""The mapping of a bank, the settings and another company's records stay; the company's records go."""
		stays = self.import_file(csv_of(rows_of_days(4, 6)), account=self.staying)["name"]
		gone = self.import_file(csv_of(rows_of_days(1, 3)))["name"]
		importer.save_mapping(gone)
		job_id = self.bulk_job()
		bank = frappe.db.get_value("Bank Account", self.account, "bank")
		settings = frappe.get_single(SETTINGS).as_dict()

		self.delete_transactions()
		delete_lines_without_record()

		for doctype, name in (("Bank Account", self.account), (JOB, stays)):
			self.assertTrue(frappe.db.exists(doctype, name), name)
		self.assertTrue(frappe.db.get_value("Bank", bank, FIELD))
		self.assertEqual(frappe.get_single(SETTINGS).as_dict(), settings)
		self.assertEqual(len(self.books(self.staying)), 6)
		self.assertEqual(self.books(), [])
		for doctype, filters in {
			JOB: {"name": gone},
			ROW: {"parent": gone},
			BULK_JOB: {"name": job_id},
			INVOICE_ROW: {"parent": job_id},
			"Bank Transaction": {"company": LEAVING},
		}.items():
			self.assertEqual(frappe.db.count(doctype, filters), 0, doctype)

	def bulk_job(self) -> str:
		"""Return a finished bulk reconciliation of the company."""
		invoices = [factories.make_sales_invoice(amount, company=LEAVING) for amount in (10, 20)]
		line = factories.make_bank_transaction(deposit=30, bank_account=self.account)
		rows = [factories.wish(invoice) for invoice in invoices]
		with self.settings(reconcile_unpaid_invoices_in_background=0):
			answer = frappe.get_attr(f"{TOOL_MODULE}.create_payment_entries_bulk")(line.name, rows)
		self.assertEqual(frappe.db.get_value(BULK_JOB, answer["job_id"], "status"), "Completed")
		return answer["job_id"]

	def delete_transactions(self) -> None:
		deletion = frappe.get_doc(
			{"doctype": DELETION, "company": LEAVING, "process_in_single_transaction": 1}
		).insert()
		deletion.submit()
		deletion.start_deletion_tasks()
		deletion.reload()
		self.assertEqual((deletion.status, deletion.error_log), ("Completed", None))
