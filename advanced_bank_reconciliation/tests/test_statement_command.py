# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""bank-rec-import, called as a shell calls it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import frappe

from advanced_bank_reconciliation.statement_import.job import JOB
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.command_case import CommandTestCase
from advanced_bank_reconciliation.tests.process_case import CLERK
from advanced_bank_reconciliation.tests.statement_case import Row, StatementCase, csv_of, rows_of_days


class TestImportCommand(StatementCase, CommandTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.mark = frappe.generate_hash(length=8)
		self.account = factories.make_bank_account(f"ABR Shell {self.mark}")
		folder = TemporaryDirectory()
		self.addCleanup(folder.cleanup)
		self.folder = Path(folder.name)
		frappe.db.commit()

	def path(self, content: bytes, name: str = "march.csv") -> str:
		path = self.folder / name
		path.write_bytes(content)
		return str(path)

	def days(self, first: int, last: int) -> list[Row]:
		return [(*row[:4], f"{self.mark}-{row[4]}") for row in rows_of_days(first, last)]

	def records(self) -> int:
		return frappe.db.count(JOB, {"bank_account": self.account})

	def run_import(self, content: bytes, *arguments: str, **options: Any) -> Any:
		return self.run_json(
			"bank-rec-import", self.path(content), "--bank-account", self.account, *arguments, **options
		)

	def test_file_is_imported_once(self) -> None:
		rows = self.days(1, 10)
		state = self.run_import(csv_of(rows), "--user", CLERK)
		self.assertEqual((state["status"], state["counts"]["imported"]), ("Completed", 20))
		self.assert_books(rows)
		self.assertEqual(frappe.db.get_value(JOB, state["name"], "owner"), CLERK)
		again = self.run_import(csv_of(rows))
		self.assertEqual((again["status"], again["counts"]["duplicate"]), ("Completed", 20))
		self.assertIn("nothing new", again["message"])
		again = self.run_import(csv_of(rows), "--background")
		self.assertEqual(again["status"], "Completed", "no worker is needed to find nothing")
		self.assert_books(rows)

	def test_dry_run_keeps_nothing(self) -> None:
		before = self.records(), frappe.db.count("File", {"file_name": ("like", "march%")})
		state = self.run_import(csv_of(self.days(1, 3)), "--dry-run")
		self.assertEqual(state["counts"]["new"], 6)
		now = self.records(), frappe.db.count("File", {"file_name": ("like", "march%")})
		self.assertEqual(now, before)
		self.assertEqual(self.books(), [])

	def test_bad_rows_are_named_and_the_exit_code_says_so(self) -> None:
		content = csv_of([*self.days(1, 1), ("2026-13-01", "5.00", "bad", "", "x")])
		result = self.run_command(
			"bank-rec-import", self.path(content), "--bank-account", self.account, code=3
		)
		self.assertIn("Partially Completed, 3 lines: 1 bad, 2 imported", result.stdout)
		self.assertIn("row 4: 2026-13-01 is not a date", result.stdout)
		self.assertIn("100 %", result.stderr)

	def test_question_is_asked_and_answered_on_the_command_line(self) -> None:
		content = b"Date;Amount;Text\n03/04/2026;-5.00;a\n05/06/2026;6.00;b\n"
		refused = self.run_import(content, code=1)
		self.assertIn("--answer date_order=MDY", refused["error"])
		state = self.run_import(content, "--answer", "date_order=MDY")
		self.assertEqual(state["status"], "Completed")
		self.assertEqual(self.books(), [("2026-03-04", -5.0), ("2026-05-06", 6.0)])

	def test_possible_duplicates_on_request(self) -> None:
		factories.make_bank_transaction(deposit=6, date="2026-03-02", bank_account=self.account)
		content = csv_of([("2026-03-01", "-5.00", "a", "", ""), ("2026-03-02", "6.00", "b", "", "")])
		state = self.run_import(content, "--dry-run")
		self.assertEqual(state["counts"]["possible_duplicate"], 1)
		state = self.run_import(content, "--possible-duplicates")
		self.assertEqual(state["counts"]["imported"], 2)

	def test_left_to_a_worker(self) -> None:
		rows = self.days(1, 8)
		state = self.run_import(csv_of(rows), "--background", "--user", CLERK)
		self.assertEqual(state["status"], "Queued")
		self.assertEqual(self.run_worker(), 0)
		frappe.db.rollback()
		self.assert_books(rows)

	def test_refusals(self) -> None:
		"""An unknown account, no statement, a user without the role: exit 1 and nothing kept; wrong arguments: 2."""
		factories.make_user("abr-shell-stranger@example.com", ["Sales User"])
		before = self.records()
		content = csv_of(self.days(1, 1))
		for arguments, code in (
			((self.path(content), "--bank-account", "Nobody's"), 1),
			((self.path(b"%PDF", "x.pdf"), "--bank-account", self.account), 1),
			(
				(
					*(self.path(content), "--bank-account", self.account),
					*("--user", "abr-shell-stranger@example.com"),
				),
				1,
			),
			((self.path(content),), 2),
			((str(self.folder / "none.csv"), "--bank-account", self.account), 2),
			((self.path(content), "--bank-account", self.account, "--answer", "x"), 2),
		):
			with self.subTest(arguments):
				self.run_command("bank-rec-import", *arguments, code=code)
		self.assertEqual((self.records(), self.books()), (before, []))

	def test_status_and_resume_take_an_import_too(self) -> None:
		"""Left to a worker that is not there: shown, listed, resumed here, shown again."""
		rows = self.days(1, 4)
		content = csv_of([*rows, ("2026-13-01", "5.00", "bad", "", "x")])
		name = self.run_import(content, "--background")["name"]
		state = self.run_json("bank-rec-status", name, code=5)
		self.assertEqual((state["status"], state["counts"]["new"]), ("Queued", 8))
		listed = {job["name"]: job for job in self.run_json("bank-rec-status")}
		self.assertEqual((listed[name]["doctype"], listed[name]["status"]), (JOB, "Queued"))
		self.assertIn(name, self.run_command("bank-rec-status").stdout)

		resumed = self.run_command("bank-rec-resume", name, code=3)
		self.assertIn(f"{name}: Partially Completed, 9 lines: 1 bad, 8 imported", resumed.stdout)
		self.assert_books(rows)
		self.assertIn("row 10: 2026-13-01", self.run_command("bank-rec-status", name, code=3).stdout)
		self.assertIn("nothing to resume", self.run_command("bank-rec-resume", name, code=1).stderr)

	def test_resume_by_a_worker(self) -> None:
		rows = self.days(1, 4)
		name = self.run_import(csv_of(rows), "--background")["name"]
		self.redis.forget_everything()
		state = self.run_json("bank-rec-resume", name, "--background", "--user", CLERK)
		self.assertEqual(state["status"], "Queued")
		self.assertEqual(self.run_worker(), 0)
		frappe.db.rollback()
		self.assert_books(rows)

	def test_p78_import_of_another_company_is_not_shown(self) -> None:
		stranger = "abr-shell-other@example.com"
		factories.make_user(stranger, ["Accounts User"], company=factories.OTHER_COMPANY)
		name = self.run_import(csv_of(self.days(1, 4)), "--background")["name"]
		for command in ("bank-rec-status", "bank-rec-resume"):
			self.assertNotIn("8 new", self.run_command(command, name, "--user", stranger, code=1).stdout)
		self.assertEqual(self.run_json("bank-rec-status", "--user", stranger), [])
