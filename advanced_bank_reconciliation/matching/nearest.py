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
from itertools import combinations
from typing import NamedTuple

import frappe
from frappe.utils import getdate
from pypika.terms import Criterion

from advanced_bank_reconciliation.matching.queries.columns import Piece, Source
from advanced_bank_reconciliation.vouchers.links import BankLine

#: Of so many criteria that many candidates meet, all combinations are looked at; of more, all candidates.
MOST_COMMON_CRITERIA = 4


class Probe(NamedTuple):
	"""Candidates that meet the criterion `key`, by a condition that an index serves."""

	key: str
	condition: Criterion


def find_best(
	source: Source, line: BankLine, probes: Sequence[Probe], limit: int, always: str | None = None
) -> list[str] | None:
	"""Return names among which are the best `limit` candidates of the source, or None: better rank them all.

	probes: together those of a criterion bring every candidate that meets it, and none else.
	always: the criterion that every candidate meets.
	"""
	names: dict[str, None] = {}
	common: list[Probe] = []
	for probe in probes:
		found = source.query().select(source.table.name).where(probe.condition).limit(limit).run(pluck=True)
		if len(found) < limit:
			names.update(dict.fromkeys(found))
		else:
			common.append(probe)
	if len(common) > MOST_COMMON_CRITERIA:
		return None
	for met in _combinations(common):
		if always and always not in {probe.key for probe in met}:
			continue
		for piece in source.pieces:
			names.update(dict.fromkeys(_nearest(source, piece, line, met, limit)))
	return list(names)


def _combinations(probes: Sequence[Probe]) -> Iterable[tuple[Probe, ...]]:
	"""Yield all sets of probes with at most one of each criterion, the empty set first."""
	for size in range(len(probes) + 1):
		for met in combinations(probes, size):
			if len({probe.key for probe in met}) == size:
				yield met


def _nearest(source: Source, piece: Piece, line: BankLine, met: Iterable[Probe], limit: int) -> Iterable[str]:
	"""Return the names of the `limit` nearest on either side of the line's date."""
	query = source.query().select(source.table.name, piece.date.as_("dated")).where(piece.condition)
	for probe in met:
		query = query.where(probe.condition)
	day = getdate(line.doc.date)
	after = query.where(piece.date > day).orderby(piece.date).orderby(source.table.name).limit(limit)
	before = (
		query.where(piece.date <= day)
		.orderby(piece.date, order=frappe.qb.desc)
		.orderby(source.table.name, order=frappe.qb.desc)  # the way an index is read backwards
		.limit(limit)
	)
	rows = before.run(as_dict=True)
	names = [row.name for row in after.run(as_dict=True)]
	if len(rows) == limit:
		# of the last date, the names that come first are due
		last = rows[-1].dated
		rows = [row for row in rows if row.dated > last]
		same_date = query.where(piece.date == last).orderby(source.table.name).limit(limit - len(rows))
		names += [row.name for row in same_date.run(as_dict=True)]
	return [*names, *(row.name for row in rows)]
