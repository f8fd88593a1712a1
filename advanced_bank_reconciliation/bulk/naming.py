# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Draws the names of a run's vouchers in short transactions of their own.

Frappe counts a naming series in one row of the table Series, and locks that row from the first name that a
transaction draws until its end. A batch would keep everybody else from naming a Payment Entry for seconds, and
two runs of a job would only take turns. So a run reserves a handful of numbers on a second connection, commits
at once, and hands them out by the doc event `autoname`, which Frappe asks before it looks at the series.

A number is handed to one document only. What a batch that was rolled back, or a refused voucher, has not used
is handed out again once the database says that no document has it. After a crash the reserved numbers stay
unused: the series has a gap.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import frappe
from frappe.database import get_db
from frappe.model.document import Document
from frappe.model.naming import NamingSeries, get_default_naming_series, parse_naming_series
from frappe.utils import cint

from advanced_bank_reconciliation.transactions import is_transient

#: Seconds to wait for the row of a series while the batch holds rows that others may want.
SHORT_WAIT = 1

_current: ContextVar["NamePool | None"] = ContextVar("abr_name_pool", default=None)


def autoname(doc: Document, _method: str | None = None) -> None:
	"""Doc event of the vouchers that a batch makes: name them from the pool in use, if there is one.

	Only what Frappe would name by a plain naming series. Amended documents, Document Naming Rules and a
	controller's own names come first (frappe/model/naming.py, `set_new_name`).
	"""
	pool = _current.get()
	if pool and not doc.name and (doc.meta.autoname or "").lower().startswith("naming_series:"):
		pool.name(doc)


@dataclass
class Series:
	"""What a run has of one series.

	free: reserved numbers that no document has. wanted: how many a batch may need.
	"""

	free: deque[int] = field(default_factory=deque)
	wanted: int = 1


class NamePool:
	"""The numbers that a run has reserved. Kept from batch to batch, and given back when the run ends."""

	def __init__(self) -> None:
		self.series: dict[str, Series] = {}
		self.drawn: list[tuple[str, str, str, int]] = []

	@contextmanager
	def in_use(self) -> Iterator[None]:
		"""Name the vouchers that are made in the block from this pool, where the database has row locks."""
		token = _current.set(self if can_reserve() else None)
		try:
			yield
		finally:
			_current.reset(token)

	def prepare(self, count: int) -> None:
		"""Reserve what a batch of `count` vouchers may need of the series that this run has met.

		To be called while the transaction holds no lock: it may have to wait for who holds a series.
		"""
		self._take_back()
		for prefix, series in self.series.items():
			missing = min(count, series.wanted) - len(series.free)
			if missing > 0:
				series.free.extend(reserve(prefix, missing))

	def name(self, doc: Document) -> None:
		"""Set the document's name, and its series, as Frappe's `set_name_by_naming_series` would."""
		doc.naming_series = doc.naming_series or get_default_naming_series(doc.doctype)
		if not doc.naming_series:
			return  # Frappe says what is missing
		drawn: list[tuple[str, int]] = []

		def draw(prefix: str, digits: int) -> str:
			number = self._next(prefix)
			drawn.append((prefix, number))
			return str(number).zfill(digits)

		series = NamingSeries(f"{doc.naming_series}.#####")
		series.validate()
		doc.name = parse_naming_series(series.series.split("."), doc=doc, number_generator=draw)
		self.drawn += [(doc.doctype, doc.name, *each) for each in drawn]

	def close(self) -> None:
		"""Give back the numbers that are left, as far as nobody has drawn later ones.

		Where the database does not let us, the series has a gap.
		"""
		try:
			self._take_back()
			for prefix, series in self.series.items():
				if series.free:
					give_back(prefix, series.free)
		except Exception as error:
			if not is_transient(error):
				raise
		self.series.clear()

	def _next(self, prefix: str) -> int:
		series = self.series.setdefault(prefix, Series())
		if not series.free:
			# More than so far: what follows in this batch will want some too.
			series.wanted *= 2
			series.free.extend(reserve(prefix, series.wanted, SHORT_WAIT))
		return series.free.popleft()

	def _take_back(self) -> None:
		"""Keep what was drawn for documents that do not exist, as their transaction or savepoint ended."""
		for doctype in {doctype for doctype, *_rest in self.drawn}:
			names = [name for of, name, *_rest in self.drawn if of == doctype]
			used = set(frappe.get_all(doctype, {"name": ("in", names)}, pluck="name"))
			for of, name, prefix, number in self.drawn:
				if of == doctype and name not in used:
					self.series[prefix].free.append(number)
		self.drawn = []
		for series in self.series.values():
			series.free = deque(sorted(series.free))


def can_reserve() -> bool:
	"""Return whether a second connection can commit beside an open transaction: not where one writes at a time."""
	return frappe.db.db_type == "mariadb"


def reserve(prefix: str, count: int, wait: int | None = None) -> range:
	"""Return `count` numbers of the series that nobody else gets. Committed when this returns.

	wait: seconds to wait for whoever holds the series, by default the server's. Raises
	`frappe.QueryTimeoutError` after that.
	"""

	def add(connection) -> range:
		last = _current_number(connection, prefix)
		if last is None:
			# By a statement that does not mind who makes the series first.
			connection.sql("insert ignore into `tabSeries` (`name`, `current`) values (%s, 0)", (prefix,))
			last = _current_number(connection, prefix)
		connection.sql("update `tabSeries` set `current` = %s where `name` = %s", (last + count, prefix))
		return range(last + 1, last + count + 1)

	return _in_short_transaction(add, wait)


def give_back(prefix: str, numbers: deque[int]) -> None:
	"""Set the series back by those of the unused `numbers`, in ascending order, that are its last ones."""

	def subtract(connection) -> None:
		last = _current_number(connection, prefix)
		while numbers and numbers[-1] == last:
			numbers.pop()
			last -= 1
		connection.sql("update `tabSeries` set `current` = %s where `name` = %s", (last, prefix))

	_in_short_transaction(subtract, SHORT_WAIT)


def _current_number(connection, prefix: str) -> int | None:
	rows = connection.sql("select `current` from `tabSeries` where `name` = %s for update", (prefix,))
	return cint(rows[0][0]) if rows else None


def _in_short_transaction(change: Callable, wait: int | None):
	"""Return what `change(connection)` returns, on a connection of its own, committed."""
	own = frappe.db
	connection = get_db(
		host=own.host,
		user=own.user,
		password=own.password,
		port=own.port,
		cur_db_name=own.cur_db_name,
		socket=own.socket,
	)
	try:
		if wait is not None:
			connection.sql("set session innodb_lock_wait_timeout = %s", (wait,))
		answer = change(connection)
		# Short on purpose: whoever names a document waits for this.
		connection.commit()  # nosemgrep
		return answer
	finally:
		connection.close()
