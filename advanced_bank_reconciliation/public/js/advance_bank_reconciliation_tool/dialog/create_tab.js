// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import { party_query } from "./party_query.js";

const is_payment = "eval: doc.document_type === 'Payment Entry'";
const is_journal = "eval: doc.document_type === 'Journal Entry'";

// A new Payment Entry or Journal Entry from the line, linked to it at once.
export class CreateTab {
	constructor({ wrapper, period, settings }) {
		Object.assign(this, { period, settings });
		this.$root = $('<div class="abr-create"></div>').appendTo($(wrapper));
	}

	async open(transaction) {
		this.transaction = transaction;
		this.dimensions = await api.accounting_dimensions();
		this.group = new frappe.ui.FieldGroup({
			is_dialog: true, // else mandatory_depends_on has no effect
			fields: this.fields(transaction),
			body: this.$root.empty()[0],
		});
		this.group.make();
	}

	fields(transaction) {
		return [
			{
				fieldtype: "Select",
				fieldname: "document_type",
				label: __("Document Type"),
				options: ["Payment Entry", "Journal Entry"],
				default: this.settings.default_document_type || "Payment Entry",
				reqd: 1,
			},
			{ fieldtype: "Column Break" },
			{
				fieldtype: "Date",
				fieldname: "posting_date",
				label: __("Posting Date"),
				default: transaction.date,
				reqd: 1,
			},
			{ fieldtype: "Section Break" },
			{
				fieldtype: "Data",
				fieldname: "reference_number",
				label: __("Reference Number"),
				default: transaction.reference_number,
			},
			{
				fieldtype: "Date",
				fieldname: "reference_date",
				label: __("Reference Date"),
				default: transaction.date,
				reqd: 1,
			},
			{
				fieldtype: "Link",
				fieldname: "mode_of_payment",
				label: __("Mode of Payment"),
				options: "Mode of Payment",
			},
			{ fieldtype: "Column Break" },
			{
				fieldtype: "Link",
				fieldname: "party_type",
				label: __("Party Type"),
				options: "DocType",
				default:
					transaction.party_type || (transaction.deposit > 0 ? "Customer" : "Supplier"),
				mandatory_depends_on: is_payment,
				get_query: () => ({
					filters: { name: ["in", Object.keys(frappe.boot.party_account_types || {})] },
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
				mandatory_depends_on: is_payment,
			},
			{
				fieldtype: "Select",
				fieldname: "entry_type",
				label: __("Entry Type"),
				options: [
					"Bank Entry",
					"Journal Entry",
					"Cash Entry",
					"Credit Card Entry",
					"Contra Entry",
				],
				default: this.settings.default_journal_entry_type || "Bank Entry",
				depends_on: is_journal,
				mandatory_depends_on: is_journal,
			},
			{
				fieldtype: "Link",
				fieldname: "second_account",
				label: __("Account"),
				options: "Account",
				depends_on: is_journal,
				mandatory_depends_on: is_journal,
				get_query: () => ({ filters: { company: this.transaction.company, is_group: 0 } }),
			},
			{ fieldtype: "Section Break", label: __("Accounting Dimensions"), collapsible: 1 },
			{
				fieldtype: "Link",
				fieldname: "cost_center",
				label: __("Cost Center"),
				options: "Cost Center",
				get_query: () => ({ filters: { company: this.transaction.company, is_group: 0 } }),
			},
			{ fieldtype: "Column Break" },
			{
				fieldtype: "Link",
				fieldname: "project",
				label: __("Project"),
				options: "Project",
				get_query: () => ({ filters: { company: this.transaction.company } }),
			},
			...this.dimension_fields(),
		];
	}

	dimension_fields() {
		return this.dimensions.map((dimension) => ({
			fieldtype: "Link",
			fieldname: dimension.fieldname,
			label: __(dimension.label),
			options: dimension.options,
			get_query: () => ({
				filters: dimension.has_company_field ? { company: this.transaction.company } : {},
			}),
		}));
	}

	// Returns the Bank Transaction, or the unsaved document with allow_edit; null while fields are missing.
	async submit({ allow_edit = false } = {}) {
		const values = this.group.get_values();
		if (!values) return null;
		const common = {
			bank_transaction_name: this.transaction.name,
			reference_number: values.reference_number,
			reference_date: values.reference_date,
			posting_date: values.posting_date,
			party_type: values.party ? values.party_type : null, // it has a default, also where no party is meant
			party: values.party,
			mode_of_payment: values.mode_of_payment,
			cost_center: values.cost_center,
			project: values.project,
			dimensions: this.dimension_values(values),
			allow_edit: allow_edit ? 1 : 0,
		};
		if (values.document_type === "Payment Entry") return api.create_payment_entry(common);
		const { entry_type, second_account } = values;
		return api.create_journal_entry({ ...common, entry_type, second_account });
	}

	dimension_values(values) {
		const chosen = this.dimensions.filter(({ fieldname }) => values[fieldname]);
		return Object.fromEntries(chosen.map(({ fieldname }) => [fieldname, values[fieldname]]));
	}

	async edit_in_full_page() {
		const doc = await this.submit({ allow_edit: true });
		if (!doc) return false;
		const [synced] = frappe.model.sync(doc);
		frappe.set_route("Form", synced.doctype, synced.name);
		return true;
	}
}
