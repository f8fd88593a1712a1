// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { date, escape, money } from "../markup.js";

// Whether the lines account for the balances: HTML for the check, the result and the record.
export function proof_html(state) {
	const { proof } = state;
	const color = { true: "green", false: "red" }[String(proof.proven)] || "gray";
	return `<div class="abr-proof ${color}" data-proven="${proof.proven}">
		<span class="indicator-pill no-indicator-dot ${color}">${escape(title_of(proof.proven))}</span>
		<span class="abr-proof-text">${escape(proof.message)}</span>
		${proof.proven === false ? break_html(proof, state.currency) : ""}</div>`;
}

function title_of(proven) {
	if (proven === true) return __("Proven");
	return proven === false ? __("Does not add up") : __("Not provable");
}

function break_html({ line, expected, found, difference }, currency) {
	const shown = (value) => (is_known(value) ? escape(money(flt(value), currency)) : "");
	const cells = [
		[__("Row"), line ? escape(line) : ""],
		[__("Expected"), shown(expected)],
		[__("In the file"), shown(found)],
		[__("Difference"), shown(difference)],
	].filter(([, value]) => value);
	return `<dl class="abr-break">${cells
		.map(([label, value]) => `<div><dt>${label}</dt><dd>${value}</dd></div>`)
		.join("")}</dl>`;
}

const is_known = (value) => value !== null && value !== undefined && value !== "";

// The statement's figures: opening, deposits, withdrawals, closing, period.
export function figures_html(state) {
	const amount = (value) => (is_known(value) ? escape(money(flt(value), state.currency)) : "–");
	const period = [state.from_date, state.to_date].filter(Boolean).map(date).join(" – ");
	return [
		[__("Opening Balance"), amount(state.opening_balance)],
		[__("Deposits"), amount(state.deposits)],
		[__("Withdrawals"), amount(state.withdrawals)],
		[__("Closing Balance"), amount(state.closing_balance)],
		[__("Period"), period || "–"],
	]
		.map(
			([label, value]) => `<div class="abr-figure"><span class="text-muted">${label}</span>
			<b>${value}</b></div>`
		)
		.join("");
}

export function sentences_html(sentences, css) {
	return (sentences || [])
		.map((sentence) => `<div class="${css}">${escape(sentence)}</div>`)
		.join("");
}
