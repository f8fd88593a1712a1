// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import { may_decide, outcome_counts, will_be_imported } from "../core/statement_steps.js";
import { escape, update_html } from "../markup.js";
import { correct_line } from "./correct_line.js";
import {
	LABELS,
	amounts_html,
	balance_html,
	color_of,
	date_html,
	outcome_html,
	table_html,
	text_html,
} from "./line_cells.js";

const PAGE = 50;

// The lines of an import with what comes of each, by outcome, a page at a time. While nothing is booked yet,
// the user may decide about a line and correct one that could not be read.
export class LinesTable {
	// on_state(state): the server has changed something
	constructor({ wrapper, on_state }) {
		this.on_state = on_state;
		this.$wrapper = $(wrapper).addClass("abr-lines").html(`
			<div class="abr-outcomes" role="tablist"></div>
			<div class="abr-lines-body"></div>
			<div class="abr-more text-center"></div>`);
		this.outcome = "";
		this.listen();
	}

	listen() {
		this.$wrapper.on("click", "[data-outcome]", ({ currentTarget }) =>
			this.filter(currentTarget.dataset.outcome)
		);
		this.$wrapper.on("click", "[data-action=more]", () => this.load(this.rows.length));
		this.$wrapper.on("change", "[data-action=decide]", ({ currentTarget }) =>
			this.decide([currentTarget.dataset.row], currentTarget.checked)
		);
		this.$wrapper.on("change", "[data-action=decide-all]", ({ currentTarget }) => {
			const rows = this.rows.filter(may_decide).map(({ row }) => row);
			this.decide(rows, currentTarget.checked);
		});
		this.$wrapper.on("click", "[data-action=correct]", ({ currentTarget }) => {
			const line = this.rows.find(({ row }) => row === currentTarget.dataset.row);
			correct_line(this.state, line, (state) => this.on_state(state));
		});
	}

	// The lines of another outcome are asked for; what the state has brought along is shown at once.
	async render(state) {
		const is_new = this.state?.name !== state.name;
		this.state = state;
		this.render_outcomes();
		const shown = outcome_counts(state.counts).find(({ outcome }) => outcome === this.outcome);
		if (is_new || !shown) this.outcome = "";
		if (this.outcome) return this.load(0);
		this.show(state.lines.slice(0, PAGE), state.counts.total);
	}

	render_outcomes() {
		const labels = LABELS();
		const html = outcome_counts(this.state.counts).map(({ outcome, count }) => {
			const chosen = outcome === this.outcome;
			const dot = outcome ? `<span class="indicator ${color_of(outcome)}"></span>` : "";
			return `<button class="btn btn-xs abr-outcome-pill ${chosen ? "abr-chosen" : ""}"
				role="tab" aria-selected="${chosen}" data-outcome="${escape(outcome)}">
				${dot}${labels[outcome]} <b>${count}</b></button>`;
		});
		update_html(this.$wrapper.find(".abr-outcomes"), html.join(""));
	}

	filter(outcome) {
		this.outcome = outcome;
		this.render_outcomes();
		return this.load(0);
	}

	async load(start) {
		const turn = (this.turn = (this.turn || 0) + 1);
		const { lines, total } = await api.import_lines({
			name: this.state.name,
			outcome: this.outcome || null,
			start,
			page_length: PAGE,
		});
		if (turn !== this.turn) return;
		this.show(start ? [...this.rows, ...lines] : lines, total);
	}

	show(rows, total) {
		this.rows = rows;
		const scrolled = this.$wrapper.find(".abr-scroll").scrollTop() || 0;
		const html = rows.length ? this.table_html(rows) : no_rows_html();
		this.$wrapper.find(".abr-lines-body").html(html);
		this.$wrapper.find(".abr-scroll").scrollTop(scrolled);
		const rest = total - rows.length;
		update_html(
			this.$wrapper.find(".abr-more"),
			rest > 0
				? `<button class="btn btn-xs btn-default" data-action="more">${__(
						"Show more ({0} left)",
						[rest]
				  )}</button>`
				: ""
		);
	}

	table_html(rows) {
		const deciding = this.state.can.correct && rows.some(may_decide);
		const heads = [
			...(deciding ? [["", decide_all_html(rows)]] : []),
			["", __("Row")],
			["", __("Date")],
			["", __("Description")],
			["text-right", __("Deposit")],
			["text-right", __("Withdrawal")],
			["text-right", __("Balance")],
			["", __("Outcome")],
		];
		return table_html(
			heads,
			rows.map((line) => this.row_html(line, deciding))
		);
	}

	row_html(line, deciding) {
		const { currency } = this.state;
		const [deposit, withdrawal] = amounts_html(line, currency);
		const cells = [
			...(deciding ? [["", this.decision_html(line)]] : []),
			["text-muted", escape(line.number || "")],
			["text-nowrap", date_html(line)],
			["abr-text-cell", text_html(line)],
			["text-right text-nowrap", deposit],
			["text-right text-nowrap", withdrawal],
			["text-right text-nowrap", balance_html(line, currency)],
			["", outcome_html(line) + this.correction_html(line)],
		].map(([css, html]) => `<td class="${css}">${html}</td>`);
		return `<tr data-row="${escape(line.row)}" data-line-outcome="${escape(line.outcome)}">
			${cells.join("")}</tr>`;
	}

	decision_html(line) {
		if (!may_decide(line)) return "";
		const label = __("Import the line in row {0}", [line.number]);
		return `<input type="checkbox" data-action="decide" data-row="${escape(line.row)}"
			aria-label="${escape(label)}" ${will_be_imported(line) ? "checked" : ""} />`;
	}

	correction_html(line) {
		const wrong = ["Bad", "Failed"].includes(line.outcome);
		if (!wrong || !this.state.can.correct) return "";
		return ` <button class="btn btn-xs btn-default" data-action="correct"
			data-row="${escape(line.row)}">${__("Correct")}</button>`;
	}

	async decide(rows, chosen) {
		this.on_state(
			await api
				.decide_lines(this.state.name, rows, chosen ? "Import" : "Skip")
				.catch(() => this.state)
		);
	}
}

// Decides about all lines that are shown.
function decide_all_html(rows) {
	const all = rows.filter(may_decide).every(will_be_imported);
	return `<label class="mb-0"><input type="checkbox" data-action="decide-all" ${
		all ? "checked" : ""
	} /> ${__("Import")}</label>`;
}

function no_rows_html() {
	return `<div class="abr-no-rows">${__("There are no such lines.")}</div>`;
}
