# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""bank-rec-import: a statement file from the shell into a bank account."""

import sys
from pathlib import Path
from typing import Any

import click
import frappe
from frappe import _
from frappe.commands import pass_context

from advanced_bank_reconciliation.commands.common import (
	DONE,
	ERROR,
	MOST_FAILURES,
	NOT_ENDED,
	NOTHING_STANDS,
	SOME_FAILED,
	Failure,
	on_site,
	print_json,
	with_user_and_json,
)

#: What of a state only a form needs.
FOR_FORMS = ("columns", "roles", "first_rows", "lines", "can")


@click.command("bank-rec-import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--bank-account", required=True, help="Name of the Bank Account.")
@click.option("--dry-run", is_flag=True, help="Only read and judge the file; nothing is kept.")
@click.option(
	"--answer",
	"answers",
	multiple=True,
	metavar="QUESTION=CHOICE",
	help="Answer to a question about the file, such as date_order=DMY. May be repeated.",
)
@click.option("--possible-duplicates", is_flag=True, help="Import lines that may be there already, too.")
@click.option("--background", is_flag=True, help="Leave the work to a worker.")
@with_user_and_json
@pass_context
def bank_rec_import(
	context: frappe._dict,
	file: Path,
	bank_account: str,
	dry_run: bool,
	answers: tuple[str, ...],
	possible_duplicates: bool,
	background: bool,
	user: str,
	as_json: bool,
) -> None:
	"""Import the bank statement FILE (CSV, XLSX, CAMT, MT940 or OFX) into a bank account.

	Lines that are in the books already are left out. Exit codes: 0 imported, or nothing new, or handed over
	to a worker; 1 refused; 2 wrong arguments; 3 some lines are bad or failed; 4 nothing was imported; 5 not
	ended.
	"""
	given = _parse_answers(answers)
	with on_site(context, user, as_json):
		name = _upload(file, bank_account, given, possible_duplicates)
		if dry_run:
			code = show_import(name, as_json)
			frappe.db.rollback()
		else:
			_start(name, background)
			code = show_import(name, as_json, background)
	sys.exit(code)


def _parse_answers(answers: tuple[str, ...]) -> dict[str, str]:
	parsed = {}
	for answer in answers:
		field, sign, choice = answer.partition("=")
		if not sign or not field:
			raise click.BadParameter(f"{answer!r} is not QUESTION=CHOICE", param_hint="--answer")
		parsed[field] = choice
	return parsed


def _upload(file: Path, bank_account: str, answers: dict[str, str], possible_duplicates: bool) -> str:
	"""Make the record of the file, with nothing committed, and return its name."""
	from advanced_bank_reconciliation.statement_import import record
	from advanced_bank_reconciliation.statement_import.bank_account import account_for_import
	from advanced_bank_reconciliation.statement_import.limits import MAX_BYTES
	from advanced_bank_reconciliation.statement_import.state import get_state

	account = account_for_import(bank_account)
	if file.stat().st_size > MAX_BYTES:
		raise Failure(f"{file} is larger than {MAX_BYTES // 1024 // 1024} MB. Export a shorter period.")
	values = {"doctype": "File", "file_name": file.name, "is_private": 1, "content": file.read_bytes()}
	made = record.create_record(account, frappe.get_doc(values).insert())
	if answers:
		record.read_again(frappe.get_doc(made.doctype, made.name), account, None, answers)
	state = get_state(made.name)
	if state["questions"]:
		raise Failure(_questions(state["questions"]))
	if possible_duplicates:
		_decide(made.name)
	return made.name


def _questions(questions: list[dict[str, Any]]) -> str:
	lines = ["The file can be read in several ways. Say which is meant:"]
	for question in questions:
		lines.append(f"  {question['label']}")
		lines += [
			f"    --answer {question['field']}={choice['value']}  ({choice['label']})"
			for choice in question["choices"]
		]
		lines += [f"      {example}" for example in question["examples"]]
	return "\n".join(lines)


def _decide(name: str) -> None:
	from advanced_bank_reconciliation.statement_import import corrections, statuses
	from advanced_bank_reconciliation.statement_import.job import rows_of

	rows = [row.name for row in rows_of(name, ("name",), (statuses.POSSIBLE_DUPLICATE,))]
	if rows:
		corrections.set_decision(name, rows, statuses.IMPORT)


