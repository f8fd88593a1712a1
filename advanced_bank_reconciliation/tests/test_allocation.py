# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The pure arithmetic: rounding, payment terms, and sharing a line among invoices. No database.

Stories with numbers first; then properties that must hold for every selection, searched by hypothesis
where it is installed.
"""

import unittest
from datetime import date, timedelta
from decimal import Decimal

from advanced_bank_reconciliation.allocation.money import to_decimal, to_major, to_minor
from advanced_bank_reconciliation.allocation.planner import Claim, allocate
from advanced_bank_reconciliation.allocation.terms import spread_over_terms

try:
	from hypothesis import given, settings
	from hypothesis import strategies as st
except ImportError:
	given = None

FIRST_DAY = date(2026, 1, 1)


def claim(name: str, asked: int, day: int = 0, party: str = "A") -> Claim:
	return Claim(("Sales Invoice", name), ("Customer", party), asked, FIRST_DAY + timedelta(days=day))


def shares_of(claims: list[Claim], available: int) -> dict[str, int]:
	return {name: share for (_doctype, name), share in allocate(claims, available).items()}


class TestMoney(unittest.TestCase):
	def test_p07_float_noise_is_rounded_away(self):
		"""110.28999999999996 is 110.29 in cents."""
		self.assertEqual(to_minor(110.28999999999996, 2), 11029)

	def test_half_is_rounded_away_from_zero(self):
		"""0.125 to 0.13 and -0.125 to -0.13, so that a return mirrors its invoice."""
		self.assertEqual((to_minor("0.125", 2), to_minor("-0.125", 2)), (13, -13))

	def test_p15_precision_is_that_of_the_currency(self):
		"""1234.5 yen are 1235, 1234.5 dollars 123450 cents, 1.2345 dinars 1235 fils."""
		self.assertEqual(
			(to_minor(1234.5, 0), to_minor(1234.5, 2), to_minor("1.2345", 3)), (1235, 123450, 1235)
		)

	def test_there_and_back(self):
		for amount in (0, 0.01, 0.1, 0.3, 1.1, 62.44, 110.29, 999999999999.99):
			self.assertEqual(to_major(to_minor(amount, 2), 2), amount)

	def test_what_is_not_an_amount(self):
		"""Booleans, empty text, words, NaN, infinity, and more than a Currency field holds."""
		for value in (
			True,
			False,
			None,
			"",
			" ",
			"ten",
			"1,5",
			"NaN",
			"Infinity",
			"-inf",
			[],
			{},
			1e12,
			"1e300",
		):
			with self.subTest(value), self.assertRaises(ValueError):
				to_decimal(value)
		for value in (float("nan"), float("inf"), -float("inf"), 1e300, 10**400, Decimal("NaN")):
			with self.assertRaises(ValueError):
				to_decimal(value)

	def test_what_is_an_amount(self):
		for value, amount in (("10.50", "10.50"), (" 7 ", "7"), (-3, "-3"), (0.1, "0.1"), ("1e3", "1000")):
			self.assertEqual(to_decimal(value), Decimal(amount))


class TestTerms(unittest.TestCase):
	def test_p04_in_the_order_listed(self):
		self.assertEqual(spread_over_terms(250, [100, 100, 100]), [100, 100, 50])

	def test_p05_a_paid_term_gets_nothing(self):
		self.assertEqual(spread_over_terms(150, [0, 100, 100]), [0, 100, 50])

	def test_terms_of_a_return_are_negative(self):
		self.assertEqual(spread_over_terms(-150, [-100, -100]), [-100, -50])

	def test_a_term_of_the_other_sign_gets_nothing(self):
		"""One term was overpaid by 20: it takes no part."""
		self.assertEqual(spread_over_terms(100, [-20, 100]), [0, 100])

	def test_p06_more_than_the_terms_owe(self):
		for amount, owed in ((201, [100, 100]), (1, []), (-1, [100]), (1, [-100])):
			with self.subTest(amount), self.assertRaises(ValueError):
				spread_over_terms(amount, owed)

	def test_nothing_to_spread(self):
		self.assertEqual(spread_over_terms(0, [100, 0]), [0, 0])


class TestAllocate(unittest.TestCase):
	def test_p08_oldest_first(self):
		"""150 for 100 of day 2, 100 of day 1: the older in full, the newer half."""
		self.assertEqual(
			shares_of([claim("new", 100, 2), claim("old", 100, 1)], 150), {"old": 100, "new": 50}
		)

	def test_tie_is_broken_by_name(self):
		self.assertEqual(shares_of([claim("B", 100), claim("A", 100)], 150), {"A": 100, "B": 50})

	def test_p03_never_more_than_asked_nor_than_there_is(self):
		self.assertEqual(shares_of([claim("A", 70)], 100), {"A": 70})
		self.assertEqual(shares_of([claim("A", 170)], 100), {"A": 100})

	def test_nothing_available(self):
		self.assertEqual(shares_of([claim("A", 70)], 0), {})

	def test_what_gets_nothing_is_not_in_the_answer(self):
		self.assertEqual(shares_of([claim("A", 100, 1), claim("B", 1, 2)], 100), {"A": 100})

	def test_credit_note_adds_to_its_party(self):
		"""100 available, invoice 130, credit note -30: both in full."""
		self.assertEqual(shares_of([claim("I", 130), claim("C", -30)], 100), {"I": 130, "C": -30})

	def test_credit_note_without_its_invoice_takes_no_part(self):
		"""The older invoice of B takes everything, so A would end with a credit note alone: A is left out."""
		claims = [claim("B1", 500, 1, "B"), claim("A1", 60, 2, "A"), claim("A-credit", -50, 2, "A")]
		self.assertEqual(shares_of(claims, 100), {"B1": 100})

	def test_party_with_net_zero_takes_no_part(self):
		"""Invoice 50 and credit note -50 need no money, and no Payment Entry can say so: left out."""
		claims = [claim("A1", 50, 1, "A"), claim("A-credit", -50, 1, "A"), claim("B1", 80, 2, "B")]
		self.assertEqual(shares_of(claims, 100), {"B1": 80})

	def test_only_credit_notes(self):
		self.assertEqual(shares_of([claim("C", -30)], 100), {})


if given:
	amounts = st.integers(min_value=1, max_value=10**9)
	claims_strategy = st.lists(
		st.builds(
			lambda number, asked, day, party: (number, asked, day, party),
			st.integers(min_value=0, max_value=10**6),
			st.one_of(amounts, amounts.map(lambda amount: -amount)),
			st.integers(min_value=0, max_value=20),
			st.sampled_from("ABC"),
		),
		max_size=12,
		unique_by=lambda row: row[0],
	).map(lambda rows: [claim(f"INV-{number:07}", asked, day, party) for number, asked, day, party in rows])
	available_strategy = st.integers(min_value=0, max_value=10**10)


@unittest.skipUnless(given, "hypothesis is not installed: pip install hypothesis")
class TestEverySelection(unittest.TestCase):
	"""What must hold whatever is selected and whatever the line has."""

	if given:

		@settings(max_examples=300, deadline=None)
		@given(claims_strategy, available_strategy)
		def test_caps(self, claims, available):
			"""Nobody gets more than asked or against its sign; together they never take more than there is."""
			shares = allocate(claims, available)
			asked = {item.key: item.asked for item in claims}
			for key, share in shares.items():
				self.assertNotEqual(share, 0)
				self.assertLessEqual(abs(share), abs(asked[key]))
				self.assertGreater(share * asked[key], 0)
			self.assertLessEqual(sum(shares.values()), available)

		@settings(max_examples=300, deadline=None)
		@given(claims_strategy, available_strategy)
		def test_conservation(self, claims, available):
			"""Money stays on the line only if every party that can be paid at all got all that it asked for."""
			shares = allocate(claims, available)
			left = available - sum(shares.values())
			net: dict[tuple, int] = {}
			for item in claims:
				net[item.party] = net.get(item.party, 0) + item.asked
			if left:
				for item in claims:
					if net[item.party] > 0:
						self.assertEqual(shares.get(item.key), item.asked)

		@settings(max_examples=300, deadline=None)
		@given(claims_strategy, available_strategy)
		def test_every_party_is_owed_money(self, claims, available):
			"""Each party that takes part ends with a positive net: a Payment Entry can carry it."""
			shares = allocate(claims, available)
			net: dict[tuple, int] = {}
			for item in claims:
				if item.key in shares:
					net[item.party] = net.get(item.party, 0) + shares[item.key]
			for amount in net.values():
				self.assertGreater(amount, 0)

		@settings(max_examples=300, deadline=None)
		@given(claims_strategy, available_strategy, st.randoms())
		def test_order_of_the_list_does_not_matter(self, claims, available, random):
			shuffled = list(claims)
			random.shuffle(shuffled)
			self.assertEqual(allocate(shuffled, available), allocate(claims, available))

		@settings(max_examples=300, deadline=None)
		@given(claims_strategy, available_strategy)
		def test_idempotence(self, claims, available):
			"""Asking for exactly what one got gets exactly that again."""
			shares = allocate(claims, available)
			again = [
				Claim(item.key, item.party, shares[item.key], item.oldest_by)
				for item in claims
				if item.key in shares
			]
			self.assertEqual(allocate(again, available), shares)

		@settings(max_examples=300, deadline=None)
		@given(claims_strategy, available_strategy)
		def test_without_credit_notes_the_older_is_never_worse_off(self, claims, available):
			"""Nobody gets a cent while an older invoice is still short."""
			invoices = sorted(
				(item for item in claims if item.asked > 0), key=lambda item: (item.oldest_by, item.key)
			)
			shares = allocate(invoices, available)
			short = False
			for item in invoices:
				share = shares.get(item.key, 0)
				if short:
					self.assertEqual(share, 0)
				short = short or share < item.asked

		@settings(max_examples=300, deadline=None)
		@given(st.lists(st.integers(min_value=-(10**6), max_value=10**9), max_size=8), st.data())
		def test_terms_conserve_the_amount(self, outstanding, data):
			"""Spread over terms, the shares add up to the amount, and none exceeds what its term owes."""
			owed = sum(amount for amount in outstanding if amount > 0)
			amount = data.draw(st.integers(min_value=0, max_value=owed))
			shares = spread_over_terms(amount, outstanding)
			self.assertEqual(sum(shares), amount)
			for share, term in zip(shares, outstanding, strict=True):
				self.assertTrue(0 <= share <= max(term, 0))
			mirrored = spread_over_terms(-amount, [-term for term in outstanding])
			self.assertEqual(mirrored, [-share for share in shares])

		@settings(max_examples=300, deadline=None)
		@given(st.integers(min_value=-(10**13), max_value=10**13), st.sampled_from([0, 2, 3]))
		def test_minor_and_major_are_inverse(self, minor, precision):
			if abs(Decimal(minor).scaleb(-precision)) < 10**12:
				self.assertEqual(to_minor(to_major(minor, precision), precision), minor)
