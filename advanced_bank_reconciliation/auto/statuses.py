# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The states of an auto reconciliation, what became of each of its lines, and which state may follow which."""

QUEUED = "Queued"
RUNNING = "Running"
UNDOING = "Undoing"
COMPLETED = "Completed"
FAILED = "Failed"
CANCELLED = "Cancelled"
UNDONE = "Undone"

#: Outcomes of a line beside Queued, Failed and Undone.
MATCHED = "Matched"
WOULD_MATCH = "Would Match"
SKIPPED = "Skipped"

#: While a run is in one of these it holds its bank account.
ACTIVE = (QUEUED, RUNNING, UNDOING)

NEXT = {
	QUEUED: (RUNNING, CANCELLED, FAILED),
	RUNNING: (COMPLETED, CANCELLED, FAILED),
	COMPLETED: (UNDOING,),
	CANCELLED: (UNDOING,),
	FAILED: (UNDOING,),
	UNDOING: (UNDONE, FAILED),
}
