# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Runs one step of a job as one database transaction, again when the database asks for it."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import frappe
import redis
from frappe import realtime
from rq.timeouts import BaseTimeoutException

#: Pauses before the next try, in seconds; after the last the error is raised and recovery takes over.
RETRY_AFTER = (0.2, 0.5, 1, 2, 5)

#: Each pause is varied by so much of itself, so that two runs that met do not meet again.
JITTER = 0.5

#: MariaDB's codes for a lock wait that took too long, for a deadlock, and for KILL QUERY.
CONFLICT_CODES = (1205, 1213, 1317)

#: MariaDB's codes for a server that cannot be reached, takes nobody more, shuts down, has gone away, has killed
#: the connection, or broke off.
CONNECTION_CODES = (1040, 1053, 1927, 2002, 2003, 2006, 2013, 2014, 2055)

#: A Redis that is down, starting, or does not answer in time. Every hook that sends a job may meet it.
REDIS_UNREACHABLE = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)


Answer = TypeVar("Answer")

#: The names of isolation levels as MariaDB tells them and as it is told them.
ISOLATION_LEVELS = {
	"READ-UNCOMMITTED": "read uncommitted",
	"READ-COMMITTED": "read committed",
	"REPEATABLE-READ": "repeatable read",
	"SERIALIZABLE": "serializable",
}


def is_transient(error: BaseException) -> bool:
	"""Return whether the same transaction, started anew, may well succeed.

	After a deadlock the database has rolled back everything, savepoints too, so such an error must never
	be taken for the failure of one row (STYLE.md item 5).
	"""
	if isinstance(error, (frappe.QueryDeadlockError, frappe.QueryTimeoutError, *REDIS_UNREACHABLE)):
		return True
	return is_connection_lost(error) or _has_code(error, CONFLICT_CODES)


def ends_the_run(error: BaseException) -> bool:
	"""Return whether the error is about the transaction or the run, so not to be blamed on one document."""
	return is_transient(error) or isinstance(error, BaseTimeoutException)


def is_connection_lost(error: BaseException) -> bool:
	"""Return whether the connection to the database is gone."""
	return frappe.db.is_interface_error(error) or _has_code(error, CONNECTION_CODES)


def _has_code(error: BaseException, codes: tuple[int, ...]) -> bool:
	return isinstance(error, frappe.db.OperationalError) and bool(error.args) and error.args[0] in codes


def in_transaction(step: Callable[[str], Answer], job_id: str) -> Answer:
	"""Run `step(job_id)` and commit; on a transient error roll all of it back and try again."""
	for pause in (*RETRY_AFTER, None):
		_forget_saved()
		try:
			answer = step(job_id)
			# The step is complete in itself: its rows and its vouchers become visible together.
			frappe.db.commit()  # nosemgrep
			return answer
		except Exception as error:
			_roll_back(error)
			_forget_events()
			if pause is None or not is_transient(error):
				raise
			time.sleep(pause * random.uniform(1 - JITTER, 1 + JITTER))
	raise AssertionError("unreachable")


def begin_anew() -> None:
	"""Begin the transaction of a batch, in which nothing is written yet: each read sees what is committed then.

	On MariaDB it is read committed. Under the default, repeatable read, InnoDB locks not only rows but also
	the gaps beside them, whenever a statement looks for a row that is not there yet: ERPNext updates and
	deletes rows of a new Payment Entry before it inserts them, and Frappe reads child rows FOR UPDATE. Names
	count up, so such a gap is the one in which everybody's next voucher goes: they would wait for the whole
	batch, and two runs of a job would deadlock. A snapshot would not protect anything here: what a batch decides
	about money by, its rows and their invoices, it has locked, and of those the latest is wanted.
	"""
	level = _isolation_level()
	if not level:
		frappe.db.rollback()
		return
	# Said of the session, it counts from the next transaction on; so the one after has the usual level again.
	frappe.db.sql("set session transaction isolation level read committed")
	frappe.db.rollback()
	frappe.db.sql(f"set session transaction isolation level {ISOLATION_LEVELS[level]}")


def _isolation_level() -> str | None:
	"""Return the session's level, or None where it must stay: a binary log of statements allows no other."""
	if frappe.db.db_type != "mariadb":
		return None
	((level, has_log, log_format),) = frappe.db.sql(
		"select @@session.tx_isolation, @@global.log_bin, @@session.binlog_format"
	)
	return None if has_log and log_format == "STATEMENT" else level


def _roll_back(error: Exception) -> None:
	lost = is_connection_lost(error)
	if not lost:
		try:
			frappe.db.rollback()
		except Exception as second:
			lost = is_connection_lost(second)
			if not lost:
				raise
	if lost:
		_reconnect()


def _forget_saved() -> None:
	"""Empty Frappe's list of documents that are being saved: between two transactions there is none.

	An insert notes its document there before it has a name and looks for it by its name when it is done, so in
	Frappe 15 the list grows with every document, and each `db_set` goes through all of it: after 2,000
	Payment Entries that was a fifth of a run's time.
	"""
	if saving := frappe.flags.get("currently_saving"):
		saving.clear()


def _forget_events() -> None:
	"""Drop the events of what is rolled back.

	Frappe forgets how when it begins to commit. If that commit fails, it keeps them, and all events that
	follow, to itself for the rest of the run.
	"""
	if hasattr(realtime, "clear_realtime_log"):
		realtime.clear_realtime_log()


def _reconnect() -> None:
	"""Open a new connection; what waited for the lost transaction's commit learns that it is gone."""
	frappe.db.after_commit.reset()
	frappe.db.after_rollback.run()
	with suppress(Exception):
		frappe.db.close()
	frappe.connect(set_admin_as_user=False)
