# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Which sets of open invoices are proposed for a Bank Transaction, why, and what is said beside them.

The site holds other open invoices, so amounts are odd and large, and most stories are of one party.
"""

import time

import frappe
from frappe.utils import add_days, flt

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_for_invoices,
	suggest_invoices,
)
from advanced_bank_reconciliation.exceptions import BadPayload, BankTransactionNotOpen
from advanced_bank_reconciliation.matching.suggestions import open_invoices
from advanced_bank_reconciliation.matching.suggestions import search as suggestions
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.test_matching import UNPAID, fresh, rows_of
from advanced_bank_reconciliation.tests.test_ranking import role_that_reads
from advanced_bank_reconciliation.tests.utils import ABRTestCase


def names_of(suggestion):
	return [row["name"] for row in suggestion["rows"]]


def of_kind(answer, kind):
	"""Return the only suggestion of the kind."""
	(suggestion,) = [each for each in answer["suggestions"] if each["kind"] == kind]
	return suggestion


def series(amounts, party, make=factories.make_sales_invoice, **values):
	"""Return an invoice of the party for each amount, each a day younger than the one before."""
	return [
		make(amount, party, due_date=add_days(factories.POSTING_DATE, 1 + day), **values)
		for day, amount in enumerate(amounts)
	]


def names(invoices):
	return [invoice.name for invoice in invoices]


class SuggestionCase(ABRTestCase):
	def setUp(self):
		super().setUp()
		self.party = factories.make_party("Customer", fresh("Suggested"))

	def deposit(self, amount, **values):
		"""A deposit of which the bank says nothing, but that this party paid it."""
		values = {
			"reference_number": "",
			"description": "",
			"party_type": "Customer",
			"party": self.party,
		} | values
		return factories.make_bank_transaction(deposit=amount, **values)

	def suggested(self, line, **arguments):
		"""Ask, and check what holds for every suggestion."""
		answer = suggest_invoices(line.name, **arguments)
		left = frappe.db.get_value("Bank Transaction", line.name, "unallocated_amount")
		for suggestion in answer["suggestions"]:
			chosen = names_of(suggestion)
			self.assertEqual(len(set(chosen)), len(chosen), "an invoice twice in a set")
			effects = [abs(row["remaining_amount"]) * row["effect_sign"] for row in suggestion["rows"]]
			self.assertEqual(flt(sum(effects), 2), suggestion["total"])
			if suggestion["kind"] != "named_incomplete":
				self.assertEqual(suggestion["total"], left)
			self.assertTrue(suggestion["reason"])
		return answer


class TestNamedInTheText(SuggestionCase):
	def test_all_that_are_named_add_up(self):
		"""The text names two of three invoices, 70.11 and 30.22; the deposit is their sum."""
		first, second, _other = series([70.11, 30.22, 55], self.party)
		line = self.deposit(
			100.33, description=f"Payment {first.name} / {second.name}", party=None, party_type=None
		)
		answer = self.suggested(line)
		self.assertEqual(answer["suggestions"][0]["kind"], "named")
		self.assertEqual(names_of(answer["suggestions"][0]), names([first, second]))
		self.assertFalse(answer["suggestions"][0]["ambiguous"])
		self.assertEqual(len(answer["suggestions"]), 1)

	def test_a_list_with_numbers_cut_short_and_a_range(self):
		"""Bills RG-1001, RG-1002 and RG-1005 as "RG-1001, 02, 5"; RG-2001 to RG-2003 as "RG-2001..2003"."""
		supplier = fresh("Cut short")
		for text, bills in (("RG-1001, 02, 5", (1001, 1002, 1005)), ("RG-2001..2003", (2001, 2002, 2003))):
			with self.subTest(text=text):
				invoices = [
					factories.make_purchase_invoice(
						13.37 + bill, supplier, bill_no=f"RG-{bill}", bill_date=factories.POSTING_DATE
					)
					for bill in bills
				]
				line = factories.make_bank_transaction(
					withdrawal=flt(sum(invoice.outstanding_amount for invoice in invoices), 2),
					description=text,
					reference_number="",
				)
				named = of_kind(self.suggested(line), "named")
				self.assertEqual(sorted(names_of(named)), sorted(names(invoices)))

	def test_a_dash_is_a_range_unless_it_is_a_number(self):
		"""Bills DA-301 to DA-303: "DA-301-303" names all three, until there is a bill of that number."""
		supplier = fresh("Dash")

		def bill(number):
			return factories.make_purchase_invoice(
				111.01, supplier, bill_no=number, bill_date=factories.POSTING_DATE
			)

		invoices = [bill("DA-301"), bill("DA-302"), bill("DA-303")]
		values = {"description": "DA-301-303", "reference_number": ""}
		whole = factories.make_bank_transaction(withdrawal=333.03, **values)
		self.assertEqual(sorted(names_of(of_kind(self.suggested(whole), "named"))), sorted(names(invoices)))
		literal = bill("DA-301-303")
		one = factories.make_bank_transaction(withdrawal=111.01, **values)
		self.assertEqual(names_of(of_kind(self.suggested(one), "named")), [literal.name])

	def test_some_of_those_that_are_named_add_up(self):
		"""Three are named, the deposit is the sum of two: these two are proposed."""
		first, second, third = series([10.01, 20.03, 40.07], self.party)
		line = self.deposit(50.08, description=" ".join(names([first, second, third])))
		part = of_kind(self.suggested(line), "named_in_part")
		self.assertEqual(names_of(part), names([first, third]))
		self.assertIn("3", part["reason"])

	def test_named_ones_are_completed_by_others_of_their_party(self):
		"""20.03 is named, the deposit is 60.10: with the 40.07 of the same customer it adds up."""
		_first, second, third = series([10.01, 20.03, 40.07], self.party)
		line = self.deposit(60.10, description=second.name)
		whole = of_kind(self.suggested(line), "named_and_others")
		self.assertEqual(set(names_of(whole)), set(names([second, third])))

	def test_what_is_missing_is_said(self):
		"""10.01 is named in a deposit of 100: it is offered, and 89.99 is missing. Too much is said as well."""
		(invoice,) = series([10.01], self.party)
		incomplete = of_kind(self.suggested(self.deposit(100, description=invoice.name)), "named_incomplete")
		self.assertEqual(names_of(incomplete), [invoice.name])
		self.assertIn("89.99", incomplete["note"])
		incomplete = of_kind(self.suggested(self.deposit(7, description=invoice.name)), "named_incomplete")
		self.assertIn("3.01", incomplete["note"])

	def test_text_of_the_statement_is_only_text(self):
		"""Quotes, percent signs and SQL in the text find nothing and break nothing."""
		series([10.01], self.party)
		line = self.deposit(
			3, description="' OR 1=1 -- %INV-1%' ; DROP TABLE x; INV-1', 2, 3", party=None, party_type=None
		)
		kinds = {each["kind"] for each in self.suggested(line)["suggestions"]}
		self.assertFalse({kind for kind in kinds if kind.startswith("named")})


class TestOneParty(SuggestionCase):
	def test_the_oldest_one_after_the_other(self):
		"""10.01, 20.03, 40.07, 80.15 and a deposit of 70.11: the first three, and no other set."""
		invoices = series([10.01, 20.03, 40.07, 80.15], self.party)
		run = of_kind(self.suggested(self.deposit(70.11)), "oldest_first")
		self.assertEqual(names_of(run), names(invoices[:3]))
		self.assertFalse(run["ambiguous"])
		self.assertIn("No other set", run["note"])

	def test_the_hidden_ones(self):
		"""The first and the last of the four: 90.16."""
		invoices = series([10.01, 20.03, 40.07, 80.15], self.party)
		hidden = of_kind(self.suggested(self.deposit(90.16)), "one_party")
		self.assertEqual(names_of(hidden), names([invoices[0], invoices[3]]))
		self.assertIn("No other set", hidden["note"])

	def test_more_than_one_set_is_said(self):
		"""30, 20, 10, 50 and a deposit of 50: the two oldest are preferred; the one of 50 is offered as well."""
		invoices = series([30, 20, 10, 50], self.party)
		answer = self.suggested(self.deposit(50))
		run = of_kind(answer, "oldest_first")
		self.assertEqual(names_of(run), names(invoices[:2]))
		self.assertTrue(run["ambiguous"])
		self.assertIn("One other set", run["note"])
		self.assertEqual(names_of(of_kind(answer, "fewest")), [invoices[3].name])

	def test_credit_notes_are_netted_where_they_are_needed(self):
		"""100.01, 30.05, -25.02 and a deposit of 74.99: the invoice of 100.01 less the credit note.

		With a deposit of 130.06 the two invoices are enough.
		"""
		first, second, credit_note = series([100.01, 30.05, -25.02], self.party)
		netted = of_kind(self.suggested(self.deposit(74.99)), "one_party")
		self.assertEqual(set(names_of(netted)), {first.name, credit_note.name})
		self.assertIn("credit notes", netted["reason"])
		plain = of_kind(self.suggested(self.deposit(130.06)), "oldest_first")
		self.assertEqual(names_of(plain), names([first, second]))

	def test_what_is_proposed_can_be_booked_as_it_is(self):
		"""The netted set of 74.99 settles the line, the invoice and the credit note, to the cent."""
		first, _second, credit_note = series([100.01, 30.05, -25.02], self.party)
		line = self.deposit(74.99)
		suggestion = of_kind(self.suggested(line), "one_party")
		create_payment_entries_for_invoices(
			line.name, [{"doctype": row["doctype"], "name": row["name"]} for row in suggestion["rows"]]
		)
		self.assert_state(line, 0)
		for invoice in (first, credit_note):
			self.assertEqual(frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount"), 0)

	def test_a_party_named_in_the_text(self):
		"""The line has no party, its text has the customer's name: that customer's invoices, not another's."""
		other = factories.make_party("Customer", fresh("Twin"))
		invoices = series([1210.01, 1220.03], self.party)
		series([1210.01, 1220.03], other)
		line = self.deposit(
			2430.04, description=f"ORDER OF {self.party.upper()}", party=None, party_type=None
		)
		run = of_kind(self.suggested(line), "oldest_first")
		self.assertEqual(names_of(run), names(invoices))

	def test_every_party_with_enough_open(self):
		"""No party anywhere; two customers could have paid 2430.04: both are proposed, each says so."""
		other = factories.make_party("Customer", fresh("Twin"))
		mine, theirs = series([1310.01, 1320.03], self.party), series([1310.01, 1320.03], other)
		line = self.deposit(2630.04, party=None, party_type=None)
		answer = self.suggested(line)
		found = [set(names_of(each)) for each in answer["suggestions"]]
		for invoices in (mine, theirs):
			self.assertIn(set(names(invoices)), found)
		self.assertTrue(all(each["ambiguous"] for each in answer["suggestions"]))

	def test_only_the_party_that_is_asked_for(self):
		"""The line's party is another one: asked for this party, its invoices are proposed."""
		invoices = series([10.01, 20.03], self.party)
		line = self.deposit(30.04, party=factories.make_party("Customer", fresh("Wrong")))
		answer = self.suggested(line, party_type="Customer", party=self.party)
		self.assertEqual(names_of(of_kind(answer, "oldest_first")), names(invoices))
		with self.assertRaises(BadPayload):
			suggest_invoices(line.name, party=self.party)

	def test_suppliers_are_paid_by_withdrawals(self):
		"""Two bills of 50.05 and 60.07, a debit note of 10.01, and a withdrawal of 100.11: all three."""
		supplier = factories.make_party("Supplier", fresh("Paid"))
		documents = series([50.05, 60.07, -10.01], supplier, factories.make_purchase_invoice)
		line = factories.make_bank_transaction(
			withdrawal=100.11, party_type="Supplier", party=supplier, reference_number="", description=""
		)
		netted = of_kind(self.suggested(line), "one_party")
		self.assertEqual(set(names_of(netted)), set(names(documents)))

	def test_what_is_left_of_the_line_counts(self):
		"""Of a deposit of 100.05, 70.01 is matched already: the invoice of 30.04 is proposed."""
		(invoice,) = series([30.04], self.party)
		payment = factories.make_payment_entry(70.01, self.party)
		line = self.deposit(100.05)
		line.append(
			"payment_entries",
			{"payment_document": "Payment Entry", "payment_entry": payment.name, "allocated_amount": 70.01},
		)
		line.save()
		run = of_kind(self.suggested(line), "oldest_first")
		self.assertEqual(names_of(run), [invoice.name])


