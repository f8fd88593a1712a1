# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Proposes sets of open invoices and credit notes that add up exactly to a Bank Transaction.

The rules, in the user's words, are in docs/suggestions.md. Nothing is ever applied from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from frappe import _

from advanced_bank_reconciliation.allocation.money import to_major, to_minor
from advanced_bank_reconciliation.allocation.subset.clock import Clock
from advanced_bank_reconciliation.exceptions import BadPayload, refuse
from advanced_bank_reconciliation.matching.candidates import find_by_name
from advanced_bank_reconciliation.matching.ranking import statement_text
from advanced_bank_reconciliation.matching.suggestions import words
from advanced_bank_reconciliation.matching.suggestions.numbers import numbers_in
from advanced_bank_reconciliation.matching.suggestions.open_invoices import (
	MOST_DOCUMENTS,
	MOST_PARTIES,
	OpenInvoice,
	OpenInvoices,
	OpenParty,
)
from advanced_bank_reconciliation.matching.suggestions.sets import InvoiceSet, SetSearch, effect_of
from advanced_bank_reconciliation.vouchers.links import BankLine

MOST_SUGGESTIONS = 5

#: For all searches of one call together, the share of it for the parties one by one, the most for one.
SECONDS = 1.5
SHARE_FOR_PARTIES = 0.6
SECONDS_PER_PARTY = 0.5

#: With more parties than this, only one set of each is shown.
FEW_PARTIES = 3

Party = tuple[str, str]


@dataclass(frozen=True)
class Suggestion:
	"""A set of documents to offer, and why. Sentences are plain text."""

	kind: str
	reason: str
	invoices: Sequence[OpenInvoice]
	note: str = ""
	ambiguous: bool = False


def parse_party(party_type: str | None, party: str | None) -> Party | None:
	"""Return the party to look at, None for any. Raises BadPayload where one of the two is missing."""
	if bool(party_type) != bool(party):
		refuse(BadPayload, [_("Give a party together with its party type, or neither.")])
	return (party_type, party) if party_type and party else None


def suggest_invoices(line: BankLine, party: Party | None = None) -> dict[str, Any]:
	"""Return {suggestions, notices} for what is left of the Bank Transaction.

	party: (party_type, party) to look at no others. A suggestion has `rows` (as `get_candidates` gives them),
	`total` (in the bank account's currency), `reason`, `kind`, `ambiguous` and `note`; sentences are plain
	text. Raises BankTransactionNotOpen, and `frappe.PermissionError` without a right to read invoices.
	"""
	line.check_open()
	search = _Search(line, party)
	suggestions = search.run()
	names: dict[str, list[str]] = {}
	for suggestion in suggestions:
		for invoice in suggestion.invoices:
			names.setdefault(invoice.document_type, []).append(invoice.name)
	rows = {(row["doctype"], row["name"]): row for row in find_by_name(line, names)}
	return {
		"suggestions": [
			{
				"kind": suggestion.kind,
				"reason": suggestion.reason,
				"note": suggestion.note,
				"ambiguous": suggestion.ambiguous,
				"total": to_major(effect_of(suggestion.invoices), line.precision),
				"rows": [rows[invoice.key] for invoice in suggestion.invoices],
			}
			for suggestion in suggestions
			if all(invoice.key in rows for invoice in suggestion.invoices)  # else: paid meanwhile
		],
		"notices": search.notices(),
	}


