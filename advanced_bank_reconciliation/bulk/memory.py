# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""How much memory this process has, against the setting that bounds it."""

import frappe
import psutil
from frappe.utils import cint

#: Part of the limit from which on batches do not grow any more.
GROW_UP_TO = 0.75


def used_megabytes() -> float:
	"""Return what of this process is in memory (its resident set)."""
	return psutil.Process().memory_info().rss / 2**20


def is_over_limit(part: float = 1.0) -> bool:
	"""Return whether the process is larger than `part` of the limit of the settings; 0 is no limit.

	RQ forks a process for each run, so a run that follows begins small.
	"""
	settings = frappe.get_cached_doc("Advance Bank Reconciliation Settings")
	limit = cint(settings.get("worker_memory_limit"))
	return bool(limit) and used_megabytes() > part * limit
