// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The pages that have been opened. One of them shows; the others are kept as they are.

const pages = {};

// The element of the page, made by make(element) when it is opened for the first time.
function get_page(name, make) {
	if (!pages[name]) {
		const $page = $('<div class="content page-container"></div>')
			.attr({ id: `page-${name}`, "data-page-route": name })
			.hide()
			.appendTo("#body");
		pages[name] = $page.get(0);
		make?.(pages[name]);
	}
	return pages[name];
}

function change_to(name) {
	const next = pages[name];
	const before = frappe.container.page;
	if (before && before !== next) $(before).hide().trigger("hide");
	frappe.container.page = next;
	if (before !== next) {
		$(next).show().trigger("show");
		window.scrollTo(0, 0);
	}
	return next;
}

Object.assign(frappe.container, { page: null, get_page, change_to });

frappe.show_not_found = (name) => {
	show_message_page(
		__("Not found"),
		__("The page or document {0} does not exist.", [frappe.utils.escape_html(name)])
	);
};

frappe.show_not_permitted = (name) => {
	show_message_page(
		__("Not permitted"),
		__("You do not have enough permissions to see {0}.", [frappe.utils.escape_html(name)])
	);
};

function show_message_page(title, message) {
	const element = get_page("message");
	const page = new frappe.ui.Page({ parent: element, title });
	$('<div class="msg-box text-center"></div>').html(message).appendTo(page.main);
	window.cur_frm = null;
	window.cur_list = null;
	change_to("message");
	frappe.breadcrumbs.clear();
}
