# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Why a candidate fits a Bank Transaction: one table, for the points in SQL and for what the user reads.

An empty value never equals an empty value (PITFALLS P40): a criterion that has nothing to compare with does
not exist for that Bank Transaction. Existing vouchers start so far above invoices that need a payment yet
that no date makes up for it (P43). Other apps add criteria by a hook (`criteria`, docs/hooks.md).

All points are positive, and a nearer date never has fewer than a farther one: `nearest` relies on both.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from frappe import _
from frappe.query_builder.functions import Abs, Length, Upper
from frappe.utils import flt, getdate
from pypika.queries import Selectable
from pypika.terms import Case, Criterion, CustomFunction, Term

from advanced_bank_reconciliation.matching.nearest import Probe
from advanced_bank_reconciliation.matching.parties import SHORTEST_NAME, named_in
from advanced_bank_reconciliation.matching.queries.columns import Columns, Hint, Source, exactly
from advanced_bank_reconciliation.vouchers.links import BankLine

EXISTING_VOUCHER_POINTS = 10
UNPAID_INVOICE_POINTS = 1


NEAR_DAYS = 7

#: Shorter words, and words without a digit, are no reference that could be recognised in a text.
SHORTEST_REFERENCE = 4
MOST_REFERENCES = 100

TEXT_FIELDS = ("reference_number", "description", "bank_party_name", "custom_particulars", "custom_code")

_date_difference = CustomFunction("DATEDIFF", ["one", "other"])
_position = CustomFunction("LOCATE", ["part", "text"])

Candidate = Selectable | Columns


@dataclass(frozen=True)
class Rule:
	"""One criterion of the ranking.

	condition: SQL on the candidate's columns; None where this Bank Transaction has nothing to compare with.
	sentence: what the user reads, made from a row that met the condition.
	hints: conditions that an index serves, one of which holds wherever `condition` does. Where there are
	none, `condition` is such a one itself. by_date: it says how near the date is, not which voucher it is.
	"""

	key: str
	points: int
	condition: Callable[[BankLine, Candidate], Criterion | None]
	sentence: Callable[[BankLine, Mapping[str, Any]], str]
	hints: Callable[[BankLine, Source], list[Hint]] | None = None
	by_date: bool = False

	@property
	def flag(self) -> str:
		"""The column that says whether a row met the condition."""
		return f"meets_{self.key}"


def _same_reference(line: BankLine, candidate: Candidate) -> Criterion | None:
	reference = (line.doc.reference_number or "").strip()
	return candidate.reference_no == reference if reference else None


def _named_in_text(line: BankLine, candidate: Candidate) -> Criterion | None:
	references = references_in(statement_text(line))
	return candidate.name.isin(references) if references else None


def _reference_in_text(line: BankLine, candidate: Candidate) -> Criterion | None:
	references = [word for word in references_in(statement_text(line)) if word != line.doc.reference_number]
	return candidate.reference_no.isin(references) if references else None


def _exact_amount(line: BankLine, candidate: Candidate) -> Criterion | None:
	return candidate.effect == line.unallocated_amount


def _same_party(line: BankLine, candidate: Candidate) -> Criterion | None:
	if not (line.doc.party_type and line.doc.party):
		return None
	return (candidate.party_type == line.doc.party_type) & (candidate.party == line.doc.party)


def _party_in_text(line: BankLine, candidate: Candidate) -> Criterion | None:
	text = statement_text(line)
	if not text or line.doc.party:
		return None
	conditions = [
		(candidate.party_type == party_type) & candidate.party.isin(names)
		for party_type, names in named_in(line, text).items()
	]
	return Criterion.any([*conditions, _only_a_name_in_text(text, candidate)])


def _same_party_hints(line: BankLine, source: Source) -> list[Hint]:
	condition = _same_party(line, source.columns)
	return [Hint(condition, source.by_party)] if condition is not None else []


