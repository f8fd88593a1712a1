# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""System Settings: its values are also defaults of the site, which formatting and rounding read."""

import frappe
from frappe.model import no_value_fields
from frappe.model.document import Document


class SystemSettings(Document):
	def on_update(self) -> None:
		for df in self.meta.fields:
			if df.fieldtype not in no_value_fields and self.has_value_changed(df.fieldname):
				frappe.db.set_default(df.fieldname, self.get(df.fieldname))
		frappe.local.new_doc_templates = {}
		if hasattr(frappe.local, "system_settings"):
			del frappe.local.system_settings
