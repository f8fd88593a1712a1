// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import { Selection, is_unpaid_invoice, key_of } from "../core/selection.js";
import { date, escape, form_link, money } from "../markup.js";
import { TransactionTable } from "../transaction_table.js";
import { MatchFilters } from "./match_filters.js";
import { SmallDifference } from "./small_difference.js";
import { Suggestions } from "./suggestions.js";

const PAGE = 200;
const REST = 5000; // rows fetched at a time when all are selected
const MOST_CHIPS = 8;

// Candidates for the line, ranked, and what the user ticked of them.
export class MatchTab {
	// reconcile(selection): carries out what is ticked
	constructor({ wrapper, period, reconcile }) {
		Object.assign(this, { period, reconcile });
		this.$root = $(`<div class="abr-match">
			<div class="abr-filters"></div>
			<div class="abr-notice text-warning small"></div>
			<div class="abr-suggestions"></div>
			<div class="abr-selected"></div>
			<div class="abr-list-head">
				<span class="abr-list-count text-muted small"></span>
				<span>
					<button class="btn btn-xs btn-default" data-action="suggest">${__("Suggest")}</button>
					<button class="btn btn-xs btn-default" data-action="all">${__("Select All")}</button>
					<button class="btn btn-xs btn-default" data-action="none">${__("Clear Selection")}</button>
				</span>
			</div>
			<div class="abr-candidates"></div>
			<button class="btn btn-xs btn-default abr-more" data-action="more">${__("Load more")}</button>
			<div class="abr-small-difference"></div>
			<div class="abr-totals"></div>
		</div>`).appendTo($(wrapper));
		this.filters = new MatchFilters({
			wrapper: this.$root.find(".abr-filters"),
			period,
			on_change: () => this.load(),
		});
		this.difference = new SmallDifference({
			wrapper: this.$root.find(".abr-small-difference"),
			on_change: () => this.refresh(),
		});
		this.table = this.make_table();
		this.suggestions = new Suggestions({
			wrapper: this.$root.find(".abr-suggestions"),
			button: this.$root.find("[data-action=suggest]"),
			question: () => ({ ...this.filters.values(), transaction: this.transaction }),
			tick: (rows) => this.tick_only(rows),
		});
		this.listen();
	}

	async open(transaction, precision) {
		this.transaction = transaction;
		this.selection = new Selection({ precision, available: transaction.unallocated_amount });
		const [settings] = await Promise.all([
			api.default_settings(transaction.name),
			this.filters.make(transaction),
		]);
		this.selection.follow(settings);
		this.difference.make(transaction, settings);
		await this.load();
	}

	make_table() {
		return new TransactionTable({
			wrapper: this.$root.find(".abr-candidates"),
			key: key_of,
			empty_message: __(
				"No voucher fits. Tick more document types, or create one on the next tab."
			),
			columns: this.columns(),
		});
	}

	columns() {
		return [
			{
				id: "tick",
				name: " ",
				width: 36,
				live: true,
				sortable: false,
				format: (row) =>
					`<input type="checkbox" data-action="tick" aria-label="${escape(row.name)}"${
						this.selection.has(row) ? " checked" : ""
					}>`,
				value: () => "",
			},
			{
				id: "name",
				name: __("Voucher"),
				width: 185,
				format: (row) => form_link(row.doctype, row.name),
				value: (row) => row.name,
			},
			{
				id: "party",
				name: __("Party"),
				width: 130,
				format: (row) => escape(row.party_name || row.party),
				value: (row) => row.party_name || row.party || "",
			},
			{
				id: "date",
				name: __("Date"),
				width: 110,
				format: (row) => date(row.due_date || row.posting_date),
				value: (row) => row.due_date || row.posting_date,
			},
			{
				id: "reference_no",
				name: __("Reference"),
				width: 110,
				format: (row) => escape(row.reference_no),
				value: (row) => row.reference_no || "",
			},
			{
				id: "rank",
				name: __("Why"),
				width: 230,
				format: (row) => this.reasons_html(row),
				value: (row) => -row.rank,
			},
			{
				id: "remaining_amount",
				name: __("Open"),
				width: 100,
				align: "right",
				format: (row) => this.open_html(row),
				value: (row) => row.remaining_amount,
			},
			{
				id: "amount",
				name: __("Gets"),
				width: 100,
				align: "right",
				live: true,
				sortable: false,
				format: (row) => this.amount_input(row),
				value: () => "",
			},
		];
	}

