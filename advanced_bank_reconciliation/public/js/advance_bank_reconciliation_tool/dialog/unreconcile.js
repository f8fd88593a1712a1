// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Takes a match back: a whole Bank Transaction, or one voucher of it.

import { api } from "../api.js";
import { escape } from "../markup.js";

// row: one of the reconciled tab. on_done(answer) with the server's answer.
export function ask_to_unreconcile(row, on_done) {
	const created = row.reconciliation_type === "Voucher Created";
	const dialog = new frappe.ui.Dialog({
		title: __("Unreconcile {0}", [row.name]),
		fields: [
			{
				fieldtype: "Select",
				fieldname: "scope",
				label: __("What to unlink"),
				options: [
					{ value: "voucher", label: __("Only {0}", [row.payment_entry]) },
					{ value: "all", label: __("Every voucher of this Bank Transaction") },
				],
				default: "voucher",
			},
			{
				fieldtype: "Check",
				fieldname: "cancel",
				label: __("Also cancel the vouchers that were created from this Bank Transaction"),
				description: __("Vouchers that existed before are never cancelled."),
				default: created ? 1 : 0,
			},
		],
		primary_action_label: __("Unreconcile"),
		async primary_action({ scope, cancel }) {
			dialog.disable_primary_action();
			try {
				const voucher = scope === "voucher" ? row : null;
				const answer = await unreconcile(row.name, { cancel, voucher });
				dialog.hide();
				on_done(answer);
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	dialog.show();
}

// Undo what one action has linked: its vouchers, with those cancelled that it created.
export async function undo(transaction_name, vouchers) {
	let answer = null;
	for (const [payment_document, payment_entry] of vouchers) {
		answer = await unreconcile(transaction_name, {
			cancel: 1,
			voucher: { payment_document, payment_entry },
		});
	}
	return answer;
}

function unreconcile(bank_transaction_name, { cancel, voucher }) {
	return api.unreconcile({
		bank_transaction_name,
		cancel_linked_documents: cancel ? 1 : 0,
		payment_document: voucher?.payment_document,
		payment_entry: voucher?.payment_entry,
	});
}

// Says that it is done, and offers to take it back. link: HTML of where more can be read.
export function show_done(message, on_undo, { link = "", indicator = "green" } = {}) {
	const undo = on_undo ? `<a href="#" data-action="undo">${__("Undo")}</a>` : "";
	const body = [link, undo].filter(Boolean).join(" · ");
	frappe.show_alert(
		{
			message: escape(message),
			indicator,
			...(body ? { body: `<div class="abr-undo">${body}</div>` } : {}),
		},
		body ? 15 : 7,
		on_undo
			? {
					undo: (event) => {
						event?.preventDefault?.();
						on_undo();
					},
			  }
			: {}
	);
}
