# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Background jobs on RQ: enqueue, run in a worker as the user who enqueued, look up."""

import os
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import frappe
import redis
from frappe import _
from frappe.utils import CallbackManager, cint, create_batch, get_bench_id
from redis.exceptions import ConnectionError
from rq import Callback, Queue, Worker
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus

RQ_JOB_FAILURE_TTL = 7 * 24 * 60 * 60
RQ_FAILED_JOBS_LIMIT = 1000
RQ_RESULTS_TTL = 10 * 60
MAX_RETRIES = 5

_connections: dict[str, redis.Redis] = {}


def get_queues_timeout() -> dict[str, int]:
	"""Queue -> seconds a job may take; the order is the order in which workers look at them."""
	custom = frappe.get_conf().get("workers") or {}
	return {
		"short": 300,
		"default": 300,
		"long": 1500,
		**{name: config.get("timeout", 300) for name, config in custom.items()},
	}


def enqueue(
	method: str | Callable,
	queue: str = "default",
	timeout: int | None = None,
	event: Any = None,
	is_async: bool = True,
	job_name: str | None = None,
	now: bool = False,
	enqueue_after_commit: bool = False,
	*,
	on_success: Callable | None = None,
	on_failure: Callable | None = None,
	at_front: bool = False,
	job_id: str | None = None,
	deduplicate: bool = False,
	**kwargs,
) -> Job | Any:
	"""Run `method(**kwargs)` in a worker (`now`: here and at once).

	:param job_id: name of the job on this site, see is_job_enqueued
	:param deduplicate: do nothing when a job of that id is queued or running
	:param enqueue_after_commit: queue it when the transaction commits; dropped on rollback
	"""
	is_async = kwargs.pop("async", is_async)
	if deduplicate and not _is_wanted(job_id):
		return None
	job_id = create_job_id(job_id)
	if now or (not is_async and not frappe.flags.in_test):
		return frappe.call(method, **kwargs)

	q = get_queue(queue, is_async=is_async)
	_check_queue_size(q)
	name = f"{method.__module__}.{method.__qualname__}" if callable(method) else method
	queue_args = {
		"site": frappe.local.site,
		"user": frappe.session.user,
		"method": method,
		"event": event,
		"job_name": job_name or name,
		"is_async": is_async,
		"kwargs": kwargs,
	}

	def enqueue_call() -> Job:
		return q.enqueue_call(
			execute_job,
			on_success=Callback(func=on_success) if on_success else None,
			on_failure=Callback(func=on_failure or truncate_failed_registry),
			timeout=timeout or get_queues_timeout().get(queue) or 300,
			kwargs=queue_args,
			at_front=at_front,
			failure_ttl=frappe.conf.get("rq_job_failure_ttl") or RQ_JOB_FAILURE_TTL,
			result_ttl=frappe.conf.get("rq_results_ttl") or RQ_RESULTS_TTL,
			job_id=job_id,
		)

	if enqueue_after_commit:
		frappe.db.after_commit.add(enqueue_call)
		return None
	return enqueue_call()


def _is_wanted(job_id: str | None) -> bool:
	"""Whether no job of that id waits or runs; a finished one is removed to make room."""
	if not job_id:
		frappe.throw(_("`job_id` paramater is required for deduplication."))
	job = get_job(job_id)
	if not job:
		return True
	if job.get_status() in (JobStatus.QUEUED, JobStatus.STARTED):
		return False
	job.delete()
	return True


def enqueue_doc(
	doctype: str,
	name: str | None = None,
	method: str | None = None,
	queue: str = "default",
	timeout: int = 300,
	now: bool = False,
	**kwargs,
) -> Job | Any:
	"""Run a document's method in a worker."""
	return enqueue(
		"frappe.utils.background_jobs.run_doc_method",
		doctype=doctype,
		name=name,
		doc_method=method,
		queue=queue,
		timeout=timeout,
		now=now,
		**kwargs,
	)


def run_doc_method(doctype: str, name: str, doc_method: str, **kwargs) -> None:
	getattr(frappe.get_doc(doctype, name), doc_method)(**kwargs)


