# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Questions to the books: fiscal years, balances, currencies, outstanding amounts."""

import erpnext
import frappe
from erpnext.accounts.exchange_gain_loss import (
	cancel_exchange_gain_loss_journal,
	create_gain_loss_journal,
	delete_exchange_gain_loss_journal,
)
from erpnext.accounts.payment_ledger import (
	create_payment_ledger_entry,
	get_outstanding_invoices,
	get_voucher_outstandings,
	update_voucher_outstanding,
)
from erpnext.accounts.unlink import PaymentEntryUnlinkError, unlink_ref_doc_from_payment_entries
from frappe import _
from frappe.query_builder.functions import Sum
from frappe.utils import cint, flt, formatdate, get_number_format_info, getdate, nowdate

__all__ = [
	"FiscalYearError",
	"PaymentEntryUnlinkError",
	"cancel_exchange_gain_loss_journal",
	"create_gain_loss_journal",
	"create_payment_ledger_entry",
	"delete_exchange_gain_loss_journal",
	"get_account_currency",
	"get_autoname_with_number",
	"get_balance_on",
	"get_company_default",
	"get_currency_precision",
	"get_fiscal_year",
	"get_fiscal_years",
	"get_outstanding_invoices",
	"get_voucher_outstandings",
	"unlink_ref_doc_from_payment_entries",
	"update_voucher_outstanding",
]


class FiscalYearError(frappe.ValidationError):
	"""The date is in no enabled Fiscal Year."""


@frappe.whitelist()
def get_fiscal_year(
	date=None, fiscal_year=None, label="Date", verbose=1, company=None, as_dict=False, boolean=False
):
	"""The one Fiscal Year of `date` (or of that name) as (name, start, end); see `get_fiscal_years`."""
	years = get_fiscal_years(date, fiscal_year, label, verbose, company, as_dict=as_dict, boolean=boolean)
	return years if boolean else years[0]


def get_fiscal_years(
	transaction_date=None,
	fiscal_year=None,
	label="Date",
	verbose=1,
	company=None,
	as_dict=False,
	boolean=False,
):
	"""Enabled Fiscal Years of the company that hold the date or bear the name.

	Returns a one-element tuple of (name, start, end), or of a dict with `as_dict`; all years when neither
	date nor name is given. Raises FiscalYearError when none fits, or returns False with `boolean`.
	"""
	years = _enabled_fiscal_years(company)
	if not transaction_date and not fiscal_year:
		return years
	day = getdate(transaction_date) if transaction_date else None
	for year in years:
		holds_day = day and year.year_start_date <= day <= year.year_end_date
		if year.name == fiscal_year or holds_day:
			return (year,) if as_dict else ((year.name, year.year_start_date, year.year_end_date),)
	if boolean:
		return False
	message = _("{0} {1} is not in any active Fiscal Year").format(_(label), formatdate(day or ""))
	if company:
		message = _("{0} for {1}").format(message, frappe.bold(company))
	if verbose == 1:
		frappe.msgprint(message)
	raise FiscalYearError(message)


def _enabled_fiscal_years(company: str | None) -> list[dict]:
	"""Latest first. A year that names companies is for those companies only."""
	years = frappe.get_all(
		"Fiscal Year",
		filters={"disabled": 0},
		fields=["name", "year_start_date", "year_end_date"],
		order_by="year_start_date desc",
	)
	if company:
		limited: dict[str, set[str]] = {}
		for row in frappe.get_all("Fiscal Year Company", fields=["parent", "company"]):
			limited.setdefault(row.parent, set()).add(row.company)
		years = [year for year in years if company in limited.get(year.name, {company})]
	return years


def get_account_currency(account: str | None) -> str | None:
	"""Currency of the Account, else of its Company; None without an account."""
	if not account:
		return None
	currency, company = frappe.get_cached_value("Account", account, ["account_currency", "company"])
	return currency or erpnext.get_company_currency(company)


def get_currency_precision() -> int:
	"""Decimals of a Currency field by System Settings."""
	precision = cint(frappe.db.get_default("currency_precision"))
	if precision:
		return precision
	return get_number_format_info(frappe.db.get_default("number_format") or "#,###.##")[2]


