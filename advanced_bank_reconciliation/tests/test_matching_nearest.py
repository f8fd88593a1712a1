# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The best that `nearest` finds are the best of all, on books made at random.

Few parties, amounts, dates and references are in use, so that every criterion is common for some Bank
Transactions and rare for others, and ranks, dates and both together are often equal.
"""

import random

import frappe
from frappe.utils import add_days, getdate

from advanced_bank_reconciliation.matching.candidates import rank_all, rank_best
from advanced_bank_reconciliation.matching.document_types import DOCUMENT_TYPES
from advanced_bank_reconciliation.matching.filters import narrow_source, parse_filters
from advanced_bank_reconciliation.matching.ranking import Ranking
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.rows import copy_rows
from advanced_bank_reconciliation.tests.utils import ABRTestCase
from advanced_bank_reconciliation.vouchers.links import BankLine

KINDS = ("payment_entry", "unpaid_sales_invoice", "unpaid_purchase_invoice")
LIMITS = (1, 7, 40, 150)
PARTIES = ("ABR Near One", "ABR Near Two", "ABR Near Three")
AMOUNTS = (50.0, 50.004, 75.5, 100.0, 120.0)
REFERENCES = ("NEAR-1", "NEAR-2", "near-1", "", None)
ROWS = 250


class NearestCase(ABRTestCase):
	"""Books of 250 rows of each kind, some covered in part, made anew from each seed."""

	def make_books(self, seed):
		self.random = random.Random(seed)
		payment = factories.make_payment_entry(100)
		out = factories.make_supplier_payment(100)
		sale = factories.make_sales_invoice(100)
		purchase = factories.make_purchase_invoice(100)
		for party in PARTIES:
			factories.make_party("Customer", party)
			factories.make_party("Supplier", party)
		copy_rows(payment, [self.payment(number, "IN") for number in range(ROWS)])
		copy_rows(out, [self.payment(number, "OUT") for number in range(ROWS)])
		copy_rows(sale, [self.invoice(number, "customer", "po_no") for number in range(ROWS)])
		copy_rows(purchase, [self.invoice(number, "supplier", "bill_no") for number in range(ROWS)])
		self.cover_in_part()

	def payment(self, number, side):
		party, amount = self.random.choice((*PARTIES, None)), self.random.choice(AMOUNTS)
		return {
			"name": f"NEAR-{side}-{self.random.randrange(10**9):09}-{number}",
			"party": party,
			"party_name": party,
			"posting_date": self.day(),
			"reference_date": self.random.choice((self.day(), self.day(), None)),
			"reference_no": self.random.choice(REFERENCES),
			"clearance_date": self.random.choice((None, None, None, self.day())),
			"paid_amount": amount,
			"received_amount": amount,
			**dict.fromkeys(
				("paid_amount_after_tax", "received_amount_after_tax"),
				self.random.choice((amount, amount, 0, 75.5)),
			),
		}

	def invoice(self, number, party_field, reference_field):
		party, amount = self.random.choice(PARTIES), self.random.choice((*AMOUNTS, 0))
		sign = self.random.choice((1, 1, 1, -1))
		return {
			"name": f"NEAR-{party_field}-{self.random.randrange(10**9):09}-{number}",
			party_field: party,
			f"{party_field}_name": party,
			"posting_date": self.day(),
			"due_date": self.random.choice((self.day(), self.day(), None)),
			reference_field: self.random.choice(REFERENCES),
			"outstanding_amount": sign * amount,
			"grand_total": sign * amount,
			"rounded_total": sign * amount,
			"is_return": int(sign < 0),
		}

	def day(self):
		return getdate(
			add_days(factories.STATEMENT_DATE, self.random.choice((0, 0, 1, -1, 5, -7, 8, -30, 90)))
		)

	def cover_in_part(self):
		"""Links of 25 and 50 to other Bank Transactions of the account."""
		other = factories.make_bank_transaction(deposit=10_000)
		names = frappe.get_all("Payment Entry", {"name": ("like", "NEAR-%")}, pluck="name", order_by="name")
		rows = [
			[
				f"near{number}",
				other.name,
				"Bank Transaction",
				"payment_entries",
				"Payment Entry",
				name,
				amount,
			]
			for number, name in enumerate(names[::5])
			for amount in [self.random.choice((25, 50))]
		]
		fields = ["name", "parent", "parenttype", "parentfield", "payment_document", "payment_entry"]
		frappe.db.bulk_insert("Bank Transaction Payments", [*fields, "allocated_amount"], rows)

	def line(self):
		side = self.random.choice(("deposit", "withdrawal"))
		party = self.random.choice(PARTIES)
		values = self.random.choice(
			(
				{"party_type": "Customer", "party": party},
				{"party_type": "Supplier", "party": party},
				{"bank_party_name": party.upper()},
				{},
			)
		)
		name = self.random.choice(frappe.get_all("Sales Invoice", pluck="name", limit=20, order_by="name"))
		return factories.make_bank_transaction(
			**{side: self.random.choice(AMOUNTS)},
			reference_number=self.random.choice(("NEAR-1", "NEAR-2", "")),
			description=self.random.choice((f"for {name}", "NEAR-2 and NEAR-1", "nothing")),
			date=self.day(),
			**values,
		)

	def filters(self):
		party = self.random.choice(PARTIES)
		return self.random.choice(
			(
				{},
				{},
				{},
				{"exact_amount": 1},
				{"search": "near-1"},
				{"search": "50"},
				{"search": party[4:].lower()},
				{"party_type": "Customer", "party": party},
				{"from_date": add_days(factories.STATEMENT_DATE, -7), "to_date": factories.STATEMENT_DATE},
				{"search": "NEAR", "exact_amount": 1},
			)
		)


class TestNearest(NearestCase):
	def test_the_best_found_are_the_best_of_all(self):
		"""Four books, fifteen Bank Transactions each, every kind, pages of 1 to 150 rows."""
		compared = 0
		for seed in range(4):
			self.make_books(seed)
			for _ in range(15):
				line, wanted = BankLine(self.line()), parse_filters(self.filters())
				for kind in (DOCUMENT_TYPES[name] for name in KINDS):
					compared += self.compare(kind, line, wanted, seed)
			frappe.db.rollback()
		self.assertGreater(compared, 500)

	def compare(self, kind, line, wanted, seed):
		"""Return how many lists that are not empty were the same."""
		ranking, compared = Ranking(line), 0
		for number, source in enumerate(kind.offer(line).sources):
			everything = self.ranked(narrow_source(source, kind, wanted, line), ranking, kind)
			self.assertEqual(everything, sorted(everything, key=lambda row: (-row[1], row[2])))
			for limit in LIMITS:
				fresh = narrow_source(kind.offer(line).sources[number], kind, wanted, line)
				found = self.ranked(fresh, ranking, kind, limit)
				with self.subTest(seed=seed, kind=kind.name, filters=wanted, limit=limit):
					self.assertEqual(found, everything[:limit])
				compared += bool(found)
		return compared

	def ranked(self, source, ranking, kind, limit=None):
		rows = (
			rank_best(source, ranking, kind.is_unpaid, limit)
			if limit
			else rank_all(source, ranking, kind.is_unpaid)
		)
		return [(row.name, row["rank"], row.distance) for row in rows]
