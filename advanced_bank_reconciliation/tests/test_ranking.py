# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Which candidate comes first and why, how the list is narrowed and paged, and who sees what."""

from contextlib import contextmanager
from unittest.mock import patch

import frappe
from frappe.permissions import add_permission
from frappe.utils import add_days

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	get_candidates,
)
from advanced_bank_reconciliation.exceptions import BadPayload
from advanced_bank_reconciliation.matching.candidates import find_candidates
from advanced_bank_reconciliation.matching.filters import parse_filters
from advanced_bank_reconciliation.matching.ranking import amounts_without_fee, references_in
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.test_matching import UNPAID, VOUCHERS, fresh, rows_of
from advanced_bank_reconciliation.tests.utils import ABRTestCase
from advanced_bank_reconciliation.vouchers.links import BankLine

HOSTILE = "x' OR 1=1 -- %s %(a)s {0} \\ \" ; DROP TABLE `tabGL Entry`"


WIDE = {"document_types": ["payment_entry"], "page_length": 2000}


@contextmanager
def fee_fields(line, **fees):
	"""Let the Bank Transaction have ERPNext's fee fields, which only newer versions have, with these values."""
	meta = line.doc.meta
	has_field = meta.has_field
	names = ("included_fee", "excluded_fee")
	with patch.object(meta, "has_field", lambda name: name in names or has_field(name)):
		line.doc.update(fees)
		yield


