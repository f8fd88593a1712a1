# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The states of a job and of its rows, and which may follow which (DESIGN section 4)."""

QUEUED = "Queued"
RUNNING = "Running"
PAUSED = "Paused"
RECONCILING = "Reconciling"
ROLLING_BACK = "Rolling Back"
COMPLETED = "Completed"
PARTIALLY_COMPLETED = "Partially Completed"
FAILED = "Failed"
ROLLED_BACK = "Rolled Back"
CANCELLED = "Cancelled"
UNDOING = "Undoing"
UNDONE = "Undone"

#: Row states beside Queued, Failed and Rolled Back.
PAID = "Paid"
RECONCILED = "Reconciled"

#: While a job is in one of these it holds its Bank Transaction.
ACTIVE = (QUEUED, RUNNING, PAUSED, RECONCILING, ROLLING_BACK, UNDOING)

#: In these a worker has something to do.
WORKING = (QUEUED, RUNNING, RECONCILING, ROLLING_BACK, UNDOING)

#: In these what the job has made is being taken back: nothing can call it off, and it never gives up.
TAKING_BACK = (ROLLING_BACK, UNDOING)

#: Ended with something reconciled.
SUCCESSFUL = (COMPLETED, PARTIALLY_COMPLETED)

NEXT = {
	QUEUED: (RUNNING, PAUSED, ROLLING_BACK),
	RUNNING: (PAUSED, RECONCILING, ROLLING_BACK),
	PAUSED: (RUNNING, ROLLING_BACK),
	RECONCILING: (COMPLETED, PARTIALLY_COMPLETED, FAILED, ROLLING_BACK),
	ROLLING_BACK: (PARTIALLY_COMPLETED, FAILED, ROLLED_BACK, CANCELLED),
	COMPLETED: (UNDOING,),
	PARTIALLY_COMPLETED: (QUEUED, UNDOING),
	FAILED: (QUEUED, ROLLING_BACK, UNDOING),
	UNDOING: (UNDONE, FAILED, COMPLETED, PARTIALLY_COMPLETED),
}
