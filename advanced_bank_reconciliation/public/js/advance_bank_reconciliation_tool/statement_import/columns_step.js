// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import {
	asks_for_columns,
	missing_roles,
	with_role,
	without_asked_roles,
} from "../core/statement_columns.js";
import { escape, update_html } from "../markup.js";
import { FileTable } from "./file_table.js";
import { MappingOptions } from "./mapping_options.js";
import { ParsedLines } from "./parsed_lines.js";
import { Questions } from "./questions.js";

const MISSING = () => ({
	date: __("Say which column has the date."),
	amount: __("Say which column has the amount."),
	marker: __("Say which column says debit or credit."),
	debit_or_credit: __("Say which columns have the deposits and the withdrawals."),
});

const SOURCES = () => ({
	Detected: __("This is how the file was understood. Change what is not right."),
	Saved: __("The columns are read as saved for {0}."),
	Changed: __("The columns are read as you have changed them."),
	"Saved but stale": __("This is how the file was understood. Change what is not right."),
});

// The second step: what the columns are, and the lines that come of it. Each change is tried at once.
export class ColumnsStep {
	// on_state(state): the server has read the file anew. on_busy(busy): while it does.
	constructor({ wrapper, on_state, on_busy }) {
		Object.assign(this, { $wrapper: $(wrapper), on_state, on_busy });
		this.$wrapper.html(`
			<div class="abr-stale" role="alert"></div>
			<div class="abr-question-list"></div>
			<div class="abr-mapping">
				<div class="abr-list-head"><span class="abr-source"></span>
					<button class="btn btn-xs btn-default" data-action="remember"></button></div>
				<div class="abr-mapping-options"></div>
				<div class="abr-subhead">${__("The file")}</div><div class="abr-first-rows"></div>
				<div class="abr-missing" role="status"></div>
			</div>
			<div class="abr-outcome">
				<div class="abr-subhead">${__(
					"As it will be imported"
				)}</div><div class="abr-first-lines"></div></div>`);
		this.make_parts();
		this.$wrapper.on("click", "[data-action=remember]", () => this.remember());
	}

	make_parts() {
		const find = (selector) => this.$wrapper.find(selector);
		const on_change = (mapping) => this.change(mapping);
		this.questions = new Questions({
			wrapper: find(".abr-question-list"),
			on_answer: (answers) => this.ask({ answers }),
		});
		this.options = new MappingOptions({ wrapper: find(".abr-mapping-options"), on_change });
		this.file_table = new FileTable({
			wrapper: find(".abr-first-rows"),
			on_role: (index, role) => on_change(with_role(this.mapping, index, role)),
		});
		this.lines = new ParsedLines({ wrapper: find(".abr-first-lines") });
	}

	render(state) {
		this.state = state;
		this.mapping = state.mapping && without_asked_roles(state.mapping, state.questions);
		update_html(this.$wrapper.find(".abr-stale"), escape(state.stale_message));
		this.questions.render(state.questions);
		this.$wrapper.find(".abr-mapping").toggle(state.is_table);
		if (state.is_table) this.render_table();
		this.lines.render(state);
	}

	render_table() {
		const { state, mapping } = this;
		const fixed = !mapping || !state.can.change_mapping || !asks_for_columns(state.questions);
		const text = SOURCES()[state.mapping_source] || "";
		this.$wrapper.find(".abr-source").text(text.replace("{0}", state.bank));
		this.options.render({ ...state, mapping, header_row: mapping?.header_row }, fixed);
		this.file_table.render(
			{ ...state, header_row: mapping?.header_row ?? state.header_row },
			mapping,
			fixed
		);
		this.say_missing(mapping ? missing_roles(mapping) : []);
		const saved =
			state.mapping_source === "Saved" || JSON.stringify(mapping) === this.remembered;
		this.$wrapper
			.find("[data-action=remember]")
			.text(saved ? __("Saved for {0}", [state.bank]) : __("Remember for {0}", [state.bank]))
			.prop("disabled", saved)
			.toggle(Boolean(state.can.save_mapping || saved));
	}

	say_missing(roles) {
		const texts = roles.map((role) => `<div>${MISSING()[role]}</div>`);
		update_html(this.$wrapper.find(".abr-missing"), texts.join(""));
	}

	// A mapping that lacks a column is shown, and tried when it has all.
	change(mapping) {
		this.mapping = mapping;
		this.render_table();
		if (!missing_roles(mapping).length) this.ask({ mapping });
	}

	// The newest change counts: an answer that comes late is let go.
	async ask(change) {
		const turn = (this.turn = (this.turn || 0) + 1);
		this.on_busy(true);
		try {
			const state = await api.change_mapping(this.state.name, change);
			if (turn === this.turn) this.on_state(state);
		} catch {
			if (turn === this.turn) this.render(this.state); // the server has said what is wrong
		} finally {
			if (turn === this.turn) this.on_busy(false);
		}
	}

	async remember() {
		const state = await api.save_mapping(this.state.name);
		this.remembered = JSON.stringify(state.mapping);
		frappe.show_alert({
			message: __(
				"The columns are saved for {0}. The next file like this one is read the same way.",
				[escape(state.bank)]
			),
			indicator: "green",
		});
		this.on_state(state);
	}

	get complete() {
		return (
			!this.state.questions.length && !(this.mapping && missing_roles(this.mapping).length)
		);
	}
}
