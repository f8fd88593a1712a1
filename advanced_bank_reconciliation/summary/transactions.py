# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Lists the Bank Transactions of an account."""

from datetime import date
from typing import Any

import frappe

FIELDS = (
	"name",
	"date",
	"deposit",
	"withdrawal",
	"currency",
	"description",
	"bank_account",
	"company",
	"unallocated_amount",
	"reference_number",
	"party_type",
	"party",
	"bank_party_name",
	"custom_particulars",
	"custom_code",
)


def get_unreconciled(
	bank_account: str, from_date: str | date | None, to_date: str | date | None
) -> list[dict[str, Any]]:
	"""Return submitted Bank Transactions with an unallocated amount that the user may read, oldest first."""
	filters = [["bank_account", "=", bank_account], ["docstatus", "=", 1], ["unallocated_amount", ">", 0]]
	if from_date:
		filters.append(["date", ">=", from_date])
	if to_date:
		filters.append(["date", "<=", to_date])
	return frappe.get_list(
		"Bank Transaction",
		filters=filters,
		fields=list(FIELDS),
		order_by="date, creation, name",
		limit_page_length=0,
	)


def get_row(bank_transaction: str) -> dict[str, Any]:
	"""Return one Bank Transaction as `get_unreconciled` gives it, whatever is left of it."""
	rows = frappe.get_list(
		"Bank Transaction", filters={"name": bank_transaction}, fields=list(FIELDS), limit_page_length=1
	)
	return rows[0]
