// Copyright (c) 2026, Advanced Bank Reconciliation contributors and contributors
// For license information, please see license.txt

// frappe.ui.form.on("Advance Bank Reconciliation Settings", {
// 	refresh(frm) {

// 	},
// });
