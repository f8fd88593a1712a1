# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The host's own web and socketio servers, started for a test, and a client that is logged in to both.

On a bench these are Frappe's: `bench serve` and the node server; on minibench its own. Both listen to the
Redis that FRAPPE_REDIS_QUEUE names.
"""

import http.cookiejar
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest import SkipTest

import frappe

from advanced_bank_reconciliation.tests.processes import DEADLINE, end_with_parent, free_port


class Servers:
	"""A web server and a socketio server for this site; a context manager. Skips where they cannot run."""

	def __enter__(self) -> "Servers":
		self.stack = ExitStack()
		try:
			start = self._start_minibench if os.environ.get("MINIBENCH_SITE") else self._start_bench
			start()
		except BaseException:
			self.stack.close()
			raise
		return self

	def __exit__(self, *_error: object) -> None:
		self.stack.close()

	def _start_minibench(self) -> None:
		from minibench.processes import Processes
		from minibench.site import Site

		processes = self.stack.enter_context(Processes(Site(os.environ["MINIBENCH_SITE"])))
		self.web = processes.start_web()
		self.socketio = processes.start_realtime()

	def _start_bench(self) -> None:
		node, sites = shutil.which("node"), os.path.abspath(frappe.local.sites_path)
		bench = os.path.dirname(sites)
		script = os.path.join(bench, "apps", "frappe", "socketio.js")
		if not node or not os.path.exists(script):
			raise SkipTest(
				"this host has no node or no socketio.js, so Frappe's socketio server cannot be started"
			)
		web_port, port = free_port(), free_port()
		helper = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", frappe.local.site]
		self._run([*helper, "serve", "--port", str(web_port), "--noreload"], sites)
		self._run([node, script], bench, FRAPPE_SOCKETIO_PORT=str(port))
		self.web, self.socketio = f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{port}"
		_wait_for(f"{self.web}/api/method/ping")
		_wait_for(f"{self.socketio}/socket.io/?EIO=4&transport=polling")

	def _run(self, command: list[str], folder: str, **environment: str) -> None:
		process = subprocess.Popen(
			command,
			cwd=folder,
			env={**os.environ, **environment},
			stdin=subprocess.DEVNULL,
			stdout=subprocess.DEVNULL,
			stderr=subprocess.DEVNULL,
			preexec_fn=end_with_parent,
		)
		self.stack.callback(process.wait)
		self.stack.callback(process.kill)


class Client:
	"""A user who is logged in: calls endpoints over HTTP as the desk does, and hears realtime events."""

	def __init__(self, servers: Servers, user: str, password: str) -> None:
		self.servers = servers
		self.cookies = http.cookiejar.CookieJar()
		self.opener = urllib.request.build_opener(
			urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
		)
		self.csrf_token = ""
		self.post("login", usr=user, pwd=password)

	def post(self, method: str, **arguments: Any) -> dict[str, Any]:
		"""Call a whitelisted method; returns the body of the answer. Raises HTTPError when it is refused."""
		data = urllib.parse.urlencode(arguments).encode()
		request = urllib.request.Request(f"{self.servers.web}/api/method/{method}", data)
		request.add_header("X-Frappe-CSRF-Token", self.csrf_token)
		with self.opener.open(request, timeout=DEADLINE) as answer:
			return json.loads(answer.read())

	def listen(self, *events: str) -> tuple[Callable[[], None], list[tuple[str, dict[str, Any]]]]:
		"""Connect to the socketio server; returns what ends that, and the list that the events go into."""
		if not importlib.util.find_spec("socketio"):
			raise SkipTest("the library python-socketio is not installed")
		import socketio

		heard: list[tuple[str, dict[str, Any]]] = []
		client = socketio.Client(reconnection=False)
		namespace = f"/{frappe.local.site}"
		for event in events:
			client.on(event, lambda message, event=event: heard.append((event, message)), namespace=namespace)
		cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)
		headers = {"Cookie": cookies, "Origin": self.servers.web, "X-Frappe-Site-Name": frappe.local.site}
		client.connect(self.servers.socketio, headers=headers, namespaces=[namespace], wait_timeout=20)
		return client.disconnect, heard


def _wait_for(url: str) -> None:
	"""Wait until something answers there."""
	opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
	end = time.monotonic() + DEADLINE
	while True:
		try:
			opener.open(url, timeout=5).close()
			return
		except urllib.error.HTTPError:
			return
		except OSError:
			if time.monotonic() > end:
				raise AssertionError(f"nothing answers at {url}") from None
			time.sleep(0.1)