class TestAllParties(SuggestionCase):
	def test_invoices_of_two_parties(self):
		"""7,000,010.01 of one and 7,000,020.03 of another customer, in one deposit of both."""
		other = factories.make_party("Customer", fresh("Together"))
		invoices = [*series([7000010.01], self.party), *series([7000020.03], other)]
		line = self.deposit(14000030.04, party=None, party_type=None)
		answer = self.suggested(line)
		found = answer["suggestions"][0]
		self.assertIn(found["kind"], ("all_parties", "fewest"))
		self.assertEqual(set(names_of(found)), set(names(invoices)))
		self.assertIn("2", found["reason"])

	def test_credit_notes_are_netted_within_each_party(self):
		"""A owes 8,000,100.01 and is owed 900.02; B owes 70.05 and is owed 60.58: together 7,999,209.46."""
		other = factories.make_party("Customer", fresh("Owed less"))
		documents = [*series([8000100.01, -900.02], self.party), *series([70.05, -60.58], other)]
		answer = self.suggested(self.deposit(7999209.46, party=None, party_type=None))
		self.assertIn(set(names(documents)), [set(names_of(each)) for each in answer["suggestions"]])

	def test_p13_no_party_gets_money_back_from_a_deposit(self):
		"""A owes 9,000,100.01; B owes 40.01 and is owed 60.02: 9,000,080.00 would take B's documents. Never."""
		other = factories.make_party("Customer", fresh("Owed more"))
		series([9000100.01], self.party)
		series([40.01, -60.02], other)
		answer = self.suggested(self.deposit(9000080, party=None, party_type=None))
		for suggestion in answer["suggestions"]:
			net = {}
			for row in suggestion["rows"]:
				net[row["party"]] = net.get(row["party"], 0) + row["remaining_amount"]
			self.assertTrue(all(amount > 0 for amount in net.values()), net)
			self.assertNotIn(other, net)

	def test_documents_that_were_left_out_are_said(self):
		"""With a bound of three documents, two nearest in date and one more: the answer says so."""
		other = factories.make_party("Customer", fresh("Left out"))
		series([9.01, 8.01], self.party)
		series([7.01, 6.01], other)
		line = self.deposit(9000000000.01, party=None, party_type=None)
		before = open_invoices.MOST_DOCUMENTS
		self.addCleanup(setattr, open_invoices, "MOST_DOCUMENTS", before)
		self.addCleanup(setattr, suggestions, "MOST_DOCUMENTS", before)
		open_invoices.MOST_DOCUMENTS = suggestions.MOST_DOCUMENTS = 3
		notices = " ".join(self.suggested(line)["notices"])
		self.assertIn("Only the 3 documents nearest in date", notices)
		self.assertIn("3 were searched", notices)


