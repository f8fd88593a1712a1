# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""`frappe.db`: one SQLite connection per thread."""

from typing import Any


def get_db(path: str, conf: Any = None):
	"""
	:param path: the site's database file
	:param conf: site config; `lock_wait_timeout` seconds a write waits for another transaction (default 50)
	"""
	from frappe.database.sqlite.database import SQLiteDatabase

	return SQLiteDatabase(path, float((conf or {}).get("lock_wait_timeout") or 50))


def savepoint(catch: type | tuple[type, ...] = Exception):
	from frappe.database.utils import savepoint

	return savepoint(catch)
