// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The keys of the form. They act where nothing is being typed, on the dialog if one is open.

export const KEYS = () => [
	["↑ ↓", __("previous, next row")],
	["Enter", __("open the row; in the dialog: accept the best candidate, then reconcile")],
	[__("Space"), __("tick the row in the dialog")],
	["/", __("search")],
	["u", __("undo the last match")],
	["?", __("this help")],
];

export class Keyboard {
	// actions: {move(step), enter(), tick(), search(), undo()}; each may return false for "not mine"
	constructor({ is_active, actions }) {
		Object.assign(this, { is_active, actions });
		this.pressed = (event) => this.press(event);
	}

	start() {
		document.addEventListener("keydown", this.pressed);
	}

	stop() {
		document.removeEventListener("keydown", this.pressed);
	}

	press(event) {
		if (event.ctrlKey || event.metaKey || event.altKey || !this.is_active()) return;
		if (is_typing(event.target)) return;
		const action = {
			ArrowDown: () => this.actions.move(1),
			ArrowUp: () => this.actions.move(-1),
			Enter: () => this.actions.enter(),
			" ": () => this.actions.tick(),
			"/": () => this.actions.search(),
			u: () => this.actions.undo(),
			"?": () => show_help(),
		}[event.key];
		if (action && action() !== false) event.preventDefault();
	}
}

function is_typing(target) {
	if (target.matches?.("input[type=checkbox]")) return false;
	return Boolean(target.closest?.("input, textarea, select, button, a, [contenteditable=true]"));
}

export function show_help() {
	const rows = KEYS().map(
		([key, what]) => `<tr><td><kbd>${key}</kbd></td><td>${what}</td></tr>`
	);
	frappe.msgprint({
		title: __("Keyboard"),
		message: `<table class="table table-borderless small">${rows.join("")}</table>`,
	});
}
