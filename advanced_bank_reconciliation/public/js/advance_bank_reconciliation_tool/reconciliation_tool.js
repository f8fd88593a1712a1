// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "./api.js";
import { AutoReconcile } from "./auto/auto_reconcile.js";
import { confirm_undo } from "./bulk/confirm.js";
import { show_job_list } from "./bulk/job_list.js";
import { JobWatcher } from "./bulk/job_watcher.js";
import { BulkProgressDialog } from "./bulk/progress_dialog.js";
import { DataTableManager } from "./data_table_manager.js";
import { DialogManager } from "./dialog/dialog_manager.js";
import { ask_to_unreconcile, show_done, undo } from "./dialog/unreconcile.js";
import { escape, update_html } from "./markup.js";
import { Keyboard, show_help } from "./keyboard.js";
import { ProgressChart } from "./progress_chart.js";
import { StatementImport } from "./statement_import/statement_import.js";
import { SummaryCardManager } from "./summary_card_manager.js";
import { read_url_state, write_url_state } from "./url_state.js";

// The reconciliation of one bank account over one period: owns the regions of the form and keeps them in
// step. One lives as long as the page; load() shows another account or period.
export class ReconciliationTool {
	constructor({ frm }) {
		this.frm = frm;
		this.dialogs = new Map(); // progress dialogs by job
		this.watcher = new JobWatcher({
			events: ["bulk_reconciliation_progress", "bulk_reconciliation_complete"],
			ask: api.progress,
			on_progress: (progress) => this.show_progress(progress),
			on_end: (progress) => this.show_end(progress),
		});
		this.auto = new AutoReconcile({
			open_lines: () => this.table.open_table.rows,
			on_change: () => this.render_pills(),
			on_booked: () => this.load(),
		});
		this.keyboard = new Keyboard({
			is_active: () => frappe.get_route()[1] === frm.doctype && !this.other_dialog_open(),
			actions: this.key_actions(),
		});
		this.read_url_state = read_url_state;
		this.show_help = show_help;
		this.statement_defaults = api.statement_defaults;
		this.make();
	}

	make() {
		const field = (name) => this.frm.get_field(name).$wrapper;
		const $top = field("reconciliation_tool_cards").empty().addClass("abr-root");
		this.$empty = $('<div class="abr-empty"></div>').prependTo($top);
		this.$warnings = $('<div class="abr-warnings text-warning small"></div>').appendTo($top);
		this.$pills = $('<div class="abr-pills"></div>').appendTo($top);
		this.make_imports($('<div class="abr-unfinished-imports"></div>').appendTo($top));
		this.cards = new SummaryCardManager({ wrapper: $top });
		this.chart = new ProgressChart({ wrapper: $top });
		this.table = new DataTableManager({
			wrapper: field("reconciliation_tool_dt").empty().addClass("abr-root"),
			reconciled_wrapper: field("reconciled_transactions_dt").empty().addClass("abr-root"),
			on_open: (transaction) => this.dialog?.open(transaction),
			on_unreconcile: (row) => this.unreconcile(row),
			on_tab: () => this.write_url_state(),
		});
		this.$pills.on("click", "[data-job]", (event) =>
			this.open_progress(event.currentTarget.dataset.job)
		);
		this.$pills.on("click", "[data-auto]", (event) =>
			this.auto.open_progress(event.currentTarget.dataset.auto)
		);
		this.keyboard.start();
	}

	make_imports(wrapper) {
		this.imports = new StatementImport({
			wrapper,
			form: () => this.frm,
			on_change: () => this.render_pills(),
			on_booked: ({ bank_account }) => {
				if (bank_account === this.frm.doc.bank_account) return this.load();
			},
			on_show: (state, changes) => this.on_show_statement?.(state, changes),
		});
		this.$pills.on("click", "[data-import]", (event) =>
			this.imports.resume(event.currentTarget.dataset.import)
		);
	}

	write_url_state() {
		const { tab } = this.table;
		write_url_state({ ...this.frm.doc, tab: tab === "open" ? "" : tab });
	}

	get period() {
		const { doc } = this.frm;
		return {
			bank_account: doc.bank_account,
			from_date: doc.bank_statement_from_date || null,
			to_date: doc.bank_statement_to_date || null,
		};
	}

