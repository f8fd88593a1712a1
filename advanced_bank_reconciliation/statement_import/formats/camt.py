# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""CAMT.052, 053 and 054 of ISO 20022, in the versions 001.02 to 001.13.

The elements that a statement needs kept their names over all versions; where one has moved, both places are
looked at: party names (since 001.08 under Pty), the status (a code element since 001.08), charges (records
since 001.03), amounts of a batch's payments (directly under TxDtls since 001.04).
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from frappe import _

from advanced_bank_reconciliation.allocation.money import to_decimal
from advanced_bank_reconciliation.exceptions import refuse
from advanced_bank_reconciliation.statement_import.accounts import merge, period
from advanced_bank_reconciliation.statement_import.dates import parse_date
from advanced_bank_reconciliation.statement_import.exceptions import TooLarge
from advanced_bank_reconciliation.statement_import.formats.base import (
	CERTAIN,
	NO,
	Entries,
	Format,
)
from advanced_bank_reconciliation.statement_import.formats.xml_reader import raw_of, read_xml, text_of
from advanced_bank_reconciliation.statement_import.limits import MAX_LINES
from advanced_bank_reconciliation.statement_import.statement import Line, Options, Problem, Statement
from advanced_bank_reconciliation.statement_import.text import check_size, clean, join, known, shorten

#: Roots of the three messages: statement, report of the day, notification.
NAMESPACE = re.compile(rb"urn:iso:std:iso:20022:tech:xsd:camt\.05[234]\.001\.\d\d")
REPORTS = ("Stmt", "Rpt", "Ntfctn")

#: XML's decimal: Python would also take exponents, underscores and the digits of other scripts.
DECIMAL = re.compile(r"[-+]?[0-9]{1,20}(?:\.[0-9]{0,20})?")

#: Balances that open and close a statement, the better first: booked, of the interim, closing of before.
OPENING = ("OPBD", "PRCD", "ITBD")
CLOSING = ("CLBD", "ITBD")


def identify(content: bytes, filename: str) -> int:
	head = content[:4096]
	if head.startswith((b"\xff\xfe", b"\xfe\xff")):
		head = head.replace(b"\x00", b"")
	return CERTAIN if NAMESPACE.search(head) else NO


def parse(content: bytes, options: Options) -> Statement:
	"""Return the statement; a file without the account's booked entries gives one without lines."""
	check_size(content)
	reader = _Reader(options)
	read_xml(content, ("Ntry", "Bal", *REPORTS), reader.take)
	return merge(reader.statements, options)


@dataclass
class _Reader:
	options: Options
	statements: list[Statement] = field(default_factory=list)
	entries: Entries = field(default_factory=Entries)
	balances: dict[str, list[tuple[Decimal, date | None, str]]] = field(default_factory=dict)
	pending: int = 0
	bad_balances: list[Problem] = field(default_factory=list)

	def take(self, element: ET.Element) -> None:
		if element.tag == "Ntry":
			self._take_entry(element)
		elif element.tag == "Bal":
			self._take_balance(element)
		else:
			self._finish(element)

	def _take_entry(self, entry: ET.Element) -> None:
		if text_of(entry, "Sts/Cd", "Sts/Prtry", "Sts") in ("PDNG", "INFO", "FUTR"):
			self.pending += 1
			return
		self.entries.read(lambda number: _lines(entry, number, self.options), raw_of(entry))

	def _take_balance(self, balance: ET.Element) -> None:
		code = text_of(balance, "Tp/CdOrPrtry/Cd", "Tp/Cd")
		try:
			amount = _signed(balance, balance.find("Amt"))
			dated = _date(balance.find("Dt"))
		except ValueError as error:
			self.bad_balances.append(Problem(0, str(error), raw_of(balance)))
			return
		amount_element = balance.find("Amt")
		currency = amount_element.get("Ccy", "") if amount_element is not None else ""
		self.balances.setdefault(code, []).append((amount, dated, currency))

	def _finish(self, report: ET.Element) -> None:
		opening, closing = self._first(OPENING), self._last(CLOSING)
		lines = tuple(self.entries.lines)
		first, last = period(lines)
		currency = clean(text_of(report, "Acct/Ccy")) or (closing or opening or (None, None, ""))[2]
		notes = ()
		if self.pending:
			notes = (_("Entries that are not booked yet are left out: {0}.").format(self.pending),)
		self.statements.append(
			Statement(
				lines=lines,
				opening_balance=opening[0] if opening else None,
				closing_balance=closing[0] if closing else None,
				currency=currency or (lines[0].currency if lines else "") or self.options.currency,
				account_id=clean(text_of(report, "Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id")),
				from_date=_period_date(report, "FrToDt/FrDtTm") or (opening and opening[1]) or first,
				to_date=_period_date(report, "FrToDt/ToDtTm") or (closing and closing[1]) or last,
				problems=(*self.bad_balances, *self.entries.problems),
				notes=notes,
			)
		)
		self.entries.lines, self.entries.problems = [], []
		self.balances, self.pending, self.bad_balances = {}, 0, []

	def _first(self, codes: Iterable[str]) -> tuple[Decimal, date | None, str] | None:
		return next((self.balances[code][0] for code in codes if code in self.balances), None)

	def _last(self, codes: Iterable[str]) -> tuple[Decimal, date | None, str] | None:
		for code in codes:
			found = self.balances.get(code, [])
			if found and (code != "ITBD" or len(found) > 1 or "OPBD" in self.balances):
				return found[-1]
		return None


