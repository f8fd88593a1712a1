# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What of a statement period is reconciled and what is open, by week."""

from datetime import date, timedelta
from typing import Any

import frappe
from frappe.query_builder.functions import Sum
from frappe.utils import flt, getdate

from advanced_bank_reconciliation.permissions import restrict_to_readable

#: Four years of weeks: more than a chart can show.
MOST_WEEKS = 209


def get_weekly_progress(
	bank_account: str, from_date: str | date | None, to_date: str | date | None
) -> list[dict[str, Any]]:
	"""Return [{week_start, reconciled, open}] for each week from the first to the last with a Bank Transaction.

	`week_start` is a Monday; the amounts are sums over deposits and withdrawals alike, in the account's
	currency. Of a longer period the last four years are returned.
	"""
	weeks: dict[date, dict[str, float]] = {}
	for row in _by_day(bank_account, from_date, to_date):
		day = getdate(row.date)
		week = weeks.setdefault(day - timedelta(days=day.weekday()), {"reconciled": 0.0, "open": 0.0})
		week["reconciled"] += flt(row.reconciled)
		week["open"] += flt(row.open)
	return [_week(start, weeks.get(start)) for start in _mondays(weeks)][-MOST_WEEKS:]


def _by_day(
	bank_account: str, from_date: str | date | None, to_date: str | date | None
) -> list[frappe._dict]:
	line = frappe.qb.DocType("Bank Transaction")
	query = (
		frappe.qb.from_(line)
		.select(
			line.date, Sum(line.allocated_amount).as_("reconciled"), Sum(line.unallocated_amount).as_("open")
		)
		.where(line.bank_account == bank_account)
		.where(line.docstatus == 1)
		.where(line.date.isnotnull())
		.groupby(line.date)
		.orderby(line.date, order=frappe.qb.desc)
		.limit(7 * MOST_WEEKS)
	)
	if from_date:
		query = query.where(line.date >= getdate(from_date))
	if to_date:
		query = query.where(line.date <= getdate(to_date))
	return restrict_to_readable(query, "Bank Transaction").run(as_dict=True)


def _mondays(weeks: dict[date, dict[str, float]]) -> list[date]:
	if not weeks:
		return []
	first, last = min(weeks), max(weeks)
	return [first + timedelta(days=7 * number) for number in range((last - first).days // 7 + 1)]


def _week(start: date, sums: dict[str, float] | None) -> dict[str, Any]:
	sums = sums or {"reconciled": 0.0, "open": 0.0}
	return {"week_start": start, "reconciled": flt(sums["reconciled"], 9), "open": flt(sums["open"], 9)}
