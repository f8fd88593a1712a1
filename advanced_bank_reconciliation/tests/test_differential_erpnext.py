# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What a candidate shows as remaining is what ERPNext itself would still allocate, to the cent.

For each kind of voucher, in each state of partial cover, ERPNext's own code links it to a large probe line,
inside a savepoint, and says how much it takes. Runs on the bench: minibench's ERPNext is written after it.

Where ERPNext counts differently by a known pitfall, the kind says which, and what ERPNext counts then.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest import SkipTest

import frappe
from erpnext.accounts.doctype.bank_reconciliation_tool import bank_reconciliation_tool as core_tool
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from frappe.model.document import Document
from frappe.utils import flt

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	get_candidates,
	reconcile_vouchers,
	unreconcile_bank_transaction,
)
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.test_links import row
from advanced_bank_reconciliation.tests.test_matching import fresh
from advanced_bank_reconciliation.tests.utils import ABRTestCase

SAVE_POINT = "abr_differential"
PROBE = 1_000_000


@dataclass(frozen=True)
class Kind:
	"""A kind of voucher that moves `amount` on the bank account, from which a deposit or withdrawal takes it.

	extra: what ERPNext counts on top because of a pitfall, which is named.
	"""

	name: str
	make: Callable[["DifferentialTestCase"], Document]
	amount: float
	document_type: str
	deposit: bool = True
	bank_account: str = "bank_account"
	extra: float = 0.0
	pitfall: str = ""


class DifferentialTestCase(ABRTestCase):
	@classmethod
	def setUpClass(cls):
		if frappe.db.db_type == "sqlite":
			raise SkipTest("minibench's ERPNext is our own; this comparison runs on the bench")
		super().setUpClass()

	@classmethod
	def make_masters(cls):
		cls.savings = factories.make_bank_account("ABR Savings")
		cls.euro = factories.make_foreign_bank_account("EUR")
		cls.modes = {
			account: factories.make_mode_of_payment(f"ABR differential {number}", account)
			for number, account in enumerate(map(cls.ledger_account, (cls.bank_account, cls.savings)))
		}

	@staticmethod
	def ledger_account(bank_account):
		return frappe.db.get_value("Bank Account", bank_account, "account")

	# vouchers

	def transfer(self, amount, to_bank_account, **values):
		return factories.make_payment_entry(
			amount,
			payment_type="Internal Transfer",
			party_type=None,
			party=None,
			paid_from=self.gl_account,
			paid_to=self.ledger_account(to_bank_account),
			**values,
		)

	def entry(self, *amounts, account=None):
		"""Return a Journal Entry with these rows on the bank account, balanced by an income account."""
		account = account or self.gl_account
		return factories.make_journal_entry(
			*((account, amount) for amount in amounts), (factories.account("Sales"), -sum(amounts))
		)

	def with_deduction(self):
		"""An invoice of 100 settled by 97 received and 3 of bank charges."""
		invoice = factories.make_sales_invoice(100, fresh("Charged"))
		payment = get_payment_entry("Sales Invoice", invoice.name)
		payment.update({"paid_to": self.gl_account, "paid_amount": 97, "received_amount": 97})
		payment.update({"reference_no": "ABR-DED", "reference_date": factories.STATEMENT_DATE})
		payment.references[0].allocated_amount = 100
		payment.append(
			"deductions",
			{
				"account": factories.account("Write Off"),
				"cost_center": factories.account("Main"),
				"amount": 3,
			},
		)
		payment.insert()
		payment.submit()
		return payment

	def with_tax(self, add_deduct_tax, **values):
		"""An advance of 100 with 10 of tax paid beside it, or kept back from it."""
		tax = {
			"charge_type": "Actual",
			"add_deduct_tax": add_deduct_tax,
			"account_head": factories.make_account(
				"ABR Advance Tax", parent_account=factories.account("Duties and Taxes"), account_type="Tax"
			),
			"cost_center": factories.account("Main"),
			"description": "Advance tax",
			"rate": 0,
			"tax_amount": 10,
		}
		return factories.make_supplier_payment(100, taxes=[tax], **values)

	def refund(self):
		return factories.make_payment_entry(
			15.15, payment_type="Pay", paid_from=self.gl_account, paid_to=factories.account("Debtors")
		)

	def pos_invoice(self, here, there):
		rows = [
			{"mode_of_payment": self.modes[account], "account": account, "amount": amount}
			for account, amount in (
				(self.gl_account, here),
				(self.ledger_account(self.savings), there),
			)
		]
		return factories.make_paid_invoice(here + there, rows, fresh("POS"))

	# what both say

	def probe(self, kind, **values):
		"""Return a line that is large enough for anything, of the kind's account and direction."""
		bank_account = getattr(self, kind.bank_account)
		currency = frappe.get_cached_value("Account", self.ledger_account(bank_account), "account_currency")
		amounts = {"deposit" if kind.deposit else "withdrawal": values.pop("amount", PROBE)}
		return factories.make_bank_transaction(bank_account=bank_account, currency=currency, **amounts)

	def shown(self, kind, voucher, probe):
		"""Return what we show as remaining of the voucher, 0 when it is not offered."""
		found = get_candidates(probe.name, [kind.document_type], search=voucher.name, page_length=2000)
		self.assertEqual(found["provider_errors"], [])
		amounts = [
			candidate["remaining_amount"]
			for candidate in found["rows"]
			if (candidate["doctype"], candidate["name"]) == (voucher.doctype, voucher.name)
		]
		self.assertLessEqual(len(amounts), 1)
		return amounts[0] if amounts else 0.0

	def allocated_by_erpnext(self, voucher, probe):
		"""Return what ERPNext's own code allocates to the voucher on the probe; nothing of it stays."""
		wanted = {"payment_doctype": voucher.doctype, "payment_name": voucher.name, "amount": 0}
		frappe.db.savepoint(SAVE_POINT)
		try:
			answer = core_tool.reconcile_vouchers(probe.name, json.dumps([wanted]))
			amounts = [linked.allocated_amount for linked in answer.payment_entries]
		finally:
			frappe.db.rollback(save_point=SAVE_POINT)
		return flt(sum(amounts), 2)


