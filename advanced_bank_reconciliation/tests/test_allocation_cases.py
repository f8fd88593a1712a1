# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The planner against the cases that the form's preview answers too (tests/js/allocation.test.mjs)."""

import json
import unittest
from datetime import date
from pathlib import Path

from advanced_bank_reconciliation.allocation.money import to_major, to_minor
from advanced_bank_reconciliation.allocation.planner import Claim, allocate, difference

CASES = json.loads((Path(__file__).parent / "data" / "allocation_cases.json").read_text(encoding="utf-8"))


def claims_of(case: dict) -> list[Claim]:
	return [
		Claim(
			key=("Invoice", claim["name"]),
			party=(claim["party"],),
			asked=claim["asked"],
			oldest_by=date.fromisoformat(claim["oldest_by"]),
			discount=claim.get("discount", 0),
		)
		for claim in case["claims"]
	]


class TestAllocationCases(unittest.TestCase):
	def test_the_planner_answers_every_case(self):
		for case in CASES["allocation"]:
			with self.subTest(case["story"]):
				order = {"largest_first": case.get("largest_first", False)}
				shares = allocate(
					claims_of(case),
					case["available"],
					largest_difference=case.get("largest_difference", 0),
					**order,
				)
				for field, expected in (
					("amount", case["shares"]),
					("discount", case.get("discounts", {})),
					("difference", case.get("differences", {})),
				):
					answer = {
						name: value for (_, name), share in shares.items() if (value := getattr(share, field))
					}
					self.assertEqual(answer, expected, field)
				if "rest" in case:
					self.assertEqual(difference(claims_of(case), case["available"], **order), case["rest"])

	def test_p07_amounts_are_rounded_once_half_away_from_zero(self):
		for case in CASES["rounding"]:
			with self.subTest(case["amount"]):
				minor = to_minor(case["amount"], case["precision"])
				self.assertEqual(minor, case["minor"])
				self.assertEqual(to_minor(to_major(minor, case["precision"]), case["precision"]), minor)
