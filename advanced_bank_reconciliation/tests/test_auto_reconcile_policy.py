# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Which candidate auto reconcile takes, cell by cell, and what a policy may be. Nothing is booked here."""

from typing import Any

from advanced_bank_reconciliation.auto.decide import Line, decide
from advanced_bank_reconciliation.auto.policy import Policy, parse_policy
from advanced_bank_reconciliation.exceptions import BadPayload
from advanced_bank_reconciliation.tests.utils import ABRTestCase


def row(name: str, rank: int, amount: float = 100, effect_sign: int = 1, **values: Any) -> dict[str, Any]:
	"""Return a candidate as `find_candidates` gives it."""
	return {
		"doctype": "Payment Entry",
		"name": name,
		"document_type": "payment_entry",
		"rank": rank,
		"reasons": [f"{rank} points"],
		"remaining_amount": amount,
		"effect_sign": effect_sign,
		"currency": "USD",
		**values,
	}


def policy(**values: Any) -> Policy:
	return Policy(
		**{
			"minimum_score": 45,
			"margin_to_second": 10,
			"amount_ceiling": 0,
			"document_types": ("payment_entry",),
			**values,
		}
	)


def verdict(best: dict | None, *fitting: dict, amount: float = 100, precision: int = 2, **values: Any):
	"""Decide about a line over `amount`."""
	return decide(Line(amount, precision, lambda value: f"$ {value:.2f}"), policy(**values), best, fitting)


class TestDecide(ABRTestCase):
	def test_score_at_the_minimum_is_enough(self):
		"""Minimum 45: 44 is too little, 45 will do."""
		best = row("A", 45)
		taken = verdict(best, best)
		self.assertTrue(taken.matched)
		self.assertEqual((taken.candidate, taken.score, taken.second_score), (best, 45, None))
		self.assertEqual(taken.reason, "45 points")
		low = row("A", 44)
		refused = verdict(low, low)
		self.assertFalse(refused.matched)
		self.assertEqual(refused.reason, "The best candidate Payment Entry A has 44 points, 45 are needed.")
		self.assertEqual((refused.candidate, refused.score), (low, 44))

	def test_margin_to_the_second(self):
		"""Margin 10: 9 points between the two are too few, 10 are enough."""
		first = row("A", 60)
		self.assertTrue(verdict(first, first, row("B", 50)).matched)
		refused = verdict(first, first, row("B", 51))
		self.assertFalse(refused.matched)
		self.assertEqual(
			refused.reason,
			"Payment Entry A has 60 points and Payment Entry B has 51; 10 points between them are needed.",
		)
		self.assertEqual(refused.second_score, 51)

	def test_a_rival_below_the_minimum_still_counts(self):
		"""The second is too weak to be taken itself, and near enough to make the first doubtful."""
		first = row("A", 46)
		self.assertFalse(verdict(first, first, row("B", 40)).matched)

	def test_a_rival_over_another_amount_does_not_count(self):
		"""60 points over 100.00 and 58 over 99.99: only one of them fits."""
		first = row("A", 60)
		self.assertTrue(verdict(first, first, row("B", 58, amount=99.99)).matched)

	def test_ties_are_named(self):
		first, second, third = row("A", 60), row("B", 60), row("C", 60)
		self.assertEqual(
			verdict(first, first, second).reason,
			"Two vouchers fit equally, with 60 points each: Payment Entry A, Payment Entry B.",
		)
		self.assertIn(
			"Several vouchers fit equally, with 60 points each: Payment Entry A, Payment Entry B, Payment Entry C",
			verdict(first, first, second, third).reason,
		)

	def test_a_tie_is_never_decided_by_chance(self):
		"""Whatever margin a record may carry, equal points are no decision."""
		first = row("A", 60)
		self.assertFalse(verdict(first, first, row("B", 60), margin_to_second=0).matched)
		self.assertTrue(verdict(first, first, row("B", 59), margin_to_second=0).matched)

	def test_ceiling(self):
		"""A line of exactly the ceiling is served, one cent more is not. 0 is no ceiling."""
		best = row("A", 60)
		self.assertTrue(verdict(best, best, amount_ceiling=100).matched)
		self.assertTrue(verdict(best, best, amount_ceiling=0).matched)
		refused = verdict(best, best, amount_ceiling=99.99)
		self.assertFalse(refused.matched)
		self.assertEqual(refused.reason, "$ 100.00 is above the ceiling of $ 99.99.")

	def test_amount_must_fit_to_the_minor_unit(self):
		"""A cent more or less, and what only looks different in binary; also without decimals and with three."""
		for amount, of_row, precision, fits in (
			(100, 100.01, 2, False),
			(100, 99.99, 2, False),
			(110.29, 110.28999999999996, 2, True),
			(0.1 + 0.2, 0.3, 2, True),
			(1000, 1000.4, 0, True),
			(1000, 1001, 0, False),
			(1.001, 1.002, 3, False),
			(1.001, 1.001, 3, True),
		):
			with self.subTest(amount=amount, of_row=of_row):
				best = row("A", 60, amount=of_row)
				taken = verdict(best, best, amount=amount, precision=precision)
				self.assertEqual(taken.matched, fits)

	def test_what_gives_back_never_fits(self):
		"""A credit note of 100.00 on a deposit of 100.00: its effect is the opposite."""
		best = row("A", 60, amount=-100, effect_sign=-1)
		refused = verdict(best, best)
		self.assertFalse(refused.matched)
		self.assertIn("would give $ 100.00 back", refused.reason)

	def test_best_of_all_must_be_the_one_that_fits(self):
		"""The line names A, which is over 90.00; that B is over 100.00 by chance does not make it B's."""
		named, other = row("A", 63, amount=90), row("B", 48)
		refused = verdict(named, other)
		self.assertFalse(refused.matched)
		self.assertEqual(
			refused.reason,
			"Payment Entry A has 63 points but does not fit: $ 90.00 of it is open."
			" Payment Entry B fits $ 100.00, with 48 points.",
		)
		self.assertTrue(verdict(row("A", 48, amount=90), other).matched, "no better than the one that fits")

	def test_nothing_there(self):
		self.assertEqual(verdict(None).reason, "No voucher was found.")
		self.assertEqual(
			verdict(row("A", 63, amount=90)).reason,
			"No voucher over $ 100.00 was found."
			" The best candidate Payment Entry A has 63 points, $ 90.00 of it is open.",
		)


