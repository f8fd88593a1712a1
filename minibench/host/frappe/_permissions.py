# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""`frappe.has_permission`, `frappe.get_roles`, `frappe.only_for` and the like."""

from typing import Any

import frappe

__all__ = [
	"get_roles",
	"get_user",
	"has_permission",
	"is_table",
	"only_for",
	"only_has_select_perm",
]


def get_user():
	from frappe.utils.user import UserPermissions

	if not frappe.local.user_perms:
		frappe.local.user_perms = UserPermissions(frappe.local.session.user)
	return frappe.local.user_perms


def get_roles(username: str | None = None) -> list[str]:
	"""Roles of a user (default: the session's); Guest when nobody is logged in."""
	import frappe.permissions

	if not frappe.local.session or not frappe.local.session.user:
		return ["Guest"]
	return frappe.permissions.get_roles(username or frappe.local.session.user)


def only_for(roles: list[str] | tuple[str] | str, message: bool = False) -> None:
	"""Raise PermissionError unless the user has one of the roles. Lets everything pass in tests, as Frappe does."""
	if frappe.local.flags.in_test or frappe.local.session.user == "Administrator":
		return
	roles = (roles,) if isinstance(roles, str) else roles
	if set(roles).isdisjoint(get_roles()):
		if not message:
			raise frappe.PermissionError
		names = ", ".join(frappe.bold(frappe._(role)) for role in roles)
		frappe.throw(
			frappe._("This action is only allowed for {}").format(names),
			frappe.PermissionError,
			frappe._("Not Permitted"),
		)


def has_permission(
	doctype: str | None = None,
	ptype: str = "read",
	doc: Any = None,
	user: str | None = None,
	throw: bool = False,
	*,
	parent_doctype: str | None = None,
	debug: bool = False,
	ignore_share_permissions: bool = False,
) -> bool:
	"""Whether the user may `ptype` the doctype or document.

	:raises PermissionError: not permitted and `throw` is set
	"""
	import frappe.permissions

	if not doctype and doc:
		doctype = doc.doctype
	permitted = frappe.permissions.has_permission(
		doctype, ptype, doc=doc, user=user, raise_exception=throw, parent_doctype=parent_doctype
	)
	if throw and not permitted:
		label = frappe._(doctype)
		if doc:
			frappe.permissions.check_doctype_permission(doctype, ptype)
			label = f"{label} {doc if isinstance(doc, str) else doc.name}"
		frappe.flags.error_message = frappe._("No permission for {0}").format(label)
		raise frappe.PermissionError(frappe.flags.error_message)
	return permitted


def only_has_select_perm(doctype: str, user: str | None = None, ignore_permissions: bool = False) -> bool:
	import frappe.permissions

	if ignore_permissions:
		return False
	permissions = frappe.permissions.get_role_permissions(doctype, user=user or frappe.local.session.user)
	return bool(permissions.get("select") and not permissions.get("read"))


def is_table(doctype: str) -> bool:
	"""Whether the doctype is a child table."""
	return bool(frappe.get_meta(doctype).istable)
