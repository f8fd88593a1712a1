# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""One Payment Entry per party: who shares one, what is in it, and that a bad invoice spoils nobody else's."""

import unittest
from unittest.mock import patch

import frappe
from erpnext.accounts.doctype.payment_entry.payment_entry import PaymentEntry, get_payment_entry
from frappe.utils import flt

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.bulk import worker
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW
from advanced_bank_reconciliation.exceptions import BadPayload, JobAlreadyActive
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.bulk_case import BulkTestCase, freeze, thaw
from advanced_bank_reconciliation.tests.deduction_case import DeductionTestCase, deductions_of
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.process_case import ProcessTestCase
from advanced_bank_reconciliation.tests.test_bulk_undo import books
from advanced_bank_reconciliation.tests.test_payment_entry import pay
from advanced_bank_reconciliation.tests.test_payment_entry_currencies import CurrencyTestCase
from advanced_bank_reconciliation.tests.utils import run_committed, submitted_payments
from advanced_bank_reconciliation.vouchers import payment_entry as vouchers
from advanced_bank_reconciliation.vouchers.links import BankLine
from advanced_bank_reconciliation.vouchers.payment_entry import Settlement

#: Differ from document to document, whatever made them.
OWN = {"name", "creation", "modified", "parent", "voucher_no", "posting_time"}


class PerPartyCase(BulkTestCase):
	def pay(self, line, documents, per="Party", **arguments):
		"""Queue the documents and work on the job here; return the ended job."""
		rows = [document if isinstance(document, dict) else wish(document) for document in documents]
		answer = tool.create_payment_entries_bulk(line.name, rows, payment_entries_per=per, **arguments)
		return run_committed(answer["job_id"])

	def deposit_for(self, *documents, extra=0):
		total = sum(document.outstanding_amount for document in documents)
		return factories.make_bank_transaction(deposit=flt(total + extra, 2))

	def payments(self, documents):
		"""Return the documents' names by the Payment Entry that pays them."""
		shared = {}
		for document in documents:
			for name in submitted_payments(document):
				shared.setdefault(name, []).append(document.name)
		return list(shared.values())

	def errors(self, job):
		rows = frappe.get_all(INVOICE_ROW, {"parent": job.name, "status": "Failed"}, ["invoice", "error"])
		return {row.invoice: row.error for row in rows}

	def refuse_references(self, *names, message="The approval is missing."):
		"""Another app refuses every Payment Entry that pays one of the invoices, and does not say which."""
		original = PaymentEntry.validate

		def validate(document):
			original(document)
			if {row.reference_name for row in document.references} & set(names):
				frappe.throw(message.format(*names))

		self.enterContext(patch.object(PaymentEntry, "validate", validate))


