# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import erpnext
import frappe
from erpnext.accounts.party import validate_party_frozen_disabled, validate_party_gle_currency
from erpnext.accounts.utils import get_account_currency, get_fiscal_year
from erpnext.exceptions import InvalidAccountCurrency
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt


class GLEntry(Document):
	"""One row of the General Ledger, written by `erpnext.accounts.general_ledger` only."""

	def validate(self) -> None:
		self.flags.ignore_submit_comment = True
		if not self.fiscal_year:
			self.fiscal_year = get_fiscal_year(self.posting_date, company=self.company)[0]
		account = frappe.get_cached_doc("Account", self.account)
		self._validate_cost_center(account)
		self._validate_required(account)
		self._validate_account(account)
		self._validate_party(account)
		self._validate_currency()

	def on_cancel(self) -> None:
		frappe.throw(_("A single GL Entry cannot be cancelled. Please cancel its voucher."))

	def _fail(self, message: str, exc=frappe.ValidationError, title: str | None = None) -> None:
		frappe.throw(f"{self.voucher_type} {self.voucher_no}: {message}", exc, title)

	def _validate_cost_center(self, account) -> None:
		if not self.cost_center:
			if account.report_type == "Profit and Loss":
				self._fail(
					_("Cost Center is required for the profit and loss account {0}").format(self.account),
					title=_("Missing Cost Center"),
				)
			return
		is_group, company = frappe.get_cached_value("Cost Center", self.cost_center, ["is_group", "company"])
		if company != self.company:
			self._fail(
				_("Cost Center {0} does not belong to Company {1}").format(self.cost_center, self.company)
			)
		if is_group:
			self._fail(_("Cost Center {0} is a group and cannot be used").format(self.cost_center))

	def _validate_required(self, account) -> None:
		for field in ("account", "voucher_type", "voucher_no", "company"):
			if not self.get(field):
				frappe.throw(_("{0} is required").format(self.meta.get_label(field)))
		if not self.is_cancelled and not (self.party_type and self.party):
			if account.account_type in ("Receivable", "Payable"):
				self._fail(_("A party is required for the account {0}").format(self.account))
		if flt(self.debit, self.precision("debit")) or flt(self.credit, self.precision("credit")):
			return
		if not self._is_gain_loss_journal():
			self._fail(_("Either debit or credit amount is required for {0}").format(self.account))

	def _is_gain_loss_journal(self) -> bool:
		return (
			self.voucher_type == "Journal Entry"
			and frappe.db.get_value("Journal Entry", self.voucher_no, "voucher_type")
			== "Exchange Gain Or Loss"
		)

	def _validate_account(self, account) -> None:
		if account.is_group:
			self._fail(
				_("Account {0} is a group and group accounts cannot be used in transactions").format(
					self.account
				)
			)
		if account.company != self.company:
			self._fail(_("Account {0} does not belong to Company {1}").format(self.account, self.company))
		if self.is_opening == "Yes" and account.report_type == "Profit and Loss" and not self.is_cancelled:
			self._fail(
				_("Profit and loss account {0} is not allowed in an opening entry").format(self.account)
			)
		self._validate_frozen(account)
		self._validate_balance_side(account)

	def _validate_frozen(self, account) -> None:
		if account.freeze_account != "Yes" or self.flags.adv_adj:
			return
		role = frappe.db.get_single_value("Accounts Settings", "frozen_accounts_modifier")
		if not role or role not in frappe.get_roles():
			frappe.throw(_("Account {0} is frozen").format(self.account))

	def _validate_balance_side(self, account) -> None:
		if not account.balance_must_be or self.flags.adv_adj:
			return
		rows = frappe.get_all("GL Entry", filters={"account": self.account}, fields=["debit", "credit"])
		balance = sum(row.debit - row.credit for row in rows) + flt(self.debit) - flt(self.credit)
		if (balance < 0 and account.balance_must_be == "Debit") or (
			balance > 0 and account.balance_must_be == "Credit"
		):
			frappe.throw(
				_("Balance for Account {0} must always be {1}").format(self.account, account.balance_must_be)
			)

	def _validate_party(self, account) -> None:
		validate_party_frozen_disabled(self.party_type, self.party)
		if self.is_cancelled or not (self.party_type and self.party):
			return
		if account.account_type and account.account_type not in ("Receivable", "Payable", "Equity"):
			frappe.throw(
				_("A party can only be set for a receivable or payable account, not {0}").format(self.account)
			)

	def _validate_currency(self) -> None:
		if self.is_cancelled:
			return
		currency = get_account_currency(self.account)
		self.account_currency = (
			self.account_currency or currency or erpnext.get_company_currency(self.company)
		)
		if currency != self.account_currency:
			self._fail(
				_("Entries for {0} can only be made in {1}").format(self.account, currency),
				InvalidAccountCurrency,
			)
		if self.party_type and self.party:
			validate_party_gle_currency(self.party_type, self.party, self.company, self.account_currency)


def on_doctype_update() -> None:
	frappe.db.add_index("GL Entry", ["voucher_type", "voucher_no"])
	frappe.db.add_index("GL Entry", ["posting_date", "company"])
	frappe.db.add_index("GL Entry", ["party_type", "party"])
