# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Email Queue: mails to send, one row each, with a row per recipient."""

import json
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

import frappe
from frappe.email.doctype.email_account.email_account import EmailAccount
from frappe.model.document import Document
from frappe.utils import cint, strip_html, validate_email_address

MAX_RETRIES = 3


class EmailQueue(Document):
	def send(self) -> None:
		"""Send to the recipients that have not got it. A failure is noted; after three the mail is given up."""
		if cint(frappe.conf.mute_emails) or frappe.flags.mute_emails or self.status in ("Sent", "Sending"):
			return
		account = frappe.get_doc("Email Account", self.email_account)
		try:
			with account.connect_smtp() as smtp:
				for row in self.recipients:
					if row.status != "Sent":
						smtp.sendmail(self.sender, [row.recipient], self.message.encode())
						row.db_set("status", "Sent")
			self.db_set("status", "Sent")
		except Exception:
			retry = cint(self.retry) + 1
			status = "Error" if retry >= MAX_RETRIES else "Not Sent"
			self.db_set({"retry": retry, "status": status, "error": frappe.get_traceback()})
		frappe.db.commit()


def queue_email(
	recipients: Any = None,
	sender: str = "",
	subject: str = "No Subject",
	message: str = "No Message",
	as_markdown: bool = False,
	delayed: bool = True,
	reference_doctype: str | None = None,
	reference_name: str | None = None,
	attachments: list[dict] | None = None,
	content: str | None = None,
	doctype: str | None = None,
	name: str | None = None,
	reply_to: str | None = None,
	cc: Any = None,
	bcc: Any = None,
	send_after: Any = None,
	expose_recipients: str | None = None,
	send_priority: int = 1,
	now: bool | None = None,
	header: Any = None,
	template: str | None = None,
	args: dict | None = None,
	add_unsubscribe_link: int = 1,
	**options,
) -> EmailQueue | None:
	"""`frappe.sendmail`: put a mail into the Email Queue (and send it when `now`, or not `delayed`).

	:param attachments: [{"fname": "report.csv", "fcontent": text or bytes}] or [{"fid": File name}]
	:raises OutgoingEmailError: there is no default outgoing Email Account
	"""
	if template or as_markdown:
		raise NotImplementedError("frappe.sendmail with template or as_markdown is not in minibench")
	to, copies, hidden = (_addresses(value) for value in (recipients, cc, bcc))
	if not to + copies:
		return None
	account = EmailAccount.find_outgoing()
	sender = sender or account.email_id
	mail = _compose(sender, to, copies, subject, content or message, reply_to, attachments or [])
	queue = frappe.get_doc(
		doctype="Email Queue",
		sender=sender,
		recipients=[{"recipient": address} for address in dict.fromkeys(to + copies + hidden)],
		show_as_cc=",".join(copies),
		message=mail.as_string(),
		message_id=(mail["Message-Id"] or "").strip("<>"),
		reference_doctype=doctype or reference_doctype,
		reference_name=name or reference_name,
		send_after=send_after,
		priority=send_priority,
		add_unsubscribe_link=add_unsubscribe_link,
		expose_recipients=expose_recipients,
		attachments=json.dumps([{"fname": item.get("fname")} for item in attachments or []]),
		email_account=account.name,
	).insert(ignore_permissions=True)
	if now or not delayed:
		queue.send()
	return queue


def _addresses(value: Any) -> list[str]:
	items = value.replace("\n", ",").split(",") if isinstance(value, str) else value or []
	return [address for item in items if item and (address := validate_email_address(item.strip()))]


def _compose(
	sender: str,
	to: list[str],
	cc: list[str],
	subject: str,
	html: str,
	reply_to: str | None,
	attachments: list[dict],
) -> EmailMessage:
	mail = EmailMessage()
	mail["Subject"] = " ".join(strip_html(subject).split())
	mail["From"] = sender
	mail["To"] = ", ".join(to)
	mail["Date"] = formatdate(localtime=True)
	mail["Message-Id"] = make_msgid(domain="minibench")
	if cc:
		mail["CC"] = ", ".join(cc)
	if reply_to:
		mail["Reply-To"] = reply_to
	mail.set_content(strip_html(html))
	mail.add_alternative(html, subtype="html")
	for item in attachments:
		filename, data = _attachment(item)
		mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=filename)
	return mail


def _attachment(item: dict) -> tuple[str, bytes]:
	if item.get("fid"):
		file = frappe.get_doc("File", item["fid"])
		name, content = file.file_name, file.get_content()
	else:
		name, content = item["fname"], item["fcontent"]
	return name, content.encode() if isinstance(content, str) else content
