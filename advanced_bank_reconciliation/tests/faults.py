# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What child processes of the tests do: work with a fault built in, call an endpoint, hold a lock.

Started by `tests.processes.Child` with an order: {command, site, folder, arguments}. Faults sit in ERPNext's
documents and in the database connection, never in the engine: they hit it from outside, as in real life.

Commands
- work: an RQ worker on the long queue until that is empty, or, with `burst` off, until it is killed. Faults,
  each with the number of the Payment Entry (of this process) at which it strikes:
  kill_before_insert, kill_after_insert, kill_before_commit: kill -9 of worker and work-horse.
  kill_before_linked: the same when a linked Bank Transaction is about to be committed; counts their saves.
  kill_after_cancel: the same after that many Payment Entries were cancelled.
  kill_after_line, kill_before_lines: the same after that many Bank Transactions were inserted, at once or when
  they are about to be committed. kill_after_line_cancel: after that many of them were cancelled. gate_at_line:
  stop before one is inserted until the test opens the gate.
  lose_connection: the database server ends the connection. lose_connection_at_line: the same at a Bank
  Transaction.
  gate: stop before the insert until the test opens the gate. gate_at_link: the same before a Bank
  Transaction is saved; counts their saves. gate_at_cancel: the same before a Payment Entry is cancelled.
  gate_before_commit, gate_after_commit: stop at the commit of the batch with that Payment Entry; these gates
  have names, before_commit and after_commit. At a gate the test may ask for process and connection.
  lock_wait: wait that many seconds for a lock instead of the server's default.
  hook_raises: a hook on Bank Transaction raises (number ignored).
  hooks_raise: hooks of another app, each as [doctype, event, number of its call, name of the error].
  cross_locks: before its first insert the worker locks one row, and another when the test opens the gate; with 2
  in the other order than with 1 (number of the order).
- call: one call of an endpoint, made at the moment at which the test opens the gate.
- hold: lock rows of a table, one after the other at each gate, and keep them until the last gate opens.
"""

import errno
import functools
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import frappe
import redis

GATE_DEADLINE = 120

HOOK_MESSAGE = "The auditor's hook says no"

order: dict[str, Any] = {}


def main() -> None:
	"""Carry out the order given as the first command line argument."""
	order.update(json.loads(sys.argv[1]))
	COMMANDS[order["command"]](**order["arguments"])


def gate(name: str = "gate") -> None:
	"""Tell the test that this point is reached, and wait for its permission to go on, or for its end."""
	folder, parent = Path(order["folder"]), os.getppid()
	tell_who_stands_there(folder / f"{name}.reached")
	end = time.monotonic() + GATE_DEADLINE
	while not (folder / f"{name}.open").exists():
		if os.getppid() != parent or time.monotonic() > end:
			os._exit(1)
		time.sleep(0.01)


def tell_who_stands_there(file: Path) -> None:
	"""Write process id and, where the database has such, the number of the connection."""
	connection = getattr(getattr(frappe.local, "db", None), "_conn", None)
	number = connection.thread_id() if hasattr(connection, "thread_id") else None
	partial = file.with_suffix(".partial")
	partial.write_text(json.dumps({"process": os.getpid(), "connection": number}))
	partial.rename(file)


# work


def work(faults: dict[str, Any], burst: bool = True, queue: str = "long") -> None:
	from frappe.utils import background_jobs

	order["worker"] = os.getpid()
	connect = frappe.connect

	def connect_with_faults(*args: Any, **kwargs: Any) -> None:
		connect(*args, **kwargs)
		if not order.get("armed"):
			order["armed"] = True
			note_refusals()
			for name, number in faults.items():
				FAULTS[name](number)

	frappe.connect = connect_with_faults
	background_jobs.start_worker(queue=queue, quiet=True, burst=burst)


def die(*_args: Any, **_kwargs: Any) -> None:
	"""kill -9 of the RQ worker and of the work-horse that it has forked (this process)."""
	with suppress(ProcessLookupError):
		os.kill(order["worker"], signal.SIGKILL)
	os.kill(os.getpid(), signal.SIGKILL)


def note_refusals() -> None:
	"""Let the test know that a deadlock or lock wait timeout came to pass: a file with the error's name."""
	database = type(frappe.local.db)
	sql = database.sql

	@functools.wraps(sql)  # the fast path looks at its arguments
	def noting_sql(*args: Any, **kwargs: Any) -> Any:
		try:
			return sql(*args, **kwargs)
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError) as error:
			(Path(order["folder"]) / type(error).__name__).touch()
			raise

	database.sql = noting_sql


