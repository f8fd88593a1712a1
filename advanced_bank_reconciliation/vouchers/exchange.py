# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Exchange rates for the vouchers that are made, from the site's Currency Exchange records alone.

ERPNext's own `get_exchange_rate` asks a web service where no record is found. Here rows are locked when a
rate is needed, so nothing may wait for a network, and a rate that nobody has entered is not booked.
"""

from datetime import date

import frappe
from frappe import _
from frappe.utils import add_days, cint, flt, get_number_format_info, getdate

from advanced_bank_reconciliation.exceptions import ExchangeRateMissing, refuse


def rate_to_company_currency(currency: str, company: str, on: str | date) -> float:
	"""Return what one unit of `currency` is worth in the company's currency on that day.

	Raises ExchangeRateMissing rather than to book at a guess (PITFALLS P17).
	"""
	rate = known_rate(currency, company, on)
	if not rate:
		company_currency = frappe.get_cached_value("Company", company, "default_currency")
		refuse(ExchangeRateMissing, [rate_is_missing(currency, company_currency, on)])
	return rate


def known_rate(currency: str, company: str, on: str | date) -> float:
	"""Return what one unit of `currency` is worth in the company's currency, or 0.0 if that is not on record."""
	company_currency = frappe.get_cached_value("Company", company, "default_currency")
	return 1.0 if currency == company_currency else recorded_rate(currency, company_currency, on)


def cross_rate(currency: str, other_currency: str, company: str, on: str | date) -> float:
	"""Return what one unit of `currency` is worth in `other_currency` on that day, by the company's currency.

	Raises ExchangeRateMissing (PITFALLS P17).
	"""
	if currency == other_currency:
		return 1.0
	return rate_to_company_currency(currency, company, on) / rate_to_company_currency(
		other_currency, company, on
	)


def recorded_rate(currency: str, other_currency: str, on: str | date) -> float:
	"""Return the rate of the latest Currency Exchange up to that day, or 0.0 without one.

	A record older than the *Stale Days* of Accounts Settings does not count, unless these allow stale
	rates: the rule of ERPNext's `get_exchange_rate`.
	"""
	settings = frappe.get_cached_doc("Accounts Settings")
	dates = [["date", "<=", getdate(on)]]
	if not cint(settings.get("allow_stale")):
		dates.append(["date", ">", add_days(getdate(on), -cint(settings.get("stale_days")))])
	rates = frappe.get_all(
		"Currency Exchange",
		filters=[["from_currency", "=", currency], ["to_currency", "=", other_currency], *dates],
		pluck="exchange_rate",
		order_by="date desc, name",
		limit=1,
	)
	return flt(rates[0]) if rates else 0.0


def rate_is_missing(currency: str, other_currency: str, on: str | date) -> str:
	"""Return in words which rate is missing, and what to do about it."""
	return _("No exchange rate from {0} to {1} on {2}. Add a Currency Exchange for that day.").format(
		currency, other_currency, on
	)


def decimals(currency: str, at_most: int) -> int:
	"""Return the decimals in which amounts of `currency` are paid, `at_most` those that the site keeps (P15)."""
	number_format = frappe.get_cached_value("Currency", currency, "number_format")
	return min(get_number_format_info(number_format)[2], at_most) if number_format else at_most