def _start(name: str, background: bool) -> None:
	"""Keep the record, and import what is to be, here or by a worker; with nothing new it is completed at once."""
	from advanced_bank_reconciliation.statement_import import run
	from advanced_bank_reconciliation.statement_import.job import IMPORTS
	from advanced_bank_reconciliation.statement_import.state import count_pending, is_put_away

	if count_pending(name):
		run.start(name, by_worker=background)
	elif is_put_away(IMPORTS.read(name)):
		run.start(name)
	# The file and its record are there to stay; what follows is committed batch by batch.
	frappe.db.commit()  # nosemgrep
	if not background:
		work_on_import(name)


def is_import(name: str) -> bool:
	"""Return whether a record of a statement import has this name."""
	from advanced_bank_reconciliation.statement_import.job import JOB

	return bool(frappe.db.exists(JOB, name))


def show_import_to_reader(name: str, as_json: bool) -> int:
	"""As `show_import`; raises unless the user may read the record."""
	from advanced_bank_reconciliation.permissions import job_for_reading
	from advanced_bank_reconciliation.statement_import.job import JOB

	job_for_reading(name, JOB)
	return show_import(name, as_json)


def resume_import(name: str, background: bool, as_json: bool) -> int:
	"""Put an interrupted import, or revert, back to work, here or by a worker; print it, return the exit code."""
	from advanced_bank_reconciliation.permissions import job_for_reading
	from advanced_bank_reconciliation.statement_import import run
	from advanced_bank_reconciliation.statement_import.bank_account import account_for_import
	from advanced_bank_reconciliation.statement_import.job import JOB

	account_for_import(job_for_reading(name, JOB).bank_account)
	run.resume(name, by_worker=background)
	frappe.db.commit()  # nosemgrep: a worker, or the loop below, takes it from here
	if not background:
		work_on_import(name)
	return show_import(name, as_json, background)


def work_on_import(name: str) -> None:
	"""Work on the committed import in this process until it has ended, and tell on stderr how far it is."""
	from advanced_bank_reconciliation.statement_import import statuses, worker
	from advanced_bank_reconciliation.statement_import.job import IMPORTS

	frappe.flags.bank_rec_progress_listener = _tell
	try:
		while IMPORTS.read(name).status in statuses.ACTIVE:
			worker.run(name)
	except KeyboardInterrupt:
		click.echo(
			f"{name} is interrupted; the scheduler goes on with it, or here: bank-rec-resume {name}", err=True
		)
		raise
	finally:
		frappe.flags.bank_rec_progress_listener = None


def _tell(facts: dict[str, Any]) -> None:
	click.echo(f"{facts['percentage']:g} %: {facts['message']}", err=True)


def show_import(name: str, as_json: bool, background: bool = False) -> int:
	"""Print what became of the file, and return the exit code."""
	from advanced_bank_reconciliation.statement_import import statuses
	from advanced_bank_reconciliation.statement_import.state import get_lines, get_state

	state = get_state(name)
	problems = get_lines(name, statuses.PROBLEMS, page_length=MOST_FAILURES)
	if as_json:
		shown = {key: value for key, value in state.items() if key not in FOR_FORMS}
		print_json({**shown, "problems": problems["lines"]})
	else:
		_print(state, problems)
	return _exit_code(state, background)


def _print(state: dict[str, Any], problems: dict[str, Any]) -> None:
	counts = {key: count for key, count in state["counts"].items() if count and key != "total"}
	text = ", ".join(f"{count} {key.replace('_', ' ')}" for key, count in counts.items())
	click.echo(f"{state['name']}: {_(state['status'])}, {state['counts']['total']} lines: {text or 'none'}")
	for line in (state["message"], state["proof"]["message"], *state["warnings"], *state["notes"]):
		if line:
			click.echo(line)
	for line in problems["lines"]:
		click.echo(f"  row {line['number']}: {line['error']}")
	if problems["total"] > len(problems["lines"]):
		click.echo(f"  and {problems['total'] - len(problems['lines'])} more, on the record {state['name']}")


def _exit_code(state: dict[str, Any], background: bool) -> int:
	from advanced_bank_reconciliation.statement_import import statuses

	status, counts = state["status"], state["counts"]
	if status in statuses.ACTIVE:
		return DONE if background else NOT_ENDED
	if status in (statuses.COMPLETED, statuses.DRAFT, statuses.REVERTED):
		return SOME_FAILED if counts["bad"] and status == statuses.DRAFT else DONE
	if status == statuses.PARTIALLY_COMPLETED:
		return SOME_FAILED
	return NOTHING_STANDS if status == statuses.FAILED else ERROR
