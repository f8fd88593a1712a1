# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Who may do what: role permissions, permission hooks of apps, owner rules, user permissions on linked documents."""

from collections.abc import Iterator
from typing import Any

import frappe
from frappe import _
from frappe.utils.numbers import cint

rights = (
	"select", "read", "write", "create", "delete", "submit", "cancel", "amend", "print", "email", "report",
	"import", "export", "share",
)  # fmt: skip

GUEST_ROLE = "Guest"
ALL_USER_ROLE = "All"
SYSTEM_USER_ROLE = "Desk User"
ADMIN_ROLE = "Administrator"
AUTOMATIC_ROLES = (GUEST_ROLE, ALL_USER_ROLE, SYSTEM_USER_ROLE, ADMIN_ROLE)


def has_permission(
	doctype: Any,
	ptype: str = "read",
	doc: Any = None,
	user: str | None = None,
	raise_exception: bool = True,
	*,
	parent_doctype: str | None = None,
	debug: bool = False,
	ignore_share_permissions: bool = False,
) -> bool:
	"""Whether the user may `ptype` documents of the doctype, or this document (object or name). Raises nothing."""
	user = user or frappe.session.user
	if user == "Administrator":
		return True
	if not doc and hasattr(doctype, "doctype"):
		doc = doctype
		doctype = doc.doctype
	if frappe.is_table(doctype):
		return has_child_permission(doctype, ptype, doc, user, parent_doctype)

	meta = frappe.get_meta(doctype)
	if doc:
		if isinstance(doc, str | int):
			doc = frappe.get_doc(doctype, doc)
		return bool(get_doc_permissions(doc, user=user, ptype=ptype).get(ptype))
	if ptype == "submit" and not cint(meta.is_submittable):
		return False
	if ptype == "import" and not cint(meta.get("allow_import")):
		return False
	return bool(get_role_permissions(meta, user=user).get(ptype))


def has_child_permission(
	child_doctype: str, ptype: str, child_doc: Any, user: str, parent_doctype: str | None = None
) -> bool:
	"""A child row is as permitted as its parent document."""
	if isinstance(child_doc, str):
		columns = ("parent", "parenttype", "parentfield")
		child_doc = frappe.db.get_value(child_doctype, child_doc, columns, as_dict=True)
	if child_doc:
		parent_doctype = child_doc.parenttype
	if not parent_doctype:
		return False
	parent_meta = frappe.get_meta(parent_doctype)
	tables = [df.fieldname for df in parent_meta.get_table_fields() if df.options == child_doctype]
	if parent_meta.istable or not tables:
		return False
	if child_doc:
		if child_doc.parentfield not in tables:
			return False
		level = cint(parent_meta.get_field(child_doc.parentfield).permlevel)
		if level and level not in parent_meta.get_permlevel_access(ptype, user=user):
			return False
	parent = child_doc and (getattr(child_doc, "parent_doc", None) or child_doc.parent)
	return has_permission(parent_doctype, ptype, doc=parent, user=user)


def get_doc_permissions(doc: Any, user: str | None = None, ptype: str | None = None) -> dict[str, int]:
	"""All rights of the user on a document: {"read": 1, "write": 0, ...}."""
	user = user or frappe.session.user
	meta = frappe.get_meta(doc.doctype)
	if not has_controller_permissions(doc, ptype, user=user):
		return {ptype: 0}

	is_owner = (doc.get("owner") or "").lower() == user.lower()
	permissions = dict(get_role_permissions(meta, user=user, is_owner=is_owner))
	if not cint(meta.is_submittable):
		permissions["submit"] = 0
	if not cint(meta.get("allow_import")):
		permissions["import"] = 0
	if permissions.get("has_if_owner_enabled"):
		permissions.update(permissions.get("if_owner", {}))
	if not has_user_permission(doc, user, ptype=ptype):
		permissions = {**permissions.get("if_owner", {}), "create": 0} if is_owner else {}
	return permissions


def has_controller_permissions(
	doc: Any, ptype: str | None, user: str | None = None, debug: bool = False
) -> bool:
	"""The `has_permission` hooks: an app can deny what roles allow, never allow more. The last app's word counts."""
	hooks = frappe.get_hooks("has_permission", {})
	for method in reversed(hooks.get(doc.doctype, []) + hooks.get("*", [])):
		answer = frappe.call(method, doc=doc, ptype=ptype, user=user or frappe.session.user, debug=debug)
		if answer is not None:
			return bool(answer)
	return True


def get_role_permissions(
	doctype_meta: Any, user: str | None = None, is_owner: bool | None = None
) -> frappe._dict:
	"""Rights that the user's roles give on a doctype. Rights for owners only are under "if_owner"."""
	meta = frappe.get_meta(doctype_meta) if isinstance(doctype_meta, str) else doctype_meta
	user = user or frappe.session.user
	if user == "Administrator":
		return frappe._dict(allow_everything())
	known = frappe.local.role_permissions
	key = (meta.name, user, bool(is_owner))
	if key not in known:
		known[key] = _compute_role_permissions(meta, user, bool(is_owner))
	return known[key]


