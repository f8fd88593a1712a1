# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Which parties a statement text names."""

from weakref import WeakKeyDictionary

import frappe
from frappe.query_builder.functions import Length, Upper
from pypika.terms import CustomFunction

from advanced_bank_reconciliation.vouchers.links import BankLine

#: Where each kind of party keeps its name.
NAME_FIELDS = {
	"Customer": "customer_name",
	"Supplier": "supplier_name",
	"Employee": "employee_name",
	"Shareholder": "title",
}

SHORTEST_NAME = 4

#: A text that contains more names than this says nothing; the longest ones are the likeliest.
MOST_NAMES = 10

_position = CustomFunction("LOCATE", ["part", "text"])

#: What was found for a Bank Transaction, as long as somebody holds it: (its text, the parties).
_found: WeakKeyDictionary = WeakKeyDictionary()


def named_in(line: BankLine, text: str) -> dict[str, list[str]]:
	"""Return the parties whose name is in the statement text, by party type, those of the longest names.

	Asked of the party's own record, once, and not of every voucher: an index then finds the vouchers.
	"""
	known_text, parties = _found.get(line, (None, {}))
	if known_text != text:
		parties = _look_up(text) if text else {}
		_found[line] = (text, parties)
	return parties


def _look_up(text: str) -> dict[str, list[str]]:
	rows: list[tuple[int, str, str]] = []
	for party_type, name_field in NAME_FIELDS.items():
		if not frappe.db.exists("Party Type", party_type):
			continue
		party = frappe.qb.DocType(party_type)
		length = Length(party[name_field])
		found = (
			frappe.qb.from_(party)
			.select(length, party.name)
			.where(length >= SHORTEST_NAME)
			.where(_position(Upper(party[name_field]), text.upper()) > 0)
			.orderby(length, order=frappe.qb.desc)
			.orderby(party.name)
			.limit(MOST_NAMES)
			.run()
		)
		rows += [(-size, party_type, name) for size, name in found]
	parties: dict[str, list[str]] = {}
	for _size, party_type, name in sorted(rows)[:MOST_NAMES]:
		parties.setdefault(party_type, []).append(name)
	return parties


def titled(text: str) -> dict[str, list[str]]:
	"""Return the parties in whose title the text is, where that is not what they are called by anyway."""
	parties = {}
	for party_type, name_field in NAME_FIELDS.items():
		if frappe.db.exists("Party Type", party_type):
			party = frappe.qb.DocType(party_type)
			names = (
				frappe.qb.from_(party)
				.select(party.name)
				.where(_position(text, party[name_field]) > 0)
				.where(party.name != party[name_field])
				.orderby(party.name)
				.run(pluck=True)
			)
			if names:
				parties[party_type] = names
	return parties
