// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { escape } from "../markup.js";
import { amounts_html, balance_html, date_html, table_html } from "./line_cells.js";

const SHOWN = 8;

// The first lines as they will be imported, to be held against the rows of the file.
export class ParsedLines {
	constructor({ wrapper }) {
		this.$wrapper = $(wrapper).addClass("abr-parsed");
	}

	render({ lines, currency, counts, questions }) {
		const shown = lines.slice(0, SHOWN);
		if (!shown.length) {
			const text = questions.length
				? __("The lines show here as soon as the questions are answered.")
				: __("No line can be read from this file. Look at what the columns are.");
			this.$wrapper.html(`<div class="abr-no-rows">${text}</div>`);
			return;
		}
		const heads = [
			["", __("Row")],
			["", __("Date")],
			["text-right", __("Deposit")],
			["text-right", __("Withdrawal")],
			["", __("Description")],
			["", __("Reference")],
			["", __("Party")],
			["text-right", __("Balance")],
		];
		const rows = shown.map((line) => row_html(line, currency));
		this.$wrapper.html(`${table_html(heads, rows)}
			<div class="small text-muted">${summary(shown.length, counts)}</div>`);
	}
}

function row_html(line, currency) {
	const [deposit, withdrawal] = amounts_html(line, currency);
	const number = `<th scope="row">${escape(line.number)}</th>`;
	if (line.outcome === "Bad") {
		const reason = `<td colspan="7" class="text-danger">${escape(line.error)}</td>`;
		return `<tr>${number}${reason}</tr>`;
	}
	const text = (value) => `<td class="abr-cut" title="${escape(value)}">${escape(value)}</td>`;
	return `<tr>${number}
		<td class="text-nowrap">${date_html(line)}</td>
		<td class="text-right text-nowrap">${deposit}</td>
		<td class="text-right text-nowrap">${withdrawal}</td>
		${text(line.description)}${text(line.reference)}${text(line.party_name)}
		<td class="text-right text-nowrap">${balance_html(line, currency)}</td></tr>`;
}

function summary(shown, counts) {
	if (counts.bad)
		return __("The first {0} of {1} lines; {2} cannot be read as they are.", [
			shown,
			counts.total,
			counts.bad,
		]);
	return __("The first {0} of {1} lines.", [shown, counts.total]);
}
