# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Which vouchers and invoices are offered for a Bank Transaction, and with what amount."""

import json
from unittest.mock import patch

import frappe
from frappe.utils import add_days, getdate

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_bulk,
	get_candidates,
	get_linked_payments,
	reconcile_vouchers,
)
from advanced_bank_reconciliation.exceptions import BadPayload
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.utils import ABRTestCase, bank_movement
from advanced_bank_reconciliation.vouchers import exchange

UNPAID = ["unpaid_sales_invoice", "unpaid_purchase_invoice"]
VOUCHERS = ["payment_entry", "journal_entry", "sales_invoice", "purchase_invoice"]


def rows_of(line, document_types, **filters):
	"""Return the candidates by name."""
	answer = get_candidates(line.name, document_types, page_length=2000, **filters)
	return {row["name"]: row for row in answer["rows"]}


def fresh(label):
	"""Return a party name that no other test uses."""
	return f"{label} {frappe.generate_hash(length=6)}"


class TestDirection(ABRTestCase):
	def test_p13_direction_matrix_of_unpaid_invoices(self):
		"""{SI, SI return, PI, PI return} x {deposit, withdrawal}, each of 50 and of a party of its own.

		Alone, only what goes in the line's direction is offered; its effect is the amount, its remaining
		amount is signed as outstanding.
		"""
		deposit = factories.make_bank_transaction(deposit=50)
		withdrawal = factories.make_bank_transaction(withdrawal=50)
		cells = (
			(factories.make_sales_invoice(50, fresh("SI")), deposit, withdrawal, 50),
			(factories.make_sales_invoice(-50, fresh("SR")), withdrawal, deposit, -50),
			(factories.make_purchase_invoice(50, fresh("PI")), withdrawal, deposit, 50),
			(factories.make_purchase_invoice(-50, fresh("PR")), deposit, withdrawal, -50),
		)
		for invoice, settled_by, not_by, remaining in cells:
			with self.subTest(invoice=invoice.doctype, amount=remaining):
				row = rows_of(settled_by, UNPAID)[invoice.name]
				self.assertEqual((row["remaining_amount"], row["effect_sign"]), (remaining, 1))
				self.assertEqual(row["document_type"], f"unpaid_{frappe.scrub(invoice.doctype)}")
				self.assertNotIn(invoice.name, rows_of(not_by, UNPAID))

	def test_p12_against_the_line_only_what_can_be_netted(self):
		"""Deposit 80; the customer owes 100 and is owed 20: both are offered, the return gives back.

		Another customer is only owed 20: nothing of it is offered.
		"""
		party = fresh("Netting")
		invoice = factories.make_sales_invoice(100, party)
		credit_note = factories.make_sales_invoice(-20, party)
		alone = factories.make_sales_invoice(-20, fresh("Only owed"))
		found = rows_of(factories.make_bank_transaction(deposit=80), UNPAID)
		self.assertEqual(found[invoice.name]["effect_sign"], 1)
		self.assertEqual(found[credit_note.name]["effect_sign"], -1)
		self.assertEqual(found[credit_note.name]["remaining_amount"], -20)
		self.assertNotIn(alone.name, found)

	def test_p11_exact_amount_minds_the_sign(self):
		"""Withdrawal 60: a return of 60 is its exact match, an invoice of 60 of the same customer is not."""
		party = fresh("Refund")
		invoice = factories.make_sales_invoice(60, party)
		refund = factories.make_sales_invoice(-60, party)
		found = rows_of(
			factories.make_bank_transaction(withdrawal=60), ["unpaid_sales_invoice"], exact_amount=True
		)
		self.assertIn(refund.name, found)
		self.assertNotIn(invoice.name, found)

	def test_p24_vouchers_against_the_direction_are_not_offered(self):
		"""A payment to a supplier is nothing for a deposit, and one from a customer nothing for a withdrawal."""
		received = factories.make_payment_entry(30, fresh("Payer"))
		paid = factories.make_supplier_payment(30, fresh("Payee"))
		into_bank = factories.make_journal_entry((self.gl_account, 30), (factories.account("Sales"), -30))
		deposit = rows_of(factories.make_bank_transaction(deposit=30), VOUCHERS)
		withdrawal = rows_of(factories.make_bank_transaction(withdrawal=30), VOUCHERS)
		for voucher in (received, into_bank):
			self.assertIn(voucher.name, deposit)
			self.assertNotIn(voucher.name, withdrawal)
		self.assertIn(paid.name, withdrawal)
		self.assertNotIn(paid.name, deposit)

	def test_p10_paid_invoices_and_their_returns_each_in_their_own_direction(self):
		"""POS sale of 40 in, its return of 15 out; paid purchase of 25 out, its return of 5 in."""
		offered = {"deposit": {}, "withdrawal": {}}
		cells = (
			(factories.make_pos_invoice(40, self.bank_account), "deposit", 40),
			(factories.make_pos_invoice(-15, self.bank_account), "withdrawal", 15),
			(factories.make_paid_purchase_invoice(25, self.bank_account), "withdrawal", 25),
			(factories.make_paid_purchase_invoice(-5, self.bank_account), "deposit", 5),
		)
		for side in offered:
			offered[side] = rows_of(factories.make_bank_transaction(**{side: 40}), VOUCHERS)
		for invoice, side, remaining in cells:
			with self.subTest(invoice=invoice.doctype, side=side):
				other = "withdrawal" if side == "deposit" else "deposit"
				self.assertEqual(offered[side][invoice.name]["remaining_amount"], remaining)
				self.assertNotIn(invoice.name, offered[other])