def _parties_in_text(line: BankLine, source: Source) -> list[Hint]:
	"""One condition for each party: an index finds one at a time."""
	found = named_in(line, statement_text(line))
	parties = [(party_type, name) for party_type, names in found.items() for name in names]
	columns = source.columns
	conditions = [
		(columns.party_type == party_type) & (columns.party == name) for party_type, name in parties
	]
	return [Hint(condition, source.by_party) for condition in (*conditions, columns.party.isnull())]


def _only_a_name_in_text(text: str, candidate: Candidate) -> Criterion:
	"""A voucher may say from whom the money is without a party: a Journal Entry's "received from"."""
	named = (Length(candidate.party_name) >= SHORTEST_NAME) & (
		_position(Upper(candidate.party_name), text.upper()) > 0
	)
	return candidate.party.isnull() & named


def _amount_hints(line: BankLine, source: Source) -> list[Hint]:
	return source.amount_hints(exactly(line.unallocated_amount, line)) if source.amount_hints else []


def _without_fee(line: BankLine, candidate: Candidate) -> Criterion | None:
	amounts = amounts_without_fee(line)
	return candidate.effect.isin(amounts) if amounts else None


def _without_fee_hints(line: BankLine, source: Source) -> list[Hint]:
	if not source.amount_hints:
		return []
	amounts = amounts_without_fee(line)
	return [hint for amount in amounts for hint in source.amount_hints(exactly(amount, line))]


def amounts_without_fee(line: BankLine) -> list[float]:
	"""Return what vouchers may be about when the bank took a fee that it has stated.

	An included fee made a deposit smaller, or a withdrawal larger, than what was paid. An excluded fee that
	is still to be taken will do the same: a voucher may be booked after it. Fields of newer versions of
	ERPNext, or of that name.
	"""
	sign = 1 if line.is_deposit else -1
	fees = (_fee(line, "included_fee") * sign, -_fee(line, "excluded_fee") * sign)
	amounts = [flt(line.unallocated_amount + fee, line.precision) for fee in fees if fee]
	return [amount for amount in amounts if amount > 0]


def _fee(line: BankLine, fieldname: str) -> float:
	return flt(line.doc.get(fieldname), line.precision) if line.doc.meta.has_field(fieldname) else 0.0


def _same_date(line: BankLine, candidate: Candidate) -> Criterion | None:
	return candidate.oldest_by == getdate(line.doc.date)


def _near_date(line: BankLine, candidate: Candidate) -> Criterion | None:
	distance = date_distance(line, candidate)
	return (distance > 0) & (distance <= NEAR_DAYS)


RULES = (
	Rule(
		"reference",
		40,
		_same_reference,
		lambda line, row: _("Same reference number: {0}").format(row["reference_no"]),
	),
	Rule(
		"number_in_text",
		30,
		_named_in_text,
		lambda line, row: _("{0} is named in the statement text").format(row["name"]),
	),
	Rule(
		"reference_in_text",
		25,
		_reference_in_text,
		lambda line, row: _("Its reference {0} is named in the statement text").format(row["reference_no"]),
	),
	Rule(
		"amount",
		25,
		_exact_amount,
		lambda line, row: _("Exactly the unallocated amount: {0}").format(
			line.money(line.unallocated_amount)
		),
		_amount_hints,
	),
	Rule(
		"amount_without_fee",
		22,
		_without_fee,
		lambda line, row: _("The amount before the bank's fee: {0}").format(line.money(row["effect"])),
		_without_fee_hints,
	),
	Rule(
		"party",
		20,
		_same_party,
		lambda line, row: _("Same party: {0}").format(row["party_name"] or row["party"]),
		_same_party_hints,
	),
	Rule(
		"party_in_text",
		15,
		_party_in_text,
		lambda line, row: _("{0} is named in the statement text").format(row["party_name"]),
		_parties_in_text,
	),
	Rule("same_date", 6, _same_date, lambda line, row: _("Same date"), by_date=True),
	Rule(
		"near_date",
		3,
		_near_date,
		lambda line, row: _("Within {0} days").format(NEAR_DAYS),
		by_date=True,
	),
)

