# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The defaults of a new document, which Frappe asks for with each insert, once for each of its tables.

Frappe keeps them as a template, copies it deeply and looks through all fields for defaults that depend on the
moment or on another document. A DocType without any such default gets a plain copy here.
"""

from collections.abc import Callable
from typing import Any

import frappe
from frappe.utils import cstr

from advanced_bank_reconciliation.bulk.fast_path.copies import is_flat


class NewDocs:
	"""Templates of one batch, by DocType and by the kind of call."""

	def __init__(self) -> None:
		self._templates: dict[tuple[str, bool, str | None], frappe._dict | None] = {}

	def new_doc(
		self,
		original: Callable,
		doctype: str,
		*,
		parent_doc: Any = None,
		parentfield: str | None = None,
		as_dict: bool = False,
		**kwargs: Any,
	) -> Any:
		"""`frappe.new_doc`, as a document or as a dict."""
		key = (doctype, parent_doc is None, parentfield)
		if key not in self._templates:
			made = original(doctype, parent_doc=parent_doc, parentfield=parentfield, as_dict=True)
			self._templates[key] = made if _is_still(doctype, made) else None
		template = self._templates[key]
		if template is None:
			return original(
				doctype, parent_doc=parent_doc, parentfield=parentfield, as_dict=as_dict, **kwargs
			)
		new = frappe._dict(template)
		if parent_doc:
			new.update(parent=parent_doc.name, parenttype=parent_doc.doctype)
		return (new if as_dict else frappe.get_doc(new)).update(kwargs)


def _is_still(doctype: str, answer: Any) -> bool:
	"""Return whether the next answer will be the same, but for the parent."""
	return (
		type(answer) is frappe._dict
		and is_flat([answer])
		and not any(_moves(field) for field in frappe.get_meta(doctype).get("fields"))
	)


def _moves(field: Any) -> bool:
	default = cstr(field.get("default"))
	return default.startswith(":") or default.lower() == "now" or field.fieldtype == "Time"
