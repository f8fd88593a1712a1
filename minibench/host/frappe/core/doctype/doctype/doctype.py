# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""DocType as a document: custom doctypes can be made, extended and deleted at run time."""

import re

import frappe
from frappe import _
from frappe.model import NO_VALUE_FIELDS, child_table_fields, default_fields
from frappe.model.document import Document


class DocType(Document):
	def validate(self) -> None:
		if not self.custom and not frappe.conf.developer_mode and not frappe.flags.in_test:
			frappe.throw(_("Not in Developer Mode! Set in site_config.json or make 'Custom' DocType."))
		names = [df.fieldname for df in self.fields]
		for df in self.fields:
			if not df.fieldname and df.label:
				df.fieldname = re.sub(r"\W", "", frappe.scrub(df.label))
			if df.fieldname in (*default_fields, *child_table_fields) or names.count(df.fieldname) > 1:
				frappe.throw(_("Fieldname {0} is not allowed").format(frappe.bold(df.fieldname)))
		if self.is_submittable and "amended_from" not in names and not self.istable:
			self.append(
				"fields",
				{
					"label": "Amended From",
					"fieldname": "amended_from",
					"fieldtype": "Link",
					"options": self.name,
					"read_only": 1,
					"no_copy": 1,
				},
			)

	def on_update(self) -> None:
		from frappe.database.schema import updatedb

		frappe.clear_cache(doctype=self.name)
		frappe.controllers.pop(frappe.local.site_path, None)
		updatedb(self.name)

	def on_trash(self) -> None:
		if not self.custom:
			frappe.throw(_("Standard DocType can not be deleted."))
		frappe.db.delete("Custom Field", {"dt": self.name})

	def after_delete(self) -> None:
		if self.issingle:
			frappe.db.delete("Singles", {"doctype": self.name})
		else:
			frappe.db.sql_ddl(f"DROP TABLE IF EXISTS `tab{self.name}`")
		frappe.clear_cache(doctype=self.name)


def check_fieldname_conflicts(docfield: Document) -> None:
	"""
	:raises ValidationError: a document has an attribute of that name already
	"""
	if docfield.fieldtype not in NO_VALUE_FIELDS and hasattr(Document, docfield.fieldname):
		message = _("Fieldname {0} conflicting with meta object").format(docfield.fieldname)
		frappe.throw(message)
