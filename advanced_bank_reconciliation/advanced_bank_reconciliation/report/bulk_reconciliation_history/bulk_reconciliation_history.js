// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

frappe.query_reports["Bulk Reconciliation History"] = {
	filters: [
		{
			fieldname: "company",
			label: __("Company"),
			fieldtype: "Link",
			options: "Company",
			default: frappe.defaults.get_user_default("Company"),
		},
		{
			fieldname: "bank_account",
			label: __("Bank Account"),
			fieldtype: "Link",
			options: "Bank Account",
			get_query: () => {
				const company = frappe.query_report.get_filter_value("company");
				return { filters: { is_company_account: 1, ...(company && { company }) } };
			},
		},
		{
			fieldname: "from_date",
			label: __("From Date"),
			fieldtype: "Date",
			default: frappe.datetime.add_months(frappe.datetime.get_today(), -1),
			reqd: 1,
		},
		{
			fieldname: "to_date",
			label: __("To Date"),
			fieldtype: "Date",
			default: frappe.datetime.get_today(),
			reqd: 1,
		},
		{
			fieldname: "status",
			label: __("Status"),
			fieldtype: "Select",
			options: [
				"",
				"Queued",
				"Running",
				"Paused",
				"Reconciling",
				"Rolling Back",
				"Completed",
				"Partially Completed",
				"Failed",
				"Rolled Back",
				"Cancelled",
				"Undoing",
				"Undone",
			],
		},
	],

	formatter(value, row, column, data, default_formatter) {
		const shown = default_formatter(value, row, column, data);
		if (column.fieldname === "failed" && data?.failed) {
			return `<span class="text-danger">${shown}</span>`;
		}
		return shown;
	},
};
