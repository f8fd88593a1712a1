# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Responses: JSON of values and documents, and files."""

import datetime
import decimal
import json
import mimetypes
import os
import re
import uuid
from collections.abc import Iterable
from typing import Any

import frappe
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response


def json_handler(obj: Any) -> Any:
	from frappe.model.base_document import BaseDocument
	from frappe.utils.data import format_timedelta

	if isinstance(obj, datetime.date | datetime.time | LocalProxy | uuid.UUID):
		return str(obj)
	if isinstance(obj, datetime.timedelta):
		return format_timedelta(obj)
	if isinstance(obj, decimal.Decimal):
		return float(obj)
	if isinstance(obj, BaseDocument):
		return obj.as_dict(no_nulls=True)
	if isinstance(obj, re.Match):
		return obj.string
	if isinstance(obj, Iterable):
		return list(obj)
	if isinstance(obj, type | Exception) or callable(obj):
		return repr(obj)
	raise TypeError(f"Object of type {type(obj)} with value of {obj!r} is not JSON serializable")


def build_response() -> Response:
	"""frappe.local.response as JSON, with the messages and errors that were collected."""
	answer = frappe.local.response
	if not answer.get("docs"):
		answer.pop("docs", None)
	if frappe.local.error_log:
		answer["exc"] = json.dumps([frappe.utils.cstr(entry["exc"]) for entry in frappe.local.error_log])
	if frappe.local.message_log:
		answer["_server_messages"] = json.dumps([json.dumps(message) for message in frappe.local.message_log])
	if answer.get("type") == "download":
		return _as_download(answer)
	status = answer.pop("http_status_code", None) or 200
	body = json.dumps(answer, default=json_handler, separators=(",", ":"))
	return Response(body, status=status, mimetype="application/json")


def _as_download(answer: dict) -> Response:
	response = Response(
		answer["filecontent"], mimetype=answer.get("content_type") or "application/octet-stream"
	)
	response.headers.add("Content-Disposition", "attachment", filename=answer["filename"])
	return response


def download_private_file(path: str) -> Response:
	"""
	:raises Forbidden: no File of that address that the user may read
	"""
	for name in frappe.get_all("File", {"file_url": path}, pluck="name"):
		file = frappe.get_doc("File", name)
		if file.has_permission("read"):
			return _send(file.get_full_path())
	raise Forbidden(frappe._("You don't have permission to access this file"))


def download_public_file(path: str) -> Response:
	from frappe.utils import get_files_path

	return _send(os.path.join(get_files_path(), os.path.basename(path)))


def _send(path: str) -> Response:
	try:
		with open(path, "rb") as file:
			content = file.read()
	except FileNotFoundError:
		raise NotFound from None
	return Response(content, mimetype=mimetypes.guess_type(path)[0] or "application/octet-stream")
