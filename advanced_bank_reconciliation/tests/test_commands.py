# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""bank-rec-bulk, -status, -resume and -undo, called as a shell calls them."""

import json
import signal
import subprocess
import sys

import frappe

from advanced_bank_reconciliation.bulk.job import JOB
from advanced_bank_reconciliation.bulk.recovery import recover_interrupted_jobs
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.command_case import CommandTestCase
from advanced_bank_reconciliation.tests.process_case import CLERK
from advanced_bank_reconciliation.tests.processes import DEADLINE
from advanced_bank_reconciliation.tests.utils import submitted_payments


def numbers(invoices):
	return "".join(f"{invoice.name}\n" for invoice in invoices)


class BulkCommandTestCase(CommandTestCase):
	def party_deposit(self, amounts, deposit=None, **values):
		"""Return a deposit and the open invoices of a customer of its own, oldest due first."""
		customer = factories.make_party("Customer", f"ABR Shell {frappe.generate_hash(length=6)}")
		days = [f"2026-03-{number:02}" for number in range(1, len(amounts) + 1)]
		invoices = [
			factories.make_sales_invoice(amount, customer, posting_date=day, due_date=day)
			for amount, day in zip(amounts, days, strict=True)
		]
		line = factories.make_bank_transaction(deposit=deposit or sum(amounts), **values)
		frappe.db.commit()
		return line, invoices, customer

	def job_of(self, line):
		return frappe.get_doc(JOB, {"bank_transaction": line.name})


