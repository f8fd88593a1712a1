# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Reads the open invoices and credit notes that a Bank Transaction could settle: short rows, few queries.

Which these are is said in `queries.unpaid_invoices`: of the line's company, in its currency, in its direction
or netting against such. On top: only what the user may read.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Max, Sum
from frappe.utils import getdate
from pypika.queries import QueryBuilder, Selectable
from pypika.terms import Case, Field, ValueWrapper

from advanced_bank_reconciliation.allocation.money import to_minor
from advanced_bank_reconciliation.matching.document_types import DOCUMENT_TYPES, DocumentType
from advanced_bank_reconciliation.matching.queries.columns import Source
from advanced_bank_reconciliation.matching.ranking import Ranking, date_distance
from advanced_bank_reconciliation.permissions import may_read, readable_conditions
from advanced_bank_reconciliation.vouchers.links import BankLine

#: The most documents that one search reads.
MOST_DOCUMENTS = 2000

#: Parties that one search looks at, those whose open amount is nearest to the line's first.
MOST_PARTIES = 100

COLUMNS = (
	"name",
	"party_type",
	"party",
	"party_account",
	"party_name",
	"reference_no",
	"oldest_by",
	"effect",
)


@dataclass(frozen=True)
class OpenInvoice:
	"""An open invoice or credit note. effect: what it takes from the line, in minor units, or gives back."""

	document_type: str
	doctype: str
	name: str
	party_type: str
	party: str
	party_account: str
	party_name: str
	reference_no: str
	oldest_by: date
	effect: int

	@property
	def key(self) -> tuple[str, str]:
		return (self.doctype, self.name)

	@property
	def owner(self) -> tuple[str, str]:
		return (self.party_type, self.party)

	@property
	def nets_with(self) -> tuple[str, str, str]:
		"""Only documents that have this in common are netted in one Payment Entry (allocation.planner)."""
		return (self.party_type, self.party, self.party_account)


@dataclass(frozen=True)
class OpenParty:
	"""A party that owes at least the line's amount. is_named: its name is in the statement text."""

	party_type: str
	party: str
	documents: int
	is_named: bool

	@property
	def key(self) -> tuple[str, str]:
		return (self.party_type, self.party)


