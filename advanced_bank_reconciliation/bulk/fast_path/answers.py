# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What answers in the place of Frappe's functions during one batch."""

from collections.abc import Callable, Iterable
from typing import Any

import frappe
from frappe.model.document import Document

from advanced_bank_reconciliation.bulk.fast_path.connection import RememberingConnection, question
from advanced_bank_reconciliation.bulk.fast_path.copies import copy_document, copy_rows, is_flat, key_of
from advanced_bank_reconciliation.bulk.fast_path.memo import NOTHING, Memo
from advanced_bank_reconciliation.bulk.fast_path.statements import Rows, comparable


class FastPath:
	"""The memo of one transaction, and the calls that it answers."""

	def __init__(self, db: Any, never_remembered: frozenset[str]) -> None:
		self.db = db
		self.memo = Memo()
		self.connection = RememberingConnection(db, self.memo, never_remembered)
		self.inserting: list[Document] = []

	def attach(self) -> None:
		"""Stand before the connection."""
		self.connection.attach()
		self._set_value = self.db.set_value
		self.db.set_value = self.set_value

	def detach(self) -> None:
		"""Leave the connection as it was."""
		self.db.__dict__.pop("set_value", None)
		self.connection.detach()

	def get_doc(self, original: Callable, *args: Any, **kwargs: Any) -> Any:
		"""`frappe.get_doc(doctype, name)`: each caller gets a document of its own to change."""
		if len(args) != 2 or not isinstance(args[0], str) or not isinstance(args[1], str):
			return original(*args, **kwargs)
		if kwargs.keys() - {"for_update"}:
			return original(*args, **kwargs)
		key = key_of("get_doc", args, bool(kwargs.get("for_update")))
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
		"""`Document.insert`: until a Payment Entry's rows are in the database, no UPDATE of them is sent.

		ERPNext's validations write each field of a reference row with `db_set`. These UPDATEs can reach no row:
		the INSERT that follows would fail, with everything undone, if there were one of that name already.
		"""
		if doc.doctype not in ("Payment Entry", "Bank Transaction") or args or kwargs:
			return original(doc, *args, **kwargs)
		self.inserting.append(doc)
		try:
			return original(doc)
		finally:
			self.inserting.pop()

	def set_value(self, dt: Any, dn: Any, *args: Any, **kwargs: Any) -> Any:
		"""`frappe.db.set_value`, unless the row is known not to be in the database yet."""
		if isinstance(dn, str) and any(_is_awaited(doc, dt, dn) for doc in self.inserting):
			return None
		return self._set_value(dt, dn, *args, **kwargs)

	def read_ahead(self, keys: Iterable[tuple[str, str]]) -> None:
		"""Read the rows of all child tables of the documents, one statement a table."""
		names: dict[str, list[str]] = {}
		for doctype, name in keys:
			names.setdefault(doctype, []).append(name)
		for doctype, of_doctype in names.items():
			fields = frappe.get_meta(doctype).get_table_fields()
			for table in sorted({field.options for field in fields}):
				of_table = [field.fieldname for field in fields if field.options == table]
				self._read_children(doctype, of_doctype, table, of_table)

	def _read_children(self, doctype: str, names: list[str], table: str, fields: list[str]) -> None:
		child = frappe.qb.DocType(table)
		rows = (
			frappe.qb.from_(child)
			.select("*")
			.where(child.parenttype == doctype)
			.where(child.parent.isin(names))
			.orderby(child.idx)
			.run(as_dict=True)
		)
		children: dict[tuple[str, str], list] = {(name, field): [] for name in names for field in fields}
		for row in rows:
			if (row.parent, row.parentfield) not in children:
				return  # a name written otherwise: what a single question would answer is not certain
			children[row.parent, row.parentfield].append(row)
		for (name, field), of_parent in children.items():
			places = [row.idx for row in of_parent]
			if len(set(places)) < len(places) or not (parent := comparable(name)):
				continue
			filters = {"parent": name, "parenttype": doctype, "parentfield": field}
			asked = {
				"doctype": table,
				"filters": filters,
				"fieldname": "*",
				"as_dict": True,
				"order_by": "idx asc",
			}
			self.memo.remember(question(asked), of_parent, (Rows(f"tab{table}", (("parent", parent),)),))


def _is_awaited(doc: Document, doctype: str, name: str) -> bool:
	"""Return whether it is the document or one of its rows, and its INSERT is still to come."""
	if (doc.doctype, doc.name) == (doctype, name):
		return bool(doc.get("__islocal"))
	return any(
		row.name == name and row.doctype == doctype and bool(row.get("__islocal"))
		for row in doc.get_all_children()
	)
