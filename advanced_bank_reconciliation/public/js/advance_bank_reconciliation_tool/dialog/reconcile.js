// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Carries out what is ticked: at once, or, from the threshold on, by a background job.

import { api } from "../api.js";
import { ask_how } from "./confirm_bulk.js";

// Invoices of one selection from which on a background job pays them, unless the settings say otherwise.
export const BULK_THRESHOLD = 50;

export function goes_to_background(invoice_count, settings) {
	const threshold = cint(settings.bulk_threshold) || BULK_THRESHOLD;
	return Boolean(settings.reconcile_unpaid_invoices_in_background) && invoice_count >= threshold;
}

// Returns the answer of the server; its status is "completed".
export async function processSyncReconciliation(transaction, selection) {
	const invoices = selection.invoices_payload();
	const vouchers = selection.vouchers_payload();
	if (!invoices.length) {
		await api.reconcile_vouchers({ bank_transaction_name: transaction.name, vouchers });
		return { status: "completed", failed: 0, failures: [], payment_entries: [] };
	}
	return api.pay_invoices({
		bank_transaction_name: transaction.name,
		invoices,
		regular_vouchers: vouchers,
		...selection.difference_payload(),
	});
}

// Asks first. Returns the answer of the server, with the job's id, or null when the user declines.
export async function processBulkReconciliation(transaction, selection) {
	const request = {
		bank_transaction_name: transaction.name,
		invoices: selection.invoices_payload(),
		regular_vouchers: selection.vouchers_payload(),
		...selection.difference_payload(),
	};
	const counts = await api.payment_entry_counts(request);
	const payment_entries_per = await ask_how(transaction, selection, counts);
	return payment_entries_per && api.pay_invoices_in_bulk({ ...request, payment_entries_per });
}
