// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Small conversions that desk scripts call as globals.

function cint(value, when_invalid = 0) {
	if (value === true) return 1;
	if (value === false) return 0;
	const number = parseInt(String(value ?? "").replace(/^0+(?=\d)/, ""), 10);
	return Number.isNaN(number) ? when_invalid : number;
}

const cstr = (value) => (value == null ? "" : String(value));

const is_null = (value) => value == null || (typeof value === "string" && value.trim() === "");

const strip = (text) => cstr(text).trim();

const strip_html = (text) => cstr(text).replace(/<[^>]*>/g, "");

const replace_all = (text, what, by) => cstr(text).split(what).join(by);

const repl = (text, values) =>
	cstr(text).replace(/%\((\w+)\)s/g, (_place, name) => cstr(values[name]));

const copy_dict = (dict) => ({ ...dict });

Object.assign(window, { cint, cstr, is_null, strip, strip_html, replace_all, repl, copy_dict });

String.prototype.bold = function () {
	return `<strong>${this}</strong>`;
};
