# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Undo of a run that has ended: afterwards the books are as they were before it, to the cent."""

from contextlib import contextmanager

import frappe
from frappe.utils import flt

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_for_invoices,
	get_progress,
	pause_bulk_reconciliation,
	reconcile_vouchers,
	resume_bulk_reconciliation,
	retry_bulk_reconciliation,
	undo_bulk_reconciliation,
	unreconcile_bank_transaction,
)
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, JOB
from advanced_bank_reconciliation.exceptions import JobAlreadyActive, JobStateError
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.bulk_case import COMPLETE, BulkTestCase, freeze, thaw
from advanced_bank_reconciliation.tests.factories import wish
from advanced_bank_reconciliation.tests.test_payment_entry_currencies import CurrencyTestCase
from advanced_bank_reconciliation.tests.utils import (
	Events,
	clear_settings_cache,
	ledger_rows,
	links_of,
	own_queues,
	run_committed,
	single_values,
	snapshot_of_books,
	submitted_payments,
)

#: What of `snapshot_of_books` an undo may not bring back: cancelled documents stay, and so do job records.
KEPT = ("Payment Entry, any", JOB)


def books(company):
	"""Return what must be the same before a run and after its undo."""
	return {key: total for key, total in snapshot_of_books(company).items() if key not in KEPT}


def as_voucher(payment, amount=None):
	voucher = {"payment_doctype": "Payment Entry", "payment_name": payment.name}
	return {**voucher, "amount": amount} if amount else voucher


@contextmanager
def closed_books():
	"""Freeze what is posted until the end of 2026, as nobody may change it any more."""
	frappe.db.set_single_value("Accounts Settings", "acc_frozen_upto", "2026-12-31")
	clear_settings_cache()
	try:
		yield
	finally:
		frappe.db.set_single_value("Accounts Settings", "acc_frozen_upto", None)
		clear_settings_cache()
		frappe.db.commit()


class UndoTestCase(BulkTestCase):
	def completed(self, amounts=(10, 20, 30), extra=0, vouchers=None):
		"""Return line, invoices and id of a job that has paid them, in this process, as a worker would."""
		line, invoices = self.line_and_invoices(list(amounts), extra=extra)
		answer, job = self.start_and_run(line, [wish(invoice) for invoice in invoices], vouchers)
		self.assertEqual(job.status, "Completed", job.message)
		return line, invoices, answer["job_id"]

	def undone(self, job_id, status="Undone"):
		"""Undo as the desk and a worker do, and return the ended job."""
		self.assertEqual(undo_bulk_reconciliation(job_id)["status"], "Undoing")
		job = run_committed(job_id)
		self.assertEqual((job.status, job.active_bank_transaction), (status, None), job.message)
		return job

	def assert_unpaid(self, invoices):
		for invoice in invoices:
			self.assertEqual(submitted_payments(invoice), {}, invoice.name)
			left = frappe.db.get_value(invoice.doctype, invoice.name, "outstanding_amount")
			self.assertEqual(flt(left, 2), flt(invoice.outstanding_amount, 2), invoice.name)

	@contextmanager
	def assert_books_restored(self, company=None):
		"""What is done in the block leaves the books as they were: ledger, outstanding, links, clearance."""
		company = company or self.company
		before = books(company)
		yield
		self.assertEqual(books(company), before)


