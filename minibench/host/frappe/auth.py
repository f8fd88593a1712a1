# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Who makes a request: login by password, session cookie, or API key."""

import base64
import binascii
from typing import Any

import frappe
from frappe import _
from frappe.sessions import Session, clear_sessions, delete_session
from frappe.utils import cint
from frappe.utils.password import check_password, get_decrypted_password

UNSAFE_HTTP_METHODS = frozenset(("POST", "PUT", "DELETE", "PATCH"))
MAX_PASSWORD_SIZE = 512


class HTTPRequest:
	"""Sets up the session of the request and checks its CSRF token."""

	def __init__(self):
		forwarded = frappe.local.request.headers.get("X-Forwarded-For", "").split(",")[0].strip()
		frappe.local.request_ip = forwarded or frappe.local.request.remote_addr or "127.0.0.1"
		frappe.local.cookie_manager = CookieManager()
		frappe.local.login_manager = LoginManager()
		self.validate_csrf_token()

	def validate_csrf_token(self) -> None:
		if frappe.local.request.method not in UNSAFE_HTTP_METHODS or frappe.conf.ignore_csrf:
			return
		saved = frappe.local.session.data.csrf_token
		if not saved:
			return
		given = frappe.local.request.headers.get("X-Frappe-CSRF-Token")
		if (given or frappe.local.form_dict.pop("csrf_token", None)) != saved:
			frappe.flags.disable_traceback = True
			frappe.throw(_("Invalid Request"), frappe.CSRFTokenError)


class LoginManager:
	def __init__(self):
		self.user: str | None = None
		if frappe.local.form_dict.get("cmd") == "login" or frappe.local.request.path == "/api/method/login":
			self.login()
		else:
			self.make_session(resume=True)
			self.set_user_info(resume=True)

	def login(self) -> None:
		self.authenticate(frappe.local.form_dict.get("usr"), frappe.local.form_dict.pop("pwd", None))
		self.run_trigger("on_login")
		self.make_session()
		self.set_user_info()

	def authenticate(self, user: str | None, pwd: str | None) -> None:
		"""
		:raises AuthenticationError: wrong credentials, or the user is disabled
		"""
		if not (user and pwd):
			self.fail(_("Incomplete login details"))
		if len(pwd) > MAX_PASSWORD_SIZE:
			self.fail(_("Password size exceeded the maximum allowed size"))
		name = frappe.db.get_value("User", {"name": user}) or frappe.db.get_value("User", {"username": user})
		try:
			check_password(name or "", pwd)
		except frappe.AuthenticationError:
			self.fail("Invalid login credentials")
		if name != "Administrator" and not cint(frappe.db.get_value("User", name, "enabled")):
			self.fail("User disabled or missing")
		self.user = name

	def fail(self, message: str) -> None:
		frappe.local.response["message"] = message
		raise frappe.AuthenticationError(message)

	def make_session(self, resume: bool = False) -> None:
		info = self._info() if self.user else frappe._dict()
		frappe.local.session_obj = Session(self.user, resume, info.full_name, info.user_type)
		frappe.local.session = frappe.local.session_obj.data
		self.user = frappe.local.session_obj.user
		if self.user != "Guest" and cint(frappe.get_system_settings("deny_multiple_sessions")):
			clear_sessions(self.user, keep_current=True)
		if not resume:
			self.run_trigger("on_session_creation")

	def _info(self) -> frappe._dict:
		fields = ["user_type", "full_name", "user_image"]
		return frappe.get_cached_value("User", self.user, fields, as_dict=True) or frappe._dict()

	def set_user_info(self, resume: bool = False) -> None:
		info = self._info()
		cookies = frappe.local.cookie_manager
		cookies.set_cookie("sid", frappe.local.session.sid, httponly=True)
		cookies.set_cookie("system_user", "yes" if info.user_type == "System User" else "no")
		cookies.set_cookie("full_name", info.full_name or "")
		cookies.set_cookie("user_id", self.user)
		if not resume:
			frappe.local.response["message"] = "Logged In" if info.user_type == "System User" else "No App"
			frappe.local.response["home_page"] = "/app"
			frappe.local.response["full_name"] = info.full_name

	def logout(self) -> None:
		self.run_trigger("on_logout")
		delete_session(frappe.local.session.sid)
		frappe.local.cookie_manager.set_cookie("sid", "Guest")
		frappe.set_user("Guest")

	def run_trigger(self, event: str) -> None:
		for method in frappe.get_hooks(event):
			frappe.call(frappe.get_attr(method), login_manager=self)


class CookieManager:
	def __init__(self):
		self.cookies: dict[str, dict[str, Any]] = {}

	def set_cookie(self, key: str, value: str, httponly: bool = False) -> None:
		self.cookies[key] = {"value": value, "httponly": httponly}

	def flush_cookies(self, response: Any) -> None:
		from urllib.parse import quote

		for key, options in self.cookies.items():
			value = quote((options["value"] or "").encode("utf-8"))
			response.set_cookie(key, value, httponly=options["httponly"], samesite="Lax")


@frappe.whitelist(allow_guest=True)
def get_logged_user() -> str:
	return frappe.session.user


def validate_auth() -> None:
	"""Become the user that the Authorization header's API key belongs to.

	:raises AuthenticationError: there is such a header and it authenticates no one
	"""
	header = frappe.local.request.headers.get("Authorization", "").split(" ")
	if len(header) != 2:
		return
	validate_auth_via_api_keys(header)
	if frappe.session.user in ("", "Guest", None):
		raise frappe.AuthenticationError


def validate_auth_via_api_keys(header: list[str]) -> None:
	"""`token key:secret` or `basic base64(key:secret)`"""
	kind, credentials = header
	try:
		if kind.lower() == "basic":
			credentials = base64.b64decode(credentials).decode()
		elif kind.lower() != "token":
			return
		key, secret = credentials.split(":")
	except binascii.Error:
		message = _("Failed to decode token, please provide a valid base64-encoded token.")
		frappe.throw(message, frappe.InvalidAuthorizationToken)
	except ValueError:
		return
	user = frappe.db.get_value("User", {"api_key": key, "enabled": 1})
	if not user or secret != get_decrypted_password("User", user, "api_secret", raise_exception=False):
		raise frappe.AuthenticationError
	if frappe.local.login_manager.user in ("", "Guest"):
		form_dict = frappe.local.form_dict
		frappe.set_user(user)
		frappe.local.form_dict = form_dict
