# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Finds the best candidates without ranking all of them, exactly.

A rank is a sum of points, one lot for each criterion met and some for a near date, and of the same rank the
nearer date comes first, then the name. Points are positive, and nearer dates never have fewer of them. So of
two candidates of one set, where the nearer one meets all criteria that the other meets, the nearer one comes
first. Therefore the best N are all among

- the candidates that meet a criterion which fewer than N meet, all of which are read, and
- for each combination of the other criteria, none of them included: the N nearest that meet the combination.

Either is a short walk through an index: a criterion that is selective finds few rows, and one that is not is
combined with the order of the dates. What is found this way is ranked by the database like everything else.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple

import frappe
from frappe.utils import getdate
from pypika.queries import QueryBuilder, Table
from pypika.terms import Criterion, Field

from advanced_bank_reconciliation.install import INDEXES
from advanced_bank_reconciliation.matching.queries.columns import Hint, Piece, Source, has_index
from advanced_bank_reconciliation.vouchers.links import BankLine

#: Of a narrowed set, so many candidates are simply all read.
MOST_READ = 1000

#: Of so many criteria that many candidates meet, all combinations are looked at; of more, all candidates.
MOST_COMMON_CRITERIA = 4


class Probe(NamedTuple):
	"""Candidates that meet the criterion `key`. index: the name of the one in whose order of dates they are."""

	key: str
	condition: Criterion
	index: str | None


def find_best(source: Source, line: BankLine, probes: Sequence[Probe], limit: int) -> list[str] | None:
	"""Return names among which are the best `limit` candidates of the source, or None: better rank them all.

	probes: together those of a criterion bring every candidate that meets it, and none else.
	"""
	if source.narrowing or source.alternatives:
		names = _read_all(source, max(limit, MOST_READ))
		if names is not None:
			return names
	names, common = _meet_rare_criteria(source, probes, limit)
	if len(common) > MOST_COMMON_CRITERIA:
		return None
	pieces = [piece for piece in source.pieces if _has_some(source, piece)]
	for met in _combinations(common):
		if source.always in {None, *(probe.key for probe in met)}:
			names.update(dict.fromkeys(_nearest(source, pieces, line, met, limit)))
	return list(names)


def _has_some(source: Source, piece: Piece) -> bool:
	return bool(source.query(piece.condition).select(source.table.name).limit(1).run())


def _read_all(source: Source, most: int) -> list[str] | None:
	"""Return the names of all candidates, if there are not more than `most`."""
	names: dict[str, None] = {}
	hints = source.alternatives or [Hint(Criterion.all(), source.narrowed_by)]
	for hint in hints:
		query = source.query(hint.condition, index=hint.index).select(source.table.name)
		found = query.limit(most + 1).run(pluck=True)
		if len(found) > most:
			return None
		names.update(dict.fromkeys(found))
	return list(names)


def _meet_rare_criteria(
	source: Source, probes: Sequence[Probe], limit: int
) -> tuple[dict[str, None], list[Probe]]:
	"""Return the names that the probes with fewer than `limit` candidates bring, and the other probes."""
	names: dict[str, None] = {}
	common: list[Probe] = []
	asked = source.any_alternative()
	for probe in probes:
		query = source.query(*asked, probe.condition).select(source.table.name)
		found = query.limit(limit).run(pluck=True)
		if len(found) < limit:
			names.update(dict.fromkeys(found))
		else:
			common.append(probe)
	return names, common


def _combinations(probes: Sequence[Probe]) -> Iterable[tuple[Probe, ...]]:
	"""Yield all sets of probes with at most one of each criterion, the empty set first."""
	for size in range(len(probes) + 1):
		for met in combinations(probes, size):
			if len({probe.key for probe in met}) == size:
				yield met


def _nearest(
	source: Source, pieces: Iterable[Piece], line: BankLine, met: Sequence[Probe], limit: int
) -> list[str]:
	"""Return the names of the `limit` nearest of all pieces, and of all that are as far as the last of them."""
	day = getdate(line.doc.date)
	rows = [row for piece in pieces for row in _nearest_of_piece(source, piece, day, met, limit)]
	distances = sorted(abs((row.dated - day).days) for row in rows)[:limit]
	return [row.name for row in rows if abs((row.dated - day).days) <= distances[-1]]


def _nearest_of_piece(
	source: Source, piece: Piece, day: date, met: Sequence[Probe], limit: int
) -> list[frappe._dict]:
	"""Return (name, dated) of the `limit` nearest on either side of the day."""
	conditions = [*source.any_alternative(), piece.condition, *(probe.condition for probe in met)]
	whole = piece.index or source.narrowed_by or source.by_date
	index = met[0].index if met else whole
	query, table = source.query(*conditions, index=index), source.table
	if index == source.by_date and (source.narrowing or source.alternatives):
		query, table = _walk(source, conditions)
	name, dated = table.name, table[piece.date.name]
	query = query.select(name, dated.as_("dated"))
	after = query.where(dated > day).orderby(dated).orderby(name).limit(limit).run(as_dict=True)
	before = (
		query.where(dated <= day)
		.orderby(dated, order=frappe.qb.desc)
		.orderby(name, order=frappe.qb.desc)  # the way an index is read backwards
		.limit(limit)
		.run(as_dict=True)
	)
	if len(before) == limit:
		# of the last date, the names that come first are due
		last = before[-1].dated
		before = [row for row in before if row.dated > last]
		before += query.where(dated == last).orderby(name).limit(limit - len(before)).run(as_dict=True)
	return [*after, *before]


def _walk(source: Source, conditions: Iterable[Criterion]) -> tuple[QueryBuilder, Table]:
	"""Return a query that goes along the index by itself and reads only rows that the index does not rule out.

	A filter may leave little of a long way, and reading an index backwards MariaDB would look at every row.
	"""
	walk = frappe.qb.DocType(source.doctype).as_("walk")
	fields = set(INDEXES[source.doctype][source.by_date])
	query = frappe.qb.from_(walk)
	if has_index(source.doctype, source.by_date):
		query = query.force_index(source.by_date)
	query = query.join(source.table).on(source.table.name == walk.name)
	everything = [*source.conditions, *source.narrowing, *conditions]
	for condition in everything:
		query = query.where(condition)
	for condition in everything:
		used = condition.find_(Field)
		if used and all(field.table == source.table and field.name in fields for field in used):
			query = query.where(condition.replace_table(source.table, walk))
	return query, walk
