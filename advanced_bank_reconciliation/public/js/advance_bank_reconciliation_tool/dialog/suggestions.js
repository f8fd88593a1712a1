// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import { escape, money } from "../markup.js";

const MOST_NAMES = 6;

// Sets of open invoices that add up to the line, each with its reason. Ticks what the user chooses; never
// more than that.
export class Suggestions {
	// question(): {transaction, party_type, party}; tick(rows): these, and nothing else, are to be ticked
	constructor({ wrapper, button, question, tick }) {
		Object.assign(this, { question, tick });
		this.$panel = $(wrapper).attr({ role: "status", "aria-live": "polite" });
		this.$button = $(button).on("click", () => this.ask());
		this.$panel.on("click", "[data-action=tick-set]", (event) => {
			const { index } = event.currentTarget.dataset;
			this.tick(this.answer.suggestions[Number(index)].rows);
		});
		this.$panel.on("click", "[data-action=hide]", () => this.$panel.empty());
	}

	// An error has been shown by the time it gets here; nothing is left of the question then.
	async ask() {
		const { transaction, party_type, party } = this.question();
		const whole_party = party_type && party ? { party_type, party } : {};
		this.$button.prop("disabled", true);
		this.$panel
			.addClass("abr-loading")
			.html(`<p class="text-muted">${__("Looking for invoices that add up…")}</p>`);
		try {
			this.answer = await api.suggest({
				bank_transaction_name: transaction.name,
				...whole_party,
			});
			this.$panel.html(this.html(this.answer, transaction.currency));
		} catch (error) {
			this.$panel.empty();
			throw error;
		} finally {
			this.$button.prop("disabled", false);
			this.$panel.removeClass("abr-loading");
		}
	}

	html({ suggestions, notices }, currency) {
		const sets = suggestions.map((suggestion, index) =>
			this.set_html(suggestion, index, currency)
		);
		const sentences = notices.map((notice) => `<p class="text-muted">${escape(notice)}</p>`);
		return `<button class="btn btn-xs btn-default abr-hide" data-action="hide">${__(
			"Hide"
		)}</button>
			${sets.join("")}${sentences.join("")}`;
	}

	set_html({ kind, reason, note, rows, total, ambiguous }, index, currency) {
		const names = rows.slice(0, MOST_NAMES).map((row) => escape(row.name));
		if (rows.length > names.length)
			names.push(__("and {0} more", [rows.length - names.length]));
		const warns = ambiguous || kind === "named_incomplete";
		return `<div class="abr-suggestion" data-kind="${escape(kind)}">
			<div>
				<div><b>${escape(reason)}</b></div>
				<div class="small ${warns ? "text-warning" : "text-muted"}">${escape(note)}</div>
				<div class="small text-muted">${names.join(", ")}</div>
			</div>
			<div class="abr-suggestion-total">
				<b>${money(total, currency)}</b>
				<div class="small text-muted">${__("Documents: {0}", [rows.length])}</div>
				<button class="btn btn-xs btn-primary" data-action="tick-set" data-index="${index}">
					${__("Tick these")}
				</button>
			</div>
		</div>`;
	}
}
