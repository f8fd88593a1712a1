# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The browser tests' hand on the site: makes real documents, and reads the books from outside the browser.

Usage: `python seed.py SITE SITES_PATH`. Reads requests from stdin, a line each, as JSON
`{"call": NAME, "kwargs": {...}}`, and answers each with a line `{"result": ...}` or `{"error": "..."}`.
"""

import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.permissions import add_permission, update_permission_property
from frappe.utils.password import update_password

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.tests import factories

SETTINGS = "Advance Bank Reconciliation Settings"

#: What one must read to reconcile.
READABLE = (
	"ABR Statement Balance",
	"Advance Bank Reconciliation Tool",
	"Account",
	"Bank Account",
	"Bank Transaction",
	"Bulk Bank Reconciliation",
	"Company",
	"Customer",
	"Journal Entry",
	"Payment Entry",
	"Purchase Invoice",
	"Sales Invoice",
)


def make(factory: str, args: list | None = None, **kwargs: Any) -> Any:
	"""What the function of tests/factories.py of that name makes."""
	return getattr(factories, factory)(*(args or []), **kwargs)


def stage(company: str, abbr: str, bank: str) -> str:
	"""A company of this name, and a bank of that name for the accounts that are made from now on."""
	factories.ABBR[company] = abbr
	factories.BANK = bank
	return factories.make_company(company)


def bank_account_in(bank: str, title: str) -> str:
	"""A Bank Account of a bank of its own, for what is saved with the bank."""
	before, factories.BANK = factories.BANK, bank
	try:
		return factories.make_bank_account(title)
	finally:
		factories.BANK = before


def value(doctype: str, name: str, fields: list[str]) -> dict[str, Any] | None:
	return frappe.db.get_value(doctype, name, fields, as_dict=True)


def rows(doctype: str, filters: dict | list, fields: list[str], order_by: str = "creation") -> list[dict]:
	return frappe.get_all(doctype, filters=filters, fields=fields, order_by=order_by)


def links(bank_transaction: str) -> list[dict[str, Any]]:
	"""What is linked to the Bank Transaction: {payment_document, payment_entry, allocated_amount}, in order."""
	return frappe.get_all(
		"Bank Transaction Payments",
		filters={"parent": bank_transaction},
		fields=["payment_document", "payment_entry", "allocated_amount"],
		order_by="idx",
	)


def set_value(doctype: str, name: str, values: dict[str, Any]) -> None:
	"""Write past the validations, as a stranger's change of the database would be."""
	frappe.db.set_value(doctype, name, values)


def settings(**values: Any) -> None:
	"""Set fields of the app's settings, by the names of its doctype."""
	doc = frappe.get_doc(SETTINGS)
	doc.update(values)
	doc.save()


def limited_user(email: str, password: str) -> None:
	"""A user who may reconcile, but not make Payment Entries; the site keeps the role."""
	role = "ABR Reconciler"
	if not frappe.db.exists("Role", role):
		frappe.get_doc({"doctype": "Role", "role_name": role}).insert()
	for doctype in READABLE:
		add_permission(doctype, role)
	for doctype in ("Advance Bank Reconciliation Tool", "Bank Transaction"):
		update_permission_property(doctype, role, 0, "write", 1)
	factories.make_user(email, [role])
	update_password(email, password)


def accounts_user(email: str, password: str) -> None:
	"""A user with ERPNext's role of a bookkeeper."""
	factories.make_user(email, ["Accounts User"])
	update_password(email, password)


def reconcile(bank_transaction: str, vouchers: list[tuple[str, str]]) -> None:
	"""Link the vouchers as another user would: by the endpoint that the form calls."""
	payload = [{"payment_doctype": doctype, "payment_name": name} for doctype, name in vouchers]
	tool.reconcile_vouchers(bank_transaction, payload)


def pause(job_id: str) -> None:
	tool.pause_bulk_reconciliation(job_id)


def resume(job_id: str) -> None:
	tool.resume_bulk_reconciliation(job_id)


CALLS: dict[str, Callable] = {
	function.__name__: function
	for function in (
		make,
		stage,
		bank_account_in,
		value,
		rows,
		links,
		set_value,
		settings,
		limited_user,
		accounts_user,
		reconcile,
		pause,
		resume,
	)
}


def plain(result: Any) -> Any:
	"""The result as JSON can carry it."""
	if isinstance(result, Document):
		return result.as_dict(convert_dates_to_str=True)
	if isinstance(result, list | tuple):
		return [plain(item) for item in result]
	return result


def answer(line: str) -> dict[str, Any]:
	"""Carry out one request in a transaction of its own."""
	frappe.db.rollback()
	try:
		request = json.loads(line)
		result = plain(CALLS[request["call"]](**request.get("kwargs", {})))
		frappe.db.commit()
		return {"result": result}
	except Exception:
		frappe.db.rollback()
		return {"error": traceback.format_exc()}


def main(site: str, sites_path: str) -> None:
	frappe.init(site, sites_path=sites_path)
	frappe.connect()
	frappe.flags.mute_messages = True
	answers, sys.stdout = sys.stdout, sys.stderr  # what the site prints must not come between the answers
	for line in sys.stdin:
		print(json.dumps(answer(line), default=str), file=answers, flush=True)
	frappe.destroy()


if __name__ == "__main__":
	main(*sys.argv[1:])
