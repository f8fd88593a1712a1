# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Small parts of the database layer with Frappe's names."""

from contextlib import contextmanager

import frappe

DefaultOrderBy = "KEEP_DEFAULT_ORDERING"
FallBackDateTimeStr = "0001-01-01 00:00:00.000000"
NestedSetHierarchy = (
	"ancestors of",
	"descendants of",
	"descendants of (inclusive)",
	"not ancestors of",
	"not descendants of",
)


@contextmanager
def savepoint(catch: type | tuple[type, ...] = Exception):
	"""`with savepoint(ValidationError):` undoes the block's writes when it raises that, and goes on."""
	name = "sp_" + frappe.generate_hash(length=10)
	frappe.db.savepoint(name)
	try:
		yield
	except catch:
		frappe.db.rollback(save_point=name)
	else:
		frappe.db.release_savepoint(name)
