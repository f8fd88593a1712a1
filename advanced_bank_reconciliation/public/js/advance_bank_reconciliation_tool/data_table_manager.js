// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "./api.js";
import { date, escape, form_link, money } from "./markup.js";
import { TransactionTable, open_button } from "./transaction_table.js";

const text = (id, name, width) => ({
	id,
	name,
	width,
	format: (row) => escape(row[id]),
	value: (row) => row[id] || "",
});

const amount = (id, name, color = "") => ({
	id,
	name,
	width: 115,
	align: "right",
	format: (row) =>
		row[id] ? `<span class="${color}">${money(row[id], row.currency)}</span>` : "",
	value: (row) => row[id] || 0,
});

const date_column = () => ({
	id: "date",
	name: __("Date"),
	width: 115,
	format: (row) => date(row.date),
	value: (row) => row.date,
});

const party = () => ({
	id: "party",
	name: __("Party"),
	width: 120,
	format: (row) => escape(row.party_display || row.party || row.bank_party_name),
	value: (row) => row.party || row.bank_party_name || "",
});

const DIRECTIONS = {
	all: () => true,
	deposit: (row) => row.deposit > 0,
	withdrawal: (row) => row.withdrawal > 0,
};

// The Bank Transactions of the period: what is open on one tab, what is reconciled, by voucher, on the other.
export class DataTableManager {
	// on_open(row), on_unreconcile(row): a row's button. on_tab(): the other table is shown.
	constructor({ wrapper, reconciled_wrapper, on_open, on_unreconcile, on_tab }) {
		Object.assign(this, { on_open, on_unreconcile, on_tab });
		this.make($(wrapper), $(reconciled_wrapper));
	}

	make($wrapper, $reconciled_wrapper) {
		this.$root = $(`<div class="abr-tables">
			<ul class="nav nav-tabs abr-tabs" role="tablist">
				<li class="nav-item"><a class="nav-link active" data-tab="open" href="#" role="tab">
					${__("Unreconciled")} <span class="badge badge-secondary abr-count"></span></a></li>
				<li class="nav-item"><a class="nav-link" data-tab="done" href="#" role="tab">
					${__("Reconciled")} <span class="badge badge-secondary abr-count"></span></a></li>
			</ul>
			<div class="abr-toolbar">
				<input type="search" class="form-control input-xs abr-search" placeholder="${__("Search")}" />
				<select class="form-control input-xs abr-direction">
					<option value="all">${__("Deposits and withdrawals")}</option>
					<option value="deposit">${__("Deposits")}</option>
					<option value="withdrawal">${__("Withdrawals")}</option>
				</select>
				<input type="number" class="form-control input-xs abr-min" placeholder="${__("Amount from")}" />
				<input type="number" class="form-control input-xs abr-max" placeholder="${__("Amount to")}" />
			</div>
		</div>`).appendTo($wrapper);
		const pane = ($parent) => $('<div class="abr-pane"></div>').appendTo($parent);
		this.panes = { open: pane($wrapper), done: pane($reconciled_wrapper).hide() };
		this.open_table = this.make_open_table(this.panes.open);
		this.done_table = this.make_done_table(this.panes.done);
		this.tab = "open";
		this.listen();
	}

	make_open_table(wrapper) {
		return new TransactionTable({
			wrapper,
			key: (row) => row.name,
			empty_message: __(
				"Nothing is open in this period. Change the dates, or upload a statement."
			),
			on_open: (row) => this.on_open(row),
			columns: [
				date_column(),
				party(),
				text("description", __("Description"), 220),
				text("reference_number", __("Reference"), 130),
				amount("deposit", __("Deposit"), "abr-deposit"),
				amount("withdrawal", __("Withdrawal"), "abr-withdrawal"),
				amount("unallocated_amount", __("Unallocated")),
				{
					id: "action",
					name: " ",
					width: 100,
					sortable: false,
					format: () => open_button(__("Reconcile")),
					value: () => "",
				},
			],
		});
	}

