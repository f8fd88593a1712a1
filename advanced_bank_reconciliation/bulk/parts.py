# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What becomes of invoices that share a Payment Entry when one of them is bad.

Only the bad ones are to fail, each with its own reason. Where the refusal does not say whose fault it is, the
invoices are queued again in smaller groups, so that each attempt is a short transaction of its own and a killed
worker loses nothing. Returns stay with invoices that are worth more.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from math import ceil

import frappe
from frappe import _

from advanced_bank_reconciliation.allocation.groups import keep_within, portions
from advanced_bank_reconciliation.allocation.money import to_minor
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, set_rows
from advanced_bank_reconciliation.vouchers.links import BankLine

Rows = list[frappe._dict]

#: In words, by the name of the row, why it fails.
Failures = dict[str, str]

#: Answers why ERPNext refuses a Payment Entry for the rows, or an empty text; leaves nothing behind.
Probe = Callable[[Rows], str]


def label(row: frappe._dict) -> str:
	"""Return the row's invoice as the user knows it: its type and name."""
	return f"{_(row.invoice_type)} {row.invoice}"


def without_failed(line: BankLine, rows: Rows, failures: Failures) -> tuple[Rows, Failures]:
	"""Return which of the group can still be paid without the failed ones, and why others cannot.

	What is paid keeps the line's direction, and takes no more of the line than was planned for the group.
	"""
	if not failures:
		return rows, {}
	left = [row for row in rows if row.name not in failures]
	kept = [left[position] for position in keep_within(_effects(line, left), sum(_effects(line, rows)))]
	causes = ", ".join(label(row) for row in rows if row.name in failures)
	reason = _("{0}: not paid, because it was to be netted with what could not be settled: {1}.")
	names = {row.name for row in kept}
	return kept, {row.name: reason.format(label(row), causes) for row in left if row.name not in names}


def split_up(line: BankLine, rows: Rows, refusal: str, probe: Probe) -> Failures:
	"""Return which of the rows, refused together, fail and why. The others are queued in new groups."""
	if len(rows) == 1:
		return {rows[0].name: _worded(rows[0], refusal)}
	parts = _parts(line, rows, refusal)
	if len(parts) > 1:
		_regroup(parts)
		return {}
	failures = _culprits(line, rows, probe)
	if not failures:
		return {row.name: _worded(row, refusal) for row in rows}
	kept, stranded = without_failed(line, rows, failures)
	_regroup([kept])
	return {**failures, **stranded}


def _parts(line: BankLine, rows: Rows, refusal: str) -> list[Rows]:
	"""Return those that the refusal names, and the others; or else portions of half the size."""
	named = [row for row in rows if _is_named(row.invoice, refusal)]
	others = [row for row in rows if row not in named]
	if all(part and sum(_effects(line, part)) > 0 for part in (others, named)):
		return [others, named]
	groups = portions(_effects(line, rows), ceil(len(rows) / 2))
	return [[rows[position] for position in group] for group in groups]


def _is_named(invoice: str, text: str) -> bool:
	return bool(re.search(rf"(?<![\w-]){re.escape(invoice)}(?![\w-])", text))


def _regroup(parts: Iterable[Rows]) -> None:
	"""Give each part the number of its first row, as the plan does; no two groups can have the same."""
	for part in parts:
		if part:
			set_rows(INVOICE_ROW, [row.name for row in part], payment_group=min(row.idx for row in part))


def _culprits(line: BankLine, rows: Rows, probe: Probe) -> Failures:
	"""Return who is at fault where returns hold the group together: invoices, else returns."""
	effects = _effects(line, rows)
	invoices = [row for row, effect in zip(rows, effects, strict=True) if effect > 0]
	if failures := _refused_alone(invoices, probe):
		return failures
	return {
		row.name: _worded(row, refusal)
		for row, effect in zip(rows, effects, strict=True)
		if effect < 0 and (refusal := probe([*invoices, row]))
	}


def _refused_alone(rows: Rows, probe: Probe) -> Failures:
	"""Return those that are refused even by themselves, found by halving."""
	refusal = probe(rows)
	if not refusal or len(rows) == 1:
		return {row.name: _worded(row, refusal) for row in rows if refusal}
	middle = len(rows) // 2
	return {**_refused_alone(rows[:middle], probe), **_refused_alone(rows[middle:], probe)}


def _effects(line: BankLine, rows: Sequence[frappe._dict]) -> list[int]:
	"""Return what each row takes from the line, in minor units (see `allocation.planner`)."""
	minor = [to_minor(row.allocated_amount, line.precision) for row in rows]
	return [
		amount if line.flows_with(row.invoice_type) else -amount
		for row, amount in zip(rows, minor, strict=True)
	]


def _worded(row: frappe._dict, refusal: str) -> str:
	return _("{0}: {1}").format(label(row), refusal)
