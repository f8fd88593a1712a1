# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What an uploader must know before it uploads."""

import frappe
from frappe.core.doctype.file.file import MAX_FILE_SIZE
from frappe.utils import cint


@frappe.whitelist()
def get_max_file_size() -> int:
	"""Return the number of bytes that a file may have: of System Settings (MB), the site's configuration, or 25 MB."""
	megabytes = cint(frappe.get_system_settings("max_file_size"))
	return megabytes * 1024 * 1024 or cint(frappe.conf.get("max_file_size")) or MAX_FILE_SIZE
