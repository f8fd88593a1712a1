// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { escape, money } from "../markup.js";

// Where a small difference between the selection and the bank transaction is booked (PITFALLS P21). In sight
// only while there is one that the settings allow.
export class SmallDifference {
	// on_change(): an account was chosen or taken away; read it by `account` and `cost_center`
	constructor({ wrapper, on_change }) {
		this.on_change = on_change;
		this.$root = $(wrapper).hide();
	}

	// settings: write_off_account, exchange_gain_loss_account and cost_center of the company
	make(transaction, settings) {
		this.transaction = transaction;
		this.$root.html(`<details class="abr-difference">
			<summary></summary>
			<div class="abr-difference-accounts small">${this.suggestions(settings)}</div>
			<div class="abr-difference-fields"></div>
		</details>`);
		const of_company = { company: transaction.company, is_group: 0, disabled: 0 };
		this.group = new frappe.ui.FieldGroup({
			fields: [
				{
					fieldtype: "Link",
					fieldname: "account",
					label: __("Account for the Difference"),
					options: "Account",
					get_query: () => ({
						filters: { ...of_company, report_type: "Profit and Loss" },
					}),
					onchange: () => this.on_change(),
				},
				{ fieldtype: "Column Break" },
				{
					fieldtype: "Link",
					fieldname: "cost_center",
					label: __("Cost Center"),
					options: "Cost Center",
					default: settings.cost_center,
					get_query: () => ({ filters: of_company }),
					onchange: () => this.on_change(),
				},
			],
			body: this.$root.find(".abr-difference-fields")[0],
		});
		this.group.make();
		this.$root.on("click", "[data-account]", (event) => {
			event.preventDefault();
			this.group.set_value("account", event.currentTarget.dataset.account);
		});
	}

	suggestions({ write_off_account, exchange_gain_loss_account }) {
		const accounts = new Set([write_off_account, exchange_gain_loss_account].filter(Boolean));
		return [...accounts]
			.map((name) => `<a href="#" data-account="${escape(name)}">${escape(name)}</a>`)
			.join(" · ");
	}

	get account() {
		return this.group?.get_value("account") || null;
	}

	get cost_center() {
		return this.group?.get_value("cost_center") || null;
	}

	show({ difference, may_settle }) {
		const amount = money(Math.abs(difference), this.transaction.currency);
		const text =
			difference > 0
				? __("The bank transaction is {0} short. Settle a small difference", [amount])
				: __("The bank transaction has {0} more. Settle a small difference", [amount]);
		this.$root.toggle(may_settle);
		this.$root.find("summary").text(text);
	}
}