	// What to do next, where there is nothing to show yet.
	show_empty_state(message) {
		this.$empty.text(message).toggle(Boolean(message));
		this.$empty.nextAll().toggle(!message);
		this.table.show(!message);
	}

	// What about the account gets in the way of reconciling it.
	show_warnings(sentences) {
		this.$warnings.html(
			sentences.map((sentence) => `<div>${escape(sentence)}</div>`).join("")
		);
	}

	async balances() {
		const { bank_account, bank_statement_from_date, bank_statement_to_date } = this.frm.doc;
		const [opening, closing] = await Promise.all([
			api.account_balance(
				bank_account,
				frappe.datetime.add_days(bank_statement_from_date, -1)
			),
			api.closing_balance(bank_account, bank_statement_to_date),
		]);
		return { opening, closing: closing ?? null };
	}

	save_closing_balance() {
		const { bank_account, bank_statement_to_date, bank_statement_closing_balance } =
			this.frm.doc;
		return api.save_closing_balance(
			bank_account,
			bank_statement_to_date,
			bank_statement_closing_balance
		);
	}

	get precision() {
		return precision("bank_statement_closing_balance", this.frm.doc);
	}

	async load() {
		this.settings ??= await api.default_settings();
		this.dialog = new DialogManager({
			period: {
				...this.period,
				filter_by_reference_date: this.frm.doc.filter_by_reference_date,
			},
			settings: this.settings,
			precision: this.precision,
			on_done: (result) => this.done(result),
			on_job: (job_id) => this.follow(job_id),
		});
		// What is at work is asked for first: what ends from now on is heard of, and shown by loading again.
		const attached = this.attach_to_jobs();
		await Promise.allSettled([attached]);
		await Promise.all([attached, this.table.load(this.period), this.load_figures()]);
	}

	async load_figures() {
		const { doc } = this.frm;
		const [books, weeks] = await Promise.all([
			api.account_balance(doc.bank_account, doc.bank_statement_to_date),
			api.weekly_progress(this.period),
		]);
		this.books = books;
		this.render_cards();
		this.chart.render(weeks, doc.account_currency);
	}

	render_cards() {
		const { doc } = this.frm;
		const typed = this.frm.closing_balance_known
			? flt(doc.bank_statement_closing_balance)
			: null;
		this.cards.render({
			statement: typed,
			books: this.books ?? null,
			currency: doc.account_currency,
			precision: this.precision,
		});
	}

	// After an action on a line: only what it changed is asked for again.
	async refresh_line(name, vouchers = []) {
		const names = [name, ...lines_among(vouchers)];
		const [states] = await Promise.all([
			Promise.all(names.map((each) => api.transaction_state(each))),
			this.load_figures(),
		]);
		states.forEach((state) => this.table.refresh_transaction(state));
	}

	async done({ transaction, answer, linked, updated }) {
		await this.refresh_line(transaction.name, linked);
		if (updated) {
			show_done(__("{0} is updated.", [transaction.name]));
			return;
		}
		this.last_match = linked?.length ? { name: transaction.name, linked } : null;
		const failures = answer?.failures || [];
		if (failures.length) {
			frappe.msgprint({
				title: __("{0} of the documents could not be settled", [failures.length]),
				message: failures.map((failure) => escape(failure.message)).join("<br>"),
				indicator: "orange",
			});
		}
		show_done(
			__("{0} is matched.", [transaction.name]),
			this.last_match && (() => this.undo_last())
		);
	}

	async undo_last() {
		const match = this.last_match;
		if (!match) return false;
		this.last_match = null;
		const answer = await undo(match.name, match.linked);
		await this.refresh_line(match.name, match.linked);
		show_done(answer.message);
	}

	unreconcile(row) {
		ask_to_unreconcile(row, async (answer) => {
			const unlinked = answer.unlinked.map((voucher) => [
				voucher.payment_document,
				voucher.payment_entry,
			]);
			await this.refresh_line(row.name, unlinked);
			show_done(answer.message);
		});
	}

	// Bulk jobs

	async attach_to_jobs() {
		const { bank_account } = this.frm.doc;
		const [jobs] = await Promise.all([
			api.active_jobs(bank_account),
			this.auto.attach(bank_account),
			this.imports.attach(bank_account),
		]);
		for (const job of jobs) {
			if (!this.watcher.jobs.has(job.job_id)) this.watcher.watch(job.job_id);
		}
		this.render_pills();
	}