class _Search:
	"""One search: the numbers in the text, then one party, then all, until something adds up."""

	def __init__(self, line: BankLine, party: Party | None):
		self.line = line
		self.only_party = party
		self.open = OpenInvoices(line, party)
		self.sets = SetSearch(to_minor(line.unallocated_amount, line.precision), SECONDS)
		self.searched: set[tuple[str, str]] = set()
		self.left_out: list[str] = []
		self.exact: list[Suggestion] = []

	def run(self) -> list[Suggestion]:
		incomplete = self._named()
		if not self.exact:
			self._one_party()
		if not self.exact and not self.only_party:
			self._all_parties()
		return [*self.exact[:MOST_SUGGESTIONS], *incomplete]

	def notices(self) -> list[str]:
		"""Return what the user should know besides: that nothing was found, and what was not searched."""
		notices = []
		if not self.exact:
			amount = self.line.money(self.line.unallocated_amount)
			notices.append(words.nothing_found(amount, len(self.searched), self.sets.gave_up))
		elif len(self.exact) > MOST_SUGGESTIONS:
			more = len(self.exact) - MOST_SUGGESTIONS
			notices.append(_("{0} more sets were found; these are the likeliest.").format(more))
		return [*notices, *dict.fromkeys(self.left_out)]

	def _named(self) -> list[Suggestion]:
		"""Look at what the text names. Returns it as a hint where it does not add up by itself."""
		named = self._read_named()
		if not named:
			return []
		if self.sets.adds_up(named):
			self.exact = [Suggestion("named", words.named(len(named)), named)]
			return []
		if part := self.sets.subset(named, SECONDS):
			self.exact = [self._of_set("named_in_part", words.named_in_part(len(named)), part)]
			return []
		missing = self.sets.amount - effect_of(named)
		if missing > 0 and (whole := self._completed(named)):
			reason = words.named_and_others(len(named), named[0].party_name)
			self.exact = [self._of_set("named_and_others", reason, whole)]
			return []
		amount = self.line.money(to_major(abs(missing), self.line.precision))
		note = words.missing(amount) if missing > 0 else words.too_much(amount)
		return [Suggestion("named_incomplete", words.named_incomplete(), named, note)]

	def _read_named(self) -> list[OpenInvoice]:
		numbers = numbers_in(statement_text(self.line))
		reference = (self.line.doc.reference_number or "").strip()
		found = self.open.numbered([*numbers.all(), *([reference] if reference else [])])
		names = [{text.upper() for text in (each.name, each.reference_no) if text} for each in found]
		wanted = numbers.named(set().union(*names)) | ({reference.upper()} if reference else set())
		return self._limited(
			[invoice for invoice, its_names in zip(found, names, strict=True) if its_names & wanted],
			_("Only the {0} oldest documents that the statement text names were searched."),
		)

	def _completed(self, named: Sequence[OpenInvoice]) -> InvoiceSet | None:
		"""Return the named documents with others of their party that bring what is missing."""
		parties = {invoice.owner for invoice in named}
		if len(parties) > 1:
			return None
		keys = {invoice.key for invoice in named}
		others = [invoice for invoice in self._read_parties(list(parties)) if invoice.key not in keys]
		return self.sets.subset(others, SECONDS_PER_PARTY, given=named)

	def _one_party(self) -> None:
		"""Look at one party at a time: the line's, else those that the text names, else all with enough."""
		for parties in self._parties():
			of_party: dict[Party, list[OpenInvoice]] = {party: [] for party in parties}
			for invoice in self._read_parties(parties):
				of_party.setdefault(invoice.owner, []).append(invoice)
			with_few = len(parties) <= FEW_PARTIES
			clock = Clock(self.sets.clock.seconds_left * SHARE_FOR_PARTIES)
			found = []
			for invoices in of_party.values():
				found += self._sets_of(invoices, min(SECONDS_PER_PARTY, clock.seconds_left), with_few)
			if found:
				order = ("oldest_first", "one_party", "fewest")
				found.sort(key=lambda suggestion: order.index(suggestion.kind))
				self.exact = _compared(found)
				return

	def _parties(self) -> list[list[Party]]:
		line = self.line.doc
		if self.only_party:
			return [[self.only_party]]
		if line.party_type and line.party:
			return [[(line.party_type, line.party)]]
		parties = self._as_many_as_can_be_read(self.open.parties_with(self.line.unallocated_amount))
		return [
			[party.key for party in parties if party.is_named],
			[party.key for party in parties if not party.is_named],
		]

	def _as_many_as_can_be_read(self, parties: list[OpenParty]) -> list[OpenParty]:
		"""Return the first parties, with all their documents; that there are more is told."""
		totals = accumulate(party.documents for party in parties)
		fit = sum(total <= MOST_DOCUMENTS for total in totals)
		count = min(max(fit, 1), MOST_PARTIES)
		if len(parties) > count:
			sentence = _("Only {0} parties were searched one by one, those with the nearest open amount.")
			self.left_out.append(sentence.format(count))
		return parties[:count]

	def _sets_of(self, invoices: Sequence[OpenInvoice], seconds: float, with_few: bool) -> list[Suggestion]:
		"""Return the set of the oldest documents of one party, and on request that of the fewest."""
		part = self.sets.subset(invoices, seconds)
		if not part:
			return []
		name = invoices[0].party_name
		along = [invoice for invoice in invoices if invoice.effect > 0]
		if part.invoices == along[: len(part.invoices)]:
			preferred = self._of_set("oldest_first", words.oldest_first(name), part)
		else:
			reason = words.one_party(name, any(invoice.effect < 0 for invoice in part.invoices))
			preferred = self._of_set("one_party", reason, part)
		return [preferred, *(self._fewest(invoices, part, words.fewest_of_party(name)) if with_few else [])]

	def _all_parties(self) -> None:
		invoices = self._limited(
			self.open.nearest(), _("Only the {0} documents nearest in date were searched together.")
		)
		if len({invoice.owner for invoice in invoices}) > 1 and (part := self.sets.subset(invoices, SECONDS)):
			parties = {invoice.owner: invoice.party_name for invoice in part.invoices}
			self.exact = [
				*self._fewest(invoices, part, words.fewest()),
				self._of_set("all_parties", words.all_parties(list(parties.values())), part),
			]

	def _fewest(self, invoices: Sequence[OpenInvoice], known: InvoiceSet, reason: str) -> list[Suggestion]:
		"""Return the set of the fewest documents, where others fit as well and it is another one."""
		few = self.sets.few(invoices) if known.found.is_ambiguous else []
		if not few or {each.key for each in few} == {each.key for each in known.invoices}:
			return []
		return [Suggestion("fewest", reason, few, words.others(known), ambiguous=True)]

	def _of_set(self, kind: str, reason: str, part: InvoiceSet) -> Suggestion:
		note = words.others(part)
		if part.found.is_ambiguous and part.found.is_preferred:
			note = f"{note} {words.preferred()}"
		return Suggestion(kind, reason, part.invoices, note, part.found.is_ambiguous)

	def _read_parties(self, parties: Sequence[Party]) -> list[OpenInvoice]:
		return self._limited(
			self.open.of_parties(parties),
			_("Only the {0} oldest documents of the party were searched."),
		)

	def _limited(self, invoices: list[OpenInvoice], sentence: str) -> list[OpenInvoice]:
		"""Return what is searched of the documents that were read; what is left out is told by the sentence."""
		if len(invoices) > MOST_DOCUMENTS:
			self.left_out.append(sentence.format(MOST_DOCUMENTS))
		searched = invoices[:MOST_DOCUMENTS]
		self.searched.update(invoice.key for invoice in searched)
		return searched


def _compared(suggestions: list[Suggestion]) -> list[Suggestion]:
	"""Say beside each set that other parties have one as well."""
	parties = {suggestion.invoices[0].owner for suggestion in suggestions}
	if len(parties) == 1:
		return suggestions
	return [
		replace(suggestion, ambiguous=True, note=f"{words.other_parties(len(parties) - 1)} {suggestion.note}")
		for suggestion in suggestions
	]
