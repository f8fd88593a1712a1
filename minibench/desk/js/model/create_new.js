// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Documents that exist on the page only, until they are saved.

function get_new_name(doctype) {
	const random = Math.random().toString(36).slice(2, 12);
	return `new-${frappe.router.slug(doctype)}-${random}`;
}

function get_new_doc(doctype, parent_doc, parentfield) {
	const doc = {
		docstatus: 0,
		doctype,
		name: get_new_name(doctype),
		__islocal: 1,
		__unsaved: 1,
		owner: frappe.session.user,
		...default_values(doctype),
	};
	if (parent_doc) {
		const rows = (parent_doc[parentfield] ||= []);
		Object.assign(doc, {
			parent: parent_doc.name,
			parentfield,
			parenttype: parent_doc.doctype,
		});
		doc.idx = rows.push(doc);
	} else {
		(frappe.model.docinfo[doctype] ||= {})[doc.name] = {};
	}
	(locals[doctype] ||= {})[doc.name] = doc;
	return doc;
}

function default_values(doctype) {
	const values = {};
	for (const df of frappe.get_meta(doctype)?.fields || []) {
		if (frappe.model.table_fields.includes(df.fieldtype)) values[df.fieldname] = [];
		else if (frappe.model.is_value_type(df.fieldtype)) {
			const value = default_value(df);
			if (value !== undefined) values[df.fieldname] = value;
		}
	}
	return values;
}

const KEYWORDS = {
	__user: () => frappe.session.user,
	user: () => frappe.session.user,
	today: () => frappe.datetime.get_today(),
	now: (df) =>
		df.fieldtype === "Date" ? frappe.datetime.get_today() : frappe.datetime.system_datetime(),
};

// A field's own default; for a link also the user's default for its name (company).
function default_value(df) {
	const of_user = df.fieldtype === "Link" && frappe.defaults.get_user_default(df.fieldname);
	if (of_user) return of_user;
	const text = cstr(df.default);
	const keyword = KEYWORDS[text.toLowerCase()];
	if (keyword) return keyword(df);
	if (text && !text.startsWith(":"))
		return frappe.model.is_numeric_field(df.fieldtype) ? flt(text) : as_stored(df, text);
	if (df.fieldtype === "Select" && df.options) return cstr(df.options).split("\n")[0];
	return df.fieldtype === "Check" ? 0 : undefined;
}

const as_stored = (df, text) => (df.fieldtype === "Check" ? cint(text) : text);

function clear_table(doc, parentfield) {
	(doc[parentfield] || []).forEach((row) => delete locals[row.doctype]?.[row.name]);
	doc[parentfield] = [];
}

// Take a row out of its parent's table; the rows after it move up.
function clear_doc(doctype, name) {
	const row = frappe.get_doc(doctype, name);
	if (!row) return;
	delete locals[doctype][name];
	const parent = row.parenttype && frappe.get_doc(row.parenttype, row.parent);
	if (!parent) return;
	parent[row.parentfield] = parent[row.parentfield].filter((other) => other.name !== name);
	parent[row.parentfield].forEach((other, index) => (other.idx = index + 1));
}

async function new_doc(doctype, values = {}) {
	await frappe.model.with_doctype(doctype);
	if (frappe.model.is_single(doctype)) return frappe.set_route("Form", doctype);
	const doc = get_new_doc(doctype);
	Object.assign(doc, values, frappe.route_options || {});
	frappe.route_options = null;
	return frappe.set_route("Form", doctype, doc.name);
}

Object.assign(frappe.model, {
	get_new_name,
	get_new_doc,
	make_new_doc_and_get_name: (doctype) => get_new_doc(doctype).name,
	add_child: (doc, doctype, parentfield) => get_new_doc(doctype, doc, parentfield),
	clear_table,
	clear_doc,
});
frappe.new_doc = new_doc;
