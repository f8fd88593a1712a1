# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Bulk reconciliations under random faults, one after the other, until all have ended: then the books are proved.

On a bench:    bench --site SITE execute advanced_bank_reconciliation.tests.soak.run
On minibench:  python3 minibench execute advanced_bank_reconciliation.tests.soak.run
With arguments: --kwargs '{"invoices": 2000, "faults": 50, "workers": 2, "seed": 7}'. Use a site for tests: the
documents stay. Redis and the workers are the soak's own.
"""

import json
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import frappe
import redis
from frappe.model.document import Document
from frappe.utils import flt

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, JOB
from advanced_bank_reconciliation.bulk.progress import COMPLETE_EVENT
from advanced_bank_reconciliation.bulk.recovery import recover_interrupted_jobs
from advanced_bank_reconciliation.tests import factories, processes
from advanced_bank_reconciliation.tests.benchmarks.books import copies
from advanced_bank_reconciliation.tests.soak_faults import Faults, children, send, signal
from advanced_bank_reconciliation.tests.soak_proof import Deposit, prove
from advanced_bank_reconciliation.tests.utils import SETTINGS, single_values

CLERK = "abr-clerk@example.com"

#: So many invoices are left when the last fault is due: some seconds of work, in which it finds what it strikes.
LEFT_AFTER_THE_LAST = 40


def run(
	invoices: int = 2000,
	faults: int = 50,
	jobs: int = 4,
	workers: int = 2,
	seed: int | None = None,
	batch_size: int = 10,
	silence: float = 10,
	most_seconds: int = 3600,
) -> dict[str, Any]:
	"""Run the soak, print what struck and what came of it, and return that.

	invoices are spread over `jobs` deposits; silence: seconds without a sign of life after which the scheduler's
	function takes a job for interrupted. Raises AssertionError when the books are not exact, and TimeoutError
	when the jobs do not end within `most_seconds`.
	"""
	seed = int(time.time()) if seed is None else seed
	print(
		f"soak: {invoices} invoices in {jobs} jobs, {faults} faults, {workers} workers, seed {seed}",
		flush=True,
	)
	private_redis = processes.PrivateRedis()
	undo = private_redis.use()
	try:
		settings = {
			"reconcile_unpaid_invoices_in_background": 1,
			"batch_size": batch_size,
			"on_invoice_failure": "Skip and report",
			"job_timeout": 3600,
			"email_on_completion": 0,
		}
		with single_values(SETTINGS, commit=True, **settings):
			soak = Soak(Random(seed), private_redis, workers, silence)
			soak.start(invoices, jobs)
			soak.survive(faults, time.monotonic() + most_seconds)
			return soak.report(seed)
	finally:
		undo()
		private_redis.kill()


@dataclass
class Soak:
	random: Random
	redis: processes.PrivateRedis
	worker_count: int
	silence: float
	deposits: list[Deposit] = field(default_factory=list)
	struck: list[tuple[int, float, str, str]] = field(default_factory=list)
	horses: set[int] = field(default_factory=set)
	worker_starts: int = 0
	recovered: int = 0

	def start(self, invoices: int, jobs: int) -> None:
		"""Make the deposits and their invoices, and start a job for each, as a clerk does."""
		factories.make_company()
		self.bank_account = factories.make_bank_account()
		factories.make_user(CLERK, ["Accounts User"])
		frappe.db.commit()
		for number in range(jobs):
			count = invoices // jobs + (number < invoices % jobs)
			documents = make_invoices(count)
			line = factories.make_bank_transaction(
				deposit=flt(sum(i.outstanding_amount for i in documents), 2)
			)
			frappe.db.commit()
			frappe.set_user(CLERK)
			job = tool.create_payment_entries_bulk(line.name, [factories.wish(i) for i in documents])[
				"job_id"
			]
			frappe.db.commit()
			frappe.set_user("Administrator")
			self.deposits.append(Deposit(job, line.name, {i.name: i.outstanding_amount for i in documents}))
		gl_account = frappe.db.get_value("Bank Account", self.bank_account, "account")
		jobs_started = [deposit.job for deposit in self.deposits]
		self.faults = Faults(self.random, self.redis, jobs_started, CLERK, gl_account)
		self.heard = Completions(self.redis.url)
		self.heard.start()

	def plan(self, count: int) -> list[tuple[int, str]]:
		"""Return after how many served invoices which fault strikes; each kind comes before one comes twice."""
		total = sum(len(deposit.invoices) for deposit in self.deposits)
		kinds: list[str] = []
		while len(kinds) < count:
			names = self.faults.names()
			self.random.shuffle(names)
			kinds += names
		moments = sorted(self.random.randrange(total - LEFT_AFTER_THE_LAST) for _number in range(count))
		return list(zip(moments, kinds, strict=False))

	def survive(self, count: int, deadline: float) -> None:
		"""Keep workers and recovery going and let the faults strike, until every job has ended."""
		self.began, planned, next_recovery = time.monotonic(), self.plan(count), 0.0
		try:
			while self.active_jobs() or planned:
				if time.monotonic() > deadline:
					raise TimeoutError(f"not ended: {self.active_jobs()}, faults left: {planned}")
				if not self.active_jobs():
					break
				self.keep_workers()
				self.faults.end_what_is_due()
				if planned and self.served() >= planned[0][0] and (what := self.faults.strike(planned[0][1])):
					self.note(planned.pop(0)[1], what)
				if time.monotonic() > next_recovery:
					self.recover()
					next_recovery = time.monotonic() + self.silence / 2
				time.sleep(0.1)
		finally:
			self.seconds = time.monotonic() - self.began
			self.clean_up()
		self.not_struck = [name for _moment, name in planned]

	def note(self, name: str, what: str) -> None:
		seconds = time.monotonic() - self.began
		self.struck.append((self.served(), seconds, name, what))
		print(f"{len(self.struck):4} {seconds:7.1f} s {self.served():6} served  {name:16} {what}", flush=True)

	def active_jobs(self) -> list[str]:
		frappe.db.rollback()
		names = [deposit.job for deposit in self.deposits]
		return frappe.get_all(JOB, {"name": ("in", names), "status": ("in", statuses.ACTIVE)}, pluck="name")

	def served(self) -> int:
		frappe.db.rollback()
		names = [deposit.job for deposit in self.deposits]
		return frappe.db.count(INVOICE_ROW, {"parent": ("in", names), "status": ("!=", "Queued")})

	def keep_workers(self) -> None:
		"""Start a worker for each that has ended, as a supervisor does."""
		workers = self.faults.workers
		for worker in [worker for worker in workers if worker.process.poll() is not None]:
			workers.remove(worker)
			worker.__exit__()
		while len(workers) < self.worker_count and self.redis.answers():
			workers.append(processes.worker())
			self.worker_starts += 1
		for worker in workers:
			self.horses.update(children(worker.process.pid))

	def recover(self) -> None:
		"""What the scheduler does every five minutes. While Redis is down it cannot."""
		try:
			self.recovered += len(recover_interrupted_jobs(silent_for_seconds=self.silence))
		except (redis.exceptions.ConnectionError, frappe.QueryDeadlockError, frappe.QueryTimeoutError):
			frappe.db.rollback()

	def clean_up(self) -> None:
		self.faults.end_what_is_due(everything=True)
		for worker in self.faults.workers:
			self.horses.update(children(worker.process.pid))
			worker.__exit__()
		for pid in self.horses:
			if is_ours(pid):
				send(pid, signal.SIGKILL)
		for thread in threading.enumerate():
			if hasattr(thread, "session"):
				thread.join(10)
		self.heard.stop()

	def report(self, seed: int) -> dict[str, Any]:
		"""Prove the books, print the result, and return it."""
		frappe.db.rollback()
		facts = prove(self.deposits, self.faults.taken, self.bank_account)
		for deposit in self.deposits:
			if self.heard.counts[deposit.job] > 1:
				facts["problems"].append(
					f"{deposit.job}: {self.heard.counts[deposit.job]} events of completion"
				)
		result = {
			"seed": seed,
			"seconds": round(self.seconds),
			"faults": dict(sorted(Counter(name for _s, _t, name, _w in self.struck).items())),
			"not struck": self.not_struck,
			"workers started": self.worker_starts,
			"recovered by the scheduler": self.recovered,
			"events of completion heard": sum(self.heard.counts.values()),
			**facts,
		}
		print(json.dumps({key: value for key, value in result.items() if key != "problems"}, indent=1))
		if facts["problems"]:
			raise AssertionError("\n".join(facts["problems"]))
		print("The books are exact.")
		return result


def is_ours(pid: int) -> bool:
	"""Whether the process is still one that the soak has started, and not a newer one with its number."""
	with suppress(OSError):
		with open(f"/proc/{pid}/cmdline", "rb") as file:
			return processes.RUN_FAULTS.encode() in file.read()
	return False


class Completions(threading.Thread):
	"""Counts the events of completion, by job, through restarts of Redis."""

	def __init__(self, url: str) -> None:
		super().__init__(daemon=True)
		self.url, self.site, self.counts, self.ended = url, frappe.local.site, Counter(), False

	def run(self) -> None:
		while not self.ended:
			with suppress(redis.exceptions.ConnectionError):
				listener = redis.from_url(self.url).pubsub(ignore_subscribe_messages=True)
				listener.subscribe("events")
				while not self.ended:
					if message := listener.get_message(timeout=0.5):
						self._count(json.loads(message["data"]))
			time.sleep(0.05)

	def _count(self, event: dict[str, Any]) -> None:
		if event["event"] == COMPLETE_EVENT and event["namespace"] == self.site:
			self.counts[event["message"]["job_id"]] += 1

	def stop(self) -> None:
		time.sleep(1)
		self.ended = True
		self.join(5)


# Invoices: some by ERPNext, the others their copies in every table, because thousands would take many minutes

MOST_MADE = 60


def make_invoices(count: int) -> list[Document]:
	"""Return unpaid Sales Invoices over different amounts, committed."""
	made = min(count, MOST_MADE)
	amounts = [flt(100 + number * 1.37, 2) for number in range(made)]
	originals = factories.make_sales_invoices(amounts)
	copied = []
	for number, invoice in enumerate(originals):
		share = (count - made) // made + (number < (count - made) % made)
		copied += [
			frappe._dict(doctype="Sales Invoice", name=name, outstanding_amount=invoice.outstanding_amount)
			for name in copies(invoice, share)
		]
	frappe.db.commit()
	return [*originals, *copied]
