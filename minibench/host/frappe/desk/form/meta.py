# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""A doctype as the desk's pages need it: its fields, rights and states, and the scripts of its form and list."""

from pathlib import Path
from typing import Any

import frappe
from frappe.modules.utils import get_module_app

SCRIPTS = {"__js": ".js", "__css": ".css", "__list_js": "_list.js"}
# Hook names in any app's hooks.py that add to a doctype's scripts: {doctype: path in the app}.
SCRIPT_HOOKS = {"__js": "doctype_js", "__list_js": "doctype_list_js"}


def get_meta(doctype: str) -> frappe._dict:
	"""The doctype as a dict, with `__js`, `__css`, `__list_js` and `__server_module` where it has them."""
	meta = frappe.get_meta(doctype)
	values = frappe._dict(_definition(meta))
	values.update({key: value for key, value in vars(meta).items() if _is_plain(value)})
	values.doctype = "DocType"
	values.fields = [_field(df) for df in meta.fields]
	values.permissions = [dict(row) for row in meta.permissions]
	values.update(_scripts(meta))
	if _folder(meta):
		name = frappe.scrub(doctype)
		values["__server_module"] = f"{_module_path(meta)}.doctype.{name}.{name}"
	return values


def _is_plain(value: Any) -> bool:
	return value is not None and isinstance(value, str | int | float)


def _field(df: Any) -> dict:
	return {key: value for key, value in df.items() if value is not None}


def _definition(meta: Any) -> dict:
	"""What the doctype's file says and the database does not keep, such as its states."""
	folder = _folder(meta)
	path = folder / f"{folder.name}.json" if folder else None
	if not path or not path.exists():
		return {}
	return {
		key: value
		for key, value in frappe.parse_json(path.read_text()).items()
		if key not in ("fields", "permissions")
	}


def _module_path(meta: Any) -> str:
	return f"{get_module_app(meta.module)}.{frappe.scrub(meta.module)}"


def _folder(meta: Any) -> Path | None:
	"""The doctype's folder; None for one that was made in the database only."""
	if meta.custom:
		return None
	return Path(frappe.get_module_path(meta.module)) / "doctype" / frappe.scrub(meta.name)


def _scripts(meta: Any) -> dict[str, str]:
	scripts = {}
	for key, ending in SCRIPTS.items():
		paths = [path for path in [_own_script(meta, ending)] if path]
		paths += [_app_file(*entry) for entry in _hooked_scripts(meta.name, SCRIPT_HOOKS.get(key))]
		text = "\n\n".join(path.read_text() for path in paths if path.exists())
		if text:
			scripts[key] = text
	return scripts


def _own_script(meta: Any, ending: str) -> Path | None:
	folder = _folder(meta)
	return folder / f"{folder.name}{ending}" if folder else None


def _hooked_scripts(doctype: str, hook: str | None) -> list[tuple[str, str]]:
	"""(app, path within it) of the scripts that apps add to the doctype."""
	found = []
	for app in frappe.get_installed_apps() if hook else []:
		for paths in frappe.get_hooks(hook, {}, app_name=app).get(doctype, []):
			found += [(app, path) for path in ([paths] if isinstance(paths, str) else paths)]
	return found


def _app_file(app: str, path: str) -> Path:
	return Path(frappe.get_app_path(app)).joinpath(*path.split("/"))
