// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import { party_query } from "./party_query.js";

// What the bank did not say clearly: reference and party of the line.
export class UpdateTab {
	constructor({ wrapper, settings }) {
		this.settings = settings;
		this.$root = $('<div class="abr-update"></div>').appendTo($(wrapper));
	}

	async open(transaction) {
		this.transaction = transaction;
		this.group = new frappe.ui.FieldGroup({
			fields: [
				{
					fieldtype: "Data",
					fieldname: "reference_number",
					label: __("Reference Number"),
					default: transaction.reference_number,
				},
				{ fieldtype: "Column Break" },
				{
					fieldtype: "Link",
					fieldname: "party_type",
					label: __("Party Type"),
					options: "DocType",
					default: transaction.party_type,
					get_query: () => ({
						filters: {
							name: ["in", Object.keys(frappe.boot.party_account_types || {})],
						},
					}),
				},
				{
					fieldtype: "Dynamic Link",
					fieldname: "party",
					label: __("Party"),
					get_options: () => this.group.get_value("party_type"),
					get_query: () =>
						party_query(
							this.group.get_value("party_type"),
							this.transaction,
							this.settings
						),
					default: transaction.party,
				},
			],
			body: this.$root.empty()[0],
		});
		this.group.make();
	}

	submit() {
		const values = this.group.get_values();
		if (!values) return null;
		return api.update_transaction({
			bank_transaction_name: this.transaction.name,
			reference_number: values.reference_number || "",
			party_type: values.party_type || "",
			party: values.party || "",
		});
	}
}
