# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the user narrows the candidates by. All of it is applied in the database (PITFALLS P39)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.query_builder.functions import Abs
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
from advanced_bank_reconciliation.matching.parties import titled
from advanced_bank_reconciliation.matching.queries.columns import Columns, Hint, Source, exactly
from advanced_bank_reconciliation.vouchers.links import BankLine

MOST_ROWS = 2000
MOST_PARTIES_NAMED = 50
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


def narrow_source(source: Source, kind: DocumentType, filters: Filters, line: BankLine) -> Source:
	"""Return the source, limited to what is asked for."""
	source.narrowing += _narrow(source, kind, filters)
	if filters.exact_amount:
		source.narrowing.append(source.columns.effect == line.unallocated_amount)
	if filters.search:
		source.alternatives += _search(source, filters.search, line)
	elif filters.exact_amount and source.amount_hints:
		source.alternatives += source.amount_hints(exactly(line.unallocated_amount, line))
		source.always = "amount"
	source.narrowed_by = source.by_date
	if filters.party:
		source.narrowed_by = source.by_party
	elif filters.customer_group or filters.extra_filters:
		source.narrowed_by = None
	return source


def _narrow(source: Source, kind: DocumentType, filters: Filters) -> list[Criterion]:
	"""Return the conditions all of which must hold."""
	candidate = source.columns
	conditions = _dates(candidate, kind, filters)
	for fieldname, values in filters.extra_filters.get(kind.doctype, {}).items():
		conditions.append(_of_vouchers(source, fieldname, values))
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
	return conditions


def _of_vouchers(source: Source, fieldname: str, values: list) -> Criterion:
	"""Filter by a field of the voucher itself. What another app offers is no table but a query."""
	if isinstance(source.table, Table):
		return source.table[fieldname].isin(values)
	voucher = frappe.qb.DocType(source.doctype)
	names = frappe.qb.from_(voucher).select(voucher.name).where(voucher[fieldname].isin(values))
	return source.columns.name.isin(names)


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
	"""Parties that are few are named: then an index has all that is compared."""
	party = frappe.qb.DocType(party_type)
	query = frappe.qb.from_(party).select(party.name)
	for fieldname, wanted in values.items():
		query = query.where(party[fieldname].isin(wanted))
	names = query.limit(MOST_PARTIES_NAMED + 1).run(pluck=True)
	is_one = candidate.party.isin(names if 0 < len(names) <= MOST_PARTIES_NAMED else query)
	return (candidate.party_type == party_type) & is_one


def _group(customer_group: str) -> list[str]:
	"""Return the group and all groups below it."""
	below = frappe.get_all(
		"Customer Group",
		filters={"name": ("descendants of", customer_group)},
		pluck="name",
		limit_page_length=0,
	)
	return [customer_group, *below]


def _search(source: Source, text: str, line: BankLine) -> list[Hint]:
	"""Return the conditions for a text in number, reference or party, and for a number as an amount.

	Percent signs and underscores are letters like any other here: nothing of the text is a pattern (P41).
	Where there are many candidates, names of parties are looked up in the parties' own records, so that an
	index has all that is compared; and an amount is what is open of an invoice, or moved by a payment.
	"""
	columns = source.columns
	if not source.pieces:
		return [Hint(Criterion.any([*_contain(text, columns, SEARCHED), *_same_amount(text, columns)]))]
	found = _contain(text, columns, ("name", "reference_no", "party"))
	found += [
		(columns.party_type == party_type) & columns.party.isin(names)
		for party_type, names in titled(text).items()
	]
	hints = [Hint(Criterion.any(found), source.by_date)]
	if amount := _amount(text):
		hints += [
			hint for signed in (amount, -amount) for hint in source.amount_hints(exactly(signed, line))[:2]
		]
	return hints


def _contain(text: str, columns: Columns, names: Sequence[str]) -> list[Criterion]:
	return [_position(text, columns[name]) > 0 for name in names]


def _same_amount(text: str, columns: Columns) -> list[Criterion]:
	amount = _amount(text)
	return [Abs(columns.total_amount) == amount, Abs(columns.remaining_amount) == amount] if amount else []


def _amount(text: str) -> float:
	"""Return the amount that the text is, or 0."""
	try:
		return float(abs(to_decimal(text.replace(",", ""))))
	except ValueError:
		return 0.0


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
