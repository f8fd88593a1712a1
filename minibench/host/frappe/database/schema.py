# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Tables and columns of doctypes: made from their fields, extended when fields are added.

Columns are only ever added: like Frappe, a removed field keeps its column, and a new type of an existing column is
not carried over (make a new site).
"""

from collections.abc import Iterable
from typing import Any

import frappe
from frappe.model import (
	NO_VALUE_FIELDS,
	float_like_fields,
	text_fieldtypes,
	varchar_fieldtypes,
)
from frappe.utils.numbers import cint, cstr, flt

STANDARD_COLUMNS = {
	"creation": "datetime(6)",
	"modified": "datetime(6)",
	"modified_by": "varchar(140) COLLATE NOCASE",
	"owner": "varchar(140) COLLATE NOCASE",
	"docstatus": "int NOT NULL DEFAULT 0",
	"idx": "int NOT NULL DEFAULT 0",
}
CHILD_COLUMNS = {name: "varchar(140) COLLATE NOCASE" for name in ("parent", "parentfield", "parenttype")}
OPTIONAL_COLUMNS = {name: "text" for name in ("_user_tags", "_comments", "_assign", "_liked_by")}

INTERNAL_TABLES = (
	"CREATE TABLE IF NOT EXISTS `tabSingles` (`doctype` varchar(255) COLLATE NOCASE,"
	" `field` varchar(255) COLLATE NOCASE, `value` text)",
	"CREATE INDEX IF NOT EXISTS `tabSingles_doctype_field` ON `tabSingles` (`doctype`, `field`)",
	"CREATE TABLE IF NOT EXISTS `tabSeries` (`name` varchar(100) NOT NULL PRIMARY KEY COLLATE NOCASE,"
	" `current` int NOT NULL DEFAULT 0)",
	"CREATE TABLE IF NOT EXISTS `tabSessions` (`user` varchar(255), `sid` varchar(255) PRIMARY KEY, `sessiondata` text,"
	" `ipaddress` varchar(16), `lastupdate` datetime(6), `status` varchar(20))",
	"CREATE TABLE IF NOT EXISTS `__Auth` (`doctype` varchar(140), `name` varchar(255), `fieldname` varchar(140),"
	" `password` text NOT NULL, `encrypted` int NOT NULL DEFAULT 0, PRIMARY KEY (`doctype`, `name`, `fieldname`))",
)


def create_internal_tables() -> None:
	for statement in INTERNAL_TABLES:
		frappe.db.sql_ddl(statement)


def updatedb(doctype: str, meta: Any = None) -> None:
	"""Create the doctype's table or add the columns and indexes that its fields ask for."""
	meta = meta or frappe.get_meta(doctype, cached=False)
	if meta.issingle or meta.get("is_virtual"):
		return
	sync_table(doctype, meta.fields, istable=meta.istable, track_seen=meta.get("track_seen"))


def sync_table(doctype: str, fields: Iterable[dict], *, istable: Any = 0, track_seen: Any = 0) -> None:
	table = f"tab{doctype}"
	columns = dict(STANDARD_COLUMNS)
	columns.update(CHILD_COLUMNS if istable else OPTIONAL_COLUMNS)
	if track_seen:
		columns["_seen"] = "text"
	value_fields = [
		df for df in fields if df["fieldtype"] not in NO_VALUE_FIELDS and not cint(df.get("is_virtual"))
	]
	columns.update({df["fieldname"]: column_definition(df) for df in value_fields})

	existing = frappe.db.get_db_table_columns(table)
	if not existing:
		definitions = [f"`{name}` {definition}" for name, definition in columns.items()]
		frappe.db.sql_ddl(
			f"CREATE TABLE `{table}` (`name` varchar(140) NOT NULL PRIMARY KEY COLLATE NOCASE, {', '.join(definitions)})"
		)
		frappe.db.add_index(doctype, ["parent"] if istable else ["modified"])
	else:
		for name, definition in columns.items():
			if name not in existing:
				frappe.db.sql_ddl(f"ALTER TABLE `{table}` ADD COLUMN `{name}` {definition}")
	_sync_indexes(doctype, value_fields)


def _sync_indexes(doctype: str, fields: Iterable[dict]) -> None:
	for df in fields:
		if cint(df.get("unique")):
			frappe.db.add_unique(doctype, [df["fieldname"]], df["fieldname"])
		elif cint(df.get("search_index")):
			frappe.db.add_index(doctype, [df["fieldname"]])


def column_definition(df: dict) -> str:
	"""SQL type of a field. The length of texts is checked by the table, as MariaDB's strict mode does."""
	fieldtype, default = df["fieldtype"], df.get("default")
	if fieldtype in float_like_fields or fieldtype in ("Rating", "Duration"):
		return f"real NOT NULL DEFAULT {flt(default)}"
	if fieldtype in ("Check", "Int", "Long Int"):
		return f"int NOT NULL DEFAULT {cint(default)}"
	if fieldtype in ("Date", "Datetime", "Time"):
		return {"Date": "date", "Datetime": "datetime(6)", "Time": "time(6)"}[fieldtype]
	if fieldtype in varchar_fieldtypes:
		length = cint(df.get("length")) or frappe.db.VARCHAR_LEN
		name = df["fieldname"]
		check = f"CONSTRAINT `{name}_too_long` CHECK (length(`{name}`) <= {length})"
		return f"varchar({length}) COLLATE NOCASE{_default(default)} {check}"
	if fieldtype in text_fieldtypes:
		return "text COLLATE NOCASE"
	raise NotImplementedError(f"fieldtype {fieldtype!r} of {df['fieldname']} is not in minibench")


def _default(value: Any) -> str:
	text = cstr(value)
	if not text or text.startswith(":") or text.lower() in ("today", "now", "__user", "user"):
		return ""
	return f" DEFAULT {frappe.db.escape(text, percent=False)}"