class TestGroups(PerPartyCase):
	def test_one_payment_entry_for_each_party(self):
		"""10 invoices of 5 customers: 5 Payment Entries with two rows each, all on the line."""
		line, invoices = self.line_and_invoices([10.01 + number for number in range(10)])
		job = self.pay(line, invoices)
		self.assertEqual((job.status, job.processed, job.failed), ("Completed", 10, 0))
		self.assertEqual(job.payment_entries_per, "Party")
		for invoice in invoices:
			self.assert_paid_once(invoice, line)
		shared = self.payments(invoices)
		self.assertEqual(sorted(len(names) for names in shared), [2] * 5)
		self.assert_state(line, 0)
		self.assertEqual(len(frappe.get_doc("Bank Transaction", line.name).payment_entries), 5)

	def test_setting_decides_where_the_caller_does_not(self):
		line, invoices = self.line_and_invoices([10] * 6)
		with self.settings(payment_entries_per="Party"):
			job = self.pay(line, invoices, per=None)
		self.assertEqual((job.payment_entries_per, len(self.payments(invoices))), ("Party", 5))

	def test_caller_decides_against_the_setting(self):
		line, invoices = self.line_and_invoices([10] * 6)
		with self.settings(payment_entries_per="Party"):
			job = self.pay(line, invoices, per="Invoice")
		self.assertEqual((job.payment_entries_per, len(self.payments(invoices))), ("Invoice", 6))

	def test_foreground_too(self):
		invoices = [factories.make_sales_invoice(amount) for amount in (10, 20, 30)]
		line = self.deposit_for(*invoices)
		answer = tool.create_payment_entries_for_invoices(
			line.name, [wish(invoice) for invoice in invoices], payment_entries_per="Party"
		)
		self.assertEqual((answer["processed"], len(answer["payment_entries"])), (3, 1))
		self.assert_state(line, 0)

	def test_other_ways_are_refused(self):
		line, invoices = self.line_and_invoices([10])
		with self.assert_refused(BadPayload, "Invoice, Party"):
			self.pay(line, invoices, per="Customer")

	def test_other_way_is_another_request(self):
		"""The same selection again in the same way is the same job; in the other way it is refused."""
		line, invoices = self.line_and_invoices([10, 20])
		rows = [wish(invoice) for invoice in invoices]
		first = tool.create_payment_entries_bulk(line.name, rows, payment_entries_per="Party")
		again = tool.create_payment_entries_bulk(line.name, rows, payment_entries_per="Party")
		self.assertEqual(first["job_id"], again["job_id"])
		with self.assertRaises(JobAlreadyActive):
			tool.create_payment_entries_bulk(line.name, rows, payment_entries_per="Invoice")

	def test_cap(self):
		"""7 invoices of one customer, 3 to a Payment Entry at most: 3, 3 and 1, oldest first."""
		invoices = [factories.make_sales_invoice(10 + number) for number in range(7)]
		line = self.deposit_for(*invoices)
		with self.settings(most_invoices_per_payment_entry=3):
			self.pay(line, invoices)
		names = [invoice.name for invoice in invoices]
		self.assertEqual(self.payments(invoices), [names[:3], names[3:6], names[6:]])

	def test_cost_centers_are_not_mixed(self):
		"""Each ledger row has the cost center of its invoices."""
		other = self.make_cost_center("ABR Branch")
		main = [
			factories.make_sales_invoice(amount, cost_center=factories.account("Main")) for amount in (10, 20)
		]
		branch = [factories.make_sales_invoice(amount, cost_center=other) for amount in (30, 40)]
		line = self.deposit_for(*main, *branch)
		self.pay(line, [*main, *branch])
		names = [[invoice.name for invoice in group] for group in (main, branch)]
		self.assertCountEqual(self.payments([*main, *branch]), names)
		for group, cost_center in ((main, factories.account("Main")), (branch, other)):
			(payment,) = submitted_payments(group[0])
			used = frappe.get_all("GL Entry", {"voucher_no": payment}, pluck="cost_center", distinct=True)
			self.assertEqual(used, [cost_center])

	def make_cost_center(self, title):
		name = factories.account(title)
		if not frappe.db.exists("Cost Center", name):
			parent = frappe.get_all("Cost Center", {"company": self.company, "is_group": 1}, pluck="name")[0]
			frappe.get_doc(
				{
					"doctype": "Cost Center",
					"cost_center_name": title,
					"company": self.company,
					"parent_cost_center": parent,
				}
			).insert()
		return name

	def test_return_is_netted_across_cost_centers_where_its_own_is_too_small(self):
		other = self.make_cost_center("ABR Branch")
		invoice = factories.make_sales_invoice(100, cost_center=factories.account("Main"))
		credit_note = factories.make_sales_invoice(-30, cost_center=other)
		line = self.deposit_for(invoice, credit_note)
		self.assertEqual(self.pay(line, [invoice, credit_note]).status, "Completed")
		self.assertEqual(len(self.payments([invoice, credit_note])), 1)
		self.assert_state(line, 0)

	def test_batch_counts_invoices(self):
		"""3 customers with 4 invoices each, 5 to a batch: a group more would be 8, so 3 batches."""
		invoices = factories.make_sales_invoices([10] * 12, customers=3)
		line = self.deposit_for(*invoices)
		rows = [wish(invoice) for invoice in invoices]
		with self.settings(batch_size=5):
			job_id = tool.create_payment_entries_bulk(line.name, rows, payment_entries_per="Party")["job_id"]
		worker.begin(job_id)
		frappe.db.commit()
		paid = []
		while frappe.db.count(INVOICE_ROW, {"parent": job_id, "status": "Queued"}):
			worker.serve_batch(job_id)
			frappe.db.commit()
			paid.append(frappe.db.count(INVOICE_ROW, {"parent": job_id, "status": "Paid"}))
		self.assertEqual(paid, [4, 8, 12])
		self.assertEqual(run_committed(job_id).status, "Completed")

	def test_count_before_the_start(self):
		"""What the dialog shows is what a run makes, and asking makes nothing."""
		line, invoices = self.line_and_invoices([10] * 6)
		rows = [wish(invoice) for invoice in invoices]
		with self.assert_books_unchanged():
			counts = tool.get_payment_entry_counts(line.name, rows)
		self.assertEqual(counts, {"default": "Invoice", "Invoice": 6, "Party": 5})
		self.pay(line, invoices)
		self.assertEqual(len(self.payments(invoices)), counts["Party"])

	def test_p59_count_of_what_is_started_already(self):
		"""Whoever confirms the same selection a moment later, at work or just ended, is led to the same job."""
		line, invoices = self.line_and_invoices([10] * 6)
		rows = [wish(invoice) for invoice in invoices]
		job_id = tool.create_payment_entries_bulk(line.name, rows, payment_entries_per="Party")["job_id"]
		expected = {"default": "Party", "Invoice": 5, "Party": 5}
		self.assertEqual(tool.get_payment_entry_counts(line.name, rows), expected)
		self.assertEqual(run_committed(job_id).status, "Completed")
		self.assertEqual(tool.get_payment_entry_counts(line.name, rows), expected)
		again = tool.create_payment_entries_bulk(line.name, rows, payment_entries_per=expected["default"])
		self.assertEqual(again["job_id"], job_id)
		with self.assertRaises(JobAlreadyActive):
			self.count_beside_another_job()

	def count_beside_another_job(self):
		line, invoices = self.line_and_invoices([10] * 2)
		tool.create_payment_entries_bulk(line.name, [wish(invoices[0])])
		tool.get_payment_entry_counts(line.name, [wish(invoices[1])])


