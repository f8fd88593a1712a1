# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The import in the request: Bank Transactions of lines, lines that ERPNext refuses, what was there already."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import frappe
from frappe.utils import flt

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.bank_statement_importer import (
	bank_statement_importer as importer,
)
from advanced_bank_reconciliation.exceptions import JobAlreadyActive, JobStateError
from advanced_bank_reconciliation.statement_import import worker
from advanced_bank_reconciliation.statement_import.events import COMPLETE_EVENT, PROGRESS_EVENT
from advanced_bank_reconciliation.statement_import.job import JOB
from advanced_bank_reconciliation.tests.statement_case import StatementTestCase, csv_of, rows_of_days
from advanced_bank_reconciliation.tests.utils import Events

REFUSED = "The auditor's hook says no"


def refuse_odd(doc: Any, _method: str | None = None) -> None:
	"""A hook on Bank Transaction, as another app might have it."""
	if "REFUSE" in (doc.description or ""):
		raise frappe.ValidationError(REFUSED)


@contextmanager
def hook(event: str, handler: str) -> Iterator[None]:
	"""Let another app's handler of a document event of Bank Transaction be there in the block."""
	get_doc_hooks = frappe.get_doc_hooks

	def with_ours() -> dict[str, dict[str, list[str]]]:
		hooks = get_doc_hooks()
		of_line = hooks.get("Bank Transaction", {})
		return {**hooks, "Bank Transaction": {**of_line, event: [*of_line.get(event, []), handler]}}

	with patch.object(frappe, "get_doc_hooks", with_ours):
		yield


