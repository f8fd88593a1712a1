// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { update_html } from "../markup.js";
import { LinesTable } from "./lines_table.js";
import { figures_html, proof_html, sentences_html } from "./proof.js";

// The third step: what the import would do, line by line, and whether the file adds up.
export class CheckStep {
	// on_state(state): the user has decided or corrected something
	constructor({ wrapper, on_state }) {
		this.$wrapper = $(wrapper).html(`
			<div class="abr-figures"></div>
			<div class="abr-proof-area"></div>
			<div class="abr-warning-list"></div>
			<div class="abr-line-list"></div>`);
		this.lines = new LinesTable({ wrapper: this.$wrapper.find(".abr-line-list"), on_state });
	}

	render(state) {
		const update = (selector, html) => update_html(this.$wrapper.find(selector), html);
		update(".abr-figures", figures_html(state));
		update(".abr-proof-area", proof_html(state));
		update(
			".abr-warning-list",
			sentences_html(state.warnings, "abr-warning") + sentences_html(state.notes, "abr-note")
		);
		return this.lines.render(state);
	}
}
