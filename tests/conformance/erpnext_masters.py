# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Companies, parties and vouchers for the conformance tests. The same on a bench and on minibench."""

import frappe
from frappe.utils import add_days, nowdate

ITEM = "ABR Conformance Service"


class Books:
	"""A company of its own with a bank account, and the vouchers that tests make in it."""

	def __init__(self, currency: str = "USD"):
		self.currency = currency
		self.abbr = "C" + frappe.generate_hash(length=6).upper()
		self.company = f"ABR Conformance {self.abbr}"
		frappe.get_doc(
			{
				"doctype": "Company",
				"company_name": self.company,
				"abbr": self.abbr,
				"default_currency": currency,
				"country": "United States",
				"chart_of_accounts": "Standard",
			}
		).insert()
		self._make_item()
		self.bank_account, self.bank = self.make_bank_account("Checking", currency)
		self.customer = self.make_customer("Alpha")
		self.supplier = self.make_supplier("Beta")

	def account(self, name: str) -> str:
		"""Name of an account or cost center of the company: Debtors becomes Debtors - ABBR."""
		return f"{name} - {self.abbr}"

	def short(self, name: str | None) -> str | None:
		"""The reverse of `account`; other names stay."""
		suffix = f" - {self.abbr}"
		return name[: -len(suffix)] if name and name.endswith(suffix) else name

	def _make_item(self) -> None:
		if not frappe.db.exists("Item", ITEM):
			frappe.get_doc(
				{
					"doctype": "Item",
					"item_code": ITEM,
					"item_group": "Services",
					"stock_uom": "Nos",
					"is_stock_item": 0,
				}
			).insert()

	def make_account(
		self, name: str, parent: str, account_type: str = "", currency: str | None = None
	) -> str:
		"""Insert an Account below `parent` (without abbreviation); returns its name."""
		return (
			frappe.get_doc(
				{
					"doctype": "Account",
					"account_name": name,
					"parent_account": self.account(parent),
					"company": self.company,
					"account_type": account_type,
					"account_currency": currency or self.currency,
				}
			)
			.insert()
			.name
		)

	def make_bank_account(self, name: str, currency: str) -> tuple[str, str]:
		"""Insert a Bank Account with its GL account; returns both names."""
		bank = "ABR Conformance Bank"
		if not frappe.db.exists("Bank", bank):
			frappe.get_doc({"doctype": "Bank", "bank_name": bank}).insert()
		account = self.make_account(name, "Bank Accounts", "Bank", currency)
		bank_account = frappe.get_doc(
			{
				"doctype": "Bank Account",
				"account_name": f"{name} {self.abbr}",
				"bank": bank,
				"account": account,
				"company": self.company,
				"is_company_account": 1,
			}
		).insert()
		return bank_account.name, account

	def make_customer(self, name: str, currency: str | None = None, account: str | None = None) -> str:
		"""Insert a Customer; with `account` it is the party account in the company."""
		return self._make_party("Customer", name, currency, account, customer_group="Individual")

	def make_supplier(self, name: str, currency: str | None = None, account: str | None = None) -> str:
		"""Insert a Supplier; with `account` it is the party account in the company."""
		return self._make_party("Supplier", name, currency, account, supplier_group="Local")

	def _make_party(self, doctype: str, name: str, currency, account, **values) -> str:
		party = frappe.get_doc(
			{
				"doctype": doctype,
				f"{doctype.lower()}_name": f"{name} {self.abbr}",
				"default_currency": currency,
				"territory": "All Territories",
				**values,
			}
		)
		if account:
			party.append("accounts", {"company": self.company, "account": account})
		return party.insert().name

	def make_terms(self, portions: tuple[float, ...], by_terms: int = 1, **term_values) -> str:
		"""Insert a Payment Terms Template with a term for each portion (percent), 30 days apart."""
		template = frappe.get_doc(
			{
				"doctype": "Payment Terms Template",
				"template_name": f"Terms {frappe.generate_hash(length=6)}",
				"allocate_payment_based_on_payment_terms": by_terms,
			}
		)
		for index, portion in enumerate(portions):
			values = {
				"invoice_portion": portion,
				"due_date_based_on": "Day(s) after invoice date",
				"credit_days": 30 * (index + 1),
				**term_values,
			}
			term = frappe.get_doc(
				{
					"doctype": "Payment Term",
					"payment_term_name": f"{template.template_name} {index + 1}",
					**values,
				}
			).insert()
			template.append("terms", {"payment_term": term.name, **values})
		return template.insert().name

	def sales_invoice(self, amount: float, submit: bool = True, **values):
		"""Sales Invoice with one row of `amount`; negative amounts make a free standing return."""
		return self._invoice("Sales Invoice", amount, submit, {"customer": self.customer, **values})

	def purchase_invoice(self, amount: float, submit: bool = True, **values):
		"""Purchase Invoice with one row of `amount`."""
		return self._invoice("Purchase Invoice", amount, submit, {"supplier": self.supplier, **values})

	def _invoice(self, doctype: str, amount: float, submit: bool, values: dict):
		days = values.pop("days", 0)
		invoice = frappe.get_doc(
			{
				"doctype": doctype,
				"company": self.company,
				"set_posting_time": 1,
				"posting_date": add_days(nowdate(), days),
				"due_date": add_days(nowdate(), max(days, 0)),
				"currency": self.currency,
				"conversion_rate": 1,
				**values,
			}
		)
		if not invoice.items:
			invoice.append(
				"items",
				{
					"item_code": ITEM,
					"qty": -1 if amount < 0 else 1,
					"rate": abs(amount),
					"uom": "Nos",
					"conversion_factor": 1,
				},
			)
		invoice.insert()
		if submit:
			invoice.submit()
			invoice.reload()
		return invoice

	def pay(self, invoice, amount: float | None = None, submit: bool = True, account: str | None = None):
		"""Payment Entry by get_payment_entry, to `account` or the company's bank; inserted with docstatus 1."""
		payment = get_payment_entry(invoice.doctype, invoice.name, bank_account=account or self.bank)
		payment.update({"reference_no": "REF-1", "reference_date": nowdate()})
		if amount is not None:
			payment.paid_amount = payment.received_amount = amount
			payment.references[0].allocated_amount = amount
		if submit:
			payment.docstatus = 1
		return payment.insert()

	def bank_transaction(
		self, deposit: float = 0, withdrawal: float = 0, bank_account: str | None = None, **values
	):
		"""Submitted Bank Transaction on the company's bank account, dated today."""
		transaction = frappe.get_doc(
			{
				"doctype": "Bank Transaction",
				"date": nowdate(),
				"company": self.company,
				"bank_account": bank_account or self.bank_account,
				"currency": self.currency,
				"deposit": deposit,
				"withdrawal": withdrawal,
				"description": "Statement line",
				"reference_number": "REF-1",
				**values,
			}
		)
		transaction.insert()
		transaction.submit()
		return transaction

	def journal_entry(self, rows: list[dict], submit: bool = True, **values):
		"""Journal Entry; rows have account and debit or credit (account currency)."""
		journal = frappe.get_doc(
			{
				"doctype": "Journal Entry",
				"company": self.company,
				"posting_date": nowdate(),
				"voucher_type": "Bank Entry",
				"cheque_no": "REF-1",
				"cheque_date": nowdate(),
				**values,
			}
		)
		for row in rows:
			row = dict(row)
			debit, credit = row.pop("debit", 0), row.pop("credit", 0)
			journal.append(
				"accounts",
				{
					"cost_center": self.account("Main"),
					"debit_in_account_currency": debit,
					"credit_in_account_currency": credit,
					**row,
				},
			)
		journal.insert()
		if submit:
			journal.submit()
		return journal

	def ledger(self, voucher, cancelled: int = 0) -> list[tuple]:
		"""(account, debit, credit) of the voucher's General Ledger rows, in company currency, sorted."""
		return self._ledger(voucher, cancelled, "debit", "credit")

	def ledger_in_account_currency(self, voucher, cancelled: int = 0) -> list[tuple]:
		"""(account, debit, credit) of the voucher's rows in the currency of each account, sorted."""
		return self._ledger(voucher, cancelled, "debit_in_account_currency", "credit_in_account_currency")

	def _ledger(self, voucher, cancelled: int, debit: str, credit: str) -> list[tuple]:
		rows = frappe.get_all(
			"GL Entry",
			filters={"voucher_type": voucher.doctype, "voucher_no": voucher.name, "is_cancelled": cancelled},
			fields=["account", debit, credit],
		)
		return sorted((self.short(row.account), row[debit], row[credit]) for row in rows)

	def payment_ledger(self, voucher, delinked: int = 0) -> list[tuple]:
		"""(account, voucher settled, amount in account currency) of the voucher's party rows, sorted."""
		rows = frappe.get_all(
			"Payment Ledger Entry",
			filters={"voucher_type": voucher.doctype, "voucher_no": voucher.name, "delinked": delinked},
			fields=["account", "against_voucher_no", "amount_in_account_currency"],
		)
		return sorted(
			(self.short(row.account), row.against_voucher_no, row.amount_in_account_currency) for row in rows
		)


def state(invoice) -> tuple[float, str]:
	"""(outstanding amount, status) of an invoice as stored."""
	return frappe.db.get_value(invoice.doctype, invoice.name, ["outstanding_amount", "status"])


def clearance_date(voucher):
	"""Clearance date of a voucher as stored."""
	return frappe.db.get_value(voucher.doctype, voucher.name, "clearance_date")


def get_payment_entry(*args, **kwargs):
	"""ERPNext's function, imported late so that this file can be read without a site."""
	from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry as make

	return make(*args, **kwargs)


def set_exchange_rate(from_currency: str, to_currency: str, rate: float, days: int = 0) -> None:
	"""Currency Exchange record for the day `days` from today, replacing an earlier one."""
	date = add_days(nowdate(), days)
	filters = {"date": date, "from_currency": from_currency, "to_currency": to_currency}
	frappe.db.delete("Currency Exchange", filters)
	frappe.get_doc(
		{
			"doctype": "Currency Exchange",
			"exchange_rate": rate,
			"for_buying": 1,
			"for_selling": 1,
			**filters,
		}
	).insert()
