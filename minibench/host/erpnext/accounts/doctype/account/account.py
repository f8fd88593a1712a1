# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import erpnext
import frappe
from erpnext.accounts.utils import get_account_currency, get_autoname_with_number
from frappe import _
from frappe.utils.nestedset import NestedSet

__all__ = ["Account", "get_account_currency"]


class Account(NestedSet):
	"""A ledger (or group of ledgers) of one company, in one currency."""

	nsm_parent_field = "parent_account"

	def autoname(self) -> None:
		self.name = get_autoname_with_number(self.account_number, self.account_name, self.company)

	def validate(self) -> None:
		self._validate_parent()
		self._set_root_and_report_type()
		self._validate_group()
		self._validate_freezing()
		self._set_currency()

	def on_trash(self) -> None:
		if self._has_entries():
			frappe.throw(_("Account with existing transaction can not be deleted"))
		super().on_trash()

	def _has_entries(self) -> bool:
		return bool(frappe.db.exists("GL Entry", {"account": self.name}))

	def _validate_parent(self) -> None:
		if not self.parent_account:
			if not self.is_group:
				frappe.throw(_("The root account {0} must be a group").format(self.name))
			return
		parent = frappe.get_cached_value(
			"Account", self.parent_account, ["name", "is_group", "company"], as_dict=True
		)
		if not parent or parent.name == self.name or not parent.is_group or parent.company != self.company:
			frappe.throw(
				_("Account {0}: the parent account {1} must be another group of company {2}").format(
					self.name, self.parent_account, self.company
				)
			)

	def _set_root_and_report_type(self) -> None:
		if self.parent_account:
			self.report_type, self.root_type = frappe.get_cached_value(
				"Account", self.parent_account, ["report_type", "root_type"]
			)
		if not self.root_type:
			frappe.throw(_("Root Type is mandatory"))
		if not self.report_type:
			balance_sheet = self.root_type in ("Asset", "Liability", "Equity")
			self.report_type = "Balance Sheet" if balance_sheet else "Profit and Loss"

	def _validate_group(self) -> None:
		before = self.get_doc_before_save()
		if not before or bool(before.is_group) == bool(self.is_group):
			return
		if self._has_entries():
			frappe.throw(_("Account with existing transaction cannot change between group and ledger"))
		if before.is_group and frappe.db.exists("Account", {"parent_account": self.name}):
			frappe.throw(_("Account with child nodes cannot be set as ledger"))

	def _validate_freezing(self) -> None:
		before = self.get_doc_before_save()
		if not before or before.freeze_account == self.freeze_account:
			return
		role = frappe.db.get_single_value("Accounts Settings", "frozen_accounts_modifier")
		if not role or role not in frappe.get_roles():
			frappe.throw(_("You are not authorized to set Frozen value"))

	def _set_currency(self) -> None:
		self.account_currency = self.account_currency or erpnext.get_company_currency(self.company)
		if self.is_new():
			return
		posted = frappe.db.get_value("GL Entry", {"account": self.name}, "account_currency")
		if posted and posted != self.account_currency:
			frappe.throw(_("Currency can not be changed after making entries using some other currency"))
