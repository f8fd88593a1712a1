# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

import frappe
from frappe.model.document import Document

from advanced_bank_reconciliation.bulk.store import refuse_while_active
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.job import ROW


class BankStatementImportRecord(Document):
	"""One bank statement file and what became of it. `statement_import/` writes it.

	Its lines are rows of *Bank Statement Import Record Line*, which are not part of the document: a form
	with ten thousand of them would load them all. They are read in pages (`get_import_lines`).
	"""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		account_id: DF.Data | None
		active_bank_account: DF.Data | None
		answers: DF.LongText | None
		bad: DF.Int
		bank: DF.Link | None
		bank_account: DF.Link
		closing_balance: DF.Currency
		company: DF.Link | None
		content_hash: DF.Data | None
		currency: DF.Link | None
		deposits: DF.Currency
		duplicates: DF.Int
		ended_at: DF.Datetime | None
		error_message: DF.SmallText | None
		failed: DF.Int
		fees: DF.Data | None
		file: DF.Attach | None
		file_name: DF.Data | None
		format: DF.Data | None
		format_title: DF.Data | None
		from_date: DF.Date | None
		has_closing_balance: DF.Check
		has_opening_balance: DF.Check
		imported: DF.Int
		last_activity: DF.Datetime | None
		mapping: DF.Code | None
		mapping_source: DF.Literal["", "Detected", "Saved", "Changed", "Saved but stale"]
		message: DF.SmallText | None
		new_lines: DF.Int
		opening_balance: DF.Currency
		percentage: DF.Percent
		possible_duplicates: DF.Int
		proof: DF.LongText | None
		proof_message: DF.SmallText | None
		reading: DF.LongText | None
		recoveries: DF.Int
		reverted: DF.Int
		run_by: DF.Link | None
		run_no: DF.Int
		skipped: DF.Int
		stale_message: DF.SmallText | None
		started_at: DF.Datetime | None
		stated_closing_balance: DF.Data | None
		stated_opening_balance: DF.Data | None
		status: DF.Literal[
			"Draft",
			"Queued",
			"Importing",
			"Completed",
			"Partially Completed",
			"Failed",
			"Cancelled",
			"Reverting",
			"Reverted",
			"Partially Reverted",
		]
		to_date: DF.Date | None
		total: DF.Int
		withdrawals: DF.Currency
	# end: auto-generated types

	def on_trash(self) -> None:
		refuse_while_active(self, statuses.ACTIVE)
		frappe.db.delete(ROW, {"parent": self.name})
