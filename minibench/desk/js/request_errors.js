// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// What an answer with an error status shows, and which callback hears of it.

const say = (title, message) => frappe.msgprint({ title, message, indicator: "red" });

const BY_EXCEPTION = {
	QueryTimeoutError: () =>
		say(
			__("Request Timeout"),
			__("Server was too busy to process this request. Please try again.")
		),
	QueryDeadlockError: () =>
		say(
			__("Deadlock Occurred"),
			__(
				"Server failed to process this request because of a concurrent conflicting request. Please try again."
			)
		),
};

const BY_STATUS = {
	401: () => frappe.app.handle_session_expired(),
	403(answer) {
		if (answer._error_message) {
			say(__("Not permitted"), answer._error_message);
			answer._server_messages = null;
		} else if (!answer._server_messages) {
			say(
				__("Not permitted"),
				__("You do not have enough permissions to access this resource.")
			);
		}
	},
	404: () => say(__("Not found"), __("The resource you are looking for is not available")),
	417() {}, // a validation error: its own message has been shown
	500: show_server_error,
	502: () => frappe.msgprint(__("Internal Server Error")),
	504: () => frappe.msgprint(__("Request Timed Out")),
	508: () =>
		say(
			__("Please try again"),
			__("Another transaction is blocking this one. Please try again in a few seconds.")
		),
};

export function handle_failure(xhr, options) {
	const answer = xhr.responseJSON;
	const exception = (answer?.exception || "").split(":")[0].split(".").pop();
	if (exception in BY_EXCEPTION) {
		BY_EXCEPTION[exception]();
		return;
	}
	if (xhr.status in BY_STATUS) {
		BY_STATUS[xhr.status](answer || {});
		options.error?.(xhr.status === 417 ? answer : undefined);
	} else {
		options.error?.(xhr);
	}
}

// The last line of the traceback; the whole of it goes to the clipboard.
function show_server_error(answer) {
	const traceback = [].concat(answer.exc || []).join("\n");
	if (!traceback) return;
	const dialog = new frappe.ui.Dialog({ title: __("Server Error") });
	dialog.set_primary_action(__("Copy error to clipboard"), () => {
		frappe.utils.copy_to_clipboard(traceback);
		dialog.hide();
	});
	dialog.wrapper.classList.add("msgprint-dialog");
	dialog.$body.text(traceback.trim().split("\n").at(-1));
	dialog.show();
}
