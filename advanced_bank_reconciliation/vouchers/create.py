# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Makes a Payment Entry or Journal Entry out of what is left of a Bank Transaction, and links it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import frappe
from erpnext.accounts.party import get_party_account
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, getdate

from advanced_bank_reconciliation.exceptions import BadPayload, SelectionRefused, refuse
from advanced_bank_reconciliation.summary.settings import get_dimension_fields
from advanced_bank_reconciliation.vouchers.exchange import rate_to_company_currency
from advanced_bank_reconciliation.vouchers.links import BankLine, Link, cap_links, link_vouchers
from advanced_bank_reconciliation.vouchers.parties import check_party
from advanced_bank_reconciliation.vouchers.payment_entry import REFERENCE_LENGTH, reference_number

PARTY_ACCOUNT_TYPES = ("Receivable", "Payable")


@dataclass(frozen=True)
class Details:
	"""What the user says of the voucher. Empty: as the Bank Transaction, the settings or ERPNext have it."""

	reference_number: str | None = None
	reference_date: str | date | None = None
	posting_date: str | date | None = None
	mode_of_payment: str | None = None
	party_type: str | None = None
	party: str | None = None
	cost_center: str | None = None
	project: str | None = None
	abr_bank_rule: str | None = None
	dimensions: dict[str, str] = field(default_factory=dict)


def details_from(arguments: Mapping[str, Any]) -> Details:
	"""Return the details among the arguments of an endpoint. Raises BadPayload."""
	names = [each.name for each in fields(Details) if each.name != "dimensions"]
	values = {name: arguments.get(name) for name in names}
	return Details(**values, dimensions=parse_dimensions(arguments.get("dimensions")))


def parse_dimensions(value: object) -> dict[str, str]:
	"""Return {fieldname: value} of accounting dimensions, from a mapping or JSON text.

	Raises BadPayload for names that are no enabled Accounting Dimension.
	"""
	if isinstance(value, str):
		try:
			value = json.loads(value) if value.strip() else None
		except ValueError:
			refuse(BadPayload, [_("Dimensions: this is not valid JSON.")])
	if not value:
		return {}
	if not isinstance(value, dict) or not all(isinstance(each, str | None) for each in value.values()):
		refuse(BadPayload, [_("Dimensions: an object of texts is needed.")])
	known = {dimension["fieldname"] for dimension in get_dimension_fields()}
	if unknown := [str(name)[:40] for name in value if name not in known]:
		refuse(BadPayload, [_("Dimensions: {0} is not an Accounting Dimension.").format(", ".join(unknown))])
	return {name: each for name, each in value.items() if each}


def build_payment_entry(line: BankLine, details: Details) -> Document:
	"""Return the unsaved Payment Entry of the party for what is left of the line, on account.

	Two amounts where bank account and party account differ in currency, each at the rate of the posting
	date (PITFALLS P17). Raises SelectionRefused for a wrong party, ExchangeRateMissing without a rate.
	"""
	check_party(details.party_type, details.party, line.doc.company)
	party_account = get_party_account(details.party_type, details.party, line.doc.company)
	if not party_account:
		refuse(
			SelectionRefused,
			[
				_("{0} {1} has no account in {2}.").format(
					_(details.party_type), details.party, line.doc.company
				)
			],
		)
	entry = frappe.new_doc("Payment Entry")
	entry.update(_common(line, details))
	entry.update(
		{
			"payment_type": "Receive" if line.is_deposit else "Pay",
			"reference_no": _reference(line, details),
			"reference_date": _date(line, details.reference_date),
			"party_type": details.party_type,
			"party": details.party,
			"bank_account": line.doc.bank_account,
			"cost_center": details.cost_center or _default_cost_center(line),
			"project": details.project,
			**details.dimensions,
		}
	)
	_set_sides(entry, line, party_account)
	entry.set_bank_account_data()
	return entry


def build_journal_entry(
	line: BankLine, details: Details, entry_type: str | None, second_account: str | None
) -> Document:
	"""Return the unsaved Journal Entry between the bank account and `second_account`, for what is left.

	Raises SelectionRefused for an account that cannot be meant, ExchangeRateMissing without a rate.
	"""
	account = _second_account(line, second_account)
	if details.party_type or details.party or account.account_type in PARTY_ACCOUNT_TYPES:
		check_party(details.party_type, details.party, line.doc.company)
	entry = frappe.new_doc("Journal Entry")
	entry.update(_common(line, details))
	entry.update(
		{
			"voucher_type": _entry_type(entry_type),
			"cheque_no": _reference(line, details),
			"cheque_date": _date(line, details.reference_date),
		}
	)
	for row in _journal_rows(line, account, details, entry.posting_date):
		entry.append("accounts", row)
	company_currency = frappe.get_cached_value("Company", line.doc.company, "default_currency")
	entry.multi_currency = int({line.currency, account.account_currency} != {company_currency})
	return entry


def for_editing(voucher: Document) -> Document:
	"""Return the unsaved voucher with what ERPNext computes; the user goes on with it in the form."""
	if voucher.doctype == "Payment Entry":
		voucher.validate()
	return voucher


