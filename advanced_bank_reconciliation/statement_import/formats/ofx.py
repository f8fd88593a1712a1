# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""OFX and QFX, SGML (1.x) and XML (2.x), of bank and credit card accounts.

ofxtools' parser turns either dialect into elements. What they mean is read here, one booking at a time:
its own models refuse a whole file for one value that is off, as many banks' files have.
"""

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from frappe import _
from ofxtools.Parser import ParseError, TreeBuilder

from advanced_bank_reconciliation.exceptions import refuse
from advanced_bank_reconciliation.statement_import.accounts import merge, period
from advanced_bank_reconciliation.statement_import.amounts import parse_amount, readings
from advanced_bank_reconciliation.statement_import.dates import parse_date
from advanced_bank_reconciliation.statement_import.exceptions import MalformedFile
from advanced_bank_reconciliation.statement_import.formats.base import (
	CERTAIN,
	LIKELY,
	NO,
	Entries,
	Format,
)
from advanced_bank_reconciliation.statement_import.formats.xml_reader import check_bounds, raw_of
from advanced_bank_reconciliation.statement_import.statement import Line, Options, Problem, Statement
from advanced_bank_reconciliation.statement_import.text import check_size, clean, decode, join, shorten

#: Character sets of the header of OFX 1.x. Without one, the encoding is detected.
CHARSETS = {"1252": "cp1252", "ISO-8859-1": "latin_1", "8859-1": "latin_1", "UTF-8": "utf-8"}

#: Statements: of bank accounts and of credit cards.
STATEMENTS = ("STMTRS", "CCSTMTRS")

CDATA_START, CDATA_END = "<![CDATA[", "]]>"


def identify(content: bytes, filename: str) -> int:
	head = content[:2048].replace(b"\x00", b"").upper()
	if b"OFXHEADER" in head or b"<OFX>" in head:
		return CERTAIN
	return LIKELY if filename.lower().endswith((".ofx", ".qfx")) and b"<" in head else NO


def parse(content: bytes, options: Options) -> Statement:
	"""Return the statement of the one account, or the question which of several."""
	check_size(content)
	root = _elements(_body(content))
	entries = Entries()
	found = [element for element in root.iter() if element.tag in STATEMENTS]
	return merge([_statement(element, entries, options) for element in found], options)


def _body(content: bytes) -> str:
	"""Return the text from <OFX> on, decoded as the header says."""
	charset = re.search(rb"CHARSET:\s*([\w-]+)", content[:2048])
	encoding = CHARSETS.get(charset[1].decode("ascii", "replace").upper(), "") if charset else ""
	if encoding and not _can_decode(content, encoding):
		encoding = ""
	text, _encoding, _others = decode(content, encoding)
	start = text.find("<OFX>")
	if start < 0:
		refuse(MalformedFile, [_("The file has no <OFX> element.")])
	return _without_cdata(text[start:])


def _can_decode(content: bytes, encoding: str) -> bool:
	"""Some banks write UTF-8 under the header of another set; a file that is valid UTF-8 is read as such."""
	try:
		content.decode("utf-8")
		return content.isascii() or encoding == "utf-8"
	except UnicodeDecodeError:
		pass
	try:
		content.decode(encoding)
	except UnicodeDecodeError:
		return False
	return True


def _without_cdata(text: str) -> str:
	"""Return the text with CDATA sections as plain, escaped text: one pass, however many there are."""
	pieces, position = [], 0
	while (start := text.find(CDATA_START, position)) >= 0:
		end = text.find(CDATA_END, start)
		if end < 0:
			refuse(MalformedFile, [_("The file has a CDATA section without an end.")])
		pieces += [text[position:start], html.escape(text[start + len(CDATA_START) : end])]
		position = end + len(CDATA_END)
	return "".join([*pieces, text[position:]])


class BoundedTreeBuilder(TreeBuilder):
	"""ofxtools' builder within bounds; an end tag also closes what was left open inside it.

	SGML allows to leave out end tags, and some banks write an empty element without one. The builder alone
	would then take the next end tag for that element's.
	"""

	def __init__(self) -> None:
		super().__init__()
		self._open: list[str] = []
		self._count = 0

	def start(self, tag: str, attributes: dict[str, str]) -> ET.Element:
		self._open.append(tag)
		self._count += 1
		check_bounds(len(self._open), self._count)
		return super().start(tag, attributes)

	def end(self, tag: str) -> ET.Element | None:
		if tag not in self._open:
			return None
		while self._open.pop() != tag:
			super().end(tag)
		return super().end(tag)


def _elements(body: str) -> ET.Element:
	builder = BoundedTreeBuilder()
	try:
		builder.feed(body)
		while builder._open:
			builder.end(builder._open[-1])
		return builder.close()
	except (ParseError, ET.ParseError) as error:
		refuse(MalformedFile, [_("The file breaks the rules of OFX: {0}").format(shorten(str(error), 200))])
	except AssertionError:
		refuse(MalformedFile, [_("The file has no elements.")])


def _statement(element: ET.Element, entries: Entries, options: Options) -> Statement:
	currency = _text(element, "CURDEF") or options.currency
	first_line, first_problem = len(entries.lines), len(entries.problems)
	for transaction in element.iter("STMTTRN"):
		entries.read(
			lambda number, transaction=transaction: [_line(transaction, number, currency)],
			raw_of(transaction),
		)
	lines = tuple(entries.lines[first_line:])
	first, last = period(lines)
	end = _period_date(_text(element, "DTEND")) or last
	closing, problems = _ledger_balance(element)
	as_of = _period_date(_text(next(element.iter("LEDGERBAL"), None), "DTASOF"))
	notes = ()
	if closing is not None and as_of and end and as_of > end:
		notes = (
			_(
				"The balance of {0} is of {1}, after the end of the statement on {2}. It is not taken for its "
				"closing balance."
			).format(closing, as_of, end),
		)
		closing = None
	return Statement(
		lines=lines,
		closing_balance=closing,
		currency=currency,
		account_id=_text(element, "ACCTID"),
		from_date=_period_date(_text(element, "DTSTART")) or first,
		to_date=end,
		problems=(*problems, *entries.problems[first_problem:]),
		notes=notes,
	)


def _ledger_balance(element: ET.Element) -> tuple[Decimal | None, list[Problem]]:
	balance = next(element.iter("LEDGERBAL"), None)
	if balance is None:
		return None, []
	try:
		return _amount(_text(balance, "BALAMT")), []
	except ValueError as error:
		return None, [Problem(0, str(error), raw_of(balance))]


def _line(transaction: ET.Element, number: int, currency: str) -> Line:
	amount = _amount(_text(transaction, "TRNAMT"))
	if not amount:
		raise ValueError(_("The amount is zero; there is nothing to book."))
	name = _text(transaction, "NAME")
	own = next(transaction.iter("CURRENCY"), None)
	available = _text(transaction, "DTAVAIL")
	account = next((part for tag in ("BANKACCTTO", "CCACCTTO") for part in transaction.iter(tag)), None)
	return Line(
		number=number,
		date=_day(_text(transaction, "DTPOSTED")),
		value_date=_period_date(available) if available else None,
		amount=amount,
		currency=_text(own, "CURSYM") or currency,
		description=join(name, _text(transaction, "EXTDNAME"), _text(transaction, "MEMO")),
		reference=_text(transaction, "CHECKNUM") or _text(transaction, "REFNUM"),
		transaction_id=_text(transaction, "FITID"),
		party_name=name,
		party_account=_text(account, "ACCTID"),
		raw=raw_of(transaction),
	)


def _amount(text: str) -> Decimal:
	"""OFX allows a point or a comma before the decimals, and no grouping."""
	plain = text.replace(",", ".")
	if plain.count(".") > 1 or not readings(plain):
		raise ValueError(_("{0} is not an amount.").format(shorten(text, 60) or '""'))
	return parse_amount(plain, ".")


def _day(text: str) -> date:
	"""The day as the bank wrote it: YYYYMMDD, with a time and zone behind it that do not move it."""
	try:
		return parse_date(text[:8] if text[:8].isdigit() else text, "YMD")
	except ValueError:
		raise ValueError(_("{0} is not a date.").format(shorten(text, 60) or '""')) from None


def _period_date(text: str) -> date | None:
	try:
		return _day(text)
	except ValueError:
		return None


def _text(element: ET.Element | None, tag: str) -> str:
	found = next(_texts(element, tag), "") if element is not None else ""
	return clean(html.unescape(found))


def _texts(element: ET.Element, tag: str) -> Iterator[str]:
	return (part.text.strip() for part in element.iter(tag) if (part.text or "").strip())


FORMAT = Format("ofx", "OFX, QFX", identify, parse)