class TestAmounts(PerPartyCase):
	def test_last_invoice_in_part(self):
		invoices = [factories.make_sales_invoice(amount) for amount in (100, 100, 100)]
		line = factories.make_bank_transaction(deposit=250)
		self.assertEqual(self.pay(line, invoices).status, "Completed")
		left = [frappe.db.get_value("Sales Invoice", each.name, "outstanding_amount") for each in invoices]
		self.assertEqual((left, len(self.payments(invoices))), ([0, 0, 50], 1))
		self.assert_state(line, 0)

	def test_asked_amounts(self):
		invoices = [factories.make_sales_invoice(100) for _number in range(2)]
		line = factories.make_bank_transaction(deposit=100)
		self.pay(line, [wish(invoices[0], 33.33), wish(invoices[1], 66.67)])
		(first, second) = (submitted_payments(invoice) for invoice in invoices)
		self.assertEqual((list(first), [*first.values(), *second.values()]), (list(second), [33.33, 66.67]))

	def test_terms_plain_invoices_and_a_return_together(self):
		template = factories.make_payment_terms("ABR Halves", (50, 10), (50, 40))
		with_terms = factories.make_sales_invoice(100, payment_terms_template=template, due_date=None)
		documents = [
			factories.make_sales_invoice(50),
			with_terms,
			factories.make_sales_invoice(70),
			factories.make_sales_invoice(-20),
		]
		line = self.deposit_for(*documents)
		self.assertEqual(self.pay(line, documents).status, "Completed")
		(payment,) = {name for document in documents for name in submitted_payments(document)}
		rows = frappe.get_doc("Payment Entry", payment).references
		self.assertEqual(len(rows), 5)
		self.assertCountEqual([row.allocated_amount for row in rows], [50, 50, 50, 70, -20])
		terms = frappe.get_doc("Sales Invoice", with_terms.name).payment_schedule
		self.assertEqual([term.outstanding for term in terms], [0, 0])
		self.assert_state(line, 0)

	def test_bills_by_withdrawal(self):
		bills = [factories.make_purchase_invoice(amount) for amount in (40, 60)]
		bills.append(factories.make_purchase_invoice(-10))
		line = factories.make_bank_transaction(withdrawal=90)
		self.assertEqual(self.pay(line, bills).status, "Completed")
		self.assertEqual(len(self.payments(bills)), 1)
		self.assert_state(line, 0)

	def test_small_difference(self):
		"""0.50 short over two invoices of a customer: one Payment Entry with a deduction."""
		invoices = [factories.make_sales_invoice(100) for _number in range(2)]
		line = factories.make_bank_transaction(deposit=199.5)
		self.pay(line, invoices, difference_account=factories.account("Write Off"))
		((payment,),) = {tuple(submitted_payments(invoice)) for invoice in invoices}
		deductions = frappe.get_doc("Payment Entry", payment).deductions
		self.assertEqual([row.amount for row in deductions], [0.5])
		self.assert_state(line, 0)


