# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

import hashlib

import frappe
from frappe.model.document import Document
from frappe.utils import getdate


class ABRStatementBalance(Document):
	"""The balance that a bank states for one of its accounts at the end of a day."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		balance: DF.Currency
		bank_account: DF.Link
		company: DF.Link | None
		currency: DF.Link | None
		date: DF.Date
	# end: auto-generated types

	def autoname(self) -> None:
		"""One name for one account and day: the primary key allows only one record of them."""
		account = hashlib.sha256(str(self.bank_account).encode()).hexdigest()[:12]
		self.name = f"{getdate(self.date)}-{account}"

	def validate(self) -> None:
		account = frappe.get_cached_value("Bank Account", self.bank_account, "account")
		self.currency = frappe.get_cached_value("Account", account, "account_currency")
