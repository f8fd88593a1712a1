# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Reads the rows of a table as a mapping says. Nothing is guessed here: what does not fit is a problem of its
row, with the reason in words (PITFALLS P70, P71)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from frappe import _

from advanced_bank_reconciliation.allocation.money import LARGEST_AMOUNT
from advanced_bank_reconciliation.statement_import.accounts import meant_accounts, period
from advanced_bank_reconciliation.statement_import.amounts import parse_amount
from advanced_bank_reconciliation.statement_import.amounts import readings as amount_readings
from advanced_bank_reconciliation.statement_import.dates import parse_date
from advanced_bank_reconciliation.statement_import.dates import readings as date_readings
from advanced_bank_reconciliation.statement_import.decision import only
from advanced_bank_reconciliation.statement_import.duplicates import normalised
from advanced_bank_reconciliation.statement_import.iban import find_iban
from advanced_bank_reconciliation.statement_import.limits import MAX_EXAMPLES
from advanced_bank_reconciliation.statement_import.mapping import synonyms
from advanced_bank_reconciliation.statement_import.mapping.header import Header
from advanced_bank_reconciliation.statement_import.mapping.mapping import COLUMNS, MARKER, Mapping
from advanced_bank_reconciliation.statement_import.statement import (
	Line,
	Options,
	Problem,
	Question,
	Statement,
)
from advanced_bank_reconciliation.statement_import.table import Cell, Row, Table
from advanced_bank_reconciliation.statement_import.text import clean, join, known, shorten

#: Roles whose cells make a row a booking, and those that state a balance, the likelier first.
AMOUNTS = ("amount", "debit", "credit")
STATED = ("balance", *AMOUNTS)

#: Labels of balances with the field that they fill.
BALANCES = ((synonyms.OPENING_LABELS, "opening"), (synonyms.CLOSING_LABELS, "closing"))

#: Row numbers that a note names.
MAX_SHOWN = 20

#: Longer texts in the column of the date are remarks.
LONGEST_DATE = 30


def apply_mapping(table: Table, mapping: Mapping, header: Header, options: Options) -> Statement:
	"""Return the statement that the mapping makes of the table.

	Each row below the header is a line, a balance, a remark, or a problem; amounts and balances are turned
	as the mapping's `flip` says (PITFALLS P76).
	"""
	reader = RowReader(mapping, options.currency)
	for row in table.rows[header.index + 1 :]:
		reader.take(row)
	accounts = reader.accounts
	lines = reader.lines
	account_id = _account_above(table.rows[: max(header.index, 0)])
	if len(accounts) > 1:
		wanted = options.answers.get("account_id") or options.account_id
		chosen = meant_accounts(accounts, wanted)
		if not chosen:
			return Statement(questions=(_which_account(accounts, lines),), notes=table.notes)
		reader.problems += _without_account(lines, accounts)
		lines = [line for line in lines if any(line.number in accounts[name] for name in chosen)]
		account_id = chosen[0]
	elif accounts:
		account_id = next(iter(accounts))
	for row in table.rows[: max(header.index, 0)]:
		reader.take_balance_row(row)
	first, last = period(lines)
	currencies = {line.currency for line in lines}
	return Statement(
		lines=tuple(lines),
		opening_balance=reader.opening,
		closing_balance=reader.closing,
		currency=next(iter(currencies)) if len(currencies) == 1 else options.currency,
		account_id=account_id,
		from_date=first,
		to_date=last,
		problems=tuple(sorted((*table.problems, *reader.problems), key=lambda problem: problem.line)),
		notes=(*table.notes, *reader.notes()),
	)


