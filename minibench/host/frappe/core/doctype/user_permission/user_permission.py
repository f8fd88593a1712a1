# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""User Permission: limits a user to certain documents of a doctype, and to documents that link to them."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cstr


class UserPermission(Document):
	def validate(self) -> None:
		same = {
			"allow": self.allow,
			"for_value": self.for_value,
			"user": self.user,
			"applicable_for": cstr(self.applicable_for),
			"apply_to_all_doctypes": self.apply_to_all_doctypes,
			"name": ["!=", self.name],
		}
		if frappe.get_all("User Permission", filters=same, limit=1):
			frappe.throw(_("User permission already exists"), frappe.DuplicateEntryError)
		if self.is_default:
			default = {"allow": self.allow, "user": self.user, "is_default": 1, "name": ["!=", self.name]}
			overlap = {"applicable_for": cstr(self.applicable_for), "apply_to_all_doctypes": 1}
			if frappe.get_all("User Permission", filters=default, or_filters=overlap, limit=1):
				frappe.throw(
					_("{0} has already assigned default value for {1}.").format(self.user, self.allow)
				)

	def on_update(self) -> None:
		self._forget()

	def on_trash(self) -> None:
		self._forget()

	def _forget(self) -> None:
		def clear() -> None:
			frappe.cache.hdel("user_permissions", self.user)
			frappe.local.new_doc_templates = {}

		clear()
		frappe.db.after_commit.add(clear)
		frappe.db.after_rollback.add(clear)
		frappe.publish_realtime("update_user_permissions", user=self.user, after_commit=True)


@frappe.whitelist()
def get_user_permissions(user: str | None = None) -> dict[str, list]:
	"""Doctype -> [{doc, applicable_for, is_default, hide_descendants}] with the descendants of tree nodes."""
	if getattr(frappe.local, "request", None) and frappe.local.form_dict.cmd == "get_user_permissions":
		user = None
	user = user or frappe.session.user
	if not user or user in ("Administrator", "Guest"):
		return {}
	return frappe.cache.hget("user_permissions", user, generator=lambda: _load(user))


def _load(user: str) -> frappe._dict:
	from frappe.utils.nestedset import get_descendants_of

	result = frappe._dict()
	if not frappe.db.table_exists("User Permission"):
		return result
	columns = ["allow", "for_value", "applicable_for", "is_default", "hide_descendants"]
	for perm in frappe.get_all("User Permission", fields=columns, filters={"user": user}):

		def add(name: str, is_default: int, hide_descendants: int, perm=perm) -> None:
			result.setdefault(perm.allow, []).append(
				frappe._dict(
					doc=name,
					applicable_for=perm.applicable_for,
					is_default=is_default,
					hide_descendants=hide_descendants,
				)
			)

		add(perm.for_value, perm.is_default, perm.hide_descendants)
		if frappe.get_meta(perm.allow).is_tree and not perm.hide_descendants:
			for name in get_descendants_of(perm.allow, perm.for_value, ignore_permissions=True):
				add(name, 0, 0)
	return result


def user_permission_exists(
	user: str, allow: str, for_value: str, applicable_for: str | None = None
) -> dict | None:
	permissions = get_user_permissions(user).get(allow, [])
	return next(
		(p for p in permissions if p.doc == for_value and (p.applicable_for or None) == applicable_for), None
	)


def get_permitted_documents(doctype: str) -> list[str]:
	"""Documents of the doctype that the session's user is limited to, the default one first."""
	permissions = sorted(
		get_user_permissions().get(doctype, []), key=lambda p: p.is_default or 0, reverse=True
	)
	return [p.doc for p in permissions if p.doc]
