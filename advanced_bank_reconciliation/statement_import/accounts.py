# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Several statements in one file: which account is meant, and how its parts become one statement."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise, product

from frappe import _

from advanced_bank_reconciliation.exceptions import refuse
from advanced_bank_reconciliation.statement_import.duplicates import normalised
from advanced_bank_reconciliation.statement_import.exceptions import MalformedFile
from advanced_bank_reconciliation.statement_import.limits import MAX_EXAMPLES
from advanced_bank_reconciliation.statement_import.statement import Line, Options, Question, Statement
from advanced_bank_reconciliation.statement_import.text import shorten

#: Bank code and account number, as in :25: of MT940, and the currency that some banks write behind them.
GERMAN = re.compile(r"([0-9]{8})/([0-9]{1,10})(?: ?[A-Z]{3})?")


def merge(statements: Iterable[Statement], options: Options) -> Statement:
	"""Return the file's statements as one: those of one account, in the order of their balances.

	Where the file has several accounts and `options` names none of them, the account is asked.
	Raises MalformedFile where there is no statement.
	"""
	by_account: dict[str, list[Statement]] = {}
	for statement in statements:
		by_account.setdefault(normalised(statement.account_id), []).append(statement)
	if not by_account:
		refuse(MalformedFile, [_("The file has no statement.")])
	if len(by_account) == 1:
		return _in_one_currency(next(iter(by_account.values())), options)
	wanted = options.answers.get("account_id") or options.account_id
	if meant := meant_accounts(by_account, wanted):
		return _in_one_currency(by_account[meant[0]], options)
	names = tuple(parts[0].account_id for parts in by_account.values())
	examples = tuple(shorten(_example(parts).strip(), 140) for parts in by_account.values())[:MAX_EXAMPLES]
	return Statement(questions=(Question("account_id", names, examples),))


def meant_accounts(names: Iterable[str], wanted: str) -> list[str]:
	"""Return which of the accounts `wanted` means: those that equal it, and only without one those that end alike.

	None where several accounts end alike: which of them is meant, nobody but the user knows.
	"""
	if not wanted:
		return []
	alike = [name for name in names if same_account(name, wanted)]
	if equal := [name for name in alike if normalised(name) == normalised(wanted)]:
		return equal
	return alike if all(same_account(name, alike[0]) for name in alike) else []


def same_account(one: str, other: str) -> bool:
	"""Whether two account ids mean one account: equal, or one the end of the other (number and IBAN)."""
	return any(_end_alike(*pair) for pair in product(_spellings(one), _spellings(other)))


def _spellings(account: str) -> set[str]:
	"""Return the account as it stands; a German one with its bank code also as it stands in the IBAN.

	There the number has ten digits (Deutsche Bundesbank: BBAN of 8 and 10 digits), in MT940 often fewer.
	"""
	german = GERMAN.fullmatch(account.strip())
	return {normalised(account)} | ({german[1] + german[2].zfill(10)} if german else set())


def _end_alike(one: str, other: str) -> bool:
	shorter, longer = sorted((one, other), key=len)
	return one == other or (len(shorter) >= 6 and longer.endswith(shorter))


def period(lines: Sequence[Line]) -> tuple[date | None, date | None]:
	"""Return the first and the last date of the lines."""
	dates = [line.date for line in lines]
	return (min(dates), max(dates)) if dates else (None, None)


def _example(parts: list[Statement]) -> str:
	lines = [line for part in parts for line in part.lines]
	first = f"{lines[0].date} {lines[0].amount} {lines[0].description}" if lines else "-"
	return f"{parts[0].account_id} ({len(lines)}): {first}"


def _in_one_currency(parts: list[Statement], options: Options) -> Statement:
	"""Return the statement in the bank account's currency, with a note about those in others.

	Banks keep several currencies under one IBAN; each has balances of its own.
	"""
	by_currency: dict[str, list[Statement]] = {}
	for part in parts:
		by_currency.setdefault(part.currency, []).append(part)
	currency = options.currency if options.currency in by_currency else parts[0].currency
	statement = _chain(by_currency.pop(currency))
	if not by_currency:
		return statement
	others = [
		f"{name or '?'} ({sum(len(part.lines) for part in group)})" for name, group in by_currency.items()
	]
	note = _(
		"The file has statements of account {0} in several currencies. The one in {1} is read. Left out, "
		"with their number of lines: {2}. Import the file into the bank accounts of those currencies as well."
	).format(statement.account_id, currency or "?", ", ".join(others))
	return replace(statement, notes=(*statement.notes, note))


def _chain(parts: list[Statement]) -> Statement:
	if len(parts) == 1:
		return parts[0]
	if _breaks(parts[::-1]) < _breaks(parts):
		parts = parts[::-1]
	notes = [note for part in parts for note in part.notes]
	for before, after in pairwise(parts):
		if _broken(before, after):
			notes.append(
				_(
					"The statement from {0} opens with {1}, but the one before closes with {2}. "
					"A statement between them is missing in the file."
				).format(after.from_date or "?", after.opening_balance, before.closing_balance)
			)
	starts = [part.from_date for part in parts if part.from_date]
	ends = [part.to_date for part in parts if part.to_date]
	return replace(
		parts[0],
		lines=tuple(line for part in parts for line in part.lines),
		closing_balance=parts[-1].closing_balance,
		from_date=min(starts, default=None),
		to_date=max(ends, default=None),
		problems=tuple(problem for part in parts for problem in part.problems),
		notes=tuple(notes),
	)


def _breaks(parts: list[Statement]) -> int:
	return sum(_broken(before, after) for before, after in pairwise(parts))


def _broken(before: Statement, after: Statement) -> bool:
	known = before.closing_balance is not None and after.opening_balance is not None
	return known and before.closing_balance != after.opening_balance
