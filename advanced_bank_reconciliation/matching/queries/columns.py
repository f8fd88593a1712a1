# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The columns that every candidate query selects, so that ranking, filters and paging are written once.

name, reference_no, reference_date, posting_date, due_date, party_type, party, party_name
total_amount      what the voucher is about
remaining_amount  what may still be allocated: positive for vouchers, signed as outstanding for invoices
effect            what all of it takes from the Bank Transaction; negative where it gives back
oldest_by         the date by which the planner orders, and by which nearness is judged

Amounts are in the bank account's currency.
"""

from typing import Any

import frappe
from frappe.query_builder.custom import ConstantColumn
from frappe.query_builder.functions import Coalesce, Round, Sum
from pypika.queries import QueryBuilder, Selectable, Table
from pypika.terms import Term, ValueWrapper

from advanced_bank_reconciliation.vouchers.links import BankLine

COLUMNS = (
	"name",
	"reference_no",
	"reference_date",
	"posting_date",
	"due_date",
	"party_type",
	"party",
	"party_name",
	"total_amount",
	"remaining_amount",
	"effect",
	"oldest_by",
)


def select_columns(query: QueryBuilder, **terms: Any) -> QueryBuilder:
	"""Add all columns to the query, in their order; those not given are empty."""
	return query.select(*(terms.get(column, _nothing()).as_(column) for column in COLUMNS))


def constant(text: str) -> Term:
	"""Return a column with this text in every row."""
	return ConstantColumn(text)


def allocations(doctype: str, gl_account: str) -> QueryBuilder:
	"""Return a query of what submitted Bank Transactions of `gl_account` cover of each voucher (P31, P32)."""
	row = frappe.qb.DocType("Bank Transaction Payments")
	line = frappe.qb.DocType("Bank Transaction")
	bank_account = frappe.qb.DocType("Bank Account")
	return (
		frappe.qb.from_(row)
		.join(line)
		.on(line.name == row.parent)
		.join(bank_account)
		.on(bank_account.name == line.bank_account)
		.select(row.payment_entry.as_("voucher"), Sum(row.allocated_amount).as_("amount"))
		.where(row.payment_document == doctype)
		.where(line.docstatus == 1)
		.where(bank_account.account == gl_account)
		.groupby(row.payment_entry)
	)


def remaining(moved: Term, allocated: Selectable, line: BankLine) -> Term:
	"""Return what is left of `moved` after what is allocated already, in the currency's precision."""
	return Round(moved - Coalesce(allocated.amount, 0), line.precision)


def not_linked_to(query: QueryBuilder, table: Table, doctype: str, line: BankLine) -> QueryBuilder:
	"""Leave out the vouchers that the Bank Transaction is linked to already: a second link is refused."""
	linked = [row.payment_entry for row in line.doc.payment_entries if row.payment_document == doctype]
	return query.where(table.name.notin(linked)) if linked else query


def _nothing() -> Term:
	return ValueWrapper(None)