class TestAmounts(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.euro = factories.make_foreign_bank_account("EUR")
		cls.euro_debtors = factories.make_foreign_receivable("EUR")
		cls.pound_debtors = factories.make_foreign_receivable("GBP")
		cls.savings = factories.make_bank_account("ABR Savings")

	def test_p18_amount_is_the_bank_leg_in_the_bank_accounts_currency(self):
		"""100 EUR received at 1.25 are 125 USD in the books: the EUR line is offered 100, not 125."""
		factories.make_exchange_rate("EUR", 1.25)
		payment = factories.make_payment_entry(
			100,
			fresh("Euro payer"),
			bank_account=self.euro,
			paid_from=factories.account("Debtors"),
			paid_amount=125,
			received_amount=100,
			target_exchange_rate=1.25,
		)
		line = factories.make_bank_transaction(deposit=100, bank_account=self.euro, currency="EUR")
		row = rows_of(line, ["payment_entry"])[payment.name]
		self.assertEqual((row["remaining_amount"], row["total_amount"], row["currency"]), (100, 100, "EUR"))
		self.assertEqual(row["remaining_amount"], bank_movement("Payment Entry", payment.name, self.euro))

	def test_p19_invoices_of_another_currency_are_offered_at_the_rate_of_the_line(self):
		"""80 EUR owed, at 1.25 on the line's date: 100 USD, which is exactly the deposit. 80 to a EUR account."""
		factories.make_exchange_rate("EUR", 1.25)
		invoice = factories.make_foreign_sales_invoice(80, "EUR", 1.1)
		credit_note = factories.make_foreign_sales_invoice(-8, "EUR", 1.1)
		line = factories.make_bank_transaction(deposit=100)
		row = rows_of(line, UNPAID)[invoice.name]
		self.assertEqual((row["remaining_amount"], row["total_amount"], row["currency"]), (100, 100, "USD"))
		self.assertEqual((row["own_currency"], row["own_remaining_amount"]), ("EUR", 80))
		self.assertTrue(any("unallocated amount" in reason for reason in row["reasons"]))
		self.assertIn(invoice.name, rows_of(line, UNPAID, exact_amount=True))
		back = rows_of(line, UNPAID)[credit_note.name]
		self.assertEqual(
			(back["remaining_amount"], back["own_remaining_amount"], back["effect_sign"]), (-10, -8, -1)
		)
		euro = factories.make_bank_transaction(deposit=80, bank_account=self.euro, currency="EUR")
		row = rows_of(euro, UNPAID)[invoice.name]
		self.assertEqual((row["remaining_amount"], row["own_currency"]), (80, "EUR"))

	def test_p19_converted_amounts_are_rounded_once(self):
		"""33.33 EUR at 1.23456 are 41.1479 USD: 41.15, and a deposit of 41.15 is exact."""
		factories.make_exchange_rate("EUR", 1.23456)
		invoice = factories.make_foreign_sales_invoice(33.33, "EUR", 1.1)
		line = factories.make_bank_transaction(deposit=41.15)
		row = rows_of(line, UNPAID, exact_amount=True)[invoice.name]
		self.assertEqual(row["remaining_amount"], 41.15)

	def test_p17_a_currency_without_a_rate_is_named_and_not_offered(self):
		"""Invoices in GBP, and no rate on record: none of them, and a sentence that says what to do."""
		factories.make_sales_invoice(
			50,
			fresh("Pounds"),
			currency="GBP",
			conversion_rate=1.5,
			debit_to=self.pound_debtors,
		)
		line = factories.make_bank_transaction(deposit=50)
		frappe.db.delete("Currency Exchange", {"from_currency": "GBP", "to_currency": "USD"})
		answer = get_candidates(line.name, ["unpaid_sales_invoice"], page_length=2000)
		notices = [notice for notice in answer["notices"] if "GBP" in notice]
		self.assertEqual(len(notices), 1)
		self.assertIn("no exchange rate to USD on 2026-03-20. Add a Currency Exchange.", notices[0])
		self.assertEqual([row for row in answer["rows"] if row["own_currency"] == "GBP"], [])

	def test_the_bank_accounts_own_currency_has_points_where_others_are_among_them(self):
		"""100 USD owed and 80 EUR worth 100 USD, of the same dates: the USD invoice is on top, and says why."""
		factories.make_exchange_rate("EUR", 1.25)
		foreign = factories.make_foreign_sales_invoice(80, "EUR", 1.25)
		own = factories.make_sales_invoice(100, fresh("Own currency"))
		found = rows_of(factories.make_bank_transaction(deposit=100), UNPAID)
		self.assertEqual(found[own.name]["rank"] - found[foreign.name]["rank"], 4)
		self.assertIn("In USD like the bank account", found[own.name]["reasons"])
		self.assertNotIn("In USD like the bank account", found[foreign.name]["reasons"])

	def test_p33_a_journal_entry_goes_the_way_of_its_net(self):
		"""30 in and 50 out on the bank account: 20 for a withdrawal, nothing for a deposit."""
		sales = factories.account("Sales")
		entry = factories.make_journal_entry((self.gl_account, 30), (self.gl_account, -50), (sales, 20))
		found = rows_of(factories.make_bank_transaction(withdrawal=20), ["journal_entry"])
		self.assertEqual(found[entry.name]["remaining_amount"], 20)
		self.assertNotIn(entry.name, rows_of(factories.make_bank_transaction(deposit=20), ["journal_entry"]))

	def test_p31_rows_of_a_journal_entry_on_the_account_are_one_sum(self):
		"""Two rows of 30 and 50 in, 20 out on the bank account: 60 is offered, and linking 60 is accepted."""
		sales = factories.account("Sales")
		entry = factories.make_journal_entry(
			(self.gl_account, 30), (self.gl_account, 50), (self.gl_account, -20), (sales, -60)
		)
		line = factories.make_bank_transaction(deposit=60)
		row = rows_of(line, ["journal_entry"])[entry.name]
		self.assertEqual((row["remaining_amount"], row["total_amount"]), (60, 60))
		self._link(line, row)
		self.assert_state(line, 0)

	def test_p32_both_sides_of_a_transfer(self):
		"""A transfer of 70 is offered to the account it leaves and, after that is matched, where it arrives."""
		transfer = factories.make_transfer(70, self.bank_account, self.savings)
		leaves = factories.make_bank_transaction(withdrawal=70)
		arrives = factories.make_bank_transaction(deposit=70, bank_account=self.savings)
		self._link(leaves, rows_of(leaves, ["payment_entry"])[transfer.name])
		row = rows_of(arrives, ["payment_entry"])[transfer.name]
		self.assertEqual(row["remaining_amount"], 70)
		self._link(arrives, row)
		again = factories.make_bank_transaction(withdrawal=70)
		self.assertNotIn(transfer.name, rows_of(again, ["payment_entry"]))

	def test_p45_two_of_50_and_one_of_100_in_both_orders(self):
		"""Two payments of 50 for a deposit of 100, and two deposits of 50 for a payment of 100."""
		first, second = (factories.make_payment_entry(50, fresh("Half")) for _ in range(2))
		line = factories.make_bank_transaction(deposit=100)
		self._link(line, rows_of(line, ["payment_entry"])[first.name])
		found = rows_of(line, ["payment_entry"])
		self.assertNotIn(first.name, found)
		self._link(line, found[second.name])
		self.assert_state(line, 0)

		payment = factories.make_payment_entry(100, fresh("Whole"))
		for remaining in (100, 50):
			line = factories.make_bank_transaction(deposit=50)
			row = rows_of(line, ["payment_entry"])[payment.name]
			self.assertEqual((row["remaining_amount"], row["total_amount"]), (remaining, 100))
			self._link(line, row)
			self.assert_state(line, 0)
		line = factories.make_bank_transaction(deposit=50)
		self.assertNotIn(payment.name, rows_of(line, ["payment_entry"]))

	def test_a_voucher_linked_to_this_line_is_not_offered_to_it_again(self):
		"""30 of a payment of 100 are linked to a line of 90: the line has 60 left, but a second link is refused."""
		payment = factories.make_payment_entry(100, fresh("Partly"))
		line = factories.make_bank_transaction(deposit=90)
		self._link(line, {**rows_of(line, ["payment_entry"])[payment.name], "remaining_amount": 30})
		self.assertNotIn(payment.name, rows_of(line, ["payment_entry"]))
		other = factories.make_bank_transaction(deposit=90)
		self.assertEqual(rows_of(other, ["payment_entry"])[payment.name]["remaining_amount"], 70)

	def test_what_is_offered_is_what_the_ledger_moved(self):
		"""Every kind of voucher: remaining equals what its ledger rows moved on the account, and links in full."""
		vouchers = (
			factories.make_payment_entry(11.11, fresh("PE")),
			factories.make_supplier_payment(12.12, fresh("PE")),
			factories.make_transfer(13.13, self.bank_account, self.savings),
			factories.make_journal_entry((self.gl_account, 14.14), (factories.account("Sales"), -14.14)),
			factories.make_journal_entry((self.gl_account, -15.15), (factories.account("Sales"), 15.15)),
			factories.make_pos_invoice(16.16, self.bank_account),
			factories.make_paid_purchase_invoice(17.17, self.bank_account),
		)
		for voucher in vouchers:
			with self.subTest(voucher=voucher.doctype):
				moved = bank_movement(voucher.doctype, voucher.name, self.bank_account)
				side = {"deposit": moved} if moved > 0 else {"withdrawal": -moved}
				line = factories.make_bank_transaction(**side)
				row = rows_of(line, VOUCHERS, exact_amount=True)[voucher.name]
				self.assertEqual(row["remaining_amount"], abs(moved))
				self._link(line, row)
				self.assert_state(line, 0)

	def _link(self, line, row):
		wanted = {
			"payment_doctype": row["doctype"],
			"payment_name": row["name"],
			"amount": row["remaining_amount"],
		}
		reconcile_vouchers(line.name, [wanted])


class TestScope(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.foreign = factories.make_bank_account("ABR Other", company=cls.other_company)
		cls.savings = factories.make_bank_account("ABR Savings")

	def test_p34_nothing_of_another_company_is_offered(self):
		"""An unpaid invoice and a payment of the other company, of the same customer and amount."""
		party = fresh("Two companies")
		invoice = factories.make_sales_invoice(44, party, company=self.other_company)
		payment = factories.make_payment_entry(
			44,
			party,
			company=self.other_company,
			bank_account=self.foreign,
			paid_from=factories.account("Debtors", self.other_company),
		)
		here = rows_of(factories.make_bank_transaction(deposit=44), [*VOUCHERS, *UNPAID])
		there = rows_of(
			factories.make_bank_transaction(deposit=44, bank_account=self.foreign), [*VOUCHERS, *UNPAID]
		)
		for voucher in (invoice, payment):
			self.assertNotIn(voucher.name, here)
			self.assertIn(voucher.name, there)

	def test_drafts_cancelled_and_paid_are_not_offered(self):
		"""A draft, a cancelled and a paid invoice, a cancelled payment: none of them."""
		draft = factories.make_sales_invoice(21, fresh("State"), submit=False)
		cancelled = factories.make_sales_invoice(21, fresh("State"))
		cancelled.cancel()
		payment = factories.make_payment_entry(21, fresh("State"))
		payment.cancel()
		found = rows_of(factories.make_bank_transaction(deposit=21), [*VOUCHERS, *UNPAID])
		for voucher in (draft, cancelled, payment):
			self.assertNotIn(voucher.name, found)

	def test_p36_document_types_are_compared_whole(self):
		"""Asking for unpaid Sales Invoices, as a list or as JSON text, does not bring paid ones along."""
		paid = factories.make_pos_invoice(33, self.bank_account)
		unpaid = factories.make_sales_invoice(33, fresh("Unpaid"))
		line = factories.make_bank_transaction(deposit=33)
		for asked in (["unpaid_sales_invoice"], json.dumps(["unpaid_sales_invoice"])):
			found = rows_of(line, asked)
			self.assertIn(unpaid.name, found)
			self.assertNotIn(paid.name, found)
		self.assertEqual({row["document_type"] for row in found.values()}, {"unpaid_sales_invoice"})

	def test_p36_unknown_document_types_are_refused(self):
		line = factories.make_bank_transaction(deposit=1)
		for asked in (["payment"], '["payment_entry; drop"]', "no json", '{"a": 1}', [7]):
			with self.subTest(asked=asked), self.assertRaises(BadPayload):
				get_candidates(line.name, asked)

	def test_no_document_types_mean_payment_and_journal_entries(self):
		payment = factories.make_payment_entry(19, fresh("Default"))
		invoice = factories.make_sales_invoice(19, fresh("Default"))
		found = rows_of(factories.make_bank_transaction(deposit=19), None)
		self.assertIn(payment.name, found)
		self.assertNotIn(invoice.name, found)

	def test_bank_transactions_of_the_opposite_direction_are_offered(self):
		"""A deposit of 80 came back by withdrawals of 80 and of 200; another account's and a deposit do not count.

		What two lines can settle is what both have left.
		"""
		line = factories.make_bank_transaction(deposit=80)
		same = factories.make_bank_transaction(withdrawal=80)
		more = factories.make_bank_transaction(withdrawal=200)
		others = [
			factories.make_bank_transaction(deposit=80),
			factories.make_bank_transaction(withdrawal=80, submit=False),
			factories.make_bank_transaction(withdrawal=80, bank_account=self.savings),
		]
		found = rows_of(line, ["bank_transaction"])
		self.assertEqual((found[same.name]["remaining_amount"], found[same.name]["effect_sign"]), (80, 1))
		self.assertEqual((found[more.name]["remaining_amount"], found[more.name]["total_amount"]), (80, 200))
		self.assertGreater(found[same.name]["rank"], found[more.name]["rank"])
		for other in (line, *others):
			self.assertNotIn(other.name, found)
		self.assertNotIn(more.name, rows_of(line, ["bank_transaction"], exact_amount=True))

	def test_expense_claims_paid_from_the_account(self):
		"""A claim of 64 that was paid by a mode of payment of this account, for a withdrawal."""
		if not frappe.db.exists("DocType", "Expense Claim"):
			self.assertEqual(rows_of(factories.make_bank_transaction(withdrawal=64), ["expense_claim"]), {})
			self.skipTest("HRMS is not installed: asking for Expense Claims finds none and is no error")
		ledger = frappe.get_doc("Bank Account", self.bank_account).account
		mode = factories.make_mode_of_payment(f"ABR {self.bank_account}"[:100], ledger)
		claim = frappe.new_doc("Expense Claim")
		claim.update(
			{
				"name": f"CLAIM-{frappe.generate_hash(length=6)}",
				"company": self.company,
				"employee": "E-1",
				"employee_name": "Claims Costs",
				"posting_date": factories.STATEMENT_DATE,
				"is_paid": 1,
				"mode_of_payment": mode,
				"grand_total": 64,
				"docstatus": 1,
			}
		)
		claim.db_insert()
		row = rows_of(factories.make_bank_transaction(withdrawal=64), ["expense_claim"])[claim.name]
		self.assertEqual((row["remaining_amount"], row["party_name"]), (64, "Claims Costs"))
		self.assertNotIn(claim.name, rows_of(factories.make_bank_transaction(deposit=64), ["expense_claim"]))

	def test_p42_from_offer_to_settled_invoice(self):
		"""An unpaid invoice of 90 is offered, handed on as it came, paid and linked."""
		invoice = factories.make_sales_invoice(90, fresh("One flow"))
		line = factories.make_bank_transaction(deposit=90)
		row = rows_of(line, UNPAID)[invoice.name]
		wanted = {
			"doctype": row["doctype"],
			"name": row["name"],
			"allocated_amount": row["remaining_amount"],
		}
		with self.settings(reconcile_unpaid_invoices_in_background=0):
			create_payment_entries_bulk(line.name, json.dumps([wanted]), "[]")
		self.assert_settled(line, [invoice])
		self.assertNotIn(invoice.name, rows_of(factories.make_bank_transaction(deposit=90), UNPAID))

	def test_p08_oldest_by_is_the_date_that_the_planner_orders_by(self):
		"""Due date by default, posting date by setting; the form previews with it."""
		invoice = factories.make_sales_invoice(10, fresh("Dates"))
		line = factories.make_bank_transaction(deposit=10)
		self.assertEqual(rows_of(line, UNPAID)[invoice.name]["oldest_by"], getdate(invoice.due_date))
		with self.settings(sort_unpaid_invoices_by_posting_date=1):
			self.assertEqual(rows_of(line, UNPAID)[invoice.name]["oldest_by"], getdate(invoice.posting_date))


class TestLinkedPayments(ABRTestCase):
	def test_rows_have_eleven_values_in_the_known_order(self):
		"""A payment of 66 with its reference; an unpaid invoice carries the pseudo doctype of older callers."""
		party = fresh("Known rows")
		payment = factories.make_payment_entry(66, party, reference_no="REF-66")
		invoice = factories.make_sales_invoice(66, party)
		line = factories.make_bank_transaction(deposit=66, reference_number="REF-66")
		rows = get_linked_payments(line.name, json.dumps(["payment_entry", "unpaid_sales_invoice"]))
		by_name = {row[2]: row for row in rows}
		posted = getdate(factories.STATEMENT_DATE)
		self.assertEqual(
			by_name[payment.name][1:],
			["Payment Entry", payment.name, 66, "REF-66", posted, party, "Customer", posted, "USD", party],
		)
		self.assertEqual(by_name[invoice.name][1:4], ["Unpaid Sales Invoice", invoice.name, 66])
		self.assertGreater(by_name[payment.name][0], by_name[invoice.name][0])
		self.assertEqual(rows, sorted(rows, key=lambda row: -row[0]))

	def test_exact_match_is_taken_from_the_document_types(self):
		party = fresh("Exact")
		same = factories.make_payment_entry(67.5, party)
		other = factories.make_payment_entry(68, party)
		line = factories.make_bank_transaction(deposit=67.5)
		names = {row[2] for row in get_linked_payments(line.name, ["payment_entry", "exact_match"])}
		self.assertIn(same.name, names)
		self.assertNotIn(other.name, names)

	def test_dates_bound_the_posting_date_and_the_reference_date(self):
		"""Posted on the 20th, referring to the 10th: found by either, outside of both not."""
		payment = factories.make_payment_entry(
			5, fresh("Dated"), reference_date=add_days(factories.STATEMENT_DATE, -10)
		)
		line = factories.make_bank_transaction(deposit=5)
		day = factories.STATEMENT_DATE

		def found(**dates):
			return payment.name in {row[2] for row in get_linked_payments(line.name, **dates)}

		self.assertTrue(found(from_date=day, to_date=day))
		self.assertFalse(found(from_date=add_days(day, 1)))
		self.assertFalse(found(to_date=add_days(day, -1)))
		reference = {"filter_by_reference_date": 1, "from_date": add_days(day, 1)}
		self.assertTrue(found(**reference, from_reference_date=add_days(day, -10), to_reference_date=day))
		self.assertFalse(found(**reference, from_reference_date=day))
