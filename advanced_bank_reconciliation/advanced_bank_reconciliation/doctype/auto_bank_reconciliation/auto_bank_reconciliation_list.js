// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

frappe.listview_settings["Auto Bank Reconciliation"] = {
	add_fields: ["status", "dry_run", "matched", "would_match", "total"],

	onload(listview) {
		listview.page.add_inner_button(__("Reconciliation Tool"), () =>
			frappe.set_route("Form", "Advance Bank Reconciliation Tool")
		);
	},

	// The colours are those of the doctype's states; a preview is told from a run.
	get_indicator(doc) {
		const colors = {
			Queued: "gray",
			Running: "blue",
			Completed: "green",
			Failed: "red",
			Cancelled: "gray",
			Undoing: "orange",
			Undone: "gray",
		};
		const label = cint(doc.dry_run) ? __("Preview: {0}", [__(doc.status)]) : __(doc.status);
		return [label, colors[doc.status], `status,=,${doc.status}`];
	},
};
