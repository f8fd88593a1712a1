# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""bank-rec-bulk: one Bank Transaction against a party's open invoices, or against a list of them."""

import sys
from typing import Any

import click
import frappe
from frappe import _
from frappe.commands import pass_context

from advanced_bank_reconciliation.commands.common import (
	DONE,
	SOME_FAILED,
	Failure,
	exit_code_of,
	on_site,
	print_json,
	show_job,
	table,
	with_user_and_json,
)
from advanced_bank_reconciliation.commands.jobs import and_wait, carry_on, in_background
from advanced_bank_reconciliation.commands.work import follow


@click.command("bank-rec-bulk")
@click.argument("bank_transaction")
@click.option("--party-type", type=click.Choice(["Customer", "Supplier"]), help="Default: the line's own.")
@click.option("--party", help="Whose open invoices are paid, the oldest first. Default: the line's own.")
@click.option("--with-returns", is_flag=True, help="Net the party's open credit or debit notes too.")
@click.option("--csv", "csv_path", help="A CSV of invoice numbers instead; - reads it from stdin.")
@click.option(
	"--voucher",
	"vouchers",
	nargs=2,
	multiple=True,
	metavar="DOCTYPE NAME",
	help="An existing voucher to be linked beside. May be given more than once.",
)
@click.option(
	"--per",
	type=click.Choice(["invoice", "party"], case_sensitive=False),
	help="A Payment Entry for each invoice, or one for all of a party. Default: the settings'.",
)
@click.option("--dry-run", is_flag=True, help="Show who would get how much, and change nothing.")
@in_background
@and_wait
@with_user_and_json
@pass_context
def bank_rec_bulk(
	context: frappe._dict,
	bank_transaction: str,
	per: str | None,
	dry_run: bool,
	background: bool,
	wait: bool,
	user: str,
	as_json: bool,
	**selection: Any,
) -> None:
	"""Pay many invoices with one BANK_TRANSACTION and reconcile it, here or by a worker.

	Exit codes: 0 all is paid and reconciled (or handed over, or shown), 1 refused, 3 some invoices failed,
	4 nothing was reconciled, 5 not ended. Ctrl-C pauses the job after its batch.
	"""
	if wait and not background:
		raise click.UsageError("--wait belongs to --background; here it is always waited")
	if selection["csv_path"] and (selection["party"] or selection["party_type"] or selection["with_returns"]):
		raise click.UsageError("give a CSV or a party, not both")
	way = per and per.capitalize()
	with on_site(context, user, as_json):
		invoices, vouchers = _selected(bank_transaction, **selection)
		if dry_run:
			code = _show_plan(_plan(bank_transaction, invoices, vouchers, way), as_json)
		else:
			code = _carry_out(bank_transaction, invoices, vouchers, way, background, wait, as_json)
	sys.exit(code)


def _selected(
	bank_transaction: str,
	csv_path: str | None,
	party_type: str | None,
	party: str | None,
	with_returns: bool,
	vouchers: tuple[tuple[str, str], ...],
) -> tuple[list, list]:
	"""Return the requests for invoices and for vouchers. Ends the command where nothing is meant."""
	from advanced_bank_reconciliation.commands import csv_file, selection
	from advanced_bank_reconciliation.payload import parse_vouchers
	from advanced_bank_reconciliation.permissions import bank_transaction_for_writing
	from advanced_bank_reconciliation.vouchers.bank_line import BankLine

	line = BankLine(bank_transaction_for_writing(bank_transaction))
	linked = parse_vouchers(
		[{"payment_doctype": doctype, "payment_name": name} for doctype, name in vouchers]
	)
	if csv_path:
		try:
			return selection.from_rows(csv_file.read(_bytes_of(csv_path))), linked
		except csv_file.BadFile as error:
			raise Failure(f"{csv_path}\n{error}\nNothing was started.") from None
	own_type = line.doc.party_type if line.doc.party_type in selection.INVOICES_OF else None
	party_type = party_type or own_type or ("Customer" if line.is_deposit else "Supplier")
	party = party or (line.doc.party if line.doc.party_type == party_type else None)
	if not party:
		if linked:
			return [], linked
		raise click.UsageError(f"{bank_transaction} names no {party_type}; give --party or --csv")
	if not frappe.db.exists(party_type, party):
		raise click.BadParameter(f"there is no {party_type} {party}", param_hint="--party")
	wanted = selection.open_invoices(line, party_type, party, with_returns)
	if not wanted and not linked:
		raise Failure(f"{party_type} {party} has no open invoice that {bank_transaction} could pay.")
	return _covered(bank_transaction, wanted, linked), linked


