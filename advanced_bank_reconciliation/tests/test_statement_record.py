# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The record of a statement file: what it says of the file, what is asked, mappings, corrections."""

import csv
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import frappe

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.bank_statement_importer import (
	bank_statement_importer as importer,
)
from advanced_bank_reconciliation.exceptions import BadPayload, JobStateError
from advanced_bank_reconciliation.statement_import import reading, record, transactions
from advanced_bank_reconciliation.statement_import.bank_account import account_for_import
from advanced_bank_reconciliation.statement_import.exceptions import (
	BadMapping,
	DangerousFile,
	UnknownFormat,
)
from advanced_bank_reconciliation.statement_import.formats import csv_table
from advanced_bank_reconciliation.statement_import.job import JOB, ROW
from advanced_bank_reconciliation.statement_import.saved_mappings import FIELD
from advanced_bank_reconciliation.statement_import.statement import Line, Statement
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.factories import BANK
from advanced_bank_reconciliation.tests.statement_case import StatementTestCase, csv_of, rows_of_days

STATEMENTS = Path(__file__).parent / "data" / "statements"

AMBIGUOUS = b"Date;Amount;Description\n03/04/2026;-1,234;Rent\n05/06/2026;2,345;Sale\n"
OTHER_LAYOUT = b"Posting Date;Debit;Credit;Narrative\n2026-03-01;5.00;;Tea\n2026-03-02;;7.00;Refund\n"
BALANCES = (
	b"Date;Amount;Description;Balance\n2026-03-01;-10.00;One;90.00\n2026-03-02;5.00;Two;95.00\n"
	b"2026-03-03;-20.00;Three;75.00\n"
)
BROKEN = BALANCES.replace(b"95.00", b"96.00").replace(b"75.00", b"76.00")
BAD_ROW = b"Date;Amount;Description;Balance\n2026-03-01;-10.00;One;90.00\n2026-13-02;5.00;Two;95.00\n"


def _refusing(description: str) -> Callable[..., dict[str, Any]]:
	"""Return `values_for` that refuses a line with this description."""
	values_for = transactions.values_for

	def refuse(job: Any, line: Any, *args: Any) -> dict[str, Any]:
		if line.description == description:
			raise frappe.ValidationError("not this one")
		return values_for(job, line, *args)

	return refuse


