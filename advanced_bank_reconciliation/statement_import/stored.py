# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What is already in the books of a bank account, as fingerprints (PITFALLS P66, P67).

A Bank Transaction that a statement import has made is known by what the file said, not by its fields, which
are shorter and may have been edited. Any other, made by hand, by ERPNext's importer or by Plaid, is known by
its fields.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import frappe
from pypika.queries import QueryBuilder
from pypika.terms import Criterion

from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.duplicates import Fingerprints, fingerprints_of
from advanced_bank_reconciliation.statement_import.job import FINGERPRINTS, ROW, decimal
from advanced_bank_reconciliation.statement_import.statement import Line
from advanced_bank_reconciliation.vouchers.bank_line import BANK_TRANSACTION

ID_FIELD = "transaction_id"

#: Fields of a Bank Transaction that a line's texts are in, as far as this version of ERPNext has them.
TEXT_FIELDS = {
	"description": "description",
	"reference_number": "reference",
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
) -> Counter[str]:
	"""Return how often each fingerprint occurs among the account's Bank Transactions that are not cancelled.

	period: of the dates that matter. ids: (fingerprint, text) of the bank's ids, which are known whatever
	their date. besides: an import record of which the lines do not count.
	"""
	found: dict[str, Fingerprints] = {}
	for row in _rows(bank_account, period, list(ids)):
		if not besides or row.parent != besides:
			found[row.name] = _fingerprints(row)
	counts: Counter[str] = Counter()
	for fingerprints in found.values():
		counts.update(filter(None, (fingerprints.exact, fingerprints.similar, fingerprints.id)))
	return counts


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
	transaction, line = frappe.qb.DocType(BANK_TRANSACTION), frappe.qb.DocType(ROW)
	meta = frappe.get_meta(BANK_TRANSACTION)
	texts = [transaction[field] for field in TEXT_FIELDS if meta.has_field(field)]
	return (
		frappe.qb.from_(transaction)
		.left_join(line)
		.on((line.bank_transaction == transaction.name) & (line.outcome == statuses.IMPORTED))
		.select(transaction.name, transaction.date, transaction.deposit, transaction.withdrawal, *texts)
		.select(line.parent, *(line[field] for field in FINGERPRINTS))
		.where((transaction.bank_account == bank_account) & (transaction.docstatus < 2) & condition)
	)


def _fingerprints(row: frappe._dict) -> Fingerprints:
	if row.exact_fingerprint:
		return Fingerprints(row.exact_fingerprint, row.similar_fingerprint, row.id_fingerprint or "")
	return fingerprints_of(_line(row))


def _line(row: frappe._dict) -> Line:
	texts: dict[str, Any] = {name: row.get(field) or "" for field, name in TEXT_FIELDS.items()}
	amount = decimal(row.deposit) - decimal(row.withdrawal)
	return Line(number=0, date=row.date, value_date=None, amount=amount, **texts)
