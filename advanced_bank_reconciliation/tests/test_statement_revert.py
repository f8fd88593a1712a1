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
from advanced_bank_reconciliation.statement_import.job import JOB
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
