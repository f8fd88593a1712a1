# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from frappe import _
from frappe.model.docstatus import DocStatus
from frappe.model.document import Document
from frappe.query_builder.functions import Abs, Max, Sum
from frappe.utils import flt, getdate


class BankTransaction(Document):
	"""One line of a bank statement and the vouchers that explain it (payment_entries)."""

	def before_validate(self) -> None:
		self.update_allocated_amount()

	def validate(self) -> None:
		self.validate_duplicate_references()
		self._validate_currency()

	def before_submit(self) -> None:
		self.allocate_payment_entries()
		self.set_status()
		if frappe.db.get_single_value("Accounts Settings", "enable_party_matching"):
			raise NotImplementedError("Automatic party matching of Bank Transactions is not in minibench")

	def before_update_after_submit(self) -> None:
		self.validate_duplicate_references()
		self.update_allocated_amount()
		self.delink_old_payment_entries()
		self.allocate_payment_entries()
		self.set_status()

	def on_cancel(self) -> None:
		for row in self.payment_entries:
			self.delink_payment_entry(row)
		self.set_status()

	def _validate_currency(self) -> None:
		account = self.bank_account and frappe.get_cached_value("Bank Account", self.bank_account, "account")
		if not (self.currency and account):
			return
		account_currency = frappe.get_cached_value("Account", account, "account_currency")
		if self.currency != account_currency:
			frappe.throw(
				_("Currency {0} cannot be different from the currency of Bank Account {1}: {2}").format(
					self.currency, self.bank_account, account_currency
				)
			)

	def set_status(self) -> None:
		"""Cancelled, Reconciled when nothing is left to allocate, else Unreconciled; a draft keeps its own."""
		if self.docstatus == 2:
			self.db_set("status", "Cancelled")
		elif self.docstatus == 1:
			self.db_set("status", "Unreconciled" if self.unallocated_amount > 0 else "Reconciled")

	def validate_duplicate_references(self) -> None:
		"""A voucher may be in the table once."""
		seen = set()
		for row in self.payment_entries:
			key = (row.payment_document, row.payment_entry)
			if key in seen:
				frappe.throw(_("{0} {1} is allocated twice in this Bank Transaction").format(*key))
			seen.add(key)

	def update_allocated_amount(self) -> None:
		"""Sum of the rows, and what the line has beyond it."""
		allocated = sum(row.allocated_amount for row in self.payment_entries)
		total = abs(flt(self.withdrawal) - flt(self.deposit))
		self.allocated_amount = flt(allocated, self.precision("allocated_amount"))
		self.unallocated_amount = flt(total - allocated, self.precision("unallocated_amount"))

	def add_payment_entries(self, vouchers: list[dict]) -> None:
		"""Append vouchers (payment_doctype, payment_name); saving allocates and clears them.

		Raises ValidationError when nothing is left to allocate.
		"""
		if self.unallocated_amount <= 0.0:
			frappe.throw(_("Bank Transaction {0} is already fully reconciled").format(self.name))
		for voucher in vouchers:
			self.append(
				"payment_entries",
				{
					"payment_document": voucher["payment_doctype"],
					"payment_entry": voucher["payment_name"],
					"allocated_amount": 0.0,
				},
			)

	def allocate_payment_entries(self) -> None:
		"""Give each row without amount what its voucher still moves on the bank account and the line has left.

		Rows with an amount are kept as they are. A voucher that has nothing left, or finds nothing left on the
		line, is taken off again. A voucher is cleared when all its bank accounts are allocated (VERSIONS.md).
		"""
		if self.flags.updating_linked_bank_transaction or not self.payment_entries:
			return
		remaining = self.unallocated_amount
		vouchers = [(row.payment_document, row.payment_entry) for row in self.payment_entries]
		allocations = get_total_allocated_amount(vouchers)
		gl_entries = get_related_bank_gl_entries(vouchers)
		gl_account = frappe.db.get_value("Bank Account", self.bank_account, "account")
		for row in list(self.payment_entries):
			if row.allocated_amount != 0:
				continue
			voucher = (row.payment_document, row.payment_entry)
			allocable, should_clear, clearance_date = get_clearance_details(
				self, row, allocations.get(voucher) or {}, gl_entries.get(voucher) or {}, gl_account
			)
			remaining = self._allocate(row, allocable, should_clear, clearance_date, remaining)
		self.update_allocated_amount()

	def _allocate(self, row, allocable: float, should_clear: bool, clearance_date, remaining: float) -> float:
		"""Allocate one row; returns what the line has left then."""
		if allocable < 0:
			# ERPNext fails here with an IndexError while it builds the message (PITFALLS P26)
			frappe.throw(_("Voucher {0} is over-allocated by {1}").format(allocable))
		if remaining <= 0:
			self.remove(row)
			return remaining
		if allocable == 0:
			if should_clear:
				self.clear_linked_payment_entry(row, clearance_date=clearance_date)
			self.remove(row)
			return remaining
		row.allocated_amount = min(allocable, remaining)
		if row.payment_document == "Bank Transaction":
			self.update_linked_bank_transaction(row.payment_entry, row.allocated_amount)
		elif should_clear and allocable <= remaining:
			self.clear_linked_payment_entry(row, clearance_date=clearance_date)
		return flt(remaining - row.allocated_amount, self.precision("unallocated_amount"))

	@frappe.whitelist()
	def remove_payment_entries(self) -> None:
		"""Unlink the rows and save. As in ERPNext every second row stays (PITFALLS P27)."""
		for row in self.payment_entries:
			self.remove_payment_entry(row)
		self.save()

	def remove_payment_entry(self, payment_entry) -> None:
		"""Take a row off and its voucher's clearance date away."""
		self.delink_payment_entry(payment_entry)
		self.remove(payment_entry)

	def delink_old_payment_entries(self) -> None:
		"""Clearance goes from the vouchers whose rows were removed since the last save."""
		if self.flags.updating_linked_bank_transaction:
			return
		kept = {row.name for row in self.payment_entries}
		for row in self.get_doc_before_save().payment_entries:
			if row.name not in kept:
				self.delink_payment_entry(row)

	def delink_payment_entry(self, payment_entry) -> None:
		"""Undo what linking did to the row's voucher."""
		if payment_entry.payment_document == "Bank Transaction":
			self.update_linked_bank_transaction(payment_entry.payment_entry, allocated_amount=None)
		else:
			self.clear_linked_payment_entry(payment_entry, clearance_date=None)

	def clear_linked_payment_entry(self, payment_entry, clearance_date=None) -> None:
		"""Write the clearance date to the row's voucher, on a Sales Invoice to all its payments (P29)."""
		doctype, name = payment_entry.payment_document, payment_entry.payment_entry
		if doctype not in get_doctypes_for_bank_reconciliation():
			return
		if doctype == "Sales Invoice":
			frappe.db.set_value(
				"Sales Invoice Payment",
				{"parenttype": doctype, "parent": name},
				"clearance_date",
				clearance_date,
			)
		else:
			frappe.db.set_value(doctype, name, "clearance_date", clearance_date)

	def update_linked_bank_transaction(self, bank_transaction_name: str, allocated_amount=None) -> None:
		"""Mirror a link between two lines in the other one; without an amount the mirror row is removed."""
		other = frappe.get_doc(self.doctype, bank_transaction_name)
		if allocated_amount:
			other.append(
				"payment_entries",
				{
					"payment_document": self.doctype,
					"payment_entry": self.name,
					"allocated_amount": allocated_amount,
				},
			)
		else:
			rows = [
				row
				for row in other.payment_entries
				if row.payment_document == self.doctype and row.payment_entry == self.name
			]
			if not rows:
				return
			other.flags.updating_linked_bank_transaction = True
			other.remove(rows[0])
		other.save()


