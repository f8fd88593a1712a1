# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Serves the next rows of a job: one Payment Entry per payment group, its row in the same transaction."""

from collections import deque
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import cint, flt, fmt_money

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.fast_path import fast_path
from advanced_bank_reconciliation.bulk.invoices import Invoice, lock_invoices
from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, JOB, set_rows
from advanced_bank_reconciliation.bulk.parts import Failures, Rows, label, split_up, without_failed
from advanced_bank_reconciliation.exceptions import in_words, log_unexpected
from advanced_bank_reconciliation.payload import Difference, parse_difference
from advanced_bank_reconciliation.transactions import ends_the_run
from advanced_bank_reconciliation.vouchers.links import BankLine
from advanced_bank_reconciliation.vouchers.payment_entry import Settlement, create_payment_entry

SAVE_POINT = "abr_payment"

#: With fewer invoices, nothing is asked often enough to be worth remembering.
FAST_FROM = 3


Claim = tuple[list[frappe._dict], dict[tuple[str, str], Invoice]]


def queued_groups(job_id: str) -> deque[list[str]]:
	"""Return the names of the queued rows by payment group, in the order in which they are to be served."""
	groups: dict[int, list[str]] = {}
	for name, group in frappe.get_all(
		INVOICE_ROW,
		{"parent": job_id, "status": statuses.QUEUED},
		["name", "payment_group"],
		order_by="idx",
		as_list=True,
	):
		groups.setdefault(cint(group), []).append(name)
	return deque(groups.values())


def claim(groups: deque[list[str]], limit: int) -> Claim:
	"""Lock the next groups that no other worker has, and the invoices they pay: `limit` rows, or one group.

	Takes from `groups` what it has looked at. Returns the rows and the invoices in their latest state. The
	rows are locked one by one: a locking scan would also hold the rows behind them, which other workers want,
	and the gap in the index into which the next job's rows go, so that nobody could start one meanwhile.
	"""
	claimed: list[frappe._dict] = []
	while groups and limit > 0 and not (claimed and len(groups[0]) > limit):
		leader, *others = groups.popleft()
		if row := _lock_queued_row(leader, skip_locked=True):
			claimed.append(row)
			claimed += [other for name in others if (other := _lock_queued_row(name))]
			limit -= 1 + len(others)
	return claimed, lock_invoices((row.invoice_type, row.invoice) for row in claimed)


def _lock_queued_row(name: str, skip_locked: bool = False) -> frappe._dict | None:
	"""Lock the row and return its latest state if it is still queued and, by wish, nobody holds it."""
	row = frappe.qb.DocType(INVOICE_ROW)
	query = frappe.qb.from_(row).select("*").where(row.name == name).where(row.status == statuses.QUEUED)
	return next(iter(query.for_update(skip_locked=skip_locked).run(as_dict=True)), None)


def serve(line: BankLine, claimed: Claim) -> int:
	"""Pay the claimed rows and write what became of each. Returns how many of them failed. No commit.

	Rows that were refused together, and of which it is not clear which one is bad, stay queued, in smaller
	groups than before.
	"""
	rows, invoices = claimed
	if len(rows) < FAST_FROM:
		return _serve_groups(line, rows, invoices)
	with fast_path(invoices):
		return _serve_groups(line, rows, invoices)


def _serve_groups(line: BankLine, rows: list[frappe._dict], invoices: dict[tuple[str, str], Invoice]) -> int:
	invoices = _as_seen_by_erpnext(invoices)
	groups: dict[int, Rows] = {}
	for row in rows:
		groups.setdefault(cint(row.payment_group), []).append(row)
	return sum(_serve_group(line, members, invoices) for members in groups.values())


def _serve_group(line: BankLine, rows: Rows, invoices: dict[tuple[str, str], Invoice]) -> int:
	failures = _changed(line, rows, invoices)
	payable, stranded = without_failed(line, rows, failures)
	failures |= stranded
	if payable and (refusal := _pay(line, payable)):
		failures |= split_up(line, payable, refusal, lambda some: _pay(line, some, only_try=True))
	for name, reason in failures.items():
		set_rows(INVOICE_ROW, [name], status=statuses.FAILED, error=reason)
	return len(failures)


