# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Decides over a whole column what a single value leaves open (PITFALLS P69, P70)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from advanced_bank_reconciliation.statement_import.limits import MAX_EXAMPLES
from advanced_bank_reconciliation.statement_import.statement import Question


@dataclass(frozen=True, slots=True)
class Decision:
	"""choice: what the column must be, or "" where nothing in it tells. question: what to ask where that matters.

	Without either, each value means the same under whatever choice fits it: the file is no evidence for the next.
	"""

	choice: str
	question: Question | None = None


def decide(
	field: str,
	values: Iterable[str],
	readings: Callable[[str], Mapping[str, Any]],
	choices: tuple[str, ...],
) -> Decision:
	"""Return the one choice under which every value can be read, or the question.

	readings(value): what the value means under each choice that fits it. Values that fit none are bad under
	any choice and do not vote. Where all readings of every value are alike, there is no need to choose. Where
	they differ, or no choice fits all values, it is asked.
	"""
	distinct = dict.fromkeys(values)
	read = {value: found for value in distinct if (found := readings(value))}
	fitting = [choice for choice in choices if all(choice in found for found in read.values())]
	if all(only(found) is not None for found in read.values()) and len(fitting) > 1:
		return Decision("")
	if fitting and all(_alike(found, fitting) for found in read.values()):
		return Decision(fitting[0])
	offered = fitting or [choice for choice in choices if any(choice in found for found in read.values())]
	telling = [value for value, found in read.items() if not _alike(found, offered)]
	examples = tuple(
		f"{choice}: {value} = {_shown(read[value][choice])}"
		for value in telling[:MAX_EXAMPLES]
		for choice in offered
		if choice in read[value]
	)
	return Decision("", Question(field, tuple(offered), examples[: MAX_EXAMPLES * len(choices)]))


def only(found: Mapping[str, Any]) -> Any:
	"""Return what all readings of a value are alike in, or None where it has none or they differ."""
	values = set(found.values())
	return values.pop() if len(values) == 1 else None


def _alike(found: Mapping[str, Any], choices: list[str]) -> bool:
	first = found.get(choices[0])
	return all(found.get(choice) == first for choice in choices)


def _shown(value: Any) -> str:
	return value.isoformat() if hasattr(value, "isoformat") else format(value, "f")
