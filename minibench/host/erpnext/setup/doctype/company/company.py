# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from erpnext.accounts.doctype.account.chart_of_accounts import create_charts
from frappe import _
from frappe.utils.nestedset import NestedSet

_ACCOUNTS_BY_TYPE = {
	"default_receivable_account": "Receivable",
	"default_payable_account": "Payable",
	"default_cash_account": "Cash",
	"default_bank_account": "Bank",
	"round_off_account": "Round Off",
	"default_expense_account": "Cost of Goods Sold",
	"stock_received_but_not_billed": "Stock Received But Not Billed",
}
_ACCOUNTS_BY_NAME = {
	"default_income_account": "Sales",
	"write_off_account": "Write Off",
	"exchange_gain_loss_account": "Exchange Gain/Loss",
}
_COST_CENTER_FIELDS = ("cost_center", "round_off_cost_center")


class Company(NestedSet):
	"""Owner of a set of books. Its first save creates accounts, cost centers and their defaults."""

	nsm_parent_field = "parent_company"

	def validate(self) -> None:
		self.abbr = (self.abbr or "".join(word[0] for word in self.company_name.split()).upper()).strip()
		if not self.abbr:
			frappe.throw(_("Abbreviation is mandatory"))
		if frappe.db.exists("Company", {"abbr": self.abbr, "name": ["!=", self.name]}):
			frappe.throw(_("Abbreviation already used for another company"))
		if self.parent_company and not frappe.db.get_value("Company", self.parent_company, "is_group"):
			frappe.throw(_("Parent Company must be a group company"))
		self._validate_currency()
		self._validate_default_accounts()

	def on_update(self) -> None:
		super().on_update()
		if not frappe.db.exists("Account", {"company": self.name}):
			create_charts(self.name)
			self._set_default_accounts()
		if not frappe.db.exists("Cost Center", {"company": self.name, "is_group": 0}):
			self._create_cost_centers()
		self._set_mode_of_payment_account()
		if self.default_currency:
			frappe.db.set_value("Currency", self.default_currency, "enabled", 1)
		frappe.clear_cache()

	def _validate_currency(self) -> None:
		before = self.get_doc_before_save()
		if (
			before
			and before.default_currency != self.default_currency
			and frappe.db.exists("GL Entry", {"company": self.name})
		):
			frappe.throw(
				_("Cannot change company's default currency, because there are existing transactions.")
			)

	def _validate_default_accounts(self) -> None:
		for field in (*_ACCOUNTS_BY_TYPE, "default_income_account"):
			account = self.get(field)
			if not account:
				continue
			company, currency = frappe.db.get_value("Account", account, ["company", "account_currency"])
			if company != self.name or currency != self.default_currency:
				frappe.throw(
					_("{0}: {1} must be an account of {2} in {3}").format(
						self.meta.get_label(field), account, self.name, self.default_currency
					)
				)

	def _set_default_accounts(self) -> None:
		values = {}
		for field, account_type in _ACCOUNTS_BY_TYPE.items():
			values[field] = self.get(field) or self._ledger(account_type=account_type)
		for field, account_name in _ACCOUNTS_BY_NAME.items():
			values[field] = self.get(field) or self._ledger(account_name=account_name)
		self.db_set(values)

	def _ledger(self, **filters) -> str | None:
		return frappe.db.get_value("Account", {"company": self.name, "is_group": 0, **filters})

	def _create_cost_centers(self) -> None:
		root = self._insert_cost_center(self.name, is_group=1, parent=None)
		main = self._insert_cost_center("Main", is_group=0, parent=root)
		self.db_set({field: main for field in _COST_CENTER_FIELDS})

	def _insert_cost_center(self, name: str, is_group: int, parent: str | None) -> str:
		doc = frappe.get_doc(
			{
				"doctype": "Cost Center",
				"cost_center_name": name,
				"company": self.name,
				"is_group": is_group,
				"parent_cost_center": parent,
			}
		)
		doc.flags.ignore_permissions = True
		doc.flags.ignore_mandatory = not parent
		doc.insert()
		return doc.name

	def _set_mode_of_payment_account(self) -> None:
		"""Cash moves through the company's cash account unless another one is set."""
		cash = frappe.db.get_value("Mode of Payment", {"type": "Cash"})
		if not (cash and self.default_cash_account):
			return
		if not frappe.db.exists("Mode of Payment Account", {"company": self.name, "parent": cash}):
			mode = frappe.get_doc("Mode of Payment", cash)
			mode.append("accounts", {"company": self.name, "default_account": self.default_cash_account})
			mode.save(ignore_permissions=True)
