# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What every format makes of a file: one type for the statement, one for its lines, one for what went wrong.

Amounts are Decimal in the currency of the bank account, a deposit positive. Texts are text: leading zeros
and long numbers stay as the bank wrote them (PITFALLS P68). Dates are dates.
"""

from collections.abc import Mapping as AbstractMapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
	from advanced_bank_reconciliation.statement_import.mapping.mapping import Mapping


@dataclass(frozen=True, slots=True)
class Line:
	"""One booking on the bank account.

	number: row of the file (1-based) where the format has rows, else the position among the bookings.
	date: when it was booked. value_date: from when interest counts. amount: signed, a deposit positive.
	transaction_id: the bank's own unique id. reference: what the parties or the bank refer to it by.
	party_*: the other side. particulars, code: as banks of New Zealand carry them beside the reference. balance: of the account after this line. fee: positive where it costs.
	raw: the original row, shortened.
	"""

	number: int
	date: date
	value_date: date | None
	amount: Decimal
	currency: str = ""
	description: str = ""
	reference: str = ""
	transaction_id: str = ""
	party_name: str = ""
	party_iban: str = ""
	party_account: str = ""
	particulars: str = ""
	code: str = ""
	balance: Decimal | None = None
	fee: Decimal | None = None
	raw: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
	"""What could not be read, and why in words. `line` is numbered as in `Line.number`; 0 is no row, a balance."""

	line: int
	reason: str
	raw: str = ""


@dataclass(frozen=True, slots=True)
class Question:
	"""What the file leaves open and nobody but the user can say (PITFALLS P69, P70).

	field: what is asked for. choices: the possible answers; the answer goes into `Options.answers[field]`.
	examples: values of the file, one for each choice where they differ, that make the question clear.
	"""

	field: str
	choices: tuple[str, ...]
	examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
	"""A bank statement for one account.

	With `questions`, there are no lines: the file is read when they are answered.
	from_date, to_date: as the bank states the period, else the first and last date of the lines.
	notes: sentences about the file as a whole, such as entries that are not booked yet and were left out.
	"""

	lines: tuple[Line, ...] = ()
	opening_balance: Decimal | None = None
	closing_balance: Decimal | None = None
	currency: str = ""
	account_id: str = ""
	from_date: date | None = None
	to_date: date | None = None
	problems: tuple[Problem, ...] = ()
	questions: tuple[Question, ...] = ()
	notes: tuple[str, ...] = ()

	def as_dict(self) -> dict[str, Any]:
		"""Return the statement for JSON: amounts as plain text, dates as YYYY-MM-DD."""
		return _for_json(asdict(self))


@dataclass(frozen=True, slots=True)
class Options:
	"""What the caller knows beforehand. A format uses what concerns it.

	mapping: how a table is to be read; without it, it is detected. account_id: number or IBAN of the bank
	account, which chooses among several in one file. currency: of the bank account, for files that name none.
	is_credit_card: cards show purchases now with and now without a minus, so for one column of amounts the
	direction is then always asked. split_batches: whether a collective entry becomes a line per payment where the file has the payments.
	answers: {Question.field: choice}.
	"""

	mapping: "Mapping | None" = None
	account_id: str = ""
	currency: str = ""
	is_credit_card: bool = False
	split_batches: bool = True
	answers: AbstractMapping[str, str] = field(default_factory=dict)


def _for_json(value: Any) -> Any:
	if isinstance(value, Decimal):
		return format(value, "f")
	if isinstance(value, date):
		return value.isoformat()
	if isinstance(value, dict):
		return {key: _for_json(item) for key, item in value.items()}
	if isinstance(value, list | tuple):
		return [_for_json(item) for item in value]
	return value