class TestRecord(StatementTestCase):
	def test_p72_each_file_has_a_record_that_keeps_its_rows(self) -> None:
		"""Two users at once: two records; nothing of either is kept on the form that they upload from."""
		one, other = self.upload(csv_of(rows_of_days(1, 3))), self.upload(OTHER_LAYOUT)
		self.assertNotEqual(one["name"], other["name"])
		self.assert_counts(one, new=6)
		self.assert_counts(other, new=2)
		self.assertEqual(one["status"], "Draft")
		self.assertTrue(one["can"]["start"])
		self.assertEqual(self.books(), [], "nothing is imported by an upload")
		kept = frappe.get_single("Bank Statement Importer")
		self.assertEqual((kept.bank_account, kept.file), (None, None))

	def test_state_tells_what_the_file_says(self) -> None:
		state = self.upload(BALANCES)
		self.assertEqual(
			(state["bank_account"], state["bank"], state["company"], state["currency"]),
			(self.account, BANK, self.company, "USD"),
		)
		self.assertEqual(
			(state["format"], state["is_table"], state["mapping_source"]), ("csv", True, "Detected")
		)
		self.assertEqual((state["opening_balance"], state["closing_balance"]), (100, 75))
		self.assertEqual((state["deposits"], state["withdrawals"]), (5, 30))
		self.assertEqual((str(state["from_date"]), str(state["to_date"])), ("2026-03-01", "2026-03-03"))
		self.assertIs(state["proof"]["proven"], True)
		roles = {column["title"]: column["role"] for column in state["columns"]}
		self.assertEqual(
			roles,
			{"Date": "date", "Amount": "amount", "Description": "description", "Balance": "balance"},
		)
		self.assertEqual(state["columns"][1]["samples"], ["-10.00", "5.00", "-20.00"])
		self.assertEqual(state["first_rows"][0]["cells"], ["Date", "Amount", "Description", "Balance"])
		self.assertEqual([line["balance"] for line in state["lines"]], [90, 95, 75])
		self.assertLessEqual({"date", "amount", "description"}, {role["value"] for role in state["roles"]})
		json.dumps(state, default=str)

	def test_first_break_of_the_running_balance_is_named(self) -> None:
		proof = self.upload(BROKEN)["proof"]
		self.assertEqual((proof["proven"], proof["line"]), (False, 3))
		self.assertEqual((proof["expected"], proof["found"], proof["difference"]), ("95.00", "96.00", "1.00"))
		self.assertIn("After row 3", proof["message"])

	def test_file_without_balances_proves_nothing(self) -> None:
		state = self.upload(csv_of(rows_of_days(1, 1)))
		self.assertIsNone(state["proof"]["proven"])
		self.assertIsNone(state["opening_balance"])
		self.assertIsNone(state["lines"][0]["balance"], "no balance is not a balance of zero")

	def test_refused_file_leaves_no_record(self) -> None:
		before = frappe.db.count(JOB)
		for content, error in (
			(b"%PDF-1.7 nothing", UnknownFormat),
			((STATEMENTS / "camt053_entity_bomb.xml").read_bytes(), DangerousFile),
		):
			with self.assertRaises(error):
				self.upload(content, "statement.xml")
		self.assertEqual(frappe.db.count(JOB), before)

	def test_lines_come_in_pages(self) -> None:
		name = self.upload(csv_of(rows_of_days(1, 28)))["name"]
		page = importer.get_import_lines(name, start=50, page_length=50)
		self.assertEqual((len(page["lines"]), page["total"]), (6, 56))
		self.assertEqual(page["lines"][0]["number"], 52)
		self.assertEqual(importer.get_import_lines(name, "Bad")["total"], 0)
		self.assertEqual(importer.get_import_lines(name, ["New", "Bad"])["total"], 56)
		with self.assertRaises(BadPayload):
			importer.get_import_lines(name, "Old")

	def test_file_belongs_to_the_record(self) -> None:
		state = self.upload(csv_of(rows_of_days(1, 1)))
		attached = frappe.get_all(
			"File", {"attached_to_doctype": JOB, "attached_to_name": state["name"]}, pluck="file_url"
		)
		self.assertEqual(attached, [state["file"]])

	def test_file_that_belongs_elsewhere_stays_there(self) -> None:
		file = self.file(
			csv_of(rows_of_days(1, 1)), attached_to_doctype="Bank Account", attached_to_name=self.account
		)
		state = importer.upload_statement(self.account, file.file_url)
		owners = frappe.get_all(
			"File", {"file_url": file.file_url}, pluck="attached_to_name", order_by="creation"
		)
		self.assertEqual(sorted(owners), sorted([self.account, state["name"]]))

	def test_warnings(self) -> None:
		"""Another account's file, a public file, a currency that is not the account's."""
		frappe.db.set_value("Bank Account", self.account, "iban", "DE89370400440532013000")
		content = (
			b"IBAN;GB82WEST12345698765432\nDate;Amount;Currency\n2026-03-01;-5.00;EUR\n2026-03-02;6.00;USD\n"
		)
		state = importer.upload_statement(self.account, self.file(content, is_private=0).file_url)
		text = " ".join(state["warnings"])
		for words in ("GB82WEST12345698765432", "DE89370400440532013000", "public", "EUR"):
			self.assertIn(words, text)
		self.assert_counts(state, new=1, bad=1)
		self.assertIn("in EUR, the bank account in USD", self.rows(state["name"], "Bad")[0]["error"])

	def test_deleted_record_takes_its_lines_along(self) -> None:
		state = self.import_file(csv_of(rows_of_days(1, 2)))
		frappe.delete_doc(JOB, state["name"])
		self.assertEqual(frappe.db.count(ROW, {"parent": state["name"]}), 0)
		self.assert_books(rows_of_days(1, 2))

	def test_active_record_is_not_deleted(self) -> None:
		name = self.upload(csv_of(rows_of_days(1, 2)))["name"]
		frappe.db.set_value(JOB, name, "status", "Importing")
		with self.assertRaises(frappe.ValidationError):
			frappe.delete_doc(JOB, name)

	def test_imported_bank_transaction_can_be_deleted(self) -> None:
		"""The record tells what happened; it keeps nobody from deleting what it names."""
		state = self.import_file(csv_of(rows_of_days(1, 1)))
		line = frappe.get_doc("Bank Transaction", state["lines"][0]["bank_transaction"])
		line.cancel()
		frappe.delete_doc("Bank Transaction", line.name)
		self.assertFalse(frappe.db.exists("Bank Transaction", line.name))


