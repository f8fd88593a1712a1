# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Measures the engine against the loop that a script would write. placeholder"""

import cProfile
import io
import os
import pstats
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import frappe
from erpnext.accounts.doctype.bank_reconciliation_tool.bank_reconciliation_tool import reconcile_vouchers
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from frappe.utils import getdate

from advanced_bank_reconciliation.bulk import start, statuses
from advanced_bank_reconciliation.bulk.job import read_job
from advanced_bank_reconciliation.bulk.transactions import in_transaction
from advanced_bank_reconciliation.bulk.worker import STEPS
from advanced_bank_reconciliation.payload import Request
from advanced_bank_reconciliation.tests.benchmarks.books import Books, make_books, make_invoices

BATCH = 20
CHUNK = 100


class PlainLoop:
	"""What a script writes today."""

	label = "plain loop"

	def __init__(self, books: Books, count: int) -> None:
		self.books = books
		self.invoices = make_invoices(books, count)
		self.line = books.make_line(self.invoices)
		frappe.db.commit()
		self.account = frappe.db.get_value("Bank Account", books.bank_account, "account")
		self.payments: list[tuple[str, float]] = []

	def pay(self, count: int) -> None:
		"""Pay the next `count` invoices."""
		for number in range(count):
			name, amount = self.invoices[len(self.payments)]
			payment = get_payment_entry("Sales Invoice", name, bank_account=self.account)
			payment.posting_date = payment.reference_date = getdate(self.line.date)
			payment.reference_no = self.line.reference_number
			payment.insert()
			payment.submit()
			self.payments.append((payment.name, amount))
			if (number + 1) % BATCH == 0:
				frappe.db.commit()
		frappe.db.commit()

	def reconcile(self) -> None:
		"""Link all payments by ERPNext's own function."""
		vouchers = [
			{"payment_doctype": "Payment Entry", "payment_name": name, "amount": amount}
			for name, amount in self.payments
		]
		reconcile_vouchers(self.line.name, frappe.as_json(vouchers))
		frappe.db.commit()


class OneWorker:
	"""The engine's own steps, one after the other, in this process."""

	label = "one worker"

	def __init__(self, books: Books, count: int) -> None:
		self.books = books
		self.invoices = make_invoices(books, count)
		self.line = books.make_line(self.invoices)
		requests = [Request("Sales Invoice", name, None) for name, _amount in self.invoices]
		self.job_id = start.start_job(self.line.name, requests)[0].name
		frappe.db.commit()
		self._step()

	def _step(self) -> str:
		in_transaction(STEPS[read_job(self.job_id).status], self.job_id)
		return read_job(self.job_id).status

	def pay(self, count: int) -> None:
		"""Pay the next `count` invoices, in batches of the site's settings."""
		for _batch in range(count // BATCH):
			self._step()

	def reconcile(self) -> None:
		"""Let the job end."""
		while read_job(self.job_id).status in statuses.ACTIVE:
			self._step()


WAYS = {"plain": PlainLoop, "ours": OneWorker}


def profile(way: str = "ours", count: int = 60, sort: str = "tottime", lines: int = 60) -> None:
	"""Print where the time of paying goes."""
	run = WAYS[way](make_books("profile"), count + BATCH)
	run.pay(BATCH)
	profiler = cProfile.Profile()
	before = time.perf_counter()
	profiler.enable()
	run.pay(count)
	profiler.disable()
	print(f"{1000 * (time.perf_counter() - before) / count:.1f} ms per invoice, with the profiler")
	out = io.StringIO()
	pstats.Stats(profiler, stream=out).sort_stats(sort).print_stats(lines)
	print(out.getvalue())
