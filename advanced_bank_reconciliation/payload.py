# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Turns what a caller sent into requests, or says in the user's words what is wrong with it.

Accepts JSON text or lists, the field names of PUBLIC_API.md and those that a data table row brings along.
Nothing here reads the database, except what the doctypes are that other apps declare.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import frappe
from frappe import _

from advanced_bank_reconciliation.allocation.money import to_decimal
from advanced_bank_reconciliation.exceptions import BadPayload, SelectionRefused, refuse

INVOICE_DOCTYPES = ("Sales Invoice", "Purchase Invoice")
VOUCHER_DOCTYPES = (
	"Payment Entry",
	"Journal Entry",
	"Sales Invoice",
	"Purchase Invoice",
	"Bank Transaction",
)

#: What a Payment Entry of a bulk reconciliation is made for: each invoice, or each party.
PER_INVOICE = "Invoice"
PER_PARTY = "Party"
WAYS = (PER_INVOICE, PER_PARTY)

#: ERPNext's hook by which apps declare what else can be reconciled, such as Expense Claims.
HOOK = "bank_reconciliation_doctypes"

#: Names under which older callers send an unpaid invoice; mapped, never stored (PUBLIC_API.md).
PSEUDO_DOCTYPES = {
	"Unpaid Sales Invoice": "Sales Invoice",
	"Unpaid Purchase Invoice": "Purchase Invoice",
}

DOCTYPE_KEYS = ("doctype", "payment_doctype")
NAME_KEYS = ("name", "payment_name")
AMOUNT_KEYS = ("allocated_amount", "amount")

#: What a row of the candidate table carries beside what is asked for. Never believed, so never read.
INFORMATIVE_KEYS = frozenset(
	"rank paid_amount outstanding_amount reference_no reference_date party party_type party_name"
	" posting_date due_date currency company idx".split()
)

MOST_ROWS = 10_000

#: A message describes this many malformed rows, and counts the others.
MOST_PROBLEMS = 50


@dataclass(frozen=True)
class Request:
	"""One selected document: an unpaid invoice to be paid, or a voucher to be linked.

	amount is what the user wants of it, in the bank account's currency and signed like the document's
	own outstanding amount; None asks for as much as there is.
	"""

	doctype: str
	name: str
	amount: Decimal | None

	@property
	def key(self) -> tuple[str, str]:
		return (self.doctype, self.name)


@dataclass(frozen=True)
class Difference:
	"""Where a small difference between the selection and the Bank Transaction is to be booked (P21).

	cost_center: empty for the company's default one.
	"""

	account: str
	cost_center: str | None = None


def parse_difference(account: object, cost_center: object) -> Difference | None:
	"""Return where a difference is booked, or None when none is to be. Raises BadPayload."""
	for label, value in ((_("Difference account"), account), (_("Difference cost center"), cost_center)):
		if not isinstance(value, str | None):
			refuse(BadPayload, [_("{0}: a name is needed.").format(label)])
	account, cost_center = (account or "").strip(), (cost_center or "").strip()
	return Difference(account, cost_center or None) if account else None


def parse_payment_entries_per(value: object) -> str | None:
	"""Return one of `WAYS`, or None where it is left to the settings. Raises BadPayload."""
	if value in (None, ""):
		return None
	if value not in WAYS:
		refuse(BadPayload, [_("Payment Entries per: {0} is not one of {1}.").format(value, ", ".join(WAYS))])
	return value


def parse_invoices(value: object) -> list[Request]:
	"""Return the requested invoices, exact repetitions counted once. Raises BadPayload, SelectionRefused."""
	return _parse(value, _("Invoices"), INVOICE_DOCTYPES)


def parse_vouchers(value: object) -> list[Request]:
	"""Return the requested existing vouchers. Raises BadPayload, SelectionRefused."""
	return _parse(value, _("Vouchers"), voucher_doctypes())


def voucher_doctypes() -> tuple[str, ...]:
	"""Return the closed list of what can be linked: ours, and the doctypes that other apps declare.

	Left out is what is no doctype, as the pseudo names that an older app declares ("Unpaid Sales Invoice"),
	and what has no `clearance_date`: ERPNext writes one when it takes a voucher off, and fails without.
	"""
	declared = [name for name in frappe.get_hooks(HOOK) if name not in VOUCHER_DOCTYPES]
	return (*VOUCHER_DOCTYPES, *(name for name in dict.fromkeys(declared) if _can_be_cleared(name)))


