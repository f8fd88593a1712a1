# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""How the columns of a table are found, asked for, saved and applied. No database."""

import io
import json
import unittest
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import frappe
import openpyxl

from advanced_bank_reconciliation.statement_import.exceptions import BadMapping, StaleMapping
from advanced_bank_reconciliation.statement_import.formats import csv_table, xlsx
from advanced_bank_reconciliation.statement_import.mapping import synonyms
from advanced_bank_reconciliation.statement_import.mapping.mapping import COLUMNS, MARKER, SIGNED, Mapping
from advanced_bank_reconciliation.statement_import.mapping.read import plan
from advanced_bank_reconciliation.statement_import.statement import Options, Statement

TABLE = """Datum;Empfänger;Verwendungszweck;Betrag;Saldo
13.01.2026;Anna;Rechnung 0017;-1.250,00;750,00
14.01.2026;Beat;Honorar;250,00;1.000,00
"""


def proposed(text: str, **options: object):
	return plan(csv_table.read(text.encode(), Options()), Options(**options))


def read(text: str, **options: object) -> Statement:
	return csv_table.parse(text.encode(), Options(**options))


def amounts(statement: Statement) -> list[str]:
	return [str(line.amount) for line in statement.lines]


def asked(statement: Statement) -> list[str]:
	return [question.field for question in statement.questions]


def workbook(*rows: list, formats: dict[str, str] | None = None) -> bytes:
	book = openpyxl.Workbook()
	for row in rows:
		book.active.append(row)
	for cell, number_format in (formats or {}).items():
		book.active[cell].number_format = number_format
	target = io.BytesIO()
	book.save(target)
	return target.getvalue()


class MappingTestCase(unittest.TestCase):
	def setUp(self) -> None:
		self.addCleanup(frappe.clear_messages)


class TestDetection(MappingTestCase):
	def test_what_is_detected(self):
		mapping = proposed(TABLE).mapping
		self.assertEqual(
			mapping.columns,
			{"date": (0,), "party_name": (1,), "description": (2,), "amount": (3,), "balance": (4,)},
		)
		self.assertEqual((mapping.header_row, mapping.date_order, mapping.decimal_mark), (1, "DMY", ","))
		self.assertEqual((mapping.sign, mapping.flip, mapping.delimiter), (SIGNED, False, ";"))

	def test_p75_titles_in_six_languages(self):
		"""Every name of the table is known by exactly one role, and found whatever its case and accents."""
		for titles in (
			"Posting Date,Details,Withdrawals,Deposits,Balance",
			"Buchungstag,Verwendungszweck,Soll,Haben,Kontostand",
			"Date opération,Libellé,Débit,Crédit,Solde",
			"Fecha operación,Concepto,Cargo,Abono,Saldo",
			"Boekdatum,Omschrijving,Af,Bij,Saldo",
			"Data contabile,Descrizione,Addebiti,Accrediti,Saldo",
		):
			with self.subTest(titles):
				for title_row in (titles, titles.upper(), titles.replace("é", "e").replace("ó", "o")):
					mapping = proposed(
						f"{title_row}\n13/01/2026,x,5.00,,10.00\n14/01/2026,y,,7.00,17.00\n"
					).mapping
					self.assertEqual(
						[
							mapping.column(role)
							for role in ("date", "description", "debit", "credit", "balance")
						],
						[0, 1, 2, 3, 4],
					)
					self.assertEqual(mapping.sign, COLUMNS)

	def test_a_name_has_one_role(self):
		names = [name for role_names in synonyms.ROLES.values() for name in role_names]
		repeated = {name for name in names if names.count(name) > 1}
		self.assertEqual(repeated, set())

	def test_two_columns_of_one_title_are_asked(self):
		text = "Date,Reference,Amount,Amount\n2026-01-13,0017,-5.00,-4.10\n2026-01-14,0018,7.00,6.20\n"
		question = read(text).questions[0]
		self.assertEqual((question.field, question.choices), ("column:amount", ("3", "4")))
		self.assertEqual(amounts(read(text, answers={"column:amount": "4"})), ["-4.10", "6.20"])

	def test_p69_an_open_decimal_mark_is_asked(self):
		text = "Date,Text,Amount\n2026-01-13,x,-1,250\n".replace("-1,250", '"-1,250"')
		self.assertEqual(asked(read(text)), ["decimal_mark"])
		self.assertEqual(read(text).lines, ())
		self.assertEqual(amounts(read(text, answers={"decimal_mark": "."})), ["-1250"])
		self.assertEqual(amounts(read(text, answers={"decimal_mark": ","})), ["-1.250"])
		self.assertEqual(asked(read(text, answers={"decimal_mark": "x"})), ["decimal_mark"])

	def test_p70_an_open_date_order_is_asked(self):
		text = "Date,Text,Amount\n03/04/2026,x,-1.50\n"
		self.assertEqual(asked(read(text)), ["date_order"])
		self.assertEqual(read(text, answers={"date_order": "MDY"}).lines[0].date, date(2026, 3, 4))
		self.assertEqual(read(text, answers={"date_order": "DMY"}).lines[0].date, date(2026, 4, 3))

	def test_questions_come_together(self):
		text = "Date;Text;Amount\n03/04/2026;x;-1,500\n"
		self.assertEqual(asked(read(text)), ["date_order", "decimal_mark"])