@dataclass
class RowReader:
	"""Turns rows into lines, one after the other."""

	mapping: Mapping
	currency: str = ""
	lines: list[Line] = field(default_factory=list)
	problems: list[Problem] = field(default_factory=list)
	accounts: dict[str, set[int]] = field(default_factory=dict)
	not_booked: list[int] = field(default_factory=list)
	remarks: list[int] = field(default_factory=list)
	zeros: list[int] = field(default_factory=list)
	typed: list[int] = field(default_factory=list)
	written: int = 0
	balances: list[int] = field(default_factory=list)
	goes_on: bool = False
	opening: Decimal | None = None
	closing: Decimal | None = None

	def __post_init__(self) -> None:
		self.first = {role: columns[0] for role, columns in self.mapping.columns.items() if columns}

	def take(self, row: Row) -> None:
		"""Sort a row: repeated header, balance, total, not booked, text that goes on, remark, or booking."""
		filled, dated = self._is_filled(row), self._is_dated(row)
		meant = dated or self._seems_dated(row)
		if not dated and self._is_repeated_header(row):
			return
		if self._took_balance(row, booking=meant and filled):
			self.balances.append(row.number)
			self.goes_on = False
			return
		if synonyms.plain(self._text(row, "state")) in synonyms.NOT_BOOKED:
			self.not_booked.append(row.number)
			self.goes_on = False
		elif not (meant or filled):
			if not self._continued(row):
				self.remarks.append(row.number)
		else:
			self._take_booking(row)

	def _take_booking(self, row: Row) -> None:
		try:
			line = self._line(row)
		except ValueError as error:
			self.problems.append(Problem(row.number, str(error), row.raw))
			self.goes_on = False
			return
		if not line.amount:
			self.zeros.append(row.number)
			self.goes_on = False
			return
		self.lines.append(line)
		self.goes_on = True
		if account := account_of(self._text(row, "own_account")):
			self.accounts.setdefault(account, set()).add(row.number)

	def _is_dated(self, row: Row) -> bool:
		cell = row.cell(self.first["date"]) if "date" in self.first else ""
		return bool(date_readings(cell)) if isinstance(cell, str) else isinstance(cell, date)

	def _seems_dated(self, row: Row) -> bool:
		"""Whether the date cell is meant as one: short and with digits. Such a row is not just a remark."""
		text = self._text(row, "date")
		short = len(text) <= LONGEST_DATE and any(char.isdigit() for char in text)
		return short and not synonyms.may_be_label(text)

	def _is_filled(self, row: Row) -> bool:
		return any(
			is_amount(row.cell(column)) for role in AMOUNTS for column in self.mapping.columns.get(role, ())
		)

	def take_balance_row(self, row: Row) -> None:
		"""Take an opening or closing balance from a row above the table: its label, then the amount."""
		for labels, name in BALANCES:
			for column in range(len(row.cells)):
				label, _colon, rest = row.text(column).partition(":")
				if getattr(self, name) is None and synonyms.is_label(label, labels):
					cells = (rest, *(row.cell(behind) for behind in range(column + 1, len(row.cells))))
					setattr(self, name, self._first_amount(cells))

	def _first_amount(self, cells: Iterable[Cell]) -> Decimal | None:
		"""Return the first of the cells that is an amount and no date."""
		for cell in cells:
			if is_amount(cell) and not (isinstance(cell, str) and date_readings(cell)):
				try:
					amount = cell if isinstance(cell, Decimal) else self._number(cell)
				except ValueError:
					continue
				return self._turned(amount, balance=True)
		return None

	def _took_balance(self, row: Row, booking: bool) -> bool:
		"""Whether the row states a balance or a total, and is no booking.

		A row with date and amount is one only where its text is exactly one of the surest labels.
		"""
		texts = [cell for cell in row.cells if isinstance(cell, str) and synonyms.may_be_label(cell)]
		for labels, name in BALANCES:
			if any(
				synonyms.is_label(text, labels)
				and (not booking or synonyms.plain(text) in synonyms.SURE_LABELS)
				for text in texts
			):
				if getattr(self, name) is None:
					columns = [column for role in STATED for column in self.mapping.columns.get(role, ())]
					cells = [row.cell(column) for column in columns]
					setattr(self, name, self._first_amount([*cells, *row.cells]))
				return True
		return not booking and any(synonyms.is_label(text, synonyms.TOTAL_LABELS) for text in texts)

	def _is_repeated_header(self, row: Row) -> bool:
		return synonyms.BY_NAME.get(synonyms.plain(self._text(row, "date")), ("",))[0] == "date"

	def _continued(self, row: Row) -> bool:
		"""Whether the row has nothing but a text under the description: that of the line above goes on."""
		columns = [column for column in range(len(row.cells)) if row.text(column).strip()]
		described = self.mapping.columns.get("description", ())
		if not self.goes_on or not all(column in described for column in columns):
			return False
		before = self.lines[-1]
		text = join(*(row.text(column) for column in columns))
		self.lines[-1] = replace(
			before,
			description=clean(f"{before.description} {text}"),
			raw=shorten(f"{before.raw}\n{row.raw}"),
		)
		return True

	def notes(self) -> tuple[str, ...]:
		"""Return what became of rows that are neither lines nor problems."""
		notes = []
		if self.not_booked:
			notes.append(
				_("Rows that are not booked yet or were taken back are left out: {0}").format(
					_numbers(self.not_booked)
				)
			)
		if self.balances:
			notes.append(
				_("Rows taken for balances and totals, not for bookings: {0}").format(_numbers(self.balances))
			)
		if self.remarks:
			notes.append(
				_("Rows with neither a date nor an amount are taken for remarks: {0}").format(
					_numbers(self.remarks)
				)
			)
		if self.zeros:
			notes.append(
				_("Rows of amount zero are left out, as there is nothing to book: {0}").format(
					_numbers(self.zeros)
				)
			)
		if self.typed and self.written:
			notes.append(
				_(
					"The column of dates has {0} dates and {1} texts. The spreadsheet may have changed day and "
					"month about in those that it made dates of. Compare these rows with the bank: {2}"
				).format(len(self.typed), self.written, _numbers(self.typed))
			)
		return tuple(notes)

	def _line(self, row: Row) -> Line:
		booked = self._date(row, "date")
		if booked is None:
			raise ValueError(_("There is no date."))
		if isinstance(row.cell(self.first["date"]), date):
			self.typed.append(row.number)
		else:
			self.written += 1
		amount = self._turned(self._amount(row))
		balance, fee = self._optional(row, "balance"), self._optional(row, "fee")
		if not amount and fee:
			raise ValueError(_("The amount is zero, beside a fee of {0}.").format(fee))
		account = clean(self._text(row, "party_iban"))
		iban = find_iban(account)
		return Line(
			number=row.number,
			date=booked,
			value_date=self._date(row, "value_date"),
			amount=amount,
			currency=clean(self._text(row, "currency")).upper() or self.currency,
			description=join(*(row.text(column) for column in self.mapping.columns.get("description", ()))),
			reference=known(self._text(row, "reference")),
			particulars=clean(self._text(row, "particulars")),
			code=clean(self._text(row, "code")),
			transaction_id=known(self._text(row, "transaction_id")),
			party_name=clean(self._text(row, "party_name")),
			party_iban=iban,
			party_account=clean(self._text(row, "party_account")) or ("" if iban else account),
			balance=self._turned(self._on_its_side(row, balance), balance=True)
			if balance is not None
			else None,
			fee=abs(fee) if fee else None,
			raw=row.raw,
		)

	def _amount(self, row: Row) -> Decimal:
		if self.mapping.sign == COLUMNS:
			return self._of_two_columns(row)
		if not self._text(row, "amount"):
			raise ValueError(_("There is no amount."))
		amount = self._value(row, "amount")
		return self._marked(row, amount) if self.mapping.sign == MARKER else amount

	def _of_two_columns(self, row: Row) -> Decimal:
		debit, credit = (
			self._optional(row, "debit") or Decimal(0),
			self._optional(row, "credit") or Decimal(0),
		)
		if not (self._text(row, "debit") or self._text(row, "credit")):
			raise ValueError(_("There is no amount, neither as a debit nor as a credit."))
		if debit and credit:
			raise ValueError(_("There is both a debit and a credit: {0} and {1}.").format(debit, credit))
		return credit + debit if self.mapping.debit_is_negative else credit - debit

	def _marked(self, row: Row, amount: Decimal) -> Decimal:
		if amount < 0:
			raise ValueError(
				_("The amount {0} has a sign, beside a column that says debit or credit.").format(amount)
			)
		mark = mark_of(self._text(row, "marker"))
		if mark in (self.mapping.debit_marks or synonyms.DEBIT_MARKS):
			return -amount
		if self.mapping.debit_marks or mark in synonyms.CREDIT_MARKS:
			if mark:
				return amount
		raise ValueError(
			_("{0} says neither debit nor credit.").format(shorten(self._text(row, "marker"), 40) or '""')
		)

	def _on_its_side(self, row: Row, balance: Decimal) -> Decimal:
		return (
			-abs(balance) if mark_of(self._text(row, "balance_marker")) in synonyms.DEBIT_MARKS else balance
		)

	def _turned(self, amount: Decimal, balance: bool = False) -> Decimal:
		turned = bool(self.mapping.flip) != (balance and self.mapping.balance_reversed)
		return -amount if turned and amount else amount

	def _optional(self, row: Row, role: str) -> Decimal | None:
		return self._value(row, role) if self._text(row, role) else None

	def _value(self, row: Row, role: str) -> Decimal:
		cell = row.cell(self.first[role])
		if isinstance(cell, Decimal):
			if abs(cell) >= LARGEST_AMOUNT:
				raise ValueError(_("{0} is larger than any amount that can be booked.").format(cell))
			return cell
		return self._number(self._text(row, role))

	def _number(self, text: str) -> Decimal:
		mark = self.mapping.decimal_mark
		if not mark:
			if (amount := only(amount_readings(text))) is None:
				raise ValueError(_("{0} is not an amount.").format(shorten(text, 60)))
			return amount
		try:
			return parse_amount(text, mark)
		except ValueError:
			raise ValueError(
				_("{0} is not an amount with {1} as decimal mark.").format(shorten(text, 60), mark)
			) from None

	def _date(self, row: Row, role: str) -> date | None:
		cell = row.cell(self.first[role]) if role in self.first else ""
		if isinstance(cell, date):
			return cell
		text = self._text(row, role)
		if not text:
			return None
		order = self.mapping.date_order
		if not order:
			if (day := only(date_readings(text))) is None:
				raise ValueError(_("{0} is not a date.").format(shorten(text, 60)))
			return day
		try:
			return parse_date(text, order)
		except ValueError:
			raise ValueError(
				_("{0} is not a date in the order {1}.").format(shorten(text, 60), order)
			) from None

	def _text(self, row: Row, role: str) -> str:
		column = self.first.get(role)
		text = row.text(column).strip() if column is not None else ""
		return "" if text in ("-", "—") and role != "marker" else text


