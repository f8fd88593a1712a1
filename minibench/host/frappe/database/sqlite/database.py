# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""SQLite behind Frappe's database interface: connection, statements, transactions, errors."""

import re
import sqlite3
from typing import Any

import frappe
from frappe.database.database import Database
from frappe.database.sqlite import functions
from frappe.database.sqlite.sql import (
	Statement,
	bind,
	text_to_date,
	text_to_datetime,
	text_to_timedelta,
	translate,
)
from frappe.types.frappedict import _dict

sqlite3.register_converter("date", lambda value: text_to_date(value.decode()))
sqlite3.register_converter("datetime", lambda value: text_to_datetime(value.decode()))
sqlite3.register_converter("time", lambda value: text_to_timedelta(value.decode()))

_DATE_TEXT = re.compile(r"\d{4}-\d\d-\d\d(?P<time> \d\d:\d\d:\d\d(?:\.\d+)?)?")


class SQLiteDatabase(Database):
	"""One connection.

	Reads before the first write hold no transaction. The first write or locking read takes the database's write
	lock (BEGIN IMMEDIATE) and keeps it until commit or rollback, so FOR UPDATE waits for any other writer, and
	SKIP LOCKED waits as well instead of skipping. Savepoints set before the first write cost no lock.
	"""

	db_type = "sqlite"
	REGEX_CHARACTER = "regexp"

	OperationalError = sqlite3.OperationalError
	InternalError = sqlite3.InternalError
	InterfaceError = sqlite3.InterfaceError
	ProgrammingError = sqlite3.ProgrammingError
	IntegrityError = sqlite3.IntegrityError
	DataError = sqlite3.DataError
	SQLError = sqlite3.DatabaseError
	TableMissingError = sqlite3.OperationalError

	def __init__(self, path: str, lock_wait_timeout: float = 50.0):
		super().__init__()
		self.path = path
		self.lock_wait_timeout = lock_wait_timeout
		self._conn: sqlite3.Connection | None = None
		self._cursor: sqlite3.Cursor | None = None
		self._savepoints: list[str] = []
		self._columns: dict[str, list[str]] = {}

	def connect(self) -> None:
		self._conn = sqlite3.connect(
			self.path,
			timeout=self.lock_wait_timeout,
			detect_types=sqlite3.PARSE_DECLTYPES,
			isolation_level=None,
			check_same_thread=False,
		)
		self._cursor = self._conn.cursor()
		for pragma in (
			"journal_mode = WAL",
			"synchronous = NORMAL",
			"temp_store = MEMORY",
			"cache_size = -16000",
		):
			self._conn.execute(f"PRAGMA {pragma}").fetchall()
		functions.register(self._conn)

	def close(self) -> None:
		if self._conn:
			self._conn.close()
		self._conn = self._cursor = None

	@property
	def in_transaction(self) -> bool:
		return bool(self._conn and self._conn.in_transaction)

	def sql(
		self,
		query: Any,
		values: Any = (),
		*,
		as_dict: bool = False,
		as_list: bool = False,
		debug: bool = False,
		ignore_ddl: bool = False,
		auto_commit: bool = False,
		update: dict | None = None,
		explain: bool = False,
		run: bool = True,
		pluck: bool = False,
		as_iterator: bool = False,
	) -> Any:
		"""Run a statement and fetch all rows: tuples, `as_dict` frappe._dict, `as_list` lists, `pluck` first column.

		:param values: for %s (tuple, list or one value) or %(name)s (dict); a list value expands for IN
		:raises QueryTimeoutError: the write lock was not free within `lock_wait_timeout` seconds
		"""
		query = str(query).strip()
		if not run:
			return query
		if not isinstance(values, list | tuple | dict):
			values = (values,)
		if not self._conn:
			self.connect()
		if auto_commit:
			self.commit()

		statement = translate(query)
		try:
			self._execute(statement, query, values)
		except sqlite3.Error as error:
			if ignore_ddl and self.is_missing_table_or_column(error):
				return ()
			raise
		if debug:
			frappe.log(f"{self.last_query}\n{values}")
		rows = self._cursor.fetchall() if self._cursor.description else ()
		if auto_commit:
			self.commit()
		if not self._cursor.description:
			return ()
		if statement.has_computed_columns:
			rows = self._convert_computed_dates(rows)
		return self._shape(rows, as_dict, as_list, pluck, update)

	def _execute(self, statement: Statement, query: str, values: Any) -> None:
		if statement.is_ddl:
			self.check_implicit_commit(query)
			self._columns.clear()
		elif statement.is_write or statement.locks:
			self._begin(wait=not statement.nowait)
		sql, parameters = bind(statement.sql, values)
		self.last_query = sql
		if statement.is_write:
			self.transaction_writes += 1
		try:
			self._cursor.execute(sql, parameters)
		except sqlite3.OperationalError as error:
			if self.is_timedout(error):
				raise frappe.QueryTimeoutError(error) from error
			raise
		except sqlite3.IntegrityError as error:
			if "CHECK constraint failed" in str(error):
				column = str(error).partition(": ")[2].removesuffix("_too_long")
				raise self.DataError(f"Data too long for column '{column}'") from error
			raise

	def _begin(self, wait: bool = True) -> None:
		"""Take the write lock, then set the savepoints that were asked for before it was needed."""
		if self._conn.in_transaction:
			return
		try:
			if not wait:
				self._conn.execute("PRAGMA busy_timeout = 0")
			self._cursor.execute("BEGIN IMMEDIATE")
		except sqlite3.OperationalError as error:
			raise frappe.QueryTimeoutError(error) from error
		finally:
			if not wait:
				self._conn.execute(f"PRAGMA busy_timeout = {int(self.lock_wait_timeout * 1000)}")
		for name in self._savepoints:
			self._cursor.execute(f"SAVEPOINT `{name}`")

	def _shape(self, rows: list, as_dict: bool, as_list: bool, pluck: bool, update: dict | None) -> Any:
		if pluck:
			return [row[0] for row in rows]
		if as_dict:
			keys = [column[0] for column in self._cursor.description]
			result = [_dict(zip(keys, row, strict=True)) for row in rows]
			for row in result if update else ():
				row.update(update)
			return result
		if as_list:
			return [list(row) for row in rows]
		return tuple(rows)

	def _convert_computed_dates(self, rows: list) -> list:
		"""MAX(posting_date) and the like come back as text: only plain columns carry their type in SQLite.

		A text of that shape becomes a date unless the column is named like a known text field.
		"""
		from frappe.model.meta import is_text_fieldname

		names = [column[0] for column in self._cursor.description]
		candidates = [
			i
			for i in range(len(names))
			if any(type(row[i]) is str and _DATE_TEXT.fullmatch(row[i]) for row in rows[:1000])
			and not is_text_fieldname(names[i])
		]
		if not candidates:
			return rows
		converted = []
		for row in rows:
			row = list(row)
			for i in candidates:
				if isinstance(row[i], str) and (match := _DATE_TEXT.fullmatch(row[i])):
					row[i] = text_to_datetime(row[i]) if match.group("time") else text_to_date(row[i])
			converted.append(tuple(row))
		return converted

	def commit(self) -> None:
		self.before_rollback.reset()
		self.after_rollback.reset()
		self.before_commit.run()
		self._end("COMMIT")
		self.after_commit.run()

	def rollback(self, *, save_point: str | None = None) -> None:
		"""Undo the transaction, or what was done since the savepoint."""
		self.value_cache.clear()
		if save_point:
			self._rollback_to(save_point)
			return
		self.before_commit.reset()
		self.after_commit.reset()
		self.before_rollback.run()
		self._end("ROLLBACK")
		self.after_rollback.run()

	def _end(self, statement: str) -> None:
		if self.in_transaction:
			self._cursor.execute(statement)
		self._savepoints.clear()
		self.pending_cache_clears.clear()
		self.transaction_writes = 0

	def begin(self, *, read_only: bool = False) -> None:
		"""Nothing to do: the next write begins the transaction."""

	def savepoint(self, save_point: str) -> None:
		if self.in_transaction:
			self._cursor.execute(f"SAVEPOINT `{save_point}`")
		if save_point in self._savepoints:
			self._savepoints.remove(save_point)
		self._savepoints.append(save_point)

	def release_savepoint(self, save_point: str) -> None:
		position = self._position_of(save_point)
		if self.in_transaction:
			self._cursor.execute(f"RELEASE SAVEPOINT `{save_point}`")
		del self._savepoints[position:]

	def _rollback_to(self, save_point: str) -> None:
		position = self._position_of(save_point)
		if self.in_transaction:
			self._cursor.execute(f"ROLLBACK TO SAVEPOINT `{save_point}`")
		del self._savepoints[position + 1 :]

	def _position_of(self, save_point: str) -> int:
		if save_point not in self._savepoints:
			raise self.OperationalError(f"SAVEPOINT {save_point} does not exist")
		return self._savepoints.index(save_point)

	def check_implicit_commit(self, query: str) -> None:
		if self.transaction_writes:
			raise frappe.ImplicitCommitError("This statement can cause implicit commit", query)

	def sql_ddl(self, query: str, debug: bool = False) -> None:
		"""Commit, then run a statement that changes the schema (it is its own transaction)."""
		self.commit()
		self.sql(query)

	def get_tables(self, cached: bool = True) -> list[str]:
		return self.sql("SELECT name FROM sqlite_master WHERE type = 'table'", pluck=True)

	def get_db_table_columns(self, table: str) -> list[str]:
		if table not in self._columns:
			columns = self.sql(f"SELECT name FROM pragma_table_info('{table}')", pluck=True)
			if not columns:
				return []
			self._columns[table] = columns
		return self._columns[table]

	def describe(self, doctype: str) -> tuple:
		return self.sql(f"SELECT name, type FROM pragma_table_info('tab{doctype}')")

	def has_index(self, table_name: str, index_name: str) -> bool:
		query = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND name = %s"
		return bool(self.sql(query, (table_name, f"{table_name}_{index_name}")))

	def add_index(self, doctype: str, fields: list[str], index_name: str | None = None) -> None:
		self._create_index(doctype, fields, index_name or self.get_index_name(fields), unique=False)

	def add_unique(self, doctype: str, fields: list[str] | str, constraint_name: str | None = None) -> None:
		fields = [fields] if isinstance(fields, str) else fields
		self._create_index(doctype, fields, constraint_name or "unique_" + "_".join(fields), unique=True)

	def _create_index(self, doctype: str, fields: list[str], name: str, unique: bool) -> None:
		table = f"tab{doctype}"
		if self.has_index(table, name):
			return
		plain = [re.sub(r"\(.*", "", field).strip("`") for field in fields]
		columns = ", ".join(f"`{field}`" for field in plain)
		self.sql_ddl(f"CREATE {'UNIQUE ' if unique else ''}INDEX `{table}_{name}` ON `{table}` ({columns})")

	@staticmethod
	def get_index_name(fields: list[str]) -> str:
		return re.sub(r"\s*\([^)]+\)\s*", "", "_".join(fields) + "_index")

	@staticmethod
	def escape(s: Any, percent: bool = True) -> str:
		"""A quoted SQL literal."""
		text = frappe.as_unicode(s).replace("'", "''")
		return "'" + (text.replace("%", "%%") if percent else text) + "'"

	@staticmethod
	def is_timedout(e: Exception) -> bool:
		return "database is locked" in str(e) or isinstance(e, frappe.QueryTimeoutError)

	@staticmethod
	def is_deadlocked(e: Exception) -> bool:
		"""SQLite has no deadlocks: one writer at a time waits for the one lock."""
		return isinstance(e, frappe.QueryDeadlockError)

	@staticmethod
	def is_primary_key_violation(e: Exception) -> bool:
		return isinstance(e, sqlite3.IntegrityError) and bool(
			re.fullmatch(r"UNIQUE constraint failed: [\w -]+\.name", str(e))
		)

	@staticmethod
	def is_unique_key_violation(e: Exception) -> bool:
		is_unique = isinstance(e, sqlite3.IntegrityError) and "UNIQUE constraint failed" in str(e)
		return is_unique and not SQLiteDatabase.is_primary_key_violation(e)

	@staticmethod
	def is_duplicate_entry(e: Exception) -> bool:
		return isinstance(e, sqlite3.IntegrityError) and "UNIQUE constraint failed" in str(e)

	@staticmethod
	def is_interface_error(e: Exception) -> bool:
		return isinstance(e, sqlite3.InterfaceError)

	@staticmethod
	def is_missing_column(e: Exception) -> bool:
		return isinstance(e, sqlite3.OperationalError) and (
			"no such column" in str(e) or "has no column" in str(e)
		)

	@staticmethod
	def is_table_missing(e: Exception) -> bool:
		return isinstance(e, sqlite3.OperationalError) and "no such table" in str(e)

	@staticmethod
	def is_data_too_long(e: Exception) -> bool:
		return isinstance(e, sqlite3.DataError) and "Data too long" in str(e)

	@staticmethod
	def is_syntax_error(e: Exception) -> bool:
		return isinstance(e, sqlite3.OperationalError) and "syntax error" in str(e)

	@staticmethod
	def unique_key_columns(e: Exception) -> list[str]:
		"""The columns that a unique violation names."""
		return re.findall(r"\.(\w+)", str(e).partition(": ")[2])
