// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// frappe.call: a request to the server, its messages and its errors.

import { handle_failure } from "./request_errors.js";

let open_requests = 0;
let waiting = [];

$(document).on("ajaxSend", () => open_requests++);
$(document).on("ajaxComplete", () => {
	open_requests--;
	if (open_requests) return;
	const resolves = waiting;
	waiting = [];
	resolves.forEach((resolve) => resolve());
});

const requests_done = () => new Promise((resolve) => waiting.push(resolve));

frappe.after_server_call = () => (open_requests ? requests_done() : null);
frappe.after_ajax = async (fn) => {
	if (open_requests) await requests_done();
	return fn?.();
};

// As in the desk: an options object, or (method, args, callback).
frappe.call = function (options, args, callback) {
	if (typeof options === "string") options = { method: options, args, callback };
	if (!frappe.is_online()) {
		frappe.show_alert({ indicator: "orange", message: __("Connection Lost") }, 3);
		options.always?.();
		return $.Deferred().reject();
	}
	return send(options, address_of(options), arguments_of(options));
};

// Resolves to what the method returned.
frappe.xcall = (method, args) =>
	new Promise((resolve, reject) => {
		frappe.call({
			method,
			args,
			callback: (r) => resolve(r.message),
			error: (r) => reject(r?.message),
		});
	});

frappe.is_online = () => navigator.onLine !== false;

function address_of(options) {
	if (options.url) return options.url;
	const method = options.doc ? "run_doc_method" : options.method;
	if (!method) throw new Error("frappe.call: neither method nor url is given");
	return `/api/method/${method}`;
}

function arguments_of(options) {
	const args = { ...options.args };
	if (options.doc) {
		const { doctype, name } = options.doc;
		Object.assign(args, {
			docs: frappe.get_doc(doctype, name),
			method: options.method,
			args: options.args,
		});
	}
	for (const [key, value] of Object.entries(args)) {
		if ($.isPlainObject(value) || Array.isArray(value)) args[key] = JSON.stringify(value);
	}
	return args;
}

function send(options, url, data) {
	if (options.btn) $(options.btn).prop("disabled", true);
	if (options.freeze) frappe.dom.freeze(options.freeze_message);
	$("body").attr("data-ajax-state", "triggered");
	return $.ajax({
		url,
		data,
		type: options.type || "POST",
		dataType: "json",
		async: options.async,
		cache: false,
		headers: {
			"X-Frappe-CSRF-Token": frappe.csrf_token,
			Accept: "application/json",
			...options.headers,
		},
	})
		.done((answer) => succeed(options, answer))
		.always((answer, status, xhr) => {
			const failed = Boolean(answer?.getResponseHeader);
			finish(options, failed ? answer.responseJSON : answer, failed ? answer : xhr);
		})
		.fail((xhr) => handle_failure(xhr, options));
}

function succeed(options, answer) {
	try {
		if (answer.docs || answer.docinfo) frappe.model.sync(answer);
		if (answer.__messages) Object.assign(frappe._messages, answer.__messages);
		if (answer._link_titles) Object.assign(frappe._link_titles, answer._link_titles);
		options.callback?.(answer);
	} catch (error) {
		// The request has been answered; what the callback throws is its caller's defect.
		window.setTimeout(() => {
			throw error;
		});
	}
}

function finish(options, answer) {
	if (options.btn) $(options.btn).prop("disabled", false);
	if (options.freeze) frappe.dom.unfreeze();
	$("body").attr("data-ajax-state", "complete");
	if (answer) show_messages(options, answer);
	frappe.last_response = answer;
	options.always?.(answer);
}

// The messages of the answer, shown once; handlers for its kind of error come in their place.
function show_messages(options, answer) {
	if (answer.session_expired) return frappe.app.handle_session_expired();
	const handlers = [
		...(frappe.request.error_handlers[answer.exc_type] || []),
		options.error_handlers?.[answer.exc_type],
	].filter(Boolean);
	handlers.forEach((handler) => handler(answer));
	if (answer._server_messages && !options.silent && !handlers.length) {
		frappe.hide_msgprint();
		frappe.msgprint(JSON.parse(answer._server_messages));
	}
	log_traceback(answer);
}

function log_traceback(answer) {
	if (!answer.exc) return;
	answer.exc = JSON.parse(answer.exc);
	[]
		.concat(answer.exc)
		.filter(Boolean)
		.forEach((traceback) => console.error(traceback)); // eslint-disable-line no-console
}

Object.assign(frappe.request, {
	url: "/",
	error_handlers: {},
	on_error(exc_type, handler) {
		(frappe.request.error_handlers[exc_type] ||= []).push(handler);
	},
});
frappe.last_response = null;