def _lines(entry: ET.Element, number: int, options: Options) -> list[Line]:
	"""Return a line for the entry, or one for each of its payments where they add up to it exactly."""
	amount = _signed(entry, entry.find("Amt"))
	if not amount:
		raise ValueError(_("The amount is zero; there is nothing to book."))
	details = entry.findall("NtryDtls/TxDtls")
	if len(details) > MAX_LINES:
		refuse(TooLarge, [_("An entry of the file has more than {0} payments.").format(MAX_LINES)])
	if options.split_batches and len(details) > 1:
		shares = [_share(entry, detail) for detail in details]
		if None not in shares and sum(shares) == amount:
			return [
				_line(entry, detail, number, share, f"/{position}")
				for position, (detail, share) in enumerate(zip(details, shares, strict=True), 1)
			]
	return [_line(entry, details[0] if len(details) == 1 else None, number, amount, "")]


def _share(entry: ET.Element, detail: ET.Element) -> Decimal | None:
	"""Return what a payment of a batch moves, in the entry's currency, or None where that is not said."""
	currency = _currency(entry.find("Amt"))
	for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"):
		element = detail.find(path)
		if element is not None and _currency(element) == currency:
			return _signed(detail if detail.find("CdtDbtInd") is not None else entry, element)
	return None


def _line(entry: ET.Element, detail: ET.Element | None, number: int, amount: Decimal, suffix: str) -> Line:
	booked, value = _date(entry.find("BookgDt")), _date(entry.find("ValDt"))
	if not (booked or value):
		raise ValueError(_("The entry has no booking date."))
	party, account = _party(entry, detail, amount)
	return Line(
		number=number,
		date=booked or value,
		value_date=value,
		amount=amount,
		currency=_currency(entry.find("Amt")),
		description=_description(entry, detail),
		reference=_reference(detail),
		transaction_id=_transaction_id(entry, detail, suffix),
		party_name=clean(text_of(party, "Nm", "Pty/Nm", "Agt/FinInstnId/Nm")),
		party_iban=clean(text_of(account, "Id/IBAN")),
		party_account=clean(text_of(account, "Id/Othr/Id", "Id/PrtryAcct/Id")),
		fee=_fee(entry, detail if suffix else None),
		raw=raw_of(detail if suffix else entry),
	)


def _party(
	entry: ET.Element, detail: ET.Element | None, amount: Decimal
) -> tuple[ET.Element | None, ET.Element | None]:
	"""Return the other side and its account: the debtor of a deposit, the creditor of a withdrawal.

	A reversal keeps the roles of the payment that it takes back.
	"""
	if detail is None:
		return None, None
	reversed_ = text_of(entry, "RvslInd") in ("true", "1")
	side = "Dbtr" if (amount > 0) != reversed_ else "Cdtr"
	parties = detail.find("RltdPties")
	if parties is None:
		return None, None
	return parties.find(side), parties.find(f"{side}Acct")


