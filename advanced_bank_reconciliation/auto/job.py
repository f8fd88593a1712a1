# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The record of an auto reconciliation: what kind of job it is, how one is created, and its lines."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime

from advanced_bank_reconciliation.auto import statuses
from advanced_bank_reconciliation.auto.policy import Policy, parse_policy, policy_of
from advanced_bank_reconciliation.auto.serve import Result
from advanced_bank_reconciliation.bulk.progress import percentage
from advanced_bank_reconciliation.bulk.store import JobStore, insert_rows
from advanced_bank_reconciliation.matching.filters import Filters, parse_filters

JOB = "Auto Bank Reconciliation"
ROW = "Auto Bank Reconciliation Line"

AUTO = JobStore(
	doctype=JOB,
	row_doctype=ROW,
	row_state="outcome",
	subject="bank_account",
	ended_at="ended_at",
	active=statuses.ACTIVE,
	next=statuses.NEXT,
	worker="advanced_bank_reconciliation.auto.worker.run",
	argument="auto_reconciliation",
	rq_prefix="auto_reconciliation",
)

#: What of an order narrows by date, by the names of arguments, filters and the record's fields.
DATES = ("from_date", "to_date", "filter_by_reference_date", "from_reference_date", "to_reference_date")

#: The count on the record of lines with each outcome.
COUNTS = {
	"matched": statuses.MATCHED,
	"would_match": statuses.WOULD_MATCH,
	"skipped": statuses.SKIPPED,
	"failed": statuses.FAILED,
	"undone": statuses.UNDONE,
}


@dataclass(frozen=True)
class Order:
	"""What a run is asked to do: for which lines of a bank account, with which candidates, by which policy.

	Dates that are None do not narrow. from_date, to_date: the period of the Bank Transactions. Where
	filter_by_reference_date, candidates are narrowed too, as `matching.filters` does it: those with a
	reference date by from_reference_date and to_reference_date, all others by the period. only: names of
	Bank Transactions that are meant, whatever their dates; None for all open ones of the period.
	"""

	bank_account: str
	policy: Policy
	from_date: date | None = None
	to_date: date | None = None
	filter_by_reference_date: bool = False
	from_reference_date: date | None = None
	to_reference_date: date | None = None
	only: tuple[str, ...] | None = None

	@property
	def filters(self) -> Filters:
		"""What narrows the candidates of every line."""
		document_types = list(self.policy.document_types)
		if not self.filter_by_reference_date:
			return Filters(document_types)
		return Filters(
			document_types,
			from_date=self.from_date,
			to_date=self.to_date,
			filter_by_reference_date=True,
			from_reference_date=self.from_reference_date,
			to_reference_date=self.to_reference_date,
		)

	@property
	def key(self) -> str:
		"""Recognises the repetition of an order."""
		text = json.dumps(
			[self.bank_account, self.policy.as_dict(), self.only, *map(str, self.values().values())],
			sort_keys=True,
		)
		return hashlib.sha256(text.encode()).hexdigest()

	def values(self) -> dict[str, Any]:
		"""Return what narrows by date, by the names of the record's fields."""
		return {key: getattr(self, key) for key in DATES}


def parse_order(values: Mapping[str, Any]) -> Order:
	"""Return what a call asks for, in checked form. Raises BadPayload for what cannot be meant.

	values: the arguments of `auto_reconcile_vouchers`.
	"""
	dates = parse_filters({key: values.get(key) for key in DATES})
	return Order(values["bank_account"], parse_policy(values), **{key: getattr(dates, key) for key in DATES})


def order_of(job: Mapping[str, Any]) -> Order:
	"""Return the order that stands on the record of a run."""
	return Order(job["bank_account"], policy_of(job), **{key: job[key] for key in DATES})


def create_job(order: Order, lines: Sequence[frappe._dict], company: str, currency: str) -> Document:
	"""Insert the record with a row for each line, oldest first, and return it. Its name is the job id.

	A second active run of the bank account fails on a unique index (PITFALLS P51). lines: {name, date,
	unallocated_amount, deposit}.
	"""
	policy = order.policy
	job = frappe.new_doc(JOB)
	job.update(
		{
			"bank_account": order.bank_account,
			"active_bank_account": order.bank_account,
			"company": company,
			"currency": currency,
			"status": statuses.QUEUED,
			"request_key": order.key,
			"dry_run": int(policy.dry_run),
			"minimum_score": policy.minimum_score,
			"margin": policy.margin_to_second,
			"amount_ceiling": policy.amount_ceiling,
			"document_types": json.dumps(list(policy.document_types)),
			**order.values(),
			"total": len(lines),
			"last_activity": now_datetime(),
			"message": _("Waiting for a worker"),
		}
	)
	job.insert(ignore_permissions=True)
	fields = ("bank_transaction", "date", "amount", "outcome")
	rows = [(line.name, line.date, line.unallocated_amount, statuses.QUEUED) for line in lines]
	insert_rows(job, ROW, "lines", fields, rows)
	return job


def next_row(job_id: str, outcome: str, **filters: Any) -> frappe._dict | None:
	"""Return the first row with this outcome, in the order of the lines; the job is locked by the caller."""
	rows = frappe.get_all(
		ROW,
		filters={"parent": job_id, "outcome": outcome, **filters},
		fields=["name", "bank_transaction", "voucher_type", "voucher"],
		order_by="idx",
		limit_page_length=1,
	)
	return rows[0] if rows else None


def write_result(row_name: str, result: Result) -> None:
	"""Write what became of a line on its row."""
	frappe.db.set_value(ROW, row_name, result.values())


def write_counts(job_id: str, **values: Any) -> dict[str, int]:
	"""Write on the record how many lines came out how, and return the count of each outcome."""
	counts = AUTO.count_rows(job_id)
	total = sum(counts.values())
	served = total - counts.get(statuses.QUEUED, 0)
	numbers = {field: counts.get(outcome, 0) for field, outcome in COUNTS.items()}
	AUTO.update(job_id, **{"percentage": percentage(served, total), **numbers, **values})
	return counts