class TestSigns(MappingTestCase):
	def test_a_marker_column(self):
		text = (
			"Date,Text,Amount,Dr/Cr\n2026-01-13,x,5.00,Dr.\n2026-01-14,y,7.00,CR\n2026-01-15,z,1.00,?\n"
			+ ("2026-01-16,x,5.00,Dr\n" * 4)
		)
		statement = read(text)
		self.assertEqual(proposed(text).mapping.sign, MARKER)
		self.assertEqual(amounts(statement)[:2], ["-5.00", "7.00"])
		self.assertEqual([problem.line for problem in statement.problems], [4])

	def test_a_mark_beside_an_unknown_one_is_none(self):
		"""C and A are cargo and abono, D and W deposit and withdrawal: the known letter says the contrary."""
		for known, other in (("C", "A"), ("D", "W")):
			with self.subTest(known):
				rows = f"2026-01-13,x,5.00,{known}\n" * 8 + f"2026-01-13,y,7.00,{other}\n" * 2
				self.assertEqual(asked(read(f"Date,Text,Amount,Type\n{rows}")), ["sign_of_amounts"])

	def test_markers_of_other_languages(self):
		for title, debit, credit in (("Soll/Haben", "S", "H"), ("Af Bij", "Af", "Bij"), ("Sign", "-", "+")):
			with self.subTest(title):
				text = f"Datum;Text;Betrag;{title}\n13.01.2026;x;5,00;{debit}\n14.01.2026;y;7,00;{credit}\n"
				self.assertEqual(amounts(read(text)), ["-5.00", "7.00"])

	def test_one_minus_does_not_switch_a_marker_column_off(self):
		"""Three rows by their mark; the one with a mark and a minus may be taken back, and is reported."""
		text = "Datum;Text;Betrag;Soll/Haben\n13.01.2026;a;1500,00;S\n14.01.2026;b;250,50;H\n15.01.2026;c;-5,00;S\n16.01.2026;d;80,00;S\n"
		statement = read(text)
		self.assertEqual(amounts(statement), ["-1500.00", "250.50", "-80.00"])
		self.assertEqual([problem.line for problem in statement.problems], [4])

	def test_amounts_whose_signs_agree_with_the_marker_are_taken_as_they_are(self):
		text = "Datum;Text;Betrag;Soll/Haben\n13.01.2026;a;-1500,00;S\n14.01.2026;b;250,50;H\n"
		self.assertEqual((proposed(text).mapping.sign, amounts(read(text))), (SIGNED, ["-1500.00", "250.50"]))

	def test_deposit_and_withdrawal_are_no_debit_marks(self):
		"""D and W: "D" is a debit elsewhere, so without a known credit beside it the column says nothing."""
		text = "Date,Text,Amount,Type\n" + "2026-01-13,x,5.00,D\n" * 8 + "2026-01-14,y,7.00,W\n" * 2
		self.assertEqual(asked(read(text)), ["sign_of_amounts"])

	def test_a_debit_column_with_a_minus(self):
		"""Both notations of a withdrawal of 5 give -5."""
		for debit in ("5.00", "-5.00"):
			text = (
				f"Date,Text,Debit,Credit\n2026-01-13,x,{debit},\n2026-01-14,y,,7.00\n2026-01-15,z,{debit},\n"
			)
			self.assertEqual(amounts(read(text)), ["-5.00", "7.00", "-5.00"])

	def test_a_debit_column_with_both_signs_is_asked(self):
		text = "Date,Text,Debit,Credit\n2026-01-13,x,5.00,\n2026-01-14,taken back,-2.00,\n"
		self.assertEqual(asked(read(text)), ["debit_sign"])
		self.assertEqual(amounts(read(text, answers={"debit_sign": "withdrawn"})), ["-5.00", "2.00"])
		self.assertEqual(amounts(read(text, answers={"debit_sign": "returned"})), ["5.00", "-2.00"])

	def test_p76_one_column_without_any_minus_is_asked(self):
		text = "Date,Text,Amount\n2026-01-13,x,5.00\n2026-01-14,y,7.00\n"
		self.assertEqual(asked(read(text)), ["sign_of_amounts"])
		self.assertEqual(amounts(read(text, answers={"sign_of_amounts": "deposits"})), ["5.00", "7.00"])
		self.assertEqual(amounts(read(text, answers={"sign_of_amounts": "withdrawals"})), ["-5.00", "-7.00"])

	def test_a_running_balance_answers_it(self):
		self.assertEqual(
			asked(read("Date,Text,Amount,Balance\n2026-01-13,x,5.00,5.00\n2026-01-14,y,7.00,12.00\n")), []
		)

	def test_p76_a_balance_that_proves_the_contrary_is_asked(self):
		"""The balance falls by what stands there as positive: a bank that shows it from its own side."""
		text = "Date,Text,Amount,Balance\n2026-01-13,x,5.00,95.00\n2026-01-14,y,-7.00,102.00\n2026-01-15,z,2.00,100.00\n"
		self.assertEqual(asked(read(text)), ["sign_of_amounts"])
		statement = read(text, answers={"sign_of_amounts": "withdrawals"})
		self.assertEqual(amounts(statement), ["-5.00", "7.00", "-2.00"])
		self.assertEqual([str(line.balance) for line in statement.lines], ["95.00", "102.00", "100.00"])

	def test_p76_a_credit_card_is_asked_and_flipped_by_the_mapping(self):
		"""A card with purchases as positive numbers, and what is owed as balance: both turn."""
		text = "Date,Text,Amount,Balance\n2026-01-13,Diner,25.00,25.00\n2026-01-20,Payment,-25.00,0.00\n"
		self.assertEqual(asked(read(text, is_credit_card=True)), ["sign_of_amounts"])
		options = Options(is_credit_card=True, answers={"sign_of_amounts": "withdrawals"})
		mapping = plan(csv_table.read(text.encode(), options), options).mapping
		self.assertTrue(mapping.flip)
		statement = read(text, mapping=mapping, is_credit_card=True)
		self.assertEqual(amounts(statement), ["-25.00", "25.00"])
		self.assertEqual([line.balance for line in statement.lines], [Decimal("-25.00"), Decimal("0.00")])

	def test_p76_an_account_that_is_no_card_is_not_flipped(self):
		self.assertEqual(amounts(read(TABLE)), ["-1250.00", "250.00"])


