# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What is already in the books of a bank account, as fingerprints (PITFALLS P66, P67).

A Bank Transaction that a statement import has made is known by what the file said, not by its fields, which
are shorter and may have been edited while it is submitted. Any other, made by hand, by amending one, by
ERPNext's importer or by Plaid, is known by its fields.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import frappe
from pypika.queries import QueryBuilder
from pypika.terms import Criterion

from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.duplicates import Fingerprints, fingerprints_of
from advanced_bank_reconciliation.statement_import.job import (
	FINGERPRINTS,
	JOB,
	ROW,
	decimal,
	fingerprints_on,
)
from advanced_bank_reconciliation.statement_import.statement import Line
from advanced_bank_reconciliation.vouchers.bank_line import BANK_TRANSACTION

ID_FIELD = "transaction_id"

#: Fields of a Bank Transaction that a line's texts are in, as far as this version of ERPNext has them.
TEXT_FIELDS = {
	"description": "description",
	"reference_number": "reference",
	"custom_particulars": "particulars",
	"custom_code": "code",
	ID_FIELD: "transaction_id",
	"bank_party_name": "party_name",
	"bank_party_iban": "party_iban",
	"bank_party_account_number": "party_account",
}

#: Ids that one query asks for.
CHUNK = 500


def known_fingerprints(
	bank_account: str,
	period: tuple[date, date] | None,
	ids: Iterable[tuple[str, str]] = (),
	besides: str = "",
) -> dict[str, Fingerprints]:
	"""Return the fingerprints, by name, of each of the account's Bank Transactions that are not cancelled.

	period: of the dates that matter. ids: (fingerprint, text) of the bank's ids, which are known whatever
	their date. besides: an import record of which the lines do not count.
	"""
	found: dict[str, Fingerprints] = {}
	left_out: set[str] = set()
	for row in _rows(bank_account, period, list(ids)):
		if not _is_of_its_line(row, bank_account):
			found.setdefault(row.name, fingerprints_of(_line(row)))
		elif row.parent == besides:
			left_out.add(row.name)
		else:
			found[row.name] = fingerprints_on(row)
	return {name: fingerprints for name, fingerprints in found.items() if name not in left_out}


def _rows(
	bank_account: str, period: tuple[date, date] | None, ids: Sequence[tuple[str, str]]
) -> Iterable[frappe._dict]:
	transaction, line = frappe.qb.DocType(BANK_TRANSACTION), frappe.qb.DocType(ROW)
	if period:
		yield from _query(bank_account, transaction.date[period[0] : period[1]]).run(as_dict=True)
	for start in range(0, len(ids), CHUNK):
		chunk = ids[start : start + CHUNK]
		fingerprints, texts = zip(*chunk, strict=True)
		for condition in (line.id_fingerprint.isin(fingerprints), transaction.transaction_id.isin(texts)):
			yield from _query(bank_account, condition).run(as_dict=True)


def _query(bank_account: str, condition: Criterion) -> QueryBuilder:
	transaction, line, record = map(frappe.qb.DocType, (BANK_TRANSACTION, ROW, JOB))
	meta = frappe.get_meta(BANK_TRANSACTION)
	texts = [transaction[field] for field in TEXT_FIELDS if meta.has_field(field)]
	return (
		frappe.qb.from_(transaction)
		.left_join(line)
		.on((line.bank_transaction == transaction.name) & (line.outcome == statuses.IMPORTED))
		.left_join(record)
		.on(record.name == line.parent)
		.select(transaction.name, transaction.date, transaction.deposit, transaction.withdrawal, *texts)
		.select(line.parent, *(line[field] for field in FINGERPRINTS))
		.select(line.date.as_("line_date"), line.amount, line.fee, record.bank_account)
		.where((transaction.bank_account == bank_account) & (transaction.docstatus < 2) & condition)
	)


def _is_of_its_line(row: frappe._dict, bank_account: str) -> bool:
	"""Whether the Bank Transaction of the row was made of the line that has its name."""
	if not row.exact_fingerprint or row.bank_account != bank_account:
		return False
	return is_made_of(row, {**row, "date": row.line_date})


def is_made_of(transaction: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
	"""Return whether the date and the amount of a Bank Transaction are those of an imported line.

	Frappe gives the name of a deleted document to the next one, so the name alone does not tell.
	line: {date, amount, fee}. Whether the fee came on top (`effect_of`) is judged anew with each correction, so
	either amount will do.
	"""
	amount, booked = decimal(line["amount"]), _amount(transaction)
	moved = (amount, amount - decimal(line["fee"]))
	return transaction["date"] == line["date"] and any(round(booked - each, 6) == 0 for each in moved)


def _amount(transaction: Mapping[str, Any]) -> Decimal:
	return decimal(transaction["deposit"]) - decimal(transaction["withdrawal"])


def _line(row: frappe._dict) -> Line:
	texts: dict[str, Any] = {name: row.get(field) or "" for field, name in TEXT_FIELDS.items()}
	return Line(number=0, date=row.date, value_date=None, amount=_amount(row), **texts)
