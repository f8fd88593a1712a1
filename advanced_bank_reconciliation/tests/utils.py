# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the tests share: a base class, and questions put to the ledger rather than to the code under test."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import frappe
import redis
from frappe.model.document import Document
from frappe.query_builder.functions import Count, Sum
from frappe.tests.utils import FrappeTestCase
from frappe.utils import flt, getdate

from advanced_bank_reconciliation.bulk import statuses, worker
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, JOB
from advanced_bank_reconciliation.tests import factories

SETTINGS = "Advance Bank Reconciliation Settings"
TOOL_MODULE = (
	"advanced_bank_reconciliation.advanced_bank_reconciliation.doctype"
	".advance_bank_reconciliation_tool.advance_bank_reconciliation_tool"
)

#: Jobs that a test enqueues go to queues of this name, which no worker of the host listens to.
TEST_BENCH_ID = "abr-tests"

#: How the events of the app's background jobs begin.
EVENT_PREFIXES = ("bulk_reconciliation", "auto_reconciliation", "statement_import")

#: The settings that every test starts from, whatever the site has.
DEFAULTS = {
	"reconcile_unpaid_invoices_in_background": 1,
	"batch_size": 20,
	"batch_size_mode": "Fixed",
	"seconds_per_batch": 2,
	"worker_memory_limit": 1024,
	"job_timeout": 3600,
	"most_workers_per_job": 4,
	"on_invoice_failure": "Skip and report",
	"payment_entries_per": "Invoice",
	"most_invoices_per_payment_entry": 50,
	"validate_selection_against_unallocated_amount": 0,
	"sort_unpaid_invoices_by_posting_date": 0,
	"allocation_order": "Oldest First",
	"largest_difference": 1.0,
	"email_on_completion": 0,
	"auto_minimum_score": 45,
	"auto_margin": 10,
	"auto_amount_ceiling": 0,
	"statement_background_limit": 200,
}