class TestImport(StatementTestCase):
	def test_lines_become_submitted_bank_transactions(self) -> None:
		content = (
			b"Date;Amount;Description;Reference;Transaction ID;Payee;Payee IBAN\n"
			b"2026-03-01;-12.30;Invoice 4711;00042;TX-1;Ada Ltd;DE89370400440532013000\n"
			b"2026-03-02;45.60;Sale;;;;\n"
		)
		state = self.upload(content)
		mapping = {
			**state["mapping"],
			"columns": {**state["mapping"]["columns"], "party_name": [5], "party_iban": [6]},
		}
		importer.change_mapping(state["name"], mapping=mapping)
		state = importer.start_import(state["name"])
		self.assertEqual(state["status"], "Completed")
		self.assert_counts(state, imported=2)
		line = frappe.get_doc("Bank Transaction", state["lines"][0]["bank_transaction"])
		self.assertEqual(
			(line.docstatus, line.status, str(line.date), line.deposit, line.withdrawal, line.currency),
			(1, "Unreconciled", "2026-03-01", 0, 12.3, "USD"),
		)
		self.assertEqual((line.bank_account, line.company), (self.account, self.company))
		self.assertEqual((line.description, line.reference_number), ("Invoice 4711", "00042"))
		self.assertEqual((line.transaction_id, line.bank_party_name), ("TX-1", "Ada Ltd"))
		self.assertEqual(line.bank_party_iban, "DE89370400440532013000")
		self.assertEqual((line.unallocated_amount, line.allocated_amount), (12.3, 0))
		other = frappe.get_doc("Bank Transaction", state["lines"][1]["bank_transaction"])
		self.assertEqual((other.deposit, other.transaction_id), (45.6, None))
		self.assert_rows_true(state["name"])

	def test_names_go_on_without_gap_over_batches_and_refusals(self) -> None:
		"""In the request names are drawn as ever; a line that is refused takes none."""
		rows = rows_of_days(1, 5)
		rows[3] = (*rows[3][:2], "REFUSE this", *rows[3][3:])
		with patch.object(worker, "BATCH", 4), hook("validate", f"{__name__}.refuse_odd"):
			state = self.import_file(csv_of(rows))
		names = [row["bank_transaction"] for row in self.rows(state["name"], "Imported")]
		numbers = [int(name[-5:]) for name in names]
		self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 9)))
		later = frappe.get_doc(
			{"doctype": "Bank Transaction", "date": "2026-04-01", "deposit": 1, "bank_account": self.account}
		).insert()
		self.assertEqual(int(later.name[-5:]), numbers[-1] + 1)

	def test_p71_line_that_is_refused_fails_alone(self) -> None:
		"""A hook refuses line 3 of 6: it says why, the others are imported; the hook gone, it is retried."""
		rows = rows_of_days(1, 3)
		rows[2] = (*rows[2][:2], "REFUSE <b>this</b>", *rows[2][3:])
		with hook("before_submit", f"{__name__}.refuse_odd"):
			state = self.import_file(csv_of(rows))
		self.assertEqual(state["status"], "Partially Completed")
		self.assert_counts(state, imported=5, failed=1)
		self.assertIn(REFUSED, self.rows(state["name"], "Failed")[0]["error"])
		self.assertEqual(len(self.books()), 5)
		self.assertTrue(state["can"]["retry"])
		state = importer.retry_import(state["name"])
		self.assertEqual((state["status"], state["can"]["retry"]), ("Completed", False))
		self.assert_books(rows)
		self.assert_rows_true(state["name"])

	def test_all_lines_refused(self) -> None:
		rows = [(*row[:2], "REFUSE", *row[3:]) for row in rows_of_days(1, 2)]
		with hook("validate", f"{__name__}.refuse_odd"):
			state = self.import_file(csv_of(rows))
		self.assertEqual(state["status"], "Failed")
		self.assert_counts(state, failed=4)
		self.assertEqual(self.books(), [])

	def test_every_document_event_is_raised_for_every_line(self) -> None:
		seen: list[tuple[str, str]] = []
		events = (
			"before_insert",
			"before_validate",
			"validate",
			"before_submit",
			"after_insert",
			"on_update",
			"on_submit",
			"on_change",
		)
		run_method = frappe.model.document.Document.run_method

		def watching(doc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
			if doc.doctype == "Bank Transaction":
				seen.append((doc.name, method))
			return run_method(doc, method, *args, **kwargs)

		with patch.object(frappe.model.document.Document, "run_method", watching):
			state = self.import_file(csv_of(rows_of_days(1, 2)))
		for row in self.rows(state["name"]):
			self.assertLessEqual(
				set(events) - {"before_insert"},
				{method for name, method in seen if name == row["bank_transaction"]},
			)
		self.assertEqual(sum(method == "before_insert" for _name, method in seen), 4)

	def test_same_document_as_one_made_by_hand(self) -> None:
		"""Field by field: what an import makes of a line, and what ERPNext makes of the same values."""
		state = self.import_file(csv_of([("2026-03-01", "-12.30", "Shop", "R1", "TX-9")]))
		ours = frappe.get_doc("Bank Transaction", state["lines"][0]["bank_transaction"])
		by_hand = frappe.get_doc(
			{
				"doctype": "Bank Transaction",
				"date": "2026-03-01",
				"withdrawal": 12.3,
				"currency": "USD",
				"bank_account": self.account,
				"description": "Shop",
				"reference_number": "R1",
				"transaction_id": "TX-10",
			}
		)
		by_hand.insert()
		by_hand.submit()
		own = {"name", "creation", "modified", "transaction_id"}
		one, other = (
			{
				key: value
				for key, value in frappe.db.get_value("Bank Transaction", name, "*", as_dict=True).items()
				if key not in own
			}
			for name in (ours.name, by_hand.name)
		)
		self.assertEqual(one, other)

	def test_long_texts_are_cut_in_the_bank_transaction_and_kept_in_the_record(self) -> None:
		long = "Very long reference " * 20
		rows = [("2026-03-01", "-5.00", long * 3, long, "X" * 300), ("2026-03-02", "6.00", "b", "c", "d")]
		state = self.import_file(csv_of(rows))
		self.assert_counts(state, imported=2)
		row = self.row(state["name"], 2)
		line = frappe.get_doc("Bank Transaction", row["bank_transaction"])
		self.assertEqual((len(line.reference_number), line.reference_number[-1]), (140, "…"))
		self.assertEqual(line.description, (long * 3).strip())
		self.assertIsNone(line.transaction_id)
		self.assertIn("longer than the field", row["error"])
		self.assertEqual(row["reference"], long.strip())
		self.assert_counts(self.upload(csv_of(rows)), duplicate=2)

	def test_p68_texts_stay_texts(self) -> None:
		state = self.import_file(csv_of([("2026-03-01", "-5.00", "00123", "1E5", "0007")]))
		line = frappe.get_doc("Bank Transaction", state["lines"][0]["bank_transaction"])
		self.assertEqual(
			(line.description, line.reference_number, line.transaction_id), ("00123", "1E5", "0007")
		)

	def test_p80_markup_stays_what_the_bank_wrote(self) -> None:
		text = "<script>alert(1)</script> & Co"
		state = self.import_file(csv_of([("2026-03-01", "-5.00", text, text, "a")]))
		self.assert_counts(state, imported=1)
		self.assertEqual(self.row(state["name"], 2)["description"], text)

	def test_fees_that_come_on_top_are_part_of_what_is_booked(self) -> None:
		"""The balances prove it: 10.00 and a fee of 0.50 move 10.50."""
		content = (
			b"Date;Amount;Fee;Balance;Description\n2026-03-01;-10.00;0.50;89.50;One\n"
			b"2026-03-02;-20.00;0.50;69.00;Two\n2026-03-03;5.00;0.00;74.00;Three\n"
		)
		state = self.import_file(content)
		self.assertEqual(self.books(), [("2026-03-01", -10.5), ("2026-03-02", -20.5), ("2026-03-03", 5.0)])
		self.assertTrue(any("on top" in warning for warning in state["warnings"]))
		self.assert_counts(self.upload(content), duplicate=3)
		frappe.db.set_value(JOB, state["name"], "fees", "")  # as a correction may judge it, later
		self.assert_counts(self.upload(content), duplicate=3)
		self.assert_counts(importer.revert_import(state["name"]), reverted=3)
		self.assertEqual(self.books(), [])

	def test_bad_and_failed_lines_may_be_skipped(self) -> None:
		"""A booking over nothing cannot be made good: skipped, it keeps the import from being complete no longer."""
		rows = [("2026-03-01", "0,x", "Info", "", "a"), ("2026-03-01", "-1.00", "b", "", "c")]
		state = self.import_file(csv_of([*rows, ("2026-03-01", "2.00", "REFUSE", "", "d")]))
		self.assert_counts(state, imported=2, bad=1)
		self.assertEqual(state["status"], "Partially Completed")
		bad = self.rows(state["name"], "Bad")[0]["row"]
		with self.assertRaises(JobStateError):
			importer.set_decision(state["name"], [bad], "Import")
		state = importer.set_decision(state["name"], [bad], "Skip")
		self.assertEqual(state["status"], "Completed")

	def test_file_without_anything_new_is_completed_when_it_is_started(self) -> None:
		self.import_file(csv_of(rows_of_days(1, 2)))
		state = self.upload(csv_of(rows_of_days(1, 2)))
		self.assertEqual(state["status"], "Draft")
		state = importer.start_import(state["name"])
		self.assertEqual(state["status"], "Completed")
		self.assertIn("nothing new", state["message"])
		self.assert_counts(state, duplicate=4)
		self.assert_books(rows_of_days(1, 2))

	def test_file_with_a_problem_and_nothing_to_import_is_not_put_away(self) -> None:
		self.import_file(csv_of(rows_of_days(1, 1)))
		state = self.upload(csv_of([*rows_of_days(1, 1), ("2026-13-01", "5.00", "bad", "", "x")]))
		self.assertFalse(state["can"]["start"])
		with self.assertRaises(JobStateError):
			importer.start_import(state["name"])
		self.assertEqual(self.record(state["name"]).status, "Draft")

	def test_what_was_taken_back_meanwhile_is_imported_after_all(self) -> None:
		"""All duplicates when the file was read; the earlier import was reverted before this one is started."""
		before = self.import_file(csv_of(rows_of_days(1, 2)))
		state = self.upload(csv_of(rows_of_days(1, 2)))
		importer.revert_import(before["name"])
		state = importer.start_import(state["name"])
		self.assert_counts(state, imported=4)

	def test_failed_line_that_is_skipped_is_not_retried(self) -> None:
		rows = [("2026-03-01", "-1.00", "b", "", "c"), ("2026-03-01", "2.00", "REFUSE", "", "d")]
		with hook("validate", f"{__name__}.refuse_odd"):
			state = self.import_file(csv_of(rows))
		failed = self.rows(state["name"], "Failed")[0]["row"]
		state = importer.set_decision(state["name"], [failed], "Skip")
		self.assertEqual((state["status"], state["can"]["retry"]), ("Completed", False))
		state = importer.set_decision(state["name"], [failed], "Import")
		state = importer.retry_import(state["name"])
		self.assert_counts(state, imported=2)

	def test_amounts_are_exact(self) -> None:
		amounts = ["0.1", "0.2", "110.29", "-0.01", "99999999.99", "-1234567.89"]
		state = self.import_file(
			csv_of([("2026-03-01", amount, f"no {amount}", "", amount) for amount in amounts])
		)
		booked = []
		for row in self.rows(state["name"]):
			line = frappe.db.get_value(
				"Bank Transaction", row["bank_transaction"], ["deposit", "withdrawal"], as_dict=True
			)
			booked.append(Decimal(str(line.deposit)) - Decimal(str(line.withdrawal)))
		self.assertEqual(booked, [Decimal(amount) for amount in amounts])

	def test_foreign_account_is_imported_in_its_currency(self) -> None:
		state = self.import_file(csv_of(rows_of_days(1, 1)), account=self.euro_account)
		line = frappe.get_doc("Bank Transaction", state["lines"][0]["bank_transaction"])
		self.assertEqual((line.currency, line.company), ("EUR", self.company))

	def test_events_and_states(self) -> None:
		name = self.upload(csv_of(rows_of_days(1, 6)))["name"]
		with Events(name) as events, patch.object(worker, "BATCH", 5):
			state = importer.start_import(name)
			frappe.db.commit()
			self.addCleanup(self.remove, name)
			steps, ends = events.messages(PROGRESS_EVENT), events.messages(COMPLETE_EVENT)
		self.assertEqual([(step["current"], step["total"]) for step in steps], [(5, 12), (10, 12), (12, 12)])
		self.assertEqual(len(ends), 1)
		self.assertEqual(
			(ends[0]["success"], ends[0]["imported"], ends[0]["bank_account"]), (True, 12, self.account)
		)
		self.assertEqual((state["percentage"], state["current"], state["total"]), (100, 12, 12))
		self.assertFalse(state["can"]["start"] or state["can"]["cancel"])
		with self.assertRaises(JobStateError):
			importer.start_import(name)

	def remove(self, name: str) -> None:
		"""Take back what a test had to commit."""
		importer.revert_import(name)
		frappe.delete_doc(JOB, name)
		frappe.db.delete("Bank Transaction", {"bank_account": self.account})
		frappe.db.commit()

	def test_second_import_into_an_account_waits(self) -> None:
		"""P51 for imports: the database keeps a second one out, whatever file it is of."""
		one, other = self.upload(csv_of(rows_of_days(1, 2))), self.upload(csv_of(rows_of_days(3, 4)))
		frappe.db.set_value(JOB, one["name"], {"status": "Importing", "active_bank_account": self.account})
		for call in (importer.start_import, importer.retry_import):
			with self.assertRaises(JobAlreadyActive) as caught:
				call(other["name"])
			self.assertIn(one["name"], str(caught.exception))
		with self.assertRaises(frappe.UniqueValidationError):
			frappe.get_doc(JOB, other["name"]).update({"active_bank_account": self.account}).save()

	def test_cancelled_import_keeps_what_is_imported_and_goes_on(self) -> None:
		rows = rows_of_days(1, 5)
		name = self.upload(csv_of(rows))["name"]
		with patch.object(worker, "BATCH", 4), self.settings(statement_background_limit=0):
			with patch("frappe.enqueue"):
				importer.start_import(name)
			worker.begin(name)
			worker.import_batch(name)
			state = importer.cancel_import(name)
			self.assertFalse(worker.import_batch(name), "the worker stops after its batch")
		self.assertEqual(state["status"], "Cancelled")
		self.assert_counts(state, imported=4, new=6)
		self.assertTrue(state["can"]["start"] and state["can"]["revert"])
		state = importer.start_import(name)
		self.assertEqual(state["status"], "Completed")
		self.assert_books(rows)

	def test_background_above_the_limit(self) -> None:
		name = self.upload(csv_of(rows_of_days(1, 5)))["name"]
		with self.settings(statement_background_limit=9), patch("frappe.enqueue") as enqueue:
			state = importer.start_import(name)
			self.assertEqual((state["status"], state["active"]), ("Queued", True))
			self.assertEqual(enqueue.call_args.kwargs["statement_import"], name)
			self.assertEqual(enqueue.call_args.kwargs["queue"], "long")
			again = importer.start_import(name)
			self.assertEqual(
				(again["status"], enqueue.call_count), ("Queued", 1), "a double click is one job"
			)
		self.assertEqual(self.books(), [])

	def test_party_is_matched_by_erpnext_itself(self) -> None:
		"""ERPNext's automatic party matching works with what is filled in: the IBAN of a party's Bank Account."""
		if not frappe.get_meta("Accounts Settings").has_field("enable_fuzzy_matching"):
			self.skipTest("automatic party matching is ERPNext's, and not in minibench")
		from advanced_bank_reconciliation.tests import factories

		customer = factories.make_party("Customer", "ABR IBAN Customer")
		bank = frappe.db.get_value("Bank Account", self.account, "bank")
		if not frappe.db.exists("Bank Account", {"party": customer}):
			frappe.get_doc(
				{
					"doctype": "Bank Account",
					"account_name": "ABR IBAN Customer",
					"bank": bank,
					"party_type": "Customer",
					"party": customer,
					"iban": "GB82WEST12345698765432",
				}
			).insert()
		frappe.db.set_single_value("Accounts Settings", "enable_party_matching", 1)
		frappe.clear_document_cache("Accounts Settings", "Accounts Settings")
		content = (
			b"Date;Amount;Description;Payee IBAN\n2026-03-01;10.00;Pays;GB82WEST12345698765432\n"
			b"2026-03-02;-1.00;Other;\n"
		)
		state = self.upload(content)
		columns = {**state["mapping"]["columns"], "party_iban": [3]}
		importer.change_mapping(state["name"], mapping={**state["mapping"], "columns": columns})
		state = importer.start_import(state["name"])
		lines = [frappe.get_doc("Bank Transaction", row["bank_transaction"]) for row in state["lines"]]
		self.assertEqual(
			[(line.party_type, line.party) for line in lines], [("Customer", customer), (None, None)]
		)
		self.assertEqual(flt(lines[0].deposit), 10)