class TestDiscounts(DeductionTestCase):
	def test_discounts_of_two_and_a_plain_invoice(self):
		"""SI 300 and 100 with 2 % each, 50 without; deposit 442: one Payment Entry, 8 deducted."""
		template = factories.make_discount_terms("ABR 2 Per Cent Party", 2, 25)
		invoices = [
			factories.make_sales_invoice(amount, payment_terms_template=template) for amount in (300, 100)
		]
		invoices.append(factories.make_sales_invoice(50))
		line = factories.make_bank_transaction(deposit=442)
		pay(line, *[wish(invoice) for invoice in invoices], payment_entries_per="Party")
		((payment,),) = {tuple(submitted_payments(invoice)) for invoice in invoices}
		self.assertEqual(deductions_of(payment), {self.discount_account: 8})
		self.assertEqual([self.outstanding(invoice) for invoice in invoices], [0, 0, 0])
		self.assert_balanced([("Payment Entry", payment)])
		self.assert_state(line, 0)


class TestCurrencies(CurrencyTestCase):
	def test_dollars_at_two_rates_by_pounds(self):
		"""USD 100 booked at 0.90 and 50 at 0.80, by 120 GBP: one Payment Entry, a gain of each row's own."""
		invoices = [
			self.invoice(100, "USD", party="ABR Party Dollar"),
			self.invoice(50, "USD", party="ABR Party Dollar", conversion_rate=0.8),
		]
		line = self.line(120, "GBP")
		pay(line, *[wish(invoice) for invoice in invoices], payment_entries_per="Party")
		((payment,),) = {tuple(submitted_payments(invoice)) for invoice in invoices}
		gains = [
			flt(row.exchange_gain_loss, 2) for row in frappe.get_doc("Payment Entry", payment).references
		]
		self.assertEqual([abs(gain) for gain in gains], [2, 6])
		self.assert_party_owes_nothing(*invoices)
		self.assert_state(line, 0)


