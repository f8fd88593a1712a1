# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Functions that are taken the place of while a batch runs.

They are attributes of modules, so the whole process sees the replacement. Each replacement asks `frappe.local`,
which every thread and greenlet has for itself, whether a batch runs here, and else does what it replaces. The
first batch of the process puts them in, the last one takes them out.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import frappe

_LOCAL = "abr_fast_path"
_lock = threading.Lock()
_in_use = 0
_originals: list[tuple[Any, str, Any]] = []  # None: inherited from a base class

#: (where it is, its name, what answers instead: called with the batch's fast path, the original, and the call)
Replacement = tuple[Any, str, Callable]


def active() -> Any | None:
	"""Return the fast path of the batch that runs in this thread or greenlet."""
	return getattr(frappe.local, _LOCAL, None)


@contextmanager
def replaced(fast_path: Any, replacements: list[Replacement]) -> Iterator[None]:
	"""Let `fast_path` answer in this thread or greenlet while the block runs."""
	_put_in(replacements)
	setattr(frappe.local, _LOCAL, fast_path)
	try:
		yield
	finally:
		setattr(frappe.local, _LOCAL, None)
		_take_out()


def _put_in(replacements: list[Replacement]) -> None:
	global _in_use
	with _lock:
		_in_use += 1
		if _in_use > 1:
			return
		for place, name, answer in replacements:
			original = getattr(place, name)
			_originals.append((place, name, vars(place).get(name)))
			setattr(place, name, _replacement(original, answer))


def _take_out() -> None:
	global _in_use
	with _lock:
		_in_use -= 1
		if not _in_use:
			while _originals:
				place, name, original = _originals.pop()
				if original is None:
					delattr(place, name)
				else:
					setattr(place, name, original)


def _replacement(original: Callable, answer: Callable) -> Callable:
	@wraps(original)
	def replacement(*args: Any, **kwargs: Any) -> Any:
		fast_path = active()
		if fast_path is None:
			return original(*args, **kwargs)
		return answer(fast_path, original, *args, **kwargs)

	return replacement
