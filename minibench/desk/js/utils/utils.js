// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// frappe.utils: text, links, timing.

import { icon } from "./icons.js";

const ENTITIES = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
	"/": "&#x2F;",
	"`": "&#x60;",
	"=": "&#x3D;",
};

const escape_html = (text) =>
	text ? String(text).replace(/[&<>"'`=/]/g, (sign) => ENTITIES[sign]) : "";

const is_html = (text) => /<[a-z][\s\S]*>/i.test(cstr(text));

const replace_newlines = (text) => cstr(text).replace(/\n/g, "<br>");

function is_json(text) {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

// Calls fn once the calls have stopped for the wait; immediate: at the first call of a burst instead.
function debounce(fn, wait, immediate = false) {
	let timer = null;
	return function (...args) {
		const call_now = immediate && !timer;
		clearTimeout(timer);
		timer = setTimeout(() => {
			timer = null;
			if (!immediate) fn.apply(this, args);
		}, wait);
		if (call_now) fn.apply(this, args);
	};
}

// Calls fn at most once in the wait, and once more at its end when calls came in between.
function throttle(fn, wait) {
	let timer = null;
	let waiting = null;
	return function call(...args) {
		if (timer) {
			waiting = args;
			return;
		}
		fn.apply(this, args);
		timer = setTimeout(() => {
			timer = null;
			const last = waiting;
			waiting = null;
			if (last) call.apply(this, last);
		}, wait);
	};
}

function make_query_string(params) {
	const given = Object.entries(params).filter(
		([, value]) => value !== undefined && value !== null
	);
	const query = new URLSearchParams(
		given.map(([key, value]) => [
			key,
			typeof value === "object" ? JSON.stringify(value) : value,
		])
	).toString();
	return query ? `?${query}` : "";
}

// The place of a document in the desk; html: as a link, whose text is taken as HTML.
function get_form_link(doctype, name, html = false, display_text = null, query_params = null) {
	const query = query_params ? make_query_string(query_params) : "";
	const route = `/app/${encodeURIComponent(frappe.router.slug(doctype))}/${encodeURIComponent(
		name
	)}${query}`;
	return html ? `<a href="${route}">${display_text || name}</a>` : route;
}

function copy_to_clipboard(text) {
	const done = () =>
		frappe.show_alert({ indicator: "green", message: __("Copied to clipboard.") });
	if (navigator.clipboard && window.isSecureContext)
		return navigator.clipboard.writeText(text).then(done);
	const $text = $("<textarea>").appendTo("body").val(text);
	$text.trigger("select");
	document.execCommand("copy");
	$text.remove();
	done();
}

// HTML without what could run: scripts, event handlers and script addresses.
function xss_sanitise(html) {
	const { body } = new DOMParser().parseFromString(cstr(html), "text/html");
	body.querySelectorAll("script, style, iframe, object, embed, link, meta, base").forEach(
		(node) => node.remove()
	);
	body.querySelectorAll("*").forEach((node) => {
		[...node.attributes].forEach(({ name, value }) => {
			if (/^on/i.test(name) || /^\s*(javascript|data|vbscript):/i.test(value))
				node.removeAttribute(name);
		});
	});
	return body.innerHTML;
}

// An expression of a doctype ("depends_on") with the given names.
function evaluate(expression, context = {}) {
	const names = Object.keys(context);
	return new Function(...names, `return (${expression}\n);`)(
		...names.map((name) => context[name])
	);
}

function comma_join(list, last) {
	const words = list.map((word) => `'${word}'`);
	return words.length < 2
		? words.join()
		: `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

Object.assign(frappe.utils, {
	comma_and: (list) => comma_join(list, __("and")),
	comma_or: (list) => comma_join(list, __("or")),
	copy_to_clipboard,
	debounce,
	deep_equal: (a, b) => JSON.stringify(a) === JSON.stringify(b),
	escape_html,
	eval: evaluate,
	filter_dict: (rows, filters) =>
		rows.filter((row) => Object.entries(filters).every(([key, value]) => row[key] === value)),
	get_form_link,
	get_link_title: (doctype, name) => frappe._link_titles[`${doctype}::${name}`],
	icon,
	is_html,
	is_json,
	is_mac: () => navigator.platform.startsWith("Mac"),
	make_query_string,
	play_sound() {}, // the desk's sounds are off
	replace_newlines,
	scroll_to(element, animate = true) {
		const target = $(element).get(0);
		target?.scrollIntoView({ behavior: animate ? "smooth" : "auto", block: "center" });
	},
	set_title(title) {
		document.title = title;
	},
	sum: (list) => list.reduce((total, value) => total + value, 0),
	throttle,
	to_title_case: (text) =>
		text.replace(/\w\S*/g, (word) => word[0].toUpperCase() + word.slice(1).toLowerCase()),
	unique: (list) => [...new Set(list)],
	xss_sanitise,
	get_query_params(url = window.location.search) {
		return Object.fromEntries(
			new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?")) : "")
		);
	},
	get_query_string(url) {
		return url.includes("?") ? url.slice(url.indexOf("?") + 1) : "";
	},
});
frappe._link_titles = {};
frappe.scrub = (text) => frappe.model.scrub(text);
