# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The checks that every endpoint, and every job when it runs, makes first (DESIGN section 10)."""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.desk.reportview import build_match_conditions
from frappe.model.document import Document
from frappe.permissions import get_role_permissions
from frappe.utils import get_datetime
from pypika.queries import QueryBuilder
from pypika.terms import PseudoColumn

#: What the engine will do with a Payment Entry on the user's behalf.
PAYMENT_ENTRY_ACTIONS = ("create", "submit", "cancel")


def bank_transaction_for_writing(
	name: str, for_update: bool = False, besides: Iterable[str] = ()
) -> Document:
	"""Return the Bank Transaction, or raise unless the user may write to it and its bank account.

	`for_update` locks the row until the transaction ends, and so returns its latest state. `besides`: other
	Bank Transactions that will be changed with it, locked together with it, in order of their names.
	"""
	if for_update and (others := list(besides)):
		lock_bank_transactions([name, *others])
	bank_transaction = _bank_transaction(name, for_update)
	bank_transaction.check_permission("write")
	return bank_transaction


def bank_transaction_for_reading(name: str) -> Document:
	"""Return the Bank Transaction, or raise unless the user may read it."""
	bank_transaction = _bank_transaction(name)
	bank_transaction.check_permission("read")
	return bank_transaction


def bank_account_for_reading(name: str) -> Document:
	"""Return the Bank Account, or raise unless the user may read it and see Bank Transactions at all."""
	if not isinstance(name, str) or not name:
		frappe.throw(_("Select a Bank Account."), frappe.MandatoryError)
	frappe.has_permission("Bank Transaction", "read", throw=True)
	bank_account = frappe.get_doc("Bank Account", name)
	bank_account.check_permission("read")
	return bank_account


def check_payment_entry_permission() -> None:
	"""Raise `frappe.PermissionError` unless the user may create, submit and cancel Payment Entries."""
	for action in PAYMENT_ENTRY_ACTIONS:
		frappe.has_permission("Payment Entry", action, throw=True)


def permitted(keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
	"""Return those (doctype, name) that exist and that the user may read: roles and user permissions.

	Raises `frappe.PermissionError` for a doctype that the user may not read at all.
	"""
	names: dict[str, list[str]] = {}
	for doctype, name in keys:
		names.setdefault(doctype, []).append(name)
	found = set()
	for doctype, wanted in names.items():
		frappe.has_permission(doctype, "read", throw=True)
		readable = frappe.get_list(
			doctype, filters={"name": ("in", wanted)}, pluck="name", limit_page_length=0
		)
		found.update((doctype, name) for name in readable)
	return found


def may_read(doctype: str) -> bool:
	"""Return whether a role lets the user read documents of the doctype, be it only some of them."""
	return bool(get_role_permissions(frappe.get_meta(doctype)).get("read"))


def restrict_to_readable(query: QueryBuilder, doctype: str) -> QueryBuilder:
	"""Return the query limited to what `frappe.get_list` would show: roles, user permissions, shares.

	The table of `doctype` must be in it without an alias. Raises `frappe.PermissionError` without a role
	that may read the doctype.
	"""
	for condition in readable_conditions(doctype):
		query = query.where(condition)
	return query


def readable_conditions(doctype: str) -> list[PseudoColumn]:
	"""Return the conditions of `restrict_to_readable`. Raises as it does."""
	if not may_read(doctype):
		frappe.throw(_("No permission to read {0}").format(_(doctype)), frappe.PermissionError)
	conditions = build_match_conditions(doctype)
	return [PseudoColumn(f"({conditions})")] if conditions else []


def job_for_reading(job_id: str, doctype: str = "Bulk Bank Reconciliation") -> Document:
	"""Return the record `job_id` of a background job, or raise unless the user may read it."""
	if not isinstance(job_id, str) or not frappe.db.exists(doctype, job_id):
		frappe.has_permission(doctype, "read", throw=True)
		frappe.throw(
			_("There is no {0} {1}.").format(_(doctype), frappe.utils.escape_html(str(job_id))),
			frappe.DoesNotExistError,
		)
	job = frappe.get_doc(doctype, job_id)
	job.check_permission("read")
	return job


def job_for_control(job_id: str) -> Document:
	"""Return the job, or raise unless the user could have started it (write on its Bank Transaction)."""
	job = job_for_reading(job_id)
	check_payment_entry_permission()
	bank_transaction_for_writing(job.bank_transaction)
	return job


def _bank_transaction(name: str, for_update: bool = False) -> Document:
	if not isinstance(name, str) or not frappe.db.exists("Bank Transaction", name):
		frappe.has_permission("Bank Transaction", "read", throw=True)
		frappe.throw(
			_("There is no Bank Transaction {0}.").format(frappe.utils.escape_html(str(name))),
			frappe.DoesNotExistError,
		)
	return lock_bank_transaction(name) if for_update else frappe.get_doc("Bank Transaction", name)


def lock_bank_transactions(names: Iterable[str]) -> None:
	"""Lock the rows of these Bank Transactions, always in the same order, so that nobody waits in a circle."""
	for name in sorted(set(names)):
		frappe.db.get_value("Bank Transaction", name, "name", for_update=True)


def lock_bank_transaction(name: str) -> Document:
	"""Lock the Bank Transaction's own row and return its latest state.

	Its link rows change only when it is saved, under the same lock, so they need none of their own; locking
	where there are none yet would hold the gap that other Bank Transactions want to insert theirs into.
	Where this transaction's snapshot is older than the last save, a locking read of everything is due.
	"""
	modified = frappe.db.get_value("Bank Transaction", name, "modified", for_update=True)
	bank_transaction = frappe.get_doc("Bank Transaction", name)
	if get_datetime(bank_transaction.modified) != get_datetime(modified):
		bank_transaction = frappe.get_doc("Bank Transaction", name, for_update=True)
	return bank_transaction
