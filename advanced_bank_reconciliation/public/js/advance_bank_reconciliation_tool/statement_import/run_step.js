// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { BAR, render_bar } from "../bulk/progress_dialog.js";
import { form_changes, is_active } from "../core/statement_steps.js";
import { date, escape, money, update_html } from "../markup.js";
import { ACTIONS } from "./actions.js";
import { LinesTable } from "./lines_table.js";

const COLORS = {
	"bg-success": ["Completed", "Reverted"],
	"bg-warning": ["Partially Completed", "Partially Reverted", "Reverting", "Cancelled"],
	"bg-danger": ["Failed"],
};

// The last step: how far the import is, what came of each line, and the way back.
export class RunStep {
	// form(): {doc, closing_balance_known} of the tool, null outside of it. on_action(name): a button of
	// actions.js. on_state(state): a line was corrected.
	constructor({ wrapper, form, on_action, on_state }) {
		this.form = form;
		this.$wrapper = $(wrapper).html(`
			<div class="abr-run-bar">${BAR}</div>
			<p class="abr-message" role="status"></p>
			<p class="abr-run-error text-danger"></p>
			<div class="abr-actions"></div>
			<div class="abr-take-over"></div>
			<div class="abr-line-list"></div>`);
		this.lines = new LinesTable({ wrapper: this.$wrapper.find(".abr-line-list"), on_state });
		this.$wrapper.on("click", ".abr-actions [data-action]", ({ currentTarget }) =>
			on_action(currentTarget.dataset.action)
		);
	}

	// progress: the light answer while it runs; it has no lines.
	render_progress(progress) {
		const find = (selector) => this.$wrapper.find(selector);
		const active = is_active(progress.status);
		find(".abr-run-bar").toggle(active);
		render_bar(this.$wrapper, {
			...progress,
			active,
			percentage: flt(progress.percentage),
			current: cint(progress.current),
			total: cint(progress.total),
		});
		for (const [color, statuses] of Object.entries(COLORS))
			find(".progress-bar").toggleClass(color, statuses.includes(progress.status));
		find(".abr-message").text(progress.message || "");
		this.show_actions(progress);
		if (active) find(".abr-line-list, .abr-take-over").hide();
	}

	async render(state) {
		this.state = state;
		this.render_progress(state);
		this.$wrapper.find(".abr-run-error").text(state.error_message || "");
		if (is_active(state.status)) return;
		this.$wrapper.find(".abr-line-list, .abr-take-over").show();
		this.render_take_over();
		await this.lines.render(state);
	}

	// The buttons stay where they are: one that is replaced while it is pressed never hears of the click.
	show_actions({ can, status }) {
		const $actions = this.$wrapper.find(".abr-actions");
		for (const [action, { label, allowed, on_record }] of Object.entries(ACTIONS)) {
			if (on_record) continue;
			if (!$actions.find(`[data-action=${action}]`).length) {
				const css = "btn btn-xs btn-default";
				$actions.append(
					`<button class="${css}" data-action="${action}">${label()}</button> `
				);
			}
			$actions.find(`[data-action=${action}]`).toggle(Boolean(allowed(can, status)));
		}
	}

	// The form of the tool may show another period or closing balance than the statement has.
	get changes() {
		const form = this.form();
		return form && this.state.counts.imported ? form_changes(form.doc, this.state, form) : {};
	}

	render_take_over() {
		const { changes, state } = this;
		const texts = [];
		if (changes.bank_statement_from_date || changes.bank_statement_to_date)
			texts.push(__("the period {0} – {1}", [date(state.from_date), date(state.to_date)]));
		if ("bank_statement_closing_balance" in changes)
			texts.push(
				__("the closing balance {0}", [
					escape(money(changes.bank_statement_closing_balance, state.currency)),
				])
			);
		const html = texts.length
			? `<label><input type="checkbox" checked /> ${__("Take over into the form: {0}", [
					texts.join(", "),
			  ])}</label>`
			: "";
		update_html(this.$wrapper.find(".abr-take-over"), html);
	}

	// What the user has agreed to.
	get agreed_changes() {
		return this.$wrapper.find(".abr-take-over input").prop("checked") ? this.changes : {};
	}
}
