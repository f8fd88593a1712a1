# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""One run of a job. It asks the record what is next, does it as one transaction, and asks again.

A worker that dies is replaced by any other (DESIGN section 4): what a run keeps in memory between two steps
is only what may be lost.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from advanced_bank_reconciliation.bulk import clock, memory
from advanced_bank_reconciliation.bulk.store import JobStore, time_limit
from advanced_bank_reconciliation.transactions import in_transaction

#: Part of RQ's time limit after which a run hands over to a next one instead of being killed. It does so too
#: when its process has become too large.
USABLE_TIME = 0.8

#: A step gets the job's id and returns whether this run is to go on.
Step = Callable[[str], bool]

NONE: Mapping[str, Step] = MappingProxyType({})


def run_steps(
	store: JobStore,
	job_id: str,
	before: Sequence[Step],
	steps: Mapping[str, Step],
	afterwards: Mapping[str, Step] = NONE,
) -> None:
	"""Take the step that belongs to the job's status, until there is none or a step says to stop.

	before: what comes first, each in a transaction of its own. afterwards: what follows a step that was taken
	in this status, in a transaction of its own, so that no step holds the record while it works.
	Raises what the database keeps refusing; the scheduler then puts the job back to work.
	"""
	hand_over_at = clock.now() + USABLE_TIME * time_limit()

	def hand_over(job_id: str) -> bool:
		store.enqueue_next_run(store.lock(job_id))
		return True

	def read_status(job_id: str) -> str:
		return store.read(job_id).status

	if not all(in_transaction(step, job_id) for step in before):
		return
	has_done_something = False
	# Read in a transaction too: a connection that is lost between two steps is no reason to end the run.
	while step := steps.get(status := in_transaction(read_status, job_id)):
		if clock.now() > hand_over_at or (has_done_something and memory.is_over_limit()):
			in_transaction(hand_over, job_id)
			return
		if not in_transaction(step, job_id):
			return
		has_done_something = True
		if status in afterwards:
			in_transaction(afterwards[status], job_id)
