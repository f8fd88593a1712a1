# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The WSGI application: one site, a database connection per request, commit for changing methods only."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import frappe
import frappe.api
import frappe.auth
import frappe.handler
from frappe import _
from frappe.auth import UNSAFE_HTTP_METHODS, HTTPRequest
from frappe.utils import cint
from frappe.utils.response import build_response, download_private_file, download_public_file
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Request, Response

DEFAULT_MAX_FILE_SIZE = 25 * 1024 * 1024


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
	return handle(Request(environ))(environ, start_response)


def handle(request: Request) -> Response:
	"""Serve one request on the site that MINIBENCH_SITE names; opens and closes frappe around it."""
	try:
		return _handle(request)
	finally:
		frappe.destroy()


def _handle(request: Request) -> Response:
	try:
		init_request(request)
		frappe.auth.validate_auth()
		response = _dispatch(request)
	except HTTPException as error:
		response = error.get_response(request.environ)
		_rollback()
	except Exception as error:
		response = handle_exception(error)
		_rollback()
	else:
		sync_database(request)
	if hasattr(frappe.local, "cookie_manager"):
		frappe.local.cookie_manager.flush_cookies(response)
	return response


def init_request(request: Request) -> None:
	frappe.init(force=True)
	frappe.local.request = request
	frappe.connect(set_admin_as_user=False)
	request.max_content_length = cint(frappe.conf.max_file_size) or DEFAULT_MAX_FILE_SIZE
	make_form_dict(request)
	frappe.local.http_request = HTTPRequest()
	for task in frappe.get_hooks("before_request"):
		frappe.call(task)


def make_form_dict(request: Request) -> None:
	"""Arguments of the request: its JSON body, or its query and form fields."""
	body = request.get_data(as_text=True, parse_form_data=True)
	values: Any = json.loads(body) if body and request.is_json else {**request.args, **request.form}
	if isinstance(values, dict):
		frappe.local.form_dict = frappe._dict(values)
		frappe.local.form_dict.pop("_", None)
	elif isinstance(values, list):
		frappe.local.form_dict = frappe._dict(data=values)
	else:
		frappe.throw(_("Invalid request arguments"))


def _dispatch(request: Request) -> Response:
	path = request.path
	if request.method == "OPTIONS":
		return Response()
	if frappe.local.form_dict.cmd:
		return frappe.handler.handle() or build_response()
	if path.startswith("/api/"):
		return frappe.api.handle(request)
	if path == "/logout":
		frappe.handler.logout()
		return build_response()
	if path.startswith("/private/files/"):
		return download_private_file(path)
	if path.startswith("/files/"):
		return download_public_file(path)
	raise NotFound


def sync_database(request: Request) -> None:
	"""Commit after POST, PUT and DELETE; anything a GET changed is rolled back."""
	if request.method in UNSAFE_HTTP_METHODS or frappe.local.flags.commit:
		frappe.db.commit()
	else:
		frappe.db.rollback()
	frappe.local.session_obj.update()


def _rollback() -> None:
	if getattr(frappe.local, "db", None):
		frappe.db.rollback()


def handle_exception(error: Exception) -> Response:
	"""The error as JSON: exc_type, exception, exc (traceback), the messages, and the error's HTTP status."""
	status = getattr(error, "http_status_code", 500)
	if not getattr(frappe.local, "db", None):
		return Response(f"{type(error).__name__}: {error}\n", status=status, mimetype="text/plain")
	if frappe.db.is_timedout(error) or frappe.db.is_deadlocked(error):
		status = 508
	if not frappe.session.user:
		frappe.session.user = "Guest"
	error = _as_permission_error(error)
	status = getattr(error, "http_status_code", status)

	traceback = frappe.get_traceback()
	if status != 404 and not frappe.local.flags.disable_traceback:
		frappe.errprint(traceback)
		frappe.local.response.exception = traceback.strip().splitlines()[-1]
	frappe.local.response["exc_type"] = type(error).__name__
	if frappe.local.flags.error_message:
		frappe.local.response["_error_message"] = frappe.local.flags.error_message
	if status == 500:
		_rollback()
		frappe.log_error(title=str(error)[:140])
		frappe.db.commit()
	response = build_response()
	response.status_code = status
	return response


def _as_permission_error(error: Exception) -> Exception:
	"""A missing document is not told to those who may not read its doctype."""
	from frappe.permissions import check_doctype_permission

	doctype = getattr(error, "doctype", None)
	if isinstance(error, frappe.DoesNotExistError) and doctype:
		try:
			check_doctype_permission(doctype)
		except frappe.PermissionError as permission_error:
			return permission_error
	return error
