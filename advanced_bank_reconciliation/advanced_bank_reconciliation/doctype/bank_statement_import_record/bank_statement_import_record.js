// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

const ASSETS = ["statement_import.bundle.js", "advance_bank_reconciliation_tool.bundle.css"];

// Texts that may quote a bank statement are never read as HTML. Those that the page shows in its own way, as
// figures and sentences above the fields, are not shown a second time.
const QUOTING = ["message", "error_message", "proof_message", "stale_message"];
const SHOWN_ABOVE = ["message", "error_message", "proof_message"];

const as_text = (value) => frappe.utils.escape_html(value || "");

function as_link_to_file(url) {
	return url ? `<a href="${as_text(encodeURI(url))}" target="_blank">${as_text(url)}</a>` : "";
}

frappe.ui.form.on("Bank Statement Import Record", {
	onload(frm) {
		for (const fieldname of QUOTING) frm.set_df_property(fieldname, "formatter", as_text);
		frm.set_df_property("file", "formatter", as_link_to_file);
	},

	async refresh(frm) {
		frm.disable_save();
		for (const fieldname of SHOWN_ABOVE) frm.toggle_display(fieldname, false);
		await frappe.require(ASSETS);
		frm.import_page ??= new advanced_bank_reconciliation.StatementImportPage({ frm });
		await frm.import_page.refresh();
	},

	on_hide(frm) {
		frm.import_page?.leave();
	},
});
