# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The endpoints of the reconciliation tool: permission, parse, delegate.

Their names, arguments and answers are public (people call them by REST, console and `bench execute`), as
are the functions at the end, which older scripts import from here.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import sbool

from advanced_bank_reconciliation import permissions
from advanced_bank_reconciliation.auto import job as auto_job
from advanced_bank_reconciliation.auto import progress as auto_progress
from advanced_bank_reconciliation.auto import run as auto_run
from advanced_bank_reconciliation.auto import scripts as auto_scripts
from advanced_bank_reconciliation.bulk import (
	controls,
	difference,
	foreground,
	progress,
	report,
	rollback,
	start,
	undo,
)
from advanced_bank_reconciliation.matching import additional_filters
from advanced_bank_reconciliation.matching.candidates import as_linked_payment, find_candidates
from advanced_bank_reconciliation.matching.filters import MOST_ROWS, parse_filters
from advanced_bank_reconciliation.matching.legacy import (
	check_matching,
	get_allocated_amount,
	get_bt_matching_query,
	get_je_matching_query,
	get_matching_queries,
	get_pe_matching_query,
	get_pi_matching_query,
	get_queries,
	get_si_matching_query,
	get_unpaid_pi_matching_query,
	get_unpaid_si_matching_query,
	subtract_allocations,
)
from advanced_bank_reconciliation.matching.suggestions import search as suggestions
from advanced_bank_reconciliation.payload import (
	parse_difference,
	parse_invoices,
	parse_payment_entries_per,
	parse_payment_names,
	parse_vouchers,
)
from advanced_bank_reconciliation.summary import (
	balance,
	jobs,
	reconciled,
	settings,
	statement,
	transactions,
	weekly,
)
from advanced_bank_reconciliation.vouchers import clearance_check, create, unlink
from advanced_bank_reconciliation.vouchers.bank_ledger import read_bank_legs
from advanced_bank_reconciliation.vouchers.bank_transaction import update_details
from advanced_bank_reconciliation.vouchers.clearance import recompute_clearance
from advanced_bank_reconciliation.vouchers.line_links import names_of_lines
from advanced_bank_reconciliation.vouchers.links import BankLine, link_selected_vouchers


