# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""One run of a job. It asks the record what is next, does it as one transaction, and asks again.

Nothing is kept in memory between two steps: a worker that dies is replaced by any other (DESIGN section 4).
"""

import time
from collections.abc import Callable, Mapping

from advanced_bank_reconciliation.bulk.store import JobStore, time_limit
from advanced_bank_reconciliation.bulk.transactions import in_transaction

#: Part of RQ's time limit after which a run hands over to a next one instead of being killed.
USABLE_TIME = 0.8

#: A step gets the job's id and returns whether this run is to go on.
Step = Callable[[str], bool]


def run_steps(store: JobStore, job_id: str, check_rights: Step, steps: Mapping[str, Step]) -> None:
	"""Take the step that belongs to the job's status, until there is none or a step says to stop.

	Raises what the database keeps refusing; the scheduler then puts the job back to work.
	"""
	hand_over_at = time.monotonic() + USABLE_TIME * time_limit()

	def hand_over(job_id: str) -> bool:
		store.enqueue_next_run(store.lock(job_id))
		return True

	def read_status(job_id: str) -> str:
		return store.read(job_id).status

	if not in_transaction(check_rights, job_id):
		return
	# Read in a transaction too: a connection that is lost between two steps is no reason to end the run.
	while step := steps.get(in_transaction(read_status, job_id)):
		if time.monotonic() > hand_over_at:
			in_transaction(hand_over, job_id)
			return
		if not in_transaction(step, job_id):
			return
