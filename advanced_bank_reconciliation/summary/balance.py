# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The balance of a bank account per the books."""

from datetime import date

from erpnext.accounts.doctype.bank_reconciliation_tool.bank_reconciliation_tool import (
	get_account_balance as get_balance_as_the_bank_sees_it,
)
from frappe.model.document import Document
from frappe.utils import flt, getdate, nowdate


def get_account_balance(bank_account: Document, till_date: str | date | None = None) -> float:
	"""Return ERPNext's balance less what has not cleared the bank by `till_date`, in the account's currency.

	ERPNext's report needs the company, and an absent one matches nothing there (PITFALLS P83).
	"""
	till_date = getdate(till_date or nowdate())
	return flt(get_balance_as_the_bank_sees_it(bank_account.name, till_date, bank_account.company))
