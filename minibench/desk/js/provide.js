// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The global namespaces. Those named here are strict: reading a name that minibench does not have throws
// an Error with that name, so that a missing call is seen at once and never does silently nothing.

const STRICT_NAMESPACES = [
	"frappe",
	"frappe.assets",
	"frappe.breadcrumbs",
	"frappe.container",
	"frappe.datetime",
	"frappe.db",
	"frappe.defaults",
	"frappe.dom",
	"frappe.form",
	"frappe.form.formatters",
	"frappe.meta",
	"frappe.model",
	"frappe.perm",
	"frappe.realtime",
	"frappe.request",
	"frappe.router",
	"frappe.ui",
	"frappe.ui.form",
	"frappe.ui.keys",
	"frappe.user",
	"frappe.utils",
	"frappe.views",
	"erpnext",
];

// Asked by the language, the browser or a library of any object, to learn what kind of thing it is.
const ASKED_OF_EVERYTHING = new Set([
	"then",
	"toJSON",
	"nodeType",
	"window",
	"jquery",
	"constructor",
]);

function strict_namespace(path) {
	return new Proxy(
		{},
		{
			get(target, name) {
				if (name in target || typeof name === "symbol" || ASKED_OF_EVERYTHING.has(name)) {
					return target[name];
				}
				throw new Error(`${path}.${name} is not in minibench`);
			},
		}
	);
}

function provide(path) {
	return path.split(".").reduce((parent, name) => {
		if (!(name in parent)) parent[name] = {};
		return parent[name];
	}, window);
}

function place(path, value) {
	const names = path.split(".");
	const name = names.pop();
	(names.length ? provide(names.join(".")) : window)[name] = value;
}

STRICT_NAMESPACES.forEach((path) => place(path, strict_namespace(path)));

Object.assign(window, {
	locals: { DocType: {} },
	cur_frm: null,
	cur_list: null,
	cur_page: null,
	cur_dialog: null,
});
Object.assign(frappe, {
	provide,
	_messages: {},
	boot: {},
	csrf_token: null,
	flags: {},
	listview_settings: {},
	session: {},
	settings: {},
	sys_defaults: {},
	user_roles: [],
});
