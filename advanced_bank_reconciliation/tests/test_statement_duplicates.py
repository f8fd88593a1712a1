# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Which lines were imported before, and whether the balances add up. No database."""

import random
import unittest
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from advanced_bank_reconciliation.statement_import.balance import (
	ASCENDING,
	DESCENDING,
	EXCLUDED,
	INCLUDED,
	prove,
)
from advanced_bank_reconciliation.statement_import.duplicates import (
	DUPLICATE,
	NEW,
	POSSIBLE_DUPLICATE,
	classify,
	fingerprints_of,
)
from advanced_bank_reconciliation.statement_import.statement import Line, Statement

try:
	from hypothesis import given, settings
	from hypothesis import strategies as st
except ImportError:
	given = None

FIRST_DAY = date(2026, 1, 1)


def line(
	amount: str = "-25.00", text: str = "Diner", number: int = 1, day: int = 0, **values: object
) -> Line:
	return Line(number, FIRST_DAY + timedelta(days=day), None, Decimal(amount), description=text, **values)


def outcomes(lines: list[Line], known: list[Line]) -> list[str]:
	return classify([fingerprints_of(item) for item in lines], [fingerprints_of(item) for item in known])


class TestDuplicates(unittest.TestCase):
	def test_p67_two_equal_purchases_stay_two(self):
		"""25.00 at the diner twice on one day: both new, and both known when the file comes again."""
		lines = [line(), line()]
		self.assertEqual(outcomes(lines, []), [NEW, NEW])
		self.assertEqual(outcomes(lines, lines), [DUPLICATE, DUPLICATE])

	def test_p66_overlapping_files_add_each_line_once(self):
		"""Days 0 to 5, then 3 to 8, with two equal lines on day 4: each of the nine days' lines once."""
		days = [line(day=day, text=f"Shop {day}") for day in range(9)]
		first = [*days[:6], days[4]]
		second = [days[3], days[4], days[4], *days[5:]]
		self.assertEqual(outcomes(second, first), [DUPLICATE] * 4 + [NEW] * 3)

	def test_p66_the_test_does_not_stop_at_the_first_new_line(self):
		"""A new line on top, as in a file with the newest first: those below are recognised all the same."""
		known = [line(day=0, text="A"), line(day=1, text="B")]
		self.assertEqual(outcomes([line(day=2, text="C"), *known[::-1]], known), [NEW, DUPLICATE, DUPLICATE])

	def test_p66_a_third_equal_line_is_new(self):
		"""Two were imported, the longer file has three: one is new."""
		self.assertEqual(outcomes([line()] * 3, [line()] * 2), [DUPLICATE, DUPLICATE, NEW])

	def test_the_id_of_the_bank_comes_first(self):
		"""The bank words the same booking differently in two exports, or dates it otherwise: the id tells that
		it is one."""
		before = line(text="DINER EXAMPLE 0042", transaction_id="FIT-1")
		for after in (
			line(text="Diner Example, Springfield", transaction_id="FIT-1"),
			line(text="Diner example 0042", day=3, transaction_id="FIT-1"),
		):
			self.assertEqual(outcomes([after], [before]), [DUPLICATE])

	def test_ids_that_begin_anew_in_every_file_do_not_swallow_a_standing_order(self):
		"""February's rent has the id and the amount of January's: asked for, whether worded alike or not."""
		january = line("-1000", text="Rent January", transaction_id="1")
		for february in (
			line("-1000", text="Rent February", day=31, transaction_id="1"),
			line("-1000", text="Rent January", day=31, transaction_id="1"),
			line("-1000", text="Rent January", day=7, transaction_id="1"),
			line("-1000", text="Something", day=1, transaction_id="1"),
		):
			self.assertEqual(outcomes([february], [january]), [POSSIBLE_DUPLICATE])
			self.assertEqual(outcomes([january, february], [january]), [DUPLICATE, POSSIBLE_DUPLICATE])

	def test_two_ids_are_two_bookings(self):
		"""Same day, amount and text, two ids: the second file's line was never imported."""
		known = [line(transaction_id="C1")]
		self.assertEqual(
			outcomes([line(transaction_id="C1"), line(transaction_id="C2")], known), [DUPLICATE, NEW]
		)

	def test_an_id_used_again_does_not_swallow_a_booking(self):
		"""A bank that counts its ids anew each day: another amount under a known id is shown, not dropped."""
		known = [line("-25.00", transaction_id="0001")]
		self.assertEqual(
			outcomes([line("-80.00", day=1, transaction_id="0001")], known), [POSSIBLE_DUPLICATE]
		)

	def test_an_id_twice_in_a_file(self):
		lines = [line(transaction_id="X"), line(transaction_id="X")]
		self.assertEqual(outcomes(lines, []), [NEW, POSSIBLE_DUPLICATE])

	def test_the_same_booking_from_another_format(self):
		"""Imported as CSV without id, now as CAMT with id and other texts: same day and amount, so possible."""
		self.assertEqual(
			outcomes([line(text="CARD 0042 DINER", transaction_id="ASR-1")], [line()]), [POSSIBLE_DUPLICATE]
		)

	def test_a_known_line_explains_one_line_only(self):
		"""One known, two in the file with the same day and amount: one is it, the other is new."""
		known = [line(text="Diner")]
		self.assertEqual(outcomes([line(text="Diner"), line(text="Kiosk")], known), [DUPLICATE, NEW])
		self.assertEqual(outcomes([line(text="Cafe"), line(text="Kiosk")], known), [POSSIBLE_DUPLICATE, NEW])
		self.assertEqual(outcomes([line(text="Kiosk"), line(text="Diner")], known), [NEW, DUPLICATE])

	def test_texts_are_compared_without_their_looks(self):
		one = line(text="Müller & Söhne  Rechnung 17", reference="RE-17", party_iban="DE89 3704 0044")
		other = line(text="MÜLLER&SÖHNE RECHNUNG 17", reference="RE 17", party_iban="DE8937040044")
		self.assertEqual(fingerprints_of(one), fingerprints_of(other))

	def test_amounts_are_compared_without_their_looks(self):
		self.assertEqual(fingerprints_of(line("10")), fingerprints_of(line("10.00")))
		self.assertNotEqual(fingerprints_of(line("10.00")), fingerprints_of(line("-10.00")))

	def test_who_paid_tells_lines_apart(self):
		"""The same fee from two members, who stand only in the party's name: neither hides the other."""
		one, other = (line("5.00", "Fee", party_name=name) for name in ("Anna", "Beat"))
		self.assertEqual(outcomes([other, one], [one]), [NEW, DUPLICATE])

	def test_fingerprints_do_not_change(self):
		"""They are stored: a change of the rule would import every old line again."""
		self.assertEqual(fingerprints_of(line()).exact, "bdbe4a9600365bfa93bb4c6f0927673683b95010")
		self.assertEqual(fingerprints_of(line()).similar, "043c48ea22c8d85a534999b25e78737f958b845b")
		self.assertEqual(
			fingerprints_of(line(transaction_id="FIT-1")).exact, "d727dbae3c0c2cc51bf3614eb19792bc49de75c0"
		)


