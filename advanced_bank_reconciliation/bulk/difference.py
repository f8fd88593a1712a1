# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The small difference between a selection and a Bank Transaction, booked on an account (PITFALLS P21)."""

from collections.abc import Sequence
from decimal import Decimal

import frappe
from frappe import _
from frappe.utils import flt, fmt_money

from advanced_bank_reconciliation.allocation.money import to_major
from advanced_bank_reconciliation.exceptions import SelectionRefused, refuse
from advanced_bank_reconciliation.payload import Difference
from advanced_bank_reconciliation.vouchers.exchange import known_rate
from advanced_bank_reconciliation.vouchers.links import BankLine

#: Accounts outside of profit and loss on which a difference may wait for somebody to look at it.
OTHER_ACCOUNT_TYPES = ("Round Off", "Temporary")

#: What a company says of where differences go, and of their cost center.
COMPANY_DEFAULTS = ("write_off_account", "exchange_gain_loss_account", "cost_center")


def largest_difference(line: BankLine) -> int:
	"""Return the largest difference that may be booked, in minor units of the bank account's currency.

	The setting is in the company's currency; without an exchange rate on record nothing may be booked.
	"""
	rate = known_rate(line.currency, line.doc.company, line.doc.date)
	limit = Decimal(str(_limit_in_company_currency()))
	return int(limit / Decimal(str(rate)) * 10**line.precision) if rate else 0


def defaults_for(line: BankLine) -> dict[str, object]:
	"""Return what the form offers for a difference: the limit in the bank account's currency, and accounts."""
	company = frappe.get_cached_value("Company", line.doc.company, COMPANY_DEFAULTS, as_dict=True)
	return {**company, "largest_difference": to_major(largest_difference(line), line.precision)}


def checked(line: BankLine, difference: Difference) -> Difference:
	"""Return the difference with its cost center filled in. Raises SelectionRefused for what cannot be booked on."""
	company = line.doc.company
	cost_center = difference.cost_center or frappe.get_cached_value("Company", company, "cost_center")
	problems = [_account_problem(difference.account, company), _cost_center_problem(cost_center, company)]
	if problems := [problem for problem in problems if problem]:
		refuse(SelectionRefused, problems)
	return Difference(difference.account, cost_center)


def check_amount(line: BankLine, rest: int, has_invoices: bool) -> None:
	"""Raise SelectionRefused where the difference of `rest` minor units is too large, or nothing can carry it."""
	if not rest:
		return
	shown = line.money(to_major(abs(rest), line.precision))
	if not has_invoices:
		refuse(
			SelectionRefused,
			[
				_(
					"A difference of {0} can only be booked with the payment of an invoice. Select one, or leave the account empty."
				).format(shown)
			],
		)
	if abs(rest) > largest_difference(line):
		_refuse_too_large(line, rest, shown)


def refuse_without_carrier(line: BankLine, rest: int) -> None:
	"""Raise SelectionRefused: no selected invoice keeps an amount when it takes the difference."""
	shown = line.money(to_major(abs(rest), line.precision))
	refuse(
		SelectionRefused,
		[
			_(
				"The difference of {0} is not smaller than any of the selected invoices. Select others."
			).format(shown)
		],
	)


def _refuse_too_large(line: BankLine, rest: int, shown: str) -> None:
	company_currency = frappe.get_cached_value("Company", line.doc.company, "default_currency")
	limit = fmt_money(_limit_in_company_currency(), currency=company_currency)
	asks = (
		_("The selection asks for {0} more than Bank Transaction {1} has.")
		if rest > 0
		else _("Bank Transaction {1} has {0} more than the selection asks for.")
	)
	advice = _(
		"At most {0} may be booked as a difference (Largest Difference in Advance Bank Reconciliation Settings)."
	)
	refuse(SelectionRefused, [asks.format(shown, line.doc.name), advice.format(limit)])


def _limit_in_company_currency() -> float:
	return flt(frappe.get_cached_doc("Advance Bank Reconciliation Settings").largest_difference)


def _account_problem(name: str, company: str) -> str | None:
	fields = ["report_type", "account_type", "account_currency"]
	account, problem = _find("Account", name, company, fields)
	if problem:
		return problem
	company_currency = frappe.get_cached_value("Company", company, "default_currency")
	if account.account_currency != company_currency:
		return _("Account {0}: is in {1}; a difference is booked in {2}.").format(
			name, account.account_currency, company_currency
		)
	if account.report_type != "Profit and Loss" and account.account_type not in OTHER_ACCOUNT_TYPES:
		return _(
			"Account {0}: is neither an income nor an expense account, so no difference is booked on it."
		).format(name)
	return None


def _cost_center_problem(name: str | None, company: str) -> str | None:
	if not name:
		return _("Choose a cost center for the difference: company {0} has no default one.").format(company)
	return _find("Cost Center", name, company)[1]


def _find(
	doctype: str, name: str, company: str, fields: Sequence[str] = ()
) -> tuple[frappe._dict | None, str | None]:
	"""Return the document's fields, and in words why the company cannot book on it."""
	row = frappe.db.get_value(doctype, name, ["company", "is_group", "disabled", *fields], as_dict=True)
	label = f"{_(doctype)} {name}"
	problem = None
	if not row or not frappe.has_permission(doctype, "read", doc=name):
		problem = _("{0}: not found, or you may not read it.").format(label)
	elif row.company != company:
		problem = _("{0}: belongs to company {1}.").format(label, row.company)
	elif row.is_group or row.disabled:
		problem = _("{0}: is a group or disabled; nothing can be booked on it.").format(label)
	return row, problem