class TestSameAsErpnext(PerPartyCase):
	"""The rows that are read together are those of one `get_payment_entry` each, and so is the ledger."""

	def documents(self):
		return [
			factories.make_sales_invoice(100.01),
			factories.make_sales_invoice(55.5, due_date="2026-05-05"),
			factories.make_sales_invoice(-20.25),
			factories.make_sales_invoice(7.77),
		]

	def without_own(self, values):
		"""Return the fields but for those that differ anyway, and one notation for what is empty."""
		return {
			key: [self.without_own(row) for row in value] if isinstance(value, list) else value or None
			for key, value in values.items()
			if key not in OWN
		}

	def ledger(self, payment):
		"""Return all fields of all its rows in both ledgers."""
		return [
			self.without_own(row)
			for doctype in ("GL Entry", "Payment Ledger Entry")
			for row in frappe.get_all(doctype, {"voucher_no": payment.name}, ["*"])
		]

	def sorted(self, rows):
		return sorted(
			rows,
			key=lambda row: (
				row["account"],
				row.get("debit") or 0,
				row.get("credit") or 0,
				row.get("amount") or 0,
			),
		)

	def build(self, line, documents, together):
		settlements = [
			Settlement(
				each.doctype, each.name, each.outstanding_amount, each.outstanding_amount, currency="USD"
			)
			for each in documents
		]
		if together:
			return vouchers.build_payment_entry(line, settlements)
		with patch.object(vouchers, "plain_references", lambda *_args: {}):
			return vouchers.build_payment_entry(line, settlements)

	def test_same_document_field_by_field(self):
		documents = self.documents()
		line = BankLine(self.deposit_for(*documents))
		with patch.object(vouchers, "get_payment_entry", wraps=get_payment_entry) as asked:
			one = self.build(line, documents, together=True)
		self.assertEqual(asked.call_count, 1, "the other rows were to be read together")
		each = self.build(line, documents, together=False)
		self.assertEqual(self.without_own(one.as_dict()), self.without_own(each.as_dict()))

	def test_same_ledger(self):
		documents = self.documents()
		line = BankLine(self.deposit_for(*documents))
		results = []
		for together in (True, False):
			frappe.db.savepoint("abr_test")
			payment = self.build(line, documents, together)
			payment.docstatus = 1
			payment.insert()
			results.append((self.without_own(payment.reload().as_dict()), self.ledger(payment)))
			frappe.db.rollback(save_point="abr_test")
		(one, rows), (each, their_rows) = results
		self.assertGreaterEqual(len(rows), 9, "five rows in one ledger, four in the other")
		self.assertEqual(self.sorted(rows), self.sorted(their_rows))
		self.assertEqual(one, each)

	def test_row_that_erpnext_makes_otherwise_is_not_trusted(self):
		"""Another version of ERPNext that puts more into a row: each is then made by it."""
		documents = self.documents()
		line = BankLine(self.deposit_for(*documents))

		def with_more(*args, **kwargs):
			payment = get_payment_entry(*args, **kwargs)
			payment.references[0].account_type = "Receivable"
			return payment

		with patch.object(vouchers, "get_payment_entry", side_effect=with_more) as asked:
			self.build(line, documents, together=True)
		self.assertEqual(asked.call_count, len(documents))


