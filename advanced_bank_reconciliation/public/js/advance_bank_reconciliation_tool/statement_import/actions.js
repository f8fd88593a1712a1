// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { api } from "../api.js";
import { ask_to_confirm } from "../bulk/confirm.js";

// What can be done with an import that has begun: the same buttons, questions and calls in the dialog and on
// the record. allowed(can, status): whether the server lets it. on_record: only
// there. confirm(state): what to ask first, in numbers.
export const ACTIONS = {
	start: {
		label: () => __("Go on Importing"),
		allowed: (can, status) => can.start && status === "Cancelled",
		run: api.start_import,
	},
	// For an import whose worker was lost; the scheduler does it, too.
	resume: {
		on_record: true,
		label: () => __("Resume"),
		allowed: (can) => can.resume,
		run: api.resume_import,
	},
	retry: {
		label: () => __("Import the Remaining Lines"),
		allowed: (can) => can.retry,
		run: api.retry_import,
	},
	cancel: {
		label: () => __("Stop the Import"),
		allowed: (can) => can.cancel,
		confirm: ({ counts }) =>
			__(
				"Stop the import? {0} lines that are imported stay; the rest is left out and can be imported later.",
				[counts.imported]
			),
		run: api.cancel_import,
	},
	revert: {
		label: () => __("Revert the Import"),
		allowed: (can) => can.revert,
		confirm: ({ counts }) =>
			__(
				"Cancel the {0} Bank Transactions of this import? Those that are reconciled already stay as they are, and are listed.",
				[counts.imported]
			),
		run: api.revert_import,
	},
};

// Resolves with the new state, null if the user does not want it after all.
export async function act(action, state) {
	const { confirm, run } = ACTIONS[action];
	if (confirm && !(await ask_to_confirm(confirm(state)))) return null;
	return run(state.name);
}

export function ask_to_discard({ file_name }) {
	return ask_to_confirm(
		__("Throw the import of {0} away? Nothing of it is booked yet. Its file is deleted.", [
			frappe.utils.escape_html(file_name),
		])
	);
}
