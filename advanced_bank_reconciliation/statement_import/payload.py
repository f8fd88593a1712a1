# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Turns what a caller of the endpoints sent into values, or says what is wrong with it."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from frappe import _

from advanced_bank_reconciliation.allocation.money import LARGEST_AMOUNT
from advanced_bank_reconciliation.exceptions import BadPayload, refuse
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.text import clean

#: Rows that one call may name, and that one page may have.
MOST_ROWS = 100_000
LONGEST_PAGE = 1_000

KINDS = {dict: "an object", list: "a list"}


def parse_json(value: object, kind: type) -> Any:
	"""Return the dict or list, which may have come as JSON text; None stays None."""
	if isinstance(value, str):
		try:
			value = json.loads(value or "null")
		except ValueError as error:
			refuse(BadPayload, [_("This is no JSON: {0}").format(error)])
	if value is not None and not isinstance(value, kind):
		refuse(BadPayload, [_("{0} is needed, as JSON.").format(_(KINDS[kind]).capitalize())])
	return value


def parse_outcomes(value: object) -> list[str]:
	"""Return outcomes of lines: one, several as a list, or none."""
	if isinstance(value, str) and not value.lstrip().startswith("["):
		value = [value] if value else []
	outcomes = parse_json(value, list) or []
	_check_all(outcomes, statuses.OUTCOMES)
	return outcomes


def parse_decision(value: str) -> str:
	_check_all([value], statuses.DECISIONS)
	return value


def parse_page(start: int, page_length: int) -> tuple[int, int]:
	"""Return a start from 0, and a length between 1 and LONGEST_PAGE."""
	return max(start, 0), min(max(page_length, 1), LONGEST_PAGE)


def parse_row_names(rows: object) -> list[str]:
	"""Return the names of lines, each once."""
	names = parse_json(rows, list) or []
	if not names or len(names) > MOST_ROWS or not all(isinstance(name, str) and name for name in names):
		refuse(BadPayload, [_("Name at least one line, by its row.")])
	return list(dict.fromkeys(names))


def parse_correction(values: object) -> dict[str, Any]:
	"""Return {date, amount, description, reference} as far as they are given. All problems in one message."""
	given = parse_json(values, dict) or {}
	problems = [
		_("{0} cannot be corrected.").format(str(key)[:60]) for key in given if key not in CORRECTABLE
	]
	parsed = {}
	for key, value in given.items():
		if key in CORRECTABLE:
			try:
				parsed[key] = CORRECTABLE[key](value)
			except ValueError as error:
				problems.append(str(error))
	if not given:
		problems.append(_("Enter a date, an amount, a description or a reference."))
	if problems:
		refuse(BadPayload, problems)
	return parsed


def _date(value: object) -> date:
	if isinstance(value, date):
		return value
	try:
		return date.fromisoformat(str(value).strip())
	except ValueError:
		raise ValueError(_("{0} is no date. Enter it as YYYY-MM-DD.").format(str(value)[:60])) from None


def _amount(value: object) -> Decimal:
	text = str(value).strip()
	try:
		amount = Decimal(text)
	except ArithmeticError:
		raise ValueError(_("{0} is no amount. Enter it as 1234.56.").format(text[:60])) from None
	if not amount.is_finite() or not amount or abs(amount) > LARGEST_AMOUNT:
		raise ValueError(_("{0} cannot be an amount.").format(text[:60]))
	return amount


def _text(value: object) -> str:
	return clean(str(value or ""))


CORRECTABLE = {"date": _date, "amount": _amount, "description": _text, "reference": _text}


def _check_all(values: Sequence[object], allowed: Sequence[str]) -> None:
	problems = [
		_("{0} is none of {1}.").format(str(value)[:60], ", ".join(allowed))
		for value in values
		if value not in allowed
	]
	if problems:
		refuse(BadPayload, problems)
