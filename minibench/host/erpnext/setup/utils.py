# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Exchange rates, and the site that tests expect."""

import frappe
from frappe import _
from frappe.utils import add_days, flt, getdate, nowdate


@frappe.whitelist()
def get_exchange_rate(from_currency, to_currency, transaction_date=None, args=None):
	"""Latest rate on or before the date, by Currency Exchange records.

	args: "for_buying" or "for_selling" limits to those records. Returns 1 for equal currencies, None when one
	is missing, and 0.0 with a message when there is no record (minibench asks no service on the internet).
	"""
	if not (from_currency and to_currency):
		return None
	if from_currency == to_currency:
		return 1
	day = getdate(transaction_date or nowdate())
	filters = [
		["date", "<=", day],
		["from_currency", "=", from_currency],
		["to_currency", "=", to_currency],
	]
	if args in ("for_buying", "for_selling"):
		filters.append([args, "=", 1])
	settings = frappe.get_cached_doc("Accounts Settings")
	if not settings.allow_stale:
		filters.append(["date", ">", add_days(day, -settings.stale_days)])
	rates = frappe.get_all(
		"Currency Exchange", filters=filters, pluck="exchange_rate", order_by="date desc", limit=1
	)
	if rates:
		return flt(rates[0])
	if frappe.get_cached_doc("Currency Exchange Settings").disabled:
		return 0.0
	frappe.msgprint(
		_(
			"Unable to find exchange rate for {0} to {1} on {2}. Please create a Currency Exchange record."
		).format(from_currency, to_currency, day)
	)
	return 0.0


def before_tests() -> None:
	"""Give a site without Company the one that ERPNext's own tests have, as the site's default."""
	if frappe.db.count("Company"):
		return
	company = frappe.get_doc(
		{
			"doctype": "Company",
			"company_name": "Wind Power LLC",
			"abbr": "WP",
			"default_currency": "USD",
			"country": "United States",
		}
	).insert()
	account = frappe.get_doc(
		{
			"doctype": "Account",
			"account_name": "Bank Account",
			"account_type": "Bank",
			"company": company.name,
			"parent_account": "Bank Accounts - WP",
		}
	).insert()
	frappe.db.set_value("Company", company.name, "default_bank_account", account.name)
	defaults = frappe.get_doc("Global Defaults")
	defaults.update({"default_company": company.name, "default_currency": "USD", "country": "United States"})
	defaults.save()
	frappe.db.commit()  # nosemgrep: every test starts from this site
