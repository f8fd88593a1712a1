# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""A CSV of invoices becomes rows, or every bad line with its number."""

from decimal import Decimal
from unittest import TestCase

from advanced_bank_reconciliation.commands.csv_file import MOST_BYTES, BadFile, Row, read


class TestCsv(TestCase):
	def assert_problems(self, data, *problems):
		with self.assertRaises(BadFile) as caught:
			read(data)
		self.assertEqual(len(caught.exception.problems), len(problems), caught.exception.problems)
		for problem, words in zip(caught.exception.problems, problems, strict=True):
			self.assertIn(words, problem)

	def test_one_column_without_a_head(self):
		"""Empty lines and spaces do not count, line numbers are those of the file."""
		self.assertEqual(read(b"A-1\n\n A-2 \r\n"), [Row(1, "A-1"), Row(3, "A-2")])

	def test_numbers_keep_their_form(self):
		"""Leading zeros and long numbers are text."""
		self.assertEqual(
			[row.invoice for row in read(b"invoice\n0001\n12345678901234567890\n")],
			["0001", "12345678901234567890"],
		)

	def test_head_in_any_order_and_delimiter(self):
		for delimiter in ",;\t|":
			with self.subTest(delimiter):
				lines = [
					["amount", "Invoice Type", "INVOICE"],
					["12.50", "Purchase Invoice", "P-1"],
					["", "", "S-1"],
				]
				data = "\n".join(delimiter.join(line) for line in lines).encode()
				self.assertEqual(
					read(data), [Row(2, "P-1", "Purchase Invoice", Decimal("12.50")), Row(3, "S-1")]
				)

	def test_quoted_cells(self):
		self.assertEqual(read(b'invoice,amount\n"A,1","1.5"\n'), [Row(2, "A,1", None, Decimal("1.5"))])

	def test_byte_order_mark_and_umlauts(self):
		self.assertEqual(read("\ufeffinvoice\nRÖ-1\n".encode()), [Row(2, "RÖ-1")])

	def test_every_bad_line_is_named(self):
		self.assert_problems(
			b"invoice_type,invoice,amount\nJournal Entry,A,1\n,,2\n,B,1.234,5\n,C,nan\n,D,5\n",
			"line 2: Journal Entry is not one of",
			"line 3: the number of the invoice is missing",
			"line 4: 4 cells",
			"line 5: nan is not an amount",
		)

	def test_heads_that_cannot_be_meant(self):
		self.assert_problems(b"A-1,10\nA-2,20\n", "line 1: name the columns here")
		self.assert_problems(b"invoice,invoice\nA,B\n", "line 1: each column once")
		self.assert_problems(b"invoice,customer\nA,B\n", "line 1: each column once")

	def test_files_that_are_none(self):
		self.assert_problems(b"", "there is no invoice")
		self.assert_problems(b"invoice\n", "there is no invoice")
		self.assert_problems("invoice\nRÖ-1\n".encode("latin-1"), "line 2: this is not UTF-8")
		self.assert_problems(b'invoice,amount\n"A,1\n', "line 2:")
		self.assert_problems(b"A\n" * (MOST_BYTES // 2 + 1), "more than 10 MB")
		self.assert_problems(b"invoice\n" + b"A\n" * 10_001, "at most 10000 invoices")
