# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""`frappe.cache`: pickled values in Redis under the site's prefix, mirrored in `frappe.local.cache`.

Reads and writes of values go on without Redis (the request-level mirror is all there is then), as in Frappe.
Lists and sets need Redis and raise its ConnectionError.
"""

import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import frappe
import redis
from redis.exceptions import ConnectionError


class RedisWrapper(redis.Redis):
	url = ""

	def __call__(self) -> "RedisWrapper":
		return self

	def connected(self) -> bool:
		with suppress(ConnectionError):
			return self.ping()
		return False

	def make_key(self, key: str, user: str | bool | None = None, shared: bool = False) -> bytes | str:
		if shared:
			return key
		if user:
			key = f"user:{frappe.session.user if user is True else user}:{key}"
		return f"{frappe.conf.db_name}|{key}".encode()

	def set_value(
		self, key: str, val: Any, user=None, expires_in_sec: int | None = None, shared=False
	) -> None:
		key = self.make_key(key, user, shared)
		if not expires_in_sec:
			frappe.local.cache[key] = val
		with suppress(ConnectionError):
			self.set(key, pickle.dumps(val), ex=expires_in_sec)

	def get_value(
		self, key: str, generator: Callable | None = None, user=None, expires: bool = False, shared=False
	) -> Any:
		"""The value, or what `generator` makes (then cached). `expires`: never mirror it in this request."""
		full_key = self.make_key(key, user, shared)
		if full_key in frappe.local.cache:
			return frappe.local.cache[full_key]
		val = None
		with suppress(ConnectionError):
			val = self.get(full_key)
		if val is not None:
			val = pickle.loads(val)
		if not expires:
			if val is None and generator:
				val = generator()
				self.set_value(key, val, user=user, shared=shared)
			else:
				frappe.local.cache[full_key] = val
		return val

	def get_keys(self, key: str) -> list:
		"""Full keys that start with `key`."""
		prefix = self.make_key(key)
		try:
			return self.keys(prefix + b"*")
		except ConnectionError:
			return [k for k in frappe.local.cache if isinstance(k, bytes) and k.startswith(prefix)]

	def delete_keys(self, key: str) -> None:
		prefix = self.make_key(key)
		for mirrored in [k for k in frappe.local.cache if isinstance(k, bytes) and k.startswith(prefix)]:
			del frappe.local.cache[mirrored]
		self.delete_value(self.get_keys(key), make_keys=False)

	def delete_value(self, keys, user=None, make_keys: bool = True, shared: bool = False) -> None:
		if not keys:
			return
		keys = keys if isinstance(keys, list | tuple) else (keys,)
		if make_keys:
			keys = [self.make_key(key, shared=shared, user=user) for key in keys]
		for key in keys:
			frappe.local.cache.pop(key, None)
		with suppress(ConnectionError):
			self.delete(*keys)

	delete_key = delete_value

	def exists(self, *names: str, user=None, shared: bool = False) -> int:
		with suppress(ConnectionError):
			return super().exists(*[self.make_key(name, user=user, shared=shared) for name in names])
		return 0

	def hset(self, name: str, key: str, value: Any, shared: bool = False) -> None:
		if key is None:
			return
		name = self.make_key(name, shared=shared)
		frappe.local.cache.setdefault(name, {})[key] = value
		with suppress(ConnectionError):
			super().hset(name, key, pickle.dumps(value))

	def hget(self, name: str, key: str, generator: Callable | None = None, shared: bool = False) -> Any:
		full_name = self.make_key(name, shared=shared)
		mirrored = frappe.local.cache.setdefault(full_name, {})
		if not key:
			return None
		if key in mirrored:
			return mirrored[key]
		value = None
		with suppress(ConnectionError):
			value = super().hget(full_name, key)
		if value is not None:
			value = mirrored[key] = pickle.loads(value)
		elif generator:
			value = generator()
			self.hset(name, key, value, shared=shared)
		return value

	def hexists(self, name: str, key: str, shared: bool = False) -> bool:
		with suppress(ConnectionError):
			return bool(key is not None and super().hexists(self.make_key(name, shared=shared), key))
		return False

	def hgetall(self, name: str) -> dict:
		return {key: pickle.loads(value) for key, value in super().hgetall(self.make_key(name)).items()}

	def hkeys(self, name: str) -> list:
		with suppress(ConnectionError):
			return super().hkeys(self.make_key(name))
		return []

	def hdel(self, name: str, key: str, shared: bool = False) -> None:
		name = self.make_key(name, shared=shared)
		frappe.local.cache.get(name, {}).pop(key, None)
		with suppress(ConnectionError):
			super().hdel(name, key)

	def lpush(self, key: str, value) -> int:
		return super().lpush(self.make_key(key), value)

	def rpush(self, key: str, value) -> int:
		return super().rpush(self.make_key(key), value)

	def lpop(self, key: str):
		return super().lpop(self.make_key(key))

	def rpop(self, key: str):
		return super().rpop(self.make_key(key))

	def llen(self, key: str) -> int:
		return super().llen(self.make_key(key))

	def lrange(self, key: str, start: int, stop: int) -> list:
		return super().lrange(self.make_key(key), start, stop)

	def sadd(self, name: str, *values) -> None:
		super().sadd(self.make_key(name), *values)

	def srem(self, name: str, *values) -> None:
		super().srem(self.make_key(name), *values)

	def smembers(self, name: str) -> set:
		return super().smembers(self.make_key(name))

	def sismember(self, name: str, value) -> bool:
		return super().sismember(self.make_key(name), value)


def setup_cache(url: str) -> RedisWrapper:
	cache = RedisWrapper.from_url(url)
	cache.url = url
	return cache
