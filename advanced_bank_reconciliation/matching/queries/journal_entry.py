# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Journal Entries that have not cleared this bank account."""

import frappe
from frappe.query_builder.functions import Coalesce, Max, Min, Sum
from pypika.queries import QueryBuilder
from pypika.terms import Case, Field, Term

from advanced_bank_reconciliation.matching.queries.columns import (
	Columns,
	Offer,
	Source,
	in_own_currency,
	not_linked_to,
	one_value,
	remaining,
)
from advanced_bank_reconciliation.vouchers.links import BankLine


def offer(line: BankLine) -> Offer:
	"""Return the Journal Entries whose rows on the account, taken together, go the line's way (P31, P33)."""
	entry = frappe.qb.DocType("Journal Entry")
	legs = _bank_legs(line).as_("legs")
	left = remaining(legs.moved, entry.name, "Journal Entry", line)
	party = _only_party("party", entry.name)
	return Offer(
		[
			Source(
				doctype="Journal Entry",
				table=entry,
				base=frappe.qb.from_(entry).join(legs).on(legs.voucher == entry.name),
				columns=Columns(
					name=entry.name,
					reference_no=entry.cheque_no,
					reference_date=entry.cheque_date,
					posting_date=entry.posting_date,
					party_type=_only_party("party_type", entry.name),
					party=party,
					party_name=Coalesce(entry.pay_to_recd_from, party),
					total_amount=legs.moved,
					oldest_by=Coalesce(entry.cheque_date, entry.posting_date),
					**in_own_currency(line, left),
				),
				conditions=[
					entry.docstatus == 1,
					entry.company == line.doc.company,
					entry.voucher_type != "Opening Entry",
					entry.clearance_date.isnull(),
					*not_linked_to(entry, "Journal Entry", line),
					left > 0,
				],
			)
		]
	)


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


def _only_party(fieldname: str, voucher: Field) -> Term:
	"""Return the column for the party of a Journal Entry that names exactly one."""
	row = frappe.qb.DocType("Journal Entry Account").as_("party_row")
	query = (
		frappe.qb.from_(row)
		.select(Case().when(Min(row.party) == Max(row.party), Max(row[fieldname])))
		.where(row.parent == voucher)
		.where(row.party != "")
	)
	return one_value(query)
