# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Measures the engine beside the loop that a script would write.

On a bench, and there only, on a site for tests:
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.engine.measure
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.engine.measure \\
    --kwargs "{'counts': [100, 500], 'ways': ['plain', 'unremembered', 'ours', 'party'], 'picture': 'growth.svg'}"
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.engine.memory --kwargs "{'count': 2000}"
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.engine.profile --kwargs "{'way': 'ours'}"

Each way has a company, a bank account and invoices of its own (see `books`), so that runs do not disturb each
other and no ledger grows by another's rows. The ways take turns every 20 invoices, so that what else the machine
does hits all of them alike. Two workers are measured by `contention`.
"""

import cProfile
import gc
import io
import os
import platform
import pstats
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any, ClassVar
from unittest.mock import patch

import erpnext
import frappe
from erpnext.accounts.doctype.bank_reconciliation_tool.bank_reconciliation_tool import reconcile_vouchers
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from frappe.utils import getdate

from advanced_bank_reconciliation.bulk import payments, start, statuses, worker
from advanced_bank_reconciliation.bulk.job import read_job
from advanced_bank_reconciliation.payload import PER_INVOICE, PER_PARTY, Request
from advanced_bank_reconciliation.tests.benchmarks.books import Books, make_books, make_invoices
from advanced_bank_reconciliation.tests.benchmarks.growth_picture import draw
from advanced_bank_reconciliation.transactions import in_transaction

#: Payments of a batch, and of the loop between two commits.
BATCH = 20
#: The growth is told for each of so many invoices.
CHUNK = 100
#: DESIGN section 11: at most so much of the plain loop.
BUDGETS = {"ours": 0.4, "party": 0.2}


class PlainLoop:
	"""What a script writes today: get_payment_entry, insert, submit; ERPNext's own function reconciles."""

	label = "plain loop"

	def __init__(self, count: int) -> None:
		self.books = make_books("plain")
		self.invoices = make_invoices(self.books, count)
		self.line = self.books.make_line(self.invoices)
		frappe.db.commit()
		self.account = frappe.db.get_value("Bank Account", self.books.bank_account, "account")
		self.payments: list[tuple[str, float]] = []

	def pay(self) -> int:
		"""Pay the next invoices up to a commit, and return how many."""
		paid = 0
		for name, amount in self.invoices[len(self.payments) :][:BATCH]:
			payment = get_payment_entry("Sales Invoice", name, bank_account=self.account)
			payment.posting_date = payment.reference_date = getdate(self.line.date)
			payment.reference_no = self.line.reference_number
			payment.insert()
			payment.submit()
			self.payments.append((payment.name, amount))
			paid += 1
		frappe.db.commit()
		return paid

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
	#: What `start_job` is told beside the selection.
	options: ClassVar[dict[str, Any]] = {"payment_entries_per": PER_INVOICE}

	def __init__(self, count: int) -> None:
		self.books = make_books("engine")
		self.invoices = make_invoices(self.books, count)
		self.line = self.books.make_line(self.invoices)
		requests = [Request("Sales Invoice", name, None) for name, _amount in self.invoices]
		self.job_id = start.start_job(self.line.name, requests, **self.options)[0].name
		frappe.db.set_value(worker.BULK.doctype, self.job_id, {"batch_size": BATCH, "seconds_per_batch": 0})
		frappe.db.commit()
		self.run = worker.Run()
		self.steps = {**worker.STEPS, statuses.RUNNING: partial(worker.serve_batch, this_run=self.run)}
		self._step()

	def _step(self) -> None:
		in_transaction(self.steps[read_job(self.job_id).status], self.job_id)

	def _queued(self) -> int:
		return worker.count_rows(self.job_id).get(statuses.QUEUED, 0)

	def pay(self) -> int:
		"""Serve the next batch as a worker does, and return how many invoices it had."""
		before = self._queued()
		if before:
			self._step()
			in_transaction(worker.report, self.job_id)
		return before - self._queued()

	def reconcile(self) -> None:
		"""Let the job end."""
		while read_job(self.job_id).status in statuses.ACTIVE:
			self._step()
		self.run.names.close()
		frappe.db.commit()
		status = read_job(self.job_id).status
		if status != statuses.COMPLETED:
			raise AssertionError(f"{self.job_id} ended as {status}")


class Unremembered(OneWorker):
	"""The engine without its fast path."""

	label = "one worker, plain path"

	def pay(self) -> int:
		with patch.object(payments, "FAST_FROM", 10**9):
			return super().pay()


