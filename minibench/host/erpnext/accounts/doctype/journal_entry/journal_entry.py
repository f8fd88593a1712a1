# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import erpnext
import frappe
from erpnext.accounts.general_ledger import make_gl_entries
from erpnext.accounts.utils import cancel_exchange_gain_loss_journal, get_balance_on
from erpnext.controllers.accounts_controller import AccountsController
from erpnext.setup.utils import get_exchange_rate as get_rate_on
from frappe import _
from frappe.utils import flt, fmt_money, formatdate

_INVOICE_FIELDS = {"Sales Invoice": ("customer", "debit_to"), "Purchase Invoice": ("supplier", "credit_to")}


class JournalEntry(AccountsController):
	"""Free entry of debits and credits: bank and cash entries, transfers, corrections."""

	def validate(self) -> None:
		self.is_opening = "Yes" if self.voucher_type == "Opening Entry" else self.is_opening or "No"
		self.clearance_date = None
		if not self.accounts:
			frappe.throw(_("Accounts table cannot be blank."))
		self._validate_party()
		self._set_currencies_and_rates()
		self._set_amounts_in_company_currency()
		self._set_totals()
		self._validate_references()
		if self.docstatus == 0:
			self._set_against_account()
		self._set_remark()
		self._set_party_and_total()
		if self.is_new() or not self.title:
			self.title = self.pay_to_recd_from or self.accounts[0].account

	def before_submit(self) -> None:
		if self.difference and not self._is_gain_loss():
			frappe.throw(
				_("Total Debit must be equal to Total Credit. The difference is {0}").format(self.difference)
			)

	def on_submit(self) -> None:
		if self.voucher_type == "Bank Entry" and not (self.cheque_no and self.cheque_date):
			frappe.throw(_("Reference No & Reference Date is required for {0}").format(self.voucher_type))
		if self.cheque_date and not self.cheque_no:
			frappe.throw(_("Reference No is mandatory if you entered Reference Date"))
		self.make_gl_entries()

	def on_cancel(self) -> None:
		super().on_cancel()
		self.ignore_linked_doctypes = ("GL Entry", "Payment Ledger Entry")
		self.make_gl_entries(cancel=1)

	def make_gl_entries(self, cancel=0, adv_adj=0) -> None:
		"""Post the rows, or reverse them with `cancel`."""
		merge = frappe.db.get_single_value("Accounts Settings", "merge_similar_account_heads")
		make_gl_entries(self.build_gl_map(), cancel=cancel, adv_adj=adv_adj, merge_entries=bool(merge))
		if cancel:
			cancel_exchange_gain_loss_journal(self)

	def build_gl_map(self) -> list[dict]:
		"""A ledger row for each row with an amount; the first foreign currency is the transaction's."""
		currency, rate = self.company_currency, 1
		if self.multi_currency:
			for row in self.accounts:
				if row.account_currency != self.company_currency:
					currency, rate = row.account_currency, row.exchange_rate
					break
		return [
			self._ledger_row(row, currency, rate)
			for row in self.accounts
			if row.debit or row.credit or self.voucher_type == "Exchange Gain Or Loss"
		]

	def _ledger_row(self, row, currency: str, rate: float) -> dict:
		values = {
			"account": row.account,
			"account_currency": row.account_currency,
			"party_type": row.party_type,
			"party": row.party,
			"due_date": self.due_date,
			"against": row.against_account,
			"transaction_currency": currency,
			"transaction_exchange_rate": rate,
			"against_voucher_type": row.reference_type,
			"against_voucher": row.reference_name,
			"remarks": "\n".join(text for text in (row.user_remark, self.remark) if text),
			"voucher_detail_no": row.reference_detail_no,
			"cost_center": row.cost_center,
			"project": row.project,
		}
		for side in ("debit", "credit"):
			in_account_currency = f"{side}_in_account_currency"
			values[side] = flt(row.get(side), row.precision(side))
			values[in_account_currency] = flt(
				row.get(in_account_currency), row.precision(in_account_currency)
			)
			values[f"{side}_in_transaction_currency"] = (
				values[in_account_currency]
				if row.account_currency == currency
				else values[side] / (rate or 1)
			)
		return self.get_gl_dict(values)

	def _is_gain_loss(self) -> bool:
		return self.voucher_type == "Exchange Gain Or Loss" and bool(self.multi_currency)

	def _validate_party(self) -> None:
		for row in self.accounts:
			account_type = frappe.get_cached_value("Account", row.account, "account_type")
			if account_type not in ("Receivable", "Payable"):
				continue
			if not (row.party_type and row.party):
				frappe.throw(
					_(
						"Row {0}: Party Type and Party is required for Receivable / Payable account {1}"
					).format(row.idx, row.account)
				)
			if erpnext.get_party_account_type(row.party_type) != account_type:
				frappe.throw(
					_("Row {0}: Account {1} and Party Type {2} have different account types").format(
						row.idx, row.account, row.party_type
					)
				)

	def _set_currencies_and_rates(self) -> None:
		for row in self.accounts:
			account = frappe.get_cached_value(
				"Account", row.account, ["account_currency", "account_type"], as_dict=True
			)
			if account:
				row.account_currency, row.account_type = account.account_currency, account.account_type
			row.account_currency = row.account_currency or self.company_currency
			if row.account_currency != self.company_currency and not self.multi_currency:
				frappe.throw(_("Please check Multi Currency option to allow accounts with other currency"))
		for row in self.accounts:
			if row.account_currency == self.company_currency:
				row.exchange_rate = 1
			elif not row.exchange_rate or row.exchange_rate == 1 or _is_invoice_row(row):
				row.exchange_rate = get_exchange_rate(
					self.posting_date,
					row.account,
					row.account_currency,
					self.company,
					row.reference_type,
					row.reference_name,
					exchange_rate=row.exchange_rate,
				)
			if not row.exchange_rate:
				frappe.throw(_("Row {0}: Exchange Rate is mandatory").format(row.idx))

	def _set_amounts_in_company_currency(self) -> None:
		if self._is_gain_loss():
			return
		for row in self.accounts:
			for side in ("debit", "credit"):
				field = f"{side}_in_account_currency"
				row.set(field, flt(row.get(field), row.precision(field)))
				row.set(side, flt(row.get(field) * flt(row.exchange_rate), row.precision(side)))
			if not row.debit and not row.credit:
				frappe.throw(_("Row {0}: Both Debit and Credit values cannot be zero").format(row.idx))

	def _set_totals(self) -> None:
		for row in self.accounts:
			if row.debit and row.credit:
				frappe.throw(_("You cannot credit and debit same account at the same time"))
		self.total_debit = sum(flt(row.debit, row.precision("debit")) for row in self.accounts)
		self.total_credit = sum(flt(row.credit, row.precision("credit")) for row in self.accounts)
		self.difference = flt(self.total_debit, self.precision("total_debit")) - flt(
			self.total_credit, self.precision("total_credit")
		)

	def _validate_references(self) -> None:
		"""Rows that settle an invoice are on its party and account and within its outstanding amount."""
		totals: dict[tuple, float] = {}
		for row in self.accounts:
			if not (row.reference_type and row.reference_name):
				row.reference_type = row.reference_name = None
			elif row.reference_type in _INVOICE_FIELDS:
				side = "credit" if row.reference_type == "Sales Invoice" else "debit"
				key = (row.reference_type, row.reference_name)
				totals[key] = totals.get(key, 0.0) + flt(row.get(f"{side}_in_account_currency"))
				self._validate_party_of_reference(row)
			elif row.reference_type == "Journal Entry" and not self._is_gain_loss():
				self._validate_journal_reference(row)
		if self.voucher_type in ("Debit Note", "Credit Note"):
			return
		for (doctype, name), total in totals.items():
			docstatus, outstanding = frappe.db.get_value(doctype, name, ["docstatus", "outstanding_amount"])
			if docstatus != 1:
				frappe.throw(_("{0} {1} is not submitted").format(_(doctype), name))
			if total and flt(outstanding) < total:
				frappe.throw(
					_("Payment against {0} {1} cannot be greater than Outstanding Amount {2}").format(
						_(doctype), name, outstanding
					)
				)

	def _validate_party_of_reference(self, row) -> None:
		values = frappe.db.get_value(
			row.reference_type, row.reference_name, list(_INVOICE_FIELDS[row.reference_type])
		)
		if not values:
			frappe.throw(_("Row {0}: Invalid reference {1}").format(row.idx, row.reference_name))
		if self.voucher_type != "Exchange Gain Or Loss" and tuple(values) != (row.party or "", row.account):
			frappe.throw(
				_("Row {0}: Party / Account does not match with those of {1} {2}").format(
					row.idx, _(row.reference_type), row.reference_name
				)
			)

	def _validate_journal_reference(self, row) -> None:
		if row.reference_name == self.name:
			frappe.throw(_("Row {0}: a Journal Entry cannot refer to itself").format(row.idx))
		side = "credit" if flt(row.debit) else "debit"
		rows = frappe.get_all(
			"Journal Entry Account",
			filters={
				"parent": row.reference_name,
				"account": row.account,
				"party": row.party,
				"docstatus": 1,
			},
			fields=[side, "reference_type"],
		)
		if not any(flt(other[side]) > 0 and not other.reference_type for other in rows):
			frappe.throw(
				_("Against Journal Entry {0} does not have any unmatched {1} entry").format(
					row.reference_name, _(side)
				)
			)

	def _set_against_account(self) -> None:
		debited = dict.fromkeys(row.party or row.account for row in self.accounts if flt(row.debit) > 0)
		credited = dict.fromkeys(row.party or row.account for row in self.accounts if flt(row.credit) > 0)
		for row in self.accounts:
			if flt(row.debit) > 0:
				row.against_account = ", ".join(credited)
			if flt(row.credit) > 0:
				row.against_account = ", ".join(debited)

	def _set_remark(self) -> None:
		lines = [_("Note: {0}").format(self.user_remark)] if self.user_remark else []
		if self.cheque_no:
			if not self.cheque_date:
				frappe.throw(_("Please enter Reference date"), frappe.MandatoryError)
			lines.append(_("Reference #{0} dated {1}").format(self.cheque_no, formatdate(self.cheque_date)))
		for row in self.accounts:
			settled = row.credit if row.reference_type == "Sales Invoice" else row.debit
			if row.reference_type in _INVOICE_FIELDS and settled:
				amount = fmt_money(settled, currency=self.company_currency)
				lines.append(
					_("{0} against {1} {2}").format(amount, _(row.reference_type), row.reference_name)
				)
		if lines:
			self.remark = "\n".join(lines)

	def _set_party_and_total(self) -> None:
		"""First party, and the amount on bank and cash accounts or else on the party's account."""
		party = next((r for r in self.accounts if r.party_type in ("Customer", "Supplier") and r.party), None)
		amounts = {"bank": 0.0, "party": 0.0}
		currencies: dict[str, str] = {}
		for row in self.accounts:
			kind = None
			if party and row.party_type in ("Customer", "Supplier") and row.party == party.party:
				kind = "party"
			elif row.account_type in ("Bank", "Cash"):
				kind = "bank"
			if kind:
				amounts[kind] += flt(row.debit_in_account_currency) or flt(row.credit_in_account_currency)
				currencies[kind] = row.account_currency
		self.total_amount, self.total_amount_currency = 0.0, None
		if party:
			name_field = f"{party.party_type.lower()}_name"
			self.pay_to_recd_from = frappe.get_cached_value(party.party_type, party.party, name_field)
			kind = "bank" if amounts["bank"] else "party"
			self.total_amount, self.total_amount_currency = amounts[kind], currencies.get(kind)


