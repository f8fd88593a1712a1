# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The columns that every set of candidates has, so that ranking, filters and paging are written once.

name, reference_no, reference_date, posting_date, due_date, party_type, party, party_name
party_account         of an unpaid invoice; for all else empty
total_amount          what the voucher is about
remaining_amount      what may still be allocated: positive for vouchers, signed as outstanding for invoices
effect                what all of it takes from the Bank Transaction; negative where it gives back
oldest_by             the date by which the planner orders, and by which nearness is judged
own_currency          the currency in which an invoice is owed; for all else the bank account's
own_remaining_amount  remaining_amount in that currency

Amounts are in the bank account's currency, `own_remaining_amount` alone is not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import frappe
from frappe.query_builder.functions import Coalesce, Round, Sum
from frappe.query_builder.terms import ParameterizedValueWrapper, SubQuery
from frappe.utils import flt
from frappe.utils.caching import request_cache
from pypika.queries import QueryBuilder, Table
from pypika.terms import Criterion, Field, Term, ValueWrapper

from advanced_bank_reconciliation.vouchers.links import BankLine

COLUMNS = (
	"name",
	"reference_no",
	"reference_date",
	"posting_date",
	"due_date",
	"party_type",
	"party",
	"party_name",
	"party_account",
	"total_amount",
	"remaining_amount",
	"effect",
	"oldest_by",
	"own_currency",
	"own_remaining_amount",
)


class Columns:
	"""A candidate's columns as SQL terms, read like those of a table: `candidate.effect`."""

	def __init__(self, **terms: Term):
		unknown = terms.keys() - set(COLUMNS)
		if unknown:
			raise TypeError(f"no columns of a candidate: {', '.join(sorted(unknown))}")
		self._terms = {column: terms.get(column, ValueWrapper(None)) for column in COLUMNS}

	def __getattr__(self, column: str) -> Term:
		try:
			return self.__dict__["_terms"][column]
		except KeyError:
			raise AttributeError(column) from None

	def __getitem__(self, column: str) -> Term:
		return self._terms[column]


@dataclass(frozen=True)
class Piece:
	"""A part of a set of candidates in which `oldest_by` is one field, so that an index can be in its order.

	index: the name of the one that has the whole part together, where that is not the source's `by_date`.
	"""

	condition: Criterion
	date: Field
	index: str | None = None


class Hint(NamedTuple):
	"""A condition that an index serves. index: its name, where the database would rather take another."""

	condition: Criterion
	index: str | None = None


@dataclass
class Source:
	"""One set of candidates of a kind.

	base: FROM with its joins; the voucher's table is in it without an alias.
	columns: the terms of COLUMNS. conditions: what makes a row of `base` a candidate.
	pieces: the set split for `nearest`; every candidate is in exactly one. Without pieces all rows are ranked.
	by_date, by_party: names of the indexes in the order of the dates, of all candidates and of one party's.
	amount_hints: conditions for a given effect; one of them holds wherever it is equal.
	untouched: conditions for any of several amounts, that bring what no Bank Transaction covers yet.
	is_own_currency: its amounts are not converted.
	narrowing: what the user asks for; all of it. alternatives: of these any one. narrowed_by: the name of the
	index that has what is left together, None where the database knows better. always: the key of a rule that
	all of what is left meets.
	"""

	doctype: str
	table: Table
	base: QueryBuilder
	columns: Columns
	conditions: Sequence[Criterion]
	pieces: Sequence[Piece] = ()
	by_date: str | None = None
	by_party: str | None = None
	amount_hints: Callable[[Decimal], list[Hint]] | None = None
	untouched: Callable[[Sequence[float]], list[Criterion]] | None = None
	is_own_currency: bool = True
	narrowing: list[Criterion] = field(default_factory=list)
	alternatives: list[Hint] = field(default_factory=list)
	narrowed_by: str | None = None
	always: str | None = None

	def query(self, *more: Criterion, index: str | None = None) -> QueryBuilder:
		"""Return the query of the candidates, that selects nothing yet, and not of `alternatives`.

		more: further conditions. index: the name of the one to go by.
		"""
		query = self.base
		if index and has_index(self.doctype, index):
			query = query.force_index(index)
		for condition in (*self.conditions, *self.narrowing, *more):
			query = query.where(condition)
		return query

	def any_alternative(self) -> list[Criterion]:
		"""Return the alternatives as one condition, if there are some."""
		if not self.alternatives or self.always:
			return []
		return [Criterion.any(hint.condition for hint in self.alternatives)]


