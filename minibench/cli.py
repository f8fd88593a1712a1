# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The commands of `python3 minibench`. Each opens a site, does its work there and leaves no process behind."""

import argparse
import importlib.util
import json
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from minibench.bootstrap import HOME, ROOT, BootstrapError, say
from minibench.client import ClientError
from minibench.npm import install_desk_libraries
from minibench.processes import ProcessError, Processes, is_port_free, open_site
from minibench.site import ADMIN_PASSWORD, APPS, Site, SiteError, default_site, make_importable

if TYPE_CHECKING:
	import click

USAGE_ERROR = 2
PYTEST_OPTIONS = (
	*("-p", "minibench.pytest_plugin"),
	*("--rootdir", str(ROOT)),
	# Where no path is among the arguments.
	*("-o", "testpaths=advanced_bank_reconciliation tests/conformance tests/js tests/browser"),
	*("-o", f"cache_dir={HOME / 'pytest_cache'}"),
	# A test that hangs ends with the stacks of all threads, not with the time limit of whoever runs the suite. By a
	# thread: RQ uses the alarm signal.
	*("--timeout", "1200", "--timeout-method", "thread"),
)
# The whole suite: two processes, each file in one of them, the browser's (which come first) all in one.
WHOLE_SUITE_OPTIONS = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


class Parser(argparse.ArgumentParser):
	"""Says in one line what is wrong with the arguments."""

	def error(self, message: str) -> NoReturn:
		self.exit(USAGE_ERROR, f"{self.prog}: {message}\n")


def main(argv: list[str]) -> int:
	"""Run the command line `argv`; returns the exit code (0 done, 1 failed, 2 wrong arguments)."""
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
	signal.signal(signal.SIGHUP, lambda *_: sys.exit(128 + signal.SIGHUP))
	if argv[:1] == ["test"]:
		return test(argv[1:])  # all its arguments are pytest's
	if argv and (command := app_commands().get(argv[0])):
		return run_app_command(command, argv[1:])
	parser = make_parser()
	if not argv:
		parser.print_help(sys.stderr)
		return USAGE_ERROR
	options = parser.parse_args(argv)
	return reporting(options.name, lambda: options.command(options))


def reporting(name: str, command: Callable[[], int]) -> int:
	"""Run the command; what minibench itself has to say is a sentence, and an exit code."""
	try:
		return command()
	except SiteError as error:
		print(f"minibench {name}: {error}", file=sys.stderr)
		return USAGE_ERROR
	except (BootstrapError, ProcessError, ClientError) as error:
		print(f"minibench {name}: {error}", file=sys.stderr)
		return 1
	except KeyboardInterrupt:
		print(file=sys.stderr)
		say("stopped")
		return 128 + signal.SIGINT


def make_parser() -> Parser:
	parser = Parser(prog="minibench", description="Runs Advanced Bank Reconciliation without a bench.")
	commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")

	def add(name: str, command, text: str, site: bool = True) -> argparse.ArgumentParser:
		sub = commands.add_parser(name, help=text, description=text)
		sub.set_defaults(command=command)
		if site:
			sub.add_argument("--site", metavar="DIR", default=None, help="the site's directory")
		return sub

	sub = add("demo", demo, "Settle unpaid invoices with one bulk deposit, and prove the books right.")
	sub.add_argument("--invoices", metavar="N", type=positive, default=150, help="how many (default 150)")
	sub.add_argument("--json", action="store_true", help="print one JSON object at the end")
	add("test", None, "Run the test suite; all arguments go to pytest.", site=False)
	sub = add("serve", serve, "Web server, realtime server and a worker, until Ctrl-C.")
	sub.add_argument("--port", type=port, default=8000, help="of the web server (default 8000)")
	sub = add("worker", worker, "An RQ worker and the scheduler, until Ctrl-C.")
	sub.add_argument("--queue", default="long,default,short", help="default: long,default,short")
	sub = add("execute", execute, "Call a Python function by its dotted path and print what it returns.")
	sub.add_argument("path", metavar="PATH")
	sub.add_argument(
		"--args", type=json_list, default=[], metavar="JSON", help="list of positional arguments"
	)
	sub.add_argument("--kwargs", type=json_dict, default={}, metavar="JSON", help="object of named arguments")
	add("console", console, "Interactive Python, connected to the site.")
	add("bootstrap", bootstrap, "Only install what the other commands need.", site=False)
	for name, command in app_commands().items():
		add(name, None, command.get_short_help_str(100), site=False)  # click reads its arguments
	return parser


def positive(text: str) -> int:
	if not text.isascii() or not text.isdigit() or int(text) < 1:
		raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
	return int(text)


def port(text: str) -> int:
	if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
		raise argparse.ArgumentTypeError(f"must be a port from 1 to 65535, not {text!r}")
	return int(text)


def json_list(text: str) -> list:
	return parsed(text, list, "a JSON list")


