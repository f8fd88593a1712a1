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
			self._templates[key] = _template(original, doctype, parent_doc, parentfield)
		template = self._templates[key]
		if template is None:
			return original(
				doctype, parent_doc=parent_doc, parentfield=parentfield, as_dict=as_dict, **kwargs
			)
		new = frappe._dict(template)
		if parent_doc:
			new.update(parent=parent_doc.name, parenttype=parent_doc.doctype)
		return (new if as_dict else frappe.get_doc(new)).update(kwargs)


def _template(
	original: Callable, doctype: str, parent_doc: Any, parentfield: str | None
) -> frappe._dict | None:
	"""Return what every such call answers, but for the parent; None if they differ, or may share what is in them."""
	if any(_moves(field) for field in frappe.get_meta(doctype).get("fields")):
		return None
	answer = original(doctype, parent_doc=parent_doc, parentfield=parentfield, as_dict=True)
	return answer if type(answer) is frappe._dict and is_flat([answer]) else None


def _moves(field: Any) -> bool:
	default = cstr(field.get("default"))
	return default.startswith(":") or default.lower() == "now" or field.fieldtype == "Time"
