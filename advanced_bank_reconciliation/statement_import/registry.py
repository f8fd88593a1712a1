# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The formats in the order in which they are asked, with those that other apps add by the hook
`bank_statement_formats` (docs/statement_formats.md).

What another app's format does wrong is named, with the app, and keeps no file from being read by the others.
"""

from dataclasses import dataclass
from typing import Any

import frappe
from frappe import _

from advanced_bank_reconciliation.exceptions import in_words, refuse
from advanced_bank_reconciliation.statement_import.exceptions import (
	FormatFailed,
	StatementError,
	UnknownFormat,
)
from advanced_bank_reconciliation.statement_import.formats import camt, csv_table, mt940, ofx, xlsx
from advanced_bank_reconciliation.statement_import.formats.base import CERTAIN, Format
from advanced_bank_reconciliation.statement_import.statement import Line, Options, Statement
from advanced_bank_reconciliation.statement_import.text import check_size, decode

HOOK = "bank_statement_formats"

#: Our own: those with unmistakable marks first, CSV, which nearly any text can be read as, last.
FORMATS = (camt.FORMAT, mt940.FORMAT, ofx.FORMAT, xlsx.FORMAT, csv_table.FORMAT)

#: Files that people upload instead of a statement, with what to do.
KNOWN_STRANGERS = (
	(b"%PDF", "a PDF"),
	(b"\xd0\xcf\x11\xe0", "an Excel file of the old kind (XLS): save it as XLSX"),
	(b"PK\x03\x04", "an archive: unpack it first"),
	(b"<html", "a web page"),
	(b"<table", "a web page"),
	(b"<!doctype html", "a web page"),
)


@dataclass(frozen=True, slots=True)
class Found:
	"""The format of a file. failures: [{app, message}] of other apps' formats that could not be asked."""

	format: Format
	score: int
	failures: tuple[dict[str, str], ...] = ()


def find_format(content: bytes, filename: str = "") -> Found:
	"""Return the format that is the surest; among equals another app's, then the order of FORMATS.

	Raises TooLarge, NotText for an empty file, or UnknownFormat that says what the file is if that is known.
	"""
	check_size(content)
	others, failures = formats_of_other_apps()
	best, best_score = None, 0
	for app, candidate in [*others, *(("", candidate) for candidate in FORMATS)]:
		try:
			score = min(int(candidate.identify(content, filename)), CERTAIN)
		except Exception as error:
			if not app:
				raise
			failures.append(_failure(app, error))
			continue
		if score > best_score:
			best, best_score = candidate, score
	if best is None:
		if not _stranger(content):
			decode(content)
		refuse(UnknownFormat, [_unknown(content), *(failure["message"] for failure in failures)])
	return Found(best, best_score, tuple(failures))


def read_statement(content: bytes, filename: str = "", options: Options | None = None) -> Statement:
	"""Return the statement, or the questions that are open. Raises a StatementError that says what is wrong."""
	return parse_with(find_format(content, filename).format, content, options or Options())


def parse_with(chosen: Format, content: bytes, options: Options) -> Statement:
	"""Return what the format makes of the file; another app's answer is checked (FormatFailed)."""
	if chosen in FORMATS:
		return chosen.parse(content, options)
	try:
		statement = chosen.parse(content, options)
	except StatementError:
		raise
	except Exception as error:
		frappe.clear_messages()
		frappe.log_error(title=f"{HOOK}: {chosen.name}")
		refuse(FormatFailed, [_("The format {0} failed: {1}").format(chosen.title, in_words(error))])
	if problem := _problem_with_answer(statement):
		refuse(FormatFailed, [_("The format {0} failed: {1}").format(chosen.title, problem)])
	return statement


def formats_of_other_apps() -> tuple[list[tuple[str, Any]], list[dict[str, str]]]:
	"""Return [(app, format)], and [{app, message}] for what cannot be imported or is no format."""
	found: list[tuple[str, Any]] = []
	failures: list[dict[str, str]] = []
	for app in frappe.get_installed_apps():
		for path in frappe.get_hooks(HOOK, app_name=app) or []:
			try:
				candidate = frappe.get_attr(path)
				if problem := _problem_with_format(candidate):
					raise ValueError(f"{path}: {problem}")
				found.append((app, candidate))
			except Exception as error:
				failures.append(_failure(app, error))
	return found, failures


def _failure(app: str, error: Exception) -> dict[str, str]:
	frappe.clear_messages()
	frappe.log_error(title=f"{HOOK}: {app}")
	return {"app": app, "message": _("A format of the app {0} failed: {1}").format(app, in_words(error))}


def _problem_with_format(candidate: Any) -> str:
	for name in ("name", "title"):
		if not isinstance(getattr(candidate, name, None), str):
			return f"{name} must be a text"
	for name in ("identify", "parse"):
		if not callable(getattr(candidate, name, None)):
			return f"{name} must be a function"
	return ""


def _problem_with_answer(statement: Any) -> str:
	if not isinstance(statement, Statement):
		return _("it answered no Statement")
	if not all(isinstance(line, Line) for line in statement.lines):
		return _("a line is no Line")
	return ""


def _unknown(content: bytes) -> str:
	if kind := _stranger(content):
		return _("This is no bank statement that can be read, it is {0}.").format(_(kind))
	return _(
		"The file is no statement of a known kind. CSV, XLSX, CAMT.052 to 054, MT940 and OFX can be read."
	)


def _stranger(content: bytes) -> str:
	head = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
	return next((kind for mark, kind in KNOWN_STRANGERS if head.startswith(mark.lower())), "")
