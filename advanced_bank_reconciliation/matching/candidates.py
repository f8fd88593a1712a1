# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The one entry to matching: which vouchers and unpaid invoices may belong to a Bank Transaction."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import frappe
from frappe import _
from frappe.utils import flt
from pypika.queries import QueryBuilder
from pypika.terms import Field

from advanced_bank_reconciliation.matching import existing
from advanced_bank_reconciliation.matching.criteria import all_rules
from advanced_bank_reconciliation.matching.document_types import DOCUMENT_TYPES, DocumentType
from advanced_bank_reconciliation.matching.filters import Filters, narrow_source
from advanced_bank_reconciliation.matching.further import further_kinds, isolated
from advanced_bank_reconciliation.matching.nearest import find_best
from advanced_bank_reconciliation.matching.providers import ask_providers
from advanced_bank_reconciliation.matching.queries.columns import COLUMNS, Source
from advanced_bank_reconciliation.matching.ranking import Ranking, date_distance
from advanced_bank_reconciliation.payload import PSEUDO_DOCTYPES
from advanced_bank_reconciliation.permissions import may_read, readable_conditions
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


#: Up to so many rows the best are looked for; beyond, all are ranked: the one answer to a page so far down.
MOST_LOOKED_FOR = 5000


def find_candidates(line: BankLine, filters: Filters) -> dict[str, Any]:
	"""Return {rows, has_more, notices, provider_errors}: one page of candidates, the best first.

	Of the same rank the nearest in date comes first, then the kind, in the order of DOCUMENT_TYPES, then the
	name. All that is offered belongs to the line's company and may be read by the user. Amounts are in the
	bank account's currency; `notices` says which currencies had no exchange rate to it.
	"""
	wanted = filters.start + filters.page_length + 1
	offered, provider_errors = ask_providers(line, filters)
	rules, rule_errors = all_rules(line)
	errors = [*provider_errors, *rule_errors]
	kinds = [(kind, kind.offer(line)) for kind in _readable(filters)]
	ours = [(kind, source) for kind, offer in kinds for source in offer.sources]
	ranking = Ranking(line, rules, any(not source.is_own_currency for _kind, source in ours))
	rows = [row for kind, source in ours for row in _rank(kind, source, ranking, filters, wanted)]
	for app, kind in further_kinds(filters.document_types):
		_add_new(rows, isolated(app, partial(_rank_further, kind, ranking, filters, wanted), errors))
	_add_new(rows, offered)
	rows.sort(key=lambda row: (-row.rank, row.distance))  # the rest of the order is that of the lists
	page = rows[filters.start : filters.start + filters.page_length]
	_complete(page, ranking)
	existing.add_notices(page, line)
	finished = [_finish(ranking, row) for row in page if "effect" in row]  # without: linked meanwhile
	show_discounts(line, finished)
	return {
		"rows": finished,
		"has_more": len(rows) > filters.start + filters.page_length,
		"notices": [notice for _kind, offer in kinds for notice in offer.notices],
		"provider_errors": errors,
	}


