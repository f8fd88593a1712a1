# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""bank-rec-status and bank-rec-resume, for statement imports too, and bank-rec-undo."""

import sys

import click
import frappe
from frappe import _
from frappe.commands import pass_context

from advanced_bank_reconciliation.commands.common import (
	ERROR,
	exit_code_of,
	on_site,
	print_json,
	show_job,
	table,
	with_user_and_json,
)
from advanced_bank_reconciliation.commands.work import follow, work_on
from advanced_bank_reconciliation.statement_import.command import (
	is_import,
	resume_import,
	show_import_to_reader,
)

RECENT = 10
FIELDS = (
	"name",
	"status",
	"bank_account",
	"bank_transaction",
	"percentage",
	"processed",
	"failed",
	"total_invoices",
	"owner",
	"creation",
	"last_activity",
	"message",
)

#: Fields of a statement import by the names that a bulk reconciliation has for them.
IMPORT_FIELDS = (
	*("name", "status", "bank_account", "percentage", "imported as processed", "failed"),
	*("total as total_lines", "owner", "creation", "last_activity", "message"),
)

in_background = click.option("--background", is_flag=True, help="Leave the work to a worker.")
and_wait = click.option("--wait", is_flag=True, help="With --background: watch until the job has ended.")


@click.command("bank-rec-status")
@click.argument("job", required=False)
@click.option("--all", "show_all", is_flag=True, help="List every job, not only active and recent ones.")
@with_user_and_json
@pass_context
def bank_rec_status(context: frappe._dict, job: str | None, show_all: bool, user: str, as_json: bool) -> None:
	"""Show how far the bulk reconciliation or statement import JOB is, or list the active and the latest ones.

	With JOB the exit code says its state: 0 completed or undone, 3 some invoices or lines failed, 4 nothing of
	it stands, 5 not ended; of an import as bank-rec-import. Without, it is 0.
	"""
	with on_site(context, user, as_json):
		if not job:
			_list_jobs(show_all, as_json)
			return
		if is_import(job):
			sys.exit(show_import_to_reader(job, as_json))
		from advanced_bank_reconciliation.permissions import job_for_reading

		job_for_reading(job)
		code = exit_code_of(show_job(job, as_json))
	sys.exit(code)


@click.command("bank-rec-resume")
@click.argument("job")
@in_background
@and_wait
@with_user_and_json
@pass_context
def bank_rec_resume(
	context: frappe._dict, job: str, background: bool, wait: bool, user: str, as_json: bool
) -> None:
	"""Put the paused or interrupted bulk reconciliation or statement import JOB back to work, here or by a worker.

	Exit codes as bank-rec-status; 0 also when it is handed over to a worker.
	"""
	with on_site(context, user, as_json):
		if is_import(job):
			if wait:
				raise click.UsageError("--wait is for bulk reconciliations; bank-rec-status shows an import")
			sys.exit(resume_import(job, background, as_json))
		from advanced_bank_reconciliation.bulk import controls
		from advanced_bank_reconciliation.permissions import job_for_control

		job_for_control(job)
		controls.resume(job, by_worker=background)
		frappe.db.commit()
		code = exit_code_of(carry_on(job, background, wait, as_json), background and not wait)
	sys.exit(code)


@click.command("bank-rec-undo")
@click.argument("job")
@click.option("--yes", is_flag=True, help="Do not ask.")
@in_background
@and_wait
@with_user_and_json
@pass_context
def bank_rec_undo(
	context: frappe._dict, job: str, yes: bool, background: bool, wait: bool, user: str, as_json: bool
) -> None:
	"""Take back the bulk reconciliation JOB, which has ended: unlink what it linked, cancel what it made.

	Exit codes: 0 undone or handed over to a worker, 1 refused and nothing changed, 4 some payments could not be cancelled, 5 not ended.
	"""
	with on_site(context, user, as_json):
		from advanced_bank_reconciliation.bulk import statuses, undo
		from advanced_bank_reconciliation.permissions import job_for_control

		job_for_control(job)
		if not yes:
			_confirm_undo(job)
		undo.undo(job, by_worker=background)
		frappe.db.commit()
		status = carry_on(job, background, wait, as_json)
		code = ERROR if status in statuses.SUCCESSFUL else exit_code_of(status, background and not wait)
	sys.exit(code)


def carry_on(job_id: str, background: bool, wait: bool, as_json: bool) -> str:
	"""Work on the job or, in the background, at most watch it; print what came of it; return its status."""
	if not background:
		work_on(job_id)
	elif wait:
		follow(job_id)
	frappe.db.rollback()  # what a worker has done meanwhile
	return show_job(job_id, as_json)


def _confirm_undo(job_id: str) -> None:
	from advanced_bank_reconciliation.bulk.progress import get_progress

	state = get_progress(job_id)
	frappe.db.rollback()
	if not state["can"]["undo"]:
		return  # the engine says why not
	if not sys.stdin.isatty():
		raise click.UsageError("there is no terminal to ask on; say --yes if it is to be undone")
	unlink, cancel = state["to_undo"]["unlink"], state["to_undo"]["cancel"]
	question = (
		f"Unlink {unlink} vouchers from {state['bank_transaction']} and cancel {cancel} Payment Entries?"
	)
	click.confirm(question, abort=True, err=True)


def _list_jobs(show_all: bool, as_json: bool) -> None:
	from advanced_bank_reconciliation.bulk import statuses
	from advanced_bank_reconciliation.bulk.job import JOB
	from advanced_bank_reconciliation.statement_import import statuses as import_statuses
	from advanced_bank_reconciliation.statement_import.job import JOB as IMPORT

	jobs = _jobs(JOB, FIELDS, statuses.ACTIVE, show_all)
	jobs += _jobs(IMPORT, IMPORT_FIELDS, import_statuses.ACTIVE, show_all)
	if as_json:
		print_json(jobs)
	elif jobs:
		click.echo(_job_table(jobs))
	else:
		click.echo("No bulk reconciliation and no statement import yet.")


def _jobs(
	doctype: str, fields: tuple[str, ...], active: tuple[str, ...], show_all: bool
) -> list[frappe._dict]:
	"""Return what the list shows of the records that are active and of the latest others, or of all."""
	wanted = (
		[({}, 0)] if show_all else [({"status": ("in", active)}, 0), ({"status": ("not in", active)}, RECENT)]
	)
	return [
		frappe._dict(doctype=doctype, **job)
		for filters, length in wanted
		for job in frappe.get_list(
			doctype,
			filters=filters,
			fields=list(fields),
			order_by="creation desc",
			limit_page_length=length,
		)
	]


def _job_table(jobs: list[frappe._dict]) -> str:
	head = ["Job", "Status", "%", "Done", "Failed", "Bank Transaction", "Bank Account", "Started"]
	rows = [
		[
			job.name,
			_(job.status),
			f"{job.percentage:g}",
			f"{job.processed} of {job.total_invoices or job.total_lines or 0}",
			job.failed or None,
			job.bank_transaction,
			job.bank_account,
			str(job.creation)[:16],
		]
		for job in jobs
	]
	return table([head, *rows], right=(2, 3, 4))
