# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""A Bank Transaction as linking sees it, and what is to be linked to it."""

from dataclasses import dataclass

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, fmt_money

from advanced_bank_reconciliation.exceptions import BankTransactionNotOpen, refuse
from advanced_bank_reconciliation.vouchers.bank_ledger import VoucherKey

BANK_TRANSACTION = "Bank Transaction"


@dataclass(frozen=True)
class Link:
	"""A voucher to be linked.

	amount: what of it the Bank Transaction is to cover, positive, in the bank account's currency; None
	for as much as there is. created: this app made the voucher for this Bank Transaction (P91).
	"""

	doctype: str
	name: str
	amount: float | None = None
	created: bool = False

	@property
	def key(self) -> VoucherKey:
		return (self.doctype, self.name)


class BankLine:
	"""A Bank Transaction with what matters for linking: direction, precision, ledger account."""

	def __init__(self, bank_transaction: Document):
		self.doc = bank_transaction
		self.is_deposit = flt(bank_transaction.deposit) > flt(bank_transaction.withdrawal)
		self.precision = bank_transaction.precision("unallocated_amount")
		self.gl_account = frappe.get_cached_value("Bank Account", bank_transaction.bank_account, "account")
		self.currency = frappe.get_cached_value("Account", self.gl_account, "account_currency")
		self.unallocated_amount = flt(bank_transaction.unallocated_amount, self.precision)

	def check_open(self) -> None:
		"""Raise BankTransactionNotOpen unless it is submitted, has a ledger account, and something is left."""
		if self.doc.docstatus != 1:
			state = _("a draft") if self.doc.docstatus == 0 else _("cancelled")
			refuse(
				BankTransactionNotOpen,
				[
					_("Bank Transaction {0} is {1}. Only a submitted one can be reconciled.").format(
						self.doc.name, state
					)
				],
			)
		if not self.gl_account:
			refuse(
				BankTransactionNotOpen,
				[
					_(
						"Bank Account {0} of Bank Transaction {1} has no ledger account. Enter it there."
					).format(self.doc.bank_account, self.doc.name)
				],
			)
		if self.unallocated_amount <= 0:
			refuse(
				BankTransactionNotOpen,
				[
					_("Bank Transaction {0} is already fully reconciled; nothing is left of it.").format(
						self.doc.name
					)
				],
			)

	def flows_with(self, doctype: str) -> bool:
		"""Return whether the money of an unpaid invoice of the doctype, no return, moves in the line's direction."""
		return (doctype == "Sales Invoice") == self.is_deposit

	def money(self, amount: float) -> str:
		"""Return the amount as text in the line's currency."""
		return fmt_money(amount, currency=self.currency)
