# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the commands share: the site and the user, exit codes, and what is printed at the end."""

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click
import frappe
from frappe import _
from frappe.commands import get_site

#: Exit codes; 2 is click's, for arguments that cannot be meant, and 130 the shell's, for Ctrl-C.
DONE = 0
ERROR = 1
SOME_FAILED = 3
NOTHING_STANDS = 4
NOT_ENDED = 5
INTERRUPTED = 130

#: A list of failures on the terminal has so many lines.
MOST_FAILURES = 50


class Failure(click.ClickException):
	"""Ends the command with a message on stderr and the exit code 1."""

	exit_code = ERROR


def with_user_and_json(command: Callable) -> Callable:
	"""Add the options that every command has, --user and --json."""
	for option in (
		click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for machines."),
		click.option("--user", default="Administrator", show_default=True, help="Whose rights count."),
	):
		command = option(command)
	return command


@contextmanager
def on_site(context: frappe._dict, user: str, as_json: bool) -> Iterator[None]:
	"""Connected to the site as the user while inside; what was not committed is rolled back.

	What the app or ERPNext refuse becomes a Failure; with `as_json` it is printed as {"error": ...} too.
	"""
	frappe.init(site=get_site(context))
	frappe.connect()
	try:
		_become(user)
		yield
	except Failure as failure:
		_say(failure, as_json)
	except frappe.ValidationError as error:
		_say(Failure(_in_lines(error)), as_json)
	except frappe.PermissionError as error:
		_say(Failure(_in_lines(error, _("{0} may not do this.").format(user))), as_json)
	finally:
		frappe.destroy()


def _become(user: str) -> None:
	if not frappe.db.get_value("User", {"name": user, "enabled": 1}):
		raise click.BadParameter(f"there is no enabled user {user}", param_hint="--user")
	frappe.set_user(user)


def _in_lines(error: Exception, instead: str = "") -> str:
	"""Return the message, of several lines perhaps, as plain text."""
	from advanced_bank_reconciliation.exceptions import in_words

	lines = [in_words(Exception(line)) for line in str(error).split("<br>") if line.strip()]
	return "\n".join(lines) or instead or type(error).__name__


def _say(failure: Failure, as_json: bool) -> NoReturn:
	if as_json:
		print_json({"error": failure.message})
	raise failure from None


def print_json(answer: Any) -> None:
	click.echo(json.dumps(answer, default=str, indent=1))


def exit_code_of(status: str, handed_over: bool = False) -> int:
	"""Return the exit code that says in which state a job is; one that was handed over need not have ended."""
	from advanced_bank_reconciliation.bulk import statuses

	if status in (statuses.COMPLETED, statuses.UNDONE):
		return DONE
	if status == statuses.PARTIALLY_COMPLETED:
		return SOME_FAILED
	if status in statuses.ACTIVE:
		return DONE if handed_over else NOT_ENDED
	return NOTHING_STANDS


def show_job(job_id: str, as_json: bool) -> str:
	"""Print how far the job is, with its failures, and return its status."""
	from advanced_bank_reconciliation.bulk.progress import get_progress

	progress = get_progress(job_id)
	if as_json:
		print_json(progress)
		return progress["status"]
	current, total, percentage = (progress[key] for key in ("current", "total", "percentage"))
	click.echo(f"{job_id}: {_(progress['status'])}, {current} of {total} ({percentage:g} %)")
	if progress["message"]:
		click.echo(progress["message"])
	failures = progress["failures"]
	for failure in failures[:MOST_FAILURES]:
		click.echo(f"  {failure['message']}")
	if len(failures) > MOST_FAILURES:
		click.echo(f"  and {len(failures) - MOST_FAILURES} more, on the record {job_id}")
	return progress["status"]


def table(rows: list[list[Any]], right: tuple[int, ...] = ()) -> str:
	"""Return rows, the first of which is the head, as text with aligned columns; `right`: those of numbers."""
	texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
	widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
	lines = []
	for row in texts:
		cells = [
			cell.rjust(width) if number in right else cell.ljust(width)
			for number, (cell, width) in enumerate(zip(row, widths, strict=True))
		]
		lines.append("  ".join(cells).rstrip())
	return "\n".join(lines)
