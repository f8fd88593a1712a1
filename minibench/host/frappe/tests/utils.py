# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""FrappeTestCase and helpers for tests."""

import copy
import datetime
import signal
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import frappe
from frappe.model.base_document import BaseDocument
from frappe.utils import cint

DATETIME_LIKE = (datetime.date, datetime.time, datetime.timedelta)


class FrappeTestCase(unittest.TestCase):
	"""Commits what was there before the class's tests and rolls back what they leave."""

	TEST_SITE = "test_site"
	SHOW_TRANSACTION_COMMIT_WARNINGS = False
	maxDiff = 10_000

	@classmethod
	def setUpClass(cls) -> None:
		cls.TEST_SITE = getattr(frappe.local, "site", None) or cls.TEST_SITE
		cls.ADMIN_PASSWORD = frappe.get_conf(cls.TEST_SITE).admin_password
		cls._primary_connection = frappe.local.db
		cls._secondary_connection = None
		frappe.db.commit()
		cls.addClassCleanup(_restore_thread_locals, copy.deepcopy(frappe.local.flags))
		cls.addClassCleanup(_rollback_db)
		super().setUpClass()

	def assertSequenceSubset(self, larger: Any, smaller: Any, msg: Any = None) -> None:
		self.assertTrue(set(smaller).issubset(set(larger)), msg=msg)

	def assertDocumentEqual(self, expected: Any, actual: Any) -> None:
		"""`actual` has the fields of `expected` (a dict or document, with child rows) with the same values."""
		values = expected.as_dict() if isinstance(expected, BaseDocument) else expected
		for field, value in values.items():
			if isinstance(value, list):
				rows = actual.get(field)
				self.assertEqual(len(value), len(rows), msg=f"{field} length should be same")
				for expected_row, actual_row in zip(value, rows, strict=True):
					self.assertDocumentEqual(expected_row, actual_row)
			else:
				self._compare_field(value, actual.get(field), actual, field)

	def _compare_field(self, expected: Any, actual: Any, doc: Any, field: str) -> None:
		message = f"{field} should be same."
		if isinstance(expected, float):
			self.assertAlmostEqual(expected, actual, places=doc.precision(field), msg=message)
		elif isinstance(expected, bool | int):
			self.assertEqual(expected, cint(actual), msg=message)
		elif isinstance(expected, DATETIME_LIKE):
			self.assertEqual(str(expected), str(actual), msg=message)
		else:
			self.assertEqual(expected, actual, msg=message)

	@contextmanager
	def primary_connection(self) -> Iterator[None]:
		with self._connection(self._primary_connection):
			yield

	@contextmanager
	def secondary_connection(self) -> Iterator[None]:
		"""Work on a second connection, as another user's process would."""
		if self._secondary_connection is None:
			primary = frappe.local.db
			frappe.connect()
			self._secondary_connection, frappe.local.db = frappe.local.db, primary
		with self._connection(self._secondary_connection):
			yield
		self.addCleanup(self._rollback_connections)

	@contextmanager
	def _connection(self, connection: Any) -> Iterator[None]:
		current = frappe.local.db
		frappe.local.db = connection
		try:
			yield
		finally:
			frappe.local.db = current

	def _rollback_connections(self) -> None:
		self._primary_connection.rollback()
		self._secondary_connection.rollback()

	@contextmanager
	def assertQueryCount(self, count: int) -> Iterator[None]:
		"""At most `count` statements run in the block."""
		queries = []
		database_class = frappe.db.__class__
		original = database_class.sql

		def counting_sql(*args, **kwargs):
			result = original(*args, **kwargs)
			queries.append(args[0].last_query)
			return result

		database_class.sql = counting_sql
		try:
			yield
			self.assertLessEqual(len(queries), count, msg="Queries executed: \n" + "\n\n".join(queries))
		finally:
			database_class.sql = original

	@contextmanager
	def set_user(self, user: str) -> Iterator[None]:
		old_user = frappe.session.user
		frappe.set_user(user)
		try:
			yield
		finally:
			frappe.set_user(old_user)


def _rollback_db() -> None:
	frappe.db.value_cache = {}
	frappe.db.rollback()


def _restore_thread_locals(flags: Any) -> None:
	frappe.local.flags = flags
	frappe.local.error_log = []
	frappe.local.message_log = []
	frappe.local.debug_log = []
	frappe.local.conf = frappe.get_site_config()
	frappe.local.cache = {}
	frappe.local.lang = "en"
	if hasattr(frappe.local, "request"):
		del frappe.local.request


@contextmanager
def change_settings(
	doctype: str, settings_dict: dict | None = None, /, commit: bool = False, **settings
) -> Iterator[None]:
	"""`with` or decorator: values of a Single changed for a while, put back afterwards.

	@change_settings("Accounts Settings", {"delete_linked_ledger_entries": 1})
	"""
	values = settings if settings_dict is None else settings_dict
	doc = frappe.get_doc(doctype)
	previous = {key: copy.deepcopy(getattr(doc, key)) for key in values}

	def apply(new_values: dict) -> None:
		single = frappe.get_doc(doctype)
		single.update(new_values)
		single.save(ignore_permissions=True)
		frappe.db.value_cache.pop(doctype, None)
		if commit:
			frappe.db.commit()

	try:
		apply(values)
		yield
	finally:
		apply(previous)


def timeout(seconds: int | Callable = 30, error_message: str = "Test timed out.") -> Callable:
	"""Decorator: fail a test that takes longer."""
	limit = 30 if callable(seconds) else seconds

	def raise_timeout(signum: int, frame: Any) -> None:
		raise TimeoutError(error_message)

	def decorate(func: Callable) -> Callable:
		@wraps(func)
		def wrapper(*args, **kwargs):
			signal.signal(signal.SIGALRM, raise_timeout)
			signal.alarm(limit)
			try:
				return func(*args, **kwargs)
			finally:
				signal.alarm(0)

		return wrapper

	return decorate(seconds) if callable(seconds) else decorate
