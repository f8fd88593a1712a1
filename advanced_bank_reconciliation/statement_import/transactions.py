# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Makes Bank Transactions of lines: with all of ERPNext's validations and events, submitted at once.

A line that ERPNext refuses fails alone, with the reason; the others of its batch stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import frappe
from frappe import _
from frappe.utils import flt

from advanced_bank_reconciliation.bulk.fast_path import fast_path
from advanced_bank_reconciliation.exceptions import in_words, log_unexpected
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.balance import effect_of
from advanced_bank_reconciliation.statement_import.fields import remembered_fields
from advanced_bank_reconciliation.statement_import.job import JOB, line_of
from advanced_bank_reconciliation.statement_import.statement import Line
from advanced_bank_reconciliation.statement_import.stored import ID_FIELD, TEXT_FIELDS
from advanced_bank_reconciliation.transactions import ends_the_run
from advanced_bank_reconciliation.vouchers.bank_line import BANK_TRANSACTION

SAVE_POINT = "abr_statement_line"

#: What a Data field of Frappe holds where the field says nothing else.
DATA_LENGTH = 140


@dataclass(frozen=True, slots=True)
class Result:
	"""What became of a line: the name of its Bank Transaction, or why there is none. note: about the former."""

	row: str
	bank_transaction: str = ""
	error: str = ""

	@property
	def outcome(self) -> str:
		return statuses.IMPORTED if self.bank_transaction else statuses.LINE_FAILED


def insert_batch(job: Mapping[str, Any], rows: Sequence[frappe._dict]) -> list[Result]:
	"""Insert a Bank Transaction for each row of `LINE_FIELDS` in the caller's transaction.

	What is asked for each of them again is asked once. Open lists are told to look again by the last one.
	"""
	batch = [(row.name, line_of(row)) for row in rows]
	taken = _taken_ids([line for _row, line in batch])
	last = len(batch) - 1
	with fast_path(), remembered_fields(BANK_TRANSACTION):
		return [
			_insert_or_refuse(job, row, line, taken, notify=number == last)
			for number, (row, line) in enumerate(batch)
		]


def _insert_or_refuse(job: Mapping[str, Any], row: str, line: Line, taken: set[str], notify: bool) -> Result:
	"""Insert a line, or say why ERPNext refuses it, with nothing left behind.

	The savepoint takes the place of the one before, which has the same name: none needs to be released.
	"""
	frappe.db.savepoint(SAVE_POINT)
	try:
		result = _insert(job, row, line, taken, notify)
	except Exception as error:
		if ends_the_run(error):
			raise
		frappe.db.rollback(save_point=SAVE_POINT)
		frappe.clear_messages()
		if isinstance(error, frappe.UniqueValidationError) and _usable_id(line, taken)[0]:
			# Somebody else has taken the id since it was looked for: the line must not be lost for that.
			taken.add(_folded(line))
			return _insert_or_refuse(job, row, line, taken, notify)
		log_unexpected(error, _("Bank statement import"), JOB, job["name"])
		return Result(row, error=_("ERPNext has refused the line: {0}").format(in_words(error)))
	finally:
		frappe.clear_messages()
	return result


def _insert(job: Mapping[str, Any], row: str, line: Line, taken: set[str], notify: bool) -> Result:
	with_id, note = _usable_id(line, taken)
	values = values_for(job, line, with_id)
	document = frappe.get_doc({"doctype": BANK_TRANSACTION, "docstatus": 1, **values})
	document.flags.notify_update = notify
	document.insert()
	if with_id:
		taken.add(_folded(line))
	return Result(row, document.name, note)


def _folded(line: Line) -> str:
	"""The id as the database compares it."""
	return line.transaction_id.casefold()


def values_for(job: Mapping[str, Any], line: Line, with_id: bool = True) -> dict[str, Any]:
	"""Return the fields of the line's Bank Transaction, as far as this version of ERPNext has them.

	job: {bank_account, company, currency, fees}. Texts that are longer than their field are cut; the
	record keeps them whole.
	"""
	meta = frappe.get_meta(BANK_TRANSACTION)
	moved = effect_of(line, job["fees"] or "")
	values = {
		"date": line.date,
		"bank_account": job["bank_account"],
		"company": job["company"],
		"currency": job["currency"],
		"deposit": flt(moved) if moved > 0 else 0.0,
		"withdrawal": flt(-moved) if moved < 0 else 0.0,
	}
	for fieldname, name in TEXT_FIELDS.items():
		if fieldname != ID_FIELD and (text := getattr(line, name)):
			values[fieldname] = _cut(text, meta.get_field(fieldname))
	if with_id and line.transaction_id:
		values[ID_FIELD] = line.transaction_id
	if line.fee and line.fee > 0:
		# What the bank has moved includes the fee now, whether the file's amount did or not.
		values["included_fee"] = flt(line.fee)
	return {fieldname: value for fieldname, value in values.items() if meta.has_field(fieldname)}


def _cut(text: str, field: Any) -> str:
	"""Return the text as far as the field holds it, with a mark that some is missing."""
	if not field or field.fieldtype != "Data":
		return text
	length = field.length or DATA_LENGTH
	return text if len(text) <= length else text[: length - 1] + "…"


def _usable_id(line: Line, taken: set[str]) -> tuple[bool, str]:
	"""Return whether the id of the bank can be a Bank Transaction's, and what to note where it cannot."""
	identity = line.transaction_id
	if not identity:
		return False, ""
	if len(identity) > DATA_LENGTH:
		return False, _("Imported without its transaction ID, which is longer than the field.")
	if _folded(line) in taken:
		return False, _("Imported without its transaction ID, which another Bank Transaction has.")
	return True, ""


def _taken_ids(lines: Sequence[Line]) -> set[str]:
	"""Return which of the lines' ids a Bank Transaction has, of whatever account and state: ERPNext 15 keeps
	them unique over all (VERSIONS.md). Without case, as the database compares."""
	field = frappe.get_meta(BANK_TRANSACTION).get_field(ID_FIELD)
	ids = [line.transaction_id for line in lines if line.transaction_id]
	if not ids or not field or not field.unique:
		return set()
	found = frappe.get_all(
		BANK_TRANSACTION, filters={ID_FIELD: ("in", ids)}, pluck=ID_FIELD, limit_page_length=0
	)
	return {identity.casefold() for identity in found}
