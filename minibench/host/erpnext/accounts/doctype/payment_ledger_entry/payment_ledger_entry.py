# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from erpnext.accounts.payment_ledger import INVOICE_DOCTYPES, update_voucher_outstanding
from frappe import _
from frappe.model.document import Document


class PaymentLedgerEntry(Document):
	"""One row of a party's open items, written by `erpnext.accounts.payment_ledger` only."""

	def validate(self) -> None:
		account = frappe.get_cached_doc("Account", self.account)
		if account.account_type != self.account_type or account.company != self.company:
			frappe.throw(
				_("{0} is not an account of type {1} of Company {2}").format(
					self.account, self.account_type, self.company
				)
			)

	def on_update(self) -> None:
		if self.against_voucher_type in INVOICE_DOCTYPES and self.flags.update_outstanding == "Yes":
			update_voucher_outstanding(
				self.against_voucher_type, self.against_voucher_no, self.account, self.party_type, self.party
			)


def on_doctype_update() -> None:
	frappe.db.add_index("Payment Ledger Entry", ["against_voucher_no", "against_voucher_type"])
	frappe.db.add_index("Payment Ledger Entry", ["voucher_no", "voucher_type"])
