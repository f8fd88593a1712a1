// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import { ask_to_confirm } from "../bulk/confirm.js";
import { ProgressDialog } from "../bulk/progress_dialog.js";

export const AUTO_JOB = "Auto Bank Reconciliation";

// An auto reconciliation at work, and what came of it.
export class AutoProgressDialog extends ProgressDialog {
	// on_undo(job_id): the user wants to take the run back
	constructor({ job_id, on_undo }) {
		super({
			doctype: AUTO_JOB,
			job_id,
			title: __("Auto Reconciliation {0}", [job_id]),
			colors: {
				"bg-success": ["Completed"],
				"bg-warning": ["Cancelled", "Undoing", "Undone"],
				"bg-danger": ["Failed"],
			},
		});
		this.on_undo = on_undo;
	}

	actions() {
		return { cancel: __("Cancel"), undo: __("Undo Run") };
	}

	async act(action) {
		if (action === "cancel") {
			this.render(await api.cancel_auto(this.job_id));
		} else if (await ask_to_undo()) {
			this.hide();
			this.on_undo(this.job_id);
		}
	}
}

export function ask_to_undo() {
	return ask_to_confirm(
		__(
			"What this run has matched is unlinked again, and payments that it made are cancelled. Vouchers that existed before are not changed. Continue?"
		)
	);
}
