# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Makes the real documents that the tests work on, the same way on every host.

Everything is made through the Document API with its validations. Masters are made once and found again;
vouchers are new on each call. Amounts are in the currency of the account concerned.
"""

from collections.abc import Sequence
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, getdate

COMPANY = "ABR Test Company"
OTHER_COMPANY = "ABR Other Company"
EURO_COMPANY = "ABR Euro Company"
ABBR = {COMPANY: "ABRT", OTHER_COMPANY: "ABRO", EURO_COMPANY: "ABRE"}
CURRENCY = "USD"
COMPANY_CURRENCY = {EURO_COMPANY: "EUR"}
ITEM = "ABR Service"
BANK = "ABR Test Bank"

#: All test vouchers are dated here, so that results do not depend on the day of the run.
POSTING_DATE = "2026-03-02"
STATEMENT_DATE = "2026-03-20"


def make_company(name: str = COMPANY) -> str:
	"""Return the name of a company with a chart of accounts, made once."""
	if not frappe.db.exists("Company", name):
		make_fiscal_year()
		frappe.get_doc(
			{
				"doctype": "Company",
				"company_name": name,
				"abbr": ABBR[name],
				"default_currency": COMPANY_CURRENCY.get(name, CURRENCY),
				"country": "United States",
				"chart_of_accounts": "Standard",
			}
		).insert()
	return name


def make_fiscal_year() -> None:
	"""Make sure that the dates of the test vouchers lie in a Fiscal Year."""
	year = getdate(POSTING_DATE).year
	start, end = f"{year}-01-01", f"{year}-12-31"
	if not frappe.get_all(
		"Fiscal Year", {"year_start_date": ("<=", start), "year_end_date": (">=", end)}, limit=1
	):
		frappe.get_doc(
			{"doctype": "Fiscal Year", "year": str(year), "year_start_date": start, "year_end_date": end}
		).insert()


def account(title: str, company: str = COMPANY) -> str:
	"""Return the name of an account of the company by its title, such as "Debtors"."""
	return f"{title} - {ABBR[company]}"


def make_account(title: str, company: str = COMPANY, **values: Any) -> str:
	"""Return the name of a leaf account, by default a bank account in the ledger's sense."""
	name = account(title, company)
	if not frappe.db.exists("Account", name):
		doc = {
			"doctype": "Account",
			"account_name": title,
			"parent_account": account("Bank Accounts", company),
			"company": company,
			"account_type": "Bank",
			"account_currency": COMPANY_CURRENCY.get(company, CURRENCY),
		}
		frappe.get_doc({**doc, **values}).insert()
	return name


def make_bank_account(title: str = "ABR Current", company: str = COMPANY, **account_values: Any) -> str:
	"""Return the name of the company's Bank Account with its own ledger account."""
	make_company(company)
	ledger_account = make_account(f"{title} Ledger", company, **account_values)
	found = frappe.db.get_value("Bank Account", {"account": ledger_account})
	if found:
		return found
	if not frappe.db.exists("Bank", BANK):
		frappe.get_doc({"doctype": "Bank", "bank_name": BANK}).insert()
	return (
		frappe.get_doc(
			{
				"doctype": "Bank Account",
				"account_name": f"{title} {ABBR[company]}",
				"bank": BANK,
				"is_company_account": 1,
				"company": company,
				"account": ledger_account,
			}
		)
		.insert()
		.name
	)


def make_party(party_type: str, name: str) -> str:
	"""Return the name of a Customer or Supplier."""
	existing = frappe.db.get_value(party_type, {f"{party_type.lower()}_name": name})
	if existing:
		return existing
	group_type = f"{party_type} Group"
	values = {
		"doctype": party_type,
		f"{party_type.lower()}_name": name,
		f"{party_type.lower()}_group": _any_leaf(group_type),
		f"{party_type.lower()}_type": "Company",
	}
	if party_type == "Customer":
		values["territory"] = _any_leaf("Territory")
	return frappe.get_doc(values).insert().name


def _any_leaf(tree: str) -> str:
	return frappe.get_all(tree, {"is_group": 0}, pluck="name", limit=1, order_by="name")[0]


def make_item() -> str:
	"""Return the code of a service item that is kept out of stock."""
	if not frappe.db.exists("Item", ITEM):
		frappe.get_doc(
			{
				"doctype": "Item",
				"item_code": ITEM,
				"item_name": ITEM,
				"item_group": _any_leaf("Item Group"),
				"stock_uom": "Nos",
				"is_stock_item": 0,
			}
		).insert()
	return ITEM


def make_sales_invoice(
	amount: float, customer: str = "ABR Customer", submit: bool = True, **values: Any
) -> Document:
	"""Return an unpaid Sales Invoice over `amount`; a negative amount makes a return."""
	return _make_invoice(
		"Sales Invoice", "customer", make_party("Customer", customer), amount, submit, values
	)


