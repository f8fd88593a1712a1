# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Runs each scenario file in Chromium against `minibench serve` on a fresh site. On a bench: run_on_bench.sh."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from minibench.bootstrap import HOME, ROOT
from minibench.processes import answers, free_port
from minibench.site import ADMIN_PASSWORD, Site

FOLDER = Path(__file__).parent
SCENARIOS = sorted(FOLDER.glob("*.test.mjs"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
EVIDENCE = HOME / "browser"  # a screenshot of each scenario that failed
MOST_TIME = 900  # seconds for a file of scenarios
TIME_TO_SERVE = 180  # seconds; the site is made first
TIME_TO_STOP = 20  # seconds


@pytest.fixture(scope="session")
def chromium() -> str:
	"""The program of a browser that is there, or that apt-get could install."""
	found = find_browser() or install_browser()
	if not found:
		pytest.skip(
			f"no browser: none of {', '.join(BROWSERS)} is installed, and apt-get could not install one"
		)
	return found


def find_browser() -> str | None:
	return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def install_browser() -> str | None:
	"""Debian's package, where this user may install packages."""
	if not shutil.which("apt-get") or os.geteuid() != 0:
		return None
	environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
	for arguments in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", "chromium"]):
		command = ["apt-get", *arguments]
		if subprocess.run(command, env=environment, capture_output=True).returncode:
			return None
	return find_browser()


@pytest.fixture(scope="session")
def node() -> str:
	"""Node.js, with the libraries of package-lock.json beside the scenarios."""
	program, npm = shutil.which("node"), shutil.which("npm")
	if not program or not npm:
		pytest.skip("the browser tests need Node.js with npm")
	installed, wanted = FOLDER / "node_modules" / ".package-lock.json", FOLDER / "package-lock.json"
	if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
		command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
		result = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True)
		if result.returncode:
			pytest.skip(f"npm could not install playwright-core: {result.stderr.strip()[-500:]}")
	return program


@pytest.fixture(scope="session")
def served(chromium: str, node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
	"""A new site and the address at which `minibench serve` serves it, with page, realtime and a worker."""
	site, port = Site(tmp_path_factory.mktemp("sites") / "browser"), free_port()
	command = [
		sys.executable,
		str(ROOT / "minibench"),
		"serve",
		"--site",
		str(site.path),
		"--port",
		str(port),
	]
	log = site.path.parent / "serve.log"
	with open(log, "wb") as output:
		process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
	try:
		url = f"http://127.0.0.1:{port}"
		wait_until_served(process, url, log)
		yield site, url
	finally:
		process.terminate()
		with contextlib.suppress(subprocess.TimeoutExpired):
			process.wait(TIME_TO_STOP)
		process.kill()


def wait_until_served(process: subprocess.Popen, url: str, log: Path) -> None:
	deadline = time.monotonic() + TIME_TO_SERVE
	while not answers(f"{url}/api/method/ping") or "serves" not in log.read_text():
		if process.poll() is not None or time.monotonic() > deadline:
			pytest.fail(f"minibench serve did not come up:\n{log.read_text()[-3000:]}")
		time.sleep(0.2)


@pytest.mark.skipif(
	"ABR_PICTURES" not in os.environ, reason="makes pictures where ABR_PICTURES names a folder"
)
def test_pictures(served: tuple[Site, str], chromium: str, node: str):
	"""The pictures of the user guide, as this host shows them."""
	run_scenarios(FOLDER / "screenshots.mjs", served, chromium, node)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[path.name.split(".")[0] for path in SCENARIOS])
def test_scenario(scenario: Path, served: tuple[Site, str], chromium: str, node: str):
	"""Every scenario of the file passes; the report of `node --test` says which did not, and why."""
	run_scenarios(scenario, served, chromium, node)


def run_scenarios(file: Path, served: tuple[Site, str], chromium: str, node: str) -> None:
	site, url = served
	seed = [sys.executable, str(FOLDER / "seed.py"), site.name, str(site.path.parent)]
	environment = {
		**site.environment(),
		"ABR_BASE_URL": url,
		"ABR_USER": "Administrator",
		"ABR_PASSWORD": ADMIN_PASSWORD,
		"ABR_CHROMIUM": chromium,
		"ABR_SEED": json.dumps(seed),
		"ABR_SEED_FOLDER": str(site.path.parent),
		"ABR_EVIDENCE": str(EVIDENCE),
	}
	command = [node, "--test", "--test-reporter=spec", str(file)]
	result = subprocess.run(
		command, cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=MOST_TIME
	)
	assert result.returncode == 0, f"{result.stdout}\n{result.stderr}\n(screenshots: {EVIDENCE})"