# The states: how much of the voucher's amount is covered, and by what. Each returns what is left of it.


def untouched(_case, kind, _voucher):
	return kind.amount


def part_by_us(case, kind, voucher):
	part = flt(kind.amount * 0.3, 2)
	reconcile_vouchers(case.probe(kind).name, [row(voucher, part)])
	return flt(kind.amount - part, 2)


def two_parts_by_us(case, kind, voucher):
	parts = flt(kind.amount / 3, 2), 0.01
	for part in parts:
		reconcile_vouchers(case.probe(kind).name, [row(voucher, part)])
	return flt(kind.amount - sum(parts), 2)


def part_by_erpnext(case, kind, voucher):
	part = flt(kind.amount * 0.45, 2)
	line = case.probe(kind, amount=part)
	core_tool.reconcile_vouchers(
		line.name, json.dumps([{"payment_doctype": voucher.doctype, "payment_name": voucher.name}])
	)
	return flt(kind.amount - part, 2)


def unlinked_again(case, kind, voucher):
	line = case.probe(kind)
	reconcile_vouchers(line.name, [row(voucher)])
	unreconcile_bank_transaction(line.name)
	return kind.amount


def line_cancelled(case, kind, voucher):
	left = part_by_us(case, kind, voucher)
	line = case.probe(kind)
	reconcile_vouchers(line.name, [row(voucher)])
	frappe.get_doc("Bank Transaction", line.name).cancel()
	return left


def all_covered(case, kind, voucher):
	reconcile_vouchers(case.probe(kind).name, [row(voucher)])
	return 0.0


STATES = (
	untouched,
	part_by_us,
	two_parts_by_us,
	part_by_erpnext,
	unlinked_again,
	line_cancelled,
	all_covered,
)

TO_EURO: dict[str, Any] = {"received_amount": 100, "target_exchange_rate": 1.1}

