# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Proves that the lines account for the balances, to the last unit, and names the first place where not."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from advanced_bank_reconciliation.statement_import.statement import Line, Statement

ASCENDING, DESCENDING = "ascending", "descending"
INCLUDED, EXCLUDED = "included", "excluded"


@dataclass(frozen=True, slots=True)
class Break:
	"""After the line of this number the balance should be `expected`, and the file says `found`."""

	line: int
	expected: Decimal
	found: Decimal

	@property
	def difference(self) -> Decimal:
		return self.found - self.expected


@dataclass(frozen=True, slots=True)
class BalanceProof:
	"""order: of the lines in the file, by the running balance, else by the dates.
	fees: whether fees are part of the amounts (included) or come on top (excluded).
	opening, closing: as stated, else as the running balance implies. total: what the lines add up to.
	running: how many steps of the running balance were compared; first_break: the first that fails.
	difference: closing - (opening + total), None where a balance is not known.
	"""

	order: str
	fees: str
	opening: Decimal | None
	closing: Decimal | None
	total: Decimal
	running: int
	first_break: Break | None
	difference: Decimal | None

	@property
	def proven(self) -> bool | None:
		"""True: proven. False: it does not add up. None: the file has no balances to prove it with."""
		if self.first_break or self.difference:
			return False
		return True if self.running or self.difference is not None else None


def prove(statement: Statement) -> BalanceProof:
	"""Return the proof of a statement's balances. Amounts are compared exactly, without tolerance."""
	lines = statement.lines
	attempts = [(order, fees) for fees in _fee_kinds(lines) for order in _orders(lines)]
	proofs = [_prove(statement, order, fees) for order, fees in attempts]
	return min(proofs, key=lambda attempt: attempt[0])[1]


def _fee_kinds(lines: Sequence[Line]) -> tuple[str, ...]:
	return (INCLUDED, EXCLUDED) if any(line.fee for line in lines) else (INCLUDED,)


def _orders(lines: Sequence[Line]) -> tuple[str, ...]:
	"""Both, the likelier by the dates first: where the balances cannot tell, it stands."""
	if len(lines) > 1 and lines[0].date > lines[-1].date:
		return DESCENDING, ASCENDING
	return ASCENDING, DESCENDING


def _prove(statement: Statement, order: str, fees: str) -> tuple[int, BalanceProof]:
	"""Return how many things fail, and the proof."""
	lines = statement.lines if order == ASCENDING else statement.lines[::-1]
	effects = [effect_of(line, fees) for line in lines]
	opening, closing = statement.opening_balance, statement.closing_balance
	if opening is None and lines and lines[0].balance is not None:
		opening = lines[0].balance - effects[0]
	if closing is None and lines and lines[-1].balance is not None:
		closing = lines[-1].balance
	breaks, compared = _walk(lines, effects, statement.opening_balance)
	total = sum(effects, Decimal(0))
	difference = None
	if opening is not None and closing is not None:
		difference = closing - opening - total
	proof = BalanceProof(
		order, fees, opening, closing, total, compared, breaks[0] if breaks else None, difference
	)
	return len(breaks) + bool(difference), proof


def _walk(
	lines: Sequence[Line], effects: Sequence[Decimal], opening: Decimal | None
) -> tuple[list[Break], int]:
	"""Follow the running balance from the opening, or from the first balance that a line has.

	Lines without a balance count on until the next that has one.
	"""
	breaks, compared, expected = [], 0, opening
	for line, effect in zip(lines, effects, strict=True):
		if expected is not None:
			expected += effect
		if line.balance is None:
			continue
		if expected is not None:
			compared += 1
			if expected != line.balance:
				breaks.append(Break(line.number, expected, line.balance))
		expected = line.balance
	return breaks, compared


def effect_of(line: Line, fees: str) -> Decimal:
	"""Return what a line moves on the account: fees that are not part of the amount come on top."""
	return line.amount - (line.fee or 0) if fees == EXCLUDED else line.amount
