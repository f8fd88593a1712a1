# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

from frappe.model.document import Document

from advanced_bank_reconciliation.auto import statuses
from advanced_bank_reconciliation.bulk.store import refuse_while_active


class AutoBankReconciliation(Document):
	"""One run of auto reconcile. Its name is the `job_id`; the engine in `auto/` writes it."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.auto_bank_reconciliation_line.auto_bank_reconciliation_line import (
			AutoBankReconciliationLine,
		)

		active_bank_account: DF.Data | None
		amount_ceiling: DF.Currency
		bank_account: DF.Link
		company: DF.Link | None
		currency: DF.Link | None
		document_types: DF.SmallText | None
		dry_run: DF.Check
		ended_at: DF.Datetime | None
		failed: DF.Int
		filter_by_reference_date: DF.Check
		from_date: DF.Date | None
		from_reference_date: DF.Date | None
		last_activity: DF.Datetime | None
		lines: DF.Table[AutoBankReconciliationLine]
		margin: DF.Int
		matched: DF.Int
		message: DF.SmallText | None
		minimum_score: DF.Int
		percentage: DF.Percent
		recoveries: DF.Int
		request_key: DF.Data | None
		run_no: DF.Int
		skipped: DF.Int
		started_at: DF.Datetime | None
		status: DF.Literal["Queued", "Running", "Completed", "Failed", "Cancelled", "Undoing", "Undone"]
		to_date: DF.Date | None
		to_reference_date: DF.Date | None
		total: DF.Int
		undone: DF.Int
		would_match: DF.Int
	# end: auto-generated types

	def on_trash(self) -> None:
		refuse_while_active(self, statuses.ACTIVE)
