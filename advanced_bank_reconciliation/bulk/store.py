# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What every kind of background job of this app has: a record with rows, states under lock, runs in RQ.

A kind is described once, as a `JobStore`; bulk reconciliations and auto reconciliations are two of them.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder.functions import Count
from frappe.utils import cint, now_datetime
from frappe.utils.background_jobs import get_redis_conn

from advanced_bank_reconciliation.bulk.rq_runs import is_any_in_line, living
from advanced_bank_reconciliation.exceptions import JobStateError, refuse
from advanced_bank_reconciliation.transactions import REDIS_UNREACHABLE

DEFAULT_TIME_LIMIT = 3600

#: Every kind of job runs on this queue.
QUEUE = "long"

#: Pauses, in seconds, before a record that somebody holds is looked at again. Together they are longer than
#: any transaction that only notes something on it, and much shorter than the one that ends a bulk job.
HELD_FOR_A_MOMENT = (0.1, 0.3, 0.6)

#: So many of the latest runs of a job may be at work; the ones before have long been killed by RQ.
LATEST_RUNS = 100

#: Columns of a child row beside the fields of its doctype.
ROW_COLUMNS = ("name", "creation", "modified", "owner", "modified_by", "docstatus", "idx")


@dataclass(frozen=True)
class JobStore:
	"""A kind of job, kept in documents of `doctype` whose names are the job ids.

	row_doctype, row_state: one row for each unit of work, and the field that says what became of it.
	subject: the field that names what a job holds while it is active. `active_<subject>` is unique and is
	emptied at the end, so that the database keeps a second job out (PITFALLS P51).
	ended_at: the field for the time at which it ended.
	active, next: the states in which it holds its subject, and which state may follow which.
	worker, argument, rq_prefix: what RQ calls, the name of its one argument, and how RQ names the runs.
	"""

	doctype: str
	row_doctype: str
	row_state: str
	subject: str
	ended_at: str
	active: tuple[str, ...]
	next: Mapping[str, tuple[str, ...]]
	worker: str
	argument: str
	rq_prefix: str

	# The record

	def lock(self, job_id: str) -> frappe._dict:
		"""Lock the job's row until the transaction ends and return its latest state."""
		rows = locked_rows(self.doctype, name=job_id)
		if not rows:
			refuse(JobStateError, [_("There is no {0} {1}.").format(_(self.doctype), job_id)])
		return rows[0]

	def lock_unless_held(self, job_id: str) -> frappe._dict | None:
		"""As `lock`, but None when somebody holds the row for longer than a moment: a run that ends the job.

		No other run has anything to add then. Must come first in a transaction or after other locking reads
		only: it is read anew after each pause.
		"""
		for pause in (*HELD_FOR_A_MOMENT, None):
			if rows := locked_rows(self.doctype, skip_locked=True, name=job_id):
				return rows[0]
			if pause is not None:
				time.sleep(pause)
		return None

	def read(self, job_id: str) -> frappe._dict:
		"""Return the job's fields as the transaction sees them, without a lock."""
		return frappe.db.get_value(self.doctype, job_id, "*", as_dict=True)

	def active_job(self, subject: str) -> frappe._dict | None:
		"""Return the job that holds the subject, read under lock, or None."""
		return next(iter(locked_rows(self.doctype, **{f"active_{self.subject}": subject})), None)

	def move(self, job: frappe._dict | Document, status: str, **values: Any) -> None:
		"""Move the job, locked by `lock`, to `status`; raises JobStateError if that may not follow.

		A job that ends lets go of its subject; one that comes back to life takes it again.
		"""
		if status not in self.next.get(job.status, ()):
			refuse(
				JobStateError,
				[_("{0} is {1}; it cannot become {2}.").format(job.name, _(job.status), _(status))],
			)
		active = status in self.active
		values["status"] = status
		values[f"active_{self.subject}"] = job.get(self.subject) if active else None
		if not active:
			values[self.ended_at] = now_datetime()
		self.update(job.name, **values)

	def update(self, job_id: str, **values: Any) -> None:
		"""Write fields of the job record, with the time of this sign of life."""
		frappe.db.set_value(self.doctype, job_id, {"last_activity": now_datetime(), **values})

	def count_rows(self, job_id: str) -> dict[str, int]:
		"""Return how many rows of the job are in each state; states without a row are absent."""
		row = frappe.qb.DocType(self.row_doctype)
		state = row[self.row_state]
		counts = (
			frappe.qb.from_(row).select(state, Count(row.name)).where(row.parent == job_id).groupby(state)
		).run()
		return dict(counts)

	# Its runs

	def rq_job_id(self, job: frappe._dict | Document, run_no: int | None = None) -> str:
		"""Return the id that RQ knows a run by, by default the latest; all but the first have a number."""
		base = f"{self.rq_prefix}_{job.get(self.subject)}_{job.name}"
		run_no = cint(job.get("run_no")) if run_no is None else run_no
		return f"{base}_{run_no}" if run_no else base

	def enqueue(self, job: frappe._dict | Document, at_once: bool = False, **arguments: Any) -> None:
		"""Enqueue the first or, after a pause, a crash or a time limit, the next run, once this commits.

		A new id per run: what RQ still remembers of a killed run must not keep the next one out. A run too
		many does no harm, since the rows are the queue. `at_once`: for who counts runs under the lock.
		arguments: what the worker gets beside the job's id.
		While Redis is down the record waits for the scheduler, which finds that RQ knows no run of it; what
		the user has selected is not lost.
		"""
		try:
			# Frappe itself finds out only after the commit, when nothing can be noted any more.
			get_redis_conn().ping()
		except REDIS_UNREACHABLE:
			if at_once:
				raise
			self._wait_for_redis(job)
			return
		frappe.enqueue(
			self.worker,
			queue=QUEUE,
			timeout=time_limit(),
			enqueue_after_commit=not at_once,
			job_id=self.rq_job_id(job),
			**{self.argument: job.name, **arguments},
		)

	def _wait_for_redis(self, job: frappe._dict | Document) -> None:
		frappe.log_error(
			title=_("The queue of background jobs cannot be reached"),
			reference_doctype=self.doctype,
			reference_name=job.name,
		)
		message = _(
			"The queue of background jobs (Redis) cannot be reached. The job starts by itself a few minutes"
			" after it is back."
		)
		self.update(job.name, message=message)

	def enqueue_next_run(self, job: frappe._dict, at_once: bool = False, **arguments: Any) -> None:
		"""Enqueue another run of the job, locked by the caller."""
		job.run_no = cint(job.run_no) + 1
		self.update(job.name, run_no=job.run_no)
		self.enqueue(job, at_once, **arguments)

	def call_helpers(self, job_id: str, wanted: int) -> None:
		"""Enqueue as many runs as are missing to `wanted`, those counted that wait or are at work already.

		The runs are counted and enqueued under the lock of the job: several runs that begin at the same
		moment do not each call for others. They are told that they are helpers.
		"""
		job = self.lock_unless_held(job_id)
		for _missing in range(wanted - self.count_runs(job) if job else 0):
			self.enqueue_next_run(job, at_once=True, is_helper=1)

	def count_runs(self, job: frappe._dict | Document) -> int:
		"""Return how many runs of the job wait in RQ or are at work there, as far as RQ knows."""
		return living(self._latest_runs(job))

	def is_waiting(self, job: frappe._dict | Document) -> bool:
		"""Return whether a run of the job stands in the queue, where the next free worker finds it."""
		return is_any_in_line(self._latest_runs(job), QUEUE)

	def _latest_runs(self, job: frappe._dict | Document) -> list[str]:
		last = cint(job.get("run_no"))
		return [self.rq_job_id(job, run_no) for run_no in range(max(0, last + 1 - LATEST_RUNS), last + 1)]

	def is_in_queue(self, job: frappe._dict | Document) -> bool:
		"""Return whether RQ has a run of the job waiting or believes one to be at work."""
		return self.count_runs(job) > 0

	# Its events

	def publish(self, event: str, job_id: str, message: dict[str, Any], at_once: bool = False) -> None:
		"""Send an event to who started the job, and to who runs it.

		Events of one transaction leave together when it commits; `at_once`: for what is committed already.
		"""
		starter = frappe.db.get_value(self.doctype, job_id, "owner")
		for user in {starter or frappe.session.user, frappe.session.user}:
			frappe.publish_realtime(event, message, user=user, after_commit=not at_once)


