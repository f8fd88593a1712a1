// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Addresses: /app/<doctype>, /app/<doctype>/<name>, and the route that they stand for:
// ["List", doctype, "List"] or ["Form", doctype, name]. The query becomes frappe.route_options.

Object.assign(frappe, {
	route_options: null,
	route_flags: {},
	route_history: [],
	open_in_new_tab: false,
});

const routes = {};

const slug = (name) => name.toLowerCase().replace(/ /g, "-");

function decode(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function setup() {
	frappe.boot.user.can_read.forEach((doctype) => (routes[slug(doctype)] = doctype));
	window.addEventListener("popstate", () => route());
	$("body").on("click", "a", follow_link);
}

// Links within the desk change the page, not the document.
function follow_link(event) {
	const link = event.currentTarget;
	const elsewhere =
		link.hostname !== window.location.hostname || !link.pathname.startsWith("/app");
	const wants_tab = event.ctrlKey || event.metaKey || event.shiftKey || link.target === "_blank";
	if (event.isDefaultPrevented() || wants_tab || elsewhere) return undefined;
	if (link.getAttribute("href") === "#" || link.getAttribute("onclick")) return undefined;
	event.preventDefault();
	frappe.route_options = frappe.utils.get_query_params(link.search);
	frappe.set_route(link.pathname);
	return false;
}

// Show what the address says.
async function route() {
	const sub_path = window.location.pathname.replace(/^\/app\/?/, "");
	frappe.route_options = { ...(frappe.route_options || {}), ...frappe.utils.get_query_params() };
	frappe.router.current_route = await standard_route(sub_path.split("/").map(decode));
	frappe.route_history.push(frappe.router.current_route);
	await render(frappe.router.current_route);
	$(document).trigger("page-change");
	handlers.forEach((handler) => handler());
}

async function standard_route([first, ...rest]) {
	if (!first) return ["home"];
	const doctype = routes[first];
	if (!doctype) return [first, ...rest];
	await frappe.model.with_doctype(doctype);
	if (rest[0] === "view") return ["List", doctype, "List"];
	if (rest[0]) return ["Form", doctype, rest.join("/")];
	return frappe.model.is_single(doctype)
		? ["Form", doctype, doctype]
		: ["List", doctype, "List"];
}

async function render([view, doctype, name]) {
	if (view === "Form") return frappe.views.formview.show(doctype, name);
	if (view === "List") return frappe.views.listview.show(doctype);
	if (view === "home") return frappe.views.home.show();
	return frappe.show_not_found(view);
}

// Arguments: ("Form", doctype, name), a list of these, or "/app/..."; a plain object at the end: route_options.
function set_route(...args) {
	const parts = args.flat();
	if ($.isPlainObject(parts.at(-1))) frappe.route_options = parts.pop();
	const url = make_url(parts);
	if (frappe.open_in_new_tab) {
		frappe.open_in_new_tab = false;
		const query = frappe.utils.make_query_string(frappe.route_options || {});
		frappe.route_options = null;
		window.open(url + query, "_blank");
		return Promise.resolve();
	}
	return push_state(url);
}

function make_url(parts) {
	const [first, doctype, ...rest] = parts.map(String);
	if (parts.length === 1) {
		if (first.startsWith("/app")) return first;
		return `/app/${first.split("/").map(encodeURIComponent).join("/")}`;
	}
	const view = first?.toLowerCase();
	if (view === "form") {
		const name = frappe.model.is_single(doctype) ? [] : rest;
		return ["/app", slug(doctype), ...name.map(encodeURIComponent)].join("/");
	}
	if (view === "list") return `/app/${slug(doctype)}`;
	return ["/app", ...parts.map((part) => encodeURIComponent(part))].join("/");
}

async function push_state(url) {
	const { replace_route } = frappe.route_flags;
	frappe.route_flags.replace_route = false;
	if (window.location.pathname !== url) {
		window.history[replace_route ? "replaceState" : "pushState"](null, "", url);
	}
	await route();
	await frappe.after_ajax();
}

const handlers = [];

Object.assign(frappe.router, {
	current_route: [],
	routes,
	slug,
	setup,
	route,
	set_route,
	make_url,
	push_state,
	on(event, handler) {
		if (event !== "change")
			throw new Error(`frappe.router has no event ${event} in minibench`);
		handlers.push(handler);
	},
	off(_event, handler) {
		if (handlers.includes(handler)) handlers.splice(handlers.indexOf(handler), 1);
	},
});

frappe.get_route = () => frappe.router.current_route;
frappe.get_route_str = () => frappe.router.current_route.join("/");
frappe.get_prev_route = () => frappe.route_history.at(-2) || [];
frappe.has_route_options = () => Object.keys(frappe.route_options || {}).length > 0;
frappe.set_route = set_route;