def is_amount(cell: Cell) -> bool:
	"""Whether a cell can be read as an amount, with whichever decimal mark."""
	return (
		bool(cell.strip() and amount_readings(cell)) if isinstance(cell, str) else isinstance(cell, Decimal)
	)


def account_of(text: str) -> str:
	"""Return an account id without what keeps it a text in a spreadsheet."""
	return clean(text).lstrip("_'")


def _numbers(numbers: Sequence[int]) -> str:
	shown = ", ".join(str(number) for number in numbers[:MAX_SHOWN])
	return f"{shown} …" if len(numbers) > MAX_SHOWN else shown


def mark_of(text: str) -> str:
	"""Return what a marker column says as DEBIT_MARKS has it: "Dr." as "dr", a lone sign as it is."""
	text = text.strip()
	return text if text in ("+", "-") else synonyms.plain(text)


def _account_above(rows: Sequence[Row]) -> str:
	"""Return the account that the lines above the table name: an IBAN, else what follows a label."""
	for row in rows:
		if iban := find_iban(" | ".join(row.text(column) for column in range(len(row.cells)))):
			return iban
	for row in rows:
		for column in range(len(row.cells)):
			label, _colon, rest = row.text(column).partition(":")
			if synonyms.plain(label) in synonyms.ACCOUNT_LABELS:
				value = account_of(rest) or account_of(row.text(column + 1))
				if any(char.isdigit() for char in value):
					return value
	return ""


def _without_account(lines: list[Line], accounts: dict[str, set[int]]) -> list[Problem]:
	"""Return the lines of a file with several accounts that name none of them."""
	named = set().union(*accounts.values())
	reason = _("The row does not say which account it belongs to.")
	return [Problem(line.number, reason, line.raw) for line in lines if line.number not in named]


def _which_account(accounts: dict[str, set[int]], lines: list[Line]) -> Question:
	first = {line.number: line for line in reversed(lines)}
	examples = []
	for name, numbers in list(accounts.items())[:MAX_EXAMPLES]:
		line = first.get(min(numbers))
		shown = f"{line.date} {line.amount} {line.description}" if line else "-"
		examples.append(shorten(f"{name} ({len(numbers)}): {shown}", 140))
	return Question("account_id", tuple(accounts), tuple(examples))
