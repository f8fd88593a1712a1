// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Statement text is untrusted: whatever comes from a document goes through here on its way to the page.

export const escape = (value) => frappe.utils.escape_html(value == null ? "" : String(value));

export function form_link(doctype, name) {
	return `<a href="${escape(frappe.utils.get_form_link(doctype, name))}">${escape(name)}</a>`;
}

// Draw anew only what has changed: a button that is replaced while it is pressed never hears of the click.
export function update_html($element, html) {
	if ($element.data("abr-html") === html) return;
	$element.data("abr-html", html).html(html);
}

export const money = (amount, currency) => format_currency(amount || 0, currency);

export const date = (value) => escape(frappe.datetime.str_to_user(value) || "");
