// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

const TOOL =
	"advanced_bank_reconciliation.advanced_bank_reconciliation.doctype" +
	".advance_bank_reconciliation_tool.advance_bank_reconciliation_tool";

const ENDPOINTS = {
	progress: `${TOOL}.get_auto_progress`,
	cancel: `${TOOL}.cancel_auto_reconciliation`,
	undo: `${TOOL}.undo_auto_reconciliation`,
};

const EVENTS = ["auto_reconciliation_progress", "auto_reconciliation_complete"];
const COLORS = { Completed: "green", Failed: "red", Undoing: "orange" };

// Texts that may quote a bank statement or an error are never read as HTML; see bulk_bank_reconciliation.js.
const as_text = (value) => frappe.utils.escape_html(value || "");
frappe.meta.docfield_map["Auto Bank Reconciliation Line"].reason.formatter = as_text;

frappe.ui.form.on("Auto Bank Reconciliation", {
	onload(frm) {
		frm.set_df_property("message", "formatter", as_text);
		frm.set_df_property("document_types", "formatter", kinds_html);
	},

	async refresh(frm) {
		frm.disable_save();
		add_links(frm);
		await frappe.require("job_form.bundle.js");
		advanced_bank_reconciliation.monitor_job(frm, {
			events: EVENTS,
			endpoint: ENDPOINTS.progress,
			draw: (progress, is_first) => draw(frm, progress, is_first),
		});
	},

	on_hide(frm) {
		frm.job_monitor?.stop();
	},
});

// ["payment_entry", "journal_entry"] as the user knows them.
function kinds_html(value) {
	const names = value ? JSON.parse(value) : [];
	return as_text(names.map((name) => __(frappe.unscrub(name))).join(", "));
}

function draw(frm, progress, is_first) {
	if (is_first) add_action_buttons(frm, progress);
	["percentage", "matched", "would_match", "skipped", "failed", "undone", "message"].forEach(
		(fieldname) => {
			frm.doc[fieldname] = progress[fieldname];
			frm.refresh_field(fieldname);
		}
	);
	if (progress.active) {
		advanced_bank_reconciliation.show_job_progress(frm, progress);
	}
	frm.dashboard.clear_headline();
	frm.dashboard.set_headline(
		`<div>${as_text(progress.message)}</div>`,
		COLORS[progress.status] || "blue"
	);
}

function add_action_buttons(frm, { can }) {
	if (can.cancel) frm.add_custom_button(__("Cancel Run"), () => act(frm, "cancel"));
	if (can.undo) frm.add_custom_button(__("Undo Run"), () => confirm_undo(frm));
}

function confirm_undo(frm) {
	const question = __(
		"Undo {0}? What it has matched is unlinked again, and payments that it made are cancelled. Vouchers that existed before are not changed.",
		[frm.doc.name.bold()]
	);
	frappe.confirm(question, () => act(frm, "undo"));
}

function act(frm, action) {
	return advanced_bank_reconciliation.act_on_job(frm, ENDPOINTS[action]);
}

function add_links(frm) {
	const group = __("View");
	frm.add_custom_button(
		__("Bank Account"),
		() => frappe.set_route("Form", "Bank Account", frm.doc.bank_account),
		group
	);
	frm.add_custom_button(
		__("Reconciliation Tool"),
		() => frappe.set_route("Form", "Advance Bank Reconciliation Tool"),
		group
	);
}