def find_by_name(line: BankLine, names: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
	"""Return the rows of these candidates as `find_candidates` gives them, in no particular order.

	names: by document type, a type that the user may read. What is no candidate, or not readable, is left out.
	"""
	rules, _errors = all_rules(line)
	kinds = [(DOCUMENT_TYPES[type_name], wanted) for type_name, wanted in names.items()]
	ours = [(kind, source, wanted) for kind, wanted in kinds for source in kind.offer(line).sources]
	ranking = Ranking(line, rules, any(not source.is_own_currency for _kind, source, _wanted in ours))
	rows: list[frappe._dict] = []
	for kind, source, wanted in ours:
		source.narrowing += [*readable_conditions(kind.doctype), source.table.name.isin(list(wanted))]
		rows += _marked(rank_all(source, ranking, kind.is_unpaid), kind, source)
	_complete(rows, ranking)
	finished = [_finish(ranking, row) for row in rows if "effect" in row]
	show_discounts(line, finished)
	return finished


def rank_all(
	source: Source, ranking: Ranking, is_unpaid: bool, limit: int | None = None
) -> list[frappe._dict]:
	"""Return (name, rank, distance) of the candidates of a source, in their order, by ranking all of them."""
	return _ranked(source, source.query(*source.any_alternative()), ranking, is_unpaid, limit)


def rank_best(source: Source, ranking: Ranking, is_unpaid: bool, limit: int) -> list[frappe._dict]:
	"""Return what `rank_all` returns, from the few that can be among the best `limit`."""
	if not source.pieces or limit > MOST_LOOKED_FOR:
		return rank_all(source, ranking, is_unpaid, limit)
	names = find_best(source, ranking.line, ranking.probes(source), limit)
	if names is None:
		return rank_all(source, ranking, is_unpaid, limit)
	if not names:
		return []
	return _ranked(source, source.base.where(source.table.name.isin(names)), ranking, is_unpaid, limit)


def as_linked_payment(row: dict[str, Any], paid_amount: str = "remaining_amount") -> list[Any]:
	"""Return the row in the form of `get_linked_payments`; an unpaid invoice has its pseudo doctype there.

	paid_amount: the column that is shown as such.
	"""
	is_unpaid = row["document_type"].startswith("unpaid_")
	values = {
		**row,
		"doctype": pseudo_doctype(row["doctype"]) if is_unpaid else row["doctype"],
		"paid_amount": row[paid_amount],
	}
	return [values[key] for key in LINKED_PAYMENT]


def pseudo_doctype(doctype: str) -> str:
	"""Return the name under which older callers know an unpaid invoice of the doctype."""
	return next(name for name, meant in PSEUDO_DOCTYPES.items() if meant == doctype)


def _readable(filters: Filters) -> list[DocumentType]:
	"""Return the asked types that the user may read; raises `frappe.PermissionError` when that is none."""
	asked = [kind for name, kind in DOCUMENT_TYPES.items() if name in filters.document_types]
	asked = [kind for kind in asked if not kind.is_optional or frappe.db.exists("DocType", kind.doctype)]
	readable = [kind for kind in asked if may_read(kind.doctype)]
	if asked and not readable:
		doctypes = ", ".join(sorted({_(kind.doctype) for kind in asked}))
		frappe.throw(_("No permission to read {0}").format(doctypes), frappe.PermissionError)
	return readable


def _rank(
	kind: DocumentType, source: Source, ranking: Ranking, filters: Filters, limit: int
) -> list[frappe._dict]:
	"""Return name, rank and distance of the best candidates: the database sorts short rows much faster."""
	source.narrowing += readable_conditions(kind.doctype)
	source = narrow_source(source, kind, filters, ranking.line)
	rows = rank_best(source, ranking, kind.is_unpaid, limit)
	return _marked(rows, kind, source)


def _rank_further(kind: DocumentType, ranking: Ranking, filters: Filters, limit: int) -> list[frappe._dict]:
	"""The same for a kind of another app, whose query has asked for permissions itself."""
	rows = []
	for source in kind.offer(ranking.line).sources:
		source = narrow_source(source, kind, filters, ranking.line)
		rows += _marked(rank_all(source, ranking, kind.is_unpaid, limit), kind, source)
	return rows


def _marked(rows: list[frappe._dict], kind: DocumentType, source: Source) -> list[frappe._dict]:
	for row in rows:
		row.update(doctype=kind.doctype, document_type=kind.name, source=source)
	return rows


def _add_new(rows: list[frappe._dict], others: list[frappe._dict]) -> None:
	"""What is there already is shown once, as it is."""
	known = {(row.doctype, row.name) for row in rows}
	rows += [row for row in others if (row.doctype, row.name) not in known]


def _ranked(
	source: Source, query: QueryBuilder, ranking: Ranking, is_unpaid: bool, limit: int | None
) -> list[frappe._dict]:
	query = (
		query.select(
			source.columns.name,
			ranking.points(source.columns, is_unpaid, source.is_own_currency).as_("rank"),
			date_distance(ranking.line, source.columns).as_("distance"),
		)
		.orderby(Field("rank"), order=frappe.qb.desc)
		.orderby(Field("distance"))
		.orderby(source.columns.name)
	)
	return (query.limit(limit) if limit else query).run(as_dict=True)


def _complete(page: list[frappe._dict], ranking: Ranking) -> None:
	"""Read the other columns of the rows that are shown, and which rules they met. Providers' rows have all."""
	by_source: dict[int, list[frappe._dict]] = {}
	for row in page:
		if "source" in row:
			by_source.setdefault(id(row.source), []).append(row)
	for rows in by_source.values():
		source = rows[0].source
		details = (
			source.base.select(
				*(source.columns[column].as_(column) for column in COLUMNS), *ranking.flags(source.columns)
			)
			.where(source.table.name.isin([row.name for row in rows]))
			.run(as_dict=True)
		)
		by_name = {detail.name: detail for detail in details}
		for row in rows:
			row.update(by_name.get(row.name, {}))


def _finish(ranking: Ranking, row: frappe._dict) -> dict[str, Any]:
	precision = ranking.line.precision
	return {
		"doctype": row.doctype,
		"name": row.name,
		"document_type": row.document_type,
		"rank": row.rank,
		"reasons": row.get("reasons") or ranking.reasons(row),
		"notice": row.get("notice") or "",
		**{column: row.get(column) for column in COLUMNS if column not in ("name", "effect")},
		"total_amount": flt(row.total_amount, precision),
		"remaining_amount": flt(row.remaining_amount, precision),
		"own_remaining_amount": flt(row.own_remaining_amount),
		"currency": ranking.line.currency,
		"effect_sign": 1 if row.effect > 0 else -1,
	}
