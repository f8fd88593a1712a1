# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Saving, submitting and cancelling from a form."""

import json
from typing import Any

import frappe
from frappe import _
from frappe.desk.form.load import get_docinfo, run_onload
from frappe.model.docstatus import DocStatus

DOCSTATUS = {
	"Save": DocStatus.draft(),
	"Submit": DocStatus.submitted(),
	"Update": DocStatus.submitted(),
	"Cancel": DocStatus.cancelled(),
}


@frappe.whitelist(methods=["POST", "PUT"])
def savedocs(doc: str, action: str) -> None:
	"""Save the document as the form has it (JSON text). action: Save, Submit, Update or Cancel.

	The saved document is in the answer's docs; a new one tells by `localname` what the form had called it.
	"""
	document = frappe.get_doc(json.loads(doc))
	set_local_names(document)
	document.docstatus = DOCSTATUS[action]
	if document.docstatus.is_submitted():
		document.submit()
	else:
		document.save()
	run_onload(document)
	send_updated_docs(document)
	done = _("Submitted") if document.docstatus.is_submitted() else _("Saved")
	frappe.msgprint(done, indicator="green", alert=True)


@frappe.whitelist(methods=["POST", "PUT"])
def cancel(doctype: str, name: str) -> None:
	document = frappe.get_doc(doctype, name)
	document.cancel()
	send_updated_docs(document)
	frappe.msgprint(_("Cancelled"), indicator="red", alert=True)


def send_updated_docs(document: Any) -> None:
	get_docinfo(document)
	values = document.as_dict()
	if hasattr(document, "localname"):
		values["localname"] = document.localname
	frappe.response.docs.append(values)


def set_local_names(document: Any) -> None:
	"""Documents that only the form knows get their name when they are saved."""
	is_new = document.get("__islocal")
	for row in [document, *document.get_all_children()]:
		if is_new or row.get("__islocal"):
			row.localname = row.name
			row.name = None
			row.set("__islocal", True)
