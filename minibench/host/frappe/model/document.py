# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Document: the life of a record, from insert over save, submit and cancel to deletion."""

import hashlib
import json
import os
import time
from collections.abc import Callable
from typing import Any

import frappe
from frappe import _, is_whitelisted, msgprint
from frappe.model import optional_fields, table_fields
from frappe.model.base_document import BaseDocument, get_controller
from frappe.model.docstatus import DocStatus
from frappe.model.naming import set_new_name, validate_name
from frappe.types.frappedict import _dict
from frappe.utils.data import (
	cint,
	compare,
	cstr,
	date_diff,
	flt,
	get_absolute_url,
	get_datetime,
	get_timedelta,
	getdate,
	now,
)


def get_doc(*args, **kwargs) -> "Document":
	"""
	get_doc("User", "a@example.com", for_update=True) | get_doc("System Settings") | get_doc({"doctype": ...}) |
	get_doc(doctype="User", ...)

	:raises DoesNotExistError: no such document
	"""
	if args and isinstance(args[0], BaseDocument):
		return args[0]
	if args and isinstance(args[0], str):
		doctype = args[0]
	else:
		values = args[0] if args else kwargs
		if not isinstance(values, dict):
			raise ValueError("First non keyword argument must be a string or dict")
		if "doctype" not in values:
			raise ValueError('"doctype" is a required key')
		doctype = values["doctype"]
	return get_controller(doctype)(*args, **kwargs)


