# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Decides about one Bank Transaction: the candidate to take, or in words why there is none.

Pure: what it is given decides, and nothing else. Amounts are compared in minor units of the bank account's
currency.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from frappe import _

from advanced_bank_reconciliation.allocation.money import to_minor
from advanced_bank_reconciliation.auto.policy import SMALLEST_MARGIN, Policy

Row = Mapping[str, Any]

#: A tie names this many of the vouchers that fit equally.
MOST_NAMES = 3


@dataclass(frozen=True)
class Line:
	"""What of a Bank Transaction decides: the amount that is left, the decimals of its currency.

	money: writes an amount in that currency.
	"""

	unallocated_amount: float
	precision: int
	money: Callable[[float], str]

	@property
	def minor(self) -> int:
		return to_minor(self.unallocated_amount, self.precision)


@dataclass(frozen=True)
class Verdict:
	"""matched: take `candidate`. score, second_score: points of the best and of its next rival, if any."""

	matched: bool
	reason: str
	candidate: Row | None = None
	score: int | None = None
	second_score: int | None = None


def decide(line: Line, policy: Policy, best: Row | None, fitting: Sequence[Row]) -> Verdict:
	"""Return what the policy says about a line.

	best: the candidate with the most points, whatever its amount; None where there is none at all.
	fitting: candidates over exactly the line's amount, the best first; at least the first two.
	Every one as a row of `matching.candidates.find_candidates`.
	"""
	if policy.amount_ceiling and line.minor > to_minor(policy.amount_ceiling, line.precision):
		ceiling = line.money(policy.amount_ceiling)
		return _skip(
			_("{0} is above the ceiling of {1}.").format(line.money(line.unallocated_amount), ceiling)
		)
	fitting = [row for row in fitting if takes(row, line.precision) == line.minor]
	first, second = (*fitting[:2], None, None)[:2]
	if best is None and first is None:
		return _skip(_("No voucher was found."))
	if first is None:
		return _skip(_none_fits(line, best), best)
	if best is not None and best["rank"] > first["rank"]:
		return _skip(_best_does_not_fit(line, best, first), best, first)
	if first["rank"] < policy.minimum_score:
		reason = _("The best candidate {0} has {1} points, {2} are needed.")
		return _skip(reason.format(named(first), first["rank"], policy.minimum_score), first, second)
	margin = max(policy.margin_to_second, SMALLEST_MARGIN)
	if second is not None and first["rank"] - second["rank"] < margin:
		return _skip(_too_close(fitting, margin), first, second)
	return Verdict(True, _why(first), first, first["rank"], second and second["rank"])


def takes(row: Row, precision: int) -> int:
	"""Return what the candidate would take from the line, in minor units; negative where it gives back."""
	return row["effect_sign"] * abs(to_minor(row["remaining_amount"], precision))


def named(row: Row) -> str:
	"""Return the candidate's kind and name, as a message names it."""
	return f"{_(row['doctype'])} {row['name']}"


def _skip(reason: str, first: Row | None = None, second: Row | None = None) -> Verdict:
	return Verdict(False, reason, first, first and first["rank"], second and second["rank"])


def _none_fits(line: Line, best: Row) -> str:
	reason = _("No voucher over {0} was found. The best candidate {1} has {2} points, {3} of it is open.")
	if best["effect_sign"] < 0:
		reason = _(
			"No voucher over {0} was found. The best candidate {1} has {2} points and would give {3} back."
		)
	return reason.format(
		line.money(line.unallocated_amount),
		named(best),
		best["rank"],
		line.money(abs(best["remaining_amount"])),
	)


def _best_does_not_fit(line: Line, best: Row, first: Row) -> str:
	return _("{0} has {1} points but does not fit: {2} of it is open. {3} fits {4}, with {5} points.").format(
		named(best),
		best["rank"],
		line.money(abs(best["remaining_amount"])),
		named(first),
		line.money(line.unallocated_amount),
		first["rank"],
	)


def _too_close(fitting: Sequence[Row], margin: int) -> str:
	first, second = fitting[:2]
	equal = [row for row in fitting if row["rank"] == first["rank"]]
	if len(equal) > 1:
		names = ", ".join(named(row) for row in equal[:MOST_NAMES])
		if len(equal) == 2:
			return _("Two vouchers fit equally, with {0} points each: {1}.").format(first["rank"], names)
		return _("Several vouchers fit equally, with {0} points each: {1}.").format(first["rank"], names)
	return _("{0} has {1} points and {2} has {3}; {4} points between them are needed.").format(
		named(first), first["rank"], named(second), second["rank"], margin
	)


def _why(row: Row) -> str:
	return " · ".join(row["reasons"]) or _("Exactly the unallocated amount")
