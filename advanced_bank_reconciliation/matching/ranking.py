# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Why a candidate fits a Bank Transaction: one table, for the points in SQL and for what the user reads.

An empty value never equals an empty value (PITFALLS P40): a criterion that has nothing to compare with does
not exist for that Bank Transaction. Existing vouchers start above invoices that need a payment yet (P43).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from frappe import _
from frappe.query_builder.functions import Abs, Length, Upper
from frappe.utils import getdate
from pypika.queries import Selectable
from pypika.terms import Case, Criterion, CustomFunction, Term

from advanced_bank_reconciliation.vouchers.links import BankLine

EXISTING_VOUCHER_POINTS = 3
UNPAID_INVOICE_POINTS = 1

NEAR_DAYS = 7

#: Shorter words, and words without a digit, are no reference that could be recognised in a text.
SHORTEST_REFERENCE = 4
MOST_REFERENCES = 100
SHORTEST_PARTY_NAME = 4

TEXT_FIELDS = ("reference_number", "description", "bank_party_name", "custom_particulars", "custom_code")

_date_difference = CustomFunction("DATEDIFF", ["one", "other"])
_position = CustomFunction("LOCATE", ["part", "text"])


@dataclass(frozen=True)
class Rule:
	"""One criterion of the ranking.

	condition: SQL on the candidate's columns; None where this Bank Transaction has nothing to compare with.
	sentence: what the user reads, made from a row that met the condition.
	"""

	key: str
	points: int
	condition: Callable[[BankLine, Selectable], Criterion | None]
	sentence: Callable[[BankLine, Mapping[str, Any]], str]

	@property
	def flag(self) -> str:
		"""The column that says whether a row met the condition."""
		return f"meets_{self.key}"


def _same_reference(line: BankLine, candidate: Selectable) -> Criterion | None:
	reference = (line.doc.reference_number or "").strip()
	return candidate.reference_no == reference if reference else None


def _named_in_text(line: BankLine, candidate: Selectable) -> Criterion | None:
	references = references_in(statement_text(line))
	return candidate.name.isin(references) if references else None


def _reference_in_text(line: BankLine, candidate: Selectable) -> Criterion | None:
	references = [word for word in references_in(statement_text(line)) if word != line.doc.reference_number]
	return candidate.reference_no.isin(references) if references else None


def _exact_amount(line: BankLine, candidate: Selectable) -> Criterion | None:
	return candidate.effect == line.unallocated_amount


def _same_party(line: BankLine, candidate: Selectable) -> Criterion | None:
	if not (line.doc.party_type and line.doc.party):
		return None
	return (candidate.party_type == line.doc.party_type) & (candidate.party == line.doc.party)


def _party_in_text(line: BankLine, candidate: Selectable) -> Criterion | None:
	text = statement_text(line).upper()
	if not text or line.doc.party:
		return None
	long_enough = Length(candidate.party_name) >= SHORTEST_PARTY_NAME
	return long_enough & (_position(Upper(candidate.party_name), text) > 0)


def _same_date(line: BankLine, candidate: Selectable) -> Criterion | None:
	return candidate.oldest_by == getdate(line.doc.date)


def _near_date(line: BankLine, candidate: Selectable) -> Criterion | None:
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
	),
	Rule(
		"party",
		20,
		_same_party,
		lambda line, row: _("Same party: {0}").format(row["party_name"] or row["party"]),
	),
	Rule(
		"party_in_text",
		15,
		_party_in_text,
		lambda line, row: _("{0} is named in the statement text").format(row["party_name"]),
	),
	Rule("same_date", 6, _same_date, lambda line, row: _("Same date")),
	Rule(
		"near_date",
		3,
		_near_date,
		lambda line, row: _("Within {0} days").format(NEAR_DAYS),
	),
)


def flags(line: BankLine, candidate: Selectable) -> list[Term]:
	"""Return a column of 0 or 1 for each rule that applies to the Bank Transaction."""
	return [_met(condition).as_(rule.flag) for rule, condition in _conditions(line, candidate)]


def rank(line: BankLine, candidate: Selectable, is_unpaid: bool) -> Term:
	"""Return the column of points."""
	points: Any = UNPAID_INVOICE_POINTS if is_unpaid else EXISTING_VOUCHER_POINTS
	for rule, condition in _conditions(line, candidate):
		points = Case().when(condition, rule.points).else_(0) + points
	return points


def reasons(line: BankLine, row: Mapping[str, Any]) -> list[str]:
	"""Return in words why the row scored, what counts most first. Plain text: escape before it is HTML."""
	return [rule.sentence(line, row) for rule in RULES if row.get(rule.flag)]


def date_distance(line: BankLine, candidate: Selectable) -> Term:
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


def _met(condition: Criterion) -> Case:
	return Case().when(condition, 1).else_(0)


def _conditions(line: BankLine, candidate: Selectable) -> list[tuple[Rule, Criterion]]:
	pairs = [(rule, rule.condition(line, candidate)) for rule in RULES]
	return [(rule, condition) for rule, condition in pairs if condition is not None]
