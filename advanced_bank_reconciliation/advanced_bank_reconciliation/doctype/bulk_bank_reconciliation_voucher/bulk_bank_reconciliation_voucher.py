# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

from frappe.model.document import Document


class BulkBankReconciliationVoucher(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		allocated_amount: DF.Currency
		error: DF.SmallText | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		payment_document: DF.Link | None
		payment_entry: DF.DynamicLink | None
		status: DF.Literal["Queued", "Reconciled", "Failed", "Rolled Back"]
	# end: auto-generated types

	pass
