// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Documents on the page: locals[doctype][name], and the events when one of their values changes.

const no_value_type = [
	"Section Break",
	"Column Break",
	"Tab Break",
	"HTML",
	"Table",
	"Table MultiSelect",
	"Button",
	"Image",
	"Fold",
	"Heading",
];
const numeric_fieldtypes = ["Int", "Float", "Currency", "Percent", "Duration"];
const table_fields = ["Table", "Table MultiSelect"];
const std_fields_list = [
	"name",
	"owner",
	"creation",
	"modified",
	"modified_by",
	"docstatus",
	"idx",
];
const child_table_field_list = ["parent", "parenttype", "parentfield"];

const std_fields = [
	{ fieldname: "name", fieldtype: "Link", label: "ID" },
	{ fieldname: "owner", fieldtype: "Link", label: "Created By", options: "User" },
	{ fieldname: "creation", fieldtype: "Datetime", label: "Created On" },
	{ fieldname: "modified", fieldtype: "Datetime", label: "Last Updated On" },
	{ fieldname: "modified_by", fieldtype: "Data", label: "Last Updated By" },
	{ fieldname: "docstatus", fieldtype: "Int", label: "Document Status" },
];

const get_doc = (doctype, name) => locals[doctype]?.[name ?? doctype] || null;

// All loaded documents that fit the filters {fieldname: value}.
const get_list = (doctype, filters = {}) =>
	frappe.utils.filter_dict(Object.values(locals[doctype] || {}), filters || {});

// The value in a loaded document; with a callback, the value as it is on the server.
function get_value(doctype, filters, fieldname, callback) {
	if (callback) {
		frappe.call({
			method: "frappe.client.get_value",
			type: "GET",
			args: { doctype, fieldname, filters },
			callback: (r) => callback(r.message),
		});
		return undefined;
	}
	if (typeof filters === "string" || typeof filters === "number") {
		const doc = locals[doctype]?.[filters];
		return doc ? doc[fieldname] : null;
	}
	return get_list(doctype, filters)[0]?.[fieldname] ?? null;
}

// Change values of a loaded document and run their triggers one after the other.
function set_value(doctype, name, fieldname, value, fieldtype, skip_dirty = false) {
	const doc = locals[doctype]?.[name];
	const changes = $.isPlainObject(fieldname) ? fieldname : { [fieldname]: value };
	const tasks = [];
	for (const [key, new_value] of Object.entries(changes)) {
		const differs = doc && doc[key] !== new_value;
		if (differs) doc[key] = new_value;
		if (differs || (doc && ["Link", "Dynamic Link"].includes(fieldtype))) {
			tasks.push(() => trigger(key, new_value, doc, skip_dirty));
		}
	}
	return frappe.run_serially(tasks);
}

const events = {};

function on(doctype, fieldname, handler) {
	((events[doctype] ||= {})[fieldname] ||= []).push(handler);
}

function trigger(fieldname, value, doc, skip_dirty = false) {
	const handlers = [
		...(events[doc.doctype]?.[fieldname] || []),
		...(events[doc.doctype]?.["*"] || []),
	];
	return frappe.run_serially(
		handlers.map((handler) => () => {
			const answer = handler(fieldname, value, doc, skip_dirty);
			return answer?.then ? answer : frappe.after_server_call();
		})
	);
}

function remove_from_locals(doctype, name) {
	const doc = get_doc(doctype, name);
	if (!doc) return;
	get_children(doc).forEach((child) => delete locals[child.doctype]?.[child.name]);
	delete locals[doctype][name];
}

// The rows of all child tables, or of one.
function get_children(doc, fieldname) {
	if (fieldname) return doc[fieldname] || [];
	return frappe.meta.get_table_fields(doc.doctype).flatMap((df) => doc[df.fieldname] || []);
}

function with_doctype(doctype, callback) {
	const load = locals.DocType[doctype]
		? Promise.resolve()
		: frappe.call({
				method: "frappe.desk.form.load.getdoctype",
				type: "GET",
				args: { doctype, with_parent: 1 },
		  });
	return load.then(() => callback?.());
}

function with_doc(doctype, name, callback) {
	name = name || doctype;
	if (get_doc(doctype, name) && get_docinfo(doctype, name)) {
		callback?.(name);
		return Promise.resolve(get_doc(doctype, name));
	}
	// Called back as soon as the answer is taken in, as in the desk: a second reload may remove it again at once.
	return frappe
		.call({
			method: "frappe.desk.form.load.getdoc",
			type: "GET",
			args: { doctype, name },
			callback: (r) => callback?.(name, r),
		})
		.then(() => get_doc(doctype, name));
}

const get_docinfo = (doctype, name) => frappe.model.docinfo[doctype]?.[name] || null;

const may = (right) => (doctype) => (frappe.boot.user[right] || []).includes(doctype);

Object.assign(frappe.model, {
	no_value_type,
	numeric_fieldtypes,
	table_fields,
	std_fields,
	std_fields_list,
	child_table_field_list,
	docinfo: {},
	new_names: {},
	user_settings: {},
	get_doc,
	get_list,
	get_value,
	set_value,
	on,
	trigger,
	remove_from_locals,
	get_children,
	with_doctype,
	with_doc,
	get_docinfo,
	can_read: may("can_read"),
	can_write: may("can_write"),
	can_create: may("can_create"),
	can_delete: may("can_delete"),
	can_select: (doctype) => may("can_read")(doctype) || may("can_select")(doctype),
	is_single: (doctype) => frappe.boot.single_types.includes(doctype),
	is_value_type: (fieldtype) => !no_value_type.includes(fieldtype),
	is_numeric_field: (fieldtype) => numeric_fieldtypes.includes(fieldtype),
	has_value: (doctype, name, fieldname) => !is_null(get_doc(doctype, name)?.[fieldname]),
	scrub: (text) => text.replace(/ /g, "_").toLowerCase(),
	unscrub: (text) => frappe.utils.to_title_case(cstr(text).replace(/[_-]/g, " ")),
	get_server_module_name: (doctype) => frappe.get_meta(doctype).__server_module,
	get_full_column_name: (fieldname, doctype) =>
		fieldname.includes("`tab") ? fieldname : `\`tab${doctype}\`.\`${fieldname}\``,
});
Object.assign(frappe, {
	get_doc,
	get_list,
	get_children: frappe.model.get_children,
	unscrub: frappe.model.unscrub,
});
