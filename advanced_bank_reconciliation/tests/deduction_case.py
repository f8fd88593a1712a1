# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the tests of discounts and of small differences share."""

import frappe
from frappe.utils import flt

from advanced_bank_reconciliation.tests.factories import account
from advanced_bank_reconciliation.tests.utils import ABRTestCase, ledger_rows


def deductions_of(payment: str) -> dict[str, float]:
	"""Return what the Payment Entry deducts, by account."""
	amounts: dict[str, float] = {}
	for row in frappe.get_all("Payment Entry Deduction", {"parent": payment}, ["account", "amount"]):
		amounts[row.account] = flt(amounts.get(row.account, 0) + row.amount, 2)
	return amounts


def booked_on(payment: str, ledger_account: str) -> float:
	rows = [row for row in ledger_rows("Payment Entry", payment) if row.account == ledger_account]
	return flt(sum(row.debit - row.credit for row in rows), 2)


class DeductionTestCase(ABRTestCase):
	def setUp(self):
		super().setUp()
		self.write_off = account("Write Off")
		self.discount_account = account("Miscellaneous Expenses")
		self.set_company("default_discount_account", self.discount_account)

	def set_company(self, fieldname: str, value: str | None):
		frappe.db.set_value("Company", self.company, fieldname, value)
		frappe.clear_document_cache("Company", self.company)
		self.addCleanup(frappe.clear_document_cache, "Company", self.company)

	def outstanding(self, invoice) -> float:
		return frappe.db.get_value(invoice.doctype, invoice.name, "outstanding_amount")
