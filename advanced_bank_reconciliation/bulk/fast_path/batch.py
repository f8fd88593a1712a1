# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Puts the fast path in place for a batch, if this host has all that it relies on, and takes it away again."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

import frappe
import frappe.model.document
from frappe.model.document import Document

from advanced_bank_reconciliation.bulk.fast_path.answers import FastPath
from advanced_bank_reconciliation.bulk.fast_path.host import passing_tables, starts_with
from advanced_bank_reconciliation.bulk.fast_path.process import Replacement, active, replaced

REPLACEMENTS: list[Replacement] = [
	(frappe.model.document, "get_doc", FastPath.get_doc),
	(frappe, "get_all", FastPath.get_all),
	(Document, "insert", FastPath.insert),
]


@contextmanager
def fast_path(invoices: Iterable[tuple[str, str]] = ()) -> Iterator[FastPath | None]:
	"""Answer repeated questions of the block's database transaction from memory, where the host allows it.

	invoices: (doctype, name) of the documents that will be loaded, read ahead together. The block must be a
	part of one transaction; a commit within it only makes everything be asked anew. Yields None where the
	plain path runs.
	"""
	tables = None if active() else passing_tables()
	if tables is None:
		yield active()
		return
	path = FastPath(frappe.local.db, tables)
	path.attach()
	try:
		with replaced(path, REPLACEMENTS + _further_replacements()):
			path.read_ahead(invoices)
			yield path
	finally:
		path.detach()


@cache
def _further_replacements() -> list[Replacement]:
	"""Return those that have the arguments that are known, and are not missed where they have others."""
	found: list[Replacement] = []
	if starts_with(frappe.get_attr, ("method_string",)):
		found.append((frappe, "get_attr", FastPath.get_attr))
	if starts_with(frappe.new_doc, ("doctype", "parent_doc", "parentfield", "as_dict")):
		found.append((frappe, "new_doc", FastPath.new_doc))
	redis = type(frappe.cache)
	if (
		starts_with(redis.delete_value, ("self", "keys", "user", "make_keys", "shared"))
		and starts_with(redis.execute_command, ("self", "args", "options"))
		and hasattr(frappe.db, "before_commit")
	):
		found.append((redis, "delete_value", FastPath.delete_value))
		found.append((redis, "execute_command", FastPath.execute_command))
	return found
