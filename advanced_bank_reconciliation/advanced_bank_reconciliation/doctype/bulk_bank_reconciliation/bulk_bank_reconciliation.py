# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

from frappe.model.document import Document

from advanced_bank_reconciliation.bulk import statuses
from advanced_bank_reconciliation.bulk.store import refuse_while_active


class BulkBankReconciliation(Document):
	"""One run of the bulk engine. Its name is the `job_id`; the engine in `bulk/` writes it."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.bulk_bank_reconciliation_invoice.bulk_bank_reconciliation_invoice import (
			BulkBankReconciliationInvoice,
		)
		from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.bulk_bank_reconciliation_voucher.bulk_bank_reconciliation_voucher import (
			BulkBankReconciliationVoucher,
		)

		active_bank_transaction: DF.Data | None
		allocated_amount: DF.Currency
		bank_account: DF.Link | None
		bank_transaction: DF.Link
		batch_size: DF.Int
		cancelled_payments: DF.Int
		company: DF.Link | None
		completed_at: DF.Datetime | None
		currency: DF.Link | None
		difference_account: DF.Link | None
		difference_amount: DF.Currency
		difference_cost_center: DF.Link | None
		email_attachment: DF.Literal["", "CSV", "XLSX"]
		email_on_completion: DF.Check
		end_status: DF.Literal["", "Cancelled", "Rolled Back", "Failed", "Undone"]
		error_message: DF.Text | None
		failed: DF.Int
		invoices: DF.Table[BulkBankReconciliationInvoice]
		last_activity: DF.Datetime | None
		message: DF.SmallText | None
		on_invoice_failure: DF.Literal["Skip and report", "All or nothing"]
		payment_entries_per: DF.Literal["Invoice", "Party"]
		percentage: DF.Percent
		processed: DF.Int
		reconciled_amount: DF.Currency
		recoveries: DF.Int
		request_key: DF.Data | None
		run_no: DF.Int
		seconds_per_batch: DF.Int
		started_at: DF.Datetime | None
		status: DF.Literal[
			"Queued",
			"Running",
			"Paused",
			"Reconciling",
			"Completed",
			"Partially Completed",
			"Failed",
			"Rolling Back",
			"Rolled Back",
			"Cancelled",
			"Undoing",
			"Undone",
		]
		total_invoices: DF.Int
		total_vouchers: DF.Int
		unallocated_amount: DF.Currency
		unlinked_vouchers: DF.Int
		vouchers: DF.Table[BulkBankReconciliationVoucher]
	# end: auto-generated types

	def on_trash(self) -> None:
		refuse_while_active(self, statuses.ACTIVE)