def json_dict(text: str) -> dict:
	return parsed(text, dict, "a JSON object")


def parsed(text: str, kind: type, what: str) -> object:
	try:
		value = json.loads(text)
	except ValueError as error:
		raise argparse.ArgumentTypeError(f"must be {what}: {error}") from None
	if not isinstance(value, kind):
		raise argparse.ArgumentTypeError(f"must be {what}, not {text}")
	return value


def site_path(options: argparse.Namespace) -> Path:
	"""--site, else the environment's MINIBENCH_SITE, else the site that the demo makes."""
	return Path(options.site or os.environ.get("MINIBENCH_SITE") or default_site("demo"))


# The commands of the apps


def app_commands() -> dict[str, "click.Command"]:
	"""What the apps have in `commands` of their module `commands`, by name, as Frappe finds them."""
	make_importable()
	found = {}
	for app in APPS:
		module = f"{app}.commands"
		if importlib.util.find_spec(module):
			found.update({each.name: each for each in getattr(import_module(module), "commands", [])})
	return found


def run_app_command(command: "click.Command", arguments: list[str]) -> int:
	"""Run a click command as `bench --site` does; `--site DIR` among its arguments says where."""
	parser = Parser(prog=f"minibench {command.name}", add_help=False, allow_abbrev=False)
	parser.add_argument("--site", default=None)
	options, rest = parser.parse_known_args(arguments)

	def call(site: Site | None = None) -> int:
		sites = [site.name] if site else []
		context = {"sites": sites, "force": False, "verbose": False, "profile": False}
		try:
			return command.main(rest, prog_name=parser.prog, obj=context, standalone_mode=True) or 0
		except SystemExit as end:
			return end.code or 0

	if "--help" in rest:
		return call()

	def call_on_site() -> int:
		with open_site(site_path(options)) as site:
			return call(site)

	return reporting(command.name, call_on_site)


# The commands


def demo(options: argparse.Namespace) -> int:
	from minibench.demo import run_demo

	return run_demo(site_path(options), options.invoices, options.json)


def test(arguments: list[str]) -> int:
	"""The whole suite in two processes, or what `arguments` select in one, with pytest; its exit code is ours."""
	import pytest

	os.chdir(ROOT)
	try:
		return pytest.main([*PYTEST_OPTIONS, *(arguments or WHOLE_SUITE_OPTIONS)])
	except BootstrapError as error:
		print(f"minibench test: {error}", file=sys.stderr)
		return 1


def serve(options: argparse.Namespace) -> int:
	if not is_port_free(options.port):
		raise SiteError(f"port {options.port} is in use; choose another with --port")
	try:
		install_desk_libraries()
	except BootstrapError as error:
		say(f"the API is served without the page: {error}")
	with open_site(site_path(options)) as site, Processes(site) as processes:
		url = processes.start_web(options.port)
		processes.start_realtime()
		processes.start_worker("long,default,short")
		processes.start_scheduler()
		say(f"{url} serves {site.path} (log in as Administrator, {ADMIN_PASSWORD}). Ctrl-C stops it.")
		say(f"logs: {site.logs}")
		processes.watch()
	return 0


def worker(options: argparse.Namespace) -> int:
	with open_site(site_path(options)) as site, Processes(site) as processes:
		processes.start_worker(options.queue, terminal=True)
		processes.start_scheduler()
		say(f"working on {options.queue} of {site.path}. Ctrl-C stops it.")
		processes.watch()
	return 0


def execute(options: argparse.Namespace) -> int:
	"""As `bench execute`: runs as Administrator, commits, prints the answer as JSON."""
	with open_site(site_path(options)) as site, site.connected():
		import frappe

		answer = frappe.get_attr(options.path)(*options.args, **options.kwargs)
		frappe.db.commit()
		if answer is not None:
			print(json.dumps(answer, default=shown))
	return 0


def shown(value: object) -> object:
	"""For json.dumps: what frappe can make JSON of, else the text that Python prints."""
	from frappe.utils.response import json_handler

	try:
		return json_handler(value)
	except TypeError:
		return str(value)


def console(options: argparse.Namespace) -> int:
	with open_site(site_path(options)) as site, site.connected():
		import frappe

		banner = f"frappe is connected to {site.path} as Administrator; frappe.db.commit() keeps what you do."
		names = {"frappe": frappe}
		try:
			from IPython.terminal.embed import InteractiveShellEmbed
		except ImportError:
			import code

			code.interact(banner=banner, local=names, exitmsg="")
		else:
			InteractiveShellEmbed(banner1=banner, user_ns=names)()
	return 0


def bootstrap(options: argparse.Namespace) -> int:
	"""The environment is made before any command runs; what is left is a Redis server."""
	from minibench.bootstrap import VENV, find_redis_server

	say(f"ready: {VENV}, {find_redis_server()}")
	return 0
