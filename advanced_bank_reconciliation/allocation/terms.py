# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Spreads what an invoice gets over its payment terms."""

from collections.abc import Sequence


def spread_over_terms(amount: int, outstanding: Sequence[int]) -> list[int]:
	"""Give `amount` to the terms in the order listed (due order), each up to what it still owes.

	Arguments and result are minor units; `amount` and `outstanding` share their sign (negative for a
	return). A term that owes 0 gets 0 (PITFALLS P04, P05). Raises ValueError when the terms together owe
	less than `amount`: the money must go somewhere, never silently (P06).
	"""
	sign = -1 if amount < 0 else 1
	left = amount * sign
	shares = []
	for owed in outstanding:
		share = min(left, max(owed * sign, 0))
		shares.append(share * sign)
		left -= share
	if left:
		raise ValueError(f"{left * sign} minor units of {amount} have no payment term to go to")
	return shares
