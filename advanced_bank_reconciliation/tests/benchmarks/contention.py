# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Measures how long another user waits while a bulk reconciliation runs, and what a second worker brings.

On a bench, and there only (row locks are MariaDB's), on a site for tests:
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.contention.measure
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.contention.measure \
    --kwargs "{'count': 2000, 'workers': [1, 2]}"
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.contention.measure \
    --kwargs "{'count': 500, 'workers': [1, 2], 'others': False}"   # the workers alone: what a second one brings

The workers are real RQ workers on a Redis of their own. The other user is a process that all the while submits
Payment Entries for invoices of other customers, in the job's company and in another one by turns. A wait for a
lock is a statement that takes long: the longest single statement of that process is what is judged. Where the
database's administrator lets us in (`root_login`, `root_password` of the site's configuration, or root without
a password), lock waits are also sampled on the server, with the statement that waits.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from statistics import median
from typing import Any

import frappe
import psutil
import pymysql
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from frappe.utils import today

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_bulk,
)
from advanced_bank_reconciliation.bulk import rq_runs
from advanced_bank_reconciliation.bulk.store import QUEUE
from advanced_bank_reconciliation.tests import factories, processes
from advanced_bank_reconciliation.tests.benchmarks.books import Books, make_books, make_invoices
from advanced_bank_reconciliation.tests.utils import (
	DEFAULTS,
	SETTINGS,
	single_values,
	wait_for_end,
	wait_until,
)

#: Issue "the engine survives everything": the longest that anything of another user's is held, in seconds.
LONGEST_WAIT = 1.0

#: Pause of the other user between two submissions, in seconds, and for how long it submits without a job.
PAUSE = 0.2
ALONE_SECONDS = 15

#: Seconds between two looks at the server's lock waits.
SAMPLE_EVERY = 0.25

#: Invoices of each company for the other user, for each phase: at least, and for each invoice of the job.
OTHERS = 40
OTHERS_PER_INVOICE = 0.25

OTHER_CUSTOMER = "ABR Bystander"
OTHER_CUSTOMERS = 5

LOCK_WAITS = """
	select lock_table, lock_index, left(trx_query, 60), timestampdiff(microsecond, trx_wait_started, now(6)) / 1e6
	from information_schema.innodb_lock_waits
	join information_schema.innodb_trx on trx_id = requesting_trx_id
	join information_schema.innodb_locks on lock_id = requested_lock_id
"""


def measure(count: int = 200, workers: Sequence[int] = (1, 2), others: bool = True) -> list[dict[str, Any]]:
	"""Print a table: the other user alone, then beside a job of `count` invoices with each number of workers.

	others: whether there is that other user at all. Raises AssertionError when a statement of the other user
	took longer than a second beside a job.
	"""
	factories.make_item()
	print(
		"| workers | job | payments/s | CPU of the database | others | median | slowest | longest statement"
		" | lock waits | deadlocks |"
	)
	print("|" + " --- |" * 10, flush=True)
	results = []
	with single_values(SETTINGS, True, **{**DEFAULTS, "most_workers_per_job": max(workers)}):
		for number in (0, *workers) if others else workers:
			results.append(_measure(count, number, others))
			print(_table_row(results[-1]), flush=True)
	for result in results:
		print(f"{result['workers']} workers: {result['statement']}; server: {result['waits']}")
	rates = {result["workers"]: result["rate"] for result in results if result["workers"]}
	for number in rates:
		print(f"{number} workers do {rates[number] / rates[min(rates)]:.2f} times what {min(rates)} does")
	longest = max(result["longest"] for result in results if result["workers"])
	if longest > LONGEST_WAIT:
		raise AssertionError(f"another user waited {longest:.2f} s")
	return results


def _measure(count: int, workers: int, others: bool) -> dict[str, Any]:
	"""Measure in new books, so that no phase has more behind it than the one before."""
	books = make_books(f"contention {workers}")
	invoices = make_invoices(books, count) if workers else []
	theirs = _for_the_other_user(books, count) if others else []
	before, busy = _deadlocks(), _database_cpu()
	sampled = _sampled_waits() if others else nullcontext({})  # the sampling itself keeps the server busy
	with sampled as waits, _workers(workers), _other_user(theirs) as other:
		seconds = _run_job(books, invoices) if workers else time.sleep(ALONE_SECONDS) or 0.0
	submissions = json.loads(other.read_text())
	return {
		"workers": workers,
		"seconds": seconds,
		"database": (_database_cpu() - busy) / max(count if workers else len(submissions["seconds"]), 1),
		"rate": count / seconds if seconds else 0.0,
		"submissions": len(submissions["seconds"]),
		"median": median(submissions["seconds"] or [0]),
		"slowest": max(submissions["seconds"], default=0),
		"longest": submissions["longest"],
		"statement": submissions["statement"],
		"waits": waits,
		"deadlocks": _deadlocks() - before,
	}


def _for_the_other_user(books: Books, count: int) -> list[str]:
	"""Return invoices of the job's company and of another one by turns, of customers that the job does not pay."""
	number = max(OTHERS, round(count * OTHERS_PER_INVOICE))
	of_both = [
		make_invoices(each, number, OTHER_CUSTOMERS, OTHER_CUSTOMER)
		for each in (books, make_books("bystander"))
	]
	return [name for pair in zip(*of_both, strict=True) for name, _amount in pair]


