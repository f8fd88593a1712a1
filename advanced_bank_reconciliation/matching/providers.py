# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Vouchers of other apps, through ERPNext's hook `get_matching_queries` (PITFALLS P37, P38).

Every app's function is called with the twelve arguments of ERPNext's contract and answers query-builder
objects. What one provider does wrong is reported beside the others' rows, never instead of them.
"""

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, flt, getdate

from advanced_bank_reconciliation.exceptions import in_words
from advanced_bank_reconciliation.matching.filters import Filters
from advanced_bank_reconciliation.matching.queries.columns import allocations
from advanced_bank_reconciliation.permissions import may_read, permitted
from advanced_bank_reconciliation.vouchers.links import BankLine

HOOK = "get_matching_queries"

#: ERPNext's own vouchers come from our own queries.
OWN_QUERIES = "erpnext"

#: A provider's rows are ranked by itself; more than this are not read.
MOST_ROWS = 1000


def ask_providers(line: BankLine, filters: Filters) -> tuple[list[frappe._dict], list[dict[str, str]]]:
	"""Return the candidates that other apps offer, and for each app that failed {app, message}."""
	rows: list[frappe._dict] = []
	errors: list[dict[str, str]] = []
	for app in frappe.get_installed_apps():
		if app == OWN_QUERIES:
			continue
		for method in frappe.get_hooks(HOOK, app_name=app) or []:
			try:
				rows += _ask(app, method, line, filters)
			except Exception as error:
				frappe.clear_messages()
				frappe.log_error(title=f"{HOOK}: {app}")
				errors.append({"app": app, "message": in_words(error)})
	return _of_this_user([row for row in rows if _fits(row, filters, line)]), errors


def _ask(app: str, method: str, line: BankLine, filters: Filters) -> list[frappe._dict]:
	found: list[frappe._dict] = []
	for query in frappe.get_attr(method)(*_arguments(line, filters)) or []:
		if hasattr(query, "limit"):
			query = query.limit(MOST_ROWS)
		found += [_candidate(app, row, line) for row in query.run(as_dict=True)]
	_subtract_allocations(found, line)
	return found


def _arguments(line: BankLine, filters: Filters) -> tuple[Any, ...]:
	"""The positional arguments of ERPNext's hook, in its order."""
	common = frappe._dict(
		amount=line.unallocated_amount,
		payment_type="Receive" if line.is_deposit else "Pay",
		reference_no=line.doc.reference_number,
		party_type=line.doc.party_type,
		party=line.doc.party,
		bank_account=line.gl_account,
	)
	return (
		line.gl_account,
		line.doc.company,
		line.doc,
		list(filters.document_types),
		filters.exact_amount,
		"paid_to" if line.is_deposit else "paid_from",
		filters.from_date,
		filters.to_date,
		cint(filters.filter_by_reference_date),
		filters.from_reference_date,
		filters.to_reference_date,
		common,
	)


def _candidate(app: str, row: frappe._dict, line: BankLine) -> frappe._dict:
	"""Check a provider's row and return it as a candidate. Raises ValueError that says what is missing."""
	missing = [key for key in ("doctype", "name", "paid_amount") if row.get(key) in (None, "")]
	if missing:
		raise ValueError(_("a row without {0}").format(", ".join(missing)))
	posting_date = row.get("posting_date") or row.get("reference_date")
	amount = flt(row.paid_amount, line.precision)
	dated = getdate(row.get("reference_date") or posting_date or line.doc.date)
	return frappe._dict(
		doctype=row.doctype,
		document_type=frappe.scrub(row.doctype),
		name=row.name,
		rank=cint(row.get("rank")),
		reasons=[_("Offered by {0}").format(_app_title(app))],
		reference_no=row.get("reference_no"),
		reference_date=row.get("reference_date"),
		posting_date=posting_date,
		party_type=row.get("party_type"),
		party=row.get("party"),
		party_name=row.get("party_name") or row.get("party"),
		total_amount=amount,
		remaining_amount=amount,
		effect=amount,
		own_currency=line.currency,
		own_remaining_amount=amount,
		currency=row.get("currency"),
		oldest_by=dated,
		distance=abs((dated - getdate(line.doc.date)).days),
	)


def _app_title(app: str) -> str:
	titles = frappe.get_hooks("app_title", app_name=app)
	return titles[0] if titles else app


def _subtract_allocations(rows: list[frappe._dict], line: BankLine) -> None:
	for doctype in {row.doctype for row in rows}:
		allocated = allocations(
			doctype, [row.name for row in rows if row.doctype == doctype], line.gl_account
		)
		for row in rows:
			if row.doctype == doctype:
				row.remaining_amount = flt(row.total_amount - allocated.get(row.name, 0.0), line.precision)
				row.effect = row.own_remaining_amount = row.remaining_amount


def _fits(row: frappe._dict, filters: Filters, line: BankLine) -> bool:
	texts = (row.name, row.reference_no, row.party, row.party_name)
	return (
		row.remaining_amount > 0
		and row.currency in (None, "", line.currency)
		and (not filters.party_type or row.party_type == filters.party_type)
		and (not filters.party or row.party == filters.party)
		and (not filters.exact_amount or row.effect == line.unallocated_amount)
		and (not filters.search or any(filters.search.upper() in str(text).upper() for text in texts if text))
	)


def _of_this_user(rows: list[frappe._dict]) -> list[frappe._dict]:
	visible = permitted((row.doctype, row.name) for row in rows if may_read(row.doctype))
	return [row for row in rows if (row.doctype, row.name) in visible]
