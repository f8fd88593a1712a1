# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""A site: the directory that holds site.db, site_config.json, files and logs. Create it, open it, connect to it."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from minibench.bootstrap import HOME, ROOT, say

HOST = ROOT / "minibench" / "host"
APPS = ("frappe", "erpnext", "advanced_bank_reconciliation")
APP_FOLDERS = (HOST / "frappe", HOST / "erpnext", ROOT / "advanced_bank_reconciliation")
ADMIN_PASSWORD = "admin"
MARK = "install.lock"  # a directory with this file in it was made by minibench


class SiteError(Exception):
	"""The site directory cannot be used. The message is one line for the user."""


class Site:
	"""A site directory. Making the object reads and writes nothing."""

	def __init__(self, path: str | Path):
		self.path = Path(path).expanduser().absolute()
		self.name = self.path.name

	@property
	def database(self) -> Path:
		return self.path / "site.db"

	@property
	def config_file(self) -> Path:
		return self.path / "site_config.json"

	@property
	def logs(self) -> Path:
		return self.path / "logs"

	@property
	def config(self) -> dict:
		"""What site_config.json says now; {} while there is none."""
		try:
			return json.loads(self.config_file.read_text())
		except FileNotFoundError:
			return {}
		except ValueError:
			raise SiteError(f"{self.config_file} is not valid JSON") from None

	def update_config(self, **values: object) -> None:
		"""Write `values` into site_config.json, in one step for whoever reads it meanwhile."""
		with self.locked("config"):
			text = json.dumps(self.config | values, indent=1, sort_keys=True)
			temporary = self.config_file.with_suffix(f".{os.getpid()}.tmp")
			temporary.write_text(text + "\n")
			temporary.replace(self.config_file)

	@contextlib.contextmanager
	def locked(self, name: str) -> Iterator[None]:
		"""Hold the site's lock `name` against other processes."""
		with open(self.path / f"{name}.lock", "w") as handle:
			fcntl.flock(handle, fcntl.LOCK_EX)
			yield

	def environment(self) -> dict[str, str]:
		"""The environment in which a child process can `import frappe` and finds this site."""
		before = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
		ours = [str(HOST), str(ROOT)]
		path = os.pathsep.join([*ours, *(entry for entry in before if entry not in ours)])
		return {**os.environ, "PYTHONPATH": path, "MINIBENCH_SITE": str(self.path)}

	def activate(self) -> None:
		"""Make `frappe` importable in this process and this site the default one, here and in children."""
		os.environ.update(self.environment())
		make_importable()

	def connect(self) -> None:
		"""`frappe.init` and `frappe.connect` as Administrator, in this process. `activate` comes first."""
		import frappe

		frappe.init(self.name, sites_path=str(self.path.parent))
		frappe.connect()

	@contextlib.contextmanager
	def connected(self) -> Iterator[None]:
		"""Connected to the site while inside; what was not committed is rolled back."""
		import frappe

		self.connect()
		try:
			yield
		finally:
			frappe.destroy()


def make_importable() -> None:
	"""Let this process import the three apps."""
	for folder in (str(ROOT), str(HOST)):
		if folder not in sys.path:
			sys.path.insert(0, folder)


def default_site(name: str) -> Path:
	"""The directory for a site that the user did not name."""
	return HOME / "sites" / name


def install_or_migrate(site: Site) -> None:
	"""Create the site with its three apps if that is not done, or bring it up to the code of this tree.

	Two commands that come at once do it once. The site must be activated, its folders there, Redis running.
	"""
	with site.locked("install"):
		installed = site.config.get("installed_code")
		if not installed:
			create(site)
		elif installed != code_digest():
			migrate(site)


def make_folders(site: Site) -> None:
	"""Create the directory and its folders.

	Raises SiteError when it is a file, not writable, or a folder with other things in it.
	"""
	try:
		if site.path.exists() and not site.path.is_dir():
			raise SiteError(f"{site.path} is a file, not a directory")
		if site.path.is_dir() and any(site.path.iterdir()) and not (site.path / MARK).exists():
			raise SiteError(f"{site.path} is not empty and is not a minibench site")
		for folder in ("private/files", "public/files", "logs"):
			(site.path / folder).mkdir(parents=True, exist_ok=True)
		(site.path / MARK).touch()
	except OSError as error:
		raise SiteError(f"cannot use {site.path} as a site: {error.strerror}") from None


def create(site: Site) -> None:
	"""Install frappe, erpnext and the app into a new database. A half-made one is started anew."""
	say(f"creating the site {site.path}")
	settings = {**site.config, "allow_tests": 1, "developer_mode": 1, "default_site": site.name}

	import frappe
	from frappe.installer import install_app, new_site

	new_site(str(site.path), admin_password=ADMIN_PASSWORD, config=settings, force=True)
	try:
		for app in APPS[1:]:
			install_app(app)
		frappe.db.commit()
	finally:
		frappe.destroy()
	site.update_config(installed_code=code_digest())


def migrate(site: Site) -> None:
	"""Bring an existing site's tables, custom fields and patches up to the code in this tree."""
	say(f"the code has changed: migrating {site.path}")

	from frappe.migrate import SiteMigration

	with site.connected():
		SiteMigration().run(site.name)
	site.update_config(installed_code=code_digest())


def code_digest() -> str:
	"""A fingerprint of everything that decides how a site's database looks."""
	digest = hashlib.sha256()
	for folder in APP_FOLDERS:
		for file in sorted(folder.rglob("*")):
			if file.suffix in (".json", ".txt") or file.name in (
				"hooks.py",
				"install.py",
				"custom_fields.py",
			):
				digest.update(str(file.relative_to(folder)).encode())
				digest.update(file.read_bytes())
	return digest.hexdigest()


def remove(site: Site) -> None:
	"""Delete the site's directory with all that is in it."""
	shutil.rmtree(site.path, ignore_errors=True)
