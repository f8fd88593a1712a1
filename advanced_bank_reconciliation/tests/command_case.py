# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Runs the app's commands as a shell would, in processes of their own, on the host that the tests run on."""

import importlib.util
import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import frappe

from advanced_bank_reconciliation.tests.process_case import ProcessTestCase
from advanced_bank_reconciliation.tests.processes import DEADLINE, end_with_parent


def command_line(name: str, *arguments: str) -> list[str]:
	"""Return what `bench --site SITE NAME …` executes, or `python3 minibench NAME --site DIR …`."""
	if importlib.util.find_spec("frappe.utils.bench_helper"):
		bench = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe"]
		return [*bench, "--site", frappe.local.site, name, *arguments]
	folder = Path(importlib.util.find_spec("minibench").origin).parent
	return [sys.executable, str(folder), name, "--site", frappe.local.site_path, *arguments]


class CommandTestCase(ProcessTestCase):
	def spawn(self, name: str, *arguments: str, **options: Any) -> subprocess.Popen:
		"""Start the command on what is committed until now."""
		frappe.db.commit()
		return subprocess.Popen(
			command_line(name, *arguments),
			cwd=os.path.abspath(frappe.local.sites_path),
			start_new_session=True,
			preexec_fn=end_with_parent,
			**options,
		)

	def run_command(
		self, name: str, *arguments: str, code: int = 0, stdin: str = ""
	) -> subprocess.CompletedProcess:
		"""Run the command without a terminal; it must end with this exit code."""
		pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
		with self.spawn(name, *arguments, **pipes) as process:
			out, err = process.communicate(stdin, timeout=DEADLINE)
		frappe.db.rollback()
		self.assertEqual(process.returncode, code, f"{name} {arguments}\n{out}\n{err}")
		return subprocess.CompletedProcess(process.args, code, out, err)

	def run_json(self, name: str, *arguments: str, code: int = 0) -> Any:
		"""Run the command with --json, and return what it printed."""
		return json.loads(self.run_command(name, *arguments, "--json", code=code).stdout)

	def run_on_terminal(self, name: str, *arguments: str, typed: str) -> tuple[int, str]:
		"""Run the command on a terminal at which `typed` is typed; return exit code and all that it showed."""
		terminal, other_end = pty.openpty()
		self.addCleanup(os.close, terminal)
		with self.spawn(name, *arguments, stdin=other_end, stdout=other_end, stderr=other_end) as process:
			os.close(other_end)
			os.write(terminal, typed.encode())
			shown = _read_all(terminal, process)
			process.wait(DEADLINE)
		frappe.db.rollback()
		return process.returncode, shown


def _read_all(terminal: int, process: subprocess.Popen) -> str:
	shown, end = b"", time.monotonic() + DEADLINE
	while time.monotonic() < end:
		ready, _w, _x = select.select([terminal], [], [], 0.1)
		if not ready:
			if process.poll() is not None:
				break
			continue
		try:
			shown += os.read(terminal, 4096)
		except OSError:  # Linux says so when the other end is closed
			break
	return shown.decode(errors="replace")
