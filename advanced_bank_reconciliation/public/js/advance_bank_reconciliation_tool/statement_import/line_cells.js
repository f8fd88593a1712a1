// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { is_problem } from "../core/statement_steps.js";
import { date, escape, form_link, money } from "../markup.js";

// How one line of a statement is shown, wherever it is.

const COLORS = {
	New: "blue",
	Imported: "green",
	Duplicate: "gray",
	"Possible Duplicate": "orange",
	Bad: "red",
	Failed: "red",
	Skipped: "gray",
	Reverted: "gray",
};

export const LABELS = () => ({
	"": __("All"),
	New: __("New"),
	Imported: __("Imported"),
	Duplicate: __("Duplicate"),
	"Possible Duplicate": __("Possible duplicate"),
	Bad: __("Bad line"),
	Failed: __("Failed"),
	Skipped: __("Skipped"),
	Reverted: __("Reverted"),
});

// A table of lines. heads: [class, label, as HTML] of each column. rows: their HTML.
export function table_html(heads, rows) {
	const cells = heads.map(([css, label]) => `<th class="${css}">${label}</th>`);
	return `<div class="abr-scroll"><table class="table table-sm"><thead><tr>${cells.join(
		""
	)}</tr></thead>
		<tbody>${rows.join("")}</tbody></table></div>`;
}

export const color_of = (outcome) => COLORS[outcome] || "gray";

export function outcome_html(line) {
	const pill = `<span class="indicator-pill ${color_of(line.outcome)}">${escape(
		LABELS()[line.outcome] || line.outcome
	)}</span>`;
	const corrected = line.corrected
		? ` <span class="abr-reason">${__("corrected by hand")}</span>`
		: "";
	const skipped =
		is_problem(line) && line.decision === "Skip"
			? ` <span class="abr-reason">${__("skipped")}</span>`
			: "";
	const voucher = line.bank_transaction
		? `<div>${form_link("Bank Transaction", line.bank_transaction)}</div>`
		: "";
	const same =
		line.outcome === "Duplicate" && line.resembles
			? `<div>${__("of {0}", [form_link("Bank Transaction", line.resembles.name)])}</div>`
			: "";
	return pill + corrected + skipped + voucher + same;
}

// What a possible duplicate is to be compared with: {name, date, deposit, withdrawal, currency, description,
// reference, party_name, status}; of a Bank Transaction that the user may not read, the name alone.
function resembled_html({ outcome, resembles, transaction_id }, currency) {
	if (outcome !== "Possible Duplicate") return "";
	if (!resembles)
		return transaction_id
			? `<div class="abr-resembled">${__("Another line has the same transaction ID: {0}", [
					escape(transaction_id),
			  ])}</div>`
			: "";
	const { deposit, withdrawal, description, party_name, reference, status } = resembles;
	const amount = (label, value) =>
		flt(value) && `${label} ${escape(money(value, resembles.currency || currency))}`;
	const facts = [
		form_link("Bank Transaction", resembles.name),
		date_html(resembles),
		amount(__("Deposit"), deposit),
		amount(__("Withdrawal"), withdrawal),
		...[description, party_name, reference, status && __(status)].map(
			(text) => text && escape(text)
		),
	];
	return `<div class="abr-resembled"><span class="text-muted">${__("In the books")}:</span>
		${facts.filter(Boolean).join(" · ")}</div>`;
}

// [deposit, withdrawal] as the books will show them.
export function amounts_html(line, currency) {
	const amount = flt(line.amount);
	const shown = (value) => escape(money(value, line.currency || currency));
	return [
		amount > 0 ? `<span class="abr-deposit">${shown(amount)}</span>` : "",
		amount < 0 ? `<span class="abr-withdrawal">${shown(-amount)}</span>` : "",
	];
}

export function balance_html(line, currency) {
	const { balance } = line;
	if (balance === null || balance === undefined || balance === "") return "";
	return escape(money(flt(balance), line.currency || currency));
}

export const date_html = (line) => (line.date ? date(line.date) : "");

// What the bank wrote; why it cannot be imported, if so, and what in the books it resembles.
export function text_html(line, currency) {
	const { party_name, reference, particulars, code } = line;
	const small = [party_name, reference, particulars, code]
		.filter(Boolean)
		.map(escape)
		.join(" · ");
	const parts = [
		`<div class="abr-line-text">${escape(line.description)}</div>`,
		small && `<div class="text-muted abr-line-text">${small}</div>`,
		line.error && `<div class="text-danger">${escape(line.error)}</div>`,
		line.error && line.raw && `<div class="abr-raw-line text-muted">${escape(line.raw)}</div>`,
		resembled_html(line, currency),
	];
	return parts.filter(Boolean).join("");
}
