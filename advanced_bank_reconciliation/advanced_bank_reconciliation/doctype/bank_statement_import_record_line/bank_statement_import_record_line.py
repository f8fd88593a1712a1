# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

import frappe
from frappe.model.document import Document


class BankStatementImportRecordLine(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		amount: DF.Currency
		balance: DF.Currency
		bank_transaction: DF.Link | None
		code: DF.SmallText | None
		corrected: DF.Check
		date: DF.Date | None
		decided: DF.Check
		decision: DF.Literal["", "Import", "Skip"]
		description: DF.SmallText | None
		error: DF.SmallText | None
		exact_fingerprint: DF.Data | None
		fee: DF.Currency
		has_balance: DF.Check
		id_fingerprint: DF.Data | None
		line_currency: DF.Data | None
		number: DF.Int
		outcome: DF.Literal[
			"New", "Duplicate", "Possible Duplicate", "Bad", "Imported", "Skipped", "Failed", "Reverted"
		]
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		particulars: DF.SmallText | None
		party_account: DF.SmallText | None
		party_iban: DF.SmallText | None
		party_name: DF.SmallText | None
		raw: DF.SmallText | None
		reference: DF.SmallText | None
		resembles: DF.Link | None
		similar_fingerprint: DF.Data | None
		text_fingerprint: DF.Data | None
		transaction_id: DF.SmallText | None
		value_date: DF.Date | None
	# end: auto-generated types

	pass


def on_doctype_update() -> None:
	"""The queue that a worker asks for its next lines, and the pages that a form shows."""
	frappe.db.add_index("Bank Statement Import Record Line", ["parent", "outcome", "decision", "idx"])
