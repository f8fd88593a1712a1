# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""User: its full name, roles, type and password."""

from typing import Any

import frappe
from frappe import STANDARD_USERS, _
from frappe.model.document import Document


class User(Document):
	def autoname(self) -> None:
		self.email = (self.email or "").strip()
		self.name = self.name if self.name in STANDARD_USERS else self.email.lower()

	def before_insert(self) -> None:
		self.flags.in_insert = True

	def validate(self) -> None:
		self._new_password, self.new_password = self.get("new_password"), ""
		self.full_name = " ".join(filter(None, [self.first_name, self.last_name]))
		self.remove_duplicate_roles()
		if self.name in STANDARD_USERS:
			return
		self.email = self.name
		roles = [row.role for row in self.roles]
		desk_access = roles and frappe.get_all("Role", {"name": ["in", roles], "desk_access": 1}, limit=1)
		self.user_type = "System User" if desk_access else "Website User"

	def remove_duplicate_roles(self) -> None:
		seen = set()
		for row in list(self.get("roles")):
			if row.role in seen or not row.role:
				self.remove(row)
			seen.add(row.role)

	def on_update(self) -> None:
		from frappe.utils.password import update_password

		if password := getattr(self, "_new_password", None):
			update_password(self.name, password)
			self._new_password = None
		if not self.enabled:
			from frappe.sessions import clear_sessions

			clear_sessions(user=self.name)
		frappe.clear_cache(user=self.name)
		frappe.db.after_commit.add(lambda: frappe.clear_cache(user=self.name))

	def on_trash(self) -> None:
		if self.name in STANDARD_USERS:
			frappe.throw(_("User {0} cannot be deleted").format(self.name))
		frappe.db.delete("User Permission", {"user": self.name})
		frappe.clear_cache(user=self.name)

	def append_roles(self, *roles: str) -> None:
		current = {row.role for row in self.get("roles")}
		for role in roles:
			if role not in current:
				self.append("roles", {"role": role})

	def add_roles(self, *roles: str) -> None:
		self.append_roles(*roles)
		self.save()

	def remove_roles(self, *roles: str) -> None:
		for row in list(self.get("roles")):
			if row.role in roles:
				self.remove(row)
		self.save()


def get_permission_query_conditions(user: str) -> str:
	"""Standard users are not in anyone's list."""
	names = ", ".join(frappe.db.escape(name, percent=False) for name in STANDARD_USERS)
	return "" if user == "Administrator" else f"`tabUser`.name not in ({names})"


def has_permission(doc: Any, user: str) -> bool | None:
	return False if user not in STANDARD_USERS and doc.name in STANDARD_USERS else None


@frappe.whitelist()
def generate_keys(user: str) -> dict[str, str]:
	"""Make API keys for token authentication; the secret is shown only here."""
	frappe.only_for("System Manager")
	doc = frappe.get_doc("User", user)
	secret = frappe.generate_hash(length=15)
	doc.api_key = doc.api_key or frappe.generate_hash(length=15)
	doc.api_secret = secret
	doc.save()
	return {"api_key": doc.api_key, "api_secret": secret}
