# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The names of a job's Payment Entries: Frappe's own series, drawn without holding it, none given twice."""

import frappe
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from frappe.model.naming import NamingSeries

from advanced_bank_reconciliation.bulk import naming, worker
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW
from advanced_bank_reconciliation.tests import factories, processes
from advanced_bank_reconciliation.tests.bulk_case import BulkTestCase, freeze
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.process_case import ProcessTestCase
from advanced_bank_reconciliation.transactions import begin_anew

SERIES = "ACC-PAY-.YYYY.-"


def last_number() -> int:
	"""Return the number that the series has come to, as everybody sees it."""
	return NamingSeries(SERIES).get_current_value()


def number_of(name: str) -> int:
	return int(name.rpartition("-")[2])


def payment_names(job_id: str) -> list[str]:
	return [
		name
		for name in frappe.get_all(INVOICE_ROW, {"parent": job_id}, pluck="payment_entry", order_by="idx")
		if name
	]


class TestNames(BulkTestCase):
	def start_job(self, count: int) -> tuple:
		line, invoices = self.line_and_invoices([10] * count)
		job_id = self.start(line, [wish(invoice) for invoice in invoices])["job_id"]
		frappe.db.commit()
		return job_id, line, invoices

	def test_series_has_no_gap_after_a_run(self) -> None:
		"""7 invoices in batches of 3: the next seven numbers in the order of the rows, and no more."""
		with self.settings(batch_size=3):
			job_id, line, invoices = self.start_job(7)
		before = last_number()
		worker.run(job_id)
		frappe.db.rollback()
		numbers = [number_of(name) for name in payment_names(job_id)]
		self.assertEqual(numbers, list(range(before + 1, before + 8)))
		self.assertEqual(last_number(), before + 7)
		self.assert_settled(line, invoices)

	def test_number_of_a_refused_voucher_is_used_again(self) -> None:
		"""ERPNext refuses the second of three; its number goes to another, so that no gap is left."""
		invoices = [
			factories.make_sales_invoice(10),
			factories.make_sales_invoice(20, "ABR Frozen"),
			factories.make_sales_invoice(30),
		]
		line = factories.make_bank_transaction(deposit=60)
		with self.settings(batch_size=1):
			job_id = self.start(line, [wish(invoice) for invoice in invoices])["job_id"]
		freeze(self, "ABR Frozen")
		frappe.db.commit()
		before = last_number()
		worker.run(job_id)
		frappe.db.rollback()
		self.assertEqual(sorted(map(number_of, payment_names(job_id))), [before + 1, before + 2])
		self.assertEqual(last_number(), before + 2)

	def test_other_vouchers_are_named_by_frappe(self) -> None:
		"""Outside a batch our doc event does nothing: the series is counted as ever."""
		before = last_number()
		payment = factories.make_payment_entry(10)
		self.assertEqual(number_of(payment.name), before + 1)
		self.assertEqual(last_number(), before + 1)


