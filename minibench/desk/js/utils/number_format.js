// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Reading and writing numbers in the site's number format.

import { round } from "./rounding.js";

const FORMATS = {
	"#,###.##": { decimal_str: ".", group_sep: "," },
	"#.###,##": { decimal_str: ",", group_sep: "." },
	"# ###.##": { decimal_str: ".", group_sep: " " },
	"# ###,##": { decimal_str: ",", group_sep: " " },
	"#'###.##": { decimal_str: ".", group_sep: "'" },
	"#, ###.##": { decimal_str: ".", group_sep: ", " },
	"#,##,###.##": { decimal_str: ".", group_sep: "," },
	"#,###.###": { decimal_str: ".", group_sep: "," },
	"#.###": { decimal_str: "", group_sep: "." },
	"#,###": { decimal_str: "", group_sep: "," },
};
const INDIAN = "#,##,###.##";

function get_number_format(currency) {
	const defaults = frappe.boot.sysdefaults || {};
	const of_currency =
		cint(defaults.use_number_format_from_currency) &&
		currency &&
		frappe.model.get_value(":Currency", currency, "number_format");
	return of_currency || defaults.number_format || "#,###.##";
}

function get_number_format_info(format) {
	const info = FORMATS[format] || FORMATS["#,###.##"];
	const decimals = info.decimal_str ? format.split(info.decimal_str)[1] || "" : "";
	return { ...info, precision: decimals.length };
}

function strip_number_groups(text, number_format) {
	const { decimal_str, group_sep } = get_number_format_info(
		number_format || get_number_format()
	);
	const plain = text.split(group_sep).join("");
	return decimal_str && decimal_str !== "." ? plain.replace(decimal_str, ".") : plain;
}

// The number in a text such as "$ 1,234.50"; 0 when there is none. Rounded when decimals are given.
function flt(value, decimals = null, number_format = null, rounding_method = null) {
	const number = typeof value === "number" ? value : read_number(cstr(value), number_format);
	if (!Number.isFinite(number)) return 0;
	if (decimals === null || decimals === undefined) return number;
	return round(
		number,
		cint(decimals),
		rounding_method || frappe.boot.sysdefaults?.rounding_method || undefined
	);
}

function read_number(text, number_format) {
	let trimmed = text.trim();
	// A symbol in front; a space may also separate groups.
	const [first, ...rest] = trimmed.split(" ");
	if (rest.length && Number.isNaN(parseFloat(first))) trimmed = rest.join(" ");
	return parseFloat(strip_number_groups(trimmed, number_format)) || 0;
}

function format_number(value, format, decimals) {
	if (!format && (decimals === null || decimals === undefined)) {
		decimals = cint(frappe.defaults.get_default("float_precision")) || 3;
	}
	format = format || get_number_format();
	const info = get_number_format_info(format);
	const places = decimals ?? info.precision;
	const number = flt(value, places, format);
	const [whole, fraction] = Math.abs(number).toFixed(places).split(".");
	const grouped = group_digits(whole, info.group_sep, format === INDIAN ? 2 : 3);
	return (
		(number < 0 ? "-" : "") +
		grouped +
		(fraction && info.decimal_str ? info.decimal_str + fraction : "")
	);
}

// Three digits at the end, then groups of the given size.
function group_digits(digits, separator, size) {
	const groups = [digits.slice(-3)];
	for (let rest = digits.slice(0, -3); rest; rest = rest.slice(0, -size))
		groups.unshift(rest.slice(-size));
	return groups.join(separator);
}

function get_currency_symbol(currency) {
	const defaults = frappe.boot.sysdefaults || {};
	if (defaults.hide_currency_symbol === "Yes") return null;
	const name = currency || defaults.currency;
	return frappe.model.get_value(":Currency", name, "symbol") || name;
}

function format_currency(value, currency, decimals) {
	const symbol = get_currency_symbol(currency);
	const places =
		decimals === undefined ? frappe.boot.sysdefaults?.currency_precision || null : decimals;
	const number = format_number(
		value,
		get_number_format(currency),
		places === null ? null : cint(places)
	);
	if (!symbol) return number;
	const at_right = cint(frappe.model.get_value(":Currency", currency, "symbol_on_right"));
	return at_right ? `${number} ${__(symbol)}` : `${__(symbol)} ${number}`;
}

// Decimals of a field of the form on the screen, or of the given document.
function precision(fieldname, doc) {
	doc = doc || window.cur_frm?.doc;
	if (!doc) return cint(frappe.boot.sysdefaults?.float_precision);
	const df = frappe.meta.get_docfield(doc.doctype, fieldname, doc.parent || doc.name);
	if (!df) throw new Error(`precision: ${doc.doctype} has no field ${fieldname}`);
	return frappe.meta.get_field_precision(df, doc);
}

Object.assign(window, {
	flt,
	format_currency,
	format_number,
	get_currency_symbol,
	get_number_format,
	get_number_format_info,
	precision,
	strip_number_groups,
});
frappe.number_format_info = FORMATS;