def _as_seen_by_erpnext(invoices: dict[tuple[str, str], Invoice]) -> dict[tuple[str, str], Invoice]:
	"""Return the invoices whose locked state is also what a plain read of this transaction sees.

	ERPNext sums up what is outstanding by plain reads. In a transaction that looked before it locked, these
	may miss a payment that came between, and a wrong outstanding amount would be written.
	"""
	seen: dict[tuple[str, str], float] = {}
	for doctype in {doctype for doctype, _name in invoices}:
		names = [name for key_doctype, name in invoices if key_doctype == doctype]
		rows = frappe.get_all(doctype, {"name": ("in", names)}, ["name", "outstanding_amount"])
		seen.update({(doctype, row.name): flt(row.outstanding_amount) for row in rows})
	return {key: invoice for key, invoice in invoices.items() if seen.get(key) == invoice.outstanding_amount}


def _pay(line: BankLine, rows: Rows, only_try: bool = False) -> str:
	"""Pay the rows by one Payment Entry and write so. Returns what ERPNext objects to, or an empty text.

	After an objection, and where it is only tried, nothing is left behind.
	"""
	frappe.db.savepoint(SAVE_POINT)
	try:
		payment_entry = create_payment_entry(line, [_settlement(row) for row in rows], _difference(rows))
	except Exception as error:
		if ends_the_run(error):
			raise
		frappe.db.rollback(save_point=SAVE_POINT)
		log_unexpected(error, _("Bulk reconciliation"), JOB, rows[0].parent)
		return in_words(error)
	finally:
		frappe.clear_messages()
	if only_try:
		frappe.db.rollback(save_point=SAVE_POINT)
		return ""
	frappe.db.release_savepoint(SAVE_POINT)
	names = [row.name for row in rows]
	set_rows(INVOICE_ROW, names, status=statuses.PAID, payment_entry=payment_entry.name, error="")
	return ""


def _settlement(row: frappe._dict) -> Settlement:
	return Settlement(
		row.invoice_type,
		row.invoice,
		flt(row.allocated_amount),
		settled_amount=_settled(row),
		discount=flt(row.discount_amount),
		difference=flt(row.difference_amount),
		currency=row.invoice_currency,
	)


def _settled(row: frappe._dict) -> float:
	"""What the row settles in the invoice's currency; a row of before there were two currencies has one amount."""
	return flt(row.amount_in_invoice_currency if row.invoice_currency else row.allocated_amount)


def _difference(rows: Iterable[frappe._dict]) -> Difference | None:
	"""Return where the job books the difference, if one of the rows carries it."""
	job_id = next((row.parent for row in rows if row.difference_amount), None)
	if not job_id:
		return None
	return parse_difference(
		*frappe.db.get_value(JOB, job_id, ["difference_account", "difference_cost_center"])
	)


def _changed(line: BankLine, rows: Rows, invoices: dict[tuple[str, str], Invoice]) -> Failures:
	"""Return in words what changed since the plan was made and forbids paying a row, by its name."""
	changes = ((row, _change(line, row, invoices.get((row.invoice_type, row.invoice)))) for row in rows)
	return {row.name: change for row, change in changes if change}


def _change(line: BankLine, row: frappe._dict, invoice: Invoice | None) -> str | None:
	if not invoice:
		return _("{0}: somebody else is changing it at this moment. Try again.").format(label(row))
	if invoice.docstatus != 1:
		return _("{0}: changed since you looked: it is no longer submitted.").format(label(row))
	outstanding = flt(invoice.outstanding_amount, line.precision)
	settled = flt(_settled(row), line.precision)
	if abs(outstanding) < abs(settled) or outstanding * settled <= 0:
		return _("{0}: changed since you looked: {1} is outstanding now, {2} was to be paid.").format(
			label(row),
			fmt_money(outstanding, currency=invoice.currency),
			fmt_money(settled, currency=invoice.currency),
		)
	return None
