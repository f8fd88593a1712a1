# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Payment Entries that have not cleared this bank account."""

import frappe
from frappe.query_builder.functions import Coalesce
from pypika.queries import QueryBuilder, Table
from pypika.terms import Case, Term

from advanced_bank_reconciliation.matching.queries.columns import (
	allocations,
	not_linked_to,
	remaining,
	select_columns,
)
from advanced_bank_reconciliation.vouchers.links import BankLine


def query(line: BankLine) -> QueryBuilder:
	"""Return the Payment Entries, internal transfers too, that move money in the line's direction."""
	entry = frappe.qb.DocType("Payment Entry")
	allocated = allocations("Payment Entry", line.gl_account).as_("allocated")
	left = remaining(_bank_leg(entry, line), allocated, line)
	candidates = select_columns(
		frappe.qb.from_(entry).left_join(allocated).on(allocated.voucher == entry.name),
		name=entry.name,
		reference_no=entry.reference_no,
		reference_date=entry.reference_date,
		posting_date=entry.posting_date,
		party_type=entry.party_type,
		party=entry.party,
		party_name=entry.party_name,
		total_amount=_bank_leg(entry, line),
		remaining_amount=left,
		effect=left,
		oldest_by=Coalesce(entry.reference_date, entry.posting_date),
	)
	candidates = (
		candidates.where(entry.docstatus == 1)
		.where(entry.company == line.doc.company)
		.where(entry.clearance_date.isnull())
		.where(entry.payment_type.isin(["Receive" if line.is_deposit else "Pay", "Internal Transfer"]))
		.where((entry.paid_to if line.is_deposit else entry.paid_from) == line.gl_account)
		.where(left > 0)
	)
	return not_linked_to(candidates, entry, "Payment Entry", line)


def _bank_leg(entry: Table, line: BankLine) -> Term:
	"""What the entry moves on the bank account, in that account's currency (PITFALLS P18).

	Entries from before ERPNext knew taxes on payments have nothing in the after-tax field.
	"""
	amount, after_tax = (
		(entry.received_amount, entry.received_amount_after_tax)
		if line.is_deposit
		else (entry.paid_amount, entry.paid_amount_after_tax)
	)
	return Case().when(after_tax != 0, after_tax).else_(amount)
