# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The one entry to matching: which vouchers and unpaid invoices may belong to a Bank Transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

import frappe
from frappe import _
from frappe.utils import flt
from pypika.terms import Field

from advanced_bank_reconciliation.matching import ranking
from advanced_bank_reconciliation.matching.document_types import DOCUMENT_TYPES, DocumentType
from advanced_bank_reconciliation.matching.filters import Filters, narrow, narrow_vouchers
from advanced_bank_reconciliation.matching.providers import ask_providers
from advanced_bank_reconciliation.matching.queries.columns import COLUMNS
from advanced_bank_reconciliation.payload import PSEUDO_DOCTYPES
from advanced_bank_reconciliation.permissions import may_read, restrict_to_readable
from advanced_bank_reconciliation.vouchers.discounts import show_discounts
from advanced_bank_reconciliation.vouchers.links import BankLine

#: The order of the values in a row of `get_linked_payments` (PUBLIC_API.md).
LINKED_PAYMENT = (
	"rank",
	"doctype",
	"name",
	"paid_amount",
	"reference_no",
	"reference_date",
	"party",
	"party_type",
	"posting_date",
	"currency",
	"party_name",
)


def find_candidates(line: BankLine, filters: Filters) -> dict[str, Any]:
	"""Return {rows, has_more, provider_errors}: one page of candidates, the best first.

	Of the same rank the nearest in date comes first, then the name decides. Everything that is offered
	belongs to the line's company and currency and may be read by the user.
	"""
	wanted = filters.start + filters.page_length + 1
	offered, provider_errors = ask_providers(line, filters)
	rows = [
		row for document_type in _readable(filters) for row in _rank(document_type, line, filters, wanted)
	]
	ours = {(row.doctype, row.name) for row in rows}
	rows += [row for row in offered if (row.doctype, row.name) not in ours]
	rows.sort(key=_order)
	page = rows[filters.start : filters.start + filters.page_length]
	_complete(page, line)
	finished = [_finish(line, row) for row in page if "effect" in row]  # without: linked meanwhile
	show_discounts(line, finished)
	return {
		"rows": finished,
		"has_more": len(rows) > filters.start + filters.page_length,
		"provider_errors": [*provider_errors, *_not_offered(filters)],
	}


def find_by_name(line: BankLine, names: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
	"""Return the rows of these candidates as `find_candidates` gives them, in no particular order.

	names: by document type, a type that the user may read. What is no candidate, or not readable, is left out.
	"""
	rows: list[frappe._dict] = []
	for type_name, wanted in names.items():
		document_type = DOCUMENT_TYPES[type_name]
		query = restrict_to_readable(document_type.query(line), document_type.doctype)
		candidate = query.as_("candidate")
		ranks = ranking.rank(line, candidate, document_type.is_unpaid).as_("rank")
		found = (
			frappe.qb.from_(candidate)
			.select(candidate.name, ranks)
			.where(candidate.name.isin(list(wanted)))
			.run(as_dict=True)
		)
		for row in found:
			row.update(doctype=document_type.doctype, document_type=type_name)
		rows += found
	_complete(rows, line)
	return [_finish(line, row) for row in rows if "effect" in row]


def as_linked_payment(row: dict[str, Any]) -> list[Any]:
	"""Return the row in the form of `get_linked_payments`; an unpaid invoice has its pseudo doctype there."""
	pseudo = {doctype: name for name, doctype in PSEUDO_DOCTYPES.items()}
	is_unpaid = row["document_type"].startswith("unpaid_")
	values = {
		**row,
		"doctype": pseudo[row["doctype"]] if is_unpaid else row["doctype"],
		"paid_amount": row["remaining_amount"],
	}
	return [values[key] for key in LINKED_PAYMENT]


def _not_offered(filters: Filters) -> list[dict[str, str]]:
	"""ERPNext itself cannot link one Bank Transaction to another before its fix of P25; say so, once asked."""
	if "bank_transaction" not in filters.document_types:
		return []
	message = _("Bank Transactions are not matched with each other.")
	return [{"app": "advanced_bank_reconciliation", "message": message}]


def _readable(filters: Filters) -> list[DocumentType]:
	"""Return the asked types that the user may read; raises `frappe.PermissionError` when that is none."""
	asked = [DOCUMENT_TYPES[name] for name in filters.document_types if name in DOCUMENT_TYPES]
	readable = [document_type for document_type in asked if may_read(document_type.doctype)]
	if asked and not readable:
		doctypes = ", ".join(sorted({_(document_type.doctype) for document_type in asked}))
		frappe.throw(_("No permission to read {0}").format(doctypes), frappe.PermissionError)
	return readable


def _rank(document_type: DocumentType, line: BankLine, filters: Filters, limit: int) -> list[frappe._dict]:
	"""Return name, rank and distance of the best candidates: the database sorts short rows much faster."""
	query = restrict_to_readable(document_type.query(line), document_type.doctype)
	candidate = narrow_vouchers(query, document_type, filters).as_("candidate")
	ranked = frappe.qb.from_(candidate).select(
		candidate.name,
		ranking.rank(line, candidate, document_type.is_unpaid).as_("rank"),
		ranking.date_distance(line, candidate).as_("distance"),
	)
	rows = (
		narrow(ranked, candidate, document_type, filters, line)
		.orderby(Field("rank"), order=frappe.qb.desc)
		.orderby(Field("distance"))
		.orderby(candidate.name)
		.limit(limit)
		.run(as_dict=True)
	)
	for row in rows:
		row.update(doctype=document_type.doctype, document_type=document_type.name)
	return rows


def _complete(page: list[frappe._dict], line: BankLine) -> None:
	"""Read the other columns of the rows that are shown, and which rules they met. Providers' rows have all."""
	for document_type in DOCUMENT_TYPES.values():
		rows = {
			row.name: row for row in page if row.document_type == document_type.name and "effect" not in row
		}
		if not rows:
			continue
		candidate = document_type.query(line).as_("candidate")
		details = (
			frappe.qb.from_(candidate)
			.select(*(candidate[column] for column in COLUMNS), *ranking.flags(line, candidate))
			.where(candidate.name.isin(list(rows)))
			.limit(len(rows))
			.run(as_dict=True)
		)
		for detail in details:
			rows[detail.name].update(detail)


def _order(row: frappe._dict) -> tuple:
	return (-row.rank, row.distance, row.name, row.document_type)


def _finish(line: BankLine, row: frappe._dict) -> dict[str, Any]:
	return {
		"doctype": row.doctype,
		"name": row.name,
		"document_type": row.document_type,
		"rank": row.rank,
		"reasons": row.get("reasons") or ranking.reasons(line, row),
		**{column: row.get(column) for column in COLUMNS if column not in ("name", "effect")},
		"total_amount": flt(row.total_amount, line.precision),
		"remaining_amount": flt(row.remaining_amount, line.precision),
		"currency": line.currency,
		"effect_sign": 1 if row.effect > 0 else -1,
	}