def _bytes_of(path: str) -> bytes:
	from advanced_bank_reconciliation.commands.csv_file import find

	if path == "-":
		return click.get_binary_stream("stdin").read()
	with open(find(path), "rb") as file:
		return file.read()


def _covered(bank_transaction: str, invoices: list, vouchers: list) -> list:
	"""Return those of a party's invoices that get something: nobody has asked for the others by name."""
	if not invoices:
		return []
	plan = _plan(bank_transaction, invoices, vouchers)
	return [planned.request for planned in plan.payable if planned.allocated_amount]


def _plan(bank_transaction: str, invoices: list, vouchers: list, way: str | None = None) -> Any:
	"""Return the plan that a start would make now, with all locks given back."""
	from advanced_bank_reconciliation.bulk.start import plan_for

	try:
		return plan_for(bank_transaction, invoices, vouchers, payment_entries_per=way)
	finally:
		frappe.db.rollback()


def _carry_out(
	bank_transaction: str,
	invoices: list,
	vouchers: list,
	way: str | None,
	background: bool,
	wait: bool,
	as_json: bool,
) -> int:
	from advanced_bank_reconciliation.bulk import start, statuses
	from advanced_bank_reconciliation.bulk.job import BULK

	job, is_new = start.start_job(bank_transaction, invoices, vouchers, payment_entries_per=way)
	if is_new and background:
		BULK.enqueue(job)
	# The record comes before the work: whatever happens to this process, the job can be found.
	frappe.db.commit()  # nosemgrep
	if is_new:
		status = carry_on(job.name, background, wait, as_json)
	else:
		click.echo(f"{job.name} has been started with this selection before.", err=True)
		if job.status in statuses.WORKING and (wait or not background):
			follow(job.name)
			frappe.db.rollback()
		status = show_job(job.name, as_json)
	return exit_code_of(status, background and not wait)


def _show_plan(plan: Any, as_json: bool) -> int:
	"""Print who gets how much; the exit code says whether somebody gets nothing."""
	line = plan.line
	answer = {
		"bank_transaction": line.doc.name,
		"currency": line.currency,
		"unallocated_amount": line.unallocated_amount,
		"allocated_amount": plan.allocated_amount,
		"remaining": round(line.unallocated_amount - plan.allocated_amount, line.precision),
		"payment_entries": len({planned.payment_group for planned in plan.payable}),
		"invoices": [_planned(planned) for planned in plan.invoices],
		"vouchers": [
			{"doctype": link.doctype, "name": link.name, "allocated_amount": link.amount}
			for link in plan.vouchers
		],
	}
	if as_json:
		print_json(answer)
	else:
		_print_plan(answer, line)
	return SOME_FAILED if plan.failures else DONE


def _planned(planned: Any) -> dict[str, Any]:
	invoice = planned.invoice
	return {
		"doctype": invoice.doctype,
		"name": invoice.name,
		"party": invoice.party,
		"due_date": invoice.due_date,
		"outstanding_amount": invoice.outstanding_amount,
		"currency": invoice.currency,
		"allocated_amount": planned.allocated_amount,
		"discount_amount": planned.discount_amount,
		"error": planned.error or None,
	}


def _print_plan(answer: dict[str, Any], line: Any) -> None:
	places = line.precision
	rows = [["Document", "Number", "Party", "Due", "Outstanding", "Gets"]]
	for link in answer["vouchers"]:
		rows.append(
			[_(link["doctype"]), link["name"], None, None, None, f"{link['allocated_amount']:.{places}f}"]
		)
	for invoice in answer["invoices"]:
		rows.append(
			[
				_(invoice["doctype"]),
				invoice["name"],
				invoice["party"],
				invoice["due_date"],
				f"{invoice['outstanding_amount']:.{places}f} {invoice['currency']}",
				"-" if invoice["error"] else f"{invoice['allocated_amount']:.{places}f}",
			]
		)
	click.echo(table(rows, right=(4, 5)))
	for invoice in answer["invoices"]:
		if invoice["error"]:
			click.echo(f"  {invoice['error']}")
	used, left = line.money(answer["allocated_amount"]), line.money(answer["remaining"])
	click.echo(
		f"{answer['bank_transaction']}: {used} would be used, {left} remain. "
		f"Payment Entries: {answer['payment_entries']}. Nothing was changed."
	)