class PerParty(OneWorker):
	"""One Payment Entry for each party, with a reference row for each invoice."""

	label = "one Payment Entry per party"
	options: ClassVar[dict[str, Any]] = {"payment_entries_per": PER_PARTY}


WAYS: dict[str, Callable[[int], Any]] = {
	"plain": PlainLoop,
	"unremembered": Unremembered,
	"ours": OneWorker,
	"party": PerParty,
}


@dataclass
class Turns:
	"""What a way has taken so far, turn by turn: seconds and statements."""

	paid: int = 0
	wall: list[tuple[int, float]] = field(default_factory=list)
	cpu: float = 0.0
	statements: int = 0
	reconciled: float = 0.0

	def add(self, paid: int, wall: float, cpu: float, statements: int) -> None:
		self.paid += paid
		self.wall.append((paid, wall))
		self.cpu += cpu
		self.statements += statements

	@property
	def milliseconds(self) -> float:
		"""Wall time per invoice, linking included."""
		return 1000 * (sum(seconds for _paid, seconds in self.wall) + self.reconciled) / self.paid

	@property
	def median(self) -> float:
		"""Wall time per invoice of the middle turn: what else the machine did hardly counts."""
		return median(1000 * seconds / paid for paid, seconds in self.wall)

	@property
	def least(self) -> float:
		return min(1000 * seconds / paid for paid, seconds in self.wall)

	def growth(self) -> list[float]:
		"""Return milliseconds per invoice, median of the turns, for each CHUNK of invoices."""
		chunks: dict[int, list[float]] = {}
		done = 0
		for paid, seconds in self.wall:
			chunks.setdefault(done // CHUNK, []).append(1000 * seconds / paid)
			done += paid
		return [median(chunks[number]) for number in sorted(chunks)]


def measure(
	counts: Sequence[int] = (100,), ways: Sequence[str] = ("plain", "ours"), picture: str = ""
) -> dict[str, Any]:
	"""Print time, statements and their ratios to the first way, for jobs of `counts` invoices.

	ways: keys of WAYS. picture: file into which the growth over the largest job is drawn, as SVG. Returns the
	numbers by count and way.
	"""
	_say_where()
	results: dict[str, Any] = {"statements": statements_by_table(ways)}
	for count in counts:
		turns = _take_turns(ways, count)
		results[str(count)] = _tell(count, turns)
		if picture and count == max(counts):
			draw(picture, {WAYS[way].label: each.growth() for way, each in turns.items()}, CHUNK)
	return results


def _say_where() -> None:
	load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
	((database,),) = frappe.db.sql("select version()")
	print(
		f"Frappe {frappe.__version__}, ERPNext {erpnext.__version__}, {database}, Python"
		f" {platform.python_version()}, {os.cpu_count()} cores, load {load}"
	)


def _take_turns(ways: Sequence[str], count: int) -> dict[str, Turns]:
	runs = {way: WAYS[way](count) for way in ways}
	turns = {way: Turns() for way in ways}
	while any(turns[way].paid < count for way in ways):
		for way, run in runs.items():
			if turns[way].paid < count:
				turns[way].add(*_timed(run.pay))
	for way, run in runs.items():
		_none, turns[way].reconciled, cpu, statements = _timed(run.reconcile)
		turns[way].cpu += cpu
		turns[way].statements += statements
	return turns


def _timed(act: Callable[[], Any]) -> tuple[Any, float, float, int]:
	"""Return what `act` returns, its wall and CPU seconds, and the number of statements it sent."""
	with _statements() as sent:
		wall, cpu = time.perf_counter(), time.process_time()
		answer = act()
		return answer, time.perf_counter() - wall, time.process_time() - cpu, len(sent)


@contextmanager
def _statements() -> Iterator[list[Any]]:
	"""Collect what is sent to the server on this connection and on those that are opened meanwhile."""
	sent: list[Any] = []
	driver = type(frappe.db._conn)
	query = driver.query

	def note(self, sql: Any, *args: Any, **kwargs: Any) -> Any:
		sent.append(sql)
		return query(self, sql, *args, **kwargs)

	with patch.object(driver, "query", note):
		yield sent


def _tell(count: int, turns: dict[str, Turns]) -> dict[str, dict[str, Any]]:
	print(f"\n{count} invoices, milliseconds per invoice and ratio to the first way")
	print("| way | wall | median turn | best turn | CPU | statements | linking, s |")
	print("|" + " --- |" * 7)
	first = next(iter(turns.values()))
	told = {}
	for way, each in turns.items():
		numbers = {
			"wall": (each.milliseconds, first.milliseconds),
			"median": (each.median, first.median),
			"least": (each.least, first.least),
			"cpu": (1000 * each.cpu / each.paid, 1000 * first.cpu / first.paid),
			"statements": (each.statements / each.paid, first.statements / first.paid),
		}
		cells = [f"{value:.1f} ({value / of:.2f})" for value, of in numbers.values()]
		print(f"| {WAYS[way].label} | {' | '.join(cells)} | {each.reconciled:.1f} |", flush=True)
		told[way] = {name: round(value, 2) for name, (value, _of) in numbers.items()}
		told[way] |= {f"{name}_ratio": round(value / of, 3) for name, (value, of) in numbers.items()}
		told[way]["growth"] = [round(value, 1) for value in each.growth()]
		if way in BUDGETS and (ratio := told[way]["median_ratio"]) > BUDGETS[way]:
			print(f"over budget: {WAYS[way].label}: {ratio} of the plain loop, {BUDGETS[way]} allowed")
	for way, each in turns.items():
		growth = each.growth()
		print(
			f"growth, {WAYS[way].label}: {' '.join(f'{value:.0f}' for value in growth)} ms for each {CHUNK}"
		)
	return told


def statements_by_table(ways: Sequence[str], count: int = 2 * BATCH) -> dict[str, dict[str, float]]:
	"""Print how many statements go to each table for one invoice, and return that by way."""
	found: dict[str, Counter[str]] = {}
	for way in ways:
		run = WAYS[way](count)
		run.pay()
		with _statements() as sent:
			paid = run.pay()
		found[way] = Counter({table: number / paid for table, number in Counter(map(_table, sent)).items()})
		run.pay()
		run.reconcile()
	tables = sorted(
		{table for counts in found.values() for table in counts}, key=lambda t: -found[ways[0]][t]
	)
	print(f"\nstatements per invoice: | table | {' | '.join(WAYS[way].label for way in ways)} |")
	for table in ["all", *tables]:
		numbers = [found[way].total() if table == "all" else found[way][table] for way in ways]
		print(f"| {table} | {' | '.join(f'{number:.2f}' for number in numbers)} |", flush=True)
	return {
		way: {table: round(number, 2) for table, number in counts.items()} for way, counts in found.items()
	}


def _table(sql: Any) -> str:
	text = sql.decode("utf-8", "replace") if isinstance(sql, bytes | bytearray) else sql
	if "information_schema" in text:
		return "information_schema"
	match = re.search(r"`tab([A-Z][^`]*)`|\btab([A-Z]\w*)", text)
	return (match.group(1) or match.group(2)) if match else text.split(None, 1)[0].lower()


def memory(count: int = 2000, way: str = "ours", picture: str = "") -> dict[int, float]:
	"""Print the resident memory of this process, in MB, after each hundred of invoices, its time for them, and
	both as ratios of the last hundred to the first. picture: a file for the curve of the time, as SVG.

	Raises AssertionError when it is more than 1.2 times that after the first hundred (DESIGN section 11).
	"""
	run = WAYS[way](count)
	turns, sizes = Turns(), {}
	while turns.paid < count:
		turns.add(*_timed(run.pay))
		if turns.paid % CHUNK == 0:
			gc.collect()
			sizes[turns.paid] = _resident()
			pace = turns.growth()[-1]
			print(f"{turns.paid} invoices: {sizes[turns.paid]:.1f} MB, {pace:.0f} ms an invoice", flush=True)
	run.reconcile()
	print(f"after linking: {_resident():.1f} MB")
	growth = turns.growth()
	if picture:
		draw(picture, {WAYS[way].label: growth}, CHUNK)
	ratio = sizes[max(sizes)] / sizes[min(sizes)]
	print(
		f"{max(sizes)} invoices: {ratio:.2f} times the memory of {min(sizes)}, the last hundred took"
		f" {growth[-1] / growth[0]:.2f} times as long as the first"
	)
	if ratio > 1.2:
		raise AssertionError(f"memory grew to {ratio:.2f} times")
	return sizes


def _resident() -> float:
	with open("/proc/self/statm") as file:
		return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def profile(way: str = "ours", count: int = 3 * BATCH, sort: str = "tottime", lines: int = 60) -> None:
	"""Print where the time of paying goes."""
	run = WAYS[way](count + BATCH)
	run.pay()
	profiler = cProfile.Profile()
	paid = 0
	while paid < count:
		paid += profiler.runcall(run.pay)
	out = io.StringIO()
	pstats.Stats(profiler, stream=out).sort_stats(sort).print_stats(lines)
	print(out.getvalue())
