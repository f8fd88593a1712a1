// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { date, escape, form_link, money } from "../markup.js";
import { TransactionTable } from "../transaction_table.js";

const MATCHES = ["Matched", "Would Match"];

const TABS = () => [
	["matches", __("Would be matched"), __("Nothing would be matched. The other tab says why.")],
	["others", __("Not matched"), __("Every Bank Transaction would be matched.")],
];

// What came of each Bank Transaction: what is matched on one tab; what is not, and why, on the other.
export class ResultTables {
	// transaction(name): the row of the open Bank Transaction, for what the bank wrote
	constructor({ wrapper, transaction }) {
		this.transaction = transaction;
		this.$root = $(`<div class="abr-auto-result">
			<ul class="nav nav-tabs abr-tabs" role="tablist">${TABS()
				.map(
					([tab, label]) => `<li class="nav-item">
						<a class="nav-link" href="#" role="tab" data-tab="${tab}">${label}
						<span class="badge badge-secondary abr-count"></span></a></li>`
				)
				.join("")}</ul>
			${TABS()
				.map(([tab]) => `<div data-pane="${tab}"></div>`)
				.join("")}
		</div>`).appendTo($(wrapper).empty());
		this.$root.on("click", "[data-tab]", (event) => {
			event.preventDefault();
			this.show_tab(event.currentTarget.dataset.tab);
		});
		this.tables = {};
		for (const [tab, , empty_message] of TABS()) this.make_table(tab, empty_message);
	}

	make_table(tab, empty_message) {
		this.tables[tab] = new TransactionTable({
			wrapper: this.$root.find(`[data-pane=${tab}]`),
			key: (row) => row.bank_transaction,
			empty_message,
			columns: this.columns(tab === "matches"),
		});
	}

	columns(of_matches) {
		return [
			{
				id: "bank_transaction",
				name: __("Bank Transaction"),
				width: 190,
				format: (row) => form_link("Bank Transaction", row.bank_transaction),
				value: (row) => row.bank_transaction,
			},
			{
				id: "date",
				name: __("Date"),
				width: 118,
				format: (row) => date(row.date),
				value: (row) => row.date,
			},
			{
				id: "text",
				name: __("Description"),
				width: 120,
				format: (row) => escape(this.text(row)),
				value: (row) => this.text(row),
			},
			{
				id: "amount",
				name: __("Amount"),
				width: 95,
				align: "right",
				format: (row) =>
					money(row.amount, this.transaction(row.bank_transaction)?.currency),
				value: (row) => row.amount,
			},
			{
				id: "voucher",
				name: of_matches ? __("Voucher") : __("Came nearest"),
				width: 190,
				format: (row) => (row.voucher ? form_link(row.voucher_type, row.voucher) : ""),
				value: (row) => row.voucher || "",
			},
			{
				id: "score",
				name: __("Score"),
				width: 60,
				align: "right",
				format: (row) => (row.score ? escape(row.score) : ""),
				value: (row) => -(row.score || 0),
			},
			{
				id: "reason",
				name: __("Why"),
				width: 230,
				format: (row) =>
					`<span title="${escape(row.reason)}">${escape(row.reason)}</span>`,
				value: (row) => row.reason || "",
			},
		];
	}

	// What the bank wrote; the row may have left the list meanwhile.
	text(row) {
		const transaction = this.transaction(row.bank_transaction);
		const texts = [transaction?.reference_number, transaction?.description];
		return texts.filter(Boolean).join(" · ");
	}

	show(lines) {
		const matches = lines.filter((row) => MATCHES.includes(row.outcome));
		const others = lines.filter((row) => !MATCHES.includes(row.outcome));
		this.rows = { matches, others };
		for (const tab of Object.keys(this.rows)) {
			this.$root.find(`[data-tab=${tab}] .abr-count`).text(this.rows[tab].length);
		}
		this.shown = new Set();
		this.show_tab(matches.length ? "matches" : "others");
	}

	// A table measures its wrapper, so it gets its rows when it is seen.
	show_tab(name) {
		this.$root.find("[data-tab]").each((_index, link) => {
			$(link).toggleClass("active", link.dataset.tab === name);
		});
		this.$root.find("[data-pane]").each((_index, pane) => {
			pane.hidden = pane.dataset.pane !== name;
		});
		if (this.shown.has(name)) return;
		this.shown.add(name);
		this.tables[name].set_rows(this.rows[name]);
	}
}
