# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Turns a selection into a plan: which invoice gets how much of the line, and why some get nothing.

The plan is what the user is shown and exactly what the job carries out (DESIGN section 4).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import frappe
from frappe import _
from frappe.utils import flt, getdate

from advanced_bank_reconciliation.allocation.money import to_major, to_minor
from advanced_bank_reconciliation.allocation.planner import Claim, allocate
from advanced_bank_reconciliation.bulk.invoices import Invoice, lock_invoices
from advanced_bank_reconciliation.exceptions import NothingToDo, SelectionRefused, refuse
from advanced_bank_reconciliation.payload import Request
from advanced_bank_reconciliation.permissions import permitted
from advanced_bank_reconciliation.vouchers.links import BankLine, Link, as_link, cap_links


@dataclass
class PlannedInvoice:
	"""One invoice of the selection. Amounts in the bank account's currency, signed like its outstanding.

	error: in words, why it gets nothing; then allocated_amount is 0. payment_group: rows with the same
	number share a Payment Entry.
	"""

	request: Request
	invoice: Invoice
	allocated_amount: float = 0.0
	error: str = ""
	payment_group: int = 0


@dataclass
class Plan:
	"""What a bulk reconciliation will do with a Bank Transaction, in the order in which it will."""

	line: BankLine
	invoices: list[PlannedInvoice]
	vouchers: list[Link]

	@property
	def payable(self) -> list[PlannedInvoice]:
		return [planned for planned in self.invoices if not planned.error]

	@property
	def failures(self) -> list[PlannedInvoice]:
		return [planned for planned in self.invoices if planned.error]

	@property
	def allocated_amount(self) -> float:
		"""What of the Bank Transaction the plan uses."""
		effects = [_effect(planned.invoice, planned.allocated_amount, self.line) for planned in self.payable]
		vouchers = [to_minor(link.amount, self.line.precision) for link in self.vouchers]
		return to_major(sum(effects) + sum(vouchers), self.line.precision)


def request_key(bank_transaction: str, invoices: Sequence[Request], vouchers: Sequence[Request]) -> str:
	"""Return the idempotency key of a request: the same selection gives the same key, in any order (P59)."""
	selection = [
		sorted(
			[*request.key, None if request.amount is None else f"{request.amount:.9f}"]
			for request in requests
		)
		for requests in (invoices, vouchers)
	]
	return hashlib.sha256(json.dumps([bank_transaction, *selection]).encode()).hexdigest()


def make_plan(line: BankLine, invoices: Sequence[Request], vouchers: Sequence[Request]) -> Plan:
	"""Read the selection under lock and share the line among it: vouchers first, then the oldest invoices.

	Raises SelectionRefused, with all offenders, for what cannot be meant, and NothingToDo when there is
	nothing to pay and nothing to link.
	"""
	line.check_open()
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	plan = Plan(line, _read(line, invoices), [])
	_refuse_wrong_direction(plan)
	if vouchers:
		plan.vouchers = cap_links(line, [as_link(request) for request in vouchers])
	if settings.validate_selection_against_unallocated_amount:
		_refuse_beyond_line(plan)
	_share(plan, by_posting_date=bool(settings.sort_unpaid_invoices_by_posting_date))
	if not plan.payable and not plan.vouchers:
		refuse(
			NothingToDo,
			[planned.error for planned in plan.failures] or [_("Select at least one invoice or voucher.")],
		)
	return plan


def _read(line: BankLine, requests: Sequence[Request]) -> list[PlannedInvoice]:
	visible = permitted(request.key for request in requests)
	locked = lock_invoices(visible)
	problems = []
	planned = []
	for request in requests:
		invoice = locked.get(request.key)
		if problem := _cannot_be_meant(line, request, invoice):
			problems.append(problem)
		else:
			planned.append(PlannedInvoice(request, invoice, error=_cannot_be_paid(line, request, invoice)))
	if problems:
		refuse(SelectionRefused, problems)
	return planned


def _cannot_be_meant(line: BankLine, request: Request, invoice: Invoice | None) -> str | None:
	label = f"{_(request.doctype)} {request.name}"
	if not invoice:
		return _("{0}: not found, or you may not read it.").format(label)
	if invoice.company != line.doc.company:
		return _("{0}: belongs to company {1}, the Bank Transaction to {2}.").format(
			label, invoice.company, line.doc.company
		)
	if invoice.currency and invoice.currency != line.currency:
		return _("{0}: is owed in {1}, but the bank account is in {2}.").format(
			label, invoice.currency, line.currency
		)
	asked = _rounded(request.amount, line)
	outstanding = flt(invoice.outstanding_amount, line.precision)
	if asked and outstanding and (asked < 0) != (outstanding < 0):
		return _("{0}: {1} was asked for, but {2} is outstanding. The signs must be the same.").format(
			label, line.money(asked), line.money(outstanding)
		)
	if asked < 0 and not outstanding:
		return _("{0}: a negative amount ({1}) is only for returns.").format(label, line.money(asked))
	return None


