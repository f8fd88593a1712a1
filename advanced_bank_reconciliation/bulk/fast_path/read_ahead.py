# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Reads the documents of a batch together: one statement for each table instead of one for each document.

ERPNext loads every invoice plainly, and once more under lock when its status is set. Both answers are read here.
The rows of child tables are locked as that load locks them, by their index, so that no row of another document
is held.
"""

from typing import Any

import frappe

from advanced_bank_reconciliation.bulk.fast_path.connection import RememberingConnection, question
from advanced_bank_reconciliation.bulk.fast_path.statements import Rows, comparable

#: Frappe's index on the column `parent` of every child table.
PARENT_INDEX = "parent"
_INDEXED = "_abr_indexed_by_parent"


class ReadAhead:
	"""Reads documents of one doctype whose own rows are locked by this transaction already."""

	def __init__(self, connection: RememberingConnection, doctype: str, names: list[str]) -> None:
		self.connection = connection
		self.doctype = doctype
		self.names = [name for name in names if comparable(name)]

	def read(self) -> None:
		"""Read the documents and the rows of their tables, plainly and under lock."""
		if not self.names:
			return
		fields = frappe.get_meta(self.doctype).get_table_fields()
		tables = sorted({field.options for field in fields})
		# Asked first, as it makes the connection forget what it has read.
		indexed = {table for table in tables if self._has_index(table)}
		table = frappe.qb.DocType(self.doctype)
		query = frappe.qb.from_(table).select("*").where(table.name.isin(self.names))
		for locked in (False, True):
			rows = (query.for_update() if locked else query).run(as_dict=True)
			self.connection.known.learn(f"tab{self.doctype}", rows, locked)
		for options in tables:
			of_table = [field.fieldname for field in fields if field.options == options]
			self._read_children(options, of_table, locked=False)
			if options in indexed:
				self._read_children(options, of_table, locked=True)

	def _has_index(self, doctype: str) -> bool:
		"""Without the index, a locking read would hold the whole table."""
		known = self.connection.db.__dict__.setdefault(_INDEXED, {})
		if doctype not in known:
			known[doctype] = bool(frappe.db.has_index(f"tab{doctype}", PARENT_INDEX))
		return known[doctype]

	def _read_children(self, doctype: str, fields: list[str], locked: bool) -> None:
		child = frappe.qb.DocType(doctype)
		query = (
			frappe.qb.from_(child)
			.select("*")
			.where(child.parent.isin(self.names))
			.where(child.parenttype == self.doctype)
			.orderby(child.idx)
		)
		if locked:
			query = query.force_index(PARENT_INDEX).for_update()
		children: dict[tuple[str, str], list] = {(name, field): [] for name in self.names for field in fields}
		for row in query.run(as_dict=True):
			if (row.parent, row.parentfield) not in children:
				return  # a name written otherwise: what a single question would answer is not certain
			children[row.parent, row.parentfield].append(row)
		for (name, field), rows in children.items():
			if len({row.idx for row in rows}) == len(rows):
				self._remember(doctype, name, field, rows, locked)

	def _remember(self, doctype: str, name: str, field: str, rows: list, locked: bool) -> None:
		"""Keep the answer under what `Document.load_from_db` asks."""
		asked: dict[str, Any] = {
			"doctype": doctype,
			"filters": {"parent": name, "parenttype": self.doctype, "parentfield": field},
			"fieldname": "*",
			"as_dict": True,
			"order_by": "idx asc",
			"for_update": locked,
		}
		places = (("parent", comparable(name)),)
		self.connection.memo.remember(question(asked), rows, (Rows(f"tab{doctype}", places),))
