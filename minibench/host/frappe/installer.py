# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Sites and the apps on them."""

import json
import os
import secrets
import shutil
from typing import Any

import frappe
from frappe.utils import now

# made in this order before any doctype can be read: the doctypes that describe doctypes
BOOTSTRAP_DOCTYPES = ("docfield", "docperm", "doctype")
STANDARD_ROLES = ("Administrator", "System Manager", "Desk User", "All", "Guest")


def new_site(
	site: str, admin_password: str = "admin", config: dict[str, Any] | None = None, force: bool = False
) -> None:
	"""Make a site directory with the app frappe, and leave it connected as Administrator.

	:param site: path of the directory to make
	:param config: entries for site_config.json
	:param force: replace a directory that is a site already
	"""
	site = os.path.abspath(site)
	if os.path.exists(os.path.join(site, "site_config.json")) and not force:
		raise FileExistsError(f"{site} is a site already")
	for folder in ("private/files", "public/files", "logs", "locks"):
		os.makedirs(os.path.join(site, folder), exist_ok=True)
	for leftover in ("site.db", "site.db-wal", "site.db-shm"):
		if os.path.exists(path := os.path.join(site, leftover)):
			os.remove(path)

	values = {"db_name": "_" + secrets.token_hex(8), "db_type": "sqlite", "admin_password": admin_password}
	_write_json(os.path.join(site, "site_config.json"), {**values, **(config or {})})

	frappe.init(os.path.basename(site), sites_path=os.path.dirname(site), force=True)
	frappe.flags.in_install_db = True
	frappe.connect()
	_install_frappe(admin_password)
	frappe.flags.in_install_db = False


def _install_frappe(admin_password: str) -> None:
	from frappe.database.schema import create_internal_tables, sync_table
	from frappe.model.sync import sync_for
	from frappe.modules.import_file import read_doc_from_file

	frappe.flags.in_install = "frappe"
	create_internal_tables()
	for name in BOOTSTRAP_DOCTYPES:
		doctype = read_doc_from_file(frappe.get_app_path("frappe", "core", "doctype", name, f"{name}.json"))
		sync_table(doctype["name"], doctype["fields"], istable=doctype.get("istable"))
	sync_for("frappe")
	sync_for("frappe")  # once more: permissions make roles, which need their own table
	_add_module_defs("frappe")
	_make_roles_and_users(admin_password)
	_make_settings()
	_add_to_installed_apps("frappe")
	frappe.flags.in_install = False
	frappe.clear_cache()
	frappe.db.commit()


def _make_roles_and_users(admin_password: str) -> None:
	from frappe.utils.password import update_password

	for role in STANDARD_ROLES:
		if not frappe.db.exists("Role", role):
			desk_access = role in ("Administrator", "System Manager", "Desk User")
			frappe.get_doc(doctype="Role", role_name=role, desk_access=int(desk_access)).insert()
	for name, email in (("Administrator", "admin@example.com"), ("Guest", "guest@example.com")):
		user = frappe.get_doc(doctype="User", first_name=name, email=email, enabled=1, send_welcome_email=0)
		user.append("roles", {"role": "Administrator" if name == "Administrator" else "Guest"})
		user.user_type = "System User" if name == "Administrator" else "Website User"
		user.insert(ignore_permissions=True, set_name=name)
	update_password("Administrator", admin_password)


def _make_settings() -> None:
	settings = frappe.get_doc("System Settings")
	settings.update({"setup_complete": 0, "language": "en", "time_zone": "Etc/UTC"})
	settings.save(ignore_permissions=True)


def install_app(name: str, verbose: bool = False, set_as_patched: bool = True, force: bool = False) -> None:
	"""Install an app: doctypes, roles, fixtures, hooks before_install and after_install, scheduled jobs."""
	from frappe.core.doctype.scheduled_job_type.scheduled_job_type import sync_jobs
	from frappe.model.sync import sync_for

	if name in frappe.get_installed_apps() and not force:
		return
	app_hooks = frappe.get_hooks(app_name=name)
	for required in app_hooks.required_apps or ():
		install_app(required.rpartition("/")[2])

	frappe.flags.in_install = name
	try:
		frappe.local.app_modules = frappe.local.module_app = None
		frappe.setup_module_map()
		for before_install in app_hooks.before_install or ():
			if frappe.get_attr(before_install)() is False:
				return
		_add_module_defs(name)
		sync_for(name)
		_add_to_installed_apps(name)
		init_singles()
		frappe.clear_cache()
		if set_as_patched:
			_set_all_patches_as_executed(name)
		for after_install in app_hooks.after_install or ():
			frappe.get_attr(after_install)()
		sync_fixtures(name)
		sync_jobs()
		for after_sync in app_hooks.after_sync or ():
			frappe.get_attr(after_sync)()
	finally:
		frappe.flags.in_install = False
	frappe.db.commit()
	frappe.clear_cache()


