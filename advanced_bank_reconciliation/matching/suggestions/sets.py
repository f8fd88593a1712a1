# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Sets of open invoices that add up to a Bank Transaction and that one click could settle. No database.

What adds up is found by allocation.subset.sum; here it must also be payable: where credit notes are netted,
the party still pays something (allocation.planner).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from advanced_bank_reconciliation.allocation.subset.clock import Clock
from advanced_bank_reconciliation.allocation.subset.sum import SubsetSum, find_few, find_subset
from advanced_bank_reconciliation.matching.suggestions.open_invoices import OpenInvoice


@dataclass(frozen=True)
class InvoiceSet:
	"""Documents that add up. found: what is known of other sets, among those without credit notes only
	where `credit_notes_aside`."""

	invoices: list[OpenInvoice]
	found: SubsetSum
	credit_notes_aside: bool = False


class SetSearch:
	"""The searches of one call. amount: in minor units. gave_up: one of them was not carried to its end."""

	def __init__(self, amount: int, seconds: float):
		self.amount = amount
		self.clock = Clock(seconds)
		self.gave_up = False

	def adds_up(self, invoices: Sequence[OpenInvoice]) -> bool:
		return effect_of(invoices) == self.amount and not _without_net(invoices)

	def subset(
		self, invoices: Sequence[OpenInvoice], seconds: float, given: Sequence[OpenInvoice] = ()
	) -> InvoiceSet | None:
		"""Return the preferred documents, oldest first, that add up together with the `given` ones, or None.

		First without credit notes, then with them. Where a party would get money back in the set that is
		found, the search is repeated without that party's credit notes.
		"""
		along = [invoice for invoice in invoices if invoice.effect > 0]
		aside = len(along) < len(invoices)
		return self._subset(along, seconds, given, aside) or (
			self._with_credit_notes(list(invoices), seconds, given) if aside else None
		)

	def few(self, invoices: Sequence[OpenInvoice]) -> list[OpenInvoice]:
		"""Return at most three documents that add up, as few as possible, or nothing."""
		effects = [invoice.effect for invoice in invoices]
		places = find_few(effects, self.amount, seconds=self.clock.seconds_left)
		chosen = [invoices[place] for place in places]
		return [] if _without_net(chosen) else chosen

	def _with_credit_notes(
		self, invoices: list[OpenInvoice], seconds: float, given: Sequence[OpenInvoice]
	) -> InvoiceSet | None:
		while found := self._subset(invoices, seconds, given):
			refused = _without_net(found.invoices)
			if not refused:
				return found
			self.gave_up = True  # other sets with these credit notes are not tried
			invoices = [each for each in invoices if each.effect > 0 or each.nets_with not in refused]
		return None

	def _subset(
		self,
		invoices: Sequence[OpenInvoice],
		seconds: float,
		given: Sequence[OpenInvoice],
		aside: bool = False,
	) -> InvoiceSet | None:
		found = find_subset(
			[invoice.effect for invoice in invoices],
			self.amount - effect_of(given),
			min(seconds, self.clock.seconds_left),
		)
		self.gave_up = self.gave_up or (found.gave_up and not found.count)
		if not found.count:
			return None
		return InvoiceSet([*given, *(invoices[place] for place in found.chosen)], found, aside)


def effect_of(invoices: Iterable[OpenInvoice]) -> int:
	"""Return what the documents take from the line together, in minor units."""
	return sum(invoice.effect for invoice in invoices)


def _without_net(invoices: Iterable[OpenInvoice]) -> set[tuple[str, str, str]]:
	"""Return those whose documents do not come to anything to pay: a Payment Entry needs an amount."""
	net: dict[tuple[str, str, str], int] = {}
	for invoice in invoices:
		net[invoice.nets_with] = net.get(invoice.nets_with, 0) + invoice.effect
	return {netted for netted, amount in net.items() if amount <= 0}