class ABRTestCase(FrappeTestCase):
	"""Two companies with a bank account each, committed once; every test is rolled back at its end.

	A test that commits works on documents of its own and never relies on an empty site.
	"""

	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		frappe.set_user("Administrator")
		cls.company = factories.make_company()
		cls.other_company = factories.make_company(factories.OTHER_COMPANY)
		cls.bank_account = factories.make_bank_account()
		cls.gl_account = frappe.db.get_value("Bank Account", cls.bank_account, "account")
		factories.make_item()
		cls.make_masters()
		before = {fieldname: frappe.db.get_single_value(SETTINGS, fieldname) for fieldname in DEFAULTS}
		_write_single(SETTINGS, DEFAULTS, commit=True)
		cls.addClassCleanup(restore_single, SETTINGS, before)

	@classmethod
	def make_masters(cls) -> None:
		"""Make accounts and other masters that the tests of a class need, before all is committed.

		Accounts are a tree: two test runs that both make some inside their long transactions deadlock.
		"""

	def setUp(self) -> None:
		super().setUp()
		frappe.set_user("Administrator")
		self.addCleanup(self._leave_nothing_behind)

	def _leave_nothing_behind(self) -> None:
		frappe.set_user("Administrator")
		frappe.db.rollback()
		frappe.clear_messages()
		clear_settings_cache()

	@contextmanager
	def settings(self, commit: bool = False, **values: Any) -> Iterator[None]:
		"""Run the block with other Advance Bank Reconciliation Settings; `commit` for other processes too.

		They are as before when the test ends, even if it commits within the block and fails.
		"""
		before = {fieldname: frappe.db.get_single_value(SETTINGS, fieldname) for fieldname in values}
		self.addCleanup(restore_single, SETTINGS, before)
		with single_values(SETTINGS, commit, **values):
			yield

	# Ledger -------------------------------------------------------------------------------------------

	def assert_balanced(self, vouchers: Iterable[tuple[str, str]]) -> None:
		"""Every voucher has ledger rows, and its debits equal its credits."""
		for doctype, name in vouchers:
			rows = ledger_rows(doctype, name)
			self.assertGreaterEqual(len(rows), 2, f"{doctype} {name} has no ledger rows")
			difference = flt(sum(row.debit - row.credit for row in rows), 2)
			self.assertEqual(difference, 0, f"{doctype} {name} is out of balance by {difference}")

	def assert_paid_once(
		self, invoice: Document, bank_transaction: Document, amount: float | None = None
	) -> str:
		"""The invoice is settled by exactly one submitted Payment Entry, for `amount` (default: all of it).

		The Payment Entry balances, stands on the Bank Transaction, moved its bank account and is cleared.
		Returns its name.
		"""
		amount = invoice.outstanding_amount if amount is None else amount
		label = f"{invoice.doctype} {invoice.name}"
		payments = submitted_payments(invoice)
		self.assertEqual(len(payments), 1, f"{label} has the Payment Entries {payments}")
		(payment, allocated) = next(iter(payments.items()))
		self.assertEqual(flt(allocated, 2), flt(amount, 2), f"{label} got another amount")
		left = frappe.db.get_value(invoice.doctype, invoice.name, "outstanding_amount")
		self.assertEqual(flt(left, 2), flt(invoice.outstanding_amount - amount, 2), f"{label}: outstanding")
		self.assert_balanced([("Payment Entry", payment)])
		self.assert_linked(bank_transaction, "Payment Entry", payment)
		return payment

	def assert_linked(
		self, bank_transaction: Document, doctype: str, name: str, amount: float | None = None
	) -> None:
		"""The voucher is linked once, for all it moves on the bank account or `amount`, and then cleared."""
		rows = links_of(bank_transaction, doctype, name)
		self.assertEqual(len(rows), 1, f"{doctype} {name} is linked {len(rows)} times")
		moved = bank_movement(doctype, name, bank_transaction.bank_account)
		expected = abs(moved) if amount is None else amount
		self.assertEqual(flt(rows[0].allocated_amount, 2), flt(expected, 2), f"{doctype} {name}: allocated")
		self.assertEqual(moved > 0, flt(bank_transaction.deposit) > 0, f"{doctype} {name}: direction")
		if amount is None and doctype != "Sales Invoice":
			cleared = frappe.db.get_value(doctype, name, "clearance_date")
			self.assertEqual(cleared, getdate(bank_transaction.date), f"{doctype} {name}: clearance date")

	def assert_settled(
		self, bank_transaction: Document, invoices: Sequence[Document], unallocated_amount: float = 0
	) -> list[str]:
		"""The Bank Transaction paid every invoice in full, each by one Payment Entry, and has this left.

		`invoices` as they were before. Returns the names of the Payment Entries.
		"""
		payments = [self.assert_paid_once(invoice, bank_transaction) for invoice in invoices]
		self.assertEqual(len(set(payments)), len(invoices), "two invoices share a Payment Entry")
		for invoice in invoices:
			status = frappe.db.get_value(invoice.doctype, invoice.name, "status")
			self.assertIn(status, ("Paid", "Return", "Credit Note Issued", "Debit Note Issued"), invoice.name)
		self.assert_state(bank_transaction, unallocated_amount)
		return payments

	def assert_state(self, bank_transaction: Document, unallocated_amount: float) -> None:
		"""The Bank Transaction's amounts agree with its rows, and its status with its amounts."""
		now = frappe.get_doc("Bank Transaction", bank_transaction.name)
		amount = flt(now.deposit) or flt(now.withdrawal)
		linked = sum(flt(row.allocated_amount) for row in now.payment_entries)
		self.assertEqual(flt(now.unallocated_amount, 2), flt(unallocated_amount, 2), "unallocated amount")
		self.assertEqual(
			flt(now.allocated_amount, 2), flt(linked, 2), "allocated amount is not that of its rows"
		)
		self.assertEqual(flt(now.allocated_amount + now.unallocated_amount, 2), flt(amount, 2))
		self.assertEqual(now.status, "Unreconciled" if unallocated_amount else "Reconciled")

	@contextmanager
	def assert_books_unchanged(self) -> Iterator[None]:
		"""Nothing in the books of either company differs after the block."""
		companies = (self.company, self.other_company)
		before = {company: snapshot_of_books(company) for company in companies}
		yield
		for company in companies:
			self.assertEqual(snapshot_of_books(company), before[company], f"the books of {company} changed")

	@contextmanager
	def assert_refused(self, exception: type[Exception], *words: str) -> Iterator[None]:
		"""The block raises `exception` with all `words` in its message, and the books stay as they are."""
		with self.assert_books_unchanged():
			with self.assertRaises(exception) as caught:
				yield
			message = str(caught.exception)
			for word in words:
				self.assertIn(word, message)
			self.last_message = message

	def assert_rows(self, job_id: str, **counts: int) -> None:
		"""The job's rows are in these states, as `Paid=3`, with a space written as underscore."""
		expected = {status.replace("_", " "): count for status, count in counts.items()}
		rows = frappe.get_all(INVOICE_ROW, {"parent": job_id}, pluck="status")
		self.assertEqual({status: rows.count(status) for status in set(rows)}, expected)


