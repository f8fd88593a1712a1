// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// frappe.format: a value as it is read, by its fieldtype. The result is HTML.

const aligned = (text, options) =>
	options?.inline || options?.only_value ? text : `<div style="text-align: right">${text}</div>`;

const or_empty = (value) => value ?? "";

function Float(value, df, options, doc) {
	if (value === null) return "";
	const precision = cint(df.precision) || cint(frappe.boot.sysdefaults.float_precision) || null;
	if (df.options?.trim()) return Currency(value, { ...df, precision }, options, doc);
	const whole = !options?.always_show_decimals && !is_null(value) && Number(value) % 1 === 0;
	return aligned(
		is_null(value) ? "" : format_number(value, null, whole ? 0 : precision),
		options
	);
}

function Currency(value, df, options, doc) {
	if (value === null) return "";
	const currency = frappe.meta.get_field_currency(df, doc);
	const precision = cint(df.precision || frappe.boot.sysdefaults.currency_precision || 2);
	const text = format_currency(or_empty(value), currency, precision);
	return options?.only_value ? text : aligned(text, options);
}

function Link(value, df, options, doc) {
	const doctype = df._options || df.options;
	const title = frappe.utils.get_link_title(doctype, value) || value;
	if (!value) return "";
	if (options?.only_value) return title;
	const shown = frappe.form.link_formatters[doctype]?.(value, doc, df) || title;
	if (!doctype || !frappe.model.can_read(doctype)) return frappe.utils.escape_html(shown);
	const link = document.createElement("a");
	link.href = frappe.utils.get_form_link(doctype, value);
	Object.assign(link.dataset, { doctype, name: value, value });
	link.innerText = __(options?.label || shown);
	return link.outerHTML;
}

function Text(value, df) {
	if (!value) return "";
	return Data(
		/<(p|div|br|table)/.test(value) ? value : frappe.utils.replace_newlines(value),
		df
	);
}

function Data(value, df) {
	if (df?.options === "URL" && value) {
		const address = frappe.utils.escape_html(value);
		return `<a href="${address}" title="${__("Open Link")}" target="_blank">${address}</a>`;
	}
	return or_empty(value);
}

function Percent(value, df, options) {
	if (value === null) return "";
	const precision = cint(df.precision) || cint(frappe.boot.sysdefaults.float_precision) || 2;
	return aligned(`${flt(value, precision)}%`, options);
}

// As the desk has it: who shows a file that a stranger has named brings a formatter of their own.
const Attach = (url) => (url ? `<a href="${url}" target="_blank">${url}</a>` : "");

Object.assign(frappe.form.formatters, {
	Attach,
	Autocomplete: (value, df) => __(Data(value, df)),
	Check: (value) => `<input type="checkbox" disabled ${cint(value) ? "checked" : ""}
		class="disabled-${cint(value) ? "selected" : "deselected"}">`,
	Code: (value) => `<pre>${frappe.utils.escape_html(or_empty(value))}</pre>`,
	Currency,
	Data,
	Date: (value) => frappe.datetime.str_to_user(value, false, true),
	Datetime: (value) => (value ? frappe.datetime.str_to_user(value) : ""),
	Float,
	HTML: or_empty,
	Int: (value, _df, options) =>
		value === null ? "" : aligned(is_null(value) ? "" : cint(value), options),
	Link,
	LongText: Text,
	MultiSelectPills: (value) => [].concat(value || []).join(", "),
	Password: (value) => (value ? "********" : ""),
	Percent,
	ReadOnly: Data,
	Select: (value, df) => __(Data(value, df)),
	SmallText: Text,
	Text,
	TextEditor: or_empty,
	Time: (value) => (value ? frappe.datetime.str_to_user(value, true) : ""),
});
frappe.form.link_formatters = {};
frappe.form.get_formatter = (fieldtype) =>
	frappe.form.formatters[(fieldtype || "Data").replace(/ /g, "")];

frappe.format = function (value, df, options, doc) {
	let field = df || { fieldtype: "Data" };
	if (field.fieldtype === "Dynamic Link") {
		field = { ...field, fieldtype: "Link", _options: doc?.[field.options] };
	}
	const formatted = (field.formatter || frappe.form.get_formatter(field.fieldtype))(
		value,
		field,
		options,
		doc
	);
	return typeof formatted === "string"
		? frappe.dom.remove_script_and_style(formatted)
		: formatted;
};
