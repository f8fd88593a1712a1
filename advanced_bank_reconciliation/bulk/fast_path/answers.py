# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What answers in the place of Frappe's functions during one batch."""

from collections.abc import Callable, Iterable
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import now

from advanced_bank_reconciliation.bulk.fast_path.cache_keys import CacheKeys
from advanced_bank_reconciliation.bulk.fast_path.connection import RememberingConnection
from advanced_bank_reconciliation.bulk.fast_path.copies import copy_document, copy_rows, is_flat, key_of
from advanced_bank_reconciliation.bulk.fast_path.held import Held
from advanced_bank_reconciliation.bulk.fast_path.memo import NOTHING, Memo
from advanced_bank_reconciliation.bulk.fast_path.new_docs import NewDocs
from advanced_bank_reconciliation.bulk.fast_path.read_ahead import ReadAhead

#: What batches insert by the hundred: payments, and the lines of an imported statement.
INSERTED_BY_US = ("Payment Entry", "Bank Transaction")


class FastPath:
	"""The memo of one transaction, and the calls that it answers."""

	def __init__(self, db: Any, never_remembered: frozenset[str]) -> None:
		self.db = db
		self.memo = Memo()
		self.connection = RememberingConnection(db, self.memo, never_remembered)
		self.inserting: list[Awaited] = []
		self.held = Held(self.connection)
		self.cache_keys = CacheKeys()
		self.new_docs = NewDocs()
		self._functions: dict[str, Any] = {}

	def attach(self) -> None:
		"""Stand before the connection."""
		self.connection.attach()
		self._set_value = self.held.set_value = self.db.set_value
		self.connection.take_the_place(self.db, "set_value", self.set_value)

	def detach(self) -> None:
		"""Send what is held, and leave the connection as it was."""
		try:
			self.held.send()
		finally:
			self.connection.detach()
			self.cache_keys.send()

	def get_attr(self, original: Callable, method_string: str) -> Any:
		"""`frappe.get_attr`: which function a hook's path means."""
		if method_string not in self._functions:
			self._functions[method_string] = original(method_string)
		return self._functions[method_string]

	def new_doc(self, *args: Any, **kwargs: Any) -> Any:
		"""`frappe.new_doc`."""
		return self.new_docs.new_doc(*args, **kwargs)

	def delete_value(self, *args: Any, **kwargs: Any) -> None:
		"""`frappe.cache.delete_value`."""
		self.cache_keys.delete_value(*args, **kwargs)

	def execute_command(self, *args: Any, **kwargs: Any) -> Any:
		"""Any command of `frappe.cache` to Redis."""
		return self.cache_keys.execute_command(*args, **kwargs)

	def get_doc(self, original: Callable, *args: Any, **kwargs: Any) -> Any:
		"""`frappe.get_doc(doctype, name)`: each caller gets a document of its own to change."""
		if len(args) != 2 or not isinstance(args[0], str) or not isinstance(args[1], str):
			return original(*args, **kwargs)
		if kwargs.keys() - {"for_update"}:
			return original(*args, **kwargs)
		key = key_of("get_doc", args, bool(kwargs.get("for_update")))
		self.connection.look_behind()
		known = self.memo.recall(key)
		if known is not NOTHING:
			return copy_document(known)
		with self.memo.reading() as reading:
			doc = original(*args, **kwargs)
		if reading.is_lasting and reading.rows:
			self.memo.remember(key, copy_document(doc), reading.rows)
		return doc

	def get_all(self, original: Callable, *args: Any, **kwargs: Any) -> Any:
		"""`frappe.get_all`, which minds no permissions, so that its answer is of the tables alone."""
		key = None
		if not (kwargs.get("debug") or kwargs.get("update") or kwargs.get("run") is False):
			key = key_of("get_all", args, sorted(kwargs.items()))
		if not key:
			return original(*args, **kwargs)
		self.connection.look_behind()
		known = self.memo.recall(key)
		if known is not NOTHING:
			return copy_rows(known)
		with self.memo.reading() as reading:
			answer = original(*args, **kwargs)
		if reading.is_lasting and reading.rows and is_flat(answer):
			self.memo.remember(key, answer, reading.rows)
			return copy_rows(answer)
		return answer

	def insert(self, original: Callable, doc: Document, *args: Any, **kwargs: Any) -> Any:
		"""`Document.insert`: until a document's rows are in the database, no UPDATE of them is sent.

		ERPNext's validations write fields of the document and of its rows with `db_set`. These UPDATEs can reach no row:
		the INSERT that follows would fail, with everything undone, if there were one of that name already.
		"""
		if doc.doctype not in INSERTED_BY_US or args or kwargs:
			return original(doc, *args, **kwargs)
		self.inserting.append(Awaited(doc))
		try:
			return original(doc)
		finally:
			self.inserting.pop()

	def set_value(self, dt: Any, dn: Any, *args: Any, **kwargs: Any) -> None:
		"""`frappe.db.set_value`, unless the row is known not to be in the database yet."""
		if not isinstance(dn, str) or dt == dn:
			self._set_value(dt, dn, *args, **kwargs)
		elif not any(awaited.has(dt, dn) for awaited in self.inserting):
			self._set_known_value(dt, dn, *args, **kwargs)

	def _set_known_value(
		self,
		dt: str,
		dn: str,
		field: Any,
		val: Any = None,
		modified: Any = None,
		modified_by: Any = None,
		update_modified: Any = True,
		debug: Any = False,
	) -> None:
		self.connection.look_behind()
		changes = dict(field) if isinstance(field, dict) else {field: val}
		if update_modified:
			modified, modified_by = modified or now(), modified_by or frappe.session.user
			changes.update(modified=modified, modified_by=modified_by)
		known, table = self.connection.known, f"tab{dt}"
		if known.is_inserted(table, dn) and not _is_cached(dt, dn):
			if not known.amend(table, dn, changes, lambda: self.held.add(dt, dn, changes)):
				self.held.send()  # what it will look like is not known, so it must be asked
			return
		known.amend(
			table,
			dn,
			changes,
			lambda: self._set_value(dt, dn, field, val, modified, modified_by, update_modified, debug),
		)

	def read_ahead(self, keys: Iterable[tuple[str, str]]) -> None:
		"""Read what `keys`, documents of which each (doctype, name) is locked by this transaction, consist of."""
		names: dict[str, list[str]] = {}
		for doctype, name in keys:
			names.setdefault(doctype, []).append(name)
		for doctype, of_doctype in names.items():
			ReadAhead(self.connection, doctype, of_doctype).read()


class Awaited:
	"""A document that is being inserted, and the rows of its tables, until their INSERT."""

	def __init__(self, doc: Document) -> None:
		self.doc = doc
		self._rows: dict[tuple[str, str], Document] = {}

	def has(self, doctype: str, name: str) -> bool:
		"""Return whether the row belongs to the document and is not in the database yet."""
		if not self._rows and self.doc.name:
			# Frappe names the rows together with the document.
			rows = (self.doc, *self.doc.get_all_children())
			self._rows = {(row.doctype, row.name): row for row in rows if row.name}
		row = self._rows.get((doctype, name))
		return row is not None and bool(row.get("__islocal"))


def _is_cached(doctype: str, name: str) -> bool:
	"""Return whether this process may have the document in Frappe's cache, which `set_value` is to clear."""
	return frappe.cache.make_key(frappe.get_document_cache_key(doctype, name)) in frappe.local.cache
