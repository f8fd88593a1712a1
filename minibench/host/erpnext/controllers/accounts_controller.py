# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What every voucher shares: ledger rows, and what cancelling and deleting does beyond its own ledger."""

import erpnext
import frappe
from erpnext.accounts.utils import (
	cancel_exchange_gain_loss_journal,
	delete_exchange_gain_loss_journal,
	get_fiscal_years,
	unlink_ref_doc_from_payment_entries,
)
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, getdate, nowdate

_VOUCHER_SUBTYPE_FIELDS = {"Journal Entry": "voucher_type", "Payment Entry": "payment_type"}


class AccountsController(Document):
	"""Base of Sales Invoice, Purchase Invoice, Payment Entry and Journal Entry."""

	@property
	def company_currency(self) -> str | None:
		return erpnext.get_company_currency(self.company)

	def get_gl_dict(self, args: dict, account_currency: str | None = None, item=None) -> dict:
		"""A ledger row with the voucher's common values under `args`.

		Raises FiscalYearError when the posting date is in no Fiscal Year of the company.
		"""
		posting_date = args.get("posting_date") or self.get("posting_date")
		row = frappe._dict(
			company=self.company,
			posting_date=posting_date,
			fiscal_year=get_fiscal_years(posting_date, company=self.company)[0][0],
			voucher_type=self.doctype,
			voucher_no=self.name,
			voucher_subtype=self.get_voucher_subtype(),
			remarks=self.get("remarks") or self.get("remark"),
			debit=0,
			credit=0,
			debit_in_account_currency=0,
			credit_in_account_currency=0,
			is_opening=self.get("is_opening") or "No",
			party_type=None,
			party=None,
			project=self.get("project"),
		)
		row.update(args)
		return row

	def get_voucher_subtype(self) -> str:
		"""Kind of voucher as the ledger shows it, for instance Receive, Bank Entry or Credit Note."""
		if self.doctype in _VOUCHER_SUBTYPE_FIELDS:
			return self.get(_VOUCHER_SUBTYPE_FIELDS[self.doctype])
		return self.doctype

	def ensure_supplier_is_not_blocked(self) -> None:
		"""Refuse an invoice or payment of a supplier who is on hold for it."""
		if self.doctype == "Payment Entry":
			supplier, kind = (self.party if self.party_type == "Supplier" else None), "Payments"
		else:
			supplier, kind = self.get("supplier"), "Invoices"
		if not supplier:
			return
		hold = frappe.get_cached_value(
			"Supplier", supplier, ["on_hold", "hold_type", "release_date"], as_dict=True
		)
		if not hold or not hold.on_hold or hold.hold_type not in ("All", kind):
			return
		if not hold.release_date or getdate(nowdate()) <= getdate(hold.release_date):
			frappe.throw(_("{0} is blocked so this transaction cannot proceed").format(supplier))

	def on_cancel(self) -> None:
		"""Leave bank transactions, gain and loss journals and payments that refer to this voucher."""
		from erpnext.accounts.doctype.bank_transaction.bank_transaction import remove_from_bank_transaction

		remove_from_bank_transaction(self.doctype, self.name)
		cancel_exchange_gain_loss_journal(self)
		if frappe.db.get_single_value("Accounts Settings", "unlink_payment_on_cancellation_of_invoice"):
			unlink_ref_doc_from_payment_entries(self)

	def on_trash(self) -> None:
		"""Delete the ledger rows with the voucher, when Accounts Settings say so."""
		if not frappe.db.get_single_value("Accounts Settings", "delete_linked_ledger_entries"):
			return
		delete_exchange_gain_loss_journal(self)
		ple = frappe.qb.DocType("Payment Ledger Entry")
		own = (ple.voucher_type == self.doctype) & (ple.voucher_no == self.name)
		against = (ple.against_voucher_type == self.doctype) & (ple.against_voucher_no == self.name)
		frappe.qb.from_(ple).delete().where(own | (against & (ple.delinked == 1))).run()
		gle = frappe.qb.DocType("GL Entry")
		frappe.qb.from_(gle).delete().where(
			(gle.voucher_type == self.doctype) & (gle.voucher_no == self.name)
		).run()


def set_balance_in_account_currency(
	row: dict, account_currency: str, conversion_rate: float, company_currency: str
) -> None:
	"""Fill a row's account currency and the amounts in it that are missing."""
	if not conversion_rate and account_currency != company_currency:
		frappe.throw(
			_("Account {0} with currency {1} cannot be selected").format(row.account, account_currency)
		)
	row.account_currency = account_currency
	for side in ("debit", "credit"):
		if flt(row[side]) and not flt(row[side + "_in_account_currency"]):
			row[side + "_in_account_currency"] = (
				row[side] if account_currency == company_currency else flt(row[side] / conversion_rate, 2)
			)


def validate_account_head(idx: int, account: str, company: str, context: str = "") -> None:
	"""The account of row `idx` must be a ledger of the company."""
	account_company, is_group = frappe.get_cached_value("Account", account, ["company", "is_group"])
	if account_company != company:
		frappe.throw(
			_("Row {0}: {1} Account {2} does not belong to Company {3}").format(
				idx, context, account, company
			),
			title=_("Invalid Account"),
		)
	if is_group:
		frappe.throw(
			_("Row {0}: Account {1} is a group account").format(idx, account), title=_("Invalid Account")
		)


def update_invoice_status() -> None:
	"""Daily: unpaid and partly paid invoices whose due instalments are not covered become Overdue."""
	for doctype in ("Sales Invoice", "Purchase Invoice"):
		names = frappe.get_all(
			doctype,
			filters={
				"docstatus": 1,
				"outstanding_amount": [">", 0],
				"status": ["in", ["Unpaid", "Partly Paid"]],
			},
			pluck="name",
		)
		for name in names:
			invoice = frappe.get_doc(doctype, name)
			if invoice.is_overdue():
				frappe.db.set_value(doctype, name, "status", "Overdue", update_modified=False)
