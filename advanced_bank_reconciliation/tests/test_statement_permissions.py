# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Who may import what, where: files, roles, companies, the Bank (PITFALLS P78, P79, P81)."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import frappe

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.bank_statement_importer import (
	bank_statement_importer as importer,
)
from advanced_bank_reconciliation.exceptions import BadPayload, JobStateError
from advanced_bank_reconciliation.statement_import import files, worker
from advanced_bank_reconciliation.statement_import.job import JOB, ROW
from advanced_bank_reconciliation.statement_import.saved_mappings import FIELD
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.factories import BANK, OTHER_COMPANY
from advanced_bank_reconciliation.tests.statement_case import StatementTestCase, csv_of, rows_of_days

CLERK = "abr-statement-clerk@example.com"
COLLEAGUE = "abr-statement-colleague@example.com"
MANAGER = "abr-statement-manager@example.com"
STRANGER = "abr-statement-stranger@example.com"
OF_OTHER_COMPANY = "abr-statement-other@example.com"

CONTENT = csv_of(rows_of_days(1, 2))

#: Endpoints that write, with the arguments beside the name of the record.
WRITING: dict[str, dict[str, Any]] = {
	"change_mapping": {"answers": {}},
	"set_decision": {"rows": ["x"], "decision": "Skip"},
	"decide_all": {"outcome": "New", "decision": "Skip"},
	"correct_line": {"row": "x", "values": {"amount": 1}},
	"start_import": {},
	"resume_import": {},
	"cancel_import": {},
	"retry_import": {},
	"revert_import": {},
	"discard_import": {},
}
READING: dict[str, dict[str, Any]] = {
	"get_statement_import": {},
	"get_import_lines": {},
	"get_problem_lines": {},
}


