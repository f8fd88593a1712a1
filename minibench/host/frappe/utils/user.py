# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""`frappe.get_user()`."""

import frappe


class UserPermissions:
	"""The session user's name, roles and document."""

	def __init__(self, name: str = ""):
		self.name = name
		self.user = name

	def get_roles(self) -> list[str]:
		return frappe.get_roles(self.name)

	@property
	def doc(self):
		return frappe.get_cached_doc("User", self.name)


def is_system_user(username: str | None = None) -> bool:
	return frappe.get_cached_value("User", username or frappe.session.user, "user_type") == "System User"


def get_users_with_role(role: str) -> list[str]:
	"""Enabled users that have the role."""
	user, has_role = frappe.qb.DocType("User"), frappe.qb.DocType("Has Role")
	return (
		frappe.qb.from_(has_role)
		.join(user)
		.on(has_role.parent == user.name)
		.where((has_role.role == role) & (has_role.parenttype == "User"))
		.where((user.enabled == 1) & (user.name != "Administrator"))
		.select(user.name)
		.distinct()
		.run(pluck=True)
	)
