# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The endpoints of the reconciliation tool: permission, parse, delegate.

Their names, arguments and answers are public (people call them by REST, console and `bench execute`), as
are the functions at the end, which older scripts import from here.
"""

from datetime import date
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import sbool

from advanced_bank_reconciliation import permissions
from advanced_bank_reconciliation.bulk import controls, foreground, progress, rollback, start
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
from advanced_bank_reconciliation.payload import parse_invoices, parse_payment_names, parse_vouchers
from advanced_bank_reconciliation.summary import (
	balance,
	jobs,
	reconciled,
	settings,
	statement,
	transactions,
	weekly,
)
from advanced_bank_reconciliation.vouchers import create, unlink
from advanced_bank_reconciliation.vouchers.bank_transaction import update_details
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
) -> dict[str, Any]:
	"""Pay unpaid invoices from one Bank Transaction by a background job, and reconcile them with it.

	invoices: [{doctype, name, allocated_amount}], regular_vouchers: [{payment_doctype, payment_name,
	amount}]; lists or JSON text, amounts in the bank account's currency (PUBLIC_API.md). Answers {status,
	job_id, total_invoices, message, bank_transaction}; status is `queued`, or `completed`, with more fields,
	where the settings turn the background off. The same request again answers with the same job.
	"""
	permissions.bank_transaction_for_writing(bank_transaction_name)
	requests = parse_invoices(invoices), parse_vouchers(regular_vouchers)
	if start.in_background():
		return start.queue(bank_transaction_name, *requests)
	return foreground.settle(bank_transaction_name, *requests)


@frappe.whitelist(methods=["POST"])
def create_payment_entries_for_invoices(
	bank_transaction_name: str,
	invoices: list | str,
	auto_reconcile: bool | int | str = True,
	regular_vouchers: list | str | None = None,
) -> dict[str, Any]:
	"""Pay unpaid invoices from one Bank Transaction at once, and reconcile them unless told not to.

	Answers {status: completed, job_id, total_invoices, processed, failed, failures: [{invoice, message}],
	payment_entries, message, bank_transaction}. All in this request's transaction: an error leaves nothing.
	"""
	permissions.bank_transaction_for_writing(bank_transaction_name)
	requests = parse_invoices(invoices), parse_vouchers(regular_vouchers)
	return foreground.settle(bank_transaction_name, *requests, reconcile_too=bool(sbool(auto_reconcile)))


@frappe.whitelist(methods=["POST"])
def reconcile_vouchers(bank_transaction_name: str, vouchers: list | str) -> Document:
	"""Link existing vouchers to a Bank Transaction, and return it.

	vouchers: [{payment_doctype, payment_name, amount}]; amount is a wish, capped by what the voucher still
	moves on this bank account and by what the Bank Transaction has left.
	"""
	bank_transaction = permissions.bank_transaction_for_writing(bank_transaction_name, for_update=True)
	return link_selected_vouchers(bank_transaction, parse_vouchers(vouchers))


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


@frappe.whitelist()
def get_abr_default_settings() -> dict[str, Any]:
	"""Return the settings that the form follows. Anyone who may read Bank Transactions may know them."""
	frappe.has_permission("Bank Transaction", "read", throw=True)
	return settings.get_form_settings()


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
def get_statement_defaults(bank_account: str) -> dict[str, Any]:
	"""Return {from_date, to_date, closing_balance, account_currency, company, gl_account} for the form."""
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
	bank_transaction = permissions.bank_transaction_for_writing(bank_transaction_name, for_update=True)
	voucher = unlink.parse_voucher(payment_document, payment_entry)
	undone = unlink.unlink(bank_transaction, voucher, cancel=bool(sbool(cancel_linked_documents)))
	return {
		**undone.answer(),
		"bank_transaction": transactions.get_row(bank_transaction_name),
		"message": undone.message(bank_transaction_name),
	}


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
