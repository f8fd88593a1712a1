# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The libraries of minibench's page (Bootstrap, frappe-datatable ...), from npm into `.minibench/desk`.

Standard library only. Only the page needs them: the API, the workers and the demo run without Node.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path

from minibench.bootstrap import HOME, ROOT, BootstrapError, locked, say

DESK = ROOT / "minibench" / "desk"
FOLDER = HOME / "desk"
NODE_MODULES = FOLDER / "node_modules"
MANIFESTS = ("package.json", "package-lock.json")


def install_desk_libraries() -> None:
	"""`npm ci` unless what is installed fits package-lock.json.

	:raises BootstrapError: there is no npm, or it could not install them
	"""
	if is_installed():
		return
	with locked("desk"):
		if not is_installed():
			say("installing the page's libraries with npm")
			npm_ci()
			_stamp().write_text(_wanted())


def is_installed() -> bool:
	return _stamp().exists() and _stamp().read_text() == _wanted()


def npm_ci() -> None:
	npm = shutil.which("npm")
	if not npm:
		raise BootstrapError(
			"the page needs npm (it comes with Node.js); install it and run the command again"
		)
	FOLDER.mkdir(exist_ok=True)
	for name in MANIFESTS:
		shutil.copy(DESK / name, FOLDER / name)
	command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
	result = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True)
	if result.returncode:
		words = "\n".join((result.stderr or result.stdout).strip().splitlines()[-8:])
		raise BootstrapError(f"npm could not install the page's libraries:\n{words}")


def _stamp() -> Path:
	return FOLDER / "minibench.stamp"


def _wanted() -> str:
	return hashlib.sha256((DESK / "package-lock.json").read_bytes()).hexdigest()
