# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Error Log documents and tracebacks."""

import traceback as traceback_module

import frappe


def log_error(
	title: str | None = None,
	message: str | None = None,
	reference_doctype: str | None = None,
	reference_name: str | None = None,
	*,
	defer_insert: bool = False,
):
	"""Insert an Error Log; without `message` the current exception's traceback. Title and message may be swapped."""
	traceback = None
	if message:
		traceback, title = (title, message) if "\n" in (title or "") else (message, title)
	if not getattr(frappe.local, "db", None):
		print(f"Failed to log error in db: {title}")
		return None
	return frappe.get_doc(
		doctype="Error Log",
		error=frappe.as_unicode(traceback or get_traceback()),
		method=title or "Error",
		reference_doctype=reference_doctype,
		reference_name=reference_name,
	).insert(ignore_permissions=True)


def get_traceback(with_context: bool = False) -> str:
	"""The traceback of the exception being handled ("NoneType: None" outside of one, as Python prints)."""
	return traceback_module.format_exc()
