# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Decides how a bank line is shared among the invoices that were selected for it.

Pure arithmetic in minor units of the bank account's currency: no database, no document. The form's preview
(public/js/.../core/allocation.js) answers the same cases alike (PITFALLS P46).

The *effect* of an invoice is what it takes from the line: positive where its money flows in the line's
direction, negative where it flows against it (a credit note in a customer's deposit). Effects against the
direction only count within their party: one Payment Entry then pays the difference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

Key = tuple[str, str]
Party = tuple[str, ...]


@dataclass(frozen=True)
class Claim:
	"""One invoice that asks for money from the line.

	key: (doctype, name). party: whose invoice it is, with the party account: only these net.
	asked: effect of what is to be settled, never beyond what is outstanding.
	oldest_by: the date that decides who is served first (PITFALLS P08).
	discount: early-payment discount that is valid on the line's date, if `asked` is all that is outstanding.
	"""

	key: Key
	party: Party
	asked: int
	oldest_by: date
	discount: int = 0


@dataclass(frozen=True)
class Share:
	"""What one claim gets.

	amount: what it takes from the line. discount: what the invoice is settled by beside that.
	difference: what is written off (positive), or what the line brings beyond the invoice (negative).
	"""

	amount: int
	discount: int = 0
	difference: int = 0

	@property
	def settled(self) -> int:
		"""What the invoice is settled by, all in all."""
		return self.amount + self.discount + self.difference


def allocate(
	claims: Iterable[Claim], available: int, *, largest_first: bool = False, largest_difference: int = 0
) -> dict[Key, Share]:
	"""Return what each claim gets; claims that get nothing are not in the answer.

	Credit notes count in full and add to what their party can be paid. The rest is served in order, oldest
	or largest first (P08, P44), each min(asked, what is left) (P03). Where valid discounts make
	all of it fit, they are taken in that order until it does (P20). No party ends with a net of zero or less: a
	Payment Entry needs an amount, so such a party is left out and the others are served again.

	Where all claims together are at most `largest_difference` beside what the line has, the last one that
	is large enough takes the difference, and the line is used up exactly (P21).
	"""
	candidates = _payable(claims, largest_first)
	if settled := _settle_difference(candidates, available, largest_difference):
		return settled
	while True:
		shares = _serve(candidates, available, _discounts(candidates, available))
		unpayable = {party for party, net in _net_amounts(candidates, shares).items() if net <= 0}
		if not unpayable:
			return shares
		candidates = [claim for claim in candidates if claim.party not in unpayable]


def difference(claims: Iterable[Claim], available: int, *, largest_first: bool = False) -> int:
	"""Return by how much the claims, discounts taken, ask for more (positive) or less than the line has."""
	candidates = _payable(claims, largest_first)
	discounts, _excess = _take_discounts(candidates, available)
	return _wanted(candidates, discounts) - available


def serving_order(claim: Claim, largest_first: bool = False) -> tuple:
	"""Return the sort key of the claim: who is served first, never undecided."""
	by_age = (claim.oldest_by, claim.key)
	return (-claim.asked, *by_age) if largest_first else by_age


def _payable(claims: Iterable[Claim], largest_first: bool) -> list[Claim]:
	"""Return the claims in serving order, without the parties that are owed nothing in all."""
	ordered = sorted(claims, key=lambda claim: serving_order(claim, largest_first))
	net = _net_asked(ordered)
	return [claim for claim in ordered if claim.asked and net[claim.party] > 0]


def _discounts(ordered: Sequence[Claim], available: int, tolerance: int = 0) -> dict[Key, int]:
	"""Return the discounts to take: those that make everything fit, but for `tolerance`, else none.

	Money that is short even so says nothing of a discount: nobody is given what they did not take.
	"""
	discounts, excess = _take_discounts(ordered, available)
	return discounts if excess <= tolerance else {}


def _take_discounts(ordered: Sequence[Claim], available: int) -> tuple[dict[Key, int], int]:
	"""Return discounts in serving order until everything fits, and what does not fit even so."""
	taken: dict[Key, int] = {}
	net = _net_asked(ordered)
	excess = sum(net.values()) - available
	for claim in ordered:
		if excess <= 0:
			break
		if 0 < claim.discount < claim.asked and claim.discount < net[claim.party]:
			taken[claim.key] = claim.discount
			net[claim.party] -= claim.discount
			excess -= claim.discount
	return taken, excess


def _serve(ordered: Sequence[Claim], available: int, discounts: dict[Key, int]) -> dict[Key, Share]:
	"""A discount is for whoever is paid in full: one that gets only a part of it gets no discount."""
	shares = {claim.key: Share(claim.asked) for claim in ordered if claim.asked < 0}
	left = available - sum(share.amount for share in shares.values())
	for claim in ordered:
		if claim.asked < 0 or left <= 0:
			continue
		discount = discounts.get(claim.key, 0)
		in_full = Share(claim.asked - discount, discount)
		shares[claim.key] = in_full if in_full.amount <= left else Share(min(claim.asked, left))
		left -= shares[claim.key].amount
	return shares


def _settle_difference(
	ordered: Sequence[Claim], available: int, largest_difference: int
) -> dict[Key, Share] | None:
	"""Return everything in full, with the small difference on one of the claims; None where it is not small.

	A write-off goes to the last claim that keeps an amount, and whose party does.
	"""
	if not largest_difference:
		return None
	discounts = _discounts(ordered, available, largest_difference)
	rest = _wanted(ordered, discounts) - available
	if not rest or abs(rest) > largest_difference:
		return None
	shares = {}
	for claim in ordered:
		discount = discounts.get(claim.key, 0)
		shares[claim.key] = Share(claim.asked - discount, discount)
	net = _net_amounts(ordered, shares)
	for claim in reversed(ordered):
		share = shares[claim.key]
		if share.amount > max(rest, 0) and net[claim.party] > rest:
			shares[claim.key] = replace(share, amount=share.amount - rest, difference=rest)
			return shares
	return None


def _wanted(claims: Iterable[Claim], discounts: dict[Key, int]) -> int:
	return sum(claim.asked - discounts.get(claim.key, 0) for claim in claims)


def _net_asked(claims: Iterable[Claim]) -> dict[Party, int]:
	net: dict[Party, int] = {}
	for claim in claims:
		net[claim.party] = net.get(claim.party, 0) + claim.asked
	return net


def _net_amounts(claims: Iterable[Claim], shares: dict[Key, Share]) -> dict[Party, int]:
	net: dict[Party, int] = {}
	for claim in claims:
		if claim.key in shares:
			net[claim.party] = net.get(claim.party, 0) + shares[claim.key].amount
	return net
