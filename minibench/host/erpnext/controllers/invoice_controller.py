# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What Sales and Purchase Invoices have in common: defaults, checks, status and cancelling."""

import frappe
from erpnext.accounts.party import (
	get_due_date,
	get_party_account,
	get_party_account_currency,
	get_party_gle_currency,
	get_payment_terms_template,
	validate_due_date,
	validate_party_frozen_disabled,
)
from erpnext.accounts.utils import get_account_currency, get_fiscal_year
from erpnext.controllers.accounts_controller import AccountsController, validate_account_head
from erpnext.controllers.payment_schedule import (
	set_due_date,
	set_payment_schedule,
	validate_payment_schedule_amount,
	validate_payment_schedule_dates,
)
from erpnext.controllers.sales_and_purchase_return import validate_return
from erpnext.controllers.taxes_and_totals import calculate_taxes_and_totals
from erpnext.exceptions import InvalidCurrency
from erpnext.setup.utils import get_exchange_rate
from erpnext.stock.get_item_details import set_item_defaults
from frappe import _
from frappe.utils import flt, getdate, now_datetime, nowdate


class InvoiceController(AccountsController):
	"""Subclasses name their party and accounts in the class attributes below."""

	party_type: str
	party_field: str
	party_account_field: str
	party_account_type: str
	item_account_field: str
	item_account_default: str
	against_field: str
	exchange_purpose: str
	return_status: str

	@property
	def party(self) -> str:
		return self.get(self.party_field)

	@property
	def party_account(self) -> str:
		return self.get(self.party_account_field)

	def validate_invoice(self) -> None:
		"""Fill what is missing, calculate, and check everything that both kinds of invoice check."""
		if self.update_stock:
			raise NotImplementedError(f"{self.doctype} with Update Stock is not in minibench")
		self._set_posting_time()
		self.is_opening = self.is_opening or "No"
		if not self.is_return and not self.get("is_debit_note"):
			self._validate_qty_is_not_zero()
		self.set_missing_values()
		self.ensure_supplier_is_not_blocked()
		get_fiscal_year(self.posting_date, company=self.company)
		self._validate_party_account()
		self._validate_items()
		self._settle_return_outstanding()
		calculate_taxes_and_totals(self)
		if not self.is_return and flt(self.base_grand_total) < 0:
			frappe.throw(_("The total of {0} cannot be negative").format(_(self.doctype)))
		validate_return(self)
		self._validate_schedule()
		validate_party_frozen_disabled(self.party_type, self.party)
		self._validate_currencies()
		self._check_conversion_rate()

	def calculate_taxes_and_totals(self) -> None:
		"""Amounts from rows and taxes; see erpnext.controllers.taxes_and_totals."""
		calculate_taxes_and_totals(self)

	def _set_posting_time(self) -> None:
		"""Invoices are posted now unless the user chose to edit the posting date."""
		if self.is_new() and self.amended_from:
			self.set_posting_time = 1
		if not self.set_posting_time:
			now = now_datetime()
			self.posting_date = now.strftime("%Y-%m-%d")
			self.posting_time = now.strftime("%H:%M:%S.%f")

	def _validate_qty_is_not_zero(self) -> None:
		for item in self.items:
			if not flt(item.qty):
				frappe.throw(_("Row {0}: quantity of {1} cannot be zero").format(item.idx, item.item_name))

	def set_missing_values(self, for_validate: bool = False) -> None:
		"""Party account, names, terms, due date, exchange rate and the rows' item defaults."""
		if not self.party_account:
			self.set(self.party_account_field, get_party_account(self.party_type, self.party, self.company))
		party = frappe.get_cached_doc(self.party_type, self.party)
		if self.payment_terms_template is None and self._may_fetch_terms():
			self.payment_terms_template = get_payment_terms_template(
				self.party, self.party_type, self.company
			)
		if not self.due_date:
			self.due_date = get_due_date(
				self.posting_date,
				self.party_type,
				self.party,
				self.company,
				self.get("bill_date"),
				self.payment_terms_template,
			)
		for field in (f"{self.party_field}_name", "customer_group", "territory", "supplier_group"):
			if self.meta.has_field(field) and not self.get(field):
				self.set(field, party.get(field))
		self.currency = self.currency or party.default_currency or self.company_currency
		if self.currency == self.company_currency:
			self.conversion_rate = 1.0
		elif not self.conversion_rate:
			self.conversion_rate = get_exchange_rate(
				self.currency, self.company_currency, self.posting_date, self.exchange_purpose
			)
		set_item_defaults(self)

	def _may_fetch_terms(self) -> bool:
		return not (self.is_return or self.get("ignore_default_payment_terms_template"))

	def _validate_party_account(self) -> None:
		account = frappe.get_cached_doc("Account", self.party_account) if self.party_account else None
		label = self.meta.get_label(self.party_account_field)
		if not account:
			frappe.throw(
				_("{0} is required: set an account in {1} {2} or a default in Company {3}").format(
					label, _(self.party_type), self.party, self.company
				),
				title=_("Account Missing"),
			)
		if account.report_type != "Balance Sheet" or account.account_type != self.party_account_type:
			frappe.throw(
				_("{0} {1} must be an account of type {2}").format(
					label, account.name, self.party_account_type
				),
				title=_("Invalid Account"),
			)
		self.party_account_currency = account.account_currency

	def _validate_items(self) -> None:
		for item in self.items:
			account = item.get(self.item_account_field)
			if not account:
				frappe.throw(
					_("Row {0}: {1} is mandatory").format(
						item.idx, item.meta.get_label(self.item_account_field)
					)
				)
			if account == self.party_account:
				frappe.throw(_("Row {0}: {1} is the party's account").format(item.idx, account))
			validate_account_head(item.idx, account, self.company)
			if (
				item.cost_center
				and frappe.get_cached_value("Cost Center", item.cost_center, "company") != self.company
			):
				frappe.throw(
					_("Row {0}: Cost Center {1} does not belong to Company {2}").format(
						item.idx, item.cost_center, self.company
					)
				)
		accounts = [item.get(self.item_account_field) for item in self.items]
		self.set(self.against_field, ",".join(dict.fromkeys(accounts)))

	def _settle_return_outstanding(self) -> None:
		"""A return larger than what its invoice still owes keeps its own outstanding amount."""
		if not (self.is_return and self.return_against) or self.get("is_pos"):
			return
		outstanding = frappe.db.get_value(self.doctype, self.return_against, "outstanding_amount")
		if not self.update_outstanding_for_self and abs(
			flt(self.rounded_total) or flt(self.grand_total)
		) > flt(outstanding):
			self.update_outstanding_for_self = 1

	def _validate_schedule(self) -> None:
		paid_at_once = self.get("is_pos") or self.get("is_paid") or self.is_opening == "Yes"
		if self.is_return or paid_at_once:
			self.payment_terms_template = ""
			self.set("payment_schedule", [])
		if self.is_return:
			return
		validate_payment_schedule_dates(self)
		set_due_date(self)
		if not (self.get("is_pos") or self.is_opening == "Yes"):
			set_payment_schedule(self)
			set_due_date(self)
		if not self.ignore_default_payment_terms_template:
			validate_payment_schedule_amount(self)
			if not self.get("is_pos"):
				posting_date = self.get("bill_date") or self.posting_date
				validate_due_date(
					posting_date,
					self.due_date,
					self.get("bill_date"),
					self.payment_terms_template,
					self.doctype,
				)

	def _validate_currencies(self) -> None:
		"""A party with an account in a foreign currency is invoiced in that currency only."""
		currency = get_party_account_currency(self.party_type, self.party, self.company)
		if currency and currency != self.company_currency and currency != self.currency:
			frappe.throw(
				_("Accounting Entry for {0}: {1} can only be made in currency: {2}").format(
					_(self.party_type), self.party, currency
				),
				InvalidCurrency,
			)
		if self.is_opening == "Yes" or frappe.db.get_single_value(
			"Accounts Settings", "allow_multi_currency_invoices_against_single_party_account"
		):
			return
		account_currency = get_account_currency(self.party_account)
		if account_currency != self.currency and not get_party_gle_currency(
			self.party_type, self.party, self.company
		):
			frappe.throw(
				_("Party Account {0} currency ({1}) and document currency ({2}) should be same").format(
					self.party_account, account_currency, self.currency
				)
			)
		if self.is_return and self.return_against:
			original = frappe.db.get_value(self.doctype, self.return_against, self.party_account_field)
			if original != self.party_account:
				frappe.throw(
					_("Please use {0}, the party account of {1}").format(original, self.return_against)
				)

	def _check_conversion_rate(self) -> None:
		if not flt(self.conversion_rate):
			frappe.throw(_("Conversion rate cannot be 0"))
		if self.currency == self.company_currency and flt(self.conversion_rate) != 1.0:
			frappe.throw(_("Conversion rate must be 1.00 in the company's currency"))

	def set_status(self, update: bool = False, update_modified: bool = True) -> None:
		"""Status from docstatus, outstanding amount and due dates; `update` writes it."""
		if self.is_new():
			if self.amended_from:
				self.status = "Draft"
			return
		self.status = self._status()
		if update:
			self.db_set("status", self.status, update_modified=update_modified)

	def _status(self) -> str:
		if self.docstatus != 1:
			return "Cancelled" if self.docstatus == 2 else "Draft"
		outstanding = flt(self.outstanding_amount, self.precision("outstanding_amount"))
		if self.is_overdue():
			return "Overdue"
		if 0 < outstanding < self.total_in_party_account_currency():
			return "Partly Paid"
		if outstanding > 0 and getdate(self.due_date) >= getdate(nowdate()):
			return "Unpaid"
		if not self.is_return and frappe.db.exists(
			self.doctype, {"is_return": 1, "return_against": self.name, "docstatus": 1}
		):
			return self.return_status
		if self.is_return:
			return "Return"
		return "Paid" if outstanding <= 0 else "Submitted"

	def total_in_party_account_currency(self) -> float:
		"""Rounded total, or grand total where rounding is off."""
		field = "grand_total" if self.disable_rounded_total else "rounded_total"
		if self.party_account_currency != self.currency:
			field = f"base_{field}"
		return flt(self.get(field), self.precision(field))

	def is_overdue(self) -> bool:
		"""True when less has been paid than the instalments due before today add up to."""
		precision = self.precision("outstanding_amount")
		outstanding = flt(self.outstanding_amount, precision)
		if outstanding <= 0:
			return False
		today = getdate(nowdate())
		if self.get("is_pos") or not self.payment_schedule:
			return getdate(self.due_date) < today
		field = "payment_amount" if self.party_account_currency == self.currency else "base_payment_amount"
		due = flt(
			sum(flt(row.get(field)) for row in self.payment_schedule if getdate(row.due_date) < today),
			precision,
		)
		return flt(self.total_in_party_account_currency() - outstanding, precision) < due

	def on_cancel(self) -> None:
		check_return_is_not_in_a_payment(self)
		super().on_cancel()
		self.make_gl_entries()
		self.db_set("status", "Cancelled")
		self.ignore_linked_doctypes = ("GL Entry", "Payment Ledger Entry")


def check_return_is_not_in_a_payment(invoice: InvoiceController) -> None:
	"""A return netted with other invoices in one Payment Entry cannot be taken out of it by cancelling."""
	if not frappe.db.get_single_value("Accounts Settings", "unlink_payment_on_cancellation_of_invoice"):
		return
	name = invoice.return_against if invoice.is_return and invoice.return_against else invoice.name
	payments = frappe.get_all(
		"Payment Entry Reference",
		filters={"reference_name": name, "allocated_amount": ["<", 0], "docstatus": 1},
		pluck="parent",
	)
	netted = [
		payment
		for payment in dict.fromkeys(payments)
		if frappe.db.count("Payment Entry Reference", {"parent": payment}) > 1
	]
	if netted:
		frappe.throw(
			_("Please cancel and amend the Payment Entry {0} before cancelling this return").format(
				", ".join(netted)
			)
		)
