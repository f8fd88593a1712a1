# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Which of many open amounts add up exactly to a bank line.

Pure arithmetic in minor units; exact, never nearly. Amounts with the target's sign are *invoices* here,
those against it *credit notes*.

The preferred set: the credit notes are decided first, from the last in the list to the first, and left out
wherever the rest can still add up; then the invoices, from the first to the last, and taken wherever the
rest can still add up. So a list that is sorted by age gives a set with as few credit notes as possible,
and of the oldest invoices. That order makes the set unique.

All of this is one question. From the sum of all invoices, what must be taken away to get the target?
Either an invoice is left out or a credit note is taken in: each takes its amount away. So the *weights*
are all amounts without their sign, and those that *deviate* from "all invoices and no credit note" must
add up to the difference. To deviate as late in the list as possible is to prefer as defined above.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import gcd

from advanced_bank_reconciliation.allocation.subset import bitset, meet
from advanced_bank_reconciliation.allocation.subset.clock import Clock, Outcome, OutOfTime

#: Two seconds, with something left for the step that is under way when the time is over.
SECONDS = 1.9
MEMORY = 112 * 1024 * 1024

#: Of the time, for what is tried last: sets of few amounts.
SHARE_FOR_FEW = 0.15

#: So many weights are decided by meeting in the middle in a moment, whatever their size.
FEW_WEIGHTS = 26

#: Weights times target below which a bitset takes less than that.
SMALL_BITSET = 100_000_000


@dataclass(frozen=True)
class SubsetSum:
	"""What was found.

	chosen: positions of the amounts, ascending; empty where nothing was found. count: the number of sets
	that add up, as far as they are known; is_exact: whether there is no other, so that 0 means "none" and 1
	"exactly one". gave_up: the bound on time or memory ended the search, so that 0 means "none found" and 1
	"perhaps others". is_preferred: whether `chosen` is sure to be the preferred set.
	"""

	chosen: tuple[int, ...] = ()
	count: int = 0
	is_exact: bool = True
	gave_up: bool = False
	is_preferred: bool = True

	@property
	def is_ambiguous(self) -> bool:
		"""Whether another set is known to add up as well."""
		return self.count > 1


def find_subset(
	amounts: Sequence[int], target: int, seconds: float = SECONDS, memory: int = MEMORY
) -> SubsetSum:
	"""Return the preferred set of `amounts` that adds up to `target`, and how many others do.

	amounts: signed, in the order of age; an amount of zero is never chosen. target: not zero, or nothing is
	found. seconds, memory (bytes beyond what the amounts take): the bounds; when one of them ends the search,
	the answer says so, and sets of up to three amounts have been looked for.
	"""
	order = _order(amounts, target)
	difference = abs(sum(amounts[index] for index in order if amounts[index] * target > 0)) - abs(target)
	weights = [abs(amounts[index]) for index in order]
	if not target or not 0 <= difference <= sum(weights):
		return SubsetSum()
	clock = Clock(seconds)
	search = _Search(weights, difference, Clock(seconds * (1 - SHARE_FOR_FEW)), memory)
	search.run()
	if not search.found:
		few = find_few(amounts, target, seconds=clock.seconds_left) if search.gave_up else ()
		return SubsetSum(few, int(bool(few)), not search.gave_up, search.gave_up, is_preferred=not few)
	chosen = (
		index
		for index, deviates in zip(order, search.found.chosen, strict=True)
		if deviates != (amounts[index] * target > 0)
	)
	return SubsetSum(tuple(sorted(chosen)), search.found.count, search.found.is_exact, search.gave_up)


def find_few(amounts: Sequence[int], target: int, most: int = 3, seconds: float = SECONDS) -> tuple[int, ...]:
	"""Return the positions of at most `most` (1 to 3) amounts that add up to `target`, or nothing.

	As few as possible, then the first in the list. Nothing is also the answer when the time is over, or
	for a target of zero.
	"""
	if not target:
		return ()
	places: dict[int, list[int]] = {}
	for index, amount in enumerate(amounts):
		if amount:
			places.setdefault(amount, []).append(index)
	clock = Clock(seconds)
	try:
		for size in range(1, most + 1):
			if found := _of_size(amounts, target, size, places, clock):
				return found
	except OutOfTime:
		pass
	return ()


def _of_size(
	amounts: Sequence[int],
	target: int,
	size: int,
	places: dict[int, list[int]],
	clock: Clock,
	after: int = -1,
) -> tuple[int, ...]:
	"""Return the first `size` positions beyond `after` whose amounts add up to `target`, or nothing."""
	if size == 1:
		candidates = places.get(target, ())
		place = bisect_right(candidates, after)
		return (candidates[place],) if place < len(candidates) else ()
	clock.check()
	for index in range(after + 1, len(amounts)):
		if amounts[index] and (
			rest := _of_size(amounts, target - amounts[index], size - 1, places, clock, index)
		):
			return (index, *rest)
	return ()


