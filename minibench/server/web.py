# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The web server: frappe's own request handling, the app's static files and a login page.

`python -m minibench.server.web PORT` serves the site of the environment variable MINIBENCH_SITE.
"""

import html
import sys
from collections.abc import Callable, Iterable

import frappe.app
from werkzeug.exceptions import HTTPException, NotFound, SecurityError
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.serving import run_simple
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from minibench.bootstrap import ROOT
from minibench.processes import LOOPBACK, end_with_parent

FRAPPE_PATHS = ("/api/", "/files/", "/private/files/", "/logout")
# A page of another site that has its name resolved to this machine must not reach us (DNS rebinding).
TRUSTED_HOSTS = [LOOPBACK, "localhost", ".localhost"]
APP_PUBLIC = ROOT / "advanced_bank_reconciliation" / "public"

LOGIN_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in</title>
<style>
	body { font: 15px/1.5 system-ui, sans-serif; max-width: 20rem; margin: 15vh auto; padding: 0 1rem; }
	label, input, button { display: block; width: 100%; box-sizing: border-box; }
	input, button { font: inherit; padding: .5rem; margin: .25rem 0 1rem; }
	[role=alert] { color: #b52a2a; }
</style>
<h1>Log in</h1>
<form method="post" action="/login">
	<p role="alert">MESSAGE</p>
	<label>User <input name="usr" autocomplete="username" required autofocus></label>
	<label>Password <input name="pwd" type="password" autocomplete="current-password" required></label>
	<button>Log in</button>
</form>
</html>
"""


FRONT_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>minibench</title>
<p>Logged in as USER. There is no desk here: call the API under <code>/api/method/</code>.</p>
<p><a href="/login">Log in as somebody else</a></p>
</html>
"""


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
		return front_page(request)
	if request.path == "/login":
		return login(request)
	if request.path.startswith(FRAPPE_PATHS):
		return frappe.app.application
	raise NotFound


def login(request: Request) -> Response:
	"""The login form; posted, it logs in as the desk's own form does and goes to the front page."""
	message = ""
	if request.method == "POST":
		answer = Response.from_app(frappe.app.application, {**request.environ, "PATH_INFO": "/api/method/login"})
		if answer.status_code == 200:
			answer.status_code = 303
			answer.headers["Location"] = "/"
			return answer
		message = "The user or the password is not right."
	page = LOGIN_PAGE.replace("MESSAGE", html.escape(message))
	return Response(page, status=401 if message else 200, mimetype="text/html")


def front_page(request: Request) -> Response:
	"""Says who is logged in; sends a visitor without a session to the login page."""
	environ = {**request.environ, "PATH_INFO": "/api/method/frappe.auth.get_logged_user"}
	answer = Response.from_app(frappe.app.application, environ)
	if answer.status_code != 200:
		return redirect("/login")
	user = answer.get_json()["message"]
	return Response(FRONT_PAGE.replace("USER", html.escape(user)), mimetype="text/html")


def main() -> None:
	end_with_parent()
	assets = {f"/assets/{APP_PUBLIC.parent.name}": str(APP_PUBLIC)}
	run_simple(LOOPBACK, int(sys.argv[1]), SharedDataMiddleware(application, assets), threaded=True)


if __name__ == "__main__":
	main()
