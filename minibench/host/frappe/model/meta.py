# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""DocType as code sees it: `frappe.get_meta(doctype)`, with fields, custom fields and permissions.

Metas are kept per process and site and read anew when the database's schema or custom fields have changed.
"""

import datetime
from functools import cached_property
from typing import Any

import frappe
from frappe.model import (
	NO_VALUE_FIELDS,
	child_table_fields,
	data_fieldtypes,
	datetime_fields,
	default_fields,
	optional_fields,
	table_fields,
)
from frappe.types.frappedict import _dict
from frappe.utils.dates import get_datetime, getdate, to_timedelta
from frappe.utils.filters import _filter
from frappe.utils.numbers import cint, get_number_format_info

_METAS: dict[str, tuple[tuple, dict[str, "Meta"]]] = {}
_text_fieldnames: set[str] = set()
_date_fieldnames: set[str] = {"creation", "modified"}


def drop_stale_metas() -> None:
	"""Take over the process's metas of this site, unless doctypes or custom fields changed since they were read."""
	version = _version()
	known, metas = _METAS.get(frappe.local.db.path, (None, {}))
	if known != version:
		metas = {}
		_METAS[frappe.local.db.path] = (version, metas)
	frappe.local.metas = metas


def _version() -> tuple:
	sql = frappe.local.db.sql
	return (sql("PRAGMA schema_version")[0][0], sql("PRAGMA user_version")[0][0])


def get_meta(doctype: str, cached: bool = True) -> "Meta":
	metas = frappe.local.metas
	if not cached or doctype not in metas:
		metas[doctype] = Meta(doctype)
	return metas[doctype]


def clear_meta_cache(doctype: str | None = None) -> None:
	"""Forget one meta or all, here and (at their next connection) in the other processes."""
	if doctype:
		frappe.local.metas.pop(doctype, None)
	else:
		frappe.local.metas.clear()
	frappe.local.valid_columns = {}
	database = frappe.local.db
	version = database.sql("PRAGMA user_version")[0][0]
	database.sql(f"PRAGMA user_version = {version + 1}")


def is_text_fieldname(name: str) -> bool:
	"""Whether fields of that name hold text in all doctypes known so far."""
	return name in _text_fieldnames and name not in _date_fieldnames


class DocField(_dict):
	"""A field's properties; missing ones read as None."""

	__slots__ = ()

	def as_dict(self, *args, **kwargs) -> _dict:
		return _dict(self)