class TestRanking(ABRTestCase):
	def test_best_first_with_its_reasons(self):
		"""Same reference and amount before same amount before nothing but the date."""
		party = fresh("Best")
		poor = factories.make_payment_entry(71, party)
		good = factories.make_payment_entry(70, party)
		best = factories.make_payment_entry(70, party, reference_no="RANK-1")
		line = factories.make_bank_transaction(deposit=70, reference_number="RANK-1")
		rows = [row for row in get_candidates(line.name, page_length=2000)["rows"] if row["party"] == party]
		self.assertEqual([row["name"] for row in rows], [best.name, good.name, poor.name])
		self.assertTrue(rows[0]["rank"] > rows[1]["rank"] > rows[2]["rank"])
		self.assertIn("Same reference number: RANK-1", rows[0]["reasons"])
		self.assertTrue(any("unallocated amount" in reason for reason in rows[1]["reasons"]))
		self.assertEqual(rows[2]["reasons"], ["Same date"])

	def test_invoice_number_in_the_statement_text(self):
		"""The description names one of two equal invoices: that one is on top, whatever stands around it."""
		party = fresh("Named")
		other = factories.make_sales_invoice(55, party)
		named = factories.make_sales_invoice(55, party)
		line = factories.make_bank_transaction(
			deposit=55, reference_number="", description=f"SEPA RE/{named.name}/KD 4711, danke."
		)
		found = rows_of(line, UNPAID)
		self.assertGreater(found[named.name]["rank"], found[other.name]["rank"])
		self.assertIn(f"{named.name} is named in the statement text", found[named.name]["reasons"])

	def test_part_of_a_longer_number_is_not_that_number(self):
		"""A reference ABC-12 is not found in a text about ABC-123."""
		payment = factories.make_payment_entry(5, fresh("Part"), reference_no="ABC-12")
		line = factories.make_bank_transaction(deposit=6, reference_number="", description="for ABC-123")
		self.assertEqual(rows_of(line, VOUCHERS)[payment.name]["reasons"], ["Same date"])

	def test_references_in_a_text(self):
		self.assertEqual(references_in("paid INV-001/24, thanks"), ["INV-001/24", "INV-001"])
		self.assertEqual(references_in("2024"), ["2024"])
		self.assertEqual(references_in("sinv-0001"), ["sinv-0001", "SINV-0001"])
		self.assertEqual(references_in("no number at all, 12"), [])
		self.assertLessEqual(len(references_in(" ".join(f"R-{n:05}" for n in range(500)))), 100)

	def test_party_of_the_line_and_party_name_in_the_text(self):
		"""The party set on the line counts; without one, the name that the bank wrote."""
		party = fresh("Müller & Söhne")
		payment = factories.make_payment_entry(8, party)
		known = factories.make_bank_transaction(deposit=9, party_type="Customer", party=party)
		written = factories.make_bank_transaction(deposit=9, bank_party_name=party.upper())
		self.assertIn(f"Same party: {party}", rows_of(known, VOUCHERS)[payment.name]["reasons"])
		self.assertIn(
			f"{party} is named in the statement text", rows_of(written, VOUCHERS)[payment.name]["reasons"]
		)

	def test_p40_empty_never_equals_empty(self):
		"""Line and journal entry have no reference, no party: nothing but amount and date scores."""
		entry = factories.make_journal_entry((self.gl_account, 17), (factories.account("Sales"), -17))
		frappe.db.set_value("Journal Entry", entry.name, {"cheque_no": "", "pay_to_recd_from": ""})
		line = factories.make_bank_transaction(deposit=18, reference_number="", description="")
		self.assertEqual(rows_of(line, VOUCHERS)[entry.name]["reasons"], ["Same date"])

	def test_p43_an_existing_payment_comes_before_a_new_one(self):
		"""A payment and an open invoice of the same customer, amount and date: the payment is on top."""
		party = fresh("Paid already")
		invoice = factories.make_sales_invoice(62, party, posting_date=factories.STATEMENT_DATE)
		frappe.db.set_value("Sales Invoice", invoice.name, "due_date", factories.STATEMENT_DATE)
		payment = factories.make_payment_entry(62, party)
		line = factories.make_bank_transaction(deposit=62)
		rows = get_candidates(line.name, ["unpaid_sales_invoice", "payment_entry"], page_length=2000)["rows"]
		names = [row["name"] for row in rows if row["party"] == party]
		self.assertEqual(names, [payment.name, invoice.name])

	def test_p43_an_existing_payment_comes_first_whatever_the_dates(self):
		"""The invoice is due on the line's date, the payment is of 40 days before: it is on top all the same."""
		party = fresh("Paid long ago")
		invoice = factories.make_sales_invoice(63, party, posting_date=factories.STATEMENT_DATE)
		frappe.db.set_value("Sales Invoice", invoice.name, "due_date", factories.STATEMENT_DATE)
		before = add_days(factories.STATEMENT_DATE, -40)
		payment = factories.make_payment_entry(63, party, posting_date=before, reference_date=before)
		found = rows_of(
			factories.make_bank_transaction(deposit=63), ["unpaid_sales_invoice", "payment_entry"]
		)
		self.assertGreater(found[payment.name]["rank"], found[invoice.name]["rank"])

	def test_p43_an_invoice_says_that_a_payment_over_its_amount_is_open(self):
		"""64 owed and 64 paid on account: the invoice's notice names the payment, also if only invoices are asked.

		Not where the party or the amount is another, or when the payment is matched.
		"""
		party = fresh("Pays on account")
		invoice = factories.make_sales_invoice(64, party)
		other_amount = factories.make_sales_invoice(65, party)
		other_party = factories.make_sales_invoice(64, fresh("Pays later"))
		payment = factories.make_payment_entry(64, party)
		line = factories.make_bank_transaction(deposit=64)
		found = rows_of(line, UNPAID)
		self.assertEqual(
			found[invoice.name]["notice"],
			f"{payment.name} over the same amount is open: match it instead.",
		)
		for row in (found[other_amount.name], found[other_party.name]):
			self.assertEqual(row["notice"], "")
		frappe.db.set_value("Payment Entry", payment.name, "clearance_date", factories.STATEMENT_DATE)
		self.assertEqual(rows_of(line, UNPAID)[invoice.name]["notice"], "")

	def test_p43_a_journal_entry_counts_as_a_payment(self):
		party = factories.make_party("Customer", fresh("Pays by journal"))
		invoice = factories.make_sales_invoice(66, party)
		entry = frappe.get_doc(
			{
				"doctype": "Journal Entry",
				"company": self.company,
				"posting_date": factories.STATEMENT_DATE,
				"accounts": [
					{"account": self.gl_account, "debit_in_account_currency": 66},
					{
						"account": factories.account("Debtors"),
						"party_type": "Customer",
						"party": party,
						"credit_in_account_currency": 66,
					},
				],
			}
		).insert()
		entry.submit()
		found = rows_of(factories.make_bank_transaction(deposit=66), UNPAID)
		self.assertIn(entry.name, found[invoice.name]["notice"])
		row = rows_of(factories.make_bank_transaction(deposit=66), VOUCHERS)[entry.name]
		self.assertEqual((row["party_type"], row["party"]), ("Customer", party))

	def test_amount_before_the_banks_fee(self):
		"""98 arrived of 100, the bank kept 2 and says so: the payment of 100 scores, one of 99 does not."""
		before = factories.make_payment_entry(100, fresh("Fee"))
		other = factories.make_payment_entry(99, fresh("Fee"))
		line = BankLine(factories.make_bank_transaction(deposit=98, reference_number=""))
		with fee_fields(line, included_fee=2):
			found = {row["name"]: row for row in find_candidates(line, parse_filters(WIDE))["rows"]}
		self.assertIn(f"The amount before the bank's fee: {line.money(100)}", found[before.name]["reasons"])
		self.assertFalse([reason for reason in found[other.name]["reasons"] if "fee" in reason])

	def test_amounts_without_fee(self):
		"""A fee that is in the amount made a deposit smaller and a withdrawal larger; one still to come will."""
		for side, fees, amounts in (
			("deposit", {"included_fee": 2}, [102]),
			("withdrawal", {"included_fee": 2}, [98]),
			("deposit", {"excluded_fee": 3}, [97]),
			("withdrawal", {"excluded_fee": 3}, [103]),
			("deposit", {"included_fee": 2, "excluded_fee": 3}, [102, 97]),
			("withdrawal", {"included_fee": 100}, []),
			("deposit", {}, []),
		):
			with self.subTest(side=side, fees=fees):
				line = BankLine(factories.make_bank_transaction(**{side: 100}))
				with fee_fields(line, **fees):
					self.assertEqual(amounts_without_fee(line), amounts)

	def test_p47_reference_of_the_pos_payment_row(self):
		"""A POS sale whose payment row carries the card slip number of the statement."""
		if not frappe.get_meta("Sales Invoice Payment").has_field("reference_no"):
			self.skipTest("this ERPNext keeps no reference on POS payment rows")
		sale = factories.make_pos_invoice(29, self.bank_account)
		frappe.db.set_value("Sales Invoice Payment", {"parent": sale.name}, "reference_no", "SLIP-0815")
		line = factories.make_bank_transaction(deposit=28, reference_number="SLIP-0815")
		row = rows_of(line, ["sales_invoice"])[sale.name]
		self.assertIn("Same reference number: SLIP-0815", row["reasons"])

	def test_ties_are_broken_by_date_and_then_by_name(self):
		"""Three payments of one rank: nearest in date first, of the same day by name."""
		party = fresh("Ties")
		far = factories.make_payment_entry(3, party, reference_date=add_days(factories.STATEMENT_DATE, -40))
		near = factories.make_payment_entry(3, party, reference_date=add_days(factories.STATEMENT_DATE, -20))
		twin = factories.make_payment_entry(3, party, reference_date=add_days(factories.STATEMENT_DATE, -20))
		line = factories.make_bank_transaction(deposit=4)
		rows = get_candidates(line.name, party_type="Customer", party=party)["rows"]
		self.assertEqual([row["name"] for row in rows], [*sorted((near.name, twin.name)), far.name])


