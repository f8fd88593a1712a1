# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What the desk's page must know before it can show anything."""

import os
from typing import Any

import frappe
from frappe.sessions import get_csrf_token
from frappe.utils import get_fullname

ROLE_RIGHTS = ("read", "write", "create", "delete", "select")


@frappe.whitelist()
def get_bootinfo() -> dict[str, Any]:
	"""The session's user and rights, defaults, currencies, time zone, and where the bundles of the apps are.

	:raises PermissionError: nobody is logged in
	"""
	doctypes = frappe.get_all("DocType", {"istable": 0}, ["name", "issingle"])
	bootinfo = frappe._dict(
		user=_user([row.name for row in doctypes]),
		csrf_token=get_csrf_token(),
		sitename=frappe.local.site,
		socketio_port=frappe.conf.socketio_port,
		sysdefaults=_sysdefaults(),
		single_types=[row.name for row in doctypes if row.issingle],
		docs=_currencies(),
		time_zone={"system": frappe.utils.get_system_timezone(), "user": frappe.utils.get_system_timezone()},
		lang=frappe.local.lang,
		assets_json=_bundles(),
		app_include=_included(),
		__messages={},
	)
	for method in frappe.get_hooks("boot_session"):
		frappe.get_attr(method)(bootinfo)
	return bootinfo


def _user(doctypes: list[str]) -> dict[str, Any]:
	user = frappe.session.user
	rights = {
		f"can_{right}": [name for name in doctypes if frappe.has_permission(name, right)]
		for right in ROLE_RIGHTS
	}
	return {
		"name": user,
		"full_name": get_fullname(user),
		"email": frappe.db.get_value("User", user, "email"),
		"roles": frappe.get_roles(user),
		"defaults": frappe.defaults.get_defaults(),
		**rights,
	}


def _sysdefaults() -> dict[str, Any]:
	"""Global defaults; formats and precisions are those of System Settings."""
	settings = frappe.db.get_singles_dict("System Settings")
	return {
		**{key: value for key, value in settings.items() if value is not None},
		**frappe.defaults.get_defaults(),
	}


def _currencies() -> list[dict[str, Any]]:
	fields = ["name", "symbol", "number_format", "symbol_on_right"]
	known = [field for field in fields if field == "name" or frappe.get_meta("Currency").has_field(field)]
	return [{"doctype": ":Currency", **row} for row in frappe.get_all("Currency", fields=known)]


def _bundles() -> dict[str, str]:
	"""{bundle: address} of the bundles of all apps. What esbuild makes one file of is served as it stands."""
	bundles = {}
	for app in frappe.get_installed_apps():
		public = frappe.get_app_path(app, "public")
		for folder, _folders, names in os.walk(public):
			address = f"/assets/{app}{folder.removeprefix(public).replace(os.sep, '/')}"
			if "/dist" not in address:
				bundles.update({name: f"{address}/{name}" for name in names if ".bundle." in name})
	return bundles


def _included() -> list[str]:
	"""Bundles that hooks want on every page of the desk."""
	return [path for hook in ("app_include_css", "app_include_js") for path in frappe.get_hooks(hook)]