# Ledger ---------------------------------------------------------------------------------------------


def ledger_rows(doctype: str, name: str) -> list[frappe._dict]:
	"""Return the voucher's GL Entries that are in force."""
	return frappe.get_all(
		"GL Entry",
		{"voucher_type": doctype, "voucher_no": name, "is_cancelled": 0},
		["account", "debit", "credit", "debit_in_account_currency", "credit_in_account_currency", "party"],
	)


def bank_movement(doctype: str, name: str, bank_account: str) -> float:
	"""Return what the voucher moves on the bank account, positive into it, in its currency."""
	gl_account = frappe.db.get_value("Bank Account", bank_account, "account")
	return flt(
		sum(
			row.debit_in_account_currency - row.credit_in_account_currency
			for row in ledger_rows(doctype, name)
			if row.account == gl_account
		),
		2,
	)


def submitted_payments(invoice: Document) -> dict[str, float]:
	"""Return the amount allocated to the invoice by each submitted Payment Entry."""
	payments: dict[str, float] = {}
	for row in frappe.get_all(
		"Payment Entry Reference",
		{"reference_doctype": invoice.doctype, "reference_name": invoice.name, "docstatus": 1},
		["parent", "allocated_amount"],
	):
		payments[row.parent] = payments.get(row.parent, 0) + row.allocated_amount
	return payments


def links_of(bank_transaction: Document, doctype: str, name: str) -> list[frappe._dict]:
	"""Return the rows of the Bank Transaction for the voucher."""
	return frappe.get_all(
		"Bank Transaction Payments",
		{"parent": bank_transaction.name, "payment_document": doctype, "payment_entry": name},
		["allocated_amount", "clearance_date", "abr_reconciliation_type"],
	)


def snapshot_of_books(company: str) -> dict[str, tuple]:
	"""Return counts and sums that change with any posting, payment, link or job of the company."""
	return {
		"GL Entry": _totals("GL Entry", company, "debit", "credit", is_cancelled=0),
		"Payment Ledger Entry": _totals("Payment Ledger Entry", company, "amount", delinked=0),
		"Payment Entry": _totals("Payment Entry", company, "paid_amount", "received_amount", docstatus=1),
		"Payment Entry, any": _totals("Payment Entry", company),
		"Journal Entry": _totals("Journal Entry", company, "total_debit", docstatus=1),
		"Sales Invoice": _totals("Sales Invoice", company, "outstanding_amount", docstatus=1),
		"Purchase Invoice": _totals("Purchase Invoice", company, "outstanding_amount", docstatus=1),
		"Bank Transaction": _totals("Bank Transaction", company, "allocated_amount", "unallocated_amount"),
		JOB: _totals(JOB, company),
		"cleared": (
			frappe.db.count("Payment Entry", {"company": company, "clearance_date": ("is", "set")}),
			frappe.db.count("Journal Entry", {"company": company, "clearance_date": ("is", "set")}),
		),
	}


def _totals(doctype: str, company: str, *fields: str, **filters: Any) -> tuple:
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(Count(table.name), *(Sum(table[field]) for field in fields))
	for fieldname, value in {"company": company, **filters}.items():
		query = query.where(table[fieldname] == value)
	count, *sums = query.run()[0]
	return (count, *(flt(amount, 2) for amount in sums))


# Jobs -----------------------------------------------------------------------------------------------


@contextmanager
def own_queues(bench_id: str = TEST_BENCH_ID) -> Iterator[None]:
	"""Send what is enqueued in the block to queues that only the test looks into."""
	before = frappe.local.conf.get("bench_id")
	frappe.local.conf["bench_id"] = bench_id
	try:
		yield
	finally:
		if before is None:
			frappe.local.conf.pop("bench_id", None)
		else:
			frappe.local.conf["bench_id"] = before