class TestHostileText(ABRTestCase):
	def test_p41_text_from_the_statement_stays_text(self):
		"""Quotes, percent signs and SQL in the line's texts change nothing but the ranking."""
		payment = factories.make_payment_entry(12, fresh("Hostile"), reference_no=HOSTILE[:100])
		line = factories.make_bank_transaction(
			deposit=13,
			reference_number=HOSTILE[:100],
			description=HOSTILE,
			bank_party_name=HOSTILE,
			custom_particulars=HOSTILE,
		)
		row = rows_of(line, [*VOUCHERS, *UNPAID])[payment.name]
		self.assertTrue(row["reasons"][0].startswith("Same reference number: x' OR 1=1"))

	def test_p41_search_is_text_and_not_a_pattern(self):
		"""100%, _ and quotes find only what contains them."""
		percent = factories.make_payment_entry(12, fresh("Owns 100% of_it"), reference_no="R'1\\")
		plain = factories.make_payment_entry(12, fresh("Owns 100 of it"))
		line = factories.make_bank_transaction(deposit=13)
		for search in ("100%", "of_it", "R'1\\", HOSTILE):
			with self.subTest(search=search):
				found = rows_of(line, VOUCHERS, search=search)
				self.assertEqual(percent.name in found, search != HOSTILE)
				self.assertNotIn(plain.name, found)


