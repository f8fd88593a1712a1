# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Journal Entries that have not cleared this bank account."""

import frappe
from frappe.query_builder.functions import Coalesce, Max, Min, Sum
from pypika.queries import QueryBuilder
from pypika.terms import Case

from advanced_bank_reconciliation.matching.queries.columns import (
	allocations,
	not_linked_to,
	remaining,
	select_columns,
)
from advanced_bank_reconciliation.vouchers.links import BankLine


def query(line: BankLine) -> QueryBuilder:
	"""Return the Journal Entries whose rows on the account, taken together, go the line's way (P31, P33)."""
	entry = frappe.qb.DocType("Journal Entry")
	legs = _bank_legs(line).as_("legs")
	parties = _parties(line).as_("parties")
	allocated = allocations("Journal Entry", line.gl_account).as_("allocated")
	left = remaining(legs.moved, allocated, line)
	candidates = select_columns(
		frappe.qb.from_(entry)
		.join(legs)
		.on(legs.voucher == entry.name)
		.left_join(parties)
		.on(parties.voucher == entry.name)
		.left_join(allocated)
		.on(allocated.voucher == entry.name),
		name=entry.name,
		reference_no=entry.cheque_no,
		reference_date=entry.cheque_date,
		posting_date=entry.posting_date,
		party_type=parties.party_type,
		party=parties.party,
		party_name=Coalesce(entry.pay_to_recd_from, parties.party),
		total_amount=legs.moved,
		remaining_amount=left,
		effect=left,
		oldest_by=Coalesce(entry.cheque_date, entry.posting_date),
	)
	candidates = (
		candidates.where(entry.docstatus == 1)
		.where(entry.company == line.doc.company)
		.where(entry.voucher_type != "Opening Entry")
		.where(entry.clearance_date.isnull())
		.where(left > 0)
	)
	return not_linked_to(candidates, entry, "Journal Entry", line)


def _bank_legs(line: BankLine) -> QueryBuilder:
	row = frappe.qb.DocType("Journal Entry Account")
	moved = Sum(row.debit_in_account_currency - row.credit_in_account_currency) * (
		1 if line.is_deposit else -1
	)
	return (
		frappe.qb.from_(row)
		.select(row.parent.as_("voucher"), moved.as_("moved"))
		.where(row.account == line.gl_account)
		.where(row.docstatus == 1)
		.groupby(row.parent)
	)


def _parties(line: BankLine) -> QueryBuilder:
	"""The party of each Journal Entry that touches the account and names exactly one."""
	row = frappe.qb.DocType("Journal Entry Account")
	bank_row = frappe.qb.DocType("Journal Entry Account").as_("bank_row")
	only_one = Min(row.party) == Max(row.party)
	return (
		frappe.qb.from_(row)
		.join(bank_row)
		.on((bank_row.parent == row.parent) & (bank_row.account == line.gl_account))
		.select(
			row.parent.as_("voucher"),
			Case().when(only_one, Max(row.party_type)).as_("party_type"),
			Case().when(only_one, Max(row.party)).as_("party"),
		)
		.where(row.party != "")
		.where(row.docstatus == 1)
		.groupby(row.parent)
	)
