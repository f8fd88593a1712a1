# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The direction matrix of docs/matching.md, cell by cell: offered, booked, refused (P11 to P13, P24)."""

from pathlib import Path
from typing import NamedTuple

import frappe
from frappe.utils import flt

import advanced_bank_reconciliation as app
from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	get_candidates,
)
from advanced_bank_reconciliation.exceptions import SelectionRefused
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.factories import account, wish
from advanced_bank_reconciliation.tests.test_payment_entry import pay
from advanced_bank_reconciliation.tests.utils import ABRTestCase, bank_movement, ledger_rows

DOCUMENT = Path(app.__file__).parent.parent / "docs" / "matching.md"

OTHER_WAY = "its money flows the other way"
NO_LARGER = "no larger amount"
NOT_NETTED = "cannot be netted with a return"


class Cell(NamedTuple):
	"""A document alone on a line of the same amount.

	name: of the document in the table of docs/matching.md. payment: type and party of what is booked, or
	refused: words of the refusal.
	"""

	name: str
	doctype: str
	amount: float
	deposit: bool
	payment: tuple[str, str] | None = None
	refused: str = ""

	@property
	def direction(self) -> str:
		return "Deposit" if self.deposit else "Withdrawal"


CELLS = (
	Cell("Sales Invoice", "Sales Invoice", 60, True, payment=("Receive", "Customer")),
	Cell("Return of a Sales Invoice", "Sales Invoice", -60, True, refused=NO_LARGER),
	Cell("Purchase Invoice", "Purchase Invoice", 60, True, refused=OTHER_WAY),
	Cell("Return of a Purchase Invoice", "Purchase Invoice", -60, True, payment=("Receive", "Supplier")),
	Cell("Sales Invoice", "Sales Invoice", 60, False, refused=OTHER_WAY),
	Cell("Return of a Sales Invoice", "Sales Invoice", -60, False, payment=("Pay", "Customer")),
	Cell("Purchase Invoice", "Purchase Invoice", 60, False, payment=("Pay", "Supplier")),
	Cell("Return of a Purchase Invoice", "Purchase Invoice", -60, False, refused=NO_LARGER),
)


