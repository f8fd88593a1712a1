# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The document-level part of `frappe.db`: values, Singles, existence, counts, bulk writes, defaults."""

from collections.abc import Iterable, Sequence
from typing import Any

import frappe
import frappe.defaults
from frappe.database.query import Query, plain_condition
from frappe.database.utils import DefaultOrderBy, FallBackDateTimeStr
from frappe.types.frappedict import _dict
from frappe.utils import CallbackManager, get_datetime, get_table_name, getdate, now, sbool
from frappe.utils.filters import cast_fieldtype


class Database:
	"""Base of the SQLite database: everything that is built on `sql`."""

	VARCHAR_LEN = 140

	def __init__(self):
		self.last_query = ""
		self.transaction_writes = 0
		self.value_cache: dict = {}
		self.pending_cache_clears: set = set()
		self.before_commit = CallbackManager()
		self.after_commit = CallbackManager()
		self.before_rollback = CallbackManager()
		self.after_rollback = CallbackManager()

	def sql(self, query: Any, values: Any = (), **kwargs) -> Any:
		raise NotImplementedError

	def sql_list(self, query: str, values: Any = (), **kwargs) -> list:
		return self.sql(query, values, **kwargs, pluck=True)

	# --- values ---------------------------------------------------------------------------------------------------

	def get_value(
		self,
		doctype: str,
		filters: Any = None,
		fieldname: str | list = "name",
		ignore: Any = None,
		as_dict: bool = False,
		debug: bool = False,
		order_by: str | None = DefaultOrderBy,
		cache: bool = False,
		for_update: bool = False,
		*,
		run: bool = True,
		pluck: bool = False,
		distinct: bool = False,
		skip_locked: bool = False,
		wait: bool = True,
	) -> Any:
		"""One value, a row of values (`fieldname` a list), or a dict (`as_dict`) of the latest matching document."""
		result = self.get_values(
			doctype, filters, fieldname, ignore, as_dict, debug, order_by, cache=cache, for_update=for_update,
			run=run, pluck=pluck, distinct=distinct, limit=1, skip_locked=skip_locked, wait=wait,
		)  # fmt: skip
		if not run:
			return result
		if not result:
			return None
		row = result[0]
		if pluck or as_dict or len(row) > 1:
			return row
		return row[0]

	def get_values(
		self,
		doctype: str,
		filters: Any = None,
		fieldname: str | list = "name",
		ignore: Any = None,
		as_dict: bool = False,
		debug: bool = False,
		order_by: str | None = DefaultOrderBy,
		update: dict | None = None,
		cache: bool = False,
		for_update: bool = False,
		*,
		run: bool = True,
		pluck: bool = False,
		distinct: bool = False,
		limit: int | None = None,
		skip_locked: bool = False,
		wait: bool = True,
	) -> Any:
		"""Rows of the matching documents; a doctype without a table is looked up in Singles."""
		cache_key = None
		if cache and isinstance(filters, str) and isinstance(fieldname, str):
			cache_key = (doctype, filters, fieldname, as_dict)
			if cache_key in self.value_cache:
				return self.value_cache[cache_key]
		if filters is None or (filters == doctype and doctype != "DocType"):
			rows = self.get_values_from_single(fieldname, filters, doctype, as_dict, update, pluck=pluck)
		else:
			if isinstance(filters, list) and not (filters := [name for name in filters if name]):
				return {}
			query = Query(
				doctype, fieldname, filters, order_by if not distinct else None, limit=limit, distinct=distinct,
				for_update=for_update, skip_locked=skip_locked, wait=wait,
			)  # fmt: skip
			try:
				rows = query.run(
					as_dict=as_dict or fieldname == "*", debug=debug, update=update, run=run, pluck=pluck
				)
			except Exception as error:
				if self.is_table_missing(error) and not ignore:
					return self.get_values_from_single(
						fieldname, filters, doctype, as_dict, update, pluck=pluck
					)
				if not (ignore and self.is_missing_table_or_column(error)):
					raise
				rows = None
		if cache_key and rows:
			self.value_cache[cache_key] = rows
		return rows

	def get_values_from_single(
		self,
		fields: str | list,
		filters: Any,
		doctype: str,
		as_dict: bool = False,
		update=None,
		*,
		pluck=False,
	) -> list:
		values = self.get_singles_dict(doctype)
		if isinstance(filters, dict) and any(values.get(key) != value for key, value in filters.items()):
			return []
		if fields == "*":
			return [values] if values else []
		names = [fields] if isinstance(fields, str) else fields
		row = _dict({field: values[field] for field in names if field in values})
		if not row:
			return []
		row.update(update or {})
		if as_dict:
			return [row]
		return [row.get(names[0])] if pluck else [[row.get(field) for field in names]]

	def get_singles_dict(
		self, doctype: str, debug: bool = False, *, for_update: bool = False, cast: bool = False
	) -> _dict:
		"""The stored values (text) of a Single; `cast` makes them the types of their fields."""
		lock = " FOR UPDATE" if for_update else ""
		values = _dict(self.sql(f"SELECT field, value FROM tabSingles WHERE doctype = %s{lock}", (doctype,)))
		if cast:
			meta = frappe.get_meta(doctype)
			for fieldname, value in values.items():
				if df := meta.get_field(fieldname):
					values[fieldname] = cast_fieldtype(df.fieldtype, value)
		return values

	def get_single_value(self, doctype: str, fieldname: str, cache: bool = True) -> Any:
		"""
		:raises ValidationError: the Single has no such field
		"""
		values = self.value_cache.setdefault(doctype, {})
		if cache and fieldname in values:
			return values[fieldname]
		df = frappe.get_meta(doctype).get_field(fieldname)
		if not df:
			field, single = frappe.bold(fieldname), frappe.bold(doctype)
			frappe.throw(frappe._("Field {0} does not exist on {1}").format(field, single))
		query = "SELECT value FROM tabSingles WHERE doctype = %s AND field = %s"
		stored = self.sql(query, (doctype, fieldname), pluck=True)
		values[fieldname] = cast_fieldtype(df.fieldtype, stored[0] if stored else None)
		return values[fieldname]

	get_singles_value = get_single_value

	def set_single_value(
		self,
		doctype: str,
		fieldname: str | dict,
		value: Any = None,
		*,
		modified: Any = None,
		modified_by: str | None = None,
		update_modified: bool = True,
		debug: bool = False,
	) -> None:
		to_update = self._get_update_dict(fieldname, value, modified, modified_by, update_modified)
		for field, field_value in to_update.items():
			self.sql("DELETE FROM tabSingles WHERE doctype = %s AND field = %s", (doctype, field))
			query = "INSERT INTO tabSingles (doctype, field, value) VALUES (%s, %s, %s)"
			self.sql(query, (doctype, field, sbool(field_value)))
		frappe.clear_document_cache(doctype, doctype)
		self.value_cache.pop(doctype, None)

	@staticmethod
	def _get_update_dict(
		fieldname: Any, value: Any, modified: Any, modified_by: Any, update_modified: bool
	) -> dict:
		to_update = fieldname if isinstance(fieldname, dict) else {fieldname: value}
		if update_modified:
			to_update.update(modified=modified or now(), modified_by=modified_by or frappe.session.user)
		return to_update

	def set_value(
		self,
		dt: str,
		dn: Any,
		field: str | dict,
		val: Any = None,
		modified: Any = None,
		modified_by: str | None = None,
		update_modified: bool = True,
		debug: bool = False,
	) -> None:
		"""Write columns directly: no validation, no events. `dn` is a name or filters."""
		if dn is None or dt == dn:
			if frappe.get_meta(dt).issingle:
				self.set_single_value(
					dt,
					field,
					val,
					modified=modified,
					modified_by=modified_by,
					update_modified=update_modified,
				)
			return
		to_update = self._get_update_dict(field, val, modified, modified_by, update_modified)
		values = frappe.get_meta(dt).to_column_values(to_update)
		assignments = ", ".join(f"`{column}` = %s" for column in values)
		where, parameters = plain_condition(dt, dn)
		frappe.clear_document_cache(dt, dn if isinstance(dn, str) else None)
		self.sql(
			f"UPDATE {get_table_name(dt, True)} SET {assignments}{where}", [*values.values(), *parameters]
		)
		self._forget_values(dt)

	def _forget_values(self, doctype: str) -> None:
		for key in [key for key in self.value_cache if key == doctype or key[0] == doctype]:
			del self.value_cache[key]

	def bulk_update(
		self,
		doctype: str,
		doc_updates: dict[str, dict],
		*,
		chunk_size: int = 100,
		modified: Any = None,
		modified_by: str | None = None,
		update_modified: bool = True,
		debug: bool = False,
	) -> None:
		"""`set_value` for many documents: {name: {field: value}}."""
		for name, values in doc_updates.items():
			self.set_value(
				doctype, name, dict(values), modified=modified, modified_by=modified_by,
				update_modified=update_modified,
			)  # fmt: skip

	def bulk_insert(
		self,
		doctype: str,
		fields: list[str],
		values: Iterable[Sequence],
		ignore_duplicates: bool = False,
		*,
		chunk_size: int = 10_000,
	) -> None:
		"""Insert rows without documents, events or defaults."""
		columns = ", ".join(f"`{field}`" for field in fields)
		marks = ", ".join(["%s"] * len(fields))
		ignore = " IGNORE" if ignore_duplicates else ""
		query = f"INSERT{ignore} INTO {get_table_name(doctype, True)} ({columns}) VALUES ({marks})"
		to_column_values = frappe.get_meta(doctype).to_column_values
		for row in values:
			self.sql(query, list(to_column_values(dict(zip(fields, row, strict=True))).values()))

	def delete(self, doctype: str, filters: Any = None, debug: bool = False, **kwargs) -> None:
		"""Delete rows directly: no events. Without filters, all rows."""
		where, parameters = plain_condition(doctype, filters or kwargs.get("conditions"))
		self.sql(f"DELETE FROM {get_table_name(doctype, True)}{where}", parameters)
		self._forget_values(doctype)

	def truncate(self, doctype: str) -> None:
		self.sql_ddl(f"DELETE FROM {get_table_name(doctype, True)}")
		self.commit()

	# --- existence and counts -------------------------------------------------------------------------------------

	def exists(self, dt: str | dict, dn: Any = None, cache: bool = False) -> Any:
		"""The name of a matching document, or None. `dt` may be a dict of filters with "doctype"."""
		if dt != "DocType" and dt == dn:
			return dn
		if isinstance(dt, dict):
			dn = dict(dt)
			dt = dn.pop("doctype")
		return self.get_value(dt, dn, ignore=True, cache=cache, order_by=None)

	def count(
		self, dt: str, filters: Any = None, debug: bool = False, cache: bool = False, distinct: bool = True
	) -> int:
		where, parameters = plain_condition(dt, filters)
		return self.sql(f"SELECT COUNT(*) FROM {get_table_name(dt, True)}{where}", parameters)[0][0]

	def estimate_count(self, doctype: str) -> int:
		return self.count(doctype)

	def a_row_exists(self, doctype: str) -> bool:
		return bool(self.sql(f"SELECT name FROM {get_table_name(doctype, True)} LIMIT 1"))

	def table_exists(self, doctype: str, cached: bool = True) -> bool:
		return bool(self.get_db_table_columns(f"tab{doctype}"))

	has_table = table_exists

	def get_table_columns(self, doctype: str) -> list[str]:
		columns = self.get_db_table_columns(f"tab{doctype}")
		if not columns:
			raise self.TableMissingError("DocType", doctype)
		return columns

	def has_column(self, doctype: str, column: str) -> bool:
		return column in self.get_table_columns(doctype)

	def field_exists(self, dt: str, fn: str) -> Any:
		return self.exists("DocField", {"fieldname": fn, "parent": dt})

	def is_missing_table_or_column(self, e: Exception) -> bool:
		return self.is_missing_column(e) or self.is_table_missing(e)

	# --- lists and defaults ---------------------------------------------------------------------------------------

	@staticmethod
	def get_all(*args, **kwargs) -> list:
		return frappe.get_all(*args, **kwargs)

	@staticmethod
	def get_list(*args, **kwargs) -> list:
		return frappe.get_list(*args, **kwargs)

	def get_system_setting(self, key: str) -> Any:
		return frappe.get_system_settings(key)

	def get_global(self, key: str, user: str = "__global") -> Any:
		return self.get_default(key, user)

	def set_global(self, key: str, val: Any, user: str = "__global") -> None:
		self.set_default(key, val, user)

	def get_default(self, key: str, parent: str = "__default") -> Any:
		value = self.get_defaults(key, parent)
		return value[0] if isinstance(value, list) and value else value

	@staticmethod
	def set_default(key: str, val: Any, parent: str = "__default", parenttype: str | None = None) -> None:
		frappe.defaults.set_default(key, val, parent, parenttype)

	@staticmethod
	def add_default(key: str, val: Any, parent: str = "__default", parenttype: str | None = None) -> None:
		frappe.defaults.add_default(key, val, parent, parenttype)

	@staticmethod
	def get_defaults(key: str | None = None, parent: str = "__default") -> Any:
		defaults = frappe.defaults.get_defaults_for(parent)
		if not key:
			return defaults
		return defaults[key] if key in defaults else defaults.get(frappe.scrub(key))

	@staticmethod
	def format_date(date: Any) -> str:
		return getdate(date).strftime("%Y-%m-%d")

	@staticmethod
	def format_datetime(datetime: Any) -> str:
		return get_datetime(datetime).strftime("%Y-%m-%d %H:%M:%S.%f") if datetime else FallBackDateTimeStr

	def multisql(self, sql_dict: dict, values: Any = (), **kwargs) -> Any:
		return self.sql(sql_dict.get(self.db_type) or sql_dict.get("mariadb"), values, **kwargs)
