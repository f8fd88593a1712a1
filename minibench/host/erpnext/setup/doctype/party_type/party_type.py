# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
from frappe.model.document import Document


class PartyType(Document):
	"""A doctype whose documents can be parties, and whether they owe or are owed."""
