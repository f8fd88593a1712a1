# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""An import taken back: what is reconciled stays and is listed, the file can be imported again."""

import frappe

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.bank_statement_importer import (
	bank_statement_importer as importer,
)
from advanced_bank_reconciliation.exceptions import JobAlreadyActive, JobStateError
from advanced_bank_reconciliation.statement_import.job import JOB, ROW
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.statement_case import StatementTestCase, csv_of, rows_of_days

ROWS = rows_of_days(1, 3)


class TestRevert(StatementTestCase):
	def reconcile(self, name: str) -> None:
		"""Reconcile the deposit of day 2 with a payment of that amount."""
		payment = factories.make_payment_entry(2.2, bank_account=self.account)
		tool.reconcile_vouchers(
			name, [{"payment_doctype": "Payment Entry", "payment_name": payment.name, "amount": 2.2}]
		)

	def deposit_of_day_2(self, name: str) -> str:
		return self.row(name, 5)["bank_transaction"]

	def test_all_of_it(self) -> None:
		state = self.import_file(csv_of(ROWS))
		names = [row["bank_transaction"] for row in self.rows(state["name"])]
		state = importer.revert_import(state["name"])
		self.assertEqual((state["status"], state["percentage"]), ("Reverted", 100))
		self.assert_counts(state, reverted=6)
		self.assertEqual(self.books(), [])
		states = frappe.get_all("Bank Transaction", {"name": ("in", names)}, ["docstatus", "status"])
		self.assertEqual({(line.docstatus, line.status) for line in states}, {(2, "Cancelled")})
		self.assertFalse(
			any(state["can"][action] for action in ("start", "retry", "revert", "cancel", "correct"))
		)

	def test_file_can_be_imported_again_with_its_ids(self) -> None:
		state = self.import_file(csv_of(ROWS))
		importer.revert_import(state["name"])
		again = self.upload(csv_of(ROWS))
		self.assert_counts(again, new=6)
		again = importer.start_import(again["name"])
		self.assert_counts(again, imported=6)
		self.assert_books(ROWS)
		row = self.rows(again["name"])[0]
		self.assertEqual(row["error"], "")
		self.assertEqual(
			frappe.db.get_value("Bank Transaction", row["bank_transaction"], "transaction_id"),
			row["transaction_id"],
		)

	def test_reconciled_line_stays_and_is_listed(self) -> None:
		state = self.import_file(csv_of(ROWS))
		self.reconcile(self.deposit_of_day_2(state["name"]))
		state = importer.revert_import(state["name"])
		self.assertEqual(state["status"], "Partially Reverted")
		self.assert_counts(state, reverted=5, imported=1)
		self.assertIn("1 stay", state["message"])
		row = self.row(state["name"], 5)
		self.assertEqual(row["outcome"], "Imported")
		self.assertIn("Unreconcile it", row["error"])
		line = frappe.get_doc("Bank Transaction", row["bank_transaction"])
		self.assertEqual((line.docstatus, line.status), (1, "Reconciled"))
		self.assert_counts(self.upload(csv_of(ROWS)), new=5, duplicate=1)

	def test_the_rest_is_reverted_once_it_is_unreconciled(self) -> None:
		state = self.import_file(csv_of(ROWS))
		name = self.deposit_of_day_2(state["name"])
		self.reconcile(name)
		importer.revert_import(state["name"])
		tool.unreconcile_bank_transaction(name)
		state = importer.revert_import(state["name"])
		self.assertEqual(state["status"], "Reverted")
		self.assert_counts(state, reverted=6)
		self.assertEqual(self.books(), [])

	def test_lines_that_are_gone_are_no_reason_to_fail(self) -> None:
		"""One was cancelled by hand, one cancelled and deleted."""
		state = self.import_file(csv_of(ROWS))
		for number, delete in ((2, False), (3, True)):
			line = frappe.get_doc("Bank Transaction", self.row(state["name"], number)["bank_transaction"])
			line.cancel()
			if delete:
				frappe.delete_doc("Bank Transaction", line.name)
		state = importer.revert_import(state["name"])
		self.assertEqual(state["status"], "Reverted")
		self.assertEqual(self.books(), [])

	def test_other_bank_transactions_are_not_touched(self) -> None:
		other = factories.make_bank_transaction(deposit=2.2, bank_account=self.account, date="2026-03-02")
		state = self.import_file(csv_of(ROWS))
		importer.revert_import(state["name"])
		self.assertEqual(frappe.db.get_value("Bank Transaction", other.name, "docstatus"), 1)

	def test_what_cannot_be_reverted(self) -> None:
		state = self.upload(csv_of(ROWS))
		with self.assertRaises(JobStateError):
			importer.revert_import(state["name"])
		importer.start_import(state["name"])
		frappe.db.set_value(
			JOB,
			self.upload(csv_of(ROWS))["name"],
			{"status": "Importing", "active_bank_account": self.account},
		)
		with self.assertRaises(JobAlreadyActive):
			importer.revert_import(state["name"])

	def test_cancelled_import_is_reverted(self) -> None:
		state = self.import_file(csv_of(ROWS))
		frappe.db.set_value(JOB, state["name"], "status", "Cancelled")
		self.assertEqual(importer.revert_import(state["name"])["status"], "Reverted")


