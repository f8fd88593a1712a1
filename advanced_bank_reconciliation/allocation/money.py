# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Amounts as whole minor units, so that sums and comparisons are exact (PITFALLS P07, P14)."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

#: Frappe stores Currency as decimal(21, 9): twelve digits before the point.
LARGEST_AMOUNT = Decimal(10) ** 12


def to_decimal(value: object) -> Decimal:
	"""Return `value` (int, float, Decimal or numeric text) as a finite Decimal.

	Raises ValueError for anything else, for NaN and infinity, and for amounts that no Currency field holds.
	"""
	if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
		raise ValueError(value)
	try:
		amount = Decimal(str(value).strip())
	except InvalidOperation:
		raise ValueError(value) from None
	if not amount.is_finite() or abs(amount) >= LARGEST_AMOUNT:
		raise ValueError(value)
	return amount


def to_minor(value: object, precision: int) -> int:
	"""Return `value`, rounded once (half away from zero) to `precision` decimals, in minor units."""
	return int(to_decimal(value).scaleb(precision).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_major(minor: int, precision: int) -> float:
	"""Return the amount of `minor` units with `precision` decimals, as the float that Frappe stores."""
	return float(Decimal(minor).scaleb(-precision))
