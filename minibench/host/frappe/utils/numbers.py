# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Numbers, rounding and money; re-exported by frappe.utils."""

import math
from typing import Any

import frappe

number_format_info = {
	"#,###.##": (".", ",", 2),
	"#.###,##": (",", ".", 2),
	"# ###.##": (".", " ", 2),
	"# ###,##": (",", " ", 2),
	"#'###.##": (".", "'", 2),
	"#, ###.##": (".", ", ", 2),
	"#,##,###.##": (".", ",", 2),
	"#,###.###": (".", ",", 3),
	"#.###": ("", ".", 0),
	"#,###": ("", ",", 0),
	"#.########": (".", "", 8),
}


def get_number_format_info(format: str) -> tuple[str, str, int]:
	"""Decimal sign, group sign and precision of a number format."""
	return number_format_info.get(format) or (".", ",", 2)


def cint(s: Any, default: int = 0) -> int:
	try:
		return int(s)
	except (TypeError, ValueError, OverflowError):
		try:
			return int(float(s))
		except (TypeError, ValueError, OverflowError):
			return default


def cstr(s: Any, encoding: str = "utf-8") -> str:
	return frappe.as_unicode(s, encoding)


def sbool(x: Any) -> Any:
	"""True or False for the texts "true", "1", "false", "0"; anything else unchanged."""
	if isinstance(x, str):
		return {"true": True, "1": True, "false": False, "0": False}.get(x.lower(), x)
	return x


def flt(s: Any, precision: int | None = None, rounding_method: str | None = None) -> float:
	"""A float, 0.0 for what is none; commas in text are ignored; rounded by the system's method on request."""
	if isinstance(s, str):
		s = s.replace(",", "")
	try:
		number = float(s)
	except (TypeError, ValueError):
		return 0.0
	if precision is None:
		return number
	try:
		return rounded(number, precision, rounding_method)
	except (ValueError, OverflowError):  # NaN and infinity cannot be rounded
		return 0.0


def rounded(num: float, precision: int = 0, rounding_method: str | None = None) -> float:
	"""Round by System Settings' rounding method; a site that chose none has the legacy banker's rounding.

	:raises InvalidRoundingMethod: the method's name is unknown
	"""
	precision = cint(precision)
	method = rounding_method or frappe.get_system_settings("rounding_method") or "Banker's Rounding (legacy)"
	if method == "Banker's Rounding":
		return _bankers_rounding(num, precision)
	if method == "Banker's Rounding (legacy)":
		return _bankers_rounding_legacy(num, precision)
	if method == "Commercial Rounding":
		return _round_away_from_zero(num, precision)
	frappe.throw(frappe._("Unknown Rounding Method: {}").format(method), exc=frappe.InvalidRoundingMethod)


def _float_step(num: float) -> float:
	"""Distance to the next float of that size: what binary fractions may be off."""
	return 2.0 ** (math.log(abs(num), 2) - 52.0)


def _bankers_rounding(num: float, precision: int) -> float:
	"""Halves go to the even neighbour, at any precision."""
	multiplier = 10**precision
	scaled = round(num * multiplier, 12)
	if scaled == 0:
		return 0.0
	low = math.floor(scaled)
	if abs(scaled - low - 0.5) < _float_step(scaled):
		result = low if low % 2 == 0 else low + 1
	else:
		result = round(scaled)
	return result / multiplier


def _bankers_rounding_legacy(num: float, precision: int) -> float:
	"""Halves go to the even neighbour for whole numbers, up for fractions."""
	multiplier = 10**precision
	scaled = round(num * multiplier if precision else num, 8)
	low = math.floor(scaled)
	if scaled - low == 0.5:
		scaled = low if not precision and low % 2 == 0 else low + 1
	else:
		scaled = round(scaled)
	return scaled / multiplier if precision else scaled


def _round_away_from_zero(num: float, precision: int) -> float:
	if num == 0:
		return 0.0
	return round(num + math.copysign(_float_step(num), num), precision)


def ceil(s: Any) -> int:
	return cint(math.ceil(flt(s)))


def floor(s: Any) -> int:
	return cint(math.floor(flt(s)))


