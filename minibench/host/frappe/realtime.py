# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Events to browsers: published on the Redis channel "events", which the socketio server reads."""

from contextlib import suppress
from typing import Any

import frappe
import redis
from frappe.utils.data import cstr


def publish_progress(
	percent: float,
	title: str | None = None,
	doctype: str | None = None,
	docname: str | None = None,
	description: str | None = None,
	task_id: str | None = None,
) -> None:
	publish_realtime(
		"progress",
		{"percent": percent, "title": title, "description": description},
		user=None if doctype and docname else frappe.session.user,
		doctype=doctype,
		docname=docname,
		task_id=task_id,
	)


def publish_realtime(
	event: str | None = None,
	message: dict | None = None,
	room: str | None = None,
	user: str | None = None,
	doctype: str | None = None,
	docname: str | None = None,
	task_id: str | None = None,
	after_commit: bool = False,
) -> None:
	"""Send to a user, to those who look at a document, to a room, or (none given) to all desk users.

	`after_commit`: only when the transaction commits, equal events once.
	"""
	message = {} if message is None else message
	task_id = task_id or getattr(frappe.local, "task_id", None)
	if event is None:
		event = "task_progress" if task_id else "global"
	elif event == "msgprint" and not user:
		user = frappe.session.user
	elif event == "list_update":
		room = get_doctype_room(doctype or message.get("doctype"))
	elif event == "docinfo_update":
		room = get_doc_room(doctype, docname)
	if not room:
		if task_id:
			after_commit = False
			message.setdefault("task_id", task_id)
		room = _room_for(task_id, user, doctype, docname)

	if not after_commit:
		emit_via_redis(event, message, room)
		return
	log = getattr(frappe.local, "_realtime_log", None)
	if log is None:
		log = frappe.local._realtime_log = []
		frappe.db.after_commit.add(flush_realtime_log)
		frappe.db.after_rollback.add(clear_realtime_log)
	if (parameters := [event, message, room]) not in log:
		log.append(parameters)


def _room_for(task_id: str | None, user: str | None, doctype: str | None, docname: str | None) -> str:
	if task_id:
		return get_task_progress_room(task_id)
	if user:
		return get_user_room(user)
	return get_doc_room(doctype, docname) if doctype and docname else get_site_room()


def flush_realtime_log() -> None:
	log = getattr(frappe.local, "_realtime_log", None) or []
	clear_realtime_log()
	for parameters in log:
		emit_via_redis(*parameters)


def clear_realtime_log() -> None:
	if hasattr(frappe.local, "_realtime_log"):
		del frappe.local._realtime_log


def emit_via_redis(event: str, message: Any, room: str) -> None:
	"""Publish; without Redis the event is lost, as in Frappe."""
	from frappe.utils.background_jobs import get_redis_connection_without_auth

	payload = {"event": event, "message": message, "room": room, "namespace": frappe.local.site}
	with suppress(redis.exceptions.ConnectionError):
		get_redis_connection_without_auth().publish("events", frappe.as_json(payload))


@frappe.whitelist(allow_guest=True)
def can_subscribe_doc(doctype: str, docname: str) -> bool:
	frappe.has_permission(doctype, doc=docname, throw=True)
	return True


@frappe.whitelist(allow_guest=True)
def can_subscribe_doctype(doctype: str) -> bool:
	if not frappe.has_permission(doctype=doctype, ptype="read"):
		raise frappe.PermissionError()
	return True


@frappe.whitelist(allow_guest=True)
def get_user_info() -> dict:
	user_type = frappe.session.data.user_type or frappe.get_cached_value(
		"User", frappe.session.user, "user_type"
	)
	return {"user": frappe.session.user, "user_type": user_type}


def get_doctype_room(doctype: str) -> str:
	return f"doctype:{doctype}"


def get_doc_room(doctype: str, docname: Any) -> str:
	return f"doc:{doctype}/{cstr(docname)}"


def get_user_room(user: str) -> str:
	return f"user:{user}"


def get_site_room() -> str:
	return "all"


def get_task_progress_room(task_id: str) -> str:
	return f"task_progress:{task_id}"


def get_website_room() -> str:
	return "website"
