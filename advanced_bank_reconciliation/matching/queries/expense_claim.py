# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Expense Claims that were paid from this bank account when they were submitted. Where HRMS is installed."""

import frappe
from frappe.query_builder.functions import Coalesce

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


def offer(line: BankLine) -> Offer:
	"""Return the claims that a withdrawal has paid out: booked to the account through their mode of payment.

	HRMS keeps a claim in the company's currency, so that an account in another has none.
	"""
	company_currency = frappe.get_cached_value("Company", line.doc.company, "default_currency")
	modes = _modes_of_payment(line)
	if line.is_deposit or not modes or line.currency != company_currency:
		return Offer([])
	claim = frappe.qb.DocType("Expense Claim")
	left = remaining(claim.grand_total, claim.name, "Expense Claim", line)
	return Offer(
		[
			Source(
				doctype="Expense Claim",
				table=claim,
				base=frappe.qb.from_(claim),
				columns=Columns(
					name=claim.name,
					posting_date=claim.posting_date,
					party_type=constant("Employee"),
					party=claim.employee,
					party_name=Coalesce(claim.employee_name, claim.employee),
					total_amount=claim.grand_total,
					oldest_by=claim.posting_date,
					**in_own_currency(line, left),
				),
				conditions=[
					claim.docstatus == 1,
					claim.company == line.doc.company,
					claim.is_paid == 1,
					claim.clearance_date.isnull(),
					claim.mode_of_payment.isin(modes),
					*not_linked_to(claim, "Expense Claim", line),
					left > 0,
				],
			)
		]
	)


def _modes_of_payment(line: BankLine) -> list[str]:
	filters = {"company": line.doc.company, "default_account": line.gl_account}
	return frappe.get_all("Mode of Payment Account", filters, pluck="parent", order_by="parent")
