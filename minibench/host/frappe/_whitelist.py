# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""`@frappe.whitelist()`: which functions may be called over HTTP, by which HTTP methods, with typed arguments."""

from collections.abc import Callable

import frappe

__all__ = [
	"allowed_http_methods_for_whitelisted_func",
	"guest_methods",
	"is_whitelisted",
	"override_whitelisted_method",
	"ping",
	"whitelist",
	"whitelisted",
	"xss_safe_methods",
]

whitelisted: list[Callable] = []
guest_methods: list[Callable] = []
xss_safe_methods: list[Callable] = []
allowed_http_methods_for_whitelisted_func: dict[Callable, list[str]] = {}


def whitelist(
	allow_guest: bool = False, xss_safe: bool = False, methods: list[str] | None = None
) -> Callable:
	"""Make a function callable at /api/method/<dotted path>.

	In a request or a test its annotated arguments are checked and converted by pydantic (FrappeTypeError).
	"""
	methods = methods or ["GET", "POST", "PUT", "DELETE"]

	def decorate(fn: Callable) -> Callable:
		from frappe.utils.typing_validations import validate_argument_types

		method = None
		if hasattr(fn, "__func__"):  # a bound method: register the function inside it
			method = validate_argument_types(fn, apply_condition=_in_request_or_test)
			fn = method.__func__
		else:
			fn = validate_argument_types(fn, apply_condition=_in_request_or_test)

		whitelisted.append(fn)
		allowed_http_methods_for_whitelisted_func[fn] = methods
		if allow_guest:
			guest_methods.append(fn)
			if xss_safe:
				xss_safe_methods.append(fn)
		return method or fn

	return decorate


def _in_request_or_test() -> bool:
	return bool(getattr(frappe.local, "request", None) or frappe.local.flags.in_test)


def is_whitelisted(method: Callable) -> None:
	"""
	:raises PermissionError: the function is not whitelisted, or not for guests while the user is one
	"""
	from frappe.utils import sanitize_html

	is_guest = frappe.local.session.user == "Guest"
	if method not in whitelisted or (is_guest and method not in guest_methods):
		name = frappe.bold(f"{method.__module__}.{method.__name__}")
		summary = frappe._("You are not permitted to access this resource. Login to access")
		detail = frappe._("Function {0} is not whitelisted.").format(name)
		frappe.throw(
			f"<details><summary>{summary}</summary>{detail}</details>",
			frappe.PermissionError,
			title=frappe._("Method Not Allowed"),
		)
	if is_guest and method not in xss_safe_methods:
		for key, value in frappe.local.form_dict.items():
			if isinstance(value, str):
				frappe.local.form_dict[key] = sanitize_html(value)


def override_whitelisted_method(original_method: str) -> str:
	"""The last app's override of a whitelisted method's path, or the path itself."""
	overrides = frappe.get_hooks("override_whitelisted_methods", {}).get(original_method, [])
	return overrides[-1] if overrides else original_method


@whitelist(allow_guest=True)
def ping() -> str:
	return "pong"
