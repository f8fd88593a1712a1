# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Default values (tabDefaultValue): of the site (parent __default), internal ones (__global), and of users."""

from typing import Any

import frappe
import frappe.cache_manager
from frappe.utils import cstr


def set_user_default(key: str, value: Any, user: str | None = None, parenttype: str | None = None) -> None:
	set_default(key, value, user or frappe.session.user, parenttype)


def add_user_default(key: str, value: Any, user: str | None = None, parenttype: str | None = None) -> None:
	add_default(key, value, user or frappe.session.user, parenttype)


def get_user_default(key: str, user: str | None = None) -> Any:
	"""The user's default, else the site's; a value that user permissions forbid is none."""
	values = _user_default_values(key, user)
	value = values[0] if values else None
	return None if not_in_user_permission(key, value, user) else value


def get_user_default_as_list(key: str, user: str | None = None) -> list:
	values = _user_default_values(key, user)
	return [value for value in values if value and not not_in_user_permission(key, value)]


def _user_default_values(key: str, user: str | None) -> list:
	defaults = get_defaults(user or frappe.session.user)
	value = defaults.get(key)
	if _is_doctype_key(key) and not (isinstance(value, list) and len(value) == 1):
		value = defaults.get(frappe.scrub(key)) or _user_permission_default(key, defaults)
	return value if isinstance(value, list) else [value]


def _is_doctype_key(key: str) -> bool:
	return ":" not in key and key != frappe.scrub(key)


def _user_permission_default(key: str, defaults: dict) -> str:
	permissions = get_user_permissions().get(key) or []
	for permission in permissions:
		if permission.get("is_default"):
			return permission.get("doc")
	return next((p.get("doc") for p in permissions if p.get("doc") == defaults.get(key)), "")


def not_in_user_permission(key: str, value: Any, user: str | None = None) -> bool:
	permissions = get_user_permissions(user or frappe.session.user).get(frappe.unscrub(key)) or []
	return bool(permissions) and value not in [permission.get("doc") for permission in permissions]


def get_user_permissions(user: str | None = None) -> dict:
	from frappe.core.doctype.user_permission.user_permission import get_user_permissions

	return get_user_permissions(user)


def get_defaults(user: str | None = None) -> frappe._dict:
	"""The site's defaults overlaid with the user's."""
	user = user or (frappe.session.user if frappe.session else "Guest")
	defaults = get_defaults_for().copy()
	if user:
		defaults.update(get_defaults_for(user))
		defaults.update(user=user, owner=user)
	return defaults


def set_global_default(key: str, value: Any) -> None:
	set_default(key, value, "__default")


def add_global_default(key: str, value: Any) -> None:
	add_default(key, value, "__default")


def get_global_default(key: str) -> Any:
	value = get_defaults().get(key)
	value = value[0] if isinstance(value, list) and value else value
	return None if not_in_user_permission(key, value) else value


def clear_user_default(key: str, user: str | None = None) -> None:
	clear_default(key, parent=user or frappe.session.user)


def set_default(key: str, value: Any, parent: str, parenttype: str | None = "__default") -> None:
	"""Replace the default; None removes it."""
	filters = {"defkey": key, "parent": parent}
	current = frappe.db.get_values(
		"DefaultValue", filters, "defvalue", for_update=True, order_by=None, pluck=True
	)
	if current and current == [cstr(value)] and value is not None:
		return
	if current:
		frappe.db.delete("DefaultValue", filters)
	if value is not None:
		add_default(key, value, parent, parenttype)
	_clear_cache(parent)


def add_default(key: str, value: Any, parent: str, parenttype: str | None = None) -> None:
	"""Add one more value for the key."""
	now = frappe.utils.now()
	frappe.db.sql(
		"""INSERT INTO tabDefaultValue
		(name, creation, modified, owner, modified_by, parent, parenttype, parentfield, defkey, defvalue)
		VALUES (%s, %s, %s, %s, %s, %s, %s, 'system_defaults', %s, %s)""",
		(
			frappe.generate_hash(length=10), now, now, frappe.session.user, frappe.session.user, parent,
			parenttype or "__default", key, cstr(value),
		),
	)  # fmt: skip
	_clear_cache(parent)


def clear_default(
	key: str | None = None,
	value: Any = None,
	parent: str | None = None,
	name: str | None = None,
	parenttype: str | None = None,
) -> None:
	given = {"name": name, "defkey": key, "defvalue": value, "parent": parent, "parenttype": parenttype}
	filters = {field: item for field, item in given.items() if item}
	if not filters:
		raise ValueError("clear_default: no key specified")
	frappe.db.delete("DefaultValue", filters)
	_clear_cache(parent)


def get_defaults_for(parent: str = "__default") -> frappe._dict:
	"""Defaults of one parent; a key with several values is a list."""

	def load() -> frappe._dict:
		defaults = frappe._dict()
		query = "SELECT defkey, defvalue FROM tabDefaultValue WHERE parent = %s ORDER BY creation"
		for key, value in frappe.db.sql(query, (parent,)):
			if key not in defaults:
				defaults[key] = value
			elif value not in (
				known := defaults[key] if isinstance(defaults[key], list) else [defaults[key]]
			):
				defaults[key] = [*known, value]
		return defaults

	return frappe.cache.hget("defaults", parent, generator=load)


def _clear_cache(parent: str | None) -> None:
	def clear() -> None:
		frappe.cache_manager.clear_defaults_cache(parent)

	clear()
	frappe.db.after_commit.add(clear)
	frappe.db.after_rollback.add(clear)
	if parent in ("__default", "__global", None):
		frappe.local.all_apps = None