class Meta:
	def __init__(self, doctype: str):
		row = _load_row(doctype)
		self.doctype = "DocType"
		self.__dict__.update(row)
		self.fields = _load_fields(doctype)
		self.permissions = _load_rows("Custom DocPerm", doctype) or _load_rows("DocPerm", doctype)
		for df in self.fields:
			if df.fieldtype in datetime_fields:
				_date_fieldnames.add(df.fieldname)
			elif df.fieldtype not in NO_VALUE_FIELDS:
				_text_fieldnames.add(df.fieldname)

	def __repr__(self) -> str:
		return f"<Meta: {self.name}>"

	def get(self, key: str, filters: Any = None, limit: int | None = None, default: Any = None) -> Any:
		"""A property, or the fields/permissions that meet filters: `get("fields", {"fieldtype": "Link"})`."""
		value = self.__dict__.get(key, filters if not isinstance(filters, dict) else default)
		return _filter(value, filters, limit=limit) if isinstance(filters, dict) else value

	@cached_property
	def _fields(self) -> dict[str, DocField]:
		return {df.fieldname: df for df in self.fields}

	def get_field(self, fieldname: str) -> DocField | None:
		return self._fields.get(fieldname)

	def has_field(self, fieldname: str) -> bool:
		return fieldname in self._fields

	def get_label(self, fieldname: str) -> str:
		df = self.get_field(fieldname)
		if df:
			return df.get("label") or fieldname
		labels = {
			"name": "ID", "creation": "Created On", "docstatus": "Document Status", "idx": "Index",
			"modified": "Last Updated On", "modified_by": "Last Updated By", "owner": "Created By",
		}  # fmt: skip
		return labels.get(fieldname) or "No Label"

	def get_options(self, fieldname: str) -> str | None:
		return self._fields[fieldname].options

	@cached_property
	def _table_fields(self) -> list[DocField]:
		return [df for df in self.fields if df.fieldtype in table_fields]

	def get_table_fields(self, include_computed: bool = False) -> list[DocField]:
		return self._table_fields

	def get_table_field_doctype(self, fieldname: str) -> str | None:
		df = self.get_field(fieldname)
		return df.options if df and df.fieldtype in table_fields else None

	@cached_property
	def _link_fields(self) -> list[DocField]:
		return [df for df in self.fields if df.fieldtype == "Link" and df.options != "[Select]"]

	def get_link_fields(self) -> list[DocField]:
		return list(self._link_fields)

	@cached_property
	def _dynamic_link_fields(self) -> list[DocField]:
		return [df for df in self.fields if df.fieldtype == "Dynamic Link"]

	def get_dynamic_link_fields(self) -> list[DocField]:
		return list(self._dynamic_link_fields)

	@cached_property
	def _select_fields(self) -> list[DocField]:
		excluded = ("[Select]", "Loading...")
		return [df for df in self.fields if df.fieldtype == "Select" and df.options not in excluded]

	def get_select_fields(self) -> list[DocField]:
		return self._select_fields

	@cached_property
	def mandatory_fields(self) -> list[DocField]:
		return [df for df in self.fields if df.reqd]

	@cached_property
	def non_negative_fields(self) -> list[DocField]:
		return [df for df in self.fields if df.non_negative and df.fieldtype in ("Int", "Float", "Currency")]

	@cached_property
	def email_and_url_fields(self) -> list[DocField]:
		return [df for df in self.fields if df.fieldtype == "Data" and df.options in ("Email", "URL")]

	@cached_property
	def password_fields(self) -> list[DocField]:
		return [df for df in self.fields if df.fieldtype == "Password"]

	@cached_property
	def set_only_once_fields(self) -> list[DocField]:
		standard = [
			DocField(fieldname="creation", fieldtype="Datetime", label="Created On"),
			DocField(fieldname="owner", fieldtype="Data", label="Created By"),
		]
		return [df for df in self.fields if df.set_only_once] + standard

	def get_set_only_once_fields(self) -> list[DocField]:
		return self.set_only_once_fields

	def get_high_permlevel_fields(self) -> list[DocField]:
		return self.high_permlevel_fields

	@cached_property
	def high_permlevel_fields(self) -> list[DocField]:
		return [df for df in self.fields if cint(df.permlevel) > 0]

	@cached_property
	def fetch_map(self) -> dict[str, list[DocField]]:
		"""Link fieldname -> fields whose `fetch_from` reads through it."""
		result: dict[str, list[DocField]] = {}
		for df in self.fields:
			if df.fetch_from and "." in df.fetch_from:
				result.setdefault(df.fetch_from.split(".")[0], []).append(df)
		return result

	def get_fields_to_fetch(self, link_fieldname: str | None = None) -> list[DocField]:
		if link_fieldname:
			return self.fetch_map.get(link_fieldname, [])
		return [df for fields in self.fetch_map.values() for df in fields]

	@property
	def default_fields(self) -> list[str]:
		return list(default_fields[1:])

	@cached_property
	def _valid_columns(self) -> list[str]:
		children = list(child_table_fields) if self.istable else []
		return (
			self.default_fields
			+ children
			+ [df.fieldname for df in self.fields if df.fieldtype in data_fieldtypes]
		)

	def get_valid_columns(self) -> list[str]:
		return self._valid_columns

	def get_fieldnames_with_value(
		self, with_field_meta: bool = False, with_virtual_fields: bool = False
	) -> list:
		fields = [
			df
			for df in self.fields
			if df.fieldtype not in NO_VALUE_FIELDS and (with_virtual_fields or not df.is_virtual)
		]
		return fields if with_field_meta else [df.fieldname for df in fields]

	def get_search_fields(self) -> list[str]:
		fields = [field.strip() for field in (self.search_fields or "name").split(",")]
		return fields if "name" in fields else [*fields, "name"]

	def get_title_field(self) -> str:
		return self.title_field or ("title" if self.has_field("title") else "name")

	def get_naming_series_options(self) -> list[str]:
		df = self.get_field("naming_series")
		return (df.options or "").split("\n") if df else []

	def get_permissions(self, parenttype: str | None = None) -> list[_dict]:
		return get_meta(parenttype).permissions if self.istable and parenttype else self.permissions

	def get_permlevel_access(
		self, permission_type: str = "read", parenttype: str | None = None, *, user: str | None = None
	) -> list[int]:
		roles = set(frappe.get_roles(user))
		levels = [
			cint(p.permlevel)
			for p in self.get_permissions(parenttype)
			if p.role in roles and p.get(permission_type)
		]
		return list(dict.fromkeys(levels))

	def get_permitted_fieldnames(
		self,
		parenttype: str | None = None,
		*,
		user: str | None = None,
		permission_type: str = "read",
		**_options,
	) -> list[str]:
		"""Fields at permission levels that the user's roles reach."""
		if not self.get_permissions(parenttype):
			return self.get_fieldnames_with_value()
		levels = set(self.get_permlevel_access(permission_type, parenttype, user=user))
		return [df.fieldname for df in self.get_fieldnames_with_value(True) if cint(df.permlevel) in levels]

	def get_workflow(self) -> None:
		return None

	@cached_property
	def _datetime_columns(self) -> dict[str, str]:
		columns = {df.fieldname: df.fieldtype for df in self.fields if df.fieldtype in datetime_fields}
		return {"creation": "Datetime", "modified": "Datetime", **columns}

	def to_column_values(self, values: dict[str, Any]) -> dict[str, Any]:
		"""The values as their columns store them (see to_column_value)."""
		typed = self._datetime_columns
		return {
			name: self.to_column_value(name, value) if value is not None and name in typed else value
			for name, value in values.items()
		}

	def to_column_value(self, fieldname: str, value: Any) -> Any:
		"""Dates and times in their one form, so that they compare; MariaDB's column types do that there.

		:raises DataError: (of the database) the text is no date or time
		"""
		fieldtype = self._datetime_columns.get(fieldname)
		if not fieldtype or value is None:
			return value
		try:
			if fieldtype == "Date":
				return getdate(value)
			if fieldtype == "Datetime":
				return get_datetime(value)
			if isinstance(value, datetime.datetime):
				value = value.time()
			return to_timedelta(value)
		except (ValueError, OverflowError, TypeError, frappe.ValidationError) as error:
			message = f"Incorrect {fieldtype.lower()} value: {value!r} for column '{fieldname}'"
			raise frappe.db.DataError(message) from error


