# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Formats of other apps, several statements in a file, and the documentation's promises."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import frappe

import advanced_bank_reconciliation
from advanced_bank_reconciliation.statement_import import registry, statement
from advanced_bank_reconciliation.statement_import.accounts import merge, same_account
from advanced_bank_reconciliation.statement_import.exceptions import (
	FormatFailed,
	MalformedFile,
	UnknownFormat,
)
from advanced_bank_reconciliation.statement_import.formats.base import Format
from advanced_bank_reconciliation.statement_import.mapping import mapping, synonyms
from advanced_bank_reconciliation.statement_import.proof import proof_values
from advanced_bank_reconciliation.statement_import.statement import Line, Options, Statement
from advanced_bank_reconciliation.tests.test_matching_hooks import hook_of_another_app
from advanced_bank_reconciliation.tests.utils import ABRTestCase

DOCUMENT = Path(advanced_bank_reconciliation.__file__).parents[1] / "docs" / "statement_formats.md"
HERE = __name__

OWN_KIND = b"MYBANK 1\n0001234567 EUR\n2026-01-13 -12.34 Coffee beans\nnonsense\n"


def documented() -> dict:
	"""Run the Python example of docs/statement_formats.md and return its names."""
	code = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)[-1]
	names: dict = {}
	exec(compile(code, DOCUMENT.name, "exec"), names)
	return names


def _fails(*_arguments):
	raise ZeroDivisionError("the other app cannot count")


BROKEN_IDENTIFY = Format("broken", "Broken", _fails, _fails)
BROKEN_PARSE = Format("broken", "Broken", lambda content, filename: 100, _fails)
WRONG_ANSWER = Format("wrong", "Wrong", lambda content, filename: 100, lambda content, options: {"lines": []})
NO_FORMAT = {"name": "no format"}


class TestOtherApps(ABRTestCase):
	def test_the_documented_format_works(self):
		"""The example of docs/statement_formats.md reads its file, and reports the line that it cannot read."""
		if not DOCUMENT.exists():
			self.skipTest("the app is installed without its docs folder")
		with (
			patch.dict(globals(), MYBANK=documented()["FORMAT"]),
			hook_of_another_app(registry.HOOK, [f"{HERE}.MYBANK"]),
		):
			found = registry.find_format(OWN_KIND, "x.txt")
			read = registry.read_statement(OWN_KIND, "x.txt")
		self.assertEqual((found.format.name, found.failures), ("mybank", ()))
		self.assertEqual((read.account_id, read.currency), ("0001234567", "EUR"))
		self.assertEqual(
			[(line.amount, line.description) for line in read.lines], [(Decimal("-12.34"), "Coffee beans")]
		)
		self.assertEqual([problem.line for problem in read.problems], [4])

	def test_a_failing_format_is_named_and_harms_nobody(self):
		"""Cannot be imported, is no format, raises on identify: each is named with its app; the CSV is read."""
		content = b"Date,Text,Amount\n2026-01-13,x,-5.00\n2026-01-14,y,5.00\n"
		paths = ["no.such.module", f"{HERE}.NO_FORMAT", f"{HERE}.BROKEN_IDENTIFY"]
		with hook_of_another_app(registry.HOOK, paths):
			found = registry.find_format(content)
			lines = registry.read_statement(content).lines
		self.assertEqual((found.format.name, len(lines)), ("csv", 2))
		self.assertEqual([failure["app"] for failure in found.failures], ["frappe"] * 3)
		self.assertIn("cannot count", found.failures[2]["message"])

	def test_what_a_format_does_wrong_when_parsing(self):
		for name, word in (("BROKEN_PARSE", "cannot count"), ("WRONG_ANSWER", "Statement")):
			with self.subTest(name), hook_of_another_app(registry.HOOK, [f"{HERE}.{name}"]):
				with self.assertRaisesRegex(FormatFailed, word):
					registry.read_statement(b"anything")

	def test_our_own_names_are_unique(self):
		names = [item.name for item in registry.FORMATS]
		self.assertEqual(len(names), len(set(names)))

	def test_unknown_files_are_named(self):
		for content, words in (
			(b"%PDF-1.4", "a PDF"),
			(b"PK\x03\x04zip", "archive"),
			(b"hello", "CSV, XLSX"),
		):
			with self.assertRaisesRegex(UnknownFormat, words):
				registry.find_format(content)