def _run_job(books: Books, invoices: Sequence[tuple[str, float]]) -> float:
	"""Start the job, wait until it has ended, and return the seconds from its start by a worker."""
	line = books.make_line(list(invoices))
	requests = [{"doctype": "Sales Invoice", "name": name} for name, _amount in invoices]
	answer = create_payment_entries_bulk(line.name, requests)
	frappe.db.commit()
	job = wait_for_end(answer["job_id"], 3600)
	if (job.status, job.processed) != ("Completed", len(invoices)):
		raise AssertionError(f"{job.name} is {job.status}: {job.message}")
	return (job.completed_at - job.started_at).total_seconds()


@contextmanager
def _workers(count: int) -> Iterator[None]:
	"""Real workers on a Redis of their own, that listen before the block begins."""
	with ExitStack() as stack:
		if count:
			redis = processes.PrivateRedis()
			stack.callback(redis.kill)
			stack.callback(redis.use())
			for _number in range(count):
				stack.enter_context(processes.standing_worker())
			wait_until(lambda: rq_runs.count_workers(QUEUE) == count)
		yield


@contextmanager
def _other_user(names: list[str]) -> Iterator[Path]:
	"""A process that submits payments for the invoices until the block ends; yields where its answer will be."""
	folder = Path(tempfile.mkdtemp(prefix="abr-contention-"))
	(folder / "invoices").write_text(json.dumps(names))
	code = f"from {__name__} import other_user; other_user({frappe.local.site!r}, {str(folder)!r})"
	process = subprocess.Popen(
		[sys.executable, "-c", code],
		cwd=os.path.abspath(frappe.local.sites_path),
		preexec_fn=processes.end_with_parent,
	)
	try:
		wait_until(lambda: (folder / "ready").exists())
		yield folder / "answer"
	finally:
		(folder / "stop").touch()
		process.wait(60)


def other_user(site: str, folder: str) -> None:
	"""What the other user's process does: one payment after the other, timed, and each statement of it."""
	frappe.init(site=site)
	frappe.connect()
	names = json.loads((Path(folder) / "invoices").read_text())
	timed: dict[str, Any] = {"seconds": [], "longest": 0.0, "statement": ""}
	_time_statements(timed)
	(Path(folder) / "ready").touch()
	for name in names:
		if (Path(folder) / "stop").exists():
			break
		payment = get_payment_entry("Sales Invoice", name)
		payment.update({"reference_no": "contention", "reference_date": today()})
		start = time.monotonic()
		payment.insert()
		payment.submit()
		frappe.db.commit()
		timed["seconds"].append(time.monotonic() - start)
		time.sleep(PAUSE)
	(Path(folder) / "answer").write_text(json.dumps(timed))


def _time_statements(timed: dict[str, Any]) -> None:
	database = type(frappe.local.db)
	sql = database.sql

	def timed_sql(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
		start = time.monotonic()
		try:
			return sql(self, query, *args, **kwargs)
		finally:
			seconds = time.monotonic() - start
			if seconds > timed["longest"]:
				timed.update(longest=seconds, statement=" ".join(str(query).split())[:80])

	database.sql = timed_sql


@contextmanager
def _sampled_waits() -> Iterator[dict[str, float]]:
	"""Sample the server's lock waits of this database: {table, index, statement: longest seconds}.

	Of anybody, also of the job's own runs. Not more often: InnoDB answers from a copy that it renews only
	after nobody has looked for 100 ms.
	"""
	waits: dict[str, float] = {}
	ended = threading.Event()
	connection = _administrator()
	own = f"`{frappe.conf.db_name}`."

	def sample() -> None:
		with connection.cursor() as cursor:
			while not ended.wait(SAMPLE_EVERY):
				cursor.execute(LOCK_WAITS)
				for table, index, statement, seconds in cursor.fetchall():
					if str(table).startswith(own):
						key = f"{str(table).removeprefix(own)} {index}: {statement}"
						waits[key] = max(waits.get(key, 0.0), float(seconds or 0))
				connection.rollback()

	thread = threading.Thread(target=sample, daemon=True)
	if connection:
		thread.start()
	try:
		yield waits
	finally:
		ended.set()
		if connection:
			thread.join(5)
			connection.close()


def _administrator() -> pymysql.Connection | None:
	try:
		return pymysql.connect(
			host=frappe.conf.db_host or "127.0.0.1",
			port=int(frappe.conf.db_port or 3306),
			user=frappe.conf.root_login or "root",
			password=frappe.conf.root_password or "",
		)
	except pymysql.OperationalError:
		return None


def _deadlocks() -> int:
	return int(frappe.db.sql("show global status like 'Innodb_deadlocks'")[0][1])


def _database_cpu() -> float:
	"""Return the CPU seconds that the database server has taken, 0 where it is on another machine."""
	times = [
		process.cpu_times()
		for process in psutil.process_iter(["name"])
		if process.info["name"] in ("mariadbd", "mysqld")
	]
	return sum(each.user + each.system for each in times)


def _table_row(result: dict[str, Any]) -> str:
	cells = [
		str(result["workers"]),
		f"{result['seconds']:.1f} s",
		f"{result['rate']:.1f}",
		f"{1000 * result['database']:.0f} ms a payment",
		str(result["submissions"]),
		*(f"{1000 * result[key]:.0f} ms" for key in ("median", "slowest", "longest")),
		f"{max(result['waits'].values(), default=0) * 1000:.0f} ms",
		str(result["deadlocks"]),
	]
	return f"| {' | '.join(cells)} |"
