// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Defaults of the user and of the site, as the server sent them with the page.

const first = (value) => (Array.isArray(value) ? value[0] : value);

const user_default = (key) => {
	const defaults = frappe.boot.user.defaults || {};
	return first(defaults[key] ?? defaults[frappe.model.scrub(key)]);
};

Object.assign(frappe.defaults, {
	get_user_default: user_default,
	get_default: (key) => {
		const value = user_default(key);
		if (typeof value !== "string" || !frappe.utils.is_json(value)) return value;
		return JSON.parse(value);
	},
	get_global_default: (key) => first(frappe.sys_defaults[key]),
	set_user_default_local(key, value) {
		frappe.boot.user.defaults[key] = value;
	},
	get_user_permissions: () => frappe.boot.user.user_permissions || {},
});
