# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Dates and times in the system's time zone; re-exported by frappe.utils."""

import datetime
from typing import Any

import frappe
from dateutil import parser
from dateutil.parser import ParserError
from dateutil.relativedelta import relativedelta

DATE_FORMAT = "%Y-%m-%d"
TIME_FORMAT = "%H:%M:%S.%f"
DATETIME_FORMAT = f"{DATE_FORMAT} {TIME_FORMAT}"

DateTimeLikeObject = str | datetime.date | datetime.datetime


def is_invalid_date_string(date_string: Any) -> bool:
	"""MySQL's zero dates and empty strings."""
	return (
		not isinstance(date_string, str)
		or not date_string
		or date_string.startswith(("0001-01-01", "0000-00-00"))
	)


def getdate(
	string_date: DateTimeLikeObject | None = None, parse_day_first: bool = False
) -> datetime.date | None:
	"""A date from text, date or datetime; today when empty.

	:raises ValidationError: the text is no date
	"""
	if not string_date:
		return now_datetime().date()
	if isinstance(string_date, datetime.datetime):
		return string_date.date()
	if isinstance(string_date, datetime.date):
		return string_date
	if is_invalid_date_string(string_date):
		return None
	try:
		return datetime.date.fromisoformat(string_date)
	except ValueError:
		pass
	try:
		return parser.parse(string_date, dayfirst=parse_day_first).date()
	except ParserError:
		message = frappe._("{} is not a valid date string.").format(frappe.bold(string_date))
		frappe.throw(message, title=frappe._("Invalid Date"))


def get_datetime(
	datetime_str: DateTimeLikeObject | None = None,
) -> datetime.datetime | datetime.timedelta | None:
	if datetime_str is None:
		return now_datetime()
	if isinstance(datetime_str, datetime.datetime | datetime.timedelta):
		return datetime_str
	if isinstance(datetime_str, datetime.date):
		return datetime.datetime.combine(datetime_str, datetime.time())
	if is_invalid_date_string(datetime_str):
		return None
	try:
		return datetime.datetime.fromisoformat(datetime_str)
	except ValueError:
		return parser.parse(datetime_str)


def get_timedelta(time: str | datetime.timedelta | None = None) -> datetime.timedelta | None:
	"""A timedelta from "HH:MM:SS"; None when the text is no time."""
	if isinstance(time, datetime.timedelta):
		return time
	try:
		return to_timedelta(time or "0:0:0")
	except (ParserError, ValueError, TypeError, OverflowError):
		return None


def to_timedelta(time: str | datetime.time | datetime.timedelta) -> datetime.timedelta:
	if isinstance(time, datetime.timedelta):
		return time
	t = parser.parse(time) if isinstance(time, str) else time
	return datetime.timedelta(hours=t.hour, minutes=t.minute, seconds=t.second, microseconds=t.microsecond)


