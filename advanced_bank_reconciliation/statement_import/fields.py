# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Answers once for a batch what a document asks its DocType each time it is validated.

Thirteen times for each document Frappe looks through all fields of its DocType for those of a kind: selects,
links, code, passwords and so on. The DocType does not change meanwhile; where it does, Frappe loads another
object, which answers for itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import frappe


@contextmanager
def remembered_fields(doctype: str) -> Iterator[None]:
	"""Let the DocType of this thread or greenlet remember its answers while the block runs."""
	meta = frappe.get_meta(doctype)
	if "get" in meta.__dict__:
		yield
		return
	meta.__dict__["get"] = _remembering(meta.get)
	try:
		yield
	finally:
		meta.__dict__.pop("get", None)


def _remembering(get: Callable) -> Callable:
	known: dict[str, list] = {}

	def remembering(key: Any, filters: Any = None, *args: Any, **kwargs: Any) -> Any:
		if key != "fields" or not isinstance(filters, dict) or args or kwargs:
			return get(key, filters, *args, **kwargs)
		question = repr(filters)
		if question not in known:
			known[question] = get(key, filters)
		return list(known[question])

	return remembering
