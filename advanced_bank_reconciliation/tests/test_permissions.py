# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Every endpoint of the tool, found by looking, refuses who may not, and changes nothing (PITFALLS P78, P81)."""

import inspect

import frappe
from frappe.permissions import add_permission, update_permission_property

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.auto import job as auto_job
from advanced_bank_reconciliation.auto import run as auto_run
from advanced_bank_reconciliation.bulk import worker
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.bulk_case import BulkTestCase
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.utils import (
	read_committed,
	run_committed,
	submitted_payments,
)

#: Endpoints that only read. Everything else writes, and answers to POST alone.
READERS = ("get_", "suggest_")

#: These speak of no document: whoever may see Bank Transactions at all gets what is his.
WITHOUT_DOCUMENT = (
	"get_abr_default_settings",
	"get_accounting_dimensions_for_dialog",
	"get_additional_filters",
)


def endpoints():
	"""Return {name: function} of the whitelisted functions that the tool's module defines."""
	return {
		name: function
		for name, function in vars(tool).items()
		if inspect.isfunction(function)
		and function in frappe.whitelisted
		and function.__module__ == tool.__name__
	}


class TestEndpoints(BulkTestCase):
	@classmethod
	def make_masters(cls):
		cls.nobody = factories.make_user("abr-nobody@example.com", ["Projects User"])
		cls.stranger = factories.make_user("abr-stranger@example.com", ["Accounts User"], cls.other_company)
		cls.clerk = factories.make_user("abr-clerk@example.com", ["Accounts User"])

	def setUp(self):
		super().setUp()
		self.line, self.invoices = self.line_and_invoices([10, 20])
		self.payment = factories.make_payment_entry(5)
		self.job_id = self.start(self.line, [wish(self.invoices[0])])["job_id"]
		self.other_line = factories.make_bank_transaction(deposit=30)
		self.auto_job_id = self.start_auto()

	def start_auto(self):
		"""Return the id of an auto reconciliation; it has ended, so that the next test can make one."""
		lines = [frappe._dict(name=self.other_line.name, date=self.other_line.date, unallocated_amount=30)]
		order = auto_job.parse_order({"bank_account": self.bank_account})
		job = auto_job.create_job(order, lines, self.company, factories.CURRENCY)
		auto_run.cancel(job.name)
		return job.name

	def arguments(self, function):
		"""Return valid arguments for the endpoint, documents included even where they are optional."""
		known = {
			"bank_transaction_name": self.other_line.name,
			"bank_account": self.bank_account,
			"invoices": [wish(self.invoices[1])],
			"regular_vouchers": [],
			"vouchers": [{"payment_doctype": "Payment Entry", "payment_name": self.payment.name}],
			"job_id": self.job_id,
			"date": "2026-03-31",
			"balance": 12.5,
			"reference_number": "changed",
			"party_type": "Customer",
			"party": factories.make_party("Customer", "ABR Customer"),
			"second_account": factories.account("Sales"),
		}
		arguments = {}
		for name, parameter in inspect.signature(function).parameters.items():
			if name == "job_id" and "auto" in function.__name__:
				arguments[name] = self.auto_job_id
			elif name in known:
				arguments[name] = known[name]
			elif parameter.default is parameter.empty:
				self.fail(f"{function.__name__} takes {name}: say here what to pass")
		return arguments

	def test_there_are_endpoints(self):
		"""The search for endpoints finds those of PUBLIC_API.md that settle a bulk deposit."""
		self.assertLessEqual(
			{
				"create_payment_entries_bulk",
				"create_payment_entries_for_invoices",
				"reconcile_vouchers",
				"get_bank_transactions",
				"get_account_balance",
				"get_progress",
				"pause_bulk_reconciliation",
				"resume_bulk_reconciliation",
				"retry_bulk_reconciliation",
				"cancel_bulk_reconciliation",
				"undo_bulk_reconciliation",
			},
			set(endpoints()),
		)

	def test_p78_user_without_the_role(self):
		"""A user with no role in accounting gets a permission error from every endpoint."""
		calls = {name: self.arguments(function) for name, function in endpoints().items()}
		for name, arguments in calls.items():
			with self.subTest(name), self.assert_books_unchanged():
				frappe.set_user(self.nobody)
				with self.assertRaises(frappe.PermissionError):
					endpoints()[name](**arguments)
				frappe.set_user("Administrator")

	def test_p78_user_of_another_company(self):
		"""An accountant limited to the other company gets it from every endpoint that names a document."""
		calls = {name: self.arguments(function) for name, function in endpoints().items()}
		for name, arguments in calls.items():
			if name in WITHOUT_DOCUMENT:
				continue
			with self.subTest(name), self.assert_books_unchanged():
				frappe.set_user(self.stranger)
				with self.assertRaises(frappe.PermissionError):
					endpoints()[name](**arguments)
				frappe.set_user("Administrator")

	def test_stranger_may_work_in_his_own_company(self):
		"""The same accountant settles an invoice of his own company: the limit is not a lock-out."""
		bank_account = factories.make_bank_account("ABR Other", company=self.other_company)
		invoice = factories.make_sales_invoice(15, company=self.other_company)
		line = factories.make_bank_transaction(deposit=15, bank_account=bank_account)
		frappe.set_user(self.stranger)
		tool.create_payment_entries_for_invoices(line.name, [wish(invoice)])
		names = [row["name"] for row in tool.get_bank_transactions(bank_account)]
		self.assertNotIn(line.name, names)
		frappe.set_user("Administrator")
		self.assert_settled(line, [invoice])

	def test_p34_invoices_of_another_company_stay_invisible(self):
		"""The stranger names an invoice he may not read on his own line: "not found, or you may not read it"."""
		bank_account = factories.make_bank_account("ABR Other", company=self.other_company)
		line = factories.make_bank_transaction(deposit=15, bank_account=bank_account)
		frappe.set_user(self.stranger)
		with self.assertRaisesRegex(frappe.ValidationError, "you may not read it") as caught:
			tool.create_payment_entries_for_invoices(line.name, [wish(self.invoices[0])])
		self.assertNotIn(self.company, str(caught.exception))

	def test_clerk_without_submit_on_payment_entry(self):
		"""May write the Bank Transaction, may not submit Payment Entries: refused before anything is made."""
		role = "ABR Viewer"
		if not frappe.db.exists("Role", role):
			frappe.get_doc({"doctype": "Role", "role_name": role, "desk_access": 1}).insert()
		for doctype in ("Bank Transaction", "Bank Account", "Sales Invoice", "Payment Entry"):
			self.allow(role, doctype)
		user = factories.make_user("abr-viewer@example.com", [role])
		frappe.set_user(user)
		self.assertTrue(frappe.has_permission("Bank Transaction", "write", doc=self.other_line.name))
		frappe.set_user("Administrator")
		for endpoint in (tool.create_payment_entries_bulk, tool.create_payment_entries_for_invoices):
			with self.subTest(endpoint.__name__), self.assert_books_unchanged():
				frappe.set_user(user)
				with self.assertRaises(frappe.PermissionError):
					endpoint(self.other_line.name, [wish(self.invoices[1])])
				frappe.set_user("Administrator")

	def allow(self, role, doctype):
		"""Let the role read and write the doctype until the test ends."""
		self.addCleanup(frappe.clear_cache, doctype=doctype)
		self.addCleanup(frappe.db.rollback)
		add_permission(doctype, role)
		update_permission_property(doctype, role, 0, "write", 1)
		frappe.clear_cache(doctype=doctype)

	def test_p81_writers_answer_to_post_only(self):
		"""Whatever is not named get_… or suggest_… takes POST alone; nothing is open to guests."""
		for name, function in endpoints().items():
			methods = set(frappe.allowed_http_methods_for_whitelisted_func[function])
			with self.subTest(name):
				self.assertNotIn(function, frappe.guest_methods)
				if name.startswith(READERS):
					self.assertIn("GET", methods)
				else:
					self.assertEqual(methods, {"POST"})

	def test_readers_write_nothing(self):
		"""Each get_… and suggest_… endpoint runs for an accountant and leaves the books and the job as they were."""
		calls = {
			name: self.arguments(function)
			for name, function in endpoints().items()
			if name.startswith(READERS)
		}
		for name, arguments in calls.items():
			with self.subTest(name), self.assert_books_unchanged():
				frappe.set_user(self.clerk)
				before = frappe.db.transaction_writes
				endpoints()[name](**arguments)
				self.assertEqual(frappe.db.transaction_writes, before, f"{name} wrote to the database")
				frappe.set_user("Administrator")

	def test_p60_a_job_runs_with_the_rights_its_user_has_then(self):
		"""The clerk starts a job and loses his role before it runs: paused with the reason, nothing is paid."""
		frappe.db.commit()
		frappe.set_user(self.clerk)
		job_id = self.start(self.other_line, [wish(self.invoices[1])])["job_id"]
		frappe.db.commit()
		frappe.set_user("Administrator")
		frappe.get_doc("User", self.clerk).remove_roles("Accounts User")
		frappe.db.commit()
		self.addCleanup(frappe.db.commit)
		self.addCleanup(factories.make_user, self.clerk, ["Accounts User"])
		self.addCleanup(frappe.set_user, "Administrator")
		frappe.set_user(self.clerk)
		worker.run(job_id)
		frappe.set_user("Administrator")
		job = read_committed(job_id)
		self.assertEqual(job.status, "Paused")
		self.assertIn(self.clerk, job.message)
		self.assertEqual(submitted_payments(self.invoices[1]), {})
		tool.resume_bulk_reconciliation(job_id)
		self.assertEqual(run_committed(job_id).status, "Completed")
		self.assert_settled(self.other_line, [self.invoices[1]], unallocated_amount=10)

	def test_p60_a_user_argument_is_ignored(self):
		"""process_bulk_reconciliation told to be Administrator still works with the caller's own rights."""
		frappe.db.commit()
		frappe.set_user(self.stranger)
		with self.assertRaises(frappe.PermissionError):
			tool.process_bulk_reconciliation(
				self.other_line.name, [wish(self.invoices[1])], user="Administrator"
			)
		frappe.set_user("Administrator")
		frappe.db.rollback()
		self.assertEqual(submitted_payments(self.invoices[1]), {})

	def test_only_readers_of_the_job_see_it(self):
		"""The record itself and its list follow the same company limit."""
		frappe.set_user(self.stranger)
		self.assertFalse(frappe.has_permission("Bulk Bank Reconciliation", "read", doc=self.job_id))
		self.assertEqual(frappe.get_list("Bulk Bank Reconciliation", {"name": self.job_id}), [])
