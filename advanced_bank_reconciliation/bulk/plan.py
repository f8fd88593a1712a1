# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Turns a selection into a plan: which invoice gets how much of the line, and why some get nothing.

The plan is what the user is shown and exactly what the job carries out (DESIGN section 4).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import frappe
from frappe import _
from frappe.utils import fmt_money, getdate

from advanced_bank_reconciliation.allocation import planner
from advanced_bank_reconciliation.allocation.conversion import Conversion
from advanced_bank_reconciliation.allocation.money import to_major, to_minor
from advanced_bank_reconciliation.allocation.planner import Claim, Share, allocate
from advanced_bank_reconciliation.bulk import difference as differences
from advanced_bank_reconciliation.bulk import refusals
from advanced_bank_reconciliation.bulk.grouping import payment_groups
from advanced_bank_reconciliation.bulk.invoices import Invoice, lock_invoices
from advanced_bank_reconciliation.exceptions import NothingToDo, SelectionRefused, refuse
from advanced_bank_reconciliation.payload import PER_INVOICE, Difference, Request
from advanced_bank_reconciliation.permissions import permitted
from advanced_bank_reconciliation.vouchers.discounts import discounts_of_line
from advanced_bank_reconciliation.vouchers.exchange import cross_rate, decimals
from advanced_bank_reconciliation.vouchers.links import BankLine, Link, as_link, cap_links

#: The value of the setting *Allocation Order* by which the largest amount is served first (P44).
LARGEST_FIRST = "Largest Amount First"


@dataclass
class PlannedInvoice:
	"""One invoice of the selection. Amounts in the bank account's currency, signed like its outstanding.

	allocated_amount: what of the line it gets. discount_amount, difference_amount: what it is settled by
	beside that; a negative difference (of a positive invoice) is what the line brings beyond it.
	settled_amount: what it is settled by all in all, in the invoice's own currency.
	error: in words, why it gets nothing; then the amounts are 0. payment_group: rows with the same number
	share a Payment Entry.
	"""

	request: Request
	invoice: Invoice
	line: BankLine
	conversion: Conversion
	allocated_amount: float = 0.0
	discount_amount: float = 0.0
	difference_amount: float = 0.0
	settled_amount: float = 0.0
	error: str = ""
	payment_group: int = 0

	@property
	def outstanding_amount(self) -> float:
		return self.conversion.to_bank(self.invoice.outstanding_amount)

	@property
	def asked(self) -> float | None:
		"""What was asked for, rounded as the plan rounds it (half a cent decides the same everywhere)."""
		if self.request.amount is None:
			return None
		return to_major(to_minor(self.request.amount, self.line.precision), self.line.precision)

	@property
	def wish(self) -> float:
		"""What the user wants settled: the amount asked for, else all that is outstanding."""
		return self.outstanding_amount if self.asked is None else self.asked

	def effect(self, amount: float) -> int:
		"""Return what `amount` of it takes from the line, in minor units (see allocation.planner)."""
		minor = to_minor(amount, self.line.precision)
		return minor if self.line.flows_with(self.invoice.doctype) else -minor

	def take(self, share: Share) -> None:
		"""Write the share into the amounts."""
		precision = self.line.precision
		sign = 1 if (self.effect(self.outstanding_amount) > 0) == (self.outstanding_amount > 0) else -1
		self.allocated_amount = to_major(share.amount * sign, precision)
		self.discount_amount = to_major(share.discount * sign, precision)
		self.difference_amount = to_major(share.difference * sign, precision)
		settled = to_major(share.settled * sign, precision)
		self.settled_amount = self.conversion.settled(settled, self.invoice.outstanding_amount)


