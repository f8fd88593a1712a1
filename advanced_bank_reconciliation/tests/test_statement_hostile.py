# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Files made to harm: each ends in a named error or a statement, in bounded time and memory. No database.

The bounds were measured with files ten times as large as these, or as large as limits.py lets in: at most
290 MB beyond the file's own process and 44 s on two busy cores (CSV of 99,000 rows).
"""

import unittest
from collections.abc import Callable

import frappe

from advanced_bank_reconciliation.statement_import import exceptions
from advanced_bank_reconciliation.statement_import.registry import read_statement
from advanced_bank_reconciliation.tests.statement_bounds import MB, measured, raw_workbook, text_cell

#: For one file of this module, on a machine that does other work too.
MAX_SECONDS, MAX_MEMORY = 30, 300

CAMT = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>'
CAMT_END = "</Stmt></BkToCstmrStmt></Document>"
BOOKED = (
	'<Ntry><Amt Ccy="EUR">{0}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
	"<BookgDt><Dt>2026-01-30</Dt></BookgDt><NtryDtls>{1}</NtryDtls></Ntry>"
)
MT940 = ":20:X\n:25:123456\n:28C:1\n:60F:C260101EUR0,\n"
OFX = "OFXHEADER:100\n\n<OFX><STMTRS>"
HEAD = "Date,Text,Amount\n"
TITLES = f"<row>{text_cell('Date')}{text_cell('Amount')}</row>"

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
	"a line of 100 MB": (lambda: (HEAD + "x" * 100 * MB).encode(), "TooLarge"),
	"a line of 20 MB": (lambda: (HEAD + "2026-01-13,a,-1.00\n" * 900 + "x" * 20 * MB).encode(), "TooLarge"),
	"a line of 20 MB in MT940": (lambda: (MT940 + ":86:" + "x" * 20 * MB).encode(), "TooLarge"),
	"two million line breaks": (
		lambda: (HEAD + "2026-01-13,a,-1.00\n" * 900 + "\n" * 2 * MB).encode(),
		"TooLarge",
	),
	"too many columns": (lambda: (HEAD * 400 + "," * 300 + "\n").encode(), "TooLarge"),
	"NUL bytes in text": (lambda: (HEAD + "2026-01-13,a\x00b,-1.00\n" * 2).encode(), "NotText"),
	"only NUL bytes": (lambda: b"\x00" * MB, "NotText"),
	"NUL bytes in MT940": (lambda: (MT940 + ":61:2601020102C5,00NMSC\x00\n").encode(), "NotText"),
	"deep XML": (lambda: (CAMT + "<a>" * 300_000).encode(), "TooLarge"),
	"many XML elements": (lambda: (CAMT + "<a/>" * 3_100_000).encode(), "TooLarge"),
	"many XML attributes": (
		lambda: (CAMT + "<a " + " ".join(f'b{number}="x"' for number in range(100_000)) + "/>").encode(),
		"TooLarge",
	),
	"a batch too large": (
		lambda: (
			CAMT + BOOKED.format(1, '<TxDtls><Amt Ccy="EUR">1</Amt></TxDtls>' * 101_000) + CAMT_END
		).encode(),
		"TooLarge",
	),
	"exponential entities": (
		lambda: (
			'<!DOCTYPE b [<!ENTITY a0 "ha">'
			+ "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 20))
			+ "]>"
			+ CAMT
			+ "&a19;"
			+ CAMT_END
		).encode(),
		"DangerousFile",
	),
	"quadratic entities": (
		lambda: (f'<!DOCTYPE b [<!ENTITY a "{"x" * 2_000}">]>' + CAMT + "&a;" * 500_000 + CAMT_END).encode(),
		"DangerousFile",
	),
	"an external entity": (
		lambda: ('<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + CAMT + "&a;" + CAMT_END).encode(),
		"DangerousFile",
	),
	"an external document type": (
		lambda: ('<!DOCTYPE b SYSTEM "http://localhost/x.dtd">' + CAMT + CAMT_END).encode(),
		"DangerousFile",
	),
	"XML in an unknown encoding": (
		lambda: ('<?xml version="1.0" encoding="klingon"?>' + CAMT + CAMT_END).encode(),
		"MalformedFile",
	),
	"deep SGML": (lambda: (OFX + "<A>" * 300_000).encode(), "TooLarge"),
	"SGML of open brackets": (lambda: ("OFXHEADER:100\n<OFX>" + "<" * 5 * MB).encode(), "MalformedFile"),
	"SGML with two roots": (lambda: (OFX + "</STMTRS></OFX><OFX>").encode(), "MalformedFile"),
	"CDATA without end": (lambda: (OFX + "<![CDATA[" * 500_000).encode(), "MalformedFile"),
	"a zip bomb": (lambda: raw_workbook(TITLES + " " * 120 * MB), "TooLarge"),
	"a zip bomb of many parts": (
		lambda: raw_workbook(TITLES, **{f"xl/media/{number}.png": "x" for number in range(1001)}),
		"TooLarge",
	),
	"a table of shared texts too large": (
		lambda: raw_workbook(
			TITLES, **{"xl/sharedStrings.xml": f'<sst xmlns="x">{"<si><t>abcdef</t></si>" * 1_600_000}</sst>'}
		),
		"TooLarge",
	),
	"a table of shared texts under another name": (
		lambda: raw_workbook(
			TITLES, **{"xl/other.bin": f'<sst xmlns="x">{"<si><t>x</t></si>" * 1_600_000}</sst>'}
		),
		"TooLarge",
	),
	"a document type in a part of another name": (
		lambda: raw_workbook(TITLES, **{"xl/other.bin": ' <!DOCTYPE a [<!ENTITY b "c">]><sst/>'}),
		"DangerousFile",
	),
	"a document type in a workbook": (
		lambda: raw_workbook(TITLES, **{"xl/styles.xml": '<!DOCTYPE a [<!ENTITY b "c">]><styleSheet/>'}),
		"DangerousFile",
	),
	"a document type hidden in UTF-16": (
		lambda: raw_workbook(
			TITLES, **{"xl/styles.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16")}
		),
		"DangerousFile",
	),
	"a row number far away": (
		lambda: raw_workbook(TITLES + '<row r="999999999999"><c r="A999999999999"><v>1</v></c></row>'),
		"TooLarge",
	),
	"a column far away": (
		lambda: raw_workbook(TITLES + '<row r="2"><c r="XFD2"><v>1</v></c></row>'),
		"TooLarge",
	),
	"rows of many columns": (
		lambda: raw_workbook(
			TITLES + "".join(f'<row r="{row}"><c r="IT{row}"><v>1</v></c></row>' for row in range(2, 9000))
		),
		"TooLarge",
	),
}

READ: dict[str, Callable[[], bytes]] = {
	"quotation marks that are not closed": lambda: (HEAD + '2026-01-13,"open,-1.00\n' * 5_000).encode(),
	"quotation marks in a row": lambda: (HEAD + "2026-01-13,a,-1.00\n" + ('"' * 50_000 + "\n") * 20).encode(),
	"details of many lines": lambda: (MT940 + ":61:2601020102C5,00NMSC\n:86:" + "?20x\n" * 100_000).encode(),
	"a booking of slashes": lambda: (MT940 + (":61:2601020102C5,00NMSC" + "/" * 90_000 + "\n") * 20).encode(),
	"much CDATA": lambda: (OFX + "<MEMO><![CDATA[x]]>" * 100_000).encode(),
	"a text of 10 MB in XML": lambda: (
		CAMT
		+ BOOKED.format(1, f"<TxDtls><RmtInf><Ustrd>{'x' * 10 * MB}</Ustrd></RmtInf></TxDtls>")
		+ CAMT_END
	).encode(),
	"endless numbers in a workbook": lambda: raw_workbook(
		TITLES
		+ "".join(f"<row><c><v>{number}</v></c></row>" for number in ("9" * 4000, "1e999", "-1e308", "nan"))
	),
	"many encodings in one file": lambda: (
		HEAD.encode()
		+ "2026-01-13,ä,-1.00\n".encode() * 50
		+ b"".join(f"2026-01-13,\xe4\xf6 {number},-1.00\n".encode("cp1252") for number in range(40))
	),
}


class TestHostileFiles(unittest.TestCase):
	def setUp(self) -> None:
		self.addCleanup(frappe.clear_messages)

	def test_refused_by_a_named_error(self):
		for name, (make, error) in REFUSED.items():
			content = make()
			with self.subTest(name), measured() as used:
				with self.assertRaises(getattr(exceptions, error)) as caught:
					read_statement(content)
				self.assertGreater(len(str(caught.exception)), 15)
			self.within_bounds(name, used)

	def test_read_as_far_as_they_can_be(self):
		for name, make in READ.items():
			content = make()
			with self.subTest(name), measured() as used:
				try:
					statement = read_statement(content)
					self.assertLess(
						max((len(line.description) for line in statement.lines), default=0), 10_001
					)
				except exceptions.StatementError as error:
					self.assertGreater(len(str(error)), 15)
			self.within_bounds(name, used)

	def within_bounds(self, name, used):
		with self.subTest(name):
			self.assertLess(used.seconds, MAX_SECONDS)
			if used.memory is not None:
				self.assertLess(used.memory, MAX_MEMORY)
