# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Invoices that were paid on the spot: they move money on this bank account and have not cleared it."""

import frappe
from frappe.query_builder.functions import Coalesce, Max, Sum
from pypika.queries import QueryBuilder, Table
from pypika.terms import Case, Criterion, Term

from advanced_bank_reconciliation.matching.queries.columns import (
	Columns,
	Offer,
	Source,
	constant,
	in_own_currency,
	not_linked_to,
	remaining,
)
from advanced_bank_reconciliation.vouchers.links import BankLine


def offer_sales_invoices(line: BankLine) -> Offer:
	"""Return the Sales Invoices paid into the account by a deposit, paid back by a withdrawal (P10, P11)."""
	invoice = frappe.qb.DocType("Sales Invoice")
	payments = _payment_rows(line).as_("payments")
	moved = (payments.paid - _change(invoice, line)) * (1 if line.is_deposit else -1)
	left = remaining(moved, invoice.name, "Sales Invoice", line)
	return Offer(
		[
			Source(
				doctype="Sales Invoice",
				table=invoice,
				base=frappe.qb.from_(invoice).join(payments).on(payments.voucher == invoice.name),
				columns=Columns(
					name=invoice.name,
					reference_no=Coalesce(payments.reference_no, invoice.po_no),
					posting_date=invoice.posting_date,
					due_date=invoice.due_date,
					party_type=constant("Customer"),
					party=invoice.customer,
					party_name=invoice.customer_name,
					total_amount=moved,
					oldest_by=invoice.posting_date,
					**in_own_currency(line, left),
				),
				conditions=[
					*_of_company(invoice, line),
					invoice.is_pos == 1,
					*not_linked_to(invoice, "Sales Invoice", line),
					left > 0,
				],
			)
		]
	)


def offer_purchase_invoices(line: BankLine) -> Offer:
	"""Return the Purchase Invoices paid from the account by a withdrawal, paid back by a deposit."""
	invoice = frappe.qb.DocType("Purchase Invoice")
	paid = invoice.base_paid_amount if _in_company_currency(line) else invoice.paid_amount
	moved = paid * (-1 if line.is_deposit else 1)
	left = remaining(moved, invoice.name, "Purchase Invoice", line)
	return Offer(
		[
			Source(
				doctype="Purchase Invoice",
				table=invoice,
				base=frappe.qb.from_(invoice),
				columns=Columns(
					name=invoice.name,
					reference_no=invoice.bill_no,
					reference_date=invoice.bill_date,
					posting_date=invoice.posting_date,
					due_date=invoice.due_date,
					party_type=constant("Supplier"),
					party=invoice.supplier,
					party_name=invoice.supplier_name,
					total_amount=moved,
					oldest_by=invoice.posting_date,
					**in_own_currency(line, left),
				),
				conditions=[
					invoice.cash_bank_account == line.gl_account,
					invoice.clearance_date.isnull(),
					*_of_company(invoice, line),
					invoice.is_paid == 1,
					*not_linked_to(invoice, "Purchase Invoice", line),
					left > 0,
				],
			)
		]
	)


def _of_company(invoice: Table, line: BankLine) -> list[Criterion]:
	conditions = [invoice.docstatus == 1, invoice.company == line.doc.company]
	if not _in_company_currency(line):
		conditions.append(invoice.currency == line.currency)
	return conditions


def _payment_rows(line: BankLine) -> QueryBuilder:
	"""What each invoice received on the account, with the reference of the payment row itself (P47)."""
	row = frappe.qb.DocType("Sales Invoice Payment")
	amount = row.base_amount if _in_company_currency(line) else row.amount
	has_reference = frappe.get_meta("Sales Invoice Payment").has_field("reference_no")
	reference = Case().when(row.reference_no != "", row.reference_no) if has_reference else constant("")
	return (
		frappe.qb.from_(row)
		.select(row.parent.as_("voucher"), Sum(amount).as_("paid"), Max(reference).as_("reference_no"))
		.where(row.parenttype == "Sales Invoice")
		.where(row.account == line.gl_account)
		.where(row.clearance_date.isnull())
		.groupby(row.parent)
	)


def _change(invoice: Table, line: BankLine) -> Term:
	"""The change that was given back from the same account."""
	change = invoice.base_change_amount if _in_company_currency(line) else invoice.change_amount
	return Case().when(invoice.account_for_change_amount == line.gl_account, change).else_(0)


def _in_company_currency(line: BankLine) -> bool:
	return line.currency == frappe.get_cached_value("Company", line.doc.company, "default_currency")