def _can_be_cleared(doctype: str) -> bool:
	exists = frappe.db.exists("DocType", doctype, cache=True)
	return bool(exists) and frappe.get_meta(doctype).has_field("clearance_date")


def parse_payment_names(value: object) -> list[str]:
	"""Return names of Payment Entries, given as names or as voucher rows. Raises BadPayload."""
	rows = _as_list(value, _("Vouchers"))
	named = [
		{"payment_doctype": "Payment Entry", "payment_name": row} if isinstance(row, str) else row
		for row in rows
	]
	return [request.name for request in parse_vouchers(named) if request.doctype == "Payment Entry"]


def _parse(value: object, label: str, doctypes: tuple[str, ...]) -> list[Request]:
	rows = _as_list(value, label)
	problems: list[str] = []
	requests: list[Request] = []
	for number, row in enumerate(rows, start=1):
		try:
			requests.append(_parse_row(row, doctypes))
		except ValueError as error:
			problems.append(_("{0}, row {1}: {2}").format(label, number, error))
	if problems:
		more = len(problems) - MOST_PROBLEMS
		rest = [_("{0}: {1} more rows like these.").format(label, more)] if more > 0 else []
		refuse(BadPayload, [*problems[:MOST_PROBLEMS], *rest])
	return _without_repetitions(requests)


def _as_list(value: object, label: str) -> list:
	if value is None or value == "":
		return []
	if isinstance(value, str | bytes):
		try:
			value = json.loads(value)
		except (ValueError, RecursionError):
			refuse(BadPayload, [_("{0}: this is not valid JSON.").format(label)])
	if value is None:
		return []
	if not isinstance(value, list | tuple):
		refuse(BadPayload, [_("{0}: a list is needed.").format(label)])
	if len(value) > MOST_ROWS:
		refuse(BadPayload, [_("{0}: at most {1} rows at a time.").format(label, MOST_ROWS)])
	return list(value)


def _parse_row(row: object, doctypes: tuple[str, ...]) -> Request:
	if not isinstance(row, dict):
		raise ValueError(_("an object with doctype, name and allocated_amount is needed"))
	known = {*DOCTYPE_KEYS, *NAME_KEYS, *AMOUNT_KEYS, *INFORMATIVE_KEYS}
	unknown = [str(key) for key in row if key not in known]
	if unknown:
		raise ValueError(_("unknown fields: {0}").format(", ".join(unknown)))
	doctype = _text(row, DOCTYPE_KEYS)
	doctype = PSEUDO_DOCTYPES.get(doctype, doctype)
	if doctype not in doctypes:
		raise ValueError(_("document type {0} is not one of {1}").format(doctype or "?", ", ".join(doctypes)))
	name = _text(row, NAME_KEYS)
	if not name:
		raise ValueError(_("the name of the {0} is missing").format(_(doctype)))
	return Request(doctype, name, _amount(row))


def _text(row: dict, keys: Iterable[str]) -> str:
	value = next((row[key] for key in keys if row.get(key)), "")
	if not isinstance(value, str):
		raise ValueError(_("{0} must be text").format("/".join(keys)))
	return value.strip()


def _amount(row: dict) -> Decimal | None:
	value = next((row[key] for key in AMOUNT_KEYS if row.get(key) is not None), None)
	if value is None or value == "":
		return None
	try:
		return to_decimal(value)
	except ValueError:
		shown = _("this number") if isinstance(value, int) and abs(value) > 10**30 else str(value)[:40]
		raise ValueError(_("{0} is not an amount").format(shown)) from None


def _without_repetitions(requests: list[Request]) -> list[Request]:
	"""An exact repetition counts once; the same document with different amounts is refused."""
	first: dict[tuple[str, str], Request] = {}
	problems: list[str] = []
	for request in requests:
		known = first.setdefault(request.key, request)
		if known.amount != request.amount:
			problems.append(
				_("{0} {1} is in the list twice, with the amounts {2} and {3}.").format(
					_(request.doctype), request.name, _wished(known), _wished(request)
				)
			)
	if problems:
		refuse(SelectionRefused, problems)
	return list(first.values())


def _wished(request: Request) -> str:
	return _("all of it") if request.amount is None else str(request.amount)
