# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Real processes for the tests: a Redis that may be killed, RQ workers, callers of endpoints.

The Redis is the test's own: neither the host's workers nor other tests see its jobs, and it may die.
Child processes find it by the environment variable FRAPPE_REDIS_QUEUE, as Frappe does.
"""

import ctypes
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest import SkipTest

import frappe
import redis
from frappe.utils import background_jobs

from advanced_bank_reconciliation.tests.utils import wait_until

#: The longest that any process of a test may take, in seconds; a healthy one needs a few.
DEADLINE = 90

#: From Linux' sys/prctl.h.
PR_SET_PDEATHSIG = 1

RUN_FAULTS = "from advanced_bank_reconciliation.tests import faults; faults.main()"


def free_port() -> int:
	"""Return a port on the loopback interface that nobody listens on."""
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		return probe.getsockname()[1]


def find_redis_server() -> str:
	"""Return the path of a Redis server: the machine's, else the one that minibench brings. Or skip."""
	if found := shutil.which("redis-server") or shutil.which("valkey-server"):
		return found
	if importlib.util.find_spec("minibench"):
		from minibench import bootstrap

		return str(bootstrap.find_redis_server())
	raise SkipTest("no redis-server on this machine, and the test needs one that it may kill")


def end_with_parent() -> None:
	"""Called in a new child: on Linux it ends when the test process does, however that comes about."""
	if sys.platform == "linux":
		ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class PrivateRedis:
	"""A Redis server without persistence: what it held is gone when it is killed."""

	def __init__(self) -> None:
		self.port = free_port()
		self.url = f"redis://127.0.0.1:{self.port}"
		self.start()

	def start(self) -> None:
		command = [find_redis_server(), "--port", str(self.port), "--bind", "127.0.0.1"]
		command += ["--save", "", "--appendonly", "no"]
		self.process = subprocess.Popen(
			command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, preexec_fn=end_with_parent
		)
		end = time.monotonic() + DEADLINE
		while not self.answers():
			if time.monotonic() > end:
				raise AssertionError("the private Redis server does not start")
			time.sleep(0.02)

	def answers(self) -> bool:
		try:
			return redis.Redis.from_url(self.url).ping()
		except redis.exceptions.ConnectionError:
			return False

	def forget_everything(self) -> None:
		"""Drop jobs and workers of earlier tests: RQ counts killed workers for minutes."""
		redis.Redis.from_url(self.url).flushall()

	def kill(self) -> None:
		self.process.kill()
		self.process.wait()

	def use(self) -> Callable[[], None]:
		"""Make this the queue Redis of this process and its children; returns what undoes that."""
		before, conf = os.environ.get("FRAPPE_REDIS_QUEUE"), frappe.local.conf
		configured = conf.redis_queue
		os.environ["FRAPPE_REDIS_QUEUE"] = conf.redis_queue = self.url
		_forget_connection()

		def undo() -> None:
			os.environ.pop("FRAPPE_REDIS_QUEUE")
			if before is not None:
				os.environ["FRAPPE_REDIS_QUEUE"] = before
			conf.redis_queue = configured
			_forget_connection()

		return undo


def _forget_connection() -> None:
	"""Frappe keeps one connection per process, whatever the configuration says later."""
	background_jobs._redis_queue_conn = None


class Child:
	"""A process of its own on this site, running a command of `tests.faults` (its module docstring).

	A context manager: leaving it kills what is left of the process and of what it has forked.
	"""

	def __init__(self, command: str, environment: Mapping[str, str] | None = None, **arguments: Any) -> None:
		self.folder = Path(tempfile.mkdtemp(prefix="abr-test-"))
		self.log = self.folder / "log"
		order = {
			"command": command,
			"site": frappe.local.site,
			"folder": str(self.folder),
			"arguments": arguments,
		}
		environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
		with open(self.log, "wb") as log:
			self.process = subprocess.Popen(
				[sys.executable, "-c", RUN_FAULTS, json.dumps(order)],
				cwd=os.path.abspath(frappe.local.sites_path),
				env=environment,
				stdin=subprocess.DEVNULL,
				stdout=log,
				stderr=subprocess.STDOUT,
				start_new_session=True,
				preexec_fn=end_with_parent,
			)

	def __enter__(self) -> "Child":
		return self

	def __exit__(self, *_error: object) -> None:
		if self.process.poll() is None:
			self.process.kill()
		self.process.wait()
		shutil.rmtree(self.folder, ignore_errors=True)

	def wait(self, seconds: float = DEADLINE) -> int:
		"""Wait for the end of the process; returns its exit code, negative for a signal."""
		try:
			return self.process.wait(seconds)
		except subprocess.TimeoutExpired:
			raise AssertionError(f"still running after {seconds} s\n{self.output()}") from None

	def answer(self) -> dict[str, Any]:
		"""Wait for the end, and return what the command wrote as its answer."""
		code = self.wait()
		if code:
			raise AssertionError(f"exit code {code}\n{self.output()}")
		return json.loads((self.folder / "answer").read_text())

	def reached(self, gate: str = "gate") -> None:
		"""Wait until the process stands at the gate."""

		def stands_there() -> bool:
			if self.process.poll() is not None:
				raise AssertionError(f"ended before it came to {gate}\n{self.output()}")
			return (self.folder / f"{gate}.reached").exists()

		wait_until(stands_there, DEADLINE)

	def at_gate(self, gate: str = "gate") -> dict[str, Any]:
		"""Wait until the process, or one it has forked, stands at the gate; returns {process, connection}."""
		self.reached(gate)
		return json.loads((self.folder / f"{gate}.reached").read_text())

	def let_go(self, gate: str = "gate") -> None:
		"""Let the process pass the gate."""
		(self.folder / f"{gate}.open").touch()

	def has_met(self, error: type[Exception]) -> bool:
		"""Return whether the database has refused a statement of the worker with this error."""
		return (self.folder / error.__name__).exists()

	def forget(self, error: type[Exception]) -> None:
		"""Forget that the worker has met the error, to see it meet another one."""
		(self.folder / error.__name__).unlink()

	def output(self) -> str:
		return self.log.read_text(errors="replace")[-6000:]


def worker(queue: str = "long", environment: Mapping[str, str] | None = None, **faults: Any) -> Child:
	"""Start an RQ worker that ends when its queue is empty; `faults`: see tests.faults."""
	return Child("work", environment, faults=faults, queue=queue)


def standing_worker(**faults: Any) -> Child:
	"""As `worker`, but it waits for more when the queue is empty, until the context is left."""
	return Child("work", faults=faults, burst=False)
