// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

frappe.listview_settings["Bank Statement Import Record"] = {
	add_fields: ["status", "total", "imported", "duplicates", "bad", "failed"],

	onload(listview) {
		listview.page.add_inner_button(__("Import a Statement"), () =>
			frappe.set_route("Form", "Bank Statement Importer")
		);
		listview.page.add_inner_button(__("Reconciliation Tool"), () =>
			frappe.set_route("Form", "Advance Bank Reconciliation Tool")
		);
	},

	formatters: {
		percentage(value, df, doc) {
			const percentage = Math.round(flt(value));
			const problems = cint(doc.failed) || cint(doc.bad);
			const color =
				problems && doc.status !== "Completed" // completed: they are skipped
					? "progress-bar-warning"
					: "progress-bar-success";
			const title = __("{0} of {1} lines imported, {2} failed", [
				cint(doc.imported),
				cint(doc.total),
				cint(doc.failed),
			]);
			return `<div class="progress" style="margin: 0;" title="${title}">
				<div class="progress-bar ${color}" role="progressbar" style="width: ${percentage}%;"
					aria-valuenow="${percentage}" aria-valuemin="0" aria-valuemax="100"></div>
			</div>`;
		},
	},
};
