# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The functions under which older scripts know auto reconcile."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import frappe
from frappe import _

from advanced_bank_reconciliation.auto import run
from advanced_bank_reconciliation.auto.job import parse_order
from advanced_bank_reconciliation.exceptions import BadPayload, refuse


def start_auto_reconcile(values: Mapping[str, Any]) -> dict[str, Any]:
	"""Carry out an order for the named Bank Transactions, all of one bank account.

	values: the arguments of the tool's function of this name. Raises BadPayload where they are of several
	accounts or unknown.
	"""
	names = _names(values["bank_transactions"])
	accounts = frappe.get_list(
		"Bank Transaction", filters={"name": ("in", names)}, pluck="bank_account", distinct=True
	)
	if len(accounts) != 1:
		refuse(
			BadPayload,
			[_("Name Bank Transactions of one bank account; these are of {0}.").format(len(accounts))],
		)
	order = parse_order({**values, "bank_account": accounts[0]})
	return run.start(replace(order, only=tuple(names)))


def get_auto_reconcile_message(
	partially_reconciled: Collection[str], reconciled: Collection[str]
) -> tuple[str, str]:
	"""Return a sentence about the Bank Transactions and the colour of its indicator."""
	if not partially_reconciled and not reconciled:
		return _("No Bank Transaction was matched: nothing met the policy."), "blue"
	parts = []
	if reconciled:
		parts.append(_("Bank Transactions reconciled: {0}.").format(len(reconciled)))
	if partially_reconciled:
		parts.append(_("Bank Transactions reconciled in part: {0}.").format(len(partially_reconciled)))
	return " ".join(parts), "green"


def _names(value: object) -> list[str]:
	rows = json.loads(value) if isinstance(value, str) else value
	names = [row if isinstance(row, str) else row.get("name") for row in rows]
	if not names or not all(names):
		refuse(BadPayload, [_("Name at least one Bank Transaction.")])
	return list(dict.fromkeys(names))
