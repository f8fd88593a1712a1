// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import { escape } from "../markup.js";

// A line that could not be read is made good by hand; what the bank wrote stands above it.
export function correct_line(state, line, on_state) {
	const dialog = new frappe.ui.Dialog({
		title: __("Correct the Line in Row {0}", [line.number || "–"]),
		fields: [
			{ fieldtype: "HTML", fieldname: "reason" },
			{
				fieldtype: "Date",
				fieldname: "date",
				label: __("Date"),
				reqd: 1,
				default: line.date || "",
			},
			{
				fieldtype: "Currency",
				fieldname: "amount",
				label: __("Amount (withdrawals with a minus)"),
				reqd: 1,
				default: line.amount || "",
			},
			{
				fieldtype: "Small Text",
				fieldname: "description",
				label: __("Description"),
				default: line.description || "",
			},
			{
				fieldtype: "Data",
				fieldname: "reference",
				label: __("Reference"),
				default: line.reference || "",
			},
		],
		primary_action_label: __("Correct"),
		async primary_action({ date, amount, description, reference }) {
			dialog.disable_primary_action();
			try {
				const values = { date, amount, description, reference };
				const answer = await api.correct_line(state.name, line.row, values);
				dialog.hide();
				on_state(answer);
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	dialog.$wrapper.addClass("abr-correct-dialog");
	$(dialog.get_field("reason").$wrapper).html(`
		<p class="text-danger">${escape(line.error)}</p>
		${
			line.raw
				? `<p class="small text-muted">${__(
						"In the file"
				  )}:</p><pre class="abr-raw">${escape(line.raw)}</pre>`
				: ""
		}`);
	dialog.show();
}
