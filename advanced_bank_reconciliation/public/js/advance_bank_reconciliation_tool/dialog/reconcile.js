// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Carries out what is ticked: at once, or, from the threshold on, by a background job.

import { api } from "../api.js";
import { ask_to_confirm } from "../bulk/confirm.js";
import { escape, money } from "../markup.js";

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
	if (!(await confirm_bulk(transaction, selection))) return null;
	return api.pay_invoices_in_bulk({
		bank_transaction_name: transaction.name,
		invoices: selection.invoices_payload(),
		regular_vouchers: selection.vouchers_payload(),
		...selection.difference_payload(),
	});
}

function confirm_bulk(transaction, selection) {
	const totals = selection.totals();
	const unserved = new Set(totals.unserved);
	const payments = selection.invoices.filter(
		({ row }) => !unserved.has(`${row.doctype}/${row.name}`)
	).length;
	const lines = [
		__("{0} Payment Entries will be made in the background, in batches.", [payments]),
		__("{0} of the bank transaction will be allocated, {1} remain.", [
			money(totals.used, transaction.currency),
			money(totals.remaining, transaction.currency),
		]),
	];
	if (selection.vouchers.length) {
		lines.push(__("{0} existing vouchers are linked with them.", [selection.vouchers.length]));
	}
	if (totals.discount) {
		lines.push(
			__("{0} are taken as early-payment discount.", [
				money(totals.discount, transaction.currency),
			])
		);
	}
	if (totals.settled_difference) {
		lines.push(
			__("A difference of {0} is booked on {1}.", [
				money(totals.settled_difference, transaction.currency),
				escape(selection.difference_account),
			])
		);
	}
	if (unserved.size) {
		lines.push(__("For {0} of the selected documents nothing is left.", [unserved.size]));
	}
	return ask_to_confirm(lines.join("<br>"));
}