def remove_app(app_name: str, dry_run: bool = False, yes: bool = False, no_backup: bool = True, force: bool = False) -> None:  # fmt: skip
	"""Uninstall an app: hooks before_uninstall and after_uninstall, its doctypes with their tables and documents."""
	if app_name not in frappe.get_installed_apps() and not force:
		raise frappe.AppNotInstalledError(f"App {app_name} is not installed")
	frappe.flags.in_uninstall = True
	app_hooks = frappe.get_hooks(app_name=app_name)
	try:
		for method in app_hooks.before_uninstall or ():
			frappe.get_attr(method)()
		modules = frappe.get_all("Module Def", {"app_name": app_name}, pluck="name")
		doctypes = frappe.get_all("DocType", {"module": ["in", modules]}, ["name", "issingle"], order_by=None)
		if dry_run:
			return
		_remove_doctypes(doctypes)
		frappe.db.delete("Module Def", {"app_name": app_name})
		frappe.db.delete("Patch Log", {"patch": ["like", f"{app_name}.%"]})
		frappe.db.delete("Scheduled Job Type", {"method": ["like", f"{app_name}.%"]})
		_remove_from_installed_apps(app_name)
		frappe.db.commit()
		frappe.clear_cache()
		for method in app_hooks.after_uninstall or ():
			frappe.get_attr(method)()
		frappe.db.commit()
	finally:
		frappe.flags.in_uninstall = False


def _remove_doctypes(doctypes: list) -> None:
	for doctype in doctypes:
		frappe.db.delete("Custom Field", {"dt": doctype.name})
		frappe.db.delete("DocField", {"parent": doctype.name})
		frappe.db.delete("DocPerm", {"parent": doctype.name})
		frappe.db.delete("DocType", {"name": doctype.name})
		frappe.db.delete("Singles", {"doctype": doctype.name})
	for doctype in doctypes:
		if not doctype.issingle:
			frappe.db.sql_ddl(f"DROP TABLE IF EXISTS `tab{doctype.name}`")


def _add_module_defs(app: str) -> None:
	for module in frappe.get_module_list(app):
		if not frappe.db.exists("Module Def", module):
			frappe.db.sql(
				"""INSERT INTO `tabModule Def` (name, module_name, app_name, creation, modified, owner, modified_by)
				VALUES (%(m)s, %(m)s, %(app)s, %(now)s, %(now)s, 'Administrator', 'Administrator')""",
				{"m": module, "app": app, "now": now()},
			)


def _add_to_installed_apps(app: str) -> None:
	apps = frappe.parse_json(frappe.db.get_global("installed_apps") or "[]")
	if app not in apps:
		frappe.db.set_global("installed_apps", json.dumps([*apps, app]))
	frappe.local.all_apps = frappe.local.app_modules = frappe.local.module_app = None


def init_singles() -> None:
	"""Save each Single that has no values yet, with its defaults."""
	for doctype in frappe.get_all("DocType", filters={"issingle": 1}, pluck="name"):
		if not frappe.db.get_singles_dict(doctype):
			doc = frappe.new_doc(doctype)
			doc.flags.ignore_mandatory = True
			doc.flags.ignore_validate = True
			doc.flags.ignore_links = True  # a default may name what after_install brings
			doc.save()


def _remove_from_installed_apps(app: str) -> None:
	apps = [name for name in frappe.get_installed_apps() if name != app]
	frappe.db.set_global("installed_apps", json.dumps(apps))
	frappe.local.all_apps = frappe.local.app_modules = frappe.local.module_app = None


def _set_all_patches_as_executed(app: str) -> None:
	from frappe.modules.patch_handler import get_patches_from_app, update_patch_log

	for patch in get_patches_from_app(app):
		update_patch_log(patch)


def sync_fixtures(app: str) -> None:
	"""Import <app>/fixtures/*.json."""
	from frappe.modules.import_file import import_file_by_path

	folder = frappe.get_app_path(app, "fixtures")
	for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
		if name.endswith(".json"):
			import_file_by_path(os.path.join(folder, name))


def update_site_config(
	key: str, value: Any, validate: bool = True, site_config_path: str | None = None
) -> None:
	"""Write one entry of site_config.json (the text "None" removes it)."""
	path = site_config_path or os.path.join(frappe.local.site_path, "site_config.json")
	config = frappe.get_file_json(path)
	if value == "None":
		config.pop(key, None)
	else:
		config[key] = int(value) if validate and value in ("0", "1") else value
	_write_json(path, config)
	if hasattr(frappe.local, "conf"):
		frappe.local.conf[key] = value


def _write_json(path: str, values: dict) -> None:
	temporary = f"{path}.new"
	with open(temporary, "w", encoding="utf-8") as file:
		json.dump(values, file, indent=1, sort_keys=True)
	shutil.move(temporary, path)
