# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Where a link comes from: the voucher was there and matched, or made for the Bank Transaction (P91)."""

from typing import Any

import frappe
from frappe.model.document import Document

MATCHED = "Matched"
VOUCHER_CREATED = "Voucher Created"

#: Core's field of newer versions first, then our own (PITFALLS P87, P91).
ORIGIN_FIELDS = ("reconciliation_type", "abr_reconciliation_type")


def link_row(doctype: str, name: str, amount: float, origin: str) -> dict[str, Any]:
	"""Return the row of a Bank Transaction that links the voucher with this amount."""
	row = {"payment_document": doctype, "payment_entry": name, "allocated_amount": amount}
	meta = frappe.get_meta("Bank Transaction Payments")
	if origin_field := next((field for field in ORIGIN_FIELDS if meta.has_field(field)), None):
		row[origin_field] = origin
	return row


def origin_of(row: Document) -> str | None:
	"""Return the origin of a link; empty for one from before the app recorded it."""
	return next((row.get(field) for field in ORIGIN_FIELDS if row.meta.has_field(field)), None)
