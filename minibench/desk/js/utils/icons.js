// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The icons of this page, by Frappe's names, drawn on a grid of 16.

const LINES = {
	add: "M8 3v10M3 8h10",
	"arrow-right": "M3 8h10M9 4l4 4-4 4",
	check: "M3 8.5l3.5 3.5L13 4.5",
	clipboard: "M5 3h6v2H5zM5 4H3.5v9.5h9V4H11",
	close: "M4 4l8 8M12 4l-8 8",
	"close-alt": "M4 4l8 8M12 4l-8 8",
	collapse: "M3 13h10",
	delete: "M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.7 8.5h5.6l.7-8.5",
	"dot-horizontal": "M3.5 8h.01M8 8h.01M12.5 8h.01",
	down: "M4 6l4 4 4-4",
	edit: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3z",
	"es-line-down": "M4 6l4 4 4-4",
	"es-line-up": "M4 10l4-4 4 4",
	expand: "M9 3h4v4M7 13H3V9M13 3L9 7M3 13l4-4",
	"external-link": "M9 3h4v4M13 3L7.5 8.5M11 9.5V13H3V5h3.5",
	filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
	help: "M6 6.2a2 2 0 1 1 2.7 1.9c-.5.2-.7.5-.7 1.1M8 11.5h.01",
	left: "M10 4L6 8l4 4",
	link: "M7 9.5a2.5 2.5 0 0 0 3.6 0l2-2a2.5 2.5 0 0 0-3.6-3.6L8 5M9 6.5a2.5 2.5 0 0 0-3.6 0l-2 2A2.5 2.5 0 0 0 7 12.1L8 11",
	menu: "M3 4.5h10M3 8h10M3 11.5h10",
	refresh: "M13 8a5 5 0 1 1-1.5-3.5M13 2.5V5h-2.5",
	right: "M6 4l4 4-4 4",
	search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5L14 14",
	select: "M5 6.5L8 3.5l3 3M5 9.5l3 3 3-3",
	undo: "M6 3L3 6l3 3M3 6h6a4 4 0 0 1 0 8H6",
	up: "M4 10l4-4 4 4",
};

const ON_DISC = {
	"solid-error": ["#e24c4c", "M5.5 5.5l5 5M10.5 5.5l-5 5"],
	"solid-info": ["#2490ef", "M8 7.5v3.5M8 5h.01"],
	"solid-success": ["#30a66d", "M4.8 8.3l2.2 2.2 4.2-4.7"],
	"solid-warning": ["#e9a23b", "M8 4.5v4M8 11h.01"],
};

const svg = (css_class, style, content) =>
	`<svg class="icon ${css_class}" style="${style}" viewBox="0 0 16 16" fill="none" stroke-width="1.3"
		stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${content}</svg>`;

// size: xs, sm, md, lg or {width, height}. Throws for an icon that is not drawn here.
export function icon(name, size = "sm", icon_class = "", style = "", svg_class = "") {
	const is_box = typeof size === "object";
	const css_class = [is_box ? "" : `icon-${size}`, icon_class, svg_class].join(" ");
	const box = is_box ? `width: ${size.width}; height: ${size.height}; ${style}` : style;
	if (name in LINES)
		return svg(css_class, box, `<path stroke="currentColor" d="${LINES[name]}"/>`);
	if (!(name in ON_DISC)) throw new Error(`frappe.utils.icon: ${name} is not in minibench`);
	const [color, path] = ON_DISC[name];
	return svg(
		css_class,
		box,
		`<circle cx="8" cy="8" r="7" fill="${color}"/><path stroke="#fff" d="${path}"/>`
	);
}