def _load_row(doctype: str) -> _dict:
	rows = frappe.local.db.sql("SELECT * FROM `tabDocType` WHERE name = %s", (doctype,), as_dict=True)
	if not rows:
		frappe.throw(
			frappe._("DocType {0} not found").format(doctype), frappe.DoesNotExistError(doctype=doctype)
		)
	return rows[0]


def _load_rows(child: str, doctype: str) -> list:
	query = f"SELECT * FROM `tab{child}` WHERE parent = %s AND parenttype = 'DocType' ORDER BY idx"
	return frappe.local.db.sql(query, (doctype,), as_dict=True, ignore_ddl=child == "Custom DocPerm")


def _load_fields(doctype: str) -> list[DocField]:
	fields = [DocField(row) for row in _load_rows("DocField", doctype)]
	query = "SELECT * FROM `tabCustom Field` WHERE dt = %s ORDER BY idx, creation"
	for row in frappe.local.db.sql(query, (doctype,), as_dict=True, ignore_ddl=True):
		custom = DocField(row, is_custom_field=1, parent=doctype, parenttype="DocType")
		names = [df.fieldname for df in fields]
		after = custom.insert_after
		fields.insert(names.index(after) + 1 if after in names else len(fields), custom)
	for idx, df in enumerate(fields, 1):
		df.idx = idx
	return fields


def is_single(doctype: str) -> bool:
	return bool(get_meta(doctype).issingle)


def get_table_columns(doctype: str) -> list[str]:
	return frappe.db.get_table_columns(doctype)


def get_field_currency(df: Any, doc: Any = None) -> str | None:
	"""Currency of a field: the document field that its options name, or "Doctype:link field:field"."""
	if not df.get("options") or not doc:
		return None
	options = df.get("options")
	if ":" in options:
		parts = options.split(":")
		if len(parts) == 3:
			return frappe.get_cached_value(parts[0], doc.get(parts[1]), parts[2])
		return None
	if currency := doc.get(options):
		return currency
	if parent := getattr(doc, "parent_doc", None):
		return parent.get(options)
	if doc.get("parenttype") and get_meta(doc.parenttype).has_field(options):
		return frappe.db.get_value(doc.parenttype, doc.parent, options)
	return None


def get_field_precision(df: Any, doc: Any = None, currency: str | None = None) -> int:
	"""Decimals of a field: its own precision, else the system's for currency or float fields (2 and 3)."""
	if df.get("precision"):
		return cint(df.get("precision"))
	if df.get("fieldtype") == "Currency":
		precision = cint(frappe.db.get_default("currency_precision"))
		return precision or get_number_format_info(frappe.db.get_default("number_format") or "#,###.##")[2]
	return cint(frappe.db.get_default("float_precision")) or 3


def get_default_df(fieldname: str) -> _dict | None:
	"""Type of a column that every document has."""
	if fieldname not in default_fields + child_table_fields + optional_fields:
		return None
	fieldtype = {"creation": "Datetime", "modified": "Datetime", "idx": "Int", "docstatus": "Int"}
	return _dict(fieldname=fieldname, fieldtype=fieldtype.get(fieldname, "Data"))
