# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Bring a site up to its apps: patches, doctypes, fixtures, scheduled jobs, after_migrate hooks."""

import frappe
from frappe.modules.patch_handler import PatchType, run_all


class SiteMigration:
	def __init__(self, *, skip_failing: bool = False, skip_search_index: bool = True):
		pass

	def run(self, site: str = "") -> None:
		"""Open the site, migrate it and close it."""
		frappe.init(site)
		frappe.connect()
		try:
			migrate()
		finally:
			frappe.destroy()


def migrate() -> None:
	"""Migrate the connected site."""
	from frappe.core.doctype.scheduled_job_type.scheduled_job_type import sync_jobs
	from frappe.installer import _add_module_defs, sync_fixtures
	from frappe.model.sync import sync_all

	frappe.clear_cache()
	frappe.flags.in_migrate = True
	try:
		for app in frappe.get_installed_apps():
			_add_module_defs(app)
			for method in frappe.get_hooks("before_migrate", app_name=app):
				frappe.get_attr(method)()
		run_all(patch_type=PatchType.pre_model_sync)
		sync_all()
		run_all(patch_type=PatchType.post_model_sync)
		for app in frappe.get_installed_apps():
			sync_fixtures(app)
		sync_jobs()
		for app in frappe.get_installed_apps():
			for method in frappe.get_hooks("after_migrate", app_name=app):
				frappe.get_attr(method)()
	finally:
		frappe.flags.in_migrate = False
	frappe.db.commit()
	frappe.clear_cache()