def time_limit() -> int:
	"""Return after how many seconds RQ ends a run."""
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	return cint(settings.job_timeout) or DEFAULT_TIME_LIMIT


def locked_rows(
	doctype: str, fields: Sequence[str] = ("*",), skip_locked: bool = False, **filters: str
) -> list[frappe._dict]:
	"""A locking read: it sees what others committed after this transaction took its snapshot.

	skip_locked: leave out the rows that others hold, instead of waiting for them.
	"""
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(*(table[name] if name != "*" else table.star for name in fields))
	for fieldname, value in filters.items():
		query = query.where(table[fieldname] == value)
	return query.for_update(skip_locked=skip_locked).run(as_dict=True)


def insert_rows(
	job: Document, doctype: str, parentfield: str, fields: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
	"""Insert child rows in bulk: a thousand validated rows need no thousand link queries."""
	now, user = now_datetime(), frappe.session.user
	values = [
		(
			*(frappe.generate_hash(length=10), now, now, user, user, 0, idx),
			*(job.name, job.doctype, parentfield),
			*row,
		)
		for idx, row in enumerate(rows, start=1)
	]
	columns = [*ROW_COLUMNS, "parent", "parenttype", "parentfield", *fields]
	if values:
		frappe.db.bulk_insert(doctype, columns, values, chunk_size=500)


def refuse_while_active(job: Document, active: Collection[str]) -> None:
	"""Raise unless the job has ended: the record of one at work must not be deleted."""
	if job.status in active:
		frappe.throw(
			_(
				"{0} is {1} and cannot be deleted. Cancel it and wait until it has ended, then delete it."
			).format(frappe.bold(job.name), _(job.status)),
			title=_("{0} Is Active").format(_(job.doctype)),
		)