class Document(BaseDocument):
	def __init__(self, *args, **kwargs):
		self.doctype = None
		self.name = None
		self.flags = _dict()
		if args and isinstance(args[0], str):
			self.doctype = args[0]
			self.name = self.doctype if len(args) == 1 else args[1]
			self.flags.for_update = kwargs.get("for_update")
			self.load_from_db()
			return
		if args and isinstance(args[0], dict):
			kwargs = args[0]
		if not kwargs:
			raise ValueError("Illegal arguments")
		super().__init__(kwargs)
		self.init_child_tables()
		self.init_valid_columns()

	def __repr__(self) -> str:
		docstatus = f" docstatus={self.docstatus}" if self.docstatus else ""
		parent = f" parent={self.parent}" if self.get("parent") else ""
		return f"<{self.__class__.__name__}: {self.name or 'unsaved'}{docstatus}{parent}>"

	def __str__(self) -> str:
		return f"{self.__class__.__name__}({self.name or 'unsaved'})"

	# --- reading --------------------------------------------------------------------------------------------------

	def load_from_db(self) -> "Document":
		"""Read the row and its child rows."""
		self.flags.ignore_children = True
		if self.meta.issingle:
			self._load_single()
		else:
			row = frappe.db.get_value(
				self.doctype, self.name, "*", as_dict=True, for_update=self.flags.for_update, order_by=None
			)
			if not row:
				frappe.throw(
					_("{0} {1} not found").format(_(self.doctype), self.name),
					frappe.DoesNotExistError(doctype=self.doctype),
				)
			super().__init__(row)
		self.flags.pop("ignore_children", None)

		for df in self._get_table_fields():
			self.set(df.fieldname, self._load_children(df))
		if hasattr(self, "__setup__"):
			self.__setup__()
		return self

	def _load_single(self) -> None:
		values = frappe.db.get_singles_dict(self.doctype, for_update=self.flags.for_update)
		if not values:
			values = frappe.new_doc(self.doctype, as_dict=True)
			values.pop("__islocal", None)
		values["name"] = self.doctype
		super().__init__(values)
		self.init_valid_columns()
		self._fix_numeric_types()

	def _load_children(self, df: Any) -> list:
		lock = " FOR UPDATE" if self.flags.for_update else ""
		query = f"""SELECT * FROM `tab{df.options}`
			WHERE parent = %s AND parenttype = %s AND parentfield = %s ORDER BY idx ASC{lock}"""
		return frappe.local.db.sql(query, (cstr(self.name), self.doctype, df.fieldname), as_dict=True)

	def reload(self) -> "Document":
		return self.load_from_db()

	def get_latest(self) -> "Document":
		if not getattr(self, "_doc_before_save", None):
			self.load_doc_before_save()
		return self._doc_before_save

	def get_doc_before_save(self) -> "Document | None":
		return getattr(self, "_doc_before_save", None)

	def load_doc_before_save(self, *, raise_exception: bool = False) -> None:
		self._doc_before_save = None
		if self.is_new():
			return
		try:
			self._doc_before_save = frappe.get_doc(self.doctype, self.name, for_update=True)
		except frappe.DoesNotExistError:
			if raise_exception:
				raise
			frappe.clear_last_message()

	def has_value_changed(self, fieldname: str) -> bool:
		"""Whether the field differs from what was stored before this save."""
		previous = self.get_doc_before_save()
		if not previous:
			return True
		old, new = previous.get(fieldname), self.get(fieldname)
		for type_name, convert in (("datetime", get_datetime), ("date", getdate), ("timedelta", get_timedelta)):
			if type(old).__name__ == type_name:
				new = convert(new)
		return old != new

	# --- permissions ----------------------------------------------------------------------------------------------

	def check_permission(self, permtype: str = "read", permlevel: Any = None) -> None:
		"""
		:raises PermissionError: the user may not
		"""
		if not self.has_permission(permtype):
			from frappe.permissions import check_doctype_permission

			check_doctype_permission(self.doctype, permtype)
			self.raise_no_permission_to(permtype)

	def has_permission(self, permtype: str = "read", *, debug: bool = False, user: str | None = None) -> bool:
		import frappe.permissions

		if self.flags.ignore_permissions:
			return True
		return frappe.permissions.has_permission(self.doctype, permtype, self, user=user)

	def raise_no_permission_to(self, perm_type: str) -> None:
		frappe.flags.error_message = _(
			"You need the '{0}' permission on {1} {2} to perform this action."
		).format(_(perm_type), frappe.bold(_(self.doctype)), self.name or "")
		raise frappe.PermissionError(frappe.flags.error_message)

	def get_permissions(self) -> list:
		return frappe.get_meta(self.parenttype).permissions if self.meta.istable else self.meta.permissions

	def get_permlevel_access(self, permission_type: str = "write") -> list[int]:
		roles = frappe.get_roles()
		levels = [cint(p.permlevel) for p in self.get_permissions() if p.role in roles and p.get(permission_type)]
		return list(dict.fromkeys(levels))

	def has_permlevel_access_to(self, fieldname: str, df: Any = None, permission_type: str = "read") -> bool:
		df = df or self.meta.get_field(fieldname)
		return cint(df.permlevel) in self.get_permlevel_access(permission_type)

	def validate_higher_perm_levels(self) -> None:
		if self.flags.ignore_permissions or frappe.flags.in_install or frappe.session.user == "Administrator":
			return
		access = None
		rows = [self] if self.is_new() else [self, *self.get_all_children()]
		for row in rows:
			if fields := row.meta.high_permlevel_fields:
				access = self.get_permlevel_access() if access is None else access
				row.reset_values_if_no_permlevel_access(access, fields)

	def apply_fieldlevel_read_permissions(self) -> None:
		"""Drop the values at levels that the user may not read."""
		if frappe.session.user == "Administrator":
			return
		rows = [self, *self.get_all_children()]
		access = None
		for row in rows:
			for df in row.meta.high_permlevel_fields:
				access = self.get_permlevel_access("read") if access is None else access
				if cint(df.permlevel) not in access:
					row.delete_key(df.fieldname)

	# --- saving ---------------------------------------------------------------------------------------------------

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
			query = f"DELETE FROM `tab{df.options}` WHERE parent = %s AND parenttype = %s AND parentfield = %s"
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

	def set_new_name(self, force: bool = False, set_name: str | None = None, set_child_names: bool = True) -> None:
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
		if self.is_new() and not (frappe.flags.in_install or frappe.flags.in_patch or frappe.flags.in_migrate):
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

	# --- checks ---------------------------------------------------------------------------------------------------

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
				frappe.throw(_("Value cannot be changed for {0}").format(label), exc=frappe.CannotChangeConstantError)

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

	# --- events ---------------------------------------------------------------------------------------------------

	def run_method(self, method: str, *args, **kwargs) -> Any:
		"""Call the controller's method of that name, then the `doc_events` handlers of all apps."""

		def fn(self, *args, **kwargs):
			method_object = getattr(self, method, None)
			if method in self.__dict__ or callable(method_object):
				return method_object(*args, **kwargs)

		fn.__name__ = str(method)
		return Document.hook(fn)(self, *args, **kwargs)

	run_trigger = run_method

	@staticmethod
	def hook(f: Callable) -> Callable:
		"""Decorator: run `doc_events` handlers of the function's name after it. Dict answers are merged."""

		def composed(self, *args, **kwargs):
			method = f.__name__
			result = f(self, *args, **kwargs)
			events = frappe.get_doc_hooks()
			handlers = events.get(self.doctype, {}).get(method, []) + events.get("*", {}).get(method, [])
			for handler in handlers:
				answer = frappe.get_attr(handler)(self, method, *args, **kwargs)
				if isinstance(answer, dict) and isinstance(result, dict):
					result.update(answer)
				elif answer is not None:
					result = answer
			return result

		return composed

	def run_before_save_methods(self) -> None:
		if self._action in ("save", "submit"):
			self.run_method("before_validate")
		if self.flags.ignore_validate:
			return
		events = {
			"save": ("validate", "before_save"),
			"submit": ("validate", "before_submit"),
			"cancel": ("before_cancel",),
			"update_after_submit": ("before_update_after_submit",),
		}
		for event in events[self._action]:
			self.run_method(event)
		self.set_title_field()

	def run_post_save_methods(self) -> None:
		events = {
			"save": ("on_update",),
			"submit": ("on_update", "on_submit"),
			"cancel": ("on_cancel",),
			"update_after_submit": ("on_update_after_submit",),
		}
		for event in events[self._action]:
			self.run_method(event)
		if self._action == "cancel":
			self.check_no_back_links_exist()
		self.clear_cache()
		if self.flags.get("notify_update", True):
			self.notify_update()
		self.run_method("on_change")
		if (self.doctype, self.name) in frappe.flags.currently_saving:
			frappe.flags.currently_saving.remove((self.doctype, self.name))

	def clear_cache(self) -> None:
		frappe.clear_document_cache(self.doctype, self.name)

	def notify_update(self) -> None:
		"""Tell open forms and lists, after the commit."""
		if frappe.flags.in_patch or frappe.flags.in_install:
			return
		frappe.publish_realtime(
			"doc_update",
			{"modified": self.modified, "doctype": self.doctype, "name": self.name},
			doctype=self.doctype,
			docname=self.name,
			after_commit=True,
		)
		if not (self.meta.get("read_only") or self.meta.issingle or self.meta.istable):
			data = {"doctype": self.doctype, "name": self.name, "user": frappe.session.user}
			frappe.publish_realtime("list_update", data, after_commit=True)

	# --- actions --------------------------------------------------------------------------------------------------

	def _submit(self) -> "Document":
		self.docstatus = DocStatus.SUBMITTED
		return self.save()

	def _cancel(self) -> "Document":
		self.docstatus = DocStatus.CANCELLED
		return self.save()

	@frappe.whitelist()
	def submit(self) -> "Document":
		return self._submit()

	@frappe.whitelist()
	def cancel(self) -> "Document":
		return self._cancel()

	def delete(
		self, ignore_permissions: bool = False, force: bool = False, *, delete_permanently: bool = False
	) -> Any:
		return frappe.delete_doc(
			self.doctype,
			self.name,
			ignore_permissions=ignore_permissions,
			flags=self.flags,
			force=force,
			delete_permanently=delete_permanently,
		)

	def db_set(
		self,
		fieldname: str | dict,
		value: Any = None,
		update_modified: bool = True,
		notify: bool = False,
		commit: bool = False,
	) -> None:
		"""Write values directly to the row (and this object): no validation; events before_change and on_change."""
		if isinstance(fieldname, dict):
			self.update(fieldname)
		else:
			self.set(fieldname, value)
		if update_modified and (self.doctype, self.name) not in frappe.flags.currently_saving:
			self.set("modified", now())
			self.set("modified_by", frappe.session.user)
		if not self.get_doc_before_save():
			self.load_doc_before_save()
		self.run_method("before_change")
		if self.name is None:
			return
		options = dict(modified=self.modified, modified_by=self.modified_by, update_modified=update_modified)
		if self.meta.issingle:
			frappe.db.set_single_value(self.doctype, fieldname, value, **options)
		else:
			frappe.db.set_value(self.doctype, self.name, fieldname, value, **options)
		self.run_method("on_change")
		if notify:
			self.notify_update()
		if commit:
			frappe.db.commit()

	def db_get(self, fieldname: str) -> Any:
		return frappe.db.get_value(self.doctype, self.name, fieldname)

	def is_whitelisted(self, method_name: str) -> None:
		method = getattr(self, method_name, None)
		if not method:
			raise frappe.DoesNotExistError(f"Method {method_name} not found")
		is_whitelisted(getattr(method, "__func__", method))

	@frappe.whitelist()
	def add_comment(
		self,
		comment_type: str = "Comment",
		text: str | None = None,
		comment_email: str | None = None,
		comment_by: str | None = None,
	) -> "Document":
		return frappe.get_doc(
			doctype="Comment",
			comment_type=comment_type,
			comment_email=comment_email or frappe.session.user,
			comment_by=comment_by,
			reference_doctype=self.doctype,
			reference_name=self.name,
			content=text or comment_type,
		).insert(ignore_permissions=True)

	def log_error(self, title: str | None = None, message: str | None = None) -> Any:
		return frappe.log_error(
			message=message, title=title, reference_doctype=self.doctype, reference_name=self.name
		)

	# --- helpers for controllers ----------------------------------------------------------------------------------

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
			row = _("Incorrect value in row {0}:").format(doc.idx) if doc.get("parentfield") else _("Incorrect value:")
			message = _("{0} must be {1} {2}").format(doc.meta.get_label(fieldname), condition, wanted)
			msgprint(f"{row} {message}", raise_exception=raise_exception or True)

	def validate_table_has_rows(self, parentfield: str, raise_exception: Any = None) -> None:
		if not self.get(parentfield):
			label = self.meta.get_label(parentfield)
			frappe.throw(_("Table {0} cannot be empty").format(label), raise_exception or frappe.EmptyTableError)

	def validate_from_to_dates(self, from_date_field: str, to_date_field: str) -> None:
		from_date, to_date = self.get(from_date_field), self.get(to_date_field)
		if from_date and to_date and date_diff(to_date, from_date) < 0:
			row = _("{0} row #{1}: ").format(frappe.unscrub(self.parentfield), self.idx) if self.meta.istable else ""
			to_label, from_label = self.meta.get_label(to_date_field), self.meta.get_label(from_date_field)
			message = _("{0} must be after {1}").format(frappe.bold(to_label), frappe.bold(from_label))
			frappe.throw(row + message, frappe.InvalidDates)

	def round_floats_in(self, doc: Any, fieldnames: Any = None) -> None:
		"""Round numeric fields of this document or a row of it to their precision."""
		if not fieldnames:
			fieldnames = [df.fieldname for df in doc.meta.fields if df.fieldtype in ("Currency", "Float", "Percent")]
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

	# --- document lock --------------------------------------------------------------------------------------------

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
				_("This document is currently locked and queued for execution. Please try again after some time."),
				title=_("Document Queued"),
				exc=frappe.DocumentLockedError,
			)
