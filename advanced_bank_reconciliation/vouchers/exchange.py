# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Exchange rates for the vouchers that are made."""

from datetime import date

import frappe
from erpnext.setup.utils import get_exchange_rate
from frappe import _
from frappe.utils import flt

from advanced_bank_reconciliation.exceptions import ExchangeRateMissing, refuse


def rate_to_company_currency(currency: str, company: str, on: str | date) -> float:
	"""Return what one unit of `currency` is worth in the company's currency on that day.

	Raises ExchangeRateMissing rather than to book at a guess (PITFALLS P17).
	"""
	company_currency = frappe.get_cached_value("Company", company, "default_currency")
	if currency == company_currency:
		return 1.0
	rate = flt(get_exchange_rate(currency, company_currency, on))
	if not rate:
		refuse(
			ExchangeRateMissing,
			[
				_("No exchange rate from {0} to {1} on {2}. Add a Currency Exchange for that day.").format(
					currency, company_currency, on
				)
			],
		)
	return rate


def cross_rate(currency: str, other_currency: str, company: str, on: str | date) -> float:
	"""Return what one unit of `currency` is worth in `other_currency` on that day, by the company's currency.

	Raises ExchangeRateMissing (PITFALLS P17).
	"""
	if currency == other_currency:
		return 1.0
	return rate_to_company_currency(currency, company, on) / rate_to_company_currency(
		other_currency, company, on
	)
