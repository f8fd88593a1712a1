# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from erpnext.accounts.doctype.bank_account.bank_account import get_bank_account_details
from erpnext.accounts.doctype.payment_entry.allocation import validate_allocated_amount
from erpnext.accounts.doctype.payment_entry.amounts import PaymentAmounts
from erpnext.accounts.doctype.payment_entry.details import (
	get_account_details,
	get_party_details,
	get_reference_details,
)
from erpnext.accounts.doctype.payment_entry.from_invoice import get_payment_entry
from erpnext.accounts.doctype.payment_entry.ledger import make_exchange_gain_loss_journals, payment_rows
from erpnext.accounts.doctype.payment_entry.schedule import update_payment_schedule
from erpnext.accounts.general_ledger import make_gl_entries, process_gl_map
from erpnext.accounts.party import get_party_account
from erpnext.accounts.utils import cancel_exchange_gain_loss_journal, get_balance_on
from erpnext.controllers.accounts_controller import AccountsController
from erpnext.setup.utils import get_exchange_rate
from frappe import _, scrub
from frappe.utils import comma_or, flt, fmt_money, getdate

__all__ = [
	"PaymentEntry",
	"get_account_details",
	"get_party_details",
	"get_payment_entry",
	"get_reference_details",
]

_REFERENCE_DOCTYPES = {
	"Customer": ("Sales Invoice", "Journal Entry", "Payment Entry"),
	"Supplier": ("Purchase Invoice", "Journal Entry", "Payment Entry"),
}


