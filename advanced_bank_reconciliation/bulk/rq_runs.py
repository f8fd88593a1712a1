# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What RQ knows: how many workers listen, and which runs wait or are at work."""

from collections.abc import Iterable
from datetime import datetime, timezone

from frappe.utils.background_jobs import create_job_id, get_queue, get_redis_conn, get_workers
from rq import get_current_job
from rq.job import Job, JobStatus

#: A worker notes every 30 seconds that its job is at work. One that has not done so for this long is gone,
#: whatever RQ still believes: after a kill -9 nobody tells it.
GONE_AFTER_SECONDS = 180


def inside_rq() -> bool:
	"""Return whether this process works on a job of RQ, and not in a console, a command or a test."""
	return get_current_job() is not None


def count_workers(queue: str) -> int:
	"""Return how many workers of this bench, on all its machines, listen to the queue, idle or not."""
	return len(get_workers(get_queue(queue)))


def living(job_ids: Iterable[str]) -> int:
	"""Return how many of the jobs wait or are at work; ids as given to `frappe.enqueue`."""
	rq_ids = [create_job_id(job_id) for job_id in job_ids]
	return sum(1 for job in Job.fetch_many(rq_ids, connection=get_redis_conn()) if job and _lives(job))


def is_any_in_line(job_ids: Iterable[str], queue: str) -> bool:
	"""Return whether one of the jobs stands in the queue. What RQ calls queued may have been lost from there."""
	return not {create_job_id(job_id) for job_id in job_ids}.isdisjoint(get_queue(queue).get_job_ids())


def _lives(job: Job) -> bool:
	status = job.get_status(refresh=False)
	if status == JobStatus.STARTED:
		return not job.last_heartbeat or _age(job.last_heartbeat) < GONE_AFTER_SECONDS
	return status == JobStatus.QUEUED


def _age(moment: datetime) -> float:
	"""Return the seconds since `moment`, which RQ keeps in UTC, in older versions without saying so."""
	if not moment.tzinfo:
		moment = moment.replace(tzinfo=timezone.utc)
	return (datetime.now(timezone.utc) - moment).total_seconds()
