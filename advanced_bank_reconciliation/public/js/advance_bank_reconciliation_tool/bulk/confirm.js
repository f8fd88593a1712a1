// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

export function ask_to_confirm(question) {
	return new Promise((resolve) => {
		frappe.confirm(
			question,
			() => resolve(true),
			() => resolve(false)
		);
	});
}

// Ask whether a bulk reconciliation is to be undone, saying in numbers what that does.
// progress: what get_progress answers about a job that can be undone.
export function confirm_undo({ job_id, bank_transaction, to_undo }) {
	const question = __(
		"Undo {0}? Vouchers to be unlinked from Bank Transaction {1}: {2}. Payment Entries to be cancelled: {3}; their invoices are unpaid as before. Vouchers that existed before the run are only unlinked, and what others have linked stays.",
		[job_id, bank_transaction, to_undo.unlink, to_undo.cancel].map((value) =>
			frappe.utils.escape_html(String(value)).bold()
		)
	);
	return ask_to_confirm(question);
}
