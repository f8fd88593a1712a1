// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The question before a background job: what it will do, and for what it makes Payment Entries.

import { escape, money, update_html } from "../markup.js";

// counts: {default, Invoice, Party}, how many Payment Entries each way makes. Resolves to the way that was
// chosen, or null when the user declines.
export function ask_how(transaction, selection, counts) {
	return new Promise((resolve) => {
		const facts = facts_of(transaction, selection);
		const dialog = new frappe.ui.Dialog({
			title: __("Confirm"),
			fields: [
				{ fieldtype: "HTML", fieldname: "summary" },
				{
					fieldtype: "Select",
					fieldname: "payment_entries_per",
					label: __("Payment Entries"),
					options: options(counts),
					default: counts.default,
					hidden: counts.Invoice === counts.Party ? 1 : 0,
					onchange: () => show(),
				},
			],
			primary_action_label: __("Yes"),
			primary_action() {
				resolve(way());
				dialog.hide();
			},
			secondary_action_label: __("No"),
			secondary_action: () => dialog.hide(),
		});
		const way = () => dialog.get_value("payment_entries_per") || counts.default;
		const show = () =>
			update_html(
				$(dialog.get_field("summary").$wrapper),
				[documents(counts[way()]), ...facts].join("<br>")
			);
		// a promise that is resolved already stays as it is
		dialog.onhide = () => resolve(null);
		dialog.$wrapper.addClass("abr-confirm-bulk");
		dialog.show();
		show();
	});
}

function options(counts) {
	return [
		{ value: "Invoice", label: __("One per invoice: {0} documents", [counts.Invoice]) },
		{ value: "Party", label: __("One per party: {0} documents", [counts.Party]) },
	];
}

function documents(count) {
	return __("{0} Payment Entries will be made in the background, in batches.", [count]);
}

function facts_of(transaction, selection) {
	const totals = selection.totals();
	const unserved = new Set(totals.unserved);
	const paid = selection.invoices.filter(
		({ row }) => !unserved.has(`${row.doctype}/${row.name}`)
	);
	const lines = [
		__("{0} invoices are paid.", [paid.length]),
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
	return lines;
}
