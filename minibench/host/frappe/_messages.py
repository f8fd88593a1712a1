# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Translation hooks, messages to the user and small text helpers (`frappe._`, `frappe.throw`, ...)."""

import inspect
import json
import secrets
from typing import Any

import frappe
from frappe.types.frappedict import _dict

__all__ = [
	"_",
	"_lt",
	"as_json",
	"as_unicode",
	"bold",
	"clear_last_message",
	"clear_messages",
	"errprint",
	"generate_hash",
	"get_message_log",
	"get_traceback",
	"log",
	"logger",
	"msgprint",
	"parse_json",
	"safe_decode",
	"safe_encode",
	"throw",
]


def _(msg: str, lang: str | None = None, context: str | None = None) -> str:
	"""The message itself: minibench ships English only. HTML is kept, surrounding space is dropped."""
	return as_unicode(msg).strip()


class _LazyTranslate(str):
	"""A string translated when it is used; with English only it is the string."""


def _lt(msg: str, lang: str | None = None, context: str | None = None) -> str:
	return _LazyTranslate(msg)


def as_unicode(text: Any, encoding: str = "utf-8") -> str:
	if isinstance(text, str):
		return text
	if text is None:
		return ""
	return text.decode(encoding) if isinstance(text, bytes) else str(text)


def safe_decode(param: Any, encoding: str = "utf-8", fallback_map: dict | None = None) -> Any:
	return param.decode(encoding, errors="replace") if isinstance(param, bytes) else param


def safe_encode(param: Any, encoding: str = "utf-8") -> Any:
	return param.encode(encoding) if isinstance(param, str) else param


def bold(text: Any) -> str:
	return f"<strong>{text}</strong>"


def generate_hash(txt: str | None = None, length: int = 56) -> str:
	"""`length` random hexadecimal characters."""
	length = length or 56
	return secrets.token_hex((length + 1) // 2)[:length]


def as_json(obj: Any, indent: int | None = 1, separators=None, ensure_ascii: bool = True) -> str:
	from frappe.utils.response import json_handler

	separators = separators or (",", ": ")
	options = dict(indent=indent, default=json_handler, separators=separators, ensure_ascii=ensure_ascii)
	try:
		return json.dumps(obj, sort_keys=True, **options)
	except TypeError:  # keys of mixed types cannot be sorted
		return json.dumps(dict(sorted(obj.items(), key=lambda item: str(item[0]))), **options)


def parse_json(val: Any) -> Any:
	from frappe.utils.data import parse_json

	return parse_json(val)


def get_traceback(with_context: bool = False) -> str:
	from frappe.utils.error import get_traceback

	return get_traceback(with_context=with_context)


def errprint(msg: str) -> None:
	frappe.local.error_log.append({"exc": as_unicode(msg)})


def log(msg: str) -> None:
	frappe.local.debug_log.append(as_unicode(msg))


def logger(module: str | None = None, with_more_info: bool = False, allow_site: bool = True, **options):
	from frappe.utils.logger import get_logger

	return get_logger(module=module, allow_site=allow_site)


def msgprint(
	msg: str,
	title: str | None = None,
	raise_exception: bool | type[Exception] | Exception = False,
	as_table: bool = False,
	as_list: bool = False,
	indicator: str | None = None,
	alert: bool = False,
	primary_action: Any = None,
	is_minimizable: bool = False,
	wide: bool = False,
	*,
	realtime: bool = False,
) -> None:
	"""Queue a message for the response; with `raise_exception` also raise it as that exception."""
	msg = safe_decode(msg)
	out = _dict(message=msg, title=title or _("Message"))
	indicator = indicator or ("red" if raise_exception else None)
	optional = {
		"as_table": as_table and isinstance(msg, list | tuple),
		"as_list": as_list and isinstance(msg, list | tuple),
		"indicator": indicator,
		"is_minimizable": is_minimizable,
		"alert": alert,
		"raise_exception": bool(raise_exception),
		"primary_action": primary_action,
		"wide": wide,
	}
	out.update({key: (1 if value is True else value) for key, value in optional.items() if value})
	if raise_exception:
		out["__frappe_exc_id"] = generate_hash()

	if not frappe.local.flags.mute_messages:
		if realtime:
			frappe.publish_realtime(event="msgprint", message=out)
		else:
			frappe.local.message_log.append(out)

	if raise_exception:
		raise _exception_for(raise_exception, msg, out)


def _exception_for(raise_exception: Any, msg: str, out: _dict) -> Exception:
	if inspect.isclass(raise_exception) and issubclass(raise_exception, Exception):
		exception = raise_exception(msg)
	elif isinstance(raise_exception, Exception):
		exception = raise_exception
		exception.args = (msg,)
	else:
		exception = frappe.ValidationError(msg)
	exception.__frappe_exc_id = out.get("__frappe_exc_id")
	return exception


def throw(
	msg: str,
	exc: type[Exception] | Exception = frappe.ValidationError,
	title: str | None = None,
	is_minimizable: bool = False,
	wide: bool = False,
	as_list: bool = False,
	primary_action: Any = None,
) -> None:
	"""Raise `exc` with a message that the user sees."""
	msgprint(
		msg,
		raise_exception=exc,
		title=title,
		indicator="red",
		is_minimizable=is_minimizable,
		wide=wide,
		as_list=as_list,
		primary_action=primary_action,
	)


def clear_messages() -> None:
	frappe.local.message_log = []


def clear_last_message() -> None:
	frappe.local.message_log = frappe.local.message_log[:-1]


def get_message_log() -> list[dict]:
	return list(frappe.local.message_log)
