# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Finds File documents."""

import frappe
from frappe.model.document import Document


def find_file_by_url(path: str, name: str | None = None) -> Document | None:
	"""The first File with this address, and name if given, that the user may download; else None."""
	filters = {"file_url": str(path)}
	if name:
		filters["name"] = str(name)
	for found in frappe.get_all("File", filters=filters, pluck="name"):
		file = frappe.get_doc("File", found)
		if file.is_downloadable():
			return file
	return None