class TestBalance(unittest.TestCase):
	def running(self, *steps: tuple[str, str | None], **values: object) -> Statement:
		lines = tuple(
			line(amount, number=number, day=number, balance=Decimal(balance) if balance else None)
			for number, (amount, balance) in enumerate(steps, 1)
		)
		return Statement(lines, **values)

	def test_oldest_first(self):
		"""100 + 50 - 30: balances 150 and 120, so it opened with 100."""
		proof = prove(self.running(("50", "150"), ("-30", "120")))
		self.assertEqual((proof.proven, proof.order, proof.running), (True, ASCENDING, 1))
		self.assertEqual((proof.opening, proof.closing, proof.difference), (100, 120, 0))

	def test_newest_first(self):
		statement = self.running(("50", "150"), ("-30", "120"), ("5", "125"))
		proof = prove(replace(statement, lines=statement.lines[::-1]))
		self.assertEqual((proof.proven, proof.order, proof.opening), (True, DESCENDING, 100))

	def test_the_first_break_is_named(self):
		"""A line was cut out after 120: the next balance should be 115 and is 95."""
		proof = prove(self.running(("50", "150"), ("-30", "120"), ("-5", "95"), ("1", "96")))
		self.assertIs(proof.proven, False)
		broken = proof.first_break
		self.assertEqual((broken.line, broken.expected, broken.found, broken.difference), (3, 115, 95, -20))

	def test_a_balance_once_a_day(self):
		proof = prove(self.running(("50", None), ("-30", "120"), ("5", None), ("5", "130")))
		self.assertEqual((proof.proven, proof.running), (True, 1))

	def test_opening_and_closing_without_a_running_balance(self):
		"""A cent off is off: no tolerance (P14)."""
		opened = {"opening_balance": Decimal("10"), "closing_balance": Decimal("14.99")}
		proof = prove(self.running(("5", None), **opened))
		self.assertEqual((proof.proven, proof.difference), (False, Decimal("-0.01")))
		self.assertIs(prove(self.running(("4.99", None), **opened)).proven, True)

	def test_nothing_to_prove_with(self):
		self.assertIsNone(prove(self.running(("5", None))).proven)
		self.assertIsNone(prove(Statement()).proven)

	def test_fees_on_top_of_the_amounts(self):
		"""-100 with a fee of 0.50 takes 100.50 from the balance."""
		statement = self.running(("200", "200"), ("-100", "99.50"))
		lines = (statement.lines[0], replace(statement.lines[1], fee=Decimal("0.50")))
		self.assertEqual(prove(Statement(lines)).fees, EXCLUDED)
		included = (statement.lines[0], replace(lines[1], balance=Decimal(100)))
		self.assertEqual(prove(Statement(included)).fees, INCLUDED)