def submit_and_link(line: BankLine, voucher: Document) -> Document:
	"""Insert and submit the voucher, link it to the line as created for it, and return the Bank Transaction.

	The line's row must be locked by the caller. All in the caller's transaction.
	"""
	voucher.docstatus = 1
	voucher.insert()
	links = cap_links(line, [Link(voucher.doctype, voucher.name, line.unallocated_amount, created=True)])
	link_vouchers(line, links)
	return line.doc


def _common(line: BankLine, details: Details) -> dict[str, Any]:
	return {
		"company": line.doc.company,
		"posting_date": _date(line, details.posting_date),
		"mode_of_payment": details.mode_of_payment,
		"abr_bank_rule": details.abr_bank_rule,
	}


def _reference(line: BankLine, details: Details) -> str:
	"""What the user typed, else what the line says (PITFALLS P23)."""
	typed = " ".join((details.reference_number or "").split())
	return typed[:REFERENCE_LENGTH] or reference_number(line.doc)


def _date(line: BankLine, value: str | date | None) -> date:
	return getdate(value or line.doc.date)


def _default_cost_center(line: BankLine) -> str | None:
	return frappe.get_cached_value("Company", line.doc.company, "cost_center")


def _set_sides(entry: Document, line: BankLine, party_account: str) -> None:
	party_currency = frappe.get_cached_value("Account", party_account, "account_currency")
	bank = (line.gl_account, line.currency, line.unallocated_amount)
	bank_rate = rate_to_company_currency(line.currency, line.doc.company, entry.posting_date)
	party_rate = rate_to_company_currency(party_currency, line.doc.company, entry.posting_date)
	converted = flt(line.unallocated_amount * bank_rate / party_rate, entry.precision("paid_amount"))
	amount = line.unallocated_amount if party_currency == line.currency else converted
	party = (party_account, party_currency, amount)
	source, target = (party, bank) if line.is_deposit else (bank, party)
	entry.paid_from, entry.paid_from_account_currency, entry.paid_amount = source
	entry.paid_to, entry.paid_to_account_currency, entry.received_amount = target
	entry.source_exchange_rate, entry.target_exchange_rate = (
		(party_rate, bank_rate) if line.is_deposit else (bank_rate, party_rate)
	)


def _second_account(line: BankLine, name: str | None) -> Mapping[str, Any]:
	if not name:
		refuse(SelectionRefused, [_("Choose the account that the bank account is booked against.")])
	account = frappe.db.get_value(
		"Account",
		name,
		["name", "company", "is_group", "disabled", "account_type", "account_currency"],
		as_dict=True,
	)
	if not account or not frappe.has_permission("Account", "read", doc=name):
		refuse(SelectionRefused, [_("Account {0}: not found, or you may not read it.").format(name)])
	problem = ""
	if account.company != line.doc.company:
		problem = _("Account {0}: belongs to company {1}, the Bank Transaction to {2}.").format(
			name, account.company, line.doc.company
		)
	elif account.is_group or account.disabled:
		problem = _("Account {0}: is a group or disabled; nothing can be booked on it.").format(name)
	elif account.name == line.gl_account:
		problem = _("Account {0}: is the account of the Bank Transaction itself.").format(name)
	if problem:
		refuse(SelectionRefused, [problem])
	return account


def _entry_type(asked: str | None) -> str:
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	entry_type = asked or settings.default_journal_entry_type or "Bank Entry"
	known = (frappe.get_meta("Journal Entry").get_options("voucher_type") or "").split("\n")
	if entry_type not in known:
		refuse(BadPayload, [_("{0} is not an entry type of Journal Entries.").format(entry_type)])
	return entry_type


def _journal_rows(
	line: BankLine, account: Mapping[str, Any], details: Details, posting_date: date
) -> list[dict[str, Any]]:
	bank_rate = rate_to_company_currency(line.currency, line.doc.company, posting_date)
	amount, rate = _converted(line, account["account_currency"], bank_rate, posting_date)
	shared = {
		"cost_center": details.cost_center or _default_cost_center(line),
		"project": details.project,
		**details.dimensions,
	}
	into_bank, out_of_it = (
		("debit_in_account_currency", "credit_in_account_currency")
		if line.is_deposit
		else ("credit_in_account_currency", "debit_in_account_currency")
	)
	bank_row = {
		"account": line.gl_account,
		"bank_account": line.doc.bank_account,
		"account_currency": line.currency,
		"exchange_rate": bank_rate,
		into_bank: line.unallocated_amount,
	}
	second_row = {
		"account": account["name"],
		"account_currency": account["account_currency"],
		"party_type": details.party_type or None,
		"party": details.party or None,
		"exchange_rate": rate,
		out_of_it: amount,
	}
	return [{**second_row, **shared}, {**bank_row, **shared}]


def _converted(line: BankLine, currency: str, bank_rate: float, posting_date: date) -> tuple[float, float]:
	"""Return the other side's amount and rate, such that both sides are the same in company currency.

	The amount is rounded, so the rate that is booked is the one that makes the rounded amount come out.
	"""
	if currency == line.currency:
		return line.unallocated_amount, bank_rate
	rate = rate_to_company_currency(currency, line.doc.company, posting_date)
	precision = frappe.get_precision("Journal Entry Account", "debit")
	base = flt(line.unallocated_amount * bank_rate, precision)
	amount = flt(base / rate, precision)
	return amount, (base / amount if rate != 1 else 1.0)