@frappe.whitelist()
def get_company_default(company, fieldname, ignore_validation=False):
	"""A default account or cost center of the Company; raises when it is not set."""
	value = frappe.get_cached_value("Company", company, fieldname)
	if not value and not ignore_validation:
		label = frappe.get_meta("Company").get_label(fieldname)
		frappe.throw(_("Please set default {0} in Company {1}").format(label, company))
	return value


def get_autoname_with_number(number_value: str | None, doc_title: str, company: str) -> str:
	"""Name of an Account or Cost Center: number, title and the company's abbreviation."""
	parts = [number_value.strip()] if number_value else []
	parts += [doc_title.strip(), frappe.get_cached_value("Company", company, "abbr")]
	return " - ".join(parts)


@frappe.whitelist()
def get_balance_on(
	account=None,
	date=None,
	party_type=None,
	party=None,
	company=None,
	in_account_currency=True,
	cost_center=None,
	ignore_account_permission=False,
	account_type=None,
	start_date=None,
):
	"""Debit minus credit of an account (a group counts all below it), a party or an account type.

	Both dates are included; without `date` every entry counts. In the account's currency unless
	`in_account_currency` is false or the account is a group in company currency. A date before the first
	Fiscal Year has balance 0. Raises PermissionError when the user may not read the account.
	"""
	doc = frappe.get_cached_doc("Account", account) if account else None
	if not _in_known_fiscal_year(date or nowdate(), company):
		return 0.0
	if doc and not (frappe.flags.ignore_account_permission or ignore_account_permission):
		doc.check_permission("read")
	if not (account or account_type or (party_type and party)):
		return None

	gle = frappe.qb.DocType("GL Entry")
	if doc and doc.is_group and doc.account_currency == erpnext.get_company_currency(doc.company):
		in_account_currency = False
	suffix = "_in_account_currency" if in_account_currency else ""
	query = (
		frappe.qb.from_(gle)
		.select(Sum(_rounded(gle["debit" + suffix])) - Sum(_rounded(gle["credit" + suffix])))
		.where(gle.is_cancelled == 0)
	)
	if start_date:
		query = query.where(gle.posting_date >= getdate(start_date))
	if date:
		query = query.where(gle.posting_date <= getdate(date))
	if doc:
		query = query.where(gle.account.isin(_ledgers_of(doc)))
	if cost_center and doc and doc.report_type == "Profit and Loss":
		query = query.where(gle.cost_center.isin(_cost_centers_of(cost_center)))
	if account_type:
		query = query.where(
			gle.account.isin(
				frappe.get_all(
					"Account",
					filters={"company": company, "account_type": account_type, "is_group": 0},
					pluck="name",
				)
				or [""]
			)
		)
	if party_type and party:
		query = query.where((gle.party_type == party_type) & (gle.party == party))
	if company:
		query = query.where(gle.company == company)
	return flt(query.run()[0][0])


def _in_known_fiscal_year(day, company: str | None) -> bool:
	"""False for a day before all Fiscal Years; a day to come counts as today."""
	if get_fiscal_year(day, company=company, verbose=0, boolean=True):
		return True
	if getdate(day) > getdate(nowdate()):
		get_fiscal_year(nowdate(), verbose=1)
		return True
	return False


def _rounded(column):
	from pypika import CustomFunction

	return CustomFunction("ROUND", ["value", "digits"])(column, get_currency_precision())


def _ledgers_of(account) -> list[str]:
	if not account.is_group:
		return [account.name]
	lft, rgt = frappe.db.get_value("Account", account.name, ["lft", "rgt"])
	return frappe.get_all("Account", filters={"lft": [">=", lft], "rgt": ["<=", rgt]}, pluck="name")


def _cost_centers_of(cost_center: str) -> list[str]:
	lft, rgt = frappe.db.get_value("Cost Center", cost_center, ["lft", "rgt"])
	return frappe.get_all("Cost Center", filters={"lft": [">=", lft], "rgt": ["<=", rgt]}, pluck="name")