def payment_entry_class() -> type:
	from erpnext.accounts.doctype.payment_entry.payment_entry import PaymentEntry

	return PaymentEntry


def around(cls: type, method: str, before: Callable | None = None, after: Callable | None = None) -> None:
	"""Wrap a method: `before(number)` and `after(number)` get the number of the call, from 1."""
	original = getattr(cls, method)
	calls = [0]

	def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
		calls[0] += 1
		number = calls[0]
		if before:
			before(number)
		result = original(self, *args, **kwargs)
		if after:
			after(number)
		return result

	setattr(cls, method, wrapped)


def at(number: int, act: Callable[[], Any]) -> Callable[[int], None]:
	"""Return a function that acts at its call with this number."""

	def maybe(count: int) -> None:
		if count == number:
			act()

	return maybe


def kill_before_insert(number: int) -> None:
	around(payment_entry_class(), "insert", before=at(number, die))


def kill_after_insert(number: int) -> None:
	around(payment_entry_class(), "insert", after=at(number, die))


def die_at_commit() -> None:
	frappe.local.db.commit = die


def kill_before_commit(number: int) -> None:
	around(payment_entry_class(), "insert", after=at(number, die_at_commit))


def bank_transaction_class() -> type:
	from frappe.model.base_document import get_controller

	return get_controller("Bank Transaction")


def kill_before_linked(number: int) -> None:
	around(bank_transaction_class(), "save", after=at(number, die_at_commit))


def kill_after_cancel(number: int) -> None:
	around(payment_entry_class(), "cancel", after=at(number, die))


def end_connection() -> None:
	"""End this process's database connection from a second one, as a server restart would."""
	((connection,),) = frappe.db.sql("select connection_id()")
	own = frappe.local.db
	frappe.connect(set_admin_as_user=False)
	frappe.local.db.sql(f"kill {int(connection)}")
	frappe.local.db.close()
	frappe.local.db = own


def kill_after_line(number: int) -> None:
	around(bank_transaction_class(), "insert", after=at(number, die))


def kill_before_lines(number: int) -> None:
	around(bank_transaction_class(), "insert", after=at(number, die_at_commit))


def kill_after_line_cancel(number: int) -> None:
	around(bank_transaction_class(), "cancel", after=at(number, die))


def lose_connection_at_line(number: int) -> None:
	around(bank_transaction_class(), "insert", before=at(number, end_connection))


def gate_at_line(number: int) -> None:
	around(bank_transaction_class(), "insert", before=at(number, gate))


def lose_connection(number: int) -> None:
	around(payment_entry_class(), "insert", before=at(number, end_connection))


def gate_at_insert(number: int) -> None:
	around(payment_entry_class(), "insert", before=at(number, gate))


def gate_at_link(number: int) -> None:
	around(bank_transaction_class(), "save", before=at(number, gate))


def gate_at_cancel(number: int) -> None:
	around(payment_entry_class(), "cancel", before=at(number, gate))


def gate_before_commit(number: int) -> None:
	gate_at_commit(number, before=True)


def gate_after_commit(number: int) -> None:
	gate_at_commit(number, before=False)


def gate_at_commit(number: int, before: bool) -> None:
	"""The commits of a run are not counted: it is the first one after that Payment Entry."""
	waiting: list[int] = []

	def stand(_number: int) -> None:
		if waiting:
			waiting.clear()
			gate("before_commit" if before else "after_commit")

	around(payment_entry_class(), "insert", after=at(number, lambda: waiting.append(number)))
	around(type(frappe.local.db), "commit", **{"before" if before else "after": stand})


def lock_wait(seconds: int) -> None:
	frappe.db.sql(f"set session innodb_lock_wait_timeout = {int(seconds)}")


def raise_from_hook(_doc: Any, _method: str | None = None) -> None:
	"""A doc_events hook on Bank Transaction, as another app might have it."""
	raise frappe.ValidationError(HOOK_MESSAGE)


def hook_raises(_number: int) -> None:
	add_hook("Bank Transaction", "on_update_after_submit", f"{__name__}.raise_from_hook")