class PaymentEntry(PaymentAmounts, AccountsController):
	"""Money received, paid or moved between own accounts, allocated to the party's open vouchers."""

	def __init__(self, *args, **kwargs):
		super().__init__(*args, **kwargs)
		if not self.is_new():
			self.setup_party_account_field()

	def setup_party_account_field(self) -> None:
		"""Remember which of paid_from and paid_to is the party's account."""
		self.party_account_field = {"Receive": "paid_from", "Pay": "paid_to"}.get(self.payment_type)
		self.party_account = self.get(self.party_account_field) if self.party_account_field else None
		self.party_account_currency = (
			self.get(f"{self.party_account_field}_account_currency") if self.party_account_field else None
		)

	def validate(self) -> None:
		self.setup_party_account_field()
		self.is_opening = self.is_opening or "No"
		self.set_missing_values()
		self.set_missing_ref_details(force=True)
		self._validate_type_and_party()
		self.set_exchange_rate()
		self._validate_amount_fields()
		self._validate_reference_documents()
		self.set_amounts()
		self.validate_received_amount()
		self.set_amounts_after_tax()
		self.clear_unallocated_reference_document_rows()
		self._validate_transaction_reference()
		self._set_title_and_remarks()
		self._validate_duplicate_entry()
		self.validate_payment_type_with_outstanding()
		validate_allocated_amount(self)
		self.ensure_supplier_is_not_blocked()
		self.status = "Submitted" if self.docstatus == 1 else "Draft"

	def on_submit(self) -> None:
		if self.difference_amount:
			frappe.throw(_("Difference Amount must be zero"))
		self.make_gl_entries()
		self.set_missing_ref_details(force=True, write=True)
		update_payment_schedule(self)

	def on_cancel(self) -> None:
		self.ignore_linked_doctypes = ("GL Entry", "Payment Ledger Entry")
		super().on_cancel()
		self.make_gl_entries(cancel=1)
		self.set_missing_ref_details(force=True, write=True)
		update_payment_schedule(self, cancel=1)
		self.db_set("status", "Cancelled")

	def make_gl_entries(self, cancel=0, adv_adj=0) -> None:
		"""Post, or reverse with `cancel`, and book or cancel gains and losses of exchange."""
		make_gl_entries(process_gl_map(self.build_gl_map()), cancel=cancel, adv_adj=adv_adj)
		if cancel:
			cancel_exchange_gain_loss_journal(self)
		else:
			make_exchange_gain_loss_journals(self)

	def build_gl_map(self) -> list[dict]:
		"""Ledger rows of the party, the bank or cash account and the deductions."""
		self.setup_party_account_field()
		return payment_rows(self)

	def set_missing_values(self) -> None:
		"""Party name, party account, currencies, types and balances of both accounts."""
		if self.payment_type == "Internal Transfer":
			for field in ("party_type", "party", "party_balance", "total_allocated_amount"):
				self.set(field, None)
			self.base_total_allocated_amount = self.unallocated_amount = None
			self.set("references", [])
		else:
			self._set_missing_party_values()
		for side in ("paid_from", "paid_to"):
			if self.get(side) and not (
				self.get(f"{side}_account_currency")
				and self.get(f"{side}_account_balance")
				and self.get(f"{side}_account_type")
			):
				for field, value in get_account_details(
					self.get(side), self.posting_date, self.cost_center
				).items():
					self.set(f"{side}_{field}", value)
		if self.party_account_field:
			self.party_account_currency = self.get(f"{self.party_account_field}_account_currency")

	def _set_missing_party_values(self) -> None:
		for field in ("party_type", "party"):
			if not self.get(field):
				frappe.throw(_("{0} is mandatory").format(self.meta.get_label(field)))
		name_field = f"{scrub(self.party_type)}_name"
		self.party_name = frappe.get_cached_value(self.party_type, self.party, name_field)
		if not self.party_balance:
			self.party_balance = get_balance_on(
				party_type=self.party_type, party=self.party, date=self.posting_date, company=self.company
			)
		if not self.party_account and self.party_account_field:
			self.party_account = get_party_account(self.party_type, self.party, self.company)
			self.set(self.party_account_field, self.party_account)

	def set_missing_ref_details(self, force: bool = False, write: bool = False) -> None:
		"""Amounts, due date and rate of the referenced vouchers as they are now; `write` stores them."""
		for row in self.references:
			if not row.allocated_amount or row.exchange_gain_loss:
				continue
			details = get_reference_details(
				row.reference_doctype,
				row.reference_name,
				self.party_account_currency,
				self.party_type,
				self.party,
			)
			details = {
				field: value
				for field, value in details.items()
				if force or field == "exchange_rate" or not row.get(field)
			}
			row.update(details)
			if write:
				frappe.db.set_value(row.doctype, row.name, details)

	def set_bank_account_data(self) -> None:
		"""Bank, number and GL account of the company's Bank Account."""
		if not self.bank_account:
			return
		bank = get_bank_account_details(self.bank_account)
		self.bank, self.bank_account_no = bank.bank, bank.bank_account_no
		field = "paid_from" if self.payment_type == "Pay" else "paid_to"
		if not self.get(field):
			self.set(field, bank.account)

	def set_exchange_rate(self, ref_doc=None) -> None:
		"""Rates of both accounts to the company's currency: of the invoice, else of Currency Exchange."""
		if self.paid_from:
			if self.paid_from_account_currency == self.company_currency:
				self.source_exchange_rate = 1
			elif ref_doc and self.paid_from_account_currency == ref_doc.currency:
				self.source_exchange_rate = ref_doc.conversion_rate
			if not self.source_exchange_rate:
				self.source_exchange_rate = get_exchange_rate(
					self.paid_from_account_currency, self.company_currency, self.posting_date
				)
		if self.paid_from_account_currency == self.paid_to_account_currency:
			self.target_exchange_rate = self.source_exchange_rate
		elif self.paid_to and not self.target_exchange_rate:
			if ref_doc and self.paid_to_account_currency == ref_doc.currency:
				self.target_exchange_rate = ref_doc.conversion_rate
			if not self.target_exchange_rate:
				self.target_exchange_rate = get_exchange_rate(
					self.paid_to_account_currency, self.company_currency, self.posting_date
				)

	def _validate_type_and_party(self) -> None:
		if self.payment_type not in ("Receive", "Pay", "Internal Transfer"):
			frappe.throw(_("Payment Type must be one of Receive, Pay and Internal Transfer"))
		if self.party and not frappe.db.exists(self.party_type, self.party):
			frappe.throw(_("{0} {1} does not exist").format(_(self.party_type), self.party))

	def _validate_amount_fields(self) -> None:
		for field in ("paid_amount", "received_amount", "source_exchange_rate", "target_exchange_rate"):
			if not self.get(field):
				frappe.throw(_("{0} is mandatory").format(self.meta.get_label(field)))

	def _validate_reference_documents(self) -> None:
		valid = _REFERENCE_DOCTYPES.get(self.party_type, ("Journal Entry",))
		for row in self.references:
			if not row.allocated_amount:
				continue
			if row.reference_doctype not in valid:
				frappe.throw(_("Reference Doctype must be one of {0}").format(comma_or(list(valid))))
			if row.reference_name:
				self._validate_reference_document(row)

	def _validate_reference_document(self, row) -> None:
		fields = ["docstatus"]
		is_invoice = row.reference_doctype in ("Sales Invoice", "Purchase Invoice")
		if row.reference_doctype == "Sales Invoice":
			fields += ["customer as party", "debit_to as account"]
		elif is_invoice:
			fields += ["supplier as party", "credit_to as account", "on_hold"]
		elif row.reference_doctype == "Payment Entry":
			fields += ["party"]
		found = frappe.get_all(row.reference_doctype, filters={"name": row.reference_name}, fields=fields)
		label = f"{_(row.reference_doctype)} {row.reference_name}"
		if not found:
			frappe.throw(_("{0} does not exist").format(label))
		reference = found[0]
		if row.reference_doctype == "Journal Entry":
			self._validate_journal_entry(row)
		elif reference.party != self.party:
			frappe.throw(
				_("{0} is not associated with {1} {2}").format(label, _(self.party_type), self.party)
			)
		if is_invoice and reference.account != self.party_account:
			frappe.throw(
				_("{0} is associated with {1}, but Party Account is {2}").format(
					label, reference.account, self.party_account
				)
			)
		if reference.get("on_hold"):
			frappe.throw(_("{0} is on hold").format(label), title=_("Invalid Purchase Invoice"))
		if reference.docstatus != 1:
			frappe.throw(_("{0} must be submitted").format(label))

	def _validate_journal_entry(self, row) -> None:
		"""The journal must have an unreferenced row of the party on the side that this payment settles."""
		side = "debit" if self.payment_type == "Receive" else "credit"
		rows = frappe.get_all(
			"Journal Entry Account",
			filters={
				"parent": row.reference_name,
				"account": self.party_account,
				"party": self.party,
				"docstatus": 1,
			},
			fields=["reference_type", side],
		)
		if not any(flt(entry[side]) > 0 and not entry.reference_type for entry in rows):
			frappe.throw(
				_("Row #{0}: Journal Entry {1} has no unmatched {2} entry for {3} on {4}").format(
					row.idx, row.reference_name, _(side), self.party, self.party_account
				)
			)

	def clear_unallocated_reference_document_rows(self) -> None:
		"""Drop reference rows without allocation, stored ones too."""
		self.set("references", [row for row in self.references if row.allocated_amount])
		frappe.db.delete("Payment Entry Reference", {"parent": self.name, "allocated_amount": 0})

	def _validate_transaction_reference(self) -> None:
		account = self.paid_to if self.payment_type == "Receive" else self.paid_from
		if frappe.get_cached_value("Account", account, "account_type") == "Bank" and not (
			self.reference_no and self.reference_date
		):
			frappe.throw(_("Reference No and Reference Date is mandatory for Bank transaction"))

	def _validate_duplicate_entry(self) -> None:
		seen = set()
		for row in self.references:
			key = (row.reference_doctype, row.reference_name, row.payment_term or "")
			if key in seen:
				frappe.throw(
					_("Row #{0}: {1} {2} is in the references twice").format(
						row.idx, row.reference_doctype, row.reference_name
					)
				)
			seen.add(key)

	def validate_payment_type_with_outstanding(self) -> None:
		"""A customer cannot pay for what is owed to the customer."""
		total = sum(flt(row.allocated_amount) for row in self.references)
		if total < 0 and self.party_type == "Customer" and self.payment_type == "Receive":
			frappe.throw(
				_("Cannot receive from customer against negative outstanding"),
				title=_("Incorrect Payment Type"),
			)

	def _set_title_and_remarks(self) -> None:
		self.title = self.party or f"{self.paid_from} - {self.paid_to}"
		if self.custom_remarks:
			return
		currency = self.paid_from_account_currency
		if self.payment_type == "Internal Transfer":
			amount = fmt_money(self.paid_amount, currency=currency)
			lines = [_("{0} moved from {1} to {2}").format(amount, self.paid_from, self.paid_to)]
		else:
			received = self.payment_type == "Receive"
			amount = fmt_money(
				self.paid_amount if received else self.received_amount, currency=self.party_account_currency
			)
			template = _("{0} received from {1}") if received else _("{0} paid to {1}")
			lines = [template.format(amount, self.party)]
		if self.reference_no:
			date = getdate(self.reference_date) if self.reference_date else ""
			lines.append(_("Transaction reference no {0} dated {1}").format(self.reference_no, date))
		for row in self.references:
			amount = fmt_money(row.allocated_amount, currency=self.party_account_currency)
			lines.append(
				_("{0} against {1} {2}").format(amount, _(row.reference_doctype), row.reference_name)
			)
		for row in self.deductions:
			amount = fmt_money(row.amount, currency=self.company_currency)
			lines.append(_("{0} deducted against {1}").format(amount, row.account))
		self.remarks = "\n".join(lines)
