# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The record of a statement import: what kind of job it is, its rows, and how many came out how."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import frappe
from frappe.model.document import Document

from advanced_bank_reconciliation.bulk.store import JobStore
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.duplicates import Fingerprints
from advanced_bank_reconciliation.statement_import.statement import Line

JOB = "Bank Statement Import Record"
ROW = "Bank Statement Import Record Line"

IMPORTS = JobStore(
	doctype=JOB,
	row_doctype=ROW,
	row_state="outcome",
	subject="bank_account",
	ended_at="ended_at",
	active=statuses.ACTIVE,
	next=statuses.NEXT,
	worker="advanced_bank_reconciliation.statement_import.worker.run",
	argument="statement_import",
	rq_prefix="statement_import",
)

#: The count on the record of lines with each outcome.
COUNTS = {
	"new_lines": statuses.NEW,
	"duplicates": statuses.DUPLICATE,
	"possible_duplicates": statuses.POSSIBLE_DUPLICATE,
	"bad": statuses.BAD,
	"imported": statuses.IMPORTED,
	"skipped": statuses.SKIPPED,
	"failed": statuses.LINE_FAILED,
	"reverted": statuses.LINE_REVERTED,
}

#: Texts of a `Line`, which a row has under the same names.
TEXTS = (
	*("description", "reference", "particulars", "code", "transaction_id"),
	*("party_name", "party_iban", "party_account", "raw"),
)

#: What a `Line` is made of again.
LINE_FIELDS = (
	*("name", "number", "date", "value_date", "amount", "fee", "balance", "has_balance", "line_currency"),
	*TEXTS,
)

#: Texts of the `Fingerprints` of a row, in their order after the date.
FINGERPRINTS = ("exact_fingerprint", "similar_fingerprint", "id_fingerprint", "text_fingerprint")


def record_of(name: str) -> Document:
	"""Return the record as a document, for its permissions. Its lines are not part of it."""
	return frappe.get_doc(JOB, name)


def line_of(row: Mapping[str, Any]) -> Line:
	"""Return the `Line` that a row of `LINE_FIELDS` stands for."""
	return Line(
		number=row["number"],
		date=row["date"],
		value_date=row["value_date"],
		amount=decimal(row["amount"]),
		currency=row["line_currency"] or "",
		balance=decimal(row["balance"]) if row["has_balance"] else None,
		fee=decimal(row["fee"]) or None,
		**{name: row[name] or "" for name in TEXTS},
	)


def fingerprints_on(row: Mapping[str, Any]) -> Fingerprints:
	"""Return the fingerprints that stand on a row of {date, `FINGERPRINTS`}."""
	return Fingerprints(row["date"], *(row[field] or "" for field in FINGERPRINTS))


def rows_of(
	job_id: str, fields: Sequence[str], outcomes: Collection[str] = (), **filters: Any
) -> list[frappe._dict]:
	"""Return rows of the record in the order of the file. filters: see `frappe.get_all`; `limit` too."""
	limit = filters.pop("limit", 0)
	start = filters.pop("start", 0)
	if outcomes:
		filters["outcome"] = ("in", tuple(outcomes))
	return frappe.get_all(
		ROW,
		filters={"parent": job_id, **filters},
		fields=list(fields),
		order_by="idx",
		limit_start=start,
		limit_page_length=limit,
	)


def readable_lines(job_id: str) -> list[Line]:
	"""Return the lines of the record that could be read, in the order of the file."""
	outcomes = [outcome for outcome in statuses.OUTCOMES if outcome != statuses.BAD]
	return [line_of(row) for row in rows_of(job_id, LINE_FIELDS, outcomes)]


def set_rows(names: Iterable[str], **values: Any) -> None:
	"""Write the same values to several rows."""
	names = list(names)
	for start in range(0, len(names), 1000):
		frappe.db.set_value(ROW, {"name": ("in", names[start : start + 1000])}, values, update_modified=False)


def write_counts(job_id: str, **values: Any) -> dict[str, int]:
	"""Write on the record how many lines came out how, and return the count of each outcome."""
	counts = IMPORTS.count_rows(job_id)
	numbers = {field: counts.get(outcome, 0) for field, outcome in COUNTS.items()}
	IMPORTS.update(job_id, total=sum(counts.values()), **numbers, **values)
	return counts


def counts_of(record: Mapping[str, Any]) -> dict[str, int]:
	"""Return how many lines came out how, as it stands on the record."""
	return {outcome: record[field] or 0 for field, outcome in COUNTS.items()}


def is_seen(locked: Iterable[Mapping[str, Any]]) -> bool:
	"""Return whether the records, read under lock, are what a plain read of this transaction sees, too.

	A transaction that has read before it waited for a lock sees the rows as they were before: lines that were
	imported meanwhile would be imported again.
	"""
	now = {record["name"]: record["modified"] for record in locked}
	seen = frappe.get_all(
		JOB, filters={"name": ("in", list(now))}, fields=["name", "modified"], limit_page_length=0
	)
	return {record.name: record.modified for record in seen} == now


def decimal(value: Any) -> Decimal:
	"""Return an amount of the database, which the driver gives as float, as the decimal number it shows."""
	return Decimal(repr(value) if isinstance(value, float) else str(value or 0))
