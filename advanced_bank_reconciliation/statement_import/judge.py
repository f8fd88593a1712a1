# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Judges the lines of a record against what is in the books, and keeps what the user has decided.

Judged when a file is read, and again, under the lock of the bank account, before the first line is imported:
what others have imported meanwhile is then known.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import frappe
from pypika import Case

from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.duplicates import Fingerprints, classify, resembled
from advanced_bank_reconciliation.statement_import.job import (
	FINGERPRINTS,
	ROW,
	fingerprints_on,
	rows_of,
	set_rows,
)
from advanced_bank_reconciliation.statement_import.stored import known_fingerprints

#: Without a word of the user: what is certainly new is imported, what may be there already is not (P66).
DEFAULT_DECISION = {
	statuses.NEW: statuses.IMPORT,
	statuses.DUPLICATE: statuses.SKIP,
	statuses.POSSIBLE_DUPLICATE: statuses.SKIP,
}

ROW_FIELDS = ("name", "date", "transaction_id", "outcome", "decision", "decided", "resembles", *FINGERPRINTS)

#: Rows of which one statement writes what each resembles.
CHUNK = 500


def judge(
	bank_account: str, found: Sequence[tuple[str, Fingerprints]], besides: str = ""
) -> list[tuple[str, str]]:
	"""Return (outcome, resembled) for lines given as (id of the bank, fingerprints), in their order.

	resembled: the Bank Transaction that a duplicate is, or may be; "" for the others.
	"""
	days = [prints.day for _id, prints in found]
	ids = {prints.id: identity for identity, prints in found if prints.id}
	period = (min(days), max(days)) if days else None
	known = known_fingerprints(bank_account, period, ids.items(), besides)
	prints = [prints for _id, prints in found]
	outcomes = classify(prints, list(known.values()))
	return list(zip(outcomes, resembled(prints, outcomes, known), strict=True))


def judge_again(record: str, bank_account: str) -> None:
	"""Write anew which lines of the record are new. Those that it has imported itself take part, unchanged."""
	outcomes = (*statuses.JUDGED, statuses.SKIPPED, statuses.IMPORTED)
	rows = rows_of(record, ROW_FIELDS, outcomes)
	found = [(row.transaction_id, fingerprints_on(row)) for row in rows]
	changes: dict[tuple[str, str, int], list[str]] = defaultdict(list)
	resembles: dict[str, str] = {}
	for row, (outcome, name) in zip(rows, judge(bank_account, found, besides=record), strict=True):
		if row.outcome == statuses.IMPORTED:
			continue
		decision, decided = _decision(row, outcome)
		if (row.outcome, row.decision, row.decided) != (outcome, decision, decided):
			changes[outcome, decision, decided].append(row.name)
		if (row.resembles or "") != name:
			resembles[row.name] = name
	_write(changes)
	_write_resembled(resembles)


def _decision(row, outcome: str) -> tuple[str, int]:
	"""Skipping stays the user's word; importing does only for what the user has seen the line judged to be."""
	if row.decided and (row.decision == statuses.SKIP or row.outcome == outcome):
		return row.decision, 1
	return DEFAULT_DECISION[outcome], 0


def _write(changes: dict[tuple[str, str, int], Iterable[str]]) -> None:
	for (outcome, decision, decided), names in changes.items():
		set_rows(names, outcome=outcome, decision=decision, decided=decided)


def _write_resembled(names: dict[str, str]) -> None:
	"""Write what each row, by its name, resembles; "" empties it."""
	row, items = frappe.qb.DocType(ROW), list(names.items())
	for start in range(0, len(items), CHUNK):
		chunk = items[start : start + CHUNK]
		case = Case()
		for name, resembled_name in chunk:
			case = case.when(row.name == name, resembled_name or None)
		frappe.qb.update(row).set(row.resembles, case).where(
			row.name.isin([name for name, _resembled in chunk])
		).run()
