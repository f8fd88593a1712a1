# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Journal Entries that book what exchange rates gained or lost between an invoice and its payment."""

import erpnext
import frappe
from frappe import _
from frappe.utils import nowdate

_VOUCHERS = ("Sales Invoice", "Purchase Invoice", "Payment Entry", "Journal Entry")


def create_gain_loss_journal(
	company,
	posting_date,
	party_type,
	party,
	party_account,
	gain_loss_account,
	exc_gain_loss,
	dr_or_cr,
	reverse_dr_or_cr,
	ref1_dt,
	ref1_dn,
	ref1_detail_no,
	ref2_dt,
	ref2_dn,
	ref2_detail_no,
	cost_center,
	dimensions=None,
) -> str:
	"""Submit a Journal Entry of `exc_gain_loss` (company currency) and return its name.

	The party's row refers to the first document and is on side `dr_or_cr` ("debit" or "credit"), the gain or
	loss account's row refers to the second; in account currency the party's row is zero.
	"""
	if not gain_loss_account:
		frappe.throw(_("Please set default Exchange Gain/Loss Account in Company {0}").format(company))
	company_currency = erpnext.get_company_currency(company)
	if frappe.get_cached_value("Account", gain_loss_account, "account_currency") != company_currency:
		frappe.throw(_("Currency for {0} must be {1}").format(gain_loss_account, company_currency))

	cost_center = cost_center or erpnext.get_default_cost_center(company)
	journal = frappe.new_doc("Journal Entry")
	journal.update(
		{
			"voucher_type": "Exchange Gain Or Loss",
			"company": company,
			"posting_date": posting_date or nowdate(),
			"multi_currency": 1,
			"is_system_generated": 1,
		}
	)
	journal.append(
		"accounts",
		{
			"account": party_account,
			"party_type": party_type,
			"party": party,
			"account_currency": frappe.get_cached_value("Account", party_account, "account_currency"),
			"exchange_rate": 0,
			"cost_center": cost_center,
			"reference_type": ref1_dt,
			"reference_name": ref1_dn,
			"reference_detail_no": ref1_detail_no,
			dr_or_cr: abs(exc_gain_loss),
			dr_or_cr + "_in_account_currency": 0,
			**(dimensions or {}),
		},
	)
	journal.append(
		"accounts",
		{
			"account": gain_loss_account,
			"account_currency": company_currency,
			"exchange_rate": 1,
			"cost_center": cost_center,
			"reference_type": ref2_dt,
			"reference_name": ref2_dn,
			"reference_detail_no": ref2_detail_no,
			reverse_dr_or_cr: abs(exc_gain_loss),
			reverse_dr_or_cr + "_in_account_currency": 0,
			**(dimensions or {}),
		},
	)
	journal.save()
	journal.submit()
	return journal.name


def cancel_exchange_gain_loss_journal(parent_doc) -> None:
	"""Cancel the submitted gain and loss journals that refer to the voucher."""
	for name in _linked_journals(parent_doc, docstatus=1):
		frappe.get_doc("Journal Entry", name).cancel()


def delete_exchange_gain_loss_journal(parent_doc) -> None:
	"""Delete the cancelled gain and loss journals that refer to the voucher."""
	for name in _linked_journals(parent_doc, docstatus=2):
		frappe.get_doc("Journal Entry", name).delete()


def _linked_journals(parent_doc, docstatus: int) -> list[str]:
	if parent_doc.doctype not in _VOUCHERS:
		return []
	journals = frappe.get_all(
		"Journal Entry Account",
		filters={
			"reference_type": parent_doc.doctype,
			"reference_name": parent_doc.name,
			"docstatus": docstatus,
		},
		pluck="parent",
	)
	if not journals:
		return []
	return frappe.get_all(
		"Journal Entry",
		filters={
			"name": ["in", journals],
			"voucher_type": "Exchange Gain Or Loss",
			"is_system_generated": 1,
			"docstatus": docstatus,
		},
		pluck="name",
	)