class TestBulk(BulkCommandTestCase):
	def test_invoices_of_a_csv(self) -> None:
		"""A column of numbers from stdin: all are paid here, a line on stderr for each batch of 4, exit 0."""
		line, invoices = self.bulk_deposit(10)
		result = self.run_command("bank-rec-bulk", line.name, "--csv", "-", stdin=numbers(invoices))
		job = self.job_of(line)
		self.assert_completed(job.name, line, invoices)
		self.assertIn(f"{job.name}: Completed, 10 of 10 (100 %)", result.stdout)
		self.assertEqual(
			[text.split(",")[0] for text in result.stderr.splitlines() if job.name in text],
			[f"{job.name}: 40 %", f"{job.name}: 80 %", f"{job.name}: 100 %"],
		)

	def test_open_invoices_of_a_party(self) -> None:
		"""Of four only what the deposit covers: two in full, the third in part, the fourth is not even in the job."""
		line, invoices, customer = self.party_deposit([10, 20, 30, 40], deposit=45)
		answer = self.run_json("bank-rec-bulk", line.name, "--party", customer)
		self.assertEqual((answer["status"], answer["processed"], answer["failed"]), ("Completed", 3, 0))
		self.assert_state(line, 0)
		left = [frappe.db.get_value("Sales Invoice", each.name, "outstanding_amount") for each in invoices]
		self.assertEqual(left, [0, 0, 15, 40])

	def test_party_of_the_bank_transaction(self) -> None:
		"""Without an option it is the party that the line names."""
		line, invoices, customer = self.party_deposit([10, 20])
		line.db_set({"party_type": "Customer", "party": customer})
		answer = self.run_json("bank-rec-bulk", line.name)
		self.assertEqual((answer["status"], answer["processed"]), ("Completed", 2))
		self.assert_settled(line, invoices)

	def test_returns_of_the_party_only_on_request(self) -> None:
		"""A credit note of 5 is left alone, and with --with-returns it is netted."""
		line, invoices, customer = self.party_deposit([10, 20], deposit=25)
		factories.make_sales_invoice(-5, customer)
		frappe.db.commit()
		plan = self.run_json("bank-rec-bulk", line.name, "--party", customer, "--dry-run")
		self.assertEqual([row["allocated_amount"] for row in plan["invoices"]], [10, 15])
		plan = self.run_json("bank-rec-bulk", line.name, "--party", customer, "--with-returns", "--dry-run")
		self.assertEqual(sorted(row["allocated_amount"] for row in plan["invoices"]), [-5, 10, 20])
		self.assertEqual(submitted_payments(invoices[0]), {})

	def test_dry_run_changes_nothing(self) -> None:
		"""Who would get how much, what would remain; no job, no payment, no link."""
		line, invoices, customer = self.party_deposit([10, 20], deposit=100)
		with self.assert_books_unchanged():
			plan = self.run_json("bank-rec-bulk", line.name, "--party", customer, "--dry-run")
			shown = self.run_command("bank-rec-bulk", line.name, "--party", customer, "--dry-run").stdout
		self.assertEqual((plan["allocated_amount"], plan["remaining"]), (30, 70))
		self.assertEqual(
			[(row["name"], row["allocated_amount"], row["error"]) for row in plan["invoices"]],
			[(invoices[0].name, 10, None), (invoices[1].name, 20, None)],
		)
		self.assertIn(invoices[1].name, shown)
		self.assertIn("Nothing was changed", shown)
		self.assertFalse(frappe.db.exists(JOB, {"bank_transaction": line.name}))

	def test_one_payment_entry_per_party(self) -> None:
		"""--per wins over the settings: a dry run counts 1 or 2 Payment Entries, and 1 is made."""
		line, invoices, customer = self.party_deposit([10, 20])
		for way, number in (("invoice", 2), ("party", 1)):
			plan = self.run_json("bank-rec-bulk", line.name, "--party", customer, "--per", way, "--dry-run")
			self.assertEqual(plan["payment_entries"], number)
		answer = self.run_json("bank-rec-bulk", line.name, "--party", customer, "--per", "party")
		self.assertEqual((answer["status"], answer["processed"]), ("Completed", 2))
		self.assertEqual(len({self.assert_paid_once(invoice, line) for invoice in invoices}), 1)
		self.run_command("bank-rec-bulk", line.name, "--party", customer, "--per", "month", code=2)

	def test_vouchers_beside(self) -> None:
		"""An existing payment of 50 is linked first; the deposit's other 30 pay the two invoices."""
		line, invoices, customer = self.party_deposit([10, 20], deposit=80)
		own = factories.make_payment_entry(50)
		self.run_command(
			"bank-rec-bulk", line.name, "--party", customer, "--voucher", "Payment Entry", own.name
		)
		self.assert_settled(line, invoices)
		self.assert_linked(line, "Payment Entry", own.name, 50)

	def test_some_invoices_fail(self) -> None:
		"""One is paid already: the other is reconciled, the exit code is 3, and the reason is printed."""
		line, invoices, _customer = self.party_deposit([10, 20])
		other, _invoices, _customer = self.party_deposit([1], deposit=20)
		self.run_command("bank-rec-bulk", other.name, "--csv", "-", stdin=numbers(invoices[1:]))
		result = self.run_command("bank-rec-bulk", line.name, "--csv", "-", stdin=numbers(invoices), code=3)
		self.assertIn("already paid", result.stdout)
		self.assertEqual(self.job_of(line).status, "Partially Completed")
		self.run_command("bank-rec-status", self.job_of(line).name, code=3)

	def test_nothing_is_started_when_a_line_is_bad(self) -> None:
		"""Each bad line is named with its number: an unknown invoice, no amount, a missing number."""
		line, invoices, _customer = self.party_deposit([10, 20])
		unknown = f"invoice,amount\n{invoices[0].name},10\nNO-SUCH-1,5\n{invoices[1].name},\nNO-SUCH-2,\n"
		malformed = f"invoice,amount\n{invoices[0].name},ten\n,5\n"
		with self.assert_books_unchanged():
			first = self.run_command("bank-rec-bulk", line.name, "--csv", "-", stdin=unknown, code=1)
			second = self.run_command("bank-rec-bulk", line.name, "--csv", "-", stdin=malformed, code=1)
		answer = json.loads(
			self.run_command("bank-rec-bulk", line.name, "--csv", "-", "--json", stdin=unknown, code=1).stdout
		)
		self.assertIn("NO-SUCH-2", answer["error"])
		for words in ("line 3: there is no invoice NO-SUCH-1", "line 5", "Nothing was started"):
			self.assertIn(words, first.stderr)
		for words in ("line 2: ten is not an amount", "line 3: the number of the invoice is missing"):
			self.assertIn(words, second.stderr)

	def test_csv_by_its_path_with_amounts(self) -> None:
		"""A file of Excel's, with semicolons and a byte order mark, beside where the shell stands."""
		line, invoices, _customer = self.party_deposit([10, 20], deposit=15)
		path = frappe.utils.get_files_path(f"abr-{line.name}.csv", is_private=1)
		text = f"\ufeffInvoice Type;Invoice;Amount\r\nSales Invoice;{invoices[0].name};10\r\n;{invoices[1].name};5\r\n"
		with open(path, "w", newline="") as file:
			file.write(text)
		answer = self.run_json("bank-rec-bulk", line.name, "--csv", path)
		self.assertEqual((answer["status"], answer["processed"]), ("Completed", 2))
		left = [frappe.db.get_value("Sales Invoice", each.name, "outstanding_amount") for each in invoices]
		self.assertEqual(left, [0, 15])

	def test_background_with_a_worker(self) -> None:
		"""--background hands it over and ends with 0; a worker does it; --wait sees the end of the same job."""
		line, invoices, customer = self.party_deposit([10, 20, 30])
		started = self.run_json("bank-rec-bulk", line.name, "--party", customer, "--background")
		self.assertEqual((started["status"], started["active"]), ("Queued", True))
		self.run_command("bank-rec-status", started["job_id"], code=5)
		pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
		watching = ["bank-rec-bulk", line.name, "--csv", "-", "--background", "--wait"]
		with self.spawn(*watching, stdin=subprocess.PIPE, **pipes) as watcher:
			watcher.stdin.write(numbers(invoices))
			watcher.stdin.close()
			watcher.stdin = None
			self.assertEqual(self.run_worker(), 0)
			out, err = watcher.communicate(timeout=DEADLINE)
		self.assertEqual(watcher.returncode, 0, out + err)
		self.assertIn("has been started with this selection before", err)
		self.assertIn(f"{started['job_id']}: Completed", out)
		self.assert_completed(started["job_id"], line, invoices)

	def test_refused(self) -> None:
		"""Refusals of the engine are one sentence on stderr, exit 1; with --json an object too."""
		line, _invoices, customer = self.party_deposit([10])
		line.reload().cancel()
		result = self.run_command("bank-rec-bulk", line.name, "--party", customer, code=1)
		self.assertIn("is cancelled", result.stderr)
		self.assertNotIn("Traceback", result.stderr)
		answer = self.run_json("bank-rec-bulk", line.name, "--party", customer, code=1)
		self.assertIn("is cancelled", answer["error"])
		self.run_command("bank-rec-bulk", "NO-SUCH-LINE", "--party", customer, code=1)

	def test_arguments_that_cannot_be_meant(self) -> None:
		"""Exit code 2, as click has it."""
		line, _invoices, customer = self.party_deposit([10])
		for arguments in (
			[],
			[line.name],
			[line.name, "--party", "No such customer"],
			[line.name, "--party", customer, "--csv", "-"],
			[line.name, "--party", customer, "--wait"],
			[line.name, "--party", customer, "--user", "nobody@example.com"],
		):
			with self.subTest(arguments):
				self.assertIn("Error", self.run_command("bank-rec-bulk", *arguments, code=2).stderr)

	def test_p78_rights_of_the_user(self) -> None:
		"""--user: his rights count, and what is made is his."""
		line, invoices, customer = self.party_deposit([10])
		auditor = factories.make_user("abr-auditor@example.com", ["Auditor"])
		frappe.db.commit()
		with self.assert_books_unchanged():
			self.run_command("bank-rec-bulk", line.name, "--party", customer, "--user", auditor, code=1)
		self.run_command("bank-rec-bulk", line.name, "--party", customer, "--user", CLERK)
		(payment,) = submitted_payments(invoices[0])
		self.assertEqual(frappe.db.get_value("Payment Entry", payment, "owner"), CLERK)

	def test_ctrl_c_leaves_a_job_that_can_be_resumed(self) -> None:
		"""SIGINT among 40 invoices, batches of one: its batch ends, the job is Paused, and resume does the rest."""
		self.use_settings(batch_size=1)
		line, invoices = self.bulk_deposit(40)
		pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
		with self.spawn("bank-rec-bulk", line.name, "--csv", "-", stdin=subprocess.PIPE, **pipes) as process:
			process.stdin.write(numbers(invoices))
			process.stdin.close()
			process.stdin = None
			while "2.5 %" not in process.stderr.readline():  # the first batch
				self.assertIsNone(process.poll())
			process.send_signal(signal.SIGINT)
			_out, err = process.communicate(timeout=DEADLINE)
		self.assertEqual(process.returncode, 130, err)
		job = self.job_of(line)
		self.assertIn(f"bank-rec-resume {job.name}", err)
		self.assertEqual(job.status, "Paused")
		self.assert_consistent(job.name, invoices)
		self.assertLess(len([row for row in job.invoices if row.status == "Paid"]), 40)
		frappe.db.commit()
		self.assertNotIn(job.name, recover_interrupted_jobs(silent_for_seconds=0))
		result = self.run_command("bank-rec-resume", job.name)
		self.assertIn("Completed, 40 of 40", result.stdout)
		self.assert_completed(job.name, line, invoices)


