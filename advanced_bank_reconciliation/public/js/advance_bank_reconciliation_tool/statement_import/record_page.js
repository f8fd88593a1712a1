// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { monitor_job, show_job_progress } from "../../job_form/job_monitor.js";
import { IMPORT_PROGRESS, IMPORT_RECORD, api } from "../api.js";
import { DRAFT, is_active, outcome_counts } from "../core/statement_steps.js";
import { escape } from "../markup.js";
import { ACTIONS, act, ask_to_discard } from "./actions.js";
import { LABELS, color_of } from "./line_cells.js";
import { LinesTable } from "./lines_table.js";
import { figures_html, proof_html, sentences_html } from "./proof.js";
import { EVENTS, StatementImport } from "./statement_import.js";
import { tool_address } from "./tool_address.js";

const HEADLINE_COLORS = {
	Completed: "green",
	"Partially Completed": "orange",
	"Partially Reverted": "orange",
	Failed: "red",
};

// The form of one import's record: the same figures, lines and buttons as in the dialog.
export class StatementImportPage {
	constructor({ frm }) {
		this.frm = frm;
		this.imports = new StatementImport({ on_close: () => frm.reload_doc() });
	}

	async refresh() {
		const { name } = this.frm.doc;
		const state = await api.statement_import(name);
		if (this.frm.doc.name !== name) return; // another record is open by now
		this.show(state);
		if (!this.imports.dialog?.is_open) this.follow();
	}

	leave() {
		this.frm.job_monitor?.stop();
	}

	// Redraws what depends on the state without loading the document again.
	show(state) {
		this.state = state;
		this.show_headline(state);
		this.show_indicators(state.counts);
		this.show_statement(state);
		this.show_lines(state);
		this.add_buttons(state);
	}

	show_headline({ status, message, error_message }) {
		const text = [message, error_message].filter(Boolean).map(escape).join(" ");
		this.frm.dashboard.clear_headline();
		if (text && !is_active(status))
			this.frm.dashboard.set_headline(
				`<div>${text}</div>`,
				HEADLINE_COLORS[status] || "blue"
			);
	}

	show_indicators(counts) {
		const labels = LABELS();
		for (const { outcome, count } of outcome_counts(counts)) {
			const label = outcome ? labels[outcome] : __("Lines");
			this.frm.dashboard.add_indicator(`${label}: ${count}`, color_of(outcome));
		}
	}

	show_statement(state) {
		const $body = this.frm.dashboard.add_section("", __("Balance Proof"));
		$body.addClass("abr-root").html(`<div class="abr-figures">${figures_html(state)}</div>
			${proof_html(state)}
			${sentences_html(state.warnings, "abr-warning")}
			${sentences_html(state.notes, "abr-note")}`);
		this.frm.dashboard.show();
	}

	show_lines(state) {
		const { $wrapper } = this.frm.get_field("lines_html");
		if (!this.lines || !$wrapper.find(".abr-lines").length) {
			this.lines = new LinesTable({
				wrapper: $('<div class="abr-root"></div>').appendTo($wrapper.empty()),
				on_state: () => this.frm.reload_doc(),
			});
		}
		this.lines.render(state);
	}

	add_buttons(state) {
		const { frm } = this;
		if (state.status === DRAFT && (state.can.start || state.can.change_mapping)) {
			frm.add_custom_button(__("Continue"), () => this.resume()).addClass("btn-primary");
		}
		for (const [action, { label, allowed }] of Object.entries(ACTIONS)) {
			if (allowed(state.can, state.status))
				frm.add_custom_button(label(), () => this.act(action));
		}
		if (state.can.discard) frm.add_custom_button(__("Discard"), () => this.discard());
		if (state.counts.bad || state.counts.failed) {
			frm.add_custom_button(__("Download Problem Lines"), () =>
				window.open(api.problem_lines_url(state.name))
			);
		}
		if (state.counts.imported) {
			frm.add_custom_button(__("Show in the Tool"), () =>
				window.location.assign(tool_address(state))
			);
		}
	}

	// One at a time loads the document anew: who acts keeps the monitor from doing so meanwhile.
	resume() {
		this.leave();
		return this.imports.resume(this.state.name);
	}

	async act(action) {
		this.leave();
		const state = await act(action, this.state).catch(() => null); // the server has said why
		if (state) await this.frm.reload_doc();
		else this.follow();
	}

	async discard() {
		if (!(await ask_to_discard(this.state))) return;
		await api.discard_import(this.state.name);
		frappe.set_route("List", IMPORT_RECORD);
	}

	follow() {
		monitor_job(this.frm, {
			events: EVENTS,
			key: "name",
			endpoint: IMPORT_PROGRESS,
			draw: (progress) => this.draw(progress),
		});
	}

	draw(progress) {
		if (is_active(progress.status)) show_job_progress(this.frm, progress);
	}
}