def execute_job(
	site: str,
	method: str | Callable,
	event: Any,
	job_name: str,
	kwargs: dict,
	user: str | None = None,
	is_async: bool = True,
	retry: int = 0,
) -> Any:
	"""What a worker runs: connect, become the user, call, then commit, or roll back and write an Error Log.

	A job that raises RetryBackgroundJobError is run again, up to five times, as Administrator (as in Frappe 15).
	"""
	if is_async:
		frappe.init(site=site)
		frappe.connect()
		if os.environ.get("CI"):
			frappe.flags.in_test = True
		if user:
			frappe.set_user(user)
	if isinstance(method, str):
		method_name, function = method, frappe.get_attr(method)
	else:
		method_name, function = f"{method.__module__}.{method.__qualname__}", method
	frappe.local.job = frappe._dict(
		site=site,
		method=method_name,
		job_name=job_name,
		kwargs=kwargs,
		user=user,
		after_job=CallbackManager(),
	)
	result = None
	for task in frappe.get_hooks("before_job"):
		frappe.call(task, method=method_name, kwargs=kwargs, transaction_type="job")
	try:
		result = function(**kwargs)
	except (frappe.db.InternalError, frappe.RetryBackgroundJobError) as error:
		frappe.db.rollback()
		if retry < MAX_RETRIES and _is_retryable(error):
			frappe.local.job.after_job.reset()
			frappe.destroy()
			time.sleep(retry + 1)
			return execute_job(site, method, event, job_name, kwargs, is_async=is_async, retry=retry + 1)
		frappe.log_error(title=method_name)
		raise
	except Exception:
		frappe.db.rollback()
		frappe.log_error(title=method_name)
		frappe.db.commit()
		print(frappe.get_traceback())
		raise
	else:
		frappe.db.commit()
		return result
	finally:
		_finish_job(site, method_name, kwargs, result, is_async)


def _is_retryable(error: Exception) -> bool:
	if isinstance(error, frappe.RetryBackgroundJobError):
		return True
	return frappe.db.is_deadlocked(error) or frappe.db.is_timedout(error)


def _finish_job(site: str, method_name: str, kwargs: dict, result: Any, is_async: bool) -> None:
	if not hasattr(frappe.local, "site"):  # a retry has closed it
		frappe.init(site)
		frappe.connect()
	for task in frappe.get_hooks("after_job"):
		frappe.call(task, method=method_name, kwargs=kwargs, result=result)
	if getattr(frappe.local, "job", None):
		frappe.local.job.after_job.run()
	if is_async:
		frappe.destroy()


def start_worker(
	queue: str | None = None,
	quiet: bool = False,
	rq_username: str | None = None,
	rq_password: str | None = None,
	burst: bool = False,
	strategy: Any = None,
) -> None:
	"""Work on queues (comma separated, default all) until stopped; `burst`: until they are empty."""
	from rq.worker import DequeueStrategy

	with frappe.init_site():
		connection = get_redis_conn()
		names = [name.strip() for name in queue.split(",")] if queue else None
		queues = get_queue_list(names, build_queue_name=True)
	Worker(queues, connection=connection).work(
		logging_level="WARNING" if quiet else "INFO",
		burst=burst,
		date_format="%Y-%m-%d %H:%M:%S",
		log_format="%(asctime)s,%(msecs)03d %(message)s",
		dequeue_strategy=strategy or DequeueStrategy.DEFAULT,
	)


def get_queue_list(queue_list: str | list[str] | None = None, build_queue_name: bool = False) -> list[str]:
	queues = [queue_list] if isinstance(queue_list, str) else queue_list or list(get_queues_timeout())
	for queue in queues:
		validate_queue(queue)
	return [generate_qname(queue) for queue in queues] if build_queue_name else queues


def get_workers(queue: Queue | None = None) -> list[Worker]:
	return Worker.all(queue=queue) if queue else Worker.all(get_redis_conn())


def get_running_jobs_in_queue(queue: Queue) -> list[Job]:
	return [job for worker in get_workers(queue) if (job := worker.get_current_job())]


