# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Measures bulk deposits of several sizes, each by a real worker process, and checks the books to the cent.

On a bench:    bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.scale.measure
On minibench:  python3 minibench execute advanced_bank_reconciliation.tests.benchmarks.scale.measure
With arguments: --kwargs '{"sizes": [49, 150]}'. Use a site for tests: the documents stay.
"""

import time
from collections.abc import Sequence
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.query_builder.functions import Count, Sum
from frappe.utils import flt, getdate

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.bulk.job import JOB
from advanced_bank_reconciliation.bulk.progress import COMPLETE_EVENT, PROGRESS_EVENT
from advanced_bank_reconciliation.tests import factories, processes
from advanced_bank_reconciliation.tests.utils import SETTINGS, Events, single_values

SIZES = (49, 50, 150, 500, 1000)
CUSTOMERS = 10
BATCH_SIZE = 20
MOST_SECONDS = 3600
MOST_SECONDS_TO_START = 2.0

COLUMNS = ("invoices", "batches", "progress", "start s", "job s", "per invoice ms", "status", "books")


def measure(sizes: Sequence[int] = SIZES) -> list[dict[str, Any]]:
	"""Run one bulk deposit per size, print the table, and return its rows.

	Raises AssertionError when the books of one are not right, when a start took longer than two seconds, or
	when a batch went by without its progress event. Times are seconds of wall clock; `job s` is from the
	start of the worker process to its end, so it includes what a worker needs to come up.
	"""
	private_redis = processes.PrivateRedis()
	undo = private_redis.use()
	try:
		settings = {"reconcile_unpaid_invoices_in_background": 1, "batch_size": BATCH_SIZE}
		with single_values(SETTINGS, commit=True, **settings):
			factories.make_bank_account()
			rows = _measure_all(sizes)
	finally:
		undo()
		private_redis.kill()
	problems = [problem for row in rows for problem in row["problems"]]
	if problems:
		raise AssertionError("\n".join(problems))
	return rows


def _measure_all(sizes: Sequence[int]) -> list[dict[str, Any]]:
	"""Print the table row by row: the large ones take their time."""
	print("| " + " | ".join(COLUMNS) + " |")
	print("|" + " --- |" * len(COLUMNS), flush=True)
	rows = []
	for size in sizes:
		row = _measure_one(size)
		rows.append(row)
		print("| " + " | ".join(str(row[column]) for column in COLUMNS) + " |", flush=True)
	return rows


def _measure_one(size: int) -> dict[str, Any]:
	line, invoices = _make_deposit(size)
	selection = [factories.wish(invoice) for invoice in invoices]
	with Events() as events:
		before = time.monotonic()
		answer = tool.create_payment_entries_bulk(line.name, selection)
		frappe.db.commit()
		started = time.monotonic() - before
		before = time.monotonic()
		with processes.worker() as worker:
			worker.wait(MOST_SECONDS)
		worked = time.monotonic() - before
		events.job_id = answer["job_id"]
		progress = [message["current"] for message in events.messages(PROGRESS_EVENT)]
		complete = events.messages(COMPLETE_EVENT)
	frappe.db.rollback()
	job = frappe.get_doc(JOB, answer["job_id"])
	expected = [*range(job.batch_size, size, job.batch_size), size]
	problems = _check_books(job, line, invoices)
	if started > MOST_SECONDS_TO_START:
		problems.append(f"the starting call took {started:.2f} s")
	if progress != expected or len(complete) != 1 or not complete[0]["success"]:
		problems.append(f"events: progress {progress}, completion {complete}")
	return {
		"invoices": size,
		"batches": len(expected),
		"progress": len(progress),
		"start s": f"{started:.2f}",
		"job s": f"{worked:.1f}",
		"per invoice ms": f"{1000 * worked / size:.0f}",
		"status": job.status,
		"books": "right" if not problems else "WRONG",
		"problems": [f"{size} invoices: {problem}" for problem in problems],
	}


def _make_deposit(size: int) -> tuple[Document, list[Document]]:
	"""Return a Bank Transaction and `size` unpaid invoices of ten customers that add up to it, committed."""
	amounts = [flt(10 + number / 100, 2) for number in range(size)]
	invoices = factories.make_sales_invoices(amounts, customers=CUSTOMERS)
	line = factories.make_bank_transaction(deposit=flt(sum(amounts), 2))
	frappe.db.commit()
	return line, invoices


def _check_books(job: Document, line: Document, invoices: Sequence[Document]) -> list[str]:
	"""Return in words what is wrong; each question is put to the ledger, for all invoices at once."""
	wanted = {invoice.name: flt(invoice.grand_total, 2) for invoice in invoices}
	payments = {row.invoice: row.payment_entry for row in job.invoices}
	names = list(payments.values())
	line.reload()
	links = {row.payment_entry: flt(row.allocated_amount, 2) for row in line.payment_entries}
	outstanding = frappe.get_all(
		"Sales Invoice", {"name": ("in", list(wanted)), "outstanding_amount": ("!=", 0)}, pluck="name"
	)
	cleared = frappe.get_all(
		"Payment Entry",
		{
			"name": ("in", names),
			"docstatus": 1,
			"clearance_date": getdate(line.date),
			"unallocated_amount": 0,
		},
		pluck="name",
	)
	checks = {
		f"the job is {job.status}": job.status == "Completed",
		"counts of the job": (job.processed, job.failed) == (len(wanted), 0),
		"Bank Transaction is not reconciled": line.status == "Reconciled"
		and not flt(line.unallocated_amount, 2),
		f"{len(outstanding)} invoices are still outstanding": not outstanding,
		"not exactly one Payment Entry per invoice": _references(wanted)
		== {(invoice, payments.get(invoice), amount) for invoice, amount in wanted.items()},
		"Payment Entries that are not submitted, not cleared or not used up": set(cleared) == set(names),
		"links of the Bank Transaction": links == {payments[name]: amount for name, amount in wanted.items()},
		"ledger rows": _bank_movements(names, line)
		== {payments[name]: amount for name, amount in wanted.items()},
	}
	return [problem for problem, is_right in checks.items() if not is_right]


def _references(invoices: Sequence[str]) -> set[tuple[str, str, float]]:
	"""Return (invoice, Payment Entry, amount) of all that pays them; a second payment makes the set larger."""
	rows = frappe.get_all(
		"Payment Entry Reference",
		{"reference_doctype": "Sales Invoice", "reference_name": ("in", list(invoices)), "docstatus": 1},
		["reference_name", "parent", "allocated_amount"],
	)
	return {(row.reference_name, row.parent, flt(row.allocated_amount, 2)) for row in rows}


def _bank_movements(payment_entries: Sequence[str], line: Document) -> dict[str, float]:
	"""Return what each balanced Payment Entry with two ledger rows moves on the line's bank account."""
	gl_entry = frappe.qb.DocType("GL Entry")
	bank = frappe.db.get_value("Bank Account", line.bank_account, "account")
	rows = (
		frappe.qb.from_(gl_entry)
		.select(
			gl_entry.voucher_no,
			(gl_entry.account == bank).as_("is_bank"),
			Count(gl_entry.name).as_("count"),
			Sum(gl_entry.debit - gl_entry.credit).as_("moved"),
		)
		.where(gl_entry.voucher_type == "Payment Entry")
		.where(gl_entry.voucher_no.isin(payment_entries))
		.where(gl_entry.is_cancelled == 0)
		.groupby(gl_entry.voucher_no, gl_entry.account)
		.run(as_dict=True)
	)
	sums: dict[str, float] = {}
	movements: dict[str, float] = {}
	for row in rows:
		sums[row.voucher_no] = flt(sums.get(row.voucher_no, 0) + row.moved, 2)
		if row.is_bank and row["count"] == 1:
			movements[row.voucher_no] = flt(row.moved, 2)
	return {name: amount for name, amount in movements.items() if sums[name] == 0}
