# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Proves the books after the demo's job, from the tables alone: nothing that the job says about itself counts."""

from dataclasses import dataclass, field

import frappe
from frappe.model.document import Document
from frappe.utils import flt

PRECISION = 2
CHUNK = 500  # names in one query


@dataclass
class Proof:
	"""What was found. The books are right when `problems` is empty."""

	job_status: str = ""
	status: str = ""
	unallocated_amount: float = 0.0
	payment_entries: int = 0
	vouchers_balanced: int = 0
	clearance_dates: int = 0
	problems: list[str] = field(default_factory=list)

	def expect(self, condition: bool, problem: str) -> None:
		if not condition:
			self.problems.append(problem)


def prove(transaction: Document, invoices: list[Document], job_id: str) -> Proof:
	"""Look at the Bank Transaction, its invoices, their Payment Entries and the ledger, all as committed."""
	proof = Proof()
	proof.job_status = frappe.db.get_value("Bulk Bank Reconciliation", job_id, "status")
	proof.expect(proof.job_status == "Completed", f"the job {job_id} is {proof.job_status}, not Completed")
	names = [invoice.name for invoice in invoices]
	payments = check_payments(proof, names)
	check_bank_transaction(proof, transaction, payments)
	check_invoices(proof, names)
	check_clearance(proof, transaction, payments)
	check_ledger(proof, "Sales Invoice", names)
	check_ledger(proof, "Payment Entry", payments)
	check_bank_ledger(proof, transaction, payments)
	return proof


def check_payments(proof: Proof, invoices: list[str]) -> list[str]:
	"""Each invoice stands in exactly one submitted Payment Entry; returns those."""
	rows = rows_in(
		"Payment Entry Reference",
		"reference_name",
		invoices,
		{"reference_doctype": "Sales Invoice", "docstatus": 1},
		["parent", "reference_name"],
	)
	payments = {}
	for row in rows:
		payments.setdefault(row.reference_name, set()).add(row.parent)
	for invoice in invoices:
		count = len(payments.get(invoice, ()))
		proof.expect(count == 1, f"Sales Invoice {invoice} stands in {count} Payment Entries, not in one")
	found = sorted({row.parent for row in rows})
	proof.payment_entries = len(found)
	return found


def check_bank_transaction(proof: Proof, transaction: Document, payments: list[str]) -> None:
	doc = frappe.get_doc("Bank Transaction", transaction.name)
	proof.status, proof.unallocated_amount = doc.status, flt(doc.unallocated_amount, PRECISION)
	proof.expect(doc.status == "Reconciled", f"Bank Transaction {doc.name} is {doc.status}, not Reconciled")
	proof.expect(
		not proof.unallocated_amount, f"{proof.unallocated_amount} of {doc.name} is left unallocated"
	)
	linked = sorted(row.payment_entry for row in doc.payment_entries)
	proof.expect(linked == payments, f"{doc.name} links {len(linked)} vouchers, not the {len(payments)} made")
	allocated = flt(sum(row.allocated_amount for row in doc.payment_entries), PRECISION)
	proof.expect(
		allocated == flt(doc.deposit, PRECISION), f"{doc.name} allocates {allocated} of {doc.deposit}"
	)


def check_invoices(proof: Proof, invoices: list[str]) -> None:
	for row in rows_in("Sales Invoice", "name", invoices, {}, ["name", "outstanding_amount", "status"]):
		paid = row.status == "Paid" and not flt(row.outstanding_amount, PRECISION)
		proof.expect(paid, f"Sales Invoice {row.name} is {row.status}, outstanding {row.outstanding_amount}")


def check_clearance(proof: Proof, transaction: Document, payments: list[str]) -> None:
	for row in rows_in("Payment Entry", "name", payments, {}, ["name", "clearance_date"]):
		cleared = str(row.clearance_date) == str(transaction.date)
		proof.clearance_dates += cleared
		proof.expect(cleared, f"Payment Entry {row.name} has the clearance date {row.clearance_date}")


def check_ledger(proof: Proof, doctype: str, names: list[str]) -> None:
	"""Every voucher has ledger rows, and its debit is its credit."""
	totals = {name: [0.0, 0.0] for name in names}
	filters = {"voucher_type": doctype, "is_cancelled": 0}
	for row in rows_in("GL Entry", "voucher_no", names, filters, ["voucher_no", "debit", "credit"]):
		totals[row.voucher_no][0] += row.debit
		totals[row.voucher_no][1] += row.credit
	for name, (debit, credit) in totals.items():
		balanced = flt(debit, PRECISION) == flt(credit, PRECISION) != 0
		proof.vouchers_balanced += balanced
		proof.expect(balanced, f"{doctype} {name}: debit {debit}, credit {credit} in the ledger")


def check_bank_ledger(proof: Proof, transaction: Document, payments: list[str]) -> None:
	"""What the payments brought to the bank's account in the ledger is the deposit."""
	account = frappe.db.get_value("Bank Account", transaction.bank_account, "account")
	filters = {"voucher_type": "Payment Entry", "account": account, "is_cancelled": 0}
	rows = rows_in("GL Entry", "voucher_no", payments, filters, ["debit", "credit"])
	received = flt(sum(row.debit - row.credit for row in rows), PRECISION)
	proof.expect(
		received == flt(transaction.deposit, PRECISION),
		f"{received} came to {account}, not {transaction.deposit}",
	)


def rows_in(doctype: str, fieldname: str, values: list[str], filters: dict, fields: list[str]) -> list:
	"""`frappe.get_all` where `fieldname` is one of many values, a piece at a time."""
	rows = []
	for start in range(0, len(values), CHUNK):
		chunk = {fieldname: ("in", values[start : start + CHUNK])}
		rows += frappe.get_all(doctype, filters={**filters, **chunk}, fields=fields)
	return rows