def _compute_role_permissions(meta: Any, user: str, is_owner: bool) -> frappe._dict:
	roles = frappe.get_roles(user)
	rules = [p for p in meta.permissions if p.role in roles and cint(p.permlevel) == 0]
	owner_rules = any(p.get("if_owner") for p in rules)
	permissions = frappe._dict(if_owner={}, has_if_owner_enabled=owner_rules)
	for ptype in rights:
		granted = any(p.get(ptype) for p in rules)
		permissions[ptype] = cint(granted)
		for_all = any(p.get(ptype) and not p.get("if_owner") for p in rules)
		if granted and owner_rules and not for_all and ptype != "create":
			permissions["if_owner"][ptype] = cint(is_owner)
			# others may still open the list, which then shows their own documents only
			permissions[ptype] = 1 if ptype in ("select", "read") else 0
	return permissions


def get_user_permissions(user: str | None) -> dict[str, list]:
	from frappe.core.doctype.user_permission.user_permission import get_user_permissions

	return get_user_permissions(user)


def has_user_permission(
	doc: Any, user: str | None = None, debug: bool = False, ptype: str | None = None
) -> bool:
	"""Whether user permissions let the user see the document: it and all documents it links to must be allowed."""
	user_permissions = get_user_permissions(user)
	if not user_permissions:
		return True
	strict = (
		False
		if doc.meta.issingle
		else bool(cint(frappe.get_system_settings("apply_strict_user_permissions")))
	)
	if doc.doctype in user_permissions and not _is_document_allowed(
		doc, user_permissions[doc.doctype], ptype
	):
		return False
	return all(
		_are_links_allowed(row, doc.doctype, user_permissions, strict)
		for row in (doc, *doc.get_all_children())
	)


def _is_document_allowed(doc: Any, permissions: list, ptype: str | None) -> bool:
	allowed = get_allowed_docs_for_doctype(permissions, doc.doctype)
	if not allowed:
		return True
	parent = doc.get(doc.nsm_parent_field) if doc.meta.is_tree and ptype == "create" else None
	if parent:
		hidden = {p.doc: p.hide_descendants for p in permissions}
		return any(
			name in allowed and not hidden[name] for name in _parent_and_ancestors(doc.doctype, parent)
		)
	if doc.meta.is_tree and ptype == "create":
		return False
	return bool(doc.get("name")) and str(doc.name) in allowed


def _parent_and_ancestors(doctype: str, parent: str) -> Iterator[str]:
	from frappe.utils.nestedset import get_ancestors_of

	yield parent
	yield from get_ancestors_of(doctype, parent)


def _are_links_allowed(row: Any, doctype: str, user_permissions: dict, strict: bool) -> bool:
	for df in row.meta._link_fields:
		value = row.get(df.fieldname)
		if df.ignore_user_permissions or df.options not in user_permissions or (not value and not strict):
			continue
		allowed = get_allowed_docs_for_doctype(user_permissions[df.options], doctype)
		if allowed and str(value) not in allowed:
			place = _(" in row {0}").format(row.idx) if row.get("parentfield") else ""
			frappe.flags.error_message = _(
				"You are not allowed to access this {0} record because it is linked to {1} '{2}'{3}, field {4}"
			).format(_(doctype), _(df.options), value or _("empty"), place, _(df.label) or df.fieldname)
			return False
	return True


def get_roles(user: str | None = None, with_standard: bool = True) -> list[str]:
	user = user or frappe.session.user
	if user == "Guest" or not user:
		return [GUEST_ROLE]

	def load() -> list[str]:
		if user == "Administrator":
			return frappe.get_all("Role", pluck="name", order_by=None)
		query = "SELECT role FROM `tabHas Role` WHERE parenttype = 'User' AND parent = %s AND role NOT IN %s"
		roles = frappe.db.sql(query, (user, AUTOMATIC_ROLES), pluck=True)
		roles += [ALL_USER_ROLE, GUEST_ROLE]
		return [*roles, SYSTEM_USER_ROLE] if is_system_user(user) else roles

	roles = frappe.cache.hget("roles", user, load)
	return roles if with_standard else [role for role in roles if role not in AUTOMATIC_ROLES]


def is_system_user(user: str | None = None) -> bool:
	return frappe.get_cached_value("User", user or frappe.session.user, "user_type") == "System User"


def get_doctype_roles(doctype: str, access_type: str = "read") -> list[str]:
	return [p.role for p in frappe.get_meta(doctype).permissions if p.get(access_type)]


