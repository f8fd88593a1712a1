# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Tells the user that a job has ended: event, desk notification, and an email where the settings ask for it."""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.utils import escape_html, get_link_to_form

from advanced_bank_reconciliation.bulk.job import INVOICE_ROW, JOB, read_job
from advanced_bank_reconciliation.bulk.progress import publish_completion
from advanced_bank_reconciliation.bulk.report import make_report
from advanced_bank_reconciliation.transactions import ends_the_run

SAVE_POINT = "abr_announce"

#: A mail names this many failed invoices; the record has them all.
MOST_FAILURES_IN_MAIL = 100


def announce(job_id: str, success: bool, notify: bool = True) -> None:
	"""Announce the end of a job in the transaction that ends it: both happen, or neither.

	The event leaves when that commits; `notify` adds desk notification and mail. What goes wrong with notification or mail is logged; it never
	undoes the reconciliation.
	"""
	job = read_job(job_id)
	publish_completion(job_id, success, job.message, job.processed, job.failed, job.bank_transaction)
	if not notify:
		return
	tell_user(JOB, job, lambda: notify_in_desk(JOB, job, _subject(job)), lambda: _send_mail(job))


def tell_user(doctype: str, job: frappe._dict, *messengers: Callable[[], None]) -> None:
	"""Call each messenger in a savepoint of its own; what goes wrong is logged and undoes nothing else."""
	for tell in messengers:
		frappe.db.savepoint(SAVE_POINT)
		try:
			tell()
		except Exception as error:
			if ends_the_run(error):
				raise
			frappe.db.rollback(save_point=SAVE_POINT)
			frappe.log_error(
				title=_("{0}: the user could not be told").format(_(doctype)),
				reference_doctype=doctype,
				reference_name=job.name,
			)
		else:
			frappe.db.release_savepoint(SAVE_POINT)
		finally:
			frappe.clear_messages()


def notify_in_desk(doctype: str, job: frappe._dict, subject: str) -> None:
	"""Leave a notification for who started the job, with the job's message."""
	frappe.get_doc(
		{
			"doctype": "Notification Log",
			"for_user": job.owner,
			"from_user": frappe.session.user,
			"type": "Alert",
			"document_type": doctype,
			"document_name": job.name,
			"subject": subject,
			"email_content": job.message,
		}
	).insert(ignore_permissions=True)


def _send_mail(job: frappe._dict) -> None:
	if not job.email_on_completion:
		return
	address = frappe.db.get_value("User", job.owner, "email")
	if address:
		frappe.sendmail(
			recipients=[address],
			subject=_subject(job),
			message=_report(job),
			attachments=_attachments(job),
			reference_doctype=JOB,
			reference_name=job.name,
		)


def _attachments(job: frappe._dict) -> list[dict[str, str | bytes]]:
	if not job.email_attachment:
		return []
	report = make_report(job.name, job.email_attachment)
	return [{"fname": report.name, "fcontent": report.content}]


def _subject(job: frappe._dict) -> str:
	return _("Bulk reconciliation of {0}: {1}").format(job.bank_transaction, _(job.status))


def _report(job: frappe._dict) -> str:
	"""Return the mail's HTML; texts that came from outside are escaped (PITFALLS P80)."""
	failures = frappe.get_all(
		INVOICE_ROW,
		filters={"parent": job.name, "error": ("is", "set")},
		pluck="error",
		order_by="idx",
		limit_page_length=MOST_FAILURES_IN_MAIL,
	)
	rows = "".join(f"<li>{escape_html(error)}</li>" for error in failures)
	return f"<p>{escape_html(job.message)}</p><ul>{rows}</ul><p>{get_link_to_form(JOB, job.name)}</p>"
