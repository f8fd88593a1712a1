# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Work on a job in this process, or watch a worker do it, with a progress bar on a terminal."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import click
import frappe

from advanced_bank_reconciliation.commands.common import INTERRUPTED

#: Seconds between two looks at the record of a job that a worker has.
LOOK_EVERY = 0.5

#: Seconds without news after which a job is worth a word about workers.
PATIENCE = 30


class Interrupted(BaseException):
	"""Ctrl-C was pressed, and this is the moment between two transactions."""


class Progress:
	"""Shows on stderr how far a job is: a bar on a terminal, else a line for each news."""

	def __init__(self, job_id: str):
		self.job_id = job_id
		self.bar: Any = None
		self.shown: tuple[float, str] | None = None

	def show(self, percentage: float, message: str) -> bool:
		"""Show it, if it is news; return whether it was."""
		news = (percentage, message)
		if news == self.shown:
			return False
		if sys.stderr.isatty():
			self._move_bar(percentage, message)
		else:
			click.echo(f"{self.job_id}: {percentage:g} %, {message}", err=True)
		self.shown = news
		return True

	def _move_bar(self, percentage: float, message: str) -> None:
		if self.bar and percentage < self.shown[0]:  # what was made is being taken back
			self.end()
		if not self.bar:
			self.bar = click.progressbar(
				length=1000, label=self.job_id, file=sys.stderr, item_show_func=lambda text: text
			)
			self.bar.render_progress()
		self.bar.update(round(percentage * 10) - self.bar.pos, message)

	def end(self) -> None:
		if self.bar:
			self.bar.render_finish()
			self.bar = None


@contextmanager
def _shown(job_id: str) -> Iterator[Progress]:
	progress = Progress(job_id)
	try:
		yield progress
	finally:
		progress.end()


def work_on(job_id: str) -> None:
	"""Work on the committed job in this process until it has ended; where others have a part of it, wait for them.

	Ctrl-C lets the batch that is at work end, and pauses a job that pays; the second time it is cut off. The
	command ends then, and says how to go on.
	"""
	from advanced_bank_reconciliation.bulk import statuses, worker
	from advanced_bank_reconciliation.bulk.job import read_job

	with _shown(job_id) as progress:
		try:
			with _stops_between_batches(progress):
				worker.run(job_id)
		except (Interrupted, KeyboardInterrupt):
			progress.end()
			_leave_resumable(job_id)
	frappe.db.rollback()
	if read_job(job_id).status in statuses.WORKING:
		follow(job_id)


def follow(job_id: str) -> None:
	"""Watch the job until a worker has ended it, or it is paused. Ctrl-C ends the watching, not the job."""
	with _shown(job_id) as progress:
		try:
			_watch(job_id, progress)
		except KeyboardInterrupt:
			progress.end()
			click.echo(f"{job_id} goes on in the background; bank-rec-status {job_id} shows it.", err=True)
			sys.exit(INTERRUPTED)


def _watch(job_id: str, progress: Progress) -> None:
	from advanced_bank_reconciliation.bulk import statuses
	from advanced_bank_reconciliation.bulk.progress import get_progress

	said, silent_since = False, time.monotonic()
	while True:
		frappe.db.rollback()  # a new snapshot
		state = get_progress(job_id)
		if progress.show(state["percentage"], state["message"] or state["status"]):
			silent_since = time.monotonic()
		if not state["active"] or state["status"] == statuses.PAUSED:
			return
		if not said and time.monotonic() - silent_since > PATIENCE:
			said = True
			click.echo(
				f"\nNothing has moved for {PATIENCE} s. Is a worker there? bank-rec-resume {job_id} works on it here.",
				err=True,
			)
		time.sleep(LOOK_EVERY)


@contextmanager
def _stops_between_batches(progress: Progress) -> Iterator[None]:
	"""Show each batch when it is committed. The first Ctrl-C raises Interrupted then, the second at once."""
	asked = False

	def ask(_signal: int, _frame: FrameType | None) -> None:
		nonlocal asked
		asked = True
		signal.signal(signal.SIGINT, signal.default_int_handler)
		# Past Python's buffer, in which the signal may have come upon a line half written.
		os.write(sys.stderr.fileno(), b"\nStopping after this batch; Ctrl-C again stops at once.\n")

	def heard(facts: dict[str, Any]) -> None:
		progress.show(facts["percentage"], facts["message"])
		if asked:
			raise Interrupted

	before = signal.signal(signal.SIGINT, ask)
	frappe.flags.bank_rec_progress_listener = heard
	try:
		yield
	finally:
		frappe.flags.bank_rec_progress_listener = None
		signal.signal(signal.SIGINT, before)


def _leave_resumable(job_id: str) -> None:
	"""Pause the job where it can be, say how it goes on, and end the command."""
	from advanced_bank_reconciliation.bulk import controls, statuses
	from advanced_bank_reconciliation.bulk.job import read_job

	with suppress(Exception):  # it may have been cut off in the middle of an answer
		frappe.db.close()
	frappe.connect(set_admin_as_user=False)
	status = read_job(job_id).status
	if statuses.PAUSED in statuses.NEXT.get(status, ()):
		controls.pause(job_id)
		frappe.db.commit()
		status = statuses.PAUSED
	if status == statuses.PAUSED:
		how = "It waits until somebody resumes or cancels it"
	else:
		how = "The scheduler puts it back to work within five minutes"
	click.echo(f"{job_id} is {status}. {how}; to go on here: bank-rec-resume {job_id}", err=True)
	sys.exit(INTERRUPTED)
