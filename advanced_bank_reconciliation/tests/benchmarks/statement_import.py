# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Measures the import of a bank statement beside ERPNext's own Bank Statement Import, in one run.

On a bench, and there only (ERPNext's importer is not in minibench):
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.statement_import.compare
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.statement_import.alone
  bench --site SITE execute advanced_bank_reconciliation.tests.benchmarks.statement_import.remove

Both get the same CSV, each for a bank account of its own, and work as their background jobs do, in this
process. Ours reads, judges duplicates, inserts and submits; ERPNext's reads, inserts and submits. Blocks of
both alternate, so that what else the machine does meets both. Commits; use a site for tests.
"""

import cProfile
import csv
import io
import json
import pstats
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from typing import Any

import frappe
from frappe.model.document import Document

from advanced_bank_reconciliation.statement_import import record, worker
from advanced_bank_reconciliation.statement_import.bank_account import account_for_import
from advanced_bank_reconciliation.statement_import.job import IMPORTS, JOB, ROW
from advanced_bank_reconciliation.statement_import.run import start
from advanced_bank_reconciliation.tests import factories

OURS, THEIRS = "ABR Import Ours", "ABR Import ERPNext"
COLUMNS = ("Date", "Deposit", "Withdrawal", "Description", "Reference Number", "Transaction ID")
FIELDS = ("date", "deposit", "withdrawal", "description", "reference_number", "transaction_id")

#: DESIGN section 11.
AT_LEAST = 5.0

#: Lines of the file by which a process loads what it loads once.
WARM_UP = 20


def compare(lines: int = 1_000, blocks: int = 2) -> None:
	"""Import `lines` lines by both, in `blocks` blocks that alternate, and print the ratio.

	Before that, a small file by each: what a process loads once is not counted.
	"""
	workers = ((THEIRS, import_with_erpnext), (OURS, import_with_ours))
	accounts = {who: new_account(who) for who, _work in workers}
	totals: dict[str, list[float]] = {who: [0.0, 0.0, 0] for who, _work in workers}
	size = int(lines) // int(blocks)
	for block in range(-1, int(blocks)):
		for who, work in workers:
			content = make_csv(WARM_UP if block < 0 else size, frappe.generate_hash(length=6), block + 1)
			figures = measured(partial(work, accounts[who], content))
			if block >= 0:
				totals[who] = [total + figure for total, figure in zip(totals[who], figures, strict=True)]
	for who, (seconds, cpu, statements) in totals.items():
		print(
			f"{who:20s} {lines} lines {seconds:8.2f} s  {lines / seconds:8.1f} lines/s"
			f"  CPU of Python {1000 * cpu / lines:6.2f} ms a line  {statements / lines:6.1f} statements a line"
		)
	wall, cpu, asked = (totals[THEIRS][index] / totals[OURS][index] for index in range(3))
	print(
		f"ours is {wall:.2f} times as fast (budget: at least {AT_LEAST}), with {cpu:.2f} times less CPU"
		f" and {asked:.1f} times less statements; Frappe {frappe.__version__}"
	)


def alone(lines: int = 10_000, profile: int = 0) -> None:
	"""Import `lines` lines by ours: time of each part, statements by table, memory. profile: functions shown."""
	account = new_account(OURS)
	import_with_ours(account, make_csv(WARM_UP, frappe.generate_hash(length=6), 0))
	content = make_csv(int(lines), frappe.generate_hash(length=6), 1)
	before, seconds = memory(), {}
	with counted() as statements:
		start = time.perf_counter()
		name = upload(account, content)
		seconds["read, judge, keep"] = time.perf_counter() - start
		if int(profile):
			profiler = cProfile.Profile()
			profiler.runcall(run, name)
			pstats.Stats(profiler).sort_stats("cumulative").print_stats(int(profile))
		else:
			seconds["import"] = measured(partial(run, name))[0]
	check(name, int(lines))
	for part, taken in seconds.items():
		print(f"{part:20s} {taken:8.2f} s  {int(lines) / taken:8.1f} lines/s")
	print(f"memory: {before:.0f} MB before, {memory():.0f} MB at the most")
	for statement, count in statements.most_common(12):
		print(f"{count / int(lines):8.2f} a line  {statement}")


def new_account(title: str) -> str:
	"""Return a new bank account, committed: what earlier runs have left is of other accounts."""
	name = factories.make_bank_account(f"{title} {frappe.generate_hash(length=6)}")
	frappe.db.commit()
	return name


def import_with_ours(bank_account: str, content: bytes) -> None:
	"""Upload, and run what RQ would run."""
	name = upload(bank_account, content)
	run(name)
	check(name, content.count(b"\n") - 1)


def upload(bank_account: str, content: bytes) -> str:
	made = record.create_record(account_for_import(bank_account), upload_file(content))
	frappe.db.commit()
	return made.name


def upload_file(content: bytes) -> Document:
	values = {"doctype": "File", "file_name": f"{frappe.generate_hash(length=8)}.csv", "is_private": 1}
	return frappe.get_doc({**values, "content": content}).insert()


def run(name: str) -> None:
	"""Start the import, and do the worker's work here."""
	start(name, by_worker=False)
	frappe.db.commit()
	worker.run(name)


def check(name: str, lines: int) -> None:
	"""Raise unless every line became a submitted Bank Transaction."""
	counts = IMPORTS.count_rows(name)
	if counts != {"Imported": lines}:
		raise AssertionError(f"{name}: {counts} of {lines}")


def import_with_erpnext(bank_account: str, content: bytes) -> None:
	"""Do what ERPNext's button does in its job."""
	from erpnext.accounts.doctype.bank_statement_import.bank_statement_import import start_import

	bank = frappe.db.get_value("Bank Account", bank_account, "bank")
	before = frappe.db.count("Bank Transaction", {"bank_account": bank_account, "docstatus": 1})
	file = upload_file(content)
	data_import = frappe.get_doc(
		{
			"doctype": "Bank Statement Import",
			"bank_account": bank_account,
			"company": frappe.db.get_value("Bank Account", bank_account, "company"),
			"bank": bank,
			"reference_doctype": "Bank Transaction",
			"import_type": "Insert New Records",
			"submit_after_import": 1,
			"mute_emails": 1,
			"import_file": file.file_url,
			"template_options": json.dumps({"column_to_field_map": dict(zip(COLUMNS, FIELDS, strict=True))}),
		}
	).insert()
	frappe.db.commit()
	start_import(data_import.name, bank_account, file.file_url, None, bank, data_import.template_options)
	frappe.db.commit()
	made = frappe.db.count("Bank Transaction", {"bank_account": bank_account, "docstatus": 1}) - before
	if made != content.count(b"\n") - 1:
		raise AssertionError(f"ERPNext has imported {made}: {frappe.get_all('Error Log', limit=1)}")


def make_csv(lines: int, mark: str, quarter: int) -> bytes:
	"""Return a statement of lines of which neither id nor amount has been before, in a quarter of its own."""
	first = date(2026, 1, 1) - timedelta(days=90 * quarter)
	text = io.StringIO()
	writer = csv.writer(text, lineterminator="\n")
	writer.writerow(COLUMNS)
	for number in range(lines):
		day = first + timedelta(days=number * 90 // lines)
		amount = f"{number / 100 + 1:.2f}"
		deposit, withdrawal = ("", amount) if number % 3 else (amount, "")
		text_of_line = f"Card payment {number} at shop {number % 211}, order {mark}-{number:06d}"
		writer.writerow(
			(day.isoformat(), deposit, withdrawal, text_of_line, f"REF{number:08d}", f"{mark}-{number}")
		)
	return text.getvalue().encode()


def measured(work: Callable[[], Any]) -> tuple[float, float, int]:
	"""Return seconds, seconds of this process's CPU, and SQL statements."""
	with counted() as statements:
		start, cpu = time.perf_counter(), time.process_time()
		work()
		seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
	return seconds, cpu, sum(statements.values())


@contextmanager
def counted() -> Iterator[Counter[str]]:
	"""Count the statements by their first words and first table."""
	statements: Counter[str] = Counter()
	database = type(frappe.local.db)
	sql = database.sql

	def counting(self: Any, query: Any, values: Any = (), *args: Any, **kwargs: Any) -> Any:
		words = " ".join(str(query).split())
		table = words.partition("`tab")[2].partition("`")[0]
		statements[f"{words.split(' ')[0].upper()} {table}"] += 1
		return sql(self, query, values, *args, **kwargs)

	database.sql = counting
	try:
		yield statements
	finally:
		database.sql = sql


def memory() -> float:
	"""The most that this process has had, in MB."""
	return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def remove() -> None:
	"""Delete what the runs have made: Bank Transactions, records and logs. The accounts stay."""
	ours, theirs = (
		frappe.get_all("Bank Account", {"account_name": ("like", f"{title} %")}, pluck="name")
		for title in (OURS, THEIRS)
	)
	frappe.db.delete("Bank Transaction", {"bank_account": ("in", [*ours, *theirs])})
	records = frappe.get_all(JOB, {"bank_account": ("in", ours)}, pluck="name")
	frappe.db.delete(ROW, {"parent": ("in", records)})
	frappe.db.delete(JOB, {"name": ("in", records)})
	imports = frappe.get_all("Bank Statement Import", {"bank_account": ("in", theirs)}, pluck="name")
	frappe.db.delete("Data Import Log", {"data_import": ("in", imports)})
	frappe.db.delete("Bank Statement Import", {"name": ("in", imports)})
	frappe.db.commit()
