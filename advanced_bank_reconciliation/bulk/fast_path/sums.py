# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Keeps ERPNext's balances, which are sums over GL Entry, up to date while a transaction adds ledger rows.

For each Payment Entry ERPNext sums up all ledger rows of the bank account, of the party account and, twice, of
the party (`erpnext.accounts.utils.get_balance_on`). Here each sum is asked once, as an exact decimal; rows that
this transaction inserts later are added to it, rounded as the statement rounds them. It holds only for the exact
form of statement that `get_balance_on` writes; any other change to GL Entry, and anything about an inserted row
that is not certain, drops the sums, and the database is asked again.
"""

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from advanced_bank_reconciliation.bulk.fast_path.statements import comparable

TABLE = "tabGL Entry"

_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'")
_STATEMENT = re.compile(
	r"select (sum\(round\((\w+), %s\)\) - sum\(round\((\w+), %s\)\)) from `tabGL Entry` gle where (.*)",
	re.IGNORECASE,
)
_PAIRS = {
	("debit_in_account_currency", "credit_in_account_currency"),
	("debit", "credit"),
}
_CONDITION = re.compile(r"(?:gle\.)?(\w+) ?(=|<=|>=) ?(?:'([^'\"\\%]*)'|(0))", re.IGNORECASE)
_EQUATIONS = {"account", "party_type", "party", "company"}
#: Decimal places of a money column.
_STORED = Decimal("1e-9")


@dataclass
class _Sum:
	"""A balance: the sum of `debit` minus `credit`, rounded to `places`, over the rows that fit."""

	debit: str
	credit: str
	places: int
	equations: tuple[tuple[str, str], ...]
	dates: tuple[tuple[str, Any], ...]
	balance: Decimal | None = None

	def add(self, row: dict[str, Any]) -> None:
		"""Add an inserted row if it fits. Raises ValueError when that is not certain."""
		if not self._fits(row):
			return
		change = self._rounded(row[self.debit]) - self._rounded(row[self.credit])
		self.balance = change if self.balance is None else self.balance + change

	def _fits(self, row: dict[str, Any]) -> bool:
		if row["is_cancelled"] not in (0, 1):
			raise ValueError(row["is_cancelled"])
		if row["is_cancelled"]:
			return False
		for column, value in self.equations:
			of_row = row[column]
			if of_row is None:
				return False
			if (compared := comparable(of_row)) is None:
				raise ValueError(of_row)
			if compared != value:
				return False
		return all(self._is_within(row["posting_date"], operator, date) for operator, date in self.dates)

	@staticmethod
	def _is_within(posting_date: Any, operator: str, date: Any) -> bool:
		posting_date = _date(posting_date)
		return posting_date <= date if operator == "<=" else posting_date >= date

	def _rounded(self, amount: Any) -> Decimal:
		if not isinstance(amount, int | float):
			raise ValueError(amount)
		stored = Decimal(repr(amount)).quantize(_STORED, ROUND_HALF_UP)
		return stored.quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_UP)


def _date(value: Any) -> datetime.date:
	if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
		return value
	return datetime.date.fromisoformat(value)


class Sums:
	"""The balances of one transaction."""

	def __init__(self) -> None:
		self._sums: dict[str, _Sum] = {}

	def answer(self, text: str, values: Any, ask: Callable[[str, Any], Any]) -> list[list] | None:
		"""Return the answer to the statement as rows, or None if it is not such a sum.

		`ask(text, values)` puts a statement to the database and returns rows.
		"""
		if TABLE not in text:
			return None
		if any(literal != " ".join(literal.split()) for literal in _LITERAL.findall(text)):
			return None  # a name with two blanks, say, which the next line would change
		text = " ".join(text.split())
		key = f"{text}{values!r}"
		found = self._sums.get(key)
		if not found:
			found = _read(text, values)
			if not found:
				return None
			expression = _STATEMENT.fullmatch(text).group(1)
			# As text: the driver would make a binary number of it, to which nothing can be added exactly.
			exactly = text.replace(expression, f"cast({expression} as char)", 1)
			balance = ask(exactly, values)[0][0]
			found.balance = None if balance is None else Decimal(balance)
			self._sums[key] = found
		return ((None if found.balance is None else float(found.balance),),)

	def inserted(self, columns: Sequence[str], values: Sequence[Any]) -> None:
		"""A ledger row was inserted, with these values; unknown columns mean that all sums are dropped."""
		if not self._sums:
			return
		row = dict(zip(columns, values, strict=False))
		try:
			for balance in self._sums.values():
				balance.add(row)
		except (KeyError, ValueError, TypeError, InvalidOperation):
			self.forget()

	def forget(self) -> None:
		"""Drop all sums."""
		self._sums.clear()


def _read(text: str, values: Any) -> _Sum | None:
	"""Return what the statement sums up, without its balance, if every part of it is understood."""
	match = _STATEMENT.fullmatch(text)
	if not match or match.group(2, 3) not in _PAIRS:
		return None
	if not isinstance(values, tuple | list) or len(values) != 2 or values[0] != values[1]:
		return None
	places = values[0]
	if not isinstance(places, int) or not 0 <= places <= 9:
		return None
	equations, dates, is_of_rows_in_force = [], [], False
	for part in match.group(4).split(" and "):
		condition = _CONDITION.fullmatch(part.strip())
		if not condition:
			return None
		column, operator, literal, zero = condition.groups()
		if (column, operator, zero) == ("is_cancelled", "=", "0"):
			is_of_rows_in_force = True
		elif (
			column == "posting_date"
			and operator in ("<=", ">=")
			and re.fullmatch(r"\d{4}-\d\d-\d\d", literal or "")
		):
			dates.append((operator, _date(literal)))
		elif column in _EQUATIONS and operator == "=" and (value := comparable(literal)):
			equations.append((column, value))
		else:
			return None
	if not is_of_rows_in_force or not equations:
		return None
	return _Sum(*match.group(2, 3), places, tuple(equations), tuple(dates))