class TestReusedNames(StatementTestCase):
	"""Frappe sets a series back when its last document is deleted, so the next one gets the name of the deleted."""

	def delete_last(self, state: dict) -> tuple[str, str]:
		"""Cancel and delete the Bank Transaction of the last line; return (row, name)."""
		line = self.rows(state["name"])[-1]
		frappe.get_doc("Bank Transaction", line["bank_transaction"]).cancel()
		frappe.delete_doc("Bank Transaction", line["bank_transaction"])
		return line["row"], line["bank_transaction"]

	def delete_without_events(self, state: dict) -> tuple[str, str]:
		"""Take the row of the last Bank Transaction away, as a script may; return (row, name)."""
		line = self.rows(state["name"])[-1]
		frappe.db.delete("Bank Transaction", line["bank_transaction"])
		return line["row"], line["bank_transaction"]

	def make_foreign(self, name: str, **values: object) -> object:
		"""Return a submitted Bank Transaction of this name, that no import has made."""
		values = {"bank_account": self.account, "date": "2026-03-20", "description": "By hand", **values}
		foreign = factories.make_bank_transaction(submit=False, **{"deposit": 77, **values})
		if foreign.name != name:
			frappe.db.delete("Bank Transaction", foreign.name)
			foreign = frappe.copy_doc(foreign)
			foreign.insert(set_name=name)
		foreign.submit()
		return foreign

	def test_line_of_a_deleted_bank_transaction_is_reverted(self) -> None:
		state = self.import_file(csv_of(ROWS))
		row, name = self.delete_last(state)
		line = frappe.db.get_value(ROW, row, ["outcome", "bank_transaction", "error"], as_dict=True)
		self.assertEqual((line.outcome, line.bank_transaction or ""), ("Reverted", ""))
		self.assertIn(name, line.error)
		state = importer.get_statement_import(state["name"])
		self.assert_counts(state, imported=5, reverted=1)

	def test_revert_leaves_a_later_bank_transaction_of_that_name_alone(self) -> None:
		state = self.import_file(csv_of(ROWS))
		_row, name = self.delete_last(state)
		foreign = factories.make_bank_transaction(deposit=77, bank_account=self.account, date="2026-03-20")
		self.assertEqual(foreign.name, name, "the series was set back")
		state = importer.revert_import(state["name"])
		self.assertEqual(state["status"], "Reverted")
		self.assert_counts(state, reverted=6)
		self.assertEqual(self.books(), [("2026-03-20", 77.0)])

	def test_line_deleted_without_an_event_does_not_act_on_another_document(self) -> None:
		for values in ({}, {"deposit": 3.2, "date": "2026-03-20"}, {"deposit": 77, "date": "2026-03-03"}):
			with self.subTest(values):
				state = self.import_file(csv_of(ROWS))
				row, name = self.delete_without_events(state)
				self.make_foreign(name, **values)
				state = importer.revert_import(state["name"])
				self.assertEqual(state["status"], "Partially Reverted")
				self.assertIn(name, frappe.db.get_value(ROW, row, "error"))
				foreign = frappe.get_doc("Bank Transaction", name)
				self.assertEqual(foreign.docstatus, 1)
				foreign.cancel()
				foreign.delete()

	def test_line_is_new_though_its_name_is_used_by_another_document(self) -> None:
		"""The stale fingerprint of the line must not stand for the foreign document: the money would be lost."""
		for ids in (True, False):
			with self.subTest(ids=ids):
				account = self.account if ids else self.euro_account
				state = self.import_file(csv_of(ROWS, ids=ids), account=account)
				_row, name = self.delete_without_events(state)
				self.make_foreign(
					name,
					bank_account=account,
					currency=frappe.db.get_value(JOB, state["name"], "currency"),
				)
				again = self.upload(csv_of(ROWS, ids=ids), account=account)
				self.assert_counts(again, new=1, duplicate=5)

	def test_lines_of_a_record_that_is_gone_say_nothing_of_a_new_document(self) -> None:
		"""ERPNext's Transaction Deletion Record takes records and Bank Transactions, and leaves the lines a day."""
		state = self.import_file(csv_of(ROWS))
		line = self.rows(state["name"])[-1]
		frappe.db.delete("Bank Transaction", {"bank_account": self.account})
		frappe.db.delete(JOB, {"name": state["name"]})
		self.make_foreign(line["bank_transaction"], deposit=3.2, date="2026-03-03", description="By hand")
		self.assert_counts(self.upload(csv_of(ROWS)), new=5, possible_duplicate=1)

	def test_amended_bank_transaction_is_named_among_those_that_stay(self) -> None:
		state = self.import_file(csv_of(ROWS, ids=False))
		line = self.rows(state["name"])[-1]
		before = frappe.get_doc("Bank Transaction", line["bank_transaction"])
		for _amendment in range(2):
			before.cancel()
			amended = frappe.copy_doc(before)
			amended.amended_from, amended.docstatus = before.name, 1
			before = amended.insert()
		state = importer.revert_import(state["name"])
		self.assertEqual(state["status"], "Partially Reverted")
		self.assert_counts(state, reverted=5, imported=1)
		self.assertIn(before.name, self.rows(state["name"])[-1]["error"])
		before.cancel()
		self.assertEqual(importer.revert_import(state["name"])["status"], "Reverted")
