// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Every endpoint of the tool, by its name on the server. Nothing else in these files names one.

const TOOL =
	"advanced_bank_reconciliation.advanced_bank_reconciliation.doctype" +
	".advance_bank_reconciliation_tool.advance_bank_reconciliation_tool";

const IMPORTER =
	"advanced_bank_reconciliation.advanced_bank_reconciliation.doctype" +
	".bank_statement_importer.bank_statement_importer";

export const IMPORT_RECORD = "Bank Statement Import Record";
const UNFINISHED = ["Draft", "Queued", "Importing", "Reverting"];

// For forms that follow a job by its endpoint's name.
export const IMPORT_PROGRESS = `${IMPORTER}.get_statement_import`;

const call = (method, args) => frappe.xcall(`${TOOL}.${method}`, args);
const call_importer = (method, args) => frappe.xcall(`${IMPORTER}.${method}`, args);

// For questions that are asked again by themselves: where no answer comes, the desk need not say so each time.
// Raises an error with the HTTP status, 0 for a server that cannot be reached.
async function ask_quietly(method, args, module = TOOL) {
	const headers = { Accept: "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token };
	const query = new URLSearchParams(args);
	let response = { ok: false, status: 0 };
	try {
		response = await fetch(`/api/method/${module}.${method}?${query}`, { headers });
		if (response.ok) return (await response.json()).message;
	} catch {
		// the server went away before or while it answered
	}
	throw Object.assign(new Error(`${method}: no answer`), { status: response.status });
}

export const api = {
	// the form
	// of the line's company too, when a line is given
	default_settings: (bank_transaction_name) =>
		call("get_abr_default_settings", { bank_transaction_name }),
	statement_defaults: (bank_account) => call("get_statement_defaults", { bank_account }),
	account_balance: (bank_account, till_date) =>
		call("get_account_balance", { bank_account, till_date }),
	closing_balance: (bank_account, date) => call("get_closing_balance", { bank_account, date }),
	save_closing_balance: (bank_account, date, balance) =>
		call("save_closing_balance", { bank_account, date, balance }),
	weekly_progress: (period) => call("get_weekly_progress", period),
	unreconciled: (period) => call("get_bank_transactions", period),
	transaction_state: (bank_transaction_name) =>
		call("get_bank_transaction_state", { bank_transaction_name }),
	reconciled: (period) => call("get_reconciled_bank_transactions", period),

	// the dialog
	accounting_dimensions: () => call("get_accounting_dimensions_for_dialog"),
	additional_filters: () => call("get_additional_filters"),
	candidates: (args) => call("get_candidates", args),
	suggest: (args) => call("suggest_invoices", args),
	update_transaction: (args) => call("update_bank_transaction", args),
	create_payment_entry: (args) => call("create_payment_entry_bts", args),
	create_journal_entry: (args) => call("create_journal_entry_bts", args),
	reconcile_vouchers: (args) => call("reconcile_vouchers", args),
	pay_invoices: (args) => call("create_payment_entries_for_invoices", args),
	pay_invoices_in_bulk: (args) => call("create_payment_entries_bulk", args),
	payment_entry_counts: (args) => call("get_payment_entry_counts", args),
	unreconcile: (args) => call("unreconcile_bank_transaction", args),

	// bulk jobs
	active_jobs: (bank_account) => call("get_active_jobs", { bank_account }),
	progress: (job_id) => ask_quietly("get_progress", { job_id }),
	recent_jobs: (bank_account) => call("get_recent_jobs", { bank_account }),
	pause: (job_id) => call("pause_bulk_reconciliation", { job_id }),
	resume: (job_id) => call("resume_bulk_reconciliation", { job_id }),
	retry: (job_id) => call("retry_bulk_reconciliation", { job_id }),
	cancel: (job_id) => call("cancel_bulk_reconciliation", { job_id }),
	undo: (job_id) => call("undo_bulk_reconciliation", { job_id }),

	// auto reconcile
	auto_reconcile: (args) => call("auto_reconcile_vouchers", args),
	auto_progress: (job_id) => ask_quietly("get_auto_progress", { job_id }),
	auto_result: (job_id) => call("get_auto_progress", { job_id, with_lines: 1 }),
	active_auto: (bank_account) => call("get_active_auto_reconciliation", { bank_account }),
	cancel_auto: (job_id) => call("cancel_auto_reconciliation", { job_id }),
	undo_auto: (job_id) => call("undo_auto_reconciliation", { job_id }),

	// statement import
	upload_statement: (bank_account, file_url) =>
		call_importer("upload_statement", { bank_account, file_url }),
	statement_import: (name) => call_importer("get_statement_import", { name }),
	unfinished_imports: (bank_account) =>
		frappe.db.get_list(IMPORT_RECORD, {
			fields: ["name", "status", "file_name"],
			filters: { bank_account, status: ["in", UNFINISHED] },
			order_by: "creation desc",
			limit: 10,
		}),
	change_mapping: (name, { mapping, answers }) =>
		call_importer("change_mapping", { name, mapping, answers }),
	save_mapping: (name) => call_importer("save_mapping", { name }),
	import_lines: (args) => call_importer("get_import_lines", args),
	decide_lines: (name, rows, decision) =>
		call_importer("set_decision", { name, rows, decision }),
	decide_all: (name, outcome, decision) =>
		call_importer("decide_all", { name, outcome, decision }),
	problem_lines_url: (name) =>
		`/api/method/${IMPORTER}.get_problem_lines?name=${encodeURIComponent(name)}`,
	correct_line: (name, row, values) => call_importer("correct_line", { name, row, values }),
	start_import: (name) => call_importer("start_import", { name }),
	resume_import: (name) => call_importer("resume_import", { name }),
	cancel_import: (name) => call_importer("cancel_import", { name }),
	retry_import: (name) => call_importer("retry_import", { name }),
	revert_import: (name) => call_importer("revert_import", { name }),
	discard_import: (name) => call_importer("discard_import", { name }),
	import_progress: (name) => ask_quietly("get_statement_import", { name }, IMPORTER),
};
