// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Who is logged in.

Object.assign(frappe.user, {
	has_role(roles) {
		return [].concat(roles).some((role) => frappe.user_roles.includes(role));
	},
	is_report_manager: () =>
		frappe.user.has_role(["Administrator", "System Manager", "Report Manager"]),
	full_name: (user) => {
		if (!user || user === frappe.session.user) return frappe.session.user_fullname;
		return frappe.boot.user_info?.[user]?.fullname || user;
	},
});

frappe.user_info = (user) => ({
	fullname: frappe.user.full_name(user),
	...(frappe.boot.user_info?.[user || frappe.session.user] || {}),
});
