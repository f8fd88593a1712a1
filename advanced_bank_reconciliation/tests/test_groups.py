# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Which invoices share a Payment Entry, and which are kept when others are left out. Pure arithmetic, no database."""

import random
import unittest

from advanced_bank_reconciliation.allocation.groups import keep_within, portions


class TestPortions(unittest.TestCase):
	def test_invoices_alone_are_cut_in_order(self):
		"""7 invoices, 3 at the most: 3, 3 and 1, in the order that they had."""
		self.assertEqual(portions([5] * 7, 3), [[0, 1, 2], [3, 4, 5], [6]])

	def test_a_return_takes_the_largest_invoice(self):
		"""10, 20, 50, 30 and a credit note of 40, 2 at the most: the note is netted with 50."""
		self.assertEqual(portions([10, 20, 50, 30, -40], 2), [[0, 1], [2, 4], [3]])

	def test_a_return_that_needs_more_invoices_than_a_portion_has(self):
		"""A credit note of 45 and five invoices of 10, 2 at the most: all six stand together."""
		self.assertEqual(portions([10, 10, 10, 10, 10, -45], 2), [[0, 1, 2, 3, 4, 5]])

	def test_small_returns_share_a_portion(self):
		"""100 and notes of 30, 20 and 10: one portion of four, none with a note alone."""
		self.assertEqual(portions([100, -30, -20, -10], 4), [[0, 1, 2, 3]])

	def test_whatever_the_selection(self):
		"""Each position once, each portion worth more than zero, none larger than it must be without returns."""
		chance = random.Random(20260302)
		for _round in range(2000):
			effects = [chance.randint(1, 500) for _each in range(chance.randint(1, 12))]
			effects += [-chance.randint(1, 300) for _each in range(chance.randint(0, 5))]
			chance.shuffle(effects)
			if sum(effects) <= 0:
				continue
			most = chance.randint(1, 6)
			groups = portions(effects, most)
			self.assertEqual(
				sorted(each for group in groups for each in group), list(range(len(effects))), (effects, most)
			)
			for group in groups:
				self.assertGreater(sum(effects[position] for position in group), 0, (effects, most, groups))
				self.assertEqual(group, sorted(group))
				if all(effects[position] > 0 for position in group):
					self.assertLessEqual(len(group), most, (effects, most, groups))


class TestKeepWithin(unittest.TestCase):
	def test_all_stay_where_the_sum_is_within(self):
		self.assertEqual(keep_within([10, 20, -5], 40), [0, 1, 2])

	def test_a_return_goes_that_has_lost_its_invoices(self):
		"""30 and a note of 40 are left of a group: the note cannot be netted, 30 is paid."""
		self.assertEqual(keep_within([30, -40], 60), [0])

	def test_an_invoice_goes_where_its_return_failed(self):
		"""Planned were 50 + 30 - 60 = 20; without the note 80 would be taken: more than the line was to give."""
		self.assertEqual(keep_within([50, 30], 20), [])

	def test_the_smallest_that_is_enough_goes(self):
		"""Planned were 60 of 50, 30, 20 and a note of 40; 40 too much without it: 50 goes, 30 and 20 stay."""
		self.assertEqual(keep_within([50, 30, 20], 60), [1, 2])

	def test_never_more_than_planned_and_never_nothing_or_less(self):
		chance = random.Random(7)
		for _round in range(2000):
			effects = [chance.randint(-200, 300) or 1 for _each in range(chance.randint(1, 10))]
			planned = chance.randint(1, 800)
			kept = keep_within(effects, planned)
			if kept:
				self.assertTrue(
					0 < sum(effects[position] for position in kept) <= planned, (effects, planned)
				)