def make_purchase_invoice(
	amount: float, supplier: str = "ABR Supplier", submit: bool = True, **values: Any
) -> Document:
	"""Return an unpaid Purchase Invoice over `amount`; a negative amount makes a return."""
	return _make_invoice(
		"Purchase Invoice", "supplier", make_party("Supplier", supplier), amount, submit, values
	)


def _make_invoice(
	doctype: str, party_field: str, party: str, amount: float, submit: bool, values: dict[str, Any]
) -> Document:
	company = make_company(values.pop("company", COMPANY))
	posting_date = values.pop("posting_date", POSTING_DATE)
	is_sale = doctype == "Sales Invoice"
	item = {
		"item_code": make_item(),
		"qty": -1 if amount < 0 else 1,
		"rate": abs(amount),
		"income_account" if is_sale else "expense_account": account(
			"Sales" if is_sale else "Miscellaneous Expenses", company
		),
		"cost_center": account("Main", company),
	}
	invoice = frappe.get_doc(
		{
			"doctype": doctype,
			"company": company,
			party_field: party,
			"set_posting_time": 1,
			"posting_date": posting_date,
			"due_date": values.pop("due_date", add_days(posting_date, 14)),
			"currency": COMPANY_CURRENCY.get(company, CURRENCY),
			"is_return": 1 if amount < 0 else 0,
			"items": [item],
			"debit_to" if is_sale else "credit_to": account("Debtors" if is_sale else "Creditors", company),
			**values,
		}
	)
	if submit:
		invoice.docstatus = 1
	invoice.insert()
	return invoice.reload()


def make_sales_invoices(amounts: Sequence[float], customers: int = 5, **values: Any) -> list[Document]:
	"""Return one unpaid Sales Invoice per amount, spread over several customers."""
	return [
		make_sales_invoice(amount, customer=f"ABR Customer {number % customers + 1}", **values)
		for number, amount in enumerate(amounts)
	]


def make_bank_transaction(
	deposit: float = 0, withdrawal: float = 0, submit: bool = True, **values: Any
) -> Document:
	"""Return a Bank Transaction on the test bank account."""
	bank_account = values.pop("bank_account", None) or make_bank_account()
	bank_transaction = frappe.get_doc(
		{
			"doctype": "Bank Transaction",
			"date": STATEMENT_DATE,
			"bank_account": bank_account,
			"company": frappe.db.get_value("Bank Account", bank_account, "company"),
			"currency": values.pop("currency", CURRENCY),
			"deposit": deposit,
			"withdrawal": withdrawal,
			"description": "Bulk deposit",
			"reference_number": "ABR-REF-1",
			**values,
		}
	).insert()
	if submit:
		bank_transaction.submit()
	return bank_transaction


def make_payment_entry(amount: float, customer: str = "ABR Customer", **values: Any) -> Document:
	"""Return a submitted Payment Entry received from the customer into the test bank account, on account."""
	bank_account = values.pop("bank_account", None) or make_bank_account()
	payment_entry = frappe.get_doc(
		{
			"doctype": "Payment Entry",
			"payment_type": "Receive",
			"company": COMPANY,
			"posting_date": STATEMENT_DATE,
			"party_type": "Customer",
			"party": make_party("Customer", customer),
			"paid_from": account("Debtors"),
			"paid_to": frappe.db.get_value("Bank Account", bank_account, "account"),
			"paid_amount": amount,
			"received_amount": amount,
			"source_exchange_rate": 1,
			"target_exchange_rate": 1,
			"reference_no": "ABR-PE-1",
			"reference_date": STATEMENT_DATE,
			**values,
		}
	).insert()
	payment_entry.submit()
	return payment_entry


def make_supplier_payment(amount: float, supplier: str = "ABR Supplier", **values: Any) -> Document:
	"""Return a submitted Payment Entry paid to the supplier from the test bank account, on account."""
	bank_account = values.pop("bank_account", None) or make_bank_account()
	return make_payment_entry(
		amount,
		bank_account=bank_account,
		payment_type="Pay",
		party_type="Supplier",
		party=make_party("Supplier", supplier),
		paid_from=frappe.db.get_value("Bank Account", bank_account, "account"),
		paid_to=account("Creditors"),
		**values,
	)


def make_transfer(amount: float, from_bank_account: str, to_bank_account: str) -> Document:
	"""Return a submitted Internal Transfer between two bank accounts of the test company."""
	return make_payment_entry(
		amount,
		payment_type="Internal Transfer",
		party_type=None,
		party=None,
		paid_from=frappe.db.get_value("Bank Account", from_bank_account, "account"),
		paid_to=frappe.db.get_value("Bank Account", to_bank_account, "account"),
	)


