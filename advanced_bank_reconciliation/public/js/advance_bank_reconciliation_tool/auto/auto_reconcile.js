// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import { JobWatcher } from "../bulk/job_watcher.js";
import { show_done } from "../dialog/unreconcile.js";
import { form_link } from "../markup.js";
import { AutoDialog } from "./auto_dialog.js";
import { AUTO_JOB, AutoProgressDialog } from "./auto_progress_dialog.js";

const SUCCESSFUL = ["Completed", "Undone"];

// Auto reconcile on the form: its dialog, the runs at work, what came of them and the way back.
export class AutoReconcile {
	// open_lines(): rows of the open Bank Transactions. on_change(): a run has moved. on_booked(): Bank
	// Transactions may have been matched or opened again.
	constructor({ open_lines, on_change, on_booked }) {
		Object.assign(this, { open_lines, on_change, on_booked });
		this.progress_dialogs = new Map();
		this.watcher = new JobWatcher({
			events: ["auto_reconciliation_progress", "auto_reconciliation_complete"],
			ask: api.auto_progress,
			on_progress: (progress) => this.show_progress(progress),
			on_end: (progress) => this.end(progress),
		});
	}

	open({ period, reference, settings }) {
		this.dialog = new AutoDialog({
			period,
			reference,
			settings,
			open_lines: this.open_lines(),
			on_preview: ({ job_id }) => this.watch(job_id),
			on_run: (answer) => this.started(answer),
		});
		this.dialog.show();
	}

	get running() {
		return this.watcher.running;
	}

	// A run of this account that was started before the page was loaded, or by somebody else.
	async attach(bank_account) {
		const progress = await api.active_auto(bank_account);
		if (progress) await this.watch(progress.job_id);
	}

	watch(job_id) {
		if (!this.watcher.jobs.has(job_id)) return this.watcher.watch(job_id);
	}

	started(answer) {
		if (answer.status === "queued") {
			this.open_progress(answer.job_id);
			return this.watch(answer.job_id);
		}
		this.tell(answer, answer.matched);
		this.on_booked();
	}

	open_progress(job_id) {
		if (this.dialog?.preview_job === job_id) {
			this.dialog.show();
			return;
		}
		if (!this.progress_dialogs.has(job_id)) {
			const on_undo = () => this.undo(job_id);
			this.progress_dialogs.set(job_id, new AutoProgressDialog({ job_id, on_undo }));
		}
		const dialog = this.progress_dialogs.get(job_id);
		const progress = this.watcher.jobs.get(job_id)?.progress;
		if (progress) dialog.render(progress);
		dialog.show();
	}

	show_progress(progress) {
		if (this.dialog?.preview_job === progress.job_id) this.dialog.show_progress(progress);
		this.progress_dialogs.get(progress.job_id)?.render(progress);
		this.on_change();
	}

	async end(progress) {
		const { job_id } = progress;
		this.on_change();
		if (this.dialog?.preview_job === job_id) {
			if (!this.dialog.is_open) this.tell(progress, false);
			await this.dialog.end_preview(job_id);
			return;
		}
		const dialog = this.progress_dialogs.get(job_id);
		this.progress_dialogs.delete(job_id);
		if (dialog?.dialog.display) dialog.render(progress);
		else this.tell(progress, progress.can.undo);
		if (!progress.dry_run) await this.on_booked();
	}

	tell({ job_id, message, status = "Completed" }, can_undo) {
		const link = job_id ? form_link(AUTO_JOB, job_id) : "";
		show_done(message, can_undo && (() => this.undo(job_id)), {
			link,
			indicator: SUCCESSFUL.includes(status) || status === "completed" ? "green" : "orange",
		});
	}

	async undo(job_id) {
		const progress = await api.undo_auto(job_id);
		if (progress.active) {
			this.open_progress(job_id);
			await this.watch(job_id);
			return;
		}
		this.tell(progress, false);
		await this.on_booked();
	}
}
