# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the endpoints answer about a statement import (docs/statement_import.md)."""

import json
from collections.abc import Collection, Mapping
from typing import Any

import frappe

from advanced_bank_reconciliation import permissions
from advanced_bank_reconciliation.bulk.progress import percentage
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.job import COUNTS, IMPORTS, JOB, ROW, counts_of, rows_of
from advanced_bank_reconciliation.statement_import.preview import question_with_labels, role_choices
from advanced_bank_reconciliation.statement_import.reading import TABLES
from advanced_bank_reconciliation.statement_import.saved_mappings import may_save
from advanced_bank_reconciliation.vouchers.bank_line import BANK_TRANSACTION

#: Lines that come with the state; more in pages.
FIRST_LINES = 50

#: The names of the counts in an answer, by those of the record.
ANSWERED = {
	"new_lines": "new",
	"duplicates": "duplicate",
	"possible_duplicates": "possible_duplicate",
}

#: Fields of a row as they are answered, by those of the doctype.
LINE_FIELDS = (
	*("name as row", "number", "date", "value_date", "amount", "line_currency as currency"),
	*("description", "reference", "particulars", "code", "transaction_id"),
	*("party_name", "party_iban", "party_account"),
	*("fee", "balance", "has_balance", "outcome", "decision", "bank_transaction", "error"),
	*("corrected", "raw", "resembles"),
)

#: What is shown of the Bank Transaction that a line resembles, as far as this version of ERPNext has it.
RESEMBLED_FIELDS = {
	"name": "name",
	"date": "date",
	"deposit": "deposit",
	"withdrawal": "withdrawal",
	"currency": "currency",
	"description": "description",
	"reference_number": "reference",
	"bank_party_name": "party_name",
	"status": "status",
}

RECORD_FIELDS = (
	*("name", "status", "bank_account", "bank", "company", "currency", "file", "file_name"),
	*("format", "format_title", "account_id", "stale_message", "from_date", "to_date"),
	*("deposits", "withdrawals", "message", "error_message", "owner"),
)

NO_PROOF = {
	"proven": None,
	"message": "",
	"line": None,
	"expected": None,
	"found": None,
	"difference": None,
}


def get_state(name: str, latest: bool = False) -> dict[str, Any]:
	"""Return the state of an import, read from its record: see docs/statement_import.md.

	latest: under lock, for who has waited for somebody else's change of the record.
	"""
	record = IMPORTS.lock(name) if latest else IMPORTS.read(name)
	reading = json.loads(record.reading or "{}")
	counts = counts_of(record)
	mapping = json.loads(record.mapping) if record.mapping else None
	is_table = record.format in TABLES
	return {
		**{field: record[field] for field in RECORD_FIELDS},
		"active": record.status in statuses.ACTIVE,
		"is_table": is_table,
		"questions": [question_with_labels(question) for question in reading.get("questions", ())],
		"mapping": mapping,
		"mapping_source": record.mapping_source or "",
		"columns": reading.get("columns", []),
		"roles": role_choices() if is_table else [],
		"header_row": reading.get("header_row", 0),
		"first_rows": reading.get("first_rows", []),
		"lines": get_lines(name, page_length=FIRST_LINES)["lines"],
		"counts": named_counts(counts),
		"opening_balance": record.opening_balance if record.has_opening_balance else None,
		"closing_balance": record.closing_balance if record.has_closing_balance else None,
		"proof": {**NO_PROOF, **json.loads(record.proof or "{}")},
		"warnings": reading.get("warnings", []),
		"notes": reading.get("notes", []),
		**progress_of(record, counts),
		"open_problems": count_problems(name),
		"can": possible_actions(record, reading, counts),
	}


def get_lines(
	name: str, outcomes: Collection[str] = (), start: int = 0, page_length: int = 50
) -> dict[str, Any]:
	"""Return {lines, total}: a page of the rows with these outcomes, all where none are named."""
	lines = rows_of(name, LINE_FIELDS, outcomes, start=start, limit=page_length)
	known = _resembled({line.resembles for line in lines if line.resembles})
	for line in lines:
		if not line.pop("has_balance"):
			line.balance = None
		line.resembles = known.get(line.resembles)
	counts = IMPORTS.count_rows(name)
	total = sum(count for outcome, count in counts.items() if not outcomes or outcome in outcomes)
	return {"lines": lines, "total": total}


