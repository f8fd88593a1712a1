# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Scheduled Job Type: one row per function in the apps' `scheduler_events`, and when it is due."""

from datetime import datetime

import frappe
from croniter import CroniterBadCronError, croniter
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime
from frappe.utils.background_jobs import enqueue, is_job_enqueued

CRON_MAP = {
	"Yearly": "0 0 1 1 *",
	"Annual": "0 0 1 1 *",
	"Monthly": "0 0 1 * *",
	"Monthly Long": "0 0 1 * *",
	"Weekly": "0 0 * * 0",
	"Weekly Long": "0 0 * * 0",
	"Daily": "0 0 * * *",
	"Daily Long": "0 0 * * *",
	"Hourly": "0 * * * *",
	"Hourly Long": "0 * * * *",
}


class ScheduledJobType(Document):
	def autoname(self) -> None:
		self.name = ".".join(self.method.split(".")[-2:])

	def validate(self) -> None:
		if self.frequency != "All":
			self.create_log = 1
		if self.frequency == "Cron":
			if not self.cron_format:
				frappe.throw(_("Cron format is required for job types with Cron frequency."))
			try:
				croniter(self.cron_format)
			except CroniterBadCronError:
				frappe.throw(_("{0} is not a valid Cron expression.").format(self.cron_format))

	@property
	def rq_job_id(self) -> str:
		return f"scheduled_job::{self.method}"

	def enqueue(self, force: bool = False) -> bool:
		"""Queue the function if it is due and not queued yet."""
		if not (force or self.is_event_due()) or is_job_enqueued(self.rq_job_id):
			return False
		enqueue(
			"frappe.core.doctype.scheduled_job_type.scheduled_job_type.run_scheduled_job",
			queue="long" if "Long" in self.frequency else "default",
			job_type=self.method,
			job_id=self.rq_job_id,
		)
		return True

	def is_event_due(self, current_time: datetime | None = None) -> bool:
		return self.get_next_execution() <= (current_time or now_datetime())

	def get_next_execution(self) -> datetime:
		"""The next moment after the last execution, or after the row was made when there was none."""
		minutes = max(1, (frappe.conf.scheduler_interval or 240) // 60)
		cron_format = self.cron_format or CRON_MAP.get(self.frequency) or f"*/{minutes} * * * *"
		return croniter(cron_format, get_datetime(self.last_execution or self.creation)).get_next(datetime)

	def execute(self) -> None:
		"""Run the function, commit or roll back, and note how it went in a Scheduled Job Log."""
		self.db_set("last_execution", now_datetime(), update_modified=False)
		frappe.db.commit()
		try:
			frappe.get_attr(self.method)()
			frappe.db.commit()
			self.log("Complete")
		except Exception:
			frappe.db.rollback()
			self.log("Failed", frappe.get_traceback())

	def log(self, status: str, details: str | None = None) -> None:
		if self.create_log or details:
			frappe.get_doc(
				doctype="Scheduled Job Log", scheduled_job_type=self.name, status=status, details=details
			).insert(ignore_permissions=True)
			frappe.db.commit()

	def on_trash(self) -> None:
		frappe.db.delete("Scheduled Job Log", {"scheduled_job_type": self.name})


def run_scheduled_job(job_type: str) -> None:
	frappe.get_doc("Scheduled Job Type", {"method": job_type}).execute()


def sync_jobs(hooks: dict | None = None) -> None:
	"""Make the rows match the installed apps' `scheduler_events`."""
	wanted = dict(_events(hooks or frappe.get_hooks("scheduler_events", {})))
	existing = {row.method: row for row in frappe.get_all("Scheduled Job Type", fields=["name", "method"])}
	for method, (frequency, cron_format) in wanted.items():
		if method not in existing:
			frappe.get_doc(
				doctype="Scheduled Job Type", method=method, frequency=frequency, cron_format=cron_format
			).insert(ignore_permissions=True)
			continue
		doc = frappe.get_doc("Scheduled Job Type", existing[method].name)
		if (doc.frequency, doc.cron_format or "") != (frequency, cron_format):
			doc.update({"frequency": frequency, "cron_format": cron_format})
			doc.save(ignore_permissions=True)
	for method, row in existing.items():
		if method not in wanted:
			frappe.delete_doc("Scheduled Job Type", row.name, ignore_permissions=True)


def _events(hooks: dict):
	"""(method, (frequency, cron format)) for each scheduled function."""
	for event_type, methods in hooks.items():
		if isinstance(methods, dict):
			for cron_format, cron_methods in methods.items():
				for method in cron_methods:
					yield method, ("Cron", cron_format)
		else:
			for method in methods:
				yield method, (event_type.replace("_", " ").title(), "")