class TestDirectionMatrix(ABRTestCase):
	def document(self, doctype: str, amount: float, party: str):
		make = factories.make_sales_invoice if doctype == "Sales Invoice" else factories.make_purchase_invoice
		return make(amount, party)

	def line(self, amount: float, deposit: bool):
		return factories.make_bank_transaction(**{"deposit" if deposit else "withdrawal": amount})

	def offered(self, line, *documents) -> dict[str, int]:
		"""Return by name the effect's sign of those documents that are offered for the line."""
		types = ["unpaid_sales_invoice", "unpaid_purchase_invoice"]
		signs = {}
		for document in documents:
			for row in get_candidates(line.name, types, search=document.name)["rows"]:
				if row["name"] == document.name:
					signs[row["name"]] = row["effect_sign"]
		return signs

	def outstanding(self, document) -> float:
		return frappe.db.get_value(document.doctype, document.name, "outstanding_amount")

	def assert_booked(self, cell: Cell, payment: str, line, documents):
		"""Payment type, party, amounts, and the ledger: the party's side against the bank's."""
		values = frappe.db.get_value(
			"Payment Entry", payment, ["payment_type", "party_type", "paid_amount", "received_amount"]
		)
		self.assertEqual(values, (*cell.payment, 60, 60))
		self.assertEqual(
			bank_movement("Payment Entry", payment, line.bank_account), 60 if cell.deposit else -60
		)
		title = "Debtors" if cell.payment[1] == "Customer" else "Creditors"
		party = [row for row in ledger_rows("Payment Entry", payment) if row.account == account(title)]
		self.assertEqual(flt(sum(row.debit - row.credit for row in party), 2), -60 if cell.deposit else 60)
		self.assertEqual([self.outstanding(document) for document in documents], [0] * len(documents))
		self.assert_balanced([("Payment Entry", payment)])
		self.assert_linked(line, "Payment Entry", payment)
		self.assert_state(line, 0)

	def test_p13_every_cell_alone(self):
		"""60 on a line of 60: offered and booked as the table says, or neither, and refused in its words."""
		for number, cell in enumerate(CELLS):
			with self.subTest(cell.name, direction=cell.direction):
				document = self.document(cell.doctype, cell.amount, f"ABR Matrix {number}")
				line = self.line(60, cell.deposit)
				offered = self.offered(line, document)
				if cell.refused:
					self.assertEqual(offered, {}, "offered, but cannot be booked")
					with self.assert_refused(SelectionRefused, document.name, "60.00", cell.refused):
						pay(line, wish(document))
				else:
					self.assertEqual(offered, {document.name: 1})
					answer = pay(line, wish(document))
					self.assert_booked(cell, *answer["payment_entries"], line, [document])

	def test_p13_a_return_is_netted_with_its_partys_invoices(self):
		"""100 and return -40 of one party on a line of 60: both offered, one Payment Entry over 60."""
		for number, cell in enumerate(CELLS):
			if cell.refused != NO_LARGER:
				continue
			with self.subTest(cell.name, direction=cell.direction):
				party = f"ABR Matrix Net {number}"
				documents = [self.document(cell.doctype, amount, party) for amount in (100, -40)]
				line = self.line(60, cell.deposit)
				self.assertEqual(
					self.offered(line, *documents), {documents[0].name: 1, documents[1].name: -1}
				)
				answer = pay(line, *map(wish, documents))
				payment = ("Receive", "Customer") if cell.deposit else ("Pay", "Supplier")
				self.assert_booked(
					cell._replace(payment=payment), *answer["payment_entries"], line, documents
				)

	def test_p12_a_return_that_is_larger_than_the_invoices(self):
		"""Return -100 and invoice 40 of one party: the invoice is refused in words, the return alone is paid.

		ERPNext posts an invoice in such a Payment Entry on the side of the return, so it cannot be booked.
		"""
		for number, cell in enumerate(CELLS):
			if cell.refused != OTHER_WAY:
				continue
			with self.subTest(cell.name, direction=cell.direction):
				party = f"ABR Matrix Refund {number}"
				invoice, larger = (self.document(cell.doctype, amount, party) for amount in (40, -100))
				line = self.line(60, cell.deposit)
				self.assertEqual(self.offered(line, invoice, larger), {larger.name: 1})
				with self.assert_refused(
					SelectionRefused, invoice.name, "40.00", NOT_NETTED, "Payment Reconciliation"
				):
					pay(line, wish(invoice), wish(larger))
				pay(line, wish(larger))
				self.assertEqual(self.outstanding(larger), -40, "left for a Payment Reconciliation")
				self.assert_state(line, 0)

	def test_p12_a_larger_return_against_the_line(self):
		"""Invoice 40 and return -100 of one party on a line in the invoice's direction: the return is refused."""
		for doctype, deposit in (("Sales Invoice", True), ("Purchase Invoice", False)):
			with self.subTest(doctype):
				party = f"ABR Matrix Beyond {doctype}"
				invoice, larger = (self.document(doctype, amount, party) for amount in (40, -100))
				line = self.line(60, deposit)
				with self.assert_refused(SelectionRefused, larger.name, "100.00", NO_LARGER):
					pay(line, wish(invoice), wish(larger))

	def test_p13_nothing_is_netted_across_parties(self):
		"""Invoice 100 of one party, return -40 of another: the return is neither offered nor booked."""
		for doctype, deposit in (("Sales Invoice", True), ("Purchase Invoice", False)):
			with self.subTest(doctype):
				invoice = self.document(doctype, 100, f"ABR Matrix One {doctype}")
				returned = self.document(doctype, -40, f"ABR Matrix Two {doctype}")
				line = self.line(60, deposit)
				self.assertEqual(self.offered(line, invoice, returned), {invoice.name: 1})
				with self.assert_refused(SelectionRefused, returned.name, NO_LARGER):
					pay(line, wish(invoice), wish(returned))

	def test_the_document_has_every_cell(self):
		"""The table in docs/matching.md says of each cell what these tests say."""
		lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
		rows = [
			[text.strip() for text in line.strip("|").split("|")] for line in lines if line.startswith("|")
		]
		table = {row[0]: dict(zip(("Deposit", "Withdrawal"), row[1:], strict=False)) for row in rows}
		for cell in CELLS:
			text = table[cell.name][cell.direction]
			if cell.payment:
				self.assertIn("{} {}".format(*cell.payment), text.replace(" from", "").replace(" to", ""))
			else:
				self.assertTrue(text.startswith("Netted" if cell.refused == NO_LARGER else "Refused"), text)
