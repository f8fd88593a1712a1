# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The states of a statement import, what became of each of its lines, and which state may follow which."""

from advanced_bank_reconciliation.statement_import import duplicates

DRAFT = "Draft"
QUEUED = "Queued"
IMPORTING = "Importing"
COMPLETED = "Completed"
PARTIALLY_COMPLETED = "Partially Completed"
FAILED = "Failed"
CANCELLED = "Cancelled"
REVERTING = "Reverting"
REVERTED = "Reverted"
PARTIALLY_REVERTED = "Partially Reverted"

#: Outcomes of a line.
NEW = duplicates.NEW
DUPLICATE = duplicates.DUPLICATE
POSSIBLE_DUPLICATE = duplicates.POSSIBLE_DUPLICATE
BAD = "Bad"
IMPORTED = "Imported"
SKIPPED = "Skipped"
LINE_FAILED = "Failed"
LINE_REVERTED = "Reverted"
OUTCOMES = (NEW, DUPLICATE, POSSIBLE_DUPLICATE, BAD, IMPORTED, SKIPPED, LINE_FAILED, LINE_REVERTED)

#: What is known of a line that was not tried yet. Those of them that are to be imported are the queue.
JUDGED = (NEW, DUPLICATE, POSSIBLE_DUPLICATE)

#: Lines with a problem: to be corrected or tried again, unless the user has decided to skip them.
PROBLEMS = (BAD, LINE_FAILED)

#: What is to become of a line.
IMPORT, SKIP = "Import", "Skip"
DECISIONS = (IMPORT, SKIP)

#: While an import is in one of these it holds its bank account, and a worker is, or ought to be, at it.
ACTIVE = (QUEUED, IMPORTING, REVERTING)

#: An import in one of these gets the status that its rows say, as soon as none is to be imported.
SETTLING = (IMPORTING, PARTIALLY_COMPLETED, FAILED)

#: An import that was taken back is over; its lines are settled.
TAKEN_BACK = (REVERTED, PARTIALLY_REVERTED)

NEXT = {
	DRAFT: (QUEUED,),
	QUEUED: (IMPORTING, CANCELLED, FAILED),
	IMPORTING: (COMPLETED, PARTIALLY_COMPLETED, FAILED, CANCELLED),
	COMPLETED: (QUEUED, REVERTING),
	PARTIALLY_COMPLETED: (QUEUED, REVERTING, COMPLETED),
	FAILED: (QUEUED, REVERTING, COMPLETED, PARTIALLY_COMPLETED),
	CANCELLED: (QUEUED, REVERTING),
	REVERTING: (REVERTED, PARTIALLY_REVERTED, FAILED),
	PARTIALLY_REVERTED: (REVERTING,),
}
