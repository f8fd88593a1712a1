# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What every kind of background job of this app has: a record with rows, states under lock, runs in RQ.

A kind is described once, as a `JobStore`; bulk reconciliations and auto reconciliations are two of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder.functions import Count
from frappe.utils import cint, now_datetime
from frappe.utils.background_jobs import get_redis_conn, is_job_enqueued

from advanced_bank_reconciliation.bulk.transactions import REDIS_UNREACHABLE
from advanced_bank_reconciliation.exceptions import JobStateError, refuse

DEFAULT_TIME_LIMIT = 3600

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

	def update_while(self, status: str, job_id: str, **values: Any) -> None:
		"""As `update`, but not over what has moved the job to another state meanwhile."""
		unmoved = {"name": job_id, "status": status}
		frappe.db.set_value(self.doctype, unmoved, {"last_activity": now_datetime(), **values})

	def count_rows(self, job_id: str) -> dict[str, int]:
		"""Return how many rows of the job are in each state; states without a row are absent."""
		row = frappe.qb.DocType(self.row_doctype)
		state = row[self.row_state]
		counts = (
			frappe.qb.from_(row).select(state, Count(row.name)).where(row.parent == job_id).groupby(state)
		).run()
		return dict(counts)

	# Its runs

	def rq_job_id(self, job: frappe._dict | Document) -> str:
		"""Return the id that RQ knows the job by; each further run of it gets a number."""
		base = f"{self.rq_prefix}_{job.get(self.subject)}_{job.name}"
		run_no = cint(job.get("run_no"))
		return f"{base}_{run_no}" if run_no else base

	def enqueue(self, job: frappe._dict | Document) -> None:
		"""Enqueue the first or, after a pause, a crash or a time limit, the next run, once this commits.

		A new id per run: what RQ still remembers of a killed run must not keep the next one out. A run too
		many does no harm, since the rows are the queue. While Redis is down the record waits for the
		scheduler, which finds that RQ knows no run of it; what the user has selected is not lost.
		"""
		try:
			# Frappe itself finds out only after the commit, when nothing can be noted any more.
			get_redis_conn().ping()
		except REDIS_UNREACHABLE:
			self._wait_for_redis(job)
			return
		frappe.enqueue(
			self.worker,
			queue="long",
			timeout=time_limit(),
			enqueue_after_commit=True,
			job_id=self.rq_job_id(job),
			**{self.argument: job.name},
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

	def enqueue_next_run(self, job: frappe._dict) -> None:
		"""Enqueue another run of the job, locked by the caller."""
		job.run_no = cint(job.run_no) + 1
		self.update(job.name, run_no=job.run_no)
		self.enqueue(job)

	def is_in_queue(self, job: frappe._dict | Document) -> bool:
		"""Return whether RQ has the latest run waiting or believes it to be running."""
		return is_job_enqueued(self.rq_job_id(job))

	# Its events

	def publish(self, event: str, job_id: str, message: dict[str, Any]) -> None:
		"""Send an event to who started the job, and to who runs it.

		Events of one transaction leave together when it commits; with nothing open they leave at once.
		"""
		starter = frappe.db.get_value(self.doctype, job_id, "owner")
		for user in {starter or frappe.session.user, frappe.session.user}:
			frappe.publish_realtime(event, message, user=user, after_commit=True)


def time_limit() -> int:
	"""Return after how many seconds RQ ends a run."""
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	return cint(settings.job_timeout) or DEFAULT_TIME_LIMIT


def locked_rows(doctype: str, fields: Sequence[str] = ("*",), **filters: str) -> list[frappe._dict]:
	"""A locking read: it sees what others committed after this transaction took its snapshot."""
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(*(table[name] if name != "*" else table.star for name in fields))
	for fieldname, value in filters.items():
		query = query.where(table[fieldname] == value)
	return query.for_update().run(as_dict=True)


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