class TestQuestions(StatementTestCase):
	def test_p69_p70_ambiguity_is_asked_and_answered(self) -> None:
		state = self.upload(AMBIGUOUS)
		self.assertEqual(
			{question["field"] for question in state["questions"]}, {"date_order", "decimal_mark"}
		)
		self.assertTrue(
			all(choice["label"] for question in state["questions"] for choice in question["choices"])
		)
		self.assertFalse(state["can"]["start"])
		with self.assertRaises(JobStateError):
			importer.start_import(state["name"])
		state = importer.change_mapping(state["name"], answers={"date_order": "MDY", "decimal_mark": "."})
		self.assertEqual(state["questions"], [])
		lines = [(str(line["date"]), line["amount"]) for line in state["lines"]]
		self.assertEqual(lines, [("2026-03-04", -1234), ("2026-05-06", 2345)])

	def test_answers_may_come_one_by_one(self) -> None:
		name = self.upload(AMBIGUOUS)["name"]
		state = importer.change_mapping(name, answers=json.dumps({"date_order": "DMY"}))
		self.assertEqual([question["field"] for question in state["questions"]], ["decimal_mark"])
		state = importer.change_mapping(name, answers={"decimal_mark": "."})
		self.assertEqual([line["amount"] for line in state["lines"]], [-1234, 2345])

	def test_answers_of_two_tabs_are_both_kept(self) -> None:
		"""Both tabs have read the record before either answers; the later one waits for the lock of the first."""
		name = self.upload(AMBIGUOUS)["name"]
		account, other_tab = account_for_import(self.account), self.record(name)
		record.read_again(self.record(name), account, None, {"date_order": "DMY"})
		record.read_again(other_tab, account, None, {"decimal_mark": "."})
		state = importer.get_statement_import(name)
		self.assertEqual(state["questions"], [])
		self.assertEqual(str(state["lines"][0]["date"]), "2026-04-03")

	def test_columns_that_the_other_tab_has_changed_are_kept(self) -> None:
		name = self.upload(BALANCES)["name"]
		account, other_tab = account_for_import(self.account), self.record(name)
		mapping = {**importer.get_statement_import(name)["mapping"], "flip": True}
		record.read_again(self.record(name), account, mapping, None)
		record.read_again(other_tab, account, None, {})
		self.assertEqual([line["amount"] for line in self.rows(name)], [10, -5, 20])

	def test_account_of_several_is_asked_even_if_the_bank_account_has_another_number(self) -> None:
		frappe.db.set_value("Bank Account", self.account, "iban", "DE89370400440532013000")
		content = b"Auftragskonto;Date;Amount\n111111;2026-03-01;-5.00\n222222;2026-03-02;6.00\n"
		state = self.upload(content)
		self.assertEqual([question["field"] for question in state["questions"]], ["account_id"])
		state = importer.change_mapping(state["name"], answers={"account_id": "222222"})
		self.assertEqual([line["amount"] for line in state["lines"]], [6])

	def test_p76_flip_is_shown_before_anything_is_imported(self) -> None:
		state = self.upload(csv_of([("2026-03-01", "-5.00", "Shop", "", "a")]))
		mapping = {**state["mapping"], "flip": True}
		state = importer.change_mapping(state["name"], mapping=mapping)
		self.assertEqual((state["mapping_source"], state["lines"][0]["amount"]), ("Changed", 5))
		self.assertEqual(self.books(), [])

	def test_other_header_row(self) -> None:
		"""The user says that the table begins further down: the row is taken by its number."""
		content = b"Date;Amount;Text\n2026-01-01;1.00;old\nDate;Amount;Description\n2026-03-01;5.00;new\n"
		state = self.upload(content)
		state = importer.change_mapping(state["name"], mapping={**state["mapping"], "header_row": 3})
		self.assertEqual([question["field"] for question in state["questions"]], ["sign_of_amounts"])
		state = importer.change_mapping(state["name"], answers={"sign_of_amounts": "deposits"})
		self.assertEqual([line["amount"] for line in state["lines"]], [5])

	def test_mapping_from_a_browser_is_checked(self) -> None:
		name = self.upload(OTHER_LAYOUT)["name"]
		for mapping in ({"columns": {"date": ["0"]}}, {"columns": {}}, {"evil": 1}):
			with self.assertRaises(BadMapping):
				importer.change_mapping(name, mapping=mapping)
		with self.assertRaises(BadPayload):
			importer.change_mapping(name, mapping="[1, 2]")

	def test_columns_are_settled_once_the_import_was_started(self) -> None:
		state = self.import_file(csv_of(rows_of_days(1, 1)))
		with self.assertRaises(JobStateError):
			importer.change_mapping(state["name"], mapping=state["mapping"])


