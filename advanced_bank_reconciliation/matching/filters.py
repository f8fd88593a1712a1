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
from pypika.queries import Table
from pypika.terms import Criterion, CustomFunction

from advanced_bank_reconciliation.allocation.money import to_decimal
from advanced_bank_reconciliation.exceptions import BadPayload, refuse
from advanced_bank_reconciliation.matching.additional_filters import parse_extra_filters
from advanced_bank_reconciliation.matching.document_types import (
	EXACT_MATCH,
	DocumentType,
	parse_document_types,
)
from advanced_bank_reconciliation.matching.queries.columns import Columns
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
	candidate: Columns, document_type: DocumentType, filters: Filters, line: BankLine
) -> list[Criterion]:
	"""Return the conditions on the columns that all candidates have."""
	conditions = _dates(candidate, document_type, filters)
	if filters.party_type:
		conditions.append(candidate.party_type == filters.party_type)
	if filters.party:
		conditions.append(candidate.party == filters.party)
	if filters.customer_group:
		groups = {"customer_group": _group(filters.customer_group)}
		conditions.append(_of_parties(candidate, "Customer", groups))
	for doctype, values in filters.extra_filters.items():
		if doctype in _party_types():
			conditions.append(_of_parties(candidate, doctype, values))
	if filters.search:
		conditions.append(_search(candidate, filters.search))
	if filters.exact_amount:
		conditions.append(candidate.effect == line.unallocated_amount)
	return conditions


def narrow_vouchers(table: Table, doctype: str, filters: Filters) -> list[Criterion]:
	"""Return the conditions on fields of the voucher itself."""
	return [
		table[fieldname].isin(values) for fieldname, values in filters.extra_filters.get(doctype, {}).items()
	]


def _dates(candidate: Columns, document_type: DocumentType, filters: Filters) -> list[Criterion]:
	"""Vouchers with a reference date are narrowed by it on request, all others by their posting date."""
	if filters.filter_by_reference_date and document_type.has_reference_date:
		column, first, last = (
			candidate.reference_date,
			filters.from_reference_date,
			filters.to_reference_date,
		)
	else:
		column, first, last = candidate.posting_date, filters.from_date, filters.to_date
	conditions = []
	if first:
		conditions.append(column >= first)
	if last:
		conditions.append(column <= last)
	return conditions


def _of_parties(candidate: Columns, party_type: str, values: Mapping[str, list]) -> Criterion:
	party = frappe.qb.DocType(party_type)
	names = frappe.qb.from_(party).select(party.name)
	for fieldname, wanted in values.items():
		names = names.where(party[fieldname].isin(wanted))
	return (candidate.party_type == party_type) & candidate.party.isin(names)


def _group(customer_group: str) -> list[str]:
	"""Return the group and all groups below it."""
	below = frappe.get_all(
		"Customer Group",
		filters={"name": ("descendants of", customer_group)},
		pluck="name",
		limit_page_length=0,
	)
	return [customer_group, *below]


def _search(candidate: Columns, text: str) -> Criterion:
	"""Percent signs and underscores are letters like any other here: nothing of the text is a pattern (P41)."""
	found = [_position(text.upper(), Upper(candidate[column])) > 0 for column in SEARCHED]
	try:
		found.append(Abs(candidate.total_amount) == float(abs(to_decimal(text.replace(",", "")))))
	except ValueError:
		pass
	return Criterion.any(found)


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