class PermissionCase(StatementTestCase):
	@classmethod
	def make_masters(cls) -> None:
		super().make_masters()
		cls.other_account = factories.make_bank_account("ABR Statements", OTHER_COMPANY)
		factories.make_user(CLERK, ["Accounts User"])
		factories.make_user(COLLEAGUE, ["Accounts User"])
		factories.make_user(MANAGER, ["Accounts Manager"])
		factories.make_user(STRANGER, ["Sales User"])
		factories.make_user(OF_OTHER_COMPANY, ["Accounts User"], company=OTHER_COMPANY)

	@contextmanager
	def user(self, name: str) -> Iterator[None]:
		frappe.set_user(name)
		try:
			yield
		finally:
			frappe.set_user("Administrator")

	def file_of(self, user: str, **values: Any) -> str:
		with self.user(user):
			return self.file(CONTENT, **values).file_url

	@contextmanager
	def nothing_read(self) -> Iterator[None]:
		"""No content of any file is read in the block, no record is made, and nothing of the books changes."""
		before = frappe.db.count(JOB)

		def read(_file: Any) -> bytes:
			raise AssertionError("the file was read")

		with patch.object(files, "content_of", read), self.assert_books_unchanged():
			yield
		self.assertEqual(frappe.db.count(JOB), before)

	def assert_forbidden(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
		with self.nothing_read(), self.assertRaises(frappe.PermissionError):
			call(*args, **kwargs)


class TestFiles(PermissionCase):
	def test_p79_private_file_of_another_user(self) -> None:
		url = self.file_of(CLERK)
		with self.user(COLLEAGUE):
			self.assert_forbidden(importer.upload_statement, self.account, url)
		with self.user(CLERK):
			self.assert_counts(importer.upload_statement(self.account, url), new=4)

	def test_unknown_file_is_answered_as_a_forbidden_one(self) -> None:
		with self.user(CLERK):
			self.assert_forbidden(importer.upload_statement, self.account, "/private/files/nothing.csv")

	def test_address_that_is_no_uploaded_file(self) -> None:
		for url in (
			"http://127.0.0.1/x.csv",
			"/etc/passwd",
			"file:///etc/passwd",
			"../x",
			"/assets/x.js",
			"",
		):
			with self.nothing_read(), self.assertRaises(BadPayload):
				importer.upload_statement(self.account, url)

	def test_path_out_of_the_folder(self) -> None:
		"""An address that no File document has is not opened, whatever it points at."""
		for url in ("/private/files/../../site_config.json", "/files/../../site_config.json"):
			self.assert_forbidden(importer.upload_statement, self.account, url)

	def test_file_of_a_document_that_may_be_read(self) -> None:
		url = self.file_of(CLERK, attached_to_doctype="Bank Account", attached_to_name=self.account)
		with self.user(COLLEAGUE):
			self.assert_counts(importer.upload_statement(self.account, url), new=4)

	def test_file_of_a_document_that_may_not(self) -> None:
		url = self.file_of("Administrator", attached_to_doctype="Bank Account", attached_to_name=self.account)
		other = factories.make_bank_account("ABR Statements", OTHER_COMPANY)
		with self.user(OF_OTHER_COMPANY):
			self.assert_forbidden(importer.upload_statement, other, url)

	def test_guessing_the_name_with_a_file_id(self) -> None:
		"""A browser appends ?fid=...: it is no way round the permission, and none to it."""
		url = self.file_of(CLERK)
		with self.user(COLLEAGUE):
			self.assert_forbidden(importer.upload_statement, self.account, f"{url}?fid=1")
		with self.user(CLERK):
			importer.upload_statement(self.account, f"{url}?fid=1")


class TestRoles(PermissionCase):
	def test_user_without_the_role(self) -> None:
		url = self.file_of(STRANGER)
		with self.user(STRANGER):
			self.assert_forbidden(importer.upload_statement, self.account, url)

	def test_bank_account_of_another_company(self) -> None:
		url = self.file_of(OF_OTHER_COMPANY)
		with self.user(OF_OTHER_COMPANY):
			self.assert_forbidden(importer.upload_statement, self.account, url)
			self.assert_counts(importer.upload_statement(self.other_account, url), new=4)

	def test_p78_every_endpoint_asks_first(self) -> None:
		"""For a stranger and for a user of another company: no state, no line, no effect, of any record."""
		name = self.upload(CONTENT)["name"]
		before = frappe.db.get_value(JOB, name, "*", as_dict=True)
		for user in (STRANGER, OF_OTHER_COMPANY):
			for endpoint, arguments in {**WRITING, **READING, "save_mapping": {}}.items():
				with self.subTest(endpoint, user=user), self.user(user):
					self.assert_forbidden(getattr(importer, endpoint), name, **arguments)
		self.assertEqual(frappe.db.get_value(JOB, name, "*", as_dict=True), before)

	def test_record_that_does_not_exist(self) -> None:
		for endpoint, arguments in {**WRITING, **READING, "save_mapping": {}}.items():
			with self.subTest(endpoint), self.assertRaises(frappe.DoesNotExistError):
				getattr(importer, endpoint)("ABR-STMT-0000", **arguments)

	def test_p81_what_writes_answers_to_post_only(self) -> None:
		for endpoint in (*WRITING, "upload_statement", "save_mapping"):
			methods = frappe.allowed_http_methods_for_whitelisted_func[getattr(importer, endpoint)]
			self.assertEqual(list(methods), ["POST"], endpoint)

	def test_role_that_may_not_create_bank_transactions(self) -> None:
		"""Reading is not enough to import: an auditor sees the record, and starts nothing."""
		name = self.upload(CONTENT)["name"]
		frappe.clear_cache(doctype="Bank Transaction")
		with (
			self.user(CLERK),
			patch.object(importer, "account_for_import", side_effect=frappe.PermissionError),
		):
			importer.get_statement_import(name)
			with self.assertRaises(frappe.PermissionError):
				importer.start_import(name)

	def test_clerk_imports_and_manager_reverts(self) -> None:
		"""Cancelling Bank Transactions is the manager's in ERPNext: so is reverting."""
		url = self.file_of(CLERK)
		with self.user(CLERK):
			state = importer.upload_statement(self.account, url)
			state = importer.start_import(state["name"])
			self.assert_counts(state, imported=4)
			self.assert_forbidden(importer.revert_import, state["name"])
		with self.user(MANAGER):
			self.assertEqual(importer.revert_import(state["name"])["status"], "Reverted")
		line = frappe.get_doc("Bank Transaction", state["lines"][0]["bank_transaction"])
		self.assertEqual((line.owner, line.modified_by), (CLERK, MANAGER))

	def test_clerk_does_not_resume_the_managers_revert(self) -> None:
		"""The run would be the clerk's, who may not cancel, and would end the manager's revert as Failed."""
		name = self.import_file(CONTENT)["name"]
		frappe.db.set_value(JOB, name, {"status": "Reverting", "active_bank_account": self.account})
		with self.user(CLERK):
			self.assert_forbidden(importer.resume_import, name)
		self.assertEqual(frappe.db.get_value(JOB, name, "status"), "Reverting")
		with self.user(MANAGER):
			self.assertEqual(importer.resume_import(name)["status"], "Reverting")
		self.assertEqual(frappe.db.get_value(JOB, name, "run_by"), MANAGER)

	def test_reason_of_a_run_given_up_is_plain_text(self) -> None:
		"""Messages of Frappe and ERPNext are HTML; on the record they are shown as text (P80)."""
		name = self.upload(CONTENT)["name"]
		frappe.db.set_value(JOB, name, {"status": "Queued", "active_bank_account": self.account})
		problem = frappe.ValidationError("Account <b>A &amp; B</b> is closed")
		with patch.object(worker, "account_for_import", side_effect=problem):
			worker._check_rights(name)
		record = self.record(name)
		self.assertEqual(record.status, "Failed")
		self.assertEqual((record.message, record.error_message), ("Account A & B is closed",) * 2)

	def test_account_that_is_no_companys(self) -> None:
		party_account = frappe.get_doc(
			{"doctype": "Bank Account", "account_name": "ABR Nobody", "bank": BANK}
		).insert()
		with self.assertRaises(frappe.ValidationError) as caught:
			self.upload(CONTENT, account=party_account.name)
		self.assertIn("ledger account", str(caught.exception))


class TestDiscard(PermissionCase):
	def draft_of(self, user: str) -> tuple[str, str]:
		"""Return (record, address of its file)."""
		url = self.file_of(user)
		with self.user(user):
			return importer.upload_statement(self.account, url)["name"], url

	def test_clerk_discards_a_draft_of_his_own(self) -> None:
		name, url = self.draft_of(CLERK)
		with self.user(CLERK):
			self.assertTrue(importer.get_statement_import(name)["can"]["discard"])
			self.assertEqual(importer.discard_import(name), {"name": name, "discarded": True})
		self.assertFalse(frappe.db.exists(JOB, name))
		self.assertEqual(frappe.db.count(ROW, {"parent": name}), 0)
		self.assertFalse(frappe.db.exists("File", {"file_url": url}))

	def test_only_the_manager_discards_those_of_others(self) -> None:
		name, _url = self.draft_of(CLERK)
		with self.user(COLLEAGUE):
			self.assertFalse(importer.get_statement_import(name)["can"]["discard"])
			self.assert_forbidden(importer.discard_import, name)
		with self.user(MANAGER):
			self.assertTrue(importer.get_statement_import(name)["can"]["discard"])
			importer.discard_import(name)
		self.assertFalse(frappe.db.exists(JOB, name))

	def test_file_that_somebody_else_uses_stays(self) -> None:
		name, url = self.draft_of(CLERK)
		other = self.upload(CONTENT, name="another.csv")["name"]
		kept = frappe.get_doc("File", {"attached_to_name": other, "attached_to_doctype": JOB})
		path = frappe.get_doc("File", {"attached_to_name": name}).get_full_path()
		frappe.db.set_value("File", kept.name, "file_url", url)
		with self.user(CLERK):
			importer.discard_import(name)
		self.assertTrue(frappe.db.exists("File", kept.name))
		self.assertTrue(os.path.exists(path))

	def test_only_a_draft_is_discarded(self) -> None:
		name, _url = self.draft_of(CLERK)
		with self.user(CLERK):
			state = importer.start_import(name)
			self.assertFalse(state["can"]["discard"])
			with self.assertRaises(JobStateError):
				importer.discard_import(name)
		self.assert_counts(importer.get_statement_import(name), imported=4)


class TestBank(PermissionCase):
	def test_p79_mapping_is_saved_only_by_who_may_write_the_bank(self) -> None:
		url = self.file_of(CLERK)
		with self.user(CLERK):
			state = importer.upload_statement(self.account, url)
			self.assertFalse(state["can"]["save_mapping"])
			with self.assertRaises(frappe.PermissionError):
				importer.save_mapping(state["name"])
		self.assertFalse(frappe.db.get_value("Bank", BANK, FIELD))
		self.assertTrue(importer.get_statement_import(state["name"])["can"]["save_mapping"])
		importer.save_mapping(state["name"])
		self.assertTrue(frappe.db.get_value("Bank", BANK, FIELD))

	def test_saved_mapping_is_offered_to_who_may_not_read_the_bank(self) -> None:
		importer.save_mapping(self.upload(CONTENT)["name"])
		url = self.file_of(CLERK)
		with self.user(CLERK):
			self.assertEqual(importer.upload_statement(self.account, url)["mapping_source"], "Saved")