@frappe.whitelist()
def get_doctypes_for_bank_reconciliation():
	"""Doctypes of vouchers that have a clearance date, from the hook of all apps."""
	return frappe.get_hooks("bank_reconciliation_doctypes")


def get_clearance_details(transaction, payment_entry, bt_allocations, gl_entries, gl_bank_account):
	"""What is left of a voucher for this line, whether all of it will then be allocated, and the latest date.

	bt_allocations and gl_entries are the voucher's, by GL account. Returns (amount, should clear, date).
	Raises ValidationError when the voucher does not move this bank account.
	"""
	date = getdate(transaction.date)
	voucher = f"{payment_entry.payment_document} {payment_entry.payment_entry}"
	if payment_entry.payment_document == "Bank Transaction":
		other = frappe.db.get_value(
			"Bank Transaction",
			payment_entry.payment_entry,
			["unallocated_amount", "bank_account"],
			as_dict=True,
		)
		if other.bank_account != gl_bank_account:
			# ERPNext 15 compares a Bank Account with a GL account, so lines never match (PITFALLS P25)
			frappe.throw(
				_("Bank Account {0} of {1} is not {2}").format(other.bank_account, voucher, gl_bank_account)
			)
		return abs(other.unallocated_amount), True, date

	if gl_bank_account not in gl_entries:
		frappe.throw(_("{0} is not affecting bank account {1}").format(voucher, gl_bank_account))
	amount = gl_entries.pop(gl_bank_account) or 0
	if amount <= 0.0:
		frappe.throw(
			_("Invalid amount in accounting entries of {0} for {1}").format(voucher, gl_bank_account)
		)
	allocated = bt_allocations.pop(gl_bank_account, {})
	allocable = flt(amount - allocated.get("total", 0), transaction.precision("unallocated_amount"))
	others_covered = all(
		gl_entries[account] == bt_allocations.get(account, {}).get("total", 0) for account in gl_entries
	)
	latest = allocated.get("latest_date")
	return allocable, others_covered, max(date, latest) if latest else date