class OpenInvoices:
	"""The open invoices for a Bank Transaction, of one party if given. Raises `frappe.PermissionError`
	where the user may read no invoices at all."""

	def __init__(self, line: BankLine, party: tuple[str, str] | None = None):
		self.line, self.party = line, party
		unpaid = [document_type for document_type in DOCUMENT_TYPES.values() if document_type.is_unpaid]
		self.document_types = [each for each in unpaid if may_read(each.doctype)]
		if not self.document_types:
			doctypes = ", ".join(_(each.doctype) for each in unpaid)
			frappe.throw(_("No permission to read {0}").format(doctypes), frappe.PermissionError)
		self.sources = {each.name: _in_own_currency(each, line) for each in self.document_types}

	def numbered(self, numbers: Sequence[str]) -> list[OpenInvoice]:
		"""Return those whose number, or the other side's reference, is one of these; oldest first."""
		if not numbers:
			return []
		return self._read(
			lambda query, candidate: query.where(
				candidate.name.isin(numbers) | candidate.reference_no.isin(numbers)
			)
		)

	def of_parties(self, parties: Sequence[tuple[str, str]]) -> list[OpenInvoice]:
		"""Return all of these parties, at most MOST_DOCUMENTS and one, oldest first."""
		found: list[OpenInvoice] = []
		for party_type in sorted({party_type for party_type, _party in parties}):
			names = [party for kind, party in parties if kind == party_type]
			found += self._read(
				lambda query, candidate: query.where(candidate.party_type == party_type).where(
					candidate.party.isin(names)
				)
			)
		return sorted(found, key=_age)

	def nearest(self) -> list[OpenInvoice]:
		"""Return those nearest in date to the line, at most MOST_DOCUMENTS and one; oldest first."""
		found = self._read(lambda query, candidate: query.orderby(date_distance(self.line, candidate)))
		day = getdate(self.line.doc.date)
		found.sort(key=lambda invoice: (abs((invoice.oldest_by - day).days), _age(invoice)))
		return sorted(found[: MOST_DOCUMENTS + 1], key=_age)

	def parties_with(self, amount: float) -> list[OpenParty]:
		"""Return the parties whose invoices come to at least `amount`.

		Those named in the statement text first, then those whose open amount is nearest; at most
		MOST_PARTIES and one.
		"""
		rows = [row for document_type in self.document_types for row in self._parties(document_type, amount)]
		rows.sort(key=lambda row: (-row.is_named, row.open, row.party))
		return [
			OpenParty(row.party_type, row.party, row.documents, bool(row.is_named))
			for row in rows[: MOST_PARTIES + 1]
		]

	def _parties(self, document_type: DocumentType, amount: float) -> list[frappe._dict]:
		invoice = self._with_party_flag(document_type)
		open_amount = Sum(Case().when(invoice.effect > 0, invoice.effect).else_(0))
		return (
			frappe.qb.from_(invoice)
			.select(
				invoice.party_type,
				invoice.party,
				Count("*").as_("documents"),
				open_amount.as_("open"),
				Max(invoice.is_named).as_("is_named"),
			)
			.groupby(invoice.party_type, invoice.party)
			.having(open_amount >= amount)
			.orderby(Field("is_named"), order=frappe.qb.desc)
			.orderby(Field("open"))
			.orderby(invoice.party)
			.limit(MOST_PARTIES + 1)
			.run(as_dict=True)
		)

	def _with_party_flag(self, document_type: DocumentType) -> Selectable:
		"""Return a query with `is_named`: the party's name is in the statement text.

		A query of its own: text inside an aggregate is not bound as a parameter (P41).
		"""
		candidate = self._candidates(document_type)
		flags = [flag for flag in Ranking(self.line).flags(candidate) if flag.alias == "meets_party_in_text"]
		is_named = flags[0] if flags else ValueWrapper(0)
		query = frappe.qb.from_(candidate).select(candidate.party_type, candidate.party, candidate.effect)
		return query.select(is_named.as_("is_named")).as_("flagged")

	def _read(self, narrow: Callable[[QueryBuilder, Selectable], QueryBuilder]) -> list[OpenInvoice]:
		return sorted(
			(
				invoice
				for document_type in self.document_types
				for invoice in self._rows(document_type, narrow)
			),
			key=_age,
		)

	def _rows(self, document_type: DocumentType, narrow: Callable) -> Iterator[OpenInvoice]:
		candidate = self._candidates(document_type)
		query = frappe.qb.from_(candidate).select(*(candidate[column] for column in COLUMNS))
		query = narrow(query, candidate).orderby(candidate.oldest_by).orderby(candidate.name)
		for row in query.limit(MOST_DOCUMENTS + 1).run(as_dict=True):
			row.effect = to_minor(row.effect, self.line.precision)
			row.oldest_by = getdate(row.oldest_by)
			yield OpenInvoice(document_type.name, document_type.doctype, **row)

	def _candidates(self, document_type: DocumentType) -> Selectable:
		source = self.sources[document_type.name]
		query = source.query(*readable_conditions(document_type.doctype))
		if self.party:
			party_type, party = self.party
			query = query.where(source.columns.party_type == party_type).where(source.columns.party == party)
		return query.select(*(source.columns[column].as_(column) for column in COLUMNS)).as_("candidate")


def _in_own_currency(document_type: DocumentType, line: BankLine) -> Source:
	"""Return the candidates that are owed in the bank account's currency: converted amounts add up by chance."""
	return next(source for source in document_type.offer(line).sources if source.is_own_currency)


def _age(invoice: OpenInvoice) -> tuple:
	"""The order in which the planner serves them."""
	return (invoice.oldest_by, invoice.key)
