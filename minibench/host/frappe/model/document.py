# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Document: a record with its events, permissions and actions; saving is in saving.py."""

from collections.abc import Callable
from typing import Any

import frappe
from frappe import _, is_whitelisted
from frappe.model.base_document import BaseDocument, get_controller
from frappe.model.controller_helpers import ControllerHelpers
from frappe.model.docstatus import DocStatus
from frappe.model.saving import Saving
from frappe.types.frappedict import _dict
from frappe.utils.data import cint, cstr, get_datetime, get_timedelta, getdate, now


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


class Document(Saving, ControllerHelpers, BaseDocument):
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

	# --- reading -------------------------------------------------------------------------------------------------------

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
		for type_name, convert in (
			("datetime", get_datetime),
			("date", getdate),
			("timedelta", get_timedelta),
		):
			if type(old).__name__ == type_name:
				new = convert(new)
		return old != new

	# --- permissions ---------------------------------------------------------------------------------------------------

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
		levels = [
			cint(p.permlevel) for p in self.get_permissions() if p.role in roles and p.get(permission_type)
		]
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

	# --- events --------------------------------------------------------------------------------------------------------

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

	# --- actions -------------------------------------------------------------------------------------------------------

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
