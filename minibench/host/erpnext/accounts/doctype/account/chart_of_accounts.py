# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The standard chart of accounts, and creating it for a company."""

import frappe

# root type: tree of accounts; a dict is a group, a text the account type of a ledger
STANDARD = {
	"Asset": {
		"Application of Funds (Assets)": {
			"Current Assets": {
				"Accounts Receivable": {"Debtors": "Receivable"},
				"Bank Accounts": {"account_type": "Bank"},
				"Cash In Hand": {"account_type": "Cash", "Cash": "Cash"},
				"Loans and Advances (Assets)": {"Employee Advances": ""},
				"Securities and Deposits": {"Earnest Money": ""},
				"Stock Assets": {"account_type": "Stock", "Stock In Hand": "Stock"},
				"Tax Assets": {},
			},
			"Fixed Assets": {"Office Equipments": "Fixed Asset", "Furnitures and Fixtures": "Fixed Asset"},
			"Investments": {},
			"Temporary Accounts": {"Temporary Opening": "Temporary"},
		}
	},
	"Equity": {
		"Equity": {
			"Capital Stock": "Equity",
			"Dividends Paid": "Equity",
			"Opening Balance Equity": "Equity",
			"Retained Earnings": "Equity",
		}
	},
	"Expense": {
		"Expenses": {
			"Direct Expenses": {
				"Stock Expenses": {
					"Cost of Goods Sold": "Cost of Goods Sold",
					"Stock Adjustment": "Stock Adjustment",
				},
			},
			"Indirect Expenses": {
				"Administrative Expenses": "",
				"Commission on Sales": "",
				"Exchange Gain/Loss": "",
				"Freight and Forwarding Charges": "Chargeable",
				"Legal Expenses": "",
				"Marketing Expenses": "Chargeable",
				"Miscellaneous Expenses": "Chargeable",
				"Office Rent": "",
				"Postal Expenses": "",
				"Round Off": "Round Off",
				"Salary": "",
				"Sales Expenses": "",
				"Telephone Expenses": "",
				"Travel Expenses": "",
				"Utility Expenses": "",
				"Write Off": "",
			},
		}
	},
	"Income": {"Income": {"Direct Income": {"Sales": "", "Service": ""}, "Indirect Income": {}}},
	"Liability": {
		"Source of Funds (Liabilities)": {
			"Current Liabilities": {
				"Accounts Payable": {"Creditors": "Payable", "Payroll Payable": ""},
				"Duties and Taxes": {"account_type": "Tax"},
				"Loans (Liabilities)": {
					"Bank Overdraft Account": "",
					"Secured Loans": "",
					"Unsecured Loans": "",
				},
				"Stock Liabilities": {
					"Stock Received But Not Billed": "Stock Received But Not Billed",
				},
			}
		}
	},
}


def create_charts(company: str) -> None:
	"""Create the accounts of STANDARD, in company currency."""
	for root_type, roots in STANDARD.items():
		_create(company, root_type, None, roots)


def _create(company: str, root_type: str, parent: str | None, accounts: dict) -> None:
	"""A dict is a group (its type under "account_type"), a text is the account type of a ledger."""
	for account_name, value in accounts.items():
		if account_name == "account_type":
			continue
		is_group = isinstance(value, dict)
		account = frappe.get_doc(
			{
				"doctype": "Account",
				"account_name": account_name,
				"company": company,
				"parent_account": parent,
				"root_type": root_type,
				"is_group": int(is_group),
				"account_type": value.get("account_type", "") if is_group else value,
			}
		)
		account.flags.ignore_permissions = True
		account.flags.ignore_mandatory = not parent
		account.insert()
		if is_group:
			_create(company, root_type, account.name, value)
