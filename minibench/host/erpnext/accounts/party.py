# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Accounts, currencies and due dates of customers and suppliers."""

import frappe
from erpnext.exceptions import InvalidAccountCurrency, PartyDisabled, PartyFrozen
from frappe import _, scrub
from frappe.utils import add_days, add_months, formatdate, get_last_day, getdate

_GROUP_OF = {"Customer": "Customer Group", "Supplier": "Supplier Group"}
_DEFAULT_ACCOUNT_OF = {"Customer": "default_receivable_account", "Supplier": "default_payable_account"}


@frappe.whitelist()
def get_party_account(party_type, party=None, company=None, include_advance=False):
	"""Receivable or payable account of the party in the company.

	The party's own, else its group's, else the company's default; an account in another currency than the
	party's earlier ledger rows gives way to the account of those rows.
	"""
	if include_advance:
		raise NotImplementedError("get_party_account(include_advance=True) is not in minibench")
	if not party_type:
		frappe.throw(_("Party Type is mandatory"))
	if not company:
		frappe.throw(_("Please select a Company"))
	if not party:
		return _default_party_account(party_type, company)

	account = _own_account(party_type, party, company)
	if not account and party_type in _GROUP_OF:
		group = frappe.get_cached_value(party_type, party, scrub(_GROUP_OF[party_type]))
		account = _own_account(_GROUP_OF[party_type], group, company)
	account = account or _default_party_account(party_type, company)
	posted = _posted_account(party_type, party, company)
	if posted and (
		not account
		or frappe.get_cached_value("Account", account, "account_currency") != posted.account_currency
	):
		account = posted.account
	return account


def _own_account(doctype: str, name: str | None, company: str) -> str | None:
	return frappe.db.get_value(
		"Party Account", {"parenttype": doctype, "parent": name, "company": company}, "account"
	)


def _default_party_account(party_type: str, company: str) -> str | None:
	field = _DEFAULT_ACCOUNT_OF.get(party_type)
	if not field:
		account_type = frappe.get_cached_value("Party Type", party_type, "account_type")
		field = f"default_{account_type.lower()}_account"
	return frappe.get_cached_value("Company", company, field)


def _posted_account(party_type: str, party: str, company: str):
	return frappe.db.get_value(
		"GL Entry",
		{"party_type": party_type, "party": party, "company": company, "is_cancelled": 0, "docstatus": 1},
		["account", "account_currency"],
		as_dict=True,
	)


@frappe.whitelist()
def get_party_bank_account(party_type, party):
	"""Default Bank Account of the party."""
	return frappe.db.get_value("Bank Account", {"party_type": party_type, "party": party, "is_default": 1})


def get_party_account_currency(party_type, party, company) -> str | None:
	"""Currency of the party's account in the company."""
	account = get_party_account(party_type, party, company)
	return frappe.get_cached_value("Account", account, "account_currency") if account else None


def get_party_gle_currency(party_type, party, company) -> str | None:
	"""Currency of the party's ledger rows in the company, None before the first."""
	posted = _posted_account(party_type, party, company)
	return posted.account_currency if posted else None


def validate_party_gle_currency(party_type, party, company, party_account_currency=None) -> None:
	"""Raise InvalidAccountCurrency when the party has ledger rows in another currency."""
	currency = party_account_currency or get_party_account_currency(party_type, party, company)
	posted = get_party_gle_currency(party_type, party, company)
	if posted and posted != currency:
		frappe.throw(
			_("{0} {1} has accounting entries in {2} in {3}. Please use a party account in {2}.").format(
				_(party_type), frappe.bold(party), posted, company
			),
			InvalidAccountCurrency,
		)


