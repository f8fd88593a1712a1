# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Keys of Frappe's cache that are to be deleted, held during a batch and deleted together.

Each document that is inserted, and each `db_set`, clears a few keys in Redis, one request each. Until the commit
nobody else can see what has changed, so that it is enough to delete them before it. They are sent before any other
command of this process to the cache, so that it never reads what it has deleted.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import frappe
import redis


class CacheKeys:
	"""The keys of one batch that are still to be deleted in Redis."""

	def __init__(self) -> None:
		self._keys: dict[Any, None] = {}

	def delete_value(
		self,
		original: Callable,
		cache: Any,
		keys: Any,
		user: Any = None,
		make_keys: bool = True,
		shared: bool = False,
	) -> None:
		"""`frappe.cache.delete_value`: what this process remembers goes at once, what Redis has a moment later."""
		if cache is not frappe.cache:
			original(cache, keys, user, make_keys, shared)
			return
		for key in keys if isinstance(keys, list | tuple) else (keys,) if keys else ():
			if make_keys:
				key = cache.make_key(key, user=user, shared=shared)
			frappe.local.cache.pop(key, None)
			if not self._keys:
				frappe.db.before_commit.add(self.send)  # somebody may commit in the middle of the batch
			self._keys[key] = None

	def execute_command(self, original: Callable, cache: Any, *args: Any, **kwargs: Any) -> Any:
		"""Any command to Redis: what is held goes before it."""
		if cache is frappe.cache:
			self.send()
		return original(cache, *args, **kwargs)

	def send(self) -> None:
		"""Delete what is held. Without Redis there is nothing to be deleted, as in Frappe."""
		keys, self._keys = self._keys, {}
		if keys:
			with suppress(redis.exceptions.ConnectionError):
				frappe.cache.delete(*keys)
