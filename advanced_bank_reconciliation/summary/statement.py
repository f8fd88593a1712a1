# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The closing balances that the bank states, and which statement to look at next."""

from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, flt, get_first_day, get_last_day, getdate, nowdate

from advanced_bank_reconciliation.allocation.money import to_decimal
from advanced_bank_reconciliation.exceptions import BadPayload, refuse
from advanced_bank_reconciliation.vouchers.bank_account_check import check_bank_account

#: ERPNext's own record of the same fact where its version has one, else ours (VERSIONS.md, co-existence).
CORE_DOCTYPE = "Bank Account Balance"
OWN_DOCTYPE = "ABR Statement Balance"


def get_closing_balance(bank_account: Document, on: str | date) -> float | None:
	"""Return the balance that was saved for that day, in the account's currency, or None."""
	balance = frappe.db.get_value(
		_doctype(), {"bank_account": bank_account.name, "date": getdate(on)}, "balance"
	)
	return None if balance is None else flt(balance)


def save_closing_balance(bank_account: Document, on: str | date, balance: object) -> None:
	"""Remember the balance of that day; a later one for the same day replaces it.

	Raises BadPayload for what is not an amount, and `frappe.PermissionError`.
	"""
	try:
		amount = float(to_decimal(balance))
	except ValueError:
		refuse(BadPayload, [_("The closing balance must be an amount.")])
	values = {"bank_account": bank_account.name, "date": getdate(on)}
	try:
		_write(values, amount)
	except frappe.DuplicateEntryError:
		# Somebody saved the same day between our look and our insert: then theirs is updated.
		frappe.clear_last_message()
		_write(values, amount)


def get_statement_defaults(bank_account: Document) -> dict[str, Any]:
	"""Return the period to look at next, with what is remembered and known of the account.

	It starts the day after the last remembered statement, else with the month of the oldest unreconciled
	Bank Transaction, else with this month; it ends with that month, but not after today. `warnings` says in
	sentences what about the account gets in the way (P30).
	"""
	from_date = _next_from_date(bank_account.name)
	to_date = _to_date(from_date)
	return {
		"from_date": from_date,
		"to_date": to_date,
		"closing_balance": get_closing_balance(bank_account, to_date),
		"account_currency": frappe.get_cached_value("Account", bank_account.account, "account_currency"),
		"company": bank_account.company,
		"gl_account": bank_account.account,
		"warnings": check_bank_account(bank_account),
	}


def _doctype() -> str:
	return CORE_DOCTYPE if frappe.db.exists("DocType", CORE_DOCTYPE) else OWN_DOCTYPE


def _write(values: dict[str, Any], amount: float) -> None:
	doctype = _doctype()
	if name := frappe.db.get_value(doctype, values, for_update=True):
		document = frappe.get_doc(doctype, name)
		document.balance = amount
		document.save()
	else:
		frappe.get_doc({"doctype": doctype, **values, "balance": amount}).insert()


def _next_from_date(bank_account: str) -> date:
	if last := _first(_doctype(), {"bank_account": bank_account}, "date desc"):
		return getdate(add_days(last, 1))
	open_line = {"bank_account": bank_account, "docstatus": 1, "unallocated_amount": (">", 0)}
	oldest = _first("Bank Transaction", open_line, "date asc")
	return get_first_day(oldest or nowdate())


def _first(doctype: str, filters: dict[str, Any], order_by: str) -> date | None:
	found = frappe.get_list(doctype, filters=filters, pluck="date", order_by=order_by, limit_page_length=1)
	return found[0] if found else None


def _to_date(from_date: date) -> date:
	today, month_end = getdate(nowdate()), getdate(get_last_day(from_date))
	return today if from_date <= today < month_end else month_end
