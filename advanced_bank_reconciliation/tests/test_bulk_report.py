# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The report of a job as a file, with the mail, and the history of jobs."""

import csv
from email import message_from_string, policy
from io import BytesIO, StringIO

import frappe
import openpyxl
from frappe.utils import add_days, flt, getdate, today

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	get_bulk_reconciliation_report,
)
from advanced_bank_reconciliation.advanced_bank_reconciliation.report.bulk_reconciliation_history.bulk_reconciliation_history import (
	execute,
)
from advanced_bank_reconciliation.bulk.completion import announce
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, JOB
from advanced_bank_reconciliation.bulk.report import make_report
from advanced_bank_reconciliation.exceptions import BadPayload
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.bulk_case import BulkTestCase, freeze, thaw
from advanced_bank_reconciliation.tests.factories import wish

DANGEROUS = ("=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1", "<b>bold</b> & more")  # noqa: RUF001


class TestReport(BulkTestCase):
	def job_with_a_failure(self, user="Administrator"):
		"""Return the id of an ended job: two invoices paid, the second of three refused, a voucher linked."""
		payment = factories.make_payment_entry(40)
		line, invoices = self.line_and_invoices([10.5, 20, 30], extra=40)
		freeze(self, invoices[1].customer)
		frappe.set_user(user)
		answer, _job = self.start_and_run(
			line,
			[wish(invoice) for invoice in invoices],
			[{"payment_doctype": "Payment Entry", "payment_name": payment.name, "amount": 40}],
		)
		frappe.set_user("Administrator")
		thaw(invoices[1].customer)
		self.invoices, self.payment = invoices, payment
		return answer["job_id"]

	def rows_of(self, job_id, file_format):
		"""Return the rows of the file without the titles, as dicts by title."""
		content = make_report(job_id, file_format).content
		if file_format == "CSV":
			table = list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))
		else:
			sheet = openpyxl.load_workbook(BytesIO(content)).active
			table = [[cell.value for cell in row] for row in sheet.iter_rows()]
		return [dict(zip(table[0], row, strict=True)) for row in table[1:]]

	def test_every_invoice_and_voucher_has_its_row(self):
		job_id = self.job_with_a_failure()
		for file_format in ("CSV", "XLSX"):
			with self.subTest(file_format):
				rows = self.rows_of(job_id, file_format)
				self.assertEqual(
					[row["Document"] for row in rows],
					[*(invoice.name for invoice in self.invoices), self.payment.name],
				)
				self.assertEqual(
					[row["Status"] for row in rows], ["Reconciled", "Failed", "Reconciled", "Reconciled"]
				)
				self.assertEqual([flt(row["Allocated Amount"]) for row in rows], [10.5, 20, 30, 40])
				self.assertIn(self.invoices[1].name, rows[1]["Reason"])
				self.assertFalse(rows[1]["Payment Entry"])
				self.assertTrue(frappe.db.exists("Payment Entry", rows[0]["Payment Entry"]))

	def test_numbers_and_dates_are_such_in_a_workbook(self):
		row = self.rows_of(self.job_with_a_failure(), "XLSX")[0]
		self.assertIsInstance(row["Allocated Amount"], int | float)
		self.assertEqual(getdate(row["Due Date"]), getdate(self.invoices[0].due_date))

	def test_what_looks_like_a_formula_is_a_text(self):
		job_id = self.job_with_a_failure()
		names = frappe.get_all(INVOICE_ROW, {"parent": job_id}, pluck="name", order_by="idx")
		for text in DANGEROUS:
			frappe.db.set_value(INVOICE_ROW, names[0], "error", text)
			shown = text if text.startswith("<") else f"'{text}"
			with self.subTest(text):
				self.assertEqual(self.rows_of(job_id, "CSV")[0]["Reason"], shown)
				sheet = openpyxl.load_workbook(BytesIO(make_report(job_id, "XLSX").content)).active
				cell = sheet.cell(row=2, column=16)
				self.assertEqual((cell.value, cell.data_type), (shown, "s"))

	def test_download(self):
		job_id = self.job_with_a_failure()
		for file_format in ("CSV", "XLSX"):
			get_bulk_reconciliation_report(job_id, file_format)
			self.assertEqual(frappe.response["filename"], f"{job_id}.{file_format.lower()}")
			self.assertEqual(frappe.response["type"], "download")
			self.assertTrue(frappe.response["filecontent"].startswith((b"\xef\xbb\xbf", b"PK")))
		for key in ("filename", "filecontent", "type"):
			frappe.response.pop(key)
		with self.assertRaises(BadPayload):
			get_bulk_reconciliation_report(job_id, "PDF")

	def test_p78_only_who_may_read_the_job(self):
		job_id = self.job_with_a_failure()
		frappe.set_user(factories.make_user("abr-report-stranger@example.com", ["Sales User"]))
		with self.assertRaises(frappe.PermissionError):
			get_bulk_reconciliation_report(job_id, "CSV")
		with self.assertRaises(frappe.PermissionError):
			execute({})

	def test_mail_has_it_attached_where_that_is_wanted(self):
		factories.make_email_account()
		clerk = factories.make_user("abr-report-clerk@example.com", ["Accounts User", "Accounts Manager"])
		for wanted in ("", "CSV", "XLSX"):
			with self.subTest(wanted), self.settings(email_on_completion=1, email_attachment=wanted):
				job_id = self.job_with_a_failure(clerk)
				(text,) = frappe.get_all("Email Queue", {"reference_name": job_id}, pluck="message")
				mail = message_from_string(text, policy=policy.default)
				files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
				self.assertEqual([*files], [f"{job_id}.{wanted.lower()}"] if wanted else [])

	def test_a_failing_report_keeps_nobody_from_the_rest(self):
		"""The mail is not sent, and it is logged; the job stays ended."""
		factories.make_email_account()
		with self.settings(email_on_completion=1, email_attachment="CSV"):
			job_id = self.job_with_a_failure()
		frappe.db.set_value(JOB, job_id, "email_attachment", "PDF")
		before = frappe.db.count("Email Queue", {"reference_name": job_id})
		announce(job_id, success=True)
		self.assertEqual(frappe.db.count("Email Queue", {"reference_name": job_id}), before)
		self.assertTrue(frappe.db.exists("Error Log", {"reference_name": job_id}))


