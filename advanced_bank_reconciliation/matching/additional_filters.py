# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Filters that other apps add by the hook `bank_rec_additional_filters` (docs/hooks.md).

They are applied by the server, on every kind of party and voucher (PITFALLS P39).
"""

import json
from typing import Any

import frappe
from frappe import _

from advanced_bank_reconciliation.exceptions import BadPayload, refuse

HOOK = "bank_rec_additional_filters"
ENTRY_KEYS = ("dt", "fieldname", "fieldtype", "label", "options")


def get_additional_filters() -> list[dict[str, Any]]:
	"""Return the hook entries of all installed apps: {dt, fieldname, fieldtype, label, options}.

	An entry that cannot work, such as one for a field that does not exist, is left out and put in the Error
	Log with the reason: one app's mistake does not take the screen from the user.
	"""
	entries = []
	for app in frappe.get_installed_apps():
		for entry in _entries_of(app):
			if problem := _problem_with(entry):
				frappe.log_error(title=f"{HOOK}: {app}", message=f"{problem}\n\n{entry}")
			else:
				entries.append(_complete(entry))
	return entries


def parse_extra_filters(value: object) -> dict[str, dict[str, list]]:
	"""Return {dt: {fieldname: values}} from a mapping or JSON text; empty values are left out.

	Raises BadPayload for a field that no hook entry declares, and for values that are no text or number.
	"""
	if isinstance(value, str):
		try:
			value = json.loads(value) if value.strip() else None
		except ValueError:
			refuse(BadPayload, [_("Filters: this is not valid JSON.")])
	if not value:
		return {}
	if not isinstance(value, dict) or not all(isinstance(fields, dict) for fields in value.values()):
		refuse(BadPayload, [_("Filters: an object of fields per document type is needed.")])
	declared = {(entry["dt"], entry["fieldname"]) for entry in get_additional_filters()}
	parsed: dict[str, dict[str, list]] = {}
	for doctype, fields in value.items():
		for fieldname, wanted in fields.items():
			if (doctype, fieldname) not in declared:
				refuse(
					BadPayload,
					[_("Filters: {0} of {1} is not a filter.").format(fieldname, doctype)],
				)
			if values := _values(wanted):
				parsed.setdefault(doctype, {})[fieldname] = values
	return parsed


def _entries_of(app: str) -> list:
	entries = frappe.get_hooks(HOOK, app_name=app)
	return entries if isinstance(entries, list) else [entries]


def _problem_with(entry: object) -> str:
	if not isinstance(entry, dict):
		return "an entry must be a dict"
	if any(isinstance(value, list) for value in entry.values()):
		return "the hook must be a list of entries"
	doctype, fieldname = entry.get("dt"), entry.get("fieldname")
	if not isinstance(doctype, str) or not frappe.db.exists("DocType", doctype):
		return f"there is no DocType {doctype!r}"
	meta = frappe.get_meta(doctype)
	if meta.issingle or meta.istable:
		return f"{doctype!r} has no list of documents"
	if not isinstance(fieldname, str) or not meta.has_field(fieldname):
		return f"{doctype!r} has no field {fieldname!r}"
	return ""


def _complete(entry: dict[str, Any]) -> dict[str, Any]:
	"""What the entry leaves out is as the field itself has it."""
	field = frappe.get_meta(entry["dt"]).get_field(entry["fieldname"])
	return {key: entry.get(key) or field.get(key) for key in ENTRY_KEYS if key != "dt"} | {"dt": entry["dt"]}


def _values(wanted: object) -> list:
	values = wanted if isinstance(wanted, list) else [wanted]
	if not all(isinstance(value, str | int | float) for value in values if value is not None):
		refuse(BadPayload, [_("Filters: texts and numbers are needed.")])
	return [value for value in values if value not in (None, "")]
