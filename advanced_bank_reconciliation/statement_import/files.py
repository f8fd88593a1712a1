# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The uploaded file: only as a File document that the user may read (PITFALLS P79)."""

import hashlib
import os

import frappe
from frappe import _
from frappe.core.doctype.file.utils import find_file_by_url
from frappe.model.document import Document

from advanced_bank_reconciliation.exceptions import BadPayload, refuse
from advanced_bank_reconciliation.statement_import.exceptions import TooLarge
from advanced_bank_reconciliation.statement_import.job import JOB
from advanced_bank_reconciliation.statement_import.limits import MAX_BYTES

#: Where Frappe keeps files. Anything else is an address on another machine.
PRIVATE, PUBLIC = "/private/files/", "/files/"


def file_for_reading(file_url: str) -> Document:
	"""Return the File document of the address, or raise `frappe.PermissionError`; nothing is read.

	A file that does not exist and one that the user may not read are answered alike.
	"""
	url = file_url.partition("?")[0]
	if not url.startswith((PRIVATE, PUBLIC)):
		refuse(BadPayload, [_("{0} is no uploaded file. Upload the statement first.").format(file_url[:140])])
	file = find_file_by_url(url)
	if not file:
		frappe.throw(
			_("There is no file {0} that you may read. Upload the statement first.").format(
				frappe.utils.escape_html(url)
			),
			frappe.PermissionError,
		)
	return file


def content_of(file: Document) -> bytes:
	"""Return the bytes of a file that `file_for_reading` has answered. Raises TooLarge before reading."""
	path = file.get_full_path()
	if os.path.exists(path) and os.path.getsize(path) > MAX_BYTES:
		refuse(
			TooLarge,
			[_("The file is larger than {0} MB. Export a shorter period.").format(MAX_BYTES // 1024 // 1024)],
		)
	content = file.get_content()
	return content.encode() if isinstance(content, str) else content


def hash_of(content: bytes) -> str:
	return hashlib.sha256(content).hexdigest()


def attach(file: Document, record: Document) -> None:
	"""Make the file the record's, so that who may read the record may read the file.

	One that belongs to another document stays there, and the record gets a File of its own to it. Frappe does
	all this by itself when a document with an Attach field is saved; what it has done is left alone.
	"""
	owner = {"attached_to_doctype": JOB, "attached_to_name": record.name}
	if frappe.db.exists("File", {"file_url": file.file_url, **owner}):
		return
	if file.attached_to_doctype:
		file = frappe.get_doc(
			{
				"doctype": "File",
				"file_name": file.file_name,
				"file_url": file.file_url,
				"is_private": file.is_private,
				"content_hash": file.content_hash,
			}
		).insert(ignore_permissions=True)
	frappe.db.set_value("File", file.name, {**owner, "attached_to_field": "file"})


def file_of(record: Document) -> Document:
	"""Return the File of a record that the user may read. Raises as `file_for_reading`."""
	return file_for_reading(record.file)
