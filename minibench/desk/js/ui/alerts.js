// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// What passes by: toasts in the corner, and the dialog with a progress bar.

const ICONS = {
	orange: "solid-warning",
	yellow: "solid-warning",
	blue: "solid-info",
	green: "solid-success",
	red: "solid-error",
};
const FADE = 800; // milliseconds

// message: HTML or {message, subtitle, body, indicator}. actions: {name: handler} for [data-action=name].
frappe.show_alert = frappe.toast = function (message, seconds = 7, actions = {}) {
	const data = typeof message === "string" ? { message } : message;
	const indicator = data.indicator || "blue";
	const $alert = $(`<div class="alert desk-alert ${indicator}" role="alert">
		<div class="alert-message-container">
			<div class="alert-title-container">
				<div>${frappe.utils.icon(ICONS[indicator.toLowerCase()] || "solid-info", "lg")}</div>
				<div class="alert-message">${data.message}</div>
			</div>
			<div class="alert-subtitle">${data.subtitle || ""}</div>
		</div>
		<div class="alert-body" style="display: none"></div>
		<a class="close" role="button" aria-label="${__("Close")}">${frappe.utils.icon("close-alt")}</a>
	</div>`).appendTo(alert_container());
	if (data.body) $alert.find(".alert-body").show().html(data.body);

	const close = () => {
		$alert.addClass("out");
		setTimeout(() => $alert.remove(), FADE);
	};
	$alert.find(".close, button").on("click", () => {
		close();
		return false;
	});
	for (const [name, handler] of Object.entries(actions)) {
		$alert.find(`[data-action=${name}]`).on("click", handler);
	}
	setTimeout(close, seconds * 1000 - (seconds > 2 ? FADE : 0));
	return $alert;
};

function alert_container() {
	if (!$("#alert-container").length) {
		$('<div id="dialog-container"><div id="alert-container"></div></div>').appendTo("body");
	}
	return $("#alert-container");
}

frappe.cur_progress = null;

frappe.show_progress = function (
	title,
	count,
	total = 100,
	description = "",
	hide_on_completion = false
) {
	const current = frappe.cur_progress;
	const dialog =
		current?.is_visible && current.title === title ? current : make_progress_dialog(title);
	if (description) dialog.progress.find(".description").text(description);
	dialog.percent = cint((flt(count) * 100) / total);
	dialog.progress_bar.css({ width: `${dialog.percent}%` });
	if (hide_on_completion && dialog.percent === 100) setTimeout(frappe.hide_progress, 500);
	return dialog;
};

function make_progress_dialog(title) {
	const dialog = new frappe.ui.Dialog({ title });
	dialog.progress = $(`<div style="margin-top: 10px;">
		<div class="progress"><div class="progress-bar"></div></div>
		<p class="description text-muted small"></p>
	</div>`).appendTo(dialog.body);
	dialog.progress_bar = dialog.progress.find(".progress-bar");
	dialog.$wrapper.removeClass("fade").css("z-index", 2000);
	frappe.cur_progress = dialog;
	return dialog.show();
}

frappe.hide_progress = function () {
	frappe.cur_progress?.hide();
	frappe.cur_progress = null;
};
