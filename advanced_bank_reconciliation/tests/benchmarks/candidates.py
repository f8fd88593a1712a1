# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Measures the candidates of a deposit among 100,000 open invoices and 100,000 unreconciled payments.

On a bench, and there only (plans are MariaDB's):
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.candidates.fill
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.candidates.measure
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.candidates.remove

The rows are copies of one real invoice and one real payment, with another name, party, amount, date and
reference each. They have all fields of their own table, and no ledger entries, items or references: enough
to be offered and ranked, by us and by ERPNext, and nothing to be reconciled with. Use a site for tests.
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import frappe
from erpnext.accounts.doctype.bank_reconciliation_tool import bank_reconciliation_tool as erpnext_tool
from frappe.model.document import Document
from frappe.utils import cint, flt, getdate

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.rows import copy_rows

ROWS = 100_000
CUSTOMERS = 300
#: Bank Transactions of the past, each linked to a voucher: what "allocated already" is looked up in.
LINES = 20_000
PREFIX = "ABR-BENCH-"
TABLES = ("Sales Invoice", "Payment Entry", "Bank Transaction", "Bank Transaction Payments", "Customer")
DEFAULT_TYPES = ["payment_entry", "journal_entry", "unpaid_sales_invoice"]

#: DESIGN section 11.
MOST_MILLISECONDS = 300
MOST_BYTES = 100_000
SEARCH_MILLISECONDS = 500

#: Worse distributions: everything of half the rows is one customer's, and a price that many pay.
BIG_CUSTOMER = f"{PREFIX}CUST-0000"
COMMON_AMOUNT = 99.0
COMMON_ROWS = 5_000

REPEAT = 5
LARGE_TABLE = 1_000
CHUNK = 10_000


def fill(rows: int = ROWS) -> None:
	"""Add the customers, invoices and payments, and commit them."""
	random.seed(4)
	bank_account = factories.make_bank_account()
	customers = _fill_customers()
	invoice = factories.make_sales_invoice(100, "ABR Customer")
	payment = factories.make_payment_entry(100, bank_account=bank_account)
	_copy(invoice, rows, "SINV", lambda number: _invoice_values(number, customers))
	_copy(payment, rows, "PE", lambda number: _payment_values(number, customers))
	_fill_reconciled(bank_account, min(rows, LINES))
	payment.cancel()
	invoice.cancel()
	frappe.db.commit()
	for doctype in TABLES:
		frappe.db.sql_ddl(f"ANALYZE TABLE `tab{doctype}`")


def worsen() -> None:
	"""Give half of all rows to one customer and one amount to thousands, and commit."""
	for doctype, party, fields in (
		(
			"Sales Invoice",
			("customer", "customer_name"),
			("outstanding_amount", "grand_total", "rounded_total"),
		),
		(
			"Payment Entry",
			("party", "party_name"),
			("received_amount", "received_amount_after_tax", "paid_amount", "paid_amount_after_tax"),
		),
	):
		names = frappe.get_all(doctype, {"name": ("like", f"{PREFIX}%")}, pluck="name", order_by="name")
		for start in range(0, len(names) // 2, CHUNK):
			half = names[start : min(start + CHUNK, len(names) // 2)]
			frappe.db.set_value(
				doctype, {"name": ("in", half)}, dict.fromkeys(party, BIG_CUSTOMER), update_modified=False
			)
		shared = names[:: len(names) // COMMON_ROWS or 1]
		frappe.db.set_value(
			doctype, {"name": ("in", shared)}, dict.fromkeys(fields, COMMON_AMOUNT), update_modified=False
		)
	frappe.db.commit()
	for doctype in ("Sales Invoice", "Payment Entry"):
		frappe.db.sql_ddl(f"ANALYZE TABLE `tab{doctype}`")


def remove() -> None:
	"""Delete the rows again, and commit."""
	for doctype in TABLES:
		frappe.db.delete(doctype, {"name": ("like", f"{PREFIX}%")})
		frappe.db.commit()


def measure(plans: bool = False, only: str = "") -> list[dict[str, Any]]:
	"""Print a table of milliseconds and bytes; with `plans`, each query's time and EXPLAIN too.

	only: a part of the names of the cases. Raises AssertionError when a budget is not kept, or when a plan
	goes through a large table without an index.
	"""
	print("| case | rows | best ms | median ms | size | queries | rows read | plans |")
	print("|" + " --- |" * 8, flush=True)
	results = [_measure(*case, plans) for case in _cases() if only in case[0]]
	problems = [problem for result in results for problem in result["problems"]]
	_compare_with_erpnext()
	if problems:
		raise AssertionError("\n".join(problems))
	return results


def _cases() -> Iterator[tuple[str, dict[str, Any], dict[str, Any], int]]:
	"""Yield (label, values of the Bank Transaction, filters, budget in milliseconds)."""
	invoice = frappe.db.get_value(
		"Sales Invoice",
		{"name": f"{PREFIX}SINV-050000"},
		["name", "customer", "outstanding_amount", "posting_date"],
		as_dict=True,
	)
	named = {
		"deposit": invoice.outstanding_amount,
		"description": f"Payment of {invoice.name}, thank you",
		"reference_number": f"{PREFIX}REF-000777",
	}
	plain = {"deposit": 1234.56, "description": "Deposit", "reference_number": ""}
	big = {"deposit": COMMON_AMOUNT, "party_type": "Customer", "party": BIG_CUSTOMER, "reference_number": ""}
	yield "first page, number and reference named", named, {}, MOST_MILLISECONDS
	yield "first page, nothing named", plain, {}, MOST_MILLISECONDS
	yield "second page", named, {"start": 100}, MOST_MILLISECONDS
	yield "tenth page", named, {"start": 900}, MOST_MILLISECONDS
	yield "party with half of all, amount of thousands", big, {}, MOST_MILLISECONDS
	yield "the same, second page", big, {"start": 100}, MOST_MILLISECONDS
	yield (
		"name of that party in the text",
		{**big, "party": "", "party_type": "", "description": f"from {BIG_CUSTOMER}"},
		{},
		MOST_MILLISECONDS,
	)
	yield "exact amount of thousands", big, {"exact_amount": True}, MOST_MILLISECONDS
	yield (
		"filter: a small party",
		plain,
		{"party_type": "Customer", "party": f"{PREFIX}CUST-0123"},
		MOST_MILLISECONDS,
	)
	yield (
		"filter: the large party",
		plain,
		{"party_type": "Customer", "party": BIG_CUSTOMER},
		MOST_MILLISECONDS,
	)
	yield (
		"filter: customer group",
		plain,
		{"customer_group": frappe.db.get_value("Customer", BIG_CUSTOMER, "customer_group")},
		MOST_MILLISECONDS,
	)
	yield "filter: a month", plain, {"from_date": "2026-03-01", "to_date": "2026-03-31"}, MOST_MILLISECONDS
	yield (
		"filter: a month a year ago",
		plain,
		{"from_date": "2025-03-01", "to_date": "2025-03-31"},
		MOST_MILLISECONDS,
	)
	yield "search: a number", plain, {"search": invoice.name[-6:]}, SEARCH_MILLISECONDS
	yield "search: part of a name", plain, {"search": "CUST-0123"}, SEARCH_MILLISECONDS
	yield "search: an amount", plain, {"search": str(flt(invoice.outstanding_amount, 2))}, SEARCH_MILLISECONDS
	yield "search: nothing is found", plain, {"search": "no such text"}, SEARCH_MILLISECONDS
	yield (
		"withdrawal",
		{"withdrawal": 500, "reference_number": ""},
		{"document_types": [*DEFAULT_TYPES, "unpaid_purchase_invoice"]},
		MOST_MILLISECONDS,
	)


def _measure(
	label: str, values: dict[str, Any], filters: dict[str, Any], budget: int, plans: bool
) -> dict[str, Any]:
	line = factories.make_bank_transaction(**values)
	request = {"document_types": DEFAULT_TYPES, **filters}
	ask = lambda: tool.get_candidates(line.name, **request)  # noqa: E731
	answer, milliseconds, best = _timed(ask)
	size = len(json.dumps(answer, default=str))
	with _queries() as queries:
		ask()
	rows_read = _rows_read(ask)
	scans = _scans(queries, plans)
	frappe.db.rollback()
	problems = []
	if best > budget:
		problems.append(f"{label}: {best:.0f} ms")
	if size > MOST_BYTES:
		problems.append(f"{label}: {size} bytes")
	problems += [f"{label}: reads a large table whole: {scan}" for scan in scans]
	print(
		f"| {label} | {len(answer['rows'])} | {best:.0f} | {milliseconds:.0f} | {size / 1000:.0f} KB"
		f" | {len(queries)} | {rows_read}"
		f" | {'plans use indexes' if not scans else 'SCANS: ' + '; '.join(scans)} |",
		flush=True,
	)
	return {"label": label, "milliseconds": milliseconds, "size": size, "problems": problems}


def _timed(ask: Callable[[], Any]) -> tuple[Any, float, float]:
	"""Return the answer, and the median and the least milliseconds after one call that warms caches.

	The least is what the work takes; the median has what else the machine did.
	"""
	answer = ask()
	times = []
	for _ in range(REPEAT):
		before = time.perf_counter()
		ask()
		times.append(1000 * (time.perf_counter() - before))
	return answer, sorted(times)[REPEAT // 2], min(times)


def _rows_read(ask: Callable[[], Any]) -> int:
	"""Return how many rows and index entries the database goes through, which does not depend on the machine."""

	def counted() -> int:
		status = frappe.db.sql("SHOW SESSION STATUS LIKE 'Handler_read%'")
		return sum(int(value) for _name, value in status)

	before = counted()
	ask()
	return counted() - before


def _compare_with_erpnext() -> None:
	"""ERPNext's own tool offers no unpaid invoices: both are asked for payments and journal entries."""
	line = factories.make_bank_transaction(deposit=1234.56)
	types = ["payment_entry", "journal_entry"]
	dates = {"from_date": "2020-01-01", "to_date": "2030-12-31"}
	ours, _median, our_time = _timed(lambda: tool.get_candidates(line.name, types, **dates))
	theirs, _median, their_time = _timed(
		lambda: erpnext_tool.get_linked_payments(line.name, types, **dates, filter_by_reference_date=0)
	)
	frappe.db.rollback()
	our_size, their_size = (len(json.dumps(answer, default=str)) for answer in (ours, theirs))
	print(
		f"ERPNext's get_linked_payments: {len(theirs)} rows, {their_time:.0f} ms, {their_size / 1e6:.1f} MB;"
		f" first page here: {our_time:.0f} ms, {our_size / 1000:.0f} KB:"
		f" {their_time / our_time:.0f} times the speed, {their_size / our_size:.0f} times the size"
	)


@contextmanager
def _queries() -> Iterator[list[tuple[str, Any, float]]]:
	"""Collect what is asked of the database while the block runs, as (SQL, values, milliseconds)."""
	asked: list[tuple[str, Any, float]] = []
	run = frappe.db.sql

	def sql(query, values=(), *args, **kwargs):
		before = time.perf_counter()
		answer = run(query, values, *args, **kwargs)
		asked.append((str(query), values, 1000 * (time.perf_counter() - before)))
		return answer

	with patch.object(frappe.db, "sql", sql):
		yield asked


def _scans(queries: list[tuple[str, Any, float]], plans: bool) -> list[str]:
	"""Return (table, rows) of each plan's step that goes through a large table without an index."""
	found = []
	for query, values, milliseconds in queries:
		if not query.lstrip("( \n").upper().startswith("SELECT"):
			continue
		if plans:
			print(f"    {milliseconds:.1f} ms  {' '.join(query.split())[:1500]}")
		for step in frappe.db.sql(f"EXPLAIN {query}", values, as_dict=True):
			if plans:
				print("      ", step.table, step.type, step.key, step.rows, step.Extra)
			if step.type == "ALL" and cint(step.rows) > LARGE_TABLE and not str(step.table).startswith("<"):
				found.append(f"{step.table}, {step.rows} rows")
	return sorted(set(found))


def _fill_customers() -> list[str]:
	template = frappe.get_doc("Customer", factories.make_party("Customer", "ABR Customer"))
	names = [f"{PREFIX}CUST-{number:04}" for number in range(CUSTOMERS)]
	new = [name for name in names if not frappe.db.exists("Customer", name)]
	copy_rows(template, [{"name": name, "customer_name": name} for name in new])
	return names


def _fill_reconciled(bank_account: str, count: int) -> None:
	line = factories.make_bank_transaction(deposit=100, bank_account=bank_account)
	reconciled = {"status": "Reconciled", "allocated_amount": 100, "unallocated_amount": 0}
	numbers = range(count)
	copy_rows(
		line,
		[
			{"name": f"{PREFIX}BT-{number:06}", "date": _any_day(), "transaction_id": None, **reconciled}
			for number in numbers
		],
	)
	links = [
		[f"{PREFIX}L-{number:06}", f"{PREFIX}BT-{number:06}", f"{PREFIX}OLD-{number:06}", 100]
		for number in numbers
	]
	common = ["Bank Transaction", "payment_entries", "Payment Entry"]
	fields = [
		"name",
		"parent",
		"payment_entry",
		"allocated_amount",
		"parenttype",
		"parentfield",
		"payment_document",
	]
	frappe.db.bulk_insert("Bank Transaction Payments", fields, [[*link, *common] for link in links])
	line.cancel()


def _copy(template: Document, count: int, kind: str, values: Callable[[int], dict[str, Any]]) -> None:
	for start in range(0, count, CHUNK):
		numbers = range(start, min(start + CHUNK, count))
		copy_rows(template, [{"name": f"{PREFIX}{kind}-{number:06}", **values(number)} for number in numbers])
		frappe.db.commit()


def _any_day() -> date:
	"""Return one of the two years around the statement's date."""
	return getdate(factories.STATEMENT_DATE) + timedelta(days=random.randint(-600, 130))


def _any_amount() -> float:
	return random.randint(1_000, 500_000) / 100


def _invoice_values(number: int, customers: list[str]) -> dict[str, Any]:
	customer, amount, day = random.choice(customers), _any_amount(), _any_day()
	return {
		"customer": customer,
		"customer_name": customer,
		"posting_date": day,
		"due_date": day + timedelta(days=14),
		"po_no": f"{PREFIX}PO-{number:06}",
		**dict.fromkeys(
			("outstanding_amount", "grand_total", "base_grand_total", "rounded_total", "base_rounded_total"),
			amount,
		),
	}


def _payment_values(number: int, customers: list[str]) -> dict[str, Any]:
	customer, amount, day = random.choice(customers), _any_amount(), _any_day()
	return {
		"party": customer,
		"party_name": customer,
		"posting_date": day,
		"reference_date": day,
		"reference_no": f"{PREFIX}REF-{number:06}",
		**dict.fromkeys(
			(
				"paid_amount",
				"received_amount",
				"base_paid_amount",
				"base_received_amount",
				"paid_amount_after_tax",
				"received_amount_after_tax",
				"base_paid_amount_after_tax",
				"base_received_amount_after_tax",
				"unallocated_amount",
			),
			amount,
		),
	}