class TestDecimals(StatementTestCase):
	def test_more_decimals_than_the_currency_has_are_bad_rows(self) -> None:
		"""1,500 with a comma as decimal mark is 1.500: more likely one and a half thousand."""
		content = b"Date;Amount;Text\n2026-03-01;-1,500;a\n2026-03-02;-2,50;b\n2026-03-03;-3,5000;c\n"
		state = self.upload(content)
		self.assert_counts(state, new=2, bad=1)
		bad = next(line for line in state["lines"] if line["outcome"] == "Bad")
		self.assertIn("-1.500 has more decimals", bad["error"])

	def test_decimals_follow_the_currency(self) -> None:
		for currency, amount, bad in (
			("JPY", "5.5", 1),
			("JPY", "5.00", 0),
			("KWD", "5.125", 0),
			("EUR", "5.000000001", 0),
		):
			with self.subTest(currency, amount=amount):
				line = Line(2, date(2026, 3, 1), None, Decimal(amount), currency)
				statement = reading._in_whole_units(Statement(lines=(line,)), csv_table.FORMAT)
				self.assertEqual((len(statement.problems), len(statement.lines)), (bad, 1 - bad))


class TestSavedMapping(StatementTestCase):
	def save(self, content: bytes, **changes: object) -> dict:
		state = self.upload(content)
		if changes:
			state = importer.change_mapping(state["name"], mapping={**state["mapping"], **changes})
		return importer.save_mapping(state["name"])

	def test_p74_offered_for_the_next_file_without_any_import(self) -> None:
		self.save(csv_of(rows_of_days(1, 1)), flip=True)
		state = self.upload(csv_of(rows_of_days(2, 2)))
		self.assertEqual((state["mapping_source"], state["mapping"]["flip"]), ("Saved", True))
		self.assertEqual(state["lines"][0]["amount"], 2.1)
		self.assertEqual(self.books(), [])

	def test_two_exports_of_a_bank_keep_their_mappings(self) -> None:
		self.save(csv_of(rows_of_days(1, 1)), flip=True)
		self.save(OTHER_LAYOUT, debit_is_negative=True)
		self.save(csv_of(rows_of_days(1, 1)), flip=True)
		self.assertEqual(len(json.loads(frappe.db.get_value("Bank", BANK, FIELD))), 2)
		self.assertTrue(self.upload(csv_of(rows_of_days(3, 3)))["mapping"]["flip"])
		self.assertTrue(self.upload(OTHER_LAYOUT)["mapping"]["debit_is_negative"])

	def test_stale_mapping_is_noticed_and_the_columns_detected(self) -> None:
		self.save(csv_of(rows_of_days(1, 1)), flip=True)
		state = self.upload(OTHER_LAYOUT)
		self.assertEqual(state["mapping_source"], "Saved but stale")
		self.assertIn("other titles", state["stale_message"])
		self.assertFalse(state["mapping"]["flip"])
		self.assert_counts(state, new=2)

	def test_a_mapping_of_a_card_does_not_turn_the_amounts_of_another_account(self) -> None:
		"""Saved for a credit card, read for a current account of the same bank: its salary stays a deposit."""
		content = csv_of(rows_of_days(1, 1))
		before = self.upload(content)["lines"][0]["amount"]
		self.save(content, flip=True)
		entries = json.loads(frappe.db.get_value("Bank", BANK, FIELD))
		self.assertIs(entries[0]["is_credit_card"], False)
		frappe.db.set_value("Bank", BANK, FIELD, json.dumps([{**entries[0], "is_credit_card": True}]))
		state = self.upload(content)
		self.assertEqual((state["mapping_source"], state["mapping"]["flip"]), ("Saved", False))
		self.assertEqual(state["lines"][0]["amount"], before)
		importer.save_mapping(state["name"])
		self.assertEqual(len(json.loads(frappe.db.get_value("Bank", BANK, FIELD))), 2)

	def test_saved_mapping_stays_when_a_question_is_answered(self) -> None:
		"""The columns are saved; which of two accounts is meant is asked all the same, and flips nothing back."""
		content = b"Auftragskonto;Date;Amount\n111111;2026-03-01;-5.00\n222222;2026-03-02;6.00\n"
		name = self.upload(content)["name"]
		state = importer.change_mapping(name, answers={"account_id": "111111"})
		importer.change_mapping(name, mapping={**state["mapping"], "flip": True})
		importer.save_mapping(name)
		state = self.upload(content)
		self.assertEqual([question["field"] for question in state["questions"]], ["account_id"])
		state = importer.change_mapping(state["name"], answers={"account_id": "222222"})
		self.assertEqual(
			(state["mapping_source"], [line["amount"] for line in state["lines"]]), ("Saved", [-6])
		)

	def test_broken_entry_on_the_bank_keeps_no_file_from_being_read(self) -> None:
		frappe.db.set_value("Bank", BANK, FIELD, json.dumps([{"mapping": {"columns": 5}}, "x"]))
		self.assertEqual(self.upload(OTHER_LAYOUT)["mapping_source"], "Detected")
		frappe.db.set_value("Bank", BANK, FIELD, "no json")
		self.assertEqual(self.upload(OTHER_LAYOUT)["mapping_source"], "Detected")

	def test_mapping_with_open_questions_is_not_saved(self) -> None:
		with self.assertRaises(frappe.ValidationError):
			importer.save_mapping(self.upload(AMBIGUOUS)["name"])


