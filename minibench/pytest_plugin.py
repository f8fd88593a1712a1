# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Gives a pytest run what `bench run-tests` gives: a fresh site with the three apps, connected as Administrator.

The site is `.minibench/sites/test-PID` with a Redis of its own. `--keep-site` leaves it for a look inside. Where
pytest-xdist runs the suite in several processes, each has a site.
"""

import contextlib
import os
from pathlib import Path

import pytest

from minibench.processes import ProcessError, open_site, stop_redis
from minibench.site import Site, SiteError, default_site, remove

PREFIX = "test-"
APP = "advanced_bank_reconciliation"


def pytest_addoption(parser: pytest.Parser) -> None:
	parser.addoption("--keep-site", action="store_true", help="keep the test site after the run")


class TestSite:
	"""The plugin of one run: makes the site, keeps frappe connected to it, removes it."""

	def __init__(self, keep: bool):
		self.keep = keep
		self.path = default_site(f"{PREFIX}{os.getpid()}")
		self.stack = contextlib.ExitStack()

	def pytest_sessionstart(self) -> None:
		try:
			self.site = self.stack.enter_context(open_site(self.path))
		except (SiteError, ProcessError) as error:
			pytest.exit(f"the test site could not be made: {error}", returncode=1)
		self.connect()
		run_before_tests()

	def connect(self) -> None:
		import frappe

		self.site.connect()
		frappe.flags.in_test = True
		frappe.local.flags.in_test = True

	def pytest_runtest_setup(self) -> None:
		"""Reconnect when the test before has disconnected, or gone to another site."""
		import frappe

		if getattr(frappe.local, "site", None) != self.site.name or not frappe.db:
			os.environ["MINIBENCH_SITE"] = str(self.site.path)
			self.connect()

	def pytest_sessionfinish(self) -> None:
		with contextlib.suppress(Exception):  # the run is over; its result must not change
			import frappe

			frappe.destroy()
		self.stack.close()
		if not self.keep:
			remove(Site(self.path))

	def pytest_report_header(self) -> str:
		return f"minibench site: {self.path}"


def pytest_configure(config: pytest.Config) -> None:
	if not hasattr(config, "workerinput"):
		remove_leftovers(default_site("").parent)
	if not is_controller(config):
		config.pluginmanager.register(TestSite(config.getoption("keep_site")), "minibench-site")


def is_controller(config: pytest.Config) -> bool:
	"""Whether this process only hands the tests to pytest-xdist's workers."""
	return bool(config.getoption("tx", None)) and not hasattr(config, "workerinput")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
	"""The browser's scenarios first: one process is busy with them while the others do the rest."""
	items.sort(key=lambda item: "browser" not in item.path.parts)


def run_before_tests() -> None:
	"""The app's before_tests hooks, as `bench run-tests --app` runs them."""
	import frappe

	for method in frappe.get_hooks("before_tests", app_name=APP):
		frappe.get_attr(method)()
	frappe.db.commit()


def remove_leftovers(folder: Path) -> None:
	"""Remove the test sites of runs that were killed, with their Redis."""
	for path in folder.glob(f"{PREFIX}*"):
		pid = path.name.removeprefix(PREFIX)
		if pid.isdigit() and not is_alive(int(pid)):
			site = Site(path)
			with contextlib.suppress(SiteError, OSError):
				if site.config.get("redis_queue"):
					stop_redis(site)
			remove(site)


def is_alive(pid: int) -> bool:
	try:
		os.kill(pid, 0)
	except ProcessLookupError:
		return False
	except PermissionError:
		pass
	return True
