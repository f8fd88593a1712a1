# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The bulk reconciliations of a period: what each has done, how long it took, and how it ended."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.utils import add_days, getdate, time_diff_in_seconds

from advanced_bank_reconciliation.bulk.job import JOB

FIELDS = (
	"name",
	"creation",
	"company",
	"bank_account",
	"bank_transaction",
	"status",
	"total_invoices",
	"processed",
	"failed",
	"reconciled_amount",
	"currency",
	"started_at",
	"completed_at",
	"owner",
)
EXACT_FILTERS = ("company", "bank_account", "status")

#: With more days than these the chart has a bar for each week.
MOST_DAYS = 31


def execute(filters: Mapping[str, Any] | None = None) -> tuple:
	"""Return columns, rows, no message, chart and summary of a Script Report.

	filters: from_date and to_date (of the start of the job), company, bank_account, status; all optional.
	Only what the user may read is in it: roles and user permissions are those of the job record.
	"""
	filters = frappe._dict(filters or {})
	rows = _jobs(filters)
	return _columns(), rows, None, _chart(rows), _summary(rows)


def _jobs(filters: frappe._dict) -> list[frappe._dict]:
	conditions: list[list[Any]] = [[name, "=", filters[name]] for name in EXACT_FILTERS if filters.get(name)]
	if filters.from_date:
		conditions.append(["creation", ">=", getdate(filters.from_date)])
	if filters.to_date:
		conditions.append(["creation", "<", add_days(getdate(filters.to_date), 1)])
	rows = frappe.get_list(
		JOB, filters=conditions, fields=list(FIELDS), order_by="creation desc", limit_page_length=0
	)
	for row in rows:
		row.duration = _seconds(row)
	return rows


def _seconds(row: frappe._dict) -> float | None:
	if not (row.started_at and row.completed_at):
		return None
	return max(time_diff_in_seconds(row.completed_at, row.started_at), 0)


def _columns() -> list[dict[str, Any]]:
	def column(fieldname: str, label: str, fieldtype: str, width: int, options: str = "") -> dict[str, Any]:
		return {
			"fieldname": fieldname,
			"label": label,
			"fieldtype": fieldtype,
			"width": width,
			"options": options,
		}

	return [
		column("name", _("Bulk Reconciliation"), "Link", 170, JOB),
		column("creation", _("Started"), "Datetime", 160),
		column("bank_account", _("Bank Account"), "Link", 180, "Bank Account"),
		column("bank_transaction", _("Bank Transaction"), "Link", 180, "Bank Transaction"),
		column("status", _("Status"), "Data", 140),
		column("total_invoices", _("Invoices"), "Int", 90),
		column("processed", _("Reconciled"), "Int", 100),
		column("failed", _("Failed"), "Int", 80),
		column("reconciled_amount", _("Reconciled Amount"), "Currency", 150, "currency"),
		column("currency", _("Currency"), "Link", 80, "Currency"),
		column("duration", _("Duration"), "Duration", 110),
		column("owner", _("Started By"), "Link", 180, "User"),
		column("company", _("Company"), "Link", 180, "Company"),
	]


def _chart(rows: list[frappe._dict]) -> dict[str, Any] | None:
	"""Return bars of the invoices that were reconciled and that failed, oldest first; None without any."""
	if not rows:
		return None
	days = [getdate(row.creation) for row in rows]
	by_week = (max(days) - min(days)).days > MOST_DAYS
	counts: dict[date, list[int]] = {}
	for row in reversed(rows):
		day = getdate(row.creation)
		bar = counts.setdefault(_monday(day) if by_week else day, [0, 0])
		bar[0] += row.processed
		bar[1] += row.failed
	return {
		"data": {
			"labels": [_label(day, by_week) for day in counts],
			"datasets": [
				{"name": _("Reconciled"), "values": [done for done, _failed in counts.values()]},
				{"name": _("Failed"), "values": [failed for _done, failed in counts.values()]},
			],
		},
		"type": "bar",
		"colors": ["green", "red"],
		"barOptions": {"stacked": 1},
	}


def _monday(day: date) -> date:
	return add_days(day, -day.weekday())


def _label(day: date, by_week: bool) -> str:
	shown = frappe.utils.formatdate(day)
	return _("Week of {0}").format(shown) if by_week else shown


def _summary(rows: list[frappe._dict]) -> list[dict[str, Any]]:
	def number(label: str, value: Any, indicator: str, datatype: str = "Int") -> dict[str, Any]:
		return {"label": label, "value": value, "indicator": indicator, "datatype": datatype}

	done, failed = sum(row.processed for row in rows), sum(row.failed for row in rows)
	return [
		number(_("Bulk Reconciliations"), len(rows), "Blue"),
		number(_("Invoices Reconciled"), done, "Green"),
		number(_("Invoices Failed"), failed, "Red" if failed else "Grey"),
		number(_("Invoices per Minute"), _per_minute(rows), "Blue", "Float"),
	]


def _per_minute(rows: list[frappe._dict]) -> float:
	"""Return how many invoices were reconciled in a minute of those jobs that have ended."""
	ended = [row for row in rows if row.duration]
	seconds = sum(row.duration for row in ended)
	return round(60 * sum(row.processed for row in ended) / seconds, 1) if seconds else 0.0
