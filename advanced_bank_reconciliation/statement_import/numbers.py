# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Draws the numbers of a batch's Bank Transactions from their naming series at once.

Frappe locks the row of a series, reads it and writes it for every document. The lock is held until the
transaction ends, so nobody else can draw in between: one draw for the whole batch gives the same names.
Everything else about a name, be it naming rules, hooks or parts of the series, is Frappe's as ever.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import frappe
import frappe.model.document
import frappe.model.naming
from frappe.model.document import Document
from frappe.utils import cint

#: Where the numbers of the batch of this thread or greenlet are.
LOCAL = "abr_numbers"


@dataclass
class Numbers:
	"""wanted: how many documents of the doctype will be named. blocks: {series: [next number, last one]}."""

	doctype: str
	wanted: int
	naming: bool = False
	blocks: dict[str, list[int]] = field(default_factory=dict)

	def name(self, original: Callable, doc: Document) -> None:
		"""Take the place of Frappe's `set_new_name`: only while it runs for the doctype are blocks drawn.

		What hooks make beside draws for itself: it may be rolled back by itself.
		"""
		self.naming = doc.doctype == self.doctype
		try:
			original(doc)
		finally:
			self.naming = False
			self.wanted -= doc.doctype == self.doctype

	def number(self, original: Callable, key: str, digits: int) -> str:
		"""Take the place of Frappe's `getseries`."""
		if not self.naming:
			return original(key, digits)
		block = self.blocks.get(key)
		if block and block[0] <= block[1]:
			number = block[0]
			block[0] += 1
			return ("%0" + str(digits) + "d") % number
		text = original(key, digits)
		self._draw(key, cint(text))
		return text

	def _draw(self, key: str, first: int) -> None:
		more = self.wanted - 1
		if more > 0:
			_add(key, more)
			self.blocks[key] = [first + 1, first + more]

	def state(self) -> dict[str, tuple[int, int]]:
		"""Return what `go_back_to` takes."""
		return {key: (upcoming, last) for key, (upcoming, last) in self.blocks.items()}

	def go_back_to(self, state: Mapping[str, tuple[int, int]]) -> None:
		"""Forget what was drawn since: the database has rolled back to where it stood then."""
		self.blocks = {key: [*block] for key, block in state.items()}

	def give_back(self) -> None:
		"""Return numbers that were not needed, while the row of the series is locked still."""
		for key, (upcoming, last) in self.blocks.items():
			if upcoming <= last:
				_add(key, upcoming - last - 1, only_from=last)
		self.blocks.clear()


def _add(key: str, count: int, only_from: int | None = None) -> None:
	series = frappe.qb.DocType("Series")
	query = frappe.qb.update(series).set(series.current, series.current + count).where(series.name == key)
	if only_from is not None:
		query = query.where(series.current == only_from)
	query.run()


@contextmanager
def drawn_at_once(doctype: str, count: int) -> Iterator[Numbers]:
	"""Name up to `count` documents of the doctype in the block, which is part of one transaction.

	An error leaves the block's numbers to be rolled back with it. Where Frappe draws otherwise, it does so.
	"""
	numbers = Numbers(doctype, count)
	if not _put_in():
		yield numbers
		return
	setattr(frappe.local, LOCAL, numbers)
	try:
		yield numbers
		numbers.give_back()
	finally:
		setattr(frappe.local, LOCAL, None)


def _put_in() -> bool:
	"""Stand before Frappe's two functions, once for the process; without a batch they are called as they are.

	Returns False, with nothing done, where Frappe has not both.
	"""
	if not all(hasattr(place, name) for place, name, _method in STOOD_BEFORE):
		return False
	for place, name, method in STOOD_BEFORE:
		original = getattr(place, name)
		if not getattr(original, LOCAL, False):
			setattr(place, name, _standing_before(original, method))
	return True


STOOD_BEFORE = (
	(frappe.model.document, "set_new_name", Numbers.name),
	(frappe.model.naming, "getseries", Numbers.number),
)


def _standing_before(original: Callable, method: Callable) -> Callable:
	@wraps(original)
	def function(*args: Any, **kwargs: Any) -> Any:
		numbers = getattr(frappe.local, LOCAL, None)
		if numbers is None or kwargs:
			return original(*args, **kwargs)
		return method(numbers, original, *args)

	setattr(function, LOCAL, True)
	return function
