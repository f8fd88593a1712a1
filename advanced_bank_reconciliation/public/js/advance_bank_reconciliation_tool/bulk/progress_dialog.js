// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import { escape, form_link, update_html } from "../markup.js";
import { ask_to_confirm, confirm_undo } from "./confirm.js";

const MOST_FAILURES = 50;

// Shows one background job while it runs and what came of it. Hiding it changes nothing about the job or its
// news. A kind of job extends it by its actions.
export class ProgressDialog {
	// doctype, job_id: the record. title. colors: {class of the bar: statuses}
	constructor({ doctype, job_id, title, colors }) {
		Object.assign(this, { doctype, job_id, title, colors });
		this.dialog = new frappe.ui.Dialog({
			title: this.title,
			fields: [{ fieldtype: "HTML", fieldname: "body" }],
			primary_action_label: __("Run in Background"),
			primary_action: () => this.dialog.hide(),
		});
		this.dialog.$wrapper.addClass("abr-progress-dialog");
		this.$body = $(this.dialog.get_field("body").$wrapper).html(`
			${BAR}
			<p class="abr-message"></p>
			<ul class="abr-failures small"></ul>
			<p class="abr-job-links small"></p>
			<div class="abr-actions"></div>`);
		this.$body.on("click", ".abr-actions [data-action]", (event) =>
			this.act(event.currentTarget.dataset.action)
		);
	}

	show() {
		this.dialog.show();
	}

	hide() {
		this.dialog.hide();
	}

	render(progress) {
		this.progress = progress;
		const ended = !progress.active;
		render_bar(this.$body, progress);
		const $bar = this.$body.find(".progress-bar");
		for (const [color, statuses] of Object.entries(this.colors))
			$bar.toggleClass(color, statuses.includes(progress.status));
		this.$body.find(".abr-message").text(progress.message || "");
		const update = (selector, html) => update_html(this.$body.find(selector), html);
		update(".abr-failures", this.failures_html(progress.failures || []));
		this.show_actions(progress);
		update(".abr-job-links", form_link(this.doctype, this.job_id));
		const label = ended ? __("Close") : __("Run in Background");
		this.dialog.set_primary_action(label, () => this.dialog.hide());
		this.dialog.set_title(ended ? __(progress.status) : this.title);
	}

	failures_html(failures) {
		const shown = failures.slice(0, MOST_FAILURES);
		const items = shown.map((failure) => `<li>${escape(failure.message)}</li>`);
		const hidden = failures.length - shown.length;
		if (hidden > 0) items.push(`<li>${__("{0} more are on the job record.", [hidden])}</li>`);
		return items.join("");
	}

	// The buttons stay where they are: one that is replaced while it is pressed never hears of the click.
	show_actions(progress) {
		const $actions = this.$body.find(".abr-actions");
		for (const [action, label] of Object.entries(this.actions(progress))) {
			const $known = $actions.find(`[data-action=${action}]`);
			const $button = $known.length
				? $known
				: $(`<button class="btn btn-xs btn-default" data-action="${action}"></button>`);
			if (!$known.length) $actions.append($button, " ");
			$button.text(label || "").toggle(Boolean(progress.can[action] && label));
		}
	}
}

// A bar with its percentage, also for other dialogs.
export const BAR = `<div class="progress"><div class="progress-bar progress-bar-striped progress-bar-animated"
		role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"></div></div>
	<div class="abr-progress-line"><b class="abr-percentage">0%</b>
		<span class="abr-current text-muted"></span></div>`;

export function render_bar($body, progress) {
	const $bar = $body.find(".progress-bar");
	$bar.css("width", `${progress.percentage}%`).attr("aria-valuenow", progress.percentage);
	$bar.toggleClass("progress-bar-animated progress-bar-striped", progress.active);
	$body.find(".abr-percentage").text(`${Math.round(progress.percentage)}%`);
	$body.find(".abr-current").text(__("{0} of {1}", [progress.current, progress.total]));
}

export class BulkProgressDialog extends ProgressDialog {
	// on_restart(job_id): an ended job is at work again
	constructor({ job_id, on_restart }) {
		super({
			doctype: "Bulk Bank Reconciliation",
			job_id,
			title: __("Bulk Reconciliation {0}", [job_id]),
			colors: {
				"bg-success": ["Completed"],
				"bg-warning": ["Partially Completed", "Paused", "Undoing", "Undone"],
				"bg-danger": ["Failed", "Rolled Back", "Rolling Back"],
			},
		});
		this.on_restart = on_restart;
	}

	actions({ status }) {
		return {
			pause: __("Pause"),
			resume: status === "Paused" ? __("Resume") : null,
			retry: __("Retry Failed"),
			cancel: __("Cancel and Roll Back"),
			undo: __("Undo"),
		};
	}

	async act(action) {
		if (action === "cancel" && !(await this.confirm_cancel())) return;
		if (action === "undo" && !(await confirm_undo(this.progress))) return;
		const progress = await api[action](this.job_id);
		this.render(progress);
		if (["retry", "undo"].includes(action)) this.on_restart(this.job_id);
	}

	confirm_cancel() {
		return ask_to_confirm(
			__(
				"Every Payment Entry that this job has made will be cancelled, and its invoices are unpaid as before. Continue?"
			)
		);
	}
}
