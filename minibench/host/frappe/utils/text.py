# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Text, HTML, links and lists; re-exported by frappe.utils."""

import hashlib
import html
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import frappe

HTML_TAG_PATTERN = re.compile(r"<[^>]+>")
_TAG_LIKE = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)\b[^>]*>")
_ACTIVE_ATTRIBUTE = re.compile(r"\s(on\w+|style)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_SCRIPT_LINK = re.compile(r"(href|src)\s*=\s*([\"']?)\s*(javascript|data|vbscript):[^\"'>]*\2", re.IGNORECASE)
_FORBIDDEN_TAGS = {"script", "style", "iframe", "object", "embed", "link", "meta", "form", "base"}


def is_html(text: str) -> bool:
	return isinstance(text, str) and bool(_TAG_LIKE.search(text))


def strip_html(text: str) -> str:
	"""The text without its HTML tags."""
	return HTML_TAG_PATTERN.sub("", frappe.as_unicode(text))


strip_html_tags = strip_html


def escape_html(text: Any) -> Any:
	return html.escape(text, quote=True) if isinstance(text, str) else text


def unescape_html(value: str) -> str:
	return html.unescape(value)


def sanitize_html(value: Any, linkify: bool = False) -> Any:
	"""The text without active HTML: forbidden tags are escaped, event attributes and script links removed."""
	if not isinstance(value, str) or not is_html(value):
		return value

	def clean(match: re.Match) -> str:
		if match.group(1).lower() in _FORBIDDEN_TAGS:
			return html.escape(match.group(0), quote=False)
		return _SCRIPT_LINK.sub(r'\1="#"', _ACTIVE_ATTRIBUTE.sub("", match.group(0)))

	return _TAG_LIKE.sub(clean, value)


def strip(val: str, chars: str | None = None) -> str:
	return (val or "").replace("\ufeff", "").replace("\u200b", "").strip(chars)


def parse_json(val: Any) -> Any:
	"""JSON text becomes its value; dicts become `frappe._dict`."""
	if isinstance(val, str):
		val = json.loads(val)
	return frappe._dict(val) if isinstance(val, dict) else val


def comma_sep(some_list: Any, pattern: str, add_quotes: bool = True) -> Any:
	if not isinstance(some_list, list | tuple):
		return some_list
	items = [str(item) for item in some_list]
	if len(items) <= 1:
		return "".join(items)
	if add_quotes:
		items = [f"'{item}'" for item in items]
	return frappe._(pattern).format(", ".join(items[:-1]), items[-1])


def comma_or(some_list: Any, add_quotes: bool = True) -> Any:
	return comma_sep(some_list, "{0} or {1}", add_quotes)


def comma_and(some_list: Any, add_quotes: bool = True) -> Any:
	return comma_sep(some_list, "{0} and {1}", add_quotes)


def unique(seq: Iterable) -> list:
	"""The items in their order, each once."""
	return list(dict.fromkeys(seq))


def get_abbr(string: str, max_len: int = 2) -> str:
	return "".join(part[0] for part in string.split(" ") if part)[:max_len] or "?"


def quoted(url: Any) -> str:
	return quote(frappe.as_unicode(url), safe=b"~@#$&()*!+=:;,.?/'")


def sha256_hash(input: str | bytes) -> str:
	return hashlib.sha256(input.encode() if isinstance(input, str) else input).hexdigest()


def get_url(uri: str | None = None, full_address: bool = False, allow_header_override: bool = True) -> str:
	"""The site's address, with `uri` appended: config `host_name`, else the request's host, else the site's name."""
	if uri and uri.startswith(("http://", "https://")):
		return uri
	host = frappe.conf.host_name or frappe.conf.hostname
	request = getattr(frappe.local, "request", None)
	if not host and request:
		host = request.host_url.rstrip("/")
	if not host:
		port = frappe.conf.webserver_port
		host = f"{frappe.local.site}:{port}" if port else frappe.local.site
	if not host.startswith(("http://", "https://")):
		host = "http://" + host
	return host.rstrip("/") + (f"/{uri.lstrip('/')}" if uri else "")


def slug(name: str) -> str:
	return name.lower().replace(" ", "-")


def get_absolute_url(doctype: str, name: str) -> str:
	return f"/app/{quoted(slug(doctype))}/{quoted(name)}"


def get_url_to_form(doctype: str, name: str) -> str:
	return get_url(uri=get_absolute_url(doctype, name))


def get_url_to_list(doctype: str) -> str:
	return get_url(uri=f"/app/{quoted(slug(doctype))}")


def get_link_to_form(doctype: str, name: str, label: str | None = None) -> str:
	return f'<a href="{get_url_to_form(doctype, name)}">{label or name}</a>'