@dataclass
class Plan:
	"""What a bulk reconciliation will do with a Bank Transaction, in the order in which it will.

	payment_entries_per: one of `payload.WAYS`.
	"""

	line: BankLine
	invoices: list[PlannedInvoice]
	vouchers: list[Link] = field(default_factory=list)
	difference: Difference | None = None
	payment_entries_per: str = PER_INVOICE

	@property
	def payable(self) -> list[PlannedInvoice]:
		return [planned for planned in self.invoices if not planned.error]

	@property
	def failures(self) -> list[PlannedInvoice]:
		return [planned for planned in self.invoices if planned.error]

	@property
	def allocated_amount(self) -> float:
		"""What of the Bank Transaction the plan uses."""
		effects = [planned.effect(planned.allocated_amount) for planned in self.payable]
		return to_major(sum(effects) + self.linked, self.line.precision)

	@property
	def difference_amount(self) -> float:
		"""What is written off, or, negative, what the line brings beyond the invoices."""
		effects = [planned.effect(planned.difference_amount) for planned in self.payable]
		return to_major(sum(effects), self.line.precision)

	@property
	def linked(self) -> int:
		"""What the existing vouchers use, in minor units."""
		return sum(to_minor(link.amount, self.line.precision) for link in self.vouchers)

	@property
	def available(self) -> int:
		"""What the line has for invoices, in minor units."""
		return to_minor(self.line.unallocated_amount, self.line.precision) - self.linked


def request_key(
	bank_transaction: str,
	invoices: Sequence[Request],
	vouchers: Sequence[Request],
	difference: Difference | None = None,
	payment_entries_per: str = PER_INVOICE,
) -> str:
	"""Return the idempotency key of a request: the same selection gives the same key, in any order (P59)."""
	selection = [
		sorted(
			[*request.key, None if request.amount is None else f"{request.amount:.9f}"]
			for request in requests
		)
		for requests in (invoices, vouchers)
	]
	if difference:
		selection.append([difference.account, difference.cost_center])
	if payment_entries_per != PER_INVOICE:
		selection.append([payment_entries_per])
	return hashlib.sha256(json.dumps([bank_transaction, *selection]).encode()).hexdigest()


def make_plan(
	line: BankLine,
	invoices: Sequence[Request],
	vouchers: Sequence[Request],
	difference: Difference | None = None,
	payment_entries_per: str = PER_INVOICE,
) -> Plan:
	"""Read the selection under lock and share the line among it: vouchers first, then the invoices in order.

	Raises SelectionRefused, with all offenders, for what cannot be meant, ExchangeRateMissing, and
	NothingToDo when there is nothing to pay and nothing to link.
	"""
	line.check_open()
	plan = Plan(line, _read(line, invoices), payment_entries_per=payment_entries_per)
	refusals.refuse_wrong_direction(plan)
	if vouchers:
		plan.vouchers = cap_links(line, [as_link(request) for request in vouchers])
	if difference:
		plan.difference = differences.checked(line, difference)
	_share(plan)
	if not plan.payable and not plan.vouchers:
		refuse(
			NothingToDo,
			[planned.error for planned in plan.failures] or [_("Select at least one invoice or voucher.")],
		)
	return plan


def _read(line: BankLine, requests: Sequence[Request]) -> list[PlannedInvoice]:
	visible = permitted(request.key for request in requests)
	locked = lock_invoices(visible)
	problems = [refusals.not_meant(line, request, locked.get(request.key)) for request in requests]
	if problems := [problem for problem in problems if problem]:
		refuse(SelectionRefused, problems)
	if locked:
		refusals.refuse_missing_rates(line, locked.values())
	conversions = _conversions(line, locked.values())
	planned = [
		PlannedInvoice(request, locked[request.key], line, conversions[locked[request.key].currency])
		for request in requests
	]
	if problems := [problem for each in planned if (problem := refusals.wrong_sign(line, each))]:
		refuse(SelectionRefused, problems)
	for each in planned:
		each.error = refusals.not_payable(line, each)
	return planned


