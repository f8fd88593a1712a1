# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Note: private to its owner unless public."""

from typing import Any

import frappe
from frappe.model.document import Document


class Note(Document):
	pass


def get_permission_query_conditions(user: str | None = None) -> str | None:
	user = user or frappe.session.user
	if user == "Administrator":
		return None
	return f"(`tabNote`.public = 1 or `tabNote`.owner = {frappe.db.escape(user, percent=False)})"


def has_permission(doc: Any, ptype: str, user: str) -> bool:
	return bool((doc.public and ptype == "read") or user in ("Administrator", doc.owner))
