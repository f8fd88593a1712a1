# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the user narrows the candidates by. All of it is applied in the database (PITFALLS P39)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.query_builder.functions import Abs, Upper
from frappe.utils import cint, getdate, sbool
from pypika.queries import QueryBuilder, Selectable
from pypika.terms import CustomFunction

from advanced_bank_reconciliation.allocation.money import to_decimal
from advanced_bank_reconciliation.exceptions import BadPayload, refuse
from advanced_bank_reconciliation.matching.additional_filters import parse_extra_filters
from advanced_bank_reconciliation.matching.document_types import (
	EXACT_MATCH,
	DocumentType,
	parse_document_types,
)
from advanced_bank_reconciliation.vouchers.links import BankLine

MOST_ROWS = 2000
SEARCHED = ("name", "reference_no", "party", "party_name")

_position = CustomFunction("LOCATE", ["part", "text"])


@dataclass(frozen=True)
class Filters:
	"""A parsed request for candidates. A date, text or mapping that is empty does not narrow."""

	document_types: list[str]
	from_date: date | None = None
	to_date: date | None = None
	filter_by_reference_date: bool = False
	from_reference_date: date | None = None
	to_reference_date: date | None = None
	party_type: str = ""
	party: str = ""
	customer_group: str = ""
	search: str = ""
	exact_amount: bool = False
	extra_filters: dict[str, dict[str, list]] = field(default_factory=dict)
	start: int = 0
	page_length: int = 100


def parse_filters(values: Mapping[str, Any]) -> Filters:
	"""Return the request in checked form. Raises BadPayload for what cannot be meant."""
	asked = parse_document_types(values.get("document_types"))
	dates = {
		key: _date(values.get(key), key)
		for key in ("from_date", "to_date", "from_reference_date", "to_reference_date")
	}
	texts = {
		key: str(values.get(key) or "").strip() for key in ("party_type", "party", "customer_group", "search")
	}
	return Filters(
		document_types=[name for name in asked if name != EXACT_MATCH],
		filter_by_reference_date=_truth(values.get("filter_by_reference_date")),
		exact_amount=EXACT_MATCH in asked or _truth(values.get("exact_amount")),
		extra_filters=parse_extra_filters(values.get("extra_filters")),
		start=max(cint(values.get("start")), 0),
		page_length=min(max(cint(values.get("page_length")) or 100, 1), MOST_ROWS),
		**dates,
		**texts,
	)


def narrow(
	query: QueryBuilder, candidate: Selectable, document_type: DocumentType, filters: Filters, line: BankLine
) -> QueryBuilder:
	"""Apply the filters on the columns that all candidates have."""
	query = _narrow_dates(query, candidate, document_type, filters)
	if filters.party_type:
		query = query.where(candidate.party_type == filters.party_type)
	if filters.party:
		query = query.where(candidate.party == filters.party)
	if filters.customer_group:
		query = _of_parties(query, candidate, "Customer", {"customer_group": _group(filters.customer_group)})
	for doctype, values in filters.extra_filters.items():
		if doctype in _party_types():
			query = _of_parties(query, candidate, doctype, values)
	if filters.search:
		query = _search(query, candidate, filters.search)
	if filters.exact_amount:
		query = query.where(candidate.effect == line.unallocated_amount)
	return query


def narrow_vouchers(query: QueryBuilder, document_type: DocumentType, filters: Filters) -> QueryBuilder:
	"""Apply the filters on fields of the voucher itself."""
	table = frappe.qb.DocType(document_type.doctype)
	for fieldname, values in filters.extra_filters.get(document_type.doctype, {}).items():
		query = query.where(table[fieldname].isin(values))
	return query


def _narrow_dates(
	query: QueryBuilder, candidate: Selectable, document_type: DocumentType, filters: Filters
) -> QueryBuilder:
	"""Vouchers with a reference date are narrowed by it on request, all others by their posting date."""
	if filters.filter_by_reference_date and document_type.has_reference_date:
		column, first, last = (
			candidate.reference_date,
			filters.from_reference_date,
			filters.to_reference_date,
		)
	else:
		column, first, last = candidate.posting_date, filters.from_date, filters.to_date
	if first:
		query = query.where(column >= first)
	if last:
		query = query.where(column <= last)
	return query


def _of_parties(
	query: QueryBuilder, candidate: Selectable, party_type: str, values: Mapping[str, list]
) -> QueryBuilder:
	party = frappe.qb.DocType(party_type)
	names = frappe.qb.from_(party).select(party.name)
	for fieldname, wanted in values.items():
		names = names.where(party[fieldname].isin(wanted))
	return query.where(candidate.party_type == party_type).where(candidate.party.isin(names))


def _group(customer_group: str) -> list[str]:
	"""Return the group and all groups below it."""
	below = frappe.get_all(
		"Customer Group",
		filters={"name": ("descendants of", customer_group)},
		pluck="name",
		limit_page_length=0,
	)
	return [customer_group, *below]


def _search(query: QueryBuilder, candidate: Selectable, text: str) -> QueryBuilder:
	"""Percent signs and underscores are letters like any other here: nothing of the text is a pattern (P41)."""
	found = [_position(text.upper(), Upper(candidate[column])) > 0 for column in SEARCHED]
	try:
		found.append(Abs(candidate.total_amount) == float(abs(to_decimal(text.replace(",", "")))))
	except ValueError:
		pass
	condition = found[0]
	for other in found[1:]:
		condition = condition | other
	return query.where(condition)


def _party_types() -> list[str]:
	return frappe.get_all("Party Type", pluck="name")


def _date(value: object, key: str) -> date | None:
	if value in (None, ""):
		return None
	try:
		return getdate(value)
	except Exception:
		frappe.clear_last_message()
		refuse(BadPayload, [_("{0} is not a date.").format(_(frappe.unscrub(key)))])


def _truth(value: object) -> bool:
	return bool(sbool(value)) if isinstance(value, str) else bool(value)
