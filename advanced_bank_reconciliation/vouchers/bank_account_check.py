# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Says in words what is wrong with the set-up of a bank account before anybody wonders (PITFALLS P30)."""

import frappe
from frappe import _
from frappe.model.document import Document


def check_bank_account(bank_account: Document) -> list[str]:
	"""Return a sentence for each thing about the Bank Account that gets in the way of reconciling; or none.

	Also what only gets in ERPNext's way: its tool and its clearance dates know no ledger account whose type
	is not Bank, such as a credit card or petty cash. Here they can be reconciled like any other.
	"""
	if not bank_account.account:
		return [
			_("Bank Account {0} has no ledger account, so nothing can be reconciled. Enter it there.").format(
				bank_account.name
			)
		]
	account = frappe.get_cached_doc("Account", bank_account.account)
	problems = [
		_wrong_company(bank_account, account),
		_not_in_use(bank_account, account),
		_type_is_not_bank(bank_account, account),
		_shared(bank_account),
	]
	return [problem for problem in problems if problem]


def _wrong_company(bank_account: Document, account: Document) -> str | None:
	if bank_account.company in (None, "", account.company):
		return None
	return _("Bank Account {0} is of company {1}, but its ledger account {2} is of company {3}.").format(
		bank_account.name, bank_account.company, account.name, account.company
	)


def _not_in_use(bank_account: Document, account: Document) -> str | None:
	if not account.is_group and not account.disabled:
		return None
	return _(
		"Ledger account {0} of Bank Account {1} is a group or disabled, so nothing can be booked on it."
	).format(account.name, bank_account.name)


def _type_is_not_bank(bank_account: Document, account: Document) -> str | None:
	if account.account_type == "Bank":
		return None
	return _(
		"Ledger account {0} of Bank Account {1} is of type {2}, not Bank. It can be reconciled here, but"
		" ERPNext's own tool does not see vouchers on it. Set its account type to Bank to use both."
	).format(account.name, bank_account.name, _(account.account_type) if account.account_type else _("none"))


def _shared(bank_account: Document) -> str | None:
	others = frappe.get_all(
		"Bank Account",
		filters={"account": bank_account.account, "name": ("!=", bank_account.name)},
		pluck="name",
		order_by="name",
	)
	if not others:
		return None
	return _(
		"Ledger account {0} belongs to {1} as well, so a voucher covered there counts as covered here."
	).format(bank_account.account, ", ".join(others))
