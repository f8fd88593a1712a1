# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Column mappings that are kept with a Bank: one for each layout of its exports.

They are independent of any import (PITFALLS P74), and written only by who may write the Bank (P79).
"""

import json
from collections.abc import Mapping as AbstractMapping
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now

from advanced_bank_reconciliation.exceptions import ReconciliationError, refuse
from advanced_bank_reconciliation.statement_import.exceptions import BadMapping
from advanced_bank_reconciliation.statement_import.mapping.mapping import Mapping

FIELD = "abr_statement_mappings"

#: So many layouts are kept for a bank; the oldest goes.
MOST_LAYOUTS = 20


def saved_mappings(bank: str) -> list[Mapping]:
	"""Return the mappings of a bank, the latest first. What cannot be read any more is left out and logged."""
	mappings = []
	for entry in _entries(frappe.db.get_value("Bank", bank, FIELD) if bank else ""):
		try:
			mappings.append(Mapping.from_dict(entry["mapping"]))
		except (BadMapping, KeyError, TypeError):
			frappe.clear_messages()
			frappe.log_error(title=f"{FIELD}: {bank}", reference_doctype="Bank", reference_name=bank)
	return mappings


def may_save(bank: str) -> bool:
	"""Return whether the user may save a mapping with the bank."""
	return bool(bank) and bool(frappe.has_permission("Bank", "write", doc=bank))


def save_mapping(bank: str, format_name: str, mapping: AbstractMapping[str, Any]) -> None:
	"""Keep the mapping with the bank, in the place of one for the same layout.

	Raises `frappe.PermissionError` unless the user may write the Bank.
	"""
	if not bank:
		refuse(ReconciliationError, [_("The Bank Account has no Bank that a mapping could be saved with.")])
	document = frappe.get_doc("Bank", bank, for_update=True)
	document.check_permission("write")
	checked = Mapping.from_dict(mapping)
	entry = {
		"format": format_name,
		"fingerprint": checked.fingerprint,
		"mapping": checked.as_dict(),
		"saved_by": frappe.session.user,
		"saved_on": now(),
	}
	others = [other for other in _entries(document.get(FIELD)) if not _same_layout(other, entry)]
	document.set(FIELD, json.dumps([entry, *others][:MOST_LAYOUTS], indent=1))
	document.save()


def save_mapping_of(record: Document) -> None:
	"""Keep the columns of an import with its bank. Raises as `save_mapping`, and where there are none."""
	if not record.mapping or json.loads(record.reading or "{}").get("questions"):
		refuse(
			ReconciliationError,
			[_("{0} has no complete column mapping that could be saved.").format(record.name)],
		)
	save_mapping(record.bank, record.format, json.loads(record.mapping))


def _entries(text: str | None) -> list[dict[str, Any]]:
	try:
		entries = json.loads(text or "[]")
	except ValueError:
		return []
	return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _same_layout(one: AbstractMapping[str, Any], other: AbstractMapping[str, Any]) -> bool:
	return all(one.get(key) == other.get(key) for key in ("format", "fingerprint"))
