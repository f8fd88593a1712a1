# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Calls of whitelisted functions and document methods over HTTP."""

from collections.abc import Callable
from inspect import signature
from typing import Any

import frappe
from frappe import _, is_whitelisted, ping
from frappe.utils import cint
from werkzeug.wrappers import Response


def handle() -> Response | None:
	"""Run the function that form_dict.cmd names; its answer becomes the response's "message"."""
	cmd = frappe.local.form_dict.cmd
	data = execute_cmd(cmd) if cmd != "login" else None
	if isinstance(data, Response):
		return data
	if data is not None:
		frappe.local.response["message"] = data
	return None


def execute_cmd(cmd: str, from_async: bool = False) -> Any:
	"""
	:raises ValidationError: there is no such function
	:raises PermissionError: it is not whitelisted, or not for this HTTP method or user
	"""
	cmd = frappe.override_whitelisted_method(cmd)
	try:
		method = get_attr(cmd)
	except Exception as error:
		frappe.throw(_("Failed to get method for command {0} with {1}").format(cmd, error))
	if method != run_doc_method:
		is_whitelisted(method)
		is_valid_http_method(method)
	return frappe.call(method, **frappe.local.form_dict)


def get_attr(cmd: str) -> Callable:
	"""A function by its path, or one of this module by its name."""
	return frappe.get_attr(cmd) if "." in cmd else globals()[cmd]


def is_valid_http_method(method: Callable) -> None:
	if frappe.local.request.method not in frappe.allowed_http_methods_for_whitelisted_func[method]:
		frappe.throw(_("Not permitted"), frappe.PermissionError)


@frappe.whitelist(allow_guest=True)
def logout() -> None:
	frappe.local.login_manager.logout()
	frappe.db.commit()


@frappe.whitelist()
def upload_file() -> Any:
	"""Store the request's file as a File, attached to a document that the user may write."""
	form = frappe.local.form_dict
	check_write_permission(form.doctype, form.docname)
	uploaded = frappe.local.request.files.get("file")
	return frappe.get_doc(
		doctype="File",
		attached_to_doctype=form.doctype,
		attached_to_name=form.docname,
		attached_to_field=form.fieldname,
		folder=form.folder or "Home",
		file_name=uploaded.filename if uploaded else form.file_name,
		file_url=form.file_url,
		is_private=cint(form.is_private),
		content=uploaded.stream.read() if uploaded else None,
	).save()


def check_write_permission(doctype: str | None = None, name: str | None = None) -> None:
	if not doctype:
		return
	if name:
		frappe.get_doc(doctype, name).check_permission("write")
	else:
		frappe.has_permission(doctype, "write", throw=True)


def run_doc_method(
	method: str,
	docs: Any = None,
	dt: str | None = None,
	dn: str | None = None,
	arg: Any = None,
	args: Any = None,
) -> None:
	"""Call a whitelisted method of a document, given by doctype and name or as the form has it (`docs`).

	:raises PermissionError: no read permission on the document, or the method is not whitelisted
	"""
	args = args or arg
	if dt:
		doc = frappe.get_doc(dt, dn or dt)
	else:
		doc = frappe.get_doc(frappe.parse_json(docs))
		doc._original_modified = doc.modified
		doc.check_if_latest()
	if not doc.has_permission("read"):
		frappe.throw(_("Not permitted"), frappe.PermissionError)
	try:
		args = frappe.parse_json(args)
	except ValueError:
		pass  # plain text is passed on as it is

	bound = getattr(doc, method)
	function = getattr(bound, "__func__", bound)
	is_whitelisted(function)
	is_valid_http_method(function)
	parameters = list(signature(bound).parameters)
	if not parameters:
		response = doc.run_method(method)
	elif "args" in parameters or not isinstance(args, dict):
		response = doc.run_method(method, args)
	else:
		response = doc.run_method(method, **args)
	frappe.local.response.docs.append(doc)
	if response is not None:
		frappe.local.response["message"] = response


runserverobj = run_doc_method