class TestPolicy(ABRTestCase):
	def test_settings_are_the_defaults(self):
		"""What the call leaves open is taken from the settings; 0 counts as said, an empty text does not."""
		with self.settings(auto_minimum_score=60, auto_margin=5, auto_amount_ceiling=250.5):
			self.assertEqual(
				parse_policy({"minimum_score": "", "margin": None}),
				Policy(60, 5, 250.5, ("payment_entry", "journal_entry"), False),
			)
			called = parse_policy(
				{
					"minimum_score": 0,
					"margin": "7",
					"amount_ceiling": "0",
					"document_types": '["unpaid_sales_invoice", "exact_match"]',
					"dry_run": "1",
				}
			)
			self.assertEqual(called, Policy(0, 7, 0, ("unpaid_sales_invoice",), True))
		self.assertEqual(parse_policy({}).minimum_score, 45)

	def test_only_existing_vouchers_by_default(self):
		self.assertFalse(parse_policy({}).pays_invoices)
		self.assertTrue(parse_policy({"document_types": ["unpaid_purchase_invoice"]}).pays_invoices)
		self.assertEqual(
			parse_policy({"document_types": ["sales_invoice", "unpaid_sales_invoice"]}).doctypes,
			["Sales Invoice"],
		)

	def test_what_cannot_be_meant_is_refused(self):
		for values, word in (
			({"minimum_score": "many"}, "many"),
			({"minimum_score": -1}, "-1"),
			({"minimum_score": 44.5}, "44.5"),
			({"minimum_score": "nan"}, "nan"),
			({"margin": 0}, "whole number from 1 on"),
			({"amount_ceiling": -0.01}, "below zero"),
			({"document_types": ["bank_transaction"]}, "bank_transaction"),
			({"document_types": ["nonsense"]}, "nonsense"),
			({"document_types": []}, "at least one kind"),
			({"document_types": ["exact_match"]}, "at least one kind"),
		):
			with self.subTest(values), self.assertRaisesRegex(BadPayload, word):
				parse_policy(values)
