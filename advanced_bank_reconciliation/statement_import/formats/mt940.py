# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""MT940 and MT942 of SWIFT, read by the library mt-940, one booking at a time.

A file is cut at its tags first, so that a broken booking is one problem and the others are read. Structured
details are taken apart by mt940_details.py.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import mt940
from frappe import _

from advanced_bank_reconciliation.statement_import.accounts import merge, period
from advanced_bank_reconciliation.statement_import.formats.base import (
	CERTAIN,
	NO,
	Entries,
	Format,
)
from advanced_bank_reconciliation.statement_import.formats.mt940_details import read_details
from advanced_bank_reconciliation.statement_import.iban import find_iban, is_iban
from advanced_bank_reconciliation.statement_import.statement import Line, Options, Problem, Statement
from advanced_bank_reconciliation.statement_import.text import (
	check_size,
	clean,
	decode,
	join,
	known,
	split_lines,
)

TAG = re.compile(r":(?P<tag>[0-9]{2}[A-Z]?|NS):")
SIGNS_OF_MT940 = re.compile(rb"(?:^|[\r\n}]):20:.{0,40}[\s\S]{0,400}?[\r\n]:(?:25|28C?|60[FM]|61|34F):")

#: What the library does better than its first release, all of it.
LIBRARY_OPTIONS = mt940.Options.all()

#: The variant of :61: that takes a reference longer than SWIFT's 16 characters as a whole.
TAGS = {mt940.tags.StatementGLS.id: mt940.tags.StatementGLS()}

#: Details are taken apart in mt940_details.py: the library drops what stands before the first keyword.
PROCESSORS = {"post_transaction_details": []}

# What cannot be read becomes a problem of the statement; the library would write it to stderr as well.
logging.getLogger("mt940").setLevel(logging.CRITICAL)


def identify(content: bytes, filename: str) -> int:
	return CERTAIN if SIGNS_OF_MT940.search(content[:4096].replace(b"\x00", b"")) else NO


def parse(content: bytes, options: Options) -> Statement:
	"""Return the statements of the file for one account as one."""
	check_size(content)
	text, _encoding, _others = decode(content)
	entries = Entries()
	statements = [_statement(part, entries, options) for part in _parts(_tags(split_lines(text)))]
	return merge(statements, options)


@dataclass
class _Tag:
	name: str
	lines: list[str]

	@property
	def text(self) -> str:
		return f":{self.name}:" + "\n".join(self.lines)


@dataclass
class _Part:
	"""The tags of one statement: those before and after its bookings, and each booking's own."""

	head: list[_Tag] = field(default_factory=list)
	bookings: list[list[_Tag]] = field(default_factory=list)


def _tags(lines: list[str]) -> Iterator[_Tag]:
	"""Yield the tags with their continuation lines. SWIFT's envelope ({1:…}{4: … -}) is passed over."""
	current: _Tag | None = None
	for line in lines:
		line = line.rstrip().rpartition("{4:")[2] if line.startswith("{") else line.rstrip()
		if line in ("", "-", "-}") or line.startswith("{"):
			continue
		match = TAG.match(line)
		if match:
			if current:
				yield current
			current = _Tag(match["tag"], [line[match.end() :]])
		elif current:
			current.lines.append(line)
	if current:
		yield current


def _parts(tags: Iterator[_Tag]) -> Iterator[_Part]:
	"""Yield the statements. Details (:86:, :NS:) belong to the booking right before them, others to the head."""
	part = _Part()
	for tag in tags:
		if tag.name == "20":
			if part.head or part.bookings:
				yield part
			part = _Part()
		if tag.name == "61":
			part.bookings.append([tag])
		elif tag.name in ("86", "NS") and part.bookings and not _closed(part):
			part.bookings[-1].append(tag)
		else:
			part.head.append(tag)
	if part.head or part.bookings:
		yield part


def _closed(part: _Part) -> bool:
	return any(tag.name.startswith(("62", "64", "65", "90")) for tag in part.head)