class TestNarrowing(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.group = factories.make_customer_group("ABR Group")
		cls.below = factories.make_customer_group("ABR Group Below", cls.group)

	def test_search_finds_number_reference_party_and_amount(self):
		party = fresh("Searched")
		payment = factories.make_payment_entry(1234.5, party, reference_no="FIND-ME-1")
		line = factories.make_bank_transaction(deposit=1)
		for search in (payment.name.lower(), "find-me", party[3:], "1,234.50", "1234.5"):
			with self.subTest(search=search):
				self.assertIn(payment.name, rows_of(line, VOUCHERS, search=search))
		self.assertEqual(rows_of(line, VOUCHERS, search="nowhere to be found"), {})

	def test_party_and_customer_group_with_the_groups_below(self):
		"""A customer of a group below the asked one is found; suppliers are in no customer group."""
		party = factories.make_party("Customer", fresh("Grouped"))
		frappe.db.set_value("Customer", party, "customer_group", self.below)
		inside = factories.make_sales_invoice(9, party)
		outside = factories.make_sales_invoice(9, fresh("Ungrouped"))
		supplier_return = factories.make_purchase_invoice(-9, fresh("Supplier"))
		line = factories.make_bank_transaction(deposit=9)
		found = rows_of(line, UNPAID, customer_group=self.group)
		self.assertIn(inside.name, found)
		self.assertNotIn(outside.name, found)
		self.assertNotIn(supplier_return.name, found)
		self.assertEqual(set(rows_of(line, UNPAID, party_type="Customer", party=party)), {inside.name})

	def test_pages_are_disjoint_and_complete(self):
		"""Seven payments in pages of three: 3, 3 and 1, each once, in the order of one long list."""
		party = fresh("Paged")
		for number in range(7):
			factories.make_payment_entry(100 + number, party)
		line = factories.make_bank_transaction(deposit=103)
		filters = {"party_type": "Customer", "party": party}
		whole = [row["name"] for row in get_candidates(line.name, **filters)["rows"]]
		self.assertEqual(len(whole), 7)
		paged = []
		for start in (0, 3, 6):
			answer = get_candidates(line.name, **filters, start=start, page_length=3)
			paged += [row["name"] for row in answer["rows"]]
			self.assertEqual(answer["has_more"], start < 6)
		self.assertEqual(paged, whole)

	def test_pages_go_across_document_types(self):
		"""Three payments and three invoices, merged by rank, in pages of two."""
		party = fresh("Merged")
		for amount in (41, 42, 43):
			factories.make_payment_entry(amount, party)
			factories.make_sales_invoice(amount, party)
		line = factories.make_bank_transaction(deposit=42)
		filters = {"party_type": "Customer", "party": party, "page_length": 2}
		types = ["payment_entry", "unpaid_sales_invoice"]
		pages = [get_candidates(line.name, types, **filters, start=start)["rows"] for start in (0, 2, 4)]
		names = [row["name"] for page in pages for row in page]
		self.assertEqual(len(set(names)), 6)
		ranks = [row["rank"] for page in pages for row in page]
		self.assertEqual(ranks, sorted(ranks, reverse=True))
		self.assertEqual({row["total_amount"] for row in pages[0]}, {42})

	def test_dates_that_are_none_are_refused_in_words(self):
		line = factories.make_bank_transaction(deposit=1)
		with self.assertRaises(BadPayload) as caught:
			get_candidates(line.name, from_date="soon")
		self.assertIn("From Date is not a date", str(caught.exception))


def role_that_reads(case, *doctypes):
	"""Return a role that may read these doctypes, until the test case has ended."""
	role = "ABR Bank Reader"
	if not frappe.db.exists("Role", role):
		frappe.get_doc({"doctype": "Role", "role_name": role}).insert()
	for doctype in doctypes:
		add_permission(doctype, role)
		case.addCleanup(frappe.clear_cache, doctype=doctype)
	return role


class TestWhoSeesWhat(ABRTestCase):
	def test_user_permission_on_a_customer_limits_the_invoices(self):
		"""A user limited to one customer sees that customer's invoice and not another's, as in any list."""
		mine, theirs = (factories.make_party("Customer", fresh("Limited")) for _ in range(2))
		visible, hidden = (factories.make_sales_invoice(35, party) for party in (mine, theirs))
		line = factories.make_bank_transaction(deposit=35)
		user = factories.make_user("abr-limited@example.com", ["Accounts User"])
		frappe.get_doc(
			{"doctype": "User Permission", "user": user, "allow": "Customer", "for_value": mine}
		).insert(ignore_permissions=True)
		frappe.set_user(user)
		found = rows_of(line, UNPAID)
		self.assertIn(visible.name, found)
		self.assertNotIn(hidden.name, found)

	def test_user_permission_on_the_company_hides_the_line(self):
		"""Candidates of another company's Bank Transaction are refused like the Bank Transaction itself."""
		line = factories.make_bank_transaction(deposit=35)
		frappe.set_user(
			factories.make_user("abr-other@example.com", ["Accounts User"], company=self.other_company)
		)
		with self.assertRaises(frappe.PermissionError):
			get_candidates(line.name)

	def test_p78_without_a_role_nothing_is_answered(self):
		line = factories.make_bank_transaction(deposit=35)
		frappe.set_user(factories.make_user("abr-nobody@example.com", []))
		with self.assertRaises(frappe.PermissionError):
			get_candidates(line.name)

	def test_types_that_the_user_may_not_read_are_left_out(self):
		"""Who may read Bank Transactions and payments but no invoices gets no invoices; only them: refused."""
		party = fresh("Unseen")
		factories.make_sales_invoice(36, party)
		payment = factories.make_payment_entry(36, party)
		line = factories.make_bank_transaction(deposit=36)
		role = role_that_reads(self, "Bank Transaction", "Bank Account", "Payment Entry")
		frappe.set_user(factories.make_user("abr-bank-reader@example.com", [role]))
		found = rows_of(line, ["payment_entry", "unpaid_sales_invoice"])
		self.assertIn(payment.name, found)
		self.assertEqual({row["doctype"] for row in found.values()}, {"Payment Entry"})
		with self.assertRaises(frappe.PermissionError):
			get_candidates(line.name, ["unpaid_sales_invoice"])