def _cannot_be_paid(line: BankLine, request: Request, invoice: Invoice) -> str:
	"""Return in words why the invoice's state forbids paying it, or an empty text."""
	label = f"{_(request.doctype)} {request.name}"
	if invoice.docstatus != 1:
		return (
			_("{0}: is cancelled.").format(label)
			if invoice.docstatus == 2
			else _("{0}: is a draft.").format(label)
		)
	outstanding = flt(invoice.outstanding_amount, line.precision)
	if not outstanding:
		return _("{0}: is already paid; nothing is outstanding.").format(label)
	if request.amount is None:
		return ""
	asked = _rounded(request.amount, line)
	if not asked:
		return _("{0}: the amount is zero, so there is nothing to pay.").format(label)
	if abs(asked) > abs(outstanding):
		return _("{0}: {1} was asked for, but only {2} is outstanding.").format(
			label, line.money(asked), line.money(outstanding)
		)
	return ""


def _rounded(amount: Decimal | None, line: BankLine) -> float:
	"""Return what was asked for, rounded as the plan rounds it: half a cent decides the same everywhere."""
	return to_major(to_minor(amount or 0, line.precision), line.precision)


def _effect(invoice: Invoice, amount: float, line: BankLine) -> int:
	"""Return what `amount` of the invoice takes from the line, in minor units (see allocation.planner)."""
	with_the_line = (invoice.doctype == "Sales Invoice") == line.is_deposit
	minor = to_minor(amount, line.precision)
	return minor if with_the_line else -minor


def _party_key(invoice: Invoice) -> tuple[str, str, str]:
	return (invoice.party_type, invoice.party, invoice.party_account)


def _wish(planned: PlannedInvoice) -> float:
	"""What the user wants settled: the amount asked for, else all that is outstanding."""
	if planned.request.amount is None:
		return planned.invoice.outstanding_amount
	return float(planned.request.amount)


def _refuse_wrong_direction(plan: Plan) -> None:
	"""What flows against the line is only meant where its party is owed more than that (P24, P13)."""
	net: dict[tuple[str, str, str], int] = {}
	for planned in plan.payable:
		party = _party_key(planned.invoice)
		net[party] = net.get(party, 0) + _effect(planned.invoice, _wish(planned), plan.line)
	direction = _("a deposit") if plan.line.is_deposit else _("a withdrawal")
	problems = [
		_(
			"{0} {1}: {2} cannot be settled by {3}, and no larger amount of {4} is selected to net it with."
		).format(
			_(planned.request.doctype),
			planned.request.name,
			plan.line.money(_wish(planned)),
			direction,
			planned.invoice.party,
		)
		for planned in plan.payable
		if _effect(planned.invoice, _wish(planned), plan.line) < 0 and net[_party_key(planned.invoice)] <= 0
	]
	if problems:
		refuse(SelectionRefused, problems)


def _refuse_beyond_line(plan: Plan) -> None:
	precision = plan.line.precision
	wanted = sum(_effect(planned.invoice, _wish(planned), plan.line) for planned in plan.payable)
	wanted += sum(to_minor(link.amount, precision) for link in plan.vouchers)
	if wanted > to_minor(plan.line.unallocated_amount, precision):
		refuse(
			SelectionRefused,
			[
				_(
					"The selection adds up to {0}, but only {1} of Bank Transaction {2} is unallocated."
				).format(
					plan.line.money(to_major(wanted, precision)),
					plan.line.money(plan.line.unallocated_amount),
					plan.line.doc.name,
				)
			],
		)


def _share(plan: Plan, by_posting_date: bool) -> None:
	precision = plan.line.precision
	linked = sum(to_minor(link.amount, precision) for link in plan.vouchers)
	shares = allocate(
		[_claim(planned, plan.line, by_posting_date) for planned in plan.payable],
		to_minor(plan.line.unallocated_amount, precision) - linked,
	)
	for planned in plan.payable:
		share = shares.get(planned.invoice.key)
		if share is None:
			planned.error = _("{0} {1}: nothing of the Bank Transaction was left for it.").format(
				_(planned.request.doctype), planned.request.name
			)
		else:
			sign = 1 if planned.invoice.outstanding_amount > 0 else -1
			planned.allocated_amount = to_major(abs(share) * sign, precision)
	_order_and_group(plan, by_posting_date)


def _claim(planned: PlannedInvoice, line: BankLine, by_posting_date: bool) -> Claim:
	invoice = planned.invoice
	return Claim(
		key=invoice.key,
		party=_party_key(invoice),
		asked=_effect(invoice, _wish(planned), line),
		oldest_by=getdate(invoice.posting_date if by_posting_date else invoice.due_date),
	)


def _order_and_group(plan: Plan, by_posting_date: bool) -> None:
	"""Oldest first; one group, so one Payment Entry, per invoice, but per party where something is netted."""
	plan.invoices.sort(
		key=lambda planned: (
			getdate(planned.invoice.posting_date if by_posting_date else planned.invoice.due_date),
			planned.invoice.key,
		)
	)
	netted = {
		_party_key(planned.invoice)
		for planned in plan.payable
		if _effect(planned.invoice, planned.allocated_amount, plan.line) < 0
	}
	leaders: dict[tuple[str, str, str], int] = {}
	for number, planned in enumerate(plan.invoices, start=1):
		party = _party_key(planned.invoice)
		in_netted_group = party in netted and not planned.error
		planned.payment_group = leaders.setdefault(party, number) if in_netted_group else number