class AdvanceBankReconciliationTool(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		account_currency: DF.Link | None
		account_opening_balance: DF.Currency
		bank_account: DF.Link | None
		bank_statement_closing_balance: DF.Currency
		bank_statement_from_date: DF.Date | None
		bank_statement_to_date: DF.Date | None
		company: DF.Link | None
		filter_by_reference_date: DF.Check
		from_reference_date: DF.Date | None
		to_reference_date: DF.Date | None
	# end: auto-generated types

	pass


@frappe.whitelist(methods=["POST"])
def create_payment_entries_bulk(
	bank_transaction_name: str,
	invoices: list | str | None = None,
	regular_vouchers: list | str | None = None,
	difference_account: str | None = None,
	difference_cost_center: str | None = None,
	payment_entries_per: str | None = None,
) -> dict[str, Any]:
	"""Pay unpaid invoices from one Bank Transaction by a background job, and reconcile them with it.

	invoices: [{doctype, name, allocated_amount}], regular_vouchers: [{payment_doctype, payment_name,
	amount}]; lists or JSON text, amounts in the bank account's currency (PUBLIC_API.md). difference_account:
	where a small difference between the selection and the Bank Transaction is booked (P21).
	payment_entries_per: Invoice, or Party for one with a row per invoice; empty for that of the settings.
	Answers {status, job_id, total_invoices, message, bank_transaction}; status is `queued`, or `completed`,
	with more fields, where the settings turn the background off. The same request again answers with the
	same job.
	"""
	permissions.bank_transaction_for_writing(bank_transaction_name)
	requests = parse_invoices(invoices), parse_vouchers(regular_vouchers)
	booked_on = parse_difference(difference_account, difference_cost_center)
	way = parse_payment_entries_per(payment_entries_per)
	if start.in_background():
		return start.queue(bank_transaction_name, *requests, booked_on, way)
	return foreground.settle(bank_transaction_name, *requests, difference=booked_on, payment_entries_per=way)


@frappe.whitelist(methods=["POST"])
def create_payment_entries_for_invoices(
	bank_transaction_name: str,
	invoices: list | str,
	auto_reconcile: bool | int | str = True,
	regular_vouchers: list | str | None = None,
	difference_account: str | None = None,
	difference_cost_center: str | None = None,
	payment_entries_per: str | None = None,
) -> dict[str, Any]:
	"""Pay unpaid invoices from one Bank Transaction at once, and reconcile them unless told not to.

	The arguments are those of `create_payment_entries_bulk`.
	Answers {status: completed, job_id, total_invoices, processed, failed, failures: [{invoice, message}],
	payment_entries, message, bank_transaction}. All in this request's transaction: an error leaves nothing.
	"""
	permissions.bank_transaction_for_writing(bank_transaction_name)
	return foreground.settle(
		bank_transaction_name,
		parse_invoices(invoices),
		parse_vouchers(regular_vouchers),
		reconcile_too=bool(sbool(auto_reconcile)),
		difference=parse_difference(difference_account, difference_cost_center),
		payment_entries_per=parse_payment_entries_per(payment_entries_per),
	)


@frappe.whitelist()
def get_payment_entry_counts(
	bank_transaction_name: str,
	invoices: list | str,
	regular_vouchers: list | str | None = None,
	difference_account: str | None = None,
	difference_cost_center: str | None = None,
) -> dict[str, Any]:
	"""Return {default, Invoice, Party}: how many Payment Entries each way of `create_payment_entries_bulk` makes.

	The arguments are those of that endpoint, and what it would refuse is refused.
	"""
	return start.count_payment_entries(
		permissions.bank_transaction_for_writing(bank_transaction_name),
		parse_invoices(invoices),
		parse_vouchers(regular_vouchers),
		parse_difference(difference_account, difference_cost_center),
	)


@frappe.whitelist(methods=["POST"])
def reconcile_vouchers(bank_transaction_name: str, vouchers: list | str) -> Document:
	"""Link existing vouchers to a Bank Transaction, and return it.

	vouchers: [{payment_doctype, payment_name, amount}]; amount is a wish, capped by what the voucher still
	moves on this bank account and by what the Bank Transaction has left. A voucher may be another Bank
	Transaction of the opposite direction, which then gets its own row, or a document of a type that an app
	declares by `bank_reconciliation_doctypes`. Raises SelectionRefused that names all offenders.
	"""
	requests = parse_vouchers(vouchers)
	bank_transaction = permissions.bank_transaction_for_writing(
		bank_transaction_name,
		for_update=True,
		besides=names_of_lines(request.key for request in requests),
	)
	return link_selected_vouchers(bank_transaction, requests)


@frappe.whitelist()
def get_bank_transactions(
	bank_account: str, from_date: str | date | None = None, to_date: str | date | None = None
) -> list[dict[str, Any]]:
	"""Return the unreconciled Bank Transactions of the account, oldest first; no date means no bound."""
	permissions.bank_account_for_reading(bank_account)
	return transactions.get_unreconciled(bank_account, from_date, to_date)


@frappe.whitelist()
def get_account_balance(
	bank_account: str, till_date: str | date | None = None, company: str | None = None
) -> float:
	"""Return the balance per the books at the end of `till_date` (today when empty), as the bank sees it.

	In the bank account's currency; `company` is accepted from older callers and is always the account's.
	"""
	return balance.get_account_balance(permissions.bank_account_for_reading(bank_account), till_date)


@frappe.whitelist()
def get_cleared_balance(
	bank_account: str, from_date: str | date | None = None, till_date: str | date | None = None
) -> float:
	"""Return the balance at the end of `till_date` (today when empty) of what has cleared the bank.

	The balance as the bank sees it before `from_date`, and everything with a clearance date from then on
	until `till_date`; without `from_date` from the beginning. In the bank account's currency.
	"""
	account = permissions.bank_account_for_reading(bank_account)
	return balance.get_cleared_balance(account, from_date, till_date)


@frappe.whitelist(methods=["POST"])
def validate_bank_transactions(
	from_date: str | date | None = None,
	to_date: str | date | None = None,
	company: str | None = None,
	bank_account: str | None = None,
) -> dict[str, Any]:
	"""Compute the clearance dates of all vouchers linked in the period anew, and correct what differs.

	Answers {success, message, processed_count, corrected_count}: Bank Transactions looked at, and vouchers
	corrected. No date means no bound; `company`, if given, must be that of the bank account.
	"""
	account = permissions.bank_account_for_reading(bank_account)
	frappe.has_permission("Bank Transaction", "write", throw=True)
	return clearance_check.validate_period(account, from_date, to_date, company)


@frappe.whitelist(methods=["POST"])
def validate_bank_transaction_async(bank_transaction_name: str) -> dict[str, Any]:
	"""Let a worker validate one Bank Transaction. Answers {success, message}."""
	permissions.bank_transaction_for_writing(bank_transaction_name)
	job_id = f"validate_bank_transaction_{bank_transaction_name}"
	frappe.enqueue(
		validate_single_bank_transaction,
		queue="long",
		job_id=job_id,
		deduplicate=True,
		enqueue_after_commit=True,
		bank_transaction_name=bank_transaction_name,
	)
	message = _("Bank Transaction {0} is being validated in the background.").format(bank_transaction_name)
	return {"success": True, "message": message}


@frappe.whitelist(methods=["POST"])
def batch_validate_unvalidated_transactions(
	bank_account: str,
	from_date: str | date | None = None,
	to_date: str | date | None = None,
	limit: int | str = 50,
) -> dict[str, Any]:
	"""Find Bank Transactions whose vouchers have a wrong clearance date, and correct up to `limit` of them.

	Answers {success, message, processed_count, total_found}; no date means no bound.
	"""
	account = permissions.bank_account_for_reading(bank_account)
	frappe.has_permission("Bank Transaction", "write", throw=True)
	return clearance_check.validate_wrong_ones(account, from_date, to_date, limit)


@frappe.whitelist()
def get_progress(job_id: str) -> dict[str, Any]:
	"""Return how far a bulk reconciliation is: the facts of its events, its failures, what may be done."""
	permissions.job_for_reading(job_id)
	return progress.get_progress(job_id)


@frappe.whitelist(methods=["POST"])
def pause_bulk_reconciliation(job_id: str) -> dict[str, Any]:
	"""Let the running batch finish and serve no more. Answers as `get_progress`."""
	permissions.job_for_control(job_id)
	controls.pause(job_id)
	return progress.get_progress(job_id)


@frappe.whitelist(methods=["POST"])
def resume_bulk_reconciliation(job_id: str) -> dict[str, Any]:
	"""Put a paused or interrupted bulk reconciliation back to work. Answers as `get_progress`."""
	permissions.job_for_control(job_id)
	controls.resume(job_id)
	return progress.get_progress(job_id)


@frappe.whitelist(methods=["POST"])
def retry_bulk_reconciliation(job_id: str) -> dict[str, Any]:
	"""Serve the failed invoices of a bulk reconciliation again. Answers as `get_progress`."""
	permissions.job_for_control(job_id)
	controls.retry_failed(job_id)
	return progress.get_progress(job_id)


@frappe.whitelist(methods=["POST"])
def cancel_bulk_reconciliation(job_id: str) -> dict[str, Any]:
	"""Stop a bulk reconciliation and cancel every payment it made. Answers as `get_progress`."""
	permissions.job_for_control(job_id)
	controls.cancel(job_id)
	return progress.get_progress(job_id)


@frappe.whitelist(methods=["POST"])
def undo_bulk_reconciliation(job_id: str) -> dict[str, Any]:
	"""Take back a run that has ended: unlink what it linked, then cancel the payments that it made.

	By a worker; vouchers that existed before, and links that others made, stay. Answers as `get_progress`.
	"""
	permissions.job_for_control(job_id)
	undo.undo(job_id)
	return progress.get_progress(job_id)


@frappe.whitelist()
def get_bulk_reconciliation_report(job_id: str, file_format: str = "XLSX") -> None:
	"""Answer with a file: what became of each invoice of the job. `file_format`: CSV or XLSX."""
	job = permissions.job_for_reading(job_id)
	name, content = report.make_report(job.name, file_format)
	frappe.response.update({"filename": name, "filecontent": content, "type": "download"})


@frappe.whitelist()
def get_abr_default_settings(bank_transaction_name: str | None = None) -> dict[str, Any]:
	"""Return the settings that the form follows. Anyone who may read Bank Transactions may know them.

	For a Bank Transaction also write_off_account, exchange_gain_loss_account and cost_center of its company,
	and largest_difference in its currency.
	"""
	frappe.has_permission("Bank Transaction", "read", throw=True)
	answer = settings.get_form_settings()
	if bank_transaction_name:
		line = BankLine(permissions.bank_transaction_for_reading(bank_transaction_name))
		answer.update(difference.defaults_for(line))
	return answer


@frappe.whitelist()
def get_accounting_dimensions_for_dialog() -> list[dict[str, Any]]:
	"""Return a field {fieldname, fieldtype, label, options, has_company_field} per Accounting Dimension.

	Cost center and project are not among them; the dialogs have fields of their own for these.
	"""
	frappe.has_permission("Bank Transaction", "read", throw=True)
	return settings.get_dimension_fields()


@frappe.whitelist()
def get_reconciled_bank_transactions(
	bank_account: str, from_date: str | date | None = None, to_date: str | date | None = None
) -> list[dict[str, Any]]:
	"""Return one row per voucher linked to a Bank Transaction of the account, oldest first."""
	permissions.bank_account_for_reading(bank_account)
	return reconciled.get_reconciled(bank_account, from_date, to_date)


@frappe.whitelist()
def get_bank_transaction_state(bank_transaction_name: str) -> dict[str, Any]:
	"""Return {transaction, reconciled}: its row of `get_bank_transactions`, whatever is left of it, and its
	rows of `get_reconciled_bank_transactions`."""
	bank_transaction = permissions.bank_transaction_for_reading(bank_transaction_name)
	return {
		"transaction": transactions.get_row(bank_transaction_name),
		"reconciled": reconciled.get_reconciled_of(bank_transaction),
	}


@frappe.whitelist()
def get_statement_defaults(bank_account: str) -> dict[str, Any]:
	"""Return {from_date, to_date, closing_balance, account_currency, company, gl_account, warnings}."""
	return statement.get_statement_defaults(permissions.bank_account_for_reading(bank_account))


@frappe.whitelist()
def get_closing_balance(bank_account: str, date: str | date) -> float | None:
	"""Return the closing balance that was saved for that day, in the account's currency, or None."""
	return statement.get_closing_balance(permissions.bank_account_for_reading(bank_account), date)


@frappe.whitelist(methods=["POST"])
def save_closing_balance(bank_account: str, date: str | date, balance: float | int | str) -> None:
	"""Remember what the bank states as the balance at the end of that day."""
	statement.save_closing_balance(permissions.bank_account_for_reading(bank_account), date, balance)


@frappe.whitelist()
def get_weekly_progress(
	bank_account: str, from_date: str | date | None = None, to_date: str | date | None = None
) -> list[dict[str, Any]]:
	"""Return [{week_start, reconciled, open}] by week, in the account's currency."""
	permissions.bank_account_for_reading(bank_account)
	return weekly.get_weekly_progress(bank_account, from_date, to_date)


@frappe.whitelist()
def get_active_jobs(bank_account: str | None = None) -> list[dict[str, Any]]:
	"""Return `get_progress` of every active bulk reconciliation that the user may read."""
	if bank_account:
		permissions.bank_account_for_reading(bank_account)
	return jobs.get_active(bank_account)


@frappe.whitelist()
def get_recent_jobs(bank_account: str, limit: int = 20) -> list[dict[str, Any]]:
	"""Return the latest bulk reconciliations of the account, in whatever state."""
	permissions.bank_account_for_reading(bank_account)
	return jobs.get_recent(bank_account, limit)


@frappe.whitelist()
def get_candidates(
	bank_transaction_name: str,
	document_types: list | str | None = None,
	from_date: str | date | None = None,
	to_date: str | date | None = None,
	filter_by_reference_date: bool | int | str = False,
	from_reference_date: str | date | None = None,
	to_reference_date: str | date | None = None,
	party_type: str | None = None,
	party: str | None = None,
	customer_group: str | None = None,
	search: str | None = None,
	exact_amount: bool | int | str = False,
	extra_filters: dict | str | None = None,
	start: int = 0,
	page_length: int = 100,
) -> dict[str, Any]:
	"""Return {rows, has_more, notices, provider_errors}: what may belong to the Bank Transaction, best first.

	document_types: names of PUBLIC_API.md, Payment Entry and Journal Entry when absent. No date means no
	bound on that side. extra_filters: {dt: {fieldname: value}} of `get_additional_filters`. A row has the
	columns of `matching.queries.columns`, in the bank account's currency, with `rank`, `reasons` and
	`notice` (plain text), and `effect_sign`: -1 where it gives back to the Bank Transaction. notices: what is
	not offered, and why.
	"""
	request = {**locals()}
	line = BankLine(permissions.bank_transaction_for_reading(request.pop("bank_transaction_name")))
	return find_candidates(line, parse_filters(request))


@frappe.whitelist()
def get_linked_payments(
	bank_transaction_name: str,
	document_types: list | str | None = None,
	from_date: str | date | None = None,
	to_date: str | date | None = None,
	filter_by_reference_date: bool | int | str | None = None,
	from_reference_date: str | date | None = None,
	to_reference_date: str | date | None = None,
) -> list[list[Any]]:
	"""Return the candidates as rows of eleven values for older callers, the best 2,000 (PUBLIC_API.md)."""
	request = {**locals(), "page_length": MOST_ROWS}
	line = BankLine(permissions.bank_transaction_for_reading(request.pop("bank_transaction_name")))
	return [as_linked_payment(row) for row in find_candidates(line, parse_filters(request))["rows"]]


@frappe.whitelist()
def suggest_invoices(
	bank_transaction_name: str, party_type: str | None = None, party: str | None = None
) -> dict[str, Any]:
	"""Return {suggestions, notices}: sets of open invoices that add up to what is left. Changes nothing.

	party_type and party, both or neither: look only at this party. A suggestion has `rows` as of
	`get_candidates`, `total` in the bank account's currency, `kind`, `ambiguous`, and the sentences `reason`
	and `note`; notices are sentences too. All sentences are plain text.
	"""
	line = BankLine(permissions.bank_transaction_for_reading(bank_transaction_name))
	return suggestions.suggest_invoices(line, suggestions.parse_party(party_type, party))


@frappe.whitelist()
def get_additional_filters() -> list[dict[str, Any]]:
	"""Return the filters that other apps declare by `bank_rec_additional_filters` (docs/hooks.md)."""
	frappe.has_permission("Bank Transaction", "read", throw=True)
	return additional_filters.get_additional_filters()


@frappe.whitelist(methods=["POST"])
def update_bank_transaction(
	bank_transaction_name: str,
	reference_number: str | None = None,
	party_type: str | None = None,
	party: str | None = None,
) -> dict[str, Any]:
	"""Correct reference and party, and return the row as `get_bank_transactions` gives it.

	An empty text clears a field; what is not given stays as it is.
	"""
	bank_transaction = permissions.bank_transaction_for_writing(bank_transaction_name, for_update=True)
	update_details(bank_transaction, reference_number, party_type, party)
	return transactions.get_row(bank_transaction_name)


@frappe.whitelist(methods=["POST"])
def create_payment_entry_bts(
	bank_transaction_name: str,
	reference_number: str | None = None,
	reference_date: str | date | None = None,
	party_type: str | None = None,
	party: str | None = None,
	posting_date: str | date | None = None,
	mode_of_payment: str | None = None,
	project: str | None = None,
	cost_center: str | None = None,
	allow_edit: bool | int | str | None = None,
	abr_bank_rule: str | None = None,
	dimensions: dict | str | None = None,
) -> Document:
	"""Make a Payment Entry of the party for what is left of the Bank Transaction, and reconcile them.

	Returns the Bank Transaction; with `allow_edit` the unsaved Payment Entry instead, and writes nothing.
	"""
	details = create.details_from(locals())
	line = _open_line(bank_transaction_name)
	frappe.has_permission("Payment Entry", "create", throw=True)
	voucher = create.build_payment_entry(line, details)
	return create.for_editing(voucher) if sbool(allow_edit) else create.submit_and_link(line, voucher)


@frappe.whitelist(methods=["POST"])
def create_journal_entry_bts(
	bank_transaction_name: str,
	reference_number: str | None = None,
	reference_date: str | date | None = None,
	posting_date: str | date | None = None,
	entry_type: str | None = None,
	second_account: str | None = None,
	mode_of_payment: str | None = None,
	party_type: str | None = None,
	party: str | None = None,
	allow_edit: bool | int | str | None = None,
	cost_center: str | None = None,
	project: str | None = None,
	abr_bank_rule: str | None = None,
	dimensions: dict | str | None = None,
) -> Document:
	"""Make a Journal Entry against `second_account` for what is left of the Bank Transaction, and reconcile.

	Returns the Bank Transaction; with `allow_edit` the unsaved Journal Entry instead, and writes nothing.
	"""
	details = create.details_from(locals())
	line = _open_line(bank_transaction_name)
	frappe.has_permission("Journal Entry", "create", throw=True)
	voucher = create.build_journal_entry(line, details, entry_type, second_account)
	return create.for_editing(voucher) if sbool(allow_edit) else create.submit_and_link(line, voucher)


@frappe.whitelist(methods=["POST"])
def unreconcile_bank_transaction(
	bank_transaction_name: str,
	cancel_linked_documents: bool | int | str = False,
	payment_document: str | None = None,
	payment_entry: str | None = None,
) -> dict[str, Any]:
	"""Unlink all vouchers of a Bank Transaction, or the one named, and on request cancel what we made.

	Answers {unlinked, cancelled, kept, bank_transaction, message}: lists of {payment_document,
	payment_entry}, those kept with their reason. A voucher that existed before, or that another Bank
	Transaction uses, is never cancelled (PITFALLS P61, P91).
	"""
	bank_transaction = permissions.bank_transaction_for_writing(
		bank_transaction_name, for_update=True, besides=unlink.lines_linked_to(bank_transaction_name)
	)
	voucher = unlink.parse_voucher(payment_document, payment_entry)
	undone = unlink.unlink(bank_transaction, voucher, cancel=bool(sbool(cancel_linked_documents)))
	return {
		**undone.answer(),
		"bank_transaction": transactions.get_row(bank_transaction_name),
		"message": undone.message(bank_transaction_name),
	}


@frappe.whitelist(methods=["POST"])
def auto_reconcile_vouchers(
	bank_account: str,
	from_date: str | date | None = None,
	to_date: str | date | None = None,
	filter_by_reference_date: bool | int | str | None = None,
	from_reference_date: str | date | None = None,
	to_reference_date: str | date | None = None,
	minimum_score: int | float | str | None = None,
	margin: int | float | str | None = None,
	amount_ceiling: int | float | str | None = None,
	document_types: list | str | None = None,
	dry_run: bool | int | str = False,
) -> dict[str, Any]:
	"""Match every open Bank Transaction of the period whose best candidate is good enough.

	minimum_score, margin: points. amount_ceiling: in the bank account's currency, 0 for none. What is not
	given is taken from the settings. document_types: Payment Entry and Journal Entry when absent. dry_run:
	say what would be matched. With filter_by_reference_date the dates narrow the candidates too.
	Answers {status, job_id, dry_run, total, matched, would_match, skipped, failed, undone, message, lines};
	status is `queued`, without lines, above ten Bank Transactions. A line: {bank_transaction, date, amount,
	outcome, voucher_type, voucher, score, second_score, reason}. docs/auto_reconcile.md.
	"""
	request = {**locals()}
	permissions.bank_account_for_reading(bank_account)
	return auto_run.start(auto_job.parse_order(request))


@frappe.whitelist()
def get_auto_progress(job_id: str, with_lines: bool | int | str = False) -> dict[str, Any]:
	"""Return how far an auto reconciliation is: the facts of its events, what may be done, if asked its lines."""
	permissions.job_for_reading(job_id, auto_job.JOB)
	return auto_progress.get_progress(job_id, bool(sbool(with_lines)))


@frappe.whitelist()
def get_active_auto_reconciliation(bank_account: str) -> dict[str, Any] | None:
	"""Return `get_auto_progress` of the run that is at work on the account, if there is one."""
	permissions.bank_account_for_reading(bank_account)
	return auto_progress.get_active(bank_account)


@frappe.whitelist(methods=["POST"])
def cancel_auto_reconciliation(job_id: str) -> dict[str, Any]:
	"""Stop an auto reconciliation after the line it is at; what is matched stays. Answers as get_auto_progress."""
	auto_run.check_control(permissions.job_for_reading(job_id, auto_job.JOB))
	auto_run.cancel(job_id)
	return auto_progress.get_progress(job_id)


@frappe.whitelist(methods=["POST"])
def undo_auto_reconciliation(job_id: str) -> dict[str, Any]:
	"""Unlink what an auto reconciliation has matched, and cancel the payments it made. Answers as
	get_auto_progress; above ten Bank Transactions the undoing goes on in the background.
	"""
	auto_run.check_control(permissions.job_for_reading(job_id, auto_job.JOB))
	auto_run.undo(job_id)
	return auto_progress.get_progress(job_id)


def _open_line(bank_transaction_name: str) -> BankLine:
	"""Return the Bank Transaction under lock, for making a voucher from what is left of it."""
	line = BankLine(permissions.bank_transaction_for_writing(bank_transaction_name, for_update=True))
	line.check_open()
	return line


def process_bulk_reconciliation(
	bank_transaction_name: str,
	invoices: list | str | None = None,
	regular_vouchers: list | str | None = None,
	_job_id: str | None = None,
	user: str | None = None,
	job_id: str | None = None,
) -> dict[str, Any]:
	"""Run a bulk reconciliation in this process, batch by batch, with a commit after each.

	With the id of a recorded job it continues that job; else it records one, under that id if given.
	`user` is accepted from older callers and ignored: the work is done as whoever calls (PITFALLS P60).
	Answers as `get_progress`.
	"""
	job_id = start.run_here(
		bank_transaction_name, parse_invoices(invoices), parse_vouchers(regular_vouchers), _job_id or job_id
	)
	return progress.get_progress(job_id)


def publish_progress(job_id: str, current: int, total: int, message: str) -> None:
	"""Send the event `bulk_reconciliation_progress`."""
	progress.publish_progress(job_id, current, total, message)


def publish_completion(
	job_id: str, success: bool, message: str, processed: int, failed: int, bank_transaction: str
) -> None:
	"""Send the event `bulk_reconciliation_complete`."""
	progress.publish_completion(job_id, success, message, processed, failed, bank_transaction)


def cleanup_failed_reconciliation(vouchers: list | str) -> list[str]:
	"""Cancel those of the named Payment Entries that a bulk job made and left unlinked.

	vouchers: names, or rows with payment_name. Any other voucher stays untouched (PITFALLS P50, P91).
	Returns the names of the cancelled ones.
	"""
	return rollback.cancel_leftovers(parse_payment_names(vouchers))


def start_auto_reconcile(
	bank_transactions: list | str,
	from_date: str | date | None = None,
	to_date: str | date | None = None,
	filter_by_reference_date: bool | int | str | None = None,
	from_reference_date: str | date | None = None,
	to_reference_date: str | date | None = None,
) -> dict[str, Any]:
	"""Auto reconcile these Bank Transactions of one bank account, by the policy of the settings.

	bank_transactions: names, or rows with a name, as older callers pass them. The dates narrow the candidates
	only. Answers as `auto_reconcile_vouchers`.
	"""
	return auto_scripts.start_auto_reconcile({**locals()})


def get_auto_reconcile_message(
	partially_reconciled: Collection[str], reconciled: Collection[str]
) -> tuple[str, str]:
	"""Return a sentence about the Bank Transactions and the colour of its indicator."""
	return auto_scripts.get_auto_reconcile_message(partially_reconciled, reconciled)


def validate_single_bank_transaction(bank_transaction_name: str) -> list[tuple[str, str]]:
	"""Compute the clearance dates of what is linked to one Bank Transaction anew, as the current user.

	Returns the vouchers (doctype, name) that were corrected; nothing happens unless it is submitted.
	"""
	return clearance_check.validate_line(bank_transaction_name)


def validate_payment_entry_clearance(
	bank_transaction: Document,
	payment_entry: Document | dict[str, Any],
	payment_doc: Document,
	bank_gl_account: str | None = None,
) -> bool:
	"""Return whether Bank Transactions cover the Payment Entry on all its bank accounts. Writes nothing.

	The arguments are those of older callers; of them only `payment_doc` counts, since the allocations of
	all Bank Transactions decide, not the one row `payment_entry` (PITFALLS P32).
	"""
	key = (payment_doc.doctype, payment_doc.name)
	return read_bank_legs([key])[key].clearance_date() is not None


def clear_journal_entry(journal_entry_name: str) -> None:
	"""Set or empty the clearance date of a Journal Entry as the allocations say (PITFALLS P31, P33)."""
	frappe.has_permission("Bank Transaction", "write", throw=True)
	recompute_clearance([("Journal Entry", journal_entry_name)])
