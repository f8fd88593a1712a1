# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from erpnext.controllers.invoice_controller import InvoiceController
from erpnext.controllers.invoice_ledger import InvoiceLedger
from erpnext.controllers.sales_and_purchase_return import make_return_doc
from frappe import _
from frappe.utils import flt


class SalesInvoice(InvoiceController):
	"""A bill to a customer, or a credit note (is_return); with is_pos it is paid by its payments rows."""

	party_type = "Customer"
	party_field = "customer"
	party_account_field = "debit_to"
	party_account_type = "Receivable"
	item_account_field = "income_account"
	item_account_default = "default_income_account"
	against_field = "against_income_account"
	exchange_purpose = "for_selling"
	return_status = "Credit Note Issued"

	def validate(self) -> None:
		if self.is_pos and not self.account_for_change_amount:
			self.account_for_change_amount = frappe.get_cached_value(
				"Company", self.company, "default_cash_account"
			)
		self.validate_invoice()
		self._validate_write_off()
		self._validate_payments()
		self.set_status()

	def before_save(self) -> None:
		for payment in self.payments:
			payment.account = get_bank_cash_account(payment.mode_of_payment, self.company)["account"]
			payment.base_amount = flt(
				payment.amount * self.conversion_rate, self.precision("base_paid_amount")
			)
		self.paid_amount = sum(flt(payment.amount) for payment in self.payments)
		self.base_paid_amount = sum(flt(payment.base_amount) for payment in self.payments)

	def before_submit(self) -> None:
		if not self.remarks:
			self.remarks = (
				_("Against Customer Order {0}").format(self.po_no) if self.po_no else _("No Remarks")
			)

	def on_submit(self) -> None:
		if self.is_pos and not self.payments and flt(self.grand_total) > 0:
			frappe.throw(_("At least one mode of payment is required for POS invoice."))
		self.make_gl_entries()

	def make_gl_entries(self) -> None:
		"""Post the submitted invoice, reverse the cancelled one."""
		InvoiceLedger(self, "debit").post(paid_at_once=bool(self.is_pos or self.write_off_account))

	def payments_at_once(self) -> list[tuple[str, float, float]]:
		"""(account, amount in company currency, amount) of the POS payments and of the change given back."""
		if not self.is_pos:
			return []
		payments = [(row.account, row.base_amount, row.amount) for row in self.payments if row.base_amount]
		if self.change_amount:
			if not self.account_for_change_amount:
				frappe.throw(_("Select change amount account"), title=_("Mandatory Field"))
			payments.append(
				(self.account_for_change_amount, -flt(self.base_change_amount), -flt(self.change_amount))
			)
		return payments

	def get_voucher_subtype(self) -> str:
		if self.is_return:
			return "Credit Note"
		return "Debit Note" if self.is_debit_note else self.doctype

	def _validate_write_off(self) -> None:
		if not self.is_pos:
			self.write_off_account = None
		elif flt(self.write_off_amount) and not self.write_off_account:
			self.write_off_account = frappe.get_cached_value("Company", self.company, "write_off_account")
			if not self.write_off_account:
				frappe.throw(_("Please enter Write Off Account"))

	def _validate_payments(self) -> None:
		"""POS payments are positive, those of a POS return negative and not beyond its total."""
		if not self.is_pos:
			return
		for payment in self.payments:
			if flt(payment.amount) < 0 and not self.is_return:
				frappe.throw(_("Row {0}: payment amount must be positive").format(payment.idx))
			if flt(payment.amount) > 0 and self.is_return:
				frappe.throw(_("Row {0}: payment amount of a return must be negative").format(payment.idx))
		total = flt(self.rounded_total or self.grand_total)
		if self.is_return and sum(flt(payment.amount) for payment in self.payments) < total:
			frappe.throw(_("Total payments amount can't be greater than {0}").format(-total))


def get_bank_cash_account(mode_of_payment: str, company: str) -> dict:
	"""{"account": ...} of the Mode of Payment in the company; raises when it has none."""
	account = frappe.db.get_value(
		"Mode of Payment Account", {"parent": mode_of_payment, "company": company}, "default_account"
	)
	if not account:
		frappe.throw(
			_("Please set default Cash or Bank account in Mode of Payment {0}").format(mode_of_payment),
			title=_("Missing Account"),
		)
	return {"account": account}


@frappe.whitelist()
def make_sales_return(source_name, target_doc=None):
	"""Unsaved credit note for what has not been returned yet of a submitted invoice."""
	return make_return_doc("Sales Invoice", source_name, target_doc)