def make_journal_entry(*rows: tuple[str, float], submit: bool = True, company: str = COMPANY) -> Document:
	"""Return a Journal Entry of (account, amount) rows; a positive amount is a debit, and they add up to 0."""
	journal_entry = frappe.get_doc(
		{
			"doctype": "Journal Entry",
			"voucher_type": "Journal Entry",
			"company": company,
			"posting_date": STATEMENT_DATE,
			"cheque_no": "ABR-JE-1",
			"cheque_date": STATEMENT_DATE,
			"accounts": [
				{
					"account": name,
					"debit_in_account_currency": max(amount, 0),
					"credit_in_account_currency": max(-amount, 0),
					"cost_center": account("Main", company),
				}
				for name, amount in rows
			],
		}
	).insert()
	if submit:
		journal_entry.submit()
	return journal_entry


def make_mode_of_payment(name: str, default_account: str) -> str:
	"""Return the name of a Mode of Payment that books to the account."""
	if not frappe.db.exists("Mode of Payment", name):
		frappe.get_doc(
			{
				"doctype": "Mode of Payment",
				"mode_of_payment": name,
				"type": "Bank",
				"accounts": [{"company": COMPANY, "default_account": default_account}],
			}
		).insert()
	return name


def make_pos_invoice(amount: float, bank_account: str, customer: str = "ABR Customer") -> Document:
	"""Return a submitted Sales Invoice that was paid into the bank account when it was made."""
	ledger_account = frappe.db.get_value("Bank Account", bank_account, "account")
	payment = {
		"mode_of_payment": make_mode_of_payment(f"ABR {bank_account}"[:100], ledger_account),
		"account": ledger_account,
		"amount": amount,
	}
	return make_paid_invoice(amount, [payment], customer)


def make_paid_invoice(amount: float, payments: list[dict], customer: str = "ABR Customer") -> Document:
	"""Return a submitted Sales Invoice with these payment rows of {mode_of_payment, account, amount}.

	ERPNext computes payment rows of drafts only, so it is saved as a draft first.
	"""
	invoice = make_sales_invoice(
		amount, customer, submit=False, is_pos=1, payments=payments, due_date=POSTING_DATE
	)
	invoice.submit()
	return invoice


def make_payment_terms(name: str, *portions: tuple[float, int], by_term: bool = True) -> str:
	"""Return a Payment Terms Template of (per cent, credit days); `by_term`: payments go to a term each."""
	if not frappe.db.exists("Payment Terms Template", name):
		terms = []
		for number, (portion, days) in enumerate(portions, start=1):
			term = {
				"doctype": "Payment Term",
				"payment_term_name": f"{name} {number}",
				"invoice_portion": portion,
				"due_date_based_on": "Day(s) after invoice date",
				"credit_days": days,
			}
			if not frappe.db.exists("Payment Term", term["payment_term_name"]):
				frappe.get_doc(term).insert()
			terms.append({**term, "doctype": None, "payment_term": term["payment_term_name"]})
		frappe.get_doc(
			{
				"doctype": "Payment Terms Template",
				"template_name": name,
				"allocate_payment_based_on_payment_terms": int(by_term),
				"terms": terms,
			}
		).insert()
	return name


def make_discount_terms(
	name: str,
	discount: float,
	days: int,
	portions: Sequence[tuple[float, int]] = ((100, 30),),
	by_term: bool = True,
) -> str:
	"""Return a Payment Terms Template whose first term gives `discount` per cent for `days` after the invoice."""
	template = make_payment_terms(name, *portions, by_term=by_term)
	values = {
		"discount_type": "Percentage",
		"discount": discount,
		"discount_validity_based_on": "Day(s) after invoice date",
		"discount_validity": days,
	}
	term = frappe.get_doc("Payment Term", f"{name} 1")
	if not term.discount:
		term.update(values)
		term.save()
		document = frappe.get_doc("Payment Terms Template", template)
		document.terms[0].update(values)
		document.save()
	return template


def make_tax_account() -> str:
	"""Return the account of the test company for what customers pay as tax."""
	return make_account(
		"ABR VAT", parent_account=account("Duties and Taxes"), account_type="Tax", account_currency=CURRENCY
	)


def make_exchange_rate(
	from_currency: str, rate: float, date: str = STATEMENT_DATE, to_currency: str = CURRENCY
) -> None:
	"""Put on record how many units of `to_currency` (the test company's) one of `from_currency` is worth."""
	values = {"from_currency": from_currency, "to_currency": to_currency, "date": date}
	existing = frappe.db.exists("Currency Exchange", values)
	doc = frappe.get_doc("Currency Exchange", existing) if existing else frappe.new_doc("Currency Exchange")
	doc.update({**values, "exchange_rate": rate, "for_buying": 1, "for_selling": 1})
	doc.save()


