# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""ToDo: visible to those it is allocated to or assigned by."""

from typing import Any

import frappe
from frappe.model.document import Document
from frappe.permissions import AUTOMATIC_ROLES, get_doctype_roles


class ToDo(Document):
	pass


def _sees_all(user: str, ptype: str = "read") -> bool:
	roles = set(get_doctype_roles("ToDo", ptype)) - set(AUTOMATIC_ROLES)
	return bool(roles & set(frappe.get_roles(user)))


def get_permission_query_conditions(user: str | None = None) -> str | None:
	user = user or frappe.session.user
	if _sees_all(user):
		return None
	name = frappe.db.escape(user, percent=False)
	return f"(`tabToDo`.allocated_to = {name} or `tabToDo`.assigned_by = {name})"


def has_permission(doc: Any, ptype: str = "read", user: str | None = None) -> bool:
	user = user or frappe.session.user
	return _sees_all(user, ptype) or user in (doc.allocated_to, doc.assigned_by)