@unittest.skipUnless(given, "hypothesis is not installed")
class TestProperties(unittest.TestCase):
	"""What holds for every selection of lines, with and without ids."""

	if given:
		some_lines = st.lists(
			st.builds(
				line,
				amount=st.sampled_from(["-25.00", "10.00"]),
				text=st.sampled_from(["Diner", "Kiosk"]),
				day=st.sampled_from([0, 1, 2, 8]),
				transaction_id=st.sampled_from(["", "", "A", "B"]),
			),
			max_size=12,
		)

		@settings(max_examples=200, deadline=None)
		@given(some_lines)
		def test_p67_a_file_again_adds_nothing(self, lines):
			self.assertEqual(outcomes(lines, lines), [DUPLICATE] * len(lines))

		@settings(max_examples=200, deadline=None)
		@given(some_lines, some_lines)
		def test_p66_no_line_vanishes(self, lines, known):
			"""Duplicates are never more than what is known of the very same booking."""
			exact = Counter(fingerprints_of(item).exact for item in known)
			for item, outcome in zip(lines, outcomes(lines, known), strict=True):
				if outcome == DUPLICATE:
					exact[fingerprints_of(item).exact] -= 1
			self.assertGreaterEqual(min(exact.values(), default=0), 0)

		@settings(max_examples=100, deadline=None)
		@given(some_lines, some_lines, st.randoms())
		def test_the_order_does_not_matter(self, lines, known, chance):
			"""How many are duplicates does not depend on the order of the lines in the file."""
			shuffled = random.Random(chance.random()).sample(lines, len(lines))
			self.assertEqual(
				Counter(outcomes(lines, known))[DUPLICATE], Counter(outcomes(shuffled, known))[DUPLICATE]
			)

		@settings(max_examples=100, deadline=None)
		@given(
			st.lists(st.decimals("-1000", "1000", places=2).filter(bool), min_size=2, max_size=30),
			st.booleans(),
		)
		def test_a_right_running_balance_is_proven(self, amounts, descending):
			balance, lines = Decimal("7.77"), []
			for number, amount in enumerate(amounts):
				balance += amount
				lines.append(line(str(amount), day=number, number=number, balance=balance))
			proof = prove(Statement(tuple(lines[::-1] if descending else lines)))
			self.assertTrue(proof.proven)
			self.assertEqual(proof.closing - proof.opening, sum(amounts))
