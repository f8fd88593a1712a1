// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import { LinePages, PAGE } from "../core/line_pages.js";
import {
	PROBLEMS,
	is_problem,
	may_decide,
	may_skip,
	outcome_counts,
	will_be_imported,
} from "../core/statement_steps.js";
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

const POSSIBLE = "Possible Duplicate";

// The lines of an import with what comes of each, by outcome, a page at a time. The user may decide about a
// line that is not booked, and correct or skip one that could not be read or was refused.
export class LinesTable {
	// on_state(state): the server has changed something
	constructor({ wrapper, on_state }) {
		this.on_state = on_state;
		this.$wrapper = $(wrapper).addClass("abr-lines").html(`
			<div class="abr-outcomes" role="tablist"></div>
			<div class="abr-at-once"></div>
			<div class="abr-lines-body"></div>
			<div class="abr-more text-center"></div>`);
		this.outcome = "";
		this.asked = 0;
		this.pages = new LinePages({
			ask: (page) => api.import_lines({ name: this.state.name, ...page }),
			on_lines: () => this.show(),
		});
		this.listen();
	}

	listen() {
		this.$wrapper.on("click", "[data-outcome]", ({ currentTarget }) =>
			this.filter(currentTarget.dataset.outcome)
		);
		this.$wrapper.on("click", "[data-action=more]", () => this.pages.more(this.outcome));
		this.$wrapper.on("change", "[data-action=decide]", ({ currentTarget }) =>
			this.decide([currentTarget.dataset.row], currentTarget.checked)
		);
		this.$wrapper.on("change", "[data-action=decide-all]", ({ currentTarget }) => {
			const { checked } = currentTarget;
			if (this.outcome) return this.decide_all(this.outcome, checked);
			const rows = this.pages.lines.filter(may_decide).map(({ row }) => row);
			this.decide(rows, checked);
		});
		this.$wrapper.on(
			"click",
			"[data-action=skip], [data-action=unskip]",
			({ currentTarget }) => {
				const { action, row } = currentTarget.dataset;
				this.decide([row], action === "unskip");
			}
		);
		this.$wrapper.on("click", ".abr-at-once [data-action]", ({ currentTarget }) => {
			const { action } = currentTarget.dataset;
			if (action === "skip-problems") this.decide_all(PROBLEMS, false);
			else this.decide_all(POSSIBLE, action === "import-possible");
		});
		this.$wrapper.on("click", "[data-action=correct]", ({ currentTarget }) => {
			const line = this.pages.lines.find(({ row }) => row === currentTarget.dataset.row);
			correct_line(this.state, line, (state) => this.on_state(state));
		});
	}

	// As many lines as before are shown again; the state has brought the first of all along.
	async render(state) {
		const is_new = this.state?.name !== state.name;
		this.state = state;
		const shown = outcome_counts(state.counts).find(({ outcome }) => outcome === this.outcome);
		const other = is_new || !shown;
		if (other) this.outcome = "";
		const count = other ? PAGE : Math.max(this.pages.lines.length, PAGE);
		this.render_outcomes();
		if (this.outcome || count > PAGE) return this.pages.load(this.outcome, count);
		this.pages.show(state.lines.slice(0, PAGE), state.counts.total);
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
		update_html(this.$wrapper.find(".abr-at-once"), this.at_once_html());
	}

	// What can be decided about many lines at once. A single one has its own tick or button.
	at_once_html() {
		const { counts, open_problems, can } = this.state;
		if (!can.correct) return "";
		const count = counts.possible_duplicate;
		const possible = count > 1 && ["", POSSIBLE].includes(this.outcome);
		const problems = open_problems > 1 && ["", ...PROBLEMS].includes(this.outcome);
		return [
			possible &&
				at_once_html(
					__("{0} lines may be in the books already.", [count]),
					["import-possible", __("Import all {0}", [count])],
					["skip-possible", __("Skip all {0}", [count])]
				),
			problems &&
				at_once_html(__("{0} lines cannot be imported as they are.", [open_problems]), [
					"skip-problems",
					__("Skip all {0}", [open_problems]),
				]),
		]
			.filter(Boolean)
			.join("");
	}

