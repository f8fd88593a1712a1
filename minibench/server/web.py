# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The web server: frappe's own request handling, and the desk's page with its files and login.

`python -m minibench.server.web PORT` serves the site of the environment variable MINIBENCH_SITE.
"""

import io
import sys
from collections.abc import Callable, Iterable
from urllib.parse import urlencode

import frappe.app
from werkzeug.exceptions import HTTPException, NotFound, SecurityError
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.serving import run_simple
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from minibench.processes import LOOPBACK, end_with_parent
from minibench.server import desk

FRAPPE_PATHS = ("/api/", "/files/", "/private/files/", "/logout")
# A page of another site that has its name resolved to this machine must not reach us (DNS rebinding).
TRUSTED_HOSTS = [LOOPBACK, "localhost", ".localhost"]


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
	"""Hand a request to frappe, or answer it here."""
	try:
		if not host_is_trusted(environ.get("HTTP_HOST"), TRUSTED_HOSTS):
			raise SecurityError("This host name is not served here.")
		response = respond(Request(environ))
	except HTTPException as error:
		response = error
	return response(environ, start_response)


def respond(request: Request) -> Callable:
	if request.path == "/":
		return redirect(desk.HOME_PAGE)
	if request.path == "/login":
		return login(request)
	if request.path.startswith("/assets/"):
		return desk.asset(request)
	if desk.is_page(request.path):
		return desk.page() if is_logged_in(request) else redirect(f"/login?{urlencode(wanted_page(request))}")
	if request.path.startswith(FRAPPE_PATHS):
		return frappe.app.application
	raise NotFound


def login(request: Request) -> Response:
	"""The login form; posted, it logs in as the desk's own form does and goes to the page that was wanted."""
	if request.method != "POST":
		return desk.login_page(request.args.get("redirect-to", ""))
	body = request.get_data()  # frappe reads it too, so it gets a copy
	redirect_to = request.form.get("redirect-to", "")
	environ = {**request.environ, "PATH_INFO": "/api/method/login", "wsgi.input": io.BytesIO(body)}
	answer = Response.from_app(frappe.app.application, environ)
	if answer.status_code != 200:
		return desk.login_page(redirect_to, "The user or the password is not right.")
	answer.status_code = 303
	answer.headers["Location"] = desk.local_path(redirect_to)
	return answer


def is_logged_in(request: Request) -> bool:
	environ = {**request.environ, "PATH_INFO": "/api/method/frappe.auth.get_logged_user", "QUERY_STRING": ""}
	answer = Response.from_app(frappe.app.application, environ)
	return answer.status_code == 200 and answer.get_json()["message"] != "Guest"


def wanted_page(request: Request) -> dict[str, str]:
	return {"redirect-to": request.full_path.removesuffix("?")}


def main() -> None:
	end_with_parent()
	run_simple(LOOPBACK, int(sys.argv[1]), application, threaded=True)


if __name__ == "__main__":
	main()