class TestSavedMapping(MappingTestCase):
	def test_a_mapping_is_saved_and_applied_again(self):
		"""Through JSON and back, it reads the next file, although that has more lines above its table."""
		mapping = proposed(TABLE).mapping
		saved = json.loads(json.dumps(mapping.as_dict()))
		self.assertEqual(Mapping.from_dict(saved), mapping)
		later = "Konto;123\nZeitraum;Januar\n\n" + TABLE
		statement = read(later, mapping=Mapping.from_dict(saved))
		self.assertEqual(amounts(statement), ["-1250.00", "250.00"])
		self.assertEqual(statement.lines[0].number, 5)

	def test_a_stale_mapping_is_noticed(self):
		"""The bank has put a column in between: the mapping would take the wrong ones."""
		mapping = proposed(TABLE).mapping
		with self.assertRaises(StaleMapping):
			read(
				TABLE.replace("Datum;", "Datum;Valuta;").replace(".2026;", ".2026;13.01.2026;"),
				mapping=mapping,
			)

	def test_a_stale_mapping_without_a_header_is_noticed(self):
		text = "2026-01-13;x;-5,00\n2026-01-14;y;7,00\n"
		mapping = proposed(text).mapping
		self.assertEqual(amounts(read(text, mapping=mapping)), ["-5.00", "7.00"])
		with self.assertRaises(StaleMapping):
			read(text.replace(";x", ";x;z").replace(";y", ";y;z"), mapping=mapping)

	def test_p70_a_wrong_saved_order_is_a_problem_of_its_row(self):
		mapping = replace(proposed("Date,Text,Amount\n13/01/2026,x,-5.00\n").mapping, date_order="MDY")
		statement = read("Date,Text,Amount\n13/01/2026,x,-5.00\n02/03/2026,y,1.00\n", mapping=mapping)
		self.assertEqual([line.date for line in statement.lines], [date(2026, 2, 3)])
		self.assertEqual(statement.problems[0].reason, "13/01/2026 is not a date in the order MDY.")

	def test_p69_a_wrong_saved_decimal_mark_is_a_problem_of_its_row(self):
		mapping = replace(proposed(TABLE).mapping, decimal_mark=".")
		statement = read(TABLE, mapping=mapping)
		self.assertEqual((len(statement.lines), len(statement.problems)), (0, 2))

	def test_what_a_mapping_must_be(self):
		"""It comes from a browser: every mistake is named, and none becomes a crash later."""
		good = proposed(TABLE).mapping.as_dict()
		for change in (
			{"columns": {}},
			{"columns": "date"},
			{"columns": {"date": [0]}},
			{"columns": {"date": [0], "amount": [-1]}},
			{"columns": {"date": [0], "amount": [True]}},
			{"columns": {"date": [0], "amount": [1, 2]}},
			{"columns": {"date": [0], "amount": [1], "colour": [2]}},
			{"columns": {"date": [0], "amount": [9999]}},
			{"sign": "marker"},
			{"sign": "guess"},
			{"date_order": "DYM"},
			{"decimal_mark": ";"},
			{"flip": "yes"},
			{"header_row": -1},
			{"header_row": "1"},
			{"delimiter": '"'},
			{"delimiter": ";;"},
			{"encoding": 7},
			{"debit_marks": [1]},
			{"unknown": 1},
		):
			with self.subTest(change), self.assertRaises(BadMapping):
				Mapping.from_dict({**good, **change})

	def test_an_unknown_encoding_is_refused(self):
		mapping = replace(proposed(TABLE).mapping, encoding="klingon")
		with self.assertRaisesRegex(Exception, "klingon"):
			read(TABLE, mapping=mapping)