def _order(amounts: Sequence[int], target: int) -> list[int]:
	"""Return the positions in the order of decision: see the head of this module."""
	against = [index for index, amount in enumerate(amounts) if amount * target < 0]
	along = [index for index, amount in enumerate(amounts) if amount * target > 0]
	return against[::-1] + along


class _Search:
	"""Looks for the weights that deviate, in stages: in a stage the first ones do not.

	Where many sets add up, most of the list need not be looked at: what can be reached without deviating
	early is preferred. So the first stage lets only the last weights deviate, as few as can add up, and each
	stage lets more, until the last lets all. A stage without a set proves nothing about the next; what is
	found in the first that has one is the preferred set. Only the last stage knows the number of all sets.
	"""

	def __init__(self, weights: list[int], target: int, clock: Clock, memory: int):
		self.weights, self.target, self.clock, self.memory = weights, target, clock, memory
		self.found: Outcome | None = None
		self.gave_up = False

	def run(self) -> None:
		for fixed in self._stages():
			try:
				outcome = self._stage(fixed)
			except OutOfTime:
				self.gave_up = True
				return
			if outcome:
				first = self.found or outcome
				self.found = Outcome(
					first.chosen, max(outcome.count, first.count), outcome.is_exact and not fixed
				)
				if outcome.count > 1:
					return

	def _stages(self) -> Iterator[int]:
		"""Yield how many weights do not deviate, falling to none."""
		rest = list(accumulate(reversed(self.weights), initial=0))[::-1]
		fixed = max(index for index, total in enumerate(rest) if total >= self.target)
		step = 1
		is_small = len(self.weights) <= FEW_WEIGHTS or self._bits(0, rest) <= SMALL_BITSET
		while fixed > 0 and not is_small and rest[fixed] - self.target < self.target:
			yield fixed
			fixed, step = fixed - step, step * 2
		yield 0

	def _bits(self, fixed: int, rest: Sequence[int]) -> int:
		"""Return how many bits the levels of a stage have at most, together."""
		return (len(self.weights) - fixed) * min(self.target, rest[fixed] - self.target)

	def _stage(self, fixed: int) -> Outcome | None:
		"""Return the preferred choice with the first `fixed` weights not deviating. Raises OutOfTime."""
		reduced = _reduce(self.weights[fixed:], self.target)
		if not reduced:
			return None
		outcome = self._solve(reduced)
		if not outcome:
			return None
		deviates = [False] * fixed + reduced.forced
		for place, taken in zip(reduced.places, outcome.chosen, strict=True):
			deviates[fixed + place] = taken != reduced.is_inverted
		if not outcome.is_exact and outcome.count == 1:
			self.gave_up = True
		return Outcome(deviates, outcome.count, outcome.is_exact)

	def _solve(self, reduced: "_Reduced") -> Outcome | None:
		weights, target, prefer = reduced.weights, reduced.target, reduced.is_inverted
		room = bitset.levels_that_fit(target, self.memory)
		is_small = len(weights) * target <= SMALL_BITSET
		if room and (is_small or len(weights) > FEW_WEIGHTS):
			return bitset.search(weights, target, prefer, room, self.clock)
		return meet.search(weights, target, prefer, self.memory, self.clock)


@dataclass
class _Reduced:
	"""The same question in its smallest form.

	places: where the weights that are left stand in the original list. forced: for every weight whether it
	is taken, right for those that are not left. is_inverted: taking one here is leaving it there.
	"""

	places: list[int]
	weights: list[int]
	target: int
	forced: list[bool]
	is_inverted: bool


def _reduce(weights: Sequence[int], target: int) -> _Reduced | None:
	"""Return the question without what is decided by size, in the smallest unit; None without an answer.

	A weight above the target is left. Where more than half is wanted, ask for the rest: whatever is not taken.
	"""
	forced, is_inverted = [False] * len(weights), False
	places = list(range(len(weights)))
	while True:
		total = sum(weights[place] for place in places)
		if target > total:
			return None
		if target > total - target:
			target, is_inverted = total - target, not is_inverted
		small = [place for place in places if weights[place] <= target]
		if len(small) == len(places):
			break
		for place in places:
			if weights[place] > target:
				forced[place] = is_inverted
		places = small
	left = [weights[place] for place in places]
	unit = gcd(*left) or 1
	if target % unit:
		return None
	return _Reduced(places, [weight // unit for weight in left], target // unit, forced, is_inverted)
