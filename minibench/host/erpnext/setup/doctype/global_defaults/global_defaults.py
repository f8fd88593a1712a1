# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from frappe.model.document import Document

_DEFAULTS = {"company": "default_company", "currency": "default_currency", "country": "country"}


class GlobalDefaults(Document):
	"""Default company and currency of the site; also kept as system defaults for new documents."""

	def on_update(self) -> None:
		for key, field in _DEFAULTS.items():
			frappe.db.set_default(key, self.get(field) or "")
		if self.default_currency:
			frappe.db.set_value("Currency", self.default_currency, "enabled", 1)
		frappe.clear_cache()
