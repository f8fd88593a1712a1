# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Serves one Bank Transaction: asks for its candidates, decides, and links. All in the caller's transaction."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import frappe
from frappe import _

from advanced_bank_reconciliation.allocation.money import to_decimal, to_minor
from advanced_bank_reconciliation.auto import statuses
from advanced_bank_reconciliation.auto.decide import Line, Verdict, decide, named
from advanced_bank_reconciliation.auto.policy import Policy
from advanced_bank_reconciliation.bulk import foreground
from advanced_bank_reconciliation.exceptions import (
	BankTransactionNotOpen,
	ReconcileStepFailed,
	in_words,
	refuse,
)
from advanced_bank_reconciliation.matching.candidates import find_candidates
from advanced_bank_reconciliation.matching.filters import MOST_ROWS, Filters
from advanced_bank_reconciliation.payload import Request
from advanced_bank_reconciliation.permissions import bank_transaction_for_writing
from advanced_bank_reconciliation.transactions import ends_the_run
from advanced_bank_reconciliation.vouchers.bank_ledger import VoucherKey, read_bank_legs
from advanced_bank_reconciliation.vouchers.links import BankLine, Link, cap_links, link_vouchers

SAVE_POINT = "abr_auto_line"

#: Candidates over the exact amount that are looked at: the best, its rival, and more names for a message.
FITTING = 4


@dataclass(frozen=True)
class Result:
	"""What became of a line. voucher: what is linked to it, or in a dry run what would be."""

	outcome: str
	reason: str
	voucher: VoucherKey | None = None
	score: int | None = None
	second_score: int | None = None

	def values(self) -> dict[str, Any]:
		"""Return it by the names of a line's fields; no score is 0."""
		doctype, name = self.voucher or (None, None)
		return {
			"outcome": self.outcome,
			"voucher_type": doctype,
			"voucher": name,
			"score": self.score or 0,
			"second_score": self.second_score or 0,
			"reason": self.reason,
		}


def serve_line(
	bank_transaction: str, policy: Policy, filters: Filters, promised: Collection[VoucherKey] = ()
) -> Result:
	"""Decide about one Bank Transaction and link what the policy says, or only say so in a dry run.

	promised: what a dry run has already given to earlier lines. What is refused, by us or by ERPNext, is
	undone alone and becomes the line's reason; what concerns the whole transaction is raised.
	"""
	frappe.db.savepoint(SAVE_POINT)
	try:
		result = _serve(bank_transaction, policy, filters, promised)
	except Exception as error:
		if ends_the_run(error):
			raise
		frappe.db.rollback(save_point=SAVE_POINT)
		outcome = statuses.SKIPPED if isinstance(error, BankTransactionNotOpen) else statuses.FAILED
		return Result(outcome, in_words(error))
	else:
		frappe.db.release_savepoint(SAVE_POINT)
		return result
	finally:
		frappe.clear_messages()


def _serve(name: str, policy: Policy, filters: Filters, promised: Collection[VoucherKey]) -> Result:
	line = BankLine(bank_transaction_for_writing(name, for_update=not policy.dry_run))
	line.check_open()
	verdict = _ask(line, policy, filters, promised)
	row = verdict.candidate
	key = (row["doctype"], row["name"]) if row else None
	scores = {"score": verdict.score, "second_score": verdict.second_score}
	if not verdict.matched:
		return Result(statuses.SKIPPED, verdict.reason, key, **scores)
	if policy.dry_run:
		return Result(statuses.WOULD_MATCH, verdict.reason, key, **scores)
	if row["document_type"].startswith("unpaid_"):
		paid = _pay(line, row)
		reason = _("Pays {0}. {1}").format(named(row), verdict.reason)
		return Result(statuses.MATCHED, reason, ("Payment Entry", paid), **scores)
	_link(line, key)
	return Result(statuses.MATCHED, verdict.reason, key, **scores)


def _ask(line: BankLine, policy: Policy, filters: Filters, promised: Collection[VoucherKey]) -> Verdict:
	"""The best of all candidates and the best over the exact amount, without what is promised already."""
	facts = Line(line.unallocated_amount, line.precision, line.money)
	if policy.amount_ceiling and facts.minor > to_minor(policy.amount_ceiling, line.precision):
		return decide(facts, policy, None, [])  # needs no candidates to say so
	fitting = _free(line, replace(filters, exact_amount=True), promised, FITTING)
	best = _free(line, filters, promised, 1)
	return decide(facts, policy, best[0] if best else None, fitting)


def _free(
	line: BankLine, filters: Filters, promised: Collection[VoucherKey], wanted: int
) -> list[Mapping[str, Any]]:
	"""Return the best candidates that are not promised, at least `wanted` where there are so many."""
	page_length = wanted
	while True:
		found = find_candidates(line, replace(filters, page_length=page_length))
		free = [
			row
			for row in found["rows"]
			if (row["doctype"], row["name"]) not in promised
			and row["document_type"] in filters.document_types
		]
		if len(free) >= wanted or not found["has_more"] or page_length >= MOST_ROWS:
			return free
		page_length = min(page_length * 8, MOST_ROWS)


def _link(line: BankLine, key: VoucherKey) -> None:
	"""Link an existing voucher, which is locked by this, if it still is over exactly what the line has left."""
	capped = cap_links(line, [Link(*key)])
	left = read_bank_legs([key])[key].remaining(line.gl_account)
	wanted = to_minor(line.unallocated_amount, line.precision)
	if not to_minor(left, line.precision) == to_minor(capped[0].amount, line.precision) == wanted:
		_refuse_changed(line, key)
	link_vouchers(line, capped)


def _pay(line: BankLine, row: Mapping[str, Any]) -> str:
	"""Pay an unpaid invoice by the foreground engine; returns the Payment Entry, linked by it in full."""
	request = Request(row["doctype"], row["name"], to_decimal(row["remaining_amount"]))
	payments = foreground.settle(line.doc.name, [request])["payment_entries"]
	left = frappe.db.get_value("Bank Transaction", line.doc.name, "unallocated_amount")
	if len(payments) != 1 or to_minor(left, line.precision) != 0:
		_refuse_changed(line, (row["doctype"], row["name"]))
	return payments[0]


def _refuse_changed(line: BankLine, key: VoucherKey) -> None:
	refuse(
		ReconcileStepFailed,
		[
			_("{0} {1} changed meanwhile and does not fit {2} any more.").format(
				_(key[0]), key[1], line.money(line.unallocated_amount)
			)
		],
	)
