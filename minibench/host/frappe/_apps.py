# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Installed apps, their modules, hooks and paths, and calling functions by dotted path."""

import functools
import importlib
import inspect
import os
import types
from collections.abc import Callable
from typing import Any

import frappe
from frappe.types.frappedict import _dict

__all__ = [
	"append_hook",
	"call",
	"get_app_path",
	"get_attr",
	"get_doc_hooks",
	"get_doctype_app",
	"get_file_items",
	"get_hooks",
	"get_installed_apps",
	"get_module",
	"get_module_list",
	"get_module_path",
	"get_newargs",
	"get_pymodule_path",
	"get_site_path",
	"local_cache",
	"read_file",
	"scrub",
	"setup_module_map",
	"unscrub",
]


def scrub(txt: str) -> str:
	"""'Sales Invoice' -> 'sales_invoice'"""
	return frappe.as_unicode(txt).replace(" ", "_").replace("-", "_").lower()


def unscrub(txt: str) -> str:
	"""'sales_invoice' -> 'Sales Invoice'"""
	return txt.replace("_", " ").replace("-", " ").title()


def get_module(modulename: str) -> types.ModuleType:
	return importlib.import_module(modulename)


def get_attr(method_string: str) -> Any:
	"""The object at a dotted path, e.g. a function.

	:raises AppNotInstalledError: the path starts with an app that this site has not installed
	"""
	app_name = method_string.split(".", 1)[0]
	if not frappe.local.flags.in_uninstall and not frappe.local.flags.in_install:
		if app_name not in get_installed_apps():
			frappe.throw(frappe._("App {0} is not installed").format(app_name), frappe.AppNotInstalledError)

	modulename, _dot, methodname = method_string.rpartition(".")
	return getattr(get_module(modulename), methodname)


def call(fn: str | Callable, *args, **kwargs) -> Any:
	"""Call `fn` (or the function at that path) with the keyword arguments that it accepts."""
	if isinstance(fn, str):
		fn = get_attr(fn)
	return fn(*args, **get_newargs(fn, kwargs))


_signature = functools.lru_cache(maxsize=None)(inspect.signature)


def get_newargs(fn: Callable, kwargs: dict[str, Any]) -> dict[str, Any]:
	"""The keyword arguments that `fn` accepts; `ignore_permissions` and `flags` never pass (as in Frappe)."""
	parameters = _signature(fn).parameters.values()
	accepts_all = any(p.kind == inspect.Parameter.VAR_KEYWORD for p in parameters)
	names = {p.name for p in parameters if p.kind != inspect.Parameter.VAR_KEYWORD}
	return {
		key: value
		for key, value in kwargs.items()
		if (accepts_all or key in names) and key not in ("ignore_permissions", "flags")
	}


def get_installed_apps(*, _ensure_on_bench: bool = False) -> list[str]:
	"""Apps in the order of their installation, as the site's global default `installed_apps` lists them."""
	if frappe.local.flags.in_install_db:
		return ["frappe"]
	if frappe.local.all_apps is None:
		value = frappe.db.get_global("installed_apps") if getattr(frappe.local, "db", None) else None
		apps = frappe.parse_json(value) if value else ["frappe"]
		if not getattr(frappe.local, "db", None):
			return apps
		frappe.local.all_apps = apps
	return list(frappe.local.all_apps)


def setup_module_map(include_all_apps: bool = True) -> None:
	"""Read every app's modules.txt: `local.app_modules` app -> modules, `local.module_app` module -> app."""
	frappe.local.app_modules = {}
	frappe.local.module_app = {}
	apps = get_installed_apps()
	installing = frappe.local.flags.in_install
	if isinstance(installing, str) and installing not in apps:
		apps.append(installing)
	for app in apps:
		modules = [scrub(module) for module in get_module_list(app)]
		frappe.local.app_modules[app] = modules
		for module in modules:
			frappe.local.module_app[module] = app


def get_module_list(app_name: str) -> list[str]:
	return get_file_items(get_app_path(app_name, "modules.txt"))


def get_file_items(path: str, raise_not_found: bool = False, ignore_empty_lines: bool = True) -> list[str]:
	"""The lines of a text file without comments; none when the file is missing."""
	content = read_file(path, raise_not_found=raise_not_found) or ""
	lines = (line.strip() for line in content.splitlines())
	return [line for line in lines if not line.startswith("#") and (line or not ignore_empty_lines)]


def read_file(path: str, raise_not_found: bool = False) -> str | None:
	if os.path.exists(path):
		with open(path, encoding="utf-8") as file:
			return file.read()
	if raise_not_found:
		raise OSError(f"{path} Not Found")


def get_pymodule_path(modulename: str, *joins: str) -> str:
	folder = os.path.dirname(get_module(scrub(modulename)).__file__ or "")
	return os.path.abspath(os.path.join(folder, *joins))


def get_app_path(app_name: str, *joins: str) -> str:
	return get_pymodule_path(app_name, *joins)


def get_module_path(module: str, *joins: str) -> str:
	from frappe.modules.utils import get_module_app

	return get_pymodule_path(f"{get_module_app(module)}.{scrub(module)}", *joins)


def get_site_path(*joins: str) -> str:
	return os.path.join(frappe.local.site_path, *joins)


def local_cache(namespace: str, key: Any, generator: Callable, regenerate_if_none: bool = False) -> Any:
	"""A value kept for this request: `frappe.local.cache[namespace][key]`."""
	values = frappe.local.cache.setdefault(namespace, {})
	if key not in values or (values[key] is None and regenerate_if_none):
		values[key] = generator()
	return values[key]


def get_doctype_app(doctype: str) -> str:
	from frappe.modules.utils import get_module_app

	return get_module_app(frappe.db.get_value("DocType", doctype, "module", cache=True))


def append_hook(target: dict, key: str, value: Any) -> None:
	"""Collect hook values: dicts merge key by key, everything else becomes one list."""
	if isinstance(value, dict):
		for inner_key, inner_value in value.items():
			append_hook(target.setdefault(key, {}), inner_key, inner_value)
	else:
		target.setdefault(key, []).extend(value if isinstance(value, list) else [value])


def _load_app_hooks(apps: list[str]) -> dict:
	hooks: dict = {}
	for app in apps:
		for key, value in inspect.getmembers(get_module(f"{app}.hooks")):
			if not key.startswith("_") and not isinstance(
				value, types.ModuleType | types.FunctionType | type
			):
				append_hook(hooks, key, value)
	return hooks


def get_hooks(
	hook: str | None = None, default: Any = "_KEEP_DEFAULT_LIST", app_name: str | None = None
) -> Any:
	"""Hook values gathered over the installed apps (or one app), read once per connection."""
	if app_name:
		hooks = _load_app_hooks([app_name])
	else:
		apps = tuple(get_installed_apps())
		hooks = local_cache("app_hooks", apps, lambda: _load_app_hooks(list(apps)))
	if not hook:
		return _dict(hooks)
	return hooks.get(hook, [] if default == "_KEEP_DEFAULT_LIST" else default)


def get_doc_hooks() -> dict[str, dict[str, list[str]]]:
	"""`doc_events` by doctype; an entry whose key is a tuple of doctypes counts for each of them."""

	def expand() -> dict:
		events: dict = {}
		for doctype, by_event in get_hooks("doc_events", {}).items():
			for name in doctype if isinstance(doctype, tuple) else (doctype,):
				for event, handlers in by_event.items():
					append_hook(events.setdefault(name, {}), event, handlers)
		return events

	return local_cache("doc_hooks", tuple(get_installed_apps()), expand)