class TestUndo(UndoTestCase):
	def test_books_are_as_before_the_run(self):
		"""Three invoices and the user's own payment: all unlinked, three payments cancelled, the own one stays."""
		own = factories.make_payment_entry(40)
		line, invoices = self.line_and_invoices([10, 20, 30], extra=40)
		with self.assert_books_restored():
			_answer, job = self.start_and_run(
				line, [wish(invoice) for invoice in invoices], [as_voucher(own, 40)]
			)
			self.assertEqual(job.status, "Completed")
			self.assert_state(line, 0)
			state = get_progress(job.name)
			self.assertTrue(state["can"]["undo"])
			self.assertEqual(state["to_undo"], {"unlink": 4, "cancel": 3})
			with Events(job.name) as events:
				job = self.undone(job.name)
				(complete,) = events.messages(COMPLETE)
		self.assertEqual((job.unlinked_vouchers, job.cancelled_payments, job.processed), (4, 3, 0))
		self.assertEqual((job.reconciled_amount, job.unallocated_amount, job.percentage), (0, 100, 100))
		self.assert_rows(job.name, Rolled_Back=3)
		self.assertEqual({row.status for row in frappe.get_doc(JOB, job.name).vouchers}, {"Rolled Back"})
		self.assertEqual(
			(complete["success"], complete["processed"], complete["message"]), (True, 0, job.message)
		)
		for words in (f"from Bank Transaction {line.name}: 4", "Payment Entries cancelled: 3"):
			self.assertIn(words, job.message)
		self.assert_unpaid(invoices)
		self.assert_state(line, 100)
		self.assertEqual(frappe.db.count("Bank Transaction Payments", {"parent": line.name}), 0)
		own.reload()
		self.assertEqual((own.docstatus, own.clearance_date), (1, None))
		ended = get_progress(job.name)
		self.assertEqual((ended["active"], ended["can"]["undo"], ended["to_undo"]), (False, False, None))

	def test_ledger_of_each_payment_sums_to_nothing(self):
		"""The cancelled payments keep their ledger rows, which take each other back on every account."""
		_line, _invoices, job_id = self.completed()
		self.undone(job_id)
		made = [row.payment_entry for row in frappe.get_doc(JOB, job_id).invoices]
		self.assertEqual(len(set(made)), 3)
		for name in made:
			self.assertEqual(frappe.db.get_value("Payment Entry", name, "docstatus"), 2)
			self.assertEqual(ledger_rows("Payment Entry", name), [])
			rows = frappe.get_all("GL Entry", {"voucher_no": name}, ["account", "debit", "credit"])
			self.assertGreaterEqual(len(rows), 4)
			for account in {row.account for row in rows}:
				self.assertEqual(sum(row.debit - row.credit for row in rows if row.account == account), 0)

	def test_p50_deleted_where_ledger_rows_go_too(self):
		"""With *Delete Accounting and Stock Ledger Entries on deletion of Transaction* nothing is left."""
		_line, invoices, job_id = self.completed()
		made = [row.payment_entry for row in frappe.get_doc(JOB, job_id).invoices]
		with single_values("Accounts Settings", commit=True, delete_linked_ledger_entries=1):
			job = self.undone(job_id)
		self.assertEqual(job.cancelled_payments, 3)
		for name in made:
			self.assertFalse(frappe.db.exists("Payment Entry", name))
			self.assertEqual(frappe.db.count("GL Entry", {"voucher_no": name}), 0)
		self.assertEqual({row.payment_entry for row in frappe.get_doc(JOB, job_id).invoices}, {None})
		self.assert_unpaid(invoices)

	def test_same_selection_can_be_started_again(self):
		"""Once undone the same request makes a new job, which can be undone as well."""
		line, invoices, first = self.completed()
		rows = [wish(invoice) for invoice in invoices]
		self.assertEqual(self.start(line, rows)["job_id"], first, "while it stands, it is the same job")
		self.undone(first)
		answer, _job = self.start_and_run(line, rows)
		self.assertNotEqual(answer["job_id"], first)
		self.assert_settled(line, invoices)
		self.undone(answer["job_id"])
		self.assert_unpaid(invoices)

	def test_one_payment_for_several_rows(self):
		"""A credit note netted with its customer's invoice: two rows, one Payment Entry, counted once."""
		invoices = [
			factories.make_sales_invoice(100, "ABR Net"),
			factories.make_sales_invoice(-30, "ABR Net"),
		]
		line = factories.make_bank_transaction(deposit=70)
		with self.assert_books_restored():
			_answer, job = self.start_and_run(line, [wish(invoice) for invoice in invoices])
			self.assertEqual(get_progress(job.name)["to_undo"], {"unlink": 1, "cancel": 1})
			job = self.undone(job.name)
		self.assertEqual((job.unlinked_vouchers, job.cancelled_payments), (1, 1))
		self.assert_rows(job.name, Rolled_Back=2)
		self.assert_unpaid(invoices)

	def test_partially_completed_and_retried(self):
		"""A frozen customer fails, thawed he is paid by a second run; one undo takes both runs back."""
		invoices = [*factories.make_sales_invoices([10, 20]), factories.make_sales_invoice(30, "ABR Frozen")]
		line = factories.make_bank_transaction(deposit=60)
		freeze(self, invoices[2].customer)
		_answer, job = self.start_and_run(line, [wish(invoice) for invoice in invoices])
		self.assertEqual(job.status, "Partially Completed")
		thaw(invoices[2].customer)
		retry_bulk_reconciliation(job.name)
		self.assertEqual(run_committed(job.name).status, "Completed")
		job = self.undone(job.name)
		self.assertEqual((job.unlinked_vouchers, job.cancelled_payments), (3, 3))
		self.assert_unpaid(invoices)
		self.assert_state(line, 60)

	def test_partially_completed(self):
		"""What failed stays Failed with its reason; an undone job is not retried, but started anew."""
		invoices = [factories.make_sales_invoice(10), factories.make_sales_invoice(30, "ABR Frozen")]
		line = factories.make_bank_transaction(deposit=40)
		freeze(self, invoices[1].customer)
		_answer, job = self.start_and_run(line, [wish(invoice) for invoice in invoices])
		job = self.undone(job.name)
		self.assertEqual((job.processed, job.failed), (0, 1))
		self.assert_rows(job.name, Rolled_Back=1, Failed=1)
		self.assertFalse(get_progress(job.name)["can"]["retry"])
		with self.assertRaises(JobStateError):
			retry_bulk_reconciliation(job.name)
		self.assert_unpaid(invoices)
		self.assert_state(line, 40)

	def test_payments_that_were_not_linked(self):
		"""Made with auto_reconcile off: there is nothing to unlink, and the payments are cancelled."""
		line, invoices = self.line_and_invoices([10, 20])
		answer = create_payment_entries_for_invoices(
			line.name, [wish(invoice) for invoice in invoices], auto_reconcile=False
		)
		self.assertEqual(get_progress(answer["job_id"])["to_undo"], {"unlink": 0, "cancel": 2})
		job = self.undone(answer["job_id"])
		self.assertEqual((job.unlinked_vouchers, job.cancelled_payments), (0, 2))
		self.assert_unpaid(invoices)

	def test_unlinked_payments_are_no_part_of_a_retry(self):
		"""A retry would link them, which was not asked, or cancel them: it is refused and says what to do."""
		line, invoices = self.line_and_invoices([10, 20])
		freeze(self, invoices[1].customer)
		answer = create_payment_entries_for_invoices(
			line.name, [wish(invoice) for invoice in invoices], auto_reconcile=False
		)
		self.assertFalse(get_progress(answer["job_id"])["can"]["retry"])
		thaw(invoices[1].customer)
		with self.assertRaisesRegex(JobStateError, "1 payments unlinked.*a new job"):
			retry_bulk_reconciliation(answer["job_id"])
		self.assertEqual(len(submitted_payments(invoices[0])), 1)

	def test_a_deleted_payment_gives_its_name_to_another(self):
		"""The job's last payment is cancelled and deleted, and the next one of anybody may get its name."""
		_line, invoices, job_id = self.completed()
		last = sorted(name for invoice in invoices for name in submitted_payments(invoice))[-1]
		with single_values("Accounts Settings", True, delete_linked_ledger_entries=1):
			frappe.get_doc("Payment Entry", last).cancel()
			frappe.delete_doc("Payment Entry", last)
		self.assertEqual(frappe.db.count(INVOICE_ROW, {"payment_entry": last}), 0)
		other = factories.make_payment_entry(15)
		if other.name != last:
			frappe.rename_doc("Payment Entry", other.name, last, force=True)
		job = self.undone(job_id)
		self.assertEqual(job.cancelled_payments, 2)
		self.assertEqual(frappe.db.get_value("Payment Entry", last, "docstatus"), 1)

	def test_a_payment_that_may_not_be_deleted_is_cancelled_all_the_same(self):
		"""Another document names it: with *Delete … Ledger Entries* on it stays, cancelled."""
		_line, invoices, job_id = self.completed()
		(kept,) = submitted_payments(invoices[0])
		draft = factories.make_payment_entry(15)
		draft.db_set("amended_from", kept)
		with single_values("Accounts Settings", True, delete_linked_ledger_entries=1):
			job = self.undone(job_id)
		self.assertEqual(job.cancelled_payments, 3)
		self.assertEqual(frappe.db.get_value("Payment Entry", kept, "docstatus"), 2)
		self.assert_unpaid(invoices)

	def test_bank_transaction_as_a_voucher(self):
		"""A withdrawal was selected beside an invoice: both lines let go of each other, and stay."""
		out = factories.make_bank_transaction(withdrawal=15)
		line, invoices = self.line_and_invoices([10], extra=15)
		voucher = {"payment_doctype": "Bank Transaction", "payment_name": out.name, "amount": 15}
		_answer, job = self.start_and_run(line, [wish(invoices[0])], [voucher])
		self.assert_state(out, 0)
		job = self.undone(job.name)
		self.assertEqual((job.unlinked_vouchers, job.cancelled_payments), (2, 1))
		self.assert_state(line, 25)
		self.assert_state(out, 15)


