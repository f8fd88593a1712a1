# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The scheduler: enqueues what is due, once a tick."""

import time
from typing import NoReturn

import frappe
from frappe.utils import cint

DEFAULT_SCHEDULER_TICK = 60


def get_scheduler_tick() -> int:
	return cint(frappe.get_conf().scheduler_tick_interval) or DEFAULT_SCHEDULER_TICK


def start_scheduler() -> NoReturn:
	"""Enqueue due jobs of the site that MINIBENCH_SITE names, for ever."""
	with frappe.init_site():
		tick = get_scheduler_tick()
	while True:
		enqueue_events_for_site()
		time.sleep(tick)


def enqueue_events_for_site(site: str = "") -> None:
	"""One tick. Errors (Redis away, database busy) are logged; the next tick tries again."""
	frappe.init(site, force=True)
	try:
		frappe.connect()
		if not is_scheduler_inactive():
			enqueue_events()
	except Exception:
		frappe.logger("scheduler").error(f"Exception in enqueuing events for {site}", exc_info=True)
	finally:
		frappe.destroy()


def enqueue_events() -> list[str]:
	"""Methods that were put into a queue."""
	enqueued = []
	for name in frappe.get_all("Scheduled Job Type", {"stopped": 0}, pluck="name"):
		job_type = frappe.get_doc("Scheduled Job Type", name)
		if job_type.enqueue():
			enqueued.append(job_type.method)
	return enqueued


def is_scheduler_inactive(verbose: bool = True) -> bool:
	return bool(frappe.conf.maintenance_mode or frappe.conf.pause_scheduler or is_scheduler_disabled())


def is_scheduler_disabled(verbose: bool = True) -> bool:
	if frappe.conf.disable_scheduler:
		return True
	return not cint(frappe.db.get_single_value("System Settings", "enable_scheduler"))


def toggle_scheduler(enable: bool) -> None:
	frappe.db.set_single_value("System Settings", "enable_scheduler", int(enable))


def enable_scheduler() -> None:
	toggle_scheduler(True)


def disable_scheduler() -> None:
	toggle_scheduler(False)
