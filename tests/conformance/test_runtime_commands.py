# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""minibench's commands from the outside: run as a user runs them, on a site of their own."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from minibench.bootstrap import ROOT
from minibench.processes import answers, free_port
from minibench.site import Site

FIRST_INVOICES = 3
INVOICES = 55  # above the threshold from which the app works in the background


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
	"""The site that the demo has made: the books of a company with three settled invoices."""
	folder = tmp_path_factory.mktemp("commands") / "site"
	result = run("demo", "--site", str(folder), "--invoices", str(FIRST_INVOICES))
	assert result.returncode == 0, result.stdout + result.stderr
	return folder


def command(*arguments: str) -> list[str]:
	return [sys.executable, str(ROOT / "minibench"), *arguments]


def environment() -> dict[str, str]:
	return {key: value for key, value in os.environ.items() if key != "MINIBENCH_SITE"}


def run(*arguments: str, **options) -> subprocess.CompletedProcess:
	return subprocess.run(
		command(*arguments), capture_output=True, text=True, timeout=300, env=environment(), **options
	)


def processes_of(folder) -> list[str]:
	"""The processes that have the site's folder in their arguments or environment."""
	listing = subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout
	return [line for line in listing.splitlines() if str(folder) in line]


def rows(folder, query: str) -> list[tuple]:
	with contextlib.closing(sqlite3.connect(folder / "site.db")) as database:
		return database.execute(query).fetchall()


def test_the_demo_adds_to_the_books_of_an_earlier_one(folder):
	"""Another deposit with its own invoices, on the site where the first stands settled."""
	result = run("demo", "--site", str(folder), "--invoices", str(INVOICES), "--json")
	assert result.returncode == 0, result.stderr
	answer = json.loads(result.stdout)
	assert answer.pop("seconds") > 0
	assert answer.pop("events") >= 4  # one a batch of 20, and the completion
	assert answer == {
		"bank_transaction": rows(folder, "select max(name) from `tabBank Transaction`")[0][0],
		"status": "Reconciled",
		"invoices": INVOICES,
		"payment_entries": INVOICES,
		"failed": 0,
		"unallocated_amount": 0.0,
	}
	assert "The books are right." in result.stderr
	assert not processes_of(folder)
	submitted = "select count(*) from `tabPayment Entry` where docstatus = 1"
	assert rows(folder, submitted) == [(FIRST_INVOICES + INVOICES,)]
	assert rows(folder, "select round(sum(debit), 2) = round(sum(credit), 2) from `tabGL Entry`") == [(1,)]
	assert rows(folder, "select distinct status, outstanding_amount from `tabSales Invoice`") == [
		("Paid", 0.0)
	]
	assert rows(folder, "select distinct status from `tabBank Transaction`") == [("Reconciled",)]


def test_the_demo_says_when_the_books_are_wrong(folder):
	"""The proof is no formality: with a ledger row too many on an invoice it fails, and names the invoice."""
	doctor = (
		"import frappe; from minibench.demo.proof import prove; frappe.init(); frappe.connect();"
		"row = frappe.get_last_doc('GL Entry', {'voucher_type': 'Sales Invoice', 'debit': ('>', 0)});"
		"job = frappe.get_last_doc('Bulk Bank Reconciliation', {'status': 'Completed'});"
		"line = frappe.get_doc('Bank Transaction', job.bank_transaction);"
		"invoices = [frappe.get_doc('Sales Invoice', paid.invoice) for paid in job.invoices];"
		"assert not prove(line, invoices, job.name).problems;"
		"frappe.db.set_value('GL Entry', row.name, 'debit', row.debit + 1);"
		"wrong = prove(line, invoices, job.name).problems;"
		"print(len(wrong), row.voucher_no in wrong[0])"
	)
	result = subprocess.run(
		[sys.executable, "-c", doctor],
		capture_output=True,
		text=True,
		env=Site(folder).environment(),
	)
	assert result.stdout.strip() == "1 True", result.stderr


def test_commands_of_the_app_run_on_the_site(folder):
	"""What the app has for `bench --site` is there under its name, with --site as minibench has it."""
	result = run("bank-rec-status", "--site", str(folder), "--json")
	assert result.returncode == 0, result.stderr
	assert {job["status"] for job in json.loads(result.stdout)} == {"Completed"}
	result = run("bank-rec-status", f"--site={folder}", "NO-SUCH-JOB")
	assert (result.returncode, result.stdout) == (1, "")
	assert "There is no" in result.stderr