#: Not on a candidate's columns but on its whole set: in use where some are owed in other currencies.
CURRENCY_POINTS = 4


class Ranking:
	"""The rules for one Bank Transaction.

	mixes_currencies: candidates in other currencies are among those that are ranked; then those in the bank
	account's own have points for it.
	"""

	def __init__(self, line: BankLine, rules: Sequence[Rule] = RULES, mixes_currencies: bool = False):
		self.line = line
		self.rules = rules
		self.mixes_currencies = mixes_currencies

	def flags(self, candidate: Candidate) -> list[Term]:
		"""Return a column of 0 or 1 for each rule that applies to the Bank Transaction."""
		return [
			Case().when(condition, 1).else_(0).as_(rule.flag)
			for rule, condition in self._conditions(candidate)
		]

	def points(self, candidate: Candidate, is_unpaid: bool, is_own_currency: bool = True) -> Term:
		"""Return the column of points."""
		points: Any = UNPAID_INVOICE_POINTS if is_unpaid else EXISTING_VOUCHER_POINTS
		if self.mixes_currencies and is_own_currency:
			points += CURRENCY_POINTS
		for rule, condition in self._conditions(candidate):
			points = Case().when(condition, rule.points).else_(0) + points
		return points

	def probes(self, source: Source) -> list[Probe]:
		"""Return what `nearest` looks for: the rules that say which voucher it is."""
		return [
			Probe(rule.key, hint.condition & condition, hint.index)
			for rule, condition in self._conditions(source.columns)
			if not rule.by_date
			for hint in (rule.hints(self.line, source) if rule.hints else [Hint(condition)])
		]

	def reasons(self, row: Mapping[str, Any]) -> list[str]:
		"""Return in words why the row scored, what counts most first. Plain text: escape before it is HTML."""
		met = [rule for rule in self.rules if row.get(rule.flag)]
		sentences = [(rule.points, rule.sentence(self.line, row)) for rule in met]
		if self.mixes_currencies and row.get("own_currency") == self.line.currency:
			sentences.append((CURRENCY_POINTS, _("In {0} like the bank account").format(self.line.currency)))
		return [sentence for _points, sentence in sorted(sentences, key=lambda pair: -pair[0])]

	def _conditions(self, candidate: Candidate) -> list[tuple[Rule, Criterion]]:
		pairs = [(rule, rule.condition(self.line, candidate)) for rule in self.rules]
		return [(rule, condition) for rule, condition in pairs if condition is not None]


def date_distance(line: BankLine, candidate: Candidate) -> Term:
	"""Return the column of days between the candidate and the Bank Transaction."""
	return Abs(_date_difference(candidate.oldest_by, getdate(line.doc.date)))


def statement_text(line: BankLine) -> str:
	"""Return all that the bank wrote about the transaction."""
	return " ".join(str(line.doc.get(field)) for field in TEXT_FIELDS if line.doc.get(field))


def references_in(text: str) -> list[str]:
	"""Return the words of a statement text that may be a voucher number or a reference.

	Numbers may contain slashes and dashes, and banks glue other words to them with slashes and commas: so
	each word counts as a whole and in its pieces. Also in upper case, since some databases mind the case.
	"""
	found: dict[str, None] = {}
	for word in text.split():
		for piece in (word, *re.split(r"[,;:|()\"'<>+=#]+", word), *re.split(r"[,;:|()\"'<>+=#/]+", word)):
			piece = piece.strip(".,;:-/#()\"'")
			if len(piece) >= SHORTEST_REFERENCE and any(letter.isdigit() for letter in piece):
				found.update({piece: None, piece.upper(): None})
	return list(found)[:MOST_REFERENCES]
