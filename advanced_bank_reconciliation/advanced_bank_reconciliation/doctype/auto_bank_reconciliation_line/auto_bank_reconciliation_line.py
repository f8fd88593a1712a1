# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

from frappe.model.document import Document


class AutoBankReconciliationLine(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		amount: DF.Currency
		bank_transaction: DF.Link | None
		date: DF.Date | None
		outcome: DF.Literal["Queued", "Matched", "Would Match", "Skipped", "Failed", "Undone"]
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		reason: DF.SmallText | None
		score: DF.Int
		second_score: DF.Int
		undo_failed: DF.Check
		voucher: DF.DynamicLink | None
		voucher_type: DF.Link | None
	# end: auto-generated types

	pass