def _is_invoice_row(row) -> bool:
	return row.reference_type in _INVOICE_FIELDS and bool(row.reference_name)


@frappe.whitelist()
def get_default_bank_cash_account(company, account_type=None, mode_of_payment=None, account=None):
	"""account, balance, account_currency and account_type of the account to pay from or into.

	The account of the Mode of Payment, else the one given, else the company's default of the type, else its
	only account of that type; an empty dict when there is none.
	"""
	if mode_of_payment:
		from erpnext.accounts.doctype.sales_invoice.sales_invoice import get_bank_cash_account

		account = get_bank_cash_account(mode_of_payment, company)["account"]
	if not account and account_type in ("Bank", "Cash"):
		account = frappe.get_cached_value("Company", company, f"default_{account_type.lower()}_account")
		if not account:
			names = frappe.get_all(
				"Account",
				filters={"company": company, "account_type": account_type, "is_group": 0},
				pluck="name",
				limit=2,
			)
			account = names[0] if len(names) == 1 else None
	if not account:
		return frappe._dict()
	details = frappe.get_cached_value("Account", account, ["account_currency", "account_type"], as_dict=True)
	return frappe._dict(account=account, balance=get_balance_on(account), **details)


@frappe.whitelist()
def get_exchange_rate(
	posting_date,
	account=None,
	account_currency=None,
	company=None,
	reference_type=None,
	reference_name=None,
	debit=None,
	credit=None,
	exchange_rate=None,
):
	"""Rate of the account's currency to the company's: of the invoice referred to, as given, or of the day."""
	details = frappe.get_cached_value("Account", account, ["account_currency", "company"], as_dict=True)
	if not details:
		frappe.throw(_("Please select correct account"))
	currency = account_currency or details.account_currency
	company_currency = erpnext.get_company_currency(company or details.company)
	if currency == company_currency:
		return 1
	if reference_type in _INVOICE_FIELDS and reference_name:
		exchange_rate = frappe.db.get_value(reference_type, reference_name, "conversion_rate")
	elif (not exchange_rate or flt(exchange_rate) == 1) and posting_date:
		exchange_rate = get_rate_on(currency, company_currency, posting_date)
	return exchange_rate or 1