class TestCorrections(StatementTestCase):
	def test_p71_bad_row_is_corrected_and_imported(self) -> None:
		"""The good line imports, the bad one waits with its number and reason, and comes in when it is made good."""
		state = self.import_file(BAD_ROW)
		self.assertEqual(state["status"], "Partially Completed")
		self.assert_counts(state, imported=1, bad=1)
		bad = self.rows(state["name"], "Bad")[0]
		self.assertEqual(bad["number"], 3)
		self.assertIn("2026-13-02", bad["error"])
		state = importer.correct_line(
			state["name"], bad["row"], {"date": "2026-03-02", "amount": "5.00", "description": "Two"}
		)
		self.assert_counts(state, imported=1, new=1)
		self.assertTrue(state["can"]["retry"])
		state = importer.retry_import(state["name"])
		self.assertEqual(state["status"], "Completed")
		self.assert_counts(state, imported=2)
		self.assertEqual(self.books(), [("2026-03-01", -10.0), ("2026-03-02", 5.0)])
		corrected = self.row(state["name"], 3)
		self.assertEqual(corrected["corrected"], 1)
		self.assertIn("2026-13-02", corrected["raw"], "what the file said is kept")

	def test_totals_and_proof_follow_a_correction(self) -> None:
		state = self.upload(BAD_ROW)
		bad = self.rows(state["name"], "Bad")[0]
		state = importer.correct_line(state["name"], bad["row"], {"date": "2026-03-02", "amount": 5})
		self.assertEqual((state["deposits"], state["withdrawals"]), (5, 10))
		self.assertEqual(str(state["to_date"]), "2026-03-02")

	def test_correction_that_is_a_duplicate_is_one(self) -> None:
		self.import_file(b"Date;Amount;Description\n2026-02-27;-1.00;Zero\n2026-03-02;5.00;Two\n")
		state = self.upload(BAD_ROW)
		bad = self.rows(state["name"], "Bad")[0]
		importer.correct_line(
			state["name"], bad["row"], {"date": "2026-03-02", "amount": "5.00", "description": "Two"}
		)
		self.assertEqual(self.row(state["name"], 3)["outcome"], "Duplicate")

	def test_correction_that_is_a_duplicate_completes_the_import(self) -> None:
		"""Nothing is left to import and no line has a problem: there is nothing that a retry could do."""
		state = self.import_file(BAD_ROW)
		self.import_file(b"Date;Amount;Description\n2026-02-27;-1.00;Zero\n2026-03-02;5.00;Two\n")
		bad = self.rows(state["name"], "Bad")[0]
		state = importer.correct_line(
			state["name"], bad["row"], {"date": "2026-03-02", "amount": "5.00", "description": "Two"}
		)
		self.assert_counts(state, imported=1, duplicate=1)
		self.assertEqual((state["status"], state["can"]["retry"]), ("Completed", False))

	def test_corrected_line_that_is_then_skipped(self) -> None:
		state = self.import_file(BAD_ROW)
		bad = self.rows(state["name"], "Bad")[0]["row"]
		state = importer.correct_line(state["name"], bad, {"date": "2026-03-02", "amount": "5.00"})
		self.assertEqual(state["status"], "Partially Completed", "it is to be imported yet")
		state = importer.set_decision(state["name"], [bad], "Skip")
		self.assertEqual(state["status"], "Completed")
		self.assert_counts(state, imported=1, skipped=1)

	def test_failed_import_is_completed_by_skipping_what_is_left(self) -> None:
		"""Given up in the middle: one line is imported, one bad, one was not reached."""
		state = self.import_file(BAD_ROW + b"2026-03-04;-7.00;Four;83.00\n")
		bad, late = self.row(state["name"], 3)["row"], self.row(state["name"], 4)
		frappe.get_doc("Bank Transaction", late["bank_transaction"]).cancel()
		frappe.db.set_value(ROW, late["row"], {"outcome": "New", "bank_transaction": None})
		frappe.db.set_value(JOB, state["name"], "status", "Failed")
		state = importer.set_decision(state["name"], [bad], "Skip")
		self.assertEqual(state["status"], "Failed")
		state = importer.set_decision(state["name"], [late["row"]], "Skip")
		self.assertEqual((state["status"], state["error_message"]), ("Completed", ""))
		self.assert_counts(state, imported=1, bad=1, skipped=1)

	def test_draft_stays_one_whatever_is_skipped(self) -> None:
		state = self.upload(csv_of(rows_of_days(1, 2)))
		state = importer.set_decision(state["name"], [line["row"] for line in state["lines"]], "Skip")
		self.assertEqual(state["status"], "Draft")
		self.assert_counts(state, new=4)

	def test_what_cannot_be_meant_is_refused_with_all_problems(self) -> None:
		state = self.upload(BAD_ROW)
		bad = self.rows(state["name"], "Bad")[0]["row"]
		with self.assertRaises(BadPayload) as caught:
			importer.correct_line(state["name"], bad, {"date": "02.03.2026", "amount": "5,00", "owner": "me"})
		for words in ("02.03.2026", "5,00", "owner"):
			self.assertIn(words, str(caught.exception))
		for amount in ("0", "NaN", "Infinity", "1e30"):
			with self.assertRaises(BadPayload):
				importer.correct_line(state["name"], bad, {"amount": amount})
		with self.assertRaises(JobStateError):
			importer.correct_line(state["name"], bad, {"description": "still no date"})
		with self.assertRaises(JobStateError):
			importer.correct_line(state["name"], "nothing", {"amount": 5})
		with self.assertRaises(JobStateError):
			importer.correct_line(state["name"], self.rows(state["name"], "New")[0]["row"], {"amount": 5})

	def test_p66_decisions_per_row(self) -> None:
		state = self.upload(csv_of(rows_of_days(1, 2)))
		rows = [line["row"] for line in state["lines"]]
		state = importer.set_decision(state["name"], rows[:1], "Skip")
		state = importer.start_import(state["name"])
		self.assert_counts(state, imported=3, skipped=1)
		self.assertEqual(state["status"], "Completed")
		state = importer.set_decision(state["name"], json.dumps(rows[:1]), "Import")
		state = importer.retry_import(state["name"])
		self.assert_counts(state, imported=4)
		self.assert_books(rows_of_days(1, 2))

	def test_all_possible_duplicates_at_once(self) -> None:
		"""Eighty lines of another importer: decided in one call, whether their page was loaded or not."""
		for day in range(1, 21):
			for amount in (1, 2, 3, 4):
				factories.make_bank_transaction(
					bank_account=self.account, date=f"2026-03-{day:02d}", deposit=amount, description="Feed"
				)
		rows = [
			(f"2026-03-{day:02d}", f"{amount}.00", "File", "", "")
			for day in range(1, 21)
			for amount in (1, 2, 3, 4)
		]
		state = self.upload(csv_of([*rows, ("2026-04-01", "-5.00", "New", "", "")]))
		self.assert_counts(state, possible_duplicate=80, new=1)
		self.assertEqual((state["current"], state["total"]), (0, 1))
		state = importer.decide_all(state["name"], "Possible Duplicate", "Import")
		self.assertEqual(state["total"], 81)
		state = importer.decide_all(state["name"], "Possible Duplicate", "Skip")
		self.assertEqual(state["total"], 1)
		state = importer.decide_all(state["name"], "Possible Duplicate", "Import")
		state = importer.start_import(state["name"])
		self.assert_counts(state, imported=81)

	def test_all_problem_lines_are_skipped_at_once(self) -> None:
		rows = [
			("2026-03-01", "0,x", "Info", "", "a"),
			("2026-13-01", "-1.00", "b", "", "b"),
			("2026-03-01", "-1.00", "c", "", "c"),
		]
		state = self.import_file(csv_of(rows))
		self.assertEqual((state["status"], state["open_problems"]), ("Partially Completed", 2))
		state = importer.decide_all(state["name"], ["Bad", "Failed"], "Skip")
		self.assertEqual((state["status"], state["open_problems"]), ("Completed", 0))
		self.assert_counts(state, imported=1, bad=2)

	def test_import_of_which_every_line_failed_is_complete_when_they_are_skipped(self) -> None:
		state = self.upload(csv_of([("2026-03-01", "-1.00", "c", "", "c")]))
		with patch.object(transactions, "values_for", side_effect=frappe.ValidationError("no")):
			state = importer.start_import(state["name"])
		self.assertEqual((state["status"], state["open_problems"]), ("Failed", 1))
		state = importer.decide_all(state["name"], "Failed", "Skip")
		self.assertEqual((state["status"], state["error_message"]), ("Completed", ""))

	def test_line_that_is_skipped_after_all_is_called_so(self) -> None:
		"""Ticked and unticked after the import has ended: no run comes by any more that could say so."""
		state = self.upload(csv_of(rows_of_days(1, 1)))
		row = state["lines"][0]["row"]
		importer.set_decision(state["name"], [row], "Skip")
		state = importer.start_import(state["name"])
		importer.set_decision(state["name"], [row], "Import")
		state = importer.set_decision(state["name"], [row], "Skip")
		self.assert_counts(state, imported=1, skipped=1)

	def test_decisions_about_an_outcome_that_make_no_sense_are_refused(self) -> None:
		state = self.import_file(csv_of([*rows_of_days(1, 1), ("2026-13-01", "-1.00", "b", "", "b")]))
		for outcome, decision, error in (
			("Imported", "Skip", JobStateError),
			("Bad", "Import", JobStateError),
			("New", "Skip", JobStateError),
			("", "Skip", BadPayload),
			("Nothing", "Skip", BadPayload),
			("Bad", "Maybe", BadPayload),
		):
			with self.subTest((outcome, decision)), self.assertRaises(error):
				importer.decide_all(state["name"], outcome, decision)

	def test_problem_lines_as_a_file(self) -> None:
		"""Each with its row, reason and original; nothing in it is a formula."""
		rows = [
			("+2026-13-01", "-1.00", "HYPERLINK(evil)", "49", "b"),
			("2026-03-01", "-1.00", "@cmd", "", "c"),
			("2026-03-02", "-1.00", "fine", "", "d"),
		]
		state = self.upload(csv_of(rows))
		with patch.object(transactions, "values_for", _refusing("@cmd")):
			state = importer.start_import(state["name"])
		self.assert_counts(state, imported=1, bad=1, failed=1)
		importer.set_decision(state["name"], [self.rows(state["name"], "Bad")[0]["row"]], "Skip")
		importer.get_problem_lines(state["name"])
		answer = frappe.local.response
		self.assertEqual(answer["type"], "download")
		self.assertTrue(answer["filename"].startswith(state["name"]))
		table = list(csv.DictReader(StringIO(answer["filecontent"].decode("utf-8-sig"), newline="")))
		bad, failed = table
		self.assertEqual((bad["Row"], bad["Outcome"], bad["Decision"]), ("2", "Bad", "Skip"))
		self.assertTrue(bad["Reason"].startswith("'+2026-13-01 is not a date"))
		self.assertTrue(bad["In the File"].startswith("'+2026-13-01 | -1.00 | HYPERLINK(evil)"))
		self.assertEqual((bad["Amount"], bad["Date"]), ("", ""))
		self.assertEqual(
			(
				*(failed["Row"], failed["Date"], float(failed["Amount"])),
				*(failed["Currency"], failed["Description"]),
			),
			("3", "2026-03-01", -1, "USD", "'@cmd"),
		)
		self.assertIn("refused", failed["Reason"])
		for line in table:
			self.assertFalse([cell for cell in line.values() if cell.startswith(("=", "+", "@"))])

	def test_particulars_and_code_have_columns_and_fields(self) -> None:
		"""As banks of New Zealand write them; "Particulars" alone is a description until it is chosen."""
		content = b"Date,Amount,Payee,Particulars,Analysis Code,Reference\n2026-03-01,-5.00,Tea Shop,Invoice 007,0012,R1\n"
		state = self.upload(content)
		roles = {column["title"]: column["role"] for column in state["columns"]}
		self.assertEqual((roles["Particulars"], roles["Analysis Code"]), ("description", "code"))
		mapping = state["mapping"]
		mapping["columns"]["particulars"] = mapping["columns"].pop("description")
		state = importer.start_import(importer.change_mapping(state["name"], mapping)["name"])
		line = state["lines"][0]
		self.assertEqual((line["particulars"], line["code"]), ("Invoice 007", "0012"))
		self.assertEqual(
			frappe.db.get_value(
				"Bank Transaction",
				line["bank_transaction"],
				["custom_particulars", "custom_code", "reference_number"],
			),
			("Invoice 007", "0012", "R1"),
		)

	def test_decisions_that_make_no_sense_are_refused(self) -> None:
		state = self.import_file(csv_of(rows_of_days(1, 1)))
		row = state["lines"][0]["row"]
		for rows, decision, error in (
			([row], "Skip", JobStateError),
			(["nothing"], "Skip", JobStateError),
			([], "Skip", BadPayload),
			([row], "Maybe", BadPayload),
		):
			with self.assertRaises(error):
				importer.set_decision(state["name"], rows, decision)
