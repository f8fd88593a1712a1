# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The lines that could not be read or were refused, as a file for whoever makes them good elsewhere."""

from typing import Any

import frappe
from frappe import _

from advanced_bank_reconciliation.bulk.report import ReportFile, csv_of
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.job import IMPORTS, LINE_FIELDS, line_of, rows_of

FIELDS = (*LINE_FIELDS, "outcome", "decision", "error")


def problem_lines(name: str) -> ReportFile:
	"""Return the bad and failed lines of an import as CSV, in the order of the file, also those skipped."""
	currency = IMPORTS.read(name).currency
	rows = rows_of(name, FIELDS, statuses.PROBLEMS)
	table = [_titles(), *(_cells(row, currency) for row in rows)]
	return ReportFile(f"{name}_problem_lines.csv", csv_of(table))


def _titles() -> list[str]:
	return [
		_("Row"),
		_("Outcome"),
		_("Decision"),
		_("Reason"),
		_("Date"),
		_("Value Date"),
		_("Amount"),
		_("Currency"),
		_("Description"),
		_("Reference"),
		_("Particulars"),
		_("Code"),
		_("Transaction ID"),
		_("Party Name"),
		_("Party IBAN"),
		_("Party Account"),
		_("In the File"),
	]


def _cells(row: frappe._dict, currency: str | None) -> list[Any]:
	"""A bad line has no amount that could be told from zero, so it gets none."""
	line = line_of(row)
	return [
		line.number,
		_(row.outcome),
		_(row.decision) if row.decision else "",
		row.error,
		line.date,
		line.value_date,
		line.amount or None,
		line.currency or currency,
		line.description,
		line.reference,
		line.particulars,
		line.code,
		line.transaction_id,
		line.party_name,
		line.party_iban,
		line.party_account,
		line.raw,
	]