class TestSeveralStatements(ABRTestCase):
	def part(self, account="DE89370400440532013000", opening=None, closing=None):
		def balance(value):
			return Decimal(value) if value is not None else None

		return Statement(
			account_id=account, opening_balance=balance(opening), closing_balance=balance(closing)
		)

	def test_days_are_chained_in_either_order(self):
		"""1 to 2, 2 to 3, as 1, 2 or as 2, 1: it opens with 1 and closes with 3."""
		parts = [self.part(opening=1, closing=2), self.part(opening=2, closing=3)]
		for order in (parts, parts[::-1]):
			merged = merge(order, Options())
			self.assertEqual((merged.opening_balance, merged.closing_balance, merged.notes), (1, 3, ()))

	def test_a_missing_day_is_noted(self):
		merged = merge([self.part(opening=1, closing=2), self.part(opening=5, closing=6)], Options())
		self.assertIn("missing", merged.notes[0])

	def test_the_account_is_asked_or_known(self):
		parts = [self.part("DE89370400440532013000", closing=1), self.part("NL02ABNA0123456789", closing=2)]
		self.assertEqual(merge(parts, Options()).questions[0].field, "account_id")
		self.assertEqual(merge(parts, Options(account_id="nl02 abna 0123456789")).closing_balance, 2)
		self.assertEqual(merge(parts, Options(account_id="0532013000")).closing_balance, 1)
		self.assertEqual(
			merge(parts, Options(answers={"account_id": "NL02ABNA0123456789"})).closing_balance, 2
		)

	def test_accounts_that_only_end_alike_are_asked(self):
		parts = [self.part("99123456", closing=1), self.part("88123456", closing=2)]
		self.assertEqual(merge(parts, Options(account_id="123456")).questions[0].field, "account_id")
		self.assertEqual(merge(parts, Options(account_id="88123456")).closing_balance, 2)
		answered = Options(account_id="123456", answers={"account_id": "88123456"})
		self.assertEqual(merge(parts, answered).closing_balance, 2)

	def test_same_account(self):
		self.assertTrue(same_account("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"))
		self.assertTrue(same_account("0532013000", "DE89370400440532013000"))
		self.assertFalse(same_account("00", "DE89370400440532013000"))
		self.assertFalse(same_account("", "DE89370400440532013000"))

	def test_an_exact_account_goes_before_one_that_ends_alike(self):
		parts = [self.part("99123456", closing=1), self.part("123456", closing=2)]
		self.assertEqual(merge(parts, Options(account_id="123456")).closing_balance, 2)
		self.assertEqual(merge(parts, Options(account_id="99 12 34 56")).closing_balance, 1)

	def test_an_exact_account_of_a_table(self):
		"""Rows of 99123456 and 123456: those of 123456 alone are taken where it is meant."""
		content = (
			b"Account number,Date,Description,Amount\n99123456,2026-01-13,Rent,-700.00\n"
			b"123456,2026-01-14,Paper,-5.00\n123456,2026-01-15,Ink,-9.00\n"
		)
		options = Options(account_id="123456", answers={"account_column": "own"})
		read = registry.read_statement(content, "x.csv", options)
		self.assertEqual([line.description for line in read.lines], ["Paper", "Ink"])

	def test_german_account_with_its_bank_code(self):
		"""MT940 names the account of DE64 1203 0000 0001 2345 67 as 12030000/1234567, without leading zeros."""
		iban = "DE64 1203 0000 0001 2345 67"
		for named in ("12030000/1234567", "12030000/1234567EUR", "12030000/0001234567"):
			self.assertTrue(same_account(named, iban), named)
			self.assertTrue(same_account(iban, named), named)
		self.assertTrue(same_account("12030000/1234567", "1234567"))
		self.assertFalse(same_account("12030000/2234567", iban))
		self.assertFalse(same_account("12030001/1234567", iban))

	def test_currencies_of_one_iban_are_accounts_of_their_own(self):
		"""EUR 1000 to 1010 and USD 500 to 505 under one IBAN: the bank account's currency, and a note."""
		euro = replace(self.part(opening=1000, closing=1010), currency="EUR")
		dollar = replace(
			self.part(opening=500, closing=505),
			currency="USD",
			lines=(Line(1, date(2026, 1, 13), None, Decimal(5), "USD"),),
		)
		for wanted, balances, other in (
			("EUR", (1000, 1010), "USD (1)"),
			("USD", (500, 505), "EUR (0)"),
		):
			read = merge([euro, dollar], Options(currency=wanted))
			self.assertEqual((read.opening_balance, read.closing_balance), balances)
			self.assertEqual((read.currency, len(read.notes)), (wanted, 1))
			self.assertIn(other, read.notes[0])
		self.assertEqual(merge([euro, dollar], Options(currency="CHF")).currency, "EUR")

	def test_no_statement(self):
		with self.assertRaises(MalformedFile):
			merge([], Options())


