# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from frappe import _
from frappe.model.document import Document


class BankAccount(Document):
	"""An account at a bank: the company's own, tied to a GL account, or a party's."""

	def autoname(self) -> None:
		self.name = f"{self.account_name} - {self.bank}"

	def validate(self) -> None:
		if self.is_company_account and not self.company:
			frappe.throw(_("Company is mandatory for company account"))
		self._validate_iban()
		self._validate_account()
		self._unset_other_defaults()

	def _validate_account(self) -> None:
		if not self.account:
			return
		other = frappe.db.get_value("Bank Account", {"account": self.account, "name": ["!=", self.name]})
		if other:
			frappe.throw(
				_("{0} is already used by {1}. Use another account.").format(frappe.bold(self.account), other)
			)

	def _validate_iban(self) -> None:
		"""ISO 13616: the digits, with country and check number last and letters as 10 to 35, are 1 modulo 97."""
		if not self.iban:
			return
		iban = "".join(self.iban.split()).upper()
		try:
			digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
		except ValueError:
			digits = "0"
		if int(digits or 0) % 97 != 1:
			frappe.throw(_("IBAN is not valid"))

	def _unset_other_defaults(self) -> None:
		if self.is_default and not self.disabled:
			frappe.db.set_value(
				"Bank Account",
				{
					"party_type": self.party_type,
					"party": self.party,
					"is_company_account": self.is_company_account,
					"is_default": 1,
					"disabled": 0,
				},
				"is_default",
				0,
			)


def get_party_bank_account(party_type, party) -> str | None:
	"""Default Bank Account of the party."""
	return frappe.db.get_value(
		"Bank Account", {"party_type": party_type, "party": party, "is_default": 1, "disabled": 0}
	)


def get_default_company_bank_account(company, party_type, party) -> str | None:
	"""The company's Bank Account that the party names, else its default one."""
	bank_account = frappe.db.get_value(party_type, party, "default_bank_account")
	if bank_account and frappe.get_cached_value("Bank Account", bank_account, "company") == company:
		return bank_account
	return frappe.db.get_value("Bank Account", {"company": company, "is_company_account": 1, "is_default": 1})


@frappe.whitelist()
def get_bank_account_details(bank_account):
	"""account, bank and bank_account_no of a Bank Account."""
	return frappe.get_cached_value(
		"Bank Account", bank_account, ["account", "bank", "bank_account_no"], as_dict=True
	)