def _description(entry: ET.Element, detail: ET.Element | None) -> str:
	texts = []
	if detail is not None:
		texts += ["".join(part.text or "" for part in detail.findall("RmtInf/Ustrd"))]
		texts += [text_of(part, "AddtlRmtInf") for part in detail.findall("RmtInf/Strd")]
		texts += [text_of(detail, "AddtlTxInf"), text_of(detail, "RtrInf/AddtlInf")]
	return join(*texts, text_of(entry, "AddtlNtryInf"))


def _reference(detail: ET.Element | None) -> str:
	"""The creditor's reference first, since it names the invoice, then what the payer gave."""
	paths = ("RmtInf/Strd/CdtrRefInf/Ref", "Refs/EndToEndId", "Refs/ChqNb", "Refs/InstrId", "Refs/MndtId")
	return next(filter(None, (known(text_of(detail, path)) for path in paths)), "")


def _transaction_id(entry: ET.Element, detail: ET.Element | None, suffix: str) -> str:
	"""The account servicer's reference, which is unique; of a batch with the payment's own or its position."""
	own = known(text_of(detail, "Refs/AcctSvcrRef", "Refs/TxId", "Refs/UETR")) if suffix else ""
	whole = known(text_of(entry, "AcctSvcrRef")) or (
		"" if suffix else known(text_of(detail, "Refs/AcctSvcrRef"))
	)
	if suffix and own and own != whole:
		return clean(f"{whole}/{own}" if whole else own)
	return clean(f"{whole}{suffix}") if whole else ""


def _fee(entry: ET.Element, detail: ET.Element | None) -> Decimal | None:
	"""Return the charges in the currency of the entry; those of a payment where it is one of a batch."""
	charges = (detail if detail is not None else entry).findall("Chrgs")
	if not charges and detail is None:
		charges = entry.findall("NtryDtls/TxDtls/Chrgs")
	currency, total = _currency(entry.find("Amt")), Decimal(0)
	for charge in charges:
		stated = charge.find("TtlChrgsAndTaxAmt")
		records = charge.findall("Rcrd")
		if stated is not None and _currency(stated) in ("", currency):
			total += _amount(stated)
		for record in (records or [charge]) if stated is None else ():
			element = record.find("Amt")
			if element is not None and _currency(element) == currency:
				refund = text_of(record, "CdtDbtInd") == "CRDT"
				total += -_amount(element) if refund else _amount(element)
	return total or None


def _signed(element: ET.Element, amount: ET.Element | None) -> Decimal:
	sign = text_of(element, "CdtDbtInd")
	if sign not in ("CRDT", "DBIT"):
		raise ValueError(_("It is not said whether the amount is a credit or a debit."))
	return _amount(amount) if sign == "CRDT" else -_amount(amount)


def _amount(element: ET.Element | None) -> Decimal:
	text = (element.text or "").strip() if element is not None else ""
	try:
		if DECIMAL.fullmatch(text):
			return to_decimal(text)
	except ValueError:
		pass
	raise ValueError(_("{0} is not an amount.").format(shorten(text, 60) or '""'))


def _currency(element: ET.Element | None) -> str:
	return clean(element.get("Ccy", "")) if element is not None else ""


def _date(element: ET.Element | None) -> date | None:
	text = text_of(element, "Dt", "DtTm") if element is not None else ""
	return _day(text) if text else None


def _period_date(report: ET.Element, path: str) -> date | None:
	try:
		return _day(text_of(report, path)) if text_of(report, path) else None
	except ValueError:
		return None


def _day(text: str) -> date:
	"""The day as the bank wrote it: a time zone behind it does not move a booking to another day."""
	try:
		return parse_date(text[:10], "YMD")
	except ValueError:
		raise ValueError(_("{0} is not a date.").format(shorten(text, 60))) from None


FORMAT = Format("camt", "CAMT.052, CAMT.053, CAMT.054 (ISO 20022)", identify, parse)
