// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

frappe.listview_settings["Bulk Bank Reconciliation"] = {
	add_fields: ["processed", "failed", "total_invoices", "status"],

	onload(listview) {
		listview.page.add_inner_button(__("Reconciliation Tool"), () =>
			frappe.set_route("Form", "Advance Bank Reconciliation Tool")
		);
	},

	formatters: {
		// In small letters the whole name fits, also beside the sidebar.
		bank_transaction(value) {
			const name = frappe.utils.escape_html(value);
			return `<a class="filterable ellipsis small" data-filter="bank_transaction,=,${name}"
				title="${name}">${name}</a>`;
		},

		percentage(value, df, doc) {
			const percentage = Math.round(flt(value));
			const color = cint(doc.failed) ? "progress-bar-warning" : "progress-bar-success";
			const title = __("{0} of {1} invoices paid, {2} failed", [
				cint(doc.processed),
				cint(doc.total_invoices),
				cint(doc.failed),
			]);
			return `<div class="progress" style="margin: 0;" title="${title}">
				<div class="progress-bar ${color}" role="progressbar" style="width: ${percentage}%;"
					aria-valuenow="${percentage}" aria-valuemin="0" aria-valuemax="100"></div>
			</div>`;
		},
	},
};
