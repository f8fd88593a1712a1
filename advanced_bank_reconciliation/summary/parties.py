# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The names by which people know parties."""

from collections.abc import Iterable

import frappe

CHUNK = 1000


def party_names(parties: Iterable[tuple[str | None, str | None]]) -> dict[tuple[str, str], str]:
	"""Return the name to show for each (party type, party); unknown ones are not in the answer."""
	wanted: dict[str, set[str]] = {}
	for party_type, party in parties:
		if party_type and party:
			wanted.setdefault(party_type, set()).add(party)
	found = {}
	for party_type, names in wanted.items():
		field = _name_field(party_type)
		ordered = sorted(names)
		for start in range(0, len(ordered), CHUNK):
			rows = frappe.get_all(
				party_type,
				filters={"name": ("in", ordered[start : start + CHUNK])},
				fields=["name", f"{field} as title"],
				limit_page_length=0,
			)
			found.update({(party_type, row.name): row.title for row in rows if row.title})
	return found


def _name_field(party_type: str) -> str:
	"""ERPNext names it after the party type (customer_name); others have a title."""
	meta = frappe.get_meta(party_type)
	field = f"{frappe.scrub(party_type)}_name"
	return field if meta.has_field(field) else meta.get_title_field()
