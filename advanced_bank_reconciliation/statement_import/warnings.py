# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What should be looked at before a file is imported. None of it keeps anybody from importing."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, formatdate

from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.accounts import period, same_account
from advanced_bank_reconciliation.statement_import.balance import EXCLUDED
from advanced_bank_reconciliation.statement_import.bank_account import Account
from advanced_bank_reconciliation.statement_import.files import PRIVATE
from advanced_bank_reconciliation.statement_import.job import JOB
from advanced_bank_reconciliation.statement_import.reading import Reading
from advanced_bank_reconciliation.statement_import.statement import Line, Statement
from advanced_bank_reconciliation.statement_import.text import shorten

#: Of so many earlier imports the names are shown.
SHOWN = 3

#: Decimals that the database keeps of an amount.
PRECISION = 9


def warnings_about(record: Document, account: Account, reading: Reading, proof: dict[str, Any]) -> list[str]:
	"""Return sentences about the file and this bank account, most serious first."""
	statement = reading.statement
	warnings = [
		_other_account(account, statement),
		_other_currency(account, statement),
		_same_file(record),
		_booked_batches(account, statement),
		_overlap(record, statement),
		_fees(account, statement, proof),
		_public(record),
	]
	return [warning for warning in warnings if warning]


def _other_account(account: Account, statement: Statement) -> str:
	named = statement.account_id
	if not named or not account.numbers or any(same_account(named, number) for number in account.numbers):
		return ""
	return _(
		"The file is of account {0}. Bank Account {1} has {2}. Make sure that it is the right file."
	).format(shorten(named, 60), account.name, ", ".join(account.numbers))


def _other_currency(account: Account, statement: Statement) -> str:
	currencies = {line.currency for line in statement.lines if line.currency} or {statement.currency}
	others = sorted(currency for currency in currencies if currency and currency != account.currency)
	if not others:
		return ""
	return _(
		"The file has amounts in {0}, and Bank Account {1} is in {2}. Those lines are not imported."
	).format(shorten(", ".join(others), 60), account.name, account.currency)


def _same_file(record: Document) -> str:
	names = _earlier(record, content_hash=record.content_hash)
	return _("This very file was imported before: {0}.").format(names) if names else ""


def _overlap(record: Document, statement: Statement) -> str:
	if not statement.from_date or not statement.to_date:
		return ""
	names = _earlier(record, from_date=("<=", statement.to_date), to_date=(">=", statement.from_date))
	if not names:
		return ""
	return _(
		"Parts of the period from {0} to {1} were imported before: {2}. Lines are not added twice."
	).format(formatdate(statement.from_date), formatdate(statement.to_date), names)


def _booked_batches(account: Account, statement: Statement) -> str:
	"""Payments of a collective entry that stands in the books as one line, as where CAMT.053 has the entry and
	CAMT.054 its payments: imported too, they would be there twice."""
	batches = _batches(account, statement)
	booked = _booked(account, batches)
	found = [(lines, booked[total]) for lines in batches if (total := _total(lines)) in booked]
	if not found:
		return ""
	named = "; ".join(
		_("{0} payments make {1}, as {2} of {3}").format(
			len(lines),
			format(sum(line.amount for line in lines), "f"),
			entry.name,
			formatdate(entry.date),
		)
		for lines, entry in found[:SHOWN]
	)
	return _(
		"The payments of {0} collective entries may be in the books already, as one Bank Transaction each: {1}. "
		"Importing them would add the amounts again. Untick these lines, or cancel those Bank Transactions first."
	).format(len(found), named + (" …" if len(found) > SHOWN else ""))


def _batches(account: Account, statement: Statement) -> list[list[Line]]:
	"""Return the lines of each entry that is split into its payments: they have the entry's number."""
	entries: dict[int, list[Line]] = {}
	for line in statement.lines:
		if line.currency in ("", account.currency):
			entries.setdefault(line.number, []).append(line)
	return [lines for lines in entries.values() if len(lines) > 1]


def _booked(account: Account, batches: list[list[Line]]) -> dict[float, Any]:
	"""Return the account's submitted Bank Transactions in the period of the batches, by their signed amount."""
	first, last = period([line for lines in batches for line in lines])
	if not first:
		return {}
	transactions = frappe.get_all(
		"Bank Transaction",
		filters={"bank_account": account.name, "docstatus": 1, "date": ("between", (first, last))},
		fields=["name", "date", "deposit", "withdrawal"],
		order_by="date desc, name desc",
	)
	return {flt(entry.deposit - entry.withdrawal, PRECISION): entry for entry in transactions}


def _total(lines: list[Line]) -> float:
	return flt(sum(line.amount for line in lines), PRECISION)


def _earlier(record: Document, **filters: Any) -> str:
	"""The names of earlier imports into the account of which lines stand. Those of a company that one may see."""
	found = frappe.get_all(
		JOB,
		filters={
			"bank_account": record.bank_account,
			"name": ("!=", record.name),
			"imported": (">", 0),
			"status": ("!=", statuses.REVERTED),
			**filters,
		},
		pluck="name",
		order_by="creation desc",
		limit_page_length=SHOWN + 1,
	)
	return ", ".join(found[:SHOWN]) + (" …" if len(found) > SHOWN else "")


def _fees(account: Account, statement: Statement, proof: dict[str, Any]) -> str:
	if not any(line.fee for line in statement.lines):
		return ""
	if proof["fees"] == EXCLUDED:
		return _(
			"The fees in the file come on top of the amounts, as its balances show: what is imported is both."
		)
	return _("The fees in the file are taken as part of the amounts.")


def _public(record: Document) -> str:
	if (record.file or "").startswith(PRIVATE):
		return ""
	return _("The file is public: who knows its address can read it. Upload statements as private files.")