	make_done_table(wrapper) {
		return new TransactionTable({
			wrapper,
			key: (row) => [row.name, row.payment_document, row.payment_entry].join("/"),
			empty_message: __("Nothing is reconciled in this period yet."),
			on_open: (row) => this.on_unreconcile(row),
			columns: [
				date_column(),
				party(),
				text("description", __("Description"), 150),
				amount("deposit", __("Deposit"), "abr-deposit"),
				amount("withdrawal", __("Withdrawal"), "abr-withdrawal"),
				{
					id: "payment_entry",
					name: __("Voucher"),
					width: 190,
					format: (row) => form_link(row.payment_document, row.payment_entry),
					value: (row) => row.payment_entry,
				},
				{
					id: "reconciliation_type",
					name: __("How"),
					width: 120,
					format: (row) =>
						escape(row.reconciliation_type && __(row.reconciliation_type)),
					value: (row) => row.reconciliation_type || "",
				},
				amount("allocated_amount", __("Allocated")),
				{
					id: "action",
					name: " ",
					width: 125,
					sortable: false,
					format: () => open_button(__("Unreconcile")),
					value: () => "",
				},
			],
		});
	}

	async load(period) {
		this.period = period;
		this.$root.addClass("abr-loading");
		try {
			const [open, done] = await Promise.all([
				api.unreconciled(period),
				api.reconciled(period),
			]);
			this.open_table.set_rows(open);
			this.done_table.set_rows(done);
			this.count();
		} finally {
			this.$root.removeClass("abr-loading");
		}
	}

	// After an action: the Bank Transaction is now so. Without an open amount it leaves the first tab; what
	// another account or period holds is on neither.
	refresh_transaction({ transaction, reconciled }) {
		const is_shown = this.in_period(transaction);
		const is_open = is_shown && transaction.unallocated_amount > 0;
		this.open_table.update(transaction.name, is_open ? transaction : null);
		this.done_table.replace(
			(row) => row.name === transaction.name,
			is_shown ? reconciled : []
		);
		this.count();
	}

	in_period({ bank_account, date }) {
		const { bank_account: shown, from_date, to_date } = this.period;
		return (
			bank_account === shown &&
			(!from_date || date >= from_date) &&
			(!to_date || date <= to_date)
		);
	}

	listen() {
		this.$root.on("click", "[data-tab]", (event) => {
			event.preventDefault();
			this.show_tab(event.currentTarget.dataset.tab);
			this.on_tab();
		});
		const filter = frappe.utils.debounce(() => this.apply_filters(), 150);
		this.$root.find(".abr-toolbar").on("input change", "input, select", filter);
	}

	show_tab(tab) {
		this.tab = tab;
		this.$root.find("[data-tab]").each((_index, link) => {
			$(link).toggleClass("active", link.dataset.tab === tab);
		});
		this.show();
		this.table.datatable?.setDimensions();
		this.table.show();
	}

	// All of it, or nothing while there is no account and period to show.
	show(visible = true) {
		this.$root.toggle(visible);
		for (const [tab, pane] of Object.entries(this.panes))
			pane.toggle(visible && tab === this.tab);
	}

	get table() {
		return this.tab === "open" ? this.open_table : this.done_table;
	}

	focus_search() {
		this.$root.find(".abr-search").trigger("focus");
	}

	apply_filters() {
		const value = (selector) => this.$root.find(selector).val();
		const number = (selector) => (value(selector) === "" ? null : Number(value(selector)));
		const words = value(".abr-search").toLowerCase().split(/\s+/).filter(Boolean);
		const in_direction = DIRECTIONS[value(".abr-direction")];
		const [min, max] = [number(".abr-min"), number(".abr-max")];
		const filter = (row) => {
			const moved = row.deposit || row.withdrawal;
			return (
				in_direction(row) &&
				(min === null || moved >= min) &&
				(max === null || moved <= max) &&
				words.every((word) => searchable(row).includes(word))
			);
		};
		this.open_table.set_filter(filter);
		this.done_table.set_filter(filter);
		this.count();
	}

	count() {
		const show = (tab, table) =>
			this.$root.find(`[data-tab=${tab}] .abr-count`).text(table.visible_rows.length);
		show("open", this.open_table);
		show("done", this.done_table);
	}
}

const SEARCHED = [
	"name",
	"date",
	"description",
	"reference_number",
	"party",
	"party_display",
	"bank_party_name",
	"custom_particulars",
	"custom_code",
	"payment_entry",
	"deposit",
	"withdrawal",
];

function searchable(row) {
	row._searchable ??= SEARCHED.map((field) => row[field] ?? "")
		.join(" ")
		.toLowerCase();
	return row._searchable;
}