def get_jobs(
	site: str | None = None, queue: str | list | None = None, key: str = "method"
) -> dict[str, list]:
	"""Site -> values of `key` (method, job_name, or a keyword argument) of its queued and running jobs."""
	result: dict[str, list] = {}
	for name in get_queue_list(queue):
		q = get_queue(name)
		for job in q.jobs + get_running_jobs_in_queue(q):
			job_site = job.kwargs.get("site")
			if job_site and site in (None, job_site):
				values = job.kwargs if key in job.kwargs else job.kwargs.get("kwargs", {})
				if key in values:
					result.setdefault(job_site, []).append(values[key])
	return result


def get_queue(qtype: str, is_async: bool = True) -> Queue:
	validate_queue(qtype)
	return Queue(generate_qname(qtype), connection=get_redis_conn(), is_async=is_async)


def validate_queue(queue: str, default_queue_list: list[str] | None = None) -> None:
	known = default_queue_list or list(get_queues_timeout())
	if queue not in known:
		frappe.throw(_("Queue should be one of {0}").format(", ".join(known)))


def get_redis_conn(username: str | None = None, password: str | None = None) -> redis.Redis:
	"""
	:raises ConnectionError: (redis) the queue's Redis does not answer within a few seconds
	"""
	connection = get_redis_connection_without_auth()
	for attempt in range(5):
		try:
			connection.ping()
			return connection
		except ConnectionError:  # BusyLoadingError is one too
			if attempt == 4:
				raise
			time.sleep(1)
	return connection


def get_redis_connection_without_auth() -> redis.Redis:
	url = frappe.local.conf.redis_queue
	if url not in _connections:
		_connections[url] = redis.Redis.from_url(url)
	return _connections[url]


def get_queues(connection: redis.Redis | None = None) -> list[Queue]:
	"""Queues of this bench."""
	return [
		queue for queue in Queue.all(connection=connection or get_redis_conn()) if is_queue_accessible(queue)
	]


def generate_qname(qtype: str | list[str]) -> str:
	return f"{get_bench_id()}:{','.join(qtype) if isinstance(qtype, list) else qtype}"


def is_queue_accessible(qobj: Queue) -> bool:
	return qobj.name in [generate_qname(queue) for queue in get_queues_timeout()]


def create_job_id(job_id: str | None) -> str:
	"""RQ's id of the job: the site's name and the given (or a random) id."""
	return f"{frappe.local.site}::{job_id or uuid4()}"


def is_job_enqueued(job_id: str) -> bool:
	return get_job_status(job_id) in (JobStatus.QUEUED, JobStatus.STARTED)


def get_job_status(job_id: str) -> JobStatus | None:
	job = get_job(job_id)
	return job.get_status() if job else None


def get_job(job_id: str) -> Job | None:
	try:
		return Job.fetch(create_job_id(job_id), connection=get_redis_conn())
	except NoSuchJobError:
		return None


def truncate_failed_registry(
	job: Job, connection: redis.Redis, type: Any, value: Any, traceback: Any
) -> None:
	"""Keep only the latest failed jobs in Redis."""
	if not hasattr(frappe.local, "conf"):
		with frappe.init_site(job.kwargs.get("site")):
			_truncate_failed_registry(connection)
	else:
		_truncate_failed_registry(connection)


def _truncate_failed_registry(connection: redis.Redis) -> None:
	limit = cint(frappe.conf.get("rq_failed_jobs_limit") or RQ_FAILED_JOBS_LIMIT) - 1
	for queue in get_queues(connection=connection):
		registry = queue.failed_job_registry
		for job_ids in create_batch(registry.get_job_ids()[limit:], 100):
			for job in Job.fetch_many(job_ids=job_ids, connection=connection):
				if job:
					registry.remove(job, delete_job=True)


def _check_queue_size(q: Queue) -> None:
	limit = cint(frappe.conf.max_queued_jobs)
	if limit and cint(q.count) >= limit:
		message = _("Too many queued background jobs ({0}). Please retry after some time.").format(limit)
		frappe.throw(message, title=_("Queue Overloaded"), exc=frappe.QueueOverloaded)