def run_committed(job_id: str) -> frappe._dict:
	"""Commit, work on the job in this process as a worker would, and return its record."""
	frappe.db.commit()
	worker.run(job_id)
	return read_committed(job_id)


def read_committed(job_id: str) -> frappe._dict:
	"""Return the job as everybody sees it now, in a transaction of its own."""
	frappe.db.rollback()
	return frappe.db.get_value(JOB, job_id, "*", as_dict=True)


def wait_until(condition: Callable[[], Any], seconds: float = 60, every: float = 0.1) -> Any:
	"""Return the first true answer of `condition`, asked in a new transaction each time.

	Raises TimeoutError when there is none within `seconds`.
	"""
	deadline = time.monotonic() + seconds
	while time.monotonic() < deadline:
		frappe.db.rollback()
		if answer := condition():
			return answer
		time.sleep(every)
	raise TimeoutError(f"not within {seconds} s")


def wait_for_end(job_id: str, seconds: float = 120) -> frappe._dict:
	"""Return the job's record once it has ended, whoever works on it."""
	return wait_until(
		lambda: (job := read_committed(job_id)) and job.status not in statuses.ACTIVE and job, seconds
	)


class Events:
	"""The events of background jobs that this site publishes while the block runs, as a client gets them.

	Read from the Redis channel that Frappe's socketio server reads.
	"""

	def __init__(self, job_id: str | None = None):
		self.job_id = job_id
		self._received: list[dict[str, Any]] = []

	def __enter__(self) -> "Events":
		self._pubsub = redis.from_url(frappe.conf.redis_queue).pubsub(ignore_subscribe_messages=True)
		self._pubsub.subscribe("events")
		self._pubsub.get_message(timeout=5)
		return self

	def __exit__(self, *_error: object) -> None:
		self.received()
		self._pubsub.close()

	def received(self, event: str | None = None) -> list[dict[str, Any]]:
		"""Return events so far as {event, message, room}, all or those of one name, for the job if given."""
		if self._pubsub.connection:
			while message := self._pubsub.get_message(timeout=0.2):
				self._received.append(json.loads(message["data"]))
		return [
			item
			for item in self._received
			if item["namespace"] == frappe.local.site
			and str(item["event"]).startswith(EVENT_PREFIXES)
			and event in (None, item["event"])
			and self.job_id in (None, item["message"]["job_id"])
		]

	def messages(self, event: str) -> list[dict[str, Any]]:
		"""Return the payloads of one event, each once although several users may get it."""
		payloads: list[dict[str, Any]] = []
		for item in self.received(event):
			if item["message"] not in payloads:
				payloads.append(item["message"])
		return payloads


# Settings -------------------------------------------------------------------------------------------


@contextmanager
def single_values(doctype: str, commit: bool = False, **values: Any) -> Iterator[None]:
	"""Run the block with other values in a Single; `commit` lets other processes see them."""
	before = {fieldname: frappe.db.get_single_value(doctype, fieldname) for fieldname in values}
	_write_single(doctype, values, commit)
	try:
		yield
	finally:
		_write_single(doctype, before, commit)


def _write_single(doctype: str, values: dict[str, Any], commit: bool) -> None:
	for fieldname, value in values.items():
		frappe.db.set_single_value(doctype, fieldname, value)
	frappe.clear_document_cache(doctype, doctype)
	if commit:
		frappe.db.commit()


def restore_single(doctype: str, values: dict[str, Any]) -> None:
	"""Put back, and commit, what a test left different; anything else that is not committed is dropped."""
	frappe.db.rollback()
	frappe.clear_document_cache(doctype, doctype)
	frappe.db.value_cache.pop(doctype, None)
	different = {
		fieldname: value
		for fieldname, value in values.items()
		if frappe.db.get_single_value(doctype, fieldname, cache=False) != value
	}
	if different:
		_write_single(doctype, different, commit=True)


def clear_settings_cache() -> None:
	"""Forget settings that were read from a transaction which is now rolled back."""
	for doctype in (SETTINGS, "Accounts Settings"):
		frappe.clear_document_cache(doctype, doctype)
