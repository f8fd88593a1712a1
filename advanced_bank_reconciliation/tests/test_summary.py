# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the form shows around the list: reconciled rows, statements, weeks, jobs, settings."""

import frappe
from frappe.utils import add_days, getdate, nowdate

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.exceptions import BadPayload
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.test_matching import fresh
from advanced_bank_reconciliation.tests.utils import ABRTestCase, own_queues, run_committed

POSTED = getdate(factories.STATEMENT_DATE)

READERS = (
	"get_bank_transactions",
	"get_reconciled_bank_transactions",
	"get_account_balance",
	"get_statement_defaults",
	"get_weekly_progress",
	"get_recent_jobs",
	"get_active_jobs",
)


class SummaryTestCase(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.card = factories.make_bank_account("ABR Statements")
		cls.foreign = factories.make_bank_account("ABR Other", company=cls.other_company)

	def line(self, **values):
		return factories.make_bank_transaction(bank_account=self.card, **values)


class TestReconciled(SummaryTestCase):
	def test_one_row_per_voucher(self):
		"""A line of 100 with 30 matched and 50 created: two rows with their own amounts and the line's rest."""
		customer = factories.make_party("Customer", fresh("Shown"))
		line = self.line(
			deposit=100, party_type="Customer", party=customer, bank_party_name="AS THE BANK SAYS"
		)
		matched = factories.make_payment_entry(30, bank_account=self.card)
		row = {"payment_doctype": "Payment Entry", "payment_name": matched.name}
		tool.reconcile_vouchers(line.name, [row])
		tool.create_payment_entry_bts(line.name, party_type="Customer", party=customer)
		untouched = self.line(deposit=7)
		rows = tool.get_reconciled_bank_transactions(self.card, POSTED, POSTED)
		self.assertNotIn(untouched.name, {row["name"] for row in rows})
		first, second = [row for row in rows if row["name"] == line.name]
		self.assertEqual((first["payment_entry"], first["allocated_amount"]), (matched.name, 30))
		self.assertEqual(
			(first["reconciliation_type"], second["reconciliation_type"]), ("Matched", "Voucher Created")
		)
		self.assertEqual((second["payment_document"], second["allocated_amount"]), ("Payment Entry", 70))
		for row in (first, second):
			self.assertEqual(
				(row["unallocated_amount"], row["status"], row["deposit"]), (0, "Reconciled", 100)
			)
			self.assertEqual((row["party_display"], row["clearance_date"]), (customer, POSTED))

	def test_p46_amount_of_a_withdrawal_is_shown_once(self):
		"""40 of a withdrawal of 90 are matched: 40 allocated and 50 left, both positive."""
		line = factories.make_bank_transaction(withdrawal=90)
		payment = factories.make_supplier_payment(40)
		tool.reconcile_vouchers(
			line.name, [{"payment_doctype": "Payment Entry", "payment_name": payment.name}]
		)
		rows = tool.get_reconciled_bank_transactions(self.bank_account)
		(row,) = [row for row in rows if row["name"] == line.name]
		self.assertEqual((row["allocated_amount"], row["unallocated_amount"]), (40, 50))
		self.assertEqual((row["withdrawal"], row["status"]), (90, "Unreconciled"))
		self.assertEqual(row["party_display"], line.bank_party_name)

	def test_state_of_one_line(self):
		"""30 of 100 are matched: the line with what is left, and the one row of what it is matched with."""
		line = self.line(deposit=100)
		self.assertEqual(tool.get_bank_transaction_state(line.name)["reconciled"], [])
		payment = factories.make_payment_entry(30, bank_account=self.card)
		row = {"payment_doctype": "Payment Entry", "payment_name": payment.name}
		tool.reconcile_vouchers(line.name, [row])
		state = tool.get_bank_transaction_state(line.name)
		(listed,) = [row for row in tool.get_bank_transactions(self.card) if row["name"] == line.name]
		self.assertEqual(state["transaction"], listed)
		self.assertEqual(state["transaction"]["unallocated_amount"], 70)
		(done,) = [
			row for row in tool.get_reconciled_bank_transactions(self.card) if row["name"] == line.name
		]
		self.assertEqual(state["reconciled"], [done])

	def test_clearance_date_of_an_invoice_is_that_of_its_payment_row(self):
		sale = factories.make_pos_invoice(14, self.card)
		line = self.line(deposit=14)
		tool.reconcile_vouchers(line.name, [{"payment_doctype": "Sales Invoice", "payment_name": sale.name}])
		rows = tool.get_reconciled_bank_transactions(self.card)
		(row,) = [row for row in rows if row["payment_entry"] == sale.name]
		self.assertEqual(row["clearance_date"], POSTED)

	def test_dates_bound_the_list(self):
		line = self.line(deposit=5)
		payment = factories.make_payment_entry(5, bank_account=self.card)
		tool.reconcile_vouchers(
			line.name, [{"payment_doctype": "Payment Entry", "payment_name": payment.name}]
		)

		def found(**dates):
			return line.name in {
				row["name"] for row in tool.get_reconciled_bank_transactions(self.card, **dates)
			}

		self.assertTrue(found())
		self.assertTrue(found(from_date=POSTED, to_date=POSTED))
		self.assertFalse(found(from_date=add_days(POSTED, 1)))
		self.assertFalse(found(to_date=add_days(POSTED, -1)))


class TestStatement(SummaryTestCase):
	def test_closing_balance_is_remembered_per_account_and_day(self):
		"""Saved, read back, replaced; another day and another account have their own or none; zero is a balance."""
		self.assertIsNone(tool.get_closing_balance(self.card, "2026-03-31"))
		tool.save_closing_balance(self.card, "2026-03-31", "1234.56")
		tool.save_closing_balance(self.card, "2026-03-30", -5)
		tool.save_closing_balance(self.bank_account, "2026-03-31", 0)
		self.assertEqual(tool.get_closing_balance(self.card, "2026-03-31"), 1234.56)
		tool.save_closing_balance(self.card, "2026-03-31", 99)
		self.assertEqual(tool.get_closing_balance(self.card, "2026-03-31"), 99)
		self.assertEqual(tool.get_closing_balance(self.card, "2026-03-30"), -5)
		self.assertEqual(tool.get_closing_balance(self.bank_account, "2026-03-31"), 0)
		self.assertIsNone(tool.get_closing_balance(self.bank_account, "2026-03-30"))
		(saved,) = frappe.get_all(
			"ABR Statement Balance",
			{"bank_account": self.card, "date": "2026-03-31"},
			["balance", "currency", "company"],
		)
		self.assertEqual((saved.balance, saved.currency, saved.company), (99, "USD", self.company))

	def test_one_record_per_account_and_day(self):
		"""The name is made of both, so that a second record is refused by the primary key."""
		values = {"doctype": "ABR Statement Balance", "bank_account": self.card, "date": "2026-02-28"}
		frappe.get_doc({**values, "balance": 1}).insert()
		with self.assertRaises(frappe.DuplicateEntryError):
			frappe.get_doc({**values, "balance": 2}).insert()

	def test_what_is_no_amount_is_refused(self):
		for balance in ("", "much", "nan", "1e300"):
			with self.subTest(balance=balance), self.assertRaises(BadPayload):
				tool.save_closing_balance(self.card, "2026-03-31", balance)
		self.assertIsNone(tool.get_closing_balance(self.card, "2026-03-31"))

	def test_next_statement_starts_after_the_last_remembered_one(self):
		"""Closed on 31 January: February is next, with its own remembered balance if there is one."""
		tool.save_closing_balance(self.card, "2026-01-31", 10)
		defaults = tool.get_statement_defaults(self.card)
		self.assertEqual(defaults["warnings"], [])
		self.assertEqual(
			(defaults["from_date"], defaults["to_date"]), (getdate("2026-02-01"), getdate("2026-02-28"))
		)
		self.assertIsNone(defaults["closing_balance"])
		self.assertEqual((defaults["account_currency"], defaults["company"]), ("USD", self.company))
		gl_account = frappe.db.get_value("Bank Account", self.card, "account")
		self.assertEqual(defaults["gl_account"], gl_account)

	def test_else_with_the_month_of_the_oldest_open_line(self):
		"""Open lines of 20 March and 10 February, one of January is reconciled: February."""
		account = factories.make_bank_account("ABR Defaults")
		for day, amount in (("2026-03-20", 5), ("2026-02-10", 5), ("2026-01-15", 6)):
			line = factories.make_bank_transaction(deposit=amount, bank_account=account, date=day)
		payment = factories.make_payment_entry(6, bank_account=account)
		tool.reconcile_vouchers(
			line.name, [{"payment_doctype": "Payment Entry", "payment_name": payment.name}]
		)
		defaults = tool.get_statement_defaults(account)
		self.assertEqual(
			(defaults["from_date"], defaults["to_date"]), (getdate("2026-02-01"), getdate("2026-02-28"))
		)

	def test_p30_what_gets_in_the_way_of_an_account_is_said(self):
		"""A card whose ledger account is not of type Bank: the form says what that means, and what to do."""
		(sentence,) = tool.get_statement_defaults(factories.make_card_account())["warnings"]
		self.assertIn("is of type none, not Bank", sentence)
		self.assertIn("Set its account type to Bank", sentence)

	def test_else_with_this_month_until_today(self):
		defaults = tool.get_statement_defaults(factories.make_bank_account("ABR Empty"))
		today = getdate(nowdate())
		self.assertEqual((defaults["from_date"], defaults["to_date"]), (today.replace(day=1), today))


class TestWeeks(SummaryTestCase):
	def test_sums_by_week_with_the_weeks_between(self):
		"""Monday 2 March: 100 in, 30 of it matched, 20 out. Sunday 22 March: 5 in. The week between is empty."""
		account = factories.make_bank_account("ABR Weeks")
		line = factories.make_bank_transaction(deposit=100, bank_account=account, date="2026-03-02")
		factories.make_bank_transaction(withdrawal=20, bank_account=account, date="2026-03-08")
		factories.make_bank_transaction(deposit=5, bank_account=account, date="2026-03-22")
		payment = factories.make_payment_entry(30, bank_account=account)
		tool.reconcile_vouchers(
			line.name, [{"payment_doctype": "Payment Entry", "payment_name": payment.name}]
		)
		weeks = tool.get_weekly_progress(account)
		self.assertEqual(
			[(str(week["week_start"]), week["reconciled"], week["open"]) for week in weeks],
			[("2026-03-02", 30, 90), ("2026-03-09", 0, 0), ("2026-03-16", 0, 5)],
		)
		self.assertEqual(len(tool.get_weekly_progress(account, "2026-03-09", "2026-03-31")), 1)
		self.assertEqual(tool.get_weekly_progress(account, "2027-01-01"), [])


class TestJobs(SummaryTestCase):
	def test_active_jobs_and_those_that_have_ended(self):
		"""A job is queued: it is active with its progress; when it has run it is only among the recent ones."""
		invoices = factories.make_sales_invoices([10, 20])
		line = self.line(deposit=30)
		with own_queues(), self.settings(commit=True, reconcile_unpaid_invoices_in_background=1):
			job_id = tool.create_payment_entries_bulk(
				line.name, [factories.wish(invoice) for invoice in invoices]
			)["job_id"]
		self.assertIn(job_id, {job["job_id"] for job in tool.get_active_jobs()})
		(job,) = [job for job in tool.get_active_jobs(self.card) if job["job_id"] == job_id]
		self.assertEqual((job["status"], job["total"], job["active"]), ("Queued", 2, True))
		self.assertNotIn(job_id, {job["job_id"] for job in tool.get_active_jobs(self.bank_account)})
		run_committed(job_id)
		self.assertEqual(tool.get_active_jobs(self.card), [])
		recent = tool.get_recent_jobs(self.card)[0]
		self.assertEqual(
			(recent["name"], recent["status"], recent["processed"], recent["total_invoices"]),
			(job_id, "Completed", 2, 2),
		)
		self.assertFalse(recent["active"])
		self.assertEqual(len(tool.get_recent_jobs(self.card, limit=1)), 1)

	def test_jobs_of_another_company_are_not_shown(self):
		line = self.line(deposit=10)
		with own_queues(), self.settings(reconcile_unpaid_invoices_in_background=1):
			job_id = tool.create_payment_entries_bulk(
				line.name, [factories.wish(factories.make_sales_invoice(10, fresh("Job")))]
			)["job_id"]
		frappe.set_user(
			factories.make_user("abr-other@example.com", ["Accounts User"], company=self.other_company)
		)
		self.assertNotIn(job_id, {job["job_id"] for job in tool.get_active_jobs()})
		with self.assertRaises(frappe.PermissionError):
			tool.get_recent_jobs(self.card)


class TestSettingsAndRights(SummaryTestCase):
	def test_p35_parties_of_other_companies_are_not_offered_where_the_settings_say_so(self):
		fields = {"customer_company_field": "represents_company", "supplier_company_field": ""}
		with self.settings(filter_parties_by_company=0, **fields):
			self.assertEqual(tool.get_abr_default_settings()["party_company_fields"], {})
		with self.settings(filter_parties_by_company=1, **fields):
			offered = tool.get_abr_default_settings()["party_company_fields"]
		self.assertEqual(offered, {"Customer": "represents_company"})

	def test_settings_of_the_form(self):
		with self.settings(bulk_threshold=7, default_document_type="Journal Entry"):
			settings = tool.get_abr_default_settings()
		self.assertEqual(
			(settings["bulk_threshold"], settings["default_document_type"]), (7, "Journal Entry")
		)
		self.assertEqual(
			set(settings),
			{
				"default_reconciliation_action",
				"default_document_type",
				"default_journal_entry_type",
				"compact_matching_vouchers_table",
				"bulk_threshold",
				"reconcile_unpaid_invoices_in_background",
				"on_invoice_failure",
				"validate_selection_against_unallocated_amount",
				"sort_unpaid_invoices_by_posting_date",
				"party_company_fields",
				"filter_parties_by_company",
				"allocation_order",
				"largest_difference",
				"auto_minimum_score",
				"auto_margin",
				"auto_amount_ceiling",
			},
		)

	def test_p21_settings_for_a_bank_transaction(self):
		"""For a line the limit is in its currency (1 USD at 1.20 is 0.83 EUR), and accounts are named."""
		bank_account = factories.make_foreign_bank_account("EUR")
		line = factories.make_bank_transaction(deposit=10, bank_account=bank_account, currency="EUR")
		factories.make_exchange_rate("EUR", 1.2)
		with self.settings(largest_difference=1):
			settings = tool.get_abr_default_settings(line.name)
		self.assertEqual(settings["largest_difference"], 0.83)
		company = frappe.get_doc("Company", self.company)
		for fieldname in ("write_off_account", "exchange_gain_loss_account", "cost_center"):
			self.assertEqual(settings[fieldname], company.get(fieldname))
		self.assertIn("bulk_threshold", settings)

	def test_dimensions_are_link_fields_without_cost_center_and_project(self):
		for field in tool.get_accounting_dimensions_for_dialog():
			self.assertEqual(field["fieldtype"], "Link")
			self.assertTrue(frappe.db.exists("DocType", field["options"]))
			self.assertNotIn(field["fieldname"], ("cost_center", "project"))

	def test_p78_readers_refuse_strangers(self):
		"""Without a role, and for an account of another company: PermissionError from every reader."""
		stranger = factories.make_user("abr-nobody@example.com", [])
		other = factories.make_user("abr-other@example.com", ["Accounts User"], company=self.other_company)
		for user in (stranger, other):
			frappe.set_user(user)
			for name in READERS:
				with self.subTest(user=user, endpoint=name), self.assertRaises(frappe.PermissionError):
					getattr(tool, name)(self.card)
			for name, arguments in (
				("get_closing_balance", ("2026-03-31",)),
				("save_closing_balance", ("2026-03-31", 1)),
			):
				with self.subTest(user=user, endpoint=name), self.assertRaises(frappe.PermissionError):
					getattr(tool, name)(self.card, *arguments)
		frappe.set_user(stranger)
		for name in (
			"get_abr_default_settings",
			"get_accounting_dimensions_for_dialog",
			"get_additional_filters",
		):
			with self.subTest(endpoint=name), self.assertRaises(frappe.PermissionError):
				getattr(tool, name)()

	def test_p81_writers_answer_to_post_only(self):
		for name in (
			"save_closing_balance",
			"update_bank_transaction",
			"create_payment_entry_bts",
			"create_journal_entry_bts",
			"unreconcile_bank_transaction",
		):
			methods = frappe.allowed_http_methods_for_whitelisted_func[getattr(tool, name)]
			self.assertEqual(methods, ["POST"], name)
