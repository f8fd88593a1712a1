// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The first page: where to go.

const PLACES = [
	[
		"Advance Bank Reconciliation Tool",
		"Bulk Bank Reconciliation",
		"Advance Bank Reconciliation Settings",
	],
	["Bank Transaction", "Bank Account", "Payment Entry", "Journal Entry"],
	["Sales Invoice", "Purchase Invoice", "Customer", "Supplier"],
];

function make(element) {
	const page = new frappe.ui.Page({ parent: element, title: __("Home") });
	const $columns = $('<div class="row home-links"></div>').appendTo(page.main);
	for (const doctypes of PLACES) {
		const $column = $('<div class="col-sm-4"></div>').appendTo($columns);
		doctypes.filter(frappe.model.can_read).forEach((doctype) => {
			$("<a>")
				.attr("href", `/app/${frappe.router.slug(doctype)}`)
				.text(__(doctype))
				.appendTo($column);
		});
	}
}

frappe.views.home = {
	show() {
		frappe.container.get_page("home", make);
		window.cur_frm = null;
		window.cur_list = null;
		frappe.container.change_to("home");
		frappe.breadcrumbs.clear();
		frappe.utils.set_title(__("Home"));
	},
};
