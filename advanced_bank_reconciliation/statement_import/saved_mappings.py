# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Column mappings that are kept with a Bank: one for each layout of its exports.

They are independent of any import (PITFALLS P74), and written only by who may write the Bank (P79).
"""

import json
from collections.abc import Mapping as AbstractMapping
from dataclasses import replace
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


def saved_mappings(bank: str, is_credit_card: bool) -> list[Mapping]:
	"""Return the mappings of a bank, those of the same kind of account first, then the latest.

	Those of the other kind do not say which way amounts go: cards are shown from the other side. What cannot
	be read any more is left out and logged.
	"""
	mappings = []
	entries = _entries(frappe.db.get_value("Bank", bank, FIELD) if bank else "")
	for entry in sorted(entries, key=lambda entry: _of_other_kind(entry, is_credit_card)):
		try:
			mapping = Mapping.from_dict(entry["mapping"])
			if _of_other_kind(entry, is_credit_card):
				mapping = replace(mapping, flip=None, balance_reversed=False, debit_is_negative=None)
			mappings.append(mapping)
		except (BadMapping, KeyError, TypeError):
			frappe.clear_messages()
			frappe.log_error(title=f"{FIELD}: {bank}", reference_doctype="Bank", reference_name=bank)
	return mappings


def may_save(bank: str) -> bool:
	"""Return whether the user may save a mapping with the bank."""
	return bool(bank) and bool(frappe.has_permission("Bank", "write", doc=bank))


def save_mapping(
	bank: str, format_name: str, mapping: AbstractMapping[str, Any], is_credit_card: bool
) -> None:
	"""Keep the mapping with the bank, in the place of one for the same layout and kind of account.

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
		"is_credit_card": is_credit_card,
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
	account = frappe.get_cached_doc("Bank Account", record.bank_account)
	is_credit_card = bool(account.get("is_credit_card"))
	save_mapping(record.bank, record.format, json.loads(record.mapping), is_credit_card)


def _of_other_kind(entry: AbstractMapping[str, Any], is_credit_card: bool) -> bool:
	"""Whether the mapping was saved for a card and the account is none, or the reverse."""
	return entry.get("is_credit_card", is_credit_card) != is_credit_card


def _entries(text: str | None) -> list[dict[str, Any]]:
	try:
		entries = json.loads(text or "[]")
	except ValueError:
		return []
	return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _same_layout(one: AbstractMapping[str, Any], other: AbstractMapping[str, Any]) -> bool:
	return all(one.get(key) == other.get(key) for key in ("format", "fingerprint", "is_credit_card"))
