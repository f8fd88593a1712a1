# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""patches.txt: lines "dotted.path [args]" or "execute:statement", run once each and noted in Patch Log."""

from enum import Enum

import frappe


class PatchType(Enum):
	pre_model_sync = "pre_model_sync"
	post_model_sync = "post_model_sync"


def get_all_patches(patch_type: PatchType | None = None) -> list[str]:
	return [patch for app in frappe.get_installed_apps() for patch in get_patches_from_app(app, patch_type)]


def get_patches_from_app(app: str, patch_type: PatchType | None = None) -> list[str]:
	"""Patches of one section; lines above the first section run before the doctypes are synced."""
	section = PatchType.pre_model_sync
	patches = []
	for line in frappe.get_file_items(frappe.get_app_path(app, "patches.txt")):
		if line.startswith("[") and line.endswith("]"):
			section = PatchType(line[1:-1])
		elif patch_type is None or section == patch_type:
			patches.append(line)
	return patches


def run_all(skip_failing: bool = False, patch_type: PatchType | None = None) -> None:
	executed = set(frappe.get_all("Patch Log", filters={"skipped": 0}, pluck="patch"))
	for patch in get_all_patches(patch_type):
		if patch not in executed:
			run_single(patch)


def run_single(patchmodule: str) -> None:
	"""Run one patch in its own transaction and note it.

	:raises Exception: whatever the patch raises, after rolling it back
	"""
	frappe.flags.in_patch = True
	try:
		statement = patchmodule.removeprefix("execute:")
		if statement != patchmodule:
			exec(statement.split("#")[0], {"frappe": frappe})
		else:
			frappe.get_attr(f"{patchmodule.split()[0]}.execute")()
		update_patch_log(patchmodule)
		frappe.db.commit()
	except Exception:
		frappe.db.rollback()
		raise
	finally:
		frappe.flags.in_patch = False


def update_patch_log(patchmodule: str) -> None:
	frappe.get_doc(doctype="Patch Log", patch=patchmodule).insert(ignore_permissions=True)


def executed(patchmodule: str) -> bool:
	return bool(frappe.db.exists("Patch Log", {"patch": patchmodule, "skipped": 0}))
