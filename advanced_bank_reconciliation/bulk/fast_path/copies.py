# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Copies of what the memo keeps, which callers may change as they like, and keys to keep it under."""

import copy
import datetime
import weakref
from decimal import Decimal
from typing import Any

import frappe
from frappe.model.base_document import BaseDocument

#: Values that nobody can change, so that copies may share them.
_SCALARS = (
	str,
	int,
	float,
	bool,
	bytes,
	type(None),
	datetime.date,
	datetime.timedelta,
	datetime.time,
	Decimal,
)


def key_of(*values: Any) -> str | None:
	"""Return a text that is the same for the same values and for no others, or None if there is no such text."""
	return repr(values) if all(_is_plain(value) for value in values) else None


def _is_plain(value: Any) -> bool:
	if isinstance(value, _SCALARS):
		return True
	if isinstance(value, list | tuple):
		return all(_is_plain(item) for item in value)
	if isinstance(value, dict):
		return all(_is_plain(item) for item in value.values())
	return False


def is_flat(answer: Any) -> bool:
	"""Return whether `copy_rows` makes a true copy of a query's answer: rows of values, or values."""
	if not isinstance(answer, list | tuple):
		return isinstance(answer, _SCALARS)
	return all(isinstance(value, _SCALARS) for row in answer for value in _values(row))


def _values(row: Any) -> Any:
	if isinstance(row, dict):
		return row.values()
	return row if isinstance(row, list | tuple) else (row,)


def copy_rows(answer: Any) -> Any:
	"""Return an answer for which `is_flat` is true with rows of its own."""
	if isinstance(answer, list):
		return [_copy_row(row) for row in answer]
	return answer if not isinstance(answer, tuple) else tuple(_copy_row(row) for row in answer)


def _copy_row(row: Any) -> Any:
	if isinstance(row, dict):
		return frappe._dict(row) if isinstance(row, frappe._dict) else dict(row)
	return list(row) if isinstance(row, list) else row


def copy_document(doc: BaseDocument) -> BaseDocument:
	"""Return a document of the same class with the same state, rows of its tables included."""
	new = doc.__class__.__new__(doc.__class__)
	state = new.__dict__
	for key, value in doc.__dict__.items():
		if isinstance(value, _SCALARS) or key in ("meta", "permitted_fieldnames", "_table_fieldnames"):
			state[key] = value
		elif key == "_parent_doc":
			state[key] = None
		elif isinstance(value, list):
			state[key] = [_copy_member(item, new) for item in value]
		else:
			state[key] = copy.deepcopy(value)
	return new


def _copy_member(item: Any, parent: BaseDocument) -> Any:
	if isinstance(item, BaseDocument):
		row = copy_document(item)
		row._parent_doc = weakref.ref(parent)
		return row
	return copy.deepcopy(item)