def add_hook(doctype: str, event: str, handler: str) -> None:
	"""Add the dotted `handler` to the doc_events, as an installed app does in its hooks.py."""
	get_doc_hooks = frappe.get_doc_hooks

	def with_ours() -> dict[str, dict[str, list[str]]]:
		hooks = get_doc_hooks()
		events = hooks.get(doctype, {})
		return {**hooks, doctype: {**events, event: [*events.get(event, []), handler]}}

	frappe.get_doc_hooks = with_ours


#: What a hook of another app may raise: a refusal, and what has nothing to do with the document.
ERRORS: dict[str, Callable[[], Exception]] = {
	"refusal": lambda: frappe.ValidationError(HOOK_MESSAGE),
	"memory": lambda: MemoryError(HOOK_MESSAGE),
	"disk": lambda: OSError(errno.ENOSPC, HOOK_MESSAGE),
	"redis": lambda: redis.exceptions.ConnectionError(HOOK_MESSAGE),
}

calls_of_hooks: Counter[tuple[str, str]] = Counter()


def hooks_raise(hooks: list[tuple[str, str, int, str]]) -> None:
	order["hooks"] = {(doctype, event): (number, error) for doctype, event, number, error in hooks}
	for doctype, event in order["hooks"]:
		add_hook(doctype, event, f"{__name__}.raise_at_its_call")


def raise_at_its_call(doc: Any, method: str | None = None) -> None:
	"""A doc_events hook that raises once, at the call for which it was ordered."""
	key = (doc.doctype, method)
	calls_of_hooks[key] += 1
	number, error = order["hooks"][key]
	if calls_of_hooks[key] == number:
		raise ERRORS[error]()


def cross_locks(order_of_rows: int) -> None:
	rows = ["EUR", "USD"] if order_of_rows == 1 else ["USD", "EUR"]

	def lock_both() -> None:
		for name, wait in zip(rows, (gate, lambda: None), strict=True):
			frappe.db.sql("select name from `tabCurrency` where name = %s for update", name)
			wait()

	around(payment_entry_class(), "insert", before=at(1, lock_both))


FAULTS: dict[str, Callable[[Any], None]] = {
	"kill_before_insert": kill_before_insert,
	"kill_after_insert": kill_after_insert,
	"kill_before_commit": kill_before_commit,
	"kill_before_linked": kill_before_linked,
	"kill_after_cancel": kill_after_cancel,
	"kill_after_line": kill_after_line,
	"kill_before_lines": kill_before_lines,
	"kill_after_line_cancel": kill_after_line_cancel,
	"gate_at_line": gate_at_line,
	"lose_connection_at_line": lose_connection_at_line,
	"lose_connection": lose_connection,
	"gate": gate_at_insert,
	"gate_at_link": gate_at_link,
	"lock_wait": lock_wait,
	"gate_at_cancel": gate_at_cancel,
	"gate_before_commit": gate_before_commit,
	"gate_after_commit": gate_after_commit,
	"hook_raises": hook_raises,
	"hooks_raise": hooks_raise,
	"cross_locks": cross_locks,
}


# call and hold


def connect() -> None:
	frappe.init(site=order["site"])
	frappe.connect()


def answer(value: Any) -> None:
	"""Leave the answer where the test finds it."""
	(Path(order["folder"]) / "answer").write_text(json.dumps(value, default=str))


def call(method: str, user: str, **arguments: Any) -> None:
	"""Call the dotted `method` as `user` in one transaction; answers {result} or {error, type}."""
	connect()
	frappe.set_user(user)
	function = frappe.get_attr(method)
	gate()
	try:
		result = function(**arguments)
		frappe.db.commit()
	except Exception as error:
		frappe.db.rollback()
		answer({"error": str(error), "type": type(error).__name__})
	else:
		answer({"result": result})


def hold(table: str, names: list[str], weight: int = 0) -> None:
	"""Lock the rows one by one, at the gates lock0, lock1 ... held; `weight` rows are written before.

	A transaction that has written much is not the one that the server chooses to end a deadlock.
	"""
	connect()
	for _ in range(weight):
		frappe.get_doc({"doctype": "Comment", "comment_type": "Info", "content": "held"}).db_insert()
	gate("ready")
	outcome = "held"
	for number, name in enumerate(names):
		try:
			frappe.db.sql(f"select name from `{table}` where name = %s for update", name)
		except frappe.QueryDeadlockError:
			outcome = "chosen as the victim"
			break
		gate(f"lock{number}")
	frappe.db.rollback()
	answer({"outcome": outcome})


COMMANDS: dict[str, Callable] = {"work": work, "call": call, "hold": hold}
