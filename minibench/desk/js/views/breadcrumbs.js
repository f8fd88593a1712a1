// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Where one is: the doctype's list, above the document.

function draw(items) {
	const $list = $("#navbar-breadcrumbs").empty();
	items.forEach(({ label, href }) => {
		const $link = $("<a>").text(label);
		if (href) $link.attr("href", href);
		$("<li>").append($link).appendTo($list);
	});
}

const list_item = (doctype) => ({
	label: __(doctype),
	href: `/app/${frappe.router.slug(doctype)}`,
});

Object.assign(frappe.breadcrumbs, {
	update(frm) {
		const { doctype, docname, meta } = frm;
		if (meta.issingle) draw([{ label: __(doctype) }]);
		else
			draw([
				list_item(doctype),
				{ label: frm.is_new() ? __("New {0}", [__(doctype)]) : docname },
			]);
	},
	set_list: (doctype) => draw([list_item(doctype)]),
	clear: () => draw([]),
});