def _resembled(names: Collection[str]) -> dict[str, dict[str, Any]]:
	"""Return what is shown of these Bank Transactions, by name; of one that the user may not read, its name."""
	known = {name: {"name": name} for name in names}
	if names and permissions.may_read(BANK_TRANSACTION):
		meta = frappe.get_meta(BANK_TRANSACTION)
		fields = [field for field in RESEMBLED_FIELDS if field == "name" or meta.has_field(field)]
		for row in frappe.get_list(
			BANK_TRANSACTION, filters={"name": ("in", list(names))}, fields=fields, limit_page_length=0
		):
			known[row.name] = {RESEMBLED_FIELDS[field]: row[field] for field in fields}
	return known


def named_counts(counts: Mapping[str, int]) -> dict[str, int]:
	"""Return the counts of outcomes by the names of the answer."""
	named = {ANSWERED.get(field, field): counts.get(outcome, 0) for field, outcome in COUNTS.items()}
	return {"total": sum(counts.values()), **named}


def progress_of(record: Mapping[str, Any], counts: Mapping[str, int]) -> dict[str, Any]:
	"""Return {current, total, percentage}: lines that are done, of those that the run is to do."""
	imported, reverted = counts.get(statuses.IMPORTED, 0), counts.get(statuses.LINE_REVERTED, 0)
	if record["status"] == statuses.REVERTING:
		total = imported + reverted
		return {"current": reverted, "total": total, "percentage": percentage(reverted, total)}
	current = imported + counts.get(statuses.LINE_FAILED, 0)
	total = current + count_pending(record["name"])
	done = 0.0 if record["status"] == statuses.DRAFT else percentage(current, total)
	return {"current": current, "total": total, "percentage": done}


def count_pending(name: str) -> int:
	"""Return how many lines wait to be imported."""
	return frappe.db.count(
		ROW, {"parent": name, "outcome": ("in", statuses.JUDGED), "decision": statuses.IMPORT}
	)


def count_problems(name: str) -> int:
	"""Return how many bad and failed lines nobody has decided to skip."""
	return frappe.db.count(
		ROW, {"parent": name, "outcome": ("in", statuses.PROBLEMS), "decision": ("!=", statuses.SKIP)}
	)


def is_put_away(record: Mapping[str, Any]) -> bool:
	"""Return whether starting a record with nothing to import completes it: a draft without a problem."""
	return record["status"] == statuses.DRAFT and not count_problems(record["name"])


def may_discard(record: Mapping[str, Any]) -> bool:
	"""Return whether the user, who may read the record, may throw it away: who has uploaded it, or a manager."""
	if record["status"] != statuses.DRAFT:
		return False
	return record["owner"] == frappe.session.user or frappe.has_permission(JOB, "delete", record["name"])


def questions_of(record: Mapping[str, Any]) -> list[dict[str, Any]]:
	"""Return the questions about the file that are open."""
	return json.loads(record["reading"] or "{}").get("questions", [])


def possible_actions(
	record: Mapping[str, Any], reading: Mapping[str, Any], counts: Mapping[str, int]
) -> dict[str, bool]:
	"""Return which buttons make sense. The endpoints check for themselves."""
	status, pending = record["status"], count_pending(record["name"])
	draft = status == statuses.DRAFT
	may_queue = statuses.QUEUED in statuses.NEXT.get(status, ())
	is_table = record["format"] in TABLES
	asked = bool(reading.get("questions"))
	failed = frappe.db.count(
		ROW,
		{"parent": record["name"], "outcome": statuses.LINE_FAILED, "decision": statuses.IMPORT},
	)
	return {
		"change_mapping": draft and (is_table or asked),
		"save_mapping": is_table and bool(record["mapping"]) and not asked and may_save(record["bank"]),
		"start": status in (statuses.DRAFT, statuses.CANCELLED)
		and not asked
		and (pending > 0 or is_put_away(record)),
		"resume": status in statuses.ACTIVE,
		"cancel": status in (statuses.QUEUED, statuses.IMPORTING),
		"revert": statuses.REVERTING in statuses.NEXT.get(status, ())
		and counts.get(statuses.IMPORTED, 0) > 0,
		"retry": may_queue and status not in (statuses.DRAFT, statuses.CANCELLED) and pending + failed > 0,
		"correct": status not in statuses.ACTIVE and status not in statuses.TAKEN_BACK,
		"discard": may_discard(record),
	}
