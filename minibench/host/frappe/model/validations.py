# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What a document's values must fulfil before they are saved: mandatory, links, options, lengths, permitted changes."""

from typing import TYPE_CHECKING, Any

import frappe
from frappe import _
from frappe.model import display_fieldtypes, table_fields, varchar_fieldtypes
from frappe.model.docstatus import DocStatus
from frappe.types.frappedict import _dict
from frappe.utils.data import cint, cstr, flt, is_html, sanitize_html, strip_html

MAX_INT = 2_147_483_647
UNSANITIZED_FIELDTYPES = ("Attach", "Attach Image", "Barcode", "Code")


class Validations:
	"""Mixed into BaseDocument: each method looks at one row's own fields."""

	if TYPE_CHECKING:
		doctype: str
		name: str
		meta: Any
		flags: _dict

	def _get_missing_mandatory_fields(self) -> list[tuple[str, str]]:
		"""(fieldname, message) of mandatory fields without content."""
		missing = []
		for df in self.meta.mandatory_fields:
			value = self.get(df.fieldname)
			if value in (None, []) or not self._has_content(df, value):
				missing.append((df.fieldname, self._missing_message(df)))
		if self.meta.istable:
			for fieldname in ("parent", "parenttype"):
				if not self.get(fieldname):
					missing.append(
						(fieldname, self._missing_message(_dict(label=fieldname, fieldname=fieldname)))
					)
		return missing

	@staticmethod
	def _has_content(df: Any, value: Any) -> bool:
		text = cstr(value)
		if df.fieldtype == "Text Editor" and "<img" in text:
			return True
		return bool(strip_html(text).strip())

	def _missing_message(self, df: Any) -> str:
		if df.get("fieldtype") in table_fields:
			return "{}: {}: {}".format(_("Error"), _("Data missing in table"), _(df.label))
		if self.get("parentfield"):
			row = f"{frappe.bold(_(self.doctype))} {_('Row')} #{self.idx}"
			return "{}: {}: {}: {}".format(_("Error"), row, _("Value missing for"), _(df.label))
		return _("Error: Value missing for {0}: {1}").format(_(self.doctype), _(df.label))

	# --- links ----------------------------------------------------------------------------------------------------

	def get_invalid_links(self, is_submittable: bool = False) -> tuple[list, list]:
		"""Links to documents that do not exist, and to cancelled ones. Also fills the fields fetched through links."""
		invalid, cancelled = [], []
		for df in (*self.meta._link_fields, *self.meta._dynamic_link_fields):
			docname = self.get(df.fieldname)
			if not docname:
				continue
			doctype = self._link_target(df)
			meta = frappe.get_meta(doctype)
			to_fetch = [
				field
				for field in self.meta.get_fields_to_fetch(df.fieldname)
				if not field.get("fetch_if_empty") or not self.get(field.fieldname)
			]
			values = self._read_link(doctype, docname, meta, to_fetch)
			message = self._link_message(df, docname)
			if not values or not values.name:
				invalid.append((df.fieldname, docname, message))
				continue
			setattr(self, df.fieldname, values.name)  # the name as it is written in the linked document
			for field in to_fetch:
				if self.is_new() or not self.docstatus.is_submitted() or field.allow_on_submit:
					setattr(self, field.fieldname, values[field.fetch_from.split(".")[-1]])
			if self._links_to_cancelled(df, doctype, docname, meta, is_submittable):
				cancelled.append((df.fieldname, docname, message))
		return invalid, cancelled

	def _link_target(self, df: Any) -> str:
		if df.fieldtype == "Link":
			if not df.options:
				frappe.throw(_("Options not set for link field {0}").format(df.fieldname))
			return df.options
		doctype = self.get(df.options)
		if not doctype:
			frappe.throw(_("{0} must be set first").format(self.meta.get_label(df.options)))
		return doctype

	@staticmethod
	def _read_link(doctype: str, docname: str, meta: Any, to_fetch: list) -> _dict | None:
		if meta.issingle:
			return _dict(name=doctype)
		if not to_fetch:
			return _dict(name=frappe.db.get_value(doctype, docname, "name", cache=True, order_by=None))
		columns = ["name", *(field.fetch_from.split(".")[-1] for field in to_fetch)]
		return frappe.db.get_value(doctype, docname, columns, as_dict=True, order_by=None)

	def _links_to_cancelled(
		self, df: Any, doctype: str, docname: str, meta: Any, is_submittable: bool
	) -> bool:
		if df.fieldname == "amended_from" or not meta.is_submittable:
			return False
		if not (is_submittable or self.meta.is_submittable):
			return False
		return DocStatus(
			frappe.db.get_value(doctype, docname, "docstatus", order_by=None) or 0
		).is_cancelled()

	def _link_message(self, df: Any, docname: str) -> str:
		if self.get("parentfield"):
			return "{} #{}: {}: {}".format(_("Row"), self.idx, _(df.label), docname)
		return f"{_(df.label)}: {docname}"

	# --- values ---------------------------------------------------------------------------------------------------

	def _validate_selects(self) -> None:
		if frappe.flags.in_import:
			return
		for df in self.meta.get_select_fields():
			if df.fieldname == "naming_series" or not (self.get(df.fieldname) and df.options):
				continue
			value = cstr(self.get(df.fieldname)).strip()
			self.set(df.fieldname, value)
			options = (df.options or "").split("\n")
			if value in options or (frappe.flags.in_test and value.startswith("_T-")):
				continue
			prefix = _("Row #{0}:").format(self.idx) if self.get("parentfield") else ""
			label, allowed = (
				_(self.meta.get_label(df.fieldname)),
				'", "'.join(_(option) for option in options),
			)
			frappe.throw(
				_('{0} {1} cannot be "{2}". It should be one of "{3}"').format(prefix, label, value, allowed)
			)

	def _validate_data_fields(self) -> None:
		for df in self.meta.email_and_url_fields:
			value = self.get(df.fieldname)
			if df.options == "URL":
				if value:
					frappe.utils.validate_url(value, throw=True)
			elif not (self.owner in frappe.STANDARD_USERS and value in frappe.STANDARD_USERS):
				for address in frappe.utils.split_emails(value):
					frappe.utils.validate_email_address(address, throw=True)

	def _validate_non_negative(self) -> None:
		for df in self.meta.non_negative_fields:
			if flt(self.get(df.fieldname)) < 0:
				label = frappe.bold(_(df.label))
				if self.get("parentfield"):
					row = f"{frappe.bold(_(self.doctype))} {_('Row')} #{self.idx}"
					message = "{}: {} {}".format(row, _("Value cannot be negative for"), label)
				else:
					message = _("Value cannot be negative for {0}: {1}").format(_(self.doctype), label)
				frappe.throw(message, frappe.NonNegativeError, title=_("Negative Value"))

	def _validate_length(self) -> None:
		if frappe.flags.in_install or self.meta.issingle:
			return
		for df in self.meta.fields:
			value = self.__dict__.get(df.fieldname)
			if df.fieldtype in varchar_fieldtypes:
				limit = cint(df.get("length")) or frappe.db.VARCHAR_LEN
				if value is not None and len(cstr(value)) > limit:
					self.throw_length_exceeded_error(df, limit, value)
			elif df.fieldtype == "Int" and cint(df.get("length")) <= 11 and abs(cint(value)) > MAX_INT:
				self.throw_length_exceeded_error(df, MAX_INT, value)

	def throw_length_exceeded_error(self, df: Any, max_length: int, value: Any) -> None:
		if self.get("parentfield"):
			reference = _("{0}, Row {1}").format(_(self.doctype), self.idx)
		else:
			reference = f"{_(self.doctype)} {self.name}"
		frappe.throw(
			_("{0}: '{1}' ({3}) will get truncated, as max characters allowed is {2}").format(
				reference, frappe.bold(_(df.label)), max_length, value
			),
			frappe.CharacterLengthExceededError,
			title=_("Value too big"),
		)

	def _sync_autoname_field(self) -> None:
		"""A document named by a field keeps that field equal to its name."""
		_before, _prefix, fieldname = (self.meta.autoname or "").partition("field:")
		if fieldname and self.name and self.name != self.get(fieldname):
			self.set(fieldname, self.name)

	def _sanitize_content(self) -> None:
		"""Remove active HTML from texts, unless the field is excepted or the row can no longer change."""
		if frappe.flags.in_install:
			return
		for df in self.meta.fields:
			value = self.__dict__.get(df.fieldname)
			if not isinstance(value, str) or not is_html(value):
				continue
			submitted = self.docstatus.is_submitted() and not df.get("allow_on_submit")
			excepted = (
				df.get("ignore_xss_filter") or df.fieldtype in UNSANITIZED_FIELDTYPES or df.options == "Email"
			)
			if not (excepted or submitted or self.docstatus.is_cancelled()):
				self.set(df.fieldname, sanitize_html(value))

	def _save_passwords(self) -> None:
		"""Password fields are kept encrypted in __Auth; the row holds asterisks."""
		from frappe.utils.password import remove_encrypted_password, set_encrypted_password

		for df in self.meta.password_fields:
			if self.flags.ignore_save_passwords is True:
				return
			password = self.get(df.fieldname)
			if not password:
				remove_encrypted_password(self.doctype, self.name, df.fieldname)
			elif not self.is_dummy_password(password):
				set_encrypted_password(self.doctype, self.name, password, df.fieldname)
				self.set(df.fieldname, "*" * len(password))

	def get_password(self, fieldname: str = "password", raise_exception: bool = True) -> str | None:
		from frappe.utils.password import get_decrypted_password

		value = self.get(fieldname)
		if value and not self.is_dummy_password(value):
			return value
		return get_decrypted_password(self.doctype, self.name, fieldname, raise_exception=raise_exception)

	@staticmethod
	def is_dummy_password(pwd: str) -> bool:
		return set(pwd) == {"*"}

	def _validate_update_after_submit(self, stored: Any = None) -> None:
		"""
		:param stored: the same row as it is in the database
		:raises UpdateAfterSubmitError: a field that must not change after submission did
		"""
		stored = stored or frappe.get_doc(self.doctype, self.name)
		for df in self.meta.fields:
			key = df.fieldname
			if df.allow_on_submit or df.fieldtype in display_fieldtypes or key not in self.__dict__:
				continue
			new, old = self.get(key), stored.get(key)
			if not (new or old):
				continue
			if df.fieldtype in table_fields:
				new, old = len(new or ()), len(old or ())
			else:
				new = self._column_value(df, self.get_value(key))
			if new != old:
				frappe.throw(
					_("{0} Not allowed to change {1} after submission from {2} to {3}").format(
						f"Row #{self.idx}:" if self.get("parent") else "",
						frappe.bold(_(df.label)),
						frappe.bold(old),
						frappe.bold(new),
					),
					frappe.UpdateAfterSubmitError,
					title=_("Cannot Update After Submit"),
				)

	def reset_values_if_no_permlevel_access(
		self, has_access_to: list[int], high_permlevel_fields: list
	) -> None:
		"""Fields at levels the user may not write get their stored (or default) values back."""
		ignored = self.flags.get("ignore_permlevel_for_fields", [])
		to_reset = [
			df
			for df in high_permlevel_fields
			if cint(df.permlevel) not in has_access_to
			and df.fieldtype not in display_fieldtypes
			and df.fieldname not in ignored
		]
		if not to_reset:
			return
		if self.is_new():
			reference = frappe.new_doc(self.doctype)
		elif self.parent_doc:
			rows = self.parent_doc.get_latest().get(self.parentfield, {"name": self.name})
			if not rows:
				return
			reference = rows[0]
		else:
			reference = self.get_latest()
		for df in to_reset:
			self.set(df.fieldname, reference.get(df.fieldname))