class TestUndoOfCurrencies(CurrencyTestCase):
	def setUp(self):
		super().setUp()
		queues = own_queues()
		queues.__enter__()
		self.addCleanup(queues.__exit__, None, None, None)

	def test_exchange_gain_and_loss_go_too(self):
		"""A USD invoice paid at another rate: ERPNext cancels the journal of the difference with the payment."""
		line, invoice = self.line(92, "EUR"), self.invoice(100, "USD")
		answer = create_payment_entries_for_invoices(line.name, [wish(invoice)])
		(payment,) = answer["payment_entries"]
		self.assertNotEqual(self.gain_of(payment), 0)
		undo_bulk_reconciliation(answer["job_id"])
		job = run_committed(answer["job_id"])
		self.assertEqual((job.status, job.cancelled_payments), ("Undone", 1), job.message)
		self.assertEqual(self.gain_of(payment), 0)
		self.assertEqual(submitted_payments(invoice), {})
		outstanding = frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount")
		self.assertEqual(outstanding, invoice.outstanding_amount)
		self.assert_state(line, 92)


class TestWhatOthersDid(UndoTestCase):
	def test_links_of_others_stay(self):
		"""One voucher linked by hand before the run and one after it: links and clearance are not touched."""
		before, after = factories.make_payment_entry(5), factories.make_payment_entry(7)
		line, invoices = self.line_and_invoices([10, 20], extra=12)
		reconcile_vouchers(line.name, [as_voucher(before)])
		_answer, job = self.start_and_run(line, [wish(invoice) for invoice in invoices])
		reconcile_vouchers(line.name, [as_voucher(after)])
		job = self.undone(job.name)
		self.assertEqual((job.unlinked_vouchers, job.cancelled_payments), (2, 2))
		self.assert_state(line, 30)
		for payment in (before, after):
			self.assert_linked(line, "Payment Entry", payment.name)

	def test_clearance_is_computed_from_what_is_left(self):
		"""An own payment of 100, 60 of it on this line: another line covers 40, so it was cleared, and is not."""
		own = factories.make_payment_entry(100)
		other = factories.make_bank_transaction(deposit=40)
		reconcile_vouchers(other.name, [as_voucher(own, 40)])
		line, invoices = self.line_and_invoices([10], extra=60)
		_answer, job = self.start_and_run(line, [wish(invoices[0])], [as_voucher(own, 60)])
		self.assertTrue(frappe.db.get_value("Payment Entry", own.name, "clearance_date"))
		self.undone(job.name)
		self.assertIsNone(frappe.db.get_value("Payment Entry", own.name, "clearance_date"))
		self.assertEqual(len(links_of(other, "Payment Entry", own.name)), 1)

	def test_voucher_linked_again_by_hand_stays(self):
		"""The run had linked 40 of it, somebody has made that 25: his link stays, and its row says so."""
		own = factories.make_payment_entry(40)
		line, _invoices, job_id = self.completed([10], extra=40, vouchers=[as_voucher(own, 40)])
		unreconcile_bank_transaction(line.name, payment_document="Payment Entry", payment_entry=own.name)
		reconcile_vouchers(line.name, [as_voucher(own, 25)])
		self.assertEqual(get_progress(job_id)["to_undo"], {"unlink": 1, "cancel": 1})
		job = self.undone(job_id)
		self.assertEqual((job.unlinked_vouchers, job.cancelled_payments), (1, 1))
		(link,) = links_of(line, "Payment Entry", own.name)
		self.assertEqual(link.allocated_amount, 25)
		(voucher,) = frappe.get_doc(JOB, job_id).vouchers
		self.assertIn("was not linked any more", voucher.error)

	def test_p61_payment_linked_to_another_line(self):
		"""Its row says where; the others are undone, and Resume does the rest once it is free."""
		line, invoices, job_id = self.completed()
		taken = next(iter(submitted_payments(invoices[1])))
		unreconcile_bank_transaction(line.name, payment_document="Payment Entry", payment_entry=taken)
		other = factories.make_bank_transaction(deposit=20)
		reconcile_vouchers(other.name, [{"payment_doctype": "Payment Entry", "payment_name": taken}])
		job = self.undone(job_id, "Failed")
		self.assertIn("1 Payment Entries could not be cancelled", job.message)
		self.assertEqual((job.unlinked_vouchers, job.cancelled_payments), (2, 2))
		self.assert_rows(job_id, Rolled_Back=2, Paid=1)
		self.assert_unpaid([invoices[0], invoices[2]])
		self.assert_state(line, 60)
		state = get_progress(job_id)
		self.assertIn(other.name, state["failures"][0]["message"])
		self.assertEqual((state["can"]["resume"], state["can"]["retry"], state["can"]["undo"]), (1, 0, 0))
		with self.assertRaises(JobStateError):
			retry_bulk_reconciliation(job_id)
		unreconcile_bank_transaction(other.name)
		self.assertEqual(resume_bulk_reconciliation(job_id)["status"], "Undoing")
		job = run_committed(job_id)
		self.assertEqual((job.status, job.unlinked_vouchers, job.cancelled_payments), ("Undone", 2, 3))
		self.assert_unpaid(invoices)

	def test_payment_linked_again_by_hand_is_not_cancelled(self):
		"""Taken off and linked to the same line again by a colleague: that link is his, so the payment stays."""
		line, invoices, job_id = self.completed([10, 20])
		payment = next(iter(submitted_payments(invoices[0])))
		unreconcile_bank_transaction(line.name, payment_document="Payment Entry", payment_entry=payment)
		reconcile_vouchers(line.name, [{"payment_doctype": "Payment Entry", "payment_name": payment}])
		job = self.undone(job_id, "Failed")
		self.assertEqual((job.unlinked_vouchers, job.cancelled_payments), (1, 1))
		self.assertEqual(list(submitted_payments(invoices[0])), [payment])
		self.assertEqual(len(links_of(line, "Payment Entry", payment)), 1)

	def test_payment_cancelled_by_hand(self):
		"""ERPNext has taken it off the line already: it is not counted, and the undo ends well."""
		line, invoices, job_id = self.completed()
		frappe.get_doc("Payment Entry", next(iter(submitted_payments(invoices[0])))).cancel()
		self.assertEqual(get_progress(job_id)["to_undo"], {"unlink": 2, "cancel": 2})
		job = self.undone(job_id)
		self.assertEqual((job.unlinked_vouchers, job.cancelled_payments), (2, 2))
		self.assert_unpaid(invoices)
		self.assert_state(line, 60)

	def test_bank_transaction_cancelled(self):
		"""ERPNext has given up the links then: the payments are cancelled all the same."""
		line, invoices, job_id = self.completed()
		line.reload().cancel()
		job = self.undone(job_id)
		self.assertEqual((job.unlinked_vouchers, job.cancelled_payments), (0, 3))
		self.assert_unpaid(invoices)

	def test_books_that_are_closed(self):
		"""Frozen meanwhile: the links go, no payment can be cancelled, each row says why; then Resume."""
		line, invoices, job_id = self.completed([10, 20])
		with closed_books():
			frappe.set_user(factories.make_user("abr-clerk@example.com", ["Accounts User"]))
			undo_bulk_reconciliation(job_id)
			job = run_committed(job_id)
			frappe.set_user("Administrator")
		self.assertEqual((job.status, job.unlinked_vouchers, job.cancelled_payments), ("Failed", 2, 0))
		failures = get_progress(job_id)["failures"]
		self.assertEqual(len(failures), 2)
		self.assertIn("could not be cancelled", failures[0]["message"])
		self.assert_state(line, 30)
		resume_bulk_reconciliation(job_id)
		self.assertEqual(run_committed(job_id).status, "Undone")
		self.assert_unpaid(invoices)


