// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

frappe.ui.form.on("Advance Bank Reconciliation Tool", {
	setup(frm) {
		frm.set_query("bank_account", () => {
			const filters = { is_company_account: 1 };
			if (frm.doc.company) filters.company = frm.doc.company;
			return { filters };
		});
	},

	refresh(frm) {
		frm.disable_save();
		frm.add_custom_button(__("Bulk Reconciliations"), () =>
			frappe.set_route(
				"List",
				"Bulk Bank Reconciliation",
				frm.doc.bank_account ? { bank_account: frm.doc.bank_account } : {}
			)
		);
	},
});
