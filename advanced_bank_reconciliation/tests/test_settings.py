# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Advance Bank Reconciliation Settings: defaults, limits, who may change them, and that jobs keep theirs."""

import re

import frappe

from advanced_bank_reconciliation import install
from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_bulk,
)
from advanced_bank_reconciliation.bulk.job import JOB
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.bulk_case import BulkTestCase
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.utils import SETTINGS, run_committed

DEFAULTS = {
	"reconcile_unpaid_invoices_in_background": "1",
	"bulk_threshold": "50",
	"batch_size": "20",
	"batch_size_mode": "Fixed",
	"seconds_per_batch": "2",
	"worker_memory_limit": "1024",
	"job_timeout": "3600",
	"most_workers_per_job": "4",
	"on_invoice_failure": "Skip and report",
	"payment_entries_per": "Invoice",
	"most_invoices_per_payment_entry": "50",
	"validate_selection_against_unallocated_amount": "0",
	"sort_unpaid_invoices_by_posting_date": "0",
	"allocation_order": "Oldest First",
	"largest_difference": "1.00",
	"email_on_completion": "0",
	"default_reconciliation_action": "Match Against Voucher",
	"default_document_type": "Payment Entry",
	"default_journal_entry_type": "Bank Entry",
	"compact_matching_vouchers_table": "0",
	"filter_parties_by_company": "0",
	"auto_minimum_score": "45",
	"auto_margin": "10",
	"auto_amount_ceiling": "0",
}


class TestSettings(BulkTestCase):
	def document(self, **values):
		settings = frappe.get_doc(SETTINGS)
		settings.update(values)
		return settings

	def test_defaults(self):
		"""What a fresh site has is what the meta says."""
		meta = frappe.get_meta(SETTINGS)
		for fieldname, value in DEFAULTS.items():
			self.assertEqual(str(meta.get_field(fieldname).default or "0"), value, fieldname)

	def test_new_settings_get_their_defaults_on_a_site_that_has_saved_others(self):
		"""A migration fills what is not there yet, and leaves alone what somebody has set, be it to nothing."""
		frappe.db.set_single_value(SETTINGS, "auto_minimum_score", 0)
		frappe.db.delete("Singles", {"doctype": SETTINGS, "field": "auto_margin"})
		frappe.clear_document_cache(SETTINGS, SETTINGS)
		install.add_new_settings()
		saved = frappe.db.get_singles_dict(SETTINGS)
		self.assertEqual((saved.auto_margin, str(saved.auto_minimum_score)), ("10", "0"))

	def test_known_fields_are_there(self):
		"""The fields that people's scripts read (PUBLIC_API.md)."""
		meta = frappe.get_meta(SETTINGS)
		for fieldname in ("customer_company_field", "supplier_company_field", "employee_company_field"):
			self.assertTrue(meta.has_field(fieldname), fieldname)

	def test_numbers_out_of_range(self):
		"""Each refused with the field's label and the range; the stored value stays."""
		cases = {
			"batch_size": (0, -1, 501),
			"job_timeout": (0, 59, 86401),
			"most_workers_per_job": (0, 51),
			"seconds_per_batch": (0, 61),
			"bulk_threshold": (0, -5),
			"auto_margin": (0, -1),
		}
		for fieldname, values in cases.items():
			label = frappe.get_meta(SETTINGS).get_label(fieldname)
			stored = frappe.db.get_single_value(SETTINGS, fieldname)
			for value in values:
				with self.subTest(fieldname, value=value):
					with self.assertRaisesRegex(frappe.ValidationError, re.escape(label)):
						self.document(**{fieldname: value}).save()
					self.assertEqual(frappe.db.get_single_value(SETTINGS, fieldname, cache=False), stored)

	def test_numbers_at_the_edge(self):
		for values in ({"batch_size": 1}, {"batch_size": 500}, {"job_timeout": 60}, {"bulk_threshold": 1}):
			with self.subTest(values):
				self.document(**values).save()

	def test_unknown_mode_is_refused(self):
		with self.assertRaises(frappe.ValidationError):
			self.document(on_invoice_failure="Do as you like").save()

	def test_accounts_user_reads_and_does_not_write(self):
		user = factories.make_user("abr-clerk@example.com", ["Accounts User"])
		frappe.set_user(user)
		self.assertTrue(frappe.has_permission(SETTINGS, "read"))
		with self.assertRaises(frappe.PermissionError):
			self.document(batch_size=5).save()

	def test_a_job_keeps_the_settings_it_was_started_with(self):
		"""Batch size and mode are those of the start, whatever is saved afterwards."""
		line, invoices = self.line_and_invoices([10, 20])
		with self.settings(batch_size=7, on_invoice_failure="All or nothing"):
			answer = create_payment_entries_bulk(line.name, [wish(invoice) for invoice in invoices])
		job = run_committed(answer["job_id"])
		self.assertEqual((job.batch_size, job.on_invoice_failure), (7, "All or nothing"))
		self.assertEqual(job.status, "Completed")

	def test_the_record_cannot_be_deleted_while_it_works(self):
		line, invoices = self.line_and_invoices([10])
		answer = create_payment_entries_bulk(line.name, [wish(invoices[0])])
		with self.assertRaisesRegex(frappe.ValidationError, answer["job_id"]):
			frappe.delete_doc(JOB, answer["job_id"])
		run_committed(answer["job_id"])
		frappe.delete_doc(JOB, answer["job_id"])
		self.assertFalse(frappe.db.exists(JOB, answer["job_id"]))
		self.assert_settled(line, invoices)
