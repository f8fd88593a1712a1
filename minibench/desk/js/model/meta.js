// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// What a doctype looks like. A form may change a field for one document; the doctype's own stays as it is.

const docfield_map = {};
const docfield_copy = {};

function sync(doc) {
	docfield_map[doc.name] = {};
	for (const df of doc.fields || []) {
		df.parent = doc.name;
		docfield_map[doc.name][df.fieldname] = df;
	}
	delete docfield_copy[doc.name];
}

// The field; with a document's name, the copy of it that belongs to that document.
function get_docfield(doctype, fieldname, name) {
	const df = docfield_map[doctype]?.[fieldname];
	if (!df || !name) return df;
	const copies = ((docfield_copy[doctype] ||= {})[name] ||= {});
	return (copies[fieldname] ||= { ...df });
}

function get_docfields(doctype, name, filters = {}) {
	const fields = (frappe.get_meta(doctype)?.fields || []).map((df) =>
		get_docfield(doctype, df.fieldname, name)
	);
	return frappe.utils.filter_dict(fields, filters);
}

const get_table_fields = (doctype) =>
	(frappe.get_meta(doctype)?.fields || []).filter((df) =>
		frappe.model.table_fields.includes(df.fieldtype)
	);

// options of a Currency field: a field of the document, or "Doctype:link field:its field".
function get_field_currency(df, doc = window.cur_frm?.doc) {
	const fallback = frappe.boot.sysdefaults.currency || "USD";
	if (!df?.options) return fallback;
	if (df.options.includes(":")) return currency_of_link(df.options.split(":"), doc) || fallback;
	return doc?.[df.options] || window.cur_frm?.doc?.[df.options] || fallback;
}

function currency_of_link([doctype, fieldname, source], doc) {
	const name =
		doc?.[fieldname] ||
		window.cur_frm?.doc?.[fieldname] ||
		frappe.defaults.get_user_default(fieldname);
	return (
		frappe.model.get_value(doctype, name, source) ||
		frappe.model.get_value(`:${doctype}`, name, source)
	);
}

function get_field_precision(df, _doc) {
	if (cint(df?.precision)) return cint(df.precision);
	if (df?.fieldtype !== "Currency")
		return cint(frappe.defaults.get_default("float_precision")) || 3;
	const of_site = cint(frappe.defaults.get_default("currency_precision"));
	return of_site || get_number_format_info(get_number_format()).precision;
}

Object.assign(frappe.meta, {
	docfield_map,
	sync,
	get_docfield,
	get_docfields,
	get_table_fields,
	get_field_currency,
	get_field_precision,
	has_field: (doctype, fieldname) => Boolean(docfield_map[doctype]?.[fieldname]),
	get_label: (doctype, fieldname) =>
		(
			docfield_map[doctype]?.[fieldname] ||
			frappe.model.std_fields.find((df) => df.fieldname === fieldname)
		)?.label || fieldname,
	get_fieldnames: (doctype, name, filters) =>
		get_docfields(doctype, name, filters).map((df) => df.fieldname),
});
frappe.get_meta = (doctype) => locals.DocType[doctype] || null;