def validate_party_accounts(doc) -> None:
	"""At most one account a company, of that company and of the party's currency."""
	companies = set()
	for row in doc.get("accounts"):
		if row.company in companies:
			frappe.throw(
				_("There can only be 1 Account per Company in {0} {1}").format(doc.doctype, doc.name)
			)
		companies.add(row.company)
		if not row.account:
			continue
		account = frappe.get_cached_doc("Account", row.account)
		if account.company != row.company or account.is_group:
			frappe.throw(
				_("Row {0}: Account {1} is not a ledger of Company {2}").format(
					row.idx, row.account, row.company
				)
			)
		if not doc.is_new():
			validate_party_gle_currency(doc.doctype, doc.name, row.company, account.account_currency)


def validate_party_frozen_disabled(party_type, party_name) -> None:
	"""Raise PartyDisabled or PartyFrozen when nothing may be posted to the party."""
	if party_type not in _GROUP_OF or not party_name or frappe.flags.ignore_party_validation:
		return
	party = frappe.get_cached_value(party_type, party_name, ["is_frozen", "disabled"], as_dict=True)
	if party.disabled:
		frappe.throw(_("{0} {1} is disabled").format(_(party_type), party_name), PartyDisabled)
	if party.is_frozen:
		role = frappe.db.get_single_value("Accounts Settings", "frozen_accounts_modifier")
		if role not in frappe.get_roles():
			frappe.throw(_("{0} {1} is frozen").format(_(party_type), party_name), PartyFrozen)


@frappe.whitelist()
def get_due_date(posting_date, party_type, party, company=None, bill_date=None, template_name=None):
	"""Due date by the payment terms given, of the party, its group or the company; never before posting."""
	due_date = bill_date or posting_date
	template_name = template_name or get_payment_terms_template(party, party_type, company)
	if template_name:
		due_date = get_due_date_from_template(template_name, posting_date, bill_date)
	return posting_date if getdate(due_date) < getdate(posting_date) else due_date


@frappe.whitelist()
def get_payment_terms_template(party_name, party_type, company=None):
	"""Payment Terms Template of the party, else of its group, else of the company."""
	if party_type not in _GROUP_OF:
		return None
	group_field = scrub(_GROUP_OF[party_type])
	template, group = frappe.get_cached_value(party_type, party_name, ["payment_terms", group_field])
	if not template and group:
		template = frappe.get_cached_value(_GROUP_OF[party_type], group, "payment_terms")
	if not template and company:
		template = frappe.get_cached_value("Company", company, "payment_terms")
	return template


def get_due_date_from_template(template_name, posting_date, bill_date):
	"""Due date of the last term of the template."""
	due_date = getdate(bill_date or posting_date)
	for term in frappe.get_cached_doc("Payment Terms Template", template_name).terms:
		due_date = max(due_date, getdate(date_by_rule(term, "due_date_based_on", due_date)))
	return due_date


def date_by_rule(term, rule_field: str, start, days="credit_days", months="credit_months"):
	"""Date that a term's rule ("Day(s) after invoice date" and so on) gives, counted from `start`."""
	rule = term.get(rule_field)
	if rule == "Day(s) after invoice date":
		return add_days(start, term.get(days))
	if rule == "Day(s) after the end of the invoice month":
		return add_days(get_last_day(start), term.get(days))
	if rule == "Month(s) after the end of the invoice month":
		return get_last_day(add_months(start, term.get(months)))
	return None


def validate_due_date(posting_date, due_date, bill_date=None, template_name=None, doctype=None) -> None:
	"""Refuse a due date before posting, or after what the payment terms allow."""
	if getdate(due_date) < getdate(posting_date):
		frappe.throw(_("Due Date cannot be before Posting / Supplier Invoice Date"))
	if not template_name:
		return
	latest = get_due_date_from_template(template_name, posting_date, bill_date)
	if getdate(due_date) <= latest:
		return
	if frappe.db.get_single_value("Accounts Settings", "credit_controller") in frappe.get_roles():
		frappe.msgprint(
			_("Note: the due date is later than the payment terms allow ({0})").format(formatdate(latest))
		)
	else:
		frappe.throw(_("Due / Reference Date cannot be after {0}").format(formatdate(latest)))