	reasons_html({ reasons = [], notice, early_payment_discount, currency }) {
		const chip = (text, kind = "") =>
			`<span class="abr-reason ${kind}" title="${escape(text)}">${escape(text)}</span>`;
		const discount = early_payment_discount
			? [chip(__("Early-payment discount: {0}", [money(early_payment_discount, currency)]))]
			: [];
		const warning = notice ? [chip(notice, "abr-warns")] : [];
		return [...warning, ...discount, ...reasons.map((reason) => chip(reason))].join(" ");
	}

	// In the bank account's currency, and in the invoice's own where that is another.
	open_html(row) {
		const amount = money(row.remaining_amount, row.currency);
		const is_converted = row.own_currency && row.own_currency !== row.currency;
		return is_converted
			? `${amount} <span class="text-muted">(${money(
					row.own_remaining_amount,
					row.own_currency
			  )})</span>`
			: amount;
	}

	amount_input(row) {
		if (!this.selection.has(row)) return "";
		const share = this.selection.share_of(row, this.shares);
		const nothing = share ? "" : " abr-nothing";
		return `<input type="text" inputmode="decimal" class="form-control input-xs abr-amount${nothing}"
			data-action="amount" value="${escape(this.in_digits(share))}" title="${escape(__("Amount"))}">`;
	}

	// As the user writes numbers; flt reads it back.
	in_digits(amount) {
		return format_number(amount, null, this.selection.precision);
	}

	async load(start = 0) {
		const request = (this.request = (this.request || 0) + 1);
		const asked = start ? this.asked : this.filters.values();
		this.$root.addClass("abr-loading");
		try {
			const answer = await this.fetch(asked, start, PAGE);
			if (request !== this.request) return; // a newer question is on its way
			this.asked = asked;
			this.show(start ? [...this.table.rows, ...answer.rows] : answer.rows, answer);
		} finally {
			this.$root.removeClass("abr-loading");
		}
	}

	fetch(asked, start, page_length) {
		return api.candidates({
			bank_transaction_name: this.transaction.name,
			start,
			page_length,
			...asked,
		});
	}

	show(rows, answer) {
		this.has_more = answer.has_more;
		const problems = (answer.provider_errors || []).map(
			({ app, message }) => `${app}: ${message}`
		);
		this.$root.find(".abr-notice").text([...(answer.notices || []), ...problems].join(" · "));
		this.shares = this.selection.shares();
		this.table.set_rows(rows);
		this.refresh();
	}

	// All of the list, also what has not been loaded of it, whatever is asked meanwhile. A filter that has just been
	// typed counts: the list that is still shown is not the one that is meant.
	async select_all() {
		await this.filters.ask();
		const { request, asked } = this;
		let rows = this.table.rows;
		let answer = { has_more: this.has_more };
		while (answer.has_more) {
			answer = await this.fetch(asked, rows.length, REST);
			rows = [...rows, ...answer.rows];
		}
		rows.forEach((row) => this.selection.has(row) || this.selection.add(row));
		if (rows.length > this.table.rows.length && request === this.request)
			this.show(rows, answer);
		else this.refresh();
	}

	refresh() {
		const { account, cost_center } = this.difference;
		this.selection.book_difference_on(account, cost_center);
		this.shares = this.selection.shares();
		this.table.refresh_live();
		this.show_chips();
		this.show_totals();
		this.$root.find(".abr-more").toggle(Boolean(this.has_more));
		this.$root
			.find(".abr-list-count")
			.text(
				this.has_more
					? __("Candidates: the first {0}", [this.table.rows.length])
					: __("Candidates: {0}", [this.table.rows.length])
			);
		this.on_selection?.(this.selection);
	}