class TestOfJobs(BulkCommandTestCase):
	def completed(self, amounts=(10, 20, 30, 40, 50, 60)):
		line, invoices, customer = self.party_deposit(amounts)
		self.run_command("bank-rec-bulk", line.name, "--party", customer)
		return line, invoices, self.job_of(line).name

	def test_status(self) -> None:
		"""One job as get_progress has it; the list has it in a row; what does not exist is an error."""
		_line, _invoices, job_id = self.completed()
		answer = self.run_json("bank-rec-status", job_id)
		self.assertEqual(
			(answer["job_id"], answer["status"], answer["percentage"]), (job_id, "Completed", 100)
		)
		self.assertTrue(answer["can"]["undo"])
		self.assertIn(job_id, self.run_command("bank-rec-status").stdout)
		listed = self.run_json("bank-rec-status", "--all")
		self.assertEqual(len([job for job in listed if job["doctype"] == JOB]), frappe.db.count(JOB))
		self.assertIn(job_id, [job["name"] for job in listed])
		self.assertIn("There is no", self.run_command("bank-rec-status", "NO-SUCH-JOB", code=1).stderr)

	def test_undo_needs_a_yes(self) -> None:
		"""Without a terminal it must be said, exit 2; with it the run is taken back, exit 0, once."""
		line, invoices, job_id = self.completed()
		with self.assert_books_unchanged():
			self.assertIn("--yes", self.run_command("bank-rec-undo", job_id, code=2).stderr)
		result = self.run_command("bank-rec-undo", job_id, "--yes")
		self.assertIn("Payment Entries cancelled: 6", result.stdout)
		self.assertIn("66.7 %, Undoing: 4 of 6", result.stderr)
		self.assert_untouched(line, invoices)
		self.run_command("bank-rec-status", job_id)
		again = self.run_command("bank-rec-undo", job_id, "--yes", code=1)
		self.assertIn("nothing to undo", again.stderr)

	def test_undo_on_a_terminal(self) -> None:
		"""It asks in numbers; n leaves everything, y takes it back under a bar."""
		line, invoices, job_id = self.completed()
		code, shown = self.run_on_terminal("bank-rec-undo", job_id, typed="n\n")
		self.assertEqual(code, 1, shown)
		self.assertIn(f"Unlink 6 vouchers from {line.name} and cancel 6 Payment Entries?", shown)
		self.assertEqual(self.job_of(line).status, "Completed")
		code, shown = self.run_on_terminal("bank-rec-undo", job_id, typed="y\n")
		self.assertEqual(code, 0, shown)
		self.assertIn("100%", shown)
		self.assertIn("#", shown)
		self.assert_untouched(line, invoices)

	def test_undo_in_the_background(self) -> None:
		"""Handed over to a worker, which does it."""
		line, invoices, job_id = self.completed()
		answer = self.run_json("bank-rec-undo", job_id, "--yes", "--background")
		self.assertEqual(answer["status"], "Undoing")
		self.assertEqual(self.run_worker(), 0)
		self.assert_untouched(line, invoices)

	def test_resume_of_a_killed_undo(self) -> None:
		"""The worker of an undo is killed at its 5th cancellation; the command does the rest."""
		line, invoices, job_id = self.completed()
		self.control("undo_bulk_reconciliation", job_id)
		self.assertNotEqual(self.run_worker(kill_after_cancel=5), 0)
		self.assert_rows(job_id, Rolled_Back=4, Paid=2)
		self.run_command("bank-rec-resume", job_id)
		self.assert_untouched(line, invoices)

	def test_resume_of_an_ended_job_is_refused(self) -> None:
		_line, _invoices, job_id = self.completed()
		self.assertIn("nothing to resume", self.run_command("bank-rec-resume", job_id, code=1).stderr)

	def test_frappe_finds_the_commands_without_the_engine(self) -> None:
		"""Frappe imports them with every command of anybody: that must not load ERPNext."""
		code = (
			"import sys, advanced_bank_reconciliation.commands as c;"
			"print([x.name for x in c.commands], 'erpnext' in sys.modules,"
			" 'advanced_bank_reconciliation.bulk.worker' in sys.modules)"
		)
		result = subprocess.run(
			[sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE
		)
		self.assertIn("bank-rec-undo", result.stdout, result.stderr)
		self.assertTrue(result.stdout.strip().endswith("False False"), result.stdout)