def format_timedelta(o: datetime.timedelta | str) -> str:
	"""H:MM:SS, with microseconds when there are any."""
	o = to_timedelta(o) if isinstance(o, str) else o
	total, micro = divmod(o // datetime.timedelta(microseconds=1), 1_000_000)
	minutes, seconds = divmod(total, 60)
	hours, minutes = divmod(minutes, 60)
	return f"{hours}:{minutes:02}:{seconds:02}" + (f".{micro:06}" if micro else "")


def get_time(time_str: str | datetime.datetime | datetime.time | datetime.timedelta) -> datetime.time:
	if isinstance(time_str, datetime.datetime):
		return time_str.time()
	if isinstance(time_str, datetime.time):
		return time_str
	if isinstance(time_str, datetime.timedelta):
		return (datetime.datetime.min + time_str).time()
	return parser.parse(time_str).time()


def get_system_timezone() -> str:
	return frappe.get_system_settings("time_zone") or "Asia/Kolkata"


def convert_utc_to_timezone(utc_timestamp: datetime.datetime, time_zone: str) -> datetime.datetime:
	import pytz

	if utc_timestamp.tzinfo is None:
		utc_timestamp = pytz.utc.localize(utc_timestamp)
	try:
		return utc_timestamp.astimezone(_timezone(time_zone))
	except pytz.UnknownTimeZoneError:
		return utc_timestamp


def _timezone(name: str):
	import pytz

	return pytz.timezone(name)


def now_datetime() -> datetime.datetime:
	"""The current time of the system's time zone, without tzinfo."""
	utc_now = datetime.datetime.now(datetime.timezone.utc)
	return convert_utc_to_timezone(utc_now, get_system_timezone()).replace(tzinfo=None)


def now() -> str:
	current = now_datetime().strftime(DATETIME_FORMAT)
	if frappe.flags.current_date:
		return f"{getdate(frappe.flags.current_date)} {current.split(' ', 1)[1]}"
	return current


def nowdate() -> str:
	return now_datetime().strftime(DATE_FORMAT)


today = nowdate


def nowtime() -> str:
	return now_datetime().strftime(TIME_FORMAT)


def add_to_date(
	date: DateTimeLikeObject | None = None,
	years: int = 0,
	months: int = 0,
	weeks: int = 0,
	days: int = 0,
	hours: int = 0,
	minutes: int = 0,
	seconds: int = 0,
	as_string: bool = False,
	as_datetime: bool = False,
) -> DateTimeLikeObject:
	"""`date` moved; text in gives text out (with the time when it had one)."""
	if date is None:
		date = now_datetime()
	as_datetime = as_datetime or bool(hours)
	if isinstance(date, str):
		as_string = True
		as_datetime = as_datetime or " " in date
		try:
			date = get_datetime(date)
		except ParserError:
			frappe.throw(frappe._("Please select a valid date filter"), title=frappe._("Invalid Date"))
	moved = date + relativedelta(
		years=years, months=months, weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds
	)
	if not as_string:
		return moved
	return moved.strftime(DATETIME_FORMAT if as_datetime else DATE_FORMAT)


def add_days(date: DateTimeLikeObject | None, days: int) -> DateTimeLikeObject:
	return add_to_date(date, days=days)


def add_months(date: DateTimeLikeObject | None, months: int) -> DateTimeLikeObject:
	return add_to_date(date, months=months)


def add_years(date: DateTimeLikeObject | None, years: int) -> DateTimeLikeObject:
	return add_to_date(date, years=years)


def date_diff(string_ed_date: DateTimeLikeObject, string_st_date: DateTimeLikeObject) -> int:
	"""Days from the second date to the first."""
	return (getdate(string_ed_date) - getdate(string_st_date)).days


days_diff = date_diff


def month_diff(string_ed_date: DateTimeLikeObject, string_st_date: DateTimeLikeObject) -> int:
	end, start = getdate(string_ed_date), getdate(string_st_date)
	return (end.year - start.year) * 12 + end.month - start.month + 1


def time_diff(string_ed_date: DateTimeLikeObject, string_st_date: DateTimeLikeObject) -> datetime.timedelta:
	return get_datetime(string_ed_date) - get_datetime(string_st_date)


def time_diff_in_seconds(string_ed_date: DateTimeLikeObject, string_st_date: DateTimeLikeObject) -> float:
	return time_diff(string_ed_date, string_st_date).total_seconds()


def time_diff_in_hours(string_ed_date: DateTimeLikeObject, string_st_date: DateTimeLikeObject) -> float:
	return round(time_diff_in_seconds(string_ed_date, string_st_date) / 3600, 6)


def get_first_day(dt: DateTimeLikeObject, d_years: int = 0, d_months: int = 0, as_str: bool = False):
	"""First day of the month of `dt`, moved by years and months."""
	first = getdate(dt).replace(day=1) + relativedelta(years=d_years, months=d_months)
	return first.strftime(DATE_FORMAT) if as_str else first


def get_last_day(dt: DateTimeLikeObject) -> datetime.date:
	return get_first_day(dt, d_months=1) - datetime.timedelta(days=1)


def get_year_start(dt: DateTimeLikeObject, as_str: bool = False):
	first = datetime.date(getdate(dt).year, 1, 1)
	return first.strftime(DATE_FORMAT) if as_str else first


def get_year_ending(date: DateTimeLikeObject) -> datetime.date:
	return datetime.date(getdate(date).year, 12, 31)


def get_datetime_str(datetime_obj: DateTimeLikeObject) -> str:
	return get_datetime(datetime_obj).strftime(DATETIME_FORMAT)


def get_date_str(date_obj: DateTimeLikeObject) -> str:
	return get_datetime(date_obj).strftime(DATE_FORMAT)


def get_user_date_format() -> str:
	return frappe.db.get_default("date_format") or "yyyy-mm-dd"


def get_user_time_format() -> str:
	return frappe.db.get_default("time_format") or "HH:mm:ss"


def _strftime_format(user_format: str) -> str:
	"""A user's format such as dd-mm-yyyy or HH:mm:ss for strftime."""
	result = user_format
	if "H" not in result:
		result = result.replace("mm", "%m")
	for token, directive in (
		("dd", "%d"),
		("MM", "%m"),
		("yyyy", "%Y"),
		("HH", "%H"),
		("mm", "%M"),
		("ss", "%S"),
	):
		result = result.replace(token, directive)
	return result


def format_date(
	string_date: DateTimeLikeObject | None = None,
	format_string: str | None = None,
	parse_day_first: bool = False,
) -> str:
	"""The date in the user's format (System Settings' date format)."""
	if not string_date:
		return ""
	date = getdate(string_date, parse_day_first)
	return date.strftime(_strftime_format(format_string or get_user_date_format()))


formatdate = format_date


def format_time(time_string: Any = None, format_string: str | None = None) -> str:
	if not time_string:
		return ""
	return get_time(time_string).strftime(_strftime_format(format_string or get_user_time_format()))


def format_datetime(datetime_string: DateTimeLikeObject | None, format_string: str | None = None) -> str:
	if not datetime_string:
		return ""
	value = get_datetime(datetime_string)
	if format_string:
		return value.strftime(_strftime_format(format_string))
	return f"{format_date(value)} {format_time(value)}"


def pretty_date(iso_datetime: DateTimeLikeObject) -> str:
	raise NotImplementedError("frappe.utils.pretty_date is not in minibench")


def get_timespan_date_range(timespan: str):
	raise NotImplementedError("frappe.utils.get_timespan_date_range is not in minibench")
