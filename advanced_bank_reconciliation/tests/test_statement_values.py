# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Amounts, dates and texts of statements: what one value means, and what a whole column decides. No database."""

import unittest
from datetime import date, timedelta
from decimal import Decimal

import frappe

from advanced_bank_reconciliation.statement_import.amounts import decide_decimal_mark, parse_amount
from advanced_bank_reconciliation.statement_import.dates import decide_date_order, parse_date
from advanced_bank_reconciliation.statement_import.dates import readings as date_readings
from advanced_bank_reconciliation.statement_import.decision import only
from advanced_bank_reconciliation.statement_import.exceptions import NotText, TooLarge
from advanced_bank_reconciliation.statement_import.iban import find_iban, is_iban
from advanced_bank_reconciliation.statement_import.limits import MAX_LINE_LENGTH
from advanced_bank_reconciliation.statement_import.text import clean, decode, split_lines

try:
	from hypothesis import given, settings
	from hypothesis import strategies as st
except ImportError:
	given = None


class TestAmounts(unittest.TestCase):
	def test_p69_amounts_of_both_worlds(self):
		"""67,875.33 and 67.875,33 are one amount, each by its own decimal mark."""
		for text, mark in (
			("67,875.33", "."),
			("67.875,33", ","),
			("67'875.33", "."),
			("67’875,33", ","),  # noqa: RUF001
			("67 875,33", ","),
			("67\u00a0875,33", ","),
			("67\u202f875.33", "."),
			("67875.33", "."),
			("EUR 67.875,33", ","),
			("67.875,33 €", ","),
			("$67,875.33", "."),
			("+67,875.33", "."),
			("67,875.33 Cr", "."),
			("67.875,33 H", ","),
		):
			with self.subTest(text):
				self.assertEqual(parse_amount(text, mark), Decimal("67875.33"))

	def test_signs(self):
		for text in (
			"-12.50",
			"12.50-",
			"(12.50)",
			"- 12.50",
			"−12.50",  # noqa: RUF001
			"12.50 DR",
			"12.50 S",
			"EUR -12.50",
			"-$12.50",
		):
			with self.subTest(text):
				self.assertEqual(parse_amount(text, "."), Decimal("-12.50"))

	def test_indian_grouping(self):
		self.assertEqual(parse_amount("1,23,45,678.90", "."), Decimal("12345678.90"))

	def test_what_is_no_amount(self):
		"""Wrong groups, two signs, exponents, words, open parentheses and what no Currency field holds."""
		for text in (
			"",
			" ",
			"-",
			"12,34.56",
			"1,2345",
			"0,123",
			"1.2.3",
			"12.34.56",
			"1 2 3",
			"1.5E+3",
			"--5",
			"-5-",
			"-5 DR",
			"(5",
			"5)",
			"12a",
			"NaN",
			"Infinity",
			"1,,000",
			"1000000000000",
			"٣",
			"5" * 70,
		):
			with self.subTest(text), self.assertRaises(ValueError):
				parse_amount(text, ".")

	def test_p69_the_column_decides_and_ambiguity_is_asked(self):
		"""1,234 alone may be a thousand or one and a bit; one value beside it that is clear decides for all."""
		asked = decide_decimal_mark(["1,234", "5,000"])
		self.assertEqual((asked.choice, asked.question.field), ("", "decimal_mark"))
		self.assertEqual(asked.question.choices, (".", ","))
		self.assertIn(".: 1,234 = 1234", asked.question.examples)
		self.assertEqual(decide_decimal_mark(["1,234", "5,000", "12.5"]).choice, ".")
		self.assertEqual(decide_decimal_mark(["1,234", "12,5"]).choice, ",")
		self.assertEqual(decide_decimal_mark(["1,234,567", "1,234"]).choice, ".")
		self.assertIsNone(decide_decimal_mark(["12", "-7", ""]).question)

	def test_p69_a_column_of_both_kinds_is_asked(self):
		question = decide_decimal_mark(["1.234,56", "1,234.56"]).question
		self.assertEqual(question.choices, (".", ","))

	def test_a_bad_value_does_not_vote(self):
		self.assertEqual(decide_decimal_mark(["12,5x", "1.000,00", "total"]).choice, ",")


