# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""`python3 minibench demo`: one bulk deposit settles its invoices, with every part real, and the books are proven.

`books` makes the documents, `run` lets a worker process do the job as the desk would start it, `proof` checks.
"""

import json
import os
import secrets
import sys
from pathlib import Path

from minibench.demo.run import Outcome, run_job
from minibench.processes import Processes, open_site

UNIT = "USD"


def run_demo(path: Path, count: int, as_json: bool) -> int:
	"""The whole demo on the site in `path` with `count` invoices; 0 when the books are right, else 1.

	All is said on stdout; with `as_json` on stderr, and stdout gets one JSON object.
	"""
	out = sys.stderr if as_json else sys.stdout

	def tell(text: str) -> None:
		print(text, file=out, flush=True)

	with open_site(path) as site:
		password = secrets.token_urlsafe(16)
		with site.connected():
			transaction, invoices, user = make_books(count, password, tell)
		with Processes(site) as processes:
			tell("Starting a worker on the long queue, the web server and the realtime server")
			outcome = run_job(processes, user, password, transaction, invoices, out)
		with site.connected():
			from minibench.demo.proof import prove

			proof = prove(transaction, invoices, outcome.job_id)
	report(tell, transaction, invoices, outcome, proof)
	tell(f"Site      {os.path.relpath(site.database)}, look inside with any SQLite program")
	if as_json:
		print(json.dumps(summary(transaction, invoices, outcome, proof)), flush=True)
	return 1 if proof.problems else 0


def make_books(count: int, password: str, tell) -> tuple:
	"""The documents of this run, committed: the deposit, its invoices and the user who will settle them."""
	import frappe

	from minibench.demo import books

	company = books.make_company()
	bank_account = books.make_bank_account()
	user = books.make_user(password)
	tell(f"Writing {count} Sales Invoices of {min(count, len(books.CUSTOMERS))} customers of {company.name}")
	invoices = books.make_invoices(company, count)
	transaction = books.make_deposit(bank_account, invoices)
	frappe.db.commit()
	tell(
		f"Bank Transaction {transaction.name}: a deposit of {transaction.deposit:,.2f} {UNIT} for all of them"
	)
	return transaction, invoices, user


def report(tell, transaction, invoices: list, outcome: Outcome, proof) -> None:
	"""What happened, in a few lines."""
	each = 1000 * outcome.seconds / len(invoices)
	tell("")
	tell(
		f"Bank      {transaction.name} is {proof.status}, unallocated {proof.unallocated_amount:,.2f} {UNIT}"
	)
	tell(
		f"Payments  {proof.payment_entries} Payment Entries for {len(invoices)} invoices, {outcome.failed} failed"
	)
	tell(f"Ledger    {proof.vouchers_balanced} vouchers balance, {proof.clearance_dates} clearance dates set")
	tell(f"Job       {outcome.job_id} is {proof.job_status}: {outcome.message}")
	tell(f"Time      {outcome.seconds:.1f} s from the call to the last event, {each:.0f} ms an invoice")
	tell(f"Events    {outcome.events} received over socket.io")
	for problem in proof.problems[:20]:
		tell(f"WRONG     {problem}")
	tell(
		f"The books are WRONG: {len(proof.problems)} problems." if proof.problems else "The books are right."
	)


def summary(transaction, invoices: list, outcome: Outcome, proof) -> dict:
	"""The object that --json prints. `seconds` is the time of the job: from the call to its last event."""
	return {
		"bank_transaction": transaction.name,
		"status": proof.status,
		"invoices": len(invoices),
		"payment_entries": proof.payment_entries,
		"failed": outcome.failed,
		"unallocated_amount": proof.unallocated_amount,
		"seconds": round(outcome.seconds, 2),
		"events": outcome.events,
	}
