# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Subset sum by reachability: one whole number whose bits are the sums that can be made.

Bit `r` of level `i` says that the weights from `i` on can bring a sum of `r` up to the target. A weight is
one shift and one OR, so a target of a million costs about as much as copying 125 KB once per weight.

The levels are needed from the first weight to the last, but are made from the last to the first. Those
that do not fit into memory together are made again from marks in between (`Levels`).
"""

from collections.abc import Callable, Iterator, Sequence

from advanced_bank_reconciliation.allocation.subset.clock import Clock, Outcome

#: A Python int keeps 30 bits in four bytes.
BITS_PER_DIGIT, BYTES_PER_DIGIT, BYTES_PER_INT = 30, 4, 40

#: With fewer levels in memory than this, making them again takes too many passes.
FEWEST_LEVELS = 12

#: Two levels exist besides those that are kept while a third is made from them.
WORKING_LEVELS = 3

#: How many partial sums are followed while the sets are counted.
MOST_STATES = 256


def levels_that_fit(target: int, memory: int) -> int:
	"""Return how many levels for `target` fit into `memory` bytes; 0 for too few to work with."""
	size = BYTES_PER_INT + (target // BITS_PER_DIGIT + 1) * BYTES_PER_DIGIT
	room = memory // size - WORKING_LEVELS
	return room if room >= FEWEST_LEVELS else 0


def search(weights: Sequence[int], target: int, prefer: bool, room: int, clock: Clock) -> Outcome | None:
	"""Return the preferred choice of weights that add up to `target`, or None where there is none.

	weights: positive, each at most `target`. prefer: whether to take a weight or leave it, wherever the rest
	stays reachable. room: the levels that may be kept. Raises OutOfTime.
	"""
	marks, first = _marks(weights, (0, len(weights)), 1 << target, room, clock)
	if not first & 1:
		return None
	del first
	return _walk(weights, _ascending(weights, marks, room, clock), prefer, clock)


Mark = tuple[int, int, int]


def _marks(
	weights: Sequence[int], span: tuple[int, int], top: int, room: int, clock: Clock
) -> tuple[list[Mark], int]:
	"""Descend from level `top` at the end of the span to its start.

	Returns (start, end, level at the end) of each part, the last part first, and the level at the start.
	"""
	start, end = span
	length = end - start
	step = 1 if length <= room else -(-length // max(2, room // 2))
	marks = []
	for low in range(end - step, start - step, -step):
		part = (max(low, start), low + step)
		marks.append((*part, top))
		for index in range(part[1] - 1, part[0] - 1, -1):
			clock.check()
			top |= top >> weights[index]
	return marks, top


def _ascending(weights: Sequence[int], marks: list[Mark], room: int, clock: Clock) -> Iterator[int]:
	"""Yield the levels after each weight, from the first weight to the last, and forget them behind it."""
	while marks:
		start, end, top = marks.pop()
		if end - start == 1:
			yield top
			continue
		inner, _first = _marks(weights, (start, end), top, room - len(marks), clock)
		del _first, top
		yield from _ascending(weights, inner, room - len(marks), clock)


def _walk(weights: Sequence[int], levels: Iterator[int], prefer: bool, clock: Clock) -> Outcome:
	"""Follow the preferred choice, and count the others beside it as long as they are few partial sums.

	Every partial sum that is followed leads to at least one set, so a count that is broken off is a lower
	bound.
	"""
	chosen: list[bool] = []
	at = 0
	states, is_exact = {0: 1}, True
	for weight, level in zip(weights, levels, strict=True):
		clock.check()
		reaches = _reader(level, len(states))
		takes = prefer if reaches(at + weight * prefer) else not prefer
		at += weight * takes
		chosen.append(takes)
		if is_exact:
			states = _next_states(states, weight, reaches)
			is_exact = len(states) <= MOST_STATES
			if not is_exact:
				states = {at: sum(states.values())}
	return Outcome(chosen, sum(states.values()), is_exact)


def _next_states(states: dict[int, int], weight: int, reaches: Callable[[int], int]) -> dict[int, int]:
	following: dict[int, int] = {}
	for state, ways in states.items():
		for reached in (state, state + weight):
			if reaches(reached):
				following[reached] = following.get(reached, 0) + ways
	return following


def _reader(level: int, questions: int) -> Callable[[int], int]:
	"""Return a function that reads one bit: a shift copies the level, so for many questions do it once."""
	if questions <= 2:
		return lambda bit: level >> bit & 1
	data = level.to_bytes((level.bit_length() + 7) // 8, "little")
	return lambda bit: data[bit >> 3] >> (bit & 7) & 1 if bit >> 3 < len(data) else 0
