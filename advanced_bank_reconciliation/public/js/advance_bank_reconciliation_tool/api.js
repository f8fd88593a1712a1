// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Every endpoint of the tool, by its name on the server. Nothing else in these files names one.

const TOOL =
	"advanced_bank_reconciliation.advanced_bank_reconciliation.doctype" +
	".advance_bank_reconciliation_tool.advance_bank_reconciliation_tool";

const read = (method, args) => frappe.xcall(`${TOOL}.${method}`, args, "GET");
const write = (method, args) => frappe.xcall(`${TOOL}.${method}`, args, "POST");

export const api = {
	// the form
	default_settings: () => read("get_abr_default_settings"),
	statement_defaults: (bank_account) => read("get_statement_defaults", { bank_account }),
	account_balance: (bank_account, till_date) =>
		read("get_account_balance", { bank_account, till_date }),
	closing_balance: (bank_account, date) => read("get_closing_balance", { bank_account, date }),
	save_closing_balance: (bank_account, date, balance) =>
		write("save_closing_balance", { bank_account, date, balance }),
	weekly_progress: (period) => read("get_weekly_progress", period),
	unreconciled: (period) => read("get_bank_transactions", period),
	reconciled: (period) => read("get_reconciled_bank_transactions", period),

	// the dialog
	accounting_dimensions: () => read("get_accounting_dimensions_for_dialog"),
	additional_filters: () => read("get_additional_filters"),
	candidates: (args) => read("get_candidates", args),
	update_transaction: (args) => write("update_bank_transaction", args),
	create_payment_entry: (args) => write("create_payment_entry_bts", args),
	create_journal_entry: (args) => write("create_journal_entry_bts", args),
	reconcile_vouchers: (args) => write("reconcile_vouchers", args),
	pay_invoices: (args) => write("create_payment_entries_for_invoices", args),
	pay_invoices_in_bulk: (args) => write("create_payment_entries_bulk", args),
	unreconcile: (args) => write("unreconcile_bank_transaction", args),

	// bulk jobs
	active_jobs: (bank_account) => read("get_active_jobs", { bank_account }),
	progress: (job_id) => read("get_progress", { job_id }),
	pause: (job_id) => write("pause_bulk_reconciliation", { job_id }),
	resume: (job_id) => write("resume_bulk_reconciliation", { job_id }),
	retry: (job_id) => write("retry_bulk_reconciliation", { job_id }),
	cancel: (job_id) => write("cancel_bulk_reconciliation", { job_id }),
};
