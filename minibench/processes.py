# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The processes around a site: its private Redis, RQ workers, the web server and the realtime server.

All listen on loopback only, write to the site's `logs/`, and end with the command that started them.
"""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from minibench.bootstrap import find_redis_server, say
from minibench.site import Site, install_or_migrate, make_folders

LOOPBACK = "127.0.0.1"
START_TIMEOUT = 30  # seconds
STOP_TIMEOUT = 5  # seconds
GUARD = "from minibench.processes import end_with_parent; end_with_parent()"


class ProcessError(Exception):
	"""A process did not start or ended by itself. The message names its log."""


class Child:
	"""A process of its own session, whose output goes to the site's `logs/NAME.log`, or to the `terminal`."""

	def __init__(self, site: Site, name: str, command: list[str], terminal: bool = False):
		self.name = name
		self.log = site.logs / f"{name}.log"
		with open(os.dup(2) if terminal else self.log, "ab") as log:
			self.process = subprocess.Popen(
				command,
				cwd=site.path.parent,
				env=site.environment(),
				stdin=subprocess.DEVNULL,
				stdout=log,
				stderr=subprocess.STDOUT,
				start_new_session=True,  # Ctrl-C reaches us only, and we stop them in order
			)

	def is_running(self) -> bool:
		return self.process.poll() is None

	def wait_until(self, ready: Callable[[], bool]) -> None:
		"""Return when `ready()` is true; raise ProcessError when the process ends first or takes too long."""
		deadline = time.monotonic() + START_TIMEOUT
		while not ready():
			if not self.is_running():
				raise ProcessError(
					f"{self.name} ended with code {self.process.returncode}\n{self.last_words()}"
				)
			if time.monotonic() > deadline:
				self.stop()
				raise ProcessError(f"{self.name} did not start within {START_TIMEOUT} s\n{self.last_words()}")
			time.sleep(0.05)

	def last_words(self, lines: int = 15) -> str:
		"""The end of the process's log."""
		text = self.log.read_text(errors="replace").strip().splitlines()
		return "\n".join([f"({self.log})", *text[-lines:]])

	def stop(self) -> None:
		"""End the process: SIGTERM, once more for an RQ worker in the middle of a job, and SIGKILL at last."""
		for _ in range(2):
			if self.is_running():
				self.process.terminate()
				with contextlib.suppress(subprocess.TimeoutExpired):
					self.process.wait(STOP_TIMEOUT)
		with contextlib.suppress(ProcessLookupError, PermissionError):
			os.killpg(self.process.pid, signal.SIGKILL)
		self.process.wait()


class Processes:
	"""What one command has started for its site. A context manager: leaving it stops all, newest first."""

	def __init__(self, site: Site):
		self.site = site
		self.children: list[Child] = []

	def __enter__(self) -> "Processes":
		return self

	def __exit__(self, *exc: object) -> None:
		while self.children:
			self.children.pop().stop()

	def start(self, name: str, command: list[str], terminal: bool = False) -> Child:
		child = Child(self.site, name, command, terminal)
		self.children.append(child)
		return child

	def start_worker(self, queues: str, terminal: bool = False) -> Child:
		"""An RQ worker on the comma-separated `queues`, ready when it has registered itself in Redis."""
		code = f"{GUARD}; from frappe.utils.background_jobs import start_worker; start_worker({queues!r})"
		before = registered_workers(self.site)
		child = self.start("worker", [sys.executable, "-c", code], terminal)
		child.wait_until(lambda: registered_workers(self.site) - before)
		return child

	def start_scheduler(self) -> Child:
		"""The process that enqueues the site's scheduled jobs when they are due."""
		code = f"{GUARD}; from frappe.utils.scheduler import start_scheduler; start_scheduler()"
		return self.start("scheduler", [sys.executable, "-c", code])

	def start_web(self, port: int = 0) -> str:
		"""The web server; returns its URL. `port` 0 takes any free one."""
		port = port or free_port()
		url = f"http://{LOOPBACK}:{port}"
		self.site.update_config(webserver_port=port, host_name=url)
		child = self.start("web", [sys.executable, "-m", "minibench.server.web", str(port)])
		child.wait_until(lambda: answers(f"{url}/api/method/ping"))
		return url

	def start_realtime(self, port: int = 0) -> str:
		"""The realtime server; returns its URL. It asks the web server who a visitor is: start that one too."""
		port = port or free_port()
		url = f"http://{LOOPBACK}:{port}"
		self.site.update_config(socketio_port=port)
		child = self.start("realtime", [sys.executable, "-m", "minibench.server.realtime", str(port)])
		child.wait_until(lambda: answers(f"{url}/ready"))
		return url

	def check(self) -> None:
		"""Raise ProcessError when a child has ended by itself."""
		for child in self.children:
			if not child.is_running():
				raise ProcessError(
					f"{child.name} ended with code {child.process.returncode}\n{child.last_words()}"
				)

	def watch(self) -> None:
		"""Wait until the user ends the command; raise ProcessError when a child ends first."""
		while True:
			self.check()
			time.sleep(0.5)