class TestDates(unittest.TestCase):
	def test_one_day_in_many_forms(self):
		for text, order in (
			("31.12.2025", "DMY"),
			("31. 12. 2025", "DMY"),
			("31/12/25", "DMY"),
			("12/31/2025", "MDY"),
			("12-31-25", "MDY"),
			("25-12-31", "YMD"),
			("20251231", "YMD"),
			("31122025", "DMY"),
			("251231", "YMD"),
			("2025-12-31", "MDY"),
			("2025/12/31 23:59:59", "DMY"),
			("2025-12-31T23:59:59.123+01:00", "DMY"),
			("12/31/2025 11:59 PM", "MDY"),
			("31-Dec-2025", "MDY"),
			("31 décembre 2025", "DMY"),
			("31. Dez 25", "DMY"),
			("Dec 31, 2025", "DMY"),
			("31 dic 2025", "DMY"),
		):
			with self.subTest(text):
				self.assertEqual(parse_date(text, order), date(2025, 12, 31))

	def test_p70_another_order_is_never_tried(self):
		"""The order says day first: 12/31/2025 is an error then, not the last day of the year."""
		with self.assertRaises(ValueError):
			parse_date("12/31/2025", "DMY")
		with self.assertRaises(ValueError):
			parse_date("31/12/2025", "MDY")

	def test_what_is_no_date(self):
		for text in (
			"",
			"today",
			"32.01.2026",
			"29.02.2025",
			"2026-13-01",
			"01.01.1900",
			"1.1",
			"1/2/345",
			"9" * 80,
			"12",
		):
			with self.subTest(text), self.assertRaises(ValueError):
				parse_date(text, "DMY")

	def test_p70_the_column_decides_and_ambiguity_is_asked(self):
		asked = decide_date_order(["03/04/2026", "05/06/2026"])
		self.assertEqual((asked.choice, asked.question.choices), ("", ("DMY", "MDY")))
		self.assertIn("DMY: 03/04/2026 = 2026-04-03", asked.question.examples)
		self.assertEqual(decide_date_order(["03/04/2026", "13/04/2026"]).choice, "DMY")
		self.assertEqual(decide_date_order(["03/04/2026", "04/13/2026"]).choice, "MDY")

	def test_what_reads_alike_needs_no_question(self):
		self.assertIsNone(decide_date_order(["02/02/2026", "2026-03-04", "5 Jun 2026"]).question)

	def test_dates_with_points_have_the_day_first(self):
		self.assertEqual(decide_date_order(["03.04.2026", "05.06.26"]).choice, "DMY")

	def test_a_year_of_two_digits(self):
		"""30/01/26 and 15/01/26 are two weeks apart, or fifteen years: a statement does not cover years."""
		self.assertEqual(decide_date_order(["30/01/26", "15/01/26"]).choice, "DMY")
		self.assertEqual(decide_date_order(["26-01-30", "26-01-15"]).choice, "YMD")
		self.assertEqual(decide_date_order(["30/01/26"]).question.choices, ("DMY", "YMD"))