def test_commands_of_the_app_are_told(folder, tmp_path):
	"""Help needs no site; a wrong option is click's exit code, a folder that is no site minibench's."""
	assert "bank-rec-undo" in run("--help").stdout
	assert "--dry-run" in run("bank-rec-bulk", "--help").stdout
	assert run("bank-rec-status", "--site", str(folder), "--no-such-option").returncode == 2
	(tmp_path / "file").touch()
	result = run("bank-rec-status", "--site", str(tmp_path))
	assert result.returncode == 2
	assert "is not empty and is not a minibench site" in result.stderr


def test_execute_prints_the_answer_and_commits(folder):
	arguments = ("--kwargs", '{"doctype": "Customer", "pluck": "name"}')
	result = run("execute", "frappe.get_all", "--site", str(folder), *arguments)
	assert result.returncode == 0, result.stderr
	assert "Anchor & Sons" in json.loads(result.stdout)
	values = (
		'{"doctype": "Customer", "name": "Anchor & Sons", "fieldname": "customer_name", "value": "Anchor"}'
	)
	assert (
		run("execute", "frappe.client.set_value", "--site", str(folder), "--kwargs", values).returncode == 0
	)
	assert rows(folder, "select customer_name from tabCustomer where name = 'Anchor & Sons'") == [("Anchor",)]


def test_execute_says_what_went_wrong(folder):
	result = run("execute", "frappe.client.get", "--site", str(folder), "--args", '["Customer", "Nobody"]')
	assert result.returncode == 1
	assert "Nobody" in result.stderr


def test_the_console_is_connected(folder):
	result = run("console", "--site", str(folder), input="print('user:', frappe.session.user)\n")
	assert result.returncode == 0
	assert "user: Administrator" in result.stdout


def test_serve_answers_and_ends_with_ctrl_c(folder):
	port = free_port()
	server = subprocess.Popen(
		command("serve", "--site", str(folder), "--port", str(port)),
		env=environment(),
		stderr=subprocess.PIPE,
	)
	try:
		wait_until(lambda: answers(f"http://127.0.0.1:{port}/api/method/ping"))
		second = run("serve", "--site", str(folder), "--port", str(port))
		assert second.returncode == 2
		assert "in use" in second.stderr
		wait_until(lambda: b"Ctrl-C" in server.stderr.readline())
	finally:
		server.send_signal(signal.SIGINT)
	assert server.wait(30) == 130
	assert not processes_of(folder)


@pytest.mark.parametrize("signal_number, exit_code", [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_an_interrupted_demo_leaves_nothing_running(folder, signal_number, exit_code):
	"""Stopped in the middle of the job. Killed outright, its children end by themselves; Redis serves the next."""
	demo = subprocess.Popen(
		command("demo", "--site", str(folder), "--invoices", "100"),
		env=environment(),
		stdout=subprocess.PIPE,
		text=True,
	)
	for line in demo.stdout:
		if "of 100 invoices" in line:
			break
	demo.send_signal(signal_number)
	assert demo.wait(30) == exit_code
	wait_until(lambda: not [line for line in processes_of(folder) if "redis-server" not in line])
	assert run("execute", "frappe.ping", "--site", str(folder)).returncode == 0
	assert not processes_of(folder)


def test_worker_does_what_execute_has_queued(folder):
	"""As on a bench: one terminal queues, another works."""
	kwargs = json.dumps(
		{"method": "frappe.client.set_value", "queue": "long", "enqueue_after_commit": True, **CHANGE}
	)
	assert run("execute", "frappe.enqueue", "--site", str(folder), "--kwargs", kwargs).returncode == 0
	worker = subprocess.Popen(
		command("worker", "--site", str(folder)), env=environment(), stderr=subprocess.PIPE
	)
	try:
		wait_until(
			lambda: (
				rows(folder, "select customer_name from tabCustomer where name = 'Fairwind Sails'")
				== [("Queued",)]
			)
		)
	finally:
		worker.send_signal(signal.SIGTERM)
	assert worker.wait(30) == 143
	assert not processes_of(folder)


CHANGE = {"doctype": "Customer", "name": "Fairwind Sails", "fieldname": "customer_name", "value": "Queued"}


def wait_until(ready, seconds: float = 60) -> None:
	deadline = time.monotonic() + seconds
	while not ready():
		assert time.monotonic() < deadline
		time.sleep(0.1)
