# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint

#: Field: (smallest, largest) value that the engine can work with; None is no bound.
LIMITS = {
	"bulk_threshold": (1, None),
	"batch_size": (1, 500),
	"seconds_per_batch": (1, 60),
	"job_timeout": (60, 86400),
	"most_invoices_per_payment_entry": (2, 500),
	"most_workers_per_job": (1, 50),
	"auto_margin": (1, None),
}


class AdvanceBankReconciliationSettings(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		allocation_order: DF.Literal["Oldest First", "Largest Amount First"]
		auto_amount_ceiling: DF.Float
		auto_margin: DF.Int
		auto_minimum_score: DF.Int
		batch_size: DF.Int
		batch_size_mode: DF.Literal["Fixed", "Automatic"]
		bulk_threshold: DF.Int
		compact_matching_vouchers_table: DF.Check
		customer_company_field: DF.Data | None
		default_document_type: DF.Literal["Payment Entry", "Journal Entry"]
		default_journal_entry_type: DF.Literal[
			"Bank Entry",
			"Cash Entry",
			"Credit Card Entry",
			"Journal Entry",
			"Contra Entry",
			"Inter Company Journal Entry",
			"Write Off Entry",
		]
		default_reconciliation_action: DF.Literal[
			"Match Against Voucher", "Create Voucher", "Update Bank Transaction"
		]
		email_attachment: DF.Literal["", "CSV", "XLSX"]
		email_on_completion: DF.Check
		employee_company_field: DF.Data | None
		filter_parties_by_company: DF.Check
		job_timeout: DF.Int
		largest_difference: DF.Currency
		most_invoices_per_payment_entry: DF.Int
		most_workers_per_job: DF.Int
		on_invoice_failure: DF.Literal["Skip and report", "All or nothing"]
		payment_entries_per: DF.Literal["Invoice", "Party"]
		reconcile_unpaid_invoices_in_background: DF.Check
		seconds_per_batch: DF.Int
		sort_unpaid_invoices_by_posting_date: DF.Check
		statement_background_limit: DF.Int
		supplier_company_field: DF.Data | None
		validate_selection_against_unallocated_amount: DF.Check
		worker_memory_limit: DF.Int
	# end: auto-generated types

	def validate(self) -> None:
		for fieldname, (smallest, largest) in LIMITS.items():
			self._check_limit(fieldname, smallest, largest)

	def _check_limit(self, fieldname: str, smallest: int, largest: int | None) -> None:
		value = cint(self.get(fieldname))
		label = frappe.bold(_(self.meta.get_label(fieldname)))
		if largest and not smallest <= value <= largest:
			frappe.throw(
				_("{0} is {1}. Enter a number from {2} to {3}.").format(label, value, smallest, largest),
				title=_("Setting Out of Range"),
			)
		if value < smallest:
			frappe.throw(
				_("{0} is {1}. Enter {2} or a larger number.").format(label, value, smallest),
				title=_("Setting Out of Range"),
			)
