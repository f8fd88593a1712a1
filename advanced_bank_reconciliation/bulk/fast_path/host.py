# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Whether this host is one where the fast path's reasoning holds. Features are looked for, never versions."""

import inspect
from typing import Any

import frappe
import frappe.model.document

#: What is relied on: arguments of functions that are taken the place of.
_SQL = ("query", "values")
_GET_VALUES = ("doctype", "filters", "fieldname", "ignore", "as_dict", "debug", "order_by", "update", "cache")
_SET_VALUE = ("dt", "dn", "field", "val")
#: Levels under which nothing is read that is not committed, and nothing is locked by plain reading.
ISOLATION_LEVELS = ("REPEATABLE-READ", "READ-COMMITTED")
_KNOWN = "_abr_passing_tables"


def passing_tables() -> frozenset[str] | None:
	"""Return the tables whose rows may change under a transaction, or None if the fast path must not be used.

	Asked once for each connection. A trigger could write where no statement says so.
	"""
	db = frappe.local.db
	known = db.__dict__.get(_KNOWN)
	if known is None or known[0] is not getattr(db, "_conn", None):
		known = (getattr(db, "_conn", None), _ask(db) if _has_all(db) else None)
		db.__dict__[_KNOWN] = known
	return known[1]


def _has_all(db: Any) -> bool:
	driver = getattr(db, "_conn", None)
	if getattr(db, "db_type", None) != "mariadb" or not (
		hasattr(driver, "query") and hasattr(driver, "__dict__")
	):
		return False
	try:
		return (
			starts_with(db.sql, _SQL)
			and starts_with(db.get_values, _GET_VALUES)
			and starts_with(db.set_value, _SET_VALUE)
			and callable(frappe.model.document.get_doc)
			and callable(frappe.get_all)
			and callable(frappe.get_document_cache_key)
			and callable(frappe.cache.make_key)
			and isinstance(frappe.local.cache, dict)
		)
	except (AttributeError, TypeError, ValueError):
		return False


def starts_with(function: Any, names: tuple[str, ...]) -> bool:
	"""Return whether these are the first arguments of the function."""
	return tuple(inspect.signature(function).parameters)[: len(names)] == names


def _ask(db: Any) -> frozenset[str] | None:
	isolation = db.sql("select @@tx_isolation")[0][0]
	if isolation not in ISOLATION_LEVELS or db.sql("show triggers"):
		return None
	doctypes = db.sql(
		"select name from `tabDocType` where engine is not null and engine not in ('', 'InnoDB')"
	)
	return frozenset(f"tab{name}" for (name,) in doctypes)