	filter(outcome) {
		this.outcome = outcome;
		this.render_outcomes();
		this.$wrapper.find(".abr-scroll").scrollTop(0);
		return this.pages.load(outcome);
	}

	show() {
		const { lines, total } = this.pages;
		const scrolled = this.$wrapper.find(".abr-scroll").scrollTop() || 0;
		const focused = this.focused_selector();
		const html = lines.length ? this.table_html(lines) : no_rows_html();
		this.$wrapper.find(".abr-lines-body").html(html);
		this.$wrapper.find(".abr-scroll").scrollTop(scrolled);
		if (focused) this.$wrapper.find(focused)[0]?.focus({ preventScroll: true });
		const rest = total - lines.length;
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

	// The control of the table that has the focus, to be found again after it was drawn anew.
	focused_selector() {
		const { activeElement } = document;
		const { action, row } = activeElement?.dataset || {};
		if (!action || !$.contains(this.$wrapper.find(".abr-lines-body")[0], activeElement))
			return "";
		return `[data-action="${action}"]` + (row ? `[data-row="${CSS.escape(row)}"]` : "");
	}

	table_html(rows) {
		const deciding = this.state.can.correct && rows.some(may_decide);
		const heads = [
			...(deciding ? [["", decide_all_html(rows, this.outcome)]] : []),
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
			["abr-text-cell", text_html(line, currency)],
			["text-right text-nowrap", deposit],
			["text-right text-nowrap", withdrawal],
			["text-right text-nowrap", balance_html(line, currency)],
			["abr-outcome-cell", outcome_html(line) + this.problem_buttons_html(line)],
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

	problem_buttons_html(line) {
		if (!is_problem(line) || !this.state.can.correct) return "";
		const buttons = [["correct", __("Correct")]];
		if (may_skip(line)) buttons.push(["skip", __("Skip")]);
		else if (line.outcome === "Failed") buttons.push(["unskip", __("Import after All")]);
		return `<div class="abr-line-buttons">${buttons
			.map(([action, label]) => button_html(action, label, line.row))
			.join("")}</div>`;
	}

	decide(rows, chosen) {
		return this.tell(({ name }) => api.decide_lines(name, rows, as_decision(chosen)));
	}

	// About all lines of the outcome, or of several, whether they are shown or not.
	decide_all(outcome, chosen) {
		return this.tell(({ name }) => api.decide_all(name, outcome, as_decision(chosen)));
	}

	// One after the other, so that the last answer is the latest state; only that is shown. An error of the
	// server has been shown by the time it gets here, and what was decided before it stays.
	tell(call) {
		const asked = (this.asked += 1);
		const before = this.telling || Promise.resolve(null);
		this.telling = before.then(async (known) => {
			const state = await call(this.state).catch(() => known || this.state);
			if (asked !== this.asked) return state;
			this.telling = null;
			this.on_state(state);
			return null;
		});
		return this.telling;
	}
}

const as_decision = (chosen) => (chosen ? "Import" : "Skip");

// Decides about all lines of the outcome; where all outcomes are shown, about those on the page.
function decide_all_html(rows, outcome) {
	const all = rows.filter(may_decide).every(will_be_imported);
	const title = outcome ? __("All lines with this outcome") : __("All lines that are shown");
	return `<label class="mb-0" title="${title}"><input type="checkbox" data-action="decide-all" ${
		all ? "checked" : ""
	} /> ${__("Import")}</label>`;
}

function button_html(action, label, row) {
	const of_row = row ? `data-row="${escape(row)}"` : "";
	return `<button class="btn btn-xs btn-default" data-action="${action}" ${of_row}>${label}</button>`;
}

function at_once_html(text, ...buttons) {
	return `<div>${text} ${buttons
		.map(([action, label]) => button_html(action, label))
		.join("")}</div>`;
}

function no_rows_html() {
	return `<div class="abr-no-rows">${__("There are no such lines.")}</div>`;
}
