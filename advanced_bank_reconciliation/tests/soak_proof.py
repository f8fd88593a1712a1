# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Proves the books after a soak: from the ledgers and the documents, not from what the engine reports."""

from dataclasses import dataclass
from typing import Any

import frappe
from frappe.utils import flt, getdate

from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, JOB


@dataclass(frozen=True)
class Deposit:
	"""One job: its Bank Transaction, and what each invoice owed before."""

	job: str
	line: str
	invoices: dict[str, float]


def prove(deposits: list[Deposit], taken: dict[str, str], bank_account: str) -> dict[str, Any]:
	"""Return counts, and as `problems` a sentence for everything that is not exactly as it must be.

	taken: invoices that somebody else has paid or cancelled, with the payment or "cancelled".
	"""
	proof = Proof(taken, frappe.db.get_value("Bank Account", bank_account, "account"))
	for deposit in deposits:
		proof.deposit(deposit)
	proof.ledgers(list(proof.payments))
	proof.nothing_beyond(deposits)
	return {
		"invoices": sum(len(deposit.invoices) for deposit in deposits),
		"reconciled": proof.reconciled,
		"failed, as others paid or cancelled them": proof.failed,
		"Payment Entries": len(proof.payments),
		"job states": {deposit.job: frappe.db.get_value(JOB, deposit.job, "status") for deposit in deposits},
		"runs": sum(1 + (frappe.db.get_value(JOB, deposit.job, "run_no") or 0) for deposit in deposits),
		"problems": proof.problems,
	}