PAYMENT_ENTRIES = (
	Kind("received", lambda case: factories.make_payment_entry(61.37), 61.37, "payment_entry"),
	Kind("paid", lambda case: factories.make_supplier_payment(61.37), 61.37, "payment_entry", deposit=False),
	Kind(
		"transfer, the side it leaves",
		lambda case: case.transfer(80, case.savings),
		80,
		"payment_entry",
		deposit=False,
	),
	Kind(
		"transfer, the side it comes to",
		lambda case: case.transfer(80, case.savings),
		80,
		"payment_entry",
		bank_account="savings",
	),
	Kind(
		"transfer into another currency, the side it leaves",
		lambda case: case.transfer(110, case.euro, **TO_EURO),
		110,
		"payment_entry",
		deposit=False,
	),
	Kind(
		"transfer into another currency, the side it comes to",
		lambda case: case.transfer(110, case.euro, **TO_EURO),
		100,
		"payment_entry",
		bank_account="euro",
	),
	Kind(
		"received into a foreign account",
		lambda case: factories.make_payment_entry(110, paid_to=case.ledger_account(case.euro), **TO_EURO),
		100,
		"payment_entry",
		bank_account="euro",
	),
	Kind("with a deduction", lambda case: case.with_deduction(), 97, "payment_entry"),
	Kind("with a tax added", lambda case: case.with_tax("Add"), 110, "payment_entry", deposit=False),
	Kind("with a tax kept back", lambda case: case.with_tax("Deduct"), 90, "payment_entry", deposit=False),
	Kind("refund to a customer", lambda case: case.refund(), 15.15, "payment_entry", deposit=False),
)

JOURNAL_ENTRIES = (
	Kind("one row in", lambda case: case.entry(45.5), 45.5, "journal_entry"),
	Kind("one row out", lambda case: case.entry(-45.5), 45.5, "journal_entry", deposit=False),
	Kind("several rows in", lambda case: case.entry(20, 30.1, 0.2), 50.3, "journal_entry"),
	Kind("several rows out", lambda case: case.entry(-20, -30.1), 50.1, "journal_entry", deposit=False),
	Kind(
		"in a foreign account",
		lambda case: foreign_entry(case, 70, 1.1),
		70,
		"journal_entry",
		bank_account="euro",
	),
	Kind(
		"between two bank accounts",
		lambda case: factories.make_journal_entry(
			(case.gl_account, -40), (case.ledger_account(case.savings), 40)
		),
		40,
		"journal_entry",
		bank_account="savings",
	),
	Kind(
		"rows of both signs, more in",
		lambda case: case.entry(120, -20),
		100,
		"journal_entry",
		extra=40,
		pitfall="P31, P33: ERPNext adds up the absolute values of the rows, 140, not their net",
	),
	Kind(
		"rows of both signs, more out",
		lambda case: case.entry(20, -90),
		70,
		"journal_entry",
		deposit=False,
		extra=40,
		pitfall="P31, P33: ERPNext adds up the absolute values of the rows, 110, not their net",
	),
)

PAID_INVOICES = (
	Kind("paid sale, row here", lambda case: case.pos_invoice(20, 11), 20, "sales_invoice"),
	Kind(
		"paid sale, row in savings",
		lambda case: case.pos_invoice(20, 11),
		11,
		"sales_invoice",
		bank_account="savings",
	),
	Kind(
		"paid sale that was taken back",
		lambda case: case.pos_invoice(-20, -11),
		20,
		"sales_invoice",
		deposit=False,
	),
	Kind(
		"paid purchase",
		lambda case: factories.make_paid_purchase_invoice(33.3, case.bank_account),
		33.3,
		"purchase_invoice",
		deposit=False,
	),
	Kind(
		"paid purchase that was sent back",
		lambda case: factories.make_paid_purchase_invoice(-33.3, case.bank_account),
		33.3,
		"purchase_invoice",
	),
)


def foreign_entry(case, amount, rate):
	"""Return a Journal Entry that brings `amount` EUR into the foreign account, worth amount * rate."""
	entry = frappe.get_doc(
		{
			"doctype": "Journal Entry",
			"voucher_type": "Journal Entry",
			"company": case.company,
			"posting_date": factories.STATEMENT_DATE,
			"multi_currency": 1,
			"cheque_no": "ABR-FX",
			"cheque_date": factories.STATEMENT_DATE,
			"accounts": [
				{
					"account": case.ledger_account(case.euro),
					"account_currency": "EUR",
					"exchange_rate": rate,
					"debit_in_account_currency": amount,
					"cost_center": factories.account("Main"),
				},
				{
					"account": factories.account("Sales"),
					"credit_in_account_currency": flt(amount * rate, 2),
					"cost_center": factories.account("Main"),
				},
			],
		}
	).insert()
	entry.submit()
	return entry


