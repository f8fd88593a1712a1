# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Notification Log: what the bell in the desk shows to a user."""

from typing import Any

import frappe
from frappe.model.document import Document


class NotificationLog(Document):
	def after_insert(self) -> None:
		frappe.publish_realtime("notification", after_commit=True, user=self.for_user)


def get_permission_query_conditions(for_user: str | None = None) -> str | None:
	for_user = for_user or frappe.session.user
	if for_user == "Administrator":
		return None
	return f"(`tabNotification Log`.for_user = {frappe.db.escape(for_user, percent=False)})"


def enqueue_create_notification(users: list[str] | str, doc: dict) -> None:
	"""Notify users (names or email addresses) in the background.

	:param doc: values of the log: subject, type, document_type, document_name, from_user, ...
	"""
	if frappe.flags.in_install:
		return
	users = [user.strip() for user in users.split(",")] if isinstance(users, str) else users
	users = list(dict.fromkeys(user for user in users if user))
	frappe.enqueue(
		"frappe.desk.doctype.notification_log.notification_log.make_notification_logs",
		doc=frappe._dict(doc),
		users=users,
		now=frappe.flags.in_test,
		enqueue_after_commit=not frappe.flags.in_test,
	)


def make_notification_logs(doc: Any, users: list[str]) -> None:
	"""One log per enabled user; nobody is alerted to what they did themselves, except by type Alert."""
	for user in _user_names(users):
		notification = frappe.new_doc("Notification Log")
		notification.update(doc)
		notification.for_user = user
		if notification.for_user != notification.from_user or doc.get("type") in ("Energy Point", "Alert"):
			notification.insert(ignore_permissions=True)


def _user_names(users: list[str]) -> list[str]:
	return frappe.get_all("User", {"email": ["in", users], "enabled": 1}, pluck="name", order_by=None)


@frappe.whitelist()
def get_notification_logs(limit: int = 20) -> dict:
	logs = frappe.db.get_list(
		"Notification Log",
		fields=["*"],
		limit=limit,
		order_by="creation desc",
		filters={"for_user": frappe.session.user},
	)
	return {"notification_logs": logs}


@frappe.whitelist()
def mark_as_read(docname: str) -> None:
	if docname:
		frappe.db.set_value("Notification Log", str(docname), "read", 1, update_modified=False)
