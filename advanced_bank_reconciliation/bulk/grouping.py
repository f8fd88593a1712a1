# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Decides which invoices of a plan share a Payment Entry (DESIGN section 4, "Grouping")."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import frappe
from frappe.utils import cint

from advanced_bank_reconciliation.allocation.groups import portions
from advanced_bank_reconciliation.payload import PER_INVOICE, PER_PARTY
from advanced_bank_reconciliation.vouchers.shared_details import Details, shared_details

if TYPE_CHECKING:
	from advanced_bank_reconciliation.bulk.plan import PlannedInvoice

DEFAULT_MOST_INVOICES = 50

Members = list["PlannedInvoice"]


def default_way() -> str:
	"""Return the setting *Payment Entries Per*."""
	return _settings().payment_entries_per or PER_INVOICE


def payment_groups(invoices: Sequence["PlannedInvoice"], way: str) -> list[Members]:
	"""Return the invoices that are to be paid by Payment Entry, in the order in which they are served.

	Invoices of one party, party account and currency, which also agree in what `shared_details` says, share a
	Payment Entry where `way` is PER_PARTY, up to the setting *Most Invoices per Payment Entry*. Returns are
	always netted with invoices of their party, the same details first.
	"""
	payable = [planned for planned in invoices if not planned.error]
	by_party: dict[tuple, Members] = {}
	for planned in payable:
		by_party.setdefault((planned.invoice.party_key, planned.invoice.currency), []).append(planned)
	details = shared_details(planned.invoice.key for planned in payable) if way == PER_PARTY else {}
	order = {id(planned): number for number, planned in enumerate(payable)}
	groups = [group for members in by_party.values() for group in _groups_of_party(members, way, details)]
	in_order = [sorted(group, key=lambda planned: order[id(planned)]) for group in groups]
	return sorted(in_order, key=lambda group: order[id(group[0])])


def _groups_of_party(members: Members, way: str, details: dict[tuple[str, str], Details]) -> list[Members]:
	if way == PER_INVOICE:
		is_netted = any(_effect(planned) < 0 for planned in members)
		return _portions(members) if is_netted else [[planned] for planned in members]
	alike: dict[Details, Members] = {}
	for planned in members:
		alike.setdefault(details[planned.invoice.key], []).append(planned)
	return [group for each in _above_zero(alike) for group in _portions(each)]


def _above_zero(alike: dict[Details, Members]) -> list[Members]:
	"""Return the groups; one whose returns are worth more than its invoices joins the largest on its account."""
	groups = dict(alike)
	while short := next((key for key, members in groups.items() if _net(members) <= 0), None):
		members = groups.pop(short)
		others = [key for key in groups if key[0] == short[0]]
		if not others:
			return [*groups.values(), members]
		largest = max(others, key=lambda key: _net(groups[key]))
		groups[largest] = groups[largest] + members
	return list(groups.values())


def _portions(members: Members) -> list[Members]:
	if _net(members) <= 0:
		return [members]
	groups = portions([_effect(planned) for planned in members], most_invoices())
	return [[members[position] for position in group] for group in groups]


def most_invoices() -> int:
	"""Return how many invoices one Payment Entry may pay."""
	return cint(_settings().most_invoices_per_payment_entry) or DEFAULT_MOST_INVOICES


def _effect(planned: "PlannedInvoice") -> int:
	return planned.effect(planned.allocated_amount)


def _net(members: Members) -> int:
	return sum(_effect(planned) for planned in members)


def _settings():
	return frappe.get_cached_doc("Advance Bank Reconciliation Settings")
