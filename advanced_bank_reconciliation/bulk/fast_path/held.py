# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""UPDATEs of rows that this transaction has inserted, held until somebody could notice that they are missing.

When a Payment Entry is submitted, ERPNext writes eight fields of each of its reference rows, one UPDATE each. The
row is nobody else's before the commit, and here it is known whole (`rows.py`), so these become one UPDATE. It is
sent before any statement that names the table, before the end of a transaction or savepoint, and before whatever
is not understood.
"""

from collections.abc import Callable
from typing import Any

from advanced_bank_reconciliation.bulk.fast_path.connection import RememberingConnection
from advanced_bank_reconciliation.bulk.fast_path.statements import Rows, comparable


class Held:
	"""The UPDATEs of one transaction that are still to be sent. `set_value`: Frappe's own, which sends one."""

	set_value: Callable[..., Any]

	def __init__(self, connection: RememberingConnection) -> None:
		self.connection = connection
		connection.send_held = self.send_for
		self._changes: dict[tuple[str, str], dict[str, Any]] = {}

	def add(self, doctype: str, name: str, changes: dict[str, Any]) -> None:
		"""Hold these changes of the row; what was read from it is forgotten as if they were written."""
		self._changes.setdefault((doctype, name), {}).update(changes)
		written = Rows(f"tab{doctype}", (("name", comparable(name)),))
		self.connection.memo.written((written,))
		self.connection.known.written(written)

	def send_for(self, tables: tuple[str, ...] | None) -> None:
		"""Send what is held if a statement names one of these tables; None: whatever it is."""
		if self._changes and (
			tables is None or any(f"tab{doctype}" in tables for doctype, _name in self._changes)
		):
			self.send()

	def send(self) -> None:
		"""Send all that is held, one UPDATE for each row."""
		while self._changes:
			(doctype, name), changes = self._changes.popitem()
			self.connection.known.amend(
				f"tab{doctype}",
				name,
				{},
				lambda doctype=doctype, name=name, changes=changes: self.set_value(
					doctype, name, changes, update_modified=False
				),
			)
