# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Decorators that remember results: for the request, the site (this process), or in Redis."""

import functools
import time
from collections.abc import Callable

import frappe

_SITE_CACHE: dict[str, dict] = {}


def _key(func: Callable, args: tuple, kwargs: dict) -> tuple:
	return (f"{func.__module__}.{func.__qualname__}", args, tuple(sorted(kwargs.items())))


def request_cache(func: Callable) -> Callable:
	"""One call per request, job or test user for the same arguments (hashable ones)."""

	@functools.wraps(func)
	def wrapper(*args, **kwargs):
		if not getattr(frappe.local, "initialised", None):
			return func(*args, **kwargs)
		values = frappe.local.cache.setdefault("request_cache", {})
		try:
			key = _key(func, args, kwargs)
			if key not in values:
				values[key] = func(*args, **kwargs)
		except TypeError:  # an argument that cannot be hashed
			return func(*args, **kwargs)
		return values[key]

	return wrapper


def site_cache(ttl: int | Callable | None = None, maxsize: int | None = None) -> Callable:
	"""One call per process and site, for `ttl` seconds when given."""

	def decorate(func: Callable, lifetime: int | None = None) -> Callable:
		@functools.wraps(func)
		def wrapper(*args, **kwargs):
			values = _SITE_CACHE.setdefault(frappe.local.site_path, {})
			key = _key(func, args, kwargs)
			value, expiry = values.get(key, (None, 0))
			if key not in values or (lifetime and time.monotonic() > expiry):
				value = func(*args, **kwargs)
				values[key] = (value, time.monotonic() + (lifetime or 0))
			return value

		return wrapper

	return decorate(ttl) if callable(ttl) else functools.partial(decorate, lifetime=ttl)


def redis_cache(
	ttl: int | Callable | None = 3600, user: str | bool | None = None, shared: bool = False
) -> Callable:
	"""One call per site and arguments, kept in Redis for `ttl` seconds."""

	def decorate(func: Callable, lifetime: int = 3600) -> Callable:
		name = f"{func.__module__}.{func.__qualname__}"

		@functools.wraps(func)
		def wrapper(*args, **kwargs):
			key = f"{name}::{_key(func, args, kwargs)[1:]}"
			value = frappe.cache.get_value(key, user=user, shared=shared, expires=True)
			if value is None:
				value = func(*args, **kwargs)
				frappe.cache.set_value(key, value, user=user, shared=shared, expires_in_sec=lifetime)
			return value

		wrapper.clear_cache = lambda: frappe.cache.delete_keys(name)
		return wrapper

	return decorate(ttl) if callable(ttl) else functools.partial(decorate, lifetime=ttl or 3600)
