# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The calls of Frappe 15 that the app, its tests and ERPNext's ledger make, on SQLite.

The namespace is Frappe's: thread-local `frappe.db`, `frappe.session`, `frappe.flags`, ... and module functions.
What is not here does not exist on minibench (AttributeError).
"""

import json
import os
from typing import Any

from frappe.exceptions import *
from frappe.exceptions import DoesNotExistError, IncorrectSitePath, NameError, PermissionError
from frappe.types.frappedict import _dict
from werkzeug.local import Local, release_local

__version__ = "15.72.4"
__title__ = "Frappe Framework"

STANDARD_USERS = ("Guest", "Administrator")

local = Local()
cache = None
controllers: dict[str, dict] = {}

db = local("db")
qb = local("qb")
conf = local("conf")
form = form_dict = local("form_dict")
request = local("request")
job = local("job")
response = local("response")
session = local("session")
user = local("user")
flags = local("flags")
error_log = local("error_log")
debug_log = local("debug_log")
message_log = local("message_log")
lang = local("lang")


def init(site: str = "", sites_path: str = ".", new_site: bool = False, force: bool = False) -> None:
	"""Set up the thread's `frappe.local` for a site directory.

	:param site: directory name under `sites_path`; empty means the directory that MINIBENCH_SITE names
	:raises IncorrectSitePath: the directory has no site_config.json
	"""
	if getattr(local, "initialised", None) and not force:
		return

	local.site_path = _resolve_site_path(site, sites_path)
	local.site = os.path.basename(local.site_path)
	local.sites_path = os.path.dirname(local.site_path)
	local.flags = _dict(
		currently_saving=[], in_test=False, in_install=False, mute_messages=False, new_site=new_site
	)
	_reset_request_state()
	local.conf = get_site_config()
	local.lang = local.conf.lang or "en"
	local.all_apps = local.module_app = local.app_modules = None
	local.qb = query_builder.get_query_builder()
	_setup_cache()
	local.initialised = True


def _resolve_site_path(site: str, sites_path: str) -> str:
	default = os.environ.get("MINIBENCH_SITE", "").rstrip("/")
	if default and sites_path == "." and (not site or site == os.path.basename(default)):
		return os.path.abspath(default)
	return os.path.abspath(os.path.join(sites_path, site))


def _reset_request_state() -> None:
	local.error_log = []
	local.message_log = []
	local.debug_log = []
	local.locked_documents = []
	local.test_objects = {}
	local.request_ip = None
	local.response = _dict(docs=[])
	local.task_id = None
	local.user = None
	local.user_perms = None
	local.session = _dict(user=None, sid=None, data=_dict())
	local.role_permissions = {}
	local.valid_columns = {}
	local.new_doc_templates = {}
	local.cache = {}
	local.form_dict = _dict()


def _setup_cache() -> None:
	global cache
	from frappe.utils.redis_wrapper import setup_cache

	if not cache or cache.url != local.conf.redis_cache:
		cache = setup_cache(local.conf.redis_cache)


def connect(site: str | None = None, db_name: str | None = None, set_admin_as_user: bool = True) -> None:
	"""Open the site's database as `frappe.db`; the user becomes Administrator unless told otherwise."""
	from frappe.database import get_db
	from frappe.model.meta import drop_stale_metas

	if site:
		init(site)

	local.db = get_db(os.path.join(local.site_path, "site.db"), local.conf)
	drop_stale_metas()
	if set_admin_as_user:
		set_user("Administrator")


def destroy() -> None:
	"""Close the database connection and forget the thread's state."""
	connection = getattr(local, "db", None)
	if connection:
		connection.close()
	release_local(local)


class init_site:
	"""`with frappe.init_site(site):` gives `frappe.local.conf` without a database connection."""

	def __init__(self, site: str | None = None):
		self.site = site or ""

	def __enter__(self):
		init(self.site)
		return local

	def __exit__(self, *exc_info):
		destroy()


def get_site_config(sites_path: str | None = None, site_path: str | None = None) -> _dict:
	"""common_site_config.json overlaid with site_config.json, redis addresses overridable by environment."""
	site_path = site_path or local.site_path
	config = get_common_site_config(
		sites_path or getattr(local, "sites_path", None) or os.path.dirname(site_path)
	)
	path = os.path.join(site_path, "site_config.json")
	if os.path.exists(path):
		config.update(get_file_json(path))
	elif not local.flags.new_site:
		raise IncorrectSitePath(f"{site_path} is not a site: site_config.json is missing")

	for key in ("redis_queue", "redis_cache"):
		config[key] = os.environ.get(f"FRAPPE_{key.upper()}") or config.get(key) or "redis://127.0.0.1:11311"
	config.db_type = "sqlite"
	return config


def get_common_site_config(sites_path: str | None = None) -> _dict:
	path = os.path.join(sites_path or local.sites_path, "common_site_config.json")
	return _dict(get_file_json(path)) if os.path.exists(path) else _dict()


def get_conf(site: str | None = None) -> _dict:
	if hasattr(local, "conf"):
		return local.conf
	with init_site(site):
		return local.conf


def get_file_json(path: str) -> Any:
	with open(path, encoding="utf-8") as file:
		return json.load(file)


def set_user(username: str) -> None:
	"""Become `username`: roles, permissions and request-level caches of the former user are dropped."""
	local.session.user = username
	local.session.sid = username
	local.session.data = _dict()
	local.cache = {}
	local.form_dict = _dict()
	local.role_permissions = {}
	local.new_doc_templates = {}
	local.user_perms = None


# The functions live in themed modules; they are imported last because they use the names above.
from frappe import query_builder
from frappe._apps import *
from frappe._documents import *
from frappe._messages import *
from frappe._permissions import *
from frappe._whitelist import *
from frappe.utils.error import log_error