def end_with_parent() -> None:
	"""In a child process: end, as by SIGTERM, when the command that started it was killed."""
	parent = os.getppid()

	def watch() -> None:
		while os.getppid() == parent:
			time.sleep(1)
		os.kill(os.getpid(), signal.SIGTERM)

	threading.Thread(target=watch, daemon=True).start()


def free_port() -> int:
	with socket.socket() as probe:
		probe.bind((LOOPBACK, 0))
		return probe.getsockname()[1]


def is_port_free(port: int) -> bool:
	with socket.socket() as probe:
		probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		try:
			probe.bind((LOOPBACK, port))
		except OSError:
			return False
	return True


def answers(url: str) -> bool:
	try:
		with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as response:
			return response.status == 200
	except (OSError, urllib.error.URLError):
		return False


@contextlib.contextmanager
def open_site(path: str | os.PathLike) -> Iterator[Site]:
	"""The site in directory `path` with its Redis running and `frappe` importable.

	It is created, with its three apps, if need be, and migrated if the code has changed. Raises SiteError when
	`path` cannot be a site.
	"""
	site = Site(path)
	make_folders(site)
	site.activate()
	with redis_running(site):
		install_or_migrate(site)
		yield site


# Redis


@contextlib.contextmanager
def redis_running(site: Site) -> Iterator[None]:
	"""The site's private Redis runs while inside. Commands on one site share it; the last one out stops it."""
	with open(site.path / "redis.users", "w") as users:
		with site.locked("redis"):
			if not redis_answers(site):
				start_redis(site, free_port())
			fcntl.flock(users, fcntl.LOCK_SH)
		try:
			yield
		finally:
			with site.locked("redis"):
				with contextlib.suppress(BlockingIOError):
					fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
					stop_redis(site)


def start_redis(site: Site, port: int) -> None:
	"""Start the site's Redis on `port` and write its address into site_config.json.

	It saves when it is shut down, and at no other time: what `execute` has queued waits for the next `worker`.
	"""
	url = f"redis://{LOOPBACK}:{port}"
	site.update_config(redis_cache=url, redis_queue=url)
	try:
		start_redis_process(site, port)
	except ProcessError as error:
		if "RDB format" not in str(error):
			raise
		say(f"{saved_redis(site)} was saved by a newer Redis: starting with an empty queue")
		saved_redis(site).unlink()
		start_redis_process(site, port)
	redis_client(site).set("minibench:site", str(site.path))


def start_redis_process(site: Site, port: int) -> None:
	command = [str(find_redis_server()), "--port", str(port), "--bind", LOOPBACK, "--daemonize", "no"]
	command += [
		"--dir",
		str(site.path),
		"--dbfilename",
		saved_redis(site).name,
		"--save",
		"",
		"--appendonly",
		"no",
	]
	Child(site, "redis", command).wait_until(lambda: redis_answers(site))


def saved_redis(site: Site) -> Path:
	return site.path / "redis.rdb"


def restart_redis(site: Site, keep: bool = False) -> None:
	"""Shut the running Redis down and start it again on the same port; what it held is lost unless `keep`."""
	port = redis_client(site).connection_pool.connection_kwargs["port"]
	stop_redis(site, keep)
	if not keep:
		saved_redis(site).unlink(missing_ok=True)
	start_redis(site, port)


def stop_redis(site: Site, keep: bool = True) -> None:
	"""Shut the site's Redis down, saving what it holds if `keep`, and wait until it is gone."""
	import redis

	client = redis_client(site)
	with contextlib.suppress(redis.exceptions.ConnectionError):
		client.shutdown(save=keep, nosave=not keep)
	deadline = time.monotonic() + STOP_TIMEOUT
	while redis_answers(site) and time.monotonic() < deadline:
		time.sleep(0.05)


def redis_answers(site: Site) -> bool:
	"""Whether the Redis of site_config.json is up, and not a stranger on a port that was once ours."""
	import redis

	if not site.config.get("redis_queue"):
		return False
	try:
		owner = redis_client(site).get("minibench:site")
	except redis.exceptions.RedisError:
		return False
	return owner in (None, str(site.path).encode())


def redis_client(site: Site):
	import redis

	return redis.Redis.from_url(site.config["redis_queue"], socket_timeout=5)


def registered_workers(site: Site) -> set[bytes]:
	"""The RQ workers that have signed in at the site's Redis."""
	return redis_client(site).smembers("rq:workers")
