# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Names of new documents: naming series, format, field, prompt, hash, or the controller's autoname()."""

import datetime
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import frappe
from frappe import _
from frappe.utils.data import cint, cstr, now_datetime

NAMING_SERIES_PATTERN = re.compile(r"^[\w\- \/.#{}]+$", re.UNICODE)
BRACED_PARAMS_PATTERN = re.compile(r"(\{[\w | #]+\})")
_BASE32 = "0123456789abcdefghijklmnopqrstuv"


class InvalidNamingSeriesError(frappe.ValidationError):
	pass


class NamingSeries:
	"""A series such as "ACC-PAY-.YYYY.-.#####": parts between dots, counted per prefix in tabSeries."""

	__slots__ = ("series",)

	def __init__(self, series: str):
		self.series = series if "#" in series else series + ".#####"

	def validate(self) -> None:
		if "." not in self.series:
			message = _("Invalid naming series {}: dot (.) missing").format(frappe.bold(self.series))
			frappe.throw(message, exc=InvalidNamingSeriesError)
		if not NAMING_SERIES_PATTERN.match(self.series):
			frappe.throw(
				_(
					"Special Characters except '-', '#', '.', '/', '{{' and '}}' not allowed in naming series {0}"
				).format(frappe.bold(self.series)),
				exc=InvalidNamingSeriesError,
			)

	def generate_next_name(self, doc: Any, *, ignore_validate: bool = False) -> str:
		if not ignore_validate:
			self.validate()
		return parse_naming_series(self.series.split("."), doc=doc)

	def get_prefix(self) -> str:
		"""The key in tabSeries: what stands before the number, with dates filled in."""
		prefixes: list[str] = []

		def note_prefix(prefix: str, digits: int) -> str:
			prefixes.append(prefix)
			return "#" * digits

		parse_naming_series(self.series, number_generator=note_prefix)
		if not prefixes:
			frappe.throw(_("Invalid Naming Series: {}").format(self.series))
		return prefixes[0]

	def get_current_value(self) -> int:
		rows = frappe.db.sql("SELECT current FROM tabSeries WHERE name = %s", (self.get_prefix(),))
		return cint(rows[0][0]) if rows else 0

	def update_counter(self, new_count: int) -> None:
		prefix = self.get_prefix()
		frappe.db.sql("INSERT IGNORE INTO tabSeries (name, current) VALUES (%s, 0)", (prefix,))
		frappe.db.sql("UPDATE tabSeries SET current = %s WHERE name = %s", (cint(new_count), prefix))


def set_new_name(doc: Any) -> None:
	"""Name a document: amended suffix, controller's autoname(), the doctype's rule, else a hash.

	:raises NameError: the resulting name is not allowed
	"""
	doc.run_method("before_naming")
	meta = frappe.get_meta(doc.doctype)
	autoname = meta.autoname or ""
	if autoname.lower() != "prompt" and not frappe.flags.in_import:
		doc.name = None
	if autoname == "autoincrement":
		raise NotImplementedError("autoname 'autoincrement' is not in minibench")

	if getattr(doc, "amended_from", None):
		doc.name = _amended_name(doc)
		return
	if meta.issingle:
		doc.name = doc.doctype
	if not doc.name:
		doc.run_method("autoname")
	if not doc.name and autoname:
		set_name_from_naming_options(autoname, doc)
	if not doc.name:
		doc.name = make_autoname("hash", doc.doctype)
	doc.name = validate_name(doc.doctype, doc.name)


def _amended_name(doc: Any) -> str:
	"""<original>-1, and one more for each further amendment."""
	original, number = doc.amended_from, 1
	if frappe.db.get_value(doc.doctype, doc.amended_from, "amended_from"):
		original, _dash, last = doc.amended_from.rpartition("-")
		number = cint(last) + 1
	return f"{original}-{number}"


def set_name_from_naming_options(autoname: str, doc: Any) -> None:
	rule = autoname.lower()
	if rule.startswith("field:"):
		fieldname = autoname[6:]
		doc.name = cstr(doc.get(fieldname)).strip()
		if not doc.name:
			frappe.throw(_("{0} is required").format(doc.meta.get_label(fieldname)))
	elif rule.startswith("naming_series:"):
		set_name_by_naming_series(doc)
	elif rule.startswith("prompt"):
		if not doc.name:
			frappe.throw(_("Please set the document name"))
	elif rule.startswith("format:"):
		doc.name = _format_autoname(autoname, doc)
	elif "#" in autoname:
		doc.name = make_autoname(autoname, doc=doc)


def set_name_by_naming_series(doc: Any) -> None:
	doc.naming_series = doc.naming_series or get_default_naming_series(doc.doctype)
	if not doc.naming_series:
		frappe.throw(_("Naming Series mandatory"))
	doc.name = make_autoname(doc.naming_series + ".#####", "", doc)


def get_default_naming_series(doctype: str) -> str | None:
	"""The first option of the naming_series field."""
	return next((option for option in frappe.get_meta(doctype).get_naming_series_options() if option), None)


def _format_autoname(autoname: str, doc: Any) -> str:
	"""format:LOG-{MM}-{fieldname}-{#####}"""
	pattern = autoname.partition(":")[2]
	return BRACED_PARAMS_PATTERN.sub(
		lambda match: parse_naming_series([match.group()[1:-1]], doc=doc), pattern
	)


