# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The pure arithmetic: rounding, payment terms, and sharing a line among invoices. No database.

Stories with numbers first; then properties that must hold for every selection, searched by hypothesis
where it is installed.
"""

import unittest
from datetime import date, timedelta
from decimal import Decimal

from advanced_bank_reconciliation.allocation.conversion import Conversion
from advanced_bank_reconciliation.allocation.money import to_decimal, to_major, to_minor
from advanced_bank_reconciliation.allocation.planner import Claim, allocate, difference, serving_order
from advanced_bank_reconciliation.allocation.terms import spread_over_terms

try:
	from hypothesis import given, settings
	from hypothesis import strategies as st
except ImportError:
	given = None

FIRST_DAY = date(2026, 1, 1)


def claim(name: str, asked: int, day: int = 0, party: str = "A", discount: int = 0) -> Claim:
	day = FIRST_DAY + timedelta(days=day)
	return Claim(("Sales Invoice", name), ("Customer", party), asked, day, discount)


def shares_of(claims: list[Claim], available: int) -> dict[str, int]:
	return {name: share.amount for (_doctype, name), share in allocate(claims, available).items()}


def amounts_of(claims: list[Claim], available: int, **options) -> dict[tuple, int]:
	return {key: share.amount for key, share in allocate(claims, available, **options).items()}


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

	def test_p44_largest_first(self):
		"""150 for 60 of day 1 and 100 of day 2: by setting the larger in full, though it is newer."""
		claims = [claim("old", 60, 1), claim("large", 100, 2)]
		self.assertEqual(
			amounts_of(claims, 150, largest_first=True),
			{("Sales Invoice", "large"): 100, ("Sales Invoice", "old"): 50},
		)

	def test_p20_discount_share(self):
		"""98 for 100 with a discount of 2: the line gives 98, the invoice is settled by 100."""
		(share,) = allocate([claim("A", 100, discount=2)], 98).values()
		self.assertEqual((share.amount, share.discount, share.settled), (98, 2, 100))

	def test_p21_difference_share(self):
		"""99 and 101 for 100: one is written off, or one comes beside; the invoice is settled by 100."""
		for available in (99, 101):
			(share,) = allocate([claim("A", 100)], available, largest_difference=1).values()
			self.assertEqual((share.amount, share.settled), (available, 100))


class TestConversion(unittest.TestCase):
	"""P17: an invoice of 100.00 in its own currency, of which one is worth 0.8 of the bank's."""

	def conversion(self, rate: float = 0.8, precision: int = 2, bank_precision: int = 2) -> Conversion:
		return Conversion(rate, precision, bank_precision, same=False)

	def test_p17_all_of_its_worth_settles_all_of_it(self):
		"""33.33 at 0.8 are 26.66, which at 0.8 would be 33.33 or 33.32: it is all of it."""
		conversion = self.conversion()
		for outstanding in (33.33, 100, 0.01, 99999.99):
			worth = conversion.to_bank(outstanding)
			if worth:
				self.assertEqual(conversion.settled(worth, outstanding), outstanding)
				self.assertEqual(conversion.settled(-worth, -outstanding), -outstanding)

	def test_p17_a_part_is_rounded_in_the_invoices_precision(self):
		self.assertEqual(self.conversion().settled(50, 100), 62.5)
		self.assertEqual(self.conversion(0.006, precision=0).settled(25.01, 10000), 4168)
		self.assertEqual(self.conversion(3.0, precision=3).settled(10, 100), 3.333)

	def test_p15_worth_is_rounded_in_the_banks_precision(self):
		self.assertEqual(self.conversion(153.3333333, bank_precision=0).to_bank(100), 15333)
		self.assertEqual(self.conversion(0.3066, bank_precision=3).to_bank(10.01), 3.069)

	def test_a_part_never_settles_more_than_is_outstanding(self):
		"""A worth of 0.01 less than all of it, at a rate where that is less than the smallest amount."""
		conversion = self.conversion(150)
		self.assertEqual(conversion.settled(14999.99, 100), 100)

	def test_one_currency_is_not_converted(self):
		same = Conversion(1.0, 2, 2, same=True)
		self.assertEqual((same.to_bank(10.005), same.settled(7, 10)), (10.01, 7))