def _conversions(line: BankLine, invoices) -> dict[str, Conversion]:
	"""Return how each currency that the invoices are owed in relates to the bank account's (P17)."""
	precision = frappe.get_precision("Sales Invoice", "outstanding_amount")
	conversions = {}
	for currency in {invoice.currency for invoice in invoices}:
		same = currency == line.currency
		conversions[currency] = Conversion(
			rate=cross_rate(currency, line.currency, line.doc.company, line.doc.date),
			precision=line.precision if same else decimals(currency, precision),
			bank_precision=line.precision if same else decimals(line.currency, line.precision),
			same=same,
		)
	return conversions


def _share(plan: Plan) -> None:
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	by_posting_date = bool(settings.sort_unpaid_invoices_by_posting_date)
	largest_first = settings.allocation_order == LARGEST_FIRST
	claims = _claims(plan, by_posting_date)
	rest = planner.difference(claims.values(), plan.available, largest_first=largest_first)
	shares = allocate(
		claims.values(),
		plan.available,
		largest_first=largest_first,
		largest_difference=_largest_difference(plan, rest),
	)
	_check_rest(plan, rest, shares, bool(settings.validate_selection_against_unallocated_amount))
	for planned in plan.payable:
		_take(planned, shares.get(planned.invoice.key))
	refusals.refuse_discount_without_account(
		plan, [planned for planned in plan.payable if planned.discount_amount]
	)
	plan.invoices.sort(
		key=lambda planned: planner.serving_order(
			claims.get(planned.invoice.key) or _claim(planned, by_posting_date, asked=0), largest_first
		)
	)
	_group(plan)


def _claims(plan: Plan, by_posting_date: bool) -> dict[tuple[str, str], Claim]:
	in_full = [planned for planned in plan.payable if planned.wish == planned.outstanding_amount]
	discounts = discounts_of_line(plan.line, [planned.invoice.key for planned in in_full])
	return {
		planned.invoice.key: _claim(
			planned,
			by_posting_date,
			planned.effect(planned.wish),
			to_minor(discounts.get(planned.invoice.key, 0.0), plan.line.precision),
		)
		for planned in plan.payable
	}


def _claim(planned: PlannedInvoice, by_posting_date: bool, asked: int, discount: int = 0) -> Claim:
	invoice = planned.invoice
	return Claim(
		key=invoice.key,
		party=invoice.party_key,
		asked=asked,
		oldest_by=getdate(invoice.posting_date if by_posting_date else invoice.due_date),
		discount=discount,
	)


def _largest_difference(plan: Plan, rest: int) -> int:
	"""Return the limit for a difference, in minor units: 0 where the user has not asked to book one."""
	if not plan.difference or not (plan.payable or plan.vouchers):
		return 0
	differences.check_amount(plan.line, rest, has_invoices=bool(plan.payable))
	return abs(rest)


def _check_rest(plan: Plan, rest: int, shares: dict[tuple[str, str], Share], refuse_beyond: bool) -> None:
	is_settled = any(share.difference for share in shares.values())
	if plan.difference and plan.payable and rest and not is_settled:
		differences.refuse_without_carrier(plan.line, rest)
	if refuse_beyond and rest > 0 and not is_settled:
		refusals.refuse_beyond_line(plan, rest + plan.available + plan.linked)


def _take(planned: PlannedInvoice, share: Share | None) -> None:
	label = refusals.label_of(planned.request)
	if share is None:
		planned.error = _("{0}: nothing of the Bank Transaction was left for it.").format(label)
		return
	planned.take(share)
	if not planned.settled_amount:
		planned.error = _("{0}: {1} of the Bank Transaction are left for it, less than {2}.").format(
			label,
			planned.line.money(planned.allocated_amount),
			fmt_money(10**-planned.conversion.precision, currency=planned.invoice.currency),
		)
		planned.allocated_amount = 0.0


def _group(plan: Plan) -> None:
	"""Number the groups by their first invoices; what is not paid is alone."""
	for number, planned in enumerate(plan.invoices, start=1):
		planned.payment_group = number
	for leader, *others in payment_groups(plan.invoices, plan.payment_entries_per):
		for planned in others:
			planned.payment_group = leader.payment_group