class TestPool(BulkTestCase):
	"""The pool by itself, where the database lets a second connection write."""

	def setUp(self) -> None:
		super().setUp()
		if not naming.can_reserve():
			self.skipTest("SQLite has one writer at a time: names are drawn as Frappe draws them")
		frappe.db.commit()
		self.pool = naming.NamePool()
		self.addCleanup(self.pool.close)

	def new_payment(self) -> frappe.model.document.Document:
		"""Return an unsaved Payment Entry for an invoice of its own."""
		invoice = factories.make_sales_invoice(10)
		payment = get_payment_entry("Sales Invoice", invoice.name, bank_account=self.gl_account)
		payment.update({"reference_no": "pool", "reference_date": invoice.posting_date})
		return payment

	def test_numbers_of_a_rolled_back_batch_are_handed_out_again(self) -> None:
		before = last_number()
		payments = [self.new_payment(), self.new_payment()]
		frappe.db.commit()
		begin_anew()
		with self.pool.in_use():
			for payment in payments:
				payment.insert()
		lost = [payment.name for payment in payments]
		frappe.db.rollback()
		self.pool.prepare(5)
		again = self.new_payment()
		with self.pool.in_use():
			again.insert()
		self.assertEqual([number_of(name) for name in lost], [before + 1, before + 2])
		self.assertEqual(again.name, lost[0])
		frappe.db.rollback()
		self.pool.close()
		frappe.db.rollback()
		self.assertEqual(last_number(), before)

	def test_number_that_a_document_has_is_never_handed_out_again(self) -> None:
		"""The batch was committed although this run does not know: the database decides."""
		payment = self.new_payment()
		with self.pool.in_use():
			payment.insert()
		frappe.db.commit()
		self.pool.prepare(1)
		other = self.new_payment()
		with self.pool.in_use():
			other.insert()
		self.assertGreater(number_of(other.name), number_of(payment.name))
		frappe.db.commit()

	def test_what_others_drew_meanwhile_is_left_alone(self) -> None:
		"""Three reserved, then somebody draws one: at the end our three stay a gap."""
		self.pool.series["ABR-TEST-POOL-"] = naming.Series(wanted=3)
		self.pool.prepare(3)
		theirs = naming.reserve("ABR-TEST-POOL-", 1)
		self.pool.close()
		self.assertEqual(list(naming.reserve("ABR-TEST-POOL-", 1)), [theirs[0] + 1])

	def test_amended_document_keeps_its_own_name(self) -> None:
		payment = factories.make_payment_entry(10)
		payment.cancel()
		amended = frappe.copy_doc(payment)
		amended.update({"amended_from": payment.name, "docstatus": 0})
		with self.pool.in_use():
			amended.insert()
		self.assertEqual(amended.name, f"{payment.name}-1")

	def test_naming_rule_comes_first(self) -> None:
		rule = frappe.get_doc(
			{
				"doctype": "Document Naming Rule",
				"document_type": "Payment Entry",
				"prefix": "ABR-RULE-",
				"prefix_digits": 5,
			}
		).insert()
		self.addCleanup(frappe.clear_cache, doctype="Payment Entry")
		frappe.clear_cache(doctype="Payment Entry")
		payment = self.new_payment()
		with self.pool.in_use():
			payment.insert()
		self.assertTrue(payment.name.startswith("ABR-RULE-"), payment.name)
		self.assertEqual(self.pool.drawn, [])
		rule.delete()

	def test_journal_entry_is_named_from_the_pool(self) -> None:
		"""Those of ERPNext for exchange gain or loss are made in the same transaction."""
		with self.pool.in_use():
			journal = factories.make_journal_entry(
				(self.gl_account, 45), (factories.account("Sales"), -45), submit=False
			)
		self.assertEqual([drawn[:2] for drawn in self.pool.drawn], [("Journal Entry", journal.name)])


class TestOthersMeanwhile(ProcessTestCase):
	def test_others_submit_payments_beside_an_open_batch(self) -> None:
		"""A run stands in its batch with three payments made: another user's Payment Entry waits for nothing."""
		self.need_row_locks()
		line, invoices = self.bulk_deposit(8)
		other = factories.make_sales_invoice(50, "ABR Other Customer")
		job_id = self.start(line, invoices)
		with processes.worker(gate=4) as worker_process:
			worker_process.reached()
			frappe.db.sql("set session innodb_lock_wait_timeout = 1")
			self.addCleanup(frappe.db.sql, "set session innodb_lock_wait_timeout = default")
			payment = get_payment_entry("Sales Invoice", other.name, bank_account=self.gl_account)
			payment.update({"reference_no": "other", "reference_date": line.date})
			payment.insert().submit()
			factories.make_sales_invoice(60, "ABR Other Customer")
			frappe.db.commit()
			self.assert_rows(job_id, Queued=8)
			worker_process.let_go()
			self.assertEqual(worker_process.wait(), 0)
		self.assertNotIn(payment.name, payment_names(job_id))
		self.assert_completed(job_id, line, invoices)
