# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What callers send: accepted in every form of PUBLIC_API.md, else refused in words and without a trace."""

import json
from decimal import Decimal

import frappe

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.exceptions import BadPayload, ReconciliationError, SelectionRefused
from advanced_bank_reconciliation.payload import (
	MOST_ROWS,
	Request,
	parse_invoices,
	parse_payment_names,
	parse_vouchers,
)
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.utils import ABRTestCase

SI = "Sales Invoice"
MARKUP = "<img src=x onerror=alert(1)>"


class TestAccepted(ABRTestCase):
	def test_lists_tuples_and_json_text(self):
		rows = [{"doctype": SI, "name": "A", "allocated_amount": 10.5}]
		expected = [Request(SI, "A", Decimal("10.5"))]
		for value in (rows, tuple(rows), json.dumps(rows), json.dumps(rows).encode()):
			self.assertEqual(parse_invoices(value), expected)

	def test_nothing(self):
		for nothing in (None, "", [], (), "[]", "null"):
			self.assertEqual(parse_invoices(nothing), [])

	def test_field_names_of_both_kinds(self):
		"""Invoices come as doctype, name, allocated_amount; vouchers as payment_doctype, payment_name, amount."""
		row = {"payment_doctype": SI, "payment_name": "A", "amount": "7"}
		self.assertEqual(parse_invoices([row]), [Request(SI, "A", Decimal(7))])
		row = {"doctype": "Journal Entry", "name": "J", "allocated_amount": 7}
		self.assertEqual(parse_vouchers([row]), [Request("Journal Entry", "J", Decimal(7))])

	def test_pseudo_doctypes_are_mapped(self):
		"""P01's "Unpaid Sales Invoice" is a Sales Invoice, and never stored under the other name."""
		rows = [
			{"doctype": "Unpaid Sales Invoice", "name": "A"},
			{"doctype": "Unpaid Purchase Invoice", "name": "B"},
		]
		self.assertEqual(
			[request.key for request in parse_invoices(rows)], [(SI, "A"), ("Purchase Invoice", "B")]
		)

	def test_absent_amount_asks_for_all(self):
		for row in ({}, {"allocated_amount": None}, {"allocated_amount": ""}):
			self.assertIsNone(parse_invoices([{"doctype": SI, "name": "A", **row}])[0].amount)

	def test_zero_is_an_amount(self):
		self.assertEqual(parse_invoices([{"doctype": SI, "name": "A", "allocated_amount": 0}])[0].amount, 0)

	def test_fields_of_a_table_row_are_ignored(self):
		"""A row of the candidate table may be sent back as it came; its other fields are never believed."""
		row = {
			"doctype": SI,
			"name": "A",
			"outstanding_amount": 99,
			"party": "X",
			"rank": 3,
			"currency": "EUR",
		}
		self.assertEqual(parse_invoices([row]), [Request(SI, "A", None)])

	def test_spaces_around_names(self):
		self.assertEqual(parse_invoices([{"doctype": f" {SI} ", "name": "A\n"}])[0].key, (SI, "A"))

	def test_exact_repetition_counts_once(self):
		"""Equal although written 10, "10.00" and 10.0; the order of the first appearances stays."""
		rows = [
			{"doctype": SI, "name": name, "allocated_amount": amount}
			for name, amount in (("B", 10), ("A", 1), ("B", "10.00"), ("B", 10.0))
		]
		self.assertEqual([request.name for request in parse_invoices(rows)], ["B", "A"])

	def test_payment_names(self):
		"""Names, rows, or JSON of either; only Payment Entries are named."""
		rows = ["PE-1", {"payment_doctype": "Payment Entry", "payment_name": "PE-2"}]
		rows.append({"payment_doctype": "Journal Entry", "payment_name": "JE-1"})
		self.assertEqual(parse_payment_names(rows), ["PE-1", "PE-2"])
		self.assertEqual(parse_payment_names(json.dumps(rows)), ["PE-1", "PE-2"])


