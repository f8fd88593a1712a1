# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""frappe.utils: everything of frappe.utils.data, and helpers that touch users, paths and batches."""

import itertools
import os
import re
import secrets
import string
from collections.abc import Callable, Generator, Iterable, Sequence
from email.utils import parseaddr
from typing import Any

import frappe
from frappe.utils.data import *
from frappe.utils.data import DATE_FORMAT, DATETIME_FORMAT, TIME_FORMAT
from frappe.utils.error import get_traceback

EMAIL_PATTERN = re.compile(
	r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+$"
)
URL_PATTERN = re.compile(r"^[a-z][a-z0-9+.-]*://\S+$", re.IGNORECASE)


class CallbackManager:
	"""Functions to call once at a later moment, in the order they were added."""

	__slots__ = ("_functions",)

	def __init__(self):
		self._functions: list[Callable] = []

	def __call__(self, func: Callable) -> Callable:
		self.add(func)
		return func

	def add(self, func: Callable) -> None:
		self._functions.append(func)

	def run(self) -> None:
		"""Call them all; functions added meanwhile are called too."""
		while self._functions:
			self._functions.pop(0)()

	def reset(self) -> None:
		self._functions.clear()


def get_fullname(user: str | None = None) -> str:
	user = user or frappe.session.user
	return frappe.get_cached_value("User", user, "full_name") or user


def get_email_address(user: str | None = None) -> str | None:
	return frappe.db.get_value("User", user or frappe.session.user, "email")


def get_formatted_email(user: str, mail: str | None = None) -> str:
	address = mail or get_email_address(user) or validate_email_address(user)
	return f"{get_fullname(user)} <{address}>" if address else ""


def split_emails(txt: str | None) -> list[str]:
	parts = re.split(r"[,\n]", cstr(txt))
	return [part.strip() for part in parts if part.strip()]


def validate_email_address(email_str: str, throw: bool = False) -> str:
	"""The addresses in the text that are well formed, comma separated.

	:raises InvalidEmailAddressError: `throw` is set and one is not
	"""
	valid = []
	for part in split_emails(email_str):
		address = parseaddr(part)[1]
		if EMAIL_PATTERN.match(address):
			valid.append(address)
		elif throw:
			frappe.throw(
				frappe._("{0} is not a valid Email Address").format(escape_html(part)),
				frappe.InvalidEmailAddressError,
				title=frappe._("Invalid Email"),
			)
	return ", ".join(valid)


def validate_url(txt: str, throw: bool = False, valid_schemes: Any = None) -> bool:
	valid = bool(URL_PATTERN.match(txt or ""))
	if not valid and throw:
		frappe.throw(frappe._("'{0}' is not a valid URL").format(frappe.bold(txt)))
	return valid


def random_string(length: int) -> str:
	return "".join(secrets.choice(string.ascii_letters + string.digits) for _i in range(length))


def get_table_name(table_name: str, wrap_in_backticks: bool = False) -> str:
	"""The SQL table of a doctype; internal tables start with two underscores."""
	name = f"tab{table_name}" if not table_name.startswith("__") else table_name
	return f"`{name}`" if wrap_in_backticks else name


def create_batch(iterable: Iterable, size: int) -> Generator[list, None, None]:
	iterator = iter(iterable)
	while batch := list(itertools.islice(iterator, size)):
		yield batch


def get_defaults(key: str | None = None) -> Any:
	defaults = frappe.db.get_defaults(key)
	return defaults if key else frappe._dict(defaults)


def get_site_path(*path: str) -> str:
	return frappe.get_site_path(*path)


def get_files_path(*path: str, is_private: bool = False) -> str:
	return get_site_path("private" if is_private else "public", "files", *path)


def get_bench_path() -> str:
	return os.path.dirname(frappe.local.sites_path)


def get_bench_id() -> str:
	"""Prefix of the queues: `bench_id` of the site's configuration, else the name of the folder that holds it."""
	return frappe.get_conf().get("bench_id") or os.path.basename(frappe.local.sites_path)


def call_hook_method(hook: str, *args, **kwargs) -> Any:
	"""Call every function of a hook; the first answer that is something is returned."""
	answers = [frappe.call(method, *args, **kwargs) for method in frappe.get_hooks(hook)]
	return next((answer for answer in answers if answer), None)


def is_cli() -> bool:
	"""Whether the code runs outside a web request and a job."""
	return not (getattr(frappe.local, "request", None) or getattr(frappe.local, "job", None))


def set_default(key: str, val: Any) -> None:
	frappe.db.set_default(key, val)


def squashify(what: Any) -> Any:
	return what[0] if isinstance(what, Sequence) and len(what) == 1 else what


def is_a_property(x: Any) -> bool:
	from functools import cached_property

	return isinstance(x, property | cached_property)
