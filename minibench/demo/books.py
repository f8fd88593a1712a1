# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The demo's books: a company with a bank account, customers, their unpaid invoices and one deposit for all.

Everything is made through the Document API, as a user would make it in the desk.
"""

import datetime
import random

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, flt, getdate, nowdate

COMPANY = "Harbour Supplies"
ABBR = "HS"
CURRENCY = "USD"
COUNTRY = "United States"
BANK = "Quayside Bank"
ITEM = "Deck Paint"
USER = "accounts@harbour-supplies.example"
CUSTOMERS = (
	"Anchor & Sons",
	"Bluewater Charter",
	"Café Leuchtturm",
	"Dockside Repairs",
	"Estuary Ferries",
	"Fairwind Sails",
	"Gull Rock Lodge",
	"Harbourmaster's Office",
)


def make_company() -> Document:
	"""The demo's company with its chart of accounts; made once a site."""
	if not frappe.db.exists("Company", COMPANY):
		frappe.get_doc(
			{
				"doctype": "Company",
				"company_name": COMPANY,
				"abbr": ABBR,
				"default_currency": CURRENCY,
				"country": COUNTRY,
				"create_chart_of_accounts_based_on": "Standard Template",
				"chart_of_accounts": "Standard",
			}
		).insert()
	return frappe.get_doc("Company", COMPANY)


def make_bank_account() -> Document:
	"""The company's Bank Account, with its account in the chart."""
	if name := frappe.db.get_value("Bank Account", {"company": COMPANY, "is_company_account": 1}):
		return frappe.get_doc("Bank Account", name)
	parent = frappe.db.get_value("Account", {"company": COMPANY, "account_type": "Bank", "is_group": 1})
	account = frappe.get_doc(
		{
			"doctype": "Account",
			"account_name": BANK,
			"parent_account": parent,
			"company": COMPANY,
			"account_type": "Bank",
			"account_currency": CURRENCY,
		}
	).insert()
	if not frappe.db.exists("Bank", BANK):
		frappe.get_doc({"doctype": "Bank", "bank_name": BANK}).insert()
	return frappe.get_doc(
		{
			"doctype": "Bank Account",
			"account_name": "Current account",
			"bank": BANK,
			"is_company_account": 1,
			"company": COMPANY,
			"account": account.name,
		}
	).insert()


def make_user(password: str) -> str:
	"""The accountant who presses the button: a user with the role Accounts Manager and this password."""
	from frappe.utils.password import update_password

	if not frappe.db.exists("User", USER):
		user = frappe.get_doc(
			{"doctype": "User", "email": USER, "first_name": "Demo", "send_welcome_email": 0}
		)
		user.insert()
		user.add_roles("Accounts Manager")
	update_password(USER, password)
	return USER


def make_invoices(company: Document, count: int) -> list[Document]:
	"""`count` submitted Sales Invoices of the demo's customers, between one and seven weeks old."""
	make_item()
	customers = [make_customer(name) for name in CUSTOMERS]
	# Other amounts in every run, the same ones on every machine.
	chance = random.Random(frappe.db.count("Sales Invoice"))
	oldest = getdate(add_days(nowdate(), -50))
	for year in {oldest.year, getdate().year}:
		make_fiscal_year(year)
	return [make_invoice(company, customers[index % len(customers)], chance) for index in range(count)]


def make_invoice(company: Document, customer: str, chance: random.Random) -> Document:
	posted = add_days(nowdate(), -chance.randint(7, 49))
	items = [
		{
			"item_code": ITEM,
			"qty": chance.randint(1, 9),
			"rate": chance.randint(500, 49_999) / 100,
			"income_account": company.default_income_account,
			"cost_center": company.cost_center,
		}
		for _ in range(chance.randint(1, 3))
	]
	invoice = frappe.get_doc(
		{
			"doctype": "Sales Invoice",
			"company": company.name,
			"customer": customer,
			"currency": CURRENCY,
			"set_posting_time": 1,
			"posting_date": posted,
			"due_date": add_days(posted, 30),
			"debit_to": company.default_receivable_account,
			"items": items,
		}
	)
	return invoice.insert().submit()


def make_deposit(bank_account: Document, invoices: list[Document]) -> Document:
	"""One Bank Transaction over the sum of the invoices, as the bank's statement would show it."""
	deposit = flt(sum(invoice.outstanding_amount for invoice in invoices), 2)
	transaction = frappe.get_doc(
		{
			"doctype": "Bank Transaction",
			"date": nowdate(),
			"bank_account": bank_account.name,
			"company": bank_account.company,
			"currency": CURRENCY,
			"deposit": deposit,
			"reference_number": f"BULK{frappe.db.count('Bank Transaction') + 1:06d}",
			"description": f"Collective deposit, {len(invoices)} invoices",
		}
	)
	return transaction.insert().submit()


def make_item() -> None:
	if not frappe.db.exists("Item", ITEM):
		frappe.get_doc(
			{
				"doctype": "Item",
				"item_code": ITEM,
				"item_name": ITEM,
				"item_group": frappe.db.get_value("Item Group", {"is_group": 0}),
				"stock_uom": "Nos",
				"is_stock_item": 0,
			}
		).insert()


def make_customer(name: str) -> str:
	if not frappe.db.exists("Customer", name):
		frappe.get_doc(
			{
				"doctype": "Customer",
				"customer_name": name,
				"customer_group": frappe.db.get_value("Customer Group", {"is_group": 0}),
				"territory": frappe.db.get_value("Territory", {"is_group": 0}),
			}
		).insert()
	return name


def make_fiscal_year(year: int) -> None:
	first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
	if not frappe.db.exists("Fiscal Year", {"year_start_date": ("<=", first), "year_end_date": (">=", last)}):
		frappe.get_doc(
			{"doctype": "Fiscal Year", "year": str(year), "year_start_date": first, "year_end_date": last}
		).insert()
