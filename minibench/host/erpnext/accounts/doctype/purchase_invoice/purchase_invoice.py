# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from erpnext.accounts.utils import get_fiscal_year
from erpnext.controllers.invoice_controller import InvoiceController
from erpnext.controllers.invoice_ledger import InvoiceLedger
from erpnext.controllers.sales_and_purchase_return import make_return_doc
from frappe import _
from frappe.utils import cstr, flt, getdate, nowdate


class PurchaseInvoice(InvoiceController):
	"""A supplier's bill, or a debit note (is_return); with is_paid it is paid from its cash_bank_account."""

	party_type = "Supplier"
	party_field = "supplier"
	party_account_field = "credit_to"
	party_account_type = "Payable"
	item_account_field = "expense_account"
	item_account_default = "default_expense_account"
	against_field = "against_expense_account"
	exchange_purpose = "for_buying"
	return_status = "Debit Note Issued"

	def validate(self) -> None:
		self.validate_invoice()
		self._set_paid_amount()
		if not self.is_return:
			self._validate_supplier_invoice()
		if self.is_paid:
			self._validate_cash()
		if self.release_date and getdate(nowdate()) >= getdate(self.release_date):
			frappe.throw(_("Release date must be in the future"))
		if flt(self.write_off_amount) and not self.write_off_account:
			frappe.throw(_("Please enter Write Off Account"))
		self.set_status()

	def before_save(self) -> None:
		if not self.on_hold:
			self.release_date = None

	def before_submit(self) -> None:
		if not self.remarks:
			self.remarks = (
				_("Against Supplier Invoice {0}").format(self.bill_no) if self.bill_no else _("No Remarks")
			)

	def on_submit(self) -> None:
		self.make_gl_entries()

	def make_gl_entries(self) -> None:
		"""Post the submitted invoice, reverse the cancelled one."""
		InvoiceLedger(self, "credit").post(paid_at_once=bool(self.is_paid or self.write_off_account))

	def payments_at_once(self) -> list[tuple[str, float, float]]:
		"""(account, amount in company currency, amount) paid with the invoice."""
		if not (self.is_paid and self.cash_bank_account and self.paid_amount):
			return []
		return [(self.cash_bank_account, self.base_paid_amount, self.paid_amount)]

	def get_voucher_subtype(self) -> str:
		return "Debit Note" if self.is_return else self.doctype

	def invoice_is_blocked(self) -> bool:
		"""True while the invoice is on hold, without release date or until it comes."""
		if not self.on_hold:
			return False
		return not self.release_date or getdate(self.release_date) > getdate(nowdate())

	def block_invoice(self, hold_comment=None, release_date=None) -> None:
		"""Put the invoice on hold: it cannot be paid until unblocked."""
		self.db_set({"on_hold": 1, "hold_comment": cstr(hold_comment), "release_date": release_date})

	def unblock_invoice(self) -> None:
		"""Take the invoice off hold."""
		self.db_set({"on_hold": 0, "release_date": None})

	def _set_paid_amount(self) -> None:
		if not self.is_paid:
			self.paid_amount = self.base_paid_amount = 0
			return
		if not self.cash_bank_account:
			frappe.throw(_("Cash or Bank Account is mandatory for a paid invoice"))
		if self.is_return and self.grand_total > flt(self.paid_amount):
			self.paid_amount = self.grand_total
		elif not flt(self.paid_amount) and flt(self.outstanding_amount) > 0:
			self.paid_amount = self.outstanding_amount
		self.base_paid_amount = flt(
			flt(self.paid_amount) * self.conversion_rate, self.precision("base_paid_amount")
		)

	def _validate_cash(self) -> None:
		total = flt(self.rounded_total or self.grand_total)
		paid = flt(self.paid_amount) + flt(self.write_off_amount)
		if flt(paid - total, self.precision("base_grand_total")) > 0:
			frappe.throw(_("Paid amount + Write Off Amount can not be greater than Grand Total"))

	def _validate_supplier_invoice(self) -> None:
		if self.bill_date and getdate(self.bill_date) > getdate(self.posting_date):
			frappe.throw(_("Supplier Invoice Date cannot be greater than Posting Date"))
		if not self.bill_no or not frappe.db.get_single_value(
			"Accounts Settings", "check_supplier_invoice_uniqueness"
		):
			return
		year = get_fiscal_year(self.posting_date, company=self.company, as_dict=True)
		same = frappe.db.get_value(
			"Purchase Invoice",
			{
				"bill_no": self.bill_no,
				"supplier": self.supplier,
				"name": ["!=", self.name],
				"docstatus": ["<", 2],
				"posting_date": ["between", [year.year_start_date, year.year_end_date]],
			},
		)
		if same:
			frappe.throw(_("Supplier Invoice No exists in Purchase Invoice {0}").format(same))


@frappe.whitelist()
def make_debit_note(source_name, target_doc=None):
	"""Unsaved debit note for what has not been returned yet of a submitted invoice."""
	return make_return_doc("Purchase Invoice", source_name, target_doc)


@frappe.whitelist()
def block_invoice(name, release_date, hold_comment=None):
	"""Put the named Purchase Invoice on hold until `release_date`."""
	if frappe.db.exists("Purchase Invoice", name):
		frappe.get_doc("Purchase Invoice", name).block_invoice(hold_comment, release_date)


@frappe.whitelist()
def unblock_invoice(name):
	"""Take the named Purchase Invoice off hold."""
	if frappe.db.exists("Purchase Invoice", name):
		frappe.get_doc("Purchase Invoice", name).unblock_invoice()