if given:
	amounts = st.integers(min_value=1, max_value=10**9)

	def _claims(discounts: bool):
		row = st.tuples(
			st.integers(min_value=0, max_value=10**6),
			st.one_of(amounts, amounts.map(lambda amount: -amount)),
			st.integers(min_value=0, max_value=20),
			st.sampled_from("ABC"),
			st.integers(min_value=0, max_value=10**7) if discounts else st.just(0),
		)
		rows = st.lists(row, max_size=12, unique_by=lambda row: row[0])
		return rows.map(lambda rows: [claim(f"INV-{number:07}", *rest) for number, *rest in rows])

	claims_strategy = _claims(discounts=False)
	discounted_strategy = _claims(discounts=True)
	available_strategy = st.integers(min_value=0, max_value=10**10)
	search = settings(max_examples=300, deadline=None)


@unittest.skipUnless(given, "hypothesis is not installed: pip install hypothesis")
class TestEverySelection(unittest.TestCase):
	"""What must hold whatever is selected and whatever the line has."""

	def net(self, claims, amount_of):
		net: dict[tuple, int] = {}
		for item in claims:
			net[item.party] = net.get(item.party, 0) + amount_of(item)
		return net

	if given:

		@search
		@given(discounted_strategy, available_strategy, st.booleans(), st.integers(0, 10**8))
		def test_p03_caps(self, claims, available, largest_first, largest_difference):
			"""Nobody is settled by more than asked or against its sign; never is more taken than there is."""
			shares = allocate(
				claims, available, largest_first=largest_first, largest_difference=largest_difference
			)
			asked = {item.key: item.asked for item in claims}
			for key, share in shares.items():
				self.assertNotEqual(share.amount, 0)
				self.assertLessEqual(abs(share.settled), abs(asked[key]))
				self.assertGreater(share.settled * asked[key], 0)
				self.assertGreater(share.amount * asked[key], 0)
				self.assertLessEqual(abs(share.difference), largest_difference)
			self.assertLessEqual(sum(share.amount for share in shares.values()), available)

		@search
		@given(claims_strategy, available_strategy, st.booleans())
		def test_p06_conservation(self, claims, available, largest_first):
			"""Money stays on the line only if every party that can be paid at all got all that it asked for."""
			shares = amounts_of(claims, available, largest_first=largest_first)
			net = self.net(claims, lambda item: item.asked)
			if available - sum(shares.values()):
				for item in claims:
					if net[item.party] > 0:
						self.assertEqual(shares.get(item.key), item.asked)

		@search
		@given(discounted_strategy, available_strategy, st.booleans(), st.integers(0, 10**8))
		def test_every_party_is_owed_money(self, claims, available, largest_first, largest_difference):
			"""Each party that takes part ends with a positive net: a Payment Entry can carry it."""
			shares = amounts_of(
				claims, available, largest_first=largest_first, largest_difference=largest_difference
			)
			served = [item for item in claims if item.key in shares]
			for amount in self.net(served, lambda item: shares[item.key]).values():
				self.assertGreater(amount, 0)

		@search
		@given(discounted_strategy, available_strategy, st.randoms(), st.booleans(), st.integers(0, 10**8))
		def test_order_of_the_list_does_not_matter(
			self, claims, available, random, largest_first, largest_difference
		):
			options = {"largest_first": largest_first, "largest_difference": largest_difference}
			shuffled = list(claims)
			random.shuffle(shuffled)
			self.assertEqual(allocate(shuffled, available, **options), allocate(claims, available, **options))

		@search
		@given(claims_strategy, available_strategy, st.booleans())
		def test_idempotence(self, claims, available, largest_first):
			"""Asking for exactly what one got gets exactly that again."""
			shares = amounts_of(claims, available, largest_first=largest_first)
			again = [
				Claim(item.key, item.party, shares[item.key], item.oldest_by)
				for item in claims
				if item.key in shares
			]
			self.assertEqual(amounts_of(again, available, largest_first=largest_first), shares)

		@search
		@given(claims_strategy, available_strategy, st.booleans())
		def test_p08_without_credit_notes_the_earlier_is_never_worse_off(
			self, claims, available, largest_first
		):
			"""Nobody gets a cent while one that is served before is still short."""
			invoices = sorted(
				(item for item in claims if item.asked > 0),
				key=lambda item: serving_order(item, largest_first),
			)
			shares = amounts_of(invoices, available, largest_first=largest_first)
			short = False
			for item in invoices:
				share = shares.get(item.key, 0)
				if short:
					self.assertEqual(share, 0)
				short = short or share < item.asked

		@search
		@given(discounted_strategy, available_strategy)
		def test_p20_a_discount_is_for_who_is_paid_in_full(self, claims, available):
			"""None is taken where all fits without; whoever has one is settled entirely; no more than offered."""
			shares = allocate(claims, available)
			offered = {item.key: item for item in claims}
			net = self.net(claims, lambda item: item.asked)
			full = sum(amount for amount in net.values() if amount > 0)
			for key, share in shares.items():
				self.assertIn(share.discount, (0, offered[key].discount))
				if share.discount:
					self.assertEqual(share.settled, offered[key].asked)
					self.assertGreater(full, available)

		@search
		@given(discounted_strategy, st.integers(-(10**3), 10**3), st.integers(0, 10**3), st.booleans())
		def test_p21_with_a_difference_the_line_is_used_up(self, claims, beside, limit, largest_first):
			"""A line a little beside the selection: all of it is used, one claim carries it, all are settled."""
			net = self.net(claims, lambda item: item.asked)
			available = sum(amount for amount in net.values() if amount > 0) - beside
			if available <= 0:
				return
			rest = difference(claims, available, largest_first=largest_first)
			options = {"largest_first": largest_first}
			shares = allocate(claims, available, largest_difference=limit, **options)
			carriers = [share for share in shares.values() if share.difference]
			if not carriers:
				plain = allocate(claims, available, **options)
				self.assertEqual(shares, plain, "without a difference nothing changes")
				return
			self.assertEqual([share.difference for share in carriers], [rest])
			self.assertLessEqual(abs(rest), limit)
			self.assertEqual(sum(share.amount for share in shares.values()), available)
			for item in claims:
				if net[item.party] > 0:
					self.assertEqual(shares[item.key].settled, item.asked)

		@search
		@given(st.lists(st.integers(min_value=-(10**6), max_value=10**9), max_size=8), st.data())
		def test_p04_terms_conserve_the_amount(self, outstanding, data):
			"""Spread over terms, the shares add up to the amount, and none exceeds what its term owes."""
			owed = sum(amount for amount in outstanding if amount > 0)
			amount = data.draw(st.integers(min_value=0, max_value=owed))
			shares = spread_over_terms(amount, outstanding)
			self.assertEqual(sum(shares), amount)
			for share, term in zip(shares, outstanding, strict=True):
				self.assertTrue(0 <= share <= max(term, 0))
			mirrored = spread_over_terms(-amount, [-term for term in outstanding])
			self.assertEqual(mirrored, [-share for share in shares])

		@search
		@given(st.integers(min_value=-(10**13), max_value=10**13), st.sampled_from([0, 2, 3]))
		def test_p15_minor_and_major_are_inverse(self, minor, precision):
			if abs(Decimal(minor).scaleb(-precision)) < 10**12:
				self.assertEqual(to_minor(to_major(minor, precision), precision), minor)

		@search
		@given(
			st.integers(1, 10**9),
			st.decimals("0.0001", "9999", places=6),
			st.sampled_from([0, 2, 3]),
			st.sampled_from([0, 2, 3]),
			st.data(),
		)
		def test_p17_conversion(self, minor, rate, precision, bank_precision, data):
			"""Any part settles between nothing and all; all of the worth settles all; more never settles less."""
			conversion = Conversion(float(rate), precision, bank_precision, same=False)
			outstanding = to_major(minor, precision)
			if outstanding * float(rate) >= 10**11:
				return
			worth = to_minor(conversion.to_bank(outstanding), bank_precision)
			part = data.draw(st.integers(0, worth))
			more = data.draw(st.integers(part, worth))
			settled = [
				conversion.settled(to_major(amount, bank_precision), outstanding)
				for amount in (part, more, worth)
			]
			self.assertEqual(settled, sorted(settled))
			self.assertEqual(settled[-1], outstanding)
			self.assertGreaterEqual(settled[0], 0)
