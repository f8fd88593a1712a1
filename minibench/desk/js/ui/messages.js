// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Messages, questions and errors in a dialog. What they are given is HTML, as in the desk.

frappe.msg_dialog = null;

frappe.throw = function (message) {
	const data = typeof message === "string" ? { message, title: __("Error") } : message;
	frappe.msgprint({ indicator: "red", ...data });
	throw new Error(data.message);
};

frappe.confirm = function (message, on_yes, on_no) {
	const dialog = new frappe.ui.Dialog({
		title: __("Confirm"),
		primary_action_label: __("Yes"),
		primary_action() {
			on_yes?.();
			dialog.hide();
		},
		secondary_action_label: __("No"),
		secondary_action: () => dialog.hide(),
	});
	$('<p class="frappe-confirm-message"></p>').html(message).appendTo(dialog.$body);
	dialog.confirm_dialog = true;
	if (on_no) dialog.onhide = () => dialog.primary_action_fulfilled || on_no();
	return dialog.show();
};

frappe.warn = function (title, message_html, on_proceed, primary_label, is_minimizable) {
	const dialog = new frappe.ui.Dialog({
		title,
		indicator: "red",
		primary_action_label: primary_label,
		primary_action() {
			on_proceed?.();
			dialog.hide();
		},
		secondary_action_label: __("Cancel"),
		secondary_action: () => dialog.hide(),
		minimizable: is_minimizable,
	});
	$('<div class="frappe-confirm-message"></div>').html(message_html).appendTo(dialog.$body);
	dialog.get_primary_btn().removeClass("btn-primary").addClass("btn-danger");
	return dialog.show();
};

// fields: a label, a field or a list of fields. callback gets the values.
frappe.prompt = function (fields, callback, title, primary_label) {
	if (typeof fields === "string")
		fields = { label: fields, fieldname: "value", fieldtype: "Data", reqd: 1 };
	const dialog = new frappe.ui.Dialog({
		fields: [].concat(fields),
		title: title || __("Enter Value"),
	});
	dialog.set_primary_action(primary_label || __("Submit"), (values) => {
		dialog.hide();
		callback(values);
	});
	return dialog.show();
};

// message: HTML, {message, title, indicator, ...} or a list of such, each perhaps as JSON.
frappe.msgprint = function (message, title, is_minimizable) {
	if (!message) return null;
	const data = read_message(message, title);
	if (Array.isArray(data.message)) {
		if (data.as_list)
			data.message = `<ul>${data.message.map((line) => `<li>${line}</li>`).join("")}</ul>`;
		else if (data.as_table) data.message = as_table(data.message);
		else return print_all(data.message);
	}
	if (data.alert || data.toast) return frappe.show_alert(data);
	frappe.msg_dialog ||= make_msg_dialog(data.is_minimizable || is_minimizable);
	show_message(frappe.msg_dialog, data);
	return frappe.msg_dialog;
};

function read_message(message, title) {
	if ($.isPlainObject(message)) return { ...message };
	if (typeof message === "string" && message.startsWith("{")) return JSON.parse(message);
	return { message, title };
}

// Of several messages only the errors are shown, when there are any.
function print_all(messages) {
	const all = messages.map((message) =>
		typeof message === "string" ? JSON.parse(message) : message
	);
	const errors = all.filter((message) => message.raise_exception);
	(errors.length ? errors : all).forEach((message) => frappe.msgprint(message));
	return frappe.msg_dialog;
}

function as_table(rows) {
	const lines = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`);
	return `<table class="table table-bordered">${lines.join("")}</table>`;
}

function make_msg_dialog(minimizable) {
	const dialog = new frappe.ui.Dialog({ title: __("Message"), minimizable });
	dialog.msg_area = $('<div class="msgprint"></div>').appendTo(dialog.body);
	dialog.indicator = dialog.header.find(".indicator");
	dialog.clear = () => dialog.msg_area.empty();
	dialog.onhide = () => {
		dialog.custom_onhide?.();
		dialog.msg_area.empty();
	};
	dialog.$wrapper.css("z-index", 2000);
	return dialog;
}

function show_message(dialog, data) {
	if (data.clear) dialog.clear();
	const has_other = Boolean(dialog.msg_area.html());
	if (has_other) dialog.msg_area.append("<hr>");
	if (data.title || !has_other) dialog.set_title(data.title || __("Message"));
	dialog.indicator.attr("class", `indicator ${data.indicator || "blue"}`);
	dialog.wrapper.classList.toggle("msgprint-dialog", !data.wide);
	set_message_actions(dialog, data);
	const text = cstr(data.message);
	dialog.msg_area.append(
		/<br>|<p>|<li>/.test(text) ? text : frappe.utils.replace_newlines(text)
	);
	dialog.show();
}

function set_message_actions(dialog, { primary_action, secondary_action }) {
	if (primary_action) {
		dialog.set_primary_action(
			__(primary_action.label) || __("Done"),
			action_of(primary_action)
		);
	} else if (dialog.has_primary_action) {
		dialog.get_primary_btn().addClass("hide");
		dialog.has_primary_action = false;
	}
	if (secondary_action) {
		dialog.set_secondary_action(secondary_action.action);
		dialog.set_secondary_action_label(__(secondary_action.label) || __("Close"));
	}
}

function action_of({ action, server_action, client_action, args, hide_on_success }) {
	if (server_action) {
		const done = () => hide_on_success && frappe.hide_msgprint();
		return () => frappe.call({ method: server_action, args: { args }, callback: done });
	}
	if (!client_action) return action;
	return () => client_action.split(".").reduce((parent, name) => parent[name], window)(args);
}

frappe.hide_msgprint = function (instant = false) {
	const dialog = frappe.msg_dialog;
	if (!dialog) return;
	dialog.clear();
	if (!dialog.is_visible) return;
	if (instant) dialog.$wrapper.removeClass("fade");
	dialog.hide();
};

frappe.update_msgprint = function (html) {
	if (frappe.msg_dialog?.is_visible) frappe.msg_dialog.msg_area.html(html);
	else frappe.msgprint(html);
};

window.msgprint = frappe.msgprint;
