# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Email Account: the SMTP server that mail leaves by."""

import smtplib
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint


class EmailAccount(Document):
	def validate(self) -> None:
		if self.enable_outgoing and not self.smtp_server:
			frappe.throw(_("{0} is required").format(_("SMTP Server")), frappe.MandatoryError)
		if self.default_outgoing:
			others = {"default_outgoing": 1, "name": ["!=", self.name]}
			for name in frappe.get_all("Email Account", others, pluck="name"):
				frappe.db.set_value("Email Account", name, "default_outgoing", 0)

	@classmethod
	def find_outgoing(cls) -> "EmailAccount":
		"""The default outgoing account.

		:raises OutgoingEmailError: none is set up
		"""
		name = frappe.db.get_value("Email Account", {"enable_outgoing": 1, "default_outgoing": 1})
		if not name:
			message = _("Please setup default outgoing Email Account from Tools > Email Account")
			frappe.throw(message, frappe.OutgoingEmailError)
		return frappe.get_doc("Email Account", name)

	def connect_smtp(self) -> smtplib.SMTP:
		ssl = cint(self.use_ssl_for_outgoing)
		port = cint(self.smtp_port) or (465 if ssl else 587 if self.use_tls else 25)
		session: Any = (smtplib.SMTP_SSL if ssl else smtplib.SMTP)(self.smtp_server, port, timeout=20)
		if self.use_tls and not ssl:
			session.starttls()
		if not cint(self.no_smtp_authentication):
			session.login(self.login_id or self.email_id, self.get_password())
		return session