class TestEvidence(MappingTestCase):
	"""A saved mapping has only what its file has shown; the rest is for the next file to show."""

	def test_what_the_file_does_not_tell_is_saved_empty(self):
		mapping = proposed("Date;Text;Debit;Credit\n05/05/2026;x;;1500\n").mapping
		self.assertEqual(
			(mapping.date_order, mapping.decimal_mark, mapping.debit_is_negative), ("", "", None)
		)
		self.assertEqual(Mapping.from_dict(json.loads(json.dumps(mapping.as_dict()))), mapping)

	def test_it_is_read_all_the_same(self):
		statement = read("Date;Text;Debit;Credit\n05/05/2026;x;;1500\n")
		self.assertEqual((statement.lines[0].date, amounts(statement)), (date(2026, 5, 5), ["1500"]))

	def test_the_next_file_decides_or_is_asked(self):
		mapping = proposed("Date;Text;Debit;Credit\n05/05/2026;x;;1500\n").mapping
		later = "Date;Text;Debit;Credit\n03/04/2026;x;-1.500;\n03/04/2026;y;-1.234;\n"
		self.assertEqual(asked(read(later, mapping=mapping)), ["date_order", "decimal_mark"])
		later = "Date;Text;Debit;Credit\n13/04/2026;x;-1500,00;\n14/04/2026;y;-2,00;\n"
		self.assertEqual(amounts(read(later, mapping=mapping)), ["-1500.00", "-2.00"])

	def test_an_answer_is_evidence(self):
		answers = {"date_order": "MDY", "decimal_mark": ","}
		mapping = proposed("Date;Text;Amount\n03/04/2026;x;-1,250\n", answers=answers).mapping
		self.assertEqual((mapping.date_order, mapping.decimal_mark), ("MDY", ","))

	def test_a_single_minus_in_a_debit_column_is_asked(self):
		"""A fee of 5 that was paid back, or a bank that writes withdrawals with a minus."""
		text = "Date;Text;Debit;Credit\n2026-01-13;fee;-5,00;\n2026-01-14;y;;7,00\n"
		self.assertEqual(asked(read(text)), ["debit_sign"])
		self.assertEqual(amounts(read(text, answers={"debit_sign": "withdrawn"})), ["5.00", "7.00"])
		self.assertEqual(amounts(read(text, answers={"debit_sign": "returned"})), ["-5.00", "7.00"])

	def test_an_open_direction_is_asked_after_other_columns_were_chosen(self):
		text = "Date,Text,Amount\n2026-01-13,x,5.00\n"
		mapping = proposed(text).mapping
		self.assertIsNone(mapping.flip)
		self.assertEqual(asked(read(text, mapping=mapping)), ["sign_of_amounts"])