def add_user_permission(
	doctype: str,
	name: str,
	user: str,
	ignore_permissions: bool = False,
	applicable_for: str | None = None,
	is_default: int = 0,
	hide_descendants: int = 0,
) -> None:
	"""Limit the user to this document of the doctype (and others so added), everywhere or for one doctype."""
	from frappe.core.doctype.user_permission.user_permission import user_permission_exists

	if user_permission_exists(user, doctype, name, applicable_for):
		return
	if not frappe.db.exists(doctype, name):
		frappe.throw(_("{0} {1} not found").format(_(doctype), name), frappe.DoesNotExistError)
	frappe.get_doc(
		doctype="User Permission",
		user=user,
		allow=doctype,
		for_value=name,
		is_default=is_default,
		applicable_for=applicable_for,
		apply_to_all_doctypes=0 if applicable_for else 1,
		hide_descendants=hide_descendants,
	).insert(ignore_permissions=ignore_permissions)


def remove_user_permission(doctype: str, name: str, user: str) -> None:
	filters = {"user": user, "allow": doctype, "for_value": name}
	frappe.delete_doc("User Permission", frappe.db.get_value("User Permission", filters))


def clear_user_permissions_for_doctype(doctype: str, user: str | None = None) -> None:
	filters = {"allow": doctype, **({"user": user} if user else {})}
	for name in frappe.get_all("User Permission", filters=filters, pluck="name"):
		frappe.delete_doc("User Permission", name)


def setup_custom_perms(parent: str) -> bool:
	"""Copy a doctype's permissions into Custom DocPerm, which then count instead; False if they were there."""
	if frappe.db.exists("Custom DocPerm", {"parent": parent}):
		return False
	for rule in frappe.get_all("DocPerm", {"parent": parent}, ["*"], order_by="idx"):
		_insert_custom_perm(
			parent, {key: rule.get(key) for key in ("role", "permlevel", "if_owner", *rights)}
		)
	return True


def _insert_custom_perm(doctype: str, values: dict) -> str:
	place = {"parent": doctype, "parenttype": "DocType", "parentfield": "permissions"}
	doc = frappe.get_doc({"doctype": "Custom DocPerm", **place, **values}).insert(ignore_permissions=True)
	clear_permissions_cache(doctype)
	return doc.name


def clear_permissions_cache(doctype: str) -> None:
	frappe.clear_cache(doctype=doctype)
	frappe.db.after_rollback.add(lambda: frappe.clear_cache(doctype=doctype))


def add_permission(doctype: str, role: str, permlevel: int = 0, ptype: str | None = None) -> str | None:
	"""Add a rule that lets the role read (or `ptype`) the doctype; None when it has a rule at that level."""
	setup_custom_perms(doctype)
	rule = {"parent": doctype, "role": role, "permlevel": permlevel, "if_owner": 0}
	if frappe.db.get_value("Custom DocPerm", rule):
		return None
	values = {"role": role, "permlevel": permlevel, **dict.fromkeys(rights, 0), ptype or "read": 1}
	return _insert_custom_perm(doctype, values)


def update_permission_property(
	doctype: str, role: str, permlevel: int, ptype: str, value: int | None = None, validate: bool = True, if_owner: int = 0
) -> bool:  # fmt: skip
	"""Set one right of a role's rule. Returns whether the doctype had no custom permissions before."""
	made = setup_custom_perms(doctype)
	rule = {"parent": doctype, "role": role, "permlevel": permlevel, "if_owner": if_owner}
	frappe.db.set_value("Custom DocPerm", rule, ptype, value)
	clear_permissions_cache(doctype)
	return made


def reset_perms(doctype: str) -> None:
	"""Back to the permissions of the doctype's file."""
	frappe.db.delete("Custom DocPerm", {"parent": doctype})
	clear_permissions_cache(doctype)


def allow_everything() -> dict[str, int]:
	return dict.fromkeys(rights, 1)


def get_allowed_docs_for_doctype(user_permissions: list, doctype: str) -> list[str]:
	return filter_allowed_docs_for_doctype(user_permissions, doctype, with_default_doc=False)


def filter_allowed_docs_for_doctype(
	user_permissions: list, doctype: str, with_default_doc: bool = True
) -> Any:
	"""Allowed documents for use in `doctype`, with the default one on request (the only one is the default)."""
	applicable = [p for p in user_permissions if p.get("applicable_for") in (None, "", doctype)]
	allowed = [p.get("doc") for p in applicable]
	if not with_default_doc:
		return allowed
	defaults = [p.get("doc") for p in applicable if p.get("is_default") or len(user_permissions) == 1]
	return allowed, (defaults[-1] if defaults else None)


def check_doctype_permission(doctype: str, ptype: str = "read") -> None:
	"""
	:raises PermissionError: the user may not `ptype` the doctype at all (said before a document is said to be missing)
	"""
	messages = frappe.local.message_log
	frappe.local.message_log = []
	frappe.has_permission(doctype, ptype, throw=True)
	frappe.local.message_log = messages