class TestRemainingAmounts(DifferentialTestCase):
	def compare(self, kinds):
		for kind in kinds:
			for state in STATES:
				with self.subTest(kind=kind.name, state=state.__name__):
					self.compare_one(kind, state)

	def compare_one(self, kind, state):
		voucher = kind.make(self)
		left = state(self, kind, voucher)
		probe = self.probe(kind)
		shown = self.shown(kind, voucher, probe)
		self.assertEqual(shown, left, "what we show is not what is left")
		by_erpnext = self.allocated_by_erpnext(voucher, probe)
		self.assertEqual(
			by_erpnext, flt(left + kind.extra, 2), kind.pitfall or "ERPNext takes another amount"
		)

	def test_p18_p32_payment_entries(self):
		self.compare(PAYMENT_ENTRIES)

	def test_p31_p33_journal_entries(self):
		self.compare(JOURNAL_ENTRIES)

	def test_p10_p29_paid_invoices(self):
		self.compare(PAID_INVOICES)

	def test_p32_the_other_side_of_a_transfer_changes_nothing(self):
		"""The arrival is covered in full or in part: the side it left is still shown whole, by both."""
		leaves, comes = PAYMENT_ENTRIES[2], PAYMENT_ENTRIES[3]
		for part in (80, 30):
			with self.subTest(part=part):
				transfer = leaves.make(self)
				reconcile_vouchers(self.probe(comes).name, [row(transfer, part)])
				probe = self.probe(leaves)
				self.assertEqual(self.shown(leaves, transfer, probe), 80)
				self.assertEqual(self.allocated_by_erpnext(transfer, probe), 80)


class TestUnpaidInvoices(DifferentialTestCase):
	"""What an unpaid invoice shows is what ERPNext's own Payment Entry would settle of it."""

	def assert_same(self, invoice, document_type, deposit, outstanding):
		kind = Kind("unpaid", lambda case: invoice, abs(outstanding), document_type, deposit)
		self.assertEqual(self.shown(kind, invoice, self.probe(kind)), outstanding)
		payment = get_payment_entry(invoice.doctype, invoice.name)
		self.assertEqual(flt(sum(found.allocated_amount for found in payment.references), 2), outstanding)

	def pay(self, invoice, amount):
		payment = get_payment_entry(invoice.doctype, invoice.name)
		payment.update({"reference_no": "ABR-PART", "reference_date": factories.STATEMENT_DATE})
		payment.update({"paid_amount": amount, "received_amount": amount})
		for reference in payment.references:
			reference.allocated_amount = flt(min(amount, reference.allocated_amount), 2)
			amount = flt(amount - reference.allocated_amount, 2)
		payment.insert()
		payment.submit()

	def test_invoices_and_returns(self):
		cases = (
			(factories.make_sales_invoice, 100.4, "unpaid_sales_invoice", True),
			(factories.make_sales_invoice, -12.3, "unpaid_sales_invoice", False),
			(factories.make_purchase_invoice, 55.55, "unpaid_purchase_invoice", False),
			(factories.make_purchase_invoice, -7, "unpaid_purchase_invoice", True),
		)
		for make, amount, document_type, deposit in cases:
			with self.subTest(document_type=document_type, amount=amount):
				self.assert_same(make(amount, fresh("Open")), document_type, deposit, amount)

	def test_paid_in_part(self):
		"""100.40 with 33.40 paid: 67 are left for both, and nothing once the rest is paid too."""
		invoice = factories.make_sales_invoice(100.4, fresh("Part"))
		self.pay(invoice, 33.4)
		self.assert_same(invoice, "unpaid_sales_invoice", True, 67)
		self.pay(invoice, 67)
		kind = Kind("paid", lambda case: invoice, 0, "unpaid_sales_invoice")
		self.assertEqual(self.shown(kind, invoice, self.probe(kind)), 0)

	def test_p04_payment_terms(self):
		"""Two terms, allocated by term, the first paid: both count the second only."""
		template = factories.make_payment_terms("ABR Halves", (50, 0), (50, 30))
		invoice = factories.make_sales_invoice(80, fresh("Terms"), payment_terms_template=template)
		self.assert_same(invoice, "unpaid_sales_invoice", True, 80)
		self.pay(invoice, 40)
		self.assert_same(invoice, "unpaid_sales_invoice", True, 40)