class TestRefused(ABRTestCase):
	def refused(self, value, *words, exception=BadPayload, parse=parse_invoices):
		with self.assertRaises(exception) as caught:
			parse(value)
		message = str(caught.exception)
		for word in words:
			self.assertIn(word, message)
		self.assertNotIn("<img", message)
		self.assertNotIn("Traceback", message)
		return message

	def test_malformed_json(self):
		for text in ("{", "[", "[{]", "nonsense", "[1,]", "\x00", "[" * 100_000, b"\xff\xfe"):
			self.refused(text, "Invoices", "JSON")

	def test_json_of_something_else(self):
		for text in ("{}", "5", "true", '"text"', '{"doctype": "Sales Invoice"}'):
			self.refused(text, "Invoices", "list")
		for value in (5, 5.5, True, {"doctype": SI}, {SI}, object()):
			self.refused(value, "list")

	def test_rows_that_are_no_objects(self):
		for row in (5, None, "A", [], True, [SI, "A"]):
			self.refused([row], "row 1", "object")

	def test_row_number_is_named(self):
		good = {"doctype": SI, "name": "A"}
		message = self.refused(
			[good, {"doctype": SI}, good, {"doctype": SI, "name": "B", "amount": "x"}], "row 2", "row 4"
		)
		self.assertNotIn("row 1", message)

	def test_unknown_fields(self):
		message = self.refused(
			[{"doctype": SI, "name": "A", "alocated_amount": 5, MARKUP: 1}], "alocated_amount"
		)
		self.assertIn("&lt;img", message)

	def test_document_types(self):
		"""Another doctype, none, a pseudo one that does not exist, one that is not text."""
		for doctype in ("User", "", "Unpaid Journal Entry", "sales invoice", MARKUP, "Payment Entry"):
			self.refused([{"doctype": doctype, "name": "A"}], SI)
		for doctype in (["Sales Invoice"], {"a": 1}, 7, True):
			self.refused([{"doctype": doctype, "name": "A"}], "text")

	def test_names(self):
		for name in ("", None, "  "):
			self.refused([{"doctype": SI, "name": name}], "name")
		for name in (["A"], {"like": "%"}, 7, True):
			self.refused([{"doctype": SI, "name": name}], "text")

	def test_amounts(self):
		"""Not a number, not finite, a boolean, more than any Currency field holds, more digits than Python reads."""
		absurd = (
			"ten", "1,50", MARKUP, [], {}, True, False, "NaN", "Infinity", "-Infinity", "1e300",
			float("nan"), float("inf"), 1e300, -1e12, 10**400, 10**5000,
		)  # fmt: skip
		for number, amount in enumerate(absurd):
			with self.subTest(number):
				self.refused(
					[{"doctype": SI, "name": "A", "allocated_amount": amount}], "row 1", "is not an amount"
				)

	def test_json_numbers_that_are_none(self):
		"""NaN and Infinity, which Python's JSON reader lets through."""
		for number in ("NaN", "Infinity", "-Infinity", "1e999"):
			self.refused(f'[{{"doctype": "{SI}", "name": "A", "amount": {number}}}]', "is not an amount")

	def test_huge_list(self):
		row = {"doctype": SI, "name": "A"}
		self.refused([row] * (MOST_ROWS + 1), str(MOST_ROWS))
		self.assertEqual(len(parse_invoices([row] * MOST_ROWS)), 1)

	def test_huge_list_of_nonsense_has_a_message_one_can_read(self):
		"""Ten thousand bad rows do not make a message of ten thousand lines."""
		message = self.refused([5] * MOST_ROWS, "row 1")
		self.assertLess(len(message), 20_000)

	def test_same_document_with_different_amounts(self):
		rows = [{"doctype": SI, "name": "A<b>", "allocated_amount": amount} for amount in (1, 2)]
		message = self.refused(rows, "twice", "1", "2", exception=SelectionRefused)
		self.assertNotIn("<b>", message)

	def test_same_document_with_and_without_amount(self):
		"""All of it, and 5 of it: that is two different wishes, and said so in words."""
		rows = [{"doctype": SI, "name": "A"}, {"doctype": SI, "name": "A", "allocated_amount": 5}]
		message = self.refused(rows, "twice", exception=SelectionRefused)
		self.assertNotIn("None", message)


class TestAtTheEndpoints(ABRTestCase):
	"""The same nonsense through the doors: an error of ours or of Frappe's type check, and unchanged books."""

	NONSENSE = (
		"{", "[1]", '{"a": 1}', "[[]]", '[{"doctype": "User", "name": "Administrator"}]',
		'[{"doctype": "Sales Invoice", "name": "A", "amount": NaN}]', [None], [{"doctype": SI}], "%s %d {0}",
		"<script>alert(1)</script>", "'; DROP TABLE x; --",
	)  # fmt: skip

	def setUp(self):
		super().setUp()
		self.line = factories.make_bank_transaction(deposit=100)

	def test_nonsense(self):
		for endpoint in (
			tool.create_payment_entries_bulk,
			tool.create_payment_entries_for_invoices,
			tool.reconcile_vouchers,
		):
			for number, value in enumerate(self.NONSENSE):
				with self.subTest(endpoint.__name__, number=number):
					with self.assert_refused(ReconciliationError):
						endpoint(self.line.name, value)
					self.assertNotIn("<script", self.last_message)

	def test_nonsense_as_vouchers_beside_invoices(self):
		invoice = factories.make_sales_invoice(10)
		for number, value in enumerate(self.NONSENSE):
			with self.subTest(number), self.assert_refused(ReconciliationError, "Vouchers"):
				tool.create_payment_entries_bulk(self.line.name, [factories.wish(invoice)], value)

	def test_wrong_types(self):
		"""Frappe 15 checks the declared types before our code is reached."""
		for endpoint in (
			tool.create_payment_entries_bulk,
			tool.create_payment_entries_for_invoices,
			tool.reconcile_vouchers,
		):
			for value in (5, 5.5, {"doctype": SI}):
				with self.subTest(endpoint.__name__), self.assert_books_unchanged():
					with self.assertRaises((TypeError, ReconciliationError)):
						endpoint(self.line.name, value)
			for name in (None, 5, ["A"], {"name": "A"}):
				with self.subTest(endpoint.__name__, name=name), self.assert_books_unchanged():
					with self.assertRaises((TypeError, frappe.DoesNotExistError)):
						endpoint(name, [])

	def test_bank_transaction_names_that_are_filters(self):
		"""A name that looks like a pattern or like SQL finds nothing."""
		for name in ("%", "", "' OR 1=1 --", "<b>x</b>", "NO-SUCH-LINE" * 30):
			with self.subTest(name), self.assert_refused(frappe.DoesNotExistError):
				tool.reconcile_vouchers(name, [])
			self.assertNotIn("<b>x", self.last_message)

	def test_absurd_amounts_of_real_invoices(self):
		"""999,999,999,999 and -999,999,999,999 of an invoice of 10: refused by name."""
		invoice = factories.make_sales_invoice(10)
		for amount in (999_999_999_999, -999_999_999_999, 0.0000001):
			with self.subTest(amount), self.assert_refused(ReconciliationError, invoice.name):
				tool.create_payment_entries_for_invoices(self.line.name, [factories.wish(invoice, amount)])
