# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the tests of auto reconcile share: a bank account of their own, and pairs of line and payment."""

from collections.abc import Sequence
from typing import Any

import frappe
from frappe.model.document import Document

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.auto.job import JOB
from advanced_bank_reconciliation.tests import factories


class AutoCase:
	"""Mixed into a test case; `self.account` is the bank account that is reconciled."""

	account: str

	def line(self, amount: float, reference: str | None = None, **values: Any) -> Document:
		"""Return an open deposit, or for a negative amount a withdrawal."""
		side = {"deposit": amount} if amount > 0 else {"withdrawal": -amount}
		return factories.make_bank_transaction(
			**{
				**side,
				"bank_account": self.account,
				"reference_number": reference,
				"description": None,
				**values,
			}
		)

	def payment(self, amount: float, reference: str, **values: Any) -> Document:
		"""Return a payment received into the account."""
		return factories.make_payment_entry(
			amount, bank_account=self.account, **{"reference_no": reference, **values}
		)

	def pair(self, number: int, **values: Any) -> tuple[Document, Document]:
		"""Return a deposit and the payment that belongs to it by reference, amount and date."""
		amount = 100 + number
		line = self.line(amount, f"AUTO-{number}", **values)
		return line, self.payment(amount, f"AUTO-{number}")

	def reconcile(self, **values: Any) -> dict[str, Any]:
		return tool.auto_reconcile_vouchers(self.account, **values)

	def outcome(self, answer: dict[str, Any], line: Document) -> dict[str, Any]:
		"""Return the one line of the answer that is about the Bank Transaction."""
		(found,) = [row for row in answer["lines"] if row["bank_transaction"] == line.name]
		return found

	def assert_skipped(self, answer: dict[str, Any], line: Document, *words: str) -> None:
		"""The line is not matched, and each of the words is in the reason."""
		row = self.outcome(answer, line)
		self.assertEqual(row["outcome"], "Skipped", row["reason"])
		for word in words:
			self.assertIn(word, row["reason"])

	def assert_each_matched_once(self, pairs: Sequence[tuple[Document, Document]]) -> None:
		for line, payment in pairs:
			self.assert_linked(line, "Payment Entry", payment.name)
			self.assert_state(line, 0)

	def record(self, job_id: str) -> Document:
		return frappe.get_doc(JOB, job_id)
