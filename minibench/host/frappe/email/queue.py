# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Sending what waits in the Email Queue; runs from the scheduler."""

import frappe
from frappe.utils import cint, now_datetime


def flush() -> None:
	if cint(frappe.conf.mute_emails) or frappe.flags.mute_emails:
		return
	waiting = frappe.get_all(
		"Email Queue",
		fields=["name", "send_after"],
		filters={"status": ["in", ["Not Sent", "Partially Sent"]]},
		order_by="priority desc, creation asc",
	)
	for row in waiting:
		if not row.send_after or row.send_after <= now_datetime():
			frappe.get_doc("Email Queue", row.name).send()
