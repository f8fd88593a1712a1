# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Answers of one database transaction, each with the rows it was read from. Pure: no Frappe, no database.

An answer may come from a single SELECT, or from a function that asked several. It is forgotten as soon as a row
it may have been read from is written.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from advanced_bank_reconciliation.bulk.fast_path.statements import Rows

#: Returned by `recall` when nothing is known; None is an answer.
NOTHING = object()

#: More answers than any batch needs: a batch that reaches it starts anew rather than growing.
MOST_ANSWERS = 20_000


@dataclass
class Reading:
	"""What has been read while a function ran. Not `is_lasting` if its answer may be another next time."""

	rows: set[Rows] = field(default_factory=set)
	is_lasting: bool = True


class Memo:
	"""See the module."""

	def __init__(self) -> None:
		self._answers: dict[Hashable, tuple[Any, frozenset[Rows]]] = {}
		self._by_table: dict[str, dict[Hashable, frozenset[Rows]]] = {}
		self._readings: list[Reading] = []

	def __len__(self) -> int:
		return len(self._answers)

	def recall(self, key: Hashable) -> Any:
		"""Return the answer, not a copy of it, or NOTHING."""
		known = self._answers.get(key)
		if known is None:
			return NOTHING
		answer, rows = known
		self.note(rows)
		return answer

	def remember(self, key: Hashable, answer: Any, rows: Iterable[Rows]) -> None:
		"""Keep the answer until one of the rows is written."""
		if len(self._answers) >= MOST_ANSWERS:
			self.forget()
		rows = frozenset(rows)
		if key in self._answers:
			self._drop(key)
		self._answers[key] = (answer, rows)
		for row in rows:
			self._by_table.setdefault(row.table, {})[key] = rows

	def note(self, rows: Iterable[Rows]) -> None:
		"""Tell the functions that are running that these rows were read."""
		for reading in self._readings:
			reading.rows.update(rows)

	def spoil(self) -> None:
		"""Tell the functions that are running that their answers are not to be remembered."""
		for reading in self._readings:
			reading.is_lasting = False

	@contextmanager
	def reading(self) -> Iterator[Reading]:
		"""Collect what is read in the block, whether from the database or from here."""
		reading = Reading()
		self._readings.append(reading)
		try:
			yield reading
		finally:
			self._readings.pop()

	def answer(self, key: Hashable, ask: Callable[[], Any]) -> Any:
		"""Return what is known under the key, or ask and remember. The same object each time."""
		if (known := self.recall(key)) is not NOTHING:
			return known
		with self.reading() as reading:
			answer = ask()
		if reading.is_lasting:
			self.remember(key, answer, reading.rows)
		return answer

	def written(self, rows: Iterable[Rows]) -> None:
		"""Forget every answer that may have been read from one of these rows."""
		self.spoil()
		for written in rows:
			of_table = self._by_table.get(written.table)
			if not of_table:
				continue
			for key in [key for key, read in of_table.items() if any(written.may_touch(row) for row in read)]:
				self._drop(key)

	def forget(self) -> None:
		"""Forget everything."""
		self.spoil()
		self._answers.clear()
		self._by_table.clear()

	def _drop(self, key: Hashable) -> None:
		_answer, rows = self._answers.pop(key)
		for row in rows:
			self._by_table[row.table].pop(key, None)
