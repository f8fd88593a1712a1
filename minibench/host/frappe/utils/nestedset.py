# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Trees as nested sets: lft and rgt of every node, kept by the NestedSet document class."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document


class NestedSetRecursionError(frappe.ValidationError):
	pass


class NestedSetMultipleRootsError(frappe.ValidationError):
	pass


class NestedSetChildExistsError(frappe.ValidationError):
	pass


class NestedSetInvalidMergeError(frappe.ValidationError):
	pass


def parent_field_of(doctype: str) -> str:
	return frappe.get_meta(doctype).get("nsm_parent_field") or f"parent_{frappe.scrub(doctype)}"


def rebuild_tree(doctype: str, parent_field: str | None = None) -> None:
	"""Number the whole tree anew, siblings by name."""
	parent_field = parent_field or parent_field_of(doctype)
	children: dict[str, list[str]] = {}
	rows = frappe.db.sql(f"SELECT name, `{parent_field}` FROM `tab{doctype}` ORDER BY name")
	for name, parent in rows:
		children.setdefault(parent or "", []).append(name)

	counter = 0
	positions: list[tuple[int, int, str]] = []

	def number(name: str) -> None:
		nonlocal counter
		counter += 1
		left = counter
		for child in children.get(name, ()):
			number(child)
		counter += 1
		positions.append((left, counter, name))

	for root in children.get("", ()):
		number(root)
	for left, right, name in positions:
		frappe.db.sql(f"UPDATE `tab{doctype}` SET lft = %s, rgt = %s WHERE name = %s", (left, right, name))
	frappe.clear_document_cache(doctype)


def update_nsm(doc: Any) -> None:
	"""Put a new or moved node at its place."""
	parent_field = parent_field_of(doc.doctype)
	parent = doc.get(parent_field) or None
	if parent and _is_inside(doc, parent):
		frappe.throw(_("Item cannot be added to its own descendants"), NestedSetRecursionError)
	if not doc.lft:
		_add_node(doc, parent)
	elif (doc.get(doc.nsm_oldparent_field) or None) != parent:
		rebuild_tree(doc.doctype, parent_field)
	if (doc.get(doc.nsm_oldparent_field) or None) != parent:
		doc.set(doc.nsm_oldparent_field, parent or "")
		frappe.db.set_value(
			doc.doctype, doc.name, doc.nsm_oldparent_field, parent or "", update_modified=False
		)
	doc.lft, doc.rgt = frappe.db.get_value(doc.doctype, doc.name, ["lft", "rgt"])


def _is_inside(doc: Any, parent: str) -> bool:
	if parent == doc.name:
		return True
	left, right = frappe.db.get_value(doc.doctype, parent, ["lft", "rgt"]) or (0, 0)
	return bool(doc.lft) and doc.lft < left and doc.rgt > right


def _add_node(doc: Any, parent: str | None) -> None:
	"""As the last child of its parent (or the last root)."""
	table = f"`tab{doc.doctype}`"
	if parent:
		right = frappe.db.sql(f"SELECT rgt FROM {table} WHERE name = %s FOR UPDATE", (parent,))[0][0]
		frappe.db.sql(f"UPDATE {table} SET rgt = rgt + 2 WHERE rgt >= %s", (right,))
		frappe.db.sql(f"UPDATE {table} SET lft = lft + 2 WHERE lft > %s", (right,))
	else:
		right = (frappe.db.sql(f"SELECT MAX(rgt) FROM {table}")[0][0] or 0) + 1
	frappe.db.sql(f"UPDATE {table} SET lft = %s, rgt = %s WHERE name = %s", (right, right + 1, doc.name))


def get_descendants_of(
	doctype: str,
	name: str,
	order_by: str = "lft desc",
	limit: int | None = None,
	ignore_permissions: bool = False,
	include_self: bool = False,
) -> list[str]:
	left, right = frappe.db.get_value(doctype, name, ["lft", "rgt"]) or (0, 0)
	if not right:
		return []
	filters = {"lft": [">=" if include_self else ">", left], "rgt": ["<=" if include_self else "<", right]}
	return frappe.get_list(
		doctype, filters=filters, order_by=order_by, limit_page_length=limit or 0, pluck="name",
		ignore_permissions=ignore_permissions,
	)  # fmt: skip


def get_ancestors_of(
	doctype: str, name: str, order_by: str = "lft desc", limit: int | None = None
) -> list[str]:
	left, right = frappe.db.get_value(doctype, name, ["lft", "rgt"]) or (0, 0)
	return frappe.get_all(
		doctype,
		filters={"lft": ["<", left], "rgt": [">", right]},
		order_by=order_by,
		limit_page_length=limit or 0,
		pluck="name",
	)


def get_root_of(doctype: str) -> str | None:
	roots = frappe.get_all(doctype, order_by="lft asc", limit_page_length=1, pluck="name")
	return roots[0] if roots else None


class NestedSet(Document):
	nsm_parent_field: str | None = None
	nsm_oldparent_field = "old_parent"

	def __setup__(self) -> None:
		self.nsm_parent_field = self.nsm_parent_field or parent_field_of(self.doctype)

	def on_update(self) -> None:
		update_nsm(self)
		self.validate_ledger()

	def on_trash(self, allow_root_deletion: bool = False) -> None:
		if not self.get(self.nsm_parent_field) and not allow_root_deletion:
			frappe.throw(_("Root {0} cannot be deleted").format(_(self.doctype)))
		if frappe.db.exists(self.doctype, {self.nsm_parent_field: self.name}):
			frappe.throw(
				_("Cannot delete {0} as it has child nodes").format(self.name), NestedSetChildExistsError
			)
		self.set(self.nsm_parent_field, "")

	def validate_ledger(self, group_identifier: str = "is_group") -> None:
		if self.meta.has_field(group_identifier) and not self.get(group_identifier):
			if frappe.db.exists(self.doctype, {self.nsm_parent_field: self.name}):
				frappe.throw(
					_("{0} {1} cannot be a leaf node as it has children").format(_(self.doctype), self.name)
				)

	def get_ancestors(self) -> list[str]:
		return get_ancestors_of(self.doctype, self.name)

	def get_parent(self) -> "NestedSet | None":
		parent = self.get(self.nsm_parent_field)
		return frappe.get_doc(self.doctype, parent) if parent else None

	def get_children(self) -> list["NestedSet"]:
		names = frappe.get_all(self.doctype, {self.nsm_parent_field: self.name}, pluck="name")
		return [frappe.get_doc(self.doctype, name) for name in names]
