# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""/api/method/<function> and /api/resource/<doctype>[/<name>]."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import frappe
import frappe.client
import frappe.handler
from frappe import _
from frappe.utils.response import build_response
from werkzeug.wrappers import Request, Response


def handle(request: Request) -> Response:
	"""
	:raises DoesNotExistError: the path means nothing
	"""
	parts = unquote(request.path).strip("/").split("/", 3)
	if len(parts) < 3:
		raise frappe.DoesNotExistError
	kind, target = parts[1], parts[2]
	name = parts[3].rstrip("/") if len(parts) > 3 else None
	if kind == "method":
		frappe.local.form_dict.cmd = target
		data = frappe.handler.handle()
	elif kind == "resource":
		data = _resource(request.method, target, name)
	else:
		raise frappe.DoesNotExistError
	if isinstance(data, Response):
		return data
	if data is not None:
		frappe.local.response["data"] = data
	return build_response()


def _resource(http_method: str, doctype: str, name: str | None) -> Any:
	handlers: dict[tuple[str, bool], Callable] = {
		("GET", False): lambda: _document_list(doctype),
		("POST", False): lambda: _create(doctype),
		("GET", True): lambda: _read(doctype, name),
		("PUT", True): lambda: _update(doctype, name),
		("DELETE", True): lambda: _delete(doctype, name),
		("POST", True): lambda: _run_method(doctype, name, "write"),
	}
	handler = handlers.get((http_method, bool(name)))
	if not handler:
		raise frappe.DoesNotExistError
	return handler()


def _document_list(doctype: str) -> list:
	form = frappe.local.form_dict
	form.limit_page_length = form.limit or form.limit_page_length or 20
	return frappe.call(frappe.client.get_list, doctype, **form)


def _form_data() -> dict:
	data = frappe.local.form_dict.data
	if data is None:
		data = frappe.local.request.get_data(as_text=True)
	try:
		return frappe.parse_json(data)
	except ValueError:
		return frappe.local.form_dict


def _create(doctype: str) -> Any:
	values = _form_data()
	values.pop("doctype", None)
	return frappe.new_doc(doctype, **values).insert()


def _read(doctype: str, name: str) -> Any:
	if "run_method" in frappe.local.form_dict:
		return _run_method(doctype, name, "read")
	doc = frappe.get_doc(doctype, name)
	if not doc.has_permission("read"):
		raise frappe.PermissionError
	doc.apply_fieldlevel_read_permissions()
	return doc


def _update(doctype: str, name: str) -> Any:
	values = _form_data()
	values.pop("flags", None)
	doc = frappe.get_doc(doctype, name, for_update=True)
	doc.update(values)
	return doc.save()


def _delete(doctype: str, name: str) -> str:
	frappe.delete_doc(doctype, name, ignore_missing=False)
	frappe.local.response.http_status_code = 202
	return "ok"


def _run_method(doctype: str, name: str, permission: str) -> Any:
	method = frappe.local.form_dict.pop("run_method")
	doc = frappe.get_doc(doctype, name)
	doc.is_whitelisted(method)
	if not doc.has_permission(permission):
		frappe.throw(_("Not permitted"), frappe.PermissionError)
	return doc.run_method(method, **frappe.local.form_dict)
