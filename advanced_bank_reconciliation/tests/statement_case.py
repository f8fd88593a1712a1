# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the tests of statement import share: files, records, and what the books must say afterwards."""

from collections.abc import Sequence
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import flt

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.bank_statement_importer import (
	bank_statement_importer as importer,
)
from advanced_bank_reconciliation.statement_import.job import JOB, ROW
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.utils import ABRTestCase

#: A row of a file: date, amount, description, reference, and the bank's id.
Row = tuple[str, float | str, str, str, str]


def csv_of(rows: Sequence[Row], ids: bool = True) -> bytes:
	"""Return a CSV of the rows; without `ids` it has no column for them."""
	titles = ["Date", "Amount", "Description", "Reference", "Transaction ID"]
	lines = [titles, *([str(cell) for cell in row] for row in rows)]
	width = 5 if ids else 4
	return "\n".join(";".join(line[:width]) for line in lines).encode() + b"\n"


def rows_of_days(first: int, last: int, month: str = "2026-03") -> list[Row]:
	"""Return a withdrawal and a deposit for each day of the month from `first` to `last`."""
	rows: list[Row] = []
	for day in range(first, last + 1):
		date = f"{month}-{day:02d}"
		rows.append((date, f"-{day}.10", f"Card payment of day {day}", f"REF {day}", f"{date}-out"))
		rows.append((date, f"{day}.20", f"Deposit of day {day}", f"00{day}", f"{date}-in"))
	return rows


class StatementCase:
	"""Mixed into a test case. `account`: the bank account that files are imported into."""

	account: str

	def file(self, content: bytes, name: str = "statement.csv", **values: Any) -> Document:
		"""Return an uploaded file of the session's user, private."""
		return frappe.get_doc(
			{"doctype": "File", "file_name": name, "is_private": 1, "content": content, **values}
		).insert()

	def upload(
		self, content: bytes, name: str = "statement.csv", account: str | None = None
	) -> dict[str, Any]:
		"""Upload a file, and return the state of its record."""
		return importer.upload_statement(account or self.account, self.file(content, name).file_url)

	def import_file(self, content: bytes, **values: Any) -> dict[str, Any]:
		"""Upload and import in the request; returns the state at the end."""
		return importer.start_import(self.upload(content, **values)["name"])

	def rows(self, name: str, outcome: str | None = None) -> list[dict[str, Any]]:
		return importer.get_import_lines(name, outcome, page_length=1000)["lines"]

	def row(self, name: str, number: int) -> dict[str, Any]:
		"""Return the line of this row of the file."""
		return next(row for row in self.rows(name) if row["number"] == number)

	def record(self, name: str) -> Document:
		return frappe.get_doc(JOB, name)

	def books(self, account: str | None = None) -> list[tuple[str, float]]:
		"""Return (date, amount) of the account's submitted Bank Transactions, in order."""
		lines = frappe.get_all(
			"Bank Transaction",
			filters={"bank_account": account or self.account, "docstatus": 1},
			fields=["date", "deposit", "withdrawal"],
		)
		return sorted((str(line.date), flt(line.deposit - line.withdrawal, 2)) for line in lines)

	def assert_counts(self, state: dict[str, Any], **counts: int) -> None:
		"""The state's counts are these, and 0 for all others; `total` is their sum."""
		expected = {name: counts.get(name, 0) for name in state["counts"] if name != "total"}
		self.assertEqual(state["counts"], {"total": sum(expected.values()), **expected})

	def assert_books(self, rows: Sequence[Row], account: str | None = None) -> None:
		"""The account has a submitted Bank Transaction for each row of the files, and no other."""
		self.assertEqual(self.books(account), sorted((row[0], flt(row[1], 2)) for row in rows))

	def assert_rows_true(self, name: str) -> None:
		"""At any moment: each imported line has its own Bank Transaction, and no line that is not has one."""
		made = []
		for row in frappe.get_all(ROW, {"parent": name}, ["outcome", "bank_transaction", "amount"]):
			if row.outcome == "Imported":
				made.append(row.bank_transaction)
				line = frappe.db.get_value(
					"Bank Transaction",
					row.bank_transaction,
					["docstatus", "deposit", "withdrawal", "unallocated_amount", "status"],
					as_dict=True,
				)
				self.assertEqual((line.docstatus, line.status), (1, "Unreconciled"))
				self.assertEqual(flt(line.deposit - line.withdrawal, 2), flt(row.amount, 2))
				self.assertEqual(flt(line.unallocated_amount, 2), abs(flt(row.amount, 2)))
		self.assertEqual(len(set(made)), len(made), "two lines share a Bank Transaction")
		count = frappe.db.count("Bank Transaction", {"bank_account": self.account, "docstatus": 1})
		self.assertEqual(count, len(made), "a Bank Transaction without its line")


class StatementTestCase(StatementCase, ABRTestCase):
	"""Each test imports into an account that has no Bank Transaction yet, and is rolled back."""

	@classmethod
	def make_masters(cls) -> None:
		cls.account = factories.make_bank_account("ABR Statements")
		cls.euro_account = factories.make_bank_account("ABR Statements EUR", account_currency="EUR")
