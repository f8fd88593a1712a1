# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""How the columns of a table become a statement. Saved with the bank, offered for the next file."""

import hashlib
import re
from collections.abc import Mapping as AbstractMapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from frappe import _

from advanced_bank_reconciliation.exceptions import refuse
from advanced_bank_reconciliation.statement_import.amounts import DECIMAL_MARKS
from advanced_bank_reconciliation.statement_import.dates import DATE_ORDERS
from advanced_bank_reconciliation.statement_import.exceptions import BadMapping
from advanced_bank_reconciliation.statement_import.limits import MAX_COLUMNS, MAX_LINES
from advanced_bank_reconciliation.statement_import.mapping.synonyms import (
	AMOUNT_ROLES,
	JOINED,
	NEEDED,
	ROLES,
	plain,
)

#: One signed column; two columns; amounts without sign and a column that says debit or credit.
SIGNED, COLUMNS, MARKER = "signed", "columns", "marker"
SIGNS = (SIGNED, COLUMNS, MARKER)


@dataclass(frozen=True)
class Mapping:
	"""columns: {role: column numbers, 0-based}; several only for the description.
	header_row: row of the file (1-based), 0 without a header. fingerprint: of the header's titles.
	date_order: DMY, MDY or YMD. decimal_mark: point or comma. Empty: to be decided by each file, as the one that
	the mapping was made of did not tell. sign: SIGNED, COLUMNS or MARKER.
	flip: the file shows the account from the other side, as credit cards do: all amounts and balances turn.
	None: to be decided.
	balance_reversed: only the balances are of the other side.
	debit_is_negative: a withdrawal in the debit column carries a minus; None: to be decided. debit_marks: what says debit in the
	marker column, in plain form; empty means the known words.
	delimiter, encoding, sheet: empty means detected.
	"""

	columns: dict[str, tuple[int, ...]] = field(default_factory=dict)
	header_row: int = 0
	fingerprint: str = ""
	date_order: str = ""
	decimal_mark: str = ""
	sign: str = SIGNED
	flip: bool | None = False
	balance_reversed: bool = False
	debit_is_negative: bool | None = None
	debit_marks: tuple[str, ...] = ()
	delimiter: str = ""
	encoding: str = ""
	sheet: str = ""

	def column(self, role: str) -> int | None:
		"""Return the column of a role, or None."""
		found = self.columns.get(role, ())
		return found[0] if found else None

	def as_dict(self) -> dict[str, Any]:
		"""Return what `from_dict` takes, for JSON."""
		return {
			**asdict(self),
			"columns": {role: list(numbers) for role, numbers in self.columns.items()},
			"debit_marks": list(self.debit_marks),
		}

	@classmethod
	def from_dict(cls, values: AbstractMapping[str, Any]) -> "Mapping":
		"""Return the mapping. Raises BadMapping that names all that is wrong: it may come from a browser."""
		problems = [
			_("{0} is not part of a mapping.").format(str(name)[:60])
			for name in values
			if name not in {item.name for item in fields(cls)}
		]
		problems += [problem for check in CHECKS for problem in check(values)]
		if problems:
			refuse(BadMapping, problems)
		columns = {role: tuple(numbers) for role, numbers in values.get("columns", {}).items() if numbers}
		return cls(**{**values, "columns": columns, "debit_marks": tuple(values.get("debit_marks", ()))})


def header_fingerprint(titles: tuple[str, ...]) -> str:
	"""Return what a header is recognised by: its titles in their order, whatever case and punctuation."""
	known = [plain(title) for title in titles]
	while known and not known[-1]:
		known.pop()
	return hashlib.sha256("\x1f".join(known).encode()).hexdigest()[:24]


def width_fingerprint(width: int) -> str:
	"""Return the fingerprint of a table without a header: all that is known of it is its width."""
	return f"no header, {width} columns"


def _check_columns(values: AbstractMapping[str, Any]) -> list[str]:
	columns = values.get("columns", {})
	if not isinstance(columns, dict):
		return [_("The columns must be an object of column numbers for each role.")]
	problems = []
	for role, numbers in columns.items():
		if role not in ROLES:
			problems.append(_("{0} is not the role of a column.").format(str(role)[:60]))
		elif not isinstance(numbers, list | tuple) or not all(
			isinstance(number, int) and not isinstance(number, bool) and 0 <= number < MAX_COLUMNS
			for number in numbers
		):
			problems.append(_("{0}: the columns must be a list of numbers from 0.").format(role))
		elif len(numbers) > 1 and role not in JOINED:
			problems.append(_("{0}: only one column can be taken.").format(role))
	return problems or _missing_roles(values, columns)


def _missing_roles(values: AbstractMapping[str, Any], columns: dict) -> list[str]:
	needed = {SIGNED: ("amount",), COLUMNS: (), MARKER: ("amount", "marker")}.get(
		values.get("sign", SIGNED), ()
	)
	missing = [role for role in (*NEEDED, *needed) if not columns.get(role)]
	if not any(columns.get(role) for role in AMOUNT_ROLES):
		missing.append("amount")
	return [_("No column is given for {0}.").format(role) for role in dict.fromkeys(missing)]


def _check_choices(values: AbstractMapping[str, Any]) -> list[str]:
	allowed = {"date_order": ("", *DATE_ORDERS), "decimal_mark": ("", *DECIMAL_MARKS), "sign": SIGNS}
	return [
		_("{0}: {1} is none of {2}.").format(name, str(values[name])[:60], ", ".join(filter(None, choices)))
		for name, choices in allowed.items()
		if name in values and values[name] not in choices
	]


def _check_types(values: AbstractMapping[str, Any]) -> list[str]:
	problems = []
	for name, kinds in (
		("flip", bool | None),
		("balance_reversed", bool),
		("debit_is_negative", bool | None),
	):
		if not isinstance(values.get(name, False), kinds):
			problems.append(_("{0} must be true or false.").format(name))
	for name in ("fingerprint", "encoding", "sheet", "delimiter"):
		if not isinstance(values.get(name, ""), str) or len(values.get(name, "")) > 200:
			problems.append(_("{0} must be a short text.").format(name))
	row = values.get("header_row", 0)
	if not isinstance(row, int) or isinstance(row, bool) or not 0 <= row <= MAX_LINES:
		problems.append(_("header_row must be the number of a row."))
	marks = values.get("debit_marks", ())
	if not isinstance(marks, list | tuple) or not all(isinstance(mark, str) for mark in marks):
		problems.append(_("debit_marks must be a list of texts."))
	delimiter = values.get("delimiter", "")
	if isinstance(delimiter, str) and delimiter and not re.fullmatch(r'[^\w"\r\n ]', delimiter):
		problems.append(
			_("delimiter must be one character that is no letter, digit, space or quotation mark.")
		)
	return problems


CHECKS = (_check_columns, _check_choices, _check_types)
