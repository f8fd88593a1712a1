# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Whether the balances of a statement add up, in words and as values of the record."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from frappe import _

from advanced_bank_reconciliation.statement_import.balance import BalanceProof, effect_of, prove
from advanced_bank_reconciliation.statement_import.statement import Statement


def proof_values(statement: Statement, bad: int | None = None) -> dict[str, Any]:
	"""Return the record's fields about the proof. bad: rows that could not be read; else the file's problems."""
	if statement.questions:
		return {"proof": None, "proof_message": "", "fees": ""}
	proof = prove(statement)
	rows = len([problem for problem in statement.problems if problem.line]) if bad is None else bad
	broken = proof.first_break
	facts = {
		"proven": proof.proven,
		"message": _message(proof, rows),
		"line": broken.line if broken else None,
		"expected": _plain(broken.expected if broken else _expected(proof)),
		"found": _plain(broken.found if broken else proof.closing),
		"difference": _plain(broken.difference if broken else proof.difference),
	}
	return {"proof": json.dumps(facts), "proof_message": facts["message"], "fees": proof.fees}


def balances_of(statement: Statement) -> dict[str, Any]:
	"""Return the record's balances and totals. Those that the file states are kept apart, as text."""
	empty = statement.questions or not (statement.lines or statement.opening_balance is not None)
	proof = None if empty else prove(statement)
	opening, closing = (proof.opening, proof.closing) if proof else (None, None)
	effects = [effect_of(line, proof.fees) for line in statement.lines] if proof else []
	return {
		"opening_balance": opening or Decimal(0),
		"closing_balance": closing or Decimal(0),
		"has_opening_balance": int(opening is not None),
		"has_closing_balance": int(closing is not None),
		"stated_opening_balance": _plain(statement.opening_balance),
		"stated_closing_balance": _plain(statement.closing_balance),
		"deposits": _total(effects, 1),
		"withdrawals": _total(effects, -1),
	}


def _total(effects: Sequence[Decimal], sign: int) -> Decimal:
	return sum((abs(effect) for effect in effects if effect * sign > 0), Decimal(0))


def _expected(proof: BalanceProof) -> Decimal | None:
	return None if proof.opening is None else proof.opening + proof.total


def _message(proof: BalanceProof, bad: int) -> str:
	if proof.proven is None:
		return _without_proof(proof)
	if proof.proven:
		if proof.running:
			return _("The lines account for the balances, step by step ({0} compared).").format(proof.running)
		return _("The opening balance and the lines add up to the closing balance.")
	if bad:
		return " ".join([_broken(proof), _("{0} rows could not be read; that may be why.").format(bad)])
	return _broken(proof)


def _without_proof(proof: BalanceProof) -> str:
	if proof.closing is not None:
		return _(
			"The file has a closing balance, {0}, but no opening balance and no balance after each line. "
			"The lines cannot be proven with it: compare it with the books after the import."
		).format(_plain(proof.closing))
	if proof.opening is not None:
		return _(
			"The file has an opening balance, {0}, but no closing balance and no balance after each line. "
			"The lines cannot be proven with it: compare it with the books before the import."
		).format(_plain(proof.opening))
	return _("The file has no balances that the lines could be compared with.")


def _broken(proof: BalanceProof) -> str:
	if found := proof.first_break:
		return _("After row {0} the balance should be {1}, but the file says {2}: {3} differ.").format(
			found.line, _plain(found.expected), _plain(found.found), _plain(abs(found.difference))
		)
	return _("Opening balance and lines make {0}, but the closing balance is {1}: {2} differ.").format(
		_plain(_expected(proof)), _plain(proof.closing), _plain(abs(proof.difference or 0))
	)


def _plain(amount: Decimal | None) -> str | None:
	return None if amount is None else format(amount, "f")
