# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Decides how a bank line is shared among the invoices that were selected for it.

Pure arithmetic in minor units of the bank account's currency: no database, no document.

The *effect* of an invoice is what it takes from the line: positive where its money flows in the line's
direction, negative where it flows against it (a credit note in a customer's deposit). Effects against the
direction only count within their party: one Payment Entry then pays the difference.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Claim:
	"""One invoice that asks for money from the line.

	key: (doctype, name). party: whose invoice it is, with the party account: only these net.
	asked: effect of what is to be settled, never beyond what is outstanding.
	oldest_by: the date that decides who is served first (PITFALLS P08).
	"""

	key: tuple[str, str]
	party: tuple[str, ...]
	asked: int
	oldest_by: date


def allocate(claims: Iterable[Claim], available: int) -> dict[tuple[str, str], int]:
	"""Return the effect that each claim gets; claims that get nothing are not in the answer.

	Credit notes count in full and add to what their party can be paid. The rest is served oldest first
	(ties by doctype and name), each min(asked, what is left) (P03). No party ends with a net of zero or
	less: a Payment Entry needs an amount, so such a party is left out and the others are served again.
	"""
	candidates = list(claims)
	while True:
		shares = _serve(candidates, available)
		unpayable = _parties_without_net(candidates, shares)
		if not unpayable:
			return shares
		candidates = [claim for claim in candidates if claim.party not in unpayable]


def _serve(claims: list[Claim], available: int) -> dict[tuple[str, str], int]:
	shares = {claim.key: claim.asked for claim in claims if claim.asked < 0}
	left = available - sum(shares.values())
	for claim in sorted(claims, key=lambda claim: (claim.oldest_by, claim.key)):
		if claim.asked <= 0 or left <= 0:
			continue
		shares[claim.key] = min(claim.asked, left)
		left -= shares[claim.key]
	return shares


def _parties_without_net(claims: list[Claim], shares: dict[tuple[str, str], int]) -> set[tuple[str, ...]]:
	net: dict[tuple[str, ...], int] = {}
	for claim in claims:
		if claim.key in shares:
			net[claim.party] = net.get(claim.party, 0) + shares[claim.key]
	return {party for party, amount in net.items() if amount <= 0}
