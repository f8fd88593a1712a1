# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The bank account that a statement is imported into, and who may do so."""

from dataclasses import dataclass

import frappe
from frappe import _
from frappe.model.document import Document

from advanced_bank_reconciliation import permissions
from advanced_bank_reconciliation.exceptions import ReconciliationError, refuse

#: What an import does with a Bank Transaction on the user's behalf.
ACTIONS = ("create", "submit")


@dataclass(frozen=True, slots=True)
class Account:
	"""A Bank Account of a company. numbers: its IBAN and its number, as far as they are entered."""

	name: str
	bank: str
	company: str
	currency: str
	numbers: tuple[str, ...]
	is_credit_card: bool


def account_for_import(name: str) -> Account:
	"""Return the account, or raise `frappe.PermissionError` unless the user may import into it.

	The user may read the Bank Account, by role and by user permissions, such as one for a company, and may
	create and submit Bank Transactions.
	"""
	document = permissions.bank_account_for_reading(name)
	for action in ACTIONS:
		frappe.has_permission("Bank Transaction", action, throw=True)
	return account_of(document)


def account_of(document: Document) -> Account:
	"""Return what an import must know of the Bank Account. Raises ReconciliationError where it cannot take one."""
	ledger = document.account and frappe.db.get_value("Account", document.account, "account_currency")
	if not ledger or not document.company:
		refuse(
			ReconciliationError,
			[
				_(
					"Bank Account {0} is not an account of a company with a ledger account. Enter company "
					"and account there, then upload the statement again."
				).format(document.name)
			],
		)
	return Account(
		document.name,
		document.bank or "",
		document.company,
		ledger,
		tuple(filter(None, (document.get("iban"), document.get("bank_account_no")))),
		bool(document.get("is_credit_card")),
	)
