// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { IMPORT_RECORD, api } from "../api.js";
import { JobWatcher } from "../bulk/job_watcher.js";
import { is_active } from "../core/statement_steps.js";
import { escape, form_link, update_html } from "../markup.js";
import { StatementImportDialog } from "./import_dialog.js";

export const EVENTS = ["statement_import_progress", "statement_import_complete"];
const SUCCESSFUL = ["Completed", "Reverted"];

// The imports of a form: its dialog, those at work, and those that were begun and left. Used by the tool, the
// record and the importer.
export class StatementImport {
	// wrapper: where unfinished imports are named, if anywhere. form(): {doc, closing_balance_known} of the
	// tool, null elsewhere. on_change(): an import has moved. on_booked(state): Bank Transactions were made or
	// cancelled. on_show(state, changes): the tool is to show them. on_close(): the dialog is closed.
	constructor({ wrapper, form = () => null, on_change, on_booked, on_show, on_close }) {
		Object.assign(this, { $wrapper: $(wrapper), form });
		Object.assign(this, { on_change, on_booked, on_show, on_close });
		this.unfinished = [];
		this.watcher = new JobWatcher({
			events: EVENTS,
			key: "name",
			ask: ask_progress,
			on_progress: (progress) => this.show_progress(progress),
			on_end: (progress) => this.end(progress.name),
		});
		this.$wrapper.on("click", "[data-action=continue]", ({ currentTarget }) =>
			this.resume(currentTarget.dataset.name)
		);
	}

	get running() {
		return this.watcher.running;
	}

	// What was begun for this account, by whomever, and is not finished.
	async attach(bank_account) {
		this.bank_account = bank_account;
		if (!frappe.model.can_read(IMPORT_RECORD)) return;
		const found = await api.unfinished_imports(bank_account);
		if (bank_account !== this.bank_account) return;
		this.unfinished = found.filter(({ status }) => !is_active(status));
		for (const { name, status } of found) if (is_active(status)) this.watch(name);
		this.render_unfinished();
	}

	render_unfinished() {
		update_html(this.$wrapper, this.unfinished.map(unfinished_html).join(""));
	}

	open(bank_account) {
		this.make_dialog(bank_account).show();
	}

	// Go on where the import was left.
	async resume(name) {
		const state = await api.statement_import(name);
		const dialog = this.make_dialog(state.bank_account);
		dialog.set_state(state);
		dialog.show();
		if (is_active(state.status)) this.watch(name);
	}

	make_dialog(bank_account) {
		this.dialog?.dialog.$wrapper.remove();
		this.dialog = new StatementImportDialog({
			bank_account,
			form: this.form,
			on_active: ({ name }) => this.watch(name),
			on_end: (state) => this.booked(state),
			on_show: (state, changes) => this.on_show?.(state, changes),
			on_close: () => this.closed(),
		});
		return this.dialog;
	}

	closed() {
		this.on_close?.();
		if (this.bank_account) return this.attach(this.bank_account);
	}

	watch(name) {
		this.unfinished = this.unfinished.filter((each) => each.name !== name);
		this.render_unfinished();
		if (!this.watcher.jobs.has(name)) return this.watcher.watch(name);
	}

	shows(name) {
		return this.dialog?.state?.name === name && this.dialog.is_open;
	}

	show_progress(progress) {
		if (this.shows(progress.name)) this.dialog.show_progress(progress);
		this.on_change?.();
	}

	async end(name) {
		this.on_change?.();
		const state = await api.statement_import(name);
		if (this.shows(name)) this.dialog.set_state(state);
		else this.tell(state);
		await this.booked(state);
	}

	booked(state) {
		this.on_change?.();
		return this.on_booked?.(state);
	}

	// For whoever has closed the dialog meanwhile.
	tell({ name, status, message }) {
		const open = `<a href="#" data-action="show">${__("Show")}</a>`;
		frappe.show_alert(
			{
				message: escape(message),
				indicator: SUCCESSFUL.includes(status) ? "green" : "orange",
				body: `<div class="abr-undo">${form_link(IMPORT_RECORD, name)} · ${open}</div>`,
			},
			15,
			{
				show: (event) => {
					event?.preventDefault?.();
					this.resume(name);
				},
			}
		);
	}
}

async function ask_progress(name) {
	const progress = await api.import_progress(name);
	return { ...progress, active: is_active(progress.status) };
}

function unfinished_html({ name, file_name }) {
	return `<div class="abr-unfinished">
		<span>${__("An import of {0} is not finished.", [escape(file_name)])}</span>
		<button class="btn btn-xs btn-default" data-action="continue"
			data-name="${escape(name)}">${__("Continue")}</button></div>`;
}
