# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The policy of an auto reconciliation: when the best candidate of a Bank Transaction is good enough.

It is explicit, travels as an argument and stands on the job record. No flag of the process or the request
decides anything, so none can be lost on the way into a job (PITFALLS P40).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import frappe
from frappe import _
from frappe.utils import sbool

from advanced_bank_reconciliation.allocation.money import to_decimal
from advanced_bank_reconciliation.exceptions import BadPayload, refuse
from advanced_bank_reconciliation.matching.document_types import (
	DOCUMENT_TYPES,
	EXACT_MATCH,
	parse_document_types,
)

#: What holds where neither the call nor the settings say anything.
MINIMUM_SCORE = 45
MARGIN = 10

#: What can be matched without a human look: vouchers and invoices of ERPNext's own books (PITFALLS P36).
KINDS = (
	"payment_entry",
	"journal_entry",
	"sales_invoice",
	"purchase_invoice",
	"unpaid_sales_invoice",
	"unpaid_purchase_invoice",
)

#: A tie is never broken by chance: the second best is behind by at least this, whatever was asked.
SMALLEST_MARGIN = 1


@dataclass(frozen=True)
class Policy:
	"""When a Bank Transaction is matched without a human look.

	minimum_score: points that the best candidate needs. margin_to_second: points by which the second best
	candidate over the same amount must be behind. amount_ceiling: the largest amount, in the bank account's
	currency; 0 for none. document_types: which kinds of candidates count. dry_run: decide, and link nothing.
	"""

	minimum_score: int
	margin_to_second: int
	amount_ceiling: float
	document_types: tuple[str, ...]
	dry_run: bool = False

	@property
	def pays_invoices(self) -> bool:
		"""Whether unpaid invoices count, for which payments are made."""
		return any(DOCUMENT_TYPES[name].is_unpaid for name in self.document_types)

	@property
	def doctypes(self) -> list[str]:
		"""The doctypes of all kinds that count, each once."""
		return list(dict.fromkeys(DOCUMENT_TYPES[name].doctype for name in self.document_types))

	def as_dict(self) -> dict[str, Any]:
		"""Return the policy by the names of its fields; JSON can carry it."""
		return {**asdict(self), "document_types": list(self.document_types)}


def parse_policy(values: Mapping[str, Any]) -> Policy:
	"""Return the policy that a call asks for; what it leaves open is taken from the settings.

	values: minimum_score, margin, amount_ceiling, document_types, dry_run. Raises BadPayload for a number
	that is none or is too small, and for a kind of document that cannot be matched by itself.
	"""
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	return Policy(
		minimum_score=_points(_given(values, "minimum_score", settings.auto_minimum_score, MINIMUM_SCORE)),
		margin_to_second=_points(
			_given(values, "margin", settings.auto_margin, MARGIN), _("Margin to the Second"), SMALLEST_MARGIN
		),
		amount_ceiling=_ceiling(_given(values, "amount_ceiling", settings.auto_amount_ceiling, 0)),
		document_types=_document_types(values.get("document_types")),
		dry_run=bool(sbool(values.get("dry_run") or False)),
	)


def policy_of(job: Mapping[str, Any]) -> Policy:
	"""Return the policy that stands on the record of a run."""
	return Policy(
		minimum_score=int(job["minimum_score"]),
		margin_to_second=int(job["margin"]),
		amount_ceiling=float(job["amount_ceiling"] or 0),
		document_types=tuple(json.loads(job["document_types"])),
		dry_run=bool(job["dry_run"]),
	)


def _given(values: Mapping[str, Any], key: str, setting: Any, default: Any) -> Any:
	"""The first that is there: the argument, the setting, our default. 0 is there, an empty text is not."""
	return next(value for value in (values.get(key), setting, default) if value not in (None, ""))


def _points(value: object, label: str = "", smallest: int = 0) -> int:
	label = label or _("Minimum Score")
	number = _number(value, label)
	if number != int(number) or number < smallest:
		refuse(BadPayload, [_("{0}: {1} is not a whole number from {2} on.").format(label, value, smallest)])
	return int(number)


def _ceiling(value: object) -> float:
	number = _number(value, _("Amount Ceiling"))
	if number < 0:
		refuse(BadPayload, [_("Amount Ceiling: {0} is below zero. Enter 0 for no ceiling.").format(value)])
	return number


def _number(value: object, label: str) -> float:
	try:
		return float(to_decimal(value))
	except ValueError:
		refuse(BadPayload, [_("{0}: {1} is not a number.").format(label, str(value)[:40])])


def _document_types(value: object) -> tuple[str, ...]:
	asked = [name for name in parse_document_types(value) if name != EXACT_MATCH]
	others = [name for name in asked if name not in KINDS]
	if not asked:
		refuse(BadPayload, [_("Choose at least one kind of document.")])
	if others:
		refuse(
			BadPayload,
			[
				_("{0} cannot be matched by itself, only these can: {1}.").format(
					", ".join(others), ", ".join(KINDS)
				)
			],
		)
	return tuple(asked)