def get_related_bank_gl_entries(docs) -> dict[tuple, dict[str, float]]:
	"""{(doctype, name): {GL account: amount moved}} on accounts of type Bank, in account currency."""
	if not docs:
		return {}
	gle = frappe.qb.DocType("GL Entry")
	account = frappe.qb.DocType("Account")
	rows = (
		frappe.qb.from_(gle)
		.join(account)
		.on(account.name == gle.account)
		.select(
			gle.voucher_type,
			gle.voucher_no,
			gle.account,
			Sum(Abs(gle.credit_in_account_currency - gle.debit_in_account_currency)).as_("amount"),
		)
		.where((account.account_type == "Bank") & (gle.is_cancelled == 0))
		.where(gle.voucher_no.isin(sorted({name for _doctype, name in docs})))
		.groupby(gle.voucher_type, gle.voucher_no, gle.account)
		.run(as_dict=True)
	)
	wanted = set(docs)
	entries: dict[tuple, dict[str, float]] = {}
	for row in rows:
		key = (row.voucher_type, row.voucher_no)
		if key in wanted:
			entries.setdefault(key, {})[row.account] = row.amount
	return entries


def get_total_allocated_amount(docs) -> dict[tuple, dict[str, dict]]:
	"""{(doctype, name): {GL account: total, latest_date, ...}} allocated by submitted Bank Transactions."""
	if not docs:
		return {}
	row = frappe.qb.DocType("Bank Transaction Payments")
	transaction = frappe.qb.DocType("Bank Transaction")
	bank_account = frappe.qb.DocType("Bank Account")
	rows = (
		frappe.qb.from_(row)
		.join(transaction)
		.on(transaction.name == row.parent)
		.left_join(bank_account)
		.on(bank_account.name == transaction.bank_account)
		.select(
			row.payment_document,
			row.payment_entry,
			bank_account.account.as_("gl_account"),
			Sum(row.allocated_amount).as_("total"),
			Max(transaction.date).as_("latest_date"),
		)
		.where(transaction.docstatus == 1)
		.where(row.payment_entry.isin(sorted({name for _doctype, name in docs})))
		.groupby(row.payment_document, row.payment_entry, bank_account.account)
		.run(as_dict=True)
	)
	wanted = set(docs)
	allocations: dict[tuple, dict[str, dict]] = {}
	for found in rows:
		key = (found.payment_document, found.payment_entry)
		if key in wanted:
			found.latest_date = getdate(found.latest_date)
			allocations.setdefault(key, {})[found.gl_account] = found
	return allocations


def get_reconciled_bank_transactions(doctype, docname) -> list[str]:
	"""Names of the Bank Transactions that list the voucher."""
	return frappe.get_all(
		"Bank Transaction Payments",
		filters={"payment_document": doctype, "payment_entry": docname},
		pluck="parent",
	)


def remove_from_bank_transaction(doctype, docname) -> None:
	"""Take a voucher that is being cancelled off all Bank Transactions that are not cancelled themselves."""
	for name in get_reconciled_bank_transactions(doctype, docname):
		transaction = frappe.get_doc("Bank Transaction", name)
		if transaction.docstatus == DocStatus.cancelled():
			continue
		rows = [
			row
			for row in transaction.payment_entries
			if row.payment_document == doctype and row.payment_entry == docname
		]
		for row in rows:
			transaction.remove(row)
		if rows:
			transaction.save()
