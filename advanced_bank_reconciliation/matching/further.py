# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Kinds of candidates of other apps, by the hook `bank_rec_voucher_queries` (docs/hooks.md).

An app's function answers a query with our columns. Ranking, filters, permissions and paging are ours then.
"""

from collections.abc import Callable
from functools import partial

import frappe
from frappe import _
from pypika.queries import QueryBuilder

from advanced_bank_reconciliation.exceptions import in_words
from advanced_bank_reconciliation.matching.document_types import DocumentType
from advanced_bank_reconciliation.matching.queries.columns import (
	Columns,
	Offer,
	Source,
	in_own_currency,
	remaining,
)
from advanced_bank_reconciliation.permissions import may_read, restrict_to_readable
from advanced_bank_reconciliation.vouchers.links import BankLine

HOOK = "bank_rec_voucher_queries"
NEEDED = ("name", "posting_date", "remaining_amount")

#: What a query may select beside what is needed; all else of COLUMNS is ours.
OPTIONAL = (
	"reference_no",
	"reference_date",
	"due_date",
	"party_type",
	"party",
	"party_name",
	"total_amount",
	"oldest_by",
)


def further_kinds(asked: list[str]) -> list[tuple[str, DocumentType]]:
	"""Return (app, kind) of those kinds of other apps that are asked for and that the user may read."""
	found = []
	for app in frappe.get_installed_apps():
		for doctype, methods in dict(frappe.get_hooks(HOOK, {}, app_name=app) or {}).items():
			name = frappe.scrub(doctype)
			if name not in asked or not frappe.db.exists("DocType", doctype) or not may_read(doctype):
				continue
			for method in [methods] if isinstance(methods, str) else methods:
				found.append((app, DocumentType(name, doctype, partial(_offer, doctype, method))))
	return found


def isolated(app: str, function: Callable[[], list], errors: list[dict[str, str]]) -> list:
	"""Return what the function returns; what another app does wrong is put into `errors` and the Error Log."""
	try:
		return function()
	except Exception as error:
		frappe.clear_messages()
		frappe.log_error(title=f"{HOOK}: {app}")
		errors.append({"app": app, "message": in_words(error)})
		return []


def _offer(doctype: str, method: str, line: BankLine) -> Offer:
	query = frappe.get_attr(method)(line)
	return Offer([_source(doctype, query, line)] if query is not None else [])


def _source(doctype: str, query: QueryBuilder, line: BankLine) -> Source:
	selected = {term.alias or getattr(term, "name", None) for term in query._selects}
	missing = [column for column in NEEDED if column not in selected]
	if missing:
		raise ValueError(_("a query without the columns {0}").format(", ".join(missing)))
	offered = restrict_to_readable(query, doctype).as_("offered")
	left = remaining(offered.remaining_amount, offered.name, doctype, line)
	terms = {column: offered[column] for column in (*NEEDED, *OPTIONAL) if column in selected}
	terms.setdefault("total_amount", offered.remaining_amount)
	terms.setdefault("oldest_by", offered.posting_date)
	return Source(
		doctype=doctype,
		table=offered,
		base=frappe.qb.from_(offered),
		columns=Columns(**{**terms, **in_own_currency(line, left)}),
		conditions=[left > 0],
	)
