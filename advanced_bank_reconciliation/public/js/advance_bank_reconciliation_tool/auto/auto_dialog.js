// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import { BAR, render_bar } from "../bulk/progress_dialog.js";
import { policy_fields, policy_of } from "./policy.js";
import { ResultTables } from "./result_tables.js";

// The policy, what it would match, and the button that does it.
export class AutoDialog {
	// period, reference: what the form is set to. open_lines: rows of the open Bank Transactions.
	// on_preview(answer): a preview runs in the background. on_run(answer): the server has done it, or
	// a worker is at it.
	constructor({ period, reference, settings, open_lines, on_preview, on_run }) {
		Object.assign(this, { period, reference, settings, on_preview, on_run });
		this.lines = new Map(open_lines.map((row) => [row.name, row]));
		this.make();
	}

	make() {
		this.dialog = new frappe.ui.Dialog({
			title: __("Auto Reconcile"),
			size: "extra-large",
			fields: [
				...policy_fields(this.settings),
				{ fieldtype: "Section Break" },
				{ fieldtype: "HTML", fieldname: "body" },
			],
			primary_action_label: __("Preview"),
			primary_action: () => this.submit(),
		});
		this.dialog.$wrapper.addClass("abr-dialog abr-auto-dialog");
		this.$body = $(this.dialog.get_field("body").$wrapper).html(`
			<p class="abr-auto-message"></p>
			<div class="abr-auto-progress">${BAR}</div>
			<div class="abr-auto-tables"></div>`);
		this.$body.find(".abr-auto-progress").hide();
		this.say(this.first_message());
		if (!this.lines.size) this.dialog.get_primary_btn().hide();
		this.dialog.$wrapper.on("input change", "input", () => this.policy_changed());
	}

	first_message() {
		if (!this.lines.size)
			return __("Nothing is open in this period. Change the dates, or upload a statement.");
		return __(
			"{0} Bank Transactions are open. Preview shows what would be matched; nothing is changed by it.",
			[this.lines.size]
		);
	}

	show() {
		this.dialog.show();
	}

	get is_open() {
		return Boolean(this.dialog.display);
	}

	say(message) {
		this.$body.find(".abr-auto-message").text(message || "");
	}

	// What is shown belongs to the policy that was previewed: another one is to be previewed first.
	policy_changed() {
		if (!this.previewed || this.busy) return;
		const asked = JSON.stringify(policy_of(this.values()));
		if (asked !== this.previewed) this.label(__("Preview"));
		else this.label_for_matches();
	}

	values() {
		return this.dialog.get_values(true) || {};
	}

	label(text) {
		this.dialog.get_primary_btn().text(text);
	}

	label_for_matches() {
		this.label(this.matches ? __("Reconcile {0}", [this.matches]) : __("Preview"));
	}

	// An error of the server has been shown by the time it gets here; the dialog stays as it was.
	async submit() {
		if (this.busy) return;
		const policy = policy_of(this.values());
		if (!policy.document_types.length) {
			frappe.show_alert({
				message: __("Tick at least one kind of voucher."),
				indicator: "orange",
			});
			return;
		}
		const as_previewed = JSON.stringify(policy) === this.previewed;
		this.set_busy(true);
		try {
			if (as_previewed && this.matches) await this.run(policy);
			else await this.preview(policy);
		} finally {
			if (!this.preview_job) this.set_busy(false);
		}
	}

	set_busy(busy) {
		this.busy = busy;
		if (busy) this.dialog.disable_primary_action();
		else this.dialog.enable_primary_action();
	}

	ask(policy, dry_run) {
		return api.auto_reconcile({ ...this.period, ...this.reference, ...policy, dry_run });
	}

	async preview(policy) {
		const answer = await this.ask(policy, 1);
		this.asked = JSON.stringify(policy);
		if (answer.status === "queued") {
			this.preview_job = answer.job_id;
			this.say(answer.message);
			this.$body.find(".abr-auto-progress").show();
			this.on_preview(answer);
		} else {
			this.show_result(answer);
		}
	}

	show_progress(progress) {
		render_bar(this.$body.find(".abr-auto-progress"), progress);
		this.say(progress.message);
	}

	// The preview in the background has ended, or was cancelled.
	async end_preview(job_id) {
		this.preview_job = null;
		try {
			this.show_result(await api.auto_result(job_id));
		} finally {
			this.$body.find(".abr-auto-progress").hide();
			this.set_busy(false);
		}
	}

	show_result({ lines, message, would_match }) {
		this.previewed = this.asked;
		this.matches = would_match;
		this.say(message);
		this.tables ??= new ResultTables({
			wrapper: this.$body.find(".abr-auto-tables"),
			transaction: (name) => this.lines.get(name),
		});
		this.tables.show(lines);
		this.label_for_matches();
	}

	async run(policy) {
		const answer = await this.ask(policy, 0);
		this.dialog.hide();
		this.on_run(answer);
	}
}
