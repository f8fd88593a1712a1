# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The faults of the soak (`tests.soak`). Each strikes from outside: at processes, connections, Redis, or as
somebody else who works with the same documents.

A fault is a method that returns what it has struck, or None if there was nothing to strike; then it is tried
again a moment later. What must be ended again, such as a lock, is given to `later`.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import frappe
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, JOB
from advanced_bank_reconciliation.exceptions import JobStateError
from advanced_bank_reconciliation.tests import factories, processes

#: For how many seconds locks, pauses and outages last.
SECONDS = (1.0, 4.0)


def children(pid: int) -> list[int]:
	"""Return the process ids of what the process has forked and that still runs."""
	with suppress(OSError):
		return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
	return []


def send(pid: int, number: signal.Signals) -> None:
	with suppress(ProcessLookupError):
		os.kill(pid, number)


class Faults:
	"""What can happen to the jobs and to the workers that serve them.

	workers: the running ones, replaced by the soak when they end. taken: invoices that somebody else has paid
	or cancelled, with what was done; these, and only these, may fail.
	"""

	def __init__(
		self, random: Random, redis: processes.PrivateRedis, jobs: list[str], user: str, gl_account: str
	) -> None:
		self.random, self.redis, self.jobs, self.user, self.gl_account = random, redis, jobs, user, gl_account
		self.workers: list[processes.Child] = []
		self.taken: dict[str, str] = {}
		self._later: list[tuple[float, Callable[[], Any]]] = []

	def names(self) -> list[str]:
		"""Return the faults that this host knows: SQLite has no row locks and no connections."""
		anywhere = ["kill_worker", "kill_horse", "kill_parent", "shut_down", "restart_redis", "stop_redis"]
		anywhere += ["pause", "pay_invoice", "cancel_invoice"]
		with_row_locks = ["kill_connection", "lock_invoice", "lock_series", "lock_line", "lock_job", "stall"]
		return anywhere if frappe.db.db_type == "sqlite" else anywhere + with_row_locks

	def strike(self, name: str) -> str | None:
		"""Let the fault strike; returns what it has struck, or None."""
		frappe.db.rollback()
		try:
			struck = getattr(self, name)()
			frappe.db.commit()
			return struck
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError, JobStateError):
			return None
		finally:
			frappe.db.rollback()
			frappe.set_user("Administrator")

	def later(self, act: Callable[[], Any], seconds: float | None = None) -> None:
		"""Act after that time, by default a random one."""
		self._later.append((time.monotonic() + (seconds or self.random.uniform(*SECONDS)), act))

	def end_what_is_due(self, everything: bool = False) -> None:
		now = time.monotonic()
		due = [act for moment, act in self._later if everything or moment <= now]
		self._later = [] if everything else [item for item in self._later if item[0] > now]
		for act in due:
			act()

	# Processes

	def _worker(self) -> processes.Child | None:
		"""Return a worker that is in a run."""
		busy = [worker for worker in self.workers if children(worker.process.pid)]
		return self.random.choice(busy) if busy else None

	def _horse(self) -> int | None:
		worker = self._worker()
		return next(iter(children(worker.process.pid)), None) if worker else None

	def kill_worker(self) -> str | None:
		if not (worker := self._worker()):
			return None
		pids = [worker.process.pid, *children(worker.process.pid)]
		for pid in pids:
			send(pid, signal.SIGKILL)
		return f"processes {pids}"

	def kill_horse(self) -> str | None:
		if not (pid := self._horse()):
			return None
		send(pid, signal.SIGKILL)
		return f"process {pid}"

	def kill_parent(self) -> str | None:
		"""RQ's process alone: the run in it goes on, and nobody hears of its end."""
		if not (worker := self._worker()):
			return None
		send(worker.process.pid, signal.SIGKILL)
		return f"process {worker.process.pid}"

	def shut_down(self) -> str | None:
		if not (worker := self._worker()):
			return None
		send(worker.process.pid, signal.SIGTERM)
		return f"process {worker.process.pid}"

	def stall(self) -> str | None:
		if not (pid := self._horse()):
			return None
		send(pid, signal.SIGSTOP)
		self.later(lambda: send(pid, signal.SIGCONT))
		return f"process {pid}"

	# Redis

	def restart_redis(self) -> str | None:
		if not self.redis.answers():
			return None
		self.redis.kill()
		self.redis.start()
		return "all it held is gone"

	def stop_redis(self) -> str | None:
		if not self.redis.answers():
			return None
		self.redis.kill()
		self.later(self.redis.start)
		return "all it held is gone"

	# Database

	def kill_connection(self) -> str | None:
		"""Connections of workers only: threads of this process that hold locks have names of their own."""
		own = {thread.connection for thread in threading.enumerate() if isinstance(thread, Lock)}
		rows = frappe.db.sql(
			"select id from information_schema.processlist where user = %s and id != connection_id()",
			frappe.conf.db_name,
		)
		ids = [number for (number,) in rows if number not in own]
		if not ids:
			return None
		number = self.random.choice(ids)
		try:
			frappe.db.sql(f"kill connection {int(number)}")
		except frappe.db.OperationalError:
			return None
		return f"connection {number}"

	def _lock(self, table: str, name: str | None) -> str | None:
		if not name:
			return None
		Lock(table, name, self.random.uniform(*SECONDS)).start()
		return f"{table.removeprefix('tab')} {name}"

	def lock_invoice(self) -> str | None:
		return self._lock("tabSales Invoice", self._waiting_row(1).get("invoice"))

	def lock_series(self) -> str | None:
		rows = frappe.db.sql("select name from tabSeries where name like 'ACC-PAY-%%' order by name desc")
		return self._lock("tabSeries", rows[0][0] if rows else None)

	def lock_line(self) -> str | None:
		job = self._working_job()
		return self._lock("tabBank Transaction", job and frappe.db.get_value(JOB, job, "bank_transaction"))

	def lock_job(self) -> str | None:
		return self._lock(f"tab{JOB}", self._working_job())

	# Other users

	def _working_job(self) -> str | None:
		names = frappe.get_all(
			JOB, {"name": ("in", self.jobs), "status": ("in", ("Queued", "Running"))}, pluck="name"
		)
		return self.random.choice(sorted(names)) if names else None

	def _waiting_row(self, least: int) -> frappe._dict:
		rows = frappe.get_all(
			INVOICE_ROW,
			{"parent": ("in", self.jobs), "status": "Queued"},
			["name", "invoice"],
			order_by="parent, idx",
		)
		return self.random.choice(rows) if len(rows) >= least else frappe._dict()

	def _take_row(self) -> frappe._dict | None:
		"""Lock a queued row, so that no worker is at its invoice while somebody else changes that."""
		row = frappe.qb.DocType(INVOICE_ROW)
		name = self._waiting_row(1).get("name")
		frappe.db.rollback()
		query = frappe.qb.from_(row).select(row.invoice).where((row.name == name) & (row.status == "Queued"))
		return next(iter(query.for_update(skip_locked=True).run(as_dict=True)), None)

	def pause(self) -> str | None:
		if not (job := self._working_job()):
			return None
		frappe.set_user(self.user)
		tool.pause_bulk_reconciliation(job)
		frappe.db.commit()
		self.later(lambda: self._resume(job))
		return job

	def _resume(self, job: str) -> None:
		frappe.db.rollback()
		frappe.set_user(self.user)
		try:
			tool.resume_bulk_reconciliation(job)
			frappe.db.commit()
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
			self.later(lambda: self._resume(job))
		except processes.redis.exceptions.ConnectionError:
			pass
		finally:
			frappe.db.rollback()
			frappe.set_user("Administrator")

	def pay_invoice(self) -> str | None:
		if not (row := self._take_row()):
			return None
		payment = get_payment_entry("Sales Invoice", row.invoice, bank_account=self.gl_account)
		payment.update({"reference_no": "by hand", "reference_date": factories.STATEMENT_DATE})
		payment.insert()
		payment.submit()
		frappe.db.commit()
		self.taken[row.invoice] = payment.name
		return row.invoice

	def cancel_invoice(self) -> str | None:
		if not (row := self._take_row()):
			return None
		frappe.get_doc("Sales Invoice", row.invoice).cancel()
		frappe.db.commit()
		self.taken[row.invoice] = "cancelled"
		return row.invoice


class Lock(threading.Thread):
	"""Another session that locks one row, keeps it for some seconds, and goes away."""

	def __init__(self, table: str, name: str, seconds: float) -> None:
		super().__init__(daemon=True)
		self.session = frappe.local.db.create_connection()
		self.connection = self.session.thread_id()
		self.query, self.row, self.seconds = (
			f"select name from `{table}` where name = %s for update",
			name,
			seconds,
		)

	def run(self) -> None:
		cursor = self.session.cursor()
		with suppress(Exception):
			cursor.execute("begin")
			cursor.execute(self.query, (self.row,))
			time.sleep(self.seconds)
		self.session.close()
