# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Custom Field: a field added to a doctype on this site."""

from typing import Any

import frappe
from frappe import _
from frappe.core.doctype.doctype.doctype import check_fieldname_conflicts
from frappe.model import child_table_fields, default_fields
from frappe.model.document import Document
from frappe.utils import cstr, random_string

RESTRICTED_FIELDNAMES = {*default_fields, *child_table_fields, "file_list", "flags"}


class CustomField(Document):
	def autoname(self) -> None:
		self.set_fieldname()
		self.name = f"{self.dt}-{self.fieldname}"

	def before_insert(self) -> None:
		self.set_fieldname()

	def set_fieldname(self) -> None:
		if not self.fieldname:
			label = self.label
			if not label and self.fieldtype not in ("Section Break", "Column Break", "Tab Break"):
				frappe.throw(_("Label is mandatory"))
			label = label or f"{self.fieldtype}_{random_string(5)}"
			letters = "".join(c for c in cstr(label).replace(" ", "_") if c.isalnum() or c == "_")
			self.fieldname = f"custom_{letters}"
		self.fieldname = self.fieldname.lower()
		if self.fieldname in RESTRICTED_FIELDNAMES:
			self.fieldname += "1"

	def validate(self) -> None:
		meta = frappe.get_meta(self.dt, cached=False)
		fieldnames = [df.fieldname for df in meta.fields]
		if self.is_new() and self.fieldname in fieldnames:
			message = _("A field with the name {0} already exists in {1}")
			frappe.throw(message.format(frappe.bold(self.fieldname), self.dt))
		if self.insert_after == "append":
			self.insert_after = fieldnames[-1]
		if self.insert_after in fieldnames:
			self.idx = fieldnames.index(self.insert_after) + 1
		previous = self.get_doc_before_save()
		if previous and previous.fieldtype != self.fieldtype:
			message = _("Fieldtype cannot be changed from {0} to {1}")
			frappe.throw(message.format(previous.fieldtype, self.fieldtype))
		check_fieldname_conflicts(self)

	def on_update(self) -> None:
		if not frappe.flags.in_create_custom_fields:
			_apply(self.dt)

	def on_trash(self) -> None:
		if self.owner == "Administrator" and frappe.session.user != "Administrator":
			message = _(
				"Custom Field {0} is created by the Administrator and can only be deleted through the Administrator account."
			)
			frappe.throw(message.format(frappe.bold(self.label)))

	def after_delete(self) -> None:
		frappe.clear_cache(doctype=self.dt)


def _apply(doctype: str) -> None:
	from frappe.database.schema import updatedb

	frappe.clear_cache(doctype=doctype)
	updatedb(doctype)


def create_custom_field(
	doctype: str, df: dict, ignore_validate: bool = False, is_system_generated: bool = True
) -> Document | None:
	"""Add the field unless the doctype has a custom field of that name."""
	df = frappe._dict(df)
	if not df.fieldname and df.label:
		df.fieldname = frappe.scrub(df.label)
	if frappe.db.get_value("Custom Field", {"dt": doctype, "fieldname": df.fieldname}):
		return None
	field = frappe.get_doc(
		doctype="Custom Field",
		dt=doctype,
		permlevel=0,
		fieldtype="Data",
		hidden=0,
		is_system_generated=is_system_generated,
	)
	field.update(df)
	field.flags.ignore_validate = ignore_validate
	return field.insert()


def create_custom_fields(
	custom_fields: dict[Any, Any], ignore_validate: bool = False, update: bool = True
) -> None:
	"""Add custom fields, and update those that exist.

	:param custom_fields: doctype (or tuple of doctypes) -> list of field properties
	"""
	changed: list[str] = []
	frappe.flags.in_create_custom_fields = True
	try:
		for doctypes, fields in custom_fields.items():
			fields = (fields,) if isinstance(fields, dict) else fields
			for doctype in (doctypes,) if isinstance(doctypes, str) else doctypes:
				for df in fields:
					if _create_or_update(doctype, df, ignore_validate, update):
						changed.append(doctype)
	finally:
		frappe.flags.in_create_custom_fields = False
	for doctype in dict.fromkeys(changed):
		_apply(doctype)


def _create_or_update(doctype: str, df: dict, ignore_validate: bool, update: bool) -> bool:
	name = frappe.db.get_value("Custom Field", {"dt": doctype, "fieldname": df["fieldname"]})
	if not name:
		values = {"owner": "Administrator", **df}
		create_custom_field(doctype, values, ignore_validate=ignore_validate)
		return True
	if not update:
		return False
	field = frappe.get_doc("Custom Field", name)
	field.flags.ignore_validate = ignore_validate
	if all(field.get(key) == value for key, value in df.items()):
		return False
	field.update(df)
	field.save()
	return True
