# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The balances of a bank account per the books."""

from datetime import date

import frappe
from erpnext.accounts.doctype.bank_reconciliation_tool.bank_reconciliation_tool import (
	get_account_balance as get_balance_as_the_bank_sees_it,
)
from frappe.model.document import Document
from frappe.query_builder.functions import Sum
from frappe.utils import add_days, flt, getdate, nowdate

from advanced_bank_reconciliation.payload import voucher_doctypes
from advanced_bank_reconciliation.vouchers.clearance import INVOICE_PAYMENT, has_clearance_date


def get_account_balance(bank_account: Document, till_date: str | date | None = None) -> float:
	"""Return ERPNext's balance less what has not cleared the bank by `till_date`, in the account's currency.

	ERPNext's report needs the company, and an absent one matches nothing there (PITFALLS P83).
	"""
	till_date = getdate(till_date or nowdate())
	return flt(get_balance_as_the_bank_sees_it(bank_account.name, till_date, bank_account.company))


def get_cleared_balance(
	bank_account: Document, from_date: str | date | None = None, till_date: str | date | None = None
) -> float:
	"""Return the balance of what has cleared the bank by `till_date`, in the account's currency.

	It opens with the balance as the bank sees it at the end of the day before `from_date`. The two compare
	a Bank Account's ledger account with ledger rows, never with the Bank Account's name (PITFALLS P84).
	"""
	till_date = getdate(till_date or nowdate())
	if not from_date:
		return _cleared(bank_account, None, till_date)
	opening = get_account_balance(bank_account, add_days(getdate(from_date), -1))
	return flt(opening + _cleared(bank_account, getdate(from_date), till_date), 9)


def _cleared(bank_account: Document, from_date: date | None, till_date: date) -> float:
	"""Return what vouchers with a clearance date in the period move on the account, rows of the ledger."""
	total = 0.0
	for doctype in voucher_doctypes():
		if has_clearance_date(doctype):
			total += _cleared_vouchers(doctype, bank_account.account, from_date, till_date)
	return flt(total, 9)


def _cleared_vouchers(doctype: str, account: str, from_date: date | None, till_date: date) -> float:
	gl_entry = frappe.qb.DocType("GL Entry")
	kept_on = frappe.qb.DocType(INVOICE_PAYMENT if doctype == "Sales Invoice" else doctype)
	cleared = frappe.qb.from_(kept_on).where(kept_on.clearance_date <= till_date)
	if from_date:
		cleared = cleared.where(kept_on.clearance_date >= from_date)
	if doctype == "Sales Invoice":
		cleared = cleared.select(kept_on.parent).where(kept_on.account == account)
		cleared = cleared.where(kept_on.parenttype == doctype)
	else:
		cleared = cleared.select(kept_on.name)
	moved = (
		frappe.qb.from_(gl_entry)
		.select(Sum(gl_entry.debit_in_account_currency - gl_entry.credit_in_account_currency))
		.where(gl_entry.account == account)
		.where(gl_entry.voucher_type == doctype)
		.where(gl_entry.is_cancelled == 0)
		.where(gl_entry.voucher_no.isin(cleared))
		.run()
	)
	return flt(moved[0][0])