class TestCells(MappingTestCase):
	def test_p68_text_stays_text(self):
		"""Leading zeros, long numbers and what looks like a number with exponent stay as they are."""
		text = 'Date;Reference;Transaction ID;Amount\n2026-01-13;000123;12345678901234567890;-5,00\n2026-01-14;="0042";1E5;7,50\n'
		self.assertEqual(
			[(line.reference, line.transaction_id) for line in read(text).lines],
			[("000123", "12345678901234567890"), ("0042", "1E5")],
		)

	def test_p68_numbers_in_workbooks_become_text_without_exponent(self):
		content = workbook(
			["Date", "Reference", "Transaction ID", "Amount"],
			[date(2026, 1, 13), 123, 20260113000001.0, -5],
			[date(2026, 1, 14), 4711.0, 1e20, 7.5],
			formats={"B2": "000000"},
		)
		self.assertEqual(
			[(line.reference, line.transaction_id) for line in xlsx.parse(content, Options()).lines],
			[("000123", "20260113000001"), ("4711", "100000000000000000000")],
		)

	def test_p75_typed_cells(self):
		"""Dates and numbers of a workbook are taken as they are; there is no order or mark to ask for."""
		content = workbook(
			["Date", "Value date", "Text", "Debit", "Credit"],
			[datetime(2026, 3, 4, 23, 59), date(2026, 4, 3), "x", 1250, None],
			[date(2026, 3, 5), None, "y", None, 110.28999999999996],
		)
		statement = xlsx.parse(content, Options(currency="EUR"))
		self.assertEqual(asked(statement), [])
		self.assertEqual([line.date for line in statement.lines], [date(2026, 3, 4), date(2026, 3, 5)])
		self.assertEqual(amounts(statement), ["-1250", "110.29"])
		self.assertEqual(statement.currency, "EUR")

	def test_p75_the_currency_is_that_of_the_file_or_of_the_account(self):
		text = "Date,Text,Amount,Currency\n2026-01-13,x,-5.00,usd\n2026-01-14,y,6.00,\n"
		self.assertEqual([line.currency for line in read(text, currency="EUR").lines], ["USD", "EUR"])

	def test_p71_a_bad_row_is_reported_and_the_others_are_read(self):
		text = "Date,Text,Amount\n2026-01-13,x,-5.00\n2026-13-13,y,1.00\n2026-01-14,z,\n2026-01-15,w,2.00\n"
		statement = read(text)
		self.assertEqual(amounts(statement), ["-5.00", "2.00"])
		self.assertEqual([problem.line for problem in statement.problems], [3, 4])
		self.assertIn("2026-13-13", statement.problems[0].reason)

	def test_nothing_is_lost(self):
		"""Each row below the header is a line, a problem, or named in a note or as a balance."""
		text = "Date,Text,Amount,Balance\nOpening balance,,,10.00\n2026-01-13,x,-5.00,5.00\nsee overleaf,,,\n2026-01-14,y,oops,\n"
		statement = read(text)
		self.assertEqual(
			(len(statement.lines), len(statement.problems), statement.opening_balance), (1, 1, 10)
		)
		self.assertEqual([note.rpartition(": ")[2] for note in statement.notes], ["2", "4"])

	def test_shops_with_the_names_of_balances_are_bookings(self):
		"""Total sells petrol and New Balance shoes; an opening balance with date and amount is none, and noted."""
		text = "Date,Text,Amount\n2026-01-13,New Balance,-50.00\n2026-01-13,Total,-5.00\n2026-01-12,Opening balance,99.00\n"
		statement = read(text)
		self.assertEqual((amounts(statement), statement.opening_balance), (["-50.00", "-5.00"], 99))
		self.assertIn("4", statement.notes[0])

	def test_a_bad_date_is_reported_whatever_the_text(self):
		text = "Date,Text,Amount\n2026-01-13,x,-50.00\n2026-02-31,New Balance,-5.00\n"
		self.assertEqual([problem.line for problem in read(text).problems], [3])

	def test_text_goes_on_only_behind_the_line_it_belongs_to(self):
		text = "Date,Text,Amount\n2026-01-13,one,-5.00\n,more of one,\n2026-01-14,two,oops\n,more of two,\n"
		statement = read(text)
		self.assertEqual([line.description for line in statement.lines], ["one more of one"])
		self.assertIn("5", statement.notes[0])

	def test_the_text_of_a_row_that_is_left_out_goes_on_nowhere(self):
		text = "Date,Text,Amount,State\n2026-01-13,one,-5.00,Booked\n2026-01-14,two,-6.00,Pending\n,more of two,,\n"
		statement = read(text)
		self.assertEqual([line.description for line in statement.lines], ["one"])
		self.assertEqual([note.rpartition(": ")[2] for note in statement.notes], ["3", "4"])

	def test_rows_of_amount_zero_are_left_out_and_noted(self):
		"""With a fee, a row of amount zero may still move the account: it stays a bad row."""
		text = "Date,Text,Amount,Fee\n2026-01-13,a,-5.00,\n2026-01-14,info,0.00,\n2026-01-15,fee,0.00,1.00\n2026-01-16,b,-4.00,\n"
		statement = read(text)
		self.assertEqual(
			(amounts(statement), [problem.line for problem in statement.problems]), (["-5.00", "-4.00"], [4])
		)
		self.assertEqual([note.rpartition(": ")[2] for note in statement.notes], ["3"])

	def test_dates_and_texts_mixed_in_a_column_are_warned_about(self):
		"""Excel has made 4 March of 03/04/2026, and left 13/04/2026 as it could make nothing of it."""
		rows = [["Date", "Text", "Amount"], [date(2026, 3, 4), "x", -5], ["13/04/2026", "y", -6]]
		statement = xlsx.parse(workbook(*rows), Options())
		self.assertEqual(len(statement.lines), 2)
		self.assertIn("1 dates and 1 texts", statement.notes[0])
		self.assertIn(": 2", statement.notes[0])
		self.assertEqual(xlsx.parse(workbook(*rows[:2], [date(2026, 4, 13), "y", -6]), Options()).notes, ())

	def test_a_row_without_account_beside_two_accounts_is_reported(self):
		text = "Own account,Date,Text,Amount\n0001111111,2026-01-13,a,-1.00\n0002222222,2026-01-13,b,-2.00\n,2026-01-13,c,-3.00\n"
		statement = read(text, account_id="0002222222")
		self.assertEqual(
			(amounts(statement), [problem.line for problem in statement.problems]), (["-2.00"], [4])
		)

	def test_marks_count_where_the_signs_of_the_next_file_do_not_agree(self):
		"""Saved of a file in which signs and marks agree; the next has no minus, or one that is odd."""
		title = "Datum;Text;Betrag;S/H\n"
		mapping = proposed(f"{title}13.01.2026;a;-1500,00;S\n13.01.2026;b;250,50;H\n").mapping
		self.assertEqual(mapping.sign, SIGNED)
		rows = f"{title}13.02.2026;a;1500,00;S\n13.02.2026;b;250,50;H\n"
		self.assertEqual(amounts(read(rows, mapping=mapping)), ["-1500.00", "250.50"])
		statement = read(f"{rows}14.02.2026;c;-5,00;S\n", mapping=mapping)
		self.assertEqual(
			(amounts(statement), [problem.line for problem in statement.problems]),
			(["-1500.00", "250.50"], [4]),
		)
		self.assertEqual(amounts(read(rows, mapping=replace(mapping, flip=True))), ["-1500.00", "-250.50"])

	def test_two_accounts_that_end_alike_are_asked(self):
		"""The Bank Account has 123456, and the file two accounts that end with it: neither is taken for it."""
		text = "Own account,Date,Text,Amount\n99123456,2026-01-13,a,-1.00\n88123456,2026-01-13,b,-2.00\n"
		self.assertEqual(asked(read(text, account_id="123456")), ["account_id"])
		self.assertEqual(amounts(read(text, account_id="88123456")), ["-2.00"])
		self.assertEqual(amounts(read(text.replace("88123456", "77"), account_id="123456")), ["-1.00"])

	def test_a_sign_beside_a_marker_is_reported(self):
		"""A saved mapping with a marker meets -5.00 DR: taken back or paid, nobody can say."""
		mapping = proposed("Date,Text,Amount,Dr/Cr\n2026-01-13,x,5.00,DR\n2026-01-13,x,5.00,CR\n").mapping
		statement = read(
			"Date,Text,Amount,Dr/Cr\n2026-01-13,x,-5.00,DR\n2026-01-14,y,5.00,DR\n", mapping=mapping
		)
		self.assertEqual(
			(amounts(statement), [problem.line for problem in statement.problems]), (["-5.00"], [2])
		)

	def test_a_shop_called_total_is_a_booking(self):
		text = "Date,Text,Amount\n2026-01-13,Total,-50.00\n2026-01-14,Total Energies,-60.00\n"
		self.assertEqual(amounts(read(text)), ["-50.00", "-60.00"])