class TestRefused(UndoTestCase):
	def test_p59_twice(self):
		"""The second undo is refused while the first is at work, and when it has ended; nothing is done twice."""
		line, invoices, job_id = self.completed()
		undo_bulk_reconciliation(job_id)
		with self.assertRaises(JobStateError):
			undo_bulk_reconciliation(job_id)
		self.assertEqual(run_committed(job_id).status, "Undone")
		with self.assert_refused(JobStateError, job_id, "nothing to undo"):
			undo_bulk_reconciliation(job_id)
		self.assertEqual(run_committed(job_id).cancelled_payments, 3)
		self.assert_unpaid(invoices)
		self.assert_state(line, 60)

	def test_other_states(self):
		"""A job that is at work, or has been rolled back, has nothing to undo; undoing cannot be paused."""
		line, invoices = self.line_and_invoices([10, 20])
		job_id = self.start(line, [wish(invoice) for invoice in invoices])["job_id"]
		with self.assert_refused(JobStateError, "Queued"):
			undo_bulk_reconciliation(job_id)
		self.assertFalse(get_progress(job_id)["can"]["undo"])
		run_committed(job_id)
		undo_bulk_reconciliation(job_id)
		state = get_progress(job_id)
		self.assertEqual((state["status"], state["active"]), ("Undoing", True))
		self.assertEqual((state["current"], state["total"]), (0, 2))
		self.assertEqual(
			{action for action, possible in state["can"].items() if possible}, {"resume"}, "nothing else"
		)
		with self.assertRaises(JobStateError):
			pause_bulk_reconciliation(job_id)

	def test_p51_the_bank_transaction_is_held(self):
		"""While it is undone no job can start on it, also not the same one; and no undo while one is active."""
		line, invoices, job_id = self.completed([10, 20], extra=30)
		rows = [wish(invoice) for invoice in invoices]
		more = factories.make_sales_invoice(30)
		undo_bulk_reconciliation(job_id)
		for selection in (rows, [wish(more)]):
			with self.assert_refused(JobAlreadyActive, job_id, "Undoing"):
				self.start(line, selection)
		self.assertEqual(run_committed(job_id).status, "Undone")

	def test_p51_not_while_another_job_is_active(self):
		"""Another selection is being settled on the same line: undo waits for its end."""
		line, _invoices, job_id = self.completed([10, 20], extra=30)
		other = self.start(line, [wish(factories.make_sales_invoice(30))])["job_id"]
		with self.assert_refused(JobAlreadyActive, other):
			undo_bulk_reconciliation(job_id)
		run_committed(other)
		self.undone(job_id)
		self.assert_state(line, 30)

	def test_p78_without_the_right_to_cancel(self):
		"""Who may not cancel Payment Entries undoes nothing."""
		_line, _invoices, job_id = self.completed([10])
		user = factories.make_user("abr-auditor@example.com", ["Auditor"])
		frappe.set_user(user)
		with self.assertRaises(frappe.PermissionError):
			undo_bulk_reconciliation(job_id)
		frappe.set_user("Administrator")
		self.assertEqual(get_progress(job_id)["status"], "Completed")
