# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

import frappe
from frappe.model.document import Document


class BulkBankReconciliationInvoice(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		allocated_amount: DF.Currency
		amount_in_invoice_currency: DF.Currency
		difference_amount: DF.Currency
		discount_amount: DF.Currency
		due_date: DF.Date | None
		error: DF.SmallText | None
		invoice: DF.DynamicLink | None
		invoice_currency: DF.Link | None
		invoice_type: DF.Link | None
		outstanding_amount: DF.Currency
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		party: DF.DynamicLink | None
		party_type: DF.Link | None
		payment_entry: DF.Link | None
		payment_group: DF.Int
		requested_amount: DF.Currency
		settle_in_full: DF.Check
		status: DF.Literal["Queued", "Paid", "Reconciled", "Failed", "Rolled Back"]
	# end: auto-generated types

	pass


def on_doctype_update() -> None:
	"""Index what a worker searches for, in the order in which it claims its next rows."""
	frappe.db.add_index("Bulk Bank Reconciliation Invoice", ["parent", "status", "idx"])
