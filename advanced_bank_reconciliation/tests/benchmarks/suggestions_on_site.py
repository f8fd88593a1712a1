# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Measures `suggest_invoices` on a site, with its reading of open invoices: time, SQL statements, memory.

On a bench:    bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.suggestions_on_site.measure
On minibench:  python3 minibench execute advanced_bank_reconciliation.tests.benchmarks.suggestions_on_site.measure
With arguments: --kwargs '{"invoices": 300}'. Use a site for tests: the documents stay.
"""

import random
import time
import tracemalloc
from typing import Any
from unittest.mock import patch

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, flt

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.tests import factories

CUSTOMERS = 10
MOST_SECONDS = 2.0
MOST_MEGABYTES = 200
COLUMNS = ("case", "s", "statements", "tracemalloc MB", "answer")


def measure(invoices: int = 300, hidden: int = 40) -> list[dict[str, Any]]:
	"""Make open invoices of one customer and of ten, ask for sums of some and for none, and print the table.

	Raises AssertionError when a case took longer than two seconds or more than 200 MB.
	"""
	label = frappe.generate_hash(length=6)
	alone, together = f"Suggested {label}", [f"Suggested {label} {number}" for number in range(CUSTOMERS)]
	amounts = _amounts(invoices)
	for number, amount in enumerate(amounts):
		due_date = add_days(factories.POSTING_DATE, number % 90)
		for customer in (alone, together[number % CUSTOMERS]):
			factories.make_sales_invoice(amount, customer, due_date=due_date)
	total = flt(sum(random.Random(2).sample(amounts, hidden)), 2)
	of_one = {"party_type": "Customer", "party": alone}
	cases = {
		f"{hidden} of {invoices} invoices of one customer": factories.make_bank_transaction(total, **of_one),
		"one customer, no set": factories.make_bank_transaction(flt(total + 0.03, 2), **of_one),
		f"{hidden} of all open invoices": factories.make_bank_transaction(total),
		"all open invoices, no set": factories.make_bank_transaction(0.01),
	}
	frappe.db.commit()
	print("| " + " | ".join(COLUMNS) + " |")
	print("|" + " --- |" * len(COLUMNS), flush=True)
	rows = [_measure(case, line) for case, line in cases.items()]
	slow = [row for row in rows if row["s"] > MOST_SECONDS or row["tracemalloc MB"] > MOST_MEGABYTES]
	if slow:
		raise AssertionError(slow)
	return rows


def _amounts(count: int) -> list[float]:
	"""Amounts of 10.00 to 5,000.00 in steps of five cents, so that a sum that ends in three cents has no set."""
	chance = random.Random(1)
	return [flt(chance.randint(200, 100_000) / 20, 2) for _number in range(count)]


def _measure(case: str, line: Document) -> dict[str, Any]:
	start = time.perf_counter()
	answer = tool.suggest_invoices(line.name)
	seconds = time.perf_counter() - start
	with patch.object(frappe.db, "sql", wraps=frappe.db.sql) as statements:
		tracemalloc.start()
		tool.suggest_invoices(line.name)
		peak = tracemalloc.get_traced_memory()[1]
		tracemalloc.stop()
	row = {
		"case": case,
		"s": round(seconds, 2),
		"statements": statements.call_count,
		"tracemalloc MB": round(peak / 1024 / 1024, 1),
		"answer": _in_words(answer),
	}
	print("| " + " | ".join(str(row[column]) for column in COLUMNS) + " |", flush=True)
	return row


def _in_words(answer: dict[str, Any]) -> str:
	sets = [
		f"{each['kind']}, {len(each['rows'])} documents. {each['note']}" for each in answer["suggestions"]
	]
	return " / ".join([*sets, *answer["notices"]])