class Proof:
	def __init__(self, taken: dict[str, str], gl_account: str) -> None:
		self.taken, self.gl_account = taken, gl_account
		self.problems: list[str] = []
		self.payments: dict[str, float] = {}
		self.reconciled = self.failed = 0

	def check(self, right: bool, problem: str) -> None:
		if not right:
			self.problems.append(problem)

	def deposit(self, deposit: Deposit) -> None:
		rows = frappe.get_all(
			INVOICE_ROW,
			{"parent": deposit.job},
			["invoice", "status", "error", "payment_entry", "allocated_amount"],
		)
		self.check(
			sorted(row.invoice for row in rows) == sorted(deposit.invoices),
			f"{deposit.job}: rows are missing",
		)
		paid: dict[str, float] = {}
		for row in rows:
			self.invoice(row, deposit.invoices[row.invoice])
			if row.status == "Reconciled":
				paid[row.payment_entry] = row.allocated_amount
		failed = [row for row in rows if row.status == "Failed"]
		self.reconciled, self.failed = self.reconciled + len(paid), self.failed + len(failed)
		self.check(
			len(paid) + len(failed) == len(rows), f"{deposit.job}: rows are neither Reconciled nor Failed"
		)
		self.line(deposit, paid)
		self.job(deposit, len(paid), len(failed))
		self.payments.update(paid)

	def invoice(self, row: frappe._dict, owed: float) -> None:
		"""Paid exactly once, by the payment on its row or by somebody else; or cancelled by somebody else."""
		by_others = self.taken.get(row.invoice)
		payments = frappe.get_all(
			"Payment Entry Reference",
			{"reference_doctype": "Sales Invoice", "reference_name": row.invoice},
			["parent", "allocated_amount", "docstatus"],
		)
		if row.status == "Failed":
			self.check(bool(by_others), f"{row.invoice} failed, and nobody had touched it: {row.error}")
			self.check(bool(row.error), f"{row.invoice} failed without a reason")
		else:
			self.check(not by_others, f"{row.invoice} was taken by others and is {row.status}")
		expected = by_others or row.payment_entry
		found = [(item.parent, flt(item.allocated_amount, 2), item.docstatus) for item in payments]
		wanted = [] if expected == "cancelled" else [(expected, flt(owed, 2), 1)]
		self.check(found == wanted, f"{row.invoice}: payments {found} instead of {wanted}")
		invoice = frappe.db.get_value(
			"Sales Invoice", row.invoice, ["outstanding_amount", "status", "docstatus"], as_dict=True
		)
		state = (flt(invoice.outstanding_amount, 2), invoice.status, invoice.docstatus)
		if expected == "cancelled":
			self.check(state[1:] == ("Cancelled", 2), f"{row.invoice} is {state}")
			return
		self.check(state == (0, "Paid", 1), f"{row.invoice} is {state}")
		left = frappe.db.sql(
			"select sum(amount) from `tabPayment Ledger Entry` where against_voucher_no = %s and delinked = 0",
			row.invoice,
		)[0][0]
		self.check(flt(left, 2) == 0, f"{row.invoice}: {left} is open in the Payment Ledger")

	def line(self, deposit: Deposit, paid: dict[str, float]) -> None:
		"""Reconciled exactly by the sum, each payment linked once and cleared."""
		line = frappe.get_doc("Bank Transaction", deposit.line)
		links = [(link.payment_entry, flt(link.allocated_amount, 2)) for link in line.payment_entries]
		self.check(
			sorted(links) == sorted((name, flt(amount, 2)) for name, amount in paid.items()),
			f"{line.name}: its {len(links)} links are not the {len(paid)} payments of the job",
		)
		total = flt(sum(paid.values()), 2)
		amounts = (flt(line.allocated_amount, 2), flt(line.unallocated_amount, 2))
		self.check(amounts == (total, flt(line.deposit - total, 2)), f"{line.name}: amounts are {amounts}")
		left = flt(line.deposit - total, 2)
		self.check(line.status == ("Unreconciled" if left else "Reconciled"), f"{line.name} is {line.status}")

	def job(self, deposit: Deposit, paid: int, failed: int) -> None:
		"""Ended with true counts, and its user told once."""
		job = frappe.get_doc(JOB, deposit.job)
		expected = ("Partially Completed" if failed else "Completed", paid, failed, None)
		found = (job.status, job.processed, job.failed, job.active_bank_transaction)
		self.check(found == expected, f"{job.name} is {found} instead of {expected}: {job.message}")
		told = frappe.db.count("Notification Log", {"document_name": job.name})
		self.check(told == 1, f"{job.name}: its user was told {told} times")

	def ledgers(self, names: list[str]) -> None:
		"""Each payment has one pair of GL Entries and one Payment Ledger Entry, which say the same."""
		for name in names:
			document = frappe.db.get_value(
				"Payment Entry",
				name,
				["docstatus", "paid_amount", "clearance_date", "reference_date"],
				as_dict=1,
			)
			amount = flt(self.payments[name], 2)
			cleared = document and getdate(document.clearance_date) == getdate(document.reference_date)
			self.check(
				bool(
					document
					and document.docstatus == 1
					and cleared
					and flt(document.paid_amount, 2) == amount
				),
				f"{name}: {document} instead of a cleared payment over {amount}",
			)
			entries = frappe.get_all(
				"GL Entry", {"voucher_no": name}, ["account", "debit", "credit", "is_cancelled"]
			)
			found = sorted((flt(entry.debit, 2), flt(entry.credit, 2)) for entry in entries)
			bank = [flt(entry.debit, 2) for entry in entries if entry.account == self.gl_account]
			self.check(found == [(0, amount), (amount, 0)] and bank == [amount], f"{name}: ledger {found}")
			entries = frappe.get_all("Payment Ledger Entry", {"voucher_no": name}, ["amount", "delinked"])
			found = [(flt(entry.amount, 2), entry.delinked) for entry in entries]
			self.check(found == [(-amount, 0)], f"{name}: payment ledger {found}")

	def nothing_beyond(self, deposits: list[Deposit]) -> None:
		"""No ledger row without its voucher, no payment that nobody knows, no name that is given twice."""
		for ledger in ("GL Entry", "Payment Ledger Entry"):
			orphans = frappe.db.sql(
				f"""select entry.voucher_no from `tab{ledger}` entry
				left join `tabPayment Entry` payment on payment.name = entry.voucher_no
				where entry.voucher_type = 'Payment Entry' and payment.name is null"""
			)
			self.check(not orphans, f"{ledger} of payments that do not exist: {orphans[:5]}")
		strangers = frappe.db.sql(
			"""select payment.name from `tabPayment Entry` payment
			join `tabPayment Entry Reference` reference on reference.parent = payment.name
			where reference.reference_name in %(invoices)s and payment.name not in %(known)s""",
			{
				"invoices": [name for deposit in deposits for name in deposit.invoices],
				"known": [*self.payments, *self.taken.values(), ""],
			},
		)
		self.check(not strangers, f"payments that no job has made: {strangers[:5]}")
		self.check(
			len(self.payments) == self.reconciled,
			f"{self.reconciled} invoices share {len(self.payments)} payments",
		)
