# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Rank criteria of other apps, by the hook `bank_rec_rank_criteria` (docs/hooks.md)."""

from collections.abc import Mapping
from typing import Any

import frappe
from frappe import _
from pypika.terms import ValueWrapper

from advanced_bank_reconciliation.exceptions import in_words
from advanced_bank_reconciliation.matching.queries.columns import COLUMNS
from advanced_bank_reconciliation.matching.ranking import RULES, Rule
from advanced_bank_reconciliation.vouchers.links import BankLine

HOOK = "bank_rec_rank_criteria"

#: Points are positive (`nearest` relies on it), and one criterion does not outweigh all others together.
MOST_POINTS = 100


def all_rules(line: BankLine) -> tuple[list[Rule], list[dict[str, str]]]:
	"""Return our rules with those of other apps, and for each app that failed {app, message}.

	Every criterion is tried on nothing first, so that a mistake in one takes no candidate from the user.
	"""
	rules = list(RULES)
	errors: list[dict[str, str]] = []
	for app in frappe.get_installed_apps():
		for method in frappe.get_hooks(HOOK, app_name=app) or []:
			try:
				rules += [_checked(app, entry, line) for entry in frappe.get_attr(method)()]
			except Exception as error:
				frappe.clear_messages()
				frappe.log_error(title=f"{HOOK}: {app}")
				errors.append({"app": app, "message": in_words(error)})
	return rules, errors


def _checked(app: str, entry: object, line: BankLine) -> Rule:
	"""Return the entry as a rule that works for this Bank Transaction. Raises in words what is wrong with it."""
	if not isinstance(entry, Mapping):
		raise TypeError(_("a criterion must be a dict"))
	missing = [key for key in ("key", "points", "condition", "sentence") if not entry.get(key)]
	if missing:
		raise ValueError(_("a criterion without {0}").format(", ".join(missing)))
	points = entry["points"]
	if not isinstance(points, int) or not 0 < points <= MOST_POINTS:
		raise ValueError(
			_("criterion {0}: points must be a whole number from 1 to {1}").format(entry["key"], MOST_POINTS)
		)
	rule = Rule(f"{app}_{frappe.scrub(entry['key'])}", points, entry["condition"], _sentence(app, entry))
	_try_on_nothing(rule, line)
	return rule


def _sentence(app: str, entry: Mapping[str, Any]):
	def sentence(line: BankLine, row: Mapping[str, Any]) -> str:
		try:
			return str(entry["sentence"](line, row))
		except Exception:
			frappe.log_error(title=f"{HOOK}: {app}")
			return str(entry["key"])

	return sentence


def _try_on_nothing(rule: Rule, line: BankLine) -> None:
	"""Let the database read the condition on a candidate without values."""
	nothing = frappe.qb.DocType("Bank Transaction")
	empty = (
		frappe.qb.from_(nothing)
		.select(*(ValueWrapper(None).as_(column) for column in COLUMNS))
		.where(nothing.name == line.doc.name)
		.as_("candidate")
	)
	condition = rule.condition(line, empty)
	if condition is not None:
		frappe.qb.from_(empty).select(empty.name).where(condition).limit(1).run()
