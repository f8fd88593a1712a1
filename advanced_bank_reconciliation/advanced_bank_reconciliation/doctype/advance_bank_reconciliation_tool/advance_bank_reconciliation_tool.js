// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

const ASSETS = [
	"advance_bank_reconciliation_tool.bundle.js",
	"advance_bank_reconciliation_tool.bundle.css",
];
const LAST_ACCOUNT = "abr_last_bank_account";

frappe.ui.form.on("Advance Bank Reconciliation Tool", {
	setup(frm) {
		frm.dirty = () => {}; // its fields are never saved: leaving the page loses nothing and asks nothing
		frm.set_query("bank_account", () => {
			const filters = { is_company_account: 1 };
			if (frm.doc.company) filters.company = frm.doc.company;
			return { filters };
		});
	},

	async refresh(frm) {
		frm.disable_save();
		add_buttons(frm);
		await frappe.require(ASSETS);
		frm.abr_tool ??= new advanced_bank_reconciliation.ReconciliationTool({ frm });
		frm.abr_tool.on_show_statement = (state, changes) => show_statement(frm, state, changes);
		await restore_state(frm);
		await show(frm);
	},

	async company(frm) {
		await frm.set_value("bank_account", "");
	},

	async bank_account(frm) {
		frm.closing_balance_known = false;
		if (frm.doc.bank_account) await set_defaults_of_account(frm);
		await show(frm);
	},

	bank_statement_from_date: (frm) => show_later(frm),
	bank_statement_to_date: (frm) => show_later(frm),
	from_reference_date: (frm) => show_later(frm),
	to_reference_date: (frm) => show_later(frm),
	filter_by_reference_date: (frm) => show_later(frm),

	async bank_statement_closing_balance(frm) {
		frm.closing_balance_known = true;
		frm.abr_tool.render_cards();
		await frm.abr_tool.save_closing_balance();
	},
});

function add_buttons(frm) {
	frm.add_custom_button(__("Get Unreconciled Entries"), () => show(frm));
	frm.change_custom_button_type(__("Get Unreconciled Entries"), null, "primary");
	if (frappe.model.can_create("Bank Transaction")) {
		frm.add_custom_button(__("Upload Bank Statement"), () => upload_statement(frm));
	}
	frm.add_custom_button(__("Auto Reconcile"), () => auto_reconcile(frm));
	frm.add_custom_button(__("Bulk Reconciliations"), () => {
		if (frm.doc.bank_account) frm.abr_tool.show_jobs();
		else frappe.set_route("List", "Bulk Bank Reconciliation");
	});
	frm.add_custom_button(__("Keyboard"), () => frm.abr_tool.show_help(), __("Help"));
}

function auto_reconcile(frm) {
	const missing = what_is_missing(frm.doc);
	if (missing) frappe.show_alert({ message: missing, indicator: "orange" });
	else frm.abr_tool.auto_reconcile();
}

function upload_statement(frm) {
	if (frm.doc.bank_account) frm.abr_tool.imports.open(frm.doc.bank_account);
	else frappe.show_alert({ message: __("Choose a bank account first."), indicator: "orange" });
}

// The form shows the statement that was imported; changes: what of it differs, as the user has agreed to.
async function show_statement(frm, state, changes) {
	set_quietly(frm, changes);
	if ("bank_statement_closing_balance" in changes) await frm.abr_tool.save_closing_balance();
	await show(frm);
}

// What the address says, else the account used last.
async function restore_state(frm) {
	if (frm.abr_restored) return;
	frm.abr_restored = true;
	const { tab, ...state } = frm.abr_tool.read_url_state();
	const bank_account = state.bank_account || localStorage.getItem(LAST_ACCOUNT) || "";
	set_quietly(frm, {
		company: state.company || frappe.defaults.get_user_default("Company") || "",
		bank_account,
		filter_by_reference_date: state.filter_by_reference_date || 0,
	});
	if (bank_account) await set_defaults_of_account(frm);
	set_quietly(frm, state);
	if (tab === "done") frm.abr_tool.table.show_tab(tab);
}

async function set_defaults_of_account(frm) {
	const defaults = await frm.abr_tool.statement_defaults(frm.doc.bank_account);
	frm.abr_tool.show_warnings(defaults.warnings);
	set_quietly(frm, {
		company: defaults.company,
		account_currency: defaults.account_currency,
		bank_statement_from_date: defaults.from_date,
		bank_statement_to_date: defaults.to_date,
	});
}

// What the program fills in is not what the user typed: no handler of a changed field may run for it.
function set_quietly(frm, values) {
	Object.assign(frm.doc, values);
	frm.refresh_fields();
}

const show_later = frappe.utils.debounce((frm) => show(frm), 300);

async function show(frm) {
	const { doc } = frm;
	frm.abr_tool.write_url_state();
	const missing = what_is_missing(doc);
	frm.abr_tool.show_empty_state(missing);
	if (missing) return;
	localStorage.setItem(LAST_ACCOUNT, doc.bank_account);
	const balances = await frm.abr_tool.balances();
	frm.closing_balance_known = balances.closing !== null;
	set_quietly(frm, {
		account_opening_balance: balances.opening,
		bank_statement_closing_balance: balances.closing,
	});
	await frm.abr_tool.load();
}

function what_is_missing(doc) {
	if (!doc.bank_account) return __("Choose a bank account to see its open transactions.");
	if (!doc.bank_statement_from_date || !doc.bank_statement_to_date)
		return __("Choose the period of the bank statement.");
	return "";
}
