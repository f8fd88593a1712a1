# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Values of a document and its child rows, and their way into the database."""

import datetime
import json
import weakref
from functools import cached_property
from typing import Any

import frappe
from frappe import _
from frappe.model import child_table_fields, datetime_fields, default_fields, float_like_fields, table_fields
from frappe.model.controllers import get_controller, import_controller
from frappe.model.docstatus import DocStatus
from frappe.model.naming import set_new_name
from frappe.model.validations import Validations
from frappe.types.frappedict import _dict
from frappe.utils.data import cast_fieldtype, cint, cstr, flt, now
from frappe.utils.filters import _filter

PRIVATE_PROPERTIES = ("_user_tags", "__islocal", "__onload", "_liked_by", "__run_link_triggers", "__unsaved")


class BaseDocument(Validations):
	_reserved_keywords = frozenset(
		(
			"doctype", "meta", "flags", "parent_doc", "_table_fields", "_valid_columns", "_doc_before_save",
			"_table_fieldnames", "_reserved_keywords", "permitted_fieldnames", "dont_update_if_missing",
		)
	)  # fmt: skip

	def __init__(self, d: dict):
		if d.get("doctype"):
			self.doctype = d["doctype"]
		self._table_fieldnames = {df.fieldname for df in self._get_table_fields()}
		self.update(d)
		self.dont_update_if_missing = []
		if hasattr(self, "__setup__"):
			self.__setup__()

	@cached_property
	def meta(self):
		return frappe.get_meta(self.doctype)

	def __getstate__(self) -> dict:
		state = self.__dict__.copy()
		for key in ("meta", "permitted_fieldnames", "_parent_doc"):
			state.pop(key, None)
		return state

	def _get_table_fields(self) -> list:
		return self.meta.get_table_fields()

	# --- values ---------------------------------------------------------------------------------------------------

	def update(self, d: dict) -> "BaseDocument":
		if "name" in d:  # child rows refer to it
			self.name = d["name"]
		as_value = not self._table_fieldnames or bool(self.flags.get("ignore_children", False))
		for key, value in d.items():
			self.set(key, value, as_value=as_value)
		return self

	def update_if_missing(self, d: Any) -> None:
		"""Values for fields that are None."""
		values = d.get_valid_dict() if isinstance(d, BaseDocument) else d
		for key, value in values.items():
			if value is not None and self.get(key) is None and key not in self.dont_update_if_missing:
				self.set(key, value)

	def get(self, key: Any, filters: Any = None, limit: int | None = None, default: Any = None) -> Any:
		"""A value; with filters (a dict), the child rows that meet them."""
		if isinstance(key, dict):
			return _filter(self.get_all_children(), key, limit=limit)
		if filters:
			if isinstance(filters, dict):
				return _filter(self.__dict__.get(key, []), filters, limit=limit)
			default = filters
		value = self.__dict__.get(key, default)
		if limit and isinstance(value, list | tuple) and len(value) > limit:
			value = value[:limit]
		return value

	def getone(self, key: str, filters: Any = None) -> Any:
		return self.get(key, filters=filters, limit=1)[0]

	def set(self, key: str, value: Any, as_value: bool = False) -> None:
		if key in self._reserved_keywords:
			return
		if not as_value and key in self._table_fieldnames:
			self.__dict__[key] = []
			if value:
				self.extend(key, value)
			return
		self.__dict__[key] = value

	def delete_key(self, key: str) -> None:
		self.__dict__.pop(key, None)

	def get_db_value(self, key: str) -> Any:
		return frappe.db.get_value(self.doctype, self.name, key)

	def get_value(self, fieldname: str) -> Any:
		return self.cast(self.get(fieldname), self.meta.get_field(fieldname))

	def cast(self, value: Any, df: Any) -> Any:
		return cast_fieldtype(df.fieldtype, value, show_warning=False)

	# --- child rows -----------------------------------------------------------------------------------------------

	def append(self, key: str, value: Any = None, position: int = -1) -> "BaseDocument":
		"""Add a row (dict or document) to a child table and return it."""
		if (table := self.__dict__.get(key)) is None:
			self.__dict__[key] = table = []
		row = self._init_child({} if value is None else value, key)
		if position == -1:
			table.append(row)
		else:
			table.insert(position, row)
			for idx, each in enumerate(table, 1):
				each.idx = idx
		row.parent_doc = weakref.ref(self)
		return row

	def extend(self, key: str, value: Any) -> None:
		try:
			rows = iter(value)
		except TypeError as error:
			raise ValueError from error
		for row in rows:
			self.append(key, row)

	def remove(self, doc: "BaseDocument") -> None:
		"""Take a child row out of its table and number the others anew."""
		if doc.get("parentfield"):
			table = self.get(doc.parentfield)
			table.remove(doc)
			for idx, row in enumerate(table, 1):
				row.idx = idx

	def _init_child(self, value: Any, key: str) -> "BaseDocument":
		if not isinstance(value, BaseDocument):
			if not (doctype := self.get_table_field_doctype(key)):
				raise AttributeError(key)
			value["doctype"] = doctype
			value = get_controller(doctype)(value)
		value.parent = self.name
		value.parenttype = self.doctype
		value.parentfield = key
		if value.__dict__.get("docstatus") is None:
			value.__dict__["docstatus"] = DocStatus.DRAFT
		if not getattr(value, "idx", None):
			value.idx = len(getattr(self, key, None) or ()) + 1
		if not getattr(value, "name", None):
			value.__dict__["__islocal"] = 1
		return value

	@property
	def parent_doc(self) -> "BaseDocument | None":
		reference = self.__dict__.get("_parent_doc")
		return reference() if isinstance(reference, weakref.ReferenceType) else reference

	@parent_doc.setter
	def parent_doc(self, value: Any) -> None:
		self.__dict__["_parent_doc"] = value

	@parent_doc.deleter
	def parent_doc(self) -> None:
		self.__dict__["_parent_doc"] = None

	def get_table_field_doctype(self, fieldname: str) -> str | None:
		df = self.meta.get_field(fieldname)
		if df is None:
			raise AttributeError(f"{self.doctype} has no table {fieldname!r}")
		return df.options

	def get_parentfield_of_doctype(self, doctype: str) -> str | None:
		return next((df.fieldname for df in self.meta.get_table_fields() if df.options == doctype), None)

	# --- as dict --------------------------------------------------------------------------------------------------

	def get_valid_dict(
		self,
		sanitize: bool = True,
		convert_dates_to_str: bool = False,
		ignore_nulls: bool = False,
		ignore_virtual: bool = False,
	) -> _dict:
		"""Values of the doctype's columns, numbers as numbers."""
		result = _dict()
		values, get_field = self.__dict__, self.meta.get_field
		for fieldname in self.meta.get_valid_columns():
			value = values.get(fieldname)
			df = get_field(fieldname)
			if df and df.get("is_virtual"):
				if ignore_virtual:
					continue
				value = getattr(self, fieldname, None)
			if df and (sanitize or value is not None):
				value = self._column_value(df, value)
			if convert_dates_to_str and isinstance(value, datetime.date | datetime.time | datetime.timedelta):
				value = str(value)
			if not (ignore_nulls and value is None):
				result[fieldname] = value
		return result

	def _column_value(self, df: Any, value: Any) -> Any:
		fieldtype = df.fieldtype
		if isinstance(value, list) and fieldtype not in table_fields:
			frappe.throw(_("Value for {0} cannot be a list").format(_(df.label)))
		if fieldtype == "Check":
			return 1 if cint(value) else 0
		if fieldtype == "Int":
			return value if isinstance(value, int) else cint(value)
		if fieldtype in float_like_fields:
			return value if isinstance(value, float) else flt(value)
		if fieldtype == "JSON" and isinstance(value, dict):
			return json.dumps(value, separators=(",", ":"))
		if (fieldtype in datetime_fields and value == "") or (df.get("unique") and cstr(value).strip() == ""):
			return None
		return value

	def as_dict(
		self,
		no_nulls: bool = False,
		no_default_fields: bool = False,
		convert_dates_to_str: bool = False,
		no_child_table_fields: bool = False,
		no_private_properties: bool = False,
	) -> _dict:
		doc = self.get_valid_dict(convert_dates_to_str=convert_dates_to_str, ignore_nulls=no_nulls)
		doc["doctype"] = self.doctype
		options = dict(
			no_nulls=no_nulls,
			no_default_fields=no_default_fields,
			convert_dates_to_str=convert_dates_to_str,
			no_child_table_fields=no_child_table_fields,
			no_private_properties=no_private_properties,
		)
		for fieldname in self._table_fieldnames:
			doc[fieldname] = [row.as_dict(**options) for row in self.get(fieldname) or []]

		dropped = (default_fields if no_default_fields else ()) + (
			child_table_fields if no_child_table_fields else ()
		)
		for key in dropped:
			doc.pop(key, None)
		if not no_private_properties:
			doc.update({key: value for key in PRIVATE_PROPERTIES if (value := getattr(self, key, None))})
		return doc

	def as_json(self) -> str:
		return frappe.as_json(self.as_dict())

	def init_child_tables(self) -> None:
		for fieldname in self._table_fieldnames:
			if self.__dict__.get(fieldname) is None:
				self.__dict__[fieldname] = []

	def init_valid_columns(self) -> None:
		values = self.__dict__
		for key in default_fields:
			values.setdefault(key, None)
		if values["docstatus"] is None:
			values["docstatus"] = DocStatus.DRAFT
		if values["idx"] is None:
			values["idx"] = 0
		for key in self.meta.get_valid_columns():
			values.setdefault(key, None)

	def is_new(self) -> Any:
		return self.get("__islocal")

	@property
	def docstatus(self) -> DocStatus:
		value = self.__dict__.get("docstatus")
		if not isinstance(value, DocStatus):
			value = self.__dict__["docstatus"] = DocStatus(value or 0)
		return value

	@docstatus.setter
	def docstatus(self, value: Any) -> None:
		self.__dict__["docstatus"] = value if isinstance(value, DocStatus) else DocStatus(value or 0)

	# --- database -------------------------------------------------------------------------------------------------

	def _database_row(self) -> dict:
		return self.meta.to_column_values(self.get_valid_dict(ignore_virtual=True))

	def db_insert(self, ignore_if_duplicate: bool = False) -> None:
		"""INSERT the row, without validation and events.

		:raises DuplicateEntryError: the name is taken
		:raises UniqueValidationError: a unique field's value is taken
		"""
		if not self.name:
			set_new_name(self)
		if not self.creation:
			self.creation = self.modified = now()
			self.owner = self.modified_by = frappe.session.user

		row = self._database_row()
		columns = ", ".join(f"`{column}`" for column in row)
		marks = ", ".join(["%s"] * len(row))
		query = f"INSERT INTO `tab{self.doctype}` ({columns}) VALUES ({marks})"
		try:
			frappe.local.db.sql(query, list(row.values()))
		except frappe.db.IntegrityError as error:
			if not self._handle_duplicate(error, ignore_if_duplicate):
				return
		self.set("__islocal", False)

	def _handle_duplicate(self, error: Exception, ignore_if_duplicate: bool) -> bool:
		"""Raise for a duplicate; True when it is to be ignored, False when the row was inserted under a new hash."""
		if not frappe.db.is_duplicate_entry(error):
			raise error
		# SQLite reports any one of the violated keys, MariaDB the primary key first
		if not (frappe.db.is_primary_key_violation(error) or frappe.db.exists(self.doctype, self.name)):
			self.show_unique_validation_message(error)
		if self.meta.autoname == "hash":
			self.flags.retry_count = (self.flags.retry_count or 0) + 1
			if self.flags.retry_count > 5:
				raise error
			self.name = None
			self.db_insert()
			return False
		if not ignore_if_duplicate:
			frappe.msgprint(
				_("{0} {1} already exists").format(_(self.doctype), frappe.bold(self.name)),
				title=_("Duplicate Name"),
				indicator="red",
			)
			raise frappe.DuplicateEntryError(self.doctype, self.name, error)
		return True

	def db_update(self) -> None:
		"""UPDATE the row (INSERT a new one), without validation and events."""
		if self.get("__islocal") or not self.name:
			self.db_insert()
			return
		row = self._database_row()
		name = cstr(row.pop("name"))
		assignments = ", ".join(f"`{column}` = %s" for column in row)
		query = f"UPDATE `tab{self.doctype}` SET {assignments} WHERE `name` = %s"
		try:
			frappe.local.db.sql(query, [*row.values(), name])
		except frappe.db.IntegrityError as error:
			if frappe.db.is_unique_key_violation(error):
				self.show_unique_validation_message(error)
			raise

	def db_update_all(self) -> None:
		self.db_update()
		for fieldname in self._table_fieldnames:
			for row in self.get(fieldname):
				row.db_update()

	def show_unique_validation_message(self, error: Exception) -> None:
		columns = frappe.db.unique_key_columns(error)
		labels = [
			self.meta.get_label(column) if self.meta.has_field(column) else column for column in columns
		]
		frappe.msgprint(_("{0} must be unique").format(", ".join(labels)))
		raise frappe.UniqueValidationError(self.doctype, self.name, error)

	def update_modified(self) -> None:
		self.set("modified", now())
		if self.meta.issingle:
			frappe.db.set_single_value(self.doctype, "modified", self.modified, update_modified=False)
		else:
			frappe.db.set_value(self.doctype, self.name, "modified", self.modified, update_modified=False)

	def _fix_numeric_types(self) -> None:
		for df in self.meta.fields:
			value = self.get(df.fieldname)
			if df.fieldtype == "Check":
				self.set(df.fieldname, cint(value))
			elif value is not None and df.fieldtype == "Int":
				self.set(df.fieldname, cint(value))
			elif value is not None and df.fieldtype in float_like_fields:
				self.set(df.fieldname, flt(value))
		self.docstatus

	# --- presentation ---------------------------------------------------------------------------------------------

	def precision(self, fieldname: str, parentfield: Any = None) -> int | None:
		"""Decimals of a numeric field (of a child table when `parentfield` is given); None for other types."""
		from frappe.model.meta import get_field_precision

		if parentfield and not isinstance(parentfield, str) and parentfield.get("parentfield"):
			parentfield = parentfield.parentfield
		known = self.__dict__.setdefault("_precision", {})
		key = (parentfield, fieldname)
		if key not in known:
			doctype = self.meta.get_field(parentfield).options if parentfield else self.doctype
			df = frappe.get_meta(doctype).get_field(fieldname)
			known[key] = get_field_precision(df, self) if df.fieldtype in float_like_fields else None
		return known[key]

	def get_formatted(
		self,
		fieldname: str,
		doc: Any = None,
		currency: str | None = None,
		absolute_value: bool = False,
		translated: bool = False,
		format: str | None = None,
	) -> str:
		from frappe.model.meta import get_default_df
		from frappe.utils.formatters import format_value

		df = self.meta.get_field(fieldname) or get_default_df(fieldname)
		value = self.get(fieldname)
		if absolute_value and isinstance(value, int | float):
			value = abs(value)
		return format_value(value, df=df, doc=doc or self, currency=currency, format=format)
