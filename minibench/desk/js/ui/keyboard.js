// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Keyboard shortcuts: frappe.ui.keys.

const shortcuts = [];

// "ctrl+shift+a" of a key event; on a Mac the command key counts as ctrl.
function get_key(event) {
	const key = event.key.toLowerCase();
	const parts = [
		event.ctrlKey || event.metaKey ? "ctrl" : "",
		event.shiftKey && key.length > 1 ? "shift" : "",
		event.altKey ? "alt" : "",
		{ arrowup: "up", arrowdown: "down", arrowleft: "left", arrowright: "right", " ": "space" }[
			key
		] || key,
	];
	return parts.filter(Boolean).join("+");
}

// page: only while this page is shown. condition: only while it is true. ignore_inputs: not while typing.
function add_shortcut({
	shortcut,
	action,
	description,
	page,
	target,
	condition,
	ignore_inputs = false,
}) {
	const run = action || (() => target.trigger("click"));
	shortcuts.push({ shortcut, run, description, page, condition, ignore_inputs });
}

function is_typing(event) {
	return $(event.target).is("input, select, textarea, [contenteditable=true]");
}

$(document).on("keydown", (event) => {
	if (!event.key) return;
	const key = get_key(event.originalEvent || event);
	for (const shortcut of shortcuts) {
		if (shortcut.shortcut !== key) continue;
		if (shortcut.page && !$(shortcut.page.wrapper).is(":visible")) continue;
		if (shortcut.ignore_inputs && is_typing(event)) continue;
		if (shortcut.condition && !shortcut.condition()) continue;
		event.preventDefault();
		shortcut.run(event);
		return;
	}
});

Object.assign(frappe.ui.keys, {
	add_shortcut,
	get_key,
});
