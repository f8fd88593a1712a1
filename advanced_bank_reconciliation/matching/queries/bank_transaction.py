# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Bank Transactions that the line may be settled with: money that came and went back on the same account."""

import frappe
from frappe.query_builder.functions import Coalesce
from pypika.terms import Case

from advanced_bank_reconciliation.matching.queries.columns import (
	Columns,
	Offer,
	Source,
	bank_accounts,
	constant,
	not_linked_to,
)
from advanced_bank_reconciliation.vouchers.links import BankLine


def offer(line: BankLine) -> Offer:
	"""Return the open Bank Transactions of the same ledger account and the opposite direction (P25).

	Accounts are compared as ledger accounts. What two lines can settle is what both have left.
	"""
	other = frappe.qb.DocType("Bank Transaction")
	open_amount = other.unallocated_amount
	both = Case().when(open_amount > line.unallocated_amount, line.unallocated_amount).else_(open_amount)
	amount = other.withdrawal if line.is_deposit else other.deposit
	meta = frappe.get_meta("Bank Transaction")
	name_of_party = other.bank_party_name if meta.has_field("bank_party_name") else other.party
	return Offer(
		[
			Source(
				doctype="Bank Transaction",
				table=other,
				base=frappe.qb.from_(other),
				columns=Columns(
					name=other.name,
					reference_no=other.reference_number,
					reference_date=other.date,
					posting_date=other.date,
					party_type=other.party_type,
					party=other.party,
					party_name=Coalesce(other.party, name_of_party),
					total_amount=amount,
					remaining_amount=both,
					effect=open_amount,
					oldest_by=other.date,
					own_currency=constant(line.currency),
					own_remaining_amount=both,
				),
				conditions=[
					other.bank_account.isin(bank_accounts(line.gl_account)),
					other.docstatus == 1,
					other.company == line.doc.company,
					other.name != line.doc.name,
					amount > 0,
					open_amount > 0,
					*not_linked_to(other, "Bank Transaction", line),
				],
			)
		]
	)