def make_autoname(key: str = "", doctype: str = "", doc: Any = "", *, ignore_validate: bool = False) -> str:
	"""The next name of a series, or ten random characters for "hash"."""
	if key == "hash":
		return _timestamp_prefix() + "".join(secrets.choice(_BASE32) for _i in range(7))
	return NamingSeries(key).generate_next_name(doc, ignore_validate=ignore_validate)


def _timestamp_prefix() -> str:
	"""Three characters that follow the time, so that names of one moment stand near each other in the index."""
	value = int(time.time() * 10) % 32**3
	return _BASE32[value // 1024] + _BASE32[value // 32 % 32] + _BASE32[value % 32]


def parse_naming_series(
	parts: list[str] | str,
	doctype: str | None = None,
	doc: Any = None,
	number_generator: Callable[[str, int], str] | None = None,
) -> str:
	"""The parts put together; `#####` draws the next number for what stands before it."""
	number_generator = number_generator or getseries
	today = now_datetime()
	name, numbered = "", False
	for part in parts.split(".") if isinstance(parts, str) else parts:
		if not part:
			continue
		if part.startswith("#"):
			value = "" if numbered else number_generator(name, len(part))
			numbered = True
		else:
			value = _series_part(part, doc, today)
		name += value if isinstance(value, str) else cstr(value).strip()
	return name


def _series_part(part: str, doc: Any, today: datetime.datetime) -> Any:
	dates = {"YY": "%y", "MM": "%m", "DD": "%d", "YYYY": "%Y"}
	if part in dates:
		return today.strftime(dates[part])
	if part == "WW":
		return determine_consecutive_week_number(today)
	if part == "timestamp":
		return str(today)
	missing = object()
	if doc and (part.startswith("{") or doc.get(part, missing) is not missing):
		return doc.get(part.strip("{}"))
	if parser := frappe.get_hooks("naming_series_variables", {}).get(part):
		return frappe.get_attr(parser[0])(doc, part)
	return part


def determine_consecutive_week_number(date: datetime.datetime) -> str:
	"""ISO week; "00" and "53" for days of the neighbouring year's week."""
	week = date.strftime("%V")
	if date.month == 1 and int(week) >= 52:
		return "00"
	return "53" if date.month == 12 and int(week) <= 1 else week


def getseries(key: str, digits: int) -> str:
	"""The next number of a series. Its row stays locked until the transaction ends, so numbers have no gaps."""
	current = frappe.db.sql("SELECT `current` FROM `tabSeries` WHERE `name` = %s FOR UPDATE", (key,))
	if current and current[0][0] is not None:
		frappe.db.sql("UPDATE `tabSeries` SET `current` = `current` + 1 WHERE `name` = %s", (key,))
		number = cint(current[0][0]) + 1
	else:
		frappe.db.sql("INSERT INTO `tabSeries` (`name`, `current`) VALUES (%s, 1)", (key,))
		number = 1
	return str(number).zfill(digits)


def revert_series_if_last(key: str, name: str, doc: Any = None) -> None:
	"""Take back the number of a document that is deleted, if it was the last one drawn."""
	prefix = key
	if ".#" in key:
		prefix, _dot, hashes = key.rpartition(".")
		if "#" not in hashes:
			marks = re.search("#+", key)
			if not marks:
				return
			name = name.replace(hashes, "")
			prefix = prefix.replace(marks.group(), "")
	if "." in prefix:
		prefix = parse_naming_series(prefix.split("."), doc=doc)
	count = cint(name.replace(prefix, ""))
	current = frappe.db.sql("SELECT `current` FROM `tabSeries` WHERE `name` = %s FOR UPDATE", (prefix,))
	if current and current[0][0] == count:
		frappe.db.sql("UPDATE `tabSeries` SET `current` = `current` - 1 WHERE `name` = %s", (prefix,))


def validate_name(doctype: str, name: Any) -> str:
	"""
	:raises NameError: empty, the doctype's own name, or with < or >
	"""
	if not name:
		frappe.throw(_("No Name Specified for {0}").format(doctype))
	if not isinstance(name, str):
		frappe.throw(_("Invalid name type (integer) for varchar name column"), frappe.NameError)
	if name.startswith("New " + doctype):
		message = _("There were some errors setting the name, please contact the administrator")
		frappe.throw(message, frappe.NameError)
	name = name.strip()
	if doctype == name and name != "DocType" and not frappe.get_meta(doctype).issingle:
		frappe.throw(_("Name of {0} cannot be {1}").format(doctype, name), frappe.NameError)
	if re.search("[<>]", name):
		frappe.throw(
			_("Name cannot contain special characters like {0}").format("'<', '>'"), frappe.NameError
		)
	return name


def append_number_if_name_exists(
	doctype: str, value: str, fieldname: str = "name", separator: str = "-", filters: dict | None = None
) -> str:
	"""The value, or value-1, value-2, ... when it is taken."""
	if not frappe.db.exists(doctype, {**(filters or {}), fieldname: value}):
		return value
	pattern = re.compile(f"^{re.escape(value)}{re.escape(separator)}(\\d+)$")
	taken = frappe.get_all(doctype, {fieldname: ["like", f"{value}{separator}%"]}, pluck=fieldname)
	numbers = [int(match.group(1)) for other in taken if (match := pattern.match(other))]
	return f"{value}{separator}{max(numbers, default=0) + 1}"
