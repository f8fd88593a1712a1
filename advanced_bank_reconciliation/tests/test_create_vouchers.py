# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Making a Payment Entry or Journal Entry from a Bank Transaction, and correcting the Bank Transaction."""

import json

import frappe
from frappe.utils import flt, getdate

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_journal_entry_bts,
	create_payment_entry_bts,
	get_accounting_dimensions_for_dialog,
	reconcile_vouchers,
	update_bank_transaction,
)
from advanced_bank_reconciliation.exceptions import (
	BadPayload,
	BankTransactionNotOpen,
	ExchangeRateMissing,
	SelectionRefused,
)
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.test_matching import fresh
from advanced_bank_reconciliation.tests.utils import ABRTestCase, bank_movement, ledger_rows, links_of

POSTED = getdate(factories.STATEMENT_DATE)


def linked(bank_transaction):
	"""Return the only voucher on the Bank Transaction."""
	(row,) = bank_transaction.payment_entries
	return frappe.get_doc(row.payment_document, row.payment_entry)


class TestPaymentEntry(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.euro = factories.make_foreign_bank_account("EUR")
		cls.foreign = factories.make_bank_account("ABR Other", company=cls.other_company)

	def setUp(self):
		super().setUp()
		self.customer = factories.make_party("Customer", fresh("Payer"))

	def test_from_a_deposit(self):
		"""A deposit of 120 of a customer: paid on account, submitted, linked as created, cleared."""
		line = factories.make_bank_transaction(deposit=120)
		answer = create_payment_entry_bts(line.name, party_type="Customer", party=self.customer)
		entry = linked(answer)
		self.assertEqual((entry.docstatus, entry.payment_type, entry.unallocated_amount), (1, "Receive", 120))
		self.assertEqual((entry.posting_date, entry.reference_date), (POSTED, POSTED))
		self.assertEqual((entry.reference_no, entry.bank_account), ("ABR-REF-1", self.bank_account))
		self.assert_linked(line, "Payment Entry", entry.name)
		self.assert_balanced([("Payment Entry", entry.name)])
		(row,) = links_of(line, "Payment Entry", entry.name)
		self.assertEqual(row.abr_reconciliation_type, "Voucher Created")
		self.assert_state(line, 0)

	def test_from_a_withdrawal(self):
		supplier = factories.make_party("Supplier", fresh("Payee"))
		line = factories.make_bank_transaction(withdrawal=45.67)
		entry = linked(create_payment_entry_bts(line.name, party_type="Supplier", party=supplier))
		self.assertEqual((entry.payment_type, entry.paid_from), ("Pay", self.gl_account))
		self.assertEqual(bank_movement("Payment Entry", entry.name, self.bank_account), -45.67)

	def test_for_what_is_left_only(self):
		"""100 came in, 30 are matched already: the new entry is over 70."""
		line = factories.make_bank_transaction(deposit=100)
		payment = factories.make_payment_entry(30)
		reconcile_vouchers(line.name, [{"payment_doctype": "Payment Entry", "payment_name": payment.name}])
		answer = create_payment_entry_bts(line.name, party_type="Customer", party=self.customer)
		created = frappe.get_doc("Payment Entry", answer.payment_entries[-1].payment_entry)
		self.assertEqual(created.paid_amount, 70)
		self.assert_state(line, 0)

	def test_what_the_user_says_is_taken(self):
		"""Reference, dates, mode of payment and cost center as typed."""
		line = factories.make_bank_transaction(deposit=10)
		mode = factories.make_mode_of_payment("ABR Wire", self.gl_account)
		said = {
			"reference_number": "  MY   REF ",
			"reference_date": "2026-03-18",
			"posting_date": "2026-03-19",
			"mode_of_payment": mode,
			"cost_center": factories.account("Main"),
		}
		entry = linked(
			create_payment_entry_bts(line.name, party_type="Customer", party=self.customer, **said)
		)
		self.assertEqual(
			(entry.reference_no, entry.reference_date, entry.posting_date, entry.mode_of_payment),
			("MY REF", getdate("2026-03-18"), getdate("2026-03-19"), mode),
		)
		self.assertEqual(entry.cost_center, factories.account("Main"))

	def test_p23_reference_from_the_line(self):
		"""No reference: the description, cut to 140; neither: the line's name."""
		for texts, expected in (
			({"reference_number": "", "description": "d " * 100}, ("d " * 70).strip()),
			({"reference_number": "", "description": ""}, None),
		):
			line = factories.make_bank_transaction(deposit=10, **texts)
			entry = linked(create_payment_entry_bts(line.name, party_type="Customer", party=self.customer))
			self.assertEqual(entry.reference_no.strip(), expected or line.name)

	def test_allow_edit_writes_nothing(self):
		"""The unsaved document comes back with its amounts; neither it nor a link exists."""
		line = factories.make_bank_transaction(deposit=88)
		with self.assert_books_unchanged():
			entry = create_payment_entry_bts(
				line.name, party_type="Customer", party=self.customer, allow_edit="1"
			)
		self.assertTrue(entry.is_new())
		self.assertEqual(
			(entry.doctype, entry.paid_amount, entry.unallocated_amount), ("Payment Entry", 88, 88)
		)

	def test_p17_bank_account_in_another_currency(self):
		"""100 EUR at 1.25 into the EUR account, the customer's account is in USD: 100 in the bank, 125 owed."""
		factories.make_exchange_rate("EUR", 1.25)
		line = factories.make_bank_transaction(deposit=100, bank_account=self.euro, currency="EUR")
		entry = linked(create_payment_entry_bts(line.name, party_type="Customer", party=self.customer))
		self.assertEqual((entry.received_amount, entry.paid_amount), (100, 125))
		self.assertEqual(bank_movement("Payment Entry", entry.name, self.euro), 100)
		self.assertEqual(sum(row.debit for row in ledger_rows("Payment Entry", entry.name)), 125)
		self.assert_state(line, 0)

	def test_p17_without_a_rate_it_is_refused(self):
		frappe.db.delete("Currency Exchange", {"from_currency": "EUR"})
		line = factories.make_bank_transaction(deposit=100, bank_account=self.euro, currency="EUR")
		with self.assert_refused(ExchangeRateMissing, "EUR", "USD"):
			create_payment_entry_bts(line.name, party_type="Customer", party=self.customer)

	def test_wrong_parties_are_refused_in_words(self):
		line = factories.make_bank_transaction(deposit=5)
		for party_type, party, word in (
			(None, None, "party type"),
			("Customer", "", "party"),
			("Customer", "No Such <b>Customer</b>", "not found"),
			("User", "Administrator", "not a party type"),
		):
			with self.subTest(party_type=party_type), self.assert_refused(SelectionRefused, word):
				create_payment_entry_bts(line.name, party_type=party_type, party=party)

	def test_p35_party_of_another_company_is_refused_where_the_settings_ask(self):
		"""A field of the customer holds the company's name: the other company's is refused, ours is not."""
		frappe.db.set_value("Customer", self.customer, "tax_id", self.other_company)
		line = factories.make_bank_transaction(deposit=5)
		party = {"party_type": "Customer", "party": self.customer}
		with self.settings(filter_parties_by_company=1, customer_company_field="tax_id"):
			with self.assert_refused(SelectionRefused, self.other_company):
				create_payment_entry_bts(line.name, **party)
			with self.assert_refused(SelectionRefused, self.other_company):
				update_bank_transaction(line.name, "OTHER", **party)
			frappe.db.set_value("Customer", self.customer, "tax_id", self.company)
			create_payment_entry_bts(line.name, **party)
		self.assert_state(line, 0)

	def test_p35_a_setting_that_names_no_field_says_so(self):
		line = factories.make_bank_transaction(deposit=5)
		wrong = {"filter_parties_by_company": 1, "customer_company_field": "no_such_field"}
		with self.settings(**wrong), self.assert_refused(SelectionRefused, "no_such_field", "Settings"):
			create_payment_entry_bts(line.name, party_type="Customer", party=self.customer)

	def test_a_line_without_rest_is_refused(self):
		"""Fully reconciled, or a draft: nothing to make a voucher of. A second click makes no second entry."""
		line = factories.make_bank_transaction(deposit=5)
		create_payment_entry_bts(line.name, party_type="Customer", party=self.customer)
		draft = factories.make_bank_transaction(deposit=5, submit=False)
		for closed in (line, draft):
			with self.assert_refused(BankTransactionNotOpen, closed.name):
				create_payment_entry_bts(closed.name, party_type="Customer", party=self.customer)

	def test_p78_rights_are_checked(self):
		"""A user without rights, and one of another company, make nothing."""
		line = factories.make_bank_transaction(deposit=5)
		for user in (
			factories.make_user("abr-nobody@example.com", []),
			factories.make_user("abr-other@example.com", ["Accounts User"], company=self.other_company),
		):
			with self.assert_refused(frappe.PermissionError):
				frappe.set_user(user)
				create_payment_entry_bts(line.name, party_type="Customer", party=self.customer)
			frappe.set_user("Administrator")


class TestJournalEntry(ABRTestCase):
	@classmethod
	def make_masters(cls):
		cls.euro = factories.make_foreign_bank_account("EUR")
		cls.savings = factories.make_bank_account("ABR Savings")
		cls.pounds = factories.make_foreign_bank_account("GBP")
		cls.fees = factories.account("Miscellaneous Expenses")

	def test_from_a_withdrawal(self):
		"""A fee of 12.34: debit expense, credit bank, by the default entry type, linked as created, cleared."""
		line = factories.make_bank_transaction(withdrawal=12.34)
		with self.settings(default_journal_entry_type="Bank Entry"):
			entry = linked(create_journal_entry_bts(line.name, second_account=self.fees))
		self.assertEqual(
			(entry.docstatus, entry.voucher_type, entry.cheque_no), (1, "Bank Entry", "ABR-REF-1")
		)
		self.assertEqual((entry.posting_date, entry.cheque_date), (POSTED, POSTED))
		amounts = {row.account: row.debit - row.credit for row in ledger_rows("Journal Entry", entry.name)}
		self.assertEqual(amounts, {self.fees: 12.34, self.gl_account: -12.34})
		self.assert_linked(line, "Journal Entry", entry.name)
		(row,) = links_of(line, "Journal Entry", entry.name)
		self.assertEqual(row.abr_reconciliation_type, "Voucher Created")
		self.assert_state(line, 0)

	def test_from_a_deposit_for_what_is_left(self):
		"""100 came in, 40 are matched: 60 interest. ERPNext's own tool would book 100."""
		line = factories.make_bank_transaction(deposit=100)
		payment = factories.make_payment_entry(40)
		reconcile_vouchers(line.name, [{"payment_doctype": "Payment Entry", "payment_name": payment.name}])
		answer = create_journal_entry_bts(line.name, second_account=factories.account("Sales"))
		name = answer.payment_entries[-1].payment_entry
		self.assertEqual(bank_movement("Journal Entry", name, self.bank_account), 60)
		self.assert_state(line, 0)

	def test_receivable_account_needs_its_party(self):
		line = factories.make_bank_transaction(deposit=9)
		debtors = factories.account("Debtors")
		with self.assert_refused(SelectionRefused, "party"):
			create_journal_entry_bts(line.name, second_account=debtors)
		customer = factories.make_party("Customer", fresh("In a journal"))
		entry = linked(
			create_journal_entry_bts(line.name, second_account=debtors, party_type="Customer", party=customer)
		)
		self.assertEqual({row.party for row in entry.accounts if row.account == debtors}, {customer})

	def test_p17_foreign_bank_account_against_company_currency(self):
		"""10 EUR fee at 1.25: 12.50 USD expense."""
		factories.make_exchange_rate("EUR", 1.25)
		line = factories.make_bank_transaction(withdrawal=10, bank_account=self.euro, currency="EUR")
		entry = linked(create_journal_entry_bts(line.name, second_account=self.fees))
		self.assertEqual(bank_movement("Journal Entry", entry.name, self.euro), -10)
		amounts = {row.account: row.debit for row in ledger_rows("Journal Entry", entry.name) if row.debit}
		self.assertEqual(amounts, {self.fees: 12.5})
		self.assert_state(line, 0)

	def test_p17_two_foreign_currencies_balance_to_the_cent(self):
		"""33.33 EUR at 1.1111 to a GBP account at 1.3337: both sides 37.03 USD, and the books balance."""
		factories.make_exchange_rate("EUR", 1.1111)
		factories.make_exchange_rate("GBP", 1.3337)
		line = factories.make_bank_transaction(withdrawal=33.33, bank_account=self.euro, currency="EUR")
		pounds = frappe.db.get_value("Bank Account", self.pounds, "account")
		entry = linked(create_journal_entry_bts(line.name, second_account=pounds))
		self.assertEqual(bank_movement("Journal Entry", entry.name, self.euro), -33.33)
		self.assertEqual(bank_movement("Journal Entry", entry.name, self.pounds), 27.76)
		self.assert_balanced([("Journal Entry", entry.name)])
		self.assert_state(line, 0)

	def test_p17_without_a_rate_it_is_refused(self):
		frappe.db.delete("Currency Exchange", {"from_currency": "EUR"})
		line = factories.make_bank_transaction(withdrawal=10, bank_account=self.euro, currency="EUR")
		with self.assert_refused(ExchangeRateMissing, "EUR"):
			create_journal_entry_bts(line.name, second_account=self.fees)

	def test_wrong_accounts_are_refused_in_words(self):
		"""None, unknown, a group, the bank account itself, another company's, and an unknown entry type."""
		line = factories.make_bank_transaction(withdrawal=5)
		for account, word in (
			(None, "Choose the account"),
			("No Such Account", "not found"),
			(factories.account("Bank Accounts"), "group"),
			(self.gl_account, "itself"),
			(factories.account("Sales", self.other_company), self.other_company),
		):
			with self.subTest(account=account), self.assert_refused(SelectionRefused, word):
				create_journal_entry_bts(line.name, second_account=account)
		with self.assert_refused(BadPayload, "Party Entry"):
			create_journal_entry_bts(line.name, second_account=self.fees, entry_type="Party Entry")

	def test_a_transfer_leaves_the_other_side_open(self):
		"""40 moved to savings by Journal Entry: the other account's line still finds it."""
		line = factories.make_bank_transaction(withdrawal=40)
		savings = frappe.db.get_value("Bank Account", self.savings, "account")
		entry = linked(create_journal_entry_bts(line.name, second_account=savings, entry_type="Contra Entry"))
		self.assertIsNone(frappe.db.get_value("Journal Entry", entry.name, "clearance_date"))
		arrives = factories.make_bank_transaction(deposit=40, bank_account=self.savings)
		reconcile_vouchers(arrives.name, [{"payment_doctype": "Journal Entry", "payment_name": entry.name}])
		self.assertEqual(frappe.db.get_value("Journal Entry", entry.name, "clearance_date"), POSTED)
		self.assert_state(arrives, 0)

	def test_allow_edit_writes_nothing(self):
		line = factories.make_bank_transaction(withdrawal=7)
		with self.assert_books_unchanged():
			entry = create_journal_entry_bts(line.name, second_account=self.fees, allow_edit=1)
		self.assertTrue(entry.is_new())
		self.assertEqual([flt(row.debit_in_account_currency) for row in entry.accounts], [7, 0])
		self.assertEqual([flt(row.credit_in_account_currency) for row in entry.accounts], [0, 7])

	def test_unknown_dimensions_are_refused(self):
		line = factories.make_bank_transaction(withdrawal=7)
		for dimensions in ('{"owner": "x"}', {"posting_date": "2020-01-01"}, "[1]", "{"):
			with self.subTest(dimensions=dimensions), self.assertRaises(BadPayload):
				create_journal_entry_bts(line.name, second_account=self.fees, dimensions=dimensions)

	def test_accounting_dimensions_stand_on_both_rows(self):
		"""With a dimension for territories: the dialog gets a field for it, and both rows its value.

		Only the record is made, without the columns that ERPNext adds with it: they could not be undone.
		"""
		territory = frappe.get_all("Territory", pluck="name", limit=1)[0]
		dimension = {"label": "ABR Region", "fieldname": "abr_region", "document_type": "Territory"}
		frappe.get_doc({"doctype": "Accounting Dimension", "name": "ABR Region", **dimension}).db_insert()
		(field,) = [
			field for field in get_accounting_dimensions_for_dialog() if field["fieldname"] == "abr_region"
		]
		self.assertEqual((field["options"], field["label"]), ("Territory", "ABR Region"))
		self.assertFalse(field["has_company_field"])
		line = factories.make_bank_transaction(withdrawal=7)
		entry = create_journal_entry_bts(
			line.name,
			second_account=self.fees,
			allow_edit=1,
			dimensions=json.dumps({"abr_region": territory}),
		)
		self.assertEqual([row.get("abr_region") for row in entry.accounts], [territory, territory])


class TestUpdate(ABRTestCase):
	def test_reference_and_party_are_corrected(self):
		"""The answer is the row as the table shows it; what is not given stays; an empty text clears."""
		customer = factories.make_party("Customer", fresh("Corrected"))
		line = factories.make_bank_transaction(deposit=5)
		row = update_bank_transaction(line.name, " NEW-1 ", "Customer", customer)
		self.assertEqual(
			(row["reference_number"], row["party_type"], row["party"]), ("NEW-1", "Customer", customer)
		)
		self.assertEqual(update_bank_transaction(line.name, "NEW-2")["party"], customer)
		row = update_bank_transaction(line.name, "", party_type="", party="")
		self.assertEqual((row["reference_number"], row["party_type"], row["party"]), ("", "", ""))

	def test_wrong_party_changes_nothing(self):
		line = factories.make_bank_transaction(deposit=5)
		for party_type, party in (
			("Customer", "nobody"),
			("Customer", ""),
			("User", "Administrator"),
			("", "x"),
		):
			with self.subTest(party=party), self.assertRaises(SelectionRefused):
				update_bank_transaction(line.name, "OTHER", party_type, party)
		self.assertEqual(frappe.db.get_value("Bank Transaction", line.name, "reference_number"), "ABR-REF-1")

	def test_p78_rights_are_checked(self):
		line = factories.make_bank_transaction(deposit=5)
		frappe.set_user(factories.make_user("abr-nobody@example.com", []))
		with self.assertRaises(frappe.PermissionError):
			update_bank_transaction(line.name, "OTHER")
