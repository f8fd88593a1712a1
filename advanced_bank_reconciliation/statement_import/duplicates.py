# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Tells new lines from those that were imported before (PITFALLS P66, P67).

The bank's own id comes first; without one a line is known by date, amount and its normalised texts. Lines
that are equal in all of that are counted: two equal purchases on one day stay two, and a second import of
the file adds nothing.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from advanced_bank_reconciliation.statement_import.statement import Line

NEW, DUPLICATE, POSSIBLE_DUPLICATE = "New", "Duplicate", "Possible Duplicate"


@dataclass(frozen=True, slots=True)
class Fingerprints:
	"""exact: the same booking. similar: the same date and amount. id: the same id of the bank, or ""."""

	exact: str
	similar: str
	id: str


@dataclass(frozen=True, slots=True)
class Verdict:
	"""outcome: NEW, DUPLICATE or POSSIBLE_DUPLICATE. occurrence: the how-manieth of its kind in the file."""

	line: Line
	fingerprints: Fingerprints
	outcome: str
	occurrence: int


def fingerprints_of(line: Line) -> Fingerprints:
	"""Return what a line is recognised by. Deterministic across versions and machines.

	With an id of the bank, the amount is part of the exact fingerprint: a bank that uses an id again for
	another amount does not make a booking vanish, it makes a possible duplicate.
	"""
	amount = _plain(line.amount)
	day = line.date.isoformat()
	identity = normalised(line.transaction_id)
	if identity:
		exact = _digest("id", identity, amount)
	else:
		texts = (line.description, line.reference, line.party_name, line.party_iban, line.party_account)
		exact = _digest("text", day, amount, *map(normalised, texts))
	return Fingerprints(exact, _digest("like", day, amount), _digest("same id", identity) if identity else "")


def count_fingerprints(lines: Iterable[Line]) -> Counter[str]:
	"""Return how often each fingerprint, of every kind, occurs: what `classify` takes as known."""
	counts: Counter[str] = Counter()
	for line in lines:
		found = fingerprints_of(line)
		counts.update(filter(None, (found.exact, found.similar, found.id)))
	return counts


def classify(lines: Iterable[Line], known: Mapping[str, int]) -> list[Verdict]:
	"""Return a verdict for each line, in their order.

	known: counts of the fingerprints that were imported before (`count_fingerprints`).

	Duplicate: as many of the same fingerprint are known as have come in the file. Possible duplicate: a
	known line that no line of this file has been matched with has the same id, or the same date and amount;
	or the id of the bank has come before in this file. The rest is new.
	"""
	lines = list(lines)
	found = [fingerprints_of(line) for line in lines]
	return [
		Verdict(line, fingerprints, outcome, occurrence)
		for line, fingerprints, (outcome, occurrence) in zip(
			lines, found, classify_fingerprints(found, known), strict=True
		)
	]


def classify_fingerprints(found: Sequence[Fingerprints], known: Mapping[str, int]) -> list[tuple[str, int]]:
	"""Return (outcome, occurrence) for lines of which the fingerprints are known, as `classify` does."""
	left = Counter(known)
	seen: Counter[str] = Counter()
	occurrences, outcomes = [], []
	for fingerprints in found:
		seen[fingerprints.exact] += 1
		occurrences.append(seen[fingerprints.exact])
		duplicate = left[fingerprints.exact] > 0
		if duplicate:
			left.subtract(filter(None, (fingerprints.exact, fingerprints.similar, fingerprints.id)))
		outcomes.append(DUPLICATE if duplicate else NEW)
	ids: set[str] = set()
	for index, fingerprints in enumerate(found):
		if outcomes[index] == NEW and _resembles(fingerprints, left, ids):
			outcomes[index] = POSSIBLE_DUPLICATE
		ids.add(fingerprints.id)
	return list(zip(outcomes, occurrences, strict=True))


def _resembles(fingerprints: Fingerprints, left: Counter[str], ids: set[str]) -> bool:
	"""Whether a known line is left that this may be; that line is then taken."""
	if fingerprints.id and (left[fingerprints.id] > 0 or fingerprints.id in ids):
		left.subtract((fingerprints.id, fingerprints.similar))
		return True
	if left[fingerprints.similar] > 0:
		left[fingerprints.similar] -= 1
		return True
	return False


def normalised(text: str) -> str:
	"""Return the letters and digits of a text: exports differ in case, spaces, punctuation and accents' form."""
	return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _plain(amount: Decimal) -> str:
	"""The amount without trailing zeros: 10, 10.0 and 10.00 are one."""
	return format(amount.normalize() + 0, "f")


def _digest(*parts: str) -> str:
	return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]