	// What is ticked stays in sight, whatever the filter shows (PITFALLS P57).
	show_chips() {
		const entries = [...this.selection.rows.values()];
		const chips = entries.slice(0, MOST_CHIPS).map(
			({ row }) => `<span class="abr-chip" data-key="${escape(key_of(row))}">${escape(
				row.name
			)}
				<a href="#" data-action="untick" aria-label="${escape(__("Remove"))}">×</a></span>`
		);
		const hidden = entries.length - chips.length;
		if (hidden > 0)
			chips.push(`<span class="text-muted">${__("and {0} more", [hidden])}</span>`);
		this.$root
			.find(".abr-selected")
			.html(chips.join(" "))
			.toggle(entries.length > 0);
	}

	show_totals() {
		const totals = this.selection.totals(this.shares);
		const currency = this.transaction.currency;
		this.difference.show(totals);
		const parts = [
			__("{0} selected", [this.selection.size]),
			__("Unallocated: {0}", [money(this.transaction.unallocated_amount, currency)]),
			__("Will be allocated: {0}", [money(totals.used, currency)]),
			__("Remains: {0}", [money(totals.remaining, currency)]),
		];
		if (totals.discount)
			parts.push(__("Early-payment discount: {0}", [money(totals.discount, currency)]));
		if (totals.settled_difference)
			parts.push(
				__("Booked as difference: {0}", [money(totals.settled_difference, currency)])
			);
		const warning = totals.beyond
			? `<div class="text-warning">${__(
					"The selection is {0} more than what is unallocated: the last ones served get less, or nothing.",
					[money(totals.beyond, currency)]
			  )}</div>`
			: "";
		this.$root.find(".abr-totals").html(`<div>${parts.join(" · ")}</div>${warning}`);
	}

	listen() {
		const row_at = (element) => {
			const index = $(element).closest(".dt-row").attr("data-row-index");
			return this.table.list[Number(index)];
		};
		this.$root.on("change", "[data-action=tick]", (event) => {
			this.selection.toggle(row_at(event.currentTarget));
			this.refresh();
		});
		this.$root.on("change", "[data-action=amount]", (event) => {
			this.set_amount(row_at(event.currentTarget), event.currentTarget.value);
		});
		this.$root.on("click", "[data-action=all]", () => this.select_all());
		this.$root.on("click", "[data-action=none]", () => {
			this.selection.clear();
			this.refresh();
		});
		this.$root.on("click", "[data-action=more]", () => this.load(this.table.rows.length));
		this.$root.on("click", "[data-action=untick]", (event) => {
			event.preventDefault();
			this.selection.rows.delete(
				$(event.currentTarget).closest("[data-key]").attr("data-key")
			);
			this.refresh();
		});
	}

	// An empty amount asks for all there is; a sign the row does not have is not taken.
	set_amount(row, text) {
		const value = text.trim() === "" ? null : flt(text);
		const sign = Math.sign(row.remaining_amount) || 1;
		this.selection.set_amount(row, value === null ? null : Math.abs(value) * sign);
		document.activeElement?.blur();
		this.refresh();
	}

	tick_only(rows) {
		this.selection.clear();
		rows.forEach((row) => this.selection.add(row));
		this.refresh();
	}

	tick_focused() {
		const row = this.table.get(this.table.focused_key);
		if (!row) return;
		this.selection.toggle(row);
		this.refresh();
	}

	// Enter: with nothing ticked, tick the best candidate; else do it.
	accept() {
		if (this.selection.size) return this.reconcile(this.selection);
		const [best] = this.table.visible_rows;
		if (!best) return;
		this.selection.add(best);
		this.refresh();
	}

	get documents_to_create() {
		return [...this.selection.rows.values()].filter(({ row }) => is_unpaid_invoice(row))
			.length;
	}
}
