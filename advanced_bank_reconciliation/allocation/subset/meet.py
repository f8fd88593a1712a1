# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Subset sum by meeting in the middle, for few weights or for sums too large to keep a bit for each.

All sums of the last weights are kept in a set. The choices among the first ones are tried in the order of
preference, those of a block of weights at once, and leave what the last ones must add up to. Time grows
with two to the power of the weights before the last ones, memory with that of the last ones.
"""

from collections.abc import Iterator, Sequence

from advanced_bank_reconciliation.allocation.subset.clock import Clock, Outcome, OutOfTime

#: The weights whose sums are kept, and those whose choices are tried at once.
MOST_KEPT = 18
MOST_AT_ONCE = 12

#: What a kept sum takes in a list and in a set.
BYTES_PER_SUM = 120

#: Sets beyond this are not counted.
MOST_COUNTED = 1000


def search(weights: Sequence[int], target: int, prefer: bool, memory: int, clock: Clock) -> Outcome | None:
	"""Return the preferred choice of weights that add up to `target`, or None where there is none.

	weights: positive. prefer: whether to take a weight or leave it, wherever the rest can still add up.
	memory: bytes. When the time is over after a choice was found, its count is not exact; else OutOfTime.
	"""
	kept_count = min((len(weights) + 1) // 2, MOST_KEPT, max((memory // BYTES_PER_SUM).bit_length() - 1, 0))
	block_count = min(len(weights) - kept_count, MOST_AT_ONCE)
	head_count = len(weights) - kept_count - block_count
	clock.check()
	block = _sums(weights[head_count : head_count + block_count], prefer)
	kept = _sums(weights[head_count + block_count :], prefer)
	chosen, count = None, 0
	try:
		heads = _heads(weights, head_count, target, prefer, clock)
		for head, number, left in _meetings(heads, block, set(kept), target):
			clock.check()
			count += kept.count(left)
			if chosen is None:
				tail = _choices(kept.index(left), kept_count, prefer)
				chosen = head + _choices(number, block_count, prefer) + tail
			if count > MOST_COUNTED:
				return Outcome(chosen, count, is_exact=False)
	except OutOfTime:
		if chosen is None:
			raise
		return Outcome(chosen, count, is_exact=False)
	return None if chosen is None else Outcome(chosen, count, is_exact=True)


def _meetings(
	heads: Iterator[tuple[list[bool], int]], block: Sequence[int], kept: set[int], target: int
) -> Iterator[tuple[list[bool], int, int]]:
	"""Yield (choices of the head, place in the block, what the kept sums must add), in order of preference."""
	for head, head_sum in heads:
		needed = [target - head_sum - block_sum for block_sum in block]
		if not kept.isdisjoint(needed):
			for number, left in enumerate(needed):
				if left in kept:
					yield head, number, left


def _heads(
	weights: Sequence[int], head_count: int, target: int, prefer: bool, clock: Clock
) -> Iterator[tuple[list[bool], int]]:
	"""Yield (choices, their sum) of the first weights, the preferred ones first, that the rest can complete."""
	rest = [sum(weights)]
	for weight in weights[:head_count]:
		rest.append(rest[-1] - weight)
	stack: list[tuple[tuple, int, int]] = [((), 0, 0)]
	while stack:
		clock.check()
		choices, index, total = stack.pop()
		if not total <= target <= total + rest[index]:
			continue
		if index == head_count:
			yield _unlinked(choices), total
			continue
		for takes in (not prefer, prefer):
			stack.append(((choices, takes), index + 1, total + weights[index] * takes))


def _unlinked(choices: tuple) -> list[bool]:
	"""Return the choices of a chain of (those before, the last one)."""
	found = []
	while choices:
		choices, takes = choices
		found.append(takes)
	return found[::-1]


def _sums(weights: Sequence[int], prefer: bool) -> list[int]:
	"""Return the sum of every choice of the weights, in the order of preference: see `_choices`."""
	sums = [0]
	for weight in reversed(weights):
		with_it = [total + weight for total in sums]
		sums = with_it + sums if prefer else sums + with_it
	return sums


def _choices(number: int, count: int, prefer: bool) -> list[bool]:
	"""Return the choices behind the sum at this place in `_sums`: a bit that is set deviates."""
	return [prefer != bool(number >> place & 1) for place in range(count - 1, -1, -1)]
