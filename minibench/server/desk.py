# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""minibench's page: its document for every address under /app, the login page, and the files under /assets."""

import html
from pathlib import Path
from string import Template

from werkzeug.exceptions import NotFound, ServiceUnavailable
from werkzeug.utils import send_from_directory
from werkzeug.wrappers import Request, Response

from minibench.bootstrap import ROOT
from minibench.npm import DESK, NODE_MODULES, is_installed

# Address below /assets/ -> folder; the longer address first.
ASSETS = {
	"minibench/node_modules": NODE_MODULES,
	"minibench": DESK,
	"advanced_bank_reconciliation": ROOT / "advanced_bank_reconciliation" / "public",
}
HOME_PAGE = "/app"


def is_page(path: str) -> bool:
	return path == HOME_PAGE or path.startswith(f"{HOME_PAGE}/")


def page() -> Response:
	"""The desk; what it shows is decided by its scripts from the address.

	:raises ServiceUnavailable: its libraries are not installed
	"""
	if not is_installed():
		raise ServiceUnavailable(
			"The page's libraries are missing. Install Node.js and start this server again."
		)
	return Response((DESK / "index.html").read_text(), mimetype="text/html")


def login_page(redirect_to: str, message: str = "") -> Response:
	"""The login form. redirect_to: where to go afterwards; message: why the last try failed."""
	form = Template((DESK / "login.html").read_text())
	text = form.substitute(redirect_to=html.escape(local_path(redirect_to)), message=html.escape(message))
	return Response(text, status=401 if message else 200, mimetype="text/html")


def local_path(address: str) -> str:
	"""The address if it is one of the desk, else the desk's first page: a login must not lead to another site."""
	return address if is_page(address.split("?")[0]) else HOME_PAGE


def asset(request: Request) -> Response:
	"""A file of the page, its libraries or the app. Browsers ask each time whether it has changed.

	:raises NotFound: there is no such file
	"""
	path = request.path.removeprefix("/assets/")
	for address, folder in ASSETS.items():
		if path.startswith(f"{address}/"):
			return send(folder, path.removeprefix(f"{address}/"), request)
	raise NotFound


def send(folder: Path, name: str, request: Request) -> Response:
	return send_from_directory(folder, name, request.environ, max_age=0)