class TestCamt(ABRTestCase):
	def read(self, amount, extra=""):
		return registry.read_statement(
			(
				'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Ntry>'
				f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
				f"<BookgDt><Dt>2026-01-30</Dt></BookgDt>{extra}</Ntry></Stmt></BkToCstmrStmt></Document>"
			).encode()
		)

	def test_amounts_are_xml_decimals(self):
		for text, amount in (
			("5", "-5"),
			(" 5.00 ", "-5.00"),
			("5.", "-5"),
			("999999999999.99", "-999999999999.99"),
		):
			self.assertEqual(self.read(text).lines[0].amount, Decimal(amount))
		for text in ("", "5,00", "1_000", "1E3", "\u0665", "NaN", "1000000000000", "0.00"):
			with self.subTest(text):
				found = self.read(text)
				self.assertEqual((found.lines, len(found.problems)), ((), 1))

	def test_every_version_is_known(self):
		"""001.02 to 001.13 of the three messages, and UTF-16."""
		for message in ("052", "053", "054"):
			for version in range(2, 14):
				root = f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{message}.001.{version:02}"/>'
				for encoding in ("utf-8", "utf-16"):
					self.assertEqual(registry.find_format(root.encode(encoding)).format.name, "camt")

	def test_a_batch_is_split_only_where_it_adds_up(self):
		"""2 + 3 make 5, so two lines with ids of their own; 2 + 2 do not, so one line of 5."""
		for second, amounts in (("3", ["-2", "-3"]), ("2", ["-5"])):
			payments = "".join(f'<TxDtls><Amt Ccy="EUR">{part}</Amt></TxDtls>' for part in ("2", second))
			lines = self.read("5", f"<AcctSvcrRef>A</AcctSvcrRef><NtryDtls>{payments}</NtryDtls>").lines
			self.assertEqual([str(line.amount) for line in lines], amounts)
			self.assertEqual(len({line.transaction_id for line in lines}), len(lines))


class TestPeriods(ABRTestCase):
	"""From when to when, and which balance belongs to it."""

	def ofx(self, as_of, end="<DTEND>20260131"):
		content = (
			"<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>1234567</BANKACCTFROM>"
			f"<BANKTRANLIST><DTSTART>20260101{end}<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260130<TRNAMT>-5.00"
			"<FITID>1<NAME>Paper</STMTTRN></BANKTRANLIST>"
			f"<LEDGERBAL><BALAMT>95.00{as_of}</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
		)
		return registry.read_statement(content.encode(), "x.ofx")

	def test_ofx_balance_of_the_period(self):
		for as_of in ("<DTASOF>20260131120000[-5:EST]", "<DTASOF>20260130", ""):
			read = self.ofx(as_of)
			self.assertEqual((read.closing_balance, read.notes), (Decimal("95.00"), ()), as_of)

	def test_ofx_balance_of_another_day_is_noted(self):
		"""January's lines with the balance of 15 March, and one without DTEND whose last line is of the 30th."""
		for read in (self.ofx("<DTASOF>20260315"), self.ofx("<DTASOF>20260315", end="")):
			self.assertIsNone(read.closing_balance)
			self.assertEqual(len(read.lines), 1)
			self.assertIn("95.00", read.notes[0])
			self.assertIn("2026-03-15", read.notes[0])

	def mt940(self, lines):
		content = (
			f":20:X\n:25:NL02ABNA0123456789\n:28C:1\n:60F:C251231EUR100,00\n{lines}:62F:C260131EUR95,00\n"
		)
		return registry.read_statement(content.encode(), "x.sta")

	def test_mt940_begins_with_its_first_line(self):
		"""The date of :60F: is that of the closing before: consecutive statements do not overlap."""
		read = self.mt940(":61:2601020102D5,00NTRFNONREF\n:86:Paper\n")
		self.assertEqual((read.from_date, read.to_date), (date(2026, 1, 2), date(2026, 1, 31)))
		self.assertEqual(self.mt940("").from_date, date(2025, 12, 31))


class TestBalancesInWords(ABRTestCase):
	def test_what_is_there_and_what_is_missing(self):
		for values, said in (
			({"closing_balance": Decimal("95.00")}, ("closing balance, 95.00", "no opening balance")),
			({"opening_balance": Decimal("100.00")}, ("opening balance, 100.00", "no closing balance")),
			({}, ("no balances",)),
		):
			message = proof_values(Statement(**values))["proof_message"]
			for words in said:
				self.assertIn(words, message)


class TestDocumentation(ABRTestCase):
	def setUp(self):
		super().setUp()
		if not DOCUMENT.exists():
			self.skipTest("the app is installed without its docs folder")
		self.text = DOCUMENT.read_text(encoding="utf-8")

	def test_every_format_and_role_is_documented(self):
		for item in registry.FORMATS:
			self.assertIn(f"`{item.name}`", self.text)
		for role in synonyms.ROLES:
			self.assertIn(f"`{role}`", self.text)

	def test_every_field_is_documented(self):
		for kind in (statement.Line, statement.Statement, statement.Options, mapping.Mapping):
			for name in kind.__dataclass_fields__:
				with self.subTest(kind=kind.__name__, field=name):
					self.assertIn(f"`{name}`", self.text)

	def test_every_question_is_documented(self):
		for name in (
			"date_order",
			"decimal_mark",
			"sign_of_amounts",
			"debit_sign",
			"account_id",
			"account_column",
			"sheet",
		):
			self.assertIn(f"`{name}`", self.text)
		self.assertIn("`column:", self.text)