class TestNothingFound(SuggestionCase):
	def test_it_is_said_with_the_number_of_documents(self):
		"""10.01 and 20.03 of the party, and a deposit of 5.55: none of the 2."""
		series([10.01, 20.03], self.party)
		answer = self.suggested(self.deposit(5.55), party_type="Customer", party=self.party)
		self.assertEqual(answer["suggestions"], [])
		(notice,) = answer["notices"]
		self.assertIn("5.55", notice)
		self.assertIn("2 were searched", notice)

	def test_no_open_invoice_at_all(self):
		answer = self.suggested(self.deposit(5.55), party_type="Customer", party=self.party)
		self.assertEqual(answer["suggestions"], [])
		self.assertIn("no open invoice", answer["notices"][0])

	def test_an_end_by_the_bound_is_said(self):
		"""With no time at all, nothing is found in 40 documents, and it is not called "none"."""
		series([1000 + 7.13 * number for number in range(40)], self.party)
		seconds = suggestions.SECONDS
		self.addCleanup(setattr, suggestions, "SECONDS", seconds)
		suggestions.SECONDS = 0
		answer = self.suggested(self.deposit(15000.01), party_type="Customer", party=self.party)
		self.assertIn("not all their combinations", answer["notices"][0])


class TestWhoAndWhat(SuggestionCase):
	def test_rows_are_those_of_the_candidates(self):
		"""What is proposed has the same fields and values as the row of `get_candidates`."""
		series([10.01, 20.03], self.party)
		line = self.deposit(30.04)
		candidates = rows_of(line, UNPAID, party_type="Customer", party=self.party)
		rows = of_kind(self.suggested(line), "oldest_first")["rows"]
		self.assertEqual({row["name"]: row for row in rows}, candidates)

	def test_p34_invoices_of_another_company_never(self):
		"""The same customer owes 10.01 to each of two companies: only that of the line's company is proposed."""
		(mine,) = series([10.01], self.party)
		factories.make_sales_invoice(20.03, self.party, company=self.other_company)
		answer = self.suggested(self.deposit(10.01))
		self.assertEqual(names_of(of_kind(answer, "oldest_first")), [mine.name])
		self.assertEqual(
			self.suggested(self.deposit(30.04), party_type="Customer", party=self.party)["suggestions"], []
		)

	def test_only_what_the_bank_account_can_pay_in_its_currency(self):
		"""A EUR bank account: the customer's EUR invoices add up, in EUR; those in USD are not among them."""
		bank_account = factories.make_foreign_bank_account("EUR")
		factories.make_exchange_rate("EUR", 1.25)
		invoices = [factories.make_foreign_sales_invoice(amount, "EUR", 1.25) for amount in (10.01, 20.03)]
		(in_usd,) = series([30.04], self.party)
		line = factories.make_bank_transaction(
			deposit=30.04,
			bank_account=bank_account,
			currency="EUR",
			reference_number="",
			description=" ".join(names(invoices)),
		)
		named = of_kind(self.suggested(line), "named")
		self.assertEqual(set(names_of(named)), set(names(invoices)))
		self.assertEqual((named["total"], named["rows"][0]["currency"]), (30.04, "EUR"))
		self.assertNotIn(in_usd.name, names_of(named))

	def test_p78_without_a_right_to_read_nothing_is_said(self):
		"""Without a role not even the Bank Transaction is readable."""
		series([10.01], self.party)
		line = self.deposit(10.01)
		frappe.set_user(factories.make_user("abr-suggest-none@example.com", []))
		with self.assertRaises(frappe.PermissionError):
			suggest_invoices(line.name)

	def test_who_may_read_the_line_but_no_invoices_is_refused(self):
		series([10.01], self.party)
		line = self.deposit(10.01)
		frappe.set_user(
			factories.make_user(
				"abr-bank-reader@example.com", [role_that_reads(self, "Bank Transaction", "Bank Account")]
			)
		)
		with self.assertRaises(frappe.PermissionError):
			suggest_invoices(line.name)

	def test_only_invoices_that_the_user_may_read(self):
		"""A user limited to one customer is not told of another's invoices, nor of their number."""
		hidden = factories.make_party("Customer", fresh("Hidden"))
		mine = series([1510.01, 1520.03], self.party)
		series([1530.04], hidden)
		line = self.deposit(1530.04, party=None, party_type=None)
		user = factories.make_user("abr-suggest-limited@example.com", ["Accounts User"])
		frappe.get_doc(
			{"doctype": "User Permission", "user": user, "allow": "Customer", "for_value": self.party}
		).insert(ignore_permissions=True)
		frappe.set_user(user)
		answer = self.suggested(line)
		self.assertEqual(answer["suggestions"], [])
		self.assertIn("2 were searched", answer["notices"][0])
		frappe.set_user("Administrator")
		self.assertEqual(len(mine), 2)

	def test_a_line_with_nothing_left_is_refused(self):
		draft = factories.make_bank_transaction(deposit=5, submit=False)
		with self.assertRaises(BankTransactionNotOpen):
			suggest_invoices(draft.name)

	def test_nothing_is_changed(self):
		series([10.01, 20.03], self.party)
		line = self.deposit(30.04)
		with self.assert_books_unchanged():
			self.suggested(line)

	def test_in_few_queries_and_in_time(self):
		"""60 open invoices of one customer, and a deposit of 15 of them: a set, within two seconds (of the
		CPU, which other work on the machine does not lengthen).

		The number of SQL statements does not grow with the number of invoices.
		"""
		amounts = [flt(100 + number * 13.37 % 977, 2) for number in range(60)]
		series(amounts, self.party)
		line = self.deposit(flt(sum(amounts[::4]), 2))
		start = time.process_time()
		with self.assertQueryCount(60):
			answer = self.suggested(line)
		self.assertLess(time.process_time() - start, 2)
		self.assertTrue(answer["suggestions"])
