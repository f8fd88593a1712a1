# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Validates Bank Transactions: the clearance dates of what is linked to them, put right where they differ.

Nothing that is stored is believed: each date is computed from the ledger and from all allocations.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint

from advanced_bank_reconciliation.exceptions import SelectionRefused, refuse
from advanced_bank_reconciliation.permissions import bank_transaction_for_writing
from advanced_bank_reconciliation.vouchers.bank_ledger import VoucherKey
from advanced_bank_reconciliation.vouchers.bank_line import BANK_TRANSACTION
from advanced_bank_reconciliation.vouchers.clearance import find_wrong, recompute_clearance

#: Bank Transactions that are looked at with one statement.
CHUNK = 500


def validate_period(
	bank_account: Document, from_date: str | date | None, to_date: str | date | None, company: str | None
) -> dict[str, Any]:
	"""Validate all Bank Transactions of the account in the period, and say how many vouchers were wrong.

	Answers {success, message, processed_count, corrected_count}. Raises SelectionRefused when the account
	is of another company than the one named.
	"""
	_check_company(bank_account, company)
	processed, corrected = 0, 0
	for linked in _linked_vouchers(bank_account, from_date, to_date):
		processed += len(linked)
		corrected += len(recompute_clearance(key for keys in linked.values() for key in keys))
	return {
		"success": True,
		"message": _("{0} Bank Transactions validated, {1} vouchers corrected.").format(processed, corrected),
		"processed_count": processed,
		"corrected_count": corrected,
	}


def validate_wrong_ones(
	bank_account: Document, from_date: str | date | None, to_date: str | date | None, limit: object
) -> dict[str, Any]:
	"""Find the Bank Transactions with a voucher whose clearance date is wrong, and correct up to `limit`.

	Answers {success, message, processed_count, total_found}: Bank Transactions corrected, and found.
	"""
	found: list[list[VoucherKey]] = []
	for linked in _linked_vouchers(bank_account, from_date, to_date):
		wrong = find_wrong(key for keys in linked.values() for key in keys)
		found += [keys for keys in linked.values() if not wrong.isdisjoint(keys)]
	chosen = found[: max(cint(limit), 0)]
	recompute_clearance(key for keys in chosen for key in keys)
	return {
		"success": True,
		"message": _("{0} of {1} Bank Transactions with a wrong clearance date corrected.").format(
			len(chosen), len(found)
		),
		"processed_count": len(chosen),
		"total_found": len(found),
	}


def validate_line(bank_transaction_name: str) -> list[VoucherKey]:
	"""Validate one Bank Transaction and return the vouchers that were corrected; none unless submitted."""
	bank_transaction = bank_transaction_for_writing(bank_transaction_name, for_update=True)
	if bank_transaction.docstatus != 1:
		return []
	return recompute_clearance(
		(row.payment_document, row.payment_entry) for row in bank_transaction.payment_entries
	)


def _check_company(bank_account: Document, company: str | None) -> None:
	if company and company != bank_account.company:
		refuse(
			SelectionRefused,
			[
				_("Bank Account {0} belongs to company {1}, not to {2}.").format(
					bank_account.name, bank_account.company, company
				)
			],
		)


def _linked_vouchers(
	bank_account: Document, from_date: str | date | None, to_date: str | date | None
) -> Iterator[dict[str, list[VoucherKey]]]:
	"""Yield, in chunks, the vouchers of each reconciled Bank Transaction that the user may read."""
	filters = [
		["bank_account", "=", bank_account.name],
		["docstatus", "=", 1],
		["allocated_amount", "!=", 0],
	]
	if from_date:
		filters.append(["date", ">=", from_date])
	if to_date:
		filters.append(["date", "<=", to_date])
	lines = frappe.get_list(
		BANK_TRANSACTION, filters=filters, pluck="name", order_by="date, creation", limit_page_length=0
	)
	for start in range(0, len(lines), CHUNK):
		chunk = lines[start : start + CHUNK]
		linked: dict[str, list[VoucherKey]] = {line: [] for line in chunk}
		for row in frappe.get_all(
			"Bank Transaction Payments",
			filters={"parenttype": BANK_TRANSACTION, "parent": ("in", chunk)},
			fields=["parent", "payment_document", "payment_entry"],
			limit_page_length=0,
		):
			linked[row.parent].append((row.payment_document, row.payment_entry))
		yield linked
