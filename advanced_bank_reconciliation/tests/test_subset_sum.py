# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Which amounts add up to a target: stories, then every small case against trying all sets. No database.

Each way to solve it is tried on the same questions: by its bits, with levels made again for want of memory,
by meeting in the middle, and in stages.
"""

import time
import tracemalloc
import unittest
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import combinations
from unittest.mock import patch

from advanced_bank_reconciliation.allocation.subset import bitset, meet
from advanced_bank_reconciliation.allocation.subset import sum as subset_sum
from advanced_bank_reconciliation.allocation.subset.sum import SubsetSum, find_few, find_subset
from advanced_bank_reconciliation.tests.benchmarks import suggestions

try:
	from hypothesis import given, settings
	from hypothesis import strategies as st
except ImportError:
	given = None

#: Constants that send small questions through each way to solve them.
WAYS = {
	"as it is": {},
	"bits": {(subset_sum, "FEW_WEIGHTS"): 0, (subset_sum, "SMALL_BITSET"): 10**9},
	"bits in stages": {(subset_sum, "FEW_WEIGHTS"): 0, (subset_sum, "SMALL_BITSET"): 0},
	"meeting": {(subset_sum, "FEW_WEIGHTS"): 99, (subset_sum, "SMALL_BITSET"): -1},
	"meeting, with a head": {
		(subset_sum, "FEW_WEIGHTS"): 99,
		(subset_sum, "SMALL_BITSET"): -1,
		(meet, "MOST_KEPT"): 2,
		(meet, "MOST_AT_ONCE"): 1,
	},
	"meeting, with nothing kept": {
		(subset_sum, "FEW_WEIGHTS"): 99,
		(subset_sum, "SMALL_BITSET"): -1,
		(meet, "MOST_KEPT"): 0,
		(meet, "MOST_AT_ONCE"): 2,
	},
}


def sets_of(amounts: Sequence[int], target: int) -> Iterator[tuple[int, ...]]:
	"""Every set of positions that adds up, found by trying them all; an amount of zero is in none."""
	places = [place for place, amount in enumerate(amounts) if amount]
	for size in range(1, len(places) + 1):
		for chosen in combinations(places, size):
			if sum(amounts[place] for place in chosen) == target:
				yield chosen


def by_preference(amounts: Sequence[int], target: int, chosen: tuple[int, ...]) -> list[bool]:
	"""The sort key of the preference, as its definition says it."""
	against = [place for place in reversed(range(len(amounts))) if amounts[place] * target < 0]
	along = [place for place in range(len(amounts)) if amounts[place] * target > 0]
	return [place in chosen for place in against] + [place not in chosen for place in along]


class TestFindSubset(unittest.TestCase):
	def test_the_hidden_set(self):
		"""10, 20, 40, 80 and a deposit of 50: 10 and 40, and no other."""
		self.assertEqual(find_subset([10, 20, 40, 80], 50), SubsetSum((0, 2), 1, is_exact=True))

	def test_nothing_adds_up(self):
		"""10, 20, 40 and a deposit of 35, or of 80: surely none."""
		for target in (35, 80):
			self.assertEqual(find_subset([10, 20, 40], target), SubsetSum())

	def test_the_older_is_preferred(self):
		"""30, 20, 10, 50: for 50 either 30 and 20, or 50. The oldest is taken wherever the rest adds up."""
		self.assertEqual(find_subset([30, 20, 10, 50], 50), SubsetSum((0, 1), 2, is_exact=True))

	def test_the_older_is_preferred_to_the_fewer(self):
		"""10, 15, 25, 50: three old ones rather than one new one."""
		self.assertEqual(find_subset([10, 15, 25, 50], 50).chosen, (0, 1, 2))

	def test_no_credit_note_where_none_is_needed(self):
		"""100, 50, -50 and a deposit of 100: the invoice alone, not all three of them."""
		self.assertEqual(find_subset([100, 50, -50], 100), SubsetSum((0,), 2, is_exact=True))

	def test_a_credit_note_where_one_is_needed(self):
		"""100, -10, 50, -50 and a deposit of 90: 100 less 10."""
		self.assertEqual(find_subset([100, -10, 50, -50], 90).chosen, (0, 1))

	def test_the_newest_credit_note_is_left_out_first(self):
		"""100, -10, -10 and a deposit of 90: the older credit note."""
		self.assertEqual(find_subset([100, -10, -10], 90), SubsetSum((0, 1), 2, is_exact=True))

	def test_negative_targets_mirror_positive_ones(self):
		amounts = [30, -10, 20, 10, 50]
		mirrored = [-amount for amount in amounts]
		self.assertEqual(find_subset(amounts, 60), find_subset(mirrored, -60))

	def test_zero(self):
		"""A target of zero settles nothing, and an amount of zero belongs to no set."""
		self.assertEqual(find_subset([10, -10, 0], 0), SubsetSum())
		self.assertEqual(find_subset([0, 10, 0], 10), SubsetSum((1,), 1, is_exact=True))
		self.assertEqual(find_subset([], 10), SubsetSum())

	def test_many_sets_are_counted_as_far_as_they_are(self):
		"""Ten of 20 equal amounts: 184,756 sets, and the ten oldest are preferred."""
		found = find_subset([700] * 20, 7000)
		self.assertEqual(found, SubsetSum(tuple(range(10)), 184756, is_exact=True))

	def test_an_end_by_the_bound_is_said(self):
		"""Sums of 300 amounts around 1e12 are too many to try: nothing found is not "none"."""
		amounts, target = suggestions.hidden(300, 40, 10**11, 10**12)
		found = find_subset(amounts, target, seconds=0.2)
		self.assertEqual((found.count, found.is_exact, found.gave_up), (0, False, True))

	def test_few_documents_are_found_even_then(self):
		"""Three of 300 amounts around 1e12: found, but nobody knows whether there are others."""
		amounts, target = suggestions.hidden(300, 3, 10**11, 10**12)
		found = find_subset(amounts, target, seconds=3)
		self.assertEqual(sum(amounts[place] for place in found.chosen), target)
		self.assertEqual((found.count, found.is_exact, found.gave_up), (1, False, True))
		self.assertFalse(found.is_preferred)

	def test_meeting_that_ends_after_it_found_a_set_does_not_call_it_the_only_one(self):
		"""The first set of 60 large amounts is found at once; all others cannot be tried."""
		amounts, _target = suggestions.hidden(60, 40, 10**11, 10**12)
		found = find_subset(amounts, sum(amounts[:40]), seconds=0.5)
		self.assertEqual(found.chosen, tuple(range(40)))
		self.assertEqual((found.count, found.is_exact, found.gave_up), (1, False, True))


class TestFindFew(unittest.TestCase):
	def test_as_few_as_possible(self):
		"""10, 15, 25, 50 and a deposit of 50: the one of 50."""
		self.assertEqual(find_few([10, 15, 25, 50], 50), (3,))

	def test_then_the_oldest(self):
		"""20, 30, 30, 20: the first two of the four pairs."""
		self.assertEqual(find_few([20, 30, 30, 20], 50), (0, 1))

	def test_with_a_credit_note(self):
		self.assertEqual(find_few([40, 100, -10, 7], 90), (1, 2))

	def test_no_more_than_asked_for(self):
		self.assertEqual(find_few([10, 20, 30], 60), (0, 1, 2))
		self.assertEqual(find_few([10, 20, 30], 60, most=2), ())
		self.assertEqual(find_few([1, 2, 4, 8], 15), ())

	def test_zero(self):
		self.assertEqual(find_few([10, -10, 0], 0), ())
		self.assertEqual(find_few([0, 10], 10), (1,))


class TestBounds(unittest.TestCase):
	"""The cases of the benchmark, each once, in this process and under tracemalloc's eyes."""

	def test_time_and_memory_stay_inside_the_bounds(self):
		"""No case takes more than 100 MB beyond its amounts, nor much more time than it is given.

		tracemalloc makes Python slower, so the time is what is given plus one slow step; of the CPU, which other work
		on the machine does not lengthen.
		"""
		for name, make in suggestions.CASES.items():
			with self.subTest(case=name):
				amounts, target = make()
				tracemalloc.start()
				start = time.process_time()
				found = find_subset(amounts, target, seconds=0.5, memory=90 * 1024 * 1024)
				seconds, peak = time.process_time() - start, tracemalloc.get_traced_memory()[1]
				tracemalloc.stop()
				self.assertLess(peak, 100 * 1024 * 1024)
				self.assertLess(seconds, 1.5)
				self.assertEqual(sum(amounts[place] for place in found.chosen), target if found.count else 0)
				self.assertTrue(found.is_exact or found.is_ambiguous or found.gave_up)

	def test_less_memory_makes_the_levels_again_and_finds_the_same(self):
		"""300 amounts and 12 levels of them: the answer of a roomy search, in less than a megabyte."""
		amounts, target = suggestions.hidden(300, 40, 1_000, 20_000, credit_notes=20)
		with patch.object(subset_sum, "SMALL_BITSET", 10**9):
			roomy = find_subset(amounts, target, seconds=20)
			bytes_per_level = 4 * (sum(map(abs, amounts)) // 30)
			memory = bytes_per_level * (bitset.FEWEST_LEVELS + bitset.WORKING_LEVELS)
			tracemalloc.start()
			tight = find_subset(amounts, target, seconds=20, memory=memory)
			peak = tracemalloc.get_traced_memory()[1]
			tracemalloc.stop()
		self.assertEqual(tight, roomy)
		self.assertLess(peak, memory + 200_000)


if given:
	amounts_and_target = st.lists(st.integers(-30, 60), max_size=9).flatmap(
		lambda amounts: st.tuples(
			st.just(amounts),
			st.one_of(
				st.integers(-40, 150),
				st.lists(st.sampled_from(amounts or [1]), max_size=6).map(sum),
			),
		)
	)

	class TestAgainstTryingAll(unittest.TestCase):
		@settings(max_examples=150, deadline=None)
		@given(amounts_and_target, st.sampled_from(sorted(WAYS)), st.booleans())
		def test_the_preferred_set_and_the_number_of_sets(self, question, way, is_tight):
			amounts, target = question
			expected = list(sets_of(amounts, target)) if target else []
			memory = 16 * 44 if is_tight else subset_sum.MEMORY
			with ExitStack() as stack:
				for (module, name), value in WAYS[way].items():
					stack.enter_context(patch.object(module, name, value))
				found = find_subset(amounts, target, memory=memory)
			best = min(expected, key=lambda chosen: by_preference(amounts, target, chosen), default=())
			self.assertEqual(found.chosen, best)
			self.assertFalse(found.gave_up)
			if found.is_exact:
				self.assertEqual(found.count, len(expected))
			else:
				self.assertLessEqual(2, found.count)
				self.assertLessEqual(found.count, len(expected))

		@settings(max_examples=100, deadline=None)
		@given(amounts_and_target, st.integers(1, 3))
		def test_the_fewest(self, question, most):
			amounts, target = question
			expected = [chosen for chosen in sets_of(amounts, target) if len(chosen) <= most and target]
			best = min(expected, key=lambda chosen: (len(chosen), chosen), default=())
			self.assertEqual(find_few(amounts, target, most), best)

		@settings(max_examples=50, deadline=None)
		@given(st.lists(st.integers(1, 10**6), min_size=27, max_size=60), st.data())
		def test_what_adds_up_is_found_at_any_length(self, amounts, data):
			"""A sum of some of them always has a set, and it adds up to the unit."""
			target = sum(data.draw(st.lists(st.sampled_from(amounts), min_size=1, unique=True)))
			found = find_subset(amounts, target)
			self.assertEqual(sum(amounts[place] for place in found.chosen), target)
