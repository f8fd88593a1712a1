// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Translations: __("Text {0}", [value], "context"), as the desk does it.

function translate(text, replace = null, context = null) {
	if (!text || typeof text !== "string") return text;
	const translated =
		(context && frappe._messages[`${text}:${context}`]) || frappe._messages[text] || text;
	return replace && typeof replace === "object" ? format(translated, replace) : translated;
}

// "{0} of {1}", and "{}" for the next one in turn. A place without a value stays as it is.
function format(text, values) {
	let next = 0;
	return text.replace(/\{(\w*)\}/g, (place, name) => {
		const value = values[name === "" ? next++ : name];
		return value === undefined ? place : value;
	});
}

frappe._ = translate;
window.__ = translate;
