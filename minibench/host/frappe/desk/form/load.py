# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Documents and doctypes for the desk's forms."""

from typing import Any

import frappe
from frappe import _
from frappe.desk.form import meta as form_meta
from frappe.model import table_fields
from frappe.permissions import check_doctype_permission, get_doc_permissions


@frappe.whitelist()
def getdoc(doctype: str, name: str) -> None:
	"""Put a document that the user may read into the answer's docs, and the user's rights into docinfo.

	The answer is empty when there is no such document.

	:raises PermissionError: the user may not read it
	"""
	try:
		doc = frappe.get_doc(doctype, name)
	except frappe.DoesNotExistError:
		check_doctype_permission(doctype)
		frappe.clear_last_message()
		return
	if not doc.has_permission("read"):
		check_doctype_permission(doctype)
		message = _("Insufficient Permission for {0}").format(frappe.bold(f"{_(doctype)} {name}"))
		frappe.flags.error_message = message
		raise frappe.PermissionError(("read", doctype, name))
	run_onload(doc)
	doc.apply_fieldlevel_read_permissions()
	get_docinfo(doc)
	frappe.response.docs.append(doc)


def run_onload(doc: Any) -> None:
	doc.set("__onload", frappe._dict())
	doc.run_method("onload")


def get_docinfo(doc: Any) -> None:
	"""What a form wants to know beside the document; here only the user's rights on it."""
	frappe.response["docinfo"] = {
		"doctype": doc.doctype,
		"name": doc.name,
		"permissions": get_doc_permissions(doc),
	}


@frappe.whitelist()
def getdoctype(doctype: str, with_parent: bool = False, cached_timestamp: str | None = None) -> None:
	"""Put the doctype and those of its child tables into the answer's docs."""
	frappe.response.docs.extend(get_meta_bundle(doctype))


def get_meta_bundle(doctype: str) -> list[frappe._dict]:
	bundle = [form_meta.get_meta(doctype)]
	children = [df["options"] for df in bundle[0].fields if df["fieldtype"] in table_fields]
	return bundle + [form_meta.get_meta(child) for child in dict.fromkeys(children)]
