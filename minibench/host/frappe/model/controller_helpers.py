# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What controllers call on their documents: titles, checks of values, rounding, data for the form, a lock."""

import hashlib
import os
import time
from typing import Any

import frappe
from frappe import _, msgprint
from frappe.types.frappedict import _dict
from frappe.utils.data import compare, date_diff, flt, get_absolute_url


class ControllerHelpers:
	"""Mixed into Document."""

	def get_title(self) -> str:
		return self.get(self.meta.get_title_field()) or ""

	def set_title_field(self) -> None:
		if self.meta.get("title_field") != "title":
			return
		df = self.meta.get_field("title")
		values = {key: "" if value is None else value for key, value in self.as_dict().items()}
		if df.options:
			self.set("title", df.options.format(**values))
		elif self.is_new() and not self.get("title") and df.default:
			self.set("title", df.default.format(**values))

	def get_url(self) -> str:
		return get_absolute_url(self.doctype, self.name)

	def validate_value(
		self, fieldname: str, condition: str, val2: Any, doc: Any = None, raise_exception: Any = None
	) -> None:
		"""Raise unless the field compares so with the value (conditions as in filters)."""
		doc = doc or self
		df = doc.meta.get_field(fieldname)
		wanted = doc.cast(val2, df)
		if not compare(doc.get_value(fieldname), condition, wanted):
			row = (
				_("Incorrect value in row {0}:").format(doc.idx)
				if doc.get("parentfield")
				else _("Incorrect value:")
			)
			message = _("{0} must be {1} {2}").format(doc.meta.get_label(fieldname), condition, wanted)
			msgprint(f"{row} {message}", raise_exception=raise_exception or True)

	def validate_table_has_rows(self, parentfield: str, raise_exception: Any = None) -> None:
		if not self.get(parentfield):
			label = self.meta.get_label(parentfield)
			frappe.throw(
				_("Table {0} cannot be empty").format(label), raise_exception or frappe.EmptyTableError
			)

	def validate_from_to_dates(self, from_date_field: str, to_date_field: str) -> None:
		from_date, to_date = self.get(from_date_field), self.get(to_date_field)
		if from_date and to_date and date_diff(to_date, from_date) < 0:
			row = (
				_("{0} row #{1}: ").format(frappe.unscrub(self.parentfield), self.idx)
				if self.meta.istable
				else ""
			)
			to_label, from_label = self.meta.get_label(to_date_field), self.meta.get_label(from_date_field)
			message = _("{0} must be after {1}").format(frappe.bold(to_label), frappe.bold(from_label))
			frappe.throw(row + message, frappe.InvalidDates)

	def round_floats_in(self, doc: Any, fieldnames: Any = None) -> None:
		"""Round numeric fields of this document or a row of it to their precision."""
		if not fieldnames:
			fieldnames = [
				df.fieldname for df in doc.meta.fields if df.fieldtype in ("Currency", "Float", "Percent")
			]
		method = frappe.get_system_settings("rounding_method")
		for fieldname in fieldnames:
			precision = self.precision(fieldname, doc.get("parentfield"))
			doc.set(fieldname, flt(doc.get(fieldname), precision, rounding_method=method))

	def set_onload(self, key: str, value: Any) -> None:
		if not self.get("__onload"):
			self.set("__onload", _dict())
		self.get("__onload")[key] = value

	def get_onload(self, key: str | None = None) -> Any:
		onload = self.get("__onload", default=_dict())
		return onload[key] if key else onload

	def get_signature(self) -> str:
		return hashlib.sha224(f"{self.doctype}:{self.name}".encode(), usedforsecurity=False).hexdigest()

	def _lock_path(self) -> str:
		return frappe.get_site_path("locks", f"{self.get_signature()}.lock")

	@property
	def is_locked(self) -> bool:
		return os.path.exists(self._lock_path())

	def lock(self, timeout: int | None = None) -> None:
		"""
		:param timeout: seconds to wait for another holder
		:raises DocumentLockedError: still locked
		"""
		for _attempt in range(timeout or 0):
			if not self.is_locked:
				break
			time.sleep(1)
		os.makedirs(os.path.dirname(self._lock_path()), exist_ok=True)
		try:
			os.close(os.open(self._lock_path(), os.O_CREAT | os.O_EXCL))
		except FileExistsError as error:
			raise frappe.DocumentLockedError from error
		frappe.local.locked_documents.append(self)

	def unlock(self) -> None:
		if self.is_locked:
			os.remove(self._lock_path())
		if self in frappe.local.locked_documents:
			frappe.local.locked_documents.remove(self)

	def check_if_locked(self) -> None:
		if self.creation and self.is_locked:
			frappe.throw(
				_(
					"This document is currently locked and queued for execution. Please try again after some time."
				),
				title=_("Document Queued"),
				exc=frappe.DocumentLockedError,
			)