class TestBadInvoices(PerPartyCase):
	"""Only the bad ones fail, each with its own reason, and the others of their party are paid."""

	def queue(self, line, documents):
		rows = [wish(document) for document in documents]
		answer = tool.create_payment_entries_bulk(line.name, rows, payment_entries_per="Party")
		frappe.db.commit()
		return answer["job_id"]

	def pay_by_hand(self, invoice):
		payment = get_payment_entry("Sales Invoice", invoice.name, bank_account=self.gl_account)
		payment.update({"reference_no": "by hand", "reference_date": "2026-03-20"})
		payment.insert().submit()
		frappe.db.commit()

	def test_paid_and_cancelled_meanwhile(self):
		invoices = [factories.make_sales_invoice(10 + number) for number in range(5)]
		line = self.deposit_for(*invoices)
		job_id = self.queue(line, invoices)
		self.pay_by_hand(invoices[1])
		invoices[3].reload().cancel()
		frappe.db.commit()
		job = run_committed(job_id)
		self.assertEqual((job.status, job.processed, job.failed), ("Partially Completed", 3, 2))
		errors = self.errors(job)
		self.assertIn("is outstanding now", errors[invoices[1].name])
		self.assertIn("no longer submitted", errors[invoices[3].name])
		good = [invoices[0], invoices[2], invoices[4]]
		self.assertEqual(len(self.payments(good)), 1, "the others still share one")
		self.assert_state(line, 11 + 13)

	def test_refused_by_erpnext_which_names_the_invoice(self):
		"""The refusal names the third of 6: the other five are still one Payment Entry."""
		invoices = [factories.make_sales_invoice(10 + number) for number in range(6)]
		line = self.deposit_for(*invoices)
		bad = invoices[2]
		self.refuse_references(bad.name, message="{0} is not approved.")
		job = self.pay(line, invoices)
		self.assertEqual((job.status, job.processed, job.failed), ("Partially Completed", 5, 1))
		self.assertEqual(
			self.errors(job), {bad.name: f"Sales Invoice {bad.name}: {bad.name} is not approved."}
		)
		self.assertEqual(len(self.payments(invoices)), 1)
		self.assert_state(line, bad.grand_total)

	def test_refused_without_a_name(self):
		"""Two of 9 are bad, and nobody says which: they are found, and the other seven are paid."""
		invoices = [factories.make_sales_invoice(10 + number) for number in range(9)]
		line = self.deposit_for(*invoices)
		bad = {invoices[0].name, invoices[5].name}
		self.refuse_references(*bad)
		job = self.pay(line, invoices)
		self.assertEqual((job.processed, job.failed), (7, 2))
		self.assertEqual(set(self.errors(job)), bad)
		self.assertIn("The approval is missing.", self.errors(job)[invoices[5].name])
		self.assertLessEqual(len(self.payments(invoices)), 5)
		self.assert_state(line, 10 + 15)

	def test_refused_in_the_foreground(self):
		invoices = [factories.make_sales_invoice(10 + number) for number in range(4)]
		line = self.deposit_for(*invoices)
		self.refuse_references(invoices[1].name)
		answer = tool.create_payment_entries_for_invoices(
			line.name, [wish(invoice) for invoice in invoices], payment_entries_per="Party"
		)
		self.assertEqual((answer["processed"], answer["failed"]), (3, 1))
		self.assertEqual([failure["invoice"] for failure in answer["failures"]], [invoices[1].name])
		self.assert_state(line, 11)

	def test_bad_invoice_beside_a_return(self):
		"""100 is bad, 50 and a return of 20 are not: these are netted, and 30 are used."""
		bad, good = factories.make_sales_invoice(100), factories.make_sales_invoice(50)
		credit_note = factories.make_sales_invoice(-20)
		line = self.deposit_for(bad, good, credit_note)
		self.refuse_references(bad.name, message="{0} is not approved.")
		job = self.pay(line, [bad, good, credit_note])
		self.assertEqual((job.processed, set(self.errors(job))), (2, {bad.name}))
		self.assertEqual(len(self.payments([good, credit_note])), 1)
		self.assert_state(line, 100)

	def test_bad_return_takes_no_more_of_the_line_than_was_planned(self):
		"""Without the return of 20, invoices of 100 and 50 would take 150 of 130: 50 is left out, and says why."""
		invoices = [factories.make_sales_invoice(100), factories.make_sales_invoice(50)]
		credit_note = factories.make_sales_invoice(-20)
		line = self.deposit_for(*invoices, credit_note)
		job_id = self.queue(line, [*invoices, credit_note])
		credit_note.reload().cancel()
		frappe.db.commit()
		job = run_committed(job_id)
		errors = self.errors(job)
		self.assertEqual(set(errors), {credit_note.name, invoices[1].name})
		self.assertIn(credit_note.name, errors[invoices[1].name])
		self.assertIn("no longer submitted", errors[credit_note.name])
		self.assert_paid_once(invoices[0], line)
		self.assert_state(line, 30)

	def test_bad_return_that_nobody_names(self):
		"""One invoice and two returns hold together; the bad return is found by trying."""
		invoice = factories.make_sales_invoice(100)
		bad, good = factories.make_sales_invoice(-60), factories.make_sales_invoice(-30)
		line = self.deposit_for(invoice, bad, good)
		self.refuse_references(bad.name)
		job = self.pay(line, [invoice, bad, good])
		errors = self.errors(job)
		self.assertIn("The approval is missing.", errors[bad.name])
		self.assertIn(bad.name, errors[invoice.name], "paying it would take 70 of a line of 10")
		self.assertEqual(job.status, "Failed")
		self.assert_state(line, 10)
		self.assertEqual(self.payments([invoice, good]), [])

	def test_frozen_party_fails_alone(self):
		invoices = factories.make_sales_invoices([10] * 6, customers=2)
		line = self.deposit_for(*invoices)
		freeze(self, invoices[0].customer)
		job = self.pay(line, invoices)
		self.assertEqual((job.processed, job.failed), (3, 3))
		self.assertEqual(len(self.payments(invoices)), 1)
		self.assert_state(line, 30)

	def test_all_or_nothing(self):
		invoices = [factories.make_sales_invoice(10 + number) for number in range(4)]
		line = self.deposit_for(*invoices)
		self.refuse_references(invoices[1].name)
		with self.settings(on_invoice_failure="All or nothing"):
			job = self.pay(line, invoices)
		self.assertEqual(job.status, "Rolled Back")
		self.assertEqual(self.payments(invoices), [])
		self.assert_state(line, 46)

	def test_retry_groups_by_party_again(self):
		invoices = factories.make_sales_invoices([10] * 4, customers=2)
		line = self.deposit_for(*invoices)
		freeze(self, invoices[0].customer)
		job = self.pay(line, invoices)
		thaw(invoices[0].customer)
		tool.retry_bulk_reconciliation(job.name)
		job = run_committed(job.name)
		self.assertEqual((job.status, job.processed, job.failed), ("Completed", 4, 0))
		self.assertEqual(len(self.payments(invoices)), 2)
		self.assert_state(line, 0)

	def test_cancel_takes_shared_payments_back(self):
		"""After the first of two groups: both invoices of its Payment Entry are unpaid again."""
		invoices = factories.make_sales_invoices([10] * 4, customers=2)
		line = self.deposit_for(*invoices)
		with self.settings(batch_size=2):
			job_id = self.queue(line, invoices)
		worker.begin(job_id)
		worker.serve_batch(job_id)
		frappe.db.commit()
		self.assert_rows(job_id, Paid=2, Queued=2)
		tool.cancel_bulk_reconciliation(job_id)
		job = run_committed(job_id)
		self.assertEqual((job.status, self.payments(invoices)), ("Cancelled", []))
		self.assert_rows(job_id, Rolled_Back=4)
		self.assert_state(line, 40)

	def test_undo_brings_the_books_back(self):
		"""Batches of 2, groups of 3 and 1: each Payment Entry is cancelled once, with all its rows."""
		invoices = [factories.make_sales_invoice(amount, "ABR Undone One") for amount in (10, 20, 30)]
		invoices.append(factories.make_sales_invoice(40, "ABR Undone Two"))
		line = self.deposit_for(*invoices)
		before = books(self.company)
		with self.settings(batch_size=2):
			job = self.pay(line, invoices)
		self.assertEqual(tool.get_progress(job.name)["to_undo"], {"unlink": 2, "cancel": 2})
		tool.undo_bulk_reconciliation(job.name)
		job = run_committed(job.name)
		self.assertEqual((job.status, job.unlinked_vouchers, job.cancelled_payments), ("Undone", 2, 2))
		self.assertEqual(books(self.company), before)
		self.assertEqual(self.payments(invoices), [])
		self.assert_rows(job.name, Rolled_Back=4)
		self.assert_state(line, 100)


class TestKilledWorker(ProcessTestCase):
	def test_killed_at_the_third_of_five_payment_entries(self):
		"""kill -9 while 12 invoices of 5 customers are paid: a Payment Entry has all its rows, or there is none."""
		self.use_settings(payment_entries_per="Party")
		line, invoices = self.bulk_deposit(12)
		job_id = self.start(line, invoices)
		self.assertNotEqual(self.run_worker(kill_after_insert=3), 0)
		self.assert_consistent(job_id, invoices)
		self.recover_and_finish(job_id)
		job = self.job(job_id)
		self.assertEqual((job.status, job.processed, job.failed), ("Completed", 12, 0))
		self.assert_consistent(job_id, invoices)
		self.assertEqual(len({row.payment_entry for row in job.invoices}), 5)
		for invoice in invoices:
			self.assert_paid_once(invoice, line)
		self.assert_no_orphans()
