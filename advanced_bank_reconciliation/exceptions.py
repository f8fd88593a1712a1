# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Errors the app raises on purpose. Each says what is wrong and what to do next.

All derive from `frappe.ValidationError` (HTTP 417), so that a request that raises one is rolled back
and the desk shows its message once.
"""

import html
from collections.abc import Sequence
from typing import NoReturn

import frappe
from frappe import _
from frappe.utils import escape_html, strip_html


class ReconciliationError(frappe.ValidationError):
	"""The request cannot be carried out; nothing was changed."""


class BadPayload(ReconciliationError):
	"""The arguments are not of the form that the call takes."""


class BankTransactionNotOpen(ReconciliationError):
	"""The Bank Transaction is not submitted, or nothing of it is left to reconcile."""


class SelectionRefused(ReconciliationError):
	"""At least one selected invoice or voucher cannot be meant for this Bank Transaction."""


class NothingToDo(ReconciliationError):
	"""Not one of the selected invoices can be paid."""


class JobAlreadyActive(ReconciliationError):
	"""Another bulk reconciliation holds this Bank Transaction."""


class JobStateError(ReconciliationError):
	"""The job is in a state that does not allow what was asked."""


class AllocationMismatch(ReconciliationError):
	"""An amount could not be spread over the rows that it belongs to."""


class ExchangeRateMissing(ReconciliationError):
	"""No exchange rate is on record for the date of the Bank Transaction."""


class ReconcileStepFailed(ReconciliationError):
	"""The payments exist, but linking them to the Bank Transaction is not possible."""


def refuse(exception: type[ReconciliationError], problems: Sequence[str]) -> NoReturn:
	"""Raise one error whose message has a line for each problem, given as plain text."""
	lines = [escape_html(problem) for problem in problems]
	frappe.throw("<br>".join(lines), exception, title=_("Bank Reconciliation"))


#: Report and print views show a text field as HTML. What looks like a tag there must not be one.
WITHOUT_TAGS = str.maketrans({"<": "‹", ">": "›"})  # noqa: RUF001


def in_words(error: BaseException) -> str:
	"""Return an error's message as plain text: messages of Frappe and ERPNext are HTML (PITFALLS P80)."""
	text = html.unescape(strip_html(str(error))).strip()
	return text.translate(WITHOUT_TAGS) or type(error).__name__


def log_unexpected(error: Exception, title: str, doctype: str, name: str) -> None:
	"""Leave the error that is being handled in the Error Log, with the document that it concerns.

	A refusal by ERPNext is the user's to read; anything else is also for the administrator.
	"""
	if not isinstance(error, frappe.ValidationError | frappe.PermissionError):
		frappe.log_error(title=title, reference_doctype=doctype, reference_name=name)