class TestHistory(BulkTestCase):
	def run_of(self, filters, job_id):
		columns, rows, message, chart, summary = execute(filters)
		self.assertIsNone(message)
		fields = {column["fieldname"] for column in columns}
		return next(({**row} for row in rows if row.name == job_id), None), fields, chart, summary

	def ended_job(self):
		line, invoices = self.line_and_invoices([10, 20])
		freeze(self, invoices[1].customer)
		answer, _job = self.start_and_run(line, [wish(invoice) for invoice in invoices])
		thaw(invoices[1].customer)
		return answer["job_id"], line

	def test_a_job_with_its_numbers(self):
		job_id, line = self.ended_job()
		filters = {"bank_account": line.bank_account, "from_date": today(), "to_date": today()}
		row, fields, chart, summary = self.run_of(filters, job_id)
		self.assertEqual(row["bank_transaction"], line.name)
		self.assertEqual((row["total_invoices"], row["processed"], row["failed"]), (2, 1, 1))
		self.assertEqual((row["status"], row["reconciled_amount"]), ("Partially Completed", 10))
		self.assertGreaterEqual(row["duration"], 0)
		self.assertLessEqual(fields - {"duration"}, row.keys())
		datasets = chart["data"]["datasets"]
		done, failed = (sum(dataset["values"]) for dataset in datasets)
		self.assertEqual([summary[1]["value"], summary[2]["value"]], [done, failed])
		self.assertGreaterEqual(done, 1)
		self.assertEqual({len(dataset["values"]) for dataset in datasets}, {len(chart["data"]["labels"])})

	def test_filters(self):
		job_id, line = self.ended_job()
		yesterday, tomorrow = add_days(today(), -1), add_days(today(), 1)
		for filters, is_in in (
			({}, True),
			({"company": line.company}, True),
			({"company": self.other_company}, False),
			({"status": "Partially Completed"}, True),
			({"status": "Completed"}, False),
			({"to_date": yesterday}, False),
			({"from_date": tomorrow}, False),
			({"from_date": yesterday, "to_date": today()}, True),
		):
			with self.subTest(filters):
				self.assertEqual(self.run_of(filters, job_id)[0] is not None, is_in)

	def test_nothing_in_the_period_is_an_empty_report(self):
		columns, rows, _message, chart, summary = execute({"to_date": "2000-01-01"})
		self.assertTrue(columns)
		self.assertEqual((rows, chart, summary[0]["value"], summary[3]["value"]), ([], None, 0, 0))

	def test_a_long_period_is_charted_by_week(self):
		ids = [self.ended_job()[0] for _number in range(2)]
		frappe.db.set_value(JOB, ids[0], "creation", add_days(today(), -60), update_modified=False)
		chart = execute({"from_date": add_days(today(), -70)})[3]
		self.assertTrue(all(label.startswith("Week of") for label in chart["data"]["labels"]))

	def test_p78_other_companies_jobs_are_not_in_it(self):
		job_id, _line = self.ended_job()
		frappe.set_user(
			factories.make_user("abr-history@example.com", ["Accounts User"], company=self.other_company)
		)
		self.assertIsNone(self.run_of({}, job_id)[0])
