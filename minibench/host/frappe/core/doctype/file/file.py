# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""File: an uploaded or generated file under the site's private/files or public/files."""

import base64
import hashlib
import os
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, get_files_path

MAX_FILE_SIZE = 25 * 1024 * 1024


class File(Document):
	def before_insert(self) -> None:
		content = self.__dict__.pop("content", None)
		if content is not None:
			self.save_file(content)

	def validate(self) -> None:
		if not self.file_url:
			frappe.throw(_("Please attach a file or set a URL"))
		if self.attached_to_doctype and not frappe.db.exists("DocType", self.attached_to_doctype):
			frappe.throw(
				_("DocType {0} not found").format(self.attached_to_doctype), frappe.DoesNotExistError
			)
		self.is_private = cint(self.file_url.startswith("/private/files/") or self.is_private)

	def save_file(self, content: Any, decode: bool = False) -> None:
		"""Write the content under a free name."""
		if self.get("decode") or decode:
			content = base64.b64decode(content)
		content = content.encode() if isinstance(content, str) else content
		limit = cint(frappe.conf.max_file_size) or MAX_FILE_SIZE
		if len(content) > limit:
			message = _("File size exceeded the maximum allowed size of {0} MB").format(limit // 1048576)
			frappe.throw(message, frappe.ValidationError)
		self.content_hash = hashlib.md5(content, usedforsecurity=False).hexdigest()
		self.file_size = len(content)
		self.file_name = self._free_name(os.path.basename(self.file_name or "file"))
		self.file_type = os.path.splitext(self.file_name)[1].lstrip(".").upper()
		folder = "/private/files/" if cint(self.is_private) else "/files/"
		self.file_url = folder + self.file_name
		path = self.get_full_path()
		with open(path, "wb") as file:
			file.write(content)
		frappe.db.after_rollback.add(lambda: os.path.exists(path) and os.remove(path))

	def _free_name(self, name: str) -> str:
		stem, extension = os.path.splitext(name.replace("/", "_"))
		if not os.path.exists(os.path.join(get_files_path(is_private=bool(cint(self.is_private))), name)):
			return stem + extension
		return f"{stem}{self.content_hash[-6:]}{frappe.generate_hash(length=4)}{extension}"

	def get_full_path(self) -> str:
		private = self.file_url.startswith("/private/files/")
		return get_files_path(os.path.basename(self.file_url), is_private=private)

	def get_content(self) -> bytes | str:
		"""Text when it is UTF-8, else bytes."""
		with open(self.get_full_path(), "rb") as file:
			content = file.read()
		try:
			return content.decode()
		except UnicodeDecodeError:
			return content

	def is_downloadable(self) -> bool:
		return has_permission(self, "read")

	def on_trash(self) -> None:
		others = frappe.get_all("File", {"file_url": self.file_url, "name": ["!=", self.name]}, limit=1)
		path = self.get_full_path()
		if not others and os.path.exists(path):
			frappe.db.after_commit.add(lambda: os.path.exists(path) and os.remove(path))


def has_permission(doc: Any, ptype: str = "read", user: str | None = None) -> bool:
	"""Public files are readable by all; others by their owner and those who may read the document they belong to."""
	user = user or frappe.session.user
	if ptype == "create":
		return frappe.permissions.get_role_permissions("File", user=user).get("create") == 1
	if user == "Administrator" or (not doc.is_private and ptype in ("read", "select")):
		return True
	if user != "Guest" and doc.owner == user:
		return True
	if doc.attached_to_doctype and doc.attached_to_name:
		needed = "write" if ptype in ("write", "share", "submit", "cancel", "delete") else "read"
		attached = frappe.get_doc(doc.attached_to_doctype, doc.attached_to_name)
		return attached.has_permission(needed, user=user)
	return False
