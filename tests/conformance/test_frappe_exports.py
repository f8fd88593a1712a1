# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Writing CSV and workbooks, as Frappe does it."""

import unittest
from io import BytesIO

import openpyxl
from frappe.utils.csvutils import to_csv
from frappe.utils.xlsxutils import make_xlsx


class TestExports(unittest.TestCase):
	def test_csv_quotes_texts_and_not_numbers(self):
		self.assertEqual(to_csv([["a", 1.5, ""], ['say "x"', 2, "ü"]]), '"a",1.5,""\r\n"say ""x""",2,"ü"\r\n')

	def test_workbook_has_the_sheet_with_its_values(self):
		file = make_xlsx([["a", "b"], [1.5, "a\x00b <b>c</b>"]], "Data Export", column_widths=[30, None])
		self.assertIsInstance(file, BytesIO)
		book = openpyxl.load_workbook(BytesIO(file.getvalue()))
		self.assertEqual(book.sheetnames, ["Data Export"])
		rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
		self.assertEqual(rows, [["a", "b"], [1.5, "ab <b>c</b>"]])
		self.assertEqual(book.active.column_dimensions["A"].width, 30)