@request_cache
def has_index(doctype: str, name: str) -> bool:
	"""Return whether the site has our index: it may not be migrated yet."""
	return bool(frappe.db.has_index(f"tab{doctype}", name))


class Offer(NamedTuple):
	"""What there is of a kind, and in words what is left out of it."""

	sources: Sequence[Source]
	notices: Sequence[str] = ()


def constant(text: str) -> Term:
	"""Return a column with this text in every row."""
	return ParameterizedValueWrapper(text)


def half_unit(precision: int) -> Decimal:
	"""Return the smallest amount that is rounded up to one unit of so many decimals."""
	return Decimal(5).scaleb(-precision - 1)


def exactly(amount: float, line: BankLine) -> Decimal:
	"""Return the amount as the decimal number that the database compares with."""
	return Decimal(str(amount)).quantize(Decimal(1).scaleb(-line.precision))


def allocated_to(voucher: Field, doctype: str, line: BankLine) -> Term:
	"""Return the column of what submitted Bank Transactions of the line's ledger account cover (P31, P32)."""
	row, query = _links(doctype, line.gl_account)
	return one_value(query.select(Sum(row.allocated_amount)).where(row.payment_entry == voucher), 0)


def one_value(query: QueryBuilder, otherwise: Any = None) -> Term:
	"""Return the column of the one value that the query answers for each row."""
	return Coalesce(SubQuery(query), otherwise)


def allocations(doctype: str, names: Sequence[str], gl_account: str) -> dict[str, float]:
	"""Return the same for some vouchers, by name."""
	row, query = _links(doctype, gl_account)
	query = query.select(row.payment_entry, Sum(row.allocated_amount)).groupby(row.payment_entry)
	return {name: flt(amount) for name, amount in query.where(row.payment_entry.isin(names)).run()}


def _links(doctype: str, gl_account: str) -> tuple[Table, QueryBuilder]:
	row = frappe.qb.DocType("Bank Transaction Payments").as_("link")
	other = frappe.qb.DocType("Bank Transaction").as_("linked_line")
	query = (
		frappe.qb.from_(row)
		.join(other)
		.on(other.name == row.parent)
		.where(row.payment_document == doctype)
		.where(other.docstatus == 1)
		.where(other.bank_account.isin(bank_accounts(gl_account)))
	)
	return row, query


def bank_accounts(gl_account: str) -> list[str]:
	"""Return the Bank Accounts that are kept in the ledger account: one, in ERPNext's own rule."""
	return frappe.get_all("Bank Account", {"account": gl_account}, pluck="name", order_by="name")


def remaining(moved: Term, voucher: Field, doctype: str, line: BankLine) -> Term:
	"""Return what is left of `moved` after what is allocated already, in the currency's precision."""
	return Round(moved - allocated_to(voucher, doctype, line), line.precision)


def not_linked_to(table: Table, doctype: str, line: BankLine) -> list[Criterion]:
	"""Leave out the vouchers that the Bank Transaction is linked to already: a second link is refused."""
	linked = [row.payment_entry for row in line.doc.payment_entries if row.payment_document == doctype]
	return [table.name.notin(linked)] if linked else []


def in_own_currency(line: BankLine, left: Term) -> dict[str, Any]:
	"""Return the columns of a voucher that moves money in the bank account's own currency."""
	return {
		"remaining_amount": left,
		"effect": left,
		"own_currency": constant(line.currency),
		"own_remaining_amount": left,
	}