def remainder(numerator: float, denominator: float, precision: int = 2) -> float:
	multiplier = 10 ** cint(precision)
	return flt((numerator * multiplier) % (denominator * multiplier) / multiplier, precision)


def safe_div(numerator: float, denominator: float, precision: int = 2) -> float:
	return flt(flt(numerator) / denominator if denominator else 0.0, precision)


def round_based_on_smallest_currency_fraction(value: float, currency: str, precision: int = 2) -> float:
	smallest = flt(frappe.db.get_value("Currency", currency, "smallest_currency_fraction_value", cache=True))
	if not smallest:
		return flt(rounded(value), precision)
	rest = remainder(value, smallest, precision)
	value += smallest - rest if rest > smallest / 2 else -rest
	return flt(value, precision)


def fmt_money(
	amount: str | float | None,
	precision: int | None = None,
	currency: str | None = None,
	format: str | None = None,
) -> str:
	"""The amount with group signs and the currency's symbol, e.g. "$ 1,234.50"."""
	number_format = format or frappe.db.get_default("number_format") or "#,###.##"
	decimal_sign, group_sign, format_precision = get_number_format_info(number_format)
	if precision is None:
		precision = cint(frappe.db.get_default("currency_precision")) or format_precision
	amount = flt(amount, precision) if isinstance(amount, str) else flt(amount)
	if decimal_sign and precision > 2:
		precision = _shown_precision(amount, precision, currency, format_precision)

	whole, _dot, decimals = f"{abs(round(amount, precision)):.{precision}f}".partition(".")
	text = _group(whole, group_sign, 2 if number_format == "#,##,###.##" else 3)
	if precision and decimal_sign:
		text += decimal_sign + decimals
	if round(amount, precision) < 0:
		text = "-" + text
	return _with_symbol(text, currency)


def _shown_precision(amount: float, precision: int, currency: str | None, format_precision: int) -> int:
	"""Trailing decimals beyond the currency's own are not shown when they are zero."""
	decimals = str(round(amount % 1, precision)).partition(".")[2]
	if len(decimals) >= 3:
		return min(precision, len(decimals))
	if not currency:
		return format_precision
	return len(cstr(frappe.db.get_value("Currency", currency, "fraction_units", cache=True) or 100)) - 1


def _group(digits: str, sign: str, size: int) -> str:
	groups = [digits[-3:]]
	digits = digits[:-3]
	while digits:
		groups.insert(0, digits[-size:])
		digits = digits[:-size]
	return sign.join(groups)


def _with_symbol(text: str, currency: str | None) -> str:
	if not currency or frappe.defaults.get_global_default("hide_currency_symbol") == "Yes":
		return text
	symbol = frappe.db.get_value("Currency", currency, "symbol", cache=True) or currency
	on_right = frappe.db.get_value("Currency", currency, "symbol_on_right", cache=True)
	return f"{text} {symbol}" if on_right else f"{symbol} {text}"


def money_in_words(
	number: Any, main_currency: str | None = None, fraction_currency: str | None = None
) -> str:
	"""e.g. "USD One Hundred and Fifty Cent only."; empty for negative numbers."""
	try:
		amount = float(number)
	except ValueError:
		return ""
	if amount < 0:
		return ""
	main_currency = main_currency or frappe.db.get_default("currency") or "INR"
	fraction_currency = (
		fraction_currency or frappe.db.get_value("Currency", main_currency, "fraction", cache=True) or "Cent"
	)
	number_format = (
		frappe.db.get_value("Currency", main_currency, "number_format", cache=True)
		or frappe.db.get_default("number_format")
		or "#,###.##"
	)
	whole, _dot, decimals = f"{amount:.{get_number_format_info(number_format)[2]}f}".partition(".")
	fraction = f"{in_words(decimals).title()} {fraction_currency}" if cint(decimals) else ""
	if whole == "0":
		return (fraction or f"{main_currency} Zero") + " only."
	words = f"{main_currency} {in_words(whole).title()}"
	return words + (f" and {fraction}" if fraction else "") + " only."


def in_words(integer: int | str, in_million: bool = True) -> str:
	from num2words import num2words

	return num2words(int(integer), lang="en" if in_million else "en_IN").replace(",", "")
