// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// frappe.db: reading and writing documents by name.

const message_of = (options) =>
	new Promise((resolve, reject) =>
		frappe.call(options).then((r) => resolve(r?.message), reject)
	);

const get = (method, args) => message_of({ method, args, type: "GET" });

function get_value(doctype, filters, fieldname, callback, parent) {
	return frappe.call({
		method: "frappe.client.get_value",
		type: "GET",
		args: { doctype, fieldname, filters, parent },
		callback: (r) => callback?.(r.message),
	});
}

Object.assign(frappe.db, {
	get_value,
	get_list: (doctype, args = {}) =>
		get("frappe.desk.reportview.get_list", { fields: ["name"], limit: 20, ...args, doctype }),
	exists: (doctype, name) =>
		get_value(doctype, { name }, "name").then((r) => Boolean(r.message?.name)),
	get_single_value: (doctype, field) =>
		get("frappe.client.get_single_value", { doctype, field }),
	count: (doctype, args = {}) =>
		frappe.xcall("frappe.desk.reportview.get_count", {
			doctype,
			filters: args.filters || {},
			fields: [],
			distinct: false,
			limit: args.limit,
		}),
	get_link_options: (doctype, txt = "", filters = {}) =>
		get("frappe.desk.search.search_link", { doctype, txt, filters }),
	async get_doc(doctype, name, filters) {
		const doc = await get("frappe.client.get", { doctype, name, filters });
		frappe.model.sync(doc);
		return doc;
	},
	set_value: (doctype, name, fieldname, value, callback) =>
		frappe.call({
			method: "frappe.client.set_value",
			args: { doctype, name, fieldname, value },
			callback: (r) => callback?.(r.message),
		}),
	insert: (doc) => frappe.xcall("frappe.client.insert", { doc }),
	delete_doc: (doctype, name) => frappe.xcall("frappe.client.delete", { doctype, name }),
});
