# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Runs the demo's job as the desk does: over HTTP, by a worker process, watched through realtime events."""

import queue
import time
from dataclasses import dataclass
from typing import TextIO

from minibench.client import Client
from minibench.processes import ProcessError, Processes

TOOL = (
	"advanced_bank_reconciliation.advanced_bank_reconciliation.doctype"
	".advance_bank_reconciliation_tool.advance_bank_reconciliation_tool"
)
PROGRESS = "bulk_reconciliation_progress"
COMPLETE = "bulk_reconciliation_complete"
SILENCE = 3  # seconds without an event, then the record is asked
PATIENCE = 120  # seconds without any progress, then the demo gives up
BAR_WIDTH = 30


@dataclass
class Outcome:
	"""What the caller of the job has seen of it. `seconds`: from the call to the last event."""

	job_id: str
	message: str = ""
	failed: int = 0
	events: int = 0
	seconds: float = 0.0


def run_job(
	processes: Processes, user: str, password: str, transaction, invoices: list, out: TextIO
) -> Outcome:
	"""Start the servers and a worker, settle `invoices` with `transaction`, return when the job has ended.

	Raises ProcessError when a process ends by itself or the job stands still, ClientError when the site refuses.
	"""
	processes.start_worker("long")
	url = processes.start_web()
	realtime_url = processes.start_realtime()
	with Client(url) as client:
		client.login(user, password)
		events = client.listen(realtime_url, processes.site.name, PROGRESS, COMPLETE)
		started = time.monotonic()
		answer = client.call(
			f"{TOOL}.create_payment_entries_bulk",
			bank_transaction_name=transaction.name,
			invoices=[
				{
					"doctype": invoice.doctype,
					"name": invoice.name,
					"allocated_amount": invoice.outstanding_amount,
				}
				for invoice in invoices
			],
			regular_vouchers=[],
		)
		outcome = Outcome(answer["job_id"], answer.get("message") or "")
		Watch(processes, client, events, ProgressBar(out, len(invoices)), outcome).until_complete()
		outcome.seconds = time.monotonic() - started
	return outcome


class Watch:
	"""Follows one job through its events; when they are silent, asks the site how far it is."""

	def __init__(
		self, processes: Processes, client: Client, events: queue.Queue, bar: "ProgressBar", outcome: Outcome
	):
		self.processes = processes
		self.client = client
		self.events = events
		self.bar = bar
		self.outcome = outcome
		self.last_progress = time.monotonic()

	def until_complete(self) -> None:
		while True:
			try:
				event, message = self.events.get(timeout=SILENCE)
			except queue.Empty:
				if self.ended_in_silence():
					break
			else:
				if self.take(event, message):
					break
		self.bar.finish()

	def take(self, event: str, message: dict) -> bool:
		"""Take one event in; True when it is the last one of this job."""
		if message["job_id"] != self.outcome.job_id:
			return False
		self.outcome.events += 1
		self.last_progress = time.monotonic()
		if event == PROGRESS:
			self.bar.show(message["current"])
			return False
		self.outcome.message, self.outcome.failed = message["message"], message["failed"]
		return True

	def ended_in_silence(self) -> bool:
		"""Ask for the job's record; raise ProcessError when a process has gone or nothing moves any more."""
		self.processes.check()
		progress = self.client.get(f"{TOOL}.get_progress", job_id=self.outcome.job_id)
		if progress["current"] > self.bar.current:
			self.last_progress = time.monotonic()
			self.bar.show(progress["current"])
		if time.monotonic() - self.last_progress > PATIENCE:
			raise ProcessError(f"the job {self.outcome.job_id} ({progress['status']}) stands still")
		self.outcome.message, self.outcome.failed = progress["message"], progress["failed"]
		return not progress["active"]


class ProgressBar:
	"""Draws how far the job is: in place on a terminal, a line per event elsewhere."""

	def __init__(self, out: TextIO, total: int):
		self.out = out
		self.total = total
		self.current = 0
		self.in_place = out.isatty()

	def show(self, current: int) -> None:
		if current <= self.current:
			return  # the record was asked before the event came
		self.current = current
		filled = BAR_WIDTH * current // self.total
		bar = "#" * filled + "." * (BAR_WIDTH - filled)
		start, end = ("\r", "") if self.in_place else ("", "\n")
		print(f"{start}[{bar}] {current} of {self.total} invoices", end=end, file=self.out, flush=True)

	def finish(self) -> None:
		if self.in_place:
			print(file=self.out, flush=True)
