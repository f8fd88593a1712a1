# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Says in words why an invoice cannot be meant for a Bank Transaction, or cannot be paid at this moment.

What cannot be meant is refused at once, all offenders in one message; what cannot be paid is skipped, or
takes the run back, by setting (PUBLIC_API.md).
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import frappe
from frappe import _
from frappe.utils import fmt_money

from advanced_bank_reconciliation.allocation.money import to_major
from advanced_bank_reconciliation.bulk.invoices import Invoice
from advanced_bank_reconciliation.exceptions import ExchangeRateMissing, SelectionRefused, refuse
from advanced_bank_reconciliation.payload import Request
from advanced_bank_reconciliation.vouchers.exchange import known_rate, rate_is_missing
from advanced_bank_reconciliation.vouchers.links import BankLine

if TYPE_CHECKING:
	from advanced_bank_reconciliation.bulk.plan import Plan, PlannedInvoice


def not_meant(line: BankLine, request: Request, invoice: Invoice | None) -> str | None:
	"""Return in words why the request cannot be meant whatever the amounts are, or None."""
	label = label_of(request)
	if not invoice:
		return _("{0}: not found, or you may not read it.").format(label)
	if invoice.company != line.doc.company:
		return _("{0}: belongs to company {1}, the Bank Transaction to {2}.").format(
			label, invoice.company, line.doc.company
		)
	return None


def wrong_sign(line: BankLine, planned: "PlannedInvoice") -> str | None:
	"""Return in words why the sign of what was asked cannot be meant, or None (PITFALLS P09)."""
	label = label_of(planned.request)
	asked, outstanding = planned.asked, planned.outstanding_amount
	if asked and outstanding and (asked < 0) != (outstanding < 0):
		return _("{0}: {1} was asked for, but {2} is outstanding. The signs must be the same.").format(
			label, line.money(asked), line.money(outstanding)
		)
	if asked and asked < 0 and not outstanding:
		return _("{0}: a negative amount ({1}) is only for returns.").format(label, line.money(asked))
	return None


def not_payable(line: BankLine, planned: "PlannedInvoice") -> str:
	"""Return in words why the invoice's state forbids paying it, or an empty text."""
	label, invoice = label_of(planned.request), planned.invoice
	if invoice.docstatus != 1:
		return (
			_("{0}: is cancelled.").format(label)
			if invoice.docstatus == 2
			else _("{0}: is a draft.").format(label)
		)
	outstanding, asked = planned.outstanding_amount, planned.asked
	if not outstanding and invoice.outstanding_amount:
		return _("{0}: the {1} that are outstanding are less than the smallest amount in {2}.").format(
			label, fmt_money(invoice.outstanding_amount, currency=invoice.currency), line.currency
		)
	if not outstanding:
		return _("{0}: is already paid; nothing is outstanding.").format(label)
	if asked is None:
		return ""
	if not asked:
		return _("{0}: the amount is zero, so there is nothing to pay.").format(label)
	if abs(asked) > abs(outstanding):
		return _("{0}: {1} was asked for, but only {2} is outstanding.").format(
			label, line.money(asked), line.money(outstanding)
		)
	return ""


def refuse_missing_rates(line: BankLine, invoices: Iterable[Invoice]) -> None:
	"""Raise ExchangeRateMissing that names every rate which is not on record for the line's date (P17)."""
	company_currency = frappe.get_cached_value("Company", line.doc.company, "default_currency")
	on = line.doc.date
	invoices = list(invoices)
	currencies = {line.currency, *(invoice.currency for invoice in invoices)}
	missing = {
		currency: rate_is_missing(currency, company_currency, on)
		for currency in currencies
		if not known_rate(currency, line.doc.company, on)
	}
	problems = [missing[line.currency]] if line.currency in missing else []
	problems += [
		f"{_(invoice.doctype)} {invoice.name}: {missing[invoice.currency]}"
		for invoice in invoices
		if invoice.currency != line.currency and invoice.currency in missing
	]
	if problems:
		refuse(ExchangeRateMissing, problems)


def refuse_wrong_direction(plan: "Plan") -> None:
	"""Raise SelectionRefused for what flows against the line: the direction matrix (P12, P13, P24).

	A return only counts where its party is owed more than that by invoices of the line's direction. An
	invoice never counts in a payment the other way: ERPNext books both on the same side then.
	"""
	against = [planned for planned in plan.payable if planned.effect(planned.wish) < 0]
	if not against:
		return
	net: dict[tuple[str, str, str], int] = {}
	for planned in plan.payable:
		party = planned.invoice.party_key
		net[party] = net.get(party, 0) + planned.effect(planned.wish)
	if problems := [problem for planned in against if (problem := _wrong_direction(plan, planned, net))]:
		refuse(SelectionRefused, problems)


def _wrong_direction(plan: "Plan", planned: "PlannedInvoice", net: dict) -> str | None:
	label, amount = label_of(planned.request), plan.line.money(planned.wish)
	direction = _("a deposit") if plan.line.is_deposit else _("a withdrawal")
	is_owed_more = net[planned.invoice.party_key] > 0
	if planned.wish < 0:
		return (
			None
			if is_owed_more
			else _(
				"{0}: {1} cannot be settled by {2}, and no larger amount of {3} is selected to net it with."
			).format(label, amount, direction, planned.invoice.party)
		)
	if is_owed_more:
		return _(
			"{0}: {1} cannot be netted with a return by {2}. Leave it out, and settle it with what is left of the return by a Payment Reconciliation."
		).format(label, amount, direction)
	return _("{0}: {1} cannot be settled by {2}: its money flows the other way.").format(
		label, amount, direction
	)


def refuse_beyond_line(plan: "Plan", wanted: int) -> None:
	"""Raise SelectionRefused: the selection, `wanted` minor units, is more than the line has left."""
	refuse(
		SelectionRefused,
		[
			_("The selection adds up to {0}, but only {1} of Bank Transaction {2} is unallocated.").format(
				plan.line.money(to_major(wanted, plan.line.precision)),
				plan.line.money(plan.line.unallocated_amount),
				plan.line.doc.name,
			)
		],
	)


def refuse_discount_without_account(plan: "Plan", discounted: Sequence["PlannedInvoice"]) -> None:
	"""Raise SelectionRefused unless the company says where ERPNext books an early-payment discount (P20)."""
	company = plan.line.doc.company
	if not discounted or frappe.get_cached_value("Company", company, "default_discount_account"):
		return
	refuse(
		SelectionRefused,
		[
			_("{0}: an early-payment discount of {1} would be taken, but {2} has no account for it.").format(
				label_of(planned.request), plan.line.money(planned.discount_amount), company
			)
			for planned in discounted
		]
		+ [_("Enter the Default Payment Discount Account in Company {0}.").format(company)],
	)


def label_of(request: Request) -> str:
	"""Return the document as the user knows it: its type and name."""
	return f"{_(request.doctype)} {request.name}"
