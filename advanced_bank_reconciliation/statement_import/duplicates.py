# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Tells new lines from those that were imported before (PITFALLS P66, P67).

The bank's own id comes first, together with the amount and a date or a text that agrees; without one a line
is known by date, amount and its normalised texts. Lines that are equal in all of that are counted: two equal
purchases on one day stay two, and a second import of the file adds nothing.
"""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from advanced_bank_reconciliation.statement_import.statement import Line

NEW, DUPLICATE, POSSIBLE_DUPLICATE = "New", "Duplicate", "Possible Duplicate"

#: So far a bank may move the date of a booking: less than a week, the shortest time between two standing orders.
NEAR = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Fingerprints:
	"""exact: the same booking. similar: the same date and amount. id: the same id of the bank, or "".

	text: with an id, the same texts, else "". day: the date of the line.
	"""

	day: date
	exact: str
	similar: str
	id: str
	text: str


def fingerprints_of(line: Line) -> Fingerprints:
	"""Return what a line is recognised by. Deterministic across versions and machines.

	With an id of the bank, the amount is part of the exact fingerprint: a bank that uses an id again for
	another amount does not make a booking vanish, it makes a possible duplicate.
	"""
	amount = _plain(line.amount)
	day = line.date.isoformat()
	identity = normalised(line.transaction_id)
	similar = _digest("like", day, amount)
	texts = [line.description, line.reference, line.party_name, line.party_iban, line.party_account]
	texts = [normalised(text) for text in texts]
	if not identity:
		return Fingerprints(line.date, _digest("text", day, amount, *texts), similar, "", "")
	exact, text = _digest("id", identity, amount), _digest("texts", *texts)
	return Fingerprints(line.date, exact, similar, _digest("same id", identity), text)


def classify(found: Sequence[Fingerprints], known: Sequence[Fingerprints]) -> list[str]:
	"""Return the outcome of each line of a file, in their order. known: of the lines in the books.

	Duplicate: a known line, each of which stands for one, has the same date, amount and texts; or the same id
	and amount, and in addition the same date, or the same texts and a date near it. An id alone proves nothing
	far from its date: there are banks whose ids begin anew in every file.
	Possible duplicate: a known line that no line of this file has been matched with has the same id, or the
	same date and amount; or the id of the bank has come before in this file. The rest is new.
	"""
	lines = list(range(len(found)))
	lines, known = _match(found, lines, known, lambda item: (item.exact, item.similar), timedelta(0))
	lines, known = _match(found, lines, known, lambda item: (item.exact, item.text), NEAR)
	outcomes = [DUPLICATE] * len(found)
	left = Counter(mark for item in known for mark in (item.similar, item.id))
	unmatched, ids = set(lines), set()
	for index, fingerprints in enumerate(found):
		if index in unmatched:
			outcomes[index] = POSSIBLE_DUPLICATE if _resembles(fingerprints, left, ids) else NEW
		ids.add(fingerprints.id)
	return outcomes


def _match(
	found: Sequence[Fingerprints],
	lines: Sequence[int],
	known: Sequence[Fingerprints],
	group: Callable[[Fingerprints], tuple[str, str]],
	reach: timedelta,
) -> tuple[list[int], list[Fingerprints]]:
	"""Match lines, given by their index, with known ones of the same group whose date is within reach.

	Returns what is left of both. In order of dates and texts, so that the order of the file does not matter.
	"""
	waiting: defaultdict[tuple[str, str], deque[Fingerprints]] = defaultdict(deque)
	for item in sorted(known, key=_in_order):
		waiting[group(item)].append(item)
	unmatched, left = [], []
	for index in sorted(lines, key=lambda index: _in_order(found[index])):
		line = found[index]
		queue = waiting[group(line)]
		while queue and queue[0].day < line.day - reach:
			left.append(queue.popleft())
		if queue and queue[0].day <= line.day + reach:
			queue.popleft()
		else:
			unmatched.append(index)
	left += [item for queue in waiting.values() for item in queue]
	return unmatched, left


def _in_order(fingerprints: Fingerprints) -> tuple[date, str]:
	return fingerprints.day, fingerprints.text


def _resembles(fingerprints: Fingerprints, left: Counter[str], ids: set[str]) -> bool:
	"""Whether a known line is left that this may be; that line is then taken."""
	if fingerprints.id and (left[fingerprints.id] > 0 or fingerprints.id in ids):
		left.subtract((fingerprints.id, fingerprints.similar))
		return True
	if left[fingerprints.similar] > 0:
		left[fingerprints.similar] -= 1
		return True
	return False


def resembled(
	found: Sequence[Fingerprints], outcomes: Sequence[str], known: Mapping[str, Fingerprints]
) -> list[str]:
	"""Return for each line the name of the known one that it is, or may be, the same as; "" for the others.

	outcomes: of `classify`. known: what is in the books, by name. Each is named once as long as there are
	others, for certain duplicates first. A line that only repeats an id of its own file resembles none.
	"""
	names: defaultdict[str, deque[str]] = defaultdict(deque)
	for name, fingerprints in known.items():
		for mark in _marks(fingerprints):
			names[mark].append(name)
	taken: set[str] = set()
	answer = [""] * len(found)
	for outcome in (DUPLICATE, POSSIBLE_DUPLICATE):
		for index, fingerprints in enumerate(found):
			if outcomes[index] == outcome:
				answer[index] = _named([names[mark] for mark in _marks(fingerprints) if mark in names], taken)
				taken.add(answer[index])
	return answer


def _marks(fingerprints: Fingerprints) -> list[str]:
	"""Return what a line may have in common with a known one, the surest first."""
	exact, similar = fingerprints.exact, fingerprints.similar
	marks = (
		exact + similar,
		fingerprints.text and exact + fingerprints.text,
		exact,
		fingerprints.id,
		similar,
	)
	return [mark for mark in marks if mark]


def _named(choices: Sequence[deque[str]], taken: set[str]) -> str:
	"""Return the first name that is not taken yet; where all are, the last of the surest choice."""
	for names in choices:
		while len(names) > 1 and names[0] in taken:
			names.popleft()
		if names[0] not in taken:
			return names[0]
	return choices[0][0] if choices else ""


def normalised(text: str) -> str:
	"""Return the letters and digits of a text: exports differ in case, spaces, punctuation and accents' form."""
	return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _plain(amount: Decimal) -> str:
	"""The amount without trailing zeros: 10, 10.0 and 10.00 are one."""
	return format(amount.normalize() + 0, "f")


def _digest(*parts: str) -> str:
	return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]
