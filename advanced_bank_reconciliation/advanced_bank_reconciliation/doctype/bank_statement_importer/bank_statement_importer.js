// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

const ASSETS = ["statement_import.bundle.js", "advance_bank_reconciliation_tool.bundle.css"];

// The company, the bank account, and the dialog of the reconciliation tool. Nothing is kept in the fields.
frappe.ui.form.on("Bank Statement Importer", {
	setup(frm) {
		frm.dirty = () => {}; // leaving the page loses nothing
		frm.set_query("bank_account", () => {
			const filters = { is_company_account: 1 };
			if (frm.doc.company) filters.company = frm.doc.company;
			return { filters };
		});
	},

	async refresh(frm) {
		frm.disable_save();
		frm.toggle_display("file", false);
		await frappe.require(ASSETS);
		frm.imports ??= new advanced_bank_reconciliation.StatementImport({
			wrapper: $('<div class="abr-root abr-below-fields"></div>').appendTo(
				frm.layout.wrapper
			),
		});
		frm.add_custom_button(__("Upload Bank Statement"), () => upload(frm)).addClass(
			"btn-primary"
		);
		frm.add_custom_button(__("All Imports"), () =>
			frappe.set_route("List", "Bank Statement Import Record")
		);
		frm.add_custom_button(__("Reconciliation Tool"), () =>
			frappe.set_route("Form", "Advance Bank Reconciliation Tool")
		);
		await name_unfinished(frm);
	},

	async company(frm) {
		await frm.set_value("bank_account", "");
	},

	bank_account: (frm) => name_unfinished(frm),
});

function upload(frm) {
	if (frm.doc.bank_account) frm.imports.open(frm.doc.bank_account);
	else frappe.show_alert({ message: __("Choose a bank account first."), indicator: "orange" });
}

async function name_unfinished(frm) {
	if (frm.doc.bank_account) await frm.imports.attach(frm.doc.bank_account);
}
