# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Saving a document: insert and save, the rows of its tables, its names and timestamps, and the checks before."""

from typing import TYPE_CHECKING, Any

import frappe
from frappe import _, msgprint
from frappe.model import optional_fields, table_fields
from frappe.model.docstatus import DocStatus
from frappe.model.naming import set_new_name, validate_name
from frappe.utils.data import cstr, now

if TYPE_CHECKING:
	from frappe.model.document import Document


class Saving:
	"""Mixed into Document."""

	def insert(
		self,
		ignore_permissions: bool | None = None,
		ignore_links: bool | None = None,
		ignore_if_duplicate: bool = False,
		ignore_mandatory: bool | None = None,
		set_name: str | None = None,
		set_child_names: bool = True,
	) -> "Document":
		"""Save as a new document: checks, events before_insert, validate, ..., after_insert, on_update (on_submit)."""
		self.flags.notifications_executed = []
		given = {
			"ignore_permissions": ignore_permissions,
			"ignore_links": ignore_links,
			"ignore_mandatory": ignore_mandatory,
		}
		self.flags.update({key: value for key, value in given.items() if value is not None})

		self.set("__islocal", True)
		self._set_defaults()
		self.set_user_and_timestamp()
		self.set_docstatus()
		self.check_if_latest()
		self._validate_links()
		self.check_permission("create")
		self.run_method("before_insert")
		self.set_new_name(set_name=set_name, set_child_names=set_child_names)
		self.set_parent_in_children()
		self.validate_higher_perm_levels()

		self.flags.in_insert = True
		self.run_before_save_methods()
		self._validate()
		self.set_docstatus()
		self.flags.in_insert = False

		if self.meta.issingle:
			self.update_single(self.get_valid_dict())
		else:
			self.db_insert(ignore_if_duplicate=ignore_if_duplicate)
		for row in self.get_all_children():
			row.db_insert()

		self.run_method("after_insert")
		self.flags.in_insert = True
		if self.get("amended_from"):
			self.validate_amended_from()
		self.run_post_save_methods()
		self.flags.in_insert = False
		self._clear_unsaved_marks()
		return self

	def _clear_unsaved_marks(self) -> None:
		for mark in ("__islocal", "__unsaved"):
			self.__dict__.pop(mark, None)

	def save(self, *args, **kwargs) -> "Document":
		return self._save(*args, **kwargs)

	def _save(self, ignore_permissions: bool | None = None, ignore_version: bool | None = None) -> "Document":
		"""Save an existing document (insert a new one)."""
		self.flags.notifications_executed = []
		if ignore_permissions is not None:
			self.flags.ignore_permissions = ignore_permissions
		if self.get("__islocal") or not self.get("name"):
			return self.insert()

		self.check_if_locked()
		self._set_defaults()
		self.check_permission("write", "save")
		self.set_user_and_timestamp()
		self.set_docstatus()
		self.check_if_latest()
		self.set_parent_in_children()
		self.set_name_in_children()
		self.validate_higher_perm_levels()
		self._validate_links()
		self.run_before_save_methods()
		if self._action != "cancel":
			self._validate()
		if self._action == "update_after_submit":
			self.validate_update_after_submit()
		self.set_docstatus()

		if self.meta.issingle:
			self.update_single(self.get_valid_dict())
		else:
			self.db_update()
		self.update_children()
		self.run_post_save_methods()
		self.__dict__.pop("__unsaved", None)
		return self

	def update_children(self) -> None:
		for df in self.meta.get_table_fields():
			self.update_child_table(df.fieldname, df)

	def update_child_table(self, fieldname: str, df: Any = None) -> None:
		"""Store one child table: rows no longer in it are deleted, the others updated or inserted."""
		df = df or self.meta.get_field(fieldname)
		rows = self.get(df.fieldname) or []
		if df.options not in (self.flags.ignore_children_type or ()):
			kept = [row.name for row in rows if row.name and not row.is_new()]
			query = (
				f"DELETE FROM `tab{df.options}` WHERE parent = %s AND parenttype = %s AND parentfield = %s"
			)
			values: list = [cstr(self.name), self.doctype, fieldname]
			if kept:
				query += " AND name NOT IN %s"
				values.append(kept)
			frappe.db.sql(query, values)
		for row in rows:
			row.db_update()

	def update_single(self, d: dict) -> None:
		frappe.db.delete("Singles", {"doctype": self.doctype})
		for field, value in d.items():
			if field != "doctype":
				query = "INSERT INTO tabSingles (doctype, field, value) VALUES (%s, %s, %s)"
				frappe.db.sql(query, (self.doctype, field, value))
		frappe.db.value_cache.pop(self.doctype, None)

	def set_new_name(
		self, force: bool = False, set_name: str | None = None, set_child_names: bool = True
	) -> None:
		if self.flags.name_set and not force:
			return
		if self.get("__newname") and (self.meta.autoname or "").lower() == "prompt":
			self.name = validate_name(self.doctype, self.get("__newname"))
			self.flags.name_set = True
			return
		if set_name:
			self.name = validate_name(self.doctype, set_name)
		else:
			set_new_name(self)
		if set_child_names:
			for row in self.get_all_children():
				set_new_name(row)
		self.flags.name_set = True

	def set_user_and_timestamp(self) -> None:
		self._original_modified = self.modified
		self.modified = now()
		self.modified_by = frappe.session.user
		if self.is_new() and not (
			frappe.flags.in_install or frappe.flags.in_patch or frappe.flags.in_migrate
		):
			self.creation = self.modified
			self.owner = self.modified_by
		for row in self.get_all_children():
			row.modified = self.modified
			row.modified_by = self.modified_by
			row.owner = row.owner or self.owner
			row.creation = row.creation or self.creation
		frappe.flags.currently_saving.append((self.doctype, self.name))

	def set_docstatus(self) -> None:
		docstatus = self.docstatus
		for row in self.get_all_children():
			row.docstatus = docstatus

	def set_parent_in_children(self) -> None:
		for row in self.get_all_children():
			row.parent = self.name
			row.parenttype = self.doctype

	def set_name_in_children(self) -> None:
		for row in self.get_all_children():
			if not row.name:
				set_new_name(row)

	def _set_defaults(self) -> None:
		if frappe.flags.in_import:
			return
		if self.is_new():
			self.update_if_missing(frappe.new_doc(self.doctype, as_dict=True))
		for df in self.meta.get_table_fields():
			new_rows = [row for row in self.get(df.fieldname) or [] if row.is_new()]
			if new_rows:
				values = frappe.new_doc(df.options, parent_doc=self, parentfield=df.fieldname, as_dict=True)
				for row in new_rows:
					row.update_if_missing(values)

	def get_all_children(self, parenttype: str | None = None) -> list["Document"]:
		children: list = []
		for df in self.meta.get_table_fields():
			if not parenttype or df.options == parenttype:
				children.extend(self.get(df.fieldname) or ())
		return children

	def check_if_latest(self) -> None:
		"""Load what is stored (under lock), compare timestamps, and decide the action by the docstatus.

		:raises TimestampMismatchError: saved by someone else since this copy was read
		"""
		self.load_doc_before_save(raise_exception=True)
		self._action = "save"
		previous = self._doc_before_save
		if not previous:
			self.check_docstatus_transition(0)
			return
		if cstr(previous.modified) != cstr(self._original_modified):
			msgprint(
				_("Error: Document has been modified after you have opened it")
				+ f" ({previous.modified}, {self.modified}). "
				+ _("Please refresh to get the latest document."),
				raise_exception=frappe.TimestampMismatchError,
			)
		if not self.meta.issingle:
			self.check_docstatus_transition(previous.docstatus)

	def check_docstatus_transition(self, to_docstatus: int) -> None:
		"""Draft to draft or submitted; submitted to submitted or cancelled; cancelled stays as it is."""
		new = self.docstatus
		if to_docstatus == DocStatus.CANCELLED:
			raise frappe.ValidationError(_("Cannot edit cancelled document"))
		if new not in (0, 1, 2):
			raise frappe.ValidationError(_("Invalid docstatus"), new)
		if to_docstatus == DocStatus.DRAFT:
			if new.is_cancelled():
				message = _("Cannot change docstatus from 0 (Draft) to 2 (Cancelled)")
				raise frappe.DocstatusTransitionError(message)
			self._action = "submit" if new.is_submitted() else "save"
			if self._action == "submit":
				self.check_permission("submit")
			return
		if new.is_draft():
			message = _("Cannot change docstatus from 1 (Submitted) to 0 (Draft)")
			raise frappe.DocstatusTransitionError(message)
		self._action = "update_after_submit" if new.is_submitted() else "cancel"
		self.check_permission("submit" if new.is_submitted() else "cancel")

	def validate_update_after_submit(self) -> None:
		if self.flags.ignore_validate_update_after_submit:
			return
		stored = frappe.get_doc(self.doctype, self.name)  # before_update_after_submit may have used db_set
		self._validate_update_after_submit(stored)
		stored_rows = {row.name: row for row in stored.get_all_children()}
		for row in self.get_all_children():
			if row.is_new() and self.meta.get_field(row.parentfield).allow_on_submit:
				continue
			row._validate_update_after_submit(stored_rows.get(row.name))

	def _validate(self) -> None:
		self._validate_mandatory()
		for row in (self, *self.get_all_children()):
			row._validate_data_fields()
			row._validate_selects()
			row._validate_non_negative()
			row._validate_length()
			row._sync_autoname_field()
			row._sanitize_content()
			row._save_passwords()
		if self.is_new():
			for fieldname in optional_fields:
				self.set(fieldname, None)
		else:
			self.validate_set_only_once()

	def _validate_mandatory(self) -> None:
		if self.flags.ignore_mandatory:
			return
		missing = self._get_missing_mandatory_fields()
		for row in self.get_all_children():
			missing.extend(row._get_missing_mandatory_fields())
		if not missing:
			return
		for _fieldname, message in missing:
			msgprint(message)
		fields = ", ".join(fieldname for fieldname, _message in missing)
		raise frappe.MandatoryError(f"[{self.doctype}, {self.name}]: {fields}")

	def _validate_links(self) -> None:
		if self.flags.ignore_links or self._action == "cancel":
			return
		invalid, cancelled = self.get_invalid_links()
		for row in self.get_all_children():
			more_invalid, more_cancelled = row.get_invalid_links(is_submittable=self.meta.is_submittable)
			invalid.extend(more_invalid)
			cancelled.extend(more_cancelled)
		if invalid:
			names = ", ".join(item[2] for item in invalid)
			frappe.throw(_("Could not find {0}").format(names), frappe.LinkValidationError)
		if cancelled:
			names = ", ".join(item[2] for item in cancelled)
			frappe.throw(_("Cannot link cancelled document: {0}").format(names), frappe.CancelledLinkError)

	def validate_set_only_once(self) -> None:
		for df in self.meta.get_set_only_once_fields():
			value, stored = self.get(df.fieldname), self._doc_before_save.get(df.fieldname)
			if df.fieldtype in table_fields:
				changed = not self.is_child_table_same(df.fieldname)
			elif df.fieldtype in ("Date", "Datetime", "Time"):
				changed = str(value) != str(stored)
			else:
				changed = value != stored
			if changed:
				label = frappe.bold(self.meta.get_label(df.fieldname))
				frappe.throw(
					_("Value cannot be changed for {0}").format(label), exc=frappe.CannotChangeConstantError
				)

	def is_child_table_same(self, fieldname: str) -> bool:
		def comparable(rows: list) -> list[dict]:
			dicts = [row.as_dict(convert_dates_to_str=True) for row in rows]
			dropped = ("modified", "modified_by", "creation")
			return [{key: value for key, value in d.items() if key not in dropped} for d in dicts]

		return comparable(self.get(fieldname)) == comparable(self._doc_before_save.get(fieldname))

	def validate_amended_from(self) -> None:
		if frappe.db.get_value(self.doctype, self.get("amended_from"), "docstatus") != 2:
			link = frappe.utils.get_link_to_form(self.doctype, self.get("amended_from"))
			frappe.throw(
				_(
					"{0} cannot be amended because it is not cancelled. Please cancel the document before creating an amendment."
				).format(link),
				title=_("Amendment Not Allowed"),
			)

	def check_no_back_links_exist(self) -> None:
		from frappe.model.delete_doc import check_if_doc_is_dynamically_linked, check_if_doc_is_linked

		if not self.flags.ignore_links:
			check_if_doc_is_linked(self, method="Cancel")
			check_if_doc_is_dynamically_linked(self, method="Cancel")