def make_foreign_bank_account(currency: str, company: str = COMPANY) -> str:
	"""Return a Bank Account of the company whose ledger account is kept in `currency`."""
	return make_bank_account(f"ABR {currency}", company, account_currency=currency)


def make_card_account() -> str:
	"""Return a Bank Account whose ledger account is a liability without the account type Bank."""
	return make_bank_account("ABR Card", parent_account=account("Current Liabilities"), account_type="")


def make_bank_account_without_ledger() -> str:
	"""Return a Bank Account that is not the company's own, and so names no account of the books."""
	make_bank_account()
	values = {"account_name": "ABR Elsewhere", "bank": BANK, "is_company_account": 0}
	found = frappe.db.get_value("Bank Account", values)
	return found or frappe.get_doc({"doctype": "Bank Account", **values}).insert().name


def make_foreign_receivable(currency: str, company: str = COMPANY) -> str:
	"""Return the account of the company for what customers owe in `currency`."""
	return _party_account("Debtors", "Receivable", currency, company)


def make_foreign_payable(currency: str, company: str = COMPANY) -> str:
	"""Return the account of the company for what it owes suppliers in `currency`."""
	return _party_account("Creditors", "Payable", currency, company)


def _party_account(title: str, account_type: str, currency: str, company: str) -> str:
	return make_account(
		f"{title} {currency}",
		company,
		parent_account=account(f"Accounts {account_type}", company),
		account_type=account_type,
		account_currency=currency,
	)


def make_foreign_sales_invoice(amount: float, currency: str, rate: float, **values: Any) -> Document:
	"""Return an unpaid Sales Invoice that its customer owes in `currency`, booked at `rate`."""
	return make_sales_invoice(
		amount,
		customer=f"ABR {currency} Customer",
		currency=currency,
		conversion_rate=rate,
		debit_to=make_foreign_receivable(currency),
		**values,
	)


def make_email_account() -> str:
	"""Return the name of the default outgoing Email Account; made without asking its server, which is none."""
	name = "ABR Outgoing"
	if not frappe.db.exists("Email Account", name):
		frappe.get_doc(
			{
				"doctype": "Email Account",
				"name": name,
				"email_account_name": name,
				"email_id": "abr-outgoing@example.com",
				"enable_outgoing": 1,
				"default_outgoing": 1,
				"smtp_server": "localhost",
				"no_smtp_authentication": 1,
			}
		).db_insert()
	return name


def make_user(email: str, roles: Sequence[str], company: str | None = None) -> str:
	"""Return a user with exactly these roles, limited to `company` by a User Permission if given."""
	if not frappe.db.exists("User", email):
		frappe.get_doc(
			{"doctype": "User", "email": email, "first_name": email.split("@")[0], "send_welcome_email": 0}
		).insert(ignore_permissions=True)
	user = frappe.get_doc("User", email)
	user.set("roles", [])
	user.add_roles(*roles)
	if company and not frappe.db.exists(
		"User Permission", {"user": email, "allow": "Company", "for_value": company}
	):
		frappe.get_doc(
			{"doctype": "User Permission", "user": email, "allow": "Company", "for_value": company}
		).insert(ignore_permissions=True)
	return email


def wish(invoice: Document, amount: float | None = None) -> dict[str, Any]:
	"""Return the row of a request for this invoice, for all that is outstanding unless `amount` is given."""
	row = {"doctype": invoice.doctype, "name": invoice.name}
	if amount is not None:
		row["allocated_amount"] = amount
	return row


def make_paid_purchase_invoice(amount: float, bank_account: str, supplier: str = "ABR Supplier") -> Document:
	"""Return a submitted Purchase Invoice that was paid from the bank account when it was made.

	A negative amount makes a return whose money came back to the account.
	"""
	return make_purchase_invoice(
		amount,
		supplier,
		is_paid=1,
		paid_amount=amount,
		cash_bank_account=frappe.db.get_value("Bank Account", bank_account, "account"),
		mode_of_payment=make_mode_of_payment(
			f"ABR {bank_account}"[:100], frappe.db.get_value("Bank Account", bank_account, "account")
		),
	)


def make_customer_group(name: str, parent: str | None = None) -> str:
	"""Return the name of a Customer Group that may have groups below it."""
	if not frappe.db.exists("Customer Group", name):
		parent = parent or frappe.db.get_value("Customer Group", {"is_group": 1, "lft": 1})
		frappe.get_doc(
			{
				"doctype": "Customer Group",
				"customer_group_name": name,
				"parent_customer_group": parent,
				"is_group": 1,
			}
		).insert()
	return name
