// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { escape, money } from "./markup.js";

// One figure with its label. A figure that is not known yet shows a dash, never NaN.
export class SummaryCard {
	constructor({ parent, label, name }) {
		this.$card = $(`<div class="abr-card" data-card="${escape(name)}">
			<div class="abr-card-label">${escape(label)}</div>
			<div class="abr-card-value">–</div>
		</div>`).appendTo(parent);
		this.$value = this.$card.find(".abr-card-value");
	}

	// state: "good", "bad" or "" (neutral)
	set(value, currency, state = "") {
		const known = typeof value === "number" && Number.isFinite(value);
		this.$value.text(known ? money(value, currency) : "–");
		this.$card.toggleClass("abr-good", known && state === "good");
		this.$card.toggleClass("abr-bad", known && state === "bad");
	}
}
