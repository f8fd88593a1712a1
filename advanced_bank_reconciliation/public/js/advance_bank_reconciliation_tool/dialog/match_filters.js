// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";

// The kinds of candidates. A function: translations are there only once the desk is.
export const types = () => [
	["payment_entry", __("Payment Entry")],
	["journal_entry", __("Journal Entry")],
	["unpaid_sales_invoice", __("Unpaid Sales Invoice")],
	["unpaid_purchase_invoice", __("Unpaid Purchase Invoice")],
	["sales_invoice", __("Sales Invoice (paid at the till)")],
	["purchase_invoice", __("Purchase Invoice (paid at once)")],
];

// Kinds that are looked for by hand alone, and the app that brings one may be absent.
const types_by_hand = () => [
	...types(),
	["bank_transaction", __("Bank Transaction (returned)")],
	...(frappe.model.can_read("Expense Claim")
		? [["expense_claim", __("Expense Claim (paid at once)")]]
		: []),
];

// What is on at first, by the direction of the line.
const FIRST = {
	deposit: ["payment_entry", "journal_entry", "unpaid_sales_invoice"],
	withdrawal: ["payment_entry", "journal_entry", "unpaid_purchase_invoice"],
};

// The conditions under which the server looks for candidates.
export class MatchFilters {
	constructor({ wrapper, on_change, period }) {
		Object.assign(this, { on_change, period });
		this.$wrapper = $(wrapper);
	}

	async make(transaction) {
		const first = FIRST[transaction.deposit > 0 ? "deposit" : "withdrawal"];
		this.additional = await api.additional_filters();
		this.group = new frappe.ui.FieldGroup({
			fields: [
				...types_by_hand().flatMap(([name, label], index) => [
					...(index && index % 2 === 0 ? [{ fieldtype: "Column Break" }] : []),
					{
						fieldtype: "Check",
						fieldname: name,
						label,
						default: first.includes(name) ? 1 : 0,
					},
				]),
				{ fieldtype: "Section Break" },
				{
					fieldtype: "Data",
					fieldname: "search",
					label: __("Search name, reference or party"),
				},
				{ fieldtype: "Column Break" },
				{
					fieldtype: "Link",
					fieldname: "party_type",
					label: __("Party Type"),
					options: "DocType",
					get_query: () => ({
						filters: { name: ["in", ["Customer", "Supplier", "Employee"]] },
					}),
				},
				{ fieldtype: "Column Break" },
				{
					fieldtype: "Dynamic Link",
					fieldname: "party",
					label: __("Party"),
					get_options: () => this.group.get_value("party_type"),
				},
				{ fieldtype: "Column Break" },
				{
					fieldtype: "Link",
					fieldname: "customer_group",
					label: __("Customer Group"),
					options: "Customer Group",
				},
				{ fieldtype: "Section Break", label: __("More filters"), collapsible: 1 },
				{ fieldtype: "Date", fieldname: "from_date", label: __("From Date") },
				{ fieldtype: "Column Break" },
				{ fieldtype: "Date", fieldname: "to_date", label: __("To Date") },
				{ fieldtype: "Column Break" },
				{
					fieldtype: "Check",
					fieldname: "filter_by_reference_date",
					label: __("By reference date"),
					default: this.period.filter_by_reference_date ? 1 : 0,
				},
				{ fieldtype: "Check", fieldname: "exact_amount", label: __("Exact amount only") },
				...this.additional_fields(),
			],
			body: this.$wrapper.empty()[0],
		});
		this.group.make();
		for (const section of this.group.sections || []) {
			if (section.df.collapsible) section.collapse(true);
		}
		this.listen();
	}

	additional_fields() {
		return this.additional.map((filter) => ({
			fieldtype: filter.fieldtype,
			fieldname: this.additional_name(filter),
			label: __(filter.label),
			options: filter.options,
		}));
	}

	additional_name(filter) {
		return `extra__${frappe.scrub(filter.dt)}__${filter.fieldname}`;
	}

	listen() {
		this.asked = JSON.stringify(this.values());
		const changed = frappe.utils.debounce(() => this.ask(), 300);
		for (const field of Object.values(this.group.fields_dict)) {
			if (field.df.fieldname && field.df.fieldtype !== "Section Break")
				field.df.change = changed;
		}
		this.$wrapper.find("[data-fieldname=search] input").on("input", changed);
	}

	// Leaving a field tells of a change that was asked for while it was typed: not again, unless that has failed.
	// The promise is kept when the list is that of the filters.
	ask() {
		const asked = JSON.stringify(this.values());
		if (asked !== this.asked) {
			this.asked = asked;
			this.answered = this.on_change().catch((error) => {
				if (this.asked === asked) this.asked = null;
				throw error;
			});
		}
		return this.answered;
	}

	// The arguments for the server.
	values() {
		const values = this.group.get_values(true) || {};
		const by_reference = values.filter_by_reference_date ? 1 : 0;
		return {
			document_types: types_by_hand()
				.map(([name]) => name)
				.filter((name) => values[name]),
			search: values.search || null,
			party_type: values.party_type || null,
			party: values.party || null,
			customer_group: values.customer_group || null,
			from_date: by_reference ? null : values.from_date || null,
			to_date: by_reference ? null : values.to_date || null,
			filter_by_reference_date: by_reference,
			from_reference_date: by_reference ? values.from_date || null : null,
			to_reference_date: by_reference ? values.to_date || null : null,
			exact_amount: values.exact_amount ? 1 : 0,
			extra_filters: this.additional_values(values),
		};
	}

	additional_values(values) {
		const extra = {};
		for (const filter of this.additional) {
			const value = values[this.additional_name(filter)];
			if (value) (extra[filter.dt] ??= {})[filter.fieldname] = value;
		}
		return Object.keys(extra).length ? extra : null;
	}

	focus_search() {
		this.$wrapper.find("[data-fieldname=search] input").trigger("focus");
	}
}