def _statement(part: _Part, entries: Entries, options: Options) -> Statement:
	facts, bad_tags = _facts(part.head)
	opening = _balance(facts, "final_opening_balance", "intermediate_opening_balance", "opening_balance")
	closing = _balance(facts, "final_closing_balance", "intermediate_closing_balance", "closing_balance")
	limit = facts.get("d_floor_limit") or facts.get("c_floor_limit")
	currency = (opening or closing or (None, None, getattr(limit, "currency", "") or ""))[2]
	account = clean(facts.get("account_identification") or "")
	first_line, first_problem = len(entries.lines), len(entries.problems)
	for booking in part.bookings:
		raw = "\n".join(tag.text for tag in booking)
		entries.read(lambda number, raw=raw: [_line(raw, number, currency)], raw)
	lines = tuple(entries.lines[first_line:])
	first, last = period(lines)
	return Statement(
		lines=lines,
		opening_balance=opening[0] if opening else None,
		closing_balance=closing[0] if closing else None,
		currency=currency or options.currency,
		account_id=_account(account),
		# The date of the opening balance is that of the closing before: a day of the statement before.
		from_date=first or (opening[1] if opening else None),
		to_date=closing[1] if closing else last,
		problems=(*bad_tags, *entries.problems[first_problem:]),
	)


def _account(text: str) -> str:
	"""Return the account without the currency that some banks write behind its IBAN."""
	without_currency = re.sub(r" ?[A-Z]{3}$", "", text)
	return without_currency if is_iban(without_currency) else text


def _facts(tags: list[_Tag]) -> tuple[dict[str, Any], list[Problem]]:
	"""Return what the tags around the bookings say, by the library's names, and which cannot be read."""
	facts: dict[str, Any] = {}
	problems = []
	for tag in tags:
		if tag.name[:2] not in ("20", "25", "60", "62", "34"):
			continue
		try:
			for name, value in _read(tag.text).data.items():
				facts[name] = value if name.startswith("final_closing") else facts.get(name, value)
		except ValueError as error:
			problems.append(Problem(0, str(error), tag.text))
	return facts, problems


def _balance(facts: dict[str, Any], *names: str) -> tuple[Decimal, date, str] | None:
	for name in names:
		if name in facts:
			balance = facts[name]
			return balance.amount.amount, _plain_date(balance.date), balance.amount.currency
	return None


def _read(text: str) -> mt940.models.Transactions:
	"""Return what the library makes of some tags. Raises ValueError that quotes what it cannot read."""
	transactions = mt940.models.Transactions(PROCESSORS, TAGS, options=LIBRARY_OPTIONS)
	try:
		transactions.parse(text)
	except Exception:
		# A library that meets broken text: RuntimeError, ValueError, decimal.InvalidOperation, KeyError.
		raise ValueError(_("{0} cannot be read.").format(text.split("\n")[0][:80])) from None
	return transactions


def _line(text: str, number: int, currency: str) -> Line:
	found = _read(text).transactions
	if not found or found[0].data.get("amount") is None:
		raise ValueError(_("{0} cannot be read.").format(text.split("\n")[0][:80]))
	data = found[0].data
	value = _plain_date(data["date"])
	details = read_details(data.get("transaction_details") or "")
	reference, extra = known(data.get("customer_reference")), data.get("extra_details") or ""
	account = find_iban(reference)
	amount = data["amount"].amount
	if not amount.is_finite() or not amount:
		raise ValueError(_("The amount is zero; there is nothing to book."))
	return Line(
		number=number,
		date=_plain_date(data.get("entry_date")) or value,
		value_date=value,
		amount=amount,
		currency=currency,
		description=join(details.description, "" if extra.startswith("/") else extra),
		reference=known(details.reference) or ("" if account else reference),
		transaction_id=known(data.get("bank_reference")),
		party_name=details.party_name,
		party_iban=details.party_iban or account,
		party_account=details.party_account,
		raw=text,
	)


def _plain_date(value: date | None) -> date | None:
	return date(value.year, value.month, value.day) if isinstance(value, date) else None


FORMAT = Format("mt940", "MT940, MT942 (SWIFT)", identify, parse)