	auto_reconcile() {
		const { doc } = this.frm;
		this.auto.open({
			period: this.period,
			reference: {
				filter_by_reference_date: doc.filter_by_reference_date ? 1 : 0,
				from_reference_date: doc.from_reference_date || null,
				to_reference_date: doc.to_reference_date || null,
			},
			settings: this.settings,
		});
	}

	follow(job_id) {
		this.open_progress(job_id);
		return this.watcher.watch(job_id);
	}

	show_jobs() {
		return show_job_list(this.frm.doc.bank_account, {
			on_open: (job_id) => {
				if (!this.watcher.jobs.has(job_id)) this.watcher.watch(job_id);
				this.open_progress(job_id);
			},
			on_undo: (job_id) => this.undo_job(job_id),
		});
	}

	async undo_job(job_id) {
		const progress = await api.progress(job_id);
		if (progress.can.undo && !(await confirm_undo(progress))) return;
		await api.undo(job_id); // says why where it cannot be undone any more
		await this.follow(job_id);
	}

	open_progress(job_id) {
		if (!this.dialogs.has(job_id)) {
			const dialog = new BulkProgressDialog({
				job_id,
				on_restart: () => {
					this.dialogs.set(job_id, dialog); // it was let go when the job ended
					this.watcher.watch(job_id);
				},
			});
			this.dialogs.set(job_id, dialog);
		}
		const dialog = this.dialogs.get(job_id);
		const progress = this.watcher.jobs.get(job_id)?.progress;
		if (progress) dialog.render(progress);
		dialog.show();
	}

	show_progress(progress) {
		this.dialogs.get(progress.job_id)?.render(progress);
		this.render_pills();
	}

	async show_end(progress) {
		const dialog = this.dialogs.get(progress.job_id);
		this.render_pills();
		if (dialog?.dialog.display) {
			dialog.render(progress);
		} else {
			frappe.show_alert(
				{
					message: escape(progress.message),
					indicator: ["Completed", "Undone"].includes(progress.status)
						? "green"
						: "orange",
				},
				15
			);
		}
		this.dialogs.delete(progress.job_id);
		await this.refresh_line(progress.bank_transaction);
	}

	render_pills() {
		const bulk = this.watcher.running.map((progress) =>
			pill_html(progress, `data-job="${escape(progress.job_id)}"`, progress.bank_transaction)
		);
		const auto = this.auto.running.map((progress) =>
			pill_html(
				progress,
				`data-auto="${escape(progress.job_id)}"`,
				progress.dry_run ? __("Preview") : __("Auto Reconcile")
			)
		);
		const imports = this.imports.running.map((progress) =>
			pill_html(
				progress,
				`data-import="${escape(progress.name)}"`,
				progress.file_name || progress.name
			)
		);
		update_html(this.$pills, [...bulk, ...auto, ...imports].join(" "));
	}

	// Keyboard

	key_actions() {
		const in_dialog = () => this.dialog?.is_open;
		const match = () => this.dialog.tabs.match;
		return {
			move: (step) => (in_dialog() ? match().table : this.table.table).move_focus(step),
			enter: () => (in_dialog() ? match().accept() : this.table.table.open_focused()),
			tick: () => (in_dialog() ? match().tick_focused() : false),
			search: () =>
				in_dialog() ? match().filters.focus_search() : this.table.focus_search(),
			undo: () => (in_dialog() ? false : this.undo_last()),
		};
	}

	other_dialog_open() {
		return Boolean(
			window.cur_dialog && cur_dialog.display && cur_dialog !== this.dialog?.dialog
		);
	}
}

function pill_html(progress, attribute, label) {
	return `<button class="btn btn-xs abr-pill" ${attribute}>
		<span class="abr-pulse"></span>
		${escape(label)} · ${Math.round(progress.percentage)}%
		· ${escape(__(progress.status))}</button>`;
}

// A Bank Transaction that is a voucher of another has changed with it.
function lines_among(vouchers) {
	return vouchers
		.filter(([doctype]) => doctype === "Bank Transaction")
		.map(([_doctype, name]) => name);
}