class TestText(unittest.TestCase):
	def setUp(self) -> None:
		self.addCleanup(frappe.clear_messages)

	def test_encodings(self):
		text = "Straße;Übergröße;Café;12,50 €\n" * 3
		for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"):
			with self.subTest(encoding):
				self.assertEqual(decode(text.encode(encoding))[0], text)

	def test_dos_encoding(self):
		text = "Überweisung für Müller;Bäckerei Größe\n" * 5
		self.assertEqual(decode(text.encode("cp850"))[0], text)

	def test_lines_of_another_encoding_are_named(self):
		content = "eins ä\nzwei ö\n".encode() + "drei ü\n".encode("cp1252") + b"vier\n"
		self.assertEqual(decode(content), ("eins ä\nzwei ö\ndrei ü\nvier\n", "utf-8", (3,)))

	def test_nul_bytes_and_wrong_encodings_are_refused(self):
		for content, encoding in (
			(b"a\x00b,c\n", ""),
			(b"\xff\xfea", ""),
			(b"\xe4", "utf-8"),
			(b"a", "no such"),
		):
			with self.subTest(content), self.assertRaises(NotText):
				decode(content, encoding)

	def test_a_line_too_long_is_refused(self):
		with self.assertRaises(TooLarge):
			split_lines("a\n" + "x" * (MAX_LINE_LENGTH + 1))

	def test_only_line_ends_end_a_line(self):
		self.assertEqual(split_lines("a\r\nb\rc\nd\x0be\u2028f"), ["a", "b", "c", "d\x0be\u2028f"])

	def test_clean(self):
		self.assertEqual(clean("  a\tb\u00a0 c\x00\x1b[31m\ufeff "), "a b c[31m")

	def test_iban(self):
		"""Found in text, with spaces, with words behind it; a wrong check digit is none."""
		self.assertEqual(find_iban("to DE89 3704 0044 0532 0130 00 Erika"), "DE89370400440532013000")
		self.assertEqual(find_iban("IBAN: NL02ABNA0123456789 BIC: X"), "NL02ABNA0123456789")
		self.assertFalse(is_iban("DE89370400440532013001"))
		self.assertEqual(find_iban("DE00 1234 order 12345678901234"), "")


@unittest.skipUnless(given, "hypothesis is not installed")
class TestValueProperties(unittest.TestCase):
	"""What holds for every amount and every day."""

	if given:

		@settings(max_examples=200, deadline=None)
		@given(
			st.decimals("-999999999.99", "999999999.99", places=2), st.sampled_from([(".", ","), (",", ".")])
		)
		def test_an_amount_written_is_the_amount_read(self, amount, marks):
			decimal_mark, group = marks
			text = f"{amount:,.2f}".translate(str.maketrans({",": group, ".": decimal_mark}))
			self.assertEqual(parse_amount(text, decimal_mark), amount)

		@settings(max_examples=200, deadline=None)
		@given(st.dates(date(1970, 1, 1), date(2100, 12, 31)))
		def test_a_date_written_is_the_date_read(self, day):
			for order, pattern in (("DMY", "%d/%m/%Y"), ("MDY", "%m/%d/%Y"), ("YMD", "%Y%m%d")):
				self.assertEqual(parse_date(day.strftime(pattern), order), day)

		@settings(max_examples=100, deadline=None)
		@given(
			st.dates(date(2000, 1, 1), date(2070, 1, 1)),
			st.lists(st.integers(0, 300), min_size=2, max_size=30),
		)
		def test_a_decided_order_is_the_right_one(self, first, offsets):
			"""Whatever days a file has: the order that is decided reads them right, or it is asked."""
			days = [first + timedelta(days=offset) for offset in offsets]
			for pattern in ("%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%y-%m-%d", "%Y-%m-%d"):
				decision = decide_date_order([day.strftime(pattern) for day in days])
				if not decision.question:
					texts = [day.strftime(pattern) for day in days]
					read = [
						parse_date(text, decision.choice) if decision.choice else only(date_readings(text))
						for text in texts
					]
					self.assertEqual(read, days)

		@settings(max_examples=200, deadline=None)
		@given(st.text(max_size=80))
		def test_any_text_is_an_amount_or_a_value_error(self, text):
			for mark in (".", ","):
				try:
					self.assertTrue(parse_amount(text, mark).is_finite())
				except ValueError:
					continue

		@settings(max_examples=200, deadline=None)
		@given(st.text(max_size=80))
		def test_any_text_is_a_date_or_a_value_error(self, text):
			for order in ("DMY", "MDY", "YMD"):
				try:
					self.assertIsInstance(parse_date(text, order), date)
				except ValueError:
					continue
